"""Whatever a name holds, the council's report is written: by the signs of the paper, or a clear answer."""

import json
import unicodedata
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st

from maillage.diagnosis.queries import diagnose
from maillage.diagnosis.rules.facts import Diagnosis, Request
from maillage.diagnosis.views import paper
from maillage.places.rules import signs
from maillage.places.rules.signs import all_printable, printable
from tests.web.conftest import registry

__all__ = ["registry"]

ODD = [
    "Le Nid ✨",
    "😀",
    "字",
    "1\ufe0f\u20e3 lieu",
    "a\x07b",
    "a\x00b",
    "👩‍💻 Café",
    "العربية",
    "\ue000",
    "＜b＞",
    "e\u0489",
]


@pytest.fixture
def real(registry: datetime) -> Diagnosis:
    return diagnose(Request("epci-243900420"), today=registry.date())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("L’Établi de Noël, où l’œuvre", "L’Établi de Noël, où l’œuvre"),
        ("Le Nid ✨", "Le Nid"),
        ("Le ✨ Nid", "Le Nid"),
        ("✨", "□"),
        ("", ""),
        ("字字 Nid", "□ Nid"),
        ("𝓛𝓮 Nid", "Le Nid"),
        ("1\ufe0f\u20e3 lieu", "1 lieu"),
        ("a\x00b\x07\u202e", "ab"),
        ("a\nb", "a b"),
        ("＜b＞", "b"),
        ("Cafe\u0301", "Cafe\u0301"),
    ],
)
def test_names_keep_what_the_paper_can_print(text: str, told: str) -> None:
    assert printable(text) == told


@given(st.text())
def test_what_is_printable_is_so_at_once_and_never_empty(text: str) -> None:
    told = printable(text)
    assert set(told) <= signs._PRINTED
    assert printable(told) == told
    assert bool(told) == bool(text.strip()) or not text.strip()


def test_every_sign_said_printable_is_printed_in_each_style() -> None:
    words = json.dumps(" ".join(sign for sign in sorted(signs._PRINTED) if not unicodedata.combining(sign)))
    page = (
        '#set document(title: "a")\n#set text(font: "Libertinus Serif", lang: "fr", fallback: false)\n'
        f"#let d = {words}\n#d #strong(d) #emph(d)"
    )
    assert typst.compile(page.encode(), format="pdf", pdf_standards=["ua-1"], font_paths=[], ignore_system_fonts=True)


def test_what_the_report_says_by_itself_is_all_printable(real: Diagnosis) -> None:
    level = {**paper.SECOND[0], **paper.FIRST[0], "size_2": paper.SECOND[0]["size"]}
    for language in ("fr", "en"):
        told = paper.content(real, level, language)
        assert json.dumps(all_printable(told)) == json.dumps(told)


@pytest.mark.parametrize("name", ODD, ids=range(len(ODD)))
def test_no_name_keeps_the_report_from_being_written(real: Diagnosis, name: str) -> None:
    places = tuple(replace(one, name=name) for one in real.places)
    towns = tuple(replace(one, name=name, nearest_name=name) for one in real.towns)
    assert paper.pdf(replace(real, name=name, places=places, towns=towns)).startswith(b"%PDF-1.7")


def test_a_report_that_cannot_be_written_is_none(real: Diagnosis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "all_printable", lambda told: told)
    places = tuple(replace(one, name="✨") for one in real.places)
    with pytest.raises(paper.NoReport):
        paper.pdf(replace(real, places=places))


def test_a_newer_layout_under_a_running_site_is_left_alone(
    real: Diagnosis, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = paper.pdf(real)
    monkeypatch.setattr(paper, "TEMPLATE", tmp_path / "gone.typ")
    assert paper.pdf(real) == before
