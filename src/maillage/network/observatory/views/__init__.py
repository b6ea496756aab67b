"""The pages of the observatory."""

from maillage.network.observatory.views.pages import counter, counter_csv, counter_json, observatory

__all__ = ["counter", "counter_csv", "counter_json", "observatory"]
