"""The browsers where one's account is open."""

import re
from typing import Any

from allauth.usersessions.views import ListUserSessionsView
from django.utils.translation import gettext

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone|iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_words(user_agent: str) -> str:
    """A browser as people name it, from what it says of itself.

    >>> browser_words("Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0")
    'Firefox, Android'
    """
    found = [next((name for mark, name in known if re.search(mark, user_agent)), "") for known in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, found)) or gettext("Navigateur inconnu")


class Sessions(ListUserSessionsView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        shown = [
            {
                "browser": browser_words(one.user_agent),
                "since": one.created_at,
                "ip": one.ip,
                "current": one.is_current(),
            }
            for one in context["sessions"]
        ]
        return context | {"shown": shown}
