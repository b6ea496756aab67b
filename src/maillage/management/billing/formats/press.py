"""Many invoices as files, on several processors: each file appears whole, and one that is there is left alone."""

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType

from maillage.management.billing.rules.dispatch import file_name
from maillage.management.billing.rules.documents import read

WORKERS = 2


class Press:
    """Takes the frozen texts of invoices and writes their Factur-X into a folder."""

    def __init__(self, folder: Path, workers: int = WORKERS) -> None:
        self.folder = folder
        self.pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=ready)
        self.waiting: list[Future[bool]] = []

    def __enter__(self) -> "Press":
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pool.shutdown(cancel_futures=kind is not None)

    def take(self, text: str) -> None:
        """Ask for the file of one invoice."""
        self.waiting.append(self.pool.submit(printed, text, str(self.folder)))

    def finished(self) -> Iterator[bool]:
        """Wait for every file, in the order in which they are there; True for one that is new."""
        for one in as_completed(self.waiting):
            yield one.result()


def ready() -> None:
    """What a new process needs before it writes."""
    import django

    django.setup()


def printed(text: str, folder: str) -> bool:
    """Write one invoice, unless its file is there: what was issued never changes, so neither does the file."""
    from maillage.management.billing.formats.facturx_pdf import facturx_pdf

    document = read(text)
    path = Path(folder) / f"{file_name(document.number)}.pdf"
    if path.exists():
        return False
    handle, beside = tempfile.mkstemp(prefix=".en-cours-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(facturx_pdf(document))
            file.flush()
            os.fsync(file.fileno())
        Path(beside).rename(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    return True
