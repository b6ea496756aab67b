from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection

from maillage.journal.models import AuditEvent
from maillage.places.models import Place
from maillage.territory.actions import ensure_ground, load_ground
from maillage.territory.models import Commune, Epci, FigureSource, FormerCode, Ground, Outline, PostalCode
from maillage.territory.queries import resolve_code, search
from maillage.territory.rules.draft import FormerRow, GroundRefused, OutlineRow
from tests.territory.drafts import CHAMBLAY, MOUCHARD, DraftSource, small_draft

pytestmark = pytest.mark.django_db

OUTLINE = OutlineRow("commune", "39093", b"\0" * 32, (4,), 0.0, 0.0, 0.0, 0.0)


def test_a_ground_is_loaded_whole(now: datetime) -> None:
    standing = load_ground(source=DraftSource(replace(small_draft(), outlines=(OUTLINE,))), by="essai", now=now)
    assert standing.changed
    assert standing.told == ("Ceci est un essai.",)
    chamblay = Commune.objects.get(code="39093")
    assert (chamblay.name, chamblay.population, chamblay.epci_id, chamblay.departement_id) == (
        "Chamblay", 423, "243900420", "39",
    )  # fmt: skip
    assert (chamblay.density_7, chamblay.in_metropole, chamblay.in_pvd) == (None, False, None)
    assert PostalCode.objects.filter(commune="39093").get().code == "39380"
    assert FormerCode.objects.get().name == "Ancienne-Chamblay"
    assert Outline.objects.get().ring_lengths == [4]
    assert FigureSource.objects.get().ground == standing.ground
    assert standing.ground.estimated_centres == 1
    assert standing.ground.counts == {
        "regions": 1, "departements": 1, "epcis": 1, "communes": 2, "population": 1518, "population_unknown": 0,
        "centres_unknown": 0, "postal_codes": 2, "former_codes": 1,
        "employed_unknown": 2, "equipment_unknown": 2,
        "outlines": {"reg": 0, "dep": 0, "epci": 0, "commune": 1}, "kept": {},
    }  # fmt: skip
    event = AuditEvent.objects.get()
    assert (event.action, event.by, event.at, event.subject) == (
        "territory.loaded", "essai", now, f"ground:{standing.ground.pk}",
    )  # fmt: skip


def test_the_same_ground_again_is_not_even_read(now: datetime) -> None:
    source = DraftSource(small_draft())
    first = load_ground(source=source, by="essai", now=now)
    again = load_ground(source=source, by="essai", now=now)
    assert (again.ground, again.changed, source.reads) == (first.ground, False, 1)
    assert AuditEvent.objects.count() == Ground.objects.count() == 1


def test_a_refused_ground_leaves_the_one_before(now: datetime) -> None:
    before = load_ground(source=DraftSource(small_draft()), by="essai", now=now)
    broken = replace(small_draft(), communes=(CHAMBLAY, CHAMBLAY))
    with pytest.raises(GroundRefused):
        load_ground(source=DraftSource(broken, "b" * 64), by="essai", now=now)
    assert Ground.objects.get() == before.ground
    assert Commune.objects.count() == 2


def test_a_failure_half_way_leaves_nothing_behind(now: datetime) -> None:
    class Cut(Exception):
        pass

    @contextmanager
    def power_cut(total: int, label: str):
        class Bar:
            def step(self, count: int = 1) -> None:
                raise Cut

        yield Bar()

    with pytest.raises(Cut):
        load_ground(source=DraftSource(small_draft()), by="essai", now=now, progress=power_cut)
    assert not Commune.objects.exists()
    assert not Ground.objects.exists()


def test_places_keep_their_commune_through_a_new_ground(now: datetime) -> None:
    load_ground(source=DraftSource(small_draft()), by="essai", now=now)
    Place.objects.create(slug="la-gare", name="La Gare", commune_id="39093", created_at=now, updated_at=now)
    renamed = replace(small_draft(), communes=(replace(CHAMBLAY, name="Chamblay-sur-Loue"), MOUCHARD))
    load_ground(source=DraftSource(renamed, "b" * 64), by="essai", now=now)
    assert Place.objects.get().commune.name == "Chamblay-sur-Loue"


