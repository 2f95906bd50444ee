"""Readings that are invalid, or compared within what is comparable, and those too small to read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from winback.campaign.measuring import measure_campaign
from winback.cli.app import app
from winback.errors import WinbackError
from winback.offers.plan import seal_of
from winback.results.measured import Measurement
from winback.said.measured import verdict
from winback.said.spoken import tell
from winback.said.words import Words

START = date(2024, 3, 1)
END = START + timedelta(days=29)
N = 3_000
EN, PL = Words("en"), Words("pl")


def world(seed: int = 1, lift: float = 0.5) -> tuple[pd.DataFrame, pa.Table]:
    """Customers who have all ordered before, half of them control, of two days' assignments."""
    draw = np.random.default_rng(seed)
    rate = draw.gamma(0.9, 0.4, N)
    control = draw.random(N) < 0.5
    past, after = 1 + draw.poisson(rate * 12), draw.poisson(rate * np.where(control, 1, 1 + lift))
    who = np.concatenate([np.repeat(np.arange(N), past), np.repeat(np.arange(N), after)])
    days = np.concatenate([-draw.uniform(0, 360, past.sum()), draw.uniform(0, 30, after.sum())])
    moments = np.datetime64(START, "s") + (days * 86400).astype("timedelta64[s]")
    ids = np.array([f"{n:05d}" for n in range(8_500, 8_500 + N)])
    history = pa.table(
        {
            "customer_id": ids[who],
            "order_id": [str(n) for n in range(len(who))],
            "ordered_at": pa.array(moments, pa.timestamp("s")),
            "known_at": pa.array(moments, pa.timestamp("s")),
            "amount": (np.exp(draw.normal(3.5, 1.5, len(who))) * 100).astype(np.int64),
            "kind": ["order"] * len(who),
        }
    ).replace_schema_metadata({"amount_scale": "100"})
    assignment = pd.DataFrame(
        {
            "customer_id": ids,
            "arm": np.where(control, "control", "ten_off"),
            "assigned_at": START,
            "rate": rate,
        }
    )
    return assignment, history


@pytest.fixture(scope="module")
def sound() -> tuple[pd.DataFrame, pa.Table]:
    return world()


def read(assignment: pd.DataFrame, history: pa.Table, **more: Any) -> Measurement:
    found = measure_campaign(assignment, history, history_until=END, **more)
    for words in (EN, PL):
        assert verdict(found, words)
        assert all(tell(each, words) for each in found.cautions)
    return found


def renamed(history: pa.Table, ids: pd.Series) -> pa.Table:  # type: ignore[type-arg]
    """The orders of some customers under other ids, as after a merge in the CRM."""
    other = {one: f"M-{one}" for one in ids}
    names = [other.get(one, one) for one in history["customer_id"].to_pylist()]
    return history.set_column(0, "customer_id", pa.array(names))


def test_a_sound_campaign_is_read(sound: tuple[pd.DataFrame, pa.Table]) -> None:
    found = read(*sound)
    assert (found.verdict, found.problems, found.compared_within) == ("works", (), None)
    assert found.in_orders is not None and found.in_orders.share_control == 1
    assert found.balance_p is not None and found.balance_p > 0.01


@pytest.mark.parametrize("arm", ["ten_off", "control"])
@pytest.mark.parametrize("share", [0.3, 0.02])
def test_ids_of_one_arm_that_the_orders_have_otherwise_are_invalid(
    sound: tuple[pd.DataFrame, pa.Table], arm: str, share: float
) -> None:
    assignment, history = sound
    some = assignment.loc[assignment["arm"] == arm, "customer_id"].sample(
        frac=share, random_state=1
    )
    found = read(assignment, renamed(history, some))
    assert found.verdict == "invalid" and "ids_lost" in found.problems
    assert found.in_orders is not None and found.in_orders.p is not None
    shares = found.in_orders.share_treated, found.in_orders.share_control
    assert min(shares) == pytest.approx(1 - share, abs=0.001) and max(shares) == 1
    assert "so ids of one group were lost on the way" in verdict(found, EN)


