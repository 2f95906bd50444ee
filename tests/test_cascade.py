"""The cascade of an offer's effects: what it learns of worlds whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from winback.effects.cascade import Cascade, Lessons, fit_cascade

OFFERS = ("strong", "weak", "nothing")
COLUMNS = ("order_value_mean", "days_since_last_order", "orders_total", "a", "b")


def lessons(
    people: int = 8_000, effect=lambda m0, z, j: m0 * np.array([0.8, 0.3, 0.0])[j], seed: int = 1
) -> Lessons:
    """One campaign that dealt three offers and none evenly; everybody's baseline is known."""
    draw = np.random.default_rng(seed)
    z = draw.standard_normal((people, len(COLUMNS)))
    m0 = np.exp(-1.4 + 0.9 * draw.standard_normal(people))
    arm = draw.integers(0, len(OFFERS) + 1, people)
    with_offer = m0 + np.where(
        arm < len(OFFERS), effect(m0, z, np.minimum(arm, len(OFFERS) - 1)), 0.0
    )
    orders = draw.poisson(with_offer).astype(np.float64)
    parts = [np.flatnonzero((arm == j) | (arm == len(OFFERS))) for j in range(len(OFFERS))]
    rows = np.concatenate(parts)
    offer = np.repeat(np.arange(len(OFFERS)), [len(part) for part in parts])
    return Lessons(
        offer=offer, treated=arm[rows] == offer, weight=np.full(len(rows), 0.5),
        orders=orders[rows], expected=m0[rows], z=z[rows], person=rows,
    )  # fmt: skip


@pytest.fixture(scope="module")
def proportional() -> Cascade:
    return fit_cascade(lessons(), OFFERS, COLUMNS)


def test_one_ratio_is_found_where_there_is_no_more(proportional: Cascade) -> None:
    strong, weak, nothing = proportional.learned
    assert strong.gamma == 1
    assert strong.ratio_low < 1.8 < strong.ratio_high and strong.z > 5
    assert weak.ratio_low < 1.3 < weak.ratio_high
    assert [each.state for each in (strong, nothing)] == ["rolled_out", "tested_on"]
    z = np.random.default_rng(3).standard_normal((500, 5))
    ratio, low, high = proportional.ratios(0, np.full(500, 0.3), z)
    assert ratio.mean() == pytest.approx(1.8, abs=0.2) and ratio.std() < 0.15
    assert (low < ratio).all() and (ratio < high).all()


def test_equal_points_are_told_from_a_ratio() -> None:
    found = fit_cascade(
        lessons(effect=lambda m0, z, j: np.array([0.12, 0.09, 0.06])[j]), OFFERS, COLUMNS
    )
    assert found.learned[0].gamma <= 0.25
    expected = np.array([0.05, 0.8])
    ratio, _, _ = found.ratios(0, expected, np.zeros((2, 5)))
    assert expected * (ratio - 1) == pytest.approx(0.12, abs=0.05)


def test_who_is_moved_is_found_by_what_tells_them() -> None:
    found = fit_cascade(
        lessons(effect=lambda m0, z, j: np.where(z[:, 3] > 0.5, 1.5, 0.0) * m0), OFFERS, COLUMNS
    )
    assert found.learned[0].rung in ("linear", "trees")
    z = np.zeros((2, 5))
    z[:, 3] = (1.5, -1.5)
    moved, still = found.ratios(0, np.full(2, 0.3), z)[0]
    assert moved > 1.6 and still < 1.35


def test_a_baseline_that_errs_is_no_effect() -> None:
    wrong = lessons(effect=lambda m0, z, j: 0.0 * m0)
    expected = wrong.expected * np.exp(0.8 * wrong.z[:, 3])
    wrong = Lessons(**{**vars(wrong), "expected": expected})
    found = fit_cascade(wrong, OFFERS, COLUMNS)
    assert all(abs(each.z) < 2.5 for each in found.learned), found.learned
    z = np.zeros((2, 5))
    z[:, 3] = (1.5, -1.5)
    without = found.without(np.full(2, 0.3), z)
    won = 0.3 * (found.ratios(0, np.full(2, 0.3), z)[0] - 1)
    assert won / without == pytest.approx(0.0, abs=0.25)


def test_repeated_people_do_not_pass_for_many() -> None:
    once = lessons(people=1_500)
    told = {name: np.tile(value, 3) for name, value in vars(once).items() if name != "z"}
    thrice = Lessons(**told, z=np.tile(once.z, (3, 1)))
    first, again = (fit_cascade(each, OFFERS, COLUMNS).learned[0] for each in (once, thrice))
    assert again.z == pytest.approx(first.z, rel=0.05)
    assert again.treated == first.treated


def test_too_few_people_say_nothing() -> None:
    few = fit_cascade(lessons(people=90), OFFERS, COLUMNS)
    assert {each.state for each in few.learned} == {"unknown"}
    none = lessons(people=90)
    none = none.at(np.zeros(len(none.offer), np.bool_))
    empty = fit_cascade(none, OFFERS, COLUMNS)
    assert {each.state for each in empty.learned} == {"unknown"}
    assert empty.ratios(1, np.array([0.4]), np.zeros((1, 5)))[0] == pytest.approx(1.0)


def test_a_cascade_is_the_same_on_any_threads_and_after_json() -> None:
    taught = lessons(
        people=6_000, effect=lambda m0, z, j: np.where(np.abs(z[:, 3]) > 1, 2.0, 0.0) * m0
    )
    one, two = (fit_cascade(taught, OFFERS, COLUMNS, threads) for threads in (1, 2))
    assert one.as_json() == two.as_json()
    again = Cascade.from_json(one.as_json())
    z, expected = taught.z[:50], taught.expected[:50]
    for first, second in zip(one.ratios(1, expected, z), again.ratios(1, expected, z), strict=True):
        assert (first == second).all()
