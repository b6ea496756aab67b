import html
import json
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.people import People, signed_in
from tests.web import cast

from maillage.accounts import actions
from maillage.accounts.admin.site import site
from maillage.accounts.models import ApiKey, Invitation, Membership, User
from maillage.accounts.rules import place_scope
from maillage.journal import emails
from maillage.journal.models import AuditEvent, Mail
from maillage.places import actions as places
from maillage.places.models import Place, Revision, Source
from maillage.places.rules.drafts import Draft, SourceFacts


def lists() -> list[str]:
    return [f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in site._registry]


@pytest.fixture
def admin(people: People) -> Client:
    return signed_in(people.operator)


def since(person: Any, *, hours: float) -> Client:
    """Somebody who came in some hours ago."""
    client = signed_in(person)
    session = client.session
    session["account_authentication_methods"] = [{"method": "code", "at": time.time() - hours * 3600}]
    session.save()
    return client


def press(client: Client, name: str, action: str, *objects: Any, said: str = "", confirmed: bool = True) -> Any:
    data = {"action": action, "_selected_action": [str(obj.pk) for obj in objects], "said": said}
    return client.post(reverse(name), data | ({"confirmed": "1"} if confirmed else {}), follow=True)


class TestDoor:
    @pytest.mark.parametrize("key", ["nadine", "karim", "ines", "perrin", "lila", "thomas"])
    def test_nobody_but_an_operator_comes_in(self, people: People, key: str) -> None:
        person = getattr(people, key)
        User.objects.filter(pk=person.user.pk).update(is_staff=True, is_superuser=True)
        client = signed_in(person)
        for name in ("admin:index", "admin:login", *lists()):
            assert client.get(reverse(name)).status_code == 403, name
        assert client.post(reverse("admin:places_place_changelist"), {"action": "remove"}).status_code == 403

    def test_a_visitor_signs_in_first_and_comes_back(self, people: People) -> None:
        for name in lists():
            answer = Client().get(reverse(name))
            assert (answer.status_code, answer["Location"]) == (302, f"/connexion/?next={reverse(name)}")
        assert Client().get(reverse("admin:login"))["Location"] == "/connexion/?next=/administration/"

    def test_an_operator_needs_no_mark_of_djangos(self, people: People, admin: Client) -> None:
        assert not people.operator.user.is_staff
        assert admin.get(reverse("admin:index")).status_code == 200
        assert admin.get(reverse("admin:login"))["Location"] == "/administration/"
        for name in lists():
            assert admin.get(reverse(name)).status_code == 200, name
            assert admin.get(reverse(name), {"q": "maille"}).status_code in (200, 302), name

    def test_a_dismissed_operator_is_out_at_once(self, people: People, admin: Client, now: datetime) -> None:
        actions.give_role(user=people.thomas.user, role="operator", scope="france", by="essai", now=now)
        held = Membership.objects.get(user=people.operator.user)
        actions.dismiss(membership_id=held.pk, scope="france", by="essai", now=now)
        assert admin.get(reverse("admin:index")).status_code == 403

    def test_leaving_and_passwords_are_the_sites_own(self, admin: Client) -> None:
        assert admin.get(reverse("admin:password_change"))["Location"] == reverse("account_change_password")
        assert admin.get(reverse("admin:password_change_done"))["Location"] == reverse("account")
        assert admin.post(reverse("admin:logout"))["Location"] == "/"
        assert admin.get(reverse("admin:index")).status_code == 302

    def test_a_write_needs_a_proof_of_the_last_hour(self, people: People) -> None:
        operator = people.operator.user
        operator.set_password("quatre mots bien choisis")
        operator.save()
        client = since(people.operator, hours=2)
        answer = client.post(reverse("admin:accounts_user_changelist"), {"action": "close"})
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 60}]
        session["account_authentication_methods_user"] = str(operator.pk)
        session.save()
        assert press(client, "admin:accounts_user_changelist", "close", people.karim.user).status_code == 200
        assert not User.objects.get(pk=people.karim.user.pk).is_active
        session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 3700}]
        session.save()
        assert client.post(reverse("admin:accounts_user_changelist"), {"action": "close"}).status_code == 302

    def test_who_has_neither_password_nor_second_proof_comes_in_again(
        self, people: People, coded: Callable[..., Client]
    ) -> None:
        users = reverse("admin:accounts_user_changelist")
        client = since(people.operator, hours=2)
        assert client.get(users).status_code == 200, "reading needs no more"
        refused = press(client, "admin:accounts_user_changelist", "close", people.karim.user)
        assert refused.redirect_chain == [(f"/connexion/?next={users}", 302)]
        said = "Avant de changer quelque chose ici, entrez de nouveau\u202f: vous êtes là depuis plus d’une heure."
        assert said in refused.content.decode()
        assert User.objects.get(pk=people.karim.user.pk).is_active
        assert client.get(users).status_code == 302, "the old session is over"
        coded(people.operator.email, client, then=users)
        assert client.last["Location"] == users
        press(client, "admin:accounts_user_changelist", "close", people.karim.user)
        assert not User.objects.get(pk=people.karim.user.pk).is_active

    def test_who_has_come_in_by_a_link_needs_no_more(self, people: People, now: datetime) -> None:
        made = actions.invite(
            email="o@exemple.fr", role="operator", scope="france", by="essai", now=timezone.now(), signs_in=True
        )
        client = Client()
        assert client.post(reverse("invitation", args=[made.token])).status_code == 302
        press(client, "admin:accounts_user_changelist", "close", people.karim.user)
        assert not User.objects.get(pk=people.karim.user.pk).is_active


