"""What every act of a scheme passes first: its turn, its right, the rows it writes on."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from maillage.journal import actions as journal
from maillage.management.people.rules.entries import Wrong
from maillage.network.schemes.models import Referrer, Scheme
from maillage.network.schemes.permissions import let_fund
from maillage.places.labels import say

REFERRER = "relais:"
"""How what is written by a referrer's link is signed, before its number."""


class SchemesRefused(ValueError):
    """Something of a scheme cannot be; `wrongs` by field say what and the mend. Nothing is written."""

    def __init__(self, wrongs: Mapping[str, Wrong]) -> None:
        self.wrongs = {name: (say(one.problem), say(one.mend)) for name, one in wrongs.items()}
        super().__init__(" ".join(_said(*one) for one in self.wrongs.values()))


def _said(problem: str, mend: str) -> str:
    text = _("%(problem)s\u202f: %(mend)s.") % {"problem": problem, "mend": mend}
    return text[:1].upper() + text[1:]


def refuse(name: str, problem: str, mend: str) -> SchemesRefused:
    """A refusal for one reason."""
    return SchemesRefused({name: Wrong(problem, mend)})


def scheme_here(scheme_id: int) -> Scheme:
    """A scheme to write on: whoever issues of its budget waits at its row."""
    journal.lock_order()
    return Scheme.objects.select_for_update(of=("self",), no_key=True).get(pk=scheme_id)


def funded(scheme_id: int, by: str) -> Scheme:
    """A scheme for its funder to write on, with the right seen again."""
    scheme = scheme_here(scheme_id)
    let_fund(scheme.scope, by)
    return scheme


def referrer_signature(referrer: Referrer) -> str:
    return f"{REFERRER}{referrer.pk}"


def note(action: str, subject: models.Model, *, scheme: Scheme, by: str, now: datetime, **detail: Any) -> None:
    """Write the audit event of an act of a scheme: which row, and never who a pass is for."""
    kind = subject._meta.model_name
    journal.write(action=action, by=by, now=now, subject=f"{kind}:{subject.pk}", detail={"scheme": scheme.pk, **detail})


def once(key: str, act: Callable[[], int], *, about: str, by: str, now: datetime, told: Any) -> int:
    """Do an act once for one form: sent again, it gives the number of what it made the first time.

    Raises `KeyReused` when the key comes back with something else told.
    """
    if not key:
        return act()
    written = json.dumps(told, sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    answer = journal.once(
        caller=f"{by} {about}"[:120],
        key=key[:255],
        fingerprint=hashlib.sha256(written).hexdigest(),
        now=now,
        act=lambda: {"id": act()},
    )
    return int(answer["id"])
