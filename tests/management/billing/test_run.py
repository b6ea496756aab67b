"""A run asks everybody on a list once, goes on where it stopped, and writes each paper whole."""

import json
import sys
from datetime import date
from pathlib import Path

import pytest

from maillage.cli.main import main
from maillage.management.billing.actions.door import BillingRefused
from maillage.management.billing.actions.run import issue_run
from maillage.management.billing.formats.facturx_pdf import facturx_pdf
from maillage.management.billing.formats.press import Press, printed
from maillage.management.billing.models import Invoice
from maillage.management.billing.queries.run import issued_in, payers
from maillage.management.billing.rules.documents import canonical, read
from maillage.management.billing.rules.run import BadRun, Run, read_run, slug
from maillage.management.people.actions.bodies import add_membership, add_organisation
from maillage.management.people.actions.persons import add_person
from tests.management.billing.formats.sold import papers
from tests.management.billing.till import Till

TYPED = {"name": "Cotisation 2027", "label": "Cotisation annuelle", "price": "12,50"}


@pytest.fixture
def members(open_till: Till) -> Till:
    """Six persons: three pay themselves, two by the town hall, one does not pay; another left last year."""
    town = add_organisation(**open_till.acts, raw={"name": "Mairie de Chamblay"})
    for name, fee, body, ends in (
        ("Thomas", "full", None, ""), ("Lila", "full", None, ""), ("Paul", "reduced", None, "2027-08-31"),
        ("Inès", "body", town, ""), ("Rose", "body", town, ""), ("Ève", "free", None, ""),
        ("Yann", "full", None, "2025-12-31"),
    ):  # fmt: skip
        person = add_person(**open_till.acts, raw={"name": name})
        raw = {"kind": "member", "fee_class": fee, "starts_on": "2025-01-01", "ends_on": ends}
        add_membership(**open_till.acts, person_id=person, raw=raw, organisation_id=body)
    return open_till


def asked(**more: str) -> Run:
    return read_run(TYPED | more, ["member"])


def told() -> list[tuple[str, int, int]]:
    return [
        (document.buyer.name, document.lines[0].quantity_milli, invoice.number)
        for invoice in Invoice.objects.order_by("number")
        for document in [read(invoice.canonical)]
    ]


def test_each_payer_has_one_invoice_and_a_body_one_for_all_its_own(members):
    list(issue_run(**members.acts, run=asked()))
    assert told() == [("Lila", 1000, 1), ("Mairie de Chamblay", 2000, 2), ("Paul", 1000, 3), ("Thomas", 1000, 4)]
    assert Invoice.objects.get(number=2).total_cents == 2500


def test_a_run_that_stopped_goes_on_and_repeats_no_number(members):
    first = issue_run(**members.acts, run=asked())
    next(first), next(first)
    first.close()
    assert [one.number for one in issue_run(**members.acts, run=asked())] == [3, 4]
    assert list(issue_run(**members.acts, run=asked())) == []
    assert [number for _, _, number in told()] == [1, 2, 3, 4]
    assert len({name for name, _, _ in told()}) == 4


def test_a_run_has_time_for_what_it_has_time_for(members):
    assert list(issue_run(**members.acts, run=asked(), most_seconds=-1)) == []
    assert len(list(issue_run(**members.acts, run=asked(), most_seconds=60))) == 4


def test_who_comes_later_is_asked_and_who_was_asked_is_left_alone(members):
    list(issue_run(**members.acts, run=asked()))
    late = add_person(**members.acts, raw={"name": "Zoé"})
    raw = {"kind": "member", "fee_class": "full", "starts_on": "2026-09-01"}
    add_membership(**members.acts, person_id=late, raw=raw)
    assert [read(one.canonical).buyer.name for one in issue_run(**members.acts, run=asked())] == ["Zoé"]


def test_another_price_under_the_same_name_is_refused_before_anything_is_issued(members):
    next(issue_run(**members.acts, run=asked()))
    with pytest.raises(BillingRefused) as caught:
        list(issue_run(**members.acts, run=asked(name="COTISATION  2027", price="13")))
    assert str(caught.value) == (
        "Un tirage de ce nom a déjà commencé avec une autre ligne\u202f: donnez-lui un autre nom."
    )
    assert Invoice.objects.count() == 1


