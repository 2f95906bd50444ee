"""What a list spends on learning, and what earlier contacts leave of an effect."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from test_offers import customers, offer, shop
from winback.campaign.reading import read_assignment
from winback.campaign.taught import moved_of
from winback.effects.worn import learn_wear
from winback.offers.chances import read_chances
from winback.offers.fading import Wear, fading_of
from winback.offers.plan import Beliefs, Limits, Plan, plan_campaign
from winback.offers.pulled import moved_share
from winback.offers.reactions import Reactions
from winback.offers.worth import value_offers
from winback.results.measured import PastMeasurement
from winback.results.planned import PulledForward
from winback.results.reacted import LearnedOffer, Reacted
from winback.said.offers import exploration, lessened
from winback.said.words import Words


def test_an_effect_fades_with_earlier_contacts_and_a_harm_does_not() -> None:
    scores, fresh = customers(p_return=[0.2] * 3), offer(effect_pp=16.0)
    helps = value_offers(scores, [fresh], fading=np.array([[1.0], [0.5], [0.0]]))
    # Twice the hazard; half of its logarithm is 1.4142 times, none of it no effect at all.
    assert helps.effect[:, 0] == pytest.approx([0.16, 0.8 - 0.8**2**0.5, 0])
    assert helps.gain[2, 0] == pytest.approx(-helps.idle[2, 0])
    harms = value_offers(scores, [offer(effect_pp=-5)], fading=np.array([[1.0], [0.5], [0.0]]))
    assert harms.effect[:, 0] == pytest.approx([-0.05] * 3)


# --- who is explored, and with which chances ---------------------------------------------------

CATALOGUE = [
    offer(name="hello", kind="content", discount_share=None, effect_pp=3),
    offer(),
    offer(name="gift", kind="gift", discount_share=None, discount_amount=5, effect_pp=None,
          effect_source=None),
]  # fmt: skip


def plan_of(n: int = 600, salt: str = "s", explore: float = 0.1, **more: object) -> Plan:
    given = {"control_share": 0.1, "offers": CATALOGUE, **more}
    offers = given.pop("offers")
    return plan_campaign(
        shop(n), offers, campaign_id="may", salt=salt,
        limits=Limits(explore_share=explore, reserve_share=0), **given,
    )  # fmt: skip


@pytest.fixture(scope="module")
def many() -> list[Plan]:
    """The same list drawn with forty salts."""
    return [plan_of(200, str(salt), 0.3, control_share=0.3) for salt in range(40)]


def test_every_arm_is_drawn_as_often_as_it_was_logged(many: list[Plan]) -> None:
    arms = ["control", "hello", "ten_off", "gift"]
    ids = shop(200)["customer_id"]
    came, logged, seen = np.zeros((200, 4)), np.zeros((200, 4)), np.zeros(200)
    for plan in many:
        rows = plan.assignment.set_index("customer_id").reindex(ids)
        for j, arm in enumerate(arms):
            came[:, j] += (rows["arm"] == arm).to_numpy()
        told = read_chances(rows["arm_probabilities"])
        here = rows["arm"].notna().to_numpy()
        logged[here] += told.reindex(columns=arms).fillna(0).to_numpy()[here]
        seen += here
    chance = logged / np.maximum(seen, 1)[:, None]
    # Of whoever was hardly ever planned the chance was hardly ever told.
    known = seen > 10
    assert known.sum() > 50
    assert (chance.sum(axis=1) <= 1 + 1e-6).all()
    off = (came - len(many) * chance)[known] / np.sqrt(len(many))
    width = np.sqrt(np.maximum(chance * (1 - chance), 0.02))[known]
    assert np.abs(off / width).max() < 4.5
    # Over everybody the arms are as full as their chances.
    shares = [of[known].sum(axis=0) / known.sum() for of in (came / len(many), chance)]
    assert shares[0] == pytest.approx(shares[1], abs=0.02)


@settings(deadline=None, max_examples=4)
@given(st.integers(0, 400), st.sampled_from([0.05, 0.1, 0.2]), st.sampled_from([None, 150, 40]))
def test_the_explored_are_a_share_of_the_list_and_of_its_budget(salt, explore, budget) -> None:
    plan = plan_of(600, str(salt), explore, budget=budget)
    rows = plan.assignment
    told = read_chances(rows["arm_probabilities"])
    own = told.to_numpy()[np.arange(len(rows)), told.columns.get_indexer(rows["arm"])]
    assert (own > 0).all() and (told.to_numpy() >= 0).all() and (told.sum(axis=1) <= 1 + 5e-6).all()
    offers = [name for name in told if name != "control"]
    # Planned an offer and held out or not: both are a part of the chance to be planned it.
    planned = told[offers].sum(axis=1) + told["control"]
    assert told["control"].to_numpy() == pytest.approx(0.1 * planned, abs=0.02)
    assert (rows["plan_probability"] <= planned + 1e-5).all()
    explored = rows["chosen_by"] == "explore"
    # Five standard errors of a draw, and no more than that share of the money where it is short.
    most = explore * len(rows)
    assert explored.sum() <= most + 5 * np.sqrt(most) + 1
    assert plan.summary.expected_cost <= (budget or np.inf)
    again = plan_campaign(
        shop(600).sample(frac=1, random_state=salt), CATALOGUE, campaign_id="may", salt=str(salt),
        budget=budget, limits=Limits(explore_share=explore, reserve_share=0),
    )  # fmt: skip
    pd.testing.assert_frame_equal(again.assignment, rows)
    assert again.summary == plan.summary


def test_a_list_of_unknown_effects_is_a_test_and_nothing_more() -> None:
    new = [each.model_copy(update={"effect_pp": None, "effect_source": None}) for each in CATALOGUE]
    plan, plain = plan_of(offers=new), plan_of(explore=0.0, offers=new)
    pd.testing.assert_frame_equal(plan.assignment, plain.assignment)
    assert plan.summary.n_explored == 0 and plan.summary.exploration is None


def test_what_is_shown_to_harm_is_not_explored_nor_what_is_told_not_to_be() -> None:
    harm = offer(name="harm", kind="content", discount_share=None, effect_pp=-4,
                 effect_low_pp=-6, effect_high_pp=-2)  # fmt: skip
    unsure = harm.model_copy(update={"name": "unsure", "effect_high_pp": 1.0})
    plan = plan_of(2000, explore=0.3, offers=[CATALOGUE[0], harm, unsure])
    assert set(plan.assignment["planned_offer"]) == {"hello", "unsure"}
    told = plan_campaign(
        shop(2000), [CATALOGUE[0], unsure, offer()], campaign_id="may", salt="s",
        limits=Limits(explore_share=0.3, unexplored=["unsure"]),
    )  # fmt: skip
    assert set(told.assignment["planned_offer"]) == {"hello", "ten_off"}


# --- what it costs and what it is worth --------------------------------------------------------


def test_exploration_costs_what_the_list_earns_less_than_the_best_one() -> None:
    whole, plain = (
        plan_of(3000, offers=CATALOGUE[:2]),
        plan_of(3000, explore=0, offers=CATALOGUE[:2]),
    )
    found = whole.summary.exploration
    assert plain.summary.exploration is None and found is not None
    rows = whole.assignment[whole.assignment["chosen_by"] == "explore"]
    assert found.n_planned == len(rows) == whole.summary.n_explored
    listed = rows[rows["arm"] != "control"]
    assert found.n_listed == len(listed) == sum(each.n_listed for each in found.offers.values())
    # The best offer for each of them is what the list without exploration has planned for her.
    best = plain.assignment.set_index("customer_id")["expected_gain"].astype(float)
    mine = listed.set_index("customer_id")["expected_gain"].astype(float)
    given_up = (best.reindex(mine.index).fillna(0) - mine).sum()
    assert found.cost == pytest.approx(given_up, abs=0.05)
    assert found.cost > 0 and found.worth > 0


def test_what_is_learnt_is_worth_more_the_less_is_known_and_the_more_lists_follow() -> None:
    def worth(width: float, campaigns: int = 0) -> float:
        sure = [
            CATALOGUE[0].model_copy(
                update={"effect_low_pp": 3 - width, "effect_high_pp": 3 + width}
            ),
            CATALOGUE[1].model_copy(
                update={"effect_low_pp": 5 - width, "effect_high_pp": 5 + width}
            ),
        ]
        past = pd.DataFrame({
            "customer_id": ["x"] * campaigns, "campaign_id": [f"c{i}" for i in range(campaigns)],
            "assigned_at": pd.Timestamp("2024-03-01"),
        })  # fmt: skip
        plan = plan_of(3000, offers=sure, history=past)
        assert plan.summary.exploration is not None
        assert plan.summary.exploration.lists == max(campaigns, 1)
        return plan.summary.exploration.worth

    narrow, wide = worth(0.01), worth(4.0)
    assert narrow < 0.01 * wide
    assert worth(4.0, campaigns=6) == pytest.approx(6 * wide, abs=0.1)


def test_the_picture_of_all_sizes_ends_at_the_list_with_its_explored_part() -> None:
    plan = plan_of(3000, offers=CATALOGUE[:2])
    last = plan.profit.iloc[-1]
    assert last["customers"] == pytest.approx(plan.summary.n_listed, abs=0.2)
    # The curve takes both arms in proportion; the list is as drawn.
    assert last["expected_gain"] == pytest.approx(plan.summary.expected_gain, rel=0.05)


def test_the_lines_in_the_docs_find_who_is_explored_and_with_what() -> None:
    told: dict[str, Any] = {}
    text = (Path(__file__).parents[1] / "docs" / "draw.md").read_text(encoding="utf-8")
    for lines in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(lines, told)
    rows = plan_of(1500, explore=0.2, offers=[*CATALOGUE[:2], offer(name="less", effect_pp=1)])
    for row in rows.assignment.itertuples():
        drawn = ("s", "may", row.customer_id, row.arm_probabilities)
        assert told["explored"](*drawn) == (row.chosen_by == "explore")
        if row.chosen_by == "explore":
            assert told["dealt"](*drawn) == row.planned_offer


def test_what_is_explored_is_told_in_both_languages_with_its_price() -> None:
    plan = plan_of(3000, offers=CATALOGUE[:2]).summary
    found = plan.exploration
    assert found is not None
    for language in ("en", "pl"):
        words = Words(language, "PLN")
        (said,) = exploration(plan, words)
        for amount in (found.cost, found.worth):
            assert words.money(amount, 0) in said
        assert f"{found.n_listed}" in said and "target.explore_share" in said
    told = found.model_copy(update={"lists": 7, "rests_on": "intervals"})
    (said,) = exploration(plan.model_copy(update={"exploration": told}), Words("pl"))
    assert "7" in said and "zmierzonych" in said


def test_an_assignment_of_before_has_no_chances_and_is_read() -> None:
    found = read_chances(pd.Series(["control=0.1 a=0.9", None, "a=0.5 b=0.3 control=0.2"]))
    assert found["a"].tolist()[0] == 0.9 and found.loc[2, "b"] == 0.3 and found.loc[0, "b"] == 0
    assert found.loc[1].isna().all()
    old = plan_of(300).assignment.drop(columns="arm_probabilities")
    rows, _ = read_assignment(old, "control", None)
    assert rows["arm_probabilities"].isna().all() and len(rows) == len(old)


# --- what earlier lists leave of an effect, and what was only moved ----------------------------


def past_lists(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(
        {"customer_id": "c0", "campaign": ["a", "b"], "planned_offer": "ten_off", "days_ago": 90}
        | columns
    )


def test_each_earlier_list_takes_its_share_of_what_is_left() -> None:
    ids, offers = np.array(["c0", "c1"], object), [offer(), offer(name="hello")]
    left = fading_of(ids, past_lists(), offers, Wear(share=0.2))
    assert left is not None
    # After 90 days two lists count as one of today, and of another offer half as much.
    assert left == pytest.approx(np.array([[0.8, 0.8**0.5], [1, 1]]))
    grouped = [each.model_copy(update={"group": "g", "not_again_days": 1}) for each in offers]
    same = fading_of(ids, past_lists(), grouped, Wear(share=0.2))
    assert same is not None and same[0] == pytest.approx([0.8, 0.8])
    unnamed = fading_of(ids, past_lists(planned_offer=None), offers, Wear(share=0.2))
    assert unnamed is not None and unnamed[0] == pytest.approx([0.8**0.5] * 2)
    assert fading_of(ids, past_lists(days_ago=366), offers, Wear()) is None
    assert fading_of(ids, past_lists(), offers, Wear(share=0)) is None
    assert fading_of(ids, past_lists(customer_id="x"), offers, Wear()) is None


def test_a_plan_reckons_with_less_of_who_had_lists_and_says_on_what_it_rests() -> None:
    ids = shop(300)["customer_id"]
    past = pd.DataFrame({
        "customer_id": ids, "campaign_id": "april", "planned_offer": "hello",
        "assigned_at": pd.Timestamp("2024-04-01"), "arm": ["control", *ids[1:]],
    })  # fmt: skip
    fresh, worn = plan_of(300, explore=0).summary, plan_of(300, explore=0, history=past).summary
    assert fresh.wear is None and worn.wear is not None
    assert worn.wear.source == "assumed" and worn.wear.n == worn.n_planned
    assert 0.9 < worn.wear.left < 1 and worn.expected_cost < fresh.expected_cost
    none = plan_of(300, explore=0, history=past, beliefs=Beliefs(wear=Wear(0.0, "stated"))).summary
    assert none.expected_cost == fresh.expected_cost
    moved = [each.model_copy(update={"pull_forward_share": 0.25}) for each in CATALOGUE[:1]]
    stated = plan_of(300, explore=0, offers=[*moved, CATALOGUE[1]], history=past).summary
    assert stated.pull_forward["hello"] == PulledForward(share=0.25, source="stated")
    assert stated.pull_forward["ten_off"].source == "assumed"
    for language, words in (("en", ("%", "Nobody has measured it")), ("pl", ("%", "Nikt tego"))):
        said = lessened(stated, Words(language), {"hello": "Hello!"})
        assert len(said) == 3 and "Hello!" in said[1] and "ten_off" in said[2]
        assert all(word in said[0] for word in words)


def reading(within: float, after: float, error: float = 0.005) -> PastMeasurement:
    def ends(value: float, width: float) -> dict[str, float]:
        return {"effect": value, "low": value - 1.96 * width, "high": value + 1.96 * width}

    later = {
        "days": 90,
        "orders": ends(within + after, error * 2**0.5),
        "orders_after_window": ends(after, error),
    }
    shorter = {"days": 30, "orders": ends(within, error), "orders_after_window": None}
    return PastMeasurement.model_validate({"later": [shorter, later]})


@pytest.mark.parametrize(
    ("measured", "stated", "share"),
    [
        # Half of ten orders a hundred are missed afterwards; the reading's error is hardly felt.
        (reading(0.1, -0.05), 0.0, 0.475),
        (reading(0.1, -0.05), 0.5, 0.5),
        # Twice as many missed as won, and more came afterwards too.
        (reading(0.1, -0.2), 0.0, 1.0),
        (reading(0.1, 0.05), 0.0, 0.0),
        # An error as large as what is thought of it beforehand: half the way.
        (reading(0.1, -0.05, 0.0224), 0.0, 0.25),
        # No orders were won for certain, or the window was as long as the reading.
        (reading(0.005, -0.005), 0.0, None),
        (PastMeasurement(), 0.3, None),
    ],
)
def test_orders_missed_after_the_window_were_moved_as_far_as_that_is_sure(
    measured, stated, share
) -> None:
    found = moved_share(measured, stated)
    assert found == (None if share is None else pytest.approx(share, abs=0.02))


def test_a_measurement_says_which_orders_were_only_moved() -> None:
    told = reading(0.1, -0.05).model_dump()
    told |= {
        "verdict": "works", "window_days": 30, "returned": {
            "effect": 0.05, "low": 0.04, "high": 0.06, "mean_control": 0.2,
            "hazard_ratio": {"value": 1.3, "low": 1.2, "high": 1.4},
        },
    }  # fmt: skip
    past = PastMeasurement.model_validate(told)
    named = offer(
        kind="content", discount_share=None, contact_cost=0.1, effect_pp=None, effect_source=None,
        effect_from="m.json",
    )  # fmt: skip
    plan = plan_of(300, offers=[named], beliefs=Beliefs(measurements={"m.json": past}))
    found = plan.summary.pull_forward["ten_off"]
    assert found.source == "measured" and 0.4 < found.share < 0.5
    assert plan.offers[0].pull_forward_share == found.share


def lists_that_left(share: float, ratio: float, n: int, seed: int) -> dict[str, np.ndarray]:
    """Two offers on several lists, with orders as they are where each list takes a share."""
    rng = np.random.default_rng(seed)
    offer_of, treated = rng.integers(0, 2, n), rng.random(n) < 0.8
    met = rng.choice([0.0, 0.5, 1.0, 2.0, 4.0], n)
    expected = rng.gamma(0.8, 0.4, n)
    # Whoever met lists orders more anyway: that is no wear.
    level = 1 + 0.3 * (met > 0)
    orders = rng.poisson(expected * level * ratio ** (treated * (1 - share) ** met))
    return {
        "offer": offer_of, "treated": treated, "weight": np.full(n, 0.2), "orders": orders * 1.0,
        "expected": expected, "met": met,
    }  # fmt: skip


def test_lists_that_left_show_what_each_takes_where_they_can() -> None:
    for share in (0.02, 0.3):
        found = learn_wear(**lists_that_left(share, 1.8, 16_000, 3), thought=0.1)
        assert found is not None and found.share == pytest.approx(share, abs=0.08)
        assert found.error < 0.06
    # Few people, or an offer that does nothing, tell nothing of what is worn out.
    assert learn_wear(**lists_that_left(0.3, 1.8, 300, 3), thought=0.1) is None
    assert learn_wear(**lists_that_left(0.3, 1.0, 16_000, 3), thought=0.1) is None
    first = lists_that_left(0.3, 1.8, 2000, 3)
    assert learn_wear(**first | {"met": np.zeros(2000)}, thought=0.1) is None


def test_lists_that_left_tell_which_orders_were_only_moved_and_how_worn_effects_are() -> None:
    rng, n = np.random.default_rng(5), 8000
    treated = rng.random(n) < 0.8
    orders, after = rng.poisson(np.where(treated, 0.6, 0.4)), rng.poisson(1 - 0.1 * treated)
    rows = pd.DataFrame({
        "treated": treated, "weight": 0.2 * ~treated + 0.1, "orders": orders * 1.0,
        "after": after * 1.0,
    })  # fmt: skip
    found = moved_of(rows)
    assert found is not None
    assert found[0] == pytest.approx(0.5, abs=3 * found[1]) and found[1] < 0.25
    assert moved_of(rows.assign(after=np.nan)) is None
    assert moved_of(rows.assign(orders=0.4)) is None
    told = dict.fromkeys(LearnedOffer.model_fields) | {
        "name": "ten_off", "kind": "percent_off", "valid_days": 30, "in_catalogue": True,
        "state": "tested_on", "campaigns": 2, "treated": 1, "control": 1, "last": date(2024, 1, 1),
        "moved_share": 0.5, "moved_error": 0.25,
    }  # fmt: skip
    learned = dict.fromkeys(Reacted.model_fields) | {
        "half_life_days": 1, "campaigns": 2, "people": 9, "columns": (), "other_terms": (),
        "offers": [told], "left_out": (), "not_learned_from": 0,
    }  # fmt: skip
    reactions = Reactions(Reacted.model_validate(learned), pd.DataFrame({"offer": []}))
    # As wide as what is thought beforehand: half the way from what the catalogue states.
    assert reactions.moved([offer(), offer(name="else")]) == {"ten_off": 0.25}
    assert reactions.moved([offer(pull_forward_share=0.3)]) == {"ten_off": 0.4}
    plan = plan_of(600, offers=CATALOGUE[:2], beliefs=Beliefs(moved={"ten_off": 0.2}))
    assert plan.summary.pull_forward["ten_off"] == PulledForward(share=0.2, source="measured")
