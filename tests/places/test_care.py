from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from maillage.places.rules.care import GROUPS, Need, known, missing, need, order

said = st.sets(st.sampled_from(GROUPS))


@given(said, st.sampled_from(["open", "project", "dormant", "closed"]))
def test_a_group_is_known_or_missing_or_spared(groups: set[str], status: str) -> None:
    assert not set(missing(groups, status)) & groups
    assert set(missing(groups, "open")) | groups == set(GROUPS)
    assert set(missing(groups, status)) <= set(missing(groups, "open"))


def test_what_a_sheet_knows() -> None:
    values = {"website": "https://example.org", "activities": ["cafe"], "street": "x", "precision": "commune"}
    assert known(values, photos=1) == {"contact", "activities", "photos"}


def test_who_needs_care_first(now: datetime) -> None:
    rows = [
        ("closed", None, 0),
        ("open", now, 0),
        ("open", now, 1),
        ("open", now, 5),
        ("open", now - timedelta(days=400), 0),
        ("open", now - timedelta(days=900), 0),
        ("open", None, 2),
        ("project", None, 4),
    ]
    ordered = sorted(rows, key=lambda row: order(status=row[0], confirmed_at=row[1], lacking=row[2], now=now))
    assert ordered == list(reversed(rows))
    assert need(status="closed", confirmed_at=None, lacking=9, now=now) == Need.FINE
