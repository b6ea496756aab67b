"""Fictional places in real communes: what the registry looks like when it lives.

Shares follow what the 2023 census of France Tiers-Lieux published: 34 % rural, 62 % outside the métropoles, 55 %
shared offices, 51 % associations. Phone numbers are of the ranges that France keeps for fiction, mail and web
addresses of `example.org`. Words are in `demo_words.toml`; the places of the cast in `demo_cast.toml`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from math import cos, radians, sqrt
from random import Random
from typing import Any
from uuid import UUID, uuid5

from maillage.places.rules.drafts import Draft, SourceFacts
from maillage.places.rules.fields import check
from maillage.places.rules.slugs import slugify
from maillage.places.rules.vocabulary import ACCESS
from maillage.territory.rules.towns import Town

COUNT = 300
LICENCE = "CC0 1.0 (fiction)"
FAMILY = UUID("6d61696c-6c61-4765-8000-64656d6f2026")
SOURCES = {
    source.slug: source
    for source in (
        SourceFacts("demo", "Recensement fictif", LICENCE, "Maillage, démonstration", rank=1, is_demo=True),
        SourceFacts("demo-reseau", "Réseau régional fictif", LICENCE, "Maillage, démonstration", rank=2, is_demo=True),
        SourceFacts("demo-lieu", "Le lieu lui-même (fictif)", LICENCE, "Maillage, démonstration", rank=3, is_demo=True),
    )
}
SHARES = {"rural": 0.34, "metropole": 0.38}
ACTIVITY_SHARES = {
    "coworking": 0.55,
    "culture": 0.31,
    "fablab": 0.28,
    "ateliers": 0.16,
    "innovation-sociale": 0.15,
    "mediation-numerique": 0.18,
    "cafe": 0.17,
    "cuisine": 0.09,
    "nourricier": 0.08,
    "recyclerie": 0.06,
}
LEGAL_SHARES = {
    "association": 0.51,
    "sarl-sa-sas": 0.19,
    "collectivite": 0.11,
    "scic": 0.07,
    "scop": 0.02,
    "universite": 0.02,
    "collectif": 0.02,
    "etablissement-scolaire": 0.01,
    "autre": 0.05,
}
STATUS_SHARES = {"open": 0.84, "project": 0.06, "closed": 0.07, "dormant": 0.03}
CAUSE_SHARES = {"economie": 0.4, "equipe": 0.2, "locaux": 0.15, "convention": 0.1, "inconnue": 0.1, "autre": 0.05}
PHONES = {
    "01 99 00": ("11",),
    "02 61 91": ("24", "28", "52", "53"),
    "03 53 01": ("27", "32", "44"),
    "04 65 71": ("76", "84", "93", "94"),
    "05 36 49": ("75",),
}
"""The ranges ARCEP keeps for films and novels, by the regions of each numbering zone; mobile elsewhere."""
MOBILE = "06 39 98"


@cache
def words() -> dict[str, Any]:
    text = files("maillage.network.exchange.sources").joinpath("demo_words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def drafts(communes: Sequence[Town], *, today: date, seed: int = 2026, count: int = COUNT) -> Iterator[Draft]:
    """Draw fictional places in these communes; the same seed, ground and day give the same places.

    Some places have two drafts, by two sources that disagree.
    """
    rng = Random(seed)  # noqa: S311
    towns = _towns(rng, communes, count)
    names = _names(rng, len(towns))
    activities = _activities(rng, len(towns))
    legal = _deal(rng, LEGAL_SHARES, len(towns))
    statuses = _deal(rng, STATUS_SHARES, len(towns))
    for number, town in enumerate(towns):
        place = _Place(rng, town, number, names[number], activities[number], legal[number], statuses[number], today)
        yield place.draft()
        if rng.random() < 0.12:
            yield place.other_opinion()


def phone(rng: Random, region: str) -> str:
    """A number of the ranges reserved for fiction, of the region's zone."""
    prefix = next((p for p, regions in PHONES.items() if region in regions), MOBILE)
    return f"{prefix} {rng.randrange(100):02} {rng.randrange(100):02}"


