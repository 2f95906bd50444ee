"""Shops with a known truth: what they promise to the benchmarks built on them."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy.special import hyp2f1

from winback.errors import UsageError
from winback.synthetic.campaign import simulate_campaign
from winback.synthetic.kinds import (
    DEFAULT_EFFECTS,
    EQUAL_EFFECTS,
    HARM_EFFECTS,
    HETERO_EFFECTS,
    KINDS,
    NULL_EFFECTS,
    SERVICE_MATTERS,
    Kind,
    OfferEffect,
    Service,
)
from winback.synthetic.outcomes import true_gain
from winback.synthetic.shop import Shop, simulate_shop

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


def test_refills_are_bought_again_after_the_cycle_of_the_product() -> None:
    shop = simulate_shop("refills", customers=1_500, seed=1)
    bought = shop.orders.query("amount > 0").drop_duplicates(
        ["customer_id", "product_id", "ordered_at"]
    )
    gap = bought.groupby(["customer_id", "product_id"])["ordered_at"].diff() / pd.Timedelta(days=1)
    again = gap.dropna().groupby(bought["product_id"]).agg(["median", "size"])
    cycle = shop.products.set_index("product_id")["cycle_days"].reindex(again.index)
    often = (again["size"] >= 200) & cycle.between(40, 160)
    assert often.sum() >= 10
    assert (again["median"] / cycle)[often].between(0.8, 1.25).all()
    assert simulate_shop("fashion", customers=5, seed=1).products["cycle_days"].isna().all()


def test_a_shock_changes_all_rates_from_its_day_on() -> None:
    calm = Kind(gap_days=10.0, life_days=1e6, established_share=1.0, days=400)
    before = simulate_shop(calm, customers=600, seed=3)
    after = simulate_shop(replace(calm, shock=(200, np.log(0.5))), customers=600, seed=3)
    half = pd.Timestamp(before.start) + pd.Timedelta(days=200)
    counts = [
        first_lines(shop.orders)["ordered_at"].ge(half).value_counts() for shop in (before, after)
    ]
    assert counts[1][False] == pytest.approx(counts[0][False], rel=0.02)
    assert counts[1][True] == pytest.approx(0.5 * counts[0][True], rel=0.05)


# ---- what else happens to customers ---------------------------------------------------------


def named(shop: Shop, *names: str) -> pd.DataFrame:
    return shop.signals[shop.signals["name"].isin(names)]


def test_signals_happen_within_the_history_and_are_known_no_earlier(fashion: Shop) -> None:
    signals = fashion.signals
    assert list(signals) == [
        "customer_id", "happened_at", "known_at", "name", "value", "items"
    ]  # fmt: skip
    assert signals["happened_at"].is_monotonic_increasing
    assert signals["happened_at"].min() >= pd.Timestamp(fashion.start)
    assert signals["happened_at"].max() < pd.Timestamp(fashion.end)
    assert (signals["known_at"] >= signals["happened_at"]).all()
    first = fashion.customers.set_index("customer_id")["first_ordered_at"]
    assert (signals["known_at"] >= signals["customer_id"].map(first)).all()
    assert signals.drop(columns=["value", "items"]).notna().all(axis=None)
    carts = signals["name"] == "cart_abandoned"
    assert (signals["items"].notna() == carts).all() and carts.any()
    items = signals.loc[carts, "items"].str.split("|")
    assert set(items.str.len()) == {1, 2, 3}
    assert set(items.explode()) <= set(fashion.products["product_id"])
    late = signals["known_at"] > signals["happened_at"]
    shares = late.groupby(signals["name"]).mean()
    assert (shares[["late_delivery", "survey_score", "visit_store", "referral"]] == 1).all()
    assert (shares[["review", "ticket_opened", "points_earned", "email_sent"]] == 0).all()
    absent = signals["value"].isna().groupby(signals["name"]).mean()
    assert set(absent[absent > 0].index) == {
        "email_sent", "email_opened", "email_clicked", "referral", "ticket_opened", "visit_store",
    }  # fmt: skip
    assert set(absent[absent == 0].index) == {
        "late_delivery", "ticket_repeated", "ticket_closed", "review", "survey_score",
        "visit_web", "visit_app", "cart_abandoned", "points_earned", "points_burnt",
    }  # fmt: skip


def test_orders_do_not_depend_on_service_unless_it_matters(fashion: Shop) -> None:
    slow = simulate_shop("fashion", customers=3_000, seed=5, service=Service(late_share=0.5))
    assert_frame_equal(slow.orders, fashion.orders)
    assert len(named(slow, "late_delivery")) > 4 * len(named(fashion, "late_delivery"))
    matters = simulate_shop("fashion", customers=3_000, seed=5, service=SERVICE_MATTERS)
    assert len(matters.orders) < 0.99 * len(fashion.orders)


def test_the_gap_after_a_late_delivery_is_longer_by_the_strength_that_was_asked_for() -> None:
    kind = Kind(gap_days=9.0, gap_sigma=0.0, life_days=1e6, one_time_share=0.0, days=600)
    service = Service(late_share=0.3, late_slows=np.log(3), slow_hours=np.inf)
    shop = simulate_shop(kind, customers=400, seed=4, service=service)
    orders = first_lines(shop.orders).sort_values(["customer_id", "ordered_at"])
    orders["gap"] = orders.groupby("customer_id")["ordered_at"].diff(-1) / -pd.Timedelta(days=1)
    early = orders[orders["ordered_at"] < pd.Timestamp(shop.start) + pd.Timedelta(days=400)]
    promised = named(shop, "late_delivery")[["customer_id", "happened_at"]]
    late = pd.MultiIndex.from_frame(promised)
    key = pd.MultiIndex.from_arrays(
        [early["customer_id"], early["ordered_at"] + pd.Timedelta(days=2)]
    )
    mean = early["gap"].groupby(key.isin(late)).mean()
    assert mean[False] == pytest.approx(9.0, rel=0.05)
    assert mean[True] == pytest.approx(27.0, rel=0.1)


def test_every_order_is_preceded_by_a_visit_within_hours(fashion: Shop) -> None:
    visits = named(fashion, "visit_web", "visit_app", "visit_store").sort_values("happened_at")
    orders = first_lines(fashion.orders)
    # A visit just before the history began is not in it.
    orders = orders[orders["ordered_at"] >= pd.Timestamp(fashion.start) + pd.Timedelta(days=1)]
    seen = pd.merge_asof(
        orders, visits, left_on="ordered_at", right_on="happened_at", by="customer_id"
    )
    assert (seen["ordered_at"] - seen["happened_at"] < pd.Timedelta(hours=6)).all()
    assert len(visits) > 2 * len(orders)


def test_those_who_are_gone_do_not_visit_and_hardly_open_an_email(fashion: Shop) -> None:
    gone = fashion.customers.set_index("customer_id")["alive_until"]
    after = fashion.signals["happened_at"] > fashion.signals["customer_id"].map(gone)
    counts = fashion.signals.groupby(["name", after]).size().unstack(fill_value=0)
    assert counts.loc["visit_app", True] == counts.loc["visit_store", True] == 0
    sent, opened = counts.loc["email_sent"], counts.loc["email_opened"]
    assert opened[True] / sent[True] == pytest.approx(0.2 * opened[False] / sent[False], rel=0.25)
    # Who clicks, visits: that is all the web sees of them.
    assert counts.loc["visit_web", True] == pytest.approx(counts.loc["email_clicked", True], abs=3)


def test_tickets_are_closed_after_they_waited_and_followed_up_while_open(fashion: Shop) -> None:
    opened, closed = named(fashion, "ticket_opened"), named(fashion, "ticket_closed")
    both = opened.assign(turn=opened.groupby("customer_id").cumcount()).merge(
        closed.assign(turn=closed.groupby("customer_id").cumcount()), on=["customer_id", "turn"]
    )
    single = both[both.groupby("customer_id")["turn"].transform("max") == 0]
    waited = (single["happened_at_y"] - single["happened_at_x"]) / pd.Timedelta(hours=1)
    assert np.allclose(waited, single["value_y"], atol=0.06)
    assert 0 < len(opened) - len(closed) < 0.02 * len(opened)
    again = named(fashion, "ticket_repeated")
    assert set(again["value"]) == {2.0, 3.0, 4.0, 5.0}
    asked_twice = (again["value"] == 2).sum()
    assert asked_twice == pytest.approx((closed["value"] > 36).sum(), rel=0.03)


def test_a_late_delivery_brings_tickets_and_bad_reviews() -> None:
    kind = Kind(refund_share=0.0, one_time_share=1.0, established_share=0.0)
    shop = simulate_shop(kind, customers=20_000, seed=2, service=Service(late_share=0.3))
    late = shop.customers["customer_id"].isin(named(shop, "late_delivery")["customer_id"])
    asked = shop.customers["customer_id"].isin(named(shop, "ticket_opened")["customer_id"])
    # One order each, so a customer is an order: 35 % ask about a late one, 3 % about others.
    assert asked[late].mean() == pytest.approx(0.35, abs=0.03)
    assert asked[~late].mean() == pytest.approx(0.03, abs=0.01)
    review = named(shop, "review")
    stars = review.groupby(review["customer_id"].isin(shop.customers["customer_id"][late]))["value"]
    assert stars.mean()[True] < stars.mean()[False] - 1


def test_points_are_earned_by_orders_and_never_overspent(fashion: Shop) -> None:
    earned, burnt = named(fashion, "points_earned"), named(fashion, "points_burnt")
    paid = fashion.orders.query("amount > 0").groupby(["customer_id", "ordered_at"])["amount"].sum()
    key = pd.MultiIndex.from_frame(earned[["customer_id", "happened_at"]])
    assert np.array_equal(earned["value"], np.floor(paid.reindex(key) + 1e-6))
    moves = pd.concat([earned, burnt.assign(value=-burnt["value"])]).sort_values("happened_at")
    assert len(burnt) > 500
    assert moves.groupby("customer_id")["value"].cumsum().min() >= 0


def test_attributes_hold_until_they_change(fashion: Shop) -> None:
    attributes = fashion.attributes
    assert list(attributes) == ["customer_id", "known_at", "name", "value"]
    assert attributes["known_at"].is_monotonic_increasing
    by_name = dict(list(attributes.groupby("name")))
    assert set(by_name) == {"email_consent", "subscription", "tier"}
    consent = by_name["email_consent"].groupby("customer_id")
    first = fashion.customers.set_index("customer_id")["first_ordered_at"]
    assert (consent["known_at"].first() == first.reindex(consent["known_at"].first().index)).all()
    assert len(consent) == len(fashion.customers)
    assert set(consent["value"].agg("".join)) == {"yes", "no", "yesno"}
    tiers = by_name["tier"].groupby("customer_id")["value"].agg(" ".join)
    assert {"bronze", "bronze silver", "bronze silver gold"} <= set(tiers)
    assert set(tiers) <= {"bronze", "bronze silver", "bronze silver gold", "bronze gold"}
    plans = by_name["subscription"].groupby("customer_id")["value"].agg(" ".join)
    assert set(plans.str.replace(" paused active", "")) == {
        "active", "active cancelled", "active paused",
    }  # fmt: skip
    sent = pd.merge_asof(
        named(fashion, "email_sent"), by_name["email_consent"],
        left_on="happened_at", right_on="known_at", by="customer_id",
    )  # fmt: skip
    assert (sent["value_y"] == "yes").all()


def test_a_campaign_changes_no_signal_before_it(fashion: Shop) -> None:
    everyone = pd.DataFrame({"customer_id": fashion.customers["customer_id"], "arm": "percent_off"})
    after = simulate_campaign(fashion, everyone, AT, 30).shop
    for table, when in (("signals", "happened_at"), ("attributes", "known_at")):
        one, two = (getattr(shop, table).query(f"{when} < '{AT}'") for shop in (fashion, after))
        # A visit is told whose it is by the first order, which may lie on either side.
        same = [column for column in one if column != "known_at"]
        looks = {"visit_web", "visit_app", "visit_store", "cart_abandoned"}
        assert_frame_equal(
            one[~one["name"].isin(looks)][same].reset_index(drop=True),
            two[~two["name"].isin(looks)][same].reset_index(drop=True),
        )


def test_who_knows_the_service_predicts_the_returns_of_the_badly_served() -> None:
    service = Service(late_share=0.3, late_slows=1.0, slow_hours=np.inf)
    shop = simulate_shop("fashion", customers=6_000, seed=6, service=service)
    p = shop.true_return_probability(AT, 60)
    outcomes = shop.potential_outcomes(AT, 60, "reminder").set_index("customer_id").loc[p.index]
    past = first_lines(shop.orders).query(f"ordered_at < '{AT}'")
    last = past.groupby("customer_id")["ordered_at"].max() + pd.Timedelta(days=2)
    promised = pd.MultiIndex.from_frame(
        named(shop, "late_delivery")[["customer_id", "happened_at"]]
    )
    late = pd.MultiIndex.from_arrays([last.index, last]).isin(promised)
    late = pd.Series(late, index=last.index).loc[p.index].to_numpy()
    for rows in (late, ~late):
        error = 3.5 * np.sqrt((p * (1 - p))[rows].sum()) / rows.sum()
        for chance in (p, outcomes["p0"]):
            assert outcomes["returned0"][rows].mean() == pytest.approx(
                chance[rows].mean(), abs=error + 0.003
            )
    with pytest.raises(UsageError, match="no formula"):
        simulate_shop("bgnbd", customers=5, service=service).true_return_probability(AT, 60)


def test_the_command_writes_signals_and_attributes_beside_the_orders(tmp_path: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("winback"), "simulate", "fashion", "--customers", "50",
         "--days", "100", "--seed", "3", "--signals", "--out", tmp_path / "shop.csv"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    shop = simulate_shop("fashion", customers=50, days=100, seed=3)
    assert len(pd.read_csv(tmp_path / "shop.csv")) == len(shop.orders)
    assert f"{len(shop.signals):,} signals" in done.stdout
    for name, table in (("signals", shop.signals), ("attributes", shop.attributes)):
        written = pd.read_parquet(tmp_path / f"{name}.parquet")
        assert_frame_equal(written, table, check_dtype=False)


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


def test_equal_points_are_the_same_for_everybody_also_for_who_is_gone() -> None:
    shop = simulate_shop("one_time", customers=6_000, seed=5, offer_effects=EQUAL_EFFECTS)
    for days in (20, 30, 60):
        outcomes = shop.potential_outcomes(AT, days, "percent_off")
        won = outcomes["p1"] - outcomes["p0"]
        if days == 30:
            assert won.to_numpy() == pytest.approx(np.minimum(0.04, 1 - outcomes["p0"]))
            assert (outcomes["p0"] == 0).any()
        come = outcomes["returned1"] & ~outcomes["returned0"]
        assert come.mean() == pytest.approx(won.mean(), abs=3.5 * np.sqrt(0.04 / len(come)))
        # Whoever is won comes once, and nobody is kept away.
        assert (outcomes["orders1"] - outcomes["orders0"])[~come].max() <= (days > 30)
        assert (outcomes["orders1"] >= outcomes["orders0"]).all()


def test_won_orders_are_history_like_any_other() -> None:
    shop = simulate_shop("fashion", customers=1_500, seed=5, offer_effects=EQUAL_EFFECTS)
    everyone = pd.DataFrame({"customer_id": shop.customers["customer_id"], "arm": "percent_off"})
    campaign = simulate_campaign(shop, everyone, "2024-12-20", 30)
    later = campaign.shop
    assert_frame_equal(
        later.orders[later.orders["ordered_at"] < "2024-12-20"].reset_index(drop=True),
        shop.orders[shop.orders["ordered_at"] < "2024-12-20"].reset_index(drop=True),
    )
    inside = later.orders.query("'2024-12-20' <= ordered_at < '2025-01-19'")
    assert inside["order_id"].nunique() > 1.02 * (campaign.outcomes["orders0"].sum())
    assert len(later.signals) > 0
    twice = later.potential_outcomes("2025-02-01", 30, "percent_off")
    won = (twice["p1"] - twice["p0"]).to_numpy()
    assert won == pytest.approx(np.minimum(0.04, 1 - twice["p0"]))


def test_in_the_hetero_world_only_recent_large_baskets_react() -> None:
    shop = simulate_shop("fashion", customers=3_000, seed=5, offer_effects=HETERO_EFFECTS)
    outcomes = shop.potential_outcomes(AT, 30, "percent_off").set_index("customer_id")
    past = first_lines(shop.orders[shop.orders["ordered_at"] < AT]).groupby("customer_id")
    silent = (pd.Timestamp(AT) - past["ordered_at"].max()).dt.total_seconds() / 86_400
    spent = shop.orders[(shop.orders["ordered_at"] < AT) & (shop.orders["amount"] > 0)]
    mean = spent.groupby("customer_id")["amount"].sum() / past["order_id"].nunique()
    reacts = silent.between(20, 120, inclusive="left") & (mean > mean.median())
    reacts = reacts.reindex(outcomes.index)
    moved = outcomes["p1"] != outcomes["p0"]
    assert not moved[~reacts].any()
    assert moved[reacts & (outcomes["p0"] > 0)].all()
    assert (outcomes["p1"] - outcomes["p0"])[moved].min() > 0


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
    p = bgnbd.true_return_probability(AT, 90)
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
    assert set(shop.attributes["customer_id"]) == set(shop.orders["customer_id"])
    assert set(shop.signals["customer_id"]) <= set(shop.orders["customer_id"])


def test_twenty_thousand_customers_take_a_moment() -> None:
    begun = perf_counter()
    shop = simulate_shop("fashion", customers=20_000, seed=1)
    assert perf_counter() - begun < 5
    assert len(shop.customers) == 20_000
    assert set(DEFAULT_EFFECTS) == set(shop.offers)
    begun = perf_counter()
    assert len(shop.signals) > len(shop.orders) > len(shop.attributes) > 20_000
    assert perf_counter() - begun < 5
