"""A place as one instance tells it to another: what it shows, record by record, each under its own licence.

Only what an instance holds from its own hands is told: what it follows from others, they tell themselves. Each record
carries only the fields that the place shows from it, so that whoever copies it shows the same, with nothing to choose.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from maillage.places.rules.choice import RANK_DATASET, Record, choose
from maillage.places.rules.drafts import Draft, SourceFacts
from maillage.places.rules.fields import check
from maillage.places.rules.sentences import sentence as _

MOST_RECORDS, MOST_REPLACED = 100, 200
APART = "--"
"""What stands between the name of a source and that of the instance it came through."""
KEYS = frozenset(
    {"id", "site", "url", "slug", "version", "demo", "confirmed_at", "removed", "replaced_by", "replaces", "records"}
)
_RECORD_KEYS = frozenset({"source", "ref", "licence", "dated", "values"})
_SOURCE_KEYS = frozenset({"slug", "name", "publisher", "url", "licence", "demo"})
_SLUG = re.compile(r"[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*")
_DATED = re.compile(r"(?:([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?)?")
_PAGE = re.compile(r"[A-Za-z0-9_-]*")
LONGEST_SLUG, LONGEST = 80, 200
MOST_VERSION, FIRST_YEAR = 2**31 - 1, 1970


@dataclass(frozen=True, slots=True)
class Held:
    """A record as the registry holds it."""

    source: SourceFacts
    ref: str
    licence: str
    dated: str
    values: Mapping[str, Any]

    @property
    def key(self) -> str:
        return f"{self.source.slug}:{self.ref}"


@dataclass(frozen=True, slots=True)
class Copy:
    """A place that another instance tells; `removed` says why it left its registry, empty while it stands."""

    id: UUID
    url: str
    slug: str
    version: int
    demo: bool
    confirmed_at: datetime | None
    removed: str
    replaced_by: UUID | None
    replaces: tuple[UUID, ...]
    records: tuple[Held, ...]
    digest: str

    @property
    def stands(self) -> bool:
        return not self.removed


class BadCopy(ValueError):
    """A place that cannot be copied: what is wrong, and the mend; `place` is what it calls itself, if it does."""

    def __init__(self, problem: str, mend: str, place: str = "") -> None:
        super().__init__(f"{problem} : {mend}")
        self.problem, self.mend, self.place = problem, mend, place


@dataclass(slots=True)
class Reader:
    """What reading the copies of an instance takes: its name, and how a commune of any year is known here."""

    site: str
    commune: Callable[[str], str | None]
    sources: dict[str, SourceFacts] = field(default_factory=dict)


def signature(site: str) -> str:
    """How what an instance says is signed in the registry that copies it.

    >>> signature("jura-example")
    'instance:jura-example'
    """
    return f"instance:{site}"


def is_foreign(slug: str) -> bool:
    """Whether a source came through another instance.

    >>> is_foreign("cget-2019"), is_foreign("cget-2019--jura-example")
    (False, True)
    """
    return APART in slug


def slug_here(slug: str, site: str) -> str:
    """What a source of another instance is called here, in 80 signs at most.

    >>> slug_here("cget-2019", "jura-example")
    'cget-2019--jura-example'
    """
    told = f"{slug}{APART}{site}"
    if len(told) <= LONGEST_SLUG:
        return told
    mark = hashlib.sha256(told.encode()).hexdigest()[:8]
    return f"{slug[:30].rstrip('-_')}-{mark}{APART}{site[:38].rstrip('-')}"


def shown(held: Sequence[Held], provenance: Mapping[str, str], today: date) -> list[Held]:
    """The records of a place that are the instance's own, each with the fields that are shown from it."""
    own = {one.key: one for one in held if not is_foreign(one.source.slug)}
    chosen = dict(provenance)
    if not set(chosen.values()) <= set(own):
        rows = [Record(key, one.source.rank, one.dated, one.values) for key, one in own.items()]
        chosen = {name: said.record for name, said in choose(rows, today=today).items()}
    told: dict[str, dict[str, Any]] = defaultdict(dict)
    for name in sorted(chosen):
        if name in own[chosen[name]].values:
            told[chosen[name]][name] = own[chosen[name]].values[name]
    return [Held(own[key].source, own[key].ref, own[key].licence, own[key].dated, told[key]) for key in sorted(told)]


def written(held: Held) -> dict[str, Any]:
    """A record as a page tells it."""
    facts = held.source
    return {
        "source": {
            "slug": facts.slug,
            "name": facts.name,
            "publisher": facts.publisher,
            "url": facts.url,
            "licence": facts.licence,
            "demo": facts.is_demo,
        },
        "ref": held.ref,
        "licence": held.licence,
        "dated": held.dated,
        "values": dict(held.values),
    }


def read(told: Any, reader: Reader) -> Copy:
    """One place of a page, each value bounded and checked as those of a file are; raises `BadCopy`."""
    name = str(told.get("id", ""))[:60] if isinstance(told, dict) else ""
    try:
        return _read(told, reader)
    except BadCopy as bad:
        raise BadCopy(bad.problem, bad.mend, name) from bad
    except (TypeError, ValueError, AttributeError, OverflowError, RecursionError) as wrong:
        raise BadCopy(_("ce lieu est mal écrit"), _("l’autre instance doit le corriger"), name) from wrong


