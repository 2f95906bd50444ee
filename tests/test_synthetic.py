"""Shops with a known truth: what they promise to the benchmarks built on them."""

from dataclasses import replace
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy.special import hyp2f1

from winback.errors import UsageError
from winback.synthetic import (
    DEFAULT_EFFECTS,
    HARM_EFFECTS,
    KINDS,
    NULL_EFFECTS,
    OfferEffect,
    Shop,
    simulate_campaign,
    simulate_shop,
    true_gain,
    true_return_probability,
)

AT = "2024-06-01"


@pytest.fixture(scope="module")
def fashion() -> Shop:
    return simulate_shop("fashion", customers=3_000, seed=5)


@pytest.fixture(scope="module")
def bgnbd() -> Shop:
    return simulate_shop("bgnbd", customers=20_000, seed=2)


def first_lines(orders: pd.DataFrame) -> pd.DataFrame:
    """One row per purchase."""
    return orders[orders["amount"] > 0].drop_duplicates(["customer_id", "order_id"])


def log_loss(probability: np.ndarray, returned: np.ndarray) -> float:
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    return float(-np.mean(np.where(returned, np.log(p), np.log(1 - p))))


# ---- the history ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_shop_and_another_seed_another(kind: str) -> None:
    shop = simulate_shop(kind, customers=150, seed=1)
    again = simulate_shop(kind, customers=150, seed=1)
    assert_frame_equal(shop.orders, again.orders)
    assert_frame_equal(shop.customers, again.customers)
    other = simulate_shop(kind, customers=150, seed=2)
    assert not shop.orders["amount"].head(50).equals(other.orders["amount"].head(50))


@pytest.mark.parametrize("kind", KINDS)
def test_every_customer_in_the_truth_ordered_within_their_life_and_the_history(kind: str) -> None:
    shop = simulate_shop(kind, customers=400, seed=3)
    orders, customers = shop.orders, shop.customers.set_index("customer_id")
    assert len(customers) == 400
    assert set(orders["customer_id"]) == set(customers.index)
    assert orders["ordered_at"].min() >= pd.Timestamp(shop.start)
    assert orders["ordered_at"].max() < pd.Timestamp(shop.end)
    assert orders["ordered_at"].is_monotonic_increasing
    purchases = first_lines(orders)
    first = purchases.groupby("customer_id")["ordered_at"].min()
    assert (first == customers["first_ordered_at"].reindex(first.index)).all()
    later = purchases[purchases["ordered_at"] > purchases["customer_id"].map(first)]
    alive_until = later["customer_id"].map(customers["alive_until"])
    assert (alive_until.isna() | (later["ordered_at"] <= alive_until)).all()
    new = customers[~customers["established"]]
    assert (new["first_ordered_at"] == new["acquired_at"]).all()


def test_a_refund_is_negative_dated_later_and_never_exceeds_its_order(fashion: Shop) -> None:
    orders = fashion.orders
    bought, refunded = orders[orders["amount"] > 0], orders[orders["amount"] < 0]
    assert 0.05 < refunded["order_id"].nunique() / bought["order_id"].nunique() < 0.25
    assert (bought["quantity"] > 0).all()
    assert (refunded["quantity"] < 0).all()
    placed_at = bought.groupby("order_id")["ordered_at"].first()
    wait = refunded["ordered_at"] - refunded["order_id"].map(placed_at)
    assert (wait >= pd.Timedelta(days=1)).all()
    assert (orders.groupby("order_id")["amount"].sum() > -0.005).all()
    assert np.allclose(orders["amount"], orders["amount"].round(2), atol=1e-12)
    assert (bought.groupby("order_id")["ordered_at"].nunique() == 1).all()


def test_one_part_can_change_without_shifting_another() -> None:
    with_refunds = simulate_shop(KINDS["fashion"], customers=300, seed=7)
    without = simulate_shop(replace(KINDS["fashion"], refund_share=0.0), customers=300, seed=7)
    bought = with_refunds.orders[with_refunds.orders["amount"] > 0].reset_index(drop=True)
    assert_frame_equal(bought, without.orders)


