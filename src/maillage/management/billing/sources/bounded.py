"""One question to a provider's API, bounded in time and size; it never follows a redirection."""

import json
import time
from collections.abc import Mapping
from typing import Any

import requests

from maillage.management.billing.sources.ports import ProviderSilent, ProviderUnknown

CONNECT_S, READ_S, WHOLE_S = 3.0, 5.0, 8.0
MOST_BYTES = 256 * 1024
PIECE = 16 * 1024


def ask(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The JSON object that an address answers; `ProviderUnknown` for 404, `ProviderSilent` for anything else."""
    ends = time.monotonic() + WHOLE_S
    try:
        with requests.Session() as session:
            session.trust_env = False
            with session.request(
                method,
                url,
                headers=dict(headers or {}) | {"Accept": "application/json"},
                data=dict(form) if form is not None else None,
                json=dict(body) if body is not None else None,
                timeout=(CONNECT_S, READ_S),
                allow_redirects=False,
                stream=True,
            ) as response:
                if response.status_code == 404:
                    raise ProviderUnknown
                if response.status_code not in (200, 201):
                    raise ProviderSilent(f"réponse {response.status_code}")
                raw = _bounded(response, ends)
    except requests.RequestException as failed:
        raise ProviderSilent(type(failed).__name__) from failed
    try:
        told = json.loads(raw)
    except ValueError as nonsense:
        raise ProviderSilent("réponse illisible") from nonsense
    if not isinstance(told, dict):
        raise ProviderSilent("réponse illisible")
    return told


def _bounded(response: requests.Response, ends: float) -> bytes:
    kept = bytearray()
    for piece in response.iter_content(PIECE):
        kept += piece
        if len(kept) > MOST_BYTES:
            raise ProviderSilent("réponse trop grande")
        if time.monotonic() > ends:
            raise ProviderSilent("réponse trop lente")
    return bytes(kept)
