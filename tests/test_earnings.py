"""What a campaign earned: costs by the offer's own terms, order by order, and margins alike."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from canonical import Told, order_lines
from winback.campaign.measuring import measure_campaign
from winback.campaign.programme import Ran, measure_programme
from winback.errors import WinbackError
from winback.offers.contact import universal_holdout
from winback.params import check_params
from winback.questions.measuring import Reading, measure_history
from winback.results.measured import Measurement, Profit
from winback.results.offered import Offer

START = date(2024, 3, 1)
END = START + timedelta(days=29)
LATE = date(2024, 6, 30)


def offer(kind: str = "percent_off", **more: object) -> Offer:
    given: dict[str, object] = {
        "name": "voucher", "kind": kind, "margin_share": 0.4, "valid_days": 30,
        "label": {"en": "x", "pl": "x"},
    }  # fmt: skip
    if kind == "percent_off":
        given["discount_share"] = 0.1
    elif kind in ("amount_off", "free_delivery", "gift", "points"):
        given["discount_amount"] = 10
    return Offer.model_validate(given | {"contact_cost": 0, "max_uses": None} | more)


def two_and_two(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": ["t1", "t2", "c1", "c2"],
            "arm": ["voucher"] * 2 + ["control"] * 2,
            "assigned_at": START,
            **columns,
        }
    )


def others(until: date, per_day: int = 1) -> list[Told]:
    """Orders of somebody who is in no campaign, so that the shop's orders go on."""
    since = date(2024, 1, 1)
    days = [since + timedelta(days=i) for i in range((until - since).days + 1)]
    return [("else", f"e{day}{i}", f"{day}T12:00", 1.0) for day in days for i in range(per_day)]


