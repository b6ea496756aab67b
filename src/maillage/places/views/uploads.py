"""Files that people send: read on the page of photos only, bounded before they are kept anywhere."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from maillage.places.rules.photos import MAX_BYTES

PAGES = frozenset({"imports", "manage_photos", "manage_received", "manage_bank"})
MOST_FILES = 3
HEAVIER = {"imports": 25_000_000}
"""Pages whose files may weigh more than a photo, and how much, in bytes."""
MOST_BYTES = 200 * 1024 * 1024
"""What is read through and dropped, so that the answer can be seen; beyond, the line is cut at once."""
MOST_BYTES_ELSEWHERE = 4 * 1024 * 1024


class Bounded(FileUploadHandler):
    """Let files go unread, but three of 10 MB, or `HEAVIER`, that somebody signed in sends to a page that asks so."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.taken = 0
        self.too_heavy: set[str] = set()

    def handle_raw_input(
        self,
        input_data: Any,
        meta: dict[str, str],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        self.wanted = wants_files(self.request)
        match = getattr(self.request, "resolver_match", None)
        self.most_bytes = HEAVIER.get(match.url_name if match else "", MAX_BYTES)
        if content_length > (MOST_BYTES if self.wanted else MOST_BYTES_ELSEWHERE):
            raise RequestDataTooBig("trop de données")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.taken += 1
        if not self.wanted:
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        # Not in `new_file`: skipping there closes the file before this one.
        if self.taken > MOST_FILES:
            raise SkipFile
        if start + len(raw_data) > self.most_bytes:
            self.too_heavy.add(str(self.field_name))
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:
        return None


def wants_files(request: Any) -> bool:
    """Whether the page that answers reads files, from this person; anybody else's are never written down."""
    match = getattr(request, "resolver_match", None)
    return bool(match and match.url_name in PAGES and request.user.is_authenticated)


def too_heavy(request: HttpRequest) -> set[str]:
    """The fields whose file was dropped for its weight."""
    handlers: Iterable[object] = request.upload_handlers
    return set().union(*(handler.too_heavy for handler in handlers if isinstance(handler, Bounded)))
