from maillage.network.clearance.models.helping import Grant, GrantUse, HelpMessage, HelpReader, HelpRequest
from maillage.network.clearance.models.networks import Network, Perimeter

__all__ = ["Grant", "GrantUse", "HelpMessage", "HelpReader", "HelpRequest", "Network", "Perimeter"]
