"""Every address of the site, read from the URL configuration itself."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse


@dataclass(frozen=True)
class Address:
    name: str
    route: str
    arguments: tuple[str, ...]
    pattern: URLPattern

    def url(self, values: Mapping[str, Any]) -> str | None:
        """This address with these values, or None when one is missing or cannot stand in it."""
        try:
            return reverse(self.name, kwargs={name: values[name] for name in self.arguments})
        except (NoReverseMatch, KeyError):
            return None


def addresses() -> list[Address]:
    """All of them; those that have no name (Django's admin has some) are named by their route."""
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list, before: str, space: str) -> Iterator[Address]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            arguments = re.findall(r"<(?:\w+:)?(\w+)>", re.sub(r"\(\?P", "", route))
            yield Address(f"{space}{pattern.name or route}", route, tuple(arguments), pattern)
        else:
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, route, inner)
