"""The words of money, as people read them."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

REGIMES: dict[str, Promise] = {
    "outside": _("L’association n’est pas soumise aux impôts commerciaux"),
    "franchise": _("Petite activité, sans TVA à facturer"),
    "liable": _("La TVA est facturée et déclarée"),
    "accessory": _("Association qui vend un peu, en plus de son activité"),
}
REGIMES_SAID: dict[str, Promise] = {
    "outside": _("Activité non lucrative\u202f: rien à écrire sur les factures."),
    "franchise": _(
        "Franchise en base\u202f: les factures disent «\u202fTVA non applicable, article 293 B du CGI\u202f»."
    ),
    "liable": _("Chaque ligne a son taux, et le numéro de TVA figure sur les factures."),
    "accessory": _(
        "Activité lucrative accessoire, sous le plafond annuel\u202f: sans TVA, et les factures citent l’exonération."
    ),
}
KINDS: dict[str, Promise] = {
    "invoice": _("Facture"),
    "deposit": _("Facture d’acompte"),
    "credit": _("Avoir"),
}
UNITS: dict[str, Promise] = {
    "each": pgettext_lazy("unité de vente", "unité"),
    "hour": pgettext_lazy("unité de vente", "heure"),
    "half_day": pgettext_lazy("unité de vente", "demi-journée"),
    "day": pgettext_lazy("unité de vente", "jour"),
    "week": pgettext_lazy("unité de vente", "semaine"),
    "month": pgettext_lazy("unité de vente", "mois"),
}
VAT: dict[str, Promise] = {
    "standard": _("Taux normal"),
    "intermediate": _("Taux intermédiaire"),
    "reduced": _("Taux réduit"),
    "super_reduced": _("Taux particulier"),
    "exempt": _("Exonéré"),
}
METHODS: dict[str, Promise] = {
    "cash": _("Espèces"),
    "cheque": _("Chèque"),
    "transfer": _("Virement"),
    "card": _("Carte"),
    "helloasso": _("HelloAsso"),
    "debit": _("Prélèvement"),
    "other": _("Autre moyen"),
}
FIELDS: dict[str, Promise] = {
    "since": _("À partir du"),
    "regime": _("TVA"),
    "legal_name": _("Nom légal"),
    "legal_form": _("Forme"),
    "siret": _("Siret"),
    "vat_number": _("Numéro de TVA"),
    "rna": _("Numéro RNA"),
    "street": _("Adresse"),
    "postal_code": _("Code postal"),
    "city": _("Commune"),
    "country": _("Pays"),
    "email": _("Courriel"),
    "iban": _("IBAN"),
    "bic": _("BIC"),
    "creditor": _("Identifiant créancier SEPA"),
    "payment_days": _("Jours pour payer"),
    "cash_ceiling": _("Plafond d’espèces du lieu, en euros"),
    "vat_on_debits": _("TVA d’après les débits"),
    "is_general_interest": _("Organisme d’intérêt général"),
    "name": _("Nom"),
    "is_public": _("Acheteur public"),
    "service_code": _("Code service"),
    "engagement": _("Numéro d’engagement"),
    "customer": _("Client"),
    "kind": _("Genre"),
    "label": _("Libellé"),
    "detail": _("Précision"),
    "quantity": _("Quantité"),
    "unit": _("Unité"),
    "price": _("Prix unitaire hors taxe, en euros"),
    "vat": _("TVA"),
    "note": _("Mot au client"),
    "delivered_from": _("Prestation du"),
    "delivered_to": _("au"),
    "lines": _("Lignes"),
    "deposit": _("Acompte"),
    "credit": _("Ce qui est corrigé"),
    "seller": _("Qui facture"),
    "invoice": _("La facture"),
    "draft": _("Le brouillon"),
}


def euros(cents: int) -> str:
    """An amount as people read it: « 1 234,50 € », « −12,00 € »."""
    figure = number_format(Decimal(abs(cents)) / 100, 2, force_grouping=True).replace("\xa0", "\u202f")
    said = gettext("%(euros)s\u202f€") % {"euros": figure}
    return f"−{said}" if cents < 0 else said
