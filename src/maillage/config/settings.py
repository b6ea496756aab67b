"""All configuration comes from the environment; this module is the one list of it.

| variable | default | what it sets |
|---|---|---|
| `MAILLAGE_HOME` | `var/` | folder of the database, media, logs, downloads and the secret |
| `MAILLAGE_DATA` | none | folder of official files to read territory and places from |
| `DATABASE_URL` | SQLite in `MAILLAGE_HOME` | `postgres://user:password@host:5432/name` |
| `MAILLAGE_ENV` | `local` | `local` (this machine) or `production` (refuses a default secret, forces HTTPS) |
| `MAILLAGE_SECRET` | made once, kept in `MAILLAGE_HOME/secret` | signs cookies and jobs; must be given in production |
| `MAILLAGE_HOSTS` | `localhost,127.0.0.1,[::1]` | host names the site answers to, by commas |
| `MAILLAGE_URL` | `http://localhost:8000` | public address of the site, for posters, feeds and links in data |
| `MAILLAGE_WORKERS` | `2` | web processes |
| `MAILLAGE_OFFLINE` | none | `1`: never ask any other host for anything |
| `MAILLAGE_DEBUG` | none | `1`: Django's debug pages, for developers only |
"""

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlparse

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

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


ENV = os.environ.get("MAILLAGE_ENV", "local")
if ENV not in ("local", "production"):
    raise ImproperlyConfigured(f"MAILLAGE_ENV vaut « local » ou « production » ; reçu : « {ENV} ».")
HOME = Path(os.environ.get("MAILLAGE_HOME") or ROOT / "var").resolve()
DATA = Path(os.environ["MAILLAGE_DATA"]).resolve() if os.environ.get("MAILLAGE_DATA") else None
OFFLINE = os.environ.get("MAILLAGE_OFFLINE") == "1"
SITE_URL = os.environ.get("MAILLAGE_URL", "http://localhost:8000").rstrip("/")
WEB_WORKERS = int(os.environ.get("MAILLAGE_WORKERS", "2"))

DEBUG = os.environ.get("MAILLAGE_DEBUG") == "1" and ENV == "local"
SECRET_KEY = secret(os.environ.get("MAILLAGE_SECRET", ""), ENV, HOME)
ALLOWED_HOSTS = os.environ.get("MAILLAGE_HOSTS", "localhost,127.0.0.1,[::1]").split(",")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_q",
    "maillage.journal",
    "maillage.accounts",
    "maillage.territory",
    "maillage.places",
    "maillage.network.exchange",
    "maillage.network.observatory",
    "maillage.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "maillage.web.middleware.OnePage",
    "maillage.web.middleware.RefuseUnprintable",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
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
                "maillage.web.context.site",
            ],
        },
    }
]

DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""), HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 5000}},
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

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
if ENV == "production":
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