def test_what_vanished_goes_unless_a_place_stands_on_it(now: datetime) -> None:
    load_ground(source=DraftSource(small_draft()), by="essai", now=now)
    Place.objects.create(slug="la-gare", name="La Gare", commune_id="39093", created_at=now, updated_at=now)
    merged = replace(
        small_draft(),
        communes=(replace(MOUCHARD, code="39371", epci="200000001"),),
        epcis={"200000001": ("CC du Jura", "CC")},
        former=(FormerRow("39093", "39371", "Chamblay"), FormerRow("39370", "39371", "Mouchard")),
    )
    standing = load_ground(source=DraftSource(merged, "b" * 64), by="essai", now=now)
    assert sorted(Commune.objects.values_list("code", flat=True)) == ["39093", "39371"]
    assert standing.told[1:] == (
        "commune 39093 : absent de ce fond, gardé parce que des fiches s’y rattachent encore.",
        "intercommunalité 243900420 : absent de ce fond, gardé parce que des fiches s’y rattachent encore.",
    )
    assert standing.ground.counts["kept"] == {"commune": ["39093"], "intercommunalité": ["243900420"]}
    assert resolve_code("39093") == "39371"
    assert [hit.code for hit in search("Chamblay")] == ["39371"]
    Place.objects.all().delete()
    load_ground(source=DraftSource(merged, "c" * 64), by="essai", now=now)
    assert list(Commune.objects.values_list("code", flat=True)) == ["39371"]
    assert list(Epci.objects.values_list("code", flat=True)) == ["200000001"]


def test_progress_counts_every_row(now: datetime) -> None:
    steps: list[int] = []
    totals: list[int] = []

    @contextmanager
    def counting(total: int, label: str):
        totals.append(total)

        class Bar:
            def step(self, count: int = 1) -> None:
                steps.append(count)

        yield Bar()

    draft = replace(small_draft(), outlines=(OUTLINE,))
    load_ground(source=DraftSource(draft), by="essai", now=now, progress=counting)
    assert totals == [3]
    assert sum(steps) == 3


def test_the_built_in_ground_stands_where_there_is_nothing_else(now: datetime, tmp_path: Path) -> None:
    first = ensure_ground(data=tmp_path, by="essai", now=now)
    assert first.changed
    assert first.ground.kind == "builtin"
    assert first.told == (f"{tmp_path} ne contient pas de communes : le territoire vient d’ailleurs.",)
    assert Commune.objects.count() == 34_875
    again = ensure_ground(data=None, by="essai", now=now)
    assert (again.ground, again.changed) == (first.ground, False)


def test_an_official_ground_is_not_replaced_by_the_built_in_one(now: datetime) -> None:
    official = load_ground(source=DraftSource(replace(small_draft(), kind="official")), by="essai", now=now)
    standing = ensure_ground(data=None, by="essai", now=now)
    assert (standing.ground, standing.changed) == (official.ground, False)


@pytest.mark.data
def test_a_real_folder_is_loaded_once(now: datetime, data_dir: Path) -> None:
    first = ensure_ground(data=data_dir, by="essai", now=now)
    assert first.changed
    assert first.ground.counts["communes"] == Commune.objects.count() == 34_875
    metropolitan = Commune.objects.exclude(departement__code__startswith="97")
    assert sum(metropolitan.values_list("population", flat=True)) == 66_165_815
    rural = Commune.objects.filter(density_7__gte=5).count()
    assert round(100 * rural / 34_875, 1) == 88.0
    assert Commune.objects.filter(in_metropole=True).count() == 969
    assert Outline.objects.count() == 34_868 + 1_255 + 101 + 18
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM territory_commune WHERE epci_id IS NULL")
        assert cursor.fetchone() == (4,)
    again = ensure_ground(data=data_dir, by="essai", now=now)
    assert (again.ground, again.changed) == (first.ground, False)
    load_ground(source=DraftSource(replace(small_draft(), kind="official"), "d" * 64), by="essai", now=now)
    assert not ensure_ground(data=data_dir, by="essai", now=now).changed
