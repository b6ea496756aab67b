"""Runs inside the environment of `access` (PySAL), never in ours: one measure on one instance, with a memory cap.

python access_peer.py INSTANCE.npz ANSWER.npz MEASURE MEGABYTES; prints one JSON line: CPU and wall seconds of the call
alone (imports and data frames aside), peak memory. The functions that `access.Access` calls are called directly.
"""

import json
import resource
import sys
import time

BANDS = {10: 1, 20: 0.68, 30: 0.22}
SIGMA_MIN = 15
TAU_MIN = 60


def main(instance: str, answer: str, measure: str, megabytes: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (int(megabytes) << 20, int(megabytes) << 20))
    import numpy as np
    import pandas as pd
    from access import fca, raam, weights

    given = np.load(instance)
    trips = pd.DataFrame({"origin": given["row"], "dest": given["column"], "cost": given["minutes"].astype(float)})
    demand = pd.DataFrame({"demand": given["demand"]}, index=pd.RangeIndex(given["demand"].size, name="geoid"))
    supply = pd.DataFrame({"supply": given["supply"]}, index=pd.RangeIndex(given["supply"].size, name="geoid"))
    catchment = {"demand_index": True, "supply_index": True}
    calls = {
        "2sfca": lambda: fca.two_stage_fca(demand, supply, trips, 30, **catchment),
        "e2sfca": lambda: fca.two_stage_fca(demand, supply, trips, 30, weight_fn=weights.step_fn(BANDS), **catchment),
        "e2sfca-gaussian": lambda: fca.two_stage_fca(
            demand, supply, trips, 30, weight_fn=weights.gaussian(SIGMA_MIN), **catchment
        ),
        "3sfca": lambda: fca.three_stage_fca(demand, supply, trips, 30, weight_fn=weights.step_fn(BANDS), **catchment),
        "gravity": lambda: fca.weighted_catchment(
            supply,
            trips,
            30,
            cost_source="dest",
            cost_dest="origin",
            loc_index=True,
            loc_value="supply",
            weight_fn=weights.gravity(20, -2, min_dist=1),
        ),
        "raam": lambda: raam.raam(demand, supply, trips, tau=TAU_MIN),
        "raam-15": lambda: raam.raam(demand, supply, trips, tau=TAU_MIN, max_cycles=15),
    }
    spent, started = time.process_time(), time.perf_counter()
    found = calls[measure]()
    cost = {"cpu_s": time.process_time() - spent, "wall_s": time.perf_counter() - started}
    np.savez(answer, rows=found.index.to_numpy(), values=found.to_numpy(dtype=float))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(cost | {"memory_mb": round(peak)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
