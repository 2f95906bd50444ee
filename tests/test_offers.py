"""What an offer is worth, who gets which under a budget, who is control."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from winback.errors import UsageError, WinbackError
from winback.offers.budget import Limit, choose_within_limits
from winback.offers.catalogue import default_catalogue, read_offer
from winback.offers.contact import ContactRules, read_history
from winback.offers.eligibility import parse_eligibility
from winback.offers.measured import measured_offer
from winback.offers.plan import Beliefs, Channel, Limits, plan_campaign, seal_of
from winback.offers.power import power_verdict
from winback.offers.worth import expected_order_value, value_offers
from winback.results.measured import PastMeasurement
from winback.results.offered import Offer
from winback.results.planned import Planned
from winback.said.offers import power
from winback.said.words import Words

LABEL = {"en": "An offer", "pl": "Oferta"}


def offer(**changes: object) -> Offer:
    """Ten percent off, 40 % margin, a contact of 1, valid 30 days, worth 5 points."""
    entry: dict[str, object] = {
        "name": "ten_off",
        "kind": "percent_off",
        "discount_share": 0.1,
        "contact_cost": 1.0,
        "margin_share": 0.4,
        "valid_days": 30,
        "effect_pp": 5,
        "effect_source": "stated",
        "label": LABEL,
    }
    return Offer.model_validate({**entry, **changes})


def customers(**columns: object) -> pd.DataFrame:
    """Customers whose orders are worth 100, with a chance of 20 % to order in 30 days."""
    n = max((len(c) for c in columns.values() if isinstance(c, list)), default=1)
    usual: dict[str, object] = {
        "customer_id": [f"c{i}" for i in range(n)],
        "cutoff": date(2024, 5, 1),
        "horizon_days": 30,
        "p_return": 0.2,
        "orders_total": 4.0,
        "order_value_mean": 100.0,
        "refund_share": 0.0,
        "spend_total": 400.0,
    }
    return pd.DataFrame({**usual, **columns}, index=range(n))


def test_the_gain_is_the_effect_on_the_margin_left_less_the_subsidy_and_the_contact() -> None:
    values = value_offers(customers(), [offer()])
    # m = 40, d = 10: .05 * 30 - .2 * 10 - 1 = -1.5. From 20 % to 25 % are -log(.75) + log(.8)
    # = .0645385 orders, .0145385 of them beyond the first: they bring another .58154.
    assert values.gain[0, 0] == pytest.approx(-1.5 + 0.58154, abs=1e-5)
    # Cost: the contact, and 10 on each of the 20 + 5 % who order.
    assert values.cost[0, 0] == pytest.approx(3.5)


def test_at_the_break_even_effect_the_gain_is_zero() -> None:
    scores = customers(p_return=[0.01, 0.2, 0.7, 0.97])
    for uses in (1, 3, None):
        even = value_offers(scores, [offer(max_uses=uses)]).break_even[:, 0]
        for row, effect in enumerate(even):
            alone = scores.iloc[[row]].reset_index(drop=True)
            at_it = value_offers(alone, [offer(max_uses=uses, effect_pp=100 * effect)])
            assert at_it.gain[0, 0] == pytest.approx(0, abs=1e-9)
    # Ten times the orders of one in ten thousand would not pay a contact.
    assert value_offers(customers(p_return=1e-4), [offer()]).break_even[0, 0] == np.inf


def test_an_effect_is_one_ratio_of_hazards_with_the_stated_mean() -> None:
    values = value_offers(customers(p_return=[0.1, 0.15, 0.2, 0.6]), [offer(effect_pp=15.4375)])
    # Twice the hazard adds p (1 - p): 9, 12.75, 16 and 24 points, 15.4375 on average.
    assert values.effect[:, 0].tolist() == pytest.approx([0.09, 0.1275, 0.16, 0.24])


def test_the_mean_is_over_those_who_may_get_the_offer() -> None:
    scores = customers(p_return=[0.1, 0.15, 0.2, 0.6], orders_total=[4.0, 4.0, 4.0, 9.0])
    values = value_offers(scores, [offer(effect_pp=12.5833333, eligible="orders_total < 5")])
    # Their mean is (9 + 12.75 + 16) / 3.
    assert values.effect[:, 0].tolist() == pytest.approx([0.09, 0.1275, 0.16, 0.24])


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(-100, 100).filter(lambda pp: pp)
)
def test_no_effect_takes_a_chance_out_of_0_to_1_nor_against_its_sign(
    chances: list[float], pp: float
) -> None:
    values = value_offers(customers(p_return=chances), [offer(effect_pp=pp)])
    effect, p0 = values.effect[:, 0], values.p_order[:, 0]
    assert ((p0 + effect >= -1e-12) & (p0 + effect <= 1)).all()
    assert (effect * pp >= -1e-12).all() and np.isfinite(values.gain).all()


def test_an_unknown_effect_is_at_most_a_doubling_of_orders() -> None:
    new = offer(effect_pp=None, effect_source=None)
    scores = customers(p_return=[0.01, 0.1])
    values = value_offers(scores, [new], plausible_effect_pp=50)
    assert values.effect[:, 0].tolist() == pytest.approx([0.0099, 0.09])
    # And at most the plausible points on average.
    values = value_offers(scores, [new], plausible_effect_pp=2)
    assert values.effect.mean() == pytest.approx(0.02)


def test_half_redemption_halves_the_discount() -> None:
    values = value_offers(customers(), [offer(redemption_share=0.5)])
    # d = 5: 40 * .0645385 - .25 * 5 - 1
    assert values.gain[0, 0] == pytest.approx(0.33154, abs=1e-5)


def test_what_is_sent_back_takes_its_part_of_a_voucher_along_and_none_of_a_parcel() -> None:
    kinds = ("amount_off", "points", "free_delivery", "gift")
    offers = [offer(name="ten_percent")]
    offers += [offer(name=k, kind=k, discount_share=None, discount_amount=10) for k in kinds]
    # Half of a shop whose orders are worth 100 comes back: a tenth of the other half is 5.
    values = value_offers(customers(refund_share=0.5), offers)
    assert values.margin[0].tolist() == pytest.approx([20] * 5)
    assert values.discount[0].tolist() == pytest.approx([5, 5, 5, 10, 10])


def test_the_chance_is_read_at_the_offers_own_validity() -> None:
    # 10 % each 30 days: 1 - .9^3 in 90. Ten days hold a third of the first hazard, and a
    # half year goes on at the last one: 1 - .9^6.
    scores = customers(horizon_days=90, p_return=1 - 0.9**3, p_return_30d=0.1)
    days = [10, 30, 60, 90, 180]
    offers = [offer(name=f"o{d}", valid_days=d) for d in days]
    expected = [1 - 0.9 ** (d / 30) for d in days]
    assert value_offers(scores, offers).p_order[0].tolist() == pytest.approx(expected)


def test_an_order_below_the_minimum_basket_is_not_eligible() -> None:
    values = value_offers(customers(), [offer(min_basket=100), offer(name="b", min_basket=101)])
    assert values.eligible.tolist() == [[True, False]]


def test_an_effect_cannot_lift_a_chance_above_one() -> None:
    values = value_offers(customers(p_return=0.97), [offer(effect_pp=50)])
    assert values.effect[0, 0] == pytest.approx(0.03)
    # Ten times as many orders is the most that is believed.
    values = value_offers(customers(p_return=0.01), [offer(effect_pp=50)])
    assert values.effect[0, 0] == pytest.approx(0.99 - 0.99**10)


def test_few_orders_are_drawn_to_the_shops_mean() -> None:
    scores = customers(
        order_value_mean=[100.0, 200.0], orders_total=[9.0, 1.0], spend_total=[900.0, 200.0]
    )
    placed, kept = expected_order_value(scores)
    # The shop's mean order is 1,100 / 10 = 110, counted three times where the shop is too
    # small to tell its spread: (900 + 330) / 12 and (200 + 330) / 4.
    assert placed.tolist() == pytest.approx([102.5, 132.5])
    assert kept.tolist() == placed.tolist()


def test_a_shop_where_customers_differ_and_orders_do_not_is_hardly_drawn_together() -> None:
    draw = np.random.default_rng(0)
    orders = draw.integers(1, 9, 2000).astype(float)
    own = np.exp(draw.normal(4, 1, 2000))
    placed, _ = expected_order_value(
        customers(
            customer_id=[f"c{i}" for i in range(2000)],
            orders_total=orders.tolist(),
            order_value_mean=own.tolist(),
        )
    )
    shop = (orders * own).sum() / orders.sum()
    # Counted once, the least there is.
    assert placed == pytest.approx((orders * own + shop) / (orders + 1))


# --------------------------------------------------------------------------- catalogue


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"discuont_share": 0.1}, "unknown key 'discuont_share', nearest is 'discount_share'"),
        ({"discount_amount": 5}, "not both"),
        ({"discount_share": None}, "percent_off needs discount_share"),
        ({"kind": "call"}, "call has no discount"),
        ({"effect_source": None}, "stated"),
        ({"name": "control"}, "arm without one"),
        ({"valid_days": 0}, "valid_days"),
        ({"margin_share": 1.4}, "margin_share"),
    ],
)
def test_a_wrong_catalogue_entry_says_which_offer_and_key(
    change: dict[str, object], said: str
) -> None:
    entry = {**offer().model_dump(), **change}
    with pytest.raises(UsageError, match=r"target\.offers, offer") as error:
        plan_campaign(customers(), [entry], campaign_id="may")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_two_offers_of_one_name_are_refused() -> None:
    with pytest.raises(UsageError, match="ten_off stands twice"):
        plan_campaign(customers(), [offer(), offer()], campaign_id="may")


# ------------------------------------------------------------------------- eligibility


FRAME = pd.DataFrame(
    {
        "days": pd.array([10, 100, None], dtype="Int32"),
        "orders": [1.0, 4.0, np.nan],
        "segment": ["loyal", None, "at_risk"],
        "vip": pd.array([True, False, None], dtype="boolean"),
        "last_on": [date(2024, 1, 31), date(2023, 6, 1), None],
    }
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [True, True, True]),
        ("days > 50", [False, True, False]),
        ("5 < days <= 10", [True, False, False]),
        ("not days > 50", [True, False, False]),
        ("segment in ['loyal', 'new']", [True, False, False]),
        ("segment not in ['loyal']", [False, False, True]),
        ("segment == 'at_risk' or days > 50", [False, True, True]),
        ("days / orders >= 25", [False, True, False]),
        ("days / (orders - 1) > 0", [False, True, False]),
        ("-days < -50", [False, True, False]),
        ("vip", [True, False, False]),
        ("not vip and orders == 4", [False, True, False]),
        ("last_on >= '2024-01-01'", [True, False, False]),
        ("days in [10, -1]", [True, False, False]),
        ("1 < 2", [True, True, True]),
        ("True", [True, True, True]),
    ],
)
def test_unknown_is_not_eligible(text: str, expected: list[bool]) -> None:
    assert parse_eligibility(text).mask(FRAME).tolist() == expected


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "days.real > 1",
        "segment[0] == 'l'",
        "[d for d in segment]",
        "(lambda: 1)() > 0",
        "f'{days}' == '1'",
        "days ** 9 > 1",
        "days // 2 > 1",
        "days % 2 == 0",
        "days if vip else orders",
        "(days := 3) > 2",
        "days is None",
        "segment in ('loyal',)",
        "segment in other",
        "days < segment in ['a'] < 3",
        "b'loyal' == segment",
        "days > 1j",
        "days > " + "9" * 40,
        "...",
        "days > 5; orders",
        "days >",
        "(" * 300 + "days" + ")" * 300 + " > 1",
        "not " * 200 + "vip",
        "'" + "x" * 2000 + "' == segment",
        "\x00",
    ],
)
def test_what_is_outside_the_grammar_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_eligibility(text)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text", ["days", "days + 1", "days > 'x'", "segment > 5", "segment + 1 > 2", "-vip"]
)
def test_a_comparison_of_unlike_things_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is a "):
        parse_eligibility(text).mask(FRAME)


def test_a_written_division_by_zero_is_refused() -> None:
    with pytest.raises(UsageError, match="divided by zero"):
        parse_eligibility("days > 1 / 0").mask(FRAME)


def test_an_unknown_column_names_the_offer_and_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"offer ten_off, eligible.*'order_total'.*orders_total"):
        value_offers(customers(), [offer(eligible="order_total > 1")])


# ------------------------------------------------------------------------------ budget


def worth_choosing(n: int, k: int) -> st.SearchStrategy[tuple[np.ndarray, np.ndarray, float]]:
    cells = st.lists(st.integers(-3, 12), min_size=n * k, max_size=n * k)
    costs = st.lists(st.integers(0, 9), min_size=n * k, max_size=n * k)
    return st.tuples(cells, costs, st.integers(0, 9 * n)).map(
        lambda drawn: (
            np.array(drawn[0], float).reshape(n, k),
            np.array(drawn[1], float).reshape(n, k),
            float(drawn[2]),
        )
    )


def solve_exactly(gain: np.ndarray, cost: np.ndarray, budget: float, most: int) -> float:
    n, k = gain.shape
    one_each = np.kron(np.eye(n), np.ones(k))
    found = milp(
        -gain.ravel(),
        integrality=np.ones(n * k),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(one_each, ub=1),
            LinearConstraint(cost.ravel()[None], ub=budget),
            LinearConstraint(np.ones((1, n * k)), ub=most),
        ],
    )
    return -float(found.fun)


@given(worth_choosing(6, 3))
def test_a_choice_of_a_few_customers_fits_the_budget_and_is_the_best_there_is(
    case: tuple[np.ndarray, np.ndarray, float],
) -> None:
    gain, cost, budget = case
    choice = choose_within_limits(gain, cost, [Limit("budget", budget, True)])
    taken = choice.picks >= 0
    rows = np.flatnonzero(taken)
    spent = cost[rows, choice.picks[rows]].sum()
    value = gain[rows, choice.picks[rows]].sum()
    best = solve_exactly(gain, cost, budget, len(gain))
    assert spent <= budget
    assert value == pytest.approx(choice.certificate["value"])
    assert value == pytest.approx(best, abs=1e-6)
    assert choice.certificate["proven"]
    assert best <= choice.certificate["lp_bound"] + 1e-6
    assert choice.certificate["gap"] <= max(gain.max(), 0) + 1e-9


@settings(max_examples=15)
@given(worth_choosing(6, 2), st.integers(0, 6))
def test_a_cap_on_contacts_holds_beside_the_budget(
    case: tuple[np.ndarray, np.ndarray, float], most: int
) -> None:
    gain, cost, budget = case
    choice = choose_within_limits(gain, cost, [Limit("budget", budget, True), Limit("most", most)])
    rows = np.flatnonzero(choice.picks >= 0)
    assert len(rows) <= most
    assert cost[rows, choice.picks[rows]].sum() <= budget
    best = solve_exactly(gain, cost, budget, most)
    assert choice.certificate["value"] == pytest.approx(best, abs=1e-6)
    assert best <= choice.certificate["lp_bound"] + 1e-6


@settings(max_examples=30)
@given(worth_choosing(8, 3), st.integers(0, 30))
def test_more_budget_never_brings_less(
    case: tuple[np.ndarray, np.ndarray, float], more: int
) -> None:
    gain, cost, budget = case
    values = [
        choose_within_limits(gain, cost, [Limit("budget", most, True)]).certificate["value"]
        for most in (budget, budget + more)
    ]
    assert values[0] <= values[1] + 1e-9


@settings(max_examples=12)
@given(worth_choosing(8, 3), st.permutations(range(8)))
def test_the_order_of_customers_does_not_change_the_best_value(
    case: tuple[np.ndarray, np.ndarray, float], order: list[int]
) -> None:
    gain, cost, budget = case
    limits = [Limit("budget", budget, True), Limit("stock", 2, options=(0,))]
    values = [
        choose_within_limits(gain[rows], cost[rows], limits).certificate["value"]
        for rows in (list(range(8)), order)
    ]
    assert values[0] == pytest.approx(values[1])


@pytest.mark.parametrize("seed", range(6))
def test_several_budgets_and_capacities_hold_at_once_and_the_best_is_found(seed: int) -> None:
    draw = np.random.default_rng(seed)
    n = int(draw.integers(5, 30))
    gain, cost = draw.normal(1, 3, (n, 3)), draw.gamma(1, 2, (n, 3))
    limits = [
        Limit("money", 0.4 * n, True),
        Limit("phone", 0.2 * n, True, (2,)),
        Limit("calls", n // 4, False, (1, 2)),
        Limit("stock", n // 8, False, (0,)),
    ]
    choice = choose_within_limits(gain, cost, limits)
    uses, amounts = [np.kron(np.eye(n), np.ones(3))], [np.ones(n)]
    for limit in limits:
        counted = np.isin(range(3), limit.options or range(3))
        use = (counted * (cost if limit.money else np.ones_like(cost))).ravel()
        picked = np.zeros((n, 3))
        picked[np.flatnonzero(choice.picks >= 0), choice.picks[choice.picks >= 0]] = 1
        assert (picked.ravel() * use).sum() <= limit.amount
        uses.append(use[None])
        amounts.append(np.array([limit.amount]))
    best = milp(
        -gain.ravel(),
        integrality=np.ones(3 * n),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(np.vstack(uses), ub=np.concatenate(amounts)),
    )
    assert choice.certificate["value"] == pytest.approx(-best.fun, abs=1e-6)


def test_a_price_is_what_one_more_unit_brings() -> None:
    # Ten customers worth 1 to 10 for a contact each, four contacts: one more brings 6.
    gain, cost = np.arange(1.0, 11.0)[:, None], np.zeros((10, 1))
    choice = choose_within_limits(gain, cost, [Limit("contacts", 4), Limit("money", 5, True)])
    assert choice.picks.tolist() == [-1] * 6 + [0] * 4
    assert 6 <= choice.prices["contacts"] <= 7 and choice.prices["money"] == 0


def test_a_hundred_thousand_equals_share_a_budget_as_well_as_can_be() -> None:
    # Each: 10 for 8 or 6 for 2. With 5 a head: everybody the cheap one, half the dear one.
    gain, cost = np.tile([[10.0, 6.0]], (100_000, 1)), np.tile([[8.0, 2.0]], (100_000, 1))
    choice = choose_within_limits(gain, cost, [Limit("budget", 500_000.0, True)])
    assert choice.certificate["value"] == 800_000
    assert np.bincount(choice.picks).tolist() == [50_000, 50_000]


def test_a_hundred_thousand_customers_under_four_limits_are_near_the_bound() -> None:
    draw = np.random.default_rng(1)
    gain, cost = draw.normal(1, 3, (100_000, 5)), draw.gamma(1, 2, (100_000, 5))
    limits = [
        Limit("money", 20_000.0, True),
        Limit("contacts", 15_000),
        Limit("calls", 2_000, False, (0, 1)),
        Limit("stock", 500, False, (4,)),
    ]
    assert choose_within_limits(gain, cost, limits).certificate["gap"] <= gain.max()


def test_a_dear_offer_gives_way_to_a_cheap_one_when_money_is_short() -> None:
    # Each customer: 10 for 8 or 6 for 2. With 10 to spend: 6 + 10, not 10 alone.
    gain, cost = np.array([[10.0, 6.0]] * 2), np.array([[8.0, 2.0]] * 2)
    choice = choose_within_limits(gain, cost, [Limit("budget", 10.0, True)])
    assert sorted(choice.picks) == [0, 1]
    assert choice.certificate.model_dump() == {
        "value": 16,
        "lp_bound": 16,
        "gap": 0,
        "proven": True,
    }
    assert choice.prices == {"budget": pytest.approx(4 / 6)}


def test_equals_are_taken_in_their_order() -> None:
    choice = choose_within_limits(
        np.full((5, 1), 3.0), np.full((5, 1), 2.0), [Limit("b", 6.9, True)]
    )
    assert choice.picks.tolist() == [0, 0, 0, -1, -1]


def test_a_hundred_thousand_customers_are_within_one_customer_of_the_bound() -> None:
    draw = np.random.default_rng(1)
    gain, cost = draw.normal(1, 3, (100_000, 10)), draw.gamma(1, 2, (100_000, 10))
    certificate = choose_within_limits(gain, cost, [Limit("b", 30_000.0, True)]).certificate
    assert certificate["gap"] <= gain.max()


# ------------------------------------------------------------------------------- power


@pytest.mark.parametrize(
    ("base", "effect", "needed"), [(0.2, 1, 25_579), (0.2, 2, 6_506), (0.1, 1, 14_748)]
)
def test_the_sample_needed_is_the_textbooks(base: float, effect: float, needed: int) -> None:
    # n = (z + z)^2 (p0 q0 + p1 q1) / delta^2 (Fleiss, Levin and Paik 2003). Tables print to the
    # nearest customer, a needed size is rounded up.
    found = power_verdict(100, 100, base, effect_pp=effect)["n_needed_per_arm"]
    assert needed <= found <= needed + 1


def test_the_smallest_visible_effect_inverts_the_sample_needed() -> None:
    assert power_verdict(25_580, 25_580, 0.2)["mde_pp"] == 1.0
    # Where arms are unequal the textbook promises a little too much.
    assert power_verdict(9 * 14_005, 14_005, 0.2)["mde_pp"] == 1.01


def test_the_sentence_says_when_the_reading_will_be_noise() -> None:
    english, polish = (said_of_power(900, 100, language) for language in ("en", "pl"))
    assert english.startswith("To see 2 points you need 6,507 customers in each group")
    assert "noise" in english and "nie odróżnisz od przypadku" in polish
    assert "6\u00a0507" in polish
    assert "enough" in said_of_power(90_000, 90_000)
    assert "an effect that just pays for itself (2 points)" in said_of_power(900, 100, known=False)


def said_of_power(
    treated: int, control: int, language: Literal["en", "pl"] = "en", *, known: bool = True
) -> str:
    """What is said of a list that looks for two points at 20 %."""
    found = power_verdict(treated, control, 0.2, effect_pp=2)
    planned = Planned.model_construct(
        n_listed=treated, n_control=control, effect_known=known, power=found
    )
    return power(planned, Words(language))


def test_without_control_nothing_can_be_measured() -> None:
    assert power_verdict(900, 0, 0.2, effect_pp=2)["mde_pp"] is None
    assert "nothing can be measured" in said_of_power(900, 0)


# -------------------------------------------------------------------------------- plan


def reasons_of(scores: pd.DataFrame, offers: list[Offer], **settings: object) -> list[str]:
    plan = plan_campaign(scores, offers, campaign_id="may", control_share=0, **settings)  # type: ignore[arg-type]
    return plan.decisions["reason"].tolist()


def test_everybody_without_an_offer_has_the_reason() -> None:
    scores = customers(
        # slipping, as good as gone, unscored, sent it back, cancelled it all, young
        p_return=[0.2, 1e-4, None, 0.2, 0.2, 0.2],
        refund_share=[0.0, 0.0, 0.0, 0.51, 0.0, 0.0],
        spend_total=[400.0, 400.0, 400.0, 196.0, 0.0, 400.0],
        days_since_last_order=[90, 90, 90, 90, 90, 3],
    )
    eligible = offer(effect_pp=6, eligible="days_since_last_order > 30")
    # c0: 12 points, 40 * .1625189 - .32 * 10 - 1 > 0.
    assert reasons_of(scores, [eligible]) == [
        "offer",
        "impossible",
        "too_uncertain",
        "sent_back",
        "sent_back",
        "not_eligible",
    ]


def test_whoever_would_pay_but_for_coming_anyway_is_told_so() -> None:
    # 5 points on 60 %: 40 * log(.4 / .35) - 6.5 - 1 = -2.16, but 3.84 if nobody came anyway.
    assert reasons_of(customers(p_return=0.6), [offer()]) == ["comes_anyway"]
    # On 1 %, .1 points: 40 * .00101 - .11 - 1, and -.96 if nobody came anyway.
    assert reasons_of(customers(p_return=0.01), [offer(effect_pp=0.1)]) == ["too_weak"]


def test_a_discount_above_the_margin_cannot_pay() -> None:
    assert reasons_of(customers(), [offer(discount_share=0.4, effect_pp=50)]) == ["cannot_pay"]


def test_without_money_those_worth_it_are_told_budget() -> None:
    assert reasons_of(customers(), [offer(effect_pp=12)], budget=0) == ["budget"]


def test_nobody_is_planned_an_offer_by_a_channel_that_is_barred() -> None:
    scores = customers(customer_id=["a", "b", "c", "d", "e"])
    privacy = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d"],
            "no_marketing": [False, True, False, False],
            "barred_channels": [None, "email,sms", "email", "sms"],
        }
    )
    by_mail = offer(effect_pp=12)
    told = ContactRules(suppress=["e"])
    assert reasons_of(scores, [by_mail], privacy=privacy, rules=told) == [
        "offer", "no_contact", "no_contact", "offer", "no_contact",
    ]  # fmt: skip
    by_sms = offer(effect_pp=12, name="text", channel="SMS")
    plan = plan_campaign(scores, [by_mail, by_sms], campaign_id="may", privacy=privacy, rules=told)
    planned = plan.decisions.set_index("customer_id")["planned_offer"]
    assert planned[["c", "d"]].tolist() == ["text", by_mail.name]
    assert planned[["b", "e"]].isna().all()


def shop(n: int = 3000) -> pd.DataFrame:
    draw = np.random.default_rng(7)
    p = draw.beta(0.6, 2.5, n)
    orders = draw.geometric(0.4, n).astype(float)
    value = np.exp(draw.normal(4, 0.6, n))
    return pd.DataFrame(
        {
            "customer_id": [f"{i:05d}" for i in range(n)],
            "cutoff": date(2024, 5, 1),
            "horizon_days": 90,
            "p_return": p,
            "p_return_30d": 1 - (1 - p) ** (1 / 3),
            "orders_total": orders,
            "order_value_mean": value,
            "refund_share": 0.0,
            "spend_total": orders * value,
            "risk_band": draw.choice(["low", "medium", "high", "lost"], n),
            "days_since_last_order": draw.integers(1, 300, n),
        }
    )


def test_a_plan_keeps_its_books() -> None:
    plan = plan_campaign(shop(), default_catalogue(60), campaign_id="may", budget=150, salt="s")
    summary, assignment, decisions = plan.summary, plan.assignment, plan.decisions
    assert decisions["customer_id"].tolist() == sorted(shop()["customer_id"])
    assert sum(summary["reasons"].values()) == len(decisions) == summary["n_scored"]
    assert summary["n_planned"] == len(assignment) == summary["n_listed"] + summary["n_control"]
    assert summary["reasons"]["control"] == (assignment["arm"] == "control").sum() > 0
    assert 0 < summary["expected_cost"] <= 150
    assert summary["optimum"]["gap"] <= 60
    control = assignment[assignment["arm"] == "control"]
    assert control["probability"].between(0.05, 0.2).all()
    assert assignment.drop(control.index)["probability"].between(0.8, 0.95).all()
    listed = assignment.drop(control.index)
    assert (listed["arm"] == listed["planned_offer"]).all()


def test_without_a_measured_effect_gains_are_empty_and_several_offers_are_tested() -> None:
    plan = plan_campaign(shop(), default_catalogue(60), campaign_id="may", salt="s", currency="PLN")
    assert plan.assignment["expected_gain"].isna().all()
    assert plan.summary["expected_gain"] is None and plan.summary["effect_known"] is False
    assert set(plan.assignment["planned_offer"]) == {"reminder", "free_delivery", "ten_percent_off"}
    assert all(pp > 0 for pp in plan.summary["break_even_pp"].values())


def test_a_known_effect_gives_each_customer_her_gain() -> None:
    scores = customers(customer_id=["a"])
    plan = plan_campaign(scores, [offer(effect_pp=12)], campaign_id="may", control_share=0)
    # 40 * log(.8 / .68) - .32 * 10 - 1 = 2.3008
    assert plan.assignment["expected_gain"].tolist() == [2.3008]
    assert plan.summary["expected_gain"] == 2.3
    assert plan.summary["arms"]["ten_off"]["effect_source"] == "stated"


def test_the_better_of_two_known_offers_is_planned() -> None:
    better = offer(name="five_off", discount_share=0.05, effect_pp=10)
    # five_off: 40 * log(.8 / .7) - .3 * 5 - 1 = 2.84 against 2.30
    plan = plan_campaign(
        customers(), [offer(effect_pp=12), better], campaign_id="may", control_share=0
    )
    assert plan.assignment["planned_offer"].tolist() == ["five_off"]


def test_a_suppressed_person_changes_nobody_elses_arm() -> None:
    scores = shop()
    rich = scores.iloc[[5]].assign(customer_id="zz", order_value_mean=1e6, spend_total=1e6)
    settings = {
        "campaign_id": "may",
        "budget": 150,
        "salt": "s",
        "rules": ContactRules(suppress=["zz"]),
    }
    alone = plan_campaign(scores, default_catalogue(60), **settings)
    beside = plan_campaign(pd.concat([rich, scores]), default_catalogue(60), **settings)
    pd.testing.assert_frame_equal(alone.assignment, beside.assignment)


def test_row_order_changes_nothing() -> None:
    settings = {"campaign_id": "may", "budget": 150, "salt": "s"}
    scores = shop()
    plan = plan_campaign(scores, default_catalogue(60), **settings)
    turned = plan_campaign(scores.sample(frac=1, random_state=3), default_catalogue(60), **settings)
    pd.testing.assert_frame_equal(plan.assignment, turned.assignment)
    pd.testing.assert_frame_equal(plan.decisions, turned.decisions)
    assert plan.summary == turned.summary


def test_treated_and_control_are_alike() -> None:
    plan = plan_campaign(
        shop(20_000), default_catalogue(60), campaign_id="may", budget=900, control_share=0.3
    )
    arms = plan.assignment.groupby(plan.assignment["arm"] == "control")["p_return"]
    (treated, control), spread = arms.mean(), arms.var() / arms.size()
    assert abs(treated - control) < 3 * np.sqrt(spread.sum())


@settings(max_examples=12)
@given(st.floats(0, 60), st.integers(0, 40), st.floats(0, 0.6))
def test_a_plan_never_expects_to_cost_more_than_its_budget(
    budget: float, most: int, control_share: float
) -> None:
    plan = plan_campaign(
        shop(200),
        default_catalogue(60),
        campaign_id="may",
        budget=budget,
        control_share=control_share,
        limits=Limits(max_contacts=most, reserve_share=0),
    )
    assert plan.summary["expected_cost"] <= budget + 0.005
    assert plan.summary["n_listed"] <= most


def test_a_customer_twice_is_refused() -> None:
    with pytest.raises(WinbackError, match="1 customers stand twice"):
        plan_campaign(customers(customer_id=["a", "a"]), [offer()], campaign_id="may")


def test_nobody_scored_is_an_empty_plan() -> None:
    plan = plan_campaign(shop(5).head(0), default_catalogue(), campaign_id="may", budget=10)
    assert plan.summary["n_planned"] == 0 and not len(plan.assignment)


# ------------------------------------------------------------------- catalogue: kinds, costs


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "points", "discount_share": None}, "points needs discount_amount"),
        ({"kind": "early_access"}, "early_access has no discount"),
        ({"group": "coupons"}, "group needs not_again_days"),
        ({"effect_from": "m.json"}, "not both"),
        ({"effect_by_segment": True}, "effect_by_segment needs effect_from"),
        ({"effect_low_pp": 1}, "both effect_low_pp and effect_high_pp"),
        ({"effect_low_pp": 6, "effect_high_pp": 9}, "must lie between"),
        ({"effect_pp": None, "effect_source": None, "effect_low_pp": 1}, "without effect_pp"),
    ],
)
def test_keys_of_an_offer_have_to_agree(change: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        plan_campaign(customers(), [{**offer().model_dump(), **change}], campaign_id="may")


@pytest.mark.parametrize("kind", ["early_access", "content", "call", "referral"])
def test_a_contact_without_a_discount_costs_the_contact(kind: str) -> None:
    values = value_offers(customers(), [offer(kind=kind, discount_share=None)])
    # m = 40: 40 * .0645385 - 1.
    assert values.gain[0, 0] == pytest.approx(1.58154, abs=1e-5)
    assert values.cost[0, 0] == pytest.approx(1)


def test_whoever_comes_anyway_uses_a_lasting_offer_on_all_her_orders() -> None:
    once, twice, always = (
        offer(name=f"o{uses or 0}", max_uses=uses, effect_pp=0) for uses in (1, 2, None)
    )
    values = value_offers(customers(p_return=1 - np.exp(-1)), [once, twice, always])
    # A Poisson number of orders with mean 1: P(N>0) = 1 - 1/e, P(N>1) = 1 - 2/e. Discount 10.
    p1, p2 = 1 - 1 / np.e, 1 - 2 / np.e
    assert values.gain[0].tolist() == pytest.approx([-10 * p1 - 1, -10 * (p1 + p2) - 1, -10 - 1])


def test_orders_brought_forward_earn_no_margin_but_cost_their_discount() -> None:
    values = value_offers(customers(), [offer(pull_forward_share=0.5)])
    # 20 * .0645385 - .25 * 10 - 1
    assert values.gain[0, 0] == pytest.approx(-2.20923, abs=1e-5)


def test_a_minimum_basket_at_the_mean_spares_the_smaller_orders() -> None:
    amount = {"kind": "amount_off", "discount_share": None, "discount_amount": 10}
    free, at_mean = offer(**amount), offer(name="b", min_basket=100, **amount)
    values = value_offers(customers(), [free, at_mean])
    # Log-normal around a mean of 100 with a spread of .5, where a small shop cannot tell it:
    # an order reaches its mean with P(Z > .25) = .4013.
    assert values.discount[0].tolist() == pytest.approx([10, 4.013], abs=1e-3)


# -------------------------------------------------------------------------- measured effects


def measurement(**changes: object) -> PastMeasurement:
    """Ten points with a standard error of 2.5 points, half of what the prior's is."""
    half = 1.959964 * 0.025
    row = {"offer": "ten_off", "effect": 0.1, "low": 0.1 - half, "high": 0.1 + half}
    return PastMeasurement.model_validate(
        {
            "verdict": "works", "metric": "returned", "window_days": 30, "by_offer": [row],
            # Versions before wrote sentences beside the numbers.
            "sentence": {"en": "The offers raised it."}, **changes,
        }
    )  # fmt: skip