def test_a_customer_does_not_depend_on_how_many_others_there_are() -> None:
    few = simulate_shop("bgnbd", customers=200, seed=7).orders
    many = simulate_shop("bgnbd", customers=500, seed=7).orders
    same = many[many["customer_id"] <= "C0200"].reset_index(drop=True)
    assert_frame_equal(few, same)


def test_late_events_are_known_later_than_they_happened() -> None:
    prompt = simulate_shop("fashion", customers=500, seed=1)
    assert "known_at" not in prompt.orders
    late = simulate_shop("fashion", customers=500, seed=1, late_share=0.2).orders
    assert_frame_equal(late.drop(columns="known_at"), prompt.orders)
    assert (late["known_at"] >= late["ordered_at"]).all()
    assert 0.15 < (late["known_at"] > late["ordered_at"]).mean() < 0.25


# ---- the kinds ------------------------------------------------------------------------------


def test_repeat_orders_of_a_bgnbd_shop_have_the_moments_of_the_formula(bgnbd: Shop) -> None:
    assert bgnbd.bgnbd is not None
    r, alpha, a, b = bgnbd.bgnbd
    t = 365
    purchases = first_lines(bgnbd.orders)
    begun = purchases.groupby("customer_id")["ordered_at"].transform("min")
    age = purchases["ordered_at"] - begun
    seen = begun <= pd.Timestamp(bgnbd.end) - pd.Timedelta(days=t)
    repeats = (age[seen] <= pd.Timedelta(days=t)).groupby(purchases["customer_id"][seen]).sum() - 1
    # P(X(t) = 0) and E[X(t)], Fader, Hardie & Lee 2005, section 3 and equation 9.
    none = (alpha / (alpha + t)) ** r
    share = alpha / (alpha + t)
    mean = (a + b - 1) / (a - 1) * (1 - share**r * hyp2f1(r, b, a + b - 1, t / (alpha + t)))
    assert (repeats == 0).mean() == pytest.approx(none, abs=3.5 * np.sqrt(0.25 / len(repeats)))
    assert repeats.mean() == pytest.approx(mean, abs=3.5 * repeats.std() / np.sqrt(len(repeats)))


def monthly_purchases(shop: Shop) -> pd.Series:
    return first_lines(shop.orders)["ordered_at"].dt.to_period("M").value_counts().sort_index()


def test_a_young_shop_grows_for_four_months_and_a_dying_one_shrinks() -> None:
    young = monthly_purchases(simulate_shop("young", seed=1))
    assert list(young.index.astype(str))[:4] == ["2023-01", "2023-02", "2023-03", "2023-04"]
    assert young.iloc[3] > 1.5 * young.iloc[0]
    dying = monthly_purchases(simulate_shop("dying", seed=1))
    assert dying.iloc[-3:].sum() < 0.4 * dying.iloc[:3].sum()


def test_gifts_sell_at_christmas_and_wholesale_in_autumn_on_working_days() -> None:
    gifts = monthly_purchases(simulate_shop("gifts", seed=1))
    assert gifts["2024-12"] > 4 * gifts["2024-06"]
    wholesale = simulate_shop("wholesale", seed=1)
    months = monthly_purchases(wholesale)
    assert months["2024-10"] > 1.6 * months["2024-04"]
    purchases = first_lines(wholesale.orders)
    assert (purchases["ordered_at"].dt.day_of_week >= 5).mean() < 0.05
    basket = wholesale.orders.query("amount > 0").groupby("order_id")["amount"].sum().median()
    usual = simulate_shop("fashion", seed=1).orders.query("amount > 0")
    assert basket > 3 * usual.groupby("order_id")["amount"].sum().median()


def test_most_customers_of_a_one_time_shop_order_once() -> None:
    orders = first_lines(simulate_shop("one_time", seed=1).orders)
    assert (orders["customer_id"].value_counts() == 1).mean() > 0.7


