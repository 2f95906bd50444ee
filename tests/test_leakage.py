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
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canonical import CUTOFFS, HORIZON_DAYS, Line, line, shops, write_orders
from winback import features
from winback.intake.settling import read_orders
from winback.judging.backtesting import backtest
from winback.params import TrainSettings, check_params
from winback.project import Project
from winback.snapshots import walk as engine
from winback.snapshots.restated import outcomes_as_known, restated_outcomes
from winback.snapshots.stored import Snapshots
from winback.snapshots.walk import take_snapshots
from winback.stages.flow import stage
from winback.synthetic.shop import simulate_shop
from winback.tables.outcomes import RESTATED

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
@settings(max_examples=10)
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
@settings(max_examples=10)
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
@settings(max_examples=10)
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
@settings(max_examples=10)
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
@settings(max_examples=10)
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
@settings(max_examples=10)
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


# --- labels, as the predicted cutoff knew them ---------------------------------------------------

HORIZON = timedelta(days=HORIZON_DAYS)
TOLD = ["returned", "orders_in_horizon", "net_spend_in_horizon", "days_to_return"]


def told(rows: pd.DataFrame, origin: date) -> dict[tuple[Any, Any], list[Any]]:
    """Outcomes by customer and cutoff; a purchase from the origin on is none."""
    outcomes = {}
    for row in rows.to_dict("records"):
        wait = row["days_to_return"]
        known = wait == wait and row["cutoff"] + timedelta(days=wait) < pd.Timestamp(origin)
        outcomes[row["customer_id"], row["cutoff"]] = [
            *(row[name] for name in TOLD[:3]), int(wait) if known else None,
        ]  # fmt: skip
    return outcomes


@given(shop=shops())
@settings(max_examples=12)
def test_an_origin_learns_what_a_log_cut_off_there_would_have_said(shop: Shop, path: Path) -> None:
    lines, stated = shop
    closed = snapshots_of(path, shop).closed()
    days = [day.date() for day in closed["cutoff"].unique()]
    restated = restated_outcomes(path, days, horizon_days=HORIZON_DAYS, observed_until=UNTIL)
    restated = restated.to_pandas(date_as_object=False)
    for origin in CUTOFFS:
        taught = closed[closed["cutoff"] + timedelta(days=HORIZON_DAYS) <= pd.Timestamp(origin)]
        taught = outcomes_as_known(taught, restated, pd.Timestamp(origin))
        known = [
            each | {"known_at": each["ordered_at"]}
            for each in lines
            if each["known_at"] < midnight(origin)
        ]
        cut_off = take_snapshots(
            write_orders(path, known, **stated), CUTOFFS, horizon_days=HORIZON_DAYS,
            observed_until=origin,
        ).outcomes.to_pandas(date_as_object=False)  # fmt: skip
        expected = told(cut_off, origin)
        for key, outcome in told(taught, origin).items():
            assert outcome == expected[key]
        # Of a window still open there, the days that had passed.
        first_days = take_snapshots(
            path, CUTOFFS, horizon_days=1, observed_until=origin
        ).outcomes.to_pandas(date_as_object=False)  # fmt: skip
        waits = {key: outcome[3] for key, outcome in told(first_days, origin).items()}
        still_open = closed[closed["cutoff"] < pd.Timestamp(origin)]
        still_open = outcomes_as_known(still_open, restated, pd.Timestamp(origin))
        for key, outcome in told(still_open, origin).items():
            if key not in expected and any(day <= origin - HORIZON for day in days):
                assert outcome[3] == waits[key]
    final = {origin: told(closed, origin) for origin in CUTOFFS}
    for origin, rows in restated.groupby("origin"):
        for key, outcome in told(rows, origin.date()).items():
            known = final[origin.date()][key]
            if key[1].date() + HORIZON > origin.date():
                outcome, known = outcome[3:], known[3:]
            assert outcome != known, "only what differs is written"


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, date]:
    """A shop where a third of the customers' orders of the last weeks are entered late.

    ::

        window that closes at the origin:  |------------ 60 days -------------|
        orders entered 20 days too late:              |-------- 45 days ------|
                                                                            origin
    """
    orders = simulate_shop("fashion", 220, days=450, seed=11).orders
    day = pd.to_datetime(orders["ordered_at"]).dt.normalize()
    origin = (day.max() - pd.Timedelta(days=70)).date()
    before = (pd.Timestamp(origin) - day).dt.days
    late = before.between(1, 45) & (orders["customer_id"].str[-1].isin(["1", "4", "7"]))
    known = pd.to_datetime(orders["ordered_at"]).mask(
        late, pd.Timestamp(origin) + pd.Timedelta(days=20)
    )
    return orders.assign(known_at=known), origin


