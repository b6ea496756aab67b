"""People come in by code, password, passkey or application, and see everything of their account."""

import html
import json
import re
from pathlib import Path

import allauth
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.test import Client
from django.urls import reverse
from tests.accounts.conftest import PASSWORD, code_of
from tests.authorisation.world import credential
from tests.people import signed_in

from maillage.accounts import actions
from maillage.accounts.models import Membership, User
from maillage.accounts.views.sessions import browser_words
from maillage.journal.models import AuditEvent

pytestmark = pytest.mark.django_db

OURS = Path(settings.PACKAGE) / "accounts" / "templates"
THEIRS = Path(allauth.__file__).parent / "templates"
NEVER_RENDERED = re.compile(
    r"account/(.*phone.*|signup\.html|signup_by_passkey\.html|base_.*\.html|snippets/.*|verified_email_required\.html"
    r"|email_change\.html|confirm_email_verification_code\.html|confirm_password_reset_code\.html"
    r"|email/(account_already_exists|email_confirmation_signup|password_reset_code)_.*)"
    r"|mfa/(base_.*\.html|trust\.html|totp/base\.html|recovery_codes/base\.html"
    r"|webauthn/(base|signup_form)\.html|webauthn/snippets/.*)|usersessions/base_manage\.html"
)
OPEN = [
    "account_login",
    "account_request_login_code",
    "account_signup",
    "account_logout",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_email_verification_sent",
]
OWN = [
    "account",
    "account_email",
    "account_set_password",
    "usersessions_list",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "account_logout",
]


