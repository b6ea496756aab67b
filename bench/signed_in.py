"""A session of the bench's registry, so that pages behind the sign-in are measured as their people see them."""

import json
import subprocess
import sys

from bench.measure import ROOT
from bench.served import Registry

EMAIL = "banc@example.org"
SCRIPT = """
import json, sys
import django
django.setup()
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from maillage.accounts.actions import accept, invite
from maillage.places.queries import place_by_slug
now = timezone.now()
place = place_by_slug(sys.argv[1]).place
made = invite(email=sys.argv[2], role="facilitator", scope=f"place:{place.pk}", by="banc", now=now, signs_in=True)
user = accept(token=made.token, by=None, now=now).user
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(json.dumps({settings.SESSION_COOKIE_NAME: session.session_key}))
"""


def cookie(registry: Registry, slug: str) -> str:
    """The Cookie header of a facilitator of one place; the role is given by the house's own invitation."""
    command = [sys.executable, "-c", SCRIPT, slug, EMAIL]
    done = subprocess.run(command, env=registry.around, cwd=ROOT, capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise SystemExit(f"no session for the bench:\n{done.stderr[-2000:]}")
    return "; ".join(f"{name}={value}" for name, value in json.loads(done.stdout.splitlines()[-1]).items())


def pages(slug: str) -> dict[str, str]:
    """The pages of a place's team to measure."""
    base = f"/gerer/{slug}/"
    return {
        "desk": base,
        "section": f"{base}fiche/horaires/",
        "photos": f"{base}photos/",
        "team": f"{base}equipe/",
        "team history": f"{base}historique/",
        "account": "/mon-compte/",
    }
