"""HelloAsso, by its API v5: a token (OAuth 2, client credentials), checkout links, payments read again.

Its webhooks are not signed: nothing of their body is believed but the number to ask for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from maillage.management.billing.sources.bounded import ask
from maillage.management.billing.sources.ports import (
    FAILED,
    PAID,
    PENDING,
    Link,
    Order,
    PaymentProvider,
    ProviderSilent,
    ProviderUnknown,
    Told,
)

HOST = "https://api.helloasso.com"
_NUMBER = re.compile(r"[0-9]{1,18}")
_STATES = {"Authorized": PAID, "Registered": PAID, "Pending": PENDING, "Waiting": PENDING, "Init": PENDING}


@dataclass(frozen=True, slots=True)
class HelloAsso:
    """The account of one organisation."""

    organisation: str
    client_id: str
    client_secret: str
    host: str = HOST
    name: str = "helloasso"
    method: str = "helloasso"

    def create_link(self, order: Order) -> Link:
        """A checkout of this amount; it holds fifteen minutes."""
        asked = {
            "totalAmount": order.amount_cents,
            "initialAmount": order.amount_cents,
            "itemName": order.label[:250],
            "backUrl": order.back_url,
            "errorUrl": order.back_url,
            "returnUrl": order.back_url,
            "containsDonation": False,
            "metadata": dict(order.metadata),
        }
        told = ask("POST", self._own("checkout-intents"), headers=self._bearer(), body=asked)
        url, reference = told.get("redirectUrl"), str(told.get("id", ""))
        if not (isinstance(url, str) and url.startswith("https://") and _NUMBER.fullmatch(reference)):
            raise ProviderSilent("lien illisible")
        return Link(reference, url)

    def read_payment(self, reference: str) -> Told:
        """A payment and, by its order, the checkout it was made by."""
        if not _NUMBER.fullmatch(reference):
            raise ProviderUnknown
        headers = self._bearer()
        payment = ask("GET", f"{self.host}/v5/payments/{reference}", headers=headers)
        order = _part(payment, "order")
        if order.get("organizationSlug") != self.organisation or str(payment.get("id")) != reference:
            raise ProviderUnknown
        amount, day = payment.get("amount"), str(payment.get("date", ""))[:10]
        if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount < 10**10:
            raise ProviderSilent("montant illisible")
        state = _STATES.get(str(payment.get("state")), FAILED)
        return Told(reference, state, amount, _day(day), self._metadata(order, headers) if state == PAID else {})

    def hinted(self, body: Mapping[str, object]) -> tuple[str, int | None]:
        """A notification of a payment: {"eventType": "Payment", "data": {"id": …, "amount": …}}."""
        data = _part(body, "data")
        reference = str(data.get("id", ""))
        if body.get("eventType") != "Payment" or not _NUMBER.fullmatch(reference):
            return "", None
        amount = data.get("amount")
        plain = isinstance(amount, int) and not isinstance(amount, bool) and abs(amount) < 10**10
        return reference, amount if plain else None

    def _metadata(self, order: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, str]:
        """What we gave with the link, read of the checkout; a payment by another form of theirs has none."""
        number = str(order.get("id", ""))
        if not _NUMBER.fullmatch(number):
            return {}
        try:
            whole = ask("GET", f"{self.host}/v5/orders/{number}", headers=headers)
            checkout = str(whole.get("checkoutIntentId") or "")
            if not _NUMBER.fullmatch(checkout):
                return {}
            told = ask("GET", f"{self._own('checkout-intents')}/{checkout}", headers=headers)
        except ProviderUnknown:
            return {}
        return {str(name)[:40]: str(value)[:120] for name, value in _part(told, "metadata").items()}

    def _bearer(self) -> dict[str, str]:
        asked = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        try:
            token = ask("POST", f"{self.host}/oauth2/token", form=asked).get("access_token")
        except ProviderUnknown as nowhere:
            raise ProviderSilent("pas de jeton") from nowhere
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise ProviderSilent("pas de jeton")
        return {"Authorization": f"Bearer {token}"}

    def _own(self, what: str) -> str:
        return f"{self.host}/v5/organizations/{quote(self.organisation, safe='')}/{what}"


def of_setting(text: str) -> dict[str, PaymentProvider]:
    """The accounts of places by their slug, as the environment tells them: « place=organisation:id:secret », by commas.

    >>> list(of_setting("la-maille=la-maille-39:abc:def, rien"))
    ['la-maille']
    """
    found: dict[str, PaymentProvider] = {}
    for one in text.split(","):
        slug, _equals, account = one.strip().partition("=")
        parts = account.split(":")
        if slug and len(parts) == 3 and all(parts):
            found[slug] = HelloAsso(*parts)
    return found


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = told.get(name)
    return part if isinstance(part, dict) else {}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
