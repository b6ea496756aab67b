"""Tags and filters every template may use."""

from datetime import datetime
from functools import cache

from django import template
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from maillage.management.billing import labels
from maillage.places.views import wording

register = template.Library()


@register.filter
def in_words(moment: datetime, pattern: str) -> str:
    """A moment as a day in the language of the page; unlike `date`, French says « 1er mars ».

    `{{ place.updated_at|in_words:"j F Y" }}`
    """
    return wording.day_in_words(timezone.localtime(moment), pattern)


@register.filter
def figure(number: int) -> str:
    """A count with its thousands grouped, as everywhere on the site: « 20\u202f236 »."""
    return wording.figure(number)


@register.filter
def euros(cents: int) -> str:
    """An amount in cents, as people read it: « 1\u202f234,50\u202f€ »."""
    return labels.euros(cents)


@register.simple_tag
def front(name: str) -> str:
    """Give the address of a file of the front end, built or plain; empty when there is neither.

    `{% front "app.css" %}`, or `{% front "app.js" as script %}{% if script %}…{% endif %}`.
    """
    return _address(f"maillage/{name}")


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one symbol of the sprite `icons.svg`, hidden from screen readers; nothing without the sprite."""
    sprite = front("icons.svg")
    if not sprite:
        return SafeString("")
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>', sprite, name
    )


@cache
def _address(path: str) -> str:
    if staticfiles_storage.exists(path) or finders.find(path):
        return staticfiles_storage.url(path)
    return ""
