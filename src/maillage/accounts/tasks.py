"""The accounts' background work: what ended by itself is forgotten once a day."""

from django.utils import timezone

from maillage.accounts.actions import forget_unanswered, sweep_sessions


def daily_sweep() -> int:
    """Forget ended sessions, of which every code asked for leaves one, and the addresses of who never answered."""
    now = timezone.now()
    return sweep_sessions(now=now) + forget_unanswered(now=now)