def read(
    *given: Told, terms: Offer | Sequence[Offer] | None = None, until: date = LATE, **more: Any
) -> Measurement:
    offers = [terms or offer()] if not isinstance(terms, list) else terms
    return measure_campaign(
        more.pop("assignment", two_and_two()),
        order_lines(*given, *others(until, 1 + len(given) // 20)),
        history_until=until,
        offers=offers, **more,
    )  # fmt: skip


def profit(*given: Told, terms: Offer | None = None, **more: Any) -> Profit:
    found = read(*given, terms=terms, **more).profit
    assert found is not None
    return found


def each(
    terms: Sequence[Offer],
    *given: tuple[str, str, float] | tuple[str, str, float, str],
    **more: Any,
) -> list[Profit]:
    """What each of several offers earned on the same orders of one customer.

    Orders are (order, moment, amount[, kind]); offers get names of their own.
    """
    named = [one.model_copy(update={"name": f"o{i}"}) for i, one in enumerate(terms)]
    ids = [f"{one.name}_{k}" for one in named for k in (1, 2)]
    assignment = pd.DataFrame(
        {"customer_id": [*ids, "c1", "c2"], "assigned_at": START,
         "arm": [*(who.split("_")[0] for who in ids), "control", "control"]}
    )  # fmt: skip
    orders: list[Any] = [
        (f"{one.name}_1", f"{one.name}{line[0]}", *line[1:]) for one in named for line in given
    ]
    found = read(*orders, terms=named, assignment=assignment, **more)
    return [row.profit for row in found.by_offer if row.profit is not None]


def shop(
    customers: int = 2000, *, seed: int = 1, value: float = 50, back: float = 0.0
) -> tuple[pd.DataFrame, list[Told]]:
    """Half of the customers treated: 30 % come without the offer, 40 % with it.

    ``back`` of the orders are cancelled in full two days later.
    """
    rng = np.random.default_rng(seed)
    ids = [f"k{i}" for i in range(customers)]
    arm = np.where(np.arange(customers) % 2 == 0, "voucher", "control")
    came = rng.random(customers) < np.where(arm == "voucher", 0.4, 0.3)
    found: list[Told] = []
    for i in np.flatnonzero(came):
        day = START + timedelta(days=int(rng.integers(0, 25)))
        found.append((ids[i], f"o{i}", f"{day}T10:00", value))
        if rng.random() < back:
            found.append((ids[i], f"o{i}", f"{day + timedelta(days=2)}T10:00", -value, "refund"))
    return pd.DataFrame({"customer_id": ids, "arm": arm, "assigned_at": START}), found


# --- smallest basket -----------------------------------------------------------------------------


def test_a_voucher_whose_basket_nobody_reaches_costs_nothing() -> None:
    assignment, orders = shop(600)
    terms = offer("amount_off", min_basket=100)
    found = profit(*orders, terms=terms, assignment=assignment)
    assert found.discounts == 0
    assert found.total == found.margin_added
    assert found.total is not None and found.total > 300


def test_the_basket_is_that_of_the_whole_order() -> None:
    orders: list[Told] = [
        ("t1", "exactly", "2024-03-02T10:00", 100),
        ("t1", "less", "2024-03-03T10:00", 99.99),
        ("t1", "two lines", "2024-03-04T10:00", 160), ("t1", "two lines", "2024-03-04T10:00", 40),
        ("t1", "lowered", "2024-03-05T10:00", 420), ("t1", "lowered", "2024-03-05T10:00", -20),
        ("t1", "too low", "2024-03-06T10:00", 119), ("t1", "too low", "2024-03-06T10:00", -20),
        ("t2", "small", "2024-03-05T10:00", 60), ("t2", "small too", "2024-03-05T10:00", 60),
    ]  # fmt: skip
    assert profit(*orders, terms=offer(min_basket=100)).discounts == 10 + 20 + 40


def test_after_the_discount_the_basket_is_held_against_what_was_before_it() -> None:
    terms = offer("amount_off", min_basket=100)
    orders: list[Told] = [("t1", "a", "2024-03-05", 90.0), ("t2", "b", "2024-03-05", 89.99)]
    found = profit(*orders, terms=terms, amounts="after_discount")
    assert (found.discounts, found.margin_added) == (10, pytest.approx(0.4 * 189.99, abs=0.01))


def test_whether_an_order_below_the_basket_was_lowered_to_it_the_control_tells() -> None:
    terms = offer("amount_off", min_basket=100)
    # Each of the treated paid 95: of 105 with the voucher, or of 95 without?
    paid: list[Told] = [(who, who, "2024-03-05", 95) for who in ("t1", "t2")]
    for control, discounts in (((94, 96), 0), ((105, 95), 10), ((300, 20), 20)):
        bare: list[Told] = [
            (who, who, "2024-03-05", value)
            for who, value in zip(("c1", "c2"), control, strict=True)
        ]
        found = profit(*paid, *bare, terms=terms, amounts="after_discount")
        assert found.discounts == discounts, control


def test_the_basket_is_the_order_as_placed_not_what_was_kept_of_it() -> None:
    orders: list[Told] = [
        ("t1", "a", "2024-03-05T10:00", 100), ("t1", "a", "2024-03-09T10:00", -50, "refund"),
    ]  # fmt: skip
    assert profit(*orders, terms=offer("free_delivery", min_basket=100)).discounts == 10


# --- days and uses -------------------------------------------------------------------------------


def test_an_offer_is_paid_for_in_its_days_alone() -> None:
    found = profit(
        ("t1", "first minute", "2024-03-01T00:00", 100),
        ("t1", "last of fourteen days", "2024-03-14T23:59", 200),
        ("t1", "the day after", "2024-03-15T00:00", 400),
        ("t1", "in the window still", "2024-03-30T12:00", 800),
        terms=offer(valid_days=14),
    )
    assert (found.discounts, found.margin_added) == (30, 600)


def test_a_window_shorter_than_the_offer_counts_what_it_saw() -> None:
    orders: list[Told] = [("t1", "a", "2024-03-05", 100), ("t1", "b", "2024-03-20", 100)]
    found = profit(*orders, terms=offer(valid_days=30), window_days=10)
    assert (found.discounts, found.margin_added) == (10, 40)


def test_the_last_day_is_whole_though_the_draw_was_at_noon() -> None:
    found = profit(
        ("t1", "a", "2024-03-14T23:59", 100), ("t1", "b", "2024-03-15T00:01", 200),
        terms=offer(valid_days=14), assignment=two_and_two(assigned_at="2024-03-01T12:00"),
    )  # fmt: skip
    assert found.discounts == 10


def test_an_order_before_its_message_used_no_voucher() -> None:
    orders: list[Told] = [("t1", "a", "2024-03-02T09:00", 100), ("t2", "b", "2024-03-16T09:00", 50)]
    sent = pd.DataFrame({"customer_id": ["t1", "t2"], "sent_at": ["2024-03-03T08:00"] * 2})
    assert profit(*orders, terms=offer(valid_days=14), sent=sent).discounts == 5
    assert profit(*orders, terms=offer(valid_days=14)).discounts == 10


def test_an_offer_is_used_on_the_first_orders_that_it_holds_for() -> None:
    terms = [offer(max_uses=uses, min_basket=50) for uses in (1, 2, None)]
    # Too small an order uses nothing up.
    found = each(
        terms, ("z", "2024-03-02T10:00", 20), ("a", "2024-03-03T10:00", 100),
        ("b", "2024-03-04T10:00", 200), ("c", "2024-03-05T10:00", 300),
    )  # fmt: skip
    assert [one.discounts for one in found] == [10, 30, 60]


def test_each_customer_has_her_own_uses() -> None:
    orders: list[Told] = [
        (who, f"{who}{i}", f"2024-03-0{i}T10:00", 100) for who in ("t1", "t2") for i in (2, 3, 4)
    ]
    assert profit(*orders, terms=offer(max_uses=2)).discounts == 40


def test_a_share_of_the_orders_it_holds_for_really_use_it() -> None:
    terms = [
        offer(kind, redemption_share=0.6, min_basket=50) for kind in ("percent_off", "amount_off")
    ]
    found = each(terms, ("a", "2024-03-02", 100), ("b", "2024-03-02", 40))
    assert [one.discounts for one in found] == [6, 6]


# --- cancelled and sent back ---------------------------------------------------------------------


def test_a_cancelled_order_costs_the_same_in_every_kind() -> None:
    assignment, orders = shop(600, back=0.8)
    back = {line[1] for line in orders if len(line) == 5}
    bought = {line[1] for line in orders if int(line[0][1:]) % 2 == 0}
    kept = len(bought - back)
    assert 0.1 * len(bought) < kept < 0.4 * len(bought)
    # A tenth of 50 is 5.
    for terms in (offer("amount_off", discount_amount=5), offer("percent_off")):
        assert profit(*orders, terms=terms, assignment=assignment).discounts == 5 * kept


KINDS = ("percent_off", "amount_off", "points", "free_delivery", "gift")


def test_of_half_an_order_the_voucher_is_half_and_the_parcel_whole() -> None:
    found = each(
        [offer(kind) for kind in KINDS],
        ("whole", "2024-03-04T10:00", 50), ("whole", "2024-03-05T10:00", -50, "refund"),
        ("half", "2024-03-05T10:00", 70), ("half", "2024-03-05T10:00", 30),
        ("half", "2024-03-09T10:00", -50, "refund"),
    )  # fmt: skip
    assert [one.discounts for one in found] == [5, 5, 5, 10, 10]
    assert {one.margin_added for one in found} == {20}


def test_a_cancelled_order_uses_no_voucher_up() -> None:
    orders: list[Told] = [
        ("t1", "a", "2024-03-05T10:00", 100), ("t1", "a", "2024-03-06T10:00", -100, "refund"),
        ("t1", "b", "2024-03-07T10:00", 60),
    ]  # fmt: skip
    assert profit(*orders, terms=offer(max_uses=1)).discounts == 6


@pytest.mark.parametrize(
    ("back", "margin", "discounts"),
    [(-100, 24, 10), (-80, 32, 12), (-50, 44, 11.6667), (-130, 12, 3)],
)
def test_a_refund_numbered_apart_is_of_the_order_of_its_value(
    back: float, margin: float, discounts: float
) -> None:
    # Of neither value: of the latest that is worth as much; of more than that, of several.
    found = profit(
        ("t1", "a", "2024-03-05T10:00", 100), ("t1", "b", "2024-03-07T10:00", 60),
        ("t1", "C17", "2024-03-09T10:00", back, "refund"), terms=offer("amount_off"),
    )  # fmt: skip
    assert found.margin_added == pytest.approx(margin)
    assert found.discounts == pytest.approx(discounts)


def test_an_id_used_on_two_days_gives_back_one_of_them() -> None:
    orders: list[Told] = [
        ("t1", "a", "2024-03-05T10:00", 100), ("t1", "a", "2024-03-08T10:00", 40),
        ("t1", "a", "2024-03-06T10:00", -100, "refund"),
    ]  # fmt: skip
    assert profit(*orders).margin_added == 16


def test_refunds_count_as_long_after_the_window_for_everybody() -> None:
    # Orders reach 10 days past the last window, which is that of c2: 20 days after hers began.
    assignment = two_and_two(assigned_at=[START, START, START, START + timedelta(days=20)])
    orders: list[Told] = [("t1", "a", "2024-03-05T10:00", 100), ("t2", "b", "2024-03-05T10:00", 50)]
    until = END + timedelta(days=30)
    in_time: Told = ("t1", "a", "2024-04-09T23:00", -100, "refund")
    too_late: Told = ("t2", "b", "2024-04-10T00:00", -50, "refund")
    found = profit(*orders, in_time, too_late, until=until, assignment=assignment)
    assert (found.margin_added, found.discounts) == (20, 5)


def test_what_is_sent_back_of_older_orders_is_no_loss_of_the_campaign() -> None:
    orders: list[Told] = [
        ("t1", "old", "2024-02-20T10:00", 500), ("t1", "old", "2024-03-05T10:00", -500, "refund"),
        ("t1", "new", "2024-03-06T10:00", 100),
    ]  # fmt: skip
    found = read(*orders)
    assert found.profit is not None and found.profit.margin_added == 40
    assert found.net_spend.mean_treated == -200  # as the orders have it


def test_more_back_than_was_paid_leaves_nothing_of_it_and_no_less() -> None:
    orders: list[Told] = [
        ("t1", "a", "2024-03-05T10:00", 100), ("t1", "a", "2024-03-06T10:00", -115, "refund"),
        ("t1", "b", "2024-03-07T10:00", 60),
    ]  # fmt: skip
    assert profit(*orders).margin_added == 24


# --- how large -----------------------------------------------------------------------------------


def test_a_voucher_is_never_more_than_the_order() -> None:
    found = each([offer(kind) for kind in KINDS], ("a", "2024-03-05", 4))
    assert [one.discounts for one in found] == [0.4, 4, 10, 10, 10]


def test_what_lowers_no_price_is_not_added_to_what_was_paid() -> None:
    found = each([offer(kind) for kind in KINDS], ("a", "2024-03-05", 90), amounts="after_discount")
    assert [one.discounts for one in found] == [10] * 5
    assert [one.margin_added for one in found] == [40, 40, 36, 36, 36]


def test_a_contact_alone_costs_its_contact() -> None:
    found = profit(("t1", "a", "2024-03-05", 100), terms=offer("content", contact_cost=0.5))
    assert (found.discounts, found.contacts, found.total) == (0, 1, 39)


# --- contacts ------------------------------------------------------------------------------------


def test_profit_stands_by_contact_and_by_what_was_spent() -> None:
    assignment, orders = shop(600)
    terms = offer("amount_off", contact_cost=0.5)
    found = profit(*orders, terms=terms, assignment=assignment)
    assert found.n_contacts == 300
    assert found.total is not None and found.offer_cost is not None
    assert found.per_contact == pytest.approx(found.total / 300, rel=1e-5)
    assert found.return_on_cost == pytest.approx(found.total / found.offer_cost, rel=1e-5)
    assert found.return_on_cost_low is not None and found.return_on_cost_high is not None
    assert found.return_on_cost_low < found.return_on_cost < found.return_on_cost_high
    margin, discounts = found.margin_added, found.discounts
    assert margin is not None and discounts is not None
    if margin > discounts:
        assert found.pays_below == pytest.approx((margin - discounts) / 300, rel=1e-4)
    else:
        assert found.pays_below is None


def test_a_price_that_nobody_said_is_assumed_and_a_nought_is_a_nought() -> None:
    assignment, orders = shop(600, value=200)
    assumed = profit(*orders, terms=offer(contact_cost=None), assignment=assignment)
    free = profit(*orders, terms=offer(), assignment=assignment)
    assert assumed.contact_assumed and not free.contact_assumed
    assert free.contacts == 0
    assert assumed.contacts is not None and assumed.contacts > 0
    # Up to which price it pays does not hang on the price that was assumed.
    assert assumed.pays_below == pytest.approx(free.pays_below, rel=1e-4)
    assert free.pays_below == free.per_contact


def test_whoever_the_crm_names_cost_and_nobody_else() -> None:
    orders: list[Told] = [("t1", "a", "2024-03-05", 100), ("c1", "b", "2024-03-05", 100)]
    sent = pd.DataFrame({"customer_id": ["t1", "c1"], "offer": ["Spring -10%", "voucher"]})
    found = profit(*orders, terms=offer(contact_cost=1), sent=sent)
    # A name of the CRM's own is what was planned; a control sent by mistake has its costs.
    assert (found.n_contacts, found.contacts, found.discounts) == (2, 2, 20)


# --- margins of both arms ------------------------------------------------------------------------


def several(arms: Sequence[str], n: int = 300, **columns: object) -> pd.DataFrame:
    names = np.tile(np.array(arms), n)
    return pd.DataFrame(
        {"customer_id": [f"k{i}" for i in range(len(names))], "arm": names, "assigned_at": START}
        | columns
    )


def bought(assignment: pd.DataFrame, share: dict[str, float], value: float = 100) -> list[Told]:
    """Every so many customers of an arm with one order."""
    found: list[Told] = []
    for arm, rows in assignment.groupby("arm"):
        every = round(1 / share[str(arm)])
        for i, who in enumerate(rows["customer_id"].iloc[::every]):
            found.append((str(who), f"o{who}", f"2024-03-{2 + i % 20:02d}T10:00", value))
    return found


def test_each_offer_earns_by_its_own_terms_against_the_shared_control() -> None:
    terms = [offer(name="a", margin_share=0.5), offer(name="b", margin_share=0.2),
             offer(name="unused", margin_share=1.0)]  # fmt: skip
    assignment = several(["a", "b", "control"])
    orders = bought(assignment, {"a": 1 / 2, "b": 1 / 5, "control": 1 / 5})
    found = read(*orders, terms=terms, assignment=assignment)
    earned = {row.offer: row.profit for row in found.by_offer}
    a, b = earned["a"], earned["b"]
    assert a is not None and b is not None and found.profit is not None
    # a: 90 orders more of 100 at 50 %, less 150 discounts of 10; b changes nothing.
    assert (a.margin_added, a.discounts, a.total) == (4500, 1500, 3000)
    assert (b.margin_added, b.discounts, b.total) == (0, 600, -600)
    # The whole is both: an offer that nobody had does not move the control's margin.
    assert found.profit.total == pytest.approx(2400)


def test_the_discounts_of_those_who_came_anyway_are_priced_by_the_offers_terms() -> None:
    # Everybody comes once without the offer, and once more with it; only the first is worth 100.
    rows = [f"k{i}" for i in range(400)]
    assignment = pd.DataFrame(
        {"customer_id": rows, "arm": ["voucher", "control"] * 200, "assigned_at": START}
    )
    orders: list[Told] = []
    for i, who in enumerate(rows):
        day = 2 + i % 20
        orders.append((who, f"x{who}", f"2024-03-{day:02d}T10:00", 100 if i % 4 < 2 else 40))
        if i % 2 == 0:
            orders.append((who, f"y{who}", f"2024-03-{day + 1:02d}T10:00", 100))
    found = profit(*orders, terms=offer("amount_off", min_basket=50), assignment=assignment)
    # Control: 100 of 200 orders reach the basket; treated: 100 and 200 more.
    assert found.discounts == 3000
    assert found.came_anyway is not None
    assert found.came_anyway.value == pytest.approx(1 / 3, rel=1e-4)
    assert found.came_anyway.low is not None and found.came_anyway.high is not None
    assert found.came_anyway.low < 1 / 3 < found.came_anyway.high
    # Only half were sent theirs, and those are who came twice: the others would have had theirs.
    sent = pd.DataFrame({"customer_id": rows[::4]})
    half = profit(
        *orders, terms=offer("amount_off", min_basket=50), assignment=assignment, sent=sent
    )
    assert half.discounts == 2000


# --- one offer against another -------------------------------------------------------------------


def test_arms_of_one_draw_are_compared_with_each_other_too() -> None:
    assignment = several(["a", "b", "c", "control"])
    shares = {"a": 1 / 2, "b": 1 / 5, "c": 1 / 5, "control": 1 / 5}
    terms = [offer(name=name) for name in "abc"]
    found = read(*bought(assignment, shares), terms=terms, assignment=assignment)
    told = {(row.offer, row.against): row for row in found.versus}
    assert set(told) == {("a", "b"), ("a", "c"), ("b", "c")}
    assert [row.verdict for row in found.versus] == ["works", "works", "not_distinguishable"]
    first = told["a", "b"]
    assert (first.n, first.n_against, first.effect.effect) == (300, 300, 0.3)
    assert first.profit is not None and first.profit.effect == pytest.approx(0.3 * (40 - 10))
    assert first.p is not None and first.p_holm == pytest.approx(3 * first.p, rel=1e-4)


def test_offers_that_were_chosen_by_gain_are_no_pair() -> None:
    planned = {"planned_offer": np.tile(["a", "a", "b", "b"], 300)}
    assignment = several(["a", "control", "b", "control"], **planned)
    shares = {"a": 1 / 2, "b": 1 / 5, "control": 1 / 5}
    for columns, pairs in (
        ({"chosen_by": "gain", "plan_probability": 1.0}, 0),
        ({"chosen_by": "test", "plan_probability": 1.0}, 0),  # each could have had but the one
        ({"chosen_by": "explore", "plan_probability": 0.05}, 0),
        ({"chosen_by": "test", "plan_probability": 0.5}, 1),
    ):
        found = read(*bought(assignment, shares), assignment=assignment.assign(**columns))
        assert len(found.versus) == pairs, columns


def test_offers_that_reached_other_customers_are_no_pair() -> None:
    assignment = several(["a", "b", "control"])
    shares = {"a": 1 / 2, "b": 1 / 5, "control": 1 / 5}
    orders = bought(assignment, shares)
    # Who had bought before was given the one.
    old: list[Told] = [
        (str(who), f"old{who}", "2024-01-10", 50)
        for who in assignment.loc[assignment["arm"] == "a", "customer_id"].iloc[:200]
    ]
    assert len(read(*orders, assignment=assignment).versus) == 1
    assert not read(*orders, *old, assignment=assignment).versus
    # Or was left out where a budget ended.
    fewer = assignment.drop(assignment.index[assignment["arm"] == "b"][:150])
    chance = fewer["arm"].map({"a": 1 / 3, "b": 1 / 3, "control": 1 / 3})
    assert not read(*orders, assignment=fewer.assign(probability=chance)).versus


def test_three_arms_of_one_draw_have_the_odds_of_their_own() -> None:
    # Twice as many of the one as of the others, as drawn.
    assignment = several(["a", "a", "b", "control"])
    chance = assignment["arm"].map({"a": 0.5, "b": 0.25, "control": 0.25})
    shares = {"a": 1 / 2, "b": 1 / 5, "control": 1 / 5}
    found = read(
        *bought(assignment, shares), terms=[offer(name="a"), offer(name="b")],
        assignment=assignment.assign(probability=chance),
    )  # fmt: skip
    assert found.problems == ()
    assert [(row.offer, row.n, row.n_against) for row in found.versus] == [("a", 600, 300)]
    assert found.profit is not None
    # 180 orders more of 100 at 40 %, less 300 + 60 discounts of 10.
    assert found.profit.total == pytest.approx(180 * 40 - 3600)


def test_where_the_odds_differ_the_control_counts_as_the_treated_are() -> None:
    # Of the large customers one in ten is control, of the small every second.
    large = several(["control", *["voucher"] * 9], n=40).assign(planned_offer="voucher")
    small = several(["control", "voucher"], n=200).assign(planned_offer="voucher")
    small["customer_id"] = "s" + small["customer_id"]
    large["probability"] = np.where(large["arm"] == "control", 0.1, 0.9)
    small["probability"] = 0.5
    orders: list[Told] = [
        (str(who), f"o{who}", f"2024-03-{2 + i % 20:02d}", 10.0 if who[0] == "s" else 100.0)
        for i, who in enumerate(pd.concat([large, small])["customer_id"])
    ]
    found = profit(*orders, terms=offer("content"), assignment=pd.concat([large, small]))
    # The offer changed nothing, and the control's orders weigh as those of the treated.
    assert found.margin_added == pytest.approx(0, abs=1e-6)


# --- later ---------------------------------------------------------------------------------------


def test_later_tells_what_was_won_and_what_was_moved() -> None:
    # The treated come in March instead of May, and one of them once more in April.
    orders: list[Told] = [
        ("t1", "a", "2024-03-05", 10), ("t2", "b", "2024-03-06", 10), ("t1", "c", "2024-04-10", 10),
        ("c1", "d", "2024-05-02", 10), ("c2", "e", "2024-05-03", 10),
        ("t2", "b", "2024-04-20", -10, "refund"),
    ]  # fmt: skip
    found = read(*orders, until=date(2024, 5, 29))
    assert [later.days for later in found.later] == [30, 60, 90]
    assert [later.orders.effect for later in found.later] == [1, 1.5, 0.5]
    assert [later.net_spend.effect for later in found.later] == [10, 10, 0]
    after = [later.orders_after_window for later in found.later]
    assert after[0] is None
    assert [each.effect for each in after[1:] if each is not None] == [0.5, -0.5]
    assert found.later[0].orders.effect == found.orders.effect


def test_later_goes_as_far_as_the_orders_do() -> None:
    given: Told = ("t1", "a", "2024-03-05", 10)
    for until, days in ((date(2024, 4, 28), [30]), (date(2024, 5, 28), [30, 60])):
        assert [later.days for later in read(given, until=until).later] == days
    # The last customer's assignment counts.
    late = two_and_two(assigned_at=[START, START, START, date(2024, 3, 2)])
    found = read(given, until=date(2024, 4, 29), assignment=late)
    assert [later.days for later in found.later] == [30]


# --- sealed terms --------------------------------------------------------------------------------


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """An assignment with the manifest that left beside it: a tenth off, 40 % of margin."""
    path = tmp_path / "assignment.parquet"
    two_and_two(planned_offer="voucher").to_parquet(path)
    manifest = {
        "sha256": {path.name: hashlib.sha256(path.read_bytes()).hexdigest()},
        "offers": [offer(max_uses=1).model_dump(mode="json")],
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    return path


BOUGHT: tuple[Told, ...] = (
    ("t1", "a", "2024-03-05T10:00", 100), ("t1", "b", "2024-03-06T10:00", 100),
    ("c1", "c", "2024-03-06T10:00", 50),
)  # fmt: skip


def test_profit_is_there_by_the_terms_that_left_without_being_asked_for(left: Path) -> None:
    found = read(*BOUGHT, terms=[], assignment=left).profit
    assert found is not None
    assert (found.margin_added, found.discounts) == (60, 10)
    other = pd.read_parquet(left).assign(arm=["voucher", "control", "voucher", "control"])
    other.to_parquet(left)
    with pytest.raises(WinbackError, match="not the file that was sealed"):
        read(*BOUGHT, terms=[], assignment=left)


def test_what_was_promised_wins_over_what_params_say_by_now(left: Path) -> None:
    rows = order_lines(*BOUGHT).to_pandas()
    rows["amount"] /= 100
    # Days until the end of the window, so that it is closed.
    more = pd.DataFrame(
        {"customer_id": "x", "order_id": [f"x{i}" for i in range(31)], "amount": 1.0,
         "ordered_at": [f"2024-03-{1 + i:02d}T10:00" for i in range(31)]}
    )  # fmt: skip
    rows["ordered_at"] = rows["ordered_at"].astype(str)
    source = left.parent / "orders.csv"
    columns = ["customer_id", "order_id", "ordered_at", "amount"]
    pd.concat([rows[columns], more[columns]]).to_csv(source, index=False)
    now = offer(discount_share=0.9, margin_share=0.1).model_dump(exclude_none=True)
    params = check_params({"target": {"offers": [now]}})
    found = measure_history(
        left, source, left.parent / "out", params, Reading(), say=print, begin=print
    ).profit
    assert found is not None
    assert (found.margin_added, found.discounts) == (60, 10)


# --- a programme ---------------------------------------------------------------------------------


def test_a_programme_earns_what_its_campaigns_did_together_less_what_each_cost() -> None:
    ids = [f"k{i}" for i in range(500)]
    out = universal_holdout(ids, 0.2, "s", 2024)
    day = {who: f"{1 + i % 20:02d}" for i, who in enumerate(ids)}
    before: list[Told] = [(who, f"old{who}", f"2024-01-{day[who]}", 5) for who in ids]
    treated = [who for who, held in zip(ids, out, strict=True) if not held]
    # Everybody orders once for 100, and whoever is not held out once more in each campaign.
    orders: list[Told] = [(who, f"a{who}", f"2024-02-{day[who]}", 100) for who in ids]
    for month in (3, 5):
        orders += [(who, f"{month}{who}", f"2024-0{month}-{day[who]}", 100) for who in treated]
    both = [
        Ran(name, began, pd.DataFrame({"customer_id": treated, "arm": "voucher"}),
            [offer(contact_cost=1, valid_days=days)])
        for name, began, days in (("march", date(2024, 3, 1), 90), ("may", date(2024, 5, 1), 30))
    ]  # fmt: skip
    history = pd.DataFrame({"customer_id": treated * 2, "campaign_id": ["march"] * len(treated)
                            + ["may"] * len(treated), "assigned_at": date(2024, 3, 1)})  # fmt: skip
    wanted: dict[str, Any] = {
        "since": date(2024, 2, 1), "until": LATE, "holdout_share": 0.2, "salt": "s",
        "history": history,
    }  # fmt: skip
    # Whoever came only later is in neither arm.
    later = [line for line in others(LATE, 25) if line[2] >= "2024-02"]
    shop_lines = order_lines(*before, *orders, *later)
    found = measure_programme(shop_lines, ran=both, **wanted).profit
    n = len(treated)
    assert found is not None and found.n_contacts == 2 * n
    # In May both vouchers hold, and the order takes one.
    assert (found.margin_added, found.discounts) == (80 * n, 20 * n)
    assert found.total == (80 - 20 - 2) * n
    # Of a campaign whose terms nobody knows, the cost is not known either.
    assert measure_programme(shop_lines, ran=both[:1], **wanted).profit is None
