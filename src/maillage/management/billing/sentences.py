"""What is found wrong with the books, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from maillage.management.billing.rules.faults import Fault

TABLES: Mapping[str, Promise] = {
    "entry": _("Ligne %(name)s du journal"),
    "invoice": _("Facture %(name)s"),
    "payment": _("Encaissement %(name)s"),
    "slip": _("Remise de chèques %(name)s"),
    "receipt": _("Reçu %(name)s"),
    "closing": _("Clôture du %(name)s"),
    "series": _("Série %(name)s"),
}
WRONGS: Mapping[str, Promise] = {
    "gone": _("elle manque, ou ce qui la précédait"),
    "content": _("son contenu a changé"),
    "canonical": _("son texte a changé"),
    "digest": _("son empreinte a changé"),
    "before": _("son lien avec la ligne d’avant a changé"),
    "lacks_entry": _("le journal n’en dit rien"),
    "lacks_piece": _("la pièce dont elle parle n’existe pas"),
    "dates": _("sa date est avant celle du numéro précédent"),
    "totals": _("le journal en dit un autre montant"),
    "balance": _("débits et crédits diffèrent"),
    "last_number": _("son dernier numéro a changé"),
}
COLUMNS: Mapping[str, Promise] = {
    "place_id": _("lieu"),
    "position": _("rang"),
    "journal": _("journal"),
    "writing": _("écriture"),
    "on": _("date"),
    "account": _("compte"),
    "account_label": _("libellé du compte"),
    "auxiliary": _("compte auxiliaire"),
    "auxiliary_label": _("libellé auxiliaire"),
    "piece": _("pièce"),
    "piece_on": _("date de la pièce"),
    "label": _("libellé"),
    "debit_cents": _("débit"),
    "credit_cents": _("crédit"),
    "written_at": _("heure d’écriture"),
    "written_by": _("auteur"),
    "seal": _("empreinte de la pièce"),
    "customer_id": _("compte client"),
    "payment_id": _("encaissement"),
    "corrects_id": _("facture corrigée"),
    "undoes_id": _("encaissement annulé"),
    "kind": _("genre"),
    "number": _("numéro"),
    "series": _("série"),
    "issued_on": _("date d’émission"),
    "due_on": _("échéance"),
    "given_on": _("date du don"),
    "net_cents": _("montant hors taxe"),
    "vat_cents": _("TVA"),
    "total_cents": _("total"),
    "amount_cents": _("montant"),
    "key": _("clé"),
    "issued_at": _("heure d’émission"),
    "issued_by": _("auteur"),
    "method": _("moyen"),
    "received_on": _("date"),
    "reference": _("référence"),
    "provider": _("prestataire"),
    "provider_ref": _("numéro chez le prestataire"),
    "recorded_at": _("heure"),
    "recorded_by": _("auteur"),
    "banked_on": _("jour du crédit"),
    "banked_at": _("heure du crédit"),
    "banked_by": _("auteur"),
    "cheques": _("chèques"),
    "period": _("période"),
    "starts_on": _("premier jour"),
    "ends_on": _("dernier jour"),
    "last_position": _("dernier rang"),
    "chain": _("empreinte de la dernière ligne"),
    "closed_at": _("heure de clôture"),
    "closed_by": _("auteur"),
}
LONGEST_WAS = 60


def fault(found: Fault) -> str:
    """One thing that is wrong, in one sentence: which row, which column, and what stood there where that is proven."""
    name = str(TABLES[found.table]) % {"name": found.name}
    if found.column in WRONGS:
        return gettext("%(name)s\u202f: %(what)s.") % {"name": name, "what": WRONGS[found.column]}
    column = COLUMNS.get(found.column, found.column)
    if found.was:
        told = {"name": name, "column": column, "was": found.was[:LONGEST_WAS]}
        return gettext("%(name)s\u202f: «\u202f%(column)s\u202f» a changé, c’était %(was)s.") % told
    return gettext("%(name)s\u202f: «\u202f%(column)s\u202f» a changé.") % {"name": name, "column": column}
