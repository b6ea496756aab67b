"""Calendars as others write them."""


def calendar(*events: str, head: str = "") -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Mairie//FR", *head.split(), *events, "END:VCALENDAR", ""]
    return "\r\n".join(line for line in lines if line).encode()


def event(*lines: str, uid: str = "a") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "SUMMARY:Conseil, M. Dupont", *lines, "END:VEVENT"])


def at(start: str, end: str, *more: str, uid: str = "a") -> str:
    return event(f"DTSTART{start}", f"DTEND{end}", *more, uid=uid)
