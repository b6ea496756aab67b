"""Die by SIGKILL at the N-th statement of something that writes, for N = 1, 2, 3… until it completes.

A parent that has everything loaded forks one child per N on a fresh copy of the database; the child does the act
and says so on a pipe once it is done. After each death the parent reads the database itself: it must be sound, and
hold the act whole or not at all; what the child acknowledged must be there; and the act done again must complete.
"""

import os
import pickle
import shutil
import signal
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from unittest.mock import patch

from tests.crash.stores import Store

Flow = Callable[[Any, Callable[[Any], None]], Any]
"""Does one act on the stage; what it returns is acknowledged, unless it has acknowledged by itself."""

DRAWN = {
    "accounts_invitation": {"digest"},
    "accounts_apikey": {"digest", "start"},
    "accounts_user": {"password"},
    "passes_pass": {"code"},
}
"""Columns drawn at random: told only as the value they had, or « new »."""
ASIDE = {
    "accounts_apikey": {"last_used_at"},
    "accounts_user": {"last_login", "joined_at"},
    "journal_mail": {"body", "calendar", "next_try_at", "sent_at", "attempts", "trouble", "asked_at"},
}
"""Columns written beside the act, in a transaction of their own: when a key served, how far a mail has got."""
NOT_THE_ACT = {"django_session", "maillage_cache", "usersessions_usersession", "sqlite_sequence"}
GROUND = ("territory_", "django_migrations", "django_content_type", "auth_")
MOST = 400

State = dict[str, tuple]


@dataclass
class Report:
    """What the deaths of one flow left."""

    name: str
    points: int = 0
    completed: bool = False
    absent: int = 0
    whole: int = 0
    problems: list[str] = field(default_factory=list)


