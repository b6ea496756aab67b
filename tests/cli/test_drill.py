"""Backups taken while people write: each restores whole, and holds all that had been acknowledged before it began."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli import installs
from tests.cli.installs import SETUP, Install

WRITERS = 2
WRITE = """
import random, sys, time
from io import BytesIO
from PIL import Image
from django.utils import timezone
from maillage.accounts import actions as accounts
from maillage.places.actions import sheet
from maillage.places.actions.lifecycle import confirm_place
from maillage.places.actions.photos import add_photo
from maillage.places.models import Place, Revision
from maillage.places.rules.photos import PhotoRefused
me, chance, places = sys.argv[1], random.Random(sys.argv[1]), list(Place.objects.values_list("pk", flat=True))
log = open(sys.argv[2], "a")
for n in range(1_000_000):
    place, now, word = chance.choice(places), timezone.now(), f"{me}-{n}"
    act = chance.choice(["edit", "edit", "confirm", "photo", "invite"])
    if act == "edit":
        last = Revision.objects.filter(place=place).order_by("-number").first()
        try:
            field = chance.choice(["description", "prices", "how_to_come"])
            sheet.edit_sheet(
                place_id=place, values={field: word, "phone": f"01 {n}"}, seen=last.number if last else 0,
                by="essai", now=now,
            )
        except sheet.SheetOvertaken:
            continue
    elif act == "confirm":
        confirm_place(place_id=place, by=f"essai:{word}", now=now)
    elif act == "photo":
        picture = BytesIO()
        Image.new("RGB", (80, 80), (chance.randrange(256), chance.randrange(256), n % 256)).save(picture, "PNG")
        try:
            add_photo(place_id=place, data=picture.getvalue(), alt=word, licence="CC0", by="essai", now=now)
        except PhotoRefused:
            continue
    else:
        scope = f"place:{place}"
        made = accounts.invite(email=f"{word}@example.org", role="colleague", scope=scope, by="essai", now=now)
        log.write(f"invite {word}\\n"); log.flush()
        accounts.accept(token=made.token, by=None, now=now)
        act = "accept"
    log.write(f"{act} {word}\\n"); log.flush()
    time.sleep(0.04)
"""
CHECK = """
import json, sys
from pathlib import Path
from django.conf import settings
from django.utils import timezone
from maillage.accounts.models import Invitation, Membership
from maillage.cli.main import main
from maillage.journal.models import AuditEvent
from maillage.places.models import Photo, Place, Revision, SourceRecord
from maillage.places.queries.files import photo_files
from maillage.places.queries.team import shown
from maillage.places.rules.choice import Record, choose
from maillage.places.rules.drafts import FIELDS
from maillage.places.rules.fields import blank
if len(sys.argv) > 2 and main(["restore", sys.argv[2]]):
    print("! the backup is refused")
    sys.exit()
def trouble(said):
    print("!", said)
def same(one, other):
    return sorted(one) == sorted(other) if isinstance(one, list) and isinstance(other, list) else one == other
NOT_SAID = ("lat", "lon", "precision")  # of the commune's centre, where no record gives a point
for place in Place.objects.all():
    records = [
        Record(f"{r.source.slug}:{r.ref}", r.source.rank, r.dated, r.values)
        for r in SourceRecord.objects.filter(place=place).select_related("source")
    ]
    chosen = choose(records, today=timezone.now().date())
    now_shown = shown(place)
    for name in FIELDS:
        wanted = chosen[name].value if name in chosen else blank(name)
        if not same(now_shown[name], wanted) and not (name in NOT_SAID and "lat" not in chosen):
            trouble(f"{place} {name}: shown {now_shown[name]!r}, chosen {wanted!r}")
    last = {}
    revisions = list(Revision.objects.filter(place=place).order_by("number"))
    if [r.number for r in revisions] != list(range(1, len(revisions) + 1)):
        trouble(f"{place}: revisions are not numbered without a gap")
    for revision in revisions:
        last |= {name: pair[1] for name, pair in revision.changes.items()}
    alts = list(place.photos.order_by("position", "pk").values_list("alt", flat=True))
    if last.pop("photos", []) != alts:
        trouble(f"{place}: the photos are not those of its last revision")
    for name, value in last.items():
        if name in now_shown and not same(now_shown[name], value):
            trouble(f"{place} {name}: shown {now_shown[name]!r}, last revision {value!r}")
