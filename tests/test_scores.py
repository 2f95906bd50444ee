"""One scored row a customer: RFM, segment, band, next order and reasons, by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from winback.learning.fit import fit_return_model
from winback.learning.model import ReturnModel
from winback.learning.value import VALUE_COLUMNS
from winback.params import ScoreSettings, TrainSettings
from winback.scoring.scores import (
    REASON_COLUMNS,
    RISK_BANDS,
    add_reasons,
    score_customers,
    score_table,
)
from winback.scoring.segments import SEGMENTS, rfm_scores
from winback.synthetic.shop import simulate_shop

CUTOFF = pd.Timestamp("2024-06-01")
NAN = float("nan")


def constant_model(p: float | None, horizon_days: int = 90) -> ReturnModel:
    """A model that gives everybody ``p``, a multiple of .05; None for one that is unproven.

    It has seen 18 customers, too few for more than their base rate, (returned + 1) / (18 + 2).
    """
    returned = np.arange(18) < (0 if p is None else round(20 * p) - 1)
    past = customers([5.0] * 18).assign(
        cutoff=CUTOFF - pd.Timedelta(days=horizon_days),
        returned=returned,
        orders_in_horizon=returned * 1,
        net_spend_in_horizon=returned * 10.0,
        days_to_return=np.where(returned, 3.0, NAN),
    )
    model = fit_return_model(
        past.head(0) if p is None else past, cutoff=CUTOFF, horizon_days=horizon_days
    )
    assert model.kind == ("unproven" if p is None else "base_rate")
    return model


def customers(silent: list[float], **columns: Any) -> pd.DataFrame:
    """Snapshot rows, of customers who bought once unless columns say otherwise."""
    count = len(silent)
    rows = pd.DataFrame(
        {
            "customer_id": [f"c{i:03d}" for i in range(count)],
            "cutoff": [CUTOFF] * count,
            "days_since_last_order": silent,
            "days_since_first_order": silent,
            "orders_total": 1.0,
            "order_days_total": 1.0,
            "gap_mean_days": NAN,
            "spend_total": 10.0,
            "order_value_mean": 10.0,
            "order_value_last": 10.0,
            **{f"spend_{w}d": 10.0 for w in (30, 90, 180)},
            "refund_share": 0.0,
        }
    ).assign(**columns)
    rows["last_order_on"] = CUTOFF - pd.to_timedelta(rows["days_since_last_order"], unit="D")
    rows["first_order_on"] = rows["last_order_on"]
    return rows


# ---------------------------------------------------------------- R, F and M


def test_ten_different_customers_fall_into_fifths_of_two() -> None:
    silent = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    scores = rfm_scores(customers(silent, spend_total=np.arange(10.0)))
    assert scores["r_score"].tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert scores["m_score"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_equal_customers_share_the_score_of_their_middle_rank() -> None:
    # Four of five spent 10: their middle rank is 2 of 5, the third fifth; the fifth stands at
    # 4.5 of 5. By silence, three stand at 1.5 of 5 and two at 4 of 5.
    rows = customers([9, 9, 9, 30, 30], spend_total=[10.0, 10.0, 10.0, 10.0, 99.0])
    scores = rfm_scores(rows)
    assert scores["m_score"].tolist() == [3, 3, 3, 3, 5]
    assert scores["r_score"].tolist() == [4, 4, 4, 1, 1]


def test_a_shop_of_equal_customers_stands_in_the_middle() -> None:
    scores = rfm_scores(customers([7.0] * 30))
    assert set(scores["rfm_score"]) == {"313"}


def test_frequency_goes_by_fixed_steps() -> None:
    orders = [1, 2, 3, 4, 5, 9, 10, 500]
    scores = rfm_scores(customers([5.0] * 8, orders_total=np.array(orders, float)))
    assert scores["f_score"].tolist() == [1, 2, 3, 3, 4, 4, 5, 5]


def test_the_score_as_text_is_r_f_and_m() -> None:
    # The recent one: r 4 (middle rank 1 / 4, second fifth from above), f 2, m 2; the other r 2.
    rows = customers([1, 100], orders_total=[2.0, 1.0], spend_total=[5.0, 50.0])
    assert list(rfm_scores(rows)["rfm_score"]) == ["422", "214"]


# ---------------------------------------------------------------- segments

# Rows: R from 5 down to 1; columns: F from 1 to 5. The corner (1, 1) is hibernating unless the
# customer has also spent least.
GRID = [
    ["new", "potential_loyalist", "potential_loyalist", "champions", "champions"],
    ["promising", "potential_loyalist", "potential_loyalist", "loyal", "loyal"],
    ["about_to_sleep", "about_to_sleep", "needs_attention", "loyal", "loyal"],
    ["hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"],
    ["hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"],
]


def grid_customers(spend_of_the_corner: float) -> pd.DataFrame:
    """One customer for each pair of R and F, row by row."""
    silent = np.repeat([10.0, 20.0, 30.0, 40.0, 50.0], 5)
    orders = np.tile([1.0, 2.0, 3.0, 5.0, 10.0], 5)
    spend = np.arange(100.0, 125.0)
    spend[20] = spend_of_the_corner
    return customers(list(silent), orders_total=orders, spend_total=spend)


def test_every_cell_of_the_grid_has_its_segment() -> None:
    scores = score_customers(constant_model(0.3), grid_customers(1000.0))
    assert scores["r_score"].tolist() == list(np.repeat([5, 4, 3, 2, 1], 5))
    assert scores["f_score"].tolist() == [1, 2, 3, 4, 5] * 5
    assert scores["segment"].to_numpy().reshape(5, 5).tolist() == GRID


def test_the_lowest_of_all_three_is_lost() -> None:
    scores = score_customers(constant_model(0.3), grid_customers(1.0))
    assert scores["segment"].iloc[20] == "lost"
    assert scores["segment"].value_counts()["lost"] == 1


def test_the_grid_uses_every_segment() -> None:
    assert {"lost", "seasonal"}.union(*GRID) == set(SEGMENTS)


# ---------------------------------------------------------------- risk bands


def band(
    p: float | None,
    silent: float,
    orders: float = 5.0,
    gap: float = 10.0,
    horizon_days: int = 90,
    settings: ScoreSettings | None = None,
) -> str:
    rows = customers([silent], orders_total=orders, gap_mean_days=gap if orders > 1 else NAN)
    scores = score_customers(constant_model(p, horizon_days), rows, settings)
    assert scores["risk_band"].iloc[0] in RISK_BANDS
    return str(scores["risk_band"].iloc[0])


def test_bands_follow_the_chance_of_no_return() -> None:
    assert [band(p, 40) for p in (0.9, 0.5, 0.45, 0.2, 0.15)] == [
        "low", "low", "medium", "medium", "high",
    ]  # fmt: skip


def test_the_limits_of_the_bands_are_settings() -> None:
    settings = ScoreSettings(medium_risk_above=0.1, high_risk_above=0.3)
    assert [band(p, 40, settings=settings) for p in (0.95, 0.8, 0.6)] == ["low", "medium", "high"]


def test_one_recent_order_is_new_for_thirty_days_or_a_shorter_horizon() -> None:
    assert band(0.1, 30, orders=1) == "new"
    assert band(0.1, 31, orders=1) == "high"
    assert band(0.1, 14, orders=1, horizon_days=14) == "new"
    assert band(0.1, 15, orders=1, horizon_days=14) == "high"
    assert band(0.1, 3, orders=2) == "high"


def test_lost_is_silent_beyond_a_year_two_horizons_and_five_gaps() -> None:
    assert band(0.9, 365) == "low"
    assert band(0.9, 366) == "lost"
    assert band(0.9, 366, orders=1) == "lost"
    assert band(0.9, 366, horizon_days=200) == "low"
    assert band(0.9, 401, horizon_days=200) == "lost"
    assert band(0.9, 500, gap=100.0) == "low"
    assert band(0.9, 501, gap=100.0) == "lost"


def test_an_unproven_model_bands_by_silence_in_horizons() -> None:
    # .99 of silence / horizon: 45 / 90 gives .495, 46 gives .506, 72 gives .792, 73 gives .803.
    assert [band(None, days) for days in (45, 46, 72, 73, 300)] == [
        "low", "medium", "medium", "high", "high",
    ]  # fmt: skip


# ---------------------------------------------------------------- next order


def test_the_next_order_leans_on_the_shop_where_gaps_are_few() -> None:
    # The shop's median gap is 30. Two gaps of 20: (2 * 20 + 2 * 30) / 4 = 25 days after the
    # last order, 10 days ago. One gap of 40: 100 / 3 = 33 days, 3 days ago. None: 30 days.
    rows = customers(
        [10, 3, 12],
        orders_total=[3.0, 2.0, 1.0],
        order_days_total=[3.0, 2.0, 1.0],
        gap_mean_days=[20.0, 40.0, NAN],
    )
    table = score_table(score_customers(constant_model(0.3), rows))
    assert table["expected_next_order_on"].to_pylist() == [
        date(2024, 6, 16), date(2024, 7, 1), date(2024, 6, 19),
    ]  # fmt: skip


def test_an_overdue_customer_has_no_next_order_date() -> None:
    # One shop of gap 30: expected today (the cutoff) is kept, a day earlier is not.
    rows = customers([30, 31], orders_total=9.0, order_days_total=9.0, gap_mean_days=[30.0, 30.0])
    table = score_table(score_customers(constant_model(0.3), rows))
    assert table["expected_next_order_on"].to_pylist() == [date(2024, 6, 1), None]


def test_a_shop_without_any_repeat_has_no_next_order_dates() -> None:
    table = score_table(score_customers(constant_model(0.3), customers([5, 6])))
    assert table["expected_next_order_on"].to_pylist() == [None, None]
    assert table.schema.field("expected_next_order_on").type == pa.date32()


# ---------------------------------------------------------------- the table


def test_scores_are_sorted_by_customer_and_keep_one_row_each() -> None:
    rows = customers([5, 6, 7]).assign(customer_id=["b", "10", "9"])
    scores = score_customers(constant_model(0.3), rows)
    assert scores["customer_id"].tolist() == ["10", "9", "b"]
    assert scores["days_since_last_order"].tolist() == [6, 7, 5]


def test_the_order_of_the_snapshots_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    rows = customers(
        list(rng.integers(1, 9, 200)),
        orders_total=rng.integers(1, 12, 200).astype(float),
        spend_total=rng.integers(1, 5, 200).astype(float),
    )
    shuffled = rows.sample(frac=1, random_state=2)
    model = constant_model(0.3)
    assert score_table(score_customers(model, rows)) == score_table(
        score_customers(model, shuffled)
    )


def test_the_columns_have_the_types_that_are_promised(tmp_path: Path) -> None:
    scores = score_table(score_customers(constant_model(0.25), customers([5, 6])))
    text, whole, small, day, real = (
        pa.string(), pa.int32(), pa.int8(), pa.date32(), pa.float64(),
    )  # fmt: skip
    expected = {
        "customer_id": text, "cutoff": day, "horizon_days": whole, "p_return": real,
        "p_return_90d": real, **dict.fromkeys(VALUE_COLUMNS, real),
        "r_score": small, "f_score": small, "m_score": small, "rfm_score": text,
        "segment": text, "risk_band": text, "days_since_last_order": whole,
        "first_order_on": day, "last_order_on": day, "expected_next_order_on": day,
        "orders_total": whole, "spend_total": real, "order_value_mean": real,
        "refund_share": real, **dict.fromkeys(REASON_COLUMNS, text), "model_version": text,
    }  # fmt: skip
    assert dict(zip(scores.column_names, scores.schema.types, strict=True)) == expected
    pq.write_table(scores, tmp_path / "scores.parquet")
    back = pq.read_table(tmp_path / "scores.parquet")
    assert back == scores
    assert back["p_return"].to_pylist() == [0.25, 0.25]
    assert back["cutoff"].to_pylist() == [date(2024, 6, 1)] * 2


def test_what_is_unknown_is_null_and_never_nan(tmp_path: Path) -> None:
    scores = score_customers(constant_model(None), customers([5, 400], refund_share=[NAN, 0.5]))
    pq.write_table(score_table(scores), tmp_path / "scores.parquet")
    table = pq.read_table(tmp_path / "scores.parquet")
    for name in ("p_return", "p_return_90d", "expected_orders", "expected_net_spend"):
        assert table[name].to_pylist() == [None, None]
    assert table["refund_share"].to_pylist() == [None, 0.5]
    for name in REASON_COLUMNS:
        assert table[name].to_pylist() == [None, None]
    floats = [c for c in table.columns if pa.types.is_floating(c.type)]
    assert not any(pc.any(pc.is_nan(c)).as_py() for c in floats)


# ---------------------------------------------------------------- reasons


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[ReturnModel, pd.DataFrame]:
    """A regression on a small shop, and the snapshots of its newest cutoff."""
    from winback.intake.settling import read_orders
    from winback.snapshots.plan import training_cutoffs
    from winback.snapshots.walk import take_snapshots

    shop = simulate_shop("fashion", 150, days=360, seed=3)
    intake = read_orders(shop.orders, tmp_path_factory.mktemp("shop"))
    first = intake.summary.first_day
    cutoffs = training_cutoffs(first, intake.cutoff, 60, every_days=60)[-3:]
    snapshots = take_snapshots(
        intake.orders_path, [*cutoffs, intake.cutoff], horizon_days=60,
        observed_until=intake.cutoff,
    )  # fmt: skip
    model = fit_return_model(
        snapshots.closed(), cutoff=pd.Timestamp(intake.cutoff), horizon_days=60,
        settings=TrainSettings(seeds=1, max_rounds=10),
    )  # fmt: skip
    assert model.kind == "regression"
    return model, snapshots.newest()


def test_reasons_are_given_to_the_customers_who_were_named(
    learned: tuple[ReturnModel, pd.DataFrame],
) -> None:
    model, rows = learned
    scores = score_customers(model, rows)
    named = set(scores["customer_id"].iloc[[0, 5, 9]])
    told = add_reasons(scores, model, rows, named)
    assert set(told.loc[told["reason_1"].notna(), "customer_id"]) == named
    assert scores["reason_1"].isna().all()
    assert told.drop(columns=list(REASON_COLUMNS)).equals(scores.drop(columns=list(REASON_COLUMNS)))


def test_reasons_stay_with_their_customer_whatever_the_order(
    learned: tuple[ReturnModel, pd.DataFrame],
) -> None:
    model, rows = learned
    scores = score_customers(model, rows)
    told = add_reasons(scores, model, rows)
    assert told["reason_1"].notna().all()
    by_chance = scores.sort_values("p_return", ascending=False, ignore_index=True)
    again = add_reasons(by_chance, model, rows.sample(frac=1, random_state=5))
    again = again.sort_values("customer_id", ignore_index=True)
    assert again[list(REASON_COLUMNS)].equals(told[list(REASON_COLUMNS)])


def test_a_reason_speaks_of_the_customers_own_days(
    learned: tuple[ReturnModel, pd.DataFrame],
) -> None:
    model, rows = learned
    told = add_reasons(score_customers(model, rows), model, rows)
    silences = 0
    for _, row in told.iterrows():
        for reason in row[["reason_1", "reason_2", "reason_3"]].dropna():
            if reason.startswith("last order"):
                silences += 1
                days = row["days_since_last_order"]
                assert reason.startswith(f"last order {days} day{'s' if days > 1 else ''} ago")
    assert silences > 0


@pytest.mark.parametrize(
    ("p", "english", "polish"),
    [
        (
            0.3,
            "the history does not tell who returns, so the latest buyers come first",
            "z historii nie da się odczytać, kto wróci, więc najpierw ostatni kupujący",
        ),
        (
            None,
            "no forecast is possible yet, so the latest buyers come first",
            "prognozy jeszcze nie da się zrobić, więc najpierw ostatni kupujący",
        ),
    ],
)
def test_where_nobody_is_told_apart_the_reason_is_that_of_the_order(
    p: float | None, english: str, polish: str
) -> None:
    rows, model = customers([5, 6]), constant_model(p)
    scores = add_reasons(score_customers(model, rows), model, rows)
    assert scores["reason_1"].tolist() == [
        f"last order {days} days ago, 1 order in all ({english})" for days in (5, 6)
    ]
    assert scores["reason_1_pl"].tolist() == [
        f"ostatnie zamówienie {days} dni temu, 1 zamówienie łącznie ({polish})" for days in (5, 6)
    ]
    others = [name for name in REASON_COLUMNS if not name.startswith("reason_1")]
    assert scores[others].isna().all(axis=None)


def test_asking_for_nobodys_reasons_changes_nothing(
    learned: tuple[ReturnModel, pd.DataFrame],
) -> None:
    model, rows = learned
    scores = score_customers(model, rows)
    assert add_reasons(scores, model, rows, set()).equals(scores)