class TestHistoryIsReadOnly:
    """Nobody edits what happened: neither a form nor a deletion exists, whoever asks."""

    def rows(self, people: People, now: datetime) -> list[Any]:
        emails.keep(to="a@exemple.fr", subject="Code", body="123456", now=now)
        return [
            AuditEvent.objects.latest("pk"),
            Revision.objects.latest("pk"),
            Mail.objects.latest("pk"),
            Place.objects.first(),
            Invitation.objects.latest("pk"),
            people.karim.user,
            Membership.objects.first(),
        ]

    def test_no_form_changes_a_row(self, people: People, admin: Client, now: datetime) -> None:
        for row in self.rows(people, now):
            name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
            before = type(row)._base_manager.filter(pk=row.pk).values().get()
            assert admin.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200, name
            posted = admin.post(reverse(f"{name}_change", args=[row.pk]), {"name": "autre", "by": "autre"})
            assert posted.status_code == 403, name
            assert admin.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403, name
            if row._meta.model_name != "membership":
                assert admin.post(reverse(f"{name}_add"), {}).status_code == 403, name
            assert type(row)._base_manager.filter(pk=row.pk).values().get() == before

    def test_no_table_offers_deletion(self, admin: Client) -> None:
        request = admin.get(reverse("admin:index")).wsgi_request
        for model, shown in site._registry.items():
            assert "delete_selected" not in shown.get_actions(request), model
            assert not shown.has_delete_permission(request), model

    def test_secrets_stay_out_of_sight(self, people: People, admin: Client, now: datetime) -> None:
        people.karim.user.set_password("quatre mots bien choisis")
        people.karim.user.save()
        key, _ = actions.make_key(
            name="Site", role="colleague", scope=place_scope(people.place.pk), by="essai", now=now
        )
        invitation = Invitation.objects.latest("pk")
        emails.keep(to="a@exemple.fr", subject="Code", body="CANARI-123456", now=now)
        secrets = [key.digest, invitation.digest, people.karim.user.password, "CANARI-123456"]
        for row in (key, invitation, people.karim.user, Mail.objects.latest("pk")):
            page = admin.get(
                reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
            ).content.decode()
            assert not [secret for secret in secrets if secret in page]

    def test_a_mail_shows_neither_code_nor_link(self, admin: Client, now: datetime) -> None:
        mails = reverse("admin:journal_mail_changelist")
        link = "https://lieux.example/invitation/CANARI-jeton/"
        emails.keep(to="a@exemple.fr", subject=f"691-777-848 : votre code {link}", body="b", now=now)
        mail = Mail.objects.latest("pk")
        Mail.objects.update(trouble=f"550 refusé : 691777848 {link}")
        pages = [admin.get(mails), admin.get(reverse("admin:journal_mail_change", args=[mail.pk]))]
        pages += [press(admin, "admin:journal_mail_changelist", "send_again", mail, confirmed=False)]
        for page in pages:
            text = page.content.decode()
            assert "••• : votre code •••" in text
            assert not re.search("691|777|848|CANARI", text.split('id="content"')[1])
        assert "550 refusé : ••• •••" in pages[0].content.decode()
        assert list(admin.get(mails, {"q": "691"}).context["cl"].result_list) == []
        for probed in ("subject", "subject__startswith", "trouble__contains", "body__contains"):
            assert admin.get(mails, {probed: "691"}).status_code in (302, 400), probed

    def test_the_history_of_a_row_is_the_journals(self, people: People, admin: Client) -> None:
        answer = admin.get(reverse("admin:places_place_history", args=[people.place.pk]))
        assert answer["Location"] == f"/administration/journal/auditevent/?subject={people.place.pk}"
        assert admin.get(answer["Location"]).status_code == 200
        assert admin.get(reverse("admin:places_place_history", args=["x"])).status_code == 404