def test_strangers_in_both_arms_are_no_loss(sound: tuple[pd.DataFrame, pa.Table]) -> None:
    assignment, history = sound
    some = assignment["customer_id"].sample(frac=0.3, random_state=2)
    found = read(assignment, renamed(history, some))
    assert (found.verdict, found.problems) == ("works", ())


def test_prospects_who_first_order_for_the_offer_are_no_loss() -> None:
    # Nobody ordered before; of the treated 30 % come, of the control 10 %.
    ids = [f"n{n}" for n in range(1_000)]
    assignment = pd.DataFrame({
        "customer_id": ids, "arm": ["x"] * 500 + ["control"] * 500, "assigned_at": START,
    })  # fmt: skip
    came = [*ids[:150], *ids[500:550], "old"]
    moments = pa.array([pd.Timestamp("2024-03-05")] * 200 + [pd.Timestamp("2024-01-01")])
    moments = moments.cast(pa.timestamp("s"))
    history = pa.table({
        "customer_id": came, "order_id": [str(n) for n in range(201)], "ordered_at": moments,
        "known_at": moments, "amount": [1_000] * 201, "kind": ["order"] * 201,
    })  # fmt: skip
    assert read(assignment, history).verdict == "works"
    # None of one arm at all is another matter.
    found = read(
        assignment.assign(customer_id=[*ids[:500], *(f"K{n}" for n in range(500))]), history
    )
    assert found.problems == ("ids_lost",)


def by_orders(rows: pd.DataFrame) -> pd.DataFrame:
    keen = rows["rate"] > rows["rate"].quantile(0.8)
    return rows.assign(arm=rows["arm"].mask(keen, "ten_off"))


def by_segment(rows: pd.DataFrame) -> pd.DataFrame:
    gold = np.where(rows["arm"] == "control", np.arange(N) % 4, np.arange(N) % 2) == 0
    return rows.assign(segment=np.where(gold, "gold", "other"))