def unmeasured(**changes: object) -> Offer:
    return offer(effect_pp=None, effect_source=None, effect_from="m.json", **changes)


def test_a_measured_effect_is_drawn_towards_nothing_by_its_own_error() -> None:
    plausible = 100 * 2 * 0.025 * 1.959964
    found = measured_offer(unmeasured(), measurement(), plausible_effect_pp=plausible)
    # Prior variance 4, error variance 1 (in 2.5 points squared): four fifths remain.
    assert found.effect_pp == pytest.approx(8)
    assert found.effect_source == "measured"
    reach = 1.959964 * 2.5 * np.sqrt(0.8)
    assert found.effect_low_pp == pytest.approx(8 - reach, abs=1e-3)
    assert found.effect_high_pp == pytest.approx(8 + reach, abs=1e-3)


def test_the_plan_takes_the_effect_from_the_measurement_it_is_given() -> None:
    plan = plan_campaign(
        customers(), [unmeasured(contact_cost=0)], campaign_id="may", control_share=0,
        beliefs=Beliefs(measurements={"m.json": measurement()}, plausible_effect_pp=1000),
    )  # fmt: skip
    # With so wide a prior all ten points remain: 40 * log(.8 / .7) - .3 * 10 = 2.341.
    assert plan.assignment["expected_gain"].tolist() == pytest.approx([2.341], abs=0.01)
    assert plan.summary["arms"]["ten_off"]["effect_source"] == "measured"


