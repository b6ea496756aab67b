from datetime import datetime
from typing import Any

from maillage.journal import queries
from maillage.journal.models import AuditEvent


def write(
    *, action: str, by: str, now: datetime, subject: str = "", detail: dict[str, Any] | None = None
) -> AuditEvent:
    """Write one audit event; call it inside the transaction of the change it tells of."""
    queries.forget()
    return AuditEvent.objects.create(at=now, by=by, action=action, subject=subject, detail=detail or {})
