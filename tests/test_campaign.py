"""What a campaign changed, read from the orders that followed it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import t as student

from canonical import order_lines
from winback.campaign.estimates import compare, orders_ratio, per_message
from winback.campaign.measuring import measure_campaign
from winback.campaign.programme import measure_programme
from winback.errors import UsageError, WinbackError
from winback.intake.settling import read_orders
from winback.offers.contact import universal_holdout
from winback.params import Params, check_params
from winback.project import Project
from winback.results.measured import Awaited, Measurement
from winback.results.offered import Offer
from winback.said.measured import verdict
from winback.said.spoken import tell
from winback.said.words import Words
from winback.stages.measure import measure
from winback.synthetic.campaign import simulate_campaign
from winback.synthetic.kinds import DEFAULT_EFFECTS, NULL_EFFECTS, OfferEffect
from winback.synthetic.shop import simulate_shop

ENGLISH = Words("en")
START = date(2024, 3, 1)
END = START + timedelta(days=29)  # the last day of a window of 30


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
    assert (result["verdict"], result["problems"]) == ("invalid", ("no_control",))
    assert result["returned"]["effect"] is None


def test_a_customer_in_both_arms_makes_it_invalid() -> None:
    result = measure_campaign(arms(["t1", "t2", "c1"], ["c1", "c2", "c3"]), HISTORY)
    assert result["verdict"] == "invalid"
    assert result["in_both_arms"] == 1
    assert "1\u00a0customer in both arms" in verdict(result, ENGLISH)


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
        (
            "customer_id,arm,assigned_at\n1,x,2024-03-01\n2,,2024-03-01\n",
            "1 rows have no arm (rows [2])",
        ),
        ("customer_id,arm,assigned_at\n1,x,\n", "1 rows have no assigned_at"),
        ("customer_id,Arm,arm,assigned_at\n1,x,y,2024-03-01\n", "column 'arm' stands twice"),
        ("customer_id,arm,assigned_at\n1,x,soon\n", "assigned_at 'soon' is no date"),
        (
            "customer_id,arm,assigned_at\n1,x,03/04/2024\n",
            "is no date (rows [1]); write 2024-01-31",
        ),
        ("customer_id,arm,assigned_at,probability\n1,x,2024-03-01,90\n", "'90' is not a share"),
        ("", "the file is empty"),
        (
            "customer_id,arm,assigned_at\n1,x,2024-03-01\n2,x,2024-03-01,y\n",
            "line 3 has 4 cells, the header has 3",
        ),
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
    assert result["problems"] == ("sample_ratio",)
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
    assert measure_campaign(crowd(590, 410), HISTORY)["problems"] == ("sample_ratio",)
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
@pytest.mark.long
def test_the_interval_holds_the_truth_as_often_as_it_says(
    null_worlds: list[dict],  # type: ignore[type-arg]
    metric: str,
    estimate: str,
) -> None:
    found = [w[metric] if estimate == "plain" else w[metric]["cuped"] for w in null_worlds]
    held = np.mean([reading["low"] <= 0 <= reading["high"] for reading in found])
    # 95 % give or take two standard errors of 150 worlds.
    assert 0.91 <= held <= 0.99


@pytest.mark.long
def test_where_nothing_happened_works_is_rarely_said(null_worlds: list[dict]) -> None:  # type: ignore[type-arg]
    verdicts = [reading["verdict"] for reading in null_worlds]
    assert verdicts.count("works") <= 0.05 * 150
    assert verdicts.count("invalid") <= 1


@pytest.mark.long
def test_sample_ratio_alarms_come_at_their_rate(null_worlds: list[dict]) -> None:  # type: ignore[type-arg]
    # Twenty in a hundred below .2, give or take two and a half standard errors.
    assert 0.12 <= np.mean([reading["srm_p"] < 0.2 for reading in null_worlds]) <= 0.28


@pytest.mark.long
def test_the_past_removes_variance(null_worlds: list[dict]) -> None:  # type: ignore[type-arg]
    removed = [reading["orders"]["cuped"]["variance_removed"] for reading in null_worlds]
    assert np.mean(removed) > 0.15


def test_an_offer_that_works_is_found_and_one_that_harms() -> None:
    for lift, expected in ((1.0, "works"), (-0.8, "harms")):
        result = measure_campaign(*world(1, 3000, lift=lift), history_until=END)
        assert result["verdict"] == expected
        assert result["by_offer"][0]["verdict"] == expected


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
    # Without them it would be said to harm; but such arms no lot has drawn.
    told = measure_campaign(plain, history, history_until=END)
    assert told.verdict == "invalid" and "arms_differ" in told.problems
    assert told.returned.high is not None and told.returned.high < 0


# ----------------------------------------------------------------------------- money, words


def test_profit_is_margin_added_less_discounts_and_contacts() -> None:
    offer = priced(max_uses=None)
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
    found = measure_campaign(*world(1, 3000, lift=1.0), history_until=END)
    assert verdict(found, ENGLISH).startswith("The offers raised the return rate by +")
    polish = verdict(found, Words("pl"))
    assert polish.startswith("Oferty podniosły odsetek powrotów: +")
    assert "." not in polish.replace("p.p.", "").rstrip(".")


def told(found: Measurement) -> list[str]:
    """The cautions in English; each has words in Polish, too."""
    assert all(tell(caution, Words("pl")) for caution in found.cautions)
    return [tell(caution, ENGLISH) for caution in found.cautions]


# ------------------------------------------------------------------------- inputs as they come


def test_ids_that_were_once_floats_meet_the_orders_text_ids() -> None:
    history = order_lines(("17850", "a", "2024-03-10T10:00", 5), ("12", "b", "2024-03-02T10:00", 5))
    for spelt in ([17850, 99, 12, 98], [17850.0, 99.0, 12.0, 98.0], ["17850.0", "99", "12", "98"]):
        found = measure_campaign(
            pd.DataFrame({"customer_id": spelt, "arm": ["x", "x", "control", "control"],
                          "assigned_at": START}),
            history, history_until=END,
        )  # fmt: skip
        assert (found["n_in_orders"], found["returned"]["mean_treated"]) == (2, 0.5)


def test_ids_that_lost_their_zeros_in_a_spreadsheet_are_found_again() -> None:
    history = order_lines(
        ("00042", "a", "2024-03-10T10:00", 5), ("00007", "b", "2024-03-02T10:00", 5)
    )
    found = measure_campaign(arms(["42", "43"], ["7", "8"]), history, history_until=END)
    assert found["n_in_orders"] == 2
    assert told(found)[:2] == [
        "Only 2 of 4 assigned customers are in the orders; the others count as not returned.",
        "Customer ids were matched without leading zeros, blanks and what else a spreadsheet "
        "changes.",
    ]
    # One that is known as it stands says nothing of the others.
    history = order_lines(("00042", "a", "2024-03-10T10:00", 5), ("7", "b", "2024-03-02T10:00", 5))
    found = measure_campaign(arms(["42", "43"], ["7", "8"]), history, history_until=END)
    assert found["n_in_orders"] == 2


def test_a_row_that_repeats_a_customer_counts_once_from_the_earliest() -> None:
    assignment = arms(["t1", "t1", "t2"], ["c1", "c2"])
    assignment["assigned_at"] = [START + timedelta(days=20), START, START, START, START]
    found = measure_campaign(assignment, HISTORY, history_until=END + timedelta(days=20))
    assert (found["repeated_rows"], found["n_treated"]) == (1, 2)
    assert found["orders"]["mean_treated"] == 1.5  # the orders of 1 and 15 March, and t2's


@pytest.mark.parametrize(
    "names", [("treatment", "Control"), ("A", "CONTROL"), ("treated", "control ")]
)
def test_any_arm_but_control_is_treated(names: tuple[str, str]) -> None:
    assignment = arms(["t1", "t2"], ["c1", "c2", "c3"])
    assignment["arm"] = assignment["arm"].map({"ten_off": names[0], "control": names[1]})
    found = measure_campaign(assignment, HISTORY)
    assert found["n"] == {"control": 3, names[0]: 2}


def test_arms_without_a_control_are_named_and_can_be_told() -> None:
    assignment = arms(["t1", "t2"], ["c1", "c2", "c3"])
    assignment["arm"] = assignment["arm"].map({"ten_off": "A", "control": "B"})
    found = measure_campaign(assignment, HISTORY)
    assert found["verdict"] == "invalid"
    assert "(arms found: A, B); name it with --control" in verdict(found, ENGLISH)
    assert measure_campaign(assignment, HISTORY, control="b")["n"] == {"control": 3, "A": 2}


def test_one_arm_alone_still_has_its_mean() -> None:
    found = measure_campaign(arms(["t1", "t2"], []), HISTORY)
    assert (found["orders"]["mean_treated"], found["orders"]["mean_control"]) == (1.5, None)


@pytest.mark.parametrize(
    ("written", "zone", "treated_orders"),
    [
        # t1 orders at 00:00 and on the 15th, t2 at 23:59 on the 30th.
        ("2024-03-01T00:00:00+01:00", None, 1.5),
        ("2024-02-29T23:00:00Z", "Europe/Warsaw", 1.5),
        ("2024-03-01T00:00:01", None, 1.0),
    ],
)
def test_an_instant_with_an_offset_becomes_the_shops_wall_time(
    written: str, zone: str | None, treated_orders: float
) -> None:
    assignment = arms(["t1", "t2"], ["c1", "c2"])
    assignment["assigned_at"] = written
    until = END + timedelta(days=1)
    found = measure_campaign(assignment, HISTORY, history_until=until, timezone=zone)
    assert found["orders"]["mean_treated"] == treated_orders
    instants = pd.to_datetime(assignment["assigned_at"], utc="+" in written or "Z" in written)
    if zone is not None:
        again = measure_campaign(
            assignment.assign(assigned_at=instants), HISTORY, history_until=until, timezone=zone
        )
        assert again == found


def test_a_draw_at_noon_counts_the_days_orders_where_orders_have_no_clock() -> None:
    history = order_lines(("t1", "a", "2024-03-01", 5), ("c1", "b", "2024-01-01", 5))
    assignment = arms(["t1", "t2"], ["c1", "c2"])
    assignment["assigned_at"] = "2024-03-01 12:00"
    found = measure_campaign(assignment, history, history_until=END)
    assert found["returned"]["mean_treated"] == 0.5
    assert "no clock times" in told(found)[1]


def test_an_unknown_zone_is_one_line() -> None:
    with pytest.raises(UsageError, match="timezone 'Mars' is not known; write Europe/Warsaw"):
        measure_campaign(arms(["t1", "t2"], ["c1", "c2"]), HISTORY, timezone="Mars")


def test_customers_who_never_ordered_are_counted_and_mentioned() -> None:
    found = measure_campaign(arms(["t1", "x", "y"], ["c1", "z", "q"]), HISTORY)
    assert found["returned"]["mean_treated"] == pytest.approx(1 / 3, abs=1e-5)
    assert "Only 2 of 6 assigned customers are in the orders" in told(found)[0]


def test_a_refund_after_the_window_is_not_in_it() -> None:
    history = order_lines(
        ("t1", "a", "2024-03-29T10:00", 50),
        ("t1", "a", "2024-04-02T10:00", -50, "refund"),
        ("c1", "b", "2024-03-05T10:00", 30),
        ("c1", "b", "2024-03-29T10:00", -30, "refund"),
    )
    found = measure_campaign(arms(["t1", "t2"], ["c1", "c2"]), history)
    assert (found["net_spend"]["mean_treated"], found["net_spend"]["mean_control"]) == (25, 0)


def test_two_arms_in_which_nothing_varies_have_no_interval() -> None:
    history = order_lines(("t1", "a", "2024-03-02", 5), ("t2", "b", "2024-03-02", 5))
    found = measure_campaign(
        arms(["t1", "t2"], ["c1", "c2"]), history, history_until=END, metric="orders"
    )
    assert (found["orders"]["effect"], found["orders"]["low"]) == (1, None)


# ------------------------------------------------------------------------ who was really sent it


def sent_world(**columns: object) -> tuple[pd.DataFrame, pa.Table]:
    """100 treated, 100 control; 60 and 20 of them order in the window."""
    lines = [(f"t{i}", f"a{i}", "2024-03-05T10:00", 10.0) for i in range(1, 61)]
    lines += [(f"c{i}", f"b{i}", "2024-03-05T10:00", 10.0) for i in range(1, 21)]
    return crowd(100, 100, **columns), order_lines(*lines)


def test_the_effect_of_the_message_is_that_of_the_draw_over_the_difference_in_messages() -> None:
    assignment, history = sent_world()
    # 80 treated and 5 control were sent it: 40 points over 75 points of messages.
    sent = pd.DataFrame(
        {"customer_id": [f"t{i}" for i in range(1, 81)] + [f"c{i}" for i in range(1, 6)]}
    )
    found = measure_campaign(assignment, history, history_until=END, sent=sent)
    assert found["returned"]["effect"] == 0.4
    assert found["returned"]["cace"]["effect"] == pytest.approx(0.4 / 0.75, abs=1e-5)
    assert found["returned"]["cace"]["low"] < 0.4 / 0.75 < found["returned"]["cace"]["high"]
    assert (found["sent"]["share_treated_sent"], found["sent"]["share_control_sent"]) == (0.8, 0.05)
    said = " ".join(told(found))
    assert "control group who were sent something all the same: 5 (5.0%)" in said
    assert "Treated customers who were never sent their offer: 20 of 100." in said


def test_what_was_sent_changes_no_verdict() -> None:
    assignment, history = sent_world()
    alone = measure_campaign(assignment, history, history_until=END)
    few = pd.DataFrame({"customer_id": [*(f"t{n}" for n in range(1, 31)), "c1"]})
    beside = measure_campaign(assignment, history, history_until=END, sent=few)
    assert beside["verdict"] == alone["verdict"] == "works"
    assert beside["returned"]["low"] == alone["returned"]["low"]
    # One message more in neither arm says nothing about messages, nor of an effect that they had.
    few = pd.DataFrame({"customer_id": ["t1", "c1"]})
    neither = measure_campaign(assignment, history, history_until=END, sent=few)
    assert (neither["returned"]["cace"], neither["problems"]) == (None, ("not_sent",))


def test_only_messages_that_left_within_the_window_count(tmp_path: Path) -> None:
    assignment, history = sent_world()
    path = tmp_path / "sent.csv"
    path.write_text(
        "Customer_ID;Offer;Sent_At\n"
        "t1;ten_off;2024-03-01\nt1;ten_off;2024-03-02\nt2;other;2024-03-30\n"
        "t3;ten_off;2024-02-29\nt4;ten_off;2024-03-31\nt5;ten_off;\nt6;control;2024-03-01\n"
        "stranger;ten_off;2024-03-01\n"
    )
    found = measure_campaign(assignment, history, history_until=END, sent=path)["sent"]
    assert found.model_dump() == {
        "n_treated_sent": 2, "share_treated_sent": 0.02, "n_control_sent": 0,
        "share_control_sent": 0, "other_offer": 1, "rows": 8, "not_assigned": 1,
        "never_left": 2, "outside_window": 2, "repeated": 1,
    }  # fmt: skip


def test_a_returned_file_of_other_customers_is_one_line() -> None:
    assignment, history = sent_world()
    with pytest.raises(WinbackError, match="none of its 1 rows is a customer of the assignment"):
        measure_campaign(
            assignment, history, history_until=END, sent=pd.DataFrame({"customer_id": ["x"]})
        )


@pytest.mark.long
def test_per_message_holds_the_truth_as_often_as_it_says() -> None:
    held = []
    for seed in range(50):
        assignment, history = world(seed)
        reached = np.random.default_rng([seed, 1]).random(len(assignment)) < 0.5
        sent = assignment[reached & (assignment["arm"] != "control").to_numpy()]
        found = measure_campaign(assignment, history, history_until=END, sent=sent[["customer_id"]])
        held.append(found["orders"]["cace"]["low"] <= 0 <= found["orders"]["cace"]["high"])
    assert np.mean(held) >= 0.87  # 95 % less two and a half standard errors of 50 worlds


# ------------------------------------------------------------------------------ strata, segments


def test_strata_are_compared_within_themselves() -> None:
    # Regulars: 15 of 20 treated against 60 of 80 return; others: 8 of 80 against 2 of 20.
    # Together the draw looks 39 points bad; within the strata nothing happened.
    rows = [("r", "t", 20, 15), ("r", "c", 80, 60), ("o", "t", 80, 8), ("o", "c", 20, 2)]
    people, lines = [], []
    for stratum, side, n, came in rows:
        for i in range(n):
            name = f"{stratum}{side}{i}"
            people.append((name, "ten_off" if side == "t" else "control", START, stratum))
            if i < came:
                lines.append((name, f"a{name}", "2024-03-05T10:00", 10.0))
    columns = ["customer_id", "arm", "assigned_at", "stratum"]
    found = measure_campaign(
        pd.DataFrame(people, columns=columns), order_lines(*lines), history_until=END
    )
    # Nobody says how they were drawn, and half and half they were not in either.
    assert (found["compared_within"], found["problems"]) == ("strata", ())
    for effect in (found["returned"]["effect"], found["returned"]["stratified"]["effect"]):
        assert effect == pytest.approx(0, abs=1e-9)
    assert "compared within their own" in " ".join(told(found))
    assert found["by_segment"]["column"] == "stratum"
    assert [row["effect"] for row in found["by_segment"]["rows"]] == pytest.approx([0, 0])


def test_without_segments_thirds_of_the_score_stand_in() -> None:
    assignment, history = world(2, 3000)
    found = measure_campaign(assignment, history, history_until=END)["by_segment"]
    assert found["column"] == "p_return"
    assert [row["segment"] for row in found["rows"]] == [
        "highest third", "lowest third", "middle third",
    ]  # fmt: skip
    assert {row["verdict"] for row in found["rows"]} == {"not_distinguishable"}
    assert all(row["p_holm"] >= row["p"] for row in found["rows"])


# ------------------------------------------------------------------------- predicted and realised


def test_the_score_is_judged_on_the_control_within_its_own_days() -> None:
    assignment, history = sent_world(p_return=0.3, p_return_days=5)
    # 20 of 100 control come on 5 March, the fifth day: within five days of 1 March.
    found = measure_campaign(assignment, history, history_until=END)["predicted"]["p_return"]
    assert (found["days"], found["predicted"], found["realised"]) == (5, 0.3, 0.2)
    # Wilson: (.2 + 3.8415/200 -+ 1.96 sqrt(.16/100 + 3.8415/40000)) / (1 + 3.8415/100)
    assert found["low"] == pytest.approx(0.13337, abs=1e-4)
    assert found["high"] == pytest.approx(0.28883, abs=1e-4)
    unknown = measure_campaign(assignment.drop(columns="p_return_days"), history, history_until=END)
    assert unknown["predicted"]["p_return"] is None


def test_what_an_offer_was_said_to_do_stands_beside_what_it_did() -> None:
    assignment, history = sent_world(expected_gain=1.5)
    offer = priced(effect_pp=10, effect_source="stated")
    found = measure_campaign(assignment, history, history_until=END, offers=[offer])
    assert found["predicted"]["effect"]["predicted"] == 0.1
    assert found["predicted"]["effect"]["realised"] == 0.4
    assert found["predicted"]["gain"]["predicted"] == 150
    assert found["predicted"]["gain"]["realised"] == found["profit"]["total"]


def priced(**more: object) -> Offer:
    return Offer.model_validate(
        {"name": "ten_off", "kind": "percent_off", "discount_share": 0.1, "contact_cost": 1,
         "margin_share": 0.4, "valid_days": 30, "label": {"en": "x", "pl": "x"}, **more}
    )  # fmt: skip


def test_amounts_after_the_discount_get_it_back_before_the_margin() -> None:
    history = order_lines(("t1", "a", "2024-03-05T10:00", 90))
    found = measure_campaign(
        arms(["t1", "t2"], ["c1", "c2"]), history, history_until=END, offers=[priced()],
        amounts="after_discount",
    )["profit"]  # fmt: skip
    # 90 paid was 100 before the discount: 40 of margin, 10 of discount, 2 contacts of 1.
    assert (found["margin_added"], found["discounts"], found["contacts"]) == (40, 10, 2)
    assert found["total"] == 28
    assert found["return_on_cost"] == pytest.approx(28 / 12, rel=1e-5)


def test_only_what_was_sent_costs_anything() -> None:
    history = order_lines(("t1", "a", "2024-03-05T10:00", 100), ("t2", "b", "2024-03-05", 100))
    found = measure_campaign(
        arms(["t1", "t2"], ["c1", "c2"]), history, history_until=END, offers=[priced()],
        sent=pd.DataFrame({"customer_id": ["t1"]}),
    )["profit"]  # fmt: skip
    assert (found["discounts"], found["contacts"]) == (10, 1)


def test_an_offer_used_once_is_discounted_once() -> None:
    history = order_lines(("t1", "a", "2024-03-05T10:00", 100), ("t1", "b", "2024-03-09", 100))
    for uses, discounts in ((1, 10), (2, 20), (None, 20)):
        found = measure_campaign(
            arms(["t1", "t2"], ["c1", "c2"]), history, history_until=END,
            offers=[priced(max_uses=uses)],
        )  # fmt: skip
        assert found["profit"]["discounts"] == discounts


def test_orders_only_moved_forward_win_nothing_over_both_windows() -> None:
    # The treated come in March instead of April.
    history = order_lines(
        ("t1", "a", "2024-03-05T10:00", 10), ("t2", "b", "2024-03-06T10:00", 10),
        ("c1", "c", "2024-04-05T10:00", 10), ("c2", "d", "2024-04-06T10:00", 10),
    )  # fmt: skip
    found = measure_campaign(
        arms(["t1", "t2"], ["c1", "c2"]), history, history_until=END + timedelta(days=30)
    )
    assert found["orders"]["effect"] == 1
    assert found["after_window"]["effect"] == -1
    assert found["after_window"]["both_windows"]["effect"] == 0


# ------------------------------------------------------------------------------------- the stage


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with orders until the end of the window and a sealed campaign ``spring``."""
    monkeypatch.chdir(tmp_path)
    assignment, history = sent_world(campaign_id="spring", planned_offer="ten_off")
    for folder in ("data", "reports", "exports/spring"):
        (tmp_path / folder).mkdir(parents=True)
    pq.write_table(history, tmp_path / "data/orders.parquet")
    read = read_orders(history.to_pandas(), tmp_path / "read", cutoff=date(2024, 3, 31))
    summary = read.summary.model_copy(update={"last_day": date(2024, 3, 30)})
    (tmp_path / "reports/ingest.json").write_text(summary.to_json())
    path = tmp_path / "exports/spring/assignment.parquet"
    assignment.to_parquet(path)
    manifest = {
        "sha256": {"assignment.parquet": hashlib.sha256(path.read_bytes()).hexdigest()},
        "offers": [priced().model_dump(mode="json")],
    }
    (path.parent / "manifest.json").write_text(json.dumps(manifest))
    return tmp_path


