"""`maillage pull`: follow lists that others publish, read them, answer what they ask, stop."""

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maillage.network.exchange.actions.pulling import Outcome

BY = "commande:pull"
EVERY = {"daily": "chaque nuit", "weekly": "chaque semaine"}
STATES = {"active": "suivie", "paused": "en pause", "asking": "attend votre réponse"}


def add_to(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "pull",
        help="suit des listes publiées ailleurs et les relit chaque nuit",
        description=(
            "Suit des sources publiées à une adresse. Le même fichier n’écrit rien. Une source qui perd la moitié de "
            "ses lignes, ou change de colonnes, s’arrête et demande."
        ),
        epilog="Exemple : maillage pull add https://exemple.fr/tiers-lieux.csv --name Région",
    )
    acts = parser.add_subparsers(dest="act", required=True, metavar="add|list|run|pause|resume|accept|wait|stop")
    adding = acts.add_parser("add", help="suit une source, et la lit aussitôt")
    adding.add_argument("address", metavar="ADRESSE", help="celle du fichier lui-même, en https")
    adding.add_argument("--name", metavar="NOM", default="", help="par quoi la reconnaître ; le nom du fichier sinon")
    adding.add_argument("--format", metavar="FORMAT", default="", help="cget, mednum, csv… ; reconnu sinon")
    adding.add_argument("--recipe", metavar="NOM", default="", help="correspondance de colonnes déjà gardée")
    adding.add_argument("--every", choices=sorted(EVERY), default="daily", help="daily, chaque nuit ; weekly, semaine")
    adding.add_argument("--source", metavar="NOM", default="", help="nom de la source des lignes qui n’en disent pas")
    adding.add_argument("--licence", metavar="LICENCE", default="", help="licence des lignes qui n’en disent pas")
    adding.add_argument("--all", action="store_true", help="fait aussi entrer ce qui n’est pas un tiers-lieu")
    adding.set_defaults(run=run_add)
    acts.add_parser("list", help="liste les sources suivies").set_defaults(run=run_list)
    running = acts.add_parser("run", help="lit une source maintenant, ou toutes celles dont le tour est venu")
    running.add_argument("name", metavar="NOM", nargs="?", default="")
    running.set_defaults(run=run_now)
    for act, help_ in {
        "pause": "ne la lit plus, jusqu’à resume",
        "resume": "la lit de nouveau",
        "accept": "fait entrer quand même le fichier sur lequel elle demande",
        "wait": "laisse ce fichier dehors, et attend le suivant",
        "stop": "ne la suit plus ; ses lieux restent",
    }.items():
        one = acts.add_parser(act, help=help_)
        one.add_argument("name", metavar="NOM")
        one.set_defaults(run=run_act)


def run_add(arguments: argparse.Namespace) -> int:
    """Follow a source and read it; 1 when it is refused or could not be read."""
    from django.utils import timezone

    from maillage.network.exchange.actions.pulls import PullRefused, Wanted, add_pull
    from maillage.network.exchange.rules.reports import FileRefused

    wanted = Wanted(
        address=arguments.address,
        name=arguments.name,
        format=arguments.format,
        recipe=arguments.recipe,
        source=arguments.source,
        licence=arguments.licence,
        every=arguments.every,
        all_places=arguments.all,
    )
    try:
        pull = add_pull(wanted=wanted, by=BY, now=timezone.now())
    except (PullRefused, FileRefused) as refused:
        return _refused(str(refused))
    print(f"Source suivie : {pull.name}, {EVERY[pull.every]}.")
    return _read(pull)


def run_list(arguments: argparse.Namespace) -> int:
    """Print the sources that are followed, those that ask first."""
    from maillage.network.exchange.queries.pulls import pulls

    found = pulls()
    for one in found:
        seen = f"vue le {_moment(one.last_seen_at)}" if one.last_seen_at else "pas encore lue"
        print(f"{one.name}  {EVERY[one.every]}, {STATES[one.state]}, {one.rows} lieux, {seen}  {one.address}")
        for line in _trouble(one):
            print(f"  {line}")
    if not found:
        print("Aucune source n’est suivie. « maillage pull add ADRESSE » en suit une.")
    return 0


def run_now(arguments: argparse.Namespace) -> int:
    """Read one source now, or those whose turn has come."""
    from django.conf import settings
    from django.utils import timezone

    from maillage.network.exchange.actions.pulling import run_due

    if arguments.name:
        pull = _named(arguments.name)
        return 1 if pull is None else _read(pull)
    if settings.OFFLINE:
        return _refused("MAILLAGE_OFFLINE=1 : aucune demande ne part de cette machine.")
    looked = run_due(by=BY, now=timezone.now())
    print(f"{looked} sources lues. « maillage pull list » dit ce qu’elles ont donné." if looked else "Rien à lire.")
    return 0


