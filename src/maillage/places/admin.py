"""Places, sources and their history, as the operator reads them; three acts on a place, four words on a source."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from maillage.accounts.admin.shown import Shown, act, column, signature_in_words, signed, words_filter
from maillage.accounts.admin.site import site
from maillage.places import actions
from maillage.places.actions.lifecycle import PlaceRefused
from maillage.places.actions.sources import settle_source
from maillage.places.labels import LABELS
from maillage.places.models import Photo, Place, Revision, Source, SourceRecord

CODED = ("status", "precision", "category", "closed_cause")


def _coded(field: str, title: Any) -> Any:
    return column(field, title, lambda code: LABELS[field].get(code, code))


IN_PLACE = column("place__name", _("lieu"), str)


@admin.register(Place, site=site)
class Places(Shown):
    refusals = (PlaceRefused,)
    list_display = ("name", "slug", "city", "status_in_words", "updated_at", "removed_at", "is_demo")
    list_filter = (
        ("status", words_filter(LABELS["status"])),
        ("removed_at", admin.EmptyFieldListFilter),
        "is_demo",
        ("category", words_filter(LABELS["category"])),
    )
    search_fields = ("sort_name", "slug", "city")
    ordering = ("sort_name", "pk")
    exclude = ("search_text", "sort_name", *CODED, "confirmed_by")
    readonly_fields = ("identifier", "pages", *(f"{name}_in_words" for name in CODED), "confirmer")
    actions = ("remove", "restore", "rename")

    def get_fields(self, request: HttpRequest, obj: Place | None = None) -> list[Any]:
        told = [name for name in super().get_fields(request, obj) if name not in self.readonly_fields]
        return [*self.readonly_fields[:2], *told, *self.readonly_fields[2:]]

    @admin.display(description=_("identifiant"))
    def identifier(self, place: Place) -> str:
        return str(place.pk)

    @admin.display(description=_("pages"))
    def pages(self, place: Place) -> str:
        role = f"{reverse('admin:accounts_membership_add')}?{urlencode({'scope': f'place:{place.slug}'})}"
        links = [(reverse("place", args=[place.slug]), _("Page publique")), (role, _("Y donner un rôle"))]
        if place.removed_at is None:
            links.insert(1, (reverse("manage", args=[place.slug]), _("Gérer")))
        return format_html_join(" · ", '<a href="{}">{}</a>', links)

    status_in_words = _coded("status", _("état"))
    precision_in_words = _coded("precision", _("précision"))
    category_in_words = _coded("category", _("catégorie déduite"))
    closed_cause_in_words = _coded("closed_cause", _("cause de fermeture"))
    confirmer = column("confirmed_by", _("confirmé par"), signature_in_words)

    @act(
        _("Retirer ces lieux du registre"),
        _("Leurs pages diront qu’ils sont retirés, avec ce motif. Aucun import ne les fera revenir."),
        asks=_("Motif"),
    )
    def remove(self, request: HttpRequest, place: Place, said: str) -> None:
        actions.remove_place(place_id=place.pk, reason=said, by=signed(request), now=timezone.now())

    @act(_("Rendre ces lieux au registre"), _("Leurs pages reviennent, telles qu’elles étaient."))
    def restore(self, request: HttpRequest, place: Place, said: str) -> None:
        actions.restore_place(place_id=place.pk, by=signed(request), now=timezone.now())

    @act(
        _("Donner une autre adresse"),
        _("L’ancienne adresse mènera toujours à la nouvelle. Choisissez un seul lieu."),
        asks=_("Nouvelle adresse, sans espaces ni accents"),
    )
    def rename(self, request: HttpRequest, place: Place, said: str) -> None:
        actions.rename_slug(place_id=place.pk, slug=said, by=signed(request), now=timezone.now())


@admin.register(Source, site=site)
class Sources(Shown):
    list_display = ("name", "slug", "publisher", "licence", "rank", "settled_at", "is_demo")
    search_fields = ("name", "slug", "publisher")
    ordering = ("name",)
    fields = ("slug", "name", "publisher", "url", "rank", "licence", "is_demo", "settled_at")
    readonly_fields = ("slug", "licence", "is_demo", "settled_at")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return site.has_permission(request)

    def subject(self, obj: Source) -> str:
        return obj.slug

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:
        changed = settle_source(
            source_id=obj.pk,
            name=obj.name,
            publisher=obj.publisher,
            url=obj.url,
            rank=obj.rank,
            by=signed(request),
            now=timezone.now(),
        )
        if "rank" in form.changed_data:
            told = ngettext("%d fiche a changé.", "%d fiches ont changé.", changed) % changed
            messages.info(request, told)


@admin.register(SourceRecord, site=site)
class Records(Shown):
    where = IN_PLACE
    list_display = ("where", "source", "ref", "dated", "fetched_at")
    exclude = ("place",)
    readonly_fields = ("where",)
    list_filter = ("source",)
    search_fields = ("ref", "place__sort_name", "place__slug")
    list_select_related = ("place", "source")
    ordering = ("-pk",)


@admin.register(Revision, site=site)
class Revisions(Shown):
    where = IN_PLACE
    who = column("by", _("par"), signature_in_words)
    list_display = ("at", "where", "number", "who", "reason")
    exclude = ("place", "by")
    readonly_fields = ("where", "who")
    list_filter = ("at",)
    search_fields = ("place__sort_name", "place__slug", "by", "reason")
    list_select_related = ("place",)
    ordering = ("-pk",)


@admin.register(Photo, site=site)
class Photos(Shown):
    where = IN_PLACE
    adder = column("added_by", _("ajoutée par"), signature_in_words)
    remover = column("removed_by", _("retirée par"), signature_in_words)
    list_display = ("where", "alt", "credit", "licence", "added_at", "adder")
    exclude = ("place", "added_by", "removed_by")
    readonly_fields = ("where", "adder", "remover")
    search_fields = ("place__sort_name", "place__slug", "alt", "credit")
    list_select_related = ("place",)
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Photo]:
        return Photo._base_manager.order_by(*self.ordering)
