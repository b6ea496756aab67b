"""Who sells at a place on a day, and the clocks by which its days are told."""

from datetime import date
from zoneinfo import ZoneInfo

from maillage.management.billing.models import Seller
from maillage.management.billing.rules.documents import Party
from maillage.management.billing.rules.drafts import Terms
from maillage.places.models import Place
from maillage.territory.rules.zones import zone_of as zone_name


def departement_of(place: Place) -> str:
    """The département whose VAT and clocks a place has; empty where nobody knows."""
    return str(place.commune.departement_id or "") if place.commune else ""


def zone_of(place: Place) -> ZoneInfo:
    """The clocks of a place."""
    return ZoneInfo(zone_name(departement_of(place) or None))


def seller_on(place: Place, day: date) -> Seller | None:
    """Who sells at a place on a day; None where nobody has said."""
    return Seller.objects.filter(place=place, since__lte=day).order_by("-since").first()


def sellers_of(place: Place) -> list[Seller]:
    """Every version of who sells at a place, the newest first."""
    return list(Seller.objects.filter(place=place).order_by("-since"))


def cash_ceiling(place: Place, day: date) -> int | None:
    """The ceiling that a place gives itself for cash, in cents; None where it has none."""
    known = seller_on(place, day)
    return known.cash_ceiling_cents if known else None


def party_of(seller: Seller) -> Party:
    """The seller as invoices name it."""
    return Party(
        name=seller.legal_name,
        street=seller.street,
        postal_code=seller.postal_code,
        city=seller.city,
        siret=seller.siret,
        vat_number=seller.vat_number,
        rna=seller.rna,
        legal_form=seller.legal_form,
        email=seller.email,
    )


def terms_of(seller: Seller, place: Place) -> Terms:
    """Under which terms a seller invoices."""
    return Terms(
        seller=party_of(seller),
        regime=seller.regime,
        departement=departement_of(place),
        iban=seller.iban,
        bic=seller.bic,
        payment_days=seller.payment_days,
        vat_on_debits=seller.vat_on_debits,
    )