def run_act(arguments: argparse.Namespace) -> int:
    """Pause, resume, answer for or stop a source."""
    from django.utils import timezone

    from maillage.network.exchange.actions import pulls

    pull = _named(arguments.name)
    if pull is None:
        return 1
    asked: dict[str, Any] = {"pull_id": pull.pk, "by": BY, "now": timezone.now()}
    if arguments.act in ("accept", "wait"):
        if pull.state != "asking":
            return _refused(f"« {pull.name} » ne demande rien.")
        pulls.answer_pull(**asked, enter=arguments.act == "accept")
        if arguments.act == "accept":
            return _read(pull)
        print(f"« {pull.name} » : ce fichier n’entre pas, le suivant sera comparé au dernier entré.")
        return 0
    done: dict[str, tuple[Callable[..., object], str]] = {
        "pause": (pulls.pause_pull, "en pause, elle n’est plus lue."),
        "resume": (pulls.resume_pull, "de nouveau lue."),
        "stop": (pulls.stop_pull, "n’est plus suivie ; les lieux qu’elle a donnés restent."),
    }
    act, said = done[arguments.act]
    act(**asked)
    print(f"« {pull.name} » : {said}")
    return 0


def _named(name: str) -> Any:
    from maillage.network.exchange.queries.pulls import pull_named

    found = pull_named(name)
    if found is None:
        _refused(f"aucune source suivie ne s’appelle « {name[:80]} ». Voyez « maillage pull list ».")
    return found


def _read(pull: Any) -> int:
    from django.utils import timezone

    from maillage.network.exchange.actions.pulling import run_pull
    from maillage.network.exchange.queries.pulls import pull_of

    outcome = run_pull(pull_id=pull.pk, by=BY, now=timezone.now())
    fresh = pull_of(pull.pk)
    print("\n".join(_told(outcome, fresh)))
    return 1 if outcome.what in ("failed", "asked") else 0


def _told(outcome: "Outcome", pull: Any) -> list[str]:
    from maillage.cli.import_ import lines

    said = {
        "same": "Le fichier est le même que la dernière fois : rien à écrire.",
        "waiting": "Le fichier est celui que vous avez choisi de laisser dehors : rien n’entre.",
        "busy": "Une autre lecture est en cours : relancez dans quelques minutes.",
        "idle": "Cette source n’est pas lue : elle est en pause, ou attend votre réponse.",
    }
    if outcome.what in said:
        return [said[outcome.what], *(_trouble(pull) if outcome.what == "idle" else [])]
    if outcome.report is None:
        return _trouble(pull)
    told = lines(outcome.report)
    if outcome.gone:
        count = len(outcome.gone)
        told.append(
            f"{count} lieux ne sont plus dans la source ; leurs fiches restent :"
            if count > 1
            else "1 lieu n’est plus dans la source ; sa fiche reste :"
        )
        told += [f"  {one.name}  /lieux/{one.slug}/" for one in outcome.gone[:20]]
        told += [f"  … et {count - 20} de plus"] if count > 20 else []
    return told


def _trouble(pull: Any) -> list[str]:
    from maillage.network.exchange.labels import doubt_said, pull_problem

    if pull.state == "asking":
        why = doubt_said(pull.doubt, name=pull.name, before=pull.rows, rows=pull.asked_rows, columns=pull.asked_columns)
        return [
            why,
            "Rien n’est entré. « maillage pull accept NOM » le fait entrer, « maillage pull wait NOM » attend.",
        ]
    if pull.last_problem:
        why = pull_problem(pull.last_problem, pull.problem_detail)
        return [f"En panne depuis le {_moment(pull.failing_since)} : {why}"]
    return []


def _moment(when: Any) -> str:
    from django.utils import timezone

    return f"{timezone.localtime(when):%d/%m/%Y à %H:%M}"


def _refused(why: str) -> int:
    sys.stderr.write(f"maillage pull : {why}\n")
    return 1


def health() -> tuple[str, str]:
    """How the sources that are followed are, and what to do; for `maillage doctor`."""
    from django.utils import timezone

    from maillage.network.exchange.labels import pull_problem
    from maillage.network.exchange.queries.pulls import in_trouble, pulls

    now = timezone.now()
    found = in_trouble(now=now)
    if not found:
        count = len(pulls())
        return (f"{count} suivies" if count > 1 else "1 suivie" if count else "aucune suivie"), ""
    first, others = found[0], f" ; {len(found) - 1} autres aussi" if len(found) > 1 else ""
    if first.state == "asking":
        mend = f"maillage pull accept ou wait « {first.name} », ou la page Sources suivies"
        return f"« {first.name} » attend une réponse{others}", mend
    days = (now - (first.failing_since or now)).days
    why = pull_problem(first.last_problem, first.problem_detail)
    said = f"« {first.name} » en panne depuis {days} jours{others}. {why}"
    return said, f"corrigez-la, ou « maillage pull stop » (nom : {first.name})"