def _read(told: Any, reader: Reader) -> Copy:
    _exactly(told, KEYS)
    if told["site"] != reader.site:
        problem = _("ce lieu est d’une autre instance\u202f: %(site)s", site=str(told["site"])[:80])
        raise BadCopy(problem, _("suivez cette instance elle-même\u202f: personne ne parle pour une autre"))
    removed, records, replaces = told["removed"], told["records"], told["replaces"]
    if len(records) > MOST_RECORDS or len(replaces) > MOST_REPLACED:
        raise BadCopy(_("ce lieu a trop d’enregistrements"), _("l’autre instance doit le corriger"))
    if bool(removed) is bool(records):
        raise BadCopy(_("ce lieu est là et parti à la fois"), _("l’autre instance doit le corriger"))
    if type(told["version"]) is not int or not 0 <= told["version"] <= MOST_VERSION:
        raise ValueError
    return Copy(
        id=UUID(told["id"]),
        url=_text(told["url"], 500),
        slug=_page(told["slug"]),
        version=told["version"],
        demo=told["demo"] is True,
        confirmed_at=_moment(told["confirmed_at"]) if told["confirmed_at"] else None,
        removed=_text(removed or "", 300),
        replaced_by=UUID(told["replaced_by"]) if told["replaced_by"] else None,
        replaces=tuple(UUID(one) for one in replaces),
        records=_records(records, reader),
        digest=hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest(),
    )


def _records(told: list[Any], reader: Reader) -> tuple[Held, ...]:
    read = tuple(_record(one, reader) for one in told)
    if len({one.key for one in read}) != len(read):
        raise BadCopy(_("un enregistrement est dit deux fois"), _("l’autre instance doit le corriger"))
    if read and not any(one.values.get("name") for one in read):
        raise BadCopy(_("le nom manque"), _("donnez un nom au lieu"))
    return read


def _record(told: Any, reader: Reader) -> Held:
    _exactly(told, _RECORD_KEYS)
    _exactly(told["source"], _SOURCE_KEYS)
    source = told["source"]
    slug, licence = _text(source["slug"], LONGEST_SLUG), _text(told["licence"])
    if not _SLUG.fullmatch(slug) or not licence or not _text(told["ref"]) or not _is_date(told["dated"]):
        raise ValueError
    checked = check(_located(told["values"], reader), emptied=True)
    for wrong in checked.problems:  # one source among several need not tell the name, nor where the place is
        if wrong.fatal and (wrong.value or told["values"].get(wrong.field) not in (None, "", [])):
            raise BadCopy(wrong.problem, wrong.mend)
    facts = SourceFacts(
        slug=slug,
        name=_text(source["name"]),
        publisher=_text(source["publisher"]),
        url=_address(source["url"]),
        licence=_text(source["licence"]) or licence,
        rank=RANK_DATASET,
        is_demo=source["demo"] is True,
    )
    return Held(facts, _text(told["ref"]), licence, told["dated"], checked.values)


def _located(values: Any, reader: Reader) -> dict[str, Any]:
    """The values with today's commune; one that the ground here does not know is left out."""
    known = dict(values)
    if code := known.get("commune"):
        known["commune"] = reader.commune(str(code)[:20]) or ""
    return known


def drafts(copy: Copy, *, site: str, name: str, place_id: UUID) -> tuple[list[Draft], dict[str, SourceFacts]]:
    """What the records of a copy are here: datasets that came through an instance, whoever wrote them there."""
    made, sources = [], {}
    for one in copy.records:
        slug = slug_here(one.source.slug, site)
        sources[slug] = SourceFacts(
            slug=slug,
            name=f"{one.source.name[: LONGEST - 3 - len(name[:80])]} · {name[:80]}",
            publisher=one.source.publisher,
            url=one.source.url,
            licence=one.source.licence,
            rank=RANK_DATASET,
            is_demo=one.source.is_demo,
        )
        raw = {"instance": site, "place": str(copy.id), "page": copy.url}
        made.append(
            Draft(
                slug,
                one.ref,
                one.values,
                raw,
                one.licence,
                dated=one.dated,
                place_id=place_id,
                slug=copy.slug,
                demo=copy.demo,
                moves=True,
            )
        )
    return made, sources


def _exactly(told: Any, keys: frozenset[str]) -> None:
    if not isinstance(told, dict):
        raise TypeError
    strangers = sorted(set(told) - keys)
    if strangers:
        problem = _("champ inconnu\u202f: %(name)s", name=strangers[0][:80])
        raise BadCopy(problem, _("les deux instances ne parlent pas la même version de Maillage"))
    if missing := sorted(keys - set(told)):
        problem = _("champ absent\u202f: %(name)s", name=missing[0])
        raise BadCopy(problem, _("les deux instances ne parlent pas la même version de Maillage"))


def _text(value: Any, most: int = LONGEST) -> str:
    if not isinstance(value, str) or len(value) > most or "\x00" in value:
        raise ValueError
    value.encode()  # a lone surrogate cannot be kept by a database
    return value


def _page(value: Any) -> str:
    """The end of the address of a page: one that no page can have would break every list that links to it."""
    told = _text(value, 120)
    if not _PAGE.fullmatch(told):
        raise ValueError
    return told


def _moment(value: Any) -> datetime:
    told = datetime.fromisoformat(value)
    if told.tzinfo is None or told.astimezone(UTC).year <= FIRST_YEAR:
        raise ValueError
    return told.astimezone(UTC)


def _is_date(told: str) -> bool:
    """Whether a record may be dated so: nothing, a year, a month or a day that exists."""
    parts = _DATED.fullmatch(told)
    if parts and parts[1]:
        date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1))
    return parts is not None


def _address(value: Any) -> str:
    told = _text(value, 500)
    return told if told.startswith(("https://", "http://")) else ""
