"""Every table says who, when and what it is called."""

import io

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

OURS = [model for model in apps.get_models() if model.__module__.startswith("maillage.")]
NOBODY_ACTED = {
    "accounts.User.joined_at": "people join by themselves",
    "territory.Ground.loaded_at": "the audit event of the load says who",
    "places.Place.created_at": "the first revision says who",
    "places.Place.updated_at": "the last revision says who",
    "places.Place.removed_at": "the revision of the removal says who",
    "places.SourceRecord.fetched_at": "the audit event of the import says who",
    "accounts.Invitation.expires_at": "time does it",
    "places.Claim.expires_at": "time does it",
    "clearance.Grant.expires_at": "time does it",
    "clearance.Grant.reminded_at": "the schedule",
    "accounts.ApiKey.last_used_at": "the key itself",
    "journal.Mail.asked_at": "the audit event of what asked for it says who",
    "journal.Mail.next_try_at": "the schedule",
    "journal.Mail.sent_at": "the schedule, or the request that asked",
    "places.Source.settled_at": "the audit event of the change says who",
    "observatory.Snapshot.taken_at": "the schedule takes it",
    "bookings.Space.archived_at": "the audit event says who",
    "bookings.Unit.retired_at": "the audit event says who",
    "bookings.Booking.changed_at": "the audit event says who",
    "bookings.Booking.arrived_at": "the audit event says who",
    "bookings.Booking.missed_at": "the audit event says who",
    "bookings.Booking.kept_at": "the audit event says who",
    "bookings.Authorisation.withdrawn_at": "the audit event says who",
    "bookings.Waiting.asked_at": "the audit event says who",
    "bookings.Waiting.ended_at": "the audit event says who",
    "bookings.Visit.left_at": "the audit event says who",
    "bookings.Booking.expires_at": "time does it",
    "billing.Hint.seen_at": "the provider",
    "passes.Formula.archived_at": "the audit event says who",
    "people.Organisation.created_at": "the audit event says who",
    "people.Person.created_at": "the audit event says who",
    "people.Person.left_at": "the audit event says who",
    "people.Person.erased_at": "the audit event says who",
    "bookings.Feed.next_read_at": "the timetable reads",
    "bookings.Feed.taken_at": "the timetable reads",
    "bookings.Feed.last_read_at": "the timetable reads",
    "bookings.Feed.whole_read_at": "the timetable reads",
    "exchange.Copy.copied_at": "the instance that tells it",
    "exchange.Peer.seen_at": "the timetable reads",
    "exchange.Peer.tried_at": "the timetable reads",
    "exchange.SetAside.noted_at": "the timetable reads",
    "exchange.Pull.next_run_at": "the timetable reads",
    "exchange.Pull.last_seen_at": "the timetable reads",
    "exchange.Pull.last_entered_at": "its reports say who",
    "exchange.Pull.asked_at": "the reading asks",
    "events.Event.published_at": "the audit event says who",
    "events.Event.archived_at": "the audit event says who",
    "events.Event.changed_at": "the audit event says who",
    "events.Session.cancelled_at": "the audit event says who",
    "events.Session.changed_at": "the audit event says who",
    "events.Registration.asked_at": "the audit event says who",
    "events.Registration.changed_at": "the audit event says who",
    "events.Registration.arrived_at": "the audit event says who",
    "events.Registration.missed_at": "the audit event says who",
    "diagnosis.Kept.made_at": "`by` says who",
    "clearance.Invitation.seen_at": "whoever holds the link of the place",
    "schemes.Redemption.tablet_at": "the clock of the tablet; `redeemed_by` says who",
    "schemes.Claim.tablet_at": "the clock of the tablet; `claimed_by` says who",
}


def fields(kind=models.Field):
    for model in OURS:
        for field in model._meta.get_fields():
            if isinstance(field, kind) and not field.auto_created:
                yield f"{model._meta.label}.{field.name}", model, field


def test_what_happened_says_who_did_it():
    alone = [
        name
        for name, model, field in fields(models.DateTimeField)
        if field.name.endswith("_at")
        and f"{field.name.removesuffix('_at')}_by" not in {other.name for other in model._meta.get_fields()}
    ]
    assert sorted(set(alone) - set(NOBODY_ACTED)) == []
    assert sorted(set(NOBODY_ACTED) - set(alone)) == []


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_a_model_is_named_and_orders_nothing_by_itself(model):
    automatic = model.__name__.lower()
    assert model._meta.verbose_name[0].islower()
    assert str(model._meta.verbose_name_plural) != f"{automatic}s" or str(model._meta.verbose_name) == automatic
    assert list(model._meta.ordering) == []
    assert "__str__" in vars(model) or any(
        "__str__" in vars(base) for base in model.__mro__[1:-2] if base is not models.Model
    )


def test_field_names_are_lower_case_words():
    proper = {
        "Siren",
        "Siret",
        "IBAN",
        "BIC",
        "TVA",
        "France",
        "Petites villes de demain",
        "Action cœur de ville",
        "Villages d’avenir",
    }
    capital = [
        f"{name}: {field.verbose_name}"
        for name, _, field in fields()
        if str(field.verbose_name)[:1].isupper() and not str(field.verbose_name).startswith(tuple(proper))
    ]
    assert capital == []


@pytest.mark.django_db
def test_migrations_are_complete():
    said = io.StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=said)
    assert said.getvalue().strip() in ("No changes detected", "Aucun changement détecté")
