"""Who is held out of a list, what a contact costs, and how much a list of a size can show."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from test_offers import customers, offer, shop
from winback.campaign.estimates import compare
from winback.offers.catalogue import default_catalogue
from winback.offers.costs import USUAL_PRICES, reckoned_contact
from winback.offers.holding import hold_out
from winback.offers.plan import Beliefs, Channel, Limits, plan_campaign
from winback.offers.power import LEAST_IN_ARM, power_verdict, sizes_needed
from winback.offers.worth import value_offers
from winback.results.offered import Offer
from winback.results.planned import OfferTrial, Planned
from winback.said.offers import TEXTS, best_alone, contact_prices, power, trial
from winback.said.words import Words

# --- what a contact costs ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "currency", "price", "assumed"),
    [
        ({"contact_cost": 0.3}, "PLN", 0.3, False),
        ({"contact_cost": 0}, "PLN", 0.0, False),
        ({"contact_cost": None}, "PLN", 0.016, True),
        ({"contact_cost": None, "channel": "SMS"}, "pln", 0.11, True),
        ({"contact_cost": None, "channel": "push"}, "", 0.0, True),
        ({"contact_cost": None}, "", 0.0, True),
        ({"contact_cost": None}, "XAF", 0.0, True),
        ({"contact_cost": None, "channel": "pigeon"}, "PLN", 0.0, True),
        ({"contact_cost": None, "kind": "call", "discount_share": None}, "EUR", 4.1, True),
    ],
)
def test_a_contact_costs_what_the_shop_says_or_what_its_channel_usually_does(
    changes, currency, price, assumed
) -> None:
    assert reckoned_contact(offer(**changes), currency) == (price, assumed)
    values = value_offers(customers(), [offer(**changes)], currency=currency)
    free = value_offers(customers(), [offer(**{**changes, "contact_cost": 0})])
    assert values.idle - free.idle == pytest.approx(price)


def test_every_usual_price_names_who_says_so() -> None:
    assert all(0 <= usual.low <= usual.high for usual in USUAL_PRICES.values())
    assert all(usual.source for usual in USUAL_PRICES.values())


def test_what_was_assumed_of_contacts_is_in_the_plan_and_said() -> None:
    assert [offer.contact_cost for offer in default_catalogue(60)] == [None] * 3
    mine, theirs, far = (
        offer(),
        offer(name="b", contact_cost=None),
        offer(name="c", contact_cost=None, channel="pigeon"),
    )
    plan = plan_campaign(customers(), [mine, theirs, far], campaign_id="may", currency="PLN")
    assumed = plan.summary.assumed
    assert assumed is not None
    assert assumed.contact_cost == (0.0, 1.0)
    found = {name: (of.price, of.low, of.high) for name, of in assumed.contacts.items()}
    assert found == {"b": (0.016, 0.005, 0.05), "c": (0.0, None, None)}
    told = {fact.code: fact for fact in plan.summary.warnings}
    assert told["offers.contact_assumed"].values["offers"] == ("b",)
    assert told["offers.contact_unknown"].values["offers"] == ("c",)
    said = Words("en", currency="PLN").fill(
        TEXTS["contact_assumed"], told["offers.contact_assumed"].values
    )
    assert "zł0.005 to zł0.050" in said.replace("\xa0", "") or "0.005" in said
    quiet = plan_campaign(customers(), [mine], campaign_id="may", currency="PLN", salt="s")
    assert not quiet.summary.warnings or all(
        "contact" not in fact.code for fact in quiet.summary.warnings
    )


# --- who is held out ---------------------------------------------------------------------------

OFFERS = ("call", "reminder", "ten_off")


def drawn(n: int, share: float, seed: int, start: float, offers: int = 3) -> pd.DataFrame:
    """A draw among made-up planned customers."""
    rng = np.random.default_rng(seed)
    names = np.array(OFFERS[:offers], object)[rng.integers(offers, size=n)]
    held = hold_out(
        names, rng.random(n), rng.lognormal(size=n), rng.random(n), share=share, start=start
    )
    return pd.DataFrame(
        {
            "planned_offer": names,
            "stratum": held.stratum,
            "control": held.control,
            "probability": held.probability,
        }
    )


def off_share(rows: pd.DataFrame, share: float, by: str | None = None) -> float:
    """By how many customers the control differs from its share, at most."""
    groups = [rows] if by is None else [group for _, group in rows.groupby(by)]
    return max(abs(group["control"].sum() - share * len(group)) for group in groups)


@settings(deadline=None, max_examples=30)
@given(
    n=st.integers(2, 400),
    share=st.sampled_from([0.05, 0.1, 0.2, 1 / 3, 0.5, 0.8]),
    seed=st.integers(0, 10_000),
    start=st.floats(0, 1, exclude_max=True),
)
def test_control_is_its_share_of_all_of_each_offer_and_of_each_stratum(
    n, share, seed, start
) -> None:
    rows = drawn(n, share, seed, start)
    for by in (None, "planned_offer", "stratum"):
        assert off_share(rows, share, by) < 1
    assert 0 < rows["control"].sum() < n
    assert rows["probability"].between(0, 1, inclusive="neither").all()
    for (_, _), group in rows.groupby(["planned_offer", "stratum"]):
        k, size = group["control"].sum(), len(group)
        if 0 < k < size:
            logged = group["probability"].where(group["control"], 1 - group["probability"])
            assert logged.to_numpy() == pytest.approx(k / size)
    large = rows.groupby("planned_offer").filter(
        lambda group: len(group) * min(share, 1 - share) >= 1
    )
    if len(large) and n * min(share, 1 - share) >= 1:
        per = large.groupby("stratum")["control"].agg(["sum", "size"])
        assert ((per["sum"] > 0) & (per["sum"] < per["size"])).all()


def test_a_hundred_and_forty_nine_at_a_tenth_hold_out_fifteen() -> None:
    # Each by a hash of their own they were six once.
    assert {int(drawn(149, 0.1, seed, seed / 50)["control"].sum()) for seed in range(50)} == {
        14,
        15,
    }


def test_everybody_of_a_stratum_is_as_likely_to_be_control() -> None:
    names, margin = np.full(40, "mail", object), np.ones(40)
    held = np.zeros(40)
    for seed in range(800):
        rng = np.random.default_rng(seed)
        found = hold_out(
            names, np.linspace(0, 1, 40), margin, rng.random(40), share=0.15, start=rng.random()
        )
        held += found.control
    assert held.sum() == pytest.approx(800 * 6, rel=0.001)
    # Four standard errors of a share of 15 % among 800 draws.
    assert np.abs(held / 800 - 0.15).max() < 4 * np.sqrt(0.15 * 0.85 / 800)


@pytest.mark.parametrize(
    ("n", "share", "control"),
    [(1, 0.1, 0), (2, 0.1, 1), (3, 0.1, 1), (9, 0.1, 1), (5, 0.95, 4), (7, 0.0, 0)],
)
def test_a_short_list_has_a_control_and_somebody_to_compare_it_with(n, share, control) -> None:
    for seed in range(20):
        rows = drawn(n, share, seed, seed / 20, offers=1)
        assert rows["control"].sum() == control
        assert (rows["probability"] > 0).all()


def test_ten_lines_from_the_docs_recompute_every_arm() -> None:
    text = (Path(__file__).parents[1] / "docs" / "draw.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert found is not None
    told: dict[str, object] = {}
    exec(found[1], told)
    for share, explore in ((0.1, 0.0), (0.33, 0.2)):
        plan = plan_campaign(
            shop(), default_catalogue(60), campaign_id="may", salt="s", control_share=share,
            limits=Limits(explore_share=explore), budget=150,
        )  # fmt: skip
        rows = plan.assignment
        columns = ["customer_id", "planned_offer", "stratum"]
        planned = list(rows[columns].itertuples(index=False, name=None))
        by_hand = told["arms"]("s", "may", share, planned)  # type: ignore[operator]
        assert by_hand == dict(zip(rows["customer_id"], rows["arm"], strict=True))
        number = told["number"]
        assert rows["draw"].tolist() == [number("s", "may", c) for c in rows["customer_id"]]  # type: ignore[operator]
        assert set(rows["arm"]) > {"control"}


@settings(deadline=None, max_examples=12)
@given(seed=st.integers(0, 500), share=st.sampled_from([0.1, 0.3, 0.5]))
def test_every_limit_is_kept_by_whoever_is_listed(seed, share) -> None:
    catalogue = [
        offer(name="ten_off", effect_pp=12, channel="sms"),
        offer(name="gift", kind="gift", discount_share=None, discount_amount=3, effect_pp=14,
              channel="sms", stock=7),
        offer(name="mail", kind="content", discount_share=None, contact_cost=0.2, effect_pp=4),
    ]  # fmt: skip
    plan = plan_campaign(
        shop(150), catalogue, campaign_id="may", salt=str(seed), control_share=share,
        budget=60, limits=Limits(channels={"sms": Channel(per_day=11)}, reserve_share=0),
    )  # fmt: skip
    for limit in plan.summary.limits.values():
        assert limit.used <= limit.amount + 1e-9
    rows = plan.assignment.assign(control=plan.assignment["arm"] == "control")
    for by in (None, "planned_offer", "stratum"):
        assert off_share(rows, share, by) < 1


def test_shares_weighed_by_the_draw_keep_the_interval_of_shares() -> None:
    rows = drawn(400, 0.1, 3, 0.4)
    treated, came = ~rows["control"].to_numpy(), np.random.default_rng(5).random(400) < 0.02
    logged = rows["probability"].to_numpy()
    assert np.ptp(logged[treated]) > 0
    plain = compare(came.astype(float), treated, None, share=True)
    weighed = compare(came.astype(float), treated, 1 / logged, share=True)
    assert weighed.bounds == pytest.approx(plain.bounds, abs=0.01)
    # Nobody of so small a control came: by Welch its side would have no width.
    came[~treated] = False
    weighed = compare(came.astype(float), treated, 1 / logged, share=True)
    assert weighed.mean_control == 0 and weighed.effect - weighed.low > 0.08


# --- what a list can show ----------------------------------------------------------------------


def found_share(treated: int, control: int, base: float, effect: float) -> float:
    """Share of four thousand made-up campaigns whose interval lies above zero."""
    rng = np.random.default_rng(treated)
    came = rng.binomial(treated, base + effect, 4000), rng.binomial(control, base, 4000)
    arms = np.repeat([True, False], [treated, control])
    found = 0
    for (k, c), times in pd.Series(list(zip(*came, strict=True))).value_counts().items():
        values = np.zeros(treated + control)
        values[:k], values[treated : treated + c] = 1, 1
        found += times * (compare(values, arms, None, share=True).low > 0)
    return found / 4000


@pytest.mark.parametrize(
    ("treated", "control", "base"), [(540, 60, 0.05), (900, 100, 0.02), (300, 300, 0.2)]
)
def test_the_promised_effect_is_found_in_four_of_five(treated, control, base) -> None:
    promised = power_verdict(treated, control, base).mde_pp
    assert promised is not None
    # Three standard errors of a share of 80 % among 4,000.
    assert found_share(treated, control, base, promised / 100) == pytest.approx(0.8, abs=0.02)


def test_the_sizes_needed_find_the_effect_they_are_needed_for() -> None:
    for base, effect, ratio in ((0.2, 0.05, 9.0), (0.05, 0.03, 4.0), (0.1, -0.04, 1.0)):
        sizes = sizes_needed(base, effect, ratio=ratio)
        assert sizes is not None
        if effect > 0:
            promised = power_verdict(*sizes, base).mde_pp
            assert promised == pytest.approx(100 * effect, abs=0.03)
        assert sizes[0] == pytest.approx(ratio * sizes[1], abs=1)
    assert sizes_needed(0.2, 0) is None and sizes_needed(0.9, 0.2) is None


def test_an_arm_too_small_for_a_verdict_shows_nothing() -> None:
    assert power_verdict(900, LEAST_IN_ARM - 1, 0.2).mde_pp is None
    assert power_verdict(900, LEAST_IN_ARM, 0.2).mde_pp is not None
    plan = plan_campaign(shop(200), [offer(effect_pp=12)], campaign_id="may", salt="s")
    told = {fact.code: fact for fact in plan.summary.warnings}
    control = plan.summary.n_control
    assert told["offers.control_few"].values == {"n": control, "least": LEAST_IN_ARM}
    assert "too few to read" in power(plan.summary, Words("en"))


def said_of(plausible: float, language: str = "en") -> str:
    seen = power_verdict(900, 100, 0.2, effect_pp=2, plausible_pp=plausible)
    planned = Planned.model_construct(n_listed=900, n_control=100, effect_known=False, power=seen)
    return power(planned, Words(language))  # type: ignore[arg-type]


def test_a_test_that_would_see_the_plausible_is_not_called_noise() -> None:
    assert "noise" in said_of(5) and "przypadku" in said_of(5, "pl")
    assert "noise" not in said_of(15) and "up to 15 points is plausible" in said_of(15)
    assert "przypadku" not in said_of(15, "pl") and "15 p.p." in said_of(15, "pl")


def test_sizes_beyond_the_shop_are_not_asked_for() -> None:
    seen = power_verdict(900, 100, 0.2, effect_pp=2, plausible_pp=15)
    for scored, asked in ((20_000, True), (3_000, False)):
        planned = Planned.model_construct(
            n_listed=900, n_control=100, n_scored=scored, effect_known=False, power=seen
        )
        said = power(planned, Words("en"))
        assert ("6,507" in said) is asked
        assert ("cannot be told by tests of this size" in said) is not asked
        assert "13." in said and "up to 15 points is plausible" in said


def of_trial(**changes: object) -> OfferTrial:
    usual = {
        "n_treated": 900, "n_control": 100, "p_order": 0.2, "break_even_pp": 0.5, "mde_pp": 13.2,
        "n_treated_needed": 500_000, "n_control_needed": 55_000, "campaigns_needed": 560,
        "tellable": False, "cost": 10, "value": 20, "value_if_certain": 30,
    }  # fmt: skip
    return OfferTrial.model_validate({**usual, **changes})


def test_counts_of_campaigns_beyond_reason_are_not_said() -> None:
    said = trial(of_trial(), Words("en"))
    assert "560" not in said and "cannot be told by tests of this size" in said
    assert "13.2 points or more" in said
    assert "8 campaigns" in trial(of_trial(campaigns_needed=8, tellable=True), Words("en"))
    assert "cannot be read" in trial(of_trial(mde_pp=None, n_control=20), Words("en"))


def unmeasured(name: str, **changes: object) -> Offer:
    return offer(name=name, effect_pp=None, effect_source=None, **changes)


def test_of_several_tests_the_one_that_teaches_most_is_named() -> None:
    cheap = unmeasured("mail", kind="content", discount_share=None, contact_cost=0.05)
    dear = unmeasured("gift", kind="gift", discount_share=None, discount_amount=15, contact_cost=1)
    plan = plan_campaign(shop(2000), [dear, cheap], campaign_id="may", salt="s", control_share=0.3)
    test = plan.summary.test
    assert test is not None and set(test.offers) == {"mail", "gift"}
    best = test.best
    assert best is not None and best.offer == "mail" and best.value > best.cost
    # By itself it has the other's customers too.
    assert best.n_treated > test.offers["mail"].n_treated
    (said,) = best_alone(plan.summary, Words("en"), {"mail": "A letter"})
    assert "“A letter” is best tested by itself" in said
    alone = plan_campaign(shop(2000), [cheap], campaign_id="may", salt="s", control_share=0.3)
    assert alone.summary.test is not None and alone.summary.test.best is None


@pytest.mark.parametrize("known", [True, False])
def test_the_price_of_a_contact_up_to_which_it_pays_is_where_it_stops_paying(known) -> None:
    letter = {"kind": "content", "discount_share": None, "effect_pp": None, "effect_source": None}
    effect = {"effect_pp": 12} if known else letter
    scores = customers(p_return=[0.2] * 600)

    def planned(price: float | None) -> Planned:
        given = offer(contact_cost=price, **effect)
        return plan_campaign(
            scores, [given], campaign_id="may", salt="s", control_share=0.2, currency="PLN",
            beliefs=Beliefs(plausible_effect_pp=12),
        ).summary  # fmt: skip

    below = planned(None).contact_pays_below["ten_off"]
    assert below is not None and below > 0
    assert planned(0.01).contact_pays_below["ten_off"] == pytest.approx(below, abs=1e-3)
    at_it = planned(below - 1e-3)
    if known:
        assert at_it.expected_gain == pytest.approx(480 * 1e-3, abs=0.06)
        assert planned(below + 1e-3).n_planned == 0
    else:
        assert at_it.test is not None
        found = at_it.test.offers["ten_off"]
        assert found.value == pytest.approx(found.cost, rel=0.02) and found.value > found.cost
    (said,) = contact_prices(planned(None), Words("en", currency="PLN"), {})
    assert f"{below:.3f}" in said
    assert not contact_prices(planned(0.01), Words("en", currency="PLN"), {})
