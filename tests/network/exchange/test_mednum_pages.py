"""The pages of the two standards say what the code does, both ways."""

import pytest
from scripts.format_pages import FOLDER, pages


@pytest.mark.parametrize("name", sorted(pages()))
def test_the_page_is_what_the_code_says(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name], "run: python -m scripts.format_pages"