def spring(window_days: int = 30) -> Params:
    campaign = {"folder": "exports/spring", "window_days": window_days}
    return check_params({"measure": {"campaigns": {"spring": campaign}}})


def test_the_stage_measures_each_campaign_with_the_prices_it_was_sealed_with(sealed: Path) -> None:
    measure(Project(spring()))
    found = json.loads((sealed / "reports/measurements/spring.json").read_text())
    assert (found["campaign_id"], found["verdict"]) == ("spring", "works")
    # 40 more orders of 10 at 40 %, less 60 discounts of 1 and 100 contacts of 1.
    assert found["profit"]["total"] == pytest.approx(40 * 10 * 0.4 - 60 - 100)


def test_the_stage_waits_for_an_open_window(sealed: Path) -> None:
    measure(Project(spring(window_days=31)))
    path = sealed / "reports/measurements/spring.json"
    found = json.loads(path.read_text())
    assert (found["verdict"], found["closes_on"]) == (None, "2024-03-31")
    assert "nothing is read before it closes" in verdict(
        Awaited.from_json(path.read_text(), "spring.json"), ENGLISH
    )


def test_the_stage_takes_the_file_that_the_crm_returned(sealed: Path) -> None:
    (sealed / "exports/spring/sent.csv").write_text("customer_id\nt1\nt2\n")
    found = measure(Project(spring()))["spring"]
    assert found["sent"]["n_treated_sent"] == 2