def test_the_backtest_does_not_learn_from_orders_entered_after_its_origin(
    corrected: tuple[pd.DataFrame, date], tmp_path: Path
) -> None:
    orders, origin = corrected
    horizon, cutoffs = 60, [origin - timedelta(days=30 * back) for back in range(9)]
    quick = TrainSettings(max_rounds=30, patience_rounds=10, threads=1)

    def learned(rows: pd.DataFrame, restated: pd.DataFrame | None = None) -> pd.DataFrame:
        judged = backtest(
            rows, horizon_days=horizon, active_days=120, origins=1, settings=quick,
            restated=restated,
        )  # fmt: skip
        return judged.filter(regex="^p_")

    all_known = read_orders(orders, tmp_path / "all").orders_path
    until = origin + timedelta(days=horizon)
    rows = take_snapshots(all_known, cutoffs, horizon_days=horizon, observed_until=until).closed()
    restated = restated_outcomes(all_known, cutoffs, horizon_days=horizon, observed_until=until)
    told = restated.to_pandas(date_as_object=False)
    as_known = learned(rows, told)
    # The same fit on the log as it was at the origin, and its outcomes.
    then = orders[orders["known_at"] < pd.Timestamp(origin)]
    log = read_orders(then, tmp_path / "then", cutoff=origin).orders_path
    taught = take_snapshots(log, cutoffs, horizon_days=horizon, observed_until=origin).closed()
    judged = rows[rows["cutoff"] == pd.Timestamp(origin)]
    expected = learned(pd.concat([taught, judged], ignore_index=True))
    pd.testing.assert_frame_equal(as_known, expected)
    assert not learned(rows).equals(as_known), "what came in later would have changed it"


