import pytest

from maillage.territory.models import Commune, FormerCode, PostalCode
from maillage.territory.queries import code_resolver, commune_by_name_and_postal_code, find, resolve_code
from maillage.territory.queries.ground import current_ground, ground_version

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("code", "today"),
    [
        ("39093", "39093"),
        (" 39093 ", "39093"),
        ("39999", "39093"),
        ("75110", "75056"),
        ("39998", None),
        ("", None),
        ("chamblay", None),
        ("39093\x00", None),
        ("3" * 10_000, None),
    ],
)
def test_any_commune_code_leads_to_today_s(small_ground: None, code: str, today: str | None) -> None:
    assert resolve_code(code) == today
    assert code_resolver()(code) == today


def test_an_old_code_still_kept_as_a_commune_leads_to_the_new_one(small_ground: None) -> None:
    FormerCode.objects.create(code="39546", name="Vaudrey", commune_id="39093")
    assert resolve_code("39546") == "39093"
    assert code_resolver()("39546") == "39093"


def test_a_resolver_asks_the_database_no_more(small_ground: None, django_assert_num_queries) -> None:
    with django_assert_num_queries(2):
        resolve = code_resolver()
    with django_assert_num_queries(0):
        assert [resolve(c) for c in ("39093", "39999", "00000")] == ["39093", "39093", None]


@pytest.mark.parametrize(
    ("name", "postal_code", "code"),
    [
        ("Chamblay", "39380", "39093"),
        ("CHAMBLAY ", "39380", "39093"),
        ("st brevin les pins", "44250", "44154"),
        ("Chamblay", "39330", None),
        ("Chambly", "39380", None),
        ("", "39380", None),
        ("Chamblay", "", None),
        ("Chamblay", "39380\x00", None),
    ],
)
def test_a_commune_by_name_and_postal_code(small_ground: None, name: str, postal_code: str, code: str | None) -> None:
    assert commune_by_name_and_postal_code(name, postal_code) == code


def test_namesakes_under_one_postal_code_are_nobody(small_ground: None) -> None:
    Commune.objects.create(code="39094", name="Chamblay", departement_id="39")
    PostalCode.objects.create(commune_id="39094", code="39380")
    assert commune_by_name_and_postal_code("Chamblay", "39380") is None


@pytest.mark.parametrize(
    ("reference", "found", "name"),
    [
        ("commune-39093", "commune-39093", "Chamblay"),
        ("commune:39093", "commune-39093", "Chamblay"),
        ("39093", "commune-39093", "Chamblay"),
        ("commune-75110", "commune-75056", "Paris"),
        ("dep-39", "dep-39", "Jura"),
        ("dep-974", "dep-974", "La Réunion"),
        ("reg-27", "reg-27", "Bourgogne-Franche-Comté"),
        ("epci-244400404", "epci-244400404", "Nantes Métropole"),
        ("244400404", "epci-244400404", "Nantes Métropole"),
    ],
)
def test_a_reference_finds_its_territory(small_ground: None, reference: str, found: str, name: str) -> None:
    territory = find(reference)
    assert territory is not None
    assert (territory.reference, territory.name) == (found, name)


def test_a_commune_tells_where_it_is(small_ground: None) -> None:
    territory = find("commune-39093")
    assert territory is not None
    assert (territory.lat, territory.lon) == (46.9915, 5.7035)
    assert (territory.departement_code, territory.region_code) == ("39", "27")


@pytest.mark.parametrize(
    "garbage",
    ["", "commune-", "commune-3909", "dep-00", "dep-039", "reg-39", "epci-1", "pays-33", "\x00", "9" * 10_000,
     "commune-39093\n-", "commune-٣٩٠٩٣", "dep-2C", None, 39093, "🎈"],
)  # fmt: skip
def test_garbage_finds_nothing_and_harms_nothing(small_ground: None, garbage: object) -> None:
    assert find(garbage) is None  # type: ignore[arg-type]


def test_without_a_ground_nothing_stands(db: None) -> None:
    assert current_ground() is None
    assert ground_version() == 0


def test_the_newest_ground_stands(small_ground: None, now) -> None:
    first = current_ground()
    assert first is not None
    second = type(first).objects.create(kind="builtin", label="b", loaded_at=now, fingerprint="1" * 64)
    assert current_ground() == second
    assert ground_version() == second.pk
