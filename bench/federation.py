"""How long one instance takes to copy 18,000 changes of another, and how much memory: two real processes.

    python -m bench.federation [--places 18000]

Prints, and keeps nothing: the time to read everything, then to read it again with nothing new; the highest memory.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.network.exchange.federation.live import ROOT, Live, copied

MEMORY = "import resource\ntold = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--places", type=int, default=18_000)
    count = parser.parse_args().places
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        (model / "static").mkdir(parents=True)
        made = [sys.executable, "-m", "maillage", "migrate"]
        subprocess.run(made, env=Live(model, "model").around, cwd=ROOT, check=True, capture_output=True)
        region, nation = (copied(model, Path(folder) / name, name) for name in ("region", "nation"))
        try:
            measure(region.start(), nation.start(), count)
        finally:
            region.stop()
            nation.stop()
    return 0


def measure(region: Live, nation: Live, count: int) -> None:
    region.write(
        "recensement",
        *(
            (str(n), f"Lieu {n}", "39093", {"phone": "03 84 00 00 00", "activities": ["coworking"], "prices": "5 €"})
            for n in range(count)
        ),
    )
    nation.follow(region)
    before = nation.do(MEMORY)
    began = time.perf_counter()
    done = nation.pull(region)[0]
    took = time.perf_counter() - began
    assert done["problem"] == "", done["problem"]
    assert done["copied"]["created"] == count, done
    print(f"{count} changes copied in {took:.1f} s, {done['pages']} pages, {count / took:.0f} a second")
    here, there = nation.do(MEMORY), region.do(MEMORY)
    print(f"memory of who reads: {here} MB at most ({before} MB before); of who tells: {there} MB")
    nation.do("from maillage.network.exchange.models import Peer\nPeer.objects.update(cursor='')")
    began = time.perf_counter()
    again = nation.pull(region)[0]
    took = time.perf_counter() - began
    assert again["copied"]["created"] == again["copied"]["changed"] == 0, again
    print(f"read again from the beginning, nothing changed: {took:.1f} s")


if __name__ == "__main__":
    raise SystemExit(main())
