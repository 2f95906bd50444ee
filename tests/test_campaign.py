"""What a campaign changed, read from the orders that followed it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from winback.campaign import measure_campaign
from winback.errors import UsageError, WinbackError
from winback.offers import Offer

START = date(2024, 3, 1)
END = START + timedelta(days=29)  # the last day of a window of 30


def order_lines(*lines: tuple[str, str, str, float] | tuple[str, str, str, float, str]) -> pa.Table:
    """Canonical lines from (customer, order, moment, amount[, kind])."""
    rows = [(*line, "order") if len(line) == 4 else line for line in lines]
    moments = [datetime.fromisoformat(row[2]) for row in rows]
    return pa.table(
        {
            "customer_id": pa.array([row[0] for row in rows], pa.string()),
            "order_id": pa.array([row[1] for row in rows], pa.string()),
            "ordered_at": pa.array(moments, pa.timestamp("s")),
            "known_at": pa.array(moments, pa.timestamp("s")),
            "amount": pa.array([round(row[3] * 100) for row in rows], pa.int64()),
            "kind": pa.array([row[4] for row in rows], pa.string()),
        }
    ).replace_schema_metadata({"amount_scale": "100"})


def arms(treated: Sequence[str], control: Sequence[str], **columns: object) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": [*treated, *control],
            "arm": ["ten_off"] * len(treated) + ["control"] * len(control),
            "assigned_at": START,
            **columns,
        }
    )


# t1   before |2024-03-01 10 . . 2024-03-15 20 . . 30|       an order on the first day and later
# t2   before |. . . . . . . . . . . . . . 2024-03-30 23:59| the last minute of the window
# c1   2024-02-29 23:59 | . . . . . . . . . . . . . .|       the minute before the window
# c2          |. . 2024-03-10 40, 2024-03-12 sent back|      an order and its refund
# c3          |. . . . . . . . . . . . . . . . . . . .| 03-31 the day after the window
HISTORY = order_lines(
    ("t1", "a", "2024-01-05T10:00", 5),
    ("t1", "b", "2024-03-01T00:00", 10),
    ("t1", "b", "2024-03-01T00:00", 2),
    ("t1", "c", "2024-03-15T09:00", 20),
    ("t2", "d", "2024-03-30T23:59", 8),
    ("c1", "e", "2024-02-29T23:59", 100),
    ("c2", "f", "2024-03-10T12:00", 40),
    ("c2", "f", "2024-03-12T12:00", -40, "refund"),
    ("c3", "g", "2024-03-31T00:00", 70),
    ("c3", "h", "2024-03-20T00:00", 0, "free"),
)


def test_the_window_starts_at_the_assignment_and_ends_before_its_last_day() -> None:
    result = measure_campaign(arms(["t1", "t2"], ["c1", "c2", "c3"]), HISTORY)
    assert result["returned"]["mean_treated"] == 1
    assert result["returned"]["mean_control"] == pytest.approx(1 / 3, abs=1e-5)
    assert result["orders"]["mean_treated"] == 1.5
    assert result["orders"]["mean_control"] == pytest.approx(1 / 3, abs=1e-5)
    assert result["net_spend"]["mean_treated"] == 20  # (10 + 2 + 20 + 8) / 2
    assert result["net_spend"]["mean_control"] == 0  # what came back is not revenue
    assert result["net_spend"]["effect"] == 20
    assert result["n"] == {"control": 3, "ten_off": 2}


def test_a_customer_never_seen_in_the_orders_counts_as_zeros() -> None:
    result = measure_campaign(arms(["t1", "nobody"], ["c1", "c2"]), HISTORY)
    assert result["returned"]["mean_treated"] == 0.5
    assert result["n_in_orders"] == 3


def test_each_customer_has_her_own_window() -> None:
    assignment = arms(["t1", "t2"], ["c1", "c2"])
    assignment["assigned_at"] = [START, START + timedelta(days=2), START, START]
    result = measure_campaign(assignment, HISTORY, window_days=29)
    assert result["orders"]["mean_treated"] == 1.5  # two of t1; t2's on her last day


def test_an_open_window_is_refused_with_the_day_it_needs() -> None:
    with pytest.raises(WinbackError, match=r"2 of 4 customers.*until 2024-04-04.*on 2024-03-31"):
        measure_campaign(
            arms(["t1", "t2"], ["c1", "c2"], assigned_at=[START, START, *[date(2024, 3, 6)] * 2]),
            HISTORY,
        )


def test_the_window_is_closed_on_the_last_day_of_the_history() -> None:
    history = order_lines(("t1", "a", "2024-03-10T10:00", 5))
    assignment = arms(["t1", "t2"], ["c1", "c2"])
    measure_campaign(assignment, history, history_until=END)
    with pytest.raises(WinbackError, match="need orders until 2024-03-30"):
        measure_campaign(assignment, history, history_until=END - timedelta(days=1))


def test_ids_that_fit_nobody_are_an_error() -> None:
    with pytest.raises(WinbackError, match="none of the 2 assigned customers"):
        measure_campaign(arms(["x"], ["y"]), HISTORY)


def test_without_a_control_group_nothing_is_claimed() -> None:
    result = measure_campaign(arms(["t1", "t2"], []), HISTORY)
    assert (result["verdict"], result["problems"]) == ("invalid", ["no_control"])
    assert result["returned"]["effect"] is None


def test_a_customer_in_both_arms_makes_it_invalid() -> None:
    result = measure_campaign(arms(["t1", "t2", "c1"], ["c1", "c2", "c3"]), HISTORY)
    assert result["verdict"] == "invalid"
    assert result["in_both_arms"] == 1
    assert "1 customers are in both arms" in result["sentence"]["en"]


# -------------------------------------------------------------------------------- files


def test_a_csv_of_another_hand_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sent.csv"
    path.write_text(
        "\ufeffCustomer_ID;Arm;Assigned_At\n 17850.0;Ten off;2024-03-01\n12.0;CONTROL;01.03.2024\n"
        "13;control;2024-03-01T00:00:00+01:00\n17851;Ten off;2024-03-01\n",
        encoding="utf-8",
    )
    history = order_lines(("17850", "a", "2024-03-10T10:00", 5), ("12", "b", "2024-04-10T10:00", 5))
    orders = tmp_path / "orders.parquet"
    pq.write_table(history, orders)
    result = measure_campaign(path, orders)
    assert result["n"] == {"Ten off": 2, "control": 2}
    assert result["n_in_orders"] == 2
    assert result["returned"]["mean_treated"] == 0.5


def test_parquet_and_frames_give_the_same(tmp_path: Path) -> None:
    assignment = arms(["t1", "t2"], ["c1", "c2", "c3"])
    assignment.to_parquet(tmp_path / "assignment.parquet")
    again = measure_campaign(str(tmp_path / "assignment.parquet"), HISTORY)
    assert again == measure_campaign(assignment.sample(frac=1, random_state=1), HISTORY)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("customer,arm,assigned_at\n1,x,2024-03-01\n", "rename 'customer' to it"),
        ("customer_id,arm,assigned_at\n", "no rows"),
        ("customer_id,arm,assigned_at\n,x,2024-03-01\n", "1 rows have no customer_id"),
        ("customer_id,arm,assigned_at\n1,x,soon\n", "assigned_at 'soon' is no date"),
        ("customer_id,arm,assigned_at\n1,x,03/04/2024\n", "is no date; write 2024-01-31"),
        ("customer_id,arm,assigned_at,probability\n1,x,2024-03-01,90\n", "'90' is not a share"),
        ("", "not a table"),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "assignment.csv"
    path.write_text(text)
    with pytest.raises(WinbackError) as error:
        measure_campaign(path, HISTORY)
    assert said in str(error.value) and "assignment.csv" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.csv: there is no such file"):
        measure_campaign(tmp_path / "gone.csv", HISTORY)


# -------------------------------------------------------------------------- sample ratio


def crowd(n_treated: int, n_control: int, **columns: object) -> pd.DataFrame:
    treated = [f"t{i}" for i in range(1, n_treated + 1)]
    return arms(treated, [f"c{i}" for i in range(1, n_control + 1)], **columns)


def test_a_ratio_that_chance_does_not_explain_is_invalid() -> None:
    # Half and half was drawn; 400 to 600 is 6.3 standard deviations off: p = 2.5e-10.
    result = measure_campaign(crowd(600, 400, probability=0.5), HISTORY)
    assert result["problems"] == ["sample_ratio"]
    assert result["srm_p"] == pytest.approx(2.5e-10, rel=0.02)


def test_the_logged_probability_is_that_of_the_drawn_arm() -> None:
    nine_to_one = [0.9] * 900 + [0.1] * 100
    result = measure_campaign(crowd(900, 100, probability=nine_to_one), HISTORY)
    assert (result["srm_p"], result["srm_against"]) == (1, "probability")


def test_three_arms_of_one_draw_are_checked_against_their_own_shares() -> None:
    assignment = crowd(800, 200, probability=[0.4] * 800 + [0.2] * 200)
    assignment["arm"] = ["a"] * 400 + ["b"] * 400 + ["control"] * 200
    assert measure_campaign(assignment, HISTORY)["srm_p"] == 1


def test_an_unknown_design_is_not_judged_unless_it_looks_like_half_and_half() -> None:
    assert measure_campaign(crowd(900, 100), HISTORY)["srm_p"] is None
    assert measure_campaign(crowd(590, 410), HISTORY)["problems"] == ["sample_ratio"]
    assert measure_campaign(crowd(900, 100), HISTORY, control_share=0.2)["srm_p"] < 1e-10


# ------------------------------------------------------------------- worlds with known truth


def world(
    seed: int, n: int = 600, *, lift: float = 0.0, control_share: float = 0.3
) -> tuple[pd.DataFrame, pa.Table]:
    """Customers with their own rates, a year of past, and 30 days in which offers add ``lift``."""
    draw = np.random.default_rng(seed)
    rate = draw.gamma(0.8, 0.3, n)
    control = draw.random(n) < control_share
    past, after = draw.poisson(rate * 12), draw.poisson(rate * np.where(control, 1, 1 + lift))
    who = np.concatenate([np.repeat(np.arange(n), past), np.repeat(np.arange(n), after)])
    days = np.concatenate([-draw.uniform(0, 360, past.sum()), draw.uniform(0, 30, after.sum())])
    moments = np.datetime64(START, "s") + (days * 86400).astype("timedelta64[s]")
    ids = np.array([f"c{i:04d}" for i in range(n)])
    history = pa.table(
        {
            "customer_id": ids[who],
            "order_id": [str(i) for i in range(len(who))],
            "ordered_at": pa.array(moments, pa.timestamp("s")),
            "known_at": pa.array(moments, pa.timestamp("s")),
            "amount": (np.exp(draw.normal(3.5, 1, len(who))) * 100).astype(np.int64),
            "kind": ["order"] * len(who),
        }
    ).replace_schema_metadata({"amount_scale": "100"})
    assignment = pd.DataFrame(
        {
            "customer_id": ids,
            "arm": np.where(control, "control", "ten_off"),
            "assigned_at": START,
            "probability": np.where(control, control_share, 1 - control_share),
            "p_return": 1 - np.exp(-rate),
        }
    )
    return assignment, history


@pytest.fixture(scope="module")
def null_worlds() -> list[dict]:  # type: ignore[type-arg]
    return [measure_campaign(*world(seed), history_until=END) for seed in range(150)]


@pytest.mark.parametrize("metric", ["returned", "orders", "net_spend"])
@pytest.mark.parametrize("estimate", ["plain", "cuped"])
def test_the_interval_holds_the_truth_as_often_as_it_says(
    null_worlds: list[dict],  # type: ignore[type-arg]
    metric: str,
    estimate: str,
) -> None:
    found = [w[metric] if estimate == "plain" else w[metric]["cuped"] for w in null_worlds]
    held = np.mean([reading["low"] <= 0 <= reading["high"] for reading in found])
    # 95 % give or take two standard errors of 150 worlds.
    assert 0.91 <= held <= 0.99


def test_where_nothing_happened_works_is_rarely_said(null_worlds: list[dict]) -> None:  # type: ignore[type-arg]
    verdicts = [reading["verdict"] for reading in null_worlds]
    assert verdicts.count("works") <= 0.05 * 150
    assert verdicts.count("invalid") <= 1


def test_sample_ratio_alarms_come_at_their_rate(null_worlds: list[dict]) -> None:  # type: ignore[type-arg]
    # Twenty in a hundred below .2, give or take two and a half standard errors.
    assert 0.12 <= np.mean([reading["srm_p"] < 0.2 for reading in null_worlds]) <= 0.28


def test_the_past_removes_variance(null_worlds: list[dict]) -> None:  # type: ignore[type-arg]
    removed = [reading["orders"]["cuped"]["variance_removed"] for reading in null_worlds]
    assert np.mean(removed) > 0.15


def test_an_offer_that_works_is_found_and_one_that_harms() -> None:
    for lift, verdict in ((1.0, "works"), (-0.8, "harms")):
        result = measure_campaign(*world(1, 3000, lift=lift), history_until=END)
        assert result["verdict"] == verdict
        assert result["by_offer"][0]["verdict"] == verdict


def test_ten_useless_offers_yield_no_winner_by_number() -> None:
    assignment, history = world(4, 4000)
    draw = np.random.default_rng(4)
    assignment["planned_offer"] = draw.choice([f"o{i}" for i in range(10)], len(assignment))
    planned = assignment["planned_offer"].to_numpy()
    assignment["arm"] = np.where(assignment["arm"] == "control", "control", planned)
    rows = measure_campaign(assignment, history, history_until=END)["by_offer"]
    assert len(rows) == 10
    assert {row["verdict"] for row in rows} == {"not_distinguishable"}
    smallest = min(rows, key=lambda row: row["p"])
    assert smallest["p_holm"] == pytest.approx(min(1, 10 * smallest["p"]), rel=1e-4)
    assert sum(row["n_control"] for row in rows) == (assignment["arm"] == "control").sum()


def test_unequal_chances_are_weighed_back() -> None:
    # Frequent customers were held out at 60 %, the others at 10 %: unweighted, the control
    # looks far better than the treated.
    draw = np.random.default_rng(5)
    assignment, history = world(5, 6000)
    chance = np.where(assignment["p_return"] > 0.3, 0.6, 0.1)
    control = draw.random(6000) < chance
    assignment["arm"] = np.where(control, "control", "ten_off")
    plain = assignment.drop(columns="probability")
    assignment["probability"] = np.where(control, chance, 1 - chance)
    # The history was drawn without any effect of the arms.
    weighed = measure_campaign(assignment, history, history_until=END)
    assert weighed["returned"]["low"] <= 0 <= weighed["returned"]["high"]
    assert measure_campaign(plain, history, history_until=END)["verdict"] == "harms"


# ----------------------------------------------------------------------------- money, words


def test_profit_is_margin_added_less_discounts_and_contacts() -> None:
    offer = Offer.model_validate(
        {
            "name": "ten_off",
            "kind": "percent_off",
            "discount_share": 0.1,
            "contact_cost": 1,
            "margin_share": 0.4,
            "valid_days": 30,
            "label": {"en": "x", "pl": "x"},
        }
    )
    profit = measure_campaign(arms(["t1", "t2"], ["c1", "c2"]), HISTORY, offers=[offer])["profit"]
    # t1: .4 * 32 - 3.2 - 1 = 8.6; t2: .4 * 8 - .8 - 1 = 1.4; control 0: 5 a customer.
    assert profit["per_customer"] == 5
    assert profit["total"] == 10
    assert profit["offer_cost"] == 6  # 3.2 + .8 + 2
    assert profit["return_on_cost"] == pytest.approx(10 / 6, rel=1e-5)


def test_orders_moved_forward_show_in_the_window_after() -> None:
    # c3 orders the day after the window; nobody treated does.
    assignment = arms(["t1", "t2"], ["c1", "c2", "c3"])
    assert measure_campaign(assignment, HISTORY)["after_window"] is None
    later = measure_campaign(assignment, HISTORY, history_until=END + timedelta(days=30))
    assert later["after_window"]["effect"] == pytest.approx(-1 / 3, abs=1e-5)


def test_the_share_who_would_have_come_anyway_is_the_control_over_the_treated() -> None:
    result = measure_campaign(arms(["t1", "t2"], ["c1", "c2"]), HISTORY)
    assert result["came_anyway_share"]["value"] == 0.5


def test_the_sentence_tells_the_verdict_in_both_languages() -> None:
    said = measure_campaign(*world(1, 3000, lift=1.0), history_until=END)["sentence"]
    assert said["en"].startswith("The offers raised the return rate by +")
    assert said["pl"].startswith("Oferty podniosły odsetek powrotów: +")
    assert "." not in said["pl"].replace("p.p.", "").rstrip(".")
