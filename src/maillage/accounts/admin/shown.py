"""Tables as the operator sees them: read, and changed only by the acts of the house, each with its audit event."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet, URLField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maillage.accounts import labels, queries
from maillage.accounts.admin.site import site
from maillage.accounts.permissions import scope_name
from maillage.accounts.rules import EVERYWHERE, OPERATOR, is_erased, place_scope, read_signature, signature
from maillage.journal.labels import DETAILS
from maillage.journal.queries import once

MOST_AT_ONCE = 100
LONGEST_SEARCH, MOST_WORDS = 200, 10
BIGGEST_KEY = 2**63 - 1
NO_PLACE = "00000000-0000-4000-8000-000000000000"
Words = str | Promise


def signed(request: HttpRequest) -> str:
    """How an operator signs."""
    return signature(int(str(request.user.pk)), OPERATOR)


class Shown(admin.ModelAdmin):
    """A table nobody edits here; what changes it are acts, offered in the list above its rows."""

    refusals: tuple[type[Exception], ...] = ()
    show_full_result_count = False
    list_per_page = 50
    formfield_overrides: ClassVar[dict[Any, Any]] = {URLField: {"assume_scheme": "https"}}
    empty_value_display = "–"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """No address of a list may try out what the list does not show, a fingerprint say, letter by letter."""
        filters = {one[0] if isinstance(one, tuple) else one for one in self.list_filter}
        shown = {str(name) for name in (*filters, *self.list_display, "subject", "id")}
        return lookup.split("__")[0] in shown and super().lookup_allowed(lookup, value, request)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """Each word is one more condition: past a few, a database refuses the question."""
        return super().get_search_results(
            request, queryset, " ".join(search_term[:LONGEST_SEARCH].split()[:MOST_WORDS])
        )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    # Acts are written by the house's own journal, where nobody changes them; Django's would keep names for ever.
    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        return None

    def subject(self, obj: Any) -> str:
        """What audit events call this."""
        return str(obj.pk)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *where: Any) -> HttpResponse | None:
        """Rows that cannot be are not there; Django would fail on them."""
        for given in request.POST.getlist(ACTION_CHECKBOX_NAME):
            try:
                key = self.opts.pk.to_python(given)
            except ValidationError as wrong:
                raise Http404 from wrong
            if isinstance(key, int) and not 0 <= key <= BIGGEST_KEY:
                raise Http404
        return super().response_action(request, queryset, *where)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        events = reverse("admin:journal_auditevent_changelist")
        return HttpResponseRedirect(f"{events}?{urlencode({'subject': self.subject(obj)})}")


Act = Callable[[Any, HttpRequest, Any, str], None]
Action = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]


def act(title: Words, question: Words, *, asks: Words = "") -> Callable[[Act], Action]:
    """An act on chosen rows, asked once more before it is done; `asks` names a text it needs."""

    def make(do: Act) -> Action:
        @admin.action(description=cast("str", title))
        @wraps(do)
        def action(self: Shown, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
            chosen = list(queryset[:MOST_AT_ONCE])
            said = request.POST.get("said", "").strip()[:300]
            if "confirmed" not in request.POST or (asks and not said):
                return _ask(self, request, do.__name__, title, question, asks, chosen)
            done = 0
            for obj in chosen:
                try:
                    do(self, request, obj, said)
                    done += 1
                except self.refusals as refusal:
                    messages.error(request, f"{obj}\u202f: {refusal}")
            if done:
                messages.success(request, ngettext("Fait\u202f: %d ligne.", "Fait\u202f: %d lignes.", done) % done)
            return None

        return action

    return make


def _ask(
    shown: Shown, request: HttpRequest, name: str, title: Words, question: Words, asks: Words, chosen: list[Any]
) -> HttpResponse:
    context = {
        **site.each_context(request),
        "title": title,
        "question": question,
        "asks": asks,
        "missing": asks and "confirmed" in request.POST,
        "name": name,
        "chosen": chosen,
        "opts": shown.opts,
        "back": reverse(f"admin:{shown.opts.app_label}_{shown.opts.model_name}_changelist"),
    }
    return TemplateResponse(request, "accounts/admin/confirm.html", context)


def scope_in_words(scope: str) -> str:
    """Where, as the lists of the administration write it; each place and territory is read once per page."""
    if scope == EVERYWHERE:
        return _("tout le site")
    return once(f"scope:{scope}", lambda: scope_name(scope)) or scope


def signature_in_words(by: str) -> str:
    """Who signed: a person and their role, a program, a command or the background work; read once per page."""
    return once(f"signed:{by}", lambda: _signature_in_words(by))


def _signature_in_words(by: str) -> str:
    kind, __, rest = by.partition(":")
    if kind == "commande":
        return _("la commande maillage %(name)s") % {"name": rest}
    if kind == "tâche":
        return _("le travail de fond (%(name)s)") % {"name": rest}
    if by in (keys := queries.key_names([by])):
        return _("la clé de programme «\u202f%(name)s\u202f»") % {"name": keys[by][0]}
    read = read_signature(by)
    if read is None:
        return by
    name = queries.names([by]).get(by, _("compte effacé"))
    return f"{name} ({labels.ROLES[read[1]]})" if read[1] in labels.ROLES else name


def subject_in_words(subject: str) -> str:
    """What an event is about: a place, a territory, an account, else as it is written."""
    kind, __, rest = subject.partition(":")
    if kind == "compte" and rest.isdigit():
        return signature_in_words(f"{subject}:self")
    if not rest and len(subject) == len(NO_PLACE):
        return scope_in_words(place_scope(subject)).removeprefix("place:")
    return scope_in_words(subject) if rest else subject


def detail_in_words(detail: Mapping[str, Any]) -> str:
    """What an event adds, each thing under its name."""
    return "\u202f; ".join(
        f"{DETAILS.get(key, key)}\u202f: {_value(value)}" for key, value in detail.items() if value != ""
    )


def _value(value: Any) -> str:
    if isinstance(value, list):
        return " → ".join(map(_value, value)) if len(value) == 2 else ", ".join(map(_value, value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {_value(one)}" for key, one in value.items())
    return str(labels.ROLES.get(value, value)) if isinstance(value, str) else str(value)


def column(field: str, title: Words, words: Callable[[Any], Any]) -> Any:
    """A column of a table in words, still in the order of the field it tells."""

    @admin.display(description=cast("str", title), ordering=field)
    def show(self: Any, obj: Any) -> str:
        value: Any = obj
        for name in field.split("__"):
            value = getattr(value, name)
        return str(words(value)) if value or value == 0 else ""

    return show


def moment(at: datetime) -> str:
    """A moment, in the time of this site."""
    return date_format(localtime(at), "DATETIME_FORMAT")


def email_in_words(email: str) -> str:
    """An address, or what is left of somebody erased."""
    return _("Compte effacé") if is_erased(email) else email


def words_filter(words: Mapping[str, Words]) -> type[admin.AllValuesFieldListFilter]:
    """The filter of a list by the codes of a column, said in words."""

    class InWords(admin.AllValuesFieldListFilter):
        def choices(self, changelist: Any) -> Iterator[Any]:
            for one in super().choices(changelist):
                code, space, count = str(one["display"]).partition(" (")
                yield {**one, "display": f"{words.get(code, code)}{space}{count}"}

    return InWords
