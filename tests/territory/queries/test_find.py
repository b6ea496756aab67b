import pytest

from maillage.territory.models import Commune, FormerCode, Ground
from maillage.territory.queries import Territory, find, propose
from tests.territory.queries.test_arrays import another_ground

pytestmark = pytest.mark.django_db

FRANCE = Territory("france", "", "France")
VAL_D_AMOUR = ["39093", "39370", "39546"]


@pytest.fixture
def basins(small_ground: None) -> None:
    Commune.objects.filter(code__in=VAL_D_AMOUR).update(bv_code="39500", bv_name="Salins-les-Bains")
    Commune.objects.filter(code="39300").update(bv_code="39300", bv_name="Lons-le-Saunier")
    another_ground()


@pytest.mark.parametrize("reference", ["france", " France ", "FRANCE"])
def test_france_is_a_territory(small_ground: None, reference: str) -> None:
    assert find(reference) == FRANCE
    assert FRANCE.reference == "france"


def test_without_a_ground_there_is_no_france(db: None) -> None:
    assert find("france") is None
    assert propose("france") == ()


@pytest.mark.parametrize("reference", ["bv:39500", "bv-39500", " bv:39500 "])
def test_a_bassin_de_vie_is_a_territory(basins: None, reference: str) -> None:
    found = find(reference)
    assert found == Territory("bv", "39500", "Salins-les-Bains")
    assert found.reference == "bv-39500"


@pytest.mark.parametrize("reference", ["bv:39093", "bv:", "bv:395000", "bv:3950", "bv", "france:44", "bv:\x00"])
def test_a_bassin_de_vie_that_is_not_is_unknown(basins: None, reference: str) -> None:
    assert find(reference) is None


@pytest.mark.parametrize("reference", ["commune:75110", "75110", "commune-75110"])
def test_an_arrondissement_leads_to_its_commune_and_says_so(small_ground: None, reference: str) -> None:
    found = find(reference)
    assert (found.code, found.name) == ("75056", "Paris")
    assert (found.former_code, found.former_name) == ("75110", "Paris 10e Arrondissement")


def test_a_commune_that_merged_is_followed_and_said(small_ground: None) -> None:
    found = find("39999")
    assert (found.reference, found.former_code, found.former_name) == ("commune-39093", "39999", "Ancienne-Chamblay")


def test_an_older_code_without_a_name_is_said_too(small_ground: None) -> None:
    FormerCode.objects.create(code="39998", commune_id="39093")
    found = find("39998")
    assert (found.former_code, found.former_name) == ("39998", "")


def test_today_s_code_has_nothing_former(small_ground: None) -> None:
    found = find("39093")
    assert (found.former_code, found.former_name) == ("", "")


@pytest.mark.parametrize(
    ("reference", "first"),
    [
        ("commune:39039", "commune-39093"),
        ("commune:39094", "commune-39093"),
        ("39330", "commune-39370"),
        ("epci:243900421", "epci-243900420"),
        ("epci:24390", "epci-243900420"),
        ("2439004", "epci-243900420"),
        ("epci:244400604", "epci-244400644"),
        ("dep:38", "dep-39"),
        ("dep:2X", "dep-25"),
        ("97", "dep-974"),
        ("reg:28", "reg-27"),
        ("bv:39501", "bv-39500"),
        ("bv:39093", "bv-39500"),
        ("bv:Mouchard", "bv-39500"),
        ("Chambley", "commune-39093"),
        ("commune:chambley", "commune-39093"),
        ("epci:val d'amour", "epci-243900420"),
        ("dep : Jura", "dep-39"),
        ("frnace", "france"),
        ("39 093", "commune-39093"),
    ],
)
def test_what_a_wrong_reference_may_mean_is_proposed(basins: None, reference: str, first: str) -> None:
    assert find(reference) is None
    proposed = propose(reference)
    assert proposed[0].reference == first
    assert all(find(one.reference) == one for one in proposed)


def test_a_kind_that_is_written_is_kept(basins: None) -> None:
    assert {one.kind for one in propose("dep:97")} == {"dep"}
    assert {one.kind for one in propose("epci:nantes")} == {"epci"}


def test_proposals_are_few_and_none_twice(basins: None) -> None:
    proposed = propose("commune:39094", limit=2)
    assert len(proposed) == len({one.reference for one in proposed}) <= 2


@pytest.mark.parametrize(
    "reference", ["", "  ", "::", "\x00", "x" * 5_000, "9" * 5_000, None, 39093, "😀", "france:\x00"]
)
def test_nothing_readable_proposes_nothing_wrong(basins: None, reference: object) -> None:
    assert all(isinstance(one, Territory) for one in propose(reference))


def test_on_a_ground_without_bassins_none_is_found(small_ground: None) -> None:
    another_ground()
    assert Ground.objects.exists()
    assert find("bv:39500") is None
    assert propose("bv:39500") == ()
