"""Customers who were sent an offer neither teach nor judge: from `target.history` to the counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from winback.params import Params, check_params
from winback.project import Project
from winback.snapshots.restated import outcomes_as_known
from winback.stages.flow import run_history, stage

FIRST, DAYS, HORIZON = pd.Timestamp("2024-01-01"), 300, 30
CUTOFF = FIRST + pd.Timedelta(days=DAYS)
# Eighty days before the cutoff. Cutoffs lie 35, 70, 105, ... days before it, each with a
# window of thirty days; the offer may act for thirty, until 45 days before. So it touches the
# windows that open 70 and 105 days before, no other.
SENT_ON = CUTOFF - pd.Timedelta(days=80)
SENT = ["c001", "c003", "c005"]
CONTROL = ["c000", "c002"]


def params_of(orders: Path, history: Path | None) -> Params:
    return check_params(
        {
            "ingest": {"orders": str(orders), "cutoff": f"{CUTOFF:%Y-%m-%d}"},
            "snapshot": {"horizon_days": HORIZON, "threads": 1},
            "train": {
                "seeds": 1, "threads": 1, "horizons_days": [HORIZON], "max_rounds": 10,
                "lifetime_days": None,
            },
            "evaluate": {"origins": 3, "resamples": 5},
            "target": {"history": None if history is None else str(history)},
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighty customers from the first days on, each with a rhythm of 9 to 48 days."""
    purchases = [
        (f"c{i:03d}", FIRST + pd.Timedelta(days=day), 20.0 + i)
        for i in range(80)
        for day in range(i % 5, DAYS, 9 + i % 40)
        if (day // 9 + i) % 3
    ]
    path = tmp_path_factory.mktemp("shop") / "orders.csv"
    table = pd.DataFrame(purchases, columns=["customer_id", "order_date", "amount"])
    early = table.groupby("customer_id")["order_date"].min()
    assert (early < SENT_ON - pd.Timedelta(days=60)).loc[[*SENT, *CONTROL]].all()
    table.assign(order_id=[f"o{k}" for k in range(len(table))]).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("past") / "assignment.csv"
    pd.DataFrame(
        {
            "customer_id": [*SENT, *CONTROL],
            "assigned_at": f"{SENT_ON:%Y-%m-%d}",
            "arm": ["reminder"] * len(SENT) + ["control"] * len(CONTROL),
        }
    ).to_csv(path, index=False)
    return path


def counts(evaluation: dict[str, Any]) -> dict[str, int]:
    """Rows judged, by cutoff."""
    return {row["cutoff"]: row["n"] for row in evaluation["by_cutoff"]}


def without_the_sent(judged: dict[str, int]) -> dict[str, int]:
    """What must be left of those counts: three customers fewer where the offer acted."""
    touched = {f"{CUTOFF - pd.Timedelta(days=days):%Y-%m-%d}" for days in (70, 105)}
    assert touched < set(judged)
    return {day: n - len(SENT) * (day in touched) for day, n in judged.items()}


@pytest.fixture(scope="module")
def untouched(orders: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The evaluation of the same shop without a history of campaigns."""
    out = tmp_path_factory.mktemp("plain")
    project = run_history(orders, out, params_of(orders, None))
    assert project.json("training")["rows_left_out_treated"] == 0
    found: dict[str, Any] = json.loads((out / "evaluation.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.long
def test_a_run_leaves_the_treated_out_and_counts_them(
    orders: Path, history: Path, untouched: dict[str, Any], tmp_path: Path
) -> None:
    project = run_history(orders, tmp_path, params_of(orders, history))
    # Three customers at two cutoffs each; the two of the control teach and judge.
    assert project.json("training")["rows_left_out_treated"] == 6
    evaluation = json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"))
    assert counts(evaluation) == without_the_sent(counts(untouched))


@pytest.mark.long
def test_a_control_stands_for_those_it_was_drawn_out_of(
    orders: Path, history: Path, untouched: dict[str, Any], tmp_path: Path
) -> None:
    # One in four was held back, so that each of the two stands for four where the offer acted.
    table = pd.read_csv(history)
    past = tmp_path / "past.csv"
    table.assign(probability=table["arm"].map({"control": 0.25, "reminder": 0.75})).to_csv(
        past, index=False
    )
    project = run_history(orders, tmp_path / "out", params_of(orders, past))
    assert project.json("training")["rows_left_out_treated"] == 6
    evaluation = json.loads((tmp_path / "out/evaluation.json").read_text(encoding="utf-8"))
    left, whole = without_the_sent(counts(untouched)), counts(untouched)
    more = {day: 3 * len(CONTROL) * (left[day] < whole[day]) for day in whole}
    assert counts(evaluation) == {day: left[day] + more[day] for day in whole}


@pytest.mark.long
def test_before_the_first_campaign_a_pattern_matches_nothing(
    orders: Path, untouched: dict[str, Any], tmp_path: Path
) -> None:
    params = params_of(orders, tmp_path / "exports/*/assignment.parquet")
    project = run_history(orders, tmp_path / "out", params)
    assert project.json("training")["rows_left_out_treated"] == 0


def test_the_stages_leave_the_treated_out_and_count_them(
    orders: Path,
    history: Path,
    untouched: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("ingest", "snapshot", "train", "evaluate"):
        stage(name)(Project(params_of(orders, history)))
    training = json.loads(Path("reports/training.json").read_text(encoding="utf-8"))
    assert training["rows_left_out_treated"] == 6
    evaluation = json.loads(Path("reports/evaluation.json").read_text(encoding="utf-8"))
    assert counts(evaluation) == without_the_sent(counts(untouched))


def test_controls_stand_for_others_where_outcomes_were_known_otherwise() -> None:
    # A control that stands for three is three rows, each of which the origin knew otherwise.
    cutoff, origin = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-01")
    row = {"customer_id": "a", "cutoff": cutoff, "returned": True, "orders_in_horizon": 1,
           "net_spend_in_horizon": 5.0, "days_to_return": 3.0}  # fmt: skip
    rows = pd.DataFrame([row, row, {**row, "customer_id": "b"}, row])
    known = {**row, "returned": False, "orders_in_horizon": 0, "net_spend_in_horizon": 0.0,
             "days_to_return": None, "origin": origin}  # fmt: skip
    told = outcomes_as_known(rows, pd.DataFrame([known]), origin)
    assert told["returned"].tolist() == [False, False, True, False]
    assert told["net_spend_in_horizon"].tolist() == [0.0, 0.0, 5.0, 0.0]
    assert told["days_to_return"].isna().tolist() == [True, True, False, True]
    assert rows["returned"].all()