def found_ratio(value: float, low: float, high: float) -> PastMeasurement:
    row = {"offer": "ten_off", "effect": 0.1, "low": 0.0, "high": 0.2, "mean_control": 0.2}
    return measurement(
        by_offer=[{**row, "hazard_ratio": {"value": value, "low": low, "high": high}}]
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"orders_ratio": {"value": 0.002, "low": 0.0, "high": None}},
            r"effect_from m\.json: orders_ratio is 0\.002 from 0\.0 to None, .*measure",
        ),
        (
            {"hazard_ratio": None, "low": None, "high": None},
            r"effect_from m\.json: the effect of 10 points has no interval.*leave effect_pp empty",
        ),
    ],
)
def test_a_measurement_without_an_interval_prices_nothing(
    change: dict[str, object], said: str
) -> None:
    (row,) = found_ratio(1.2, 1.0, 1.4).by_offer
    with pytest.raises(WinbackError, match=said):
        measured_offer(unmeasured(), measurement(by_offer=[dict(row) | change]))


def test_nothing_of_an_exact_reading_remains_where_no_effect_is_plausible() -> None:
    found = measured_offer(unmeasured(), found_ratio(2, 2, 2), plausible_lift=0)
    assert (found.effect_pp, found.effect_low_pp, found.effect_high_pp) == (0, 0, 0)


