"""All configuration comes from the environment; this module is the one list of it.

| variable | default | what it sets |
|---|---|---|
| `MAILLAGE_HOME` | `var/` | folder of the database, media, logs, downloads and the secret |
| `MAILLAGE_DATA` | none | folder of official files to read territory and places from |
| `MAILLAGE_EINVOICES` | `MAILLAGE_HOME/einvoices` | folder where invoices wait for a platform (Chorus Pro included) |
| `MAILLAGE_ROADS` | none | OpenStreetMap extract (`.osm.pbf`) to measure minutes by road; without one, crow-fly |
| `DATABASE_URL` | SQLite in `MAILLAGE_HOME` | `postgres://user:password@host:5432/name` |
| `MAILLAGE_ENV` | `local` | `local` (this machine) or `production` (refuses a default secret, forces HTTPS) |
| `MAILLAGE_SECRET` | made once, kept in `MAILLAGE_HOME/secret` | signs cookies and jobs; must be given in production |
| `MAILLAGE_HOSTS` | `localhost,127.0.0.1,[::1]` | host names the site answers to, by commas |
| `MAILLAGE_URL` | `http://localhost:8000` | public address of the site, for posters, feeds and links in data |
| `MAILLAGE_PRODUCER` | none | Siret or RNA of whoever publishes the data, for the names of files of mednum |
| `MAILLAGE_WORKERS` | `2` | web processes |
| `MAILLAGE_PROXIES` | `0` | trusted proxies before the site, which give the visitor's address in X-Forwarded-For |
| `MAILLAGE_SMTP` | `MAILLAGE_HOME/outbox` | `smtp://user:password@host:587` or `smtps://`; else mails are files |
| `MAILLAGE_FROM` | `Maillage <ne-pas-repondre@` host of `MAILLAGE_URL` `>` | sender of mails |
| `MAILLAGE_CONTACT` | none | address that people write to when they need whoever runs the site |
| `MAILLAGE_STILL_MAILS` | `20` | mails a day that ask a place, once a year, if its sheet is still right; `0`: none |
| `MAILLAGE_CACHE` | the database | `redis://host:6379/1`: counters of attempts shared by several machines |
| `MAILLAGE_API_RATE` | `1200` | reads of the API per minute and address; `0`: no limit |
| `MAILLAGE_METRICS_TOKEN` | none | bearer token of `/metrics`; without it, never read in production |
| `MAILLAGE_TILES` | none | layer under the map: `https://…/{z}/{x}/{y}.png`, or a raster `.pmtiles`, ours or not |
| `MAILLAGE_TILES_CREDIT` | none | whom to thank for that layer; shown on the map |
| `MAILLAGE_OFFLINE` | none | `1`: never ask any other host for anything; the mail server of `MAILLAGE_SMTP` is yours |
| `MAILLAGE_HELLOASSO` | none | `place=organisation:id:secret`, by commas; never in the database |
| `MAILLAGE_VOTES` | `1` | neighbours' voices settle suggestions where no network is active; `0`: never |
| `MAILLAGE_DEBUG` | none | `1`: Django's debug pages, for developers only |
"""

import os
import re
import secrets
from importlib.util import find_spec
from logging import LogRecord
from pathlib import Path
from urllib.parse import unquote, urlparse

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from maillage.places.rules.tile_layers import host_of, refusal

PACKAGE = Path(__file__).resolve().parent.parent
ROOT = PACKAGE.parent.parent


