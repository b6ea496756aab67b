"""What the pages of imports say: a file, its state, what it would change or has changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from maillage.network.exchange.formats import FORMATS
from maillage.network.exchange.labels import EVIDENCE, FLAGS, words_of
from maillage.network.exchange.queries.candidates import towns_of
from maillage.network.exchange.queries.intakes import Progress
from maillage.network.exchange.rules.mapping.proposing import Proposal
from maillage.network.exchange.rules.mapping.words import FIELD_NAMES
from maillage.places.views.differences import changes
from maillage.places.views.field_wording import field_label
from maillage.places.views.wording import day_in_words, moment_in_words

STATES: dict[str, Promise] = {
    "uploaded": gettext_lazy("ses colonnes sont à reconnaître"),
    "mapped": gettext_lazy("à essayer"),
    "tried": gettext_lazy("essayé à blanc, rien n’est encore entré"),
    "queued": gettext_lazy("attend son tour"),
    "applying": gettext_lazy("entre en ce moment"),
    "done": gettext_lazy("entré"),
    "refused": gettext_lazy("laissé de côté"),
    "undone": gettext_lazy("annulé"),
}
OTHER_FIELDS: dict[str, Promise] = {
    "ref": gettext_lazy("Identifiant chez la source"),
    "dated": gettext_lazy("Date de la source"),
    "point": gettext_lazy("Latitude et longitude ensemble"),
}
FIELDS = frozenset(FIELD_NAMES)
SOME = 12
"""Names shown before the rest is folded."""
KILO, MEGA = 1_000, 1_000_000
LATE_S = 30


def title_of(format_name: str) -> str:
    """What a format is called."""
    known = FORMATS.get(format_name)
    return str(words_of(known).title) if known else ""


def size(size_bytes: int) -> str:
    if size_bytes < MEGA:
        return _("%(n)s\u202fko") % {"n": max(1, round(size_bytes / KILO))}
    return _("%(n)s\u202fMo") % {"n": f"{size_bytes / MEGA:.1f}".replace(".", ",")}


def facts(found: Any) -> list[str]:
    """What was recognised of a file, in plain words."""
    lines = ngettext("%(n)s ligne", "%(n)s lignes", found.lines) % {"n": found.lines}
    sheet = found.encoding == "classeur"
    told = [size(found.size_bytes), lines]
    told.append(_("classeur de tableur") if sheet else _("écrit en %(encoding)s") % {"encoding": found.encoding})
    if found.format == "columns":
        told.append(_("colonnes reconnues avec vous"))
    elif found.format:
        told.append(_("format reconnu\u202f: %(format)s") % {"format": title_of(found.format)})
    else:
        told.append(_("colonnes d’aucun format connu"))
    return told


def line(found: Any) -> dict[str, Any]:
    """A file in a list."""
    return {
        "one": found,
        "state": STATES[found.state],
        "when": moment_in_words(found.opened_at, None),
        "late": found.state == "applying" and found.leased_until < timezone.now(),
    }


def run_line(found: Any) -> dict[str, Any]:
    """An import in a list: when, which file, what it did."""
    counts = found.counts if isinstance(found.counts, dict) else {}
    created, changed = int(counts.get("created", 0)), int(counts.get("changed", 0))
    return {
        "one": found,
        "when": moment_in_words(found.at, None),
        "created": ngettext("%(n)d lieu nouveau", "%(n)d lieux nouveaux", created) % {"n": created},
        "changed": ngettext("%(n)d modifié", "%(n)d modifiés", changed) % {"n": changed},
        "quarantined": int(counts.get("quarantined", 0)),
        "intake": getattr(found, "intake", None),
        "by_command": not found.by.startswith("compte:"),
        "undone": day_in_words(timezone.localtime(found.undone_at), "j F Y") if found.undone_at else "",
    }


def progress(found: Any, noted: Progress, *, now: datetime) -> dict[str, Any]:
    """How far the work is, as a bar and a sentence; whether it seems to have died."""
    waits = found.state == "queued"
    if waits:
        said = _("Le travail de fond le prend dans un instant.")
    elif noted.writing:
        said = _("Rapprochement et écriture\u202f: le plus gros est fait.")
    elif noted.total:
        said = _("Lecture\u202f: %(done)d lignes sur %(total)d.") % {"done": noted.done, "total": noted.total}
    else:
        said = _("Ouverture du fichier.")
    late = waits and (now - found.queued_at).total_seconds() > LATE_S
    return {
        "says": said,
        "percent": None if waits or noted.writing or not noted.total else min(100, 100 * noted.done // noted.total),
        "late": late,
        "dead": not waits and found.leased_until < now,
        "trying": found.wish == "try",
    }


def account(report: Mapping[str, Any]) -> dict[str, Any]:
    """A report as a page shows it."""
    communes = _communes(report)
    told = [
        {"name": one["name"], "slug": one["slug"], "changes": changes(one["changes"], communes=communes)}
        for one in report["differences"]
    ]
    apart = max(0, report["created"] - report["to_ask"])
    return {
        "report": report,
        "new": report["new"][:SOME],
        "more_new": report["new"][SOME:],
        "untold_new": max(0, report["created"] - len(report["new"])),
        "changed": [one for one in told if one["changes"]],
        "untold_changed": max(0, report["changed"] - len(report["differences"])),
        "quarantined": [_problem(one) for one in report["quarantined"]],
        "untold_refused": max(0, report["refused_rows"] - len({one["line"] for one in report["quarantined"]})),
        "warnings": [_problem(one) for one in report["warnings"]],
        "untold_warnings": max(0, report["warned"] - len(report["warnings"])),
        "flags": [(str(FLAGS.get(code, code)), count) for code, count in report["flagged"].items()],
        "linked": [one | {"reasons": _reasons(one)} for one in report["linked"]],
        "untold_linked": max(0, report["joined"] - len(report["linked"])),
        "candidates": [one | {"reasons": _reasons(one)} for one in report["candidates"]],
        "untold_candidates": max(0, report["to_ask"] - len(report["candidates"])),
        "apart": apart,
        "nothing": not (report["created"] or report["changed"] or report["refused_rows"]),
        "tally": [
            (report["created"], ngettext("lieu nouveau", "lieux nouveaux", report["created"]), "new"),
            (report["changed"], ngettext("lieu modifié", "lieux modifiés", report["changed"]), "changed"),
            (report["unchanged"], ngettext("lieu inchangé", "lieux inchangés", report["unchanged"]), "same"),
            (report["to_ask"], ngettext("paire à trancher", "paires à trancher", report["to_ask"]), "pairs"),
            (report["refused_rows"], ngettext("ligne à corriger", "lignes à corriger", report["refused_rows"]), "mend"),
        ],
    }


def _communes(report: Mapping[str, Any]) -> dict[str, str]:
    both = (one["changes"].get("commune", []) for one in report["differences"])
    return towns_of({str(code) for pair in both for code in pair if code})


def _problem(one: Mapping[str, Any]) -> dict[str, Any]:
    """A problem as a page tells it: the option of a command is no mend there."""
    if "--word" not in one["mend"]:
        return {**one}
    return {**one, "here": _("corrigez-le dans votre fichier, ou laissez-le\u202f: le lieu entre sans lui")}


def _reasons(one: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What speaks for one place and against, with its points."""
    return [(str(EVIDENCE.get(what, what)), f"{points:+d}".replace("-", "−")) for what, points in one["why"].items()]


def plain(refusal: str) -> str:
    """A refusal written for a command line, as the page that has the field says it."""
    if "--licence" in refusal:
        return _("Ce fichier ne dit pas sous quelle licence il est\u202f: dites-le ci-dessous, puis essayez à nouveau.")
    if "--map" in refusal:
        return _("On ne sait pas quelle colonne donne le nom des lieux\u202f: dites-le, puis essayez à nouveau.")
    return refusal.removesuffix(" Précisez-en un avec --format.")


def field_choices() -> list[tuple[str, str]]:
    """All that a column may be said to tell."""
    return [(name, str(OTHER_FIELDS[name]) if name in OTHER_FIELDS else field_label(name)) for name in FIELD_NAMES]


def sureness(proposed: Proposal) -> str:
    return _("deviné, sûr à %(n)d\u202f%%") % {"n": round(100 * proposed.confidence)}


def unknown(told: Mapping[str, Mapping[str, int]]) -> list[tuple[str, list[tuple[str, int]]]]:
    """The words that mean nothing here, by field, the most frequent first."""
    return [(field_label(field), list(counts.items())[:SOME]) for field, counts in told.items()]
