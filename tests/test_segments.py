"""Segments one can act on: their totals, what their members get and why the others do not."""

from datetime import date

import pandas as pd
import pytest

from winback.offers.contact import ContactRules
from winback.offers.eligibility import parse_eligibility
from winback.offers.plan import Beliefs, Limits, Plan, plan_campaign
from winback.results.segmented import Segmented

LABEL = {"en": "An offer", "pl": "Oferta"}


def offer(name: str, **changes: object) -> dict[str, object]:
    """A contact of 1 that wins 5 points, at a margin of 40 %."""
    return {
        "name": name, "kind": "content", "contact_cost": 1.0, "margin_share": 0.4,
        "valid_days": 30, "effect_pp": 5, "effect_source": "stated", "label": LABEL, **changes,
    }  # fmt: skip


def shop() -> pd.DataFrame:
    """Ten customers: four loyal, five asleep, one of no segment; orders of 100, 20 % a month."""
    rows = pd.DataFrame({"customer_id": [f"c{i}" for i in range(10)]})
    return rows.assign(
        cutoff=date(2024, 5, 1), horizon_days=30, p_return=0.2, orders_total=4.0,
        order_value_mean=100.0, refund_share=0.0, spend_total=[400.0] * 9 + [-100.0],
        expected_net_spend=20.0,
        segment=["loyal"] * 4 + ["about_to_sleep"] * 5 + [None],
        risk_band=["low"] * 3 + ["high"] * 6 + ["lost"],
        days_since_last_order=[10, 10, 40, 40, 50, 50, 60, 60, 90, 400],
        complaint=[0, 0, 0, 0, 0, 0, 0, 1, 0, 0],
    )  # fmt: skip


OFFERS = (
    offer("reminder", eligible="risk_band in ['high'] and days_since_last_order >= 40"),
    # Takes the whole margin: 40 of 100.
    offer("half_off", kind="percent_off", discount_share=0.5),
    offer("call", for_complaint=True, contact_cost=1e6),
    offer("large", min_basket=500.0, eligible="days_since_last_order < 100"),
)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_campaign(
        shop(), OFFERS, campaign_id="may", control_share=0.0, salt="s",
        rules=ContactRules(complaint_column="complaint"),
        limits=Limits(max_contacts=4, explore_share=0.0), beliefs=Beliefs(),
    )  # fmt: skip


def test_each_segment_has_its_totals(plan: Plan) -> None:
    found = plan.segmented
    loyal, asleep, none = found.segments
    assert (loyal.segment, asleep.segment, none.segment) == ("loyal", "about_to_sleep", "none")
    assert (found.customers, found.net_spend) == (10, 3500.0)
    assert (asleep.customers, asleep.share, asleep.net_spend) == (5, 0.5, 2000.0)
    assert asleep.revenue_share == pytest.approx(2000 / 3500, abs=1e-6)
    assert none.revenue_share == pytest.approx(-100 / 3500, abs=1e-6)
    assert (asleep.mean_risk, asleep.expected_returning, asleep.expected_value) == (0.8, 1.0, 100.0)
    assert (loyal.high_risk, loyal.high_risk_spend) == (1, 400.0)
    assert [(band.band, band.customers) for band in found.bands] == [
        ("high", 6), ("low", 3), ("lost", 1),
    ]  # fmt: skip


def test_each_member_gets_an_offer_or_has_one_reason(plan: Plan) -> None:
    loyal, asleep, none = plan.segmented.segments
    # Of five asleep one has a complaint; with the loyal c3 five want the four contacts.
    assert loyal.offers["reminder"].why_not["condition"] == 3
    wanting = [each.offers["reminder"] for each in (loyal, asleep)]
    assert sum(each.n for each in wanting) == 4
    assert sum(each.why_not.get("budget", 0) for each in wanting) == 1
    others = {name: each.why_not for name, each in loyal.offers.items() if name != "reminder"}
    assert others == {
        "half_off": {"cannot_pay": 4},
        "call": {"no_complaint": 4},
        "large": {"min_basket": 4},
    }
    assert asleep.offers["call"].why_not == {"impossible": 1, "no_complaint": 4}
    assert asleep.offers["reminder"].why_not["complaint"] == 1
    # c0 and c1 fail both parts, c2 is of low risk alone.
    assert plan.segmented.offers["reminder"].parts == (
        "risk_band in ['high']", "days_since_last_order >= 40",
    )  # fmt: skip
    assert loyal.offers["reminder"].unmet == (3, 2)
    assert none.offers["reminder"].why_not == {"sent_back": 1} == none.reasons


