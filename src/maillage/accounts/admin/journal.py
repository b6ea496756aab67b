"""What happened, and the mails: read by the operator, changed by nobody."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from maillage.accounts.admin.shown import (
    Shown,
    act,
    column,
    detail_in_words,
    signature_in_words,
    signed,
    subject_in_words,
    words_filter,
)
from maillage.accounts.admin.site import site
from maillage.journal import actions
from maillage.journal.labels import ACTS
from maillage.journal.models import AuditEvent, Mail
from maillage.journal.rules import masked


@admin.register(AuditEvent, site=site)
class Events(Shown):
    act = column("action", _("acte"), lambda action: ACTS.get(action, action))
    who = column("by", _("par"), signature_in_words)
    about = column("subject", _("objet"), subject_in_words)
    told = column("detail", _("détail"), detail_in_words)
    list_display = ("at", "act", "who", "about", "told")
    fields = readonly_fields = list_display
    list_filter = ("at", ("action", words_filter(ACTS)))
    search_fields = ("by", "action", "subject")
    ordering = ("-pk",)


@admin.register(Mail, site=site)
class Mails(Shown):
    """No code and no link of a mail is in sight, nor found by search, filter or order: they open somebody's account."""

    list_display = ("to", "about", "asked_at", "sent_at", "attempts", "next_try_at", "said_trouble")
    list_filter = ("asked_at",)
    search_fields = ("to",)
    ordering = ("-pk",)
    fields = readonly_fields = list_display
    actions = ("send_again",)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return not lookup.startswith("subject") and super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("sujet"))
    def about(self, mail: Mail) -> str:
        return masked(mail.subject)

    @admin.display(description=_("dernier ennui"))
    def said_trouble(self, mail: Mail) -> str:
        return masked(mail.trouble)

    @act(_("Essayer encore"), _("Ces courriels seront essayés de nouveau dans la minute."))
    def send_again(self, request: HttpRequest, mail: Mail, said: str) -> None:
        actions.send_again(mail_id=mail.pk, by=signed(request), now=timezone.now())
