"""`maillage demo`: fill the registry with fictional places, marked as such, or take them away."""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maillage.network.exchange.sources.demo_cast import CastPlace
    from maillage.places.rules.drafts import Draft

BY = "commande:demo"
REASON = "Lieu fictif de la démonstration"


def add_to(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "demo",
        help="remplit le registre de lieux fictifs, marqués comme tels",
        description=(
            "Remplit le registre d’environ 300 lieux fictifs dans de vraies communes, avec les lieux de Nadine, Lila, "
            "Thomas, Inès, Paul et M. Perrin. Chaque page dit qu’ils sont fictifs. Relancer ne change rien."
        ),
    )
    parser.add_argument("--with-real", action="store_true", help="même si le registre contient de vrais lieux")
    parser.add_argument("--remove", action="store_true", help="retire tous les lieux fictifs")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Load the demo, or remove it."""
    from django.utils import timezone

    now = timezone.now()
    if args.remove:
        return remove(now=now)
    return load(with_real=args.with_real, now=now)


def load(*, with_real: bool, now: datetime) -> int:
    """Load the demo in one transaction; refuse beside real places, unless asked, and without a territory."""
    from django.db import transaction

    from maillage.network.exchange.sources import demo, demo_cast
    from maillage.places import queries as places
    from maillage.territory.queries.towns import towns

    registry = places.registry()
    real = registry.total - registry.demo
    if real and not with_real:
        sys.stderr.write(
            f"Refus : le registre contient déjà {_count(real)} ; des lieux fictifs au milieu tromperaient. "
            "Ajoutez --with-real si c’est voulu, ou choisissez un autre MAILLAGE_HOME.\n"
        )
        return 1
    communes = towns()
    if not communes:
        sys.stderr.write("Refus : aucune commune n’est chargée. Lancez d’abord « maillage territory update ».\n")
        return 1
    drafts = list(demo.drafts(communes, today=now.date()))
    cast = list(demo_cast.cast(communes, now=now))
    with transaction.atomic():
        created = _drawn(drafts, now=now) + _cast(cast)
    sys.stdout.write(
        f"{created} lieux fictifs ajoutés ; chaque page dit qu’ils le sont.\n"
        if created
        else "La démonstration est déjà là : rien à changer.\n"
    )
    return 0


def _count(real: int) -> str:
    return f"{real} vrais lieux" if real > 1 else "1 vrai lieu"


def remove(*, now: datetime) -> int:
    """Take every fictional place away."""
    from maillage.places.actions.demo import forget_demo

    removed = forget_demo(by=BY, now=now)
    sys.stdout.write(f"{removed} lieux fictifs retirés.\n" if removed else "Aucun lieu fictif dans le registre.\n")
    return 0


def _drawn(drafts: "Sequence[Draft]", *, now: datetime) -> int:
    """Record the drawn places month by month, as if each source had been read when it was dated."""
    from maillage.cli.progress import progress
    from maillage.network.exchange.sources.demo import SOURCES
    from maillage.places.actions import record_many

    months = sorted({draft.dated[:7] for draft in drafts})
    created = 0
    with progress(len(months), "Lieux fictifs") as bar:
        for month in months:
            batch = [draft for draft in drafts if draft.dated[:7] == month]
            last = max(draft.dated for draft in batch)
            at = min(now, datetime.combine(datetime.fromisoformat(last), now.time(), now.tzinfo))
            created += record_many(drafts=batch, sources=SOURCES, by=BY, now=at, reason=REASON).created
            bar.step()
    return created


def _cast(cast: "Sequence[CastPlace]") -> int:
    """Live through the steps of each place of the cast that is not there yet."""
    from maillage.cli.progress import progress
    from maillage.network.exchange.sources.demo import LICENCE, SOURCES
    from maillage.network.exchange.sources.demo_pictures import PICTURES
    from maillage.places.actions import confirm_place, record_many
    from maillage.places.actions.photos import add_photo
    from maillage.places.queries import place_by_slug

    created = 0
    with progress(len(cast), "Lieux des personnages") as bar:
        for place in cast:
            found = place_by_slug(place.slug)
            bar.step()
            if found.place or found.removed or found.moved_to:
                continue
            for step in place.steps:
                recorded = record_many(
                    drafts=[step.draft], sources=SOURCES, by=step.by, now=step.at, reason=step.reason
                )
                created += recorded.created
            place_id, last = recorded.place_ids[0], place.steps[-1]
            for number, photo in enumerate(place.photos):
                add_photo(
                    place_id=place_id,
                    data=PICTURES[photo.picture](),
                    alt=photo.alt,
                    credit=photo.credit,
                    licence=LICENCE,
                    by=last.by,
                    now=last.at + timedelta(days=2, minutes=number),
                )
            if place.confirmed_at:
                confirm_place(place_id=place_id, by=place.confirmed_by, now=place.confirmed_at)
    return created
