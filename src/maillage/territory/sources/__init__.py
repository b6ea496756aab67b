"""Where a ground can come from: one port, one module per source; adding one is writing a module beside these."""

from typing import Protocol

from maillage.territory.rules.draft import GroundDraft


class GroundSource(Protocol):
    """A source of ground; `fingerprint` must be quick (0.1 s) and change when what `read` gives changes."""

    def fingerprint(self) -> str: ...

    def read(self) -> GroundDraft: ...
