"""Shim."""

from __future__ import annotations

from datetime import date, timedelta

from winback.snapshots.walk import make_plan, part_to_learn, training_cutoffs  # noqa: F401

QUIET_DAYS = 14


def observed_until(cutoff: date, last_day: date) -> date:
    """x."""
    return cutoff if (cutoff - last_day).days <= QUIET_DAYS else last_day + timedelta(days=1)


def snapshot_cutoffs(last: date, count: int, every_days: int) -> list[date]:
    """x."""
    return [last - timedelta(days=every_days * k) for k in reversed(range(count))]