def test_an_assignment_changed_after_it_was_sealed_is_refused(sealed: Path) -> None:
    path = sealed / "exports/spring/assignment.parquet"
    pd.read_parquet(path).iloc[1:].to_parquet(path)
    with pytest.raises(WinbackError, match="not the file that was sealed"):
        measure(Project(spring()))


def test_no_campaign_is_nothing_to_do_and_an_unknown_one_is_named(sealed: Path) -> None:
    assert measure(Project(check_params({}))) == {}
    with pytest.raises(UsageError, match=r"No campaign 'autumn': .* There are: spring"):
        measure(Project(spring()), campaign="autumn")


def test_a_lost_assignment_is_one_line(sealed: Path) -> None:
    (sealed / "exports/spring/assignment.parquet").unlink()
    with pytest.raises(WinbackError, match=r"exports/spring: no assignment\.parquet or \.csv"):
        measure(Project(spring()))


def test_where_nobody_returned_nothing_is_claimed_and_nothing_promised() -> None:
    history = order_lines(("t1", "a", "2024-01-05", 5), ("z", "b", "2024-04-30", 5))
    found = measure_campaign(arms(["t1", "t2"], ["c1", "c2"]), history)
    assert (found["verdict"], found["minimal_detectable_effect"]) == ("too_few", None)
    assert "a campaign of this size" not in verdict(found, ENGLISH)


