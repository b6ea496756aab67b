"""Opening hours as a timetable that can be said in words: which days, which times, which exceptions.

It reads the part of the OSM syntax that people use for such places. What it cannot say exactly, it does not say:
`read` answers None and the page shows the hours as they were written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WHOLE_WEEK = tuple(range(7))
FULL_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Times:
    """From one minute of the day to another; an end over 1440 is on the next day, None is "from … on"."""

    start_minutes: int
    end_minutes: int | None


@dataclass(frozen=True, slots=True)
class Season:
    """From (month, day) to (month, day), both included; a day of 0 stands for the whole month."""

    start: tuple[int, int]
    end: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a timetable.

    `days` are 0 (Monday) to 6; empty `days` without `holidays` means every day. `weeks_of_month` are 1–5 or -1 for
    the last. `state` is "open", "closed" or "unknown". `otherwise` marks what holds when nothing else does.
    """

    days: tuple[int, ...] = ()
    weeks_of_month: tuple[int, ...] = ()
    public_holidays: bool = False
    school_holidays: bool = False
    seasons: tuple[Season, ...] = ()
    times: tuple[Times, ...] = ()
    state: str = "open"
    comment: str = ""
    otherwise: bool = False
    adds: bool = False

    @property
    def plain(self) -> bool:
        """True if the line speaks of ordinary weeks only."""
        return not (
            self.weeks_of_month
            or self.public_holidays
            or self.school_holidays
            or self.seasons
            or self.comment
            or self.otherwise
        )


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<comment>"[^"]*")
    | (?P<always>24/7)
    | (?P<times>\d{1,2}:\d{2}(?:\s*-\s*\d{1,2}:\d{2}|\+)(?:\s*,\s*\d{1,2}:\d{2}(?:\s*-\s*\d{1,2}:\d{2}|\+))*)
    | (?P<seasons>MONTH(?:\s+\d{1,2})?(?:\s*-\s*(?:MONTH(?:\s+\d{1,2})?|\d{1,2}))?
        (?:\s*,\s*MONTH(?:\s+\d{1,2})?(?:\s*-\s*(?:MONTH(?:\s+\d{1,2})?|\d{1,2}))?)*)(?!:)
    | (?P<days>DAY(?:\s*,\s*DAY)*)
    | (?P<state>off|closed|open|unknown)\b
    | (?P<end>;|\|\||,)
    )""".replace(
        "DAY", r"(?:(?:PH|SH)\b|(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:\s*-\s*(?:Mo|Tu|We|Th|Fr|Sa|Su)|\[-?[1-5](?:,-?[1-5])*\])?)"
    ).replace("MONTH", "(?:" + "|".join(MONTHS) + ")"),
    re.VERBOSE,
)


def read(oh: str) -> tuple[Line, ...] | None:
    """Read hours as lines to say, ordinary week first; None for what this module cannot say exactly.

    >>> read("Mo-Fr 09:00-17:00; We off")
    (Line(days=(0, 1, 3, 4), ...times=(Times(start_minutes=540, end_minutes=1020),), state='open', ...),)
    >>> read("sunrise-sunset")
    """
    rules = _rules(oh)
    if rules is None:
        return None
    if len(rules) == 1 and rules[0] == Line(times=(Times(0, FULL_DAY),)):
        return rules
    plain = [rule for rule in rules if rule.plain]
    special = [rule for rule in rules if not rule.plain]
    if _overrides_an_exception(rules):
        return rules
    return (*_grouped(week(tuple(plain))), *special) or rules


def _overrides_an_exception(rules: tuple[Line, ...]) -> bool:
    """True when an ordinary rule comes after an exception: its order must then be kept."""
    exceptions = [place for place, rule in enumerate(rules) if rule.seasons or rule.weeks_of_month or rule.comment]
    return bool(exceptions) and any(rule.plain and not rule.adds for rule in rules[exceptions[0] :])


def week(lines: tuple[Line, ...]) -> tuple[tuple[Times, ...], ...]:
    """Lay plain lines over one another, as OSM does: a later rule replaces the day, unless a comma adds it.

    >>> [len(times) for times in week(read("Mo-Fr 09:00-12:00, Mo 14:00-18:00"))]
    [2, 1, 1, 1, 1, 0, 0]
    """
    days: list[tuple[Times, ...]] = [()] * 7
    for line in lines:
        for day in line.days or WHOLE_WEEK:
            if line.state == "closed":
                days[day] = ()
            else:
                times = line.times or (Times(0, FULL_DAY),)
                days[day] = tuple(sorted((*days[day], *times), key=lambda t: t.start_minutes)) if line.adds else times
    return tuple(days)


def _grouped(days: tuple[tuple[Times, ...], ...]) -> Iterator[Line]:
    """Say together the days that have the same times, in the order of the week; closed days are left unsaid."""
    said: dict[tuple[Times, ...], list[int]] = {}
    for day, times in enumerate(days):
        if times:
            said.setdefault(times, []).append(day)
    for times, which in said.items():
        yield Line(days=tuple(which), times=times)


def _rules(oh: str) -> tuple[Line, ...] | None:
    rules: list[Line] = []
    line, empty, position = Line(), True, 0
    oh = oh.strip()
    while position < len(oh):
        match = _TOKEN.match(oh, position)
        if match is None or match.end() == position:
            return None
        position = match.end()
        kind, text = match.lastgroup, match[match.lastgroup or 0].strip()
        if kind == "end":
            if empty:
                return None
            rules.append(_closed_off(line))
            line, empty = Line(adds=text == ",", otherwise=text == "||"), True
            continue
        read_token = _with(line, kind or "", text)
        if read_token is None:
            return None
        line, empty = read_token, False
    if not empty:
        rules.append(_closed_off(line))
    return tuple(rules) or None


def _closed_off(line: Line) -> Line:
    """Without a state, a comment promises nothing: the specification calls it unknown."""
    return replace(line, state="unknown") if line.comment and line.state == "open" else line


def _with(line: Line, kind: str, text: str) -> Line | None:
    """Add one token to a line; None when it comes twice or out of order."""
    if kind == "comment" and not line.comment:
        return replace(line, comment=text.strip('"').strip())
    if kind == "state" and line.state == "open":
        return replace(line, state="closed" if text in ("off", "closed") else text)
    if line.times or line.comment or line.state != "open":
        return None
    if kind == "always":
        return replace(line, times=(Times(0, FULL_DAY),))
    if kind == "times":
        return _with_times(line, text)
    if line.days or line.public_holidays or line.school_holidays:
        return None
    if kind == "days":
        return _with_days(line, text)
    if kind == "seasons" and not line.seasons:
        return _with_seasons(line, text)
    return None


def _with_times(line: Line, text: str) -> Line | None:
    times = []
    for part in re.split(r"\s*,\s*", text):
        numbers = [int(number) for number in re.findall(r"\d+", part)]
        start = numbers[0] * 60 + numbers[1]
        end = numbers[2] * 60 + numbers[3] if len(numbers) == 4 else None
        if end is not None and end <= start:
            end += FULL_DAY
        minutes_are_right = all(minute < 60 for minute in numbers[1::2])
        if not minutes_are_right or start > FULL_DAY or (end or 0) > 2 * FULL_DAY:
            return None
        times.append(Times(start, end))
    return replace(line, times=tuple(times))


def _with_days(line: Line, text: str) -> Line | None:
    days: list[int] = []
    nth: list[int] = []
    public = school = False
    for part in re.findall(r"PH|SH|[A-Z][a-z](?:\s*-\s*[A-Z][a-z]|\[[^\]]*\])?", text):
        if part in ("PH", "SH"):
            public, school = public or part == "PH", school or part == "SH"
        elif "[" in part:
            days.append(DAYS.index(part[:2]))
            nth += [int(number) for number in re.findall(r"-?\d", part)]
        else:
            ends = [DAYS.index(name) for name in re.findall(r"[A-Z][a-z]", part)]
            days += [(ends[0] + step) % 7 for step in range((ends[-1] - ends[0]) % 7 + 1)]
    if nth and (len(days) > 1 or public or school):
        return None
    return replace(
        line,
        days=tuple(sorted(set(days))),
        weeks_of_month=tuple(nth),
        public_holidays=public,
        school_holidays=school,
    )


def _with_seasons(line: Line, text: str) -> Line:
    seasons = []
    for part in re.split(r"\s*,\s*", text):
        ends = re.findall(r"([A-Z][a-z]{2})?\s*(\d{1,2})?", part)
        found = [(name, int(day or 0)) for name, day in ends if name or day]
        month = MONTHS.index(found[0][0]) + 1
        start = (month, found[0][1])
        end = start if len(found) == 1 else (MONTHS.index(found[1][0]) + 1 if found[1][0] else month, found[1][1])
        seasons.append(Season(start, end))
    return replace(line, seasons=tuple(seasons))