def test_a_measured_ratio_is_drawn_towards_one_on_its_logarithm() -> None:
    # Doubling at the prior's 97.5 % point, and half as wide a reading of 1.44: four fifths of
    # its logarithm remain, and .8 ** .5 of its reach.
    reach = np.log(2) / 2
    reading = found_ratio(1.44, 1.44 * np.exp(-reach), 1.44 * np.exp(reach))
    found = measured_offer(unmeasured(), reading, plausible_effect_pp=90)
    assert found.hazard_ratio == pytest.approx(1.44**0.8, rel=1e-5)
    assert found.hazard_ratio_low == pytest.approx(1.44**0.8 * 2 ** -(0.2**0.5), rel=1e-5)
    assert found.hazard_ratio_high == pytest.approx(1.44**0.8 * 2 ** (0.2**0.5), rel=1e-5)
    # In points at the control's 20 %.
    assert found.effect_pp == pytest.approx(100 * (0.8 - 0.8 ** (1.44**0.8)), abs=1e-3)
    # From 20 % on, five points are a ratio of log(.75) / log(.8) = 1.2892.
    found = measured_offer(unmeasured(), reading, plausible_effect_pp=5)
    prior = np.log(np.log(0.75) / np.log(0.8)) / reach
    assert found.hazard_ratio == pytest.approx(1.44 ** (prior**2 / (prior**2 + 1)), rel=1e-5)


