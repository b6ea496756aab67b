"""The council's report is two pages, whatever the territory, and screen readers can read it."""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import cycle, islice
from pathlib import Path

import pytest

from maillage.diagnosis.labels import STEPS
from maillage.diagnosis.queries import diagnose
from maillage.diagnosis.rules.facts import BreakEven, Diagnosis, Range, Request, Sentence
from maillage.diagnosis.views import desks, paper, vocabulary
from tests.web.conftest import registry

__all__ = ["registry"]

EPCI = "epci-243900420"
LONG = "Communauté de communes interdépartementale du Pays de Sainte-Marie-des-Sept-Ponts-et-Saint-Symphorien-les-Lacs"


@pytest.fixture
def real(registry: datetime) -> Diagnosis:
    return diagnose(Request(EPCI), today=registry.date())


def pages(pdf: bytes) -> int:
    """How many pages a PDF has, by the tree of its pages."""
    return max(int(n) for n in re.findall(rb"/Count (\d+)", pdf))


def text_of(pdf: bytes, tmp_path: Path) -> str:
    if not shutil.which("pdftotext"):
        pytest.skip("needs pdftotext: apt install poppler-utils")
    file = tmp_path / "constat.pdf"
    file.write_bytes(pdf)
    told = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True)
    return told.stdout.decode()


def swollen(found: Diagnosis) -> Diagnosis:
    """The same diagnosis of a territory of 300 communes, with the longest names and every list full."""
    named = [replace(one, name=f"{LONG} {n}", code=f"{n:05d}") for n, one in enumerate(islice(cycle(found.towns), 300))]
    places = [
        replace(one, slug=f"lieu-{n}", name=LONG, commune_name=LONG, status="open")
        for n, one in enumerate(islice(cycle(found.places), 60))
    ]
    reasons = tuple(islice(cycle(found.conclusion.sentences), 14))
    remarks = tuple(islice(cycle([Sentence("no-centre", {"communes": 3, "of": 300})]), 8))
    return replace(
        found,
        name=LONG,
        towns=tuple(named),
        places=tuple(places),
        conclusion=replace(found.conclusion, sentences=reasons, if_complete="smaller"),
        remarks=remarks,
        trust=replace(found.trust, to_confirm=tuple(one.slug for one in places)),
        figures=tuple(islice(cycle(found.figures), 60)),
    )


def unknown(found: Diagnosis) -> Diagnosis:
    """The same territory, of which nothing is known."""
    towns = [
        replace(
            one, lat=None, lon=None, population=None, employed=None, minutes=None, minutes_now=None, nearest="",
            nearest_name="", vulnerability=None, priority=None,
        )
        for one in found.towns
    ]  # fmt: skip
    reach = replace(found.reach, population=0, known=0, bands={}, beyond=0, curve=())
    return replace(
        found,
        towns=tuple(towns),
        places=(),
        reach=reach,
        reach_now=reach,
        demand=None,
        break_even=(),
        surroundings=(),
        peers=(),
        cases=(),
    )