def wheat_morrison(shop: Shop) -> float:
    """Regularity k from pairs of gaps: M = g1 / (g1 + g2) has variance 1 / (4 (2 k + 1))."""
    days = first_lines(shop.orders).groupby("customer_id")["ordered_at"]
    gap = days.diff().dt.total_seconds()
    share = gap / (gap + gap.groupby(shop.orders["customer_id"]).shift())
    variance = share.var()
    return float((1 - 4 * variance) / (8 * variance))


def test_groceries_are_bought_at_regular_gaps_on_favourite_weekdays() -> None:
    flat = replace(
        KINDS["groceries"],
        favourite_weekday=0.0,
        weekdays=(1.0,) * 7,
        hours=None,
        season=0.0,
        christmas=((1.0, 0.0),),
    )
    assert wheat_morrison(simulate_shop(flat, customers=500, seed=1)) == pytest.approx(2, abs=0.3)
    memoryless = replace(flat, regularity=1)
    assert wheat_morrison(simulate_shop(memoryless, customers=500, seed=1)) == pytest.approx(
        1, abs=0.2
    )
    purchases = first_lines(simulate_shop("groceries", customers=500, seed=1).orders)
    weekday = purchases["ordered_at"].dt.day_of_week
    favourite = pd.crosstab(purchases["customer_id"], weekday).pipe(
        lambda counts: counts[counts.sum(axis=1) >= 20]
    )
    assert (favourite.max(axis=1) / favourite.sum(axis=1)).mean() > 0.4


def test_customers_come_back_to_their_own_products() -> None:
    orders = simulate_shop("groceries", customers=300, seed=1).orders.query("amount > 0")
    own = orders.groupby("customer_id")["product_id"].agg(
        lambda p: p.value_counts(normalize=True).head(6).sum()
    )
    everyone = orders["product_id"].value_counts(normalize=True).head(6).sum()
    assert own.median() > 3 * everyone


# ---- what an offer changes ------------------------------------------------------------------


def test_in_the_null_world_both_paths_are_equal_to_the_cent() -> None:
    shop = simulate_shop("fashion", customers=1_500, seed=5, offer_effects=NULL_EFFECTS)
    outcomes = shop.potential_outcomes(AT, 60, "percent_off")
    for name in ("returned", "orders", "gross", "discount", "spend", "orders_later", "p"):
        assert (outcomes[f"{name}0"] == outcomes[f"{name}1"]).all(), name
    everyone = pd.DataFrame({"customer_id": shop.customers["customer_id"], "arm": "reminder"})
    campaign = simulate_campaign(shop, everyone, AT, 30)
    after = shop.orders.query(f"'{AT}' <= ordered_at < '2024-07-31'").reset_index(drop=True)
    assert_frame_equal(campaign.orders, after)


def test_offers_help_persuadables_harm_sleeping_dogs_and_leave_the_others(fashion: Shop) -> None:
    outcomes = fashion.potential_outcomes(AT, 30, "percent_off")
    change = (outcomes["orders1"] - outcomes["orders0"]).groupby(outcomes["response"])
    assert change.min()["persuadable"] >= 0 < change.max()["persuadable"]
    assert change.max()["sleeping_dog"] <= 0 > change.min()["sleeping_dog"]
    for still in ("sure_thing", "lost_cause"):
        assert change.min()[still] == change.max()[still] == 0
    assert set(outcomes["response"]) == set(outcomes["stratum"])
    persuaded = outcomes.query("stratum == 'persuadable'")
    assert (persuaded["returned1"] & ~persuaded["returned0"]).all()
    assert outcomes["returned1"].mean() > outcomes["returned0"].mean()


def test_in_the_harm_world_every_contact_keeps_customers_away() -> None:
    shop = simulate_shop("fashion", customers=3_000, seed=5, offer_effects=HARM_EFFECTS)
    outcomes = shop.potential_outcomes(AT, 30, "reminder")
    assert (outcomes["orders1"] <= outcomes["orders0"]).all()
    assert outcomes["returned1"].mean() < 0.85 * outcomes["returned0"].mean()


