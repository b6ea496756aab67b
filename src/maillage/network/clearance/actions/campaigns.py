"""A network asks the places of its perimeter what is missing or old: prepared, opened, reminded, closed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.accounts.rules import digest
from maillage.journal import actions as journal
from maillage.network.clearance.emails import campaigns as emails
from maillage.network.clearance.models import Campaign, Invitation, Network, Question
from maillage.network.clearance.models.campaigns import CLOSED, DRAFT, OPEN
from maillage.network.clearance.permissions import let_speak
from maillage.network.clearance.queries.campaigns import MOST_PLACES, earlier_questions, not_invited, to_post
from maillage.network.clearance.queries.census_links import letter_code, link_secret, silent
from maillage.network.clearance.rules.campaigns import ASKABLE, BETWEEN_MAILS, Asked, may_remind, versioned
from maillage.places.models import Place
from maillage.places.queries.places import standing_for

LONGEST = timedelta(days=366)


class CensusRefused(ValueError):
    """Something of a census cannot be; the message says why and what to do. Nothing is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What an officer prepares: fields of the sheet, own questions, a letter, a last day."""

    name: str
    edition: str
    fields: Sequence[str]
    questions: Sequence[Asked] = ()
    letter: str = ""
    closes_on: date


@transaction.atomic
def prepare(*, network: Network, given: Prepared, by: str, now: datetime) -> Campaign:
    """Write a census down; nobody is written to yet."""
    _refuse_wrong(given, now)
    here = _speaking(network, by)
    if here.campaigns.filter(edition=given.edition).exists():
        raise CensusRefused(_("Ce réseau a déjà une édition de ce nom\u202f: choisissez-en un autre."))
    made = Campaign.objects.create(network=here, edition=given.edition, made_at=now, made_by=by, **_told(given))
    _ask(made, given.questions)
    journal.write(action="clearance.census_prepared", by=by, now=now, subject=f"census:{made.pk}")
    return made


@transaction.atomic
def change(*, campaign: Campaign, given: Prepared, by: str, now: datetime) -> Campaign:
    """Change a census that is not open yet; the edition keeps its address."""
    _refuse_wrong(given, now)
    here = _locked(campaign, by)
    if here.state != DRAFT:
        raise CensusRefused(
            _(
                "Ce recensement est déjà parti\u202f: ses questions ne changent plus, "
                "pour que les réponses se comparent."
            )
        )
    for name, value in _told(given).items():
        setattr(here, name, value)
    here.save()
    here.questions.all().delete()
    _ask(here, given.questions)
    journal.write(action="clearance.census_prepared", by=by, now=now, subject=f"census:{here.pk}")
    return here


@transaction.atomic
def open_census(*, campaign: Campaign, by: str, now: datetime) -> int:
    """Invite every place of the perimeter, and write to those that publish an address; says how many are invited."""
    here = _locked(campaign, by)
    if here.state != DRAFT:
        raise CensusRefused(_("Ce recensement est déjà ouvert, ou clos\u202f: rechargez la page."))
    if here.closes_on <= timezone.localdate(now):
        raise CensusRefused(_("Le dernier jour est passé\u202f: repoussez-le, puis ouvrez."))
    here.state, here.opened_at, here.opened_by = OPEN, now, by
    try:
        with transaction.atomic():
            here.save()
    except IntegrityError as wrong:
        raise CensusRefused(
            _(
                "Un autre recensement de ce réseau est ouvert, et un lieu ne reçoit pas deux demandes\u202f: "
                "clôturez-le d’abord."
            )
        ) from wrong
    since = Invitation.objects.filter(campaign__network=here.network_id, mailed_at__gt=now - BETWEEN_MAILS)
    if since.exists():
        raise CensusRefused(
            _(
                "Ce réseau a écrit à ses lieux il y a moins d’une semaine\u202f: "
                "laissez-leur quelques jours, puis ouvrez."
            )
        )
    return _invite(here, by=by, now=now)


@transaction.atomic
def invite_more(*, campaign: Campaign, by: str, now: datetime) -> int:
    """Invite the places that came into the perimeter since the census opened."""
    return _invite(_open(campaign, by), by=by, now=now)


@transaction.atomic
def remind(*, campaign: Campaign, by: str, now: datetime) -> int:
    """Write again to those who have not answered: three times at most, a week apart, never to who asked for silence."""
    here = _open(campaign, by)
    rows = here.invitations.select_for_update(of=("self",)).filter(ended_at__isnull=True, answer__isnull=True)
    waiting = [
        one
        for one in rows.exclude(email="").select_related("place").order_by("pk")
        if may_remind(mailed_at=one.mailed_at, reminders=one.reminders, now=now)
    ]
    told = _write_to(here, waiting, by=by, now=now, again=True)
    for one in told:
        one.reminders += 1
    Invitation.objects.bulk_update(told, ["reminders"], batch_size=500)
    if told:
        _say("census_reminded", here, len(told), by=by, now=now)
    return len(told)


@transaction.atomic
def print_letters(*, campaign: Campaign, by: str, now: datetime) -> list[tuple[Invitation, str]]:
    """The letters to those whom no mail reaches, each with its code; printed again, a letter has the same code."""
    here = _open(campaign, by)
    found = to_post(here)
    for one in found:
        one.posted_at, one.posted_by = now, by
        one.code_digest = digest(letter_code(one.pk))
    Invitation.objects.bulk_update(found, ["posted_at", "posted_by", "code_digest"], batch_size=500)
    if found:
        _say("census_printed", here, len(found), by=by, now=now)
    return [(one, letter_code(one.pk)) for one in found]


@transaction.atomic
def close_census(*, campaign: Campaign, by: str, now: datetime) -> None:
    """Take no answer any more; the addresses written to and the answers not sent are forgotten."""
    here = _open(campaign, by)
    here.state, here.closed_at, here.closed_by = CLOSED, now, by
    here.save(update_fields=["state", "closed_at", "closed_by"])
    here.invitations.update(email="", draft={})
    journal.write(action="clearance.census_closed", by=by, now=now, subject=f"census:{here.pk}")


@transaction.atomic
def discard(*, campaign: Campaign, by: str, now: datetime) -> None:
    """Throw away a census that never opened."""
    here = _locked(campaign, by)
    if here.state != DRAFT:
        raise CensusRefused(_("Ce recensement a été ouvert\u202f: il se clôt, il ne s’efface pas."))
    journal.write(action="clearance.census_discarded", by=by, now=now, subject=f"census:{here.pk}")
    here.delete()


@transaction.atomic
def follow_places(*, by: str, now: datetime) -> int:
    """Let go of the places that left the registry; those merged into another are asked there, once. How many."""
    journal.lock_order()
    rows = Invitation.objects.filter(campaign__state=OPEN, ended_at__isnull=True, answer__isnull=True)
    count = 0
    for one in rows.filter(place__removed_at__isnull=False).select_related("place").order_by("pk"):
        holder = standing_for(one.place)
        known = Invitation.objects.filter(campaign=one.campaign_id, place=holder).exists()
        if holder.removed_at is None and not known:
            one.place, one.posted_at, one.posted_by = holder, None, ""
        else:
            one.ended_at, one.ended_by, one.email, one.draft = now, by, "", {}
        one.save()
        count += 1
    return count


def close_overdue(*, by: str, now: datetime) -> int:
    """Close the censuses whose last day is over."""
    late = Campaign.objects.filter(state=OPEN, closes_on__lt=timezone.localdate(now)).order_by("pk")
    for one in list(late):
        close_census(campaign=one, by=by, now=now)
    return len(late)


def _refuse_wrong(given: Prepared, now: datetime) -> None:
    if not given.name.strip() or not given.edition:
        raise CensusRefused(_("Un recensement a un nom et une édition, par exemple 2026\u202f: écrivez-les."))
    if not given.fields and not given.questions:
        raise CensusRefused(_("Ce recensement ne demande rien\u202f: cochez un champ, ou écrivez une question."))
    if not timezone.localdate(now) < given.closes_on <= timezone.localdate(now + LONGEST):
        raise CensusRefused(_("Le dernier jour est à venir, dans l’année\u202f: choisissez-en un autre."))
    unknown = [name for name in given.fields if name not in ASKABLE]
    if unknown:
        raise CensusRefused(_("Champ inconnu\u202f: %(name)s.") % {"name": unknown[0][:40]})
    codes = [one.code for one in given.questions]
    if len(set(codes)) < len(codes):
        raise CensusRefused(_("Deux questions ont le même repère\u202f: changez-en un."))


def _told(given: Prepared) -> dict[str, object]:
    return {
        "name": given.name.strip()[:120],
        "fields": [name for name in ASKABLE if name in given.fields],
        "letter": given.letter.strip()[:1_500],
        "closes_on": given.closes_on,
    }


def _ask(campaign: Campaign, questions: Iterable[Asked]) -> None:
    listed = versioned(questions, earlier_questions(campaign.network))
    Question.objects.bulk_create(
        Question(
            campaign=campaign,
            code=one.code,
            version=one.version,
            text=one.text,
            kind=one.kind,
            choices=list(one.choices),
            position=rank,
        )
        for rank, one in enumerate(listed)
    )


def _invite(campaign: Campaign, *, by: str, now: datetime) -> int:
    places = list(not_invited(campaign).order_by("sort_name", "pk")[: MOST_PLACES + 1])
    if len(places) > MOST_PLACES:
        raise CensusRefused(
            _("Plus de %(n)d lieux en une fois\u202f: c’est trop. Prenez un périmètre plus petit.") % {"n": MOST_PLACES}
        )
    made = [_invitation(campaign, place) for place in places]
    Invitation.objects.bulk_create(made, batch_size=500)
    _write_to(campaign, [one for one in made if one.email], by=by, now=now, again=False)
    if made or not campaign.invitations.exists():
        _say("census_opened", campaign, len(made), by=by, now=now)
    return len(made)


def _invitation(campaign: Campaign, place: Place) -> Invitation:
    pk = uuid4()
    return Invitation(
        pk=pk,
        campaign=campaign,
        place=place,
        email=place.email,
        digest=digest(link_secret(pk)),
        code_digest=digest(letter_code(pk)),
    )


def _write_to(
    campaign: Campaign, invitations: Collection[Invitation], *, by: str, now: datetime, again: bool
) -> list[Invitation]:
    """Write one mail to each address, for all its places; says which places were written to. Fiction gets no mail."""
    by_address: dict[str, list[Invitation]] = defaultdict(list)
    for one in invitations:
        by_address[one.email.lower()].append(one)
    quiet = silent(set(by_address))
    told: list[Invitation] = []
    for address, ones in by_address.items():
        if address in quiet:
            continue
        if not campaign.network.is_demo:
            emails.ask(campaign=campaign, to=ones[0].email, invitations=ones, again=again, now=now)
        for one in ones:
            one.mailed_at, one.mailed_by = now, by
            one.digest = digest(link_secret(one.pk))
        told += ones
    # The link of a reminder opens its form even where the site was put back from a backup, under another key.
    Invitation.objects.bulk_update(told, ["mailed_at", "mailed_by", "digest"], batch_size=500)
    return told


def _say(act: str, campaign: Campaign, count: int, *, by: str, now: datetime) -> None:
    journal.write(action=f"clearance.{act}", by=by, now=now, subject=f"census:{campaign.pk}", detail={"places": count})


def _speaking(network: Network, by: str) -> Network:
    journal.lock_order()
    here = Network.objects.select_for_update().get(pk=network.pk)
    let_speak(here, by)
    return here


def _locked(campaign: Campaign, by: str) -> Campaign:
    _speaking(campaign.network, by)
    return Campaign.objects.select_for_update(of=("self",)).select_related("network").get(pk=campaign.pk)


def _open(campaign: Campaign, by: str) -> Campaign:
    here = _locked(campaign, by)
    if here.state != OPEN:
        raise CensusRefused(_("Ce recensement n’est pas ouvert\u202f: rechargez la page."))
    return here
