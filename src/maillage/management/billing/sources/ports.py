"""What Maillage asks of whoever takes card payments for a place: a link, and a payment read again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

PAID, PENDING, FAILED = "paid", "pending", "failed"


class ProviderSilent(Exception):
    """The provider did not answer in time, or answered nonsense: ask again later."""


class ProviderUnknown(Exception):
    """The provider knows no such payment."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a link is for; `metadata` comes back with the payment, from the provider itself."""

    amount_cents: int
    label: str
    back_url: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """Where to pay, and the provider's number of it."""

    reference: str
    url: str


@dataclass(frozen=True, slots=True)
class Told:
    """A payment as the provider itself tells it."""

    reference: str
    state: str
    amount_cents: int
    paid_on: date | None
    metadata: Mapping[str, str] = field(default_factory=dict)


class PaymentProvider(Protocol):
    """A provider of one place. Every call is bounded in time and size, and raises `ProviderSilent` beyond."""

    @property
    def name(self) -> str:
        """How the place and the webhook's address call it."""

    @property
    def method(self) -> str:
        """What a payment by it is called in the books."""

    def create_link(self, order: Order) -> Link:
        """Ask for a page where an amount is paid."""

    def read_payment(self, reference: str) -> Told:
        """Read a payment; `ProviderUnknown` where there is none."""

    def hinted(self, body: Mapping[str, object]) -> tuple[str, int | None]:
        """The reference that a webhook's body hints at, empty where none; and the amount it pretends."""