def test_a_measured_ratio_holds_for_customers_who_come_less_often_than_those_then() -> None:
    sure = measured_offer(unmeasured(), found_ratio(2, 2, 2))
    alike = value_offers(customers(p_return=[0.1, 0.1]), [sure])
    assert alike.effect[:, 0].tolist() == pytest.approx([0.09, 0.09])
    # Of customers who differ it is that of their means: 1 - .65 ** 2 is 57.75 %.
    unlike = value_offers(customers(p_return=[0.1, 0.6]), [sure])
    assert unlike.p_order.mean() + unlike.effect.mean() == pytest.approx(0.5775)


def test_a_measured_offer_is_read_back_as_it_was_written() -> None:
    parts = by_segment(loyal=(2.0, 0.1), new=(1.0, 0.1))
    for reading in (found_ratio(1.5, 1.2, 1.9), measurement(), parts):
        found = measured_offer(unmeasured(effect_by_segment=reading is parts), reading)
        assert read_offer(found.model_dump(mode="json")) == found


def ratio(value: float, error: float) -> dict[str, float]:
    """A ratio whose logarithm has this standard error."""
    reach = np.exp(1.959964 * error)
    return {"value": value, "low": value / reach, "high": value * reach}


def test_the_orders_won_are_those_of_the_ratio_of_orders() -> None:
    row = dict(found_ratio(1.5, 1.5, 1.5).by_offer[0]) | {"orders_ratio": ratio(2, 1e-9)}
    once, always = (
        measured_offer(unmeasured(max_uses=uses), measurement(by_offer=[row])) for uses in (1, None)
    )
    values = value_offers(customers(), [once, always])
    # Without it log(1 / .8) = .22314 orders, with it twice as many; margin 40, contact 1.
    won = 40 * 0.22314 - 1
    # Used once by 1 - .8 ** 1.5 = 28.446 % of the customers, or on all .44629 orders, for 10.
    assert values.gain[0].tolist() == pytest.approx([won - 2.8446, won - 4.4629], abs=1e-3)
    # The chance of a return rises by what returns were measured to.
    assert values.effect[0].tolist() == pytest.approx([0.08446, 0.08446], abs=1e-4)


def test_a_noisy_ratio_of_orders_leans_on_that_of_returns() -> None:
    prior = np.log(2) / 1.959964
    row = dict(found_ratio(1.5, 1.5, 1.5).by_offer[0]) | {"orders_ratio": ratio(3, prior)}
    found = measured_offer(unmeasured(), measurement(by_offer=[row]), plausible_effect_pp=90)
    # As wide as the prior of how far apart the two can be: half way, on the logarithm.
    assert found.orders_ratio == pytest.approx((1.5 * 3) ** 0.5, rel=1e-4)
    assert found.orders_ratio_high == pytest.approx(4.5**0.5 * 2**0.5**0.5, rel=1e-4)