def totp_now(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def used(response) -> set[str]:
    """The templates of a page that come from allauth rather than from here."""
    return {one.origin.name for one in response.templates if str(THEIRS) in (one.origin.name or "")}


def test_every_template_allauth_can_show_is_ours():
    theirs = {
        str(path.relative_to(THEIRS))
        for room in ("account", "mfa", "usersessions")
        for path in (THEIRS / room).rglob("*.*")
    }
    expected = {name for name in theirs if not NEVER_RENDERED.fullmatch(name)}
    ours = {str(path.relative_to(OURS)) for path in OURS.rglob("*.*")}
    assert sorted(expected - ours) == []


@pytest.mark.parametrize("language", ["", "/en"])
@pytest.mark.parametrize("name", OPEN)
def test_pages_before_sign_in(name, language):
    if name == "account_logout":
        return
    response = Client().get(language + reverse(name))
    assert response.status_code == 200
    assert used(response) == set()
    assert "no-store" in response.headers["Cache-Control"]
    assert b'name="robots" content="noindex' in response.content
    assert b'class="tongues"' in response.content and b"hreflang=" in response.content
    assert b"style=" not in response.content


@pytest.mark.parametrize("language", ["", "/en"])
@pytest.mark.parametrize("name", OWN)
def test_pages_of_ones_account(folk, client_of, name, language):
    client = client_of(folk.nadine)
    response = client.get(language + reverse(name))
    assert response.status_code == 200
    assert used(response) == set()
    assert "no-store" in response.headers["Cache-Control"]
    assert b"style=" not in response.content
    assert Client().get(reverse(name)).status_code in (302, 200 if name == "account_logout" else 302)


def test_the_way_by_code(folk, mailed, coded):
    client = coded(folk.nadine.email)
    assert client.last.status_code == 302
    assert client.last.headers["Location"] == reverse("my_places")
    (mail,) = mailed()
    assert mail.to == folk.nadine.email
    assert mail.subject == "Votre code pour entrer dans Maillage", "a locked telephone shows subjects"
    assert settings.SITE_URL in mail.body
    assert "127.0.0.1" not in mail.body and "testserver" not in mail.body
    assert client.get("/mon-compte/").status_code == 200


def test_a_wrong_code_says_so_and_the_third_ends_it(folk, mailed):
    client = Client()
    client.post("/connexion/", {"login": folk.nadine.email, "way": "code"})
    for _ in range(2):
        refused = client.post("/connexion/code/verifier/", {"code": "000-000-000"})
        assert refused.status_code == 200
        assert refused.context["form"].errors == {
            "code": ["Ce code n’est pas le bon\u202f: recopiez-le, chiffre par chiffre."]
        }
    assert client.post("/connexion/code/verifier/", {"code": "000-000-000"}).status_code == 302
    right = client.post("/connexion/code/verifier/", {"code": code_of(mailed()[0])})
    assert right.headers["Location"] != reverse("my_places")
    assert client.get("/mon-compte/").status_code == 302


def test_a_code_opens_only_the_browser_that_asked_for_it(folk, mailed):
    Client().post("/connexion/", {"login": folk.nadine.email, "way": "code"})
    other = Client()
    other.post("/connexion/", {"login": folk.nadine.email, "way": "code"})
    first = code_of(mailed()[0])
    assert other.post("/connexion/code/verifier/", {"code": first}).status_code == 200


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.mark.parametrize(
    ("way", "password", "goes"),
    [("password", PASSWORD, "/gerer/"), ("", PASSWORD, "/gerer/"), ("code", PASSWORD, "/connexion/code/verifier/")],
)
def test_one_form_for_code_and_password(folk, mailed, way, password, goes):
    """The Enter key presses the first, unseen button, whose way is empty: what is written decides."""
    with_password(folk.nadine.user)
    answered = Client().post("/connexion/", {"login": folk.nadine.email.upper(), "password": password, "way": way})
    assert (answered.status_code, answered.headers["Location"]) == (302, goes)
    assert len(mailed()) == (1 if "code" in goes else 0)


def test_password_without_a_password_or_address(folk):
    asked = Client().post("/connexion/", {"login": folk.nadine.email, "way": "password"})
    assert asked.context["form"].errors == {"password": ["Écrivez votre mot de passe, ou recevez plutôt un code."]}
    asked = Client().post("/connexion/", {"login": "personne", "way": "code"})
    assert asked.status_code == 200
    assert set(asked.context["form"].errors) == {"login"}


@pytest.mark.parametrize(
    "data", [{}, {"way": "code"}, {"way": "password"}, {"way": "\x00", "login": "\x00"}, {"login": "a@b.fr" * 99}]
)
@pytest.mark.parametrize("name", ["account_login", "account_request_login_code", "account_reset_password"])
def test_bad_input_is_an_answer(name, data):
    answered = Client().post(reverse(name), data)
    assert answered.status_code in (200, 400)


def test_no_endless_password_is_hashed(folk):
    answered = Client().post("/connexion/", {"login": folk.nadine.email, "password": "x" * 501})
    assert set(answered.context["form"].errors) == {"password"}


def test_fields_say_what_they_are(folk, client_of):
    page = Client().get("/connexion/").content.decode()
    assert re.search(r'<input[^>]*type="email"[^>]*name="login"[^>]*>', page)
    assert re.search(r'<input[^>]*name="login"[^>]*autocomplete="email"', page)
    assert re.search(r'<input[^>]*name="password"[^>]*autocomplete="current-password"', page)
    client = Client()
    client.post("/connexion/", {"login": folk.nadine.email, "way": "code"})
    page = client.post("/connexion/code/verifier/", {"code": "1"}).content.decode()
    field = re.search(r'<input[^>]*name="code"[^>]*>', page)[0]
    assert 'autocomplete="one-time-code"' in field
    assert 'inputmode="numeric"' in field
    assert 'aria-invalid="true"' in field
    described = re.search(r'aria-describedby="([^"]+)"', field)[1].split()
    assert len(described) == 2
    assert all(f'id="{one}"' in page for one in described)
    assert 'role="alert"' in page
    assert f'href="#{re.search(r"id=.(id_code)", field)[1]}"' in page
    assert "<title>À reprendre" in page


def test_name_is_changed_once_and_told(folk, client_of, now):
    client = client_of(folk.nadine)
    assert client.post("/mon-compte/", {"name": "Nadine\r\nBcc: tous@example.org"}).status_code == 302
    assert User.objects.get(pk=folk.nadine.user.pk).name == "Nadine Bcc: tous@example.org"
    event = AuditEvent.objects.get(action="accounts.renamed")
    assert event.by == f"compte:{folk.nadine.user.pk}:self"
    client.post("/mon-compte/", {"name": "Nadine\r\nBcc: tous@example.org"})
    assert AuditEvent.objects.filter(action="accounts.renamed").count() == 1
    long = client.post("/mon-compte/", {"name": "x" * 151})
    assert long.status_code == 200
    assert set(long.context["form"].errors) == {"name"}
    actions.rename(user=folk.nadine.user, name="", by="essai", now=now)
    assert str(folk.nadine.user) == folk.nadine.email


def test_ones_roles_are_shown(folk, client_of):
    for person, count in [(folk.nadine, 1), (folk.ines, 1), (folk.thomas, 0)]:
        page = client_of(person).get("/mon-compte/")
        assert len(page.context["roles"]) == count


def test_ones_roles_say_where_as_people_do(people, client_of, now):
    def where(person, prefix=""):
        page = client_of(person).get(f"{prefix}/mon-compte/")
        tags = re.findall(r'<span class="tag">([^<]+)</span></p></li>', page.content.decode())
        return [html.unescape(tag) for tag in tags]

    assert where(people.perrin) == ["CC du Val d'Amour"]
    assert where(people.nadine) == [people.place.name]
    assert where(people.operator) == ["toute la France"]
    assert where(people.operator, "/en") == ["the whole of France"]
    actions.give_role(user=people.perrin.user, role="observer", scope="dep:39", by="essai", now=now)
    assert where(people.perrin) == ["2"]
    Membership.objects.filter(user=people.ines.user).update(scope="epci:999999999")
    assert where(people.ines) == ["epci:999999999"], "what is no longer on the ground"


def test_addresses_are_added_confirmed_and_removed(folk, client_of, mailed):
    client = client_of(folk.nadine)
    assert (
        client.post("/mon-compte/adresses/", {"action_add": "", "email": "nadine@ailleurs.example"}).status_code == 302
    )
    link = re.search(rf"{re.escape(settings.SITE_URL)}(/mon-compte/adresses/confirmer/\S+)", mailed()[-1].body)[1]
    assert client.get(link).status_code == 200
    assert not EmailAddress.objects.get(email="nadine@ailleurs.example").verified
    client.post(link)
    assert EmailAddress.objects.get(email="nadine@ailleurs.example").verified
    assert client.get("/mon-compte/adresses/confirmer/nimporte:quoi/").status_code == 200
    client.post("/mon-compte/adresses/", {"action_remove": "", "email": "nadine@ailleurs.example"})
    assert not EmailAddress.objects.filter(email="nadine@ailleurs.example").exists()
    client.post("/mon-compte/adresses/", {"action_remove": "", "email": folk.nadine.email})
    assert EmailAddress.objects.filter(email=folk.nadine.email).exists()


def test_password_set_then_changed_ends_other_sessions(folk, client_of, mailed, coded):
    here, elsewhere = coded(folk.nadine.email), coded(folk.nadine.email)
    here.post("/mon-compte/mot-de-passe/choisir/", {"password1": PASSWORD, "password2": PASSWORD})
    assert here.get("/mon-compte/").status_code == 200
    assert elsewhere.get("/mon-compte/").status_code == 302
    elsewhere = coded(folk.nadine.email)
    new = {"oldpassword": PASSWORD, "password1": PASSWORD + " neuf", "password2": PASSWORD + " neuf"}
    assert here.get("/mon-compte/mot-de-passe/").status_code == 200
    assert here.post("/mon-compte/mot-de-passe/", new).headers["Location"] == "/mon-compte/"
    assert here.get("/mon-compte/").status_code == 200
    assert elsewhere.get("/mon-compte/").status_code == 302
    assert mailed()[-1].subject == "Votre mot de passe a changé"


def test_forgotten_password(folk, coded, mailed):
    elsewhere = coded(folk.nadine.email)
    client = Client()
    asked = client.post("/mot-de-passe/oublie/", {"email": folk.nadine.email})
    assert asked.headers["Location"] == reverse("account_reset_password_done")
    link = re.search(rf"{re.escape(settings.SITE_URL)}(/mot-de-passe/nouveau/\S+)", mailed()[-1].body)[1]
    form = client.get(link)
    assert form.status_code == 302
    short = client.post(form.headers["Location"], {"password1": "court", "password2": "court"})
    assert set(short.context["form"].errors) == {"password1"}
    done = client.post(form.headers["Location"], {"password1": PASSWORD, "password2": PASSWORD})
    assert done.headers["Location"] == reverse("account_reset_password_from_key_done")
    assert elsewhere.get("/mon-compte/").status_code == 302
    again = Client().get(link)
    assert again.status_code == 200
    assert again.context["token_fail"]
    assert used(again) == set()
    assert Client().post("/connexion/", {"login": folk.nadine.email, "password": PASSWORD}).status_code == 302


def test_application_of_codes_and_rescue_codes(folk, client_of, mailed):
    client = client_of(folk.nadine)
    page = client.get("/mon-compte/securite/application/")
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    assert b'src="data:image/svg+xml;base64,' in page.content
    wrong = client.post("/mon-compte/securite/application/", {"code": "1"})
    assert set(wrong.context["form"].errors) == {"code"}
    added = client.post("/mon-compte/securite/application/", {"code": totp_now(secret)})
    assert added.headers["Location"] == reverse("mfa_view_recovery_codes")
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert len(codes) == 10
    with_password(folk.nadine.user)
    door = Client()
    first = door.post("/connexion/", {"login": folk.nadine.email, "password": PASSWORD})
    assert first.headers["Location"] == reverse("mfa_authenticate")
    assert door.get("/mon-compte/").status_code == 302
    page = door.get("/connexion/deuxieme-preuve/")
    assert (page.status_code, used(page)) == (200, set())
    assert door.post("/connexion/deuxieme-preuve/", {"code": "000000"}).status_code == 200
    assert door.post("/connexion/deuxieme-preuve/", {"code": codes[0]}).headers["Location"] == reverse("my_places")
    again = door.get("/mon-compte/securite/secours/nouveaux/")
    assert again.headers["Location"].startswith(reverse("account_reauthenticate"))
    for name in ("account_reauthenticate", "mfa_reauthenticate"):
        page = door.get(reverse(name))
        assert (page.status_code, used(page)) == (200, set())
    proven = door.post(again.headers["Location"], {"password": PASSWORD})
    assert proven.headers["Location"] == reverse("mfa_generate_recovery_codes")
    assert used(door.get("/mon-compte/securite/secours/")) == set()
    assert len(door.get("/mon-compte/securite/secours/fichier/").content.decode().split()) == 9
    assert door.get("/mon-compte/securite/secours/nouveaux/").status_code == 200
    assert door.post("/mon-compte/securite/secours/nouveaux/").status_code == 302
    page = door.get("/mon-compte/securite/application/retirer/")
    assert (page.status_code, used(page)) == (200, set())
    assert door.post("/mon-compte/securite/application/retirer/").status_code == 302
    assert not TOTP or not Authenticator.objects.filter(user=folk.nadine.user).exists()


def test_a_rescue_code_serves_once(folk, client_of):
    client = client_of(folk.nadine)
    secret = client.get("/mon-compte/securite/application/").context["form"].secret
    client.post("/mon-compte/securite/application/", {"code": totp_now(secret)})
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    with_password(folk.nadine.user)
    answers = []
    for _ in range(2):
        door = Client()
        door.post("/connexion/", {"login": folk.nadine.email, "password": PASSWORD})
        answers.append(door.post("/connexion/deuxieme-preuve/", {"code": code}).status_code)
    assert answers == [302, 200]


def test_options_of_a_passkey_name_the_host_of_the_site(folk, client_of, settings):
    settings.SITE_URL = "https://lieux.example.org"
    options = Client().get("/connexion/cle/", headers={"Accept": "application/json"}).json()["request_options"]
    assert options["publicKey"]["rpId"] == "lieux.example.org"
    assert options["publicKey"]["userVerification"] == "required"
    page = client_of(folk.nadine).get("/mon-compte/securite/cles/ajouter/").content.decode()
    data = json.loads(re.search(r'<script id="passkey" type="application/json">(.*?)</script>', page)[1])
    assert data["creation_options"]["publicKey"]["rp"] == {"name": "Maillage", "id": "lieux.example.org"}
    answers = ("", "1", "{}", '{"id": 1}', '{"response": {"userHandle": "MQ"}}', '{"response": []}', "[]", '"x"')
    for bad in (*answers, "[" * 100_000, '{"a":' * 100_000):
        assert Client().post("/connexion/cle/", {"credential": bad}).status_code in (200, 302), bad[:50]


def test_only_the_script_of_passkeys_is_answered_in_json(folk):
    asked = Client().post(
        "/connexion/", {"login": folk.nadine.email, "way": "code"}, headers={"X-Requested-With": "XMLHttpRequest"}
    )
    assert asked.status_code == 302


def test_sessions_are_named_and_ended(folk, coded):
    here, elsewhere = coded(folk.nadine.email), coded(folk.nadine.email)
    page = here.get("/mon-compte/sessions/")
    assert [one["current"] for one in page.context["shown"]] == [True, False]
    here.post("/mon-compte/sessions/")
    assert here.get("/mon-compte/").status_code == 200
    assert elsewhere.get("/mon-compte/").status_code == 302


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit Version/17.0 Safari/604.1", "Safari, iOS"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Windows"),
        ("<script>", "Navigateur inconnu"),
        ("", "Navigateur inconnu"),
    ],
)
def test_browsers_are_named_as_people_do(said, words):
    assert browser_words(said) == words