@pytest.mark.parametrize("change", [lambda found: found, swollen, unknown], ids=["real", "swollen", "unknown"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_it_is_two_pages_that_a_screen_reader_can_read(
    real: Diagnosis, change: Callable[[Diagnosis], Diagnosis], language: str
) -> None:
    pdf = paper.pdf(change(real), language)
    assert pdf.startswith(b"%PDF-1.7")
    assert pages(pdf) == 2
    assert f"/Lang({language})".encode() in pdf
    assert b"/MarkInfo<</Marked true" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf


def test_the_maps_and_tables_are_told_to_who_does_not_see(real: Diagnosis) -> None:
    pdf = paper.pdf(real)
    assert b"/Figure" in pdf
    assert b"/Alt" in pdf
    assert b"/TH" in pdf
    assert b"/H1" in pdf


def test_it_says_what_the_page_says(real: Diagnosis, tmp_path: Path) -> None:
    text = text_of(paper.pdf(real), tmp_path)
    for told in ("Val d'Amour", "La réponse", "Pourquoi", "Chamblay", "Sources", "22 novembre 2026", "1/2", "2/2"):
        assert told in text
    assert "None" not in text


def test_it_says_so_in_english(real: Diagnosis, tmp_path: Path) -> None:
    text = text_of(paper.pdf(real, "en"), tmp_path)
    assert "November" in text


def test_a_room_that_is_too_small_says_how_many_desks_it_would_take(real: Diagnosis, tmp_path: Path) -> None:
    text = " ".join(text_of(paper.pdf(real), tmp_path).replace("\u202f", " ").split())
    assert "aucun nombre" not in text
    assert "Recettes" in text
    assert "salle de 9 postes, 12 € la journée, 220 jours par an" in text


@pytest.mark.parametrize(
    ("cost_cents", "told", "words"),
    [
        (480_000, 2, "2"),
        (3_108_000, None, "12\u202f: plus que les 9 d’une petite salle"),
        (10**12, None, "plus que les 9 d’une petite salle"),
    ],
)
def test_what_the_room_cannot_hold_is_said_with_its_number(
    real: Diagnosis, cost_cents: int, told: int | None, words: str
) -> None:
    row = BreakEven("rent-half-post", Range(1.0, 2.0, 3.0), cost_cents, told)
    told_demand = desks.demand(replace(real, break_even=(row,)))
    assert told_demand is not None
    assert [one["desks"] for one in told_demand["costs"]] == [words]


def test_every_step_of_the_demand_has_its_source_in_french(real: Diagnosis) -> None:
    assert sorted(STEPS) == sorted(vocabulary.STEP_SOURCES)
    assert real.demand is not None
    assert {step.slug for step in real.demand.steps} <= set(vocabulary.STEP_SOURCES)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("vol d’oiseau corrigé (2026-11-22)", "vol d’oiseau corrigé (22 novembre 2026)"),
        ("vol d’oiseau corrigé", "vol d’oiseau corrigé"),
        (
            "route (OpenStreetMap\u202f: jura, 2026-10)\u202f; sans route dans cet extrait : vol d’oiseau corrigé",
            "route (OpenStreetMap\u202f: jura, octobre 2026)\u202f; sans route dans cet extrait\u202f: "
            "vol d’oiseau corrigé",
        ),
        ("Insee, bassins de vie (2022)", "Insee, bassins de vie (2022)"),
    ],
)
def test_our_own_sources_are_named_in_the_language_of_the_reader(told: str, says: str) -> None:
    assert vocabulary.source(told) == says


def test_the_travel_model_is_translated_where_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "SOURCES", {"vol d’oiseau corrigé": "corrected crow flight"})
    assert vocabulary.source("vol d’oiseau corrigé") == "corrected crow flight"


def test_one_commune_has_no_map_on_paper(registry: datetime) -> None:
    pdf = paper.pdf(diagnose(Request("commune-39093"), today=registry.date()))
    assert pages(pdf) == 2
    assert b"/Figure" not in pdf


def test_rows_left_out_are_counted(real: Diagnosis, tmp_path: Path) -> None:
    assert re.search(r"et 29\d autres", text_of(paper.pdf(swollen(real)), tmp_path))


def test_unknown_is_said_and_never_nought(real: Diagnosis, tmp_path: Path) -> None:
    text = text_of(paper.pdf(unknown(real)), tmp_path)
    assert "Aucune commune n’a de position connue" in text
    assert "Ni les habitants ni les distances" in text
    assert "Inconnu" in text


def test_what_is_tried_is_not_taken_for_what_is(registry: datetime, tmp_path: Path) -> None:
    found = diagnose(Request(EPCI, opened=("39546",)), today=registry.date())
    assert "Essai, non la situation d’aujourd’hui" in text_of(paper.pdf(found), tmp_path)


def test_a_kept_one_gives_its_own_link(real: Diagnosis, tmp_path: Path) -> None:
    text = text_of(paper.pdf(real, kept_at=f"/territoires/{EPCI}/constats/0123456789/"), tmp_path)
    assert f"/territoires/{EPCI}/constats/0123456789/" in text
    assert "se refont" not in text


def test_the_same_diagnosis_gives_the_same_bytes(real: Diagnosis) -> None:
    assert paper.pdf(real) == paper.pdf(real)


def test_what_fits_on_no_two_pages_is_refused_rather_than_cut(real: Diagnosis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "ENDS", [1, 1])
    with pytest.raises(paper.NoReport):
        paper.pdf(real)


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [
        ("Dole", 10, "Dole"),
        ("Saint-Germain-lès-Arlay", 10, "Saint-Germ…"[:9] + "…"),
        ("La Boutique de Nadine", 14, "La Boutique…"),
    ],
)
def test_long_names_are_cut_at_a_word(text: str, most: int, cut: str) -> None:
    assert paper.short(text, most) == cut
    assert len(paper.short(text, most)) <= most
