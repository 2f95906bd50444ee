"""Orders, snapshots and the model in; alarms over what is not as ever out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from winback.learning.feasts import learn_feasts
from winback.project import Project
from winback.results.base import Fact, fact
from winback.results.intake import IngestSummary
from winback.results.watched import Watched
from winback.shop.seasons import usual_days
from winback.snapshots.days import ShopDays
from winback.snapshots.plan import observed_until
from winback.stages.stored import stored
from winback.tables.history import (
    ATTRIBUTES,
    MOST_VALUES,
    SHOP_MARKS,
    SIGNALS,
    check_orders,
)
from winback.tables.outcomes import SHOP_DAYS
from winback.watch.counts import (
    Kind,
    Marks,
    ShopCounts,
    count_lines,
    marks_of,
    on_days,
)
from winback.watch.drift import (
    FALSE_ALARMS,
    MONTH,
    Test,
    against,
    alarms_of,
    looked_at,
    watch_counts,
    weeks_of,
)
from winback.watch.features import course_of_scores, courses, watch_courses

if TYPE_CHECKING:
    import pandas as pd

_EPOCH = date(1970, 1, 1)
# Customers and cutoffs whose scores tell how they moved.
_SCORED_ROWS = 40_000


def watch(project: Project) -> tuple[Watched, str]:
    """Hold the newest days against the same season of the shop's own past.

    Gives what was found, and the currency of its amounts.
    """
    ingested = project.result("ingest", IngestSummary)
    days = ShopDays.from_frame(
        project.frame("shop_days", SHOP_DAYS), project.params.snapshot.country
    )
    counts = _counts(project, days, ingested)
    compared = against(counts)
    tests: list[Test] = []
    notes: list[Fact] = []
    if compared == "nothing":
        notes.append(fact("watched.too_young", days=len(counts.day), least=2 * MONTH))
    else:
        tests += watch_counts(counts)
        tests += watch_courses(
            courses(project.path("snapshots"), counts.day_at(0), project.params.snapshot.threads)
        )
        tests += _of_scores(project)
    if compared == "weeks":
        notes.append(fact("watched.no_season", days=len(counts.day)))
    columns = [one for one in counts.marks if one.kind == "column"]
    if not columns:
        notes.append(fact("watched.no_columns"))
    found = Watched(
        until=ingested.cutoff,
        first_day=counts.day_at(0) if len(counts.day) else ingested.first_day,
        against=compared,
        looked_at=looked_at(tests),
        by=tuple(one.name if one.kind == "column" else one.kind for one in counts.marks),
        false_alarms=FALSE_ALARMS,
        alarms=alarms_of(tests),
        notes=tuple(notes),
    )
    project.write_json("watch", found)
    project.write_metrics("watch", {"alarms": len(found.alarms), "looked_at": found.looked_at})
    project.write_curve("volume", _volume(counts))
    return found, ingested.currency


def _counts(project: Project, days: ShopDays, ingested: IngestSummary) -> ShopCounts:
    """What the orders, and all that is known beside them, add up to by day."""
    orders = project.path("orders")
    check_orders(orders, "ordered_at", "known_at", "kind", "amount", "quantity")
    # Whatever the newest weeks hold is what is asked, so they do not teach the feasts.
    end = observed_until(ingested.cutoff, ingested.last_day)
    feasts = learn_feasts(days, end - timedelta(days=MONTH))
    given = project.params.ingest
    sums, unknown, marks = count_lines(orders, days.day, given.memory_limit, given.threads)
    sums["purchases"] = days.orders
    bought = _late_purchases(unknown, days.late)
    beside = [
        *_columns(project.frame("marks", SHOP_MARKS), days),
        *_events(project.frame("signals", SIGNALS), "happened_at", days),
        *_levels(project.frame("attributes", ATTRIBUTES), days),
    ]
    usual = usual_days(days.day, days.orders, days.gaps, feasts)
    return ShopCounts(
        days.day, sums, usual, bought, (*beside, *marks), amount_scale=ingested.amount_scale
    )


def _late_purchases(lines: Any, purchases: Any) -> Any:
    """Day, day of knowing, lines and purchases that were not known on their day."""
    of_lines = np.column_stack([lines, np.zeros(len(lines), np.int64)])
    nothing = np.zeros(len(purchases), np.int64)
    of_purchases = np.column_stack([purchases[:, 0], purchases[:, 1], nothing, purchases[:, 2]])
    return np.concatenate([of_lines, of_purchases]).astype(np.int64)


def _columns(table: pd.DataFrame, days: ShopDays) -> list[Marks]:
    """Lines by the values of the columns that the intake counted."""
    found = []
    for name, rows in table.groupby("column_name", sort=True):
        day = rows["day"].to_numpy().astype("M8[D]").astype(np.int64)
        found.append(marks_of("column", str(name), days.day, day, rows["value"], rows["lines"]))
    return [one for one in found if one is not None]


def _events(table: pd.DataFrame, when: str, days: ShopDays) -> list[Marks]:
    """Signals by name; a single one is watched as well."""
    if not len(table):
        return []
    day = table[when].to_numpy().astype("M8[D]").astype(np.int64)
    names = sorted(table["name"].unique())[:MOST_VALUES]
    ones = np.ones(len(table), np.int64)
    counts = {
        name: on_days(days.day, day[here], ones[here])
        for name in names
        if (here := (table["name"] == name).to_numpy()).any()
    }
    kept = {name: of for name, of in counts.items() if of.any()}
    return [Marks("signals", "", kept)] if kept else []


def _levels(table: pd.DataFrame, days: ShopDays) -> list[Marks]:
    """Attributes that have a few levels, by level."""
    found = []
    kind: Kind = "attributes"
    for name, rows in table.groupby("name", sort=True):
        day = rows["known_at"].to_numpy().astype("M8[D]").astype(np.int64)
        values = rows["value"].fillna("")
        ones = np.ones(len(rows), np.int64)
        found.append(marks_of(kind, str(name), days.day, day, values, ones))
    return [one for one in found if one is not None]


def _of_scores(project: Project) -> list[Test]:
    """How the model's score moves from cutoff to cutoff, the newest among them."""
    from winback.learning.model import ReturnModel

    model = ReturnModel.load(project.path("champion"), project.params.train.threads)
    if model.kind == "unproven":
        return []
    known, newest = stored(project).closed_and_newest(_SCORED_ROWS)
    newest = newest.iloc[:: max(1, len(newest) // _SCORED_ROWS)]
    day, log_odds = [], []
    for rows in (known, newest):
        if len(rows):
            day.append(rows["cutoff"].to_numpy().astype("M8[D]").astype(np.float64))
            log_odds.append(np.asarray(model.log_odds(rows)).round(6))
    return list(
        watch_courses(course_of_scores(np.concatenate(day), np.concatenate(log_odds)), "scores")
    )


def _volume(counts: ShopCounts) -> pd.DataFrame:
    """Lines by week of the last year, and between what they were to be expected."""
    import pandas as pd

    names = ("lines", "expected", "low", "high")
    rows = [
        {"week": week.first_day.isoformat()} | {name: getattr(week, name) for name in names}
        for week in weeks_of(counts)
    ]
    return pd.DataFrame(rows, columns=["week", *names])
