"""Past weeks as they would have been known, for grades before the first list leaves.

All snapshots are taken in one pass of the engine: a snapshot holds nothing known after its cutoff,
whoever takes it and when. What came after a cutoff is another matter: each week learns from
outcomes as they were known that day.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from winback.errors import UsageError, WinbackError
from winback.ledger.asked import MODEL, model_file, packed, read
from winback.ledger.book import Ledger
from winback.ledger.people import People
from winback.project import FOLDER, NUMBERS, Project, Say, quiet
from winback.questions.asked import Begin
from winback.results.base import fact
from winback.results.intake import IngestSummary
from winback.results.ledgered import Entry, ModelSealed, Sealed
from winback.scoring.scores import rivals_table, score_customers, score_table
from winback.snapshots.days import ShopDays, shop_days
from winback.snapshots.plan import observed_until
from winback.snapshots.restated import outcomes_as_known, restated_outcomes
from winback.snapshots.walk import snapshot_batches
from winback.source import source_version
from winback.stages.lessons import Lessons
from winback.stages.recipes import recipe_of
from winback.stages.snapshot import (
    Cutoffs,
    cutoffs_for,
    declared,
    write_first_days,
    write_snapshots,
)
from winback.stages.stored import customers
from winback.stages.train import Learned, learn
from winback.tables.outcomes import OUTCOMES, RESTATED

_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Replayed:
    """The weeks that were replayed now, and those that the ledger had."""

    entries: tuple[Entry, ...]
    before: int


def replay_weeks(
    project: Project, first: date, last: date, every_days: int, *, ledger: Ledger | None = None,
    say: Say = quiet, begin: Begin | None = None,
) -> Replayed:  # fmt: skip
    """Score past weeks with what was known then, and put them into the ledger as replayed.

    Each week is fitted anew on windows closed by then; nothing of it ever counts as sent. Weeks
    that the ledger has are left alone.

    Args:
        project: whose orders were read; its params say the rest.
        first: the first cutoff.
        last: the last, at most; cutoffs step forward from the first.
        every_days: how far.
        ledger: where to put them; the project's own by default.
        say: told what is being done.
        begin: told the name of what begins.

    Raises:
        UsageError: no cutoff lies between these days, or one is not within the history.
    """
    book = project.ledger() if ledger is None else ledger
    days = [first + timedelta(days=step) for step in range(0, (last - first).days + 1, every_days)]
    if not days:
        raise UsageError("watch.no_week", first=first, last=last)
    ingested = project.result("ingest", IngestSummary)
    if not ingested.first_day < days[0] or days[-1] > ingested.cutoff:
        raise UsageError(
            "watch.outside_history", first=days[0], last=days[-1],
            begins=ingested.first_day, ends=ingested.cutoff,
        )  # fmt: skip
    done = {read(entry, Sealed).cutoff for entry in book.of_kind("replay")}
    wanted = [day for day in days if day not in done]
    if not wanted:
        return Replayed((), len(days))
    people = _people(book)
    with tempfile.TemporaryDirectory() as folder:
        past = _Past(project, Path(folder), tuple(wanted))
        if begin:
            begin("snapshot")
        past.take()
        entries = []
        for day in wanted:
            say(fact("progress.replaying", day=day))
            week = past.week(day)
            learned = learn(Lessons.of(week))
            entries.append(_append(book, people, week, day, learned))
    return Replayed(tuple(entries), len(days) - len(wanted))


def _people(book: Ledger) -> People:
    if not book.people.is_file() and book.of_kind("seal", "replay"):
        raise WinbackError("ledger.no_people", file=book.people)
    return People(book.people)


@dataclass(frozen=True)
class _Past:
    """The snapshots and outcomes of all weeks asked for, and of all that these learn from."""

    project: Project
    folder: Path
    weeks: tuple[date, ...]

    @cached_property
    def ingested(self) -> IngestSummary:
        return self.project.result("ingest", IngestSummary)

    @cached_property
    def days(self) -> ShopDays:
        return shop_days(self.project.path("orders"), self.ingested.cutoff)

    @cached_property
    def now(self) -> date:
        """The first day that nobody has seen."""
        return self.days.seen_until(observed_until(self.ingested.cutoff, self.ingested.last_day))

    def seen(self, day: date) -> date:
        """The same as of a day."""
        then = self.days.upto(day)
        bought = then.day[then.orders > 0]
        last = (
            date.fromordinal(int(bought[-1]) + _EPOCH) if len(bought) else self.ingested.first_day
        )
        return then.seen_until(observed_until(day, last))

    def cutoffs(self, day: date) -> Cutoffs:
        """Where that week learns."""
        return cutoffs_for(
            self.ingested.first_day, day, self.seen(day), self.project.params.snapshot
        )

    def take(self) -> None:
        """One pass over the orders for all weeks, and one for what became known late."""
        project, params = self.project, self.project.params.snapshot
        orders = project.path("orders")
        every = sorted({*self.weeks, *(c for day in self.weeks for c in self.cutoffs(day).earlier)})
        batches = snapshot_batches(
            orders, every, horizon_days=params.horizon_days, observed_until=self.now,
            features=declared(project, self.ingested, project.path("attributes")),
            signals=project.path("signals"), attributes=project.path("attributes"),
            country=params.country, paydays=params.paydays, threads=params.threads,
        )  # fmt: skip
        write_snapshots(self._path("snapshots"), self._path("outcomes"), batches)
        restated = restated_outcomes(
            orders, every, horizon_days=params.horizon_days, observed_until=self.now
        )
        pq.write_table(restated, self._path("restated"))

    def week(self, day: date) -> Project:
        """The project as the stage snapshot would have left it that day."""
        root = self.folder / day.isoformat()
        own = {
            name: str(self._path("snapshots")) if name == "snapshots" else str(root / f"{name}.pq")
            for name in ("snapshots", "outcomes", "first_days", "restated", "shop_days")
        }
        beside = {
            name: str(self.project.path(name).resolve())
            for name in ("orders", "ledger", "people", "ingest", "signals", "attributes")
        }
        week = Project(self.project.params, root=root, layout={**FOLDER, **beside, **own})
        week.once("scored", lambda: day)
        week.once("salt", self.project.salt)
        self._write_outcomes(week, day)
        return week

    def _write_outcomes(self, week: Project, day: date) -> None:
        params, then, seen = self.project.params.snapshot, pd.Timestamp(day), self.seen(day)
        asked = self.cutoffs(day)
        earlier = [pd.Timestamp(c) for c in asked.earlier]
        closed = [
            c for c in earlier if c + pd.Timedelta(days=params.horizon_days) <= pd.Timestamp(seen)
        ]
        rows = self._outcomes[self._outcomes["cutoff"].isin(closed)].reset_index(drop=True)
        rows = outcomes_as_known(rows, self._restated, then)
        wait = rows["days_to_return"].astype("float64")
        unseen = rows["cutoff"] + pd.to_timedelta(wait, unit="D") >= then
        rows = rows.assign(days_to_return=wait.mask(unseen).astype("Int32"))
        week.write_arrow("outcomes", _as(rows, OUTCOMES.schema), **NUMBERS)
        # What is known only grows: an origin that knew otherwise than this day knew otherwise
        # than today as well.
        told = self._restated[
            self._restated["cutoff"].isin(closed) & self._restated["origin"].isin(closed)
        ].assign(days_to_return=lambda t: t["days_to_return"].astype("Int32"),
                 orders_in_horizon=lambda t: t["orders_in_horizon"].astype("Int32"))  # fmt: skip
        week.write_arrow("restated", _as(told, RESTATED.schema), **NUMBERS)
        week.write_arrow("shop_days", self.days.upto(day).to_arrow())
        partly: Iterable[object] = ()
        if asked.of_part:
            partly = snapshot_batches(
                self.project.path("orders"), list(asked.of_part), horizon_days=asked.part_days,
                observed_until=seen, windows_days=(), threads=params.threads,
            )  # fmt: skip
        write_first_days(week.path("first_days"), partly, asked.part_days)

    @cached_property
    def _outcomes(self) -> pd.DataFrame:
        return _read(self._path("outcomes"))

    @cached_property
    def _restated(self) -> pd.DataFrame:
        return _read(self._path("restated"))

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"


def _read(path: Path) -> pd.DataFrame:
    rows: pd.DataFrame = pq.read_table(path).to_pandas(date_as_object=False)
    return rows


def _as(rows: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pandas(rows[schema.names], schema, preserve_index=False, safe=False)


def _append(book: Ledger, people: People, week: Project, day: date, learned: Learned) -> Entry:
    """Score everybody of that week and put it into the ledger."""
    params, model, salt = week.params, learned.model, week.salt()
    scored = customers(week)
    scores = score_customers(model, scored, params.score)
    tables = {
        "scores": score_table(scores),
        "rivals": rivals_table(learned.rivals, scored, scores, learned.rivals.own),
        "backtest": pa.Table.from_pandas(learned.judged, preserve_index=False),
    }
    for table in tables.values():
        people.add(table["customer_id"].to_pylist(), salt)
    files = {f"{n}.parquet": packed(people.numbered(table)) for n, table in tables.items()}
    if model_file(book, model.version) is None:
        files[MODEL] = (model.to_json() + "\n").encode()
    # The table first: an entry whose people nobody knows could not be read again.
    people.save()
    sealed = Sealed(
        campaign_id=f"replay-{day}",
        cutoff=day,
        sent_on=day,
        horizon_days=model.horizon_days,
        language=params.report.language,
        currency=week.result("ingest", IngestSummary).currency,
        offers=(),
        model=ModelSealed(
            version=model.version, kind=model.kind,
            rule=model.rule.name if model.rule else None, recipe=recipe_of(params),
        ),
        customers=len(scores),
        listed=0,
        control=0,
        people=people.highest,
        seal="",
        salt_fingerprint=None,
        versions={"code": source_version(), "model": model.version},
        sha256={},
        params=params.model_dump(
            mode="json", include={"snapshot": True, "train": True, "evaluate": True, "score": True}
        ),
    )  # fmt: skip
    return book.append("replay", sealed.campaign_id, day, sealed, files, salt=salt)
