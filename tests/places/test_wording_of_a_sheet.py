import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from maillage.places.views.detail import poster_size
from maillage.places.views.differences import Side, changes
from maillage.places.views.field_wording import author, field_label, shown
from maillage.places.views.sheet import whole_years
from maillage.places.views.timetable_wording import enumerate_words, timetable

NARROW = "\u202f"
NOT_PROSE = {"before_french": False, "after_french": False, "marked": False}


def said(oh: str) -> list[str] | None:
    told = timetable(oh)
    return told and [f"{when} : {', '.join(times)}".replace(NARROW, " ") for when, times in told]


@pytest.mark.parametrize(
    ("oh", "words"),
    [
        (
            "Mo-Fr 09:00-12:30,14:00-18:30; Sa 09:00-12:00; PH off",
            ["Lundi au vendredi : 9 h – 12 h 30, 14 h – 18 h 30", "Samedi : 9 h – 12 h", "Jours fériés : fermé"],
        ),
        ("24/7", ["Tous les jours : à toute heure"]),
        ("off", ["Tous les jours : fermé"]),
        ("Mo,Tu 10:00-12:00", ["Lundi et mardi : 10 h – 12 h"]),
        ("Mo,We,Fr-Su 10:00-12:00", ["Lundi, mercredi et vendredi au dimanche : 10 h – 12 h"]),
        ("Sa[1] 14:00-18:00", ["Premier samedi du mois : 14 h – 18 h"]),
        ("We[1,-1] 14:00-18:00", ["Premier et dernier mercredi du mois : 14 h – 18 h"]),
        ("Fr 20:00-02:00", ["Vendredi : 20 h – 2 h"]),
        ("Fr 17:00-24:00", ["Vendredi : 17 h – minuit"]),
        ("Th 18:00+", ["Jeudi : dès 18 h"]),
        ("Jul-Aug Mo-Fr 09:00-14:00", ["De juillet à août, lundi au vendredi : 9 h – 14 h"]),
        ("Aug off", ["Août : fermé"]),
        ("Aug 1-15 off", ["Du 1er au 15 août : fermé"]),
        ("Dec 24-Jan 2 off", ["Du 24 décembre au 2 janvier : fermé"]),
        ("Dec 25 off", ["Le 25 décembre : fermé"]),
        ('Mo 09:00-17:00 "sur rendez-vous"', ["Lundi : 9 h – 17 h, sur rendez-vous"]),
        ('Mo 09:00-12:00 || "sur appel"', ["Lundi : 9 h – 12 h", "Le reste du temps : sur appel"]),
        ("SH Mo-Fr 10:00-12:00", None),
        ("sunrise-sunset", None),
        ("n’importe quoi", None),
    ],
)
def test_hours_in_french(oh: str, words: list[str] | None) -> None:
    assert said(oh) == words


def test_hours_follow_the_language_of_the_page() -> None:
    with translation.override("en"):
        told = timetable("Mo-Fr 09:00-12:00")
    assert told and "Monday" in told[0][0]


def test_words_in_a_row() -> None:
    assert [enumerate_words(w) for w in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a et b", "a, b et c"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "La Maille", "La Maille"),
        ("services", ["wifi", "poste"], "Wi-Fi, Poste de travail"),
        ("status", "project", "En projet"),
        ("closed_on", "2025-01", "janvier 2025"),
        ("lat", 46.991, "46,99100"),
        ("capacity", 0, "0"),
        ("description", "<p>Un <b>café</b></p>", "Un café"),
        ("prices", None, ""),
        ("links", [], ""),
    ],
)
def test_any_value_in_words(field: str, value: object, words: str) -> None:
    assert shown(field, value) == words


@given(st.text(max_size=2000))
def test_a_long_value_is_cut(value: str) -> None:
    assert len(shown("prices", value)) <= 180


def test_of_a_list_only_what_changed_is_told() -> None:
    told = changes({"services": [["wifi", "poste"], ["wifi", "scene"]], "access": [["velo"], ["velo"]]})
    assert told == [
        {"field": "Services", "before": Side("Poste de travail"), "after": Side("Scène ou salle de spectacle")}
        | NOT_PROSE
    ]


def test_of_the_first_revision_only_what_came_is_told() -> None:
    assert changes({"status": ["open", "project"]}, first=True) == [
        {"field": "État", "before": Side(), "after": Side("En projet")} | NOT_PROSE
    ]


def test_authors() -> None:
    assert [author(by) for by in ("commande:import", "compte:nadine", "Inès")] == [
        "Import d’un fichier",
        "nadine",
        "Inès",
    ]


@given(st.dates(), st.dates(), st.sampled_from([4, 7, 10]), st.sampled_from([4, 7, 10]))
def test_whole_years_never_say_more_than_was_lived(opened: object, closed: object, first: int, last: int) -> None:
    a, b = sorted([str(opened), str(closed)])
    years = whole_years(a[:first], b[:last])
    assert 0 <= years * 365 <= max(0, (int(b[:4]) - int(a[:4]) + 1) * 366)


@given(st.text(min_size=1, max_size=200))
def test_every_name_has_a_size_on_the_poster(name: str) -> None:
    assert poster_size(name) in {"large", "medium", "small"}


def test_hours_and_communes_are_told_in_words() -> None:
    told = changes(
        {"opening_hours": ["sur demande", "Tu-Fr 09:00-18:00; Sa 09:00-12:00"], "commune": ["39001", "39093"]},
        communes={"39093": "Chamblay"},
    )
    by_field = {change["field"]: change for change in told}
    hours = by_field[field_label("opening_hours")]
    assert hours["after"].whole.replace(NARROW, " ") == "Mardi au vendredi : 9 h – 18 h ; samedi : 9 h – 12 h"
    assert (hours["before"].whole, hours["before_french"], hours["after_french"]) == ("sur demande", True, False)
    commune = by_field[field_label("commune")]
    assert (commune["before"].whole, commune["after"].whole) == ("39001", "Chamblay")