def adds_up(plan: Plan) -> None:
    """Everybody once: in segments, in bands, in reasons and, for each offer, somewhere."""
    found, target = plan.segmented, plan.summary
    assert sum(s.customers for s in found.segments) == found.customers == target.n_scored
    assert sum(b.customers for b in found.bands) == found.customers
    assert sum(s.share for s in found.segments) == pytest.approx(1, abs=1e-5)
    for reason, n in target.reasons.items():
        assert sum(s.reasons.get(reason, 0) for s in found.segments) == n
    for name in found.offers:
        arms = [s.offers[name] for s in found.segments]
        assert sum(a.n for a in arms) == (target.arms[name].n if name in target.arms else 0)
        planned = int((plan.assignment["planned_offer"] == name).sum())
        assert sum(a.n + a.control for a in arms) == planned
        for s in found.segments:
            each = s.offers[name]
            assert each.n + each.control + sum(each.why_not.values()) == s.customers
            condition = each.why_not.get("condition", 0)
            assert all(n <= condition for n in each.unmet) and sum(each.unmet) >= condition


def test_everybody_is_counted_once(plan: Plan) -> None:
    adds_up(plan)
    wide = pd.concat([shop()] * 8, ignore_index=True)
    wide["customer_id"] = [f"{'abcdefgh'[k // 10]}-c{k % 10}" for k in range(80)]
    privacy = pd.DataFrame({
        "customer_id": ["a-c4", "b-c4"], "no_marketing": [True, False],
        "barred_channels": [None, "email"],
    })  # fmt: skip
    history = pd.DataFrame({
        "customer_id": ["c-c5", "d-c5"], "assigned_at": [date(2024, 4, 20), date(2024, 2, 1)],
        "planned_offer": ["reminder", "reminder"],
    })  # fmt: skip
    offers = [{**OFFERS[0], "not_again_days": 200}, *OFFERS[1:], offer("test", effect_pp=None,
              effect_source=None, channel="sms")]  # fmt: skip
    drawn = plan_campaign(
        wide, offers, campaign_id="may", control_share=0.3, salt="s", privacy=privacy,
        history=history, limits=Limits(max_contacts=12, explore_share=0.2),
        rules=ContactRules(complaint_column="complaint", quiet_days=30, holdout_share=0.1),
    )  # fmt: skip
    adds_up(drawn)
    found = {name: 0 for name in ("no_contact", "contacted_recently", "had_before", "no_channel",
                                  "universal_holdout", "other_offer", "budget")}  # fmt: skip
    for segment in drawn.segmented.segments:
        for each in segment.offers.values():
            for reason in found:
                found[reason] += each.why_not.get(reason, 0)
    assert all(found.values()), found
    assert Segmented.from_json(drawn.segmented.to_json(), "-") == drawn.segmented


def test_without_chances_segments_or_offers_nothing_is_made_up() -> None:
    bare = shop().drop(columns=["segment", "risk_band", "expected_net_spend"]).assign(p_return=None)
    bare["p_return"] = bare["p_return"].astype("float64")
    plan = plan_campaign(bare, [], campaign_id="may", salt="s")
    (only,) = plan.segmented.segments
    assert (only.segment, only.customers, only.offers) == ("none", 10, {})
    assert only.mean_risk is only.expected_returning is only.expected_value is None
    adds_up(plan)
    empty = plan_campaign(shop().head(0), OFFERS, campaign_id="may", salt="s",
                          rules=ContactRules(complaint_column="complaint"))  # fmt: skip
    assert empty.segmented.segments == empty.segmented.bands == ()


def test_a_condition_falls_into_what_must_hold_together() -> None:
    def parts(text: str) -> list[str]:
        return [part.text for part in parse_eligibility(text).parts]

    assert parts("a > 1 and (b < 2 or c) and not d") == ["a > 1", "b < 2 or c", "not d"]
    assert parts("a > 1 or b < 2") == ["a > 1 or b < 2"]
    assert parts(" ") == []