def test_a_place_that_has_not_said_who_sells_issues_nothing(till):
    person = add_person(**till.acts, raw={"name": "Thomas"})
    add_membership(
        **till.acts, person_id=person, raw={"kind": "member", "fee_class": "full", "starts_on": "2026-01-01"}
    )
    with pytest.raises(BillingRefused, match="qui facture"):
        list(issue_run(**till.acts, run=asked()))
    assert not Invoice.objects.exists()


@pytest.mark.parametrize(
    ("raw", "wrong"),
    [
        ({"name": "  "}, "name"), ({"name": "x" * 61}, "name"), ({"name": "!!!"}, "name"), ({"label": "\x00"}, "label"),
        ({"label": "é" * 10_000}, "label"), ({"price": "-3"}, "price"), ({"price": "1,234"}, "price"),
        ({"price": "²"}, "price"), ({"price": ""}, "price"), ({"unit": "siècle"}, "unit"),
        ({"starts": "2026-02-30"}, "starts"), ({"starts": "2027-02-01", "ends": "2027-01-01"}, "ends"),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_a_run_is_told_by_field(raw, wrong):
    with pytest.raises(BadRun) as caught:
        read_run(TYPED | raw, ["member"])
    assert list(caught.value.wrongs) == [wrong]


def test_a_run_is_for_somebody_and_its_name_knows_no_capitals():
    with pytest.raises(BadRun) as caught:
        read_run(TYPED, ["tout le monde"])
    assert list(caught.value.wrongs) == ["kinds"]
    assert slug("Cotisation 2027") == slug("  COTISATION — 2027 ") and read_run(TYPED | {"ends": ""}, ["member"])


def test_the_payers_of_a_day_are_those_whose_membership_holds(members):
    assert [one.name for one in payers(members.place, asked(), on=date(2025, 6, 1))] == [
        "Lila", "Mairie de Chamblay", "Paul", "Thomas", "Yann",
    ]  # fmt: skip
    assert issued_in(members.place, asked()) == {}


def test_a_paper_is_written_whole_once_and_left_alone(tmp_path, monkeypatch):
    sold = papers()["public"]
    assert printed(canonical(sold), str(tmp_path)) is True
    (path,) = tmp_path.iterdir()
    assert path.name == "F2026-00012.pdf" and path.read_bytes() == facturx_pdf(sold)
    assert printed(canonical(sold), str(tmp_path)) is False
    path.unlink()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", lambda self, target: (_ for _ in ()).throw(OSError(28, "plein")))
        with pytest.raises(OSError, match="plein"):
            printed(canonical(sold), str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_the_press_writes_on_two_processors(tmp_path):
    with Press(tmp_path / "factures") as press:
        for name in ("public", "credit", "deposit", "public"):
            press.take(canonical(papers()[name]))
        assert sum(press.finished()) == 3
    names = sorted(path.name for path in (tmp_path / "factures").iterdir())
    assert names == ["A2026-00003.pdf", "F2026-00010.pdf", "F2026-00012.pdf"]


@pytest.fixture
def command(members, tmp_path, capsys, monkeypatch):
    """The command in this process: its papers are written here too, as the database is that of this test."""

    class Here:
        def __init__(self, folder: Path) -> None:
            self.folder, self.told = folder, []

        def __enter__(self):
            self.folder.mkdir(parents=True, exist_ok=True)
            return self

        def __exit__(self, *rest):
            return None

        def take(self, text: str) -> None:
            self.told.append(printed(text, str(self.folder)))

        def finished(self):
            return iter(self.told)

    monkeypatch.setattr("maillage.management.billing.formats.press.Press", Here)

    def run(*more: str, place: str = members.place.slug) -> tuple[int, str, str]:
        typed = ["--name", TYPED["name"], "--label", TYPED["label"], "--price", TYPED["price"]]
        code = main(["invoices", place, *typed, *more])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_the_command_tells_first_then_issues_then_has_nothing_left(command, tmp_path):
    folder = tmp_path / "pdf"
    assert command("--dry-run") == (0, "4 factures à émettre, 62,50 € hors taxe ; 0 déjà émises.\n", "")
    code, out, _ = command("--to", str(folder), "--format", "json")
    assert code == 0 and json.loads(out) == {"issued": 4, "already": 0, "papers": 4, "folder": str(folder)}
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 4 and all(name.endswith(".pdf") for name in names)
    (folder / names[0]).unlink()
    again = f"0 factures émises, 4 déjà là. 1 PDF écrits dans {folder}.\n"
    assert command("--to", str(folder)) == (0, again, "")
    assert sorted(path.name for path in folder.iterdir()) == names and Invoice.objects.count() == 4


def test_the_command_refuses_in_one_sentence(command):
    assert command(place="nulle-part") == (
        1, "",
        "maillage invoices : aucun lieu à l’adresse « nulle-part » : donnez la fin de l’adresse de sa page, "
        "après /lieux/.\n",
    )  # fmt: skip
    code, out, err = command("--price", "1,234")
    assert (code, out) == (1, "") and "un montant s’arrête aux centimes" in err
    assert not Invoice.objects.exists() and sys.stdout


def test_the_page_tells_then_issues_then_leads_to_the_invoices(members, nadine):
    page = f"/gerer/{members.place.slug}/argent/tirage/"
    assert nadine.get(page).status_code == 200
    typed = TYPED | {"unit": "each", "kinds": ["member"], "starts": "", "ends": ""}
    shown = nadine.post(page, typed | {"act": "show"}).content.decode()
    assert "4 factures à émettre, 62,50\u202f€ hors taxe" in shown and "Mairie de Chamblay" in shown
    assert not Invoice.objects.exists()
    answer = nadine.post(page, typed | {"act": "issue"})
    assert answer["Location"] == f"/gerer/{members.place.slug}/argent/factures/" and Invoice.objects.count() == 4
    again = nadine.post(page, typed | {"act": "issue"}, follow=True).content.decode()
    assert "0 facture" in again and Invoice.objects.count() == 4
    assert "4 sont déjà émises" in nadine.post(page, typed | {"act": "show"}).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"price": "²"}, {"price": "-1"}, {"kinds": []}, {"name": "\u202e"}, {"label": "é" * 10_000}]
)
def test_the_page_says_what_is_wrong_and_issues_nothing(members, nadine, wrong):
    page = f"/gerer/{members.place.slug}/argent/tirage/"
    answer = nadine.post(page, TYPED | {"unit": "each", "kinds": ["member"], "act": "issue"} | wrong)
    assert answer.status_code == 422 and f'href="#id-{next(iter(wrong))}"' in answer.content.decode()
    assert not Invoice.objects.exists()