def test_the_hazard_ratio_says_how_many_times_faster_the_treated_return() -> None:
    assignment, history = sent_world()
    # 60 % against 20 %: log(.4) / log(.8) = 4.1063. Standard error of its log:
    # sqrt(.6 / (99 * .4 * .9163^2) + .2 / (99 * .8 * .2231^2)) = .26222.
    found = measure_campaign(assignment, history, history_until=END)["by_offer"][0]["hazard_ratio"]
    assert found["value"] == pytest.approx(4.1063, abs=1e-4)
    assert found["low"] == pytest.approx(4.1063 * np.exp(-1.96 * 0.26222), rel=1e-3)
    assert found["high"] == pytest.approx(4.1063 * np.exp(1.96 * 0.26222), rel=1e-3)


def test_the_orders_ratio_says_how_many_times_as_many_the_treated_ordered() -> None:
    # Orders of the treated 2, 0, 2, 0 and of the control 1, 0, 1, 0: means 1 and .5, variances
    # of the means 1/3 and 1/12, so that of the logarithm is 1/3 + 1/3.
    lines = [
        (name, f"{name}{k}", f"2024-03-0{k + 2}T10:00", 10.0)
        for name, orders in (("t0", 2), ("t2", 2), ("c0", 1), ("c2", 1))
        for k in range(orders)
    ]
    people = [[f"{side}{i}" for i in range(4)] for side in "tc"]
    found = measure_campaign(arms(*people), order_lines(*lines), history_until=END)
    ratio = found["by_offer"][0]["orders_ratio"]
    assert ratio["value"] == pytest.approx(2)
    assert ratio["high"] == pytest.approx(2 * np.exp(1.95996 * (2 / 3) ** 0.5), rel=1e-4)
    alone = order_lines(("c0", "a", "2024-03-02T10:00", 5))
    found = measure_campaign(arms(*people), alone, history_until=END)
    assert found["by_offer"][0]["orders_ratio"] is None