def months_before(today: date, months: int) -> date:
    """The same day so many months earlier, or the 28th where that day does not exist.

    >>> months_before(date(2026, 3, 31), 1)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return date(year, month + 1, min(today.day, 28))


def around(town: Town, north_m: float, east_m: float) -> tuple[float, float]:
    """A point so many metres north and east of a commune's centre, to five decimals."""
    lat = town.lat + north_m / 111_320
    return round(lat, 5), round(town.lon + east_m / (111_320 * cos(radians(lat))), 5)


def _towns(rng: Random, communes: Sequence[Town], count: int) -> list[Town]:
    """Draw communes: so many rural, so many in the métropoles, the others in other towns."""
    pools = {
        "rural": [t for t in communes if t.rural],
        "metropole": [t for t in communes if t.metropole and not t.rural],
        "town": [t for t in communes if not t.metropole and not t.rural],
    }
    wanted = {kind: round(SHARES[kind] * count) for kind in SHARES}
    wanted["town"] = count - sum(wanted.values())
    drawn: list[Town] = []
    for kind, number in wanted.items():
        pool = pools[kind] or list(communes)
        power = 0.5 if kind == "rural" else 0.8
        drawn += rng.choices(pool, [t.population**power for t in pool], k=number) if pool else []
    rng.shuffle(drawn)
    return drawn


def _names(rng: Random, count: int) -> list[str]:
    pairs = [f"{head} {complement}" for head in words()["heads"] for complement in words()["complements"]]
    return rng.sample(pairs, count)


def _activities(rng: Random, count: int) -> list[list[str]]:
    """Deal each activity to its share of the places; a place left with none takes the one least dealt."""
    dealt: list[list[str]] = [[] for _ in range(count)]
    for activity, share in ACTIVITY_SHARES.items():
        for place in rng.sample(range(count), round(share * count)):
            dealt[place].append(activity)
    for place in range(count):
        if not dealt[place]:
            giver = max(range(count), key=lambda other: (len(dealt[other]), other))
            dealt[place].append(dealt[giver].pop(rng.randrange(len(dealt[giver]))))
    return dealt


def _deal(rng: Random, shares: Mapping[str, float], count: int) -> list[str]:
    """So many of each word as its share asks, shuffled; the first word takes the remainder."""
    hand = [word for word, share in shares.items() for _ in range(round(share * count))][:count]
    hand += [next(iter(shares))] * (count - len(hand))
    rng.shuffle(hand)
    return hand


