"""The fields of structures and services and the values they accept, as transcribed in `schema.json`."""

import json
from pathlib import Path
from typing import Any

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parent / "schema.json").read_text(encoding="utf-8"))
VERSION: str = SCHEMA["version"]
REFERENCE: str = SCHEMA["homepage"]
STRUCTURE: dict[str, dict[str, Any]] = SCHEMA["structure"]
SERVICE: dict[str, dict[str, Any]] = SCHEMA["service"]
KINDS = {"structures": STRUCTURE, "services": SERVICE}
"""The two lists of a document."""
PROVENANCE = "provenance"
"""A third list, ours: under which licence each structure stands, and whom to name."""
SHORTEST_NAME: int = STRUCTURE["nom"]["minLength"]
LONGEST_NAME: int = STRUCTURE["nom"]["maxLength"]
EARLIEST = "2000-01-01"
EVERYBODY = "tous-publics"