class TestWords:
    """Lists say roles, states and scopes as people do, and never the address that stands for somebody erased."""

    def cells(self, page: Any) -> str:
        text = page.content.decode()
        return " ".join(re.findall(r'(?s)<(?:td|th) class="field-.*?</t[dh]>', text))

    def filters(self, page: Any) -> list[str]:
        return [
            html.unescape(one).strip()
            for one in re.findall(r'(?s)<a href="\?[^"]*">\s*([^<]+)</a>', page.content.decode())
        ]

    def test_lists(self, people: People, admin: Client, now: datetime) -> None:
        here = place_scope(people.place.pk)
        actions.make_key(name="Site", role="colleague", scope=here, by="essai", now=now)
        for table in ("membership", "invitation", "apikey"):
            page = admin.get(reverse(f"admin:accounts_{table}_changelist"))
            cells, offered = self.cells(page), self.filters(page)
            assert people.place.name in html.unescape(cells) and "Équipe du lieu" in cells, table
            assert "Équipe du lieu" in offered and "colleague" not in offered, table
            assert not re.search(r">(colleague|facilitator|observer|operator|epci:\d+|reg:\d+|place:[-\w]+)<", cells), (
                table
            )
            assert len(admin.get(page.request["PATH_INFO"] + "?role=colleague").context["cl"].result_list), table
        page = admin.get(reverse("admin:places_place_changelist"))
        assert (
            "Ouvert au public" in self.cells(page)
            and "Ouvert au public" in self.filters(page)
            and "open" not in self.filters(page)
        )
        assert "Plusieurs activités" in self.filters(page)

    def test_pages_of_one_row(self, people: People, admin: Client) -> None:
        made = Invitation.objects.latest("pk")
        for row in (made, people.karim.user):
            name = f"admin:accounts_{row._meta.model_name}_change"
            page = html.unescape(admin.get(reverse(name, args=[row.pk])).content.decode())
            assert not re.search(r">(colleague|facilitator)<|>place:", page)
        assert str(made) == f"{made.email}, Animation du lieu"

    def test_somebody_erased(self, people: People, admin: Client, client_of: Any, now: datetime) -> None:
        actions.erase(user=people.karim.user, by="essai", now=now)
        karim = people.karim.user
        made = Invitation.objects.get(used_by=karim)
        by = f"compte:{karim.pk}:facilitator"
        actions.make_key(name="x", role="colleague", scope=made.scope, by=by, now=now)
        pages = [reverse(f"admin:accounts_{table}_changelist") for table in ("user", "invitation")]
        pages += [reverse("admin:accounts_user_change", args=[karim.pk])]
        pages += [reverse("admin:accounts_invitation_change", args=[made.pk])]
        for address in pages:
            page = admin.get(address).content.decode()
            assert "efface-" not in page and "Compte effacé" in page, address
        desk = [reverse(name, args=[people.place.slug]) for name in ("manage_team", "manage_keys")]
        for prefix, said in (("", "compte effacé"), ("/en", "erased account")):
            for address in desk:
                page = client_of(people.nadine).get(prefix + address).content.decode()
                assert "efface-" not in page and said in page, (prefix, address)


