"""Run by `test_crash.py` in a process of its own, with MAILLAGE_HOME: every flow, killed everywhere; told as JSON."""

import json
import os
import sys
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import django


def session_is_open(theatre: Any, key: str) -> str:
    found = theatre.store.ask("SELECT count(*) FROM django_session WHERE session_key = ?", [key])[0][0]
    return "" if found else "the session it gave does not exist"


def key_exists(theatre: Any, secret: str) -> str:
    from maillage.accounts.rules import digest

    found = theatre.store.ask("SELECT count(*) FROM accounts_apikey WHERE digest = ?", [digest(secret)])[0][0]
    return "" if found else "the key it gave opens nothing"


def files_are_there(theatre: Any, _answer: Any) -> str:
    names = [row[0] for row in theatre.store.ask("SELECT file FROM places_photo")]
    missing = [name for name in names if not (theatre.folders[0] / name).is_file()]
    return f"photos have no file: {missing}" if missing else ""


def mail_has_left(theatre: Any, _answer: Any) -> str:
    sent, body = theatre.store.ask("SELECT sent_at, body FROM journal_mail WHERE id = ?", [theatre.stage.mail])[0]
    written = [path for path in theatre.folders[1].glob("*.txt") if f"_{theatre.stage.mail:06}" in path.name]
    if not written or "Une lettre." not in written[0].read_text(encoding="utf-8"):
        return "the letter is not in the outbox"
    return "" if sent and not body else "the letter does not know that it has left"


HOLDS = {
    "sign_in_by_code": session_is_open,
    "make_key": key_exists,
    "add_photo": files_are_there,
    "remove_photo": files_are_there,
    "restore_photo": files_are_there,
    "deliver": mail_has_left,
}


def main(every: int, names: list[str]) -> None:
    home = Path(os.environ["MAILLAGE_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import setup_test_environment

    from tests.crash import flows
    from tests.crash.harness import Theatre

    backend = settings.EMAIL_BACKEND
    setup_test_environment(debug=False)
    settings.EMAIL_BACKEND = backend
    with ExitStack() as stack:
        store = make_store(stack)
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        stack.enter_context(flows.standing_clock())
        stage = flows.make_stage(home)
        connection.close()
        theatre = Theatre(store, stage, folders=[Path(settings.MEDIA_ROOT), home / "outbox"])
        for name in names or [*flows.FLOWS, *flows.WRONG]:
            flow, step = (flows.FLOWS[name], every) if name in flows.FLOWS else (flows.WRONG[name], 1)
            try:
                told = asdict(theatre.run(name, flow, every=step, holds=HOLDS.get(name)))
            except AssertionError as failed:
                told = {"name": name, "problems": [str(failed)[-1500:]], "points": 0, "completed": False}
            print(json.dumps(told), flush=True)


def make_store(stack: ExitStack) -> Any:
    """The database of this process, an empty one of its own on a server."""
    from django.db import connection

    from tests.crash.stores import File, Server

    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return File(Path(name))
    server = Server(name)
    stack.callback(server.drop)
    server.make()
    return server


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
