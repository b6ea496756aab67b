"""No template without a reader, no address without a test, no icon without a drawing."""

import ast
import json
import re
from pathlib import Path

import allauth
import pytest
from django.urls import URLPattern, get_resolver

from tests.consistency import ROOT, SRC, python_files, told

TEMPLATES = sorted(path for path in SRC.rglob("templates/**/*") if path.is_file())
EXTENDED_BY_US = {"admin/base.html", "admin/index.html"}
CALLED_BY_DJANGO = {"400.html", "403.html", "404.html", "429.html", "500.html"}
ALLAUTH = Path(allauth.__file__).parent / "templates"
CALLED_BY_ALLAUTH = {str(path.relative_to(ALLAUTH)) for path in ALLAUTH.rglob("*.*")}
TESTS = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "tests").rglob("*.py"))
    if "consistency" not in path.parts
)


def name_of(template) -> str:
    parts = template.parts
    return "/".join(parts[parts.index("templates") + 1 :])


def named_in_code():
    """A regular expression for every text and f-string of the code that ends like a template."""
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.escape(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [re.escape(one.value) if isinstance(one, ast.Constant) else r"[\w-]+" for one in node.values]
                yield "".join(parts)


def test_every_template_is_used():
    named = [re.compile(one) for one in set(named_in_code()) if one.endswith((r"\.html", r"\.svg", r"\.txt", r"\.xml"))]
    texts = [path.read_text(encoding="utf-8") for path in TEMPLATES]
    unused = [
        name
        for name in map(name_of, TEMPLATES)
        if not any(one.fullmatch(name) for one in named) and not any(f'"{name}"' in text for text in texts)
    ]
    assert sorted(set(unused) - CALLED_BY_DJANGO - CALLED_BY_ALLAUTH) == []


def test_every_template_that_is_named_exists():
    known = {name_of(template) for template in TEMPLATES} | EXTENDED_BY_US
    missing = [
        f"{told(template)}: {name}"
        for template in TEMPLATES
        for name in re.findall(r"{%-? (?:include|extends) \"([^\"]+)\"", template.read_text(encoding="utf-8"))
        if name not in known
    ]
    assert missing == []


def addresses(patterns=None, prefix=""):
    """The name and full route of every page."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if route.startswith("administration/"):
            continue  # tests/accounts/test_admin.py opens every table; the authorisation matrix tries every address
        if isinstance(pattern, URLPattern):
            yield pattern.name, route
        else:
            yield from addresses(pattern.url_patterns, route)


def as_written_in_tests(route: str) -> str:
    """A regular expression for this route as a test would write it, `{…}` of f-strings included."""
    plain = re.sub(r"\(\?P<\w+>.*\)|<[^>]+>", "\0", route).replace("\\", "")
    return r"""["'/]""" + re.escape("/" + plain).replace("\0", r"""[^"'\s]+""") + r"""["'?#]"""


@pytest.mark.parametrize(("name", "route"), [pytest.param(*one, id=one[0]) for one in addresses()])
def test_every_address_has_a_test(name, route):
    assert name, f"{route} has no name"
    written = re.search(rf"""["']{name}["']""", TESTS) or re.search(as_written_in_tests(route), TESTS)
    assert written, f"no test mentions {name} nor {route}"


def test_every_icon_is_drawn():
    own = (SRC / "web/static/maillage/icons.svg").read_text(encoding="utf-8")
    drawn = set(re.findall(r'<symbol id="([^"]+)"', own))
    listed = set(json.loads((ROOT / "frontend/icons.json").read_text()))
    used = set()
    for template in TEMPLATES:
        text = template.read_text(encoding="utf-8")
        used |= set(re.findall(r'{% icon "([^"]+)" %}', text)) | set(re.findall(r"icons }}#([a-z0-9-]+)", text))
    assert sorted(used - drawn - listed) == []
    assert sorted(listed - used) == []