def by_segment(column: str = "segment", **parts: tuple[float, float]) -> PastMeasurement:
    """A measurement whose segments have these ratios, of returns and of orders, and errors."""
    rows = [
        {"segment": name, "hazard_ratio": ratio(*part), "orders_ratio": ratio(*part)}
        for name, part in parts.items()
    ]
    row = dict(found_ratio(1.5, 1.5, 1.5).by_offer[0])
    more = {"orders_ratio": ratio(1.5, 1e-9), "by_segment": {"column": column, "rows": rows}}
    return measurement(by_offer=[row | more])


def test_segments_that_differ_by_chance_only_keep_the_effect_of_all() -> None:
    reading = by_segment(loyal=(1.6, 0.1), new=(1.4, 0.1))
    found = measured_offer(unmeasured(effect_by_segment=True), reading)
    assert {part.hazards[0] for part in found.segments.values()} == {found.hazard_ratio}
    assert {part.orders_ratio for part in found.segments.values()} == {found.orders_ratio}


def test_segments_that_differ_beyond_chance_are_drawn_half_way_by_errors_as_large() -> None:
    # Logarithms 2 * spread apart, each with an error of a: their variance beyond chance is
    # (Q - 1) / (2w - w) = 2 * spread^2 - a^2, with w = 1 / a^2; equal to a^2 where a = spread.
    spread = 0.3
    middle = np.log(1.5)
    reading = by_segment(
        loyal=(float(np.exp(middle + spread)), spread), new=(float(np.exp(middle - spread)), spread)
    )
    found = measured_offer(unmeasured(effect_by_segment=True), reading)
    for name, sign in (("loyal", 1), ("new", -1)):
        ratios = found.segments[name].orders
        assert np.log(ratios[0]) == pytest.approx(middle + sign * spread / 2, abs=1e-4)
        reach = 1.959964 * spread * 0.5**0.5
        assert np.log(ratios[2] / ratios[0]) == pytest.approx(reach, rel=1e-3)


def test_a_list_takes_the_effect_of_each_customers_segment() -> None:
    reading = by_segment(loyal=(3.0, 1e-6), new=(1.0, 1e-6))
    found = measured_offer(unmeasured(effect_by_segment=True), reading)
    scores = customers(segment=["loyal", "new", "unheard of"])
    values = value_offers(scores, [found])
    p1 = [1 - 0.8**3, 0.2, 1 - 0.8**found.hazard_ratio]
    assert (values.p_order + values.effect)[:, 0].tolist() == pytest.approx(p1, abs=1e-4)
    with pytest.raises(UsageError, match="measured by segment, which the scores lack"):
        value_offers(customers(), [found])


def test_segments_that_later_scores_do_not_have_are_refused() -> None:
    with pytest.raises(UsageError, match="needs a measurement by segment or risk_band"):
        measured_offer(unmeasured(effect_by_segment=True), by_segment("stratum", p1m1=(1.0, 0.1)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"verdict": "invalid", "problems": ["no_control"]}, "cannot be read"),
        ({"window_days": 60}, "--window-days 30"),
        ({"metric": "orders"}, "--metric returned"),
        ({"by_offer": [{"offer": "gift"}]}, "measured gift"),
    ],
)
def test_a_measurement_of_something_else_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(WinbackError, match=said):
        measured_offer(unmeasured(), measurement(**changes))


def test_a_measurement_nobody_read_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"m\.json was not read"):
        plan_campaign(customers(), [unmeasured()], campaign_id="may")


# ------------------------------------------------------------------------ who is left in peace


def test_complaints_get_service_and_only_they_do() -> None:
    scores = customers(tickets_open=[1.0, 0.0, None])
    call = offer(name="say_sorry", kind="call", discount_share=None, for_complaint=True)
    plan = plan_campaign(
        scores, [offer(effect_pp=12), call], campaign_id="may", control_share=0,
        rules=ContactRules(complaint_column="tickets_open"),
    )  # fmt: skip
    assert plan.assignment["planned_offer"].tolist() == ["say_sorry", "ten_off", "ten_off"]
    alone = plan_campaign(
        scores, [offer(effect_pp=12)], campaign_id="may", control_share=0,
        rules=ContactRules(complaint_column="tickets_open"),
    )  # fmt: skip
    assert alone.decisions["reason"].tolist() == ["complaint", "offer", "offer"]


def test_service_without_a_column_of_complaints_is_refused() -> None:
    with pytest.raises(UsageError, match=r"ten_off is for_complaint, but target\.complaint_column"):
        plan_campaign(customers(), [offer(for_complaint=True)], campaign_id="may")
    with pytest.raises(UsageError, match=r"no column 'order_total'; nearest: orders_total"):
        plan_campaign(
            customers(), [offer()], campaign_id="may",
            rules=ContactRules(complaint_column="order_total"),
        )  # fmt: skip


def test_a_paying_subscriber_has_not_left() -> None:
    scores = customers(subscribed=[True, False, None])
    rules = ContactRules(subscriber_column="subscribed")
    assert reasons_of(scores, [offer(effect_pp=12)], rules=rules) == [
        "subscriber",
        "offer",
        "offer",
    ]


