"""The site as a WSGI application."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.config.settings")


class Request(WSGIRequest):
    """A request read as UTF-8, whatever it says of itself.

    Django reads the address in the charset of Content-Type: under « hex » it fails before any page, and under
    « utf-16 » a page kept for everybody would be the answer to another question.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


class Application(WSGIHandler):
    request_class = Request


django.setup(set_prefix=False)
from maillage.web.kept_tiles import KeptTiles  # noqa: E402  (models are ready only now)

application = KeptTiles(Application())