class DieAt:
    """Count statements and commits; at the N-th, the process is gone."""

    def __init__(self, point: int) -> None:
        self.left = point

    def tick(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, execute: Callable, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.tick()
        return execute(sql, params, many, context)

    def committing(self, commit: Callable[[], None]) -> Callable[[], None]:
        def commit_or_die() -> None:
            self.tick()
            commit()
            self.tick()

        return commit_or_die


def read_state(store: Store, known: Mapping[str, set]) -> State:
    """Every row of every table that an act may change; what is drawn at random is told as old or new."""
    state = {}
    for table, (names, rows) in store.tables(lambda one: one not in NOT_THE_ACT and not one.startswith(GROUND)):
        state[table] = tuple(sorted(repr(_told(table, names, row, known)) for row in rows))
    return state


def _told(table: str, names: list[str], row: tuple, known: Mapping[str, set]) -> tuple:
    drawn, aside = DRAWN.get(table, set()), ASIDE.get(table, set())
    told = []
    for name, value in zip(names, row, strict=True):
        new = name in drawn and value not in known[f"{table}.{name}"]
        told.append("aside" if name in aside else "new" if new else value)
    return tuple(told)


def known_values(store: Store) -> dict[str, set]:
    return {
        f"{table}.{name}": {row[0] for row in store.ask(f'SELECT "{name}" FROM "{table}"')}
        for table, names in DRAWN.items()
        for name in names
    }


def read_all(told: BinaryIO) -> dict[str, Any]:
    """What a child wrote on its pipe before its end."""
    said: dict[str, Any] = {}
    while True:
        try:
            kind, what = pickle.load(told)
        except EOFError:
            return said
        said[kind] = what


class Theatre:
    """Runs flows again and again on copies of one database."""

    def __init__(self, store: Store, stage: Any, *, folders: Iterable[Path] = ()) -> None:
        self.store, self.stage, self.folders = store, stage, tuple(folders)
        store.save()
        self.saved_folders = {folder: folder.with_name(f"{folder.name}.saved") for folder in self.folders}
        for folder, saved in self.saved_folders.items():
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copytree(folder, saved)
        self.known = known_values(store)
        self.before = read_state(store, self.known)

    def restore(self) -> None:
        self.store.restore()
        for folder, saved in self.saved_folders.items():
            shutil.rmtree(folder)
            shutil.copytree(saved, folder)

    def act(self, flow: Flow, *, die_at: int = 0) -> tuple[bool, bool, Any]:
        """Do it in a child; tells whether it was killed before the end, whether it acknowledged, and what."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            self._child(flow, die_at, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as told:
            said = read_all(told)
        _, status = os.waitpid(child, 0)
        if "trouble" in said:
            raise AssertionError(f"the flow failed by itself:\n{said['trouble']}")
        killed = "end" not in said and os.WIFSIGNALED(status)
        return killed, "done" in said, said.get("done")

    def _child(self, flow: Flow, die_at: int, writing: int) -> None:
        from django.db import connection

        said: set[str] = set()

        def acknowledge(what: Any, kind: str = "done") -> None:
            if kind not in said:
                os.write(writing, pickle.dumps((kind, what)))
            said.add(kind)

        try:
            counter = DieAt(die_at)
            with ExitStack() as stack:
                stack.enter_context(connection.execute_wrapper(counter))
                stack.enter_context(patch.object(connection, "_commit", counter.committing(connection._commit)))
                answer = flow(self.stage, acknowledge)
            acknowledge(answer)
            acknowledge(None, "end")
            os.kill(os.getpid(), signal.SIGKILL)
        except BaseException:  # noqa: BLE001
            acknowledge(traceback.format_exc(), "trouble")
            os._exit(1)

    def run(
        self,
        name: str,
        flow: Flow,
        *,
        every: int = 1,
        holds: Callable[["Theatre", Any], str] | None = None,
        refusals: tuple[type[Exception], ...] = (ValueError,),
    ) -> Report:
        """Kill it everywhere (or at every so many points); `holds` says what an acknowledged answer lacks."""
        report = Report(name)
        self.restore()
        _, _, answer = self.act(flow)
        after = read_state(self.store, self.known)
        self._check(report, "done once", self.store.sound() == "ok" and (holds(self, answer) if holds else "") == "")
        point = 1
        while point < MOST:
            self.restore()
            killed, acknowledged, answer = self.act(flow, die_at=point)
            where = f"{name}, death at {point}"
            state = read_state(self.store, self.known)
            self._check(report, f"{where}: {self.store.sound()}", self.store.sound() == "ok")
            report.absent += state == self.before
            report.whole += state == after
            if state not in (self.before, after):
                report.problems.append(f"{where}: half done: {difference(self.before, after, state)}")
            if acknowledged and state != after:
                report.problems.append(f"{where}: acknowledged, and lost")
            if acknowledged and holds and (lacks := holds(self, answer)):
                report.problems.append(f"{where}: acknowledged, and {lacks}")
            if not killed:
                report.completed = True
                break
            report.points += 1
            if report.points % 4 == 1:
                self._again(report, where, flow, refusals)
            point += every
        return report

    def _again(self, report: Report, where: str, flow: Flow, refusals: tuple[type[Exception], ...]) -> None:
        def again(stage: Any, acknowledge: Any) -> str:
            try:
                flow(stage, acknowledge)
            except refusals as refused:
                return f"refused: {refused}"
            return "done"

        try:
            self.act(again)
        except AssertionError as failed:
            report.problems.append(f"{where}: could not be done again: {str(failed)[-400:]}")
        self._check(report, f"{where}, done again: {self.store.sound()}", self.store.sound() == "ok")

    @staticmethod
    def _check(report: Report, what: str, is_so: bool) -> None:
        if not is_so:
            report.problems.append(what)


def difference(before: State, after: State, state: State) -> str:
    """Which tables hold what neither state holds."""
    told = []
    for table in state:
        if state[table] not in (before[table], after[table]):
            strange = [row for row in state[table] if row not in before[table] and row not in after[table]]
            told.append(f"{table}: {strange[:2] or 'rows missing'}")
    changed = [table for table in state if before[table] != after[table]]
    mixed = {table: "before" if state[table] == before[table] else "after" for table in changed}
    return "; ".join(told) or f"tables of both moments: {mixed}"