class TestActs:
    def test_an_act_is_asked_once_more_before_it_is_done(self, people: People, admin: Client) -> None:
        asked = press(admin, "admin:accounts_user_changelist", "erase", people.karim.user, confirmed=False)
        assert asked.status_code == 200
        assert 'name="confirmed"' in asked.content.decode()
        assert User.objects.get(pk=people.karim.user.pk).name == "Karim"

    def test_a_closed_account_is_out_at_once_and_may_come_back(self, people: People, admin: Client) -> None:
        karim = signed_in(people.karim)
        desk = f"/gerer/{people.place.slug}/"
        assert karim.get(desk).status_code != 302
        press(admin, "admin:accounts_user_changelist", "close", people.karim.user)
        assert karim.get(desk).status_code == 302
        press(admin, "admin:accounts_user_changelist", "open_again", people.karim.user)
        assert User.objects.get(pk=people.karim.user.pk).is_active
        assert karim.get(desk).status_code == 302
        by = f"compte:{people.operator.user.pk}:operator"
        assert list(
            AuditEvent.objects.filter(by=by)
            .exclude(action="accounts.joined")
            .order_by("pk")
            .values_list("action", flat=True)
        ) == [
            "accounts.deactivated",
            "accounts.opened_again",
        ]

    @pytest.mark.parametrize(
        ("table", "action"),
        [("accounts_user", "close"), ("accounts_user", "erase"), ("accounts_membership", "dismiss")],
    )
    def test_the_last_operator_stays(self, people: People, admin: Client, table: str, action: str) -> None:
        user = people.operator.user
        row = user if table == "accounts_user" else Membership.objects.get(user=user)
        answer = press(admin, f"admin:{table}_changelist", action, row)
        assert (
            "C’est le seul compte qui exploite ce site : donnez d’abord ce rôle à quelqu’un d’autre."
            in answer.content.decode()
        )
        assert admin.get(reverse("admin:index")).status_code == 200

    def test_a_role_is_given_changed_and_taken_with_its_events(self, people: People, admin: Client) -> None:
        add = reverse("admin:accounts_membership_add")
        scope = place_scope(people.place.pk)
        thomas = people.thomas.user
        for role in ("facilitator", "colleague"):
            answer = admin.post(add, {"user": thomas.pk, "role": role, "scope": scope})
            assert answer.status_code == 302, answer.content
            assert Membership.objects.get(user=thomas).role == role
        press(admin, "admin:accounts_membership_changelist", "dismiss", Membership.objects.get(user=thomas))
        assert not Membership.objects.filter(user=thomas).exists()
        own = AuditEvent.objects.filter(by=f"compte:{people.operator.user.pk}:operator")
        told = own.exclude(action="accounts.joined").order_by("pk")
        assert [event.action for event in told] == [
            "accounts.role_given",
            "accounts.role_given",
            "accounts.dismissed",
        ]

    def test_a_role_where_it_makes_no_sense_is_refused_in_the_form(self, people: People, admin: Client) -> None:
        add = reverse("admin:accounts_membership_add")
        answer = admin.post(add, {"user": people.thomas.user.pk, "role": "colleague", "scope": "dep:39"})
        assert answer.status_code == 200
        assert answer.context["adminform"].form.errors == {
            "scope": ["Le rôle « Équipe du lieu » se donne dans un lieu : nommez ce lieu."]
        }
        assert not Membership.objects.filter(user=people.thomas.user).exists()

    @pytest.mark.parametrize(
        "said",
        [
            "place:{slug}",
            " /lieux/{slug}/ ",
            "http://localhost:8000/lieux/{slug}/",
            "https://lieux.example/en/lieux/{slug}/?de=liste#horaires",
            "/gerer/{slug}/equipe/",
            "place:{pk}",
            "/lieux/ancienne-adresse/",
        ],
    )
    def test_a_place_is_named_by_the_address_of_its_page(
        self, people: People, admin: Client, now: datetime, said: str
    ) -> None:
        slug = people.place.slug
        places.rename_slug(place_id=people.place.pk, slug="ancienne-adresse", by="essai", now=now)
        places.rename_slug(place_id=people.place.pk, slug=slug, by="essai", now=now)
        thomas = people.thomas.user
        scope = said.format(slug=slug, pk=people.place.pk)
        answer = admin.post(
            reverse("admin:accounts_membership_add"), {"user": thomas.pk, "role": "colleague", "scope": scope}
        )
        assert answer.status_code == 302, answer.context["adminform"].form.errors
        assert Membership.objects.get(user=thomas).scope == place_scope(people.place.pk)

    def test_the_page_of_a_place_leads_to_its_pages_and_to_a_role_there(self, people: People, admin: Client) -> None:
        place = people.place
        page = admin.get(reverse("admin:places_place_change", args=[place.pk])).content.decode()
        role = f"{reverse('admin:accounts_membership_add')}?scope=place%3A{place.slug}"
        assert str(place.pk) in page
        for address in (reverse("place", args=[place.slug]), reverse("manage", args=[place.slug]), role):
            assert f'href="{address}"' in page, address
        assert f'value="place:{place.slug}"' in admin.get(role).content.decode()

    @pytest.mark.parametrize(
        ("scope", "refusal"),
        [
            (
                "dep:999",
                "« dep:999 » n’est pas sur le fond de territoire chargé : vérifiez ce code Insee ou Siren, "
                "ou écrivez un nom pour lire les codes, comme dep:Jura.",
            ),
            ("reg:Jura", "« reg:Jura » n’est pas un territoire d’ici. Le plus proche : dep:39 (Jura)."),
            (
                "place:nulle-part",
                "Aucun lieu n’est à l’adresse « nulle-part » : ouvrez la page du lieu, et copiez son adresse.",
            ),
            (
                place_scope("00000000-0000-4000-8000-000000000001"),
                "Aucun lieu n’a cet identifiant\u202f: donnez plutôt l’adresse de sa page.",
            ),
        ],
    )
    def test_a_role_where_there_is_nothing_is_refused_in_the_form(
        self, people: People, admin: Client, scope: str, refusal: str
    ) -> None:
        add = reverse("admin:accounts_membership_add")
        answer = admin.post(add, {"user": people.thomas.user.pk, "role": "observer", "scope": scope})
        assert answer.status_code == 200
        assert answer.context["adminform"].form.errors == {"scope": [refusal]}
        assert not Membership.objects.filter(user=people.thomas.user).exists()

    def test_links_and_keys_are_taken_back(self, people: People, admin: Client, now: datetime) -> None:
        scope = place_scope(people.place.pk)
        made = actions.invite(email="z@exemple.fr", role="colleague", scope=scope, by="essai", now=timezone.now())
        key, _ = actions.make_key(name="Site", role="colleague", scope=scope, by="essai", now=now)
        press(admin, "admin:accounts_invitation_changelist", "revoke", made.invitation)
        press(admin, "admin:accounts_apikey_changelist", "revoke", key)
        assert Client().get(reverse("invitation", args=[made.token])).status_code == 404
        assert ApiKey.objects.get().revoked_at

    def test_a_place_is_removed_with_a_reason_renamed_and_brought_back(self, people: People, admin: Client) -> None:
        name, place = "admin:places_place_changelist", people.place
        press(admin, name, "remove", place)
        assert Place.objects.get(pk=place.pk).removed_at is None
        press(admin, name, "remove", place, said="doublon")
        assert Place.objects.get(pk=place.pk).removed_reason == "doublon"
        press(admin, name, "restore", place)
        assert Place.objects.get(pk=place.pk).removed_at is None
        press(admin, name, "rename", place, said="chez-nadine")
        assert Place.objects.get(pk=place.pk).slug == "chez-nadine"
        answer = press(admin, name, "rename", people.other, said="chez-nadine")
        assert "L’adresse «\u202fchez-nadine\u202f» est déjà prise" in answer.content.decode()

    def test_a_mail_given_up_leaves_again(self, admin: Client, now: datetime) -> None:
        emails.keep(to="a@exemple.fr", subject="Code", body="123456", now=now)
        Mail.objects.update(attempts=8, next_try_at=None)
        press(admin, "admin:journal_mail_changelist", "send_again", Mail.objects.get())
        assert Mail.objects.get().attempts == 0

    def test_djangos_own_log_keeps_nobodys_name(self, people: People, admin: Client) -> None:
        press(admin, "admin:accounts_user_changelist", "close", people.karim.user)
        scope = place_scope(people.place.pk)
        admin.post(
            reverse("admin:accounts_membership_add"),
            {"user": people.thomas.user.pk, "role": "colleague", "scope": scope},
        )
        assert not LogEntry.objects.exists()