def test_a_ratio_whose_interval_is_beyond_all_numbers_is_none() -> None:
    # The treated order 0 and 1 at .5 and 1.5 of what was known before, so 1/10,000 at its mean of
    # .5001; a slope of one is then 10,000 times that, and the interval reaches from 0 to infinity.
    treated = np.arange(40) < 20
    known = np.where(treated, [0.5, 1.5] * 20, [-0.9998, 1.0002] * 20)
    orders = np.where(treated, [0.0, 1.0] * 20, 1.0)
    plain = orders_ratio(orders, treated, None, pd.DataFrame(index=range(40)))
    assert plain is not None and plain["value"] == 0.5
    assert orders_ratio(orders, treated, None, pd.DataFrame({"known": known})) is None


def test_offers_have_their_ratios_in_each_segment() -> None:
    assignment, history = world(2, 3000)
    assignment["segment"] = np.where(assignment["p_return"] > 0.3, "often", "seldom")
    (row,) = measure_campaign(assignment, history, history_until=END)["by_offer"]
    assert row["by_segment"]["column"] == "segment"
    parts = {part["segment"]: part for part in row["by_segment"]["rows"]}
    assert set(parts) == {"often", "seldom"}
    sizes = [sum(part[key] for part in parts.values()) for key in ("n_treated", "n_control")]
    assert sizes == [row["n_treated"], row["n_control"]]
    for part in parts.values():
        assert part["orders_ratio"]["low"] < 1 < part["orders_ratio"]["high"]


