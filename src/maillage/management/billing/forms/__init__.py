"""A line of a draft as it was typed: one of the place’s prices, or words and a price of one’s own."""

from collections.abc import Mapping

from maillage.management.billing.models import Price
from maillage.management.billing.rules.amounts import BadNumber, read_amount, read_quantity
from maillage.management.billing.rules.drafts import BadDraft, DraftLine, chosen_price
from maillage.management.billing.rules.vat import STANDARD
from maillage.places.labels import say
from maillage.places.rules.sentences import sentence as _
from maillage.places.rules.text import one_line

LINE = ("tariff", "label", "quantity", "unit", "price", "vat", "detail")
Wrongs = dict[str, tuple[str, str]]


def read_line(raw: Mapping[str, str], price: Price | None) -> tuple[DraftLine | None, Wrongs]:
    """The line that was typed, or what is wrong with it by field; a price of the place says what is left empty."""
    wrongs: Wrongs = {}
    quantity = cents = 0
    label = one_line(raw.get("label", "")) or (price.label if price else "")
    if not label:
        problem, mend = _("il manque un libellé"), _("dites ce qui est vendu, ou choisissez un tarif")
        wrongs["label"] = (say(problem), say(mend))
    try:
        quantity = read_quantity(raw.get("quantity", ""), negative=True)
    except BadNumber as bad:
        wrongs["quantity"] = (say(bad.problem), say(bad.mend))
    try:
        cents = _cents(one_line(raw.get("price", "")[:80]), price)
    except (BadNumber, BadDraft) as bad:
        wrongs["price"] = (say(bad.problem), say(bad.mend))
    if wrongs:
        return None, wrongs
    return (
        DraftLine(
            label=label,
            quantity_milli=quantity,
            unit=price.unit if price else raw.get("unit", "")[:20],
            unit_price_cents=cents,
            vat=price.vat if price else raw.get("vat", "")[:40] or STANDARD,
            subject=price.subject if price else "",
            detail=one_line(raw.get("detail", "")),
        ),
        {},
    )


def _cents(typed: str, price: Price | None) -> int:
    if price is None:
        return read_amount(typed)
    chosen = read_amount(typed) if typed else None
    return chosen_price(price.kind, price.price_cents, low=price.low_cents, high=price.high_cents, chosen=chosen)