class TestSources:
    def test_trust_changes_what_is_shown_at_once_and_the_next_file_does_not_undo_it(
        self, people: People, admin: Client, now: datetime
    ) -> None:
        place = people.place
        other = SourceFacts("reseau", "Réseau", "Licence Ouverte 2.0", rank=1)
        values = {"name": "La Maille du réseau", "commune": place.commune_id}
        said = Draft("reseau", "1", values, values, "Licence Ouverte 2.0", dated="2020-01", place_id=place.pk)
        places.record_many(drafts=[said], sources={"reseau": other}, by="essai", now=now)
        assert Place.objects.get(pk=place.pk).name == place.name
        source = Source.objects.get(slug="reseau")
        form = {"name": "Réseau du Jura", "publisher": "Inès", "url": "https://reseau.example/", "rank": 3}
        answer = admin.post(reverse("admin:places_source_change", args=[source.pk]), form)
        assert answer.status_code == 302, answer.content
        assert Place.objects.get(pk=place.pk).name == "La Maille du réseau"
        event = AuditEvent.objects.get(action="places.source_settled")
        assert (event.subject, event.detail["rank"], event.detail["changed"]) == ("reseau", [1, 3], 1)
        last = Revision.objects.filter(place=place).latest("number")
        assert (last.by, last.reason) == (
            f"compte:{people.operator.user.pk}:operator",
            "Confiance en « Réseau du Jura » : rang 1 → 3",
        )
        places.record_many(drafts=[said], sources={"reseau": other}, by="essai", now=now + timedelta(days=1))
        source.refresh_from_db()
        assert (source.name, source.rank, source.licence) == ("Réseau du Jura", 3, "Licence Ouverte 2.0")
        assert Place.objects.get(pk=place.pk).name == "La Maille du réseau"

    def test_the_same_words_again_write_nothing(self, people: People, admin: Client) -> None:
        source = Source.objects.get(slug=cast.CENSUS.slug)
        form = {"name": source.name, "publisher": source.publisher, "url": source.url, "rank": source.rank}
        assert admin.post(reverse("admin:places_source_change", args=[source.pk]), form).status_code == 302
        assert not AuditEvent.objects.filter(action="places.source_settled").exists()
        form["rank"] = 9
        assert admin.post(reverse("admin:places_source_change", args=[source.pk]), form).status_code == 200