def test_the_expected_chances_are_what_the_paths_do_on_average(fashion: Shop) -> None:
    shop = simulate_shop("fashion", customers=12_000, seed=8)
    outcomes = shop.potential_outcomes(AT, 30, "percent_off")
    for path in "01":
        p, returned = outcomes[f"p{path}"], outcomes[f"returned{path}"]
        error = np.sqrt((p * (1 - p)).sum()) / len(p)
        assert returned.mean() == pytest.approx(p.mean(), abs=3.5 * error + 0.002)
        by_band = pd.DataFrame({"p": p, "returned": returned}).groupby(pd.cut(p, 6))
        gap = by_band["returned"].mean() - by_band["p"].mean()
        assert (gap.abs() < 0.01 + 3.5 * np.sqrt(0.25 / by_band.size())).all()


def test_a_campaign_shows_each_customer_the_path_of_their_arm(fashion: Shop) -> None:
    customers = fashion.customers["customer_id"]
    arms = np.array(["control", "percent_off", "free_delivery"])[np.arange(len(customers)) % 3]
    assignment = pd.DataFrame({"customer_id": customers, "arm": arms}).query(
        "customer_id > 'C0300'"
    )
    campaign = simulate_campaign(fashion, assignment, AT, 30)
    outcomes = campaign.outcomes
    assert outcomes["customer_id"].min() > "C0300"
    window = campaign.orders.query("ordered_at < '2024-07-01'")
    spend = window.groupby("customer_id")["amount"].sum().reindex(outcomes["customer_id"])
    treated = (outcomes["arm"] != "control").to_numpy()
    truth = np.where(treated, outcomes["spend1"], outcomes["spend0"])
    assert np.allclose(spend.fillna(0), truth)
    base = fashion.orders.query(f"'{AT}' <= ordered_at < '2024-07-31'")
    untouched = set(customers) - set(assignment.query("arm != 'control'")["customer_id"])
    assert_frame_equal(
        campaign.orders[campaign.orders["customer_id"].isin(untouched)].reset_index(drop=True),
        base[base["customer_id"].isin(untouched)].reset_index(drop=True),
    )
    for offer in ("percent_off", "free_delivery"):
        potential = fashion.potential_outcomes(AT, 30, offer).set_index("customer_id")
        same = outcomes.query("arm == @offer").set_index("customer_id").drop(columns="arm")
        assert_frame_equal(same, potential.loc[same.index])


def test_a_redeemed_order_is_cheaper_by_the_discount_and_only_once(fashion: Shop) -> None:
    customers = fashion.customers["customer_id"]
    offer = OfferEffect(
        strength=0.0, harm=0.0, discount_share=0.2, min_basket=50.0, redemption_share=0.7
    )
    campaign = simulate_campaign(
        fashion,
        pd.DataFrame({"customer_id": customers, "arm": "fifth_off"}),
        AT,
        30,
        effects={"fifth_off": offer},
    )
    redeemed = campaign.redemptions
    assert len(redeemed) > 100
    assert redeemed["customer_id"].is_unique
    full = fashion.orders.query("amount > 0").groupby("order_id")["amount"].sum()
    paid = campaign.orders.query("amount > 0").groupby("order_id")["amount"].sum()
    before = full.reindex(redeemed["order_id"]).to_numpy()
    assert (before >= 50).all()
    assert np.allclose(redeemed["discount"], 0.2 * before, atol=0.006)
    assert np.allclose(paid.reindex(redeemed["order_id"]), before - redeemed["discount"])
    assert campaign.outcomes["discount1"].sum() == pytest.approx(redeemed["discount"].sum())
    assert (campaign.outcomes["discount0"] == 0).all()
    in_time = first_lines(campaign.orders).query("ordered_at < '2024-07-01'")
    in_time = in_time[in_time["customer_id"].isin(campaign.outcomes["customer_id"])]
    eligible = in_time[full.reindex(in_time["order_id"]).to_numpy() >= 50]
    assert 0.6 < len(redeemed) / eligible["customer_id"].nunique() < 0.8