# ------------------------------------------------------------------------ the universal hold-out


def programme(effects: Mapping[str, OfferEffect], days: int = 90) -> tuple[Any, ...]:
    """Three months of campaigns to all but a fifth; orders with them, without, and the days."""
    shop = simulate_shop("fashion", customers=4_000, days=240, seed=8, offer_effects=effects)
    since = shop.end
    first = shop.customers["first_ordered_at"] < pd.Timestamp(since)
    ids = sorted(shop.customers.loc[first, "customer_id"])
    out = universal_holdout(ids, 0.2, "s", since.year)
    orders = []
    for arm in ("percent_off", "control"):
        now = shop
        for _ in range(days // 30):
            sent = pd.DataFrame({"customer_id": ids, "arm": np.where(out, "control", arm)})
            now = simulate_campaign(now, sent, now.end, 30, follow_days=30).shop
        orders.append(now.orders)
    return orders, ids, out, since, since + timedelta(days=days - 1)


def test_the_holdout_tells_what_the_whole_programme_changed(tmp_path: Path) -> None:
    (with_it, without), ids, out, since, until = programme(DEFAULT_EFFECTS)
    counts = []
    for lines in (with_it, without):
        after = lines[pd.to_datetime(lines["ordered_at"]) >= pd.Timestamp(since)]
        counts.append(after.groupby("customer_id")["order_id"].nunique().reindex(ids).fillna(0))
    truth = float((counts[0] - counts[1])[~out].sum())
    read = read_orders(with_it, tmp_path)
    history = pd.DataFrame(
        {"customer_id": [*np.array(ids)[~out], np.array(ids)[out][0]], "assigned_at": since}
    )
    found = measure_programme(
        read.orders_path, since=since, until=until, holdout_share=0.2, salt="s",
        metric="orders", history=history,
    )  # fmt: skip
    assert (found["n_treated"], found["n_control"]) == (int((~out).sum()), int(out.sum()))
    assert found["window_days"] == 90 and found["verdict"] == "works"
    assert found["total"]["orders"]["low"] < truth < found["total"]["orders"]["high"]
    assert found["total"]["orders"]["low"] > 0
    assert (found["campaigns"], found["planned_share"], found["planned_holdout"]) == (1, 1.0, 1)


def test_a_programme_that_does_nothing_is_not_said_to_work(tmp_path: Path) -> None:
    (with_it, without), *_, since, until = programme(NULL_EFFECTS, days=30)
    pd.testing.assert_frame_equal(with_it, without)
    read = read_orders(with_it, tmp_path)
    found = measure_programme(
        read.orders_path, since=since, until=until, holdout_share=0.2, salt="s"
    )
    assert (found["metric"], found["verdict"]) == ("net_spend", "not_distinguishable")
    assert found["srm_p"] > 0.001 and found["planned_holdout"] is None


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"holdout_share": 0.0}, "nobody was kept out"),
        ({"since": date(2023, 12, 1)}, "drawn for a calendar year"),
        ({"since": date(2024, 1, 1)}, "nobody had ordered before 2024-01-01"),
    ],
)
def test_a_programme_that_cannot_be_measured_is_one_line(wish: dict[str, Any], said: str) -> None:
    wanted = {"since": START, "until": END, "holdout_share": 0.2, "salt": "s", **wish}
    with pytest.raises(WinbackError, match=said):
        measure_programme(HISTORY, **wanted)