class TestErasure:
    NAME, EMAIL, SECOND = "Zénobie Quatrepoints", "zenobie@quatrepoints.example", "autre@quatrepoints.example"

    def everything_written(self) -> str:
        """Every value of every row of every table, as one text."""
        said = []
        for model in apps.get_models(include_auto_created=True):
            for row in model._base_manager.values():
                said += [json.dumps(row, default=str, ensure_ascii=False)]
            if model is Session:
                said += [str(row.get_decoded()) for row in Session.objects.all()]
        return "\n".join(said)

    def test_nothing_is_left_of_somebody_erased_but_what_they_did(
        self, people: People, admin: Client, now: datetime
    ) -> None:
        scope = place_scope(people.place.pk)
        made = actions.invite(email=self.EMAIL, role="colleague", scope=scope, by="essai", now=now)
        user = actions.accept(token=made.token, by=None, now=now, name=self.NAME).user
        actions.invite(email=self.SECOND.upper(), role="colleague", scope=scope, by="essai", now=now)
        EmailAddress.objects.create(user=user, email=self.SECOND, verified=True)
        Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
        by = f"compte:{user.pk}:colleague"
        places.confirm_place(place_id=people.place.pk, by=by, now=now)
        actions.invite_by_mail(
            email="ami@exemple.fr",
            role="colleague",
            scope=scope,
            place_name="La Maille",
            inviter=self.NAME,
            by=by,
            now=now,
        )
        emails.keep(to=self.EMAIL, subject="Votre code", body=f"Bonjour {self.NAME}", now=now)
        client = Client()
        client.force_login(user)
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "email": self.EMAIL}]
        session.save()
        before = self.everything_written()
        assert self.NAME in before and self.EMAIL in before and self.SECOND in before

        press(admin, "admin:accounts_user_changelist", "erase", user)

        after = self.everything_written().lower()
        for trace in (self.NAME, self.EMAIL, self.SECOND, "quatrepoints", "zénobie", "zenobie"):
            assert trace.lower() not in after
        user.refresh_from_db()
        assert (str(user), user.is_active, user.has_usable_password()) == ("compte effacé", False, False)
        for table in (Membership, EmailAddress, Authenticator, UserSession):
            assert not table.objects.filter(user=user).exists(), table
        assert client.get("/mon-compte/").status_code == 302
        assert Place.objects.get(pk=people.place.pk).confirmed_by == by
        assert AuditEvent.objects.filter(by=by, action="places.confirmed").exists()
        assert not Invitation.objects.filter(used_at__isnull=True, revoked_at__isnull=True, created_by=by).exists()

    def test_the_same_person_may_come_again_as_somebody_new(self, people: People, now: datetime) -> None:
        scope, email = place_scope(people.place.pk), people.karim.email
        actions.erase(user=people.karim.user, by="essai", now=now)
        made = actions.invite(email=email, role="observer", scope=scope, by="essai", now=now)
        again = actions.accept(token=made.token, by=None, now=now).user
        assert again.pk != people.karim.user.pk


@pytest.mark.parametrize("asked", ["user/?password__startswith=argon", "invitation/?digest__startswith=a"])
def test_no_address_tries_out_a_fingerprint(admin: Client, asked: str) -> None:
    assert admin.get(f"/administration/accounts/{asked}").status_code == 400


@pytest.mark.parametrize("chosen", ["abc", "9223372036854775808"])
def test_a_row_that_cannot_be_is_not_there(admin: Client, chosen: str) -> None:
    posted = {"action": "close", "_selected_action": chosen, "confirmed": "1"}
    assert admin.post("/administration/accounts/user/", posted).status_code == 404
    posted = {"user": chosen, "role": "operator", "scope": "france"}
    assert admin.post("/administration/accounts/membership/add/", posted).status_code == 200


@pytest.mark.parametrize("asked", ["a ba " * 2_000, "a" * 9_000])
def test_a_search_without_end_is_cut_short(admin: Client, asked: str) -> None:
    for table in ("places_place", "accounts_user", "journal_auditevent"):
        assert admin.get(reverse(f"admin:{table}_changelist"), {"q": asked}).status_code == 200
