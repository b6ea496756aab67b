"""`maillage demo`: fill the registry with fictional places, marked as such, or take them away."""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from maillage.accounts.rules import DEMO_HOST as HOST

if TYPE_CHECKING:
    from maillage.network.exchange.sources.demo_cast import CastPlace
    from maillage.places.queries import Registry
    from maillage.places.rules.drafts import Draft

BY = "commande:demo"
MAILLE = "la-maille-chamblay"
NADINE = f"nadine@{HOST}"
REASON = "Lieu fictif de la démonstration"


def add_to(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "demo",
        help="remplit le registre de lieux fictifs, marqués comme tels",
        description=(
            "Remplit le registre d’environ 300 lieux fictifs dans de vraies communes, avec les lieux de Nadine, Lila, "
            "Thomas, Inès, Paul et M. Perrin. Chaque page dit qu’ils sont fictifs. Sur ce poste, et tant qu’aucun vrai "
            "lieu n’est là, Nadine, Inès, M. Perrin, Claire, qui observe le département pour l’État, et Camille, qui "
            "exploite le site, ont aussi un compte ; jamais en "
            "production. Relancer ne change rien."
        ),
    )
    parser.add_argument("--with-real", action="store_true", help="même si le registre contient de vrais lieux")
    parser.add_argument("--remove", action="store_true", help="retire tous les lieux fictifs et leurs comptes")
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
        furnish_maille(now=now)
        if may_have_people(places.registry()):
            bring_people_in(now=now)
    sys.stdout.write(
        f"{created} lieux fictifs ajoutés ; chaque page dit qu’ils le sont.\n"
        if created
        else "La démonstration est déjà là : rien à changer.\n"
    )
    return 0


def _count(real: int) -> str:
    return f"{real} vrais lieux" if real > 1 else "1 vrai lieu"


def may_have_people(registry: "Registry") -> bool:
    """Whether the people of the demo may have accounts: on a machine of one's own, and never beside real places."""
    from django.conf import settings

    return settings.ENV == "local" and registry.demo > 0 and registry.total == registry.demo


def bring_people_in(*, now: datetime) -> None:
    """Give the people of the demo their accounts and roles; those who have them keep them."""
    from maillage.accounts.actions import bring_in
    from maillage.accounts.rules import EVERYWHERE, FACILITATOR, NETWORK_OFFICER, OBSERVER, OPERATOR, place_scope
    from maillage.places.queries import place_by_slug

    place = place_by_slug(MAILLE).place
    people = [("ines", "Inès", NETWORK_OFFICER, "reg:27"), ("camille", "Camille", OPERATOR, EVERYWHERE)]
    if place is not None:
        people.append(("nadine", "Nadine", FACILITATOR, place_scope(place.pk)))
        if place.commune and place.commune.epci_id:
            people.append(("m.perrin", "M. Perrin", OBSERVER, f"epci:{place.commune.epci_id}"))
        if place.commune and place.commune.departement_id:
            people.append(("claire", "Claire Morel", OBSERVER, f"dep:{place.commune.departement_id}"))
    for login, name, role, scope in people:
        bring_in(email=f"{login}@{HOST}", name=name, role=role, scope=scope, by=BY, now=now)


def furnish_maille(*, now: datetime) -> None:
    """Give the place of the demo spaces, bookings, a programme, prices, invoices, carnets and a scheme, once."""
    from maillage.management.billing.actions import demo as money
    from maillage.management.bookings.actions.demo import furnish
    from maillage.management.events.actions import demo as programme
    from maillage.management.passes.actions import demo as carnets
    from maillage.network.clearance.actions import demo as networks
    from maillage.network.schemes.actions import demo as schemes
    from maillage.places.queries import place_by_slug

    place = place_by_slug(MAILLE).place
    if place is not None:
        furnish(place=place, by=BY, now=now)
        programme.furnish(place=place, by=BY, now=now)
        money.furnish(place=place, by=BY, now=now)
        carnets.furnish(place=place, by=BY, now=now)
        schemes.furnish(place=place, by=BY, now=now)
        networks.furnish(place=place, by=BY, now=now)


def forget(*, by: str, now: datetime) -> int:
    """Take away every fictional place with what was booked there and whom it knows; returns how many places."""
    from django.db import transaction

    from maillage.journal import guards
    from maillage.management.billing.actions import demo as money
    from maillage.management.bookings.actions.demo import clear_demo
    from maillage.management.events.actions import demo as programme
    from maillage.management.passes.actions import demo as carnets
    from maillage.network.clearance.actions import demo as networks
    from maillage.network.schemes.actions import demo as schemes
    from maillage.places.actions.demo import forget_demo

    with transaction.atomic(), guards.lifted():
        networks.clear_demo(by=by, now=now)
        schemes.clear_demo(by=by, now=now)
        carnets.clear_demo(by=by, now=now)
        money.clear_demo(by=by, now=now)
        programme.clear_demo(by=by, now=now)
        clear_demo(by=by, now=now)
        return forget_demo(by=by, now=now)


def keep_people_away_from_real_places(*, now: datetime) -> None:
    """Take the accounts of the demo's people away wherever they may not be."""
    from maillage.places.queries import registry

    if not may_have_people(registry()):
        send_people_away(now=now)


def send_people_away(*, now: datetime) -> None:
    """Take the accounts of the demo's people away, where there are any."""
    from maillage.accounts.actions import forget_scopes

    forget_scopes(scopes=[], host=HOST, by=BY, now=now)


def link(*, by: str, now: datetime, lasts: timedelta) -> str | None:
    """A fresh one-time link that opens the demo's own place as Nadine; earlier ones cease."""
    from maillage.accounts.actions import invite
    from maillage.accounts.emails import invitation_link
    from maillage.accounts.rules import FACILITATOR, place_scope
    from maillage.places.queries import place_by_slug

    place = place_by_slug(MAILLE).place
    if place is None or not place.is_demo:
        return None
    bring_people_in(now=now)
    scope = place_scope(place.pk)
    made = invite(email=NADINE, role=FACILITATOR, scope=scope, by=by, now=now, signs_in=True, lasts=lasts)
    return invitation_link(made.token)


def remove(*, now: datetime) -> int:
    """Take every fictional place away, with the accounts of its people."""
    removed = forget(by=BY, now=now)
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