def test_demand_that_was_only_pulled_forward_is_missing_later() -> None:
    shop = simulate_shop("groceries", customers=800, seed=4)
    kept = OfferEffect(
        strength=0.6, harm=0.0, spread=0.0, price_sensitive=0.0, pull_forward_share=0.0
    )
    moved = replace(kept, pull_forward_share=1.0, payback_days=60)
    extra = {}
    for name, offer in (("kept", kept), ("moved", moved)):
        o = shop.potential_outcomes(AT, 95, offer)
        extra[name] = (o["orders1"] - o["orders0"]).sum()
        in_window = shop.potential_outcomes(AT, 30, offer)
        assert (in_window["orders1"] - in_window["orders0"]).sum() > 200
        if name == "moved":
            assert in_window["orders_later1"].sum() < in_window["orders_later0"].sum()
    assert abs(extra["moved"]) < 0.1 * extra["kept"]


def test_an_offer_wears_out_and_the_next_campaign_starts_from_the_last(fashion: Shop) -> None:
    everyone = pd.DataFrame({"customer_id": fashion.customers["customer_id"], "arm": "reminder"})
    effects = {"reminder": OfferEffect(strength=1.0, wear_out_share=1.0, pull_forward_share=0.0)}
    first = simulate_campaign(fashion, everyone, "2024-03-01", 30, effects=effects)
    assert_frame_equal(
        first.shop.orders.query("ordered_at < '2024-03-01'"),
        fashion.orders.query("ordered_at < '2024-03-01'"),
    )
    assert_frame_equal(
        first.shop.orders.query("'2024-03-01' <= ordered_at < '2024-04-30'").reset_index(drop=True),
        first.orders,
    )
    fresh = fashion.potential_outcomes("2024-09-01", 30, effects["reminder"])
    worn = first.shop.potential_outcomes("2024-09-01", 30, "reminder")
    worn = worn[worn["customer_id"].isin(first.outcomes["customer_id"])]
    assert (fresh["orders1"] != fresh["orders0"]).any()
    assert (worn["orders1"] == worn["orders0"]).all()


def test_a_campaign_can_start_where_the_history_ends(fashion: Shop) -> None:
    campaign = simulate_campaign(
        fashion,
        pd.DataFrame({"customer_id": fashion.customers["customer_id"], "arm": "percent_off"}),
        fashion.end,
        30,
    )
    assert campaign.orders["ordered_at"].min() >= pd.Timestamp(fashion.end)
    assert campaign.shop.end == (pd.Timestamp(fashion.end) + pd.Timedelta(days=60)).date()
    assert len(campaign.shop.orders) == len(fashion.orders) + len(campaign.orders)


def test_the_true_gain_is_margin_less_discount_and_contact() -> None:
    outcomes = pd.DataFrame(
        {"gross0": [0.0, 50.0], "gross1": [80.0, 50.0], "discount0": 0.0, "discount1": [8.0, 5.0]}
    )
    # 80 x 0.4 - 8 - 1 for the persuaded; -5 - 1 for the one who comes anyway.
    assert list(true_gain(outcomes, margin_share=0.4, contact_cost=1.0)) == [23.0, -6.0]


# ---- the best possible prediction -----------------------------------------------------------


