"""What La Maille asks in the demo: one exchange with Inès' network about money, one question that still waits."""

from datetime import datetime, timedelta

from maillage.network.clearance.actions import helping
from maillage.network.clearance.models import Grant, HelpReader, HelpRequest, Network
from maillage.network.clearance.rules.helping import ACCOUNTS, USAGE, Asked
from maillage.places.models import Place

MONEY = (
    "Nous avons deux mois de trésorerie devant nous et le loyer monte en janvier. "
    "Faut-il relever le prix de la demi-journée, ou chercher une autre recette ?"
)
ANSWER = (
    "Bonjour Nadine,\n\nJ’ai lu vos comptes : les bureaux vous portent, la salle du four dort deux jours sur cinq. "
    "Avant de toucher aux prix, louons-la. Je vous appelle jeudi, avec l’exemple d’un lieu voisin.\n\nInès"
)
THANKS = "Merci, jeudi à 14 heures c’est parfait. Rien que de l’avoir écrit, je respire."
WIRES = "La fibre du bourg est coupée depuis lundi et personne ne sait qui appeler. À qui s’adresser ?"


def ask_for_help(*, place: Place, network: Network, by: str, now: datetime) -> None:
    """Live through both; within the transaction of the demo."""
    code = f"reseau:{network.pk}"
    shares = (USAGE, ACCOUNTS)
    first = helping.ask(
        place=place,
        asked=Asked(theme="money", says=MONEY, readers=(code,), shares=shares),
        by=by,
        now=now - timedelta(days=9),
    )
    answered = now - timedelta(days=8, hours=3)
    helping.answer(request_id=first.pk, network=network, text=ANSWER, seen=0, by=by, now=answered)
    helping.write_again(place=place, request_id=first.pk, text=THANKS, by=by, now=now - timedelta(days=8))
    waiting = Asked(theme="equipment", says=WIRES, readers=(code,))
    second = helping.ask(place=place, asked=waiting, by=by, now=now - timedelta(days=2, hours=4))
    if place.commune is not None and place.commune.departement_id:
        HelpReader.objects.create(request=second, scope=f"dep:{place.commune.departement_id}")


def forget_help() -> None:
    """Take away what fictional places have asked and shown."""
    Grant.objects.filter(place__is_demo=True).delete()
    HelpRequest.objects.filter(place__is_demo=True).delete()