for name in photo_files():
    if not (Path(settings.MEDIA_ROOT) / name).exists():
        trouble(f"{name} is missing")
for made in Invitation.objects.filter(used_at__isnull=False):
    if not Membership.objects.filter(user=made.used_by, scope=made.scope).exists():
        trouble(f"{made.email} accepted and has no role")
words = {
    "edit": {str(v[1]) for r in Revision.objects.all() for v in r.changes.values() if v},
    "confirm": {e.by.removeprefix("essai:") for e in AuditEvent.objects.filter(action="places.confirmed")},
    "photo": set(Photo._base_manager.values_list("alt", flat=True)),
    "invite": {e.split("@")[0] for e in Invitation.objects.values_list("email", flat=True)},
    "accept": {e.split("@")[0] for e in Membership.objects.values_list("user__email", flat=True)},
}
acknowledged = json.loads(sys.argv[1])
for line in acknowledged:
    act, word = line.split()
    if word not in words[act]:
        trouble(f"{line} was acknowledged and is lost")
"""
SLOWLY = """
import sys, time
from contextlib import contextmanager
from maillage.cli.archive import moment, tables
from maillage.cli.main import main
whole = tables.rows
def slow(model, *, using):
    time.sleep(0.02)
    return whole(model, using=using)
tables.rows = slow
if sys.argv[2] == "naive":
    @contextmanager
    def no_moment():
        yield "default"
    moment.one_moment = no_moment
sys.exit(main(["backup", sys.argv[1]]))
"""


@contextmanager
def at_work(install: Install, log: Path):
    """Several people write without a pause while the block runs; yields how to know what was acknowledged."""
    log.touch()
    people = [install.start("-c", SETUP + WRITE, f"p{number}", log) for number in range(WRITERS)]
    try:
        deadline = time.monotonic() + 60
        while len(log.read_text().splitlines()) < 20:
            assert time.monotonic() < deadline, "nobody writes"
            assert all(person.poll() is None for person in people), [p.communicate() for p in people if p.poll()]
            time.sleep(0.1)
        yield lambda: [line for line in log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        assert all(person.poll() is None for person in people), [p.communicate() for p in people if p.poll()]
    finally:
        for person in people:
            person.kill()
            person.communicate()


def drill(install: Install, empty: Install, tmp_path: Path, *, times: int, kind: str = "true") -> Iterator[str]:
    """Back up and restore `times` times while people write; what is wrong in each restored install."""
    with at_work(install, tmp_path / "log") as acknowledged:
        for number in range(times):
            before, path = acknowledged(), tmp_path / f"{number}.zip"
            done = install.run("-c", SETUP + SLOWLY, path, kind)
            assert done.returncode == 0, done.stderr
            assert len(acknowledged()) > len(before), "nobody wrote meanwhile: the drill proves nothing"
            other = installs.copied(empty, tmp_path / f"restored-{number}")
            said = other.python(CHECK, installs.json.dumps(before), path)
            installs.shutil.rmtree(other.home)
            path.unlink()
            yield "".join(line for line in said.splitlines(keepends=True) if not line.startswith(("Rest", "  ")))


def on(engine: str, install: Install, backup: Path, request: pytest.FixtureRequest) -> Install:
    if engine == "sqlite":
        return install
    there: Install = request.getfixturevalue("on_postgres")
    assert there.maillage("restore", backup).returncode == 0
    return there


ENGINES = pytest.mark.parametrize("engine", ["sqlite", "postgresql"])


@ENGINES
def test_backups_taken_while_people_write_restore_whole(engine, install, empty, backup, request, tmp_path):
    assert list(drill(on(engine, install, backup, request), empty, tmp_path, times=3)) == [""] * 3


@ENGINES
def test_a_backup_read_at_several_moments_is_caught(engine, install, empty, backup, request, tmp_path):
    """The control: without one moment, the same drill finds what is torn."""
    assert any(drill(on(engine, install, backup, request), empty, tmp_path, times=4, kind="naive"))


@pytest.mark.full
@ENGINES
def test_fifty_backups_taken_while_people_write_restore_whole(engine, install, empty, backup, request, tmp_path):
    started = time.monotonic()
    assert list(drill(on(engine, install, backup, request), empty, tmp_path, times=50)) == [""] * 50
    print(f"{engine}: 50 backups while writing, 50 restored whole, {time.monotonic() - started:.0f} s")