QUERIES = {
    "account": 8,
    "account_email": 7,
    "usersessions_list": 5,
    "mfa_index": 6,
    "mfa_list_webauthn": 5,
    "account_set_password": 4,
}


@pytest.mark.parametrize("name", QUERIES)
def test_number_of_queries(folk, name, django_assert_num_queries):
    client = signed_in(folk.nadine)
    client.get(reverse(name))
    with django_assert_num_queries(QUERIES[name]):
        assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize(
    ("has", "code", "passkey"),
    [
        ({"totp"}, True, False),
        ({"webauthn"}, False, True),
        ({"totp", "webauthn"}, True, True),
        ({"webauthn", "recovery_codes"}, True, True),
    ],
)
def test_the_second_page_offers_what_the_person_has_and_nothing_else(folk, coded, has, code, passkey):
    data = {"totp": {"secret": "x"}, "webauthn": {"name": "Téléphone", "credential": credential("Téléphone")}}
    for kind in sorted(has):
        Authenticator.objects.create(user=folk.nadine.user, type=kind, data=data.get(kind, {}))
    client = coded(folk.nadine.email)
    assert client.last.headers["Location"].startswith(reverse("mfa_authenticate"))
    page = client.get(reverse("mfa_authenticate")).content.decode()
    assert ('name="code"' in page) == code
    assert ("Utiliser ma clé d’accès" in page) == ('id="passkey"' in page) == passkey
    assert ('<p class="door__or">' in page) == (code and passkey)
    assert ("<noscript>" in page) == (passkey and not code)