def past(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    names = ["customer_id", "assigned_at", "planned_offer", "campaign_id"]
    return pd.DataFrame(rows, columns=names)


def test_whoever_was_planned_lately_is_left_in_peace_treated_or_control() -> None:
    scores = customers(customer_id=["a", "b", "c", "d", "e"])  # cutoff 1 May 2024
    history = past(
        ("a", "2024-04-01", "ten_off", "april"),  # 30 days ago
        ("b", "2024-03-31", "ten_off", "april"),  # 31
        ("c", "2024-05-01", "ten_off", "other"),  # not before the cutoff
        ("d", "2024-04-20", "ten_off", "may"),  # this campaign's own, on an earlier run
    )
    found = reasons_of(
        scores, [offer(effect_pp=12)], rules=ContactRules(quiet_days=30), history=history
    )
    assert found == ["contacted_recently", "offer", "offer", "offer", "offer"]


def test_a_cap_counts_campaigns_of_365_days() -> None:
    scores = customers(customer_id=["a", "b"])
    history = past(
        ("a", "2023-05-02", "x", "one"), ("a", "2024-01-02", "x", "two"),
        ("b", "2023-05-01", "x", "one"), ("b", "2024-01-02", "x", "two"),
    )  # fmt: skip
    rules = ContactRules(contacts_per_year=2)
    # 2 May 2023 is 365 days before the leap year's 1 May, 1 May 2023 is 366.
    assert reasons_of(scores, [offer(effect_pp=12)], rules=rules, history=history) == [
        "contacted_recently", "offer",
    ]  # fmt: skip


def test_a_cap_counts_a_campaign_once_however_many_rows_it_has() -> None:
    scores = customers(customer_id=["a", "b", "c"])
    history = past(
        ("a", "2024-03-01", "x", "one"), ("a", "2024-03-01", "x", "one"),
        ("a", "2024-03-08", "x", "one"), ("b", "2024-03-01", "x", "one"),
        ("b", "2024-03-08", "x", "two"),
        # Without names, what left on one day is one campaign.
        ("c", "2024-03-01", "x", None), ("c", "2024-03-01", "x", None),
    )  # fmt: skip
    rules = ContactRules(contacts_per_year=2)
    assert reasons_of(scores, [offer(effect_pp=12)], rules=rules, history=history) == [
        "offer", "contacted_recently", "offer",
    ]  # fmt: skip


def test_peace_ends_so_many_days_after_the_list_left() -> None:
    scores = customers(customer_id=["a", "b"])
    history = past(("a", "2024-04-10", "x", "april"), ("a", "2024-04-20", "x", "later"))
    plan = plan_campaign(
        scores, [offer(effect_pp=12)], campaign_id="may", control_share=0,
        rules=ContactRules(quiet_days=30), history=history,
    )  # fmt: skip
    assert plan.decisions["in_peace_until"].tolist() == [date(2024, 5, 20), None]


def test_who_is_held_out_follows_the_year_in_which_the_offers_leave() -> None:
    scores = shop(500).assign(cutoff=date(2024, 12, 30))

    def held(leaves_on: date | None) -> set[str]:
        rules = ContactRules(holdout_share=0.1, leaves_on=leaves_on)
        plan = plan_campaign(scores, default_catalogue(60), campaign_id="x", salt="s", rules=rules)
        return set(plan.decisions.query("reason == 'universal_holdout'")["customer_id"])

    next_year = scores.assign(cutoff=date(2025, 1, 2))
    rules = ContactRules(holdout_share=0.1)
    plan = plan_campaign(next_year, default_catalogue(60), campaign_id="y", salt="s", rules=rules)
    then = set(plan.decisions.query("reason == 'universal_holdout'")["customer_id"])
    assert held(date(2025, 1, 2)) == then != held(None)


def test_offers_of_a_group_exclude_each_other_for_their_days() -> None:
    scores = customers(customer_id=["a", "b", "c"])
    coupon = offer(effect_pp=12, group="coupons", not_again_days=90)
    other = offer(name="five_off", discount_share=0.05, group="coupons", not_again_days=90)
    reminder = offer(name="hello", kind="content", discount_share=None, effect_pp=3)
    history = past(("a", "2024-03-01", "five_off", "x"), ("b", "2024-01-01", "five_off", "x"))
    plan = plan_campaign(
        scores, [coupon, other, reminder], campaign_id="may", control_share=0, history=history
    )
    # ten_off earns .6, five_off .05 * 35 - 1 - 1 = -.25, the reminder .03 * 40 - 1 = .2.
    assert plan.assignment["planned_offer"].tolist() == ["hello", "ten_off", "ten_off"]


def test_past_assignments_are_read_from_all_files_of_a_pattern(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    past(("01", "2024-03-01", "x", "one")).to_csv(tmp_path / "one/assignment.csv", index=False)
    rows = past(("02", "2024-03-01", "x", "two")).drop(columns="planned_offer")
    rows.to_csv(tmp_path / "two/assignment.csv", index=False)
    found = read_history(str(tmp_path / "*/assignment.csv"))
    assert found["customer_id"].tolist() == ["01", "02"]
    assert found["planned_offer"].isna().tolist() == [False, True]
    assert read_history(str(tmp_path / "*.parquet")).empty  # before the first campaign
    with pytest.raises(UsageError, match=r"no file is called .*three\.parquet"):
        read_history(str(tmp_path / "three.parquet"))
    (tmp_path / "bad.csv").write_text("customer_id,assigned_at\n1,soon\n")
    with pytest.raises(WinbackError, match=r"bad\.csv: assigned_at 'soon' is no date"):
        read_history(str(tmp_path / "bad.csv"))


def test_the_universal_holdout_is_the_same_in_all_campaigns_of_a_year_and_never_planned() -> None:
    scores, rules = shop(2000), ContactRules(holdout_share=0.05)
    held: list[set[str]] = []
    for campaign, day in (("may", "2024-05-01"), ("june", "2024-06-01"), ("next", "2025-05-01")):
        at = scores.assign(cutoff=date.fromisoformat(day))
        plan = plan_campaign(at, default_catalogue(60), campaign_id=campaign, salt="s", rules=rules)
        out = plan.decisions.query("reason == 'universal_holdout'")["customer_id"]
        assert not set(out) & set(plan.assignment["customer_id"])
        held.append(set(out))
    assert held[0] == held[1] != held[2]
    assert 60 < len(held[0]) < 140
    draw = int(hashlib.sha256(f"s|holdout|2024|{min(held[0])}".encode()).hexdigest(), 16) / 2**256
    assert draw < 0.05


# --------------------------------------------------------------- capacities and exploration


@settings(max_examples=12)
@given(st.integers(0, 30), st.integers(0, 20), st.floats(0, 40), st.floats(0, 0.3))
def test_capacity_stock_and_budgets_hold_after_the_draw(
    calls: int, stock: int, money: float, explore: float
) -> None:
    catalogue = [
        offer(name="call", kind="call", discount_share=None, channel="phone", effect_pp=8),
        offer(effect_pp=9, stock=stock),
        offer(name="post", kind="gift", discount_share=None, discount_amount=2, channel="post"),
    ]
    plan = plan_campaign(
        shop(150), catalogue, campaign_id="may", salt="s", control_share=0.3, budget=90,
        limits=Limits(
            explore_share=explore,
            channels={"phone": Channel(per_day=calls, days=2), "post": Channel(budget=money)},
        ),
    )  # fmt: skip
    listed = plan.assignment[plan.assignment["arm"] != "control"]["arm"].value_counts()
    assert listed.get("call", 0) <= 2 * calls
    assert listed.get("ten_off", 0) <= stock
    arms = plan.summary["arms"]
    assert arms.get("post", {"expected_cost": 0})["expected_cost"] <= money + 0.005
    assert plan.summary["expected_cost"] <= 90.005
    for limit in plan.summary["limits"].values():
        assert limit["used"] <= limit["amount"] + 0.005


def test_a_channel_that_no_offer_uses_is_refused() -> None:
    with pytest.raises(
        UsageError, match="no offer goes by 'phone'; the offers' channels are email"
    ):
        plan_campaign(
            customers(), [offer()], campaign_id="may", limits=Limits(channels={"phone": Channel()})
        )


def test_the_logged_chances_are_those_of_the_draws() -> None:
    # Two known offers and two to test. 3.655 points on average are 1.2 times the orders: the last
    # two kinds of customers are worth that one, (24 * .2 * .693 - 3 * .565 - 1 and so on), the
    # second both tests (1.29 times the orders), the first only the one without a contact.
    catalogue = [
        offer(name="good", discount_share=0.05, effect_pp=3.655),
        offer(name="dear", effect_pp=3),
        offer(name="new", kind="content", discount_share=None, effect_pp=None, effect_source=None),
        offer(
            name="newer", discount_share=0.02, contact_cost=0, effect_pp=None, effect_source=None
        ),
    ]
    kinds, copies = [(0.05, 100.0), (0.2, 100.0), (0.5, 60.0), (0.9, 40.0)], 1500
    scores = customers(
        customer_id=[f"{kind}-{copy}" for kind in range(4) for copy in range(copies)],
        p_return=[p for p, _ in kinds for _ in range(copies)],
        order_value_mean=[value for _, value in kinds for _ in range(copies)],
        orders_total=1000.0,
    )
    plan = plan_campaign(
        scores, catalogue, campaign_id="may", salt="s", control_share=0.3,
        limits=Limits(explore_share=0.4), beliefs=Beliefs(plausible_effect_pp=5),
    )  # fmt: skip
    rows = plan.assignment.assign(kind=plan.assignment["customer_id"].str[0])
    rows["weight"] = 1 / rows["plan_probability"]
    weighed = rows.pivot_table(
        index="kind", columns="planned_offer", values="weight", aggfunc="sum"
    )
    # Weighted by its inverse chance, each offer was planned once for everybody, within four
    # standard errors: by exploration alone the chance is a tenth.
    assert weighed.shape == (4, 4)
    assert weighed.to_numpy() / copies == pytest.approx(1, abs=4 * np.sqrt(9 / copies))
    # All three ways of choosing were met, also with an offer that the plan would take itself.
    assert set(rows["chosen_by"]) == {"gain", "test", "explore"}
    assert set(rows["plan_probability"]) == {0.1, 0.4, 0.7}


def test_exploration_reaches_those_whom_the_plan_passes_over_within_its_share() -> None:
    scores = shop(4000)
    catalogue = [offer(name="hello", kind="content", discount_share=None, effect_pp=3), offer()]
    plan = plan_campaign(
        scores,
        catalogue,
        campaign_id="may",
        salt="s",
        budget=4000,
        limits=Limits(explore_share=0.05),
    )
    assignment = plan.assignment
    explored = assignment[assignment["chosen_by"] == "explore"]
    assert plan.summary["n_explored"] == len(explored) > 50
    assert (explored["expected_gain"] < 0).any()
    assert set(explored["planned_offer"]) == {"hello", "ten_off"}
    assert plan.summary["expected_cost"] <= 4000
    # An offer that the policy would not have chosen was explored with half of the share at most.
    assert explored["plan_probability"].min() <= 0.025


def test_where_nobody_is_worth_an_offer_nobody_is_explored() -> None:
    # 9 of margin at 1.29 times the orders of every fifth customer never pay a call of 4.
    call = offer(
        name="call", kind="call", discount_share=None, margin_share=0.3, contact_cost=4,
        effect_pp=None, effect_source=None,
    )  # fmt: skip
    dear = offer(contact_cost=50)
    buyers = customers(customer_id=[f"c{i}" for i in range(300)], order_value_mean=20.0)
    plan = plan_campaign(buyers, [call, dear], campaign_id="may", limits=Limits(explore_share=0.3))
    assert plan.assignment.empty and plan.summary["n_explored"] == 0


# --------------------------------------------------------------------- what the plan is worth


def test_the_gain_has_an_interval_from_the_effect_and_from_the_level_of_returns() -> None:
    measured = offer(effect_pp=12, effect_low_pp=8, effect_high_pp=16)
    plan = plan_campaign(
        customers(),
        [measured],
        campaign_id="may",
        control_share=0,
        beliefs=Beliefs(level_error=0.1),
    )
    # Gain 2.3008; at 8 points 40 * log(.8 / .72) - 2.8 - 1 = .4144, at 16 points 4.3257. The
    # level's error: 1.96 * .1 * .2 * 10 = .392. Together 1.9266 below and 2.0626 above.
    assert (plan.summary["gain_low"], plan.summary["gain_high"]) == (0.37, 4.36)


def test_an_assumed_effect_may_be_nothing_or_twice_as_much_and_is_said_to_be_assumed() -> None:
    plan = plan_campaign(
        customers(), [offer(effect_pp=12)], campaign_id="may", control_share=0, salt="s",
        beliefs=Beliefs(level_error=0),
    )  # fmt: skip
    # At no effect -.2 * 10 - 1 = -3, at twice 40 * log(.8 / .56) - 4.4 - 1 = 8.87.
    assert (plan.summary["gain_low"], plan.summary["gain_high"]) == (-3.0, 8.87)
    assert [w["code"] for w in plan.summary["warnings"]] == ["offers.stated_effect"]


def test_a_salt_from_the_examples_is_warned_of() -> None:
    for salt, codes in (("change-me", ["offers.public_salt"]), ("our own", [])):
        plan = plan_campaign(
            shop(50), [offer(effect_source="measured")], campaign_id="may", salt=salt,
            control_share=0,
        )  # fmt: skip
        assert [w["code"] for w in plan.summary["warnings"]] == codes


def test_the_profit_curve_goes_from_nobody_to_all_whom_it_pays() -> None:
    scores = customers(p_return=[0.1, 0.15, 0.2, 0.6])
    plan = plan_campaign(
        scores, [offer(effect_pp=15.4375)], campaign_id="may", control_share=0.5, budget=8,
        salt="s", limits=Limits(reserve_share=0),
    )  # fmt: skip
    # Twice the hazard. 40 * -log(1 - p) - 10 * p1 - 1 is 1.3144, 2.7258, 4.3257 and 27.2516 at
    # costs of 2.9, 3.775, 4.6 and 9.4; half of the planned get it, the last one first.
    curve = plan.profit
    assert curve["customers"].tolist() == [0, 0.5, 1, 1.5, 2]
    assert curve["expected_cost"].tolist() == pytest.approx([0, 4.7, 7, 8.89, 10.34])
    assert curve["expected_gain"].tolist() == pytest.approx([0, 13.63, 15.79, 17.15, 17.81])
    assert (curve["low"] <= curve["expected_gain"]).all()
    assert curve["within_budget"].tolist() == [True, True, True, False, False]


def test_the_curve_of_an_unknown_effect_gives_its_ends_and_no_middle() -> None:
    plan = plan_campaign(shop(400), default_catalogue(60), campaign_id="may", salt="s")
    last = plan.profit.iloc[-1]
    assert pd.isna(last["expected_gain"]) and last["low"] < 0 < last["high"]
    assert plan.profit["customers"].is_monotonic_increasing
    # Without a limit the largest list is the planned one, of the size that was drawn.
    assert last["customers"] == plan.summary["n_listed"]


def test_a_test_is_designed_before_the_list_leaves() -> None:
    new = offer(kind="content", discount_share=None, effect_pp=None, effect_source=None)
    plan = plan_campaign(
        shop(4000),
        [new],
        campaign_id="may",
        salt="s",
        control_share=0.5,
        beliefs=Beliefs(plausible_effect_pp=5),
    )
    design = plan.summary["test"]
    assert design["readable_on"] == date(2024, 5, 31) and design["alpha"] == 0.05
    arm = design["offers"]["ten_off"]
    assert arm["n_treated"] + arm["n_control"] == plan.summary["n_planned"]
    # Two arms of about equal size: what each needs is what the textbook says, times their ratio.
    n = power_verdict(100, 100, arm["p_order"], effect_pp=arm["break_even_pp"])["n_needed_per_arm"]
    assert arm["n_control_needed"] == pytest.approx(n, rel=0.1)
    assert arm["campaigns_needed"] == -(-arm["n_treated_needed"] // arm["n_treated"])
    # A contact of 1 is all that it costs; knowing more cannot be worth less.
    assert arm["cost"] == arm["n_treated"]
    assert 0 <= arm["value"] <= arm["value_if_certain"]


def test_what_a_test_teaches_is_worth_the_unit_normal_loss() -> None:
    # Everybody alike: p0 = .2, margin 40, contact 1. The plausible effect of 5 points is .0645385
    # orders and brings 2.58154, 51.631 a whole point of one; b = 1 / 51.631.
    n = 2000
    new = offer(kind="content", discount_share=None, effect_pp=None, effect_source=None)
    plan = plan_campaign(
        customers(customer_id=[f"{i:04d}" for i in range(n)]), [new], campaign_id="may", salt="s",
        control_share=0.5, beliefs=Beliefs(plausible_effect_pp=5),
    )  # fmt: skip
    arm = plan.summary["test"]["offers"]["ten_off"]
    prior = 0.05 / 1.959964
    error = np.sqrt(0.16 * (1 / arm["n_treated"] + 1 / arm["n_control"]))
    draw = np.random.default_rng(0)
    truth = draw.normal(0, prior, 400_000)
    reading = truth + draw.normal(0, error, len(truth))
    believed = reading * prior**2 / (prior**2 + error**2)
    # Simulated: roll out where what is believed exceeds the break-even, and earn the truth.
    worth, even = 51.631, 1 / 51.631
    earned = np.where(believed > even, truth - even, 0).mean() * worth * n
    assert arm["value"] == pytest.approx(earned, rel=0.05)
    certain = np.maximum(truth - even, 0).mean() * worth * n
    assert arm["value_if_certain"] == pytest.approx(certain, rel=0.05)


def test_a_measured_catalogue_needs_no_test() -> None:
    plan = plan_campaign(customers(), [offer(effect_pp=12)], campaign_id="may")
    assert plan.summary["test"] is None


def test_the_seal_changes_with_an_arm_and_with_nothing_else() -> None:
    plan = plan_campaign(shop(200), default_catalogue(60), campaign_id="may", salt="s")
    sealed = plan.assignment
    assert plan.summary["seal"] == seal_of(sealed.iloc[::-1]) == seal_of(sealed.assign(p_return=0))
    other = sealed.assign(arm=["control", *sealed["arm"][1:]])
    assert sealed["arm"].iloc[0] != "control" and seal_of(other) != seal_of(sealed)


def test_strata_are_thirds_of_the_chance_and_of_the_margin_within_an_offer() -> None:
    plan = plan_campaign(shop(900), default_catalogue(60), campaign_id="may", salt="s")
    offers, cells = plan.assignment["planned_offer"], plan.assignment["stratum"].str.split(" ")
    assert (cells.str[0] == offers).all()
    ends = cells.str[1].str.split("-").explode()
    assert set(ends) <= {f"p{p}m{m}" for p in (1, 2, 3) for m in (1, 2, 3)}
    by_chance = plan.assignment.groupby([offers, cells.str[1].str[:2]])["p_return"].mean()
    for _, means in by_chance.groupby(level=0):
        assert means.is_monotonic_increasing


def test_exploration_uses_no_more_than_its_share_of_a_stock() -> None:
    scarce = offer(name="gift", kind="gift", discount_share=None, discount_amount=5, stock=54)
    hello = offer(name="hello", kind="content", discount_share=None, effect_pp=3)
    plan = plan_campaign(
        shop(4000),
        [hello, scarce],
        campaign_id="may",
        salt="s",
        limits=Limits(explore_share=0.1),
    )
    # A tenth of what may be planned, 54 / .9 = 60.
    explored = plan.assignment.query("chosen_by == 'explore'")["planned_offer"].value_counts()
    assert explored["gift"] == 6
    assert explored["hello"] > 40