@pytest.mark.parametrize("planted", [by_orders, by_segment])
def test_arms_that_no_lot_has_drawn_are_invalid(
    sound: tuple[pd.DataFrame, pa.Table], planted: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    assignment, history = sound
    found = read(planted(assignment), history, control_share=None)
    assert found.verdict == "invalid" and "arms_differ" in found.problems
    assert found.balance_p is not None and found.balance_p < 0.001
    assert "differed before the draw" in verdict(found, EN)


def test_one_wholesaler_is_no_difference(sound: tuple[pd.DataFrame, pa.Table]) -> None:
    assignment, history = sound
    amounts = history["amount"].to_numpy().copy()
    who = history["customer_id"].to_numpy(zero_copy_only=False) == assignment["customer_id"].iloc[0]
    amounts[who] *= 100_000
    found = read(assignment, history.set_column(4, "amount", pa.array(amounts)))
    assert found.problems == ()


def of_two_days(rows: pd.DataFrame, shares: tuple[float, float]) -> pd.DataFrame:
    """Keen customers on the first day, the others on the second, each day with its own split."""
    keen = rows["rate"] > rows["rate"].median()
    days = np.where(keen, START - timedelta(days=1), START)
    chance = np.where(keen, *shares)
    control = np.random.default_rng(3).random(N) < chance
    arm = np.where(control, "control", "ten_off")
    drawn = np.where(control, chance, 1 - chance)
    return rows.assign(arm=arm, assigned_at=days, probability=drawn)


@pytest.mark.parametrize("shares", [(0.8, 0.2), (0.3, 0.6)])
def test_a_split_that_changes_with_the_day_is_compared_within_days(
    shares: tuple[float, float],
) -> None:
    assignment, history = world(4, lift=0.0)
    logged = of_two_days(assignment, shares)
    found = read(logged.drop(columns="probability"), history)
    assert (found.compared_within, found.problems) == ("days", ())
    assert (found.srm_against, found.srm_p) == ("unknown", None)
    assert found.split_by_day_p is not None and found.split_by_day_p < 1e-9
    assert found.returned.low is not None and found.returned.low < 0 < found.returned.high
    assert found.by_offer[0].effect == found.returned.effect
    said = " ".join(tell(each, EN) for each in found.cautions)
    assert "compared with those assigned on the same day" in said
    # Who logged the chances needs no such help, and says the same.
    known = read(logged, history)
    assert (known.compared_within, known.problems) == (None, ())
    assert known.returned.effect == pytest.approx(found.returned.effect, abs=0.02)


@pytest.mark.parametrize(
    ("columns", "shares", "problem"),
    [
        ({"probability": 0.5}, (0.8, 0.2), "split_by_day"),  # not the chance that was logged
        ({}, (1.0, 0.0), "split_by_day"),  # each day is one arm
    ],
)
def test_days_that_cannot_be_compared_are_invalid(
    sound: tuple[pd.DataFrame, pa.Table],
    columns: dict[str, float],
    shares: tuple[float, float],
    problem: str,
) -> None:
    assignment, history = sound
    rows = of_two_days(assignment, shares).drop(columns="probability").assign(**columns)
    found = read(rows, history)
    assert found.verdict == "invalid" and problem in found.problems
    assert "changes with the day of the assignment" in verdict(found, EN)


def test_many_days_of_few_customers_are_no_alarm(sound: tuple[pd.DataFrame, pa.Table]) -> None:
    assignment, history = sound
    days = [START - timedelta(days=n % 150) for n in range(N)]
    found = read(assignment.assign(assigned_at=days), history)
    assert found.problems == () and found.split_by_day_p is not None


def test_rows_lost_in_one_planned_offer_show_in_its_ratio(
    sound: tuple[pd.DataFrame, pa.Table],
) -> None:
    assignment, history = sound
    rows = assignment.assign(probability=0.5, planned_offer=[f"o{n % 6}" for n in range(N)])
    rows["arm"] = rows["planned_offer"].where(rows["arm"] != "control", "control")
    assert read(rows, history).problems == ()
    lost = (rows["arm"] == "o3") & (np.arange(N) % 5 < 3)
    assert "sample_ratio" in read(rows[~lost], history).problems


def test_small_arms_have_no_verdict(sound: tuple[pd.DataFrame, pa.Table]) -> None:
    assignment, history = sound
    control = assignment["arm"] == "control"
    few, enough = (
        read(assignment[~control | (control.cumsum() <= kept)], history, control_share=0.03)
        for kept in (49, 50)
    )
    assert (few.verdict, few.least_in_arm) == ("too_few", 50)
    assert {row.verdict for row in few.by_offer} == {"too_few"}
    assert "each group needs at least 50" in verdict(few, EN)
    assert enough.verdict != "too_few"


# ------------------------------------------------------------------- not what was sealed


@pytest.fixture(scope="module")
def left(sound: tuple[pd.DataFrame, pa.Table], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a sealed list of 400 customers and its manifest."""
    folder = tmp_path_factory.mktemp("left")
    rows = sound[0].iloc[1_300:1_700].drop(columns="rate")
    rows = rows.assign(campaign_id="spring", planned_offer="ten_off", probability=0.5)
    rows.to_parquet(folder / "assignment.parquet", index=False)
    digest = hashlib.sha256((folder / "assignment.parquet").read_bytes()).hexdigest()
    manifest = {
        "campaign_id": "spring", "sha256": {"assignment.parquet": digest}, "seal": seal_of(rows),
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def edited(rows: pd.DataFrame, how: str) -> pd.DataFrame:
    match how:
        case "arm":
            first = rows["arm"].eq("control").idxmax()
            rows.loc[first, "arm"] = "ten_off"
        case "removed":
            rows = rows.iloc[1:]
        case "added":
            rows = pd.concat([rows, rows.iloc[:1].assign(customer_id="99999")])
        case "day":
            rows.loc[rows.index[:3], "assigned_at"] = START - timedelta(days=3)
        case "chance":
            rows["probability"] = 0.4
        case "id":
            rows.loc[rows.index[0], "customer_id"] = "77777"
        case "zeros":
            rows["customer_id"] = rows["customer_id"].astype(int)
    return rows


EDITS = {
    "arm": "in another arm 1,", "removed": "missing 1,", "added": "added 1,",
    "day": "chance or day 3.", "chance": "chance or day 400.", "id": "missing 1, added 1,",
}  # fmt: skip


@pytest.mark.parametrize("how", EDITS)
def test_a_copy_of_a_sealed_list_that_was_changed_is_refused(
    sound: tuple[pd.DataFrame, pa.Table], left: Path, how: str
) -> None:
    copy = left / f"{how}.csv"
    edited(pd.read_parquet(left / "assignment.parquet"), how).to_csv(copy, index=False)
    with pytest.raises(WinbackError) as refused:
        measure_campaign(copy, sound[1], history_until=END)
    assert EDITS[how] in str(refused.value) and "\n" not in str(refused.value)


def test_a_copy_that_is_only_spelt_otherwise_reads_the_same(
    sound: tuple[pd.DataFrame, pa.Table], left: Path
) -> None:
    copy = left / "zeros.csv"
    edited(pd.read_parquet(left / "assignment.parquet"), "zeros").to_csv(copy, index=False, sep=";")
    found, again = (
        measure_campaign(path, sound[1], history_until=END)
        for path in (left / "assignment.parquet", copy)
    )
    assert again.returned == found.returned and found.problems == ()
    # Another campaign's file in the same folder is none of the manifest's.
    rows = pd.read_csv(copy, sep=";", dtype=str).iloc[:300].assign(campaign_id="autumn")
    rows.to_csv(left / "autumn.csv", index=False)
    assert measure_campaign(left / "autumn.csv", sound[1], history_until=END).n_treated < 200


@pytest.mark.parametrize("how", ["arm", "removed", "added", "id"])
def test_where_the_sealed_file_is_gone_its_seal_is_asked(
    sound: tuple[pd.DataFrame, pa.Table], left: Path, tmp_path: Path, how: str
) -> None:
    (tmp_path / "manifest.json").write_bytes((left / "manifest.json").read_bytes())
    rows, copy = pd.read_parquet(left / "assignment.parquet"), tmp_path / "assignment.csv"
    rows.to_csv(copy, index=False)
    assert measure_campaign(copy, sound[1], history_until=END).problems == ()
    edited(rows, how).to_csv(copy, index=False)
    with pytest.raises(WinbackError, match="not the file that was sealed"):
        measure_campaign(copy, sound[1], history_until=END)


def test_the_command_line_refuses_a_changed_copy(
    sound: tuple[pd.DataFrame, pa.Table], left: Path, tmp_path: Path
) -> None:
    copy = left / "command.csv"
    edited(pd.read_parquet(left / "assignment.parquet"), "arm").to_csv(copy, index=False)
    orders = sound[1].to_pandas().rename(columns={"ordered_at": "date"})
    orders["amount"] /= 100
    orders[["customer_id", "order_id", "date", "amount"]].to_csv(tmp_path / "o.csv", index=False)
    asked = ["measure", str(copy), "--orders", str(tmp_path / "o.csv"), "--out", str(tmp_path)]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code != 0 and not (tmp_path / "measurement.json").exists()
    assert "in another arm 1," in str(done.exception or done.output)


@pytest.mark.parametrize("who", ["nobody", "everybody", "control"])
def test_no_difference_is_the_offers_where_no_more_of_the_treated_were_sent_them(
    sound: tuple[pd.DataFrame, pa.Table], who: str
) -> None:
    """What was planned and never left changed nothing, whatever the orders say."""
    assignment, history = sound
    arms = {"nobody": [], "everybody": ["ten_off", "control"], "control": ["control"]}[who]
    left = assignment["arm"].isin(arms)
    sent = assignment[["customer_id"]].assign(sent_at=np.where(left, str(START), ""))
    found = read(assignment, history, sent=sent)
    assert (found.verdict, found.problems) == ("invalid", ("not_sent",))
    assert found.sent is not None and found.sent.never_left == int((~left).sum())