def test_a_bgnbd_customer_without_repeats_returns_with_the_chance_of_the_formula(
    bgnbd: Shop,
) -> None:
    assert bgnbd.bgnbd is not None
    r, alpha, _, _ = bgnbd.bgnbd
    p = true_return_probability(bgnbd, AT, 90)
    past = first_lines(bgnbd.orders).query(f"ordered_at < '{AT}'")
    counts = past["customer_id"].value_counts()
    assert set(p.index) == set(counts.index)
    once = past[past["customer_id"].map(counts) == 1].set_index("customer_id")["ordered_at"]
    age = (pd.Timestamp(AT) - once).dt.total_seconds() / 86_400
    expected = 1 - ((alpha + age) / (alpha + age + 90)) ** r
    assert np.allclose(p[once.index], expected, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_the_true_probability_is_calibrated_and_only_knowing_more_beats_it(kind: str) -> None:
    shop = simulate_shop(kind, customers=2_500, seed=6)
    at, horizon_days = ("2023-04-01", 30) if kind == "young" else ("2024-08-01", 45)
    p = shop.true_return_probability(at, horizon_days)
    outcomes = shop.potential_outcomes(at, horizon_days, "reminder").set_index("customer_id")
    outcomes = outcomes.loc[p.index]
    returned = outcomes["returned0"].to_numpy()
    assert p.between(0, 1).all()
    assert returned.mean() == pytest.approx(
        p.mean(), abs=3.5 * np.sqrt((p * (1 - p)).sum()) / len(p) + 0.003
    )
    bands = pd.DataFrame({"p": p, "returned": returned}).groupby(pd.qcut(p.rank(method="first"), 5))
    error = np.sqrt((p * (1 - p)).groupby(pd.qcut(p.rank(method="first"), 5)).mean() / (len(p) / 5))
    assert ((bands["returned"].mean() - bands["p"].mean()).abs() < 0.01 + 3.5 * error).all()
    losses = [
        log_loss(outcomes["p0"].to_numpy(), returned),
        log_loss(p.to_numpy(), returned),
        log_loss(np.full(len(p), returned.mean()), returned),
    ]
    assert losses == sorted(losses)


# ---- refusals and speed ---------------------------------------------------------------------


def test_what_cannot_be_simulated_is_refused_in_one_line(fashion: Shop) -> None:
    with pytest.raises(UsageError, match="did you mean 'groceries'"):
        simulate_shop("grocery")
    with pytest.raises(UsageError, match="at least 1 customer"):
        simulate_shop("fashion", customers=0)
    with pytest.raises(UsageError, match="start is a day such as"):
        simulate_shop("fashion", start="first of May")
    with pytest.raises(UsageError, match="choose percent_off, free_delivery, reminder"):
        fashion.potential_outcomes(AT, 30, "half_price")
    with pytest.raises(UsageError, match="are outside"):
        fashion.potential_outcomes("2031-01-01", 30, "reminder")
    known = fashion.customers["customer_id"][:2]
    for customers, arms, message in (
        ([known[0], "nobody"], "reminder", "does not know.*nobody"),
        ([known[0], known[0]], "reminder", "more than one row"),
        (list(known), "half_price", "Unknown arms"),
    ):
        with pytest.raises(UsageError, match=message):
            simulate_campaign(
                fashion, pd.DataFrame({"customer_id": customers, "arm": arms}), AT, 30
            )
    treated = simulate_campaign(
        fashion, pd.DataFrame({"customer_id": known, "arm": "reminder"}), AT, 30
    ).shop
    with pytest.raises(UsageError, match="After a campaign"):
        treated.true_return_probability(AT, 30)


@pytest.mark.parametrize(("customers", "days"), [(1, 1), (5, 40), (3, 3_000)])
def test_the_smallest_shops_work(customers: int, days: int) -> None:
    shop = simulate_shop("fashion", customers=customers, days=days, seed=1)
    assert shop.orders["customer_id"].nunique() == customers
    outcomes = shop.potential_outcomes(shop.end, 30, "percent_off")
    assert len(outcomes) == len(shop.true_return_probability(shop.end, 30)) == customers


def test_twenty_thousand_customers_take_a_moment() -> None:
    begun = perf_counter()
    shop = simulate_shop("fashion", customers=20_000, seed=1)
    assert perf_counter() - begun < 5
    assert len(shop.customers) == 20_000
    assert set(DEFAULT_EFFECTS) == set(shop.offers)