def test_before_the_first_proof_nothing_tells_who_has_what(folk, mailed):
    pages = []
    for email, kind in ((folk.nadine.email, "totp"), (folk.karim.email, "webauthn"), ("inconnu@example.org", "")):
        if kind:
            user = User.objects.get(email=email)
            data = {"name": "Téléphone", "credential": credential("Téléphone")} if kind == "webauthn" else {}
            Authenticator.objects.create(user=user, type=kind, data=data)
        client = Client()
        client.post("/connexion/", {"login": email, "way": "code"})
        asked = client.get(reverse("mfa_authenticate"))
        assert (asked.status_code, asked.headers["Location"]) == (302, reverse("account_login"))
        page = client.get("/connexion/code/verifier/").content.decode()
        pages.append(re.sub(r'value="[\w-]{64}"', "", page.replace(email, "…")))
    assert len(set(pages)) == 1


@pytest.mark.parametrize("contact", ["odile@exemple.fr", ""])
def test_a_warning_names_an_address_that_somebody_reads(folk, mailed, coded, settings, contact):
    settings.CONTACT = contact
    client = coded(folk.nadine.email)
    client.post("/mon-compte/mot-de-passe/choisir/", {"password1": PASSWORD, "password2": PASSWORD})
    body = mailed()[-1].body.replace("\u202f", " ")
    who = f"Écrivez à l’exploitant du site, {contact} ;" if contact else "Prévenez l’exploitant du site ;"
    assert f"Vous n’y arrivez pas ? {who} ne répondez pas à ce message, personne ne le lirait." in body
    assert "répondez à" not in body and "None" not in body


def test_the_key_of_an_app_is_read_by_fours_and_opens_the_app_of_this_telephone(folk, coded):
    page = coded(folk.nadine.email).get("/mon-compte/securite/application/")
    secret = page.context["form"].secret
    text = page.content.decode()
    fours = re.search(r'<code class="secret">(.*?)</code>', text)[1]
    assert re.findall(r"<span>(\w+)</span>", fours) == re.findall(".{4}", secret)
    link = html.unescape(re.search(r'<a class="text" href="(otpauth:[^"]*)"', text)[1])
    assert link.startswith("otpauth://totp/") and f"secret={secret}" in link and "issuer=Maillage" in link