def test_a_run_that_has_no_time_left_says_how_many_remain(members, nadine, monkeypatch):
    monkeypatch.setattr("maillage.management.billing.views.manage.run.MOST_SECONDS", -1.0)
    page = f"/gerer/{members.place.slug}/argent/tirage/"
    typed = TYPED | {"unit": "each", "kinds": ["member"], "act": "issue"}
    said = nadine.post(page, typed, follow=True).content.decode()
    assert (
        "Il en reste 4\u202f: lancez de nouveau le même tirage, il continue." in said and not Invoice.objects.exists()
    )


def test_an_invoice_goes_to_the_platform_from_its_page(open_till, nadine, tmp_path, settings):
    settings.EINVOICES = tmp_path
    issued = open_till.issued(customer=open_till.town())
    page = f"/gerer/{open_till.place.slug}/argent/factures/{issued.pk}/"
    assert "Remettre à Chorus Pro" in nadine.get(page).content.decode()
    assert "La facture attend la plateforme." in nadine.post(f"{page}remettre/", follow=True).content.decode()
    assert "rien de plus" in nadine.post(f"{page}remettre/", follow=True).content.decode()
    own = open_till.issued(customer=open_till.customer("Thomas"))
    page = f"/gerer/{open_till.place.slug}/argent/factures/{own.pk}/"
    assert "Remettre" not in nadine.get(page).content.decode()
    assert "s’adresse à un particulier" in nadine.post(f"{page}remettre/", follow=True).content.decode()
    assert len(list(tmp_path.rglob("*.json"))) == 1
