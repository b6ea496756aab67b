"""Eager interchange for the p-median: open one site, close another, whenever everyone together gains.

After FasterPAM (Schubert & Rousseeuw 2021): what each open site's closing would cost is kept, so that one look at a
closed site's column finds the best site to close for it.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.analysis.kernels import loop
from maillage.analysis.kernels.median import Lists, Service

Array = NDArray[Any]


@loop()
def _settle(lists, weights, caps, service, row):  # type: ignore[no-untyped-def]
    """Find the two nearest open sites of a row again, and what its nearest one is worth to it."""
    near, following = -1, -1
    near_cost, next_cost = caps[row], caps[row]
    for p in range(lists.row_at[row], lists.row_at[row + 1]):
        slot = service.slot[lists.row_site[p]]
        if slot >= 0:
            if near < 0:
                near, near_cost = slot, float(lists.row_cost[p])
            else:
                following, next_cost = slot, float(lists.row_cost[p])
                break
    service.near_slot[row], service.near_cost[row] = near, near_cost
    service.next_slot[row], service.next_cost[row] = following, next_cost
    if near >= 0:
        service.loss[near] += weights[row] * (next_cost - near_cost)


@loop(_settle)
def _settle_all(lists, weights, caps, service):  # type: ignore[no-untyped-def]
    for row in range(caps.size):
        _settle(lists, weights, caps, service, row)


def service(lists: Lists, weights: Array, caps: Array, sites: Array, *, compiled: bool) -> Service:
    """Open some sites and find the two nearest ones of every row."""
    slot = np.full(lists.col_at.size - 1, -1, np.int64)
    slot[sites] = np.arange(sites.size)
    own = Service(
        sites=sites.astype(np.int64),
        slot=slot,
        near_slot=np.full(caps.size, -1, np.int64),
        near_cost=caps.copy(),
        next_slot=np.full(caps.size, -1, np.int64),
        next_cost=caps.copy(),
        loss=np.zeros(sites.size),
    )
    _settle_all.on(compiled)(lists, weights, caps, own)
    return own


def _balance_numpy(lists: Lists, weights: Array, service: Service, site: int) -> tuple[float, int, float]:
    at = slice(lists.col_at[site], lists.col_at[site + 1])
    rows, costs = lists.col_row[at], lists.col_cost[at].astype(np.float64)
    near, following, weight = service.near_cost[rows], service.next_cost[rows], weights[rows]
    slots = service.near_slot[rows]
    gain = float((weight * np.maximum(near - costs, 0.0)).sum())
    spared = np.where(costs < following, weight * (following - np.maximum(costs, near)), 0.0)[slots >= 0]
    loss = service.loss - np.bincount(slots[slots >= 0], spared, minlength=service.sites.size)
    out = int(loss.argmin())
    return gain, out, float(loss[out])


@loop(in_numpy=_balance_numpy)
def _balance(lists, weights, service, site):  # type: ignore[no-untyped-def]
    """What opening a site gains, and which open site is then the least loss, with that loss."""
    gain, loss = 0.0, service.loss.copy()
    for p in range(lists.col_at[site], lists.col_at[site + 1]):
        row, cost = lists.col_row[p], lists.col_cost[p]
        following = service.next_cost[row]
        if cost < following:
            slot, near, weight = service.near_slot[row], service.near_cost[row], weights[row]
            if cost < near:
                gain += weight * (near - cost)
                if slot >= 0:
                    loss[slot] -= weight * (following - near)
            elif slot >= 0:
                loss[slot] -= weight * (following - cost)
    out = np.argmin(loss)
    return gain, out, loss[out]


@loop(_settle)
def _swap(lists, weights, caps, service, site, out):  # type: ignore[no-untyped-def]
    """Open `site` in the slot of the site that closes; only rows that one of the two reaches can change."""
    old = service.sites[out]
    service.slot[old], service.slot[site], service.sites[out] = -1, out, site
    for end in range(2):
        column = old if end == 0 else site
        for p in range(lists.col_at[column], lists.col_at[column + 1]):
            row = lists.col_row[p]
            if end == 0:
                moved = service.near_slot[row] == out or service.next_slot[row] == out
            else:
                moved = lists.col_cost[p] < service.next_cost[row] and service.near_slot[row] != out
                moved = moved and service.next_slot[row] != out
            if moved:
                near = service.near_slot[row]
                if near >= 0:
                    service.loss[near] -= weights[row] * (service.next_cost[row] - service.near_cost[row])
                _settle(lists, weights, caps, service, row)


@loop(_balance, _swap)
def interchange(lists, weights, caps, service, order, start, idle, least):  # type: ignore[no-untyped-def]
    """Look once at each site of `order` from `start` on, and swap as soon as it gains more than `least`.

    `idle` is how many looks in a row changed nothing; the answer is (next start, idle, swaps made). Once `idle` is the
    length of `order`, no single swap helps any more.
    """
    swaps = 0
    for look in range(order.size):
        if idle >= order.size:
            break
        site = order[(start + look) % order.size]
        idle += 1
        if service.slot[site] < 0:
            gain, out, loss = _balance(lists, weights, service, site)
            if gain - loss > least:
                _swap(lists, weights, caps, service, site, out)
                swaps += 1
                idle = 0
    return (start + order.size) % order.size, idle, swaps
