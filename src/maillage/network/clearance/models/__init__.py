from maillage.network.clearance.models.networks import Network, Perimeter

__all__ = ["Network", "Perimeter"]
