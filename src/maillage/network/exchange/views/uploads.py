"""A file that somebody sends to be looked at: held in memory, bounded, never written down."""

from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload

MOST_BYTES = 5 * 1024 * 1024


class Held(FileUploadHandler):
    """Keep the one file of the field `fichier`; a second one, or one too heavy, stops the reading."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken: bytearray | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.field_name != "fichier" or self.taken is not None:
            raise SkipFile
        self.taken = bytearray()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        assert self.taken is not None
        if len(self.taken) + len(raw_data) > MOST_BYTES:
            raise StopUpload(connection_reset=True)
        self.taken += raw_data
        return None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        assert self.taken is not None
        from io import BytesIO

        return InMemoryUploadedFile(
            BytesIO(bytes(self.taken)), self.field_name, self.file_name, self.content_type, file_size, self.charset
        )
