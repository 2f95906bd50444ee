"""The numbers that learning from experiments rests on."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from winback.arrays import Floats
from winback.effects.budget import Gains, curve_of
from winback.effects.crossed import Crossed, Scale, cross_fit
from winback.effects.lasso import Link, fit_path, fit_ridge, mean_of
from winback.effects.learners import People, rivals_crossed
from winback.effects.scored import (
    gains_by_size,
    groups_of,
    mean_with_error,
    qini,
    qini_errors,
    robust_scores,
)

PEOPLE = 1_600


def people(
    kind: str, seed: int, n: int = PEOPLE, link: Link = "logit"
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Columns, outcome, treated, its chance and the true effect."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 5))
    w = (rng.random(n) < 0.5).astype(float)
    eta = -1.0 + 0.7 * z[:, 0]
    change = {"none": 0 * eta, "constant": 0.6 + 0 * eta, "crossing": 1.3 * z[:, 1]}[kind]
    mu = [mean_of(link, eta + arm * change) for arm in (0, 1)]
    mean = np.where(w == 1, mu[1], mu[0])
    y = (rng.random(n) < mean) * 1.0 if link == "logit" else rng.poisson(mean) * 12.5
    unit = 1.0 if link == "logit" else 12.5
    return z, y, w, np.full(n, 0.5), (mu[1] - mu[0]) * unit


@pytest.fixture(scope="module")
def crossing() -> tuple[Crossed, tuple[Floats, ...]]:
    world = people("crossing", 3)
    return cross_fit(*world[:4], "logit"), world


@pytest.mark.parametrize("link", ["logit", "log"])
def test_a_path_of_penalties_meets_the_conditions_of_the_least(link: Link) -> None:
    z, y, w, e, _ = people("crossing", 1, 800, link)
    y = y / (1.0 if link == "logit" else 12.5)
    design = np.column_stack([np.ones(800), w - e, z, z * (w - e)[:, None]])
    factor = np.r_[0, 0, np.ones(5), np.full(5, 0.5)]
    path = fit_path(link, design, y, factor, np.zeros(800), steps=6)
    assert not path.weights[0, 2:].any()
    assert (path.weights[-1, 2:] != 0).sum() > (path.weights[1, 2:] != 0).sum()
    near = 0.01 * path.penalties[0]
    for penalty, weights in zip(path.penalties, path.weights, strict=True):
        slope = design.T @ (y - mean_of(link, design @ weights)) / 800
        pain = penalty * factor
        used = weights != 0
        assert np.allclose(slope[used], (pain * np.sign(weights))[used], atol=near)
        assert (np.abs(slope[~used]) <= pain[~used] + near).all()


def test_without_a_penalty_weights_are_the_likeliest() -> None:
    """A saturated table has its own log-odds."""
    x = np.repeat([0.0, 1.0], 50)
    y = np.r_[np.ones(10), np.zeros(40), np.ones(25), np.zeros(25)]
    weights = fit_ridge("logit", np.column_stack([np.ones(100), x]), y, np.zeros(100))
    assert weights == pytest.approx([np.log(0.2 / 0.8), -np.log(0.2 / 0.8)], abs=1e-3)


def test_scores_average_to_what_is_worked_out_by_hand() -> None:
    y, w = np.array([1.0, 0.0, 1.0, 0.0]), np.array([1.0, 1.0, 0.0, 0.0])
    half, quarter = np.full(4, 0.5), np.full(4, 0.25)
    found = robust_scores(y, w, half, quarter, half)
    # .25 + (1 - .5)/.5, .25 + (0 - .5)/.5, .25 - (1 - .25)/.5, .25 - (0 - .25)/.5
    assert found == pytest.approx([1.25, -0.75, -1.25, 0.75])
    mean = mean_with_error(found)
    assert (mean.mean, mean.error) == pytest.approx((0.0, np.std(found, ddof=1) / 2))


def test_qini_is_the_area_that_is_worked_out_by_hand() -> None:
    """Curve 0, 1, 1, 2, 1 after 0 to 4 people, where the perfect one is 0, 1, 2, 2, 1.

    Ranked treated buyer, control, treated buyer, control buyer: after two people 1 - 0 * 1/1,
    after three 2 - 0 * 2/1, after four 2 - 1 * 2/2. Areas 4.5 and 5.5 over the line's 2.
    """
    y, w = np.array([1.0, 0.0, 1.0, 1.0]), np.array([1.0, 0.0, 1.0, 0.0])
    assert qini(y, w, np.array([4.0, 3.0, 2.0, 1.0])) == pytest.approx(2.5 / 3.5)
    assert qini(y, w, np.zeros(4)) == 0.0


def test_a_ranking_less_itself_has_no_error(
    crossing: tuple[Crossed, tuple[Floats, ...]],
) -> None:
    found, (_, y, w, _, tau) = crossing
    errors = qini_errors(y, w, {"this": found.effect, "again": found.effect, "true": tau}, "this")
    assert errors["again"][1:] == (0.0, 0.0)
    assert errors["true"][2] > 0


def test_who_ranks_alike_is_drawn_by_lot() -> None:
    """Not by place: a table may be sorted by who was treated."""
    assert gains_by_size(np.r_[np.ones(50), np.zeros(50)], np.zeros(100), (0.5,)) == 0.25
    groups = groups_of(np.zeros(1_000))
    assert np.bincount(groups).tolist() == [200] * 5
    assert 30 < (groups[:200] == 0).sum() < 50


def test_no_other_way_of_spending_the_same_earns_more() -> None:
    """Of all ways to give four people one of three arms or none."""
    rng = np.random.default_rng(11)
    costs = np.tile([1.0, 2.0, 5.0], (4, 1))
    net = rng.gamma(2.0, 3.0, (4, 3)) - costs
    points = curve_of(Gains(net, net, costs))
    ways = [(np.arange(4)[np.array(w) > 0], np.array(w)[np.array(w) > 0] - 1)
            for w in product(range(4), repeat=4)]  # fmt: skip
    sums = np.array([(costs[way].sum(), net[way].sum()) for way in ways])
    assert len({point.spent for point in points}) > 4
    for point in points:
        best = sums[sums[:, 0] <= point.spent * 4 + 1e-9, 1].max()
        assert point.earned.mean * 4 == pytest.approx(best)


def test_a_crossing_effect_is_found_and_ranked(
    crossing: tuple[Crossed, tuple[Floats, ...]],
) -> None:
    found, (z, _, _, _, tau) = crossing
    assert found.z > 1.645
    assert np.corrcoef(found.effect, tau)[0, 1] > 0.8
    assert np.corrcoef(found.foretold(z), tau)[0, 1] > 0.8


@pytest.mark.parametrize(("kind", "link"), [("none", "logit"), ("constant", "log")])
def test_of_one_ratio_for_all_nothing_more_is_found(kind: str, link: Link) -> None:
    z, y, w, e, tau = people(kind, 5, link=link)
    found = cross_fit(z, y, w, e, link)
    assert found.z < 1.645
    score = robust_scores(y, w, e, found.mu0, found.mu1)
    mean = mean_with_error(score)
    assert mean.low < tau.mean() < mean.high


def test_effects_are_the_same_on_any_number_of_threads(
    crossing: tuple[Crossed, tuple[Floats, ...]],
) -> None:
    found, (z, y, w, e, _) = crossing
    again = cross_fit(z, y, w, e, "logit", threads=2)
    assert np.array_equal(again.effect, found.effect)
    assert again.z == found.z


def test_of_few_outcomes_one_ratio_is_learned() -> None:
    z, y, w, e, _ = people("crossing", 7, 300)
    found = cross_fit(z, y * (np.arange(300) % 5 == 0), w, e, "logit")
    assert found.z == 0.0
    assert np.array_equal(found.effect, found.ratio)
    assert np.isfinite(found.effect).all()


def test_of_hardly_an_outcome_the_average_is_the_plain_difference() -> None:
    """Means of other folds would tell folds apart: the one with the outcome has the least."""
    z, _, w, *_ = people("none", 7, 60)
    y = np.zeros(60)
    y[np.flatnonzero(w == 1)[0]] = 1.0
    share = np.full(60, w.mean())
    found = cross_fit(z, y, w, share, "logit")
    mean = mean_with_error(robust_scores(y, w, share, found.mu0, found.mu1))
    assert mean.mean == pytest.approx(1 / w.sum(), rel=0.1)
    assert np.ptp(found.foretold(z)) == 0.0


def test_without_columns_everybody_is_moved_alike() -> None:
    z, y, w, e, _ = people("constant", 2, 400)
    found = cross_fit(z[:, :0], y, w, e, "logit")
    assert np.ptp(found.foretold(z[:5, :0])) == 0.0
    assert found.z == 0.0


def test_learners_beside_find_the_crossing_too(
    crossing: tuple[Crossed, tuple[Floats, ...]],
) -> None:
    found, (z, y, w, e, tau) = crossing
    rivals = rivals_crossed(People(z, y, w, e, "logit"), found.baselines, found.parts)
    alike = {name: np.corrcoef(effect, tau)[0, 1] for name, effect in rivals.items()}
    assert min(alike[name] for name in ("S", "T", "X", "R", "DR")) > 0.5
    assert abs(alike["risk"]) < 0.3


def test_amounts_are_learned_in_units_of_their_scatter_and_told_in_their_own() -> None:
    y = np.r_[np.zeros(900), np.full(95, 40.0), np.full(5, 9_000.0)]
    scale = Scale.of(y, "log")
    learned = scale.learned(y)
    assert learned.max() == pytest.approx(scale.top / scale.unit)
    assert learned.var() == pytest.approx(learned.mean())
    assert scale.back(learned)[:995] == pytest.approx(y[:995])
    moved = Scale.of(y - 100.0, "log")
    assert moved.learned(y - 100.0).min() == 0.0