def database(url: str, home: Path) -> dict:
    """Read DATABASE_URL; without one, SQLite in `home`, safe at power cuts (WAL, IMMEDIATE, synchronous=FULL)."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(home / "maillage.sqlite3"),
            "CONN_MAX_AGE": 600,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": (
                    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA mmap_size=134217728;"
                    "PRAGMA journal_size_limit=67108864;PRAGMA cache_size=-20000;PRAGMA temp_store=MEMORY;"
                ),
            },
        }
    parts = urlparse(url)
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "DATABASE_URL doit avoir la forme postgres://utilisateur:motdepasse@hôte:5432/base ; "
            f"reçu : {parts.scheme or 'rien'}://…"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
    }


def secret(given: str, env: str, home: Path) -> str:
    """The signing secret: given, or made once for a local install; production never runs on a default one."""
    if given:
        if env == "production" and len(given) < 50:
            raise ImproperlyConfigured(
                "MAILLAGE_SECRET est trop court pour la production : donnez au moins 50 caractères tirés au hasard."
            )
        return given
    if env == "production":
        raise ImproperlyConfigured(
            "MAILLAGE_ENV=production demande un secret : donnez MAILLAGE_SECRET, "
            "au moins 50 caractères tirés au hasard, et gardez-le."
        )
    path = home / "secret"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64))
    return path.read_text().strip()


def mail(url: str) -> dict:
    """Read MAILLAGE_SMTP; without one, mails are written in the outbox."""
    if not url:
        return {}
    parts = urlparse(url)
    try:
        port = parts.port or (465 if parts.scheme == "smtps" else 587)
    except ValueError:
        port = 0
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or not port:
        raise ImproperlyConfigured(
            "MAILLAGE_SMTP doit avoir la forme smtp://utilisateur:motdepasse@hôte:587 ; "
            f"reçu : {parts.scheme or 'rien'}://…"
        )
    return {
        "host": parts.hostname,
        "port": port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": parts.scheme == "smtps",
        "use_tls": parts.scheme == "smtp" and bool(parts.username),
        "timeout": 10,
    }


def content_policy(tiles: str) -> dict:
    """What pages may load: our own files; and pictures, or pieces of a file, of the one host that `tiles` names."""
    directives = {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
    if host := host_of(tiles):
        directives["img-src"].append(host)
        directives["connect-src"] = ["'self'", host]
    return {"DIRECTIVES": directives}


ENV = os.environ.get("MAILLAGE_ENV", "local")
if ENV not in ("local", "production"):
    raise ImproperlyConfigured(f"MAILLAGE_ENV vaut « local » ou « production » ; reçu : « {ENV} ».")
HOME = Path(os.environ.get("MAILLAGE_HOME") or ROOT / "var").resolve()
DATA = Path(os.environ["MAILLAGE_DATA"]).resolve() if os.environ.get("MAILLAGE_DATA") else None
ROADS = Path(os.environ["MAILLAGE_ROADS"]).resolve() if os.environ.get("MAILLAGE_ROADS") else None
EINVOICES = Path(os.environ.get("MAILLAGE_EINVOICES") or HOME / "einvoices").resolve()
OFFLINE = os.environ.get("MAILLAGE_OFFLINE") == "1"
VOTES = os.environ.get("MAILLAGE_VOTES", "1") != "0"
FEEDS_FROM_LOOPBACK = False  # tests alone set it: calendars of this very machine
SITE_URL = os.environ.get("MAILLAGE_URL", "http://localhost:8000").rstrip("/")
PRODUCER = os.environ.get("MAILLAGE_PRODUCER", "").replace(" ", "")
if PRODUCER and not re.fullmatch(r"[0-9]{14}|W[0-9]{9}", PRODUCER):
    raise ImproperlyConfigured(
        f"MAILLAGE_PRODUCER est un Siret (14 chiffres) ou un RNA (W et 9 chiffres) ; reçu : « {PRODUCER[:40]} »."
    )
WEB_WORKERS = int(os.environ.get("MAILLAGE_WORKERS", "2"))

PROXIES = int(os.environ.get("MAILLAGE_PROXIES", "0"))
SMTP = mail(os.environ.get("MAILLAGE_SMTP", ""))
STILL_MAILS = int(os.environ.get("MAILLAGE_STILL_MAILS", "20"))
API_RATE = int(os.environ.get("MAILLAGE_API_RATE", "1200"))
METRICS_TOKEN = os.environ.get("MAILLAGE_METRICS_TOKEN", "")
HELLOASSO = os.environ.get("MAILLAGE_HELLOASSO", "")
CONTACT = os.environ.get("MAILLAGE_CONTACT", "")
TILES = os.environ.get("MAILLAGE_TILES", "")
if trouble := refusal(TILES):
    raise ImproperlyConfigured(trouble)
TILES_CREDIT = os.environ.get("MAILLAGE_TILES_CREDIT", "")

DEBUG = os.environ.get("MAILLAGE_DEBUG") == "1" and ENV == "local"
SECRET_KEY = secret(os.environ.get("MAILLAGE_SECRET", ""), ENV, HOME)
ALLOWED_HOSTS = os.environ.get("MAILLAGE_HOSTS", "localhost,127.0.0.1,[::1]").split(",")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "maillage.accounts",  # before the administration and allauth: its templates win
    "django.contrib.admin",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_q",
    "maillage.journal",
    "maillage.territory",
    "maillage.places",
    "maillage.management.people",
    "maillage.management.billing",
    "maillage.management.passes",
    "maillage.management.bookings",
    "maillage.management.events",
    "maillage.diagnosis",
    "maillage.network.schemes",
    "maillage.network.clearance",
    "maillage.network.exchange",
    "maillage.network.observatory",
    "maillage.web",
]
MIDDLEWARE = [
    "maillage.web.middleware.Measured",
    "maillage.web.middleware.Tiles",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "maillage.web.middleware.Permissions",
    "maillage.web.middleware.Packed",
    "maillage.api.middleware.Api",
    "maillage.web.middleware.OnePage",
    "maillage.web.middleware.RefuseUnprintable",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# A page is kept under its address: nobody may move the site to another one by a header.
FORCE_SCRIPT_NAME = ""
ROOT_URLCONF = "maillage.config.urls"
WSGI_APPLICATION = "maillage.config.wsgi.application"
AUTH_USER_MODEL = "accounts.User"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "maillage.web.templatetags.maillage",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "maillage.web.context.site",
            ],
        },
    }
]

DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""), HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHE = os.environ.get("MAILLAGE_CACHE", "")
IN_THIS_PROCESS = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "pages",
    "OPTIONS": {"MAX_ENTRIES": 2000},
}
CACHES = {
    # Counters of attempts are shared by every process: on LocMem each one would count alone.
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE}
    if CACHE
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "maillage_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    "pages": IN_THIS_PROCESS,
    "template_fragments": IN_THIS_PROCESS,
    "jobs": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "jobs"},
}
Q_CLUSTER = {
    "name": "maillage",
    "orm": "default",
    "workers": 1,
    "queue_limit": 1,
    "poll": 2,
    "guard_cycle": 5,
    "timeout": 300,
    "retry": 400,
    "max_attempts": 5,
    "ack_failures": False,
    "save_limit": 100,
    "catch_up": False,
    "cache": "jobs",
}

# One backend only: a second one would hash every wrong password twice.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if find_spec("argon2") is None:  # no wheel on Intel Macs
    del PASSWORD_HASHERS[0]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "maillage.accounts.forms.FamiliarWords"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "my_places"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_ADAPTER = "maillage.accounts.adapter.Adapter"
ACCOUNT_FORMS = {
    "login": "maillage.accounts.forms.SignInForm",
    "request_login_code": "maillage.accounts.forms.RequestCodeForm",
    "confirm_login_code": "maillage.accounts.forms.ConfirmCodeForm",
    "reset_password": "maillage.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "maillage.accounts.forms.NewPasswordForm",
    "change_password": "maillage.accounts.forms.ChangePasswordForm",
    "set_password": "maillage.accounts.forms.SetPasswordForm",
    "add_email": "maillage.accounts.forms.AddAddressForm",
    "reauthenticate": "maillage.accounts.forms.ReauthenticateForm",
}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "dashed": True, "length": 9}
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_MAX_EMAIL_ADDRESSES = 4
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""  # else the Host of the request goes into mails
ACCOUNT_REAUTHENTICATION_REQUIRED = True
PASSWORD_RESET_TIMEOUT = 2 * 60 * 60
# `key` is an account; or, for codes and resets, an account asked from one address; or a device its owner signed in on.
# Strangers use up what strangers have: nobody shuts an account for its owner.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "reset_password": None,
    "login_failed": "20/10m/ip,10/10m/key",
    "login_failed_known_device": "10/10m/key",
    "second_proof": "20/10m/ip,10/10m/key",
    "second_proof_known_device": "10/10m/key",
    "ask_code": "30/10m/ip,4/10m/key",
    "ask_code_known_device": "8/10m/key",
    "ask_reset": "30/10m/ip,4/10m/key",
    "ask_reset_known_device": "8/10m/key",
}
MFA_ADAPTER = "maillage.accounts.adapter.MfaAdapter"
MFA_FORMS = {
    "authenticate": "maillage.accounts.forms.SecondProofForm",
    "reauthenticate": "maillage.accounts.forms.SecondProofAgainForm",
    "activate_totp": "maillage.accounts.forms.ActivateAppForm",
    "login_webauthn": "maillage.accounts.forms.PasskeyForm",
    "authenticate_webauthn": "maillage.accounts.forms.SecondPasskeyForm",
    "reauthenticate_webauthn": "maillage.accounts.forms.PasskeyAgainForm",
    "add_webauthn": "maillage.accounts.forms.AddPasskeyForm",
    "edit_webauthn": "maillage.accounts.forms.RenamePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = ENV == "local"
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Maillage"
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_NAME = "maillage"
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

EMAIL_BACKEND = "maillage.journal.emails.Outbox"
DEFAULT_FROM_EMAIL = os.environ.get("MAILLAGE_FROM") or f"Maillage <ne-pas-repondre@{urlparse(SITE_URL).hostname}>"
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_SUBJECT_PREFIX = ""

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("Français")), ("en", _("Anglais"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
BUILD = ROOT / "build" / "front"
STATICFILES_DIRS = [BUILD] if BUILD.is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "maillage.web.statics.Statics"},
}
WHITENOISE_USE_FINDERS = DEBUG
MEDIA_URL = "/media/"
MEDIA_ROOT = HOME / "media"
FILE_UPLOAD_HANDLERS = [
    "maillage.places.views.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

CONTENT_SECURITY_POLICY = content_policy(TILES)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
if ENV == "production":
    SECURE_SSL_REDIRECT = True
    # What watches the site asks on this machine, where there is no HTTPS.
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True


def shortly(record: LogRecord) -> bool:
    """Keep one line of a refusal: nothing broke, and a traceback would hide those of faults."""
    if getattr(record, "status_code", None) == 403:
        record.exc_info = None
    return True


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"shortly": {"()": "django.utils.log.CallbackFilter", "callback": shortly}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["shortly"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