@dataclass
class _Place:
    """One fictional place being imagined."""

    rng: Random
    town: Town
    number: int
    name: str
    activities: list[str]
    legal_form: str
    status: str
    today: date

    def draft(self) -> Draft:
        values: dict[str, Any] = {
            "name": self.name,
            "status": self.status,
            "activities": self.activities,
            "commune": self.town.code,
            "city": self.town.name,
            "postal_code": self.town.postal_code,
            "legal_forms": [self.legal_form],
            **self.position(),
            **self.life(),
        }
        if self.status in ("open", "project", "dormant"):
            values |= self.contact()
        if self.status == "open":
            values |= self.practical()
        values["description"] = self.description(values)
        self.values = {key: value for key, value in values.items() if value not in ("", [], None)}
        return self.said_by("demo", self.values, self.dated(30))

    def said_by(self, source: str, values: Mapping[str, Any], dated: str) -> Draft:
        values = check(values).values
        ref = f"fictif-{self.number + 1:03}"
        return Draft(
            source=source,
            ref=ref,
            values=values,
            raw={key: ", ".join(value) if isinstance(value, list) else value for key, value in values.items()},
            licence=LICENCE,
            dated=dated,
            group=ref,
            keep_existing=True,
            place_id=uuid5(FAMILY, ref),
            demo=True,
        )

    def other_opinion(self) -> Draft:
        """What the network says of the same place: other hours, another number, sometimes another name."""
        rng, name = self.rng, self.name
        bare = re.sub(r"^(L’|La |Le )", "", name)
        said: dict[str, Any] = {"name": bare if rng.random() < 0.2 else name}
        said |= {"city": self.town.name, "commune": self.town.code, "status": self.status}
        said["activities"] = self.activities[:1]
        if self.status == "open":
            said |= {"phone": phone(rng, self.town.region), "opening_hours": "Mo-Fr 09:00-17:00"}
        for field in ("closed_on", "closed_cause"):
            if field in self.values:
                said[field] = self.values[field]
        return self.said_by("demo-reseau", said, self.dated(14))

    def dated(self, months: int) -> str:
        """A day of the last so many months, more often a recent one."""
        ago = int(months * self.rng.random() ** 1.4)
        day = months_before(self.today, ago) - timedelta(days=self.rng.randrange(28))
        return day.isoformat()

    def position(self) -> dict[str, Any]:
        rng = self.rng
        known = rng.random()
        if self.town.estimated or known > 0.8 or self.status == "project":
            return {}
        spread_m = min(2_600.0, 90 * sqrt(sqrt(self.town.population) * 4))
        lat, lon = around(self.town, rng.gauss(0, spread_m / 2), rng.gauss(0, spread_m / 2))
        street = rng.choice(words()["streets"])
        at_number = known < 0.68
        return {
            "lat": lat,
            "lon": lon,
            "street": f"{rng.randrange(1, 48)} {street}" if at_number else street,
            "precision": "address" if at_number else "street",
        }

    def life(self) -> dict[str, Any]:
        """When it opened, and when and why it closed."""
        rng = self.rng
        if self.status == "project":
            return {}
        opened = months_before(self.today, int(10 + 160 * rng.random() ** 1.6))
        said: dict[str, Any] = {"opened_on": opened.isoformat()[: rng.choice((4, 4, 7))]}
        if self.status == "closed":
            lived = (self.today - opened).days
            closed = self.today - timedelta(days=int(20 + (lived - 60) * rng.random() * 0.4))
            causes, weights = list(CAUSE_SHARES), list(CAUSE_SHARES.values())
            said |= {"closed_on": closed.isoformat()[:7], "closed_cause": rng.choices(causes, weights)[0]}
        return said

    def contact(self) -> dict[str, Any]:
        rng, host = self.rng, f"{slugify(self.name)[:40].strip('-')}.example.org"
        said: dict[str, Any] = {"operator": words()["operators"][self.legal_form].format(name=self.name)}
        if rng.random() < 0.72:
            said["website"] = f"https://{host}"
        if rng.random() < 0.66:
            said["email"] = f"{rng.choice(('bonjour', 'contact', 'accueil'))}@{host}"
        if rng.random() < 0.58:
            said["phone"] = phone(rng, self.town.region)
        return said

    def practical(self) -> dict[str, Any]:
        rng, area = self.rng, "rural" if self.town.rural else "urban"
        offered = [s for activity in self.activities for s in words()["services"][activity]]
        said: dict[str, Any] = {
            "services": [s for s in dict.fromkeys(offered) if rng.random() < 0.62],
            "access": [a for a in ACCESS if rng.random() < 0.28],
        }
        if rng.random() < 0.78:
            weights, hours = zip(*words()["hours"], strict=True)
            said["opening_hours"] = (
                rng.choice(words()["hours_in_words"]) if rng.random() < 0.04 else rng.choices(hours, weights)[0]
            )
        if rng.random() < 0.55:
            said["prices"] = rng.choice(words()["prices"][area])
        if rng.random() < 0.6:
            said["capacity"] = int(8 + 60 * rng.random() ** 2 * (1 if self.town.rural else 2))
        labels = [("fabrique-de-territoire", 0.12), ("france-services", 0.05), ("manufacture-de-proximite", 0.04)]
        said["labels"] = [label for label, share in labels if rng.random() < share]
        for field, share in (("how_to_come", 0.45), ("how_to_join", 0.35), ("how_to_help", 0.4)):
            if rng.random() < share:
                said[field] = rng.choice(words()[field.removeprefix("how_to_")])
        return said

    def description(self, values: Mapping[str, Any]) -> str:
        rng, kind = self.rng, "rural" if self.town.rural else "urban"
        if self.status == "closed":
            return f"<p>{words()['epitaphs'][values['closed_cause']]}</p>"
        if rng.random() < 0.25:
            return ""
        where = rng.choice(words()["buildings"][kind])
        verb = {"open": "s’est installé", "project": "voudrait s’installer", "dormant": "s’était installé"}[self.status]
        told = [words()["activity_sentences"][activity] for activity in self.activities[:2]]
        story = f"<p>{rng.choice(words()['stories'])}</p>" if self.status == "open" and rng.random() < 0.6 else ""
        return f"<p>Le lieu {verb} {where}. {' '.join(told) if self.status == 'open' else ''}</p>{story}".replace(
            " </p>", "</p>"
        )