# --- what an assignment may look like ------------------------------------------------------------


def test_a_probability_missing_in_one_row_is_refused_not_ignored() -> None:
    rows = arms(["t1", "t2"], ["c1", "c2"], probability=[0.5, 0.5, None, 0.5])
    with pytest.raises(WinbackError, match=r"1 of 4 rows have no probability \(rows \[3\]\)"):
        measure_campaign(rows, HISTORY)


def test_addresses_match_whatever_their_case() -> None:
    history = order_lines(
        ("ada@shop.pl", "a", "2024-03-05T10:00", 10),
        ("ben@shop.pl", "b", "2024-02-05T10:00", 10),
        ("eva@shop.pl", "c", "2024-04-20T10:00", 10),
    )
    rows = arms(["Ada@Shop.pl", "eva@shop.pl"], ["BEN@shop.pl", "gus@shop.pl"])
    result = measure_campaign(rows, history)
    assert (result["n_in_orders"], result["returned"]["mean_treated"]) == (3, 0.5)


def test_windows_before_the_history_are_refused() -> None:
    rows = arms(["t1", "t2"], ["c1", "c2"]).assign(assigned_at=date(2020, 1, 1))
    with pytest.raises(WinbackError, match="window of 4 of 4 customers ends before the first"):
        measure_campaign(rows, HISTORY)


