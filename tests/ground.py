"""A small, real piece of France: enough communes for the cast, neighbours, overseas, namesakes and old codes.

Nadine runs a place at Chamblay (Jura, 423 inhabitants); M. Perrin is mayor of Mouchard next door; Thomas lives at
Vaudrey; Lila has a project at Nantes; Inès works at Besançon; Paul at Paris.
"""

from datetime import datetime

from maillage.territory.models import Commune, Departement, Epci, FormerCode, Ground, PostalCode, Region

REGIONS = [
    ("27", "Bourgogne-Franche-Comté"),
    ("52", "Pays de la Loire"),
    ("11", "Île-de-France"),
    ("04", "La Réunion"),
]
DEPARTEMENTS = [
    ("39", "Jura", "27"),
    ("25", "Doubs", "27"),
    ("44", "Loire-Atlantique", "52"),
    ("75", "Paris", "11"),
    ("974", "La Réunion", "04"),
]
EPCIS = [
    ("243900420", "CC du Val d'Amour", "CC"),
    ("200071116", "CA ECLA  (Espace Communautaire Lons Agglomération)", "CA"),
    ("242500361", "CU Grand Besançon Métropole", "CU"),
    ("244400404", "Nantes Métropole", "METRO"),
    ("244400644", "CA de la Région Nazairienne et de l'Estuaire (CARENE)", "CA"),
    ("244400586", "CC du Sud Estuaire", "CC"),
    ("200054781", "Métropole du Grand Paris", "METRO"),
    ("249740119", "CA Intercommunale du Nord de la Réunion (CINOR)", "CA"),
    ("249740101", "CA Territoire de la Côte Ouest (TCO)", "CA"),
]
COMMUNES = [
    # code, name, dep, epci, population, lat, lon, km², density, métropole, postal codes
    ("39093", "Chamblay", "39", "243900420", 423, 46.9915, 5.7035, 13.82, 6, False, ["39380"]),
    ("39370", "Mouchard", "39", "243900420", 1095, 46.9776, 5.7893, 6.18, 5, False, ["39330"]),
    ("39546", "Vaudrey", "39", "243900420", 355, 46.9662, 5.6292, 17.87, 5, False, ["39380"]),
    ("39300", "Lons-le-Saunier", "39", "200071116", 16618, 46.6758, 5.5575, 7.68, 2, False, ["39000"]),
    ("25056", "Besançon", "25", "242500361", 118489, 47.2602, 6.0123, 65.05, 1, False, ["25000"]),
    (
        "44109",
        "Nantes",
        "44",
        "244400404",
        327734,
        47.2382,
        -1.5603,
        65.19,
        1,
        True,
        ["44000", "44100", "44200", "44300"],
    ),
    ("44184", "Saint-Nazaire", "44", "244400644", 74568, 47.2768, -2.2392, 46.79, 2, False, ["44600"]),
    (
        "44154",
        "Saint-Brevin-les-Pins",
        "44",
        "244400586",
        14541,
        47.2441,
        -2.1535,
        19.29,
        3,
        False,
        ["44250"],
    ),
    (
        "75056",
        "Paris",
        "75",
        "200054781",
        2103778,
        48.8598,
        2.3456,
        105.4,
        1,
        True,
        [
            "75001",
            "75002",
            "75003",
            "75004",
            "75005",
            "75006",
            "75007",
            "75008",
            "75009",
            "75010",
            "75011",
            "75012",
            "75013",
            "75014",
            "75015",
            "75016",
            "75116",
            "75017",
            "75018",
            "75019",
            "75020",
        ],
    ),
    (
        "97411",
        "Saint-Denis",
        "974",
        "249740119",
        155634,
        -20.9434,
        55.4444,
        142.79,
        1,
        False,
        ["97400", "97417", "97490"],
    ),
    (
        "97413",
        "Saint-Leu",
        "974",
        "249740101",
        36163,
        -21.1816,
        55.3432,
        118.37,
        4,
        False,
        ["97416", "97424", "97436"],
    ),
]
FORMER = [("75110", "Paris 10e Arrondissement", "75056"), ("39999", "Ancienne-Chamblay", "39093")]


def load(*, now: datetime) -> None:
    Ground.objects.create(
        kind=Ground.Kind.FOLDER,
        label="Petit fond d’essai",
        vintage="2026",
        loaded_at=now,
        fingerprint="0" * 64,
    )
    Region.objects.bulk_create(Region(code=code, name=name) for code, name in REGIONS)
    Departement.objects.bulk_create(Departement(code=c, name=n, region_id=r) for c, n, r in DEPARTEMENTS)
    Epci.objects.bulk_create(Epci(code=c, name=n, kind=k) for c, n, k in EPCIS)
    for code, name, dep, epci, population, lat, lon, km2, density, metropole, postal in COMMUNES:
        Commune.objects.create(
            code=code,
            name=name,
            departement_id=dep,
            epci_id=epci,
            population=population,
            lat=lat,
            lon=lon,
            centre_kind=Commune.Centre.OFFICIAL,
            surface_km2=km2,
            density_7=density,
            in_metropole=metropole,
        )
        PostalCode.objects.bulk_create(PostalCode(commune_id=code, code=p) for p in postal)
    FormerCode.objects.bulk_create(FormerCode(code=c, name=n, commune_id=t) for c, n, t in FORMER)
