"""What must not change a snapshot: the future, other customers, order, threads, batches, dates."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canonical import CUTOFFS, HORIZON_DAYS, Line, line, shops, write_orders
from winback import features
from winback.intake import read_orders
from winback.snapshots import Snapshots, take_snapshots
from winback.snapshots import walk as engine

Shop = tuple[list[Line], dict[str, Any]]

UNTIL = CUTOFFS[-1] + timedelta(days=HORIZON_DAYS)
CALENDAR = [column.name for column in features.CALENDAR]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("leakage") / "orders.parquet"


def snapshots_of(
    path: Path, shop: Shop, cutoffs: Sequence[date] = CUTOFFS, threads: int = 1
) -> Snapshots:
    lines, stated = shop
    return take_snapshots(
        write_orders(path, lines, **stated), cutoffs, horizon_days=HORIZON_DAYS,
        observed_until=UNTIL, threads=threads,
    )  # fmt: skip


def at(table: pa.Table, cutoff: date) -> pa.Table:
    return table.filter(pc.equal(table["cutoff"], cutoff)).combine_chunks()


def same(one: Snapshots, other: Snapshots) -> bool:
    return bool(one.features == other.features and one.outcomes == other.outcomes)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time())


# --- the future ----------------------------------------------------------------------------------


@given(shop=shops(), cutoff=st.sampled_from(CUTOFFS), future=shops())
@settings(max_examples=40)
def test_lines_from_the_cutoff_on_do_not_change_a_snapshot(
    shop: Shop, cutoff: date, future: Shop, path: Path
) -> None:
    lines, stated = shop
    begins = midnight(cutoff)

    def known(each: Line) -> bool:
        return bool(each["ordered_at"] < begins and each["known_at"] < begins)

    past = [each for each in lines if known(each)]
    other = [each for each in future[0] if not known(each)]
    at_it = line("a", begins, 100, product_id="p1", quantity=1)
    expected = snapshots_of(path, (past, stated), [cutoff]).features
    for more in (lines, past + other, [*past, at_it]):
        assert snapshots_of(path, (more, stated), [cutoff]).features == expected


@given(shop=shops())
@settings(max_examples=40)
def test_lines_known_late_equal_a_history_without_them_until_they_are_known(
    shop: Shop, path: Path
) -> None:
    lines, stated = shop
    together = snapshots_of(path, shop).features
    for cutoff in CUTOFFS:
        known = [
            each | {"known_at": each["ordered_at"]}
            for each in lines
            if each["known_at"] < midnight(cutoff)
        ]
        assert snapshots_of(path, (known, stated), [cutoff]).features == at(together, cutoff)


@given(shop=shops())
@settings(max_examples=20)
def test_lines_before_a_cutoff_or_after_its_horizon_change_no_return(
    shop: Shop, path: Path
) -> None:
    lines, stated = shop
    everything = snapshots_of(path, shop).outcomes
    for cutoff in CUTOFFS:
        begins, ends = midnight(cutoff), midnight(cutoff + timedelta(days=HORIZON_DAYS))
        first: dict[str, Line] = {}  # one purchase before the cutoff keeps each customer's row
        for each in sorted(lines, key=lambda each: bool(each["known_at"] >= begins)):
            if each["kind"] == "order" and each["ordered_at"] < begins:
                first.setdefault(each["customer_id"], each)
        inside = [each for each in lines if begins <= each["ordered_at"] < ends]
        alone = snapshots_of(path, ([*first.values(), *inside], stated), [cutoff]).outcomes
        names = ["customer_id", "returned", "orders_in_horizon", "net_spend_in_horizon"]
        assert alone.select(names) == at(everything, cutoff).select(names)


# --- the company a customer or a cutoff keeps ----------------------------------------------------


@given(shop=shops())
@settings(max_examples=20)
def test_other_customers_do_not_change_a_snapshot(shop: Shop, path: Path) -> None:
    lines, stated = shop
    together = snapshots_of(path, shop)
    alone = [
        snapshots_of(path, ([each for each in lines if each["customer_id"] == name], stated))
        for name in together.features["customer_id"].unique().to_pylist()
    ]
    assert pa.concat_tables([one.features for one in alone]) == together.features
    assert pa.concat_tables([one.outcomes for one in alone]) == together.outcomes


@given(shop=shops())
@settings(max_examples=20)
def test_other_cutoffs_in_the_walk_do_not_change_a_snapshot(shop: Shop, path: Path) -> None:
    together = snapshots_of(path, shop, [*reversed(CUTOFFS), CUTOFFS[0]])
    for cutoff in CUTOFFS:
        alone = snapshots_of(path, shop, [cutoff])
        assert alone.features == at(together.features, cutoff)
        assert alone.outcomes == at(together.outcomes, cutoff)


# --- how the work is cut -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def crowd() -> Shop:
    """Lines of 60 customers from 1 to 60 lines long, some known late, in no order."""
    chance = random.Random(7)
    lines = []
    for number in range(60):
        for nth in range(number + 1):
            day = date(2023, 1, 1) + timedelta(days=chance.randrange(700))
            clock = time(chance.randrange(24), chance.randrange(60))
            ordered_at = datetime.combine(day, clock)
            refund = nth > 0 and chance.random() < 0.1
            lines.append(line(
                f"c{number:02}", ordered_at, chance.randrange(1, 9000) * (-1 if refund else 1),
                order_id=f"{day:%y%m%d}{chance.randrange(2)}", product_id=f"p{chance.randrange(9)}",
                quantity=-1.0 if refund else 1.0, kind="refund" if refund else "order",
                known_at=ordered_at + timedelta(days=chance.choice([0] * 19 + [50])),
            ))  # fmt: skip
    chance.shuffle(lines)
    return lines, {}


@pytest.mark.parametrize(
    ("lines_per_batch", "cells_per_batch", "threads"),
    [(1, 1, 1), (7, 1_500_000, 2), (64, 9, 3), (1000, 40, 1), (262_144, 1_500_000, 4)],
)
def test_batches_and_threads_do_not_change_a_snapshot(
    lines_per_batch: int, cells_per_batch: int, threads: int, crowd: Shop, path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    expected = snapshots_of(path, crowd)
    assert 0 < expected.late_share < 1
    monkeypatch.setattr(engine, "_LINES_PER_BATCH", lines_per_batch)
    monkeypatch.setattr(engine, "_CELLS_PER_BATCH", cells_per_batch)
    cut = snapshots_of(path, crowd, threads=threads)
    assert same(cut, expected)
    assert cut.late_share == expected.late_share


def test_a_batch_ends_between_two_customers(
    crowd: Shop, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_LINES_PER_BATCH", 10)
    lines, stated = crowd
    write_orders(path, lines, **stated)
    seen: set[str] = set()
    batches = 0
    for batch in engine.snapshot_batches(path, [UNTIL], horizon_days=HORIZON_DAYS):
        names = set(batch.features["customer_id"].to_pylist())
        assert not names & seen
        seen |= names
        batches += 1
    assert len(seen) == 60
    assert batches > 20


def test_the_order_of_rows_in_the_source_does_not_change_a_snapshot(
    crowd: Shop, tmp_path: Path
) -> None:
    source = pd.DataFrame(crowd[0])[
        ["customer_id", "order_id", "ordered_at", "product_id", "quantity", "amount"]
    ].assign(amount=lambda t: t["amount"] / 100)

    def through_intake() -> Iterator[Snapshots]:
        for seed in (None, 1, 2):
            rows = source if seed is None else source.sample(frac=1, random_state=seed)
            intake = read_orders(rows, tmp_path / f"intake-{seed}")
            yield take_snapshots(intake.orders_path, CUTOFFS, horizon_days=HORIZON_DAYS)

    first, *others = through_intake()
    assert first.features.num_rows > 200
    assert all(same(first, other) for other in others)


# --- all of time, moved --------------------------------------------------------------------------


@given(shop=shops(), weeks=st.integers(-3000, 1000))
@settings(max_examples=20)
def test_moving_all_dates_by_whole_weeks_moves_only_the_dates(
    shop: Shop, weeks: int, path: Path
) -> None:
    lines, stated = shop
    by = timedelta(weeks=weeks)
    moved = [
        each | {"ordered_at": each["ordered_at"] + by, "known_at": each["known_at"] + by}
        for each in lines
    ]
    here = snapshots_of(path, shop)
    there = take_snapshots(
        write_orders(path, moved, **stated), [cutoff + by for cutoff in CUTOFFS],
        horizon_days=HORIZON_DAYS, observed_until=UNTIL + by,
    )  # fmt: skip
    for one, other in ((here.features, there.features), (here.outcomes, there.outcomes)):
        dates = [field.name for field in one.schema if pa.types.is_date(field.type)]
        kept = [name for name in one.column_names if name not in (*dates, *CALENDAR)]
        assert one.select(kept) == other.select(kept)
        for name in dates:
            assert [day + by for day in one[name].to_pylist()] == other[name].to_pylist()