def test_the_stages_hand_the_backtest_what_each_origin_knew(
    corrected: tuple[pd.DataFrame, date], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders, origin = corrected
    orders.to_csv(tmp_path / "shop.csv", index=False)
    monkeypatch.chdir(tmp_path)
    params = check_params({
        "ingest": {"orders": "shop.csv", "cutoff": origin + timedelta(days=63)},
        "snapshot": {"horizon_days": 60, "every_days": 30, "most_cutoffs": 9},
        "train": {"max_rounds": 30, "seeds": 1, "horizons_days": [], "lifetime_days": None},
        "evaluate": {"origins": 1},
    })  # fmt: skip
    for name in ("ingest", "snapshot", "train"):
        stage(name)(Project(params))
    closed = Snapshots(
        pq.read_table("data/snapshots.parquet"), pq.read_table("data/outcomes.parquet"), 60
    ).closed()
    restated = pd.read_parquet("data/restated.parquet")
    # Only the windows that had closed by an origin before the entering can differ.
    assert len(restated) and set(restated["origin"]) == {origin, origin - timedelta(days=30)}
    judged = pd.read_parquet("data/backtest.parquet").filter(regex="^p_")

    def again(restated: pd.DataFrame | None) -> pd.DataFrame:
        return backtest(
            closed, horizon_days=60, active_days=120, origins=1, restated=restated,
            settings=params.train.model_copy(update={"threads": 1}),
        ).filter(regex="^p_")  # fmt: skip

    pd.testing.assert_frame_equal(
        judged, again(restated.astype(dict.fromkeys(["cutoff", "origin"], "datetime64[ms]")))
    )
    assert not judged.equals(again(None))


def test_a_log_known_at_once_has_nothing_restated(path: Path) -> None:
    lines = [line("a", f"2024-0{month}-05T10:00", 900) for month in range(1, 8)]
    cutoffs = [date(2024, month, 1) for month in (2, 3, 4, 5)]
    restated = restated_outcomes(
        write_orders(path, lines), cutoffs, horizon_days=30, observed_until=date(2024, 8, 1)
    )
    assert (len(restated), restated.schema) == (0, RESTATED.schema)


def test_a_refund_entered_after_an_origin_is_no_part_of_what_it_learns_from(path: Path) -> None:
    lines = [
        line("a", "2024-01-05", 900),
        line("a", "2024-02-10", 500, order_id="2"),
        line("a", "2024-02-20", -500, order_id="3", kind="refund", known_at="2024-03-02"),
    ]
    cutoffs = [date(2024, 2, 1), date(2024, 3, 2), date(2024, 3, 3)]
    restated = restated_outcomes(
        write_orders(path, lines), cutoffs, horizon_days=30, observed_until=date(2024, 5, 1)
    )
    # Known on 2 March, it is known to the cutoff of the third, not to that of the second.
    assert restated.to_pylist() == [{
        "customer_id": "a", "cutoff": cutoffs[0], "origin": cutoffs[1], "returned": True,
        "orders_in_horizon": 1, "net_spend_in_horizon": 5.0, "days_to_return": 9,
    }]  # fmt: skip


# ------------------------------------------------------------------------ from the raw lines


@st.composite
def raw_lines(draw: st.DrawFn) -> pd.DataFrame:
    """Lines of two customers' few orders, with vouchers and reversals that may be known late."""
    start, rows = date(2024, 1, 1), [("z", "0", date(2024, 1, 1), date(2024, 1, 1), 10)]
    for _ in range(draw(st.integers(1, 8))):
        day = start + timedelta(days=draw(st.sampled_from([0, 3, 20])))
        known = day + timedelta(days=draw(st.sampled_from([0, 0, 0, 5, 30, 60])))
        who, order = draw(st.sampled_from("ab")), draw(st.sampled_from("12"))
        amount = draw(st.sampled_from([100, 50, -20, -100, -130]))
        rows.append((who, order, day, known, amount))
    return pd.DataFrame(rows, columns=["customer", "order", "date", "known_at", "amount"])


@settings(max_examples=15, deadline=None)
@given(lines=raw_lines(), cutoff_day=st.integers(5, 80))
def test_raw_lines_known_from_the_cutoff_on_do_not_change_a_snapshot(
    lines: pd.DataFrame, cutoff_day: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cutoff = date(2024, 1, 1) + timedelta(days=cutoff_day)
    folder = tmp_path_factory.mktemp("raw")
    features = []
    for part in (lines, lines[lines["known_at"] < cutoff]):
        read = read_orders(part.astype(str), folder, cutoff=date(2024, 6, 1))
        taken = take_snapshots(read.orders_path, [cutoff], horizon_days=30, observed_until=cutoff)
        features.append(taken.features)
    assert features[0] == features[1]


def test_a_purchase_reversed_later_was_a_purchase_until_then(tmp_path: Path) -> None:
    lines = pd.DataFrame(
        [
            ("a", "1", "2024-01-05", "2024-01-05", "100"),
            ("a", "1", "2024-01-05", "2024-03-01", "-100"),
            ("b", "2", "2024-01-05", "2024-03-01", "100"),
            ("b", "2", "2024-01-05", "2024-01-05", "-20"),
            ("d", "3", "2024-01-05", "2024-01-05", "50"),
        ],
        columns=["customer", "order", "date", "known_at", "amount"],
    )
    orders = read_orders(lines, tmp_path, cutoff=date(2024, 4, 1)).orders_path
    cutoffs = [date(2024, 2, 1), date(2024, 4, 1)]
    rows = take_snapshots(orders, cutoffs, horizon_days=30).features.to_pandas()
    found = rows.set_index(["cutoff", "customer_id"])[["orders_total", "spend_total"]]
    assert list(map(tuple, found.loc[cutoffs[0]].reset_index().to_numpy())) == [
        ("a", 1, 100.0), ("d", 1, 50.0),
    ]  # fmt: skip
    assert list(map(tuple, found.loc[cutoffs[1]].reset_index().to_numpy())) == [
        ("a", 1, 0.0), ("b", 1, 80.0), ("d", 1, 50.0),
    ]  # fmt: skip
