from maillage.network.clearance.models.campaigns import Answer, Campaign, Invitation, Question, Silence, StillAsked
from maillage.network.clearance.models.helping import Grant, GrantUse, HelpMessage, HelpReader, HelpRequest
from maillage.network.clearance.models.networks import Network, Perimeter

__all__ = [
    "Answer",
    "Campaign",
    "Grant",
    "GrantUse",
    "HelpMessage",
    "HelpReader",
    "HelpRequest",
    "Invitation",
    "Network",
    "Perimeter",
    "Question",
    "Silence",
    "StillAsked",
]