def test_an_arm_called_none_and_a_customer_called_na_are_what_they_say(tmp_path: Path) -> None:
    rows = arms(["t1", "NA"], ["c1", "c2"], p_return=["0.5", "NA", "", "0.25"])
    path = tmp_path / "assignment.csv"
    rows.replace({"arm": {"control": "None"}}).to_csv(path, index=False)
    result = measure_campaign(path, HISTORY, control="None")
    assert result["n"] == {"control": 2, "ten_off": 2}


def test_an_unknown_split_is_said() -> None:
    result = measure_campaign(arms(["t1", "t2", "t3", "t4"], ["c1"]), HISTORY)
    assert result["srm_against"] == "unknown"
    assert any("--control-share" in said for said in told(result))


@pytest.mark.parametrize(("customers", "control"), [(120, 12), (600, 60), (2000, 200)])
def test_a_small_control_of_skewed_spend_is_not_too_sure(customers: int, control: int) -> None:
    # Three in ten buy, for a lognormal amount; nobody's offer does anything.
    rng = np.random.default_rng(customers)
    treated = np.arange(customers) >= control
    found = []
    for _ in range(600):
        spend = np.exp(rng.normal(0, 0.8, customers)) * (rng.random(customers) < 0.3)
        found.append(compare(spend, treated, None))
    # Of 600 with a chance of .025 each, 28 come once in a hundred times.
    assert sum(one.low > 0 for one in found) <= 28
    assert sum(one.high < 0 for one in found) <= 28


def test_equal_arms_keep_welchs_interval_whichever_is_named_first() -> None:
    rng = np.random.default_rng(1)
    spend, treated = rng.lognormal(0, 1, 120), np.arange(120) % 2 == 0
    spend[treated] *= 3
    two = [spend[side].var(ddof=1) / 60 for side in (treated, ~treated)]
    freedom = sum(two) ** 2 / sum(v**2 / 59 for v in two)
    welch = float(student.ppf(0.975, freedom) * np.sqrt(sum(two)))
    for arms_named in (treated, ~treated):
        found = compare(spend, arms_named, None)
        assert (found.high - found.low) / 2 == pytest.approx(welch)


def test_p_and_interval_say_the_same_in_tiny_arms() -> None:
    for seed in range(200):
        values = np.random.default_rng(seed).lognormal(0, 1, 12)
        found = compare(values, np.arange(12) < 5, None)
        assert (found.p < 0.05) == (found.low > 0 or found.high < 0)


def test_a_control_that_was_sent_nothing_leaves_the_effect_of_a_message_readable() -> None:
    # 5,000 treated, one in twenty reached; 60 of the control, none of them.
    rng = np.random.default_rng(3)
    treated = np.arange(5060) < 5000
    sent = treated & (np.arange(5060) % 20 == 0)
    assert per_message(rng.lognormal(0, 1, 5060), treated, None, sent) is not None


def test_a_finding_smaller_than_what_the_campaign_can_see_is_doubted() -> None:
    # Of fifty controls ten return, of 450 treated 45: Newcombe's interval leaves zero out.
    control, treated = [f"c{n:03d}" for n in range(50)], [f"t{n:03d}" for n in range(450)]
    lines = [(who, f"o{who}", "2024-03-05T10:00", 10.0) for who in [*control[:10], *treated[:45]]]
    history = order_lines(*lines, ("zz", "z", "2024-04-20T10:00", 1.0))
    result = measure_campaign(arms(treated, control), history, control_share=0.1)
    if result["verdict"] == "harms":
        assert abs(result["returned"]["effect"]) < result["minimal_detectable_effect"]
    assert result["verdict"] == "harms"
    assert any("often chance, or exaggerated" in said for said in told(result))
