"""The file of entries, against the rules of the article that asks for it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.management.billing.formats.fec import encoded
from maillage.management.billing.rules.fec import COLUMNS, FecLine, cells, file_name, problems

NAME = file_name("732829320", date(2026, 12, 31))
DAY = date(2026, 3, 2)
texts = st.text(max_size=40)


def line(number: int, cents: int, **more: object) -> FecLine:
    told = {
        "journal": "VE",
        "number": number,
        "on": DAY,
        "account": "411" if cents > 0 else "706",
        "account_label": "Compte",
        "auxiliary": "",
        "auxiliary_label": "",
        "piece": f"F2026-{number:05}",
        "piece_on": DAY,
        "label": "Thomas Petit",
        "debit_cents": max(cents, 0),
        "credit_cents": max(-cents, 0),
        "valid_on": DAY,
    }
    return FecLine(**(told | more))  # type: ignore[arg-type]


def file(*lines: FecLine, separator: str = "\t") -> str:
    return "\r\n".join(separator.join(row) for row in (COLUMNS, *map(cells, lines))) + "\r\n"


def test_the_columns_are_those_of_the_article_in_their_order() -> None:
    assert " ".join(COLUMNS) == (
        "JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib CompAuxNum CompAuxLib PieceRef PieceDate "
        "EcritureLib Debit Credit EcritureLet DateLet ValidDate Montantdevise Idevise"
    )


@given(st.lists(st.tuples(st.integers(1, 10**10), texts, texts, texts), max_size=8), st.sampled_from("\t|"))
def test_whatever_names_hold_the_file_passes(told: list[tuple[int, str, str, str]], separator: str) -> None:
    rows = []
    for number, (cents, name, auxiliary, piece) in enumerate(told, start=1):
        words = {"label": name, "piece": f"P{piece}"}
        who = {"auxiliary": "C000001", "auxiliary_label": f"x{auxiliary}"}
        rows += [line(number, cents, **words, **who), line(number, -cents, **words)]
    made = file(*rows, separator=separator)
    assert problems(made, NAME) == []
    assert problems(encoded(made).decode("iso8859-15"), NAME) == []


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((line(1, 900), line(1, -800)), "Écriture 1\u202f: débit et crédit diffèrent de 1,00."),
        ((line(2, 900), line(2, -900)), "Écriture 2\u202f: elle ne suit pas l’écriture 0."),
        (
            (line(1, 900), line(1, -900), line(3, 900), line(3, -900)),
            "Écriture 3\u202f: elle ne suit pas l’écriture 1.",
        ),
        (
            (line(1, 900, account="C1"), line(1, -900)),
            "Ligne 2\u202f: CompteNum ne commence pas par trois chiffres (C1).",
        ),
        ((line(1, 900, piece=""), line(1, -900)), "Ligne 2\u202f: PieceRef est vide."),
        ((line(1, 900, auxiliary="C1"), line(1, -900)), "Ligne 2\u202f: CompAuxNum et CompAuxLib vont ensemble."),
        (
            (line(1, 900), line(1, -900), line(2, 1, valid_on=date(2026, 3, 1)), line(2, -1)),
            "Écriture 2\u202f: validée avant celle qui la précède.",
        ),
    ],
)
def test_what_the_tax_office_refuses_is_named(lines: tuple[FecLine, ...], said: str) -> None:
    assert problems(file(*lines), NAME) == [said]


def test_a_file_with_another_name_columns_days_or_amounts_is_refused() -> None:
    good = file(line(1, 900), line(1, -900))
    assert problems(good, "fec.txt") == ["Nom de fichier\u202f: fec.txt n’est pas SirenFECAAAAMMJJ.txt."]
    assert problems("", NAME) == ["Le fichier est vide."]
    assert problems(good.replace("JournalLib", "Journal"), NAME) == [
        "Ligne 1\u202f: les 18 colonnes n’ont pas leurs noms, ou pas leur ordre."
    ]
    assert "Ligne 2\u202f: EcritureDate n’est pas un jour AAAAMMJJ (20260230)." in problems(
        good.replace("20260302", "20260230", 1), NAME
    )
    assert "Ligne 2\u202f: Debit n’est pas un montant à virgule (9.00)." in problems(
        good.replace("9,00", "9.00", 1), NAME
    )
    assert "Ligne 2\u202f: 17 colonnes au lieu de 18." in problems(good.replace("\t0,00", "", 1), NAME)
