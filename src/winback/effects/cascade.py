"""How many times as many orders each offer brings, for whom: learned only as far as data show.

Lessons are comparisons of people who were sent an offer with people who were sent none, of any
number of campaigns. Beside the orders a person would place anyway, ``m0``, an offer adds

    rung 1, ``ratio``:  m0 * (exp(theta_j) - 1)        one ratio an offer
    rung 2, ``shape``:  tau_j * m0 ** gamma            gamma 1: in proportion, 0: equal points
    rung 3, ``linear``: of what rung 2 gives, times exp(b'z), what a penalised regression finds
    rung 4, ``trees``:  times exp(trees(z, j))

A rung is stepped on only where it forecasts people who were not seen better than the rung below,
by more than one standard error of the difference (weighted Poisson deviance, folds of persons).
Both arms take part in rungs 3 and 4, so that what the baseline does not know of a person is not
taken for an effect. Ratios of offers are drawn towards none, and towards each other.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import lightgbm as lgb
import numpy as np

from winback.arrays import Floats, Integers, Mask
from winback.effects.lasso import fit_path, fit_ridge

Rung = Literal["ratio", "shape", "linear", "trees"]
State = Literal["rolled_out", "tested_on", "unknown"]

FOLDS = 4
GAMMAS = (1.0, 0.75, 0.5, 0.25, 0.0)
SHOWN = 1.645
"""An offer whose mean effect is not so many standard errors above none is only tested on."""
GROUPS = 5
LEAST_PEOPLE, LEAST_ORDERS = 50, 5
"""Of either arm; with less nothing is known of an offer."""

RECALIBRATED = ("order_value_mean", "days_since_last_order", "orders_total")
"""Columns by which the model's expected orders are set right on those who were sent nothing."""

_LEAST_EXPECTED = 1e-4
_RATIO_SPREAD, _ALIKE = 0.5, 0.5
_CLIP = 3.0
_CALIBRATION_SPREAD = 0.3
_MOST_LOG = 3.0
_STEPS, _LEAST_PENALTY = 12, 0.02
_ROUNDS = (0, 10, 20, 40, 80)


@dataclass(frozen=True)
class Lessons:
    """Comparisons of offers with no offer: one row a person and campaign in that of one offer.

    A person of the control is in the comparison of each offer it is control of.

    Attributes:
        offer: number of the offer compared, from 0.
        treated: was sent it; else nothing.
        weight: of the row: overlap of the two chances, times what age leaves of the campaign.
        orders: placed while the offer was valid.
        expected: orders expected in that time without an offer, by the model of the time.
        z: standardised columns known before the campaign.
        person: number of the person, who may be there several times.
    """

    offer: Integers
    treated: Mask
    weight: Floats
    orders: Floats
    expected: Floats
    z: Floats
    person: Integers

    def __post_init__(self) -> None:
        object.__setattr__(self, "z", np.clip(self.z, -_CLIP, _CLIP))
        object.__setattr__(self, "expected", np.maximum(self.expected, _LEAST_EXPECTED))

    def at(self, rows: Mask) -> Lessons:
        """Only these rows."""
        return Lessons(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


@dataclass(frozen=True)
class Learned:
    """What the lessons show of one offer.

    Attributes:
        offer: its name.
        state: ``rolled_out`` where its mean effect is shown to be above none, ``tested_on`` where
            it is not, ``unknown`` where too few were sent it.
        treated, control: people in its comparison, each counted once.
        ratio, ratio_low, ratio_high: times as many orders on average, 95 % interval.
        z: of its logarithm.
        rung: how its effect differs between people.
        gamma: of ``shape``.
    """

    offer: str
    state: State
    treated: int
    control: int
    ratio: float
    ratio_low: float
    ratio_high: float
    z: float
    rung: Rung
    gamma: float


@dataclass(frozen=True)
class Groups:
    """Fifths of people by what an offer is expected to do, and its interval in each.

    ``cuts`` are of the logarithm of the ratio, ``low`` and ``high`` a value a group.
    """

    cuts: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def ends(self, link: Floats) -> tuple[Floats, Floats]:
        """Both ends of the interval of the group each person belongs to, as logarithms."""
        place = np.searchsorted(np.array(self.cuts), link, side="right")
        return np.array(self.low)[place], np.array(self.high)[place]


@dataclass(frozen=True)
class _Effect:
    """A fitted cascade without its intervals; all of it is on the scale of logarithms."""

    calibration: Floats  # of 1, log expected, and the columns of RECALIBRATED
    places: tuple[int, ...]  # where these stand in z
    main: Floats  # of z: what the baseline does not know
    theta: Floats  # by offer: mean log ratio
    tau: Floats  # by offer
    gamma: float
    weights: Floats  # of z: what changes the ratio
    trees: str = ""
    rounds: int = 0
    _booster: Any = field(default=None, repr=False, compare=False)

    def without(self, expected: Floats, z: Floats) -> Floats:
        """Orders expected without an offer."""
        expected = np.maximum(expected, _LEAST_EXPECTED)
        log = np.log(expected)
        design = np.column_stack([np.ones(len(log)), log, z[:, self.places]])
        known = np.clip(log + design @ self.calibration + z @ self.main, -12, 5)
        return np.asarray(np.exp(known))

    def link(self, offer: Integers, m0: Floats, z: Floats) -> Floats:
        """Logarithm of how many times as many orders each offer brings."""
        shown = self.shape(offer, m0) + z @ self.weights
        if self.rounds:
            shown = shown + self.booster().predict(
                np.column_stack([z, offer]), num_iteration=self.rounds, raw_score=True
            )
        return shown

    def shape(self, offer: Integers, m0: Floats) -> Floats:
        """The same by the first two rungs alone."""
        more = self.tau[offer] * m0 ** (self.gamma - 1)
        return np.asarray(np.log(np.maximum(1 + more, 0.05)))

    def booster(self) -> Any:
        """The trees, read once."""
        if self._booster is None:
            object.__setattr__(self, "_booster", lgb.Booster(model_str=self.trees))
        return self._booster


@dataclass(frozen=True)
class Cascade:
    """What was learned of all offers, and what each is expected to do to a person."""

    learned: tuple[Learned, ...]
    columns: tuple[str, ...]
    groups: tuple[Groups, ...]
    effect: _Effect = field(repr=False)

    def without(self, expected: Floats, z: Floats) -> Floats:
        """Orders expected without an offer: the model's, set right on those sent nothing."""
        return self.effect.without(expected, np.clip(z, -_CLIP, _CLIP))

    def ratios(self, offer: int, expected: Floats, z: Floats) -> tuple[Floats, Floats, Floats]:
        """Times as many orders with the offer as ``expected`` ones without it, and an interval.

        ``expected * (ratio - 1)`` are the orders that the offer wins. The interval is that of the
        group the person belongs to, widened where it would not hold the person's own ratio.

        Args:
            offer: its number.
            expected: orders expected in its validity without it, as in the lessons.
            z: one row a person, the lessons' columns.
        """
        z = np.clip(z, -_CLIP, _CLIP)
        expected = np.maximum(expected, _LEAST_EXPECTED)
        m0 = self.effect.without(expected, z)
        link = self.effect.link(np.full(len(m0), offer), m0, z)
        low, high = self.groups[offer].ends(link)
        part = m0 / expected
        ratio, low, high = (
            1 + part * np.expm1(each) for each in (link, np.minimum(low, link),
                                                   np.maximum(high, link))
        )  # fmt: skip
        return ratio, low, high

    def as_json(self) -> str:
        """All of it as text."""
        told = {
            "learned": [asdict(each) for each in self.learned],
            "columns": self.columns,
            "groups": [asdict(each) for each in self.groups],
            "effect": {
                name: value.tolist() if isinstance(value, np.ndarray) else value
                for name, value in vars(self.effect).items()
                if not name.startswith("_")
            },
        }
        return json.dumps(told)

    @classmethod
    def from_json(cls, text: str) -> Cascade:
        """The same cascade again."""
        told = json.loads(text)
        effect = told["effect"]
        calibration, main, theta, tau, weights = (
            np.array(effect[name], np.float64)
            for name in ("calibration", "main", "theta", "tau", "weights")
        )
        return cls(
            learned=tuple(Learned(**each) for each in told["learned"]),
            columns=tuple(told["columns"]),
            groups=tuple(
                Groups(tuple(each["cuts"]), tuple(each["low"]), tuple(each["high"]))
                for each in told["groups"]
            ),
            effect=_Effect(
                calibration, tuple(effect["places"]), main, theta, tau, effect["gamma"], weights,
                effect["trees"], effect["rounds"],
            ),
        )  # fmt: skip


def fit_cascade(
    lessons: Lessons, offers: Sequence[str], columns: Sequence[str], threads: int = 1
) -> Cascade:
    """Learn what each offer does from people who were sent it and people who were sent nothing.

    Grain: one row a person, campaign and offer compared. The same bytes on any number of threads.

    Args:
        lessons: all comparisons.
        offers: their names, by number.
        columns: what ``lessons.z`` holds.
        threads: of the trees.
    """
    lessons = lessons.at(lessons.weight > 0)
    fit = _Fit(lessons, tuple(offers), tuple(columns), threads)
    return fit.cascade()


class _Fit:
    """One way up the rungs, with the folds' models beside that of everybody."""

    def __init__(
        self, lessons: Lessons, offers: tuple[str, ...], columns: tuple[str, ...], threads: int
    ) -> None:
        self.lessons, self.offers, self.columns = lessons, offers, columns
        self.threads = threads
        self.places = tuple(columns.index(name) for name in RECALIBRATED if name in columns)
        self.parts = _folds_of(lessons.person)
        self.seen = [lessons.at(self.parts != fold) for fold in range(FOLDS)]
        self.held = [self.parts == fold for fold in range(FOLDS)]

    def cascade(self) -> Cascade:
        lessons = self.lessons
        if not len(lessons.offer) or not lessons.treated.any() or lessons.treated.all():
            return self._nothing()
        effects = [self._based(part) for part in (lessons, *self.seen)]
        effects, gamma = self._shaped(effects)
        rung: Rung = "ratio" if gamma == 1.0 else "shape"
        for name, step in (("linear", self._linear), ("trees", self._treed)):
            if (ahead := step(effects)) is not None:
                effects, rung = ahead, name  # type: ignore[assignment]
        return self._told(effects, rung)

    # --- baseline and the first rungs

    def _based(self, lessons: Lessons) -> _Effect:
        """The baseline alone."""
        none = np.zeros(lessons.z.shape[1])
        calibration = np.zeros(2 + len(self.places))
        effect = _Effect(
            calibration, self.places, none, np.zeros(len(self.offers)),
            np.zeros(len(self.offers)), 1.0, none,
        )  # fmt: skip
        control = lessons.at(~lessons.treated)
        if control.orders.sum() <= 0:
            return effect
        log = np.log(control.expected)
        design = np.column_stack([np.ones(len(log)), log, control.z[:, self.places]])
        spread = np.r_[3.0, np.full(design.shape[1] - 1, _CALIBRATION_SPREAD)]
        calibration = fit_ridge(
            "log", design, control.weight * control.orders, log + np.log(control.weight), spread
        )
        return replace(effect, calibration=calibration)

    def _shaped(self, effects: list[_Effect]) -> tuple[list[_Effect], float]:
        """One ratio an offer, or the shape that does better among people not seen."""
        tried: dict[float, list[_Effect]] = {
            gamma: [
                _with_shape(effect, part, gamma)
                for effect, part in zip(effects, (self.lessons, *self.seen), strict=True)
            ]
            for gamma in GAMMAS
        }
        loss = {gamma: self._held_out(each) for gamma, each in tried.items()}
        treated = self.lessons.treated
        best = min(GAMMAS, key=lambda gamma: float(loss[gamma][treated].sum()))
        gain, error = self._gain(loss[1.0], loss[best], treated)
        gamma = best if gain > error else 1.0
        return tried[gamma], gamma

    # --- judging on people not seen

    def _held_out(self, effects: list[_Effect]) -> Floats:
        """Weighted deviance of each row by the model that did not see its person."""
        loss = np.empty(len(self.lessons.offer))
        for effect, rows in zip(effects[1:], self.held, strict=True):
            part = self.lessons.at(rows)
            loss[rows] = _loss(part, _known(effect, part))
        return loss

    def _gain(self, before: Floats, after: Floats, rows: Mask | None = None) -> tuple[float, float]:
        """By how much the deviance falls, and the error of that over persons."""
        each = before - after
        if rows is not None:
            each = np.where(rows, each, 0.0)
        by_person = np.bincount(np.unique(self.lessons.person, return_inverse=True)[1], each)
        n = len(by_person)
        error = float(by_person.std(ddof=1) * np.sqrt(n)) if n > 1 else np.inf
        return float(by_person.sum()), error

    # --- the upper rungs

    def _linear(self, effects: list[_Effect]) -> list[_Effect] | None:
        """What changes the ratio by a penalised regression; None where it does not prove itself."""
        lessons = self.lessons
        if not lessons.z.shape[1]:
            return None
        whole = _path_of(effects[0], lessons)
        count = len(whole.penalties)
        loss = np.empty((len(lessons.offer), count))
        found = [whole.weights]
        for effect, part, rows in zip(effects[1:], self.seen, self.held, strict=True):
            path = _path_of(effect, part, whole.penalties)
            found.append(path.weights)
            held = lessons.at(rows)
            dealt = held.treated - 0.5
            base = _known(effect, held)
            for k in range(count):
                loss[rows, k] = _loss(held, base + dealt * (held.z @ path.weights[k]))
        before = self._held_out(effects)
        gains = [self._gain(before, loss[:, k]) for k in range(count)]
        best = int(np.argmax([gain for gain, _ in gains]))
        # The simplest that is within one error of the best.
        chosen = next(
            k for k in range(count)
            if np.subtract(*self._gain(loss[:, k], loss[:, best])) <= 0
        )  # fmt: skip
        gain, error = gains[chosen]
        if gain <= error:
            return None
        return [
            _with_weights(effect, each[chosen]) for effect, each in zip(effects, found, strict=True)
        ]

    def _treed(self, effects: list[_Effect]) -> list[_Effect] | None:
        """Trees on what is left; None where they do not prove themselves."""
        lessons = self.lessons
        loss = np.empty((len(lessons.offer), len(_ROUNDS)))
        for effect, part, rows in zip(effects[1:], self.seen, self.held, strict=True):
            grown = self._grown(effect, part, _ROUNDS[-1])
            held = lessons.at(rows)
            base, dealt = _known(effect, held), held.treated - 0.5
            told = np.column_stack([held.z, held.offer])
            for k, rounds in enumerate(_ROUNDS):
                added = grown.predict(told, num_iteration=rounds, raw_score=True) if rounds else 0.0
                loss[rows, k] = _loss(held, base + dealt * added)
        gains = [self._gain(loss[:, 0], loss[:, k]) for k in range(len(_ROUNDS))]
        best = int(np.argmax([gain for gain, _ in gains]))
        chosen = next(
            k for k in range(len(_ROUNDS))
            if np.subtract(*(np.array(self._gain(loss[:, k], loss[:, best])) * (1, 0.5))) <= 0
        )  # fmt: skip
        gain, error = gains[chosen]
        if gain <= error:
            return None
        rounds = _ROUNDS[chosen]
        return [
            replace(effect, trees=_written(self._grown(effect, part, rounds)), rounds=rounds)
            for effect, part in zip(effects, (lessons, *self.seen), strict=True)
        ]

    def _grown(self, effect: _Effect, lessons: Lessons, rounds: int) -> Any:
        """Trees of the ratio's logarithm, both arms moved half of it from each other."""
        base, dealt = _known(effect, lessons), lessons.treated - 0.5
        weight, orders = lessons.weight, lessons.orders

        def slopes(score: Floats, _: Any) -> tuple[Floats, Floats]:
            mean = np.exp(np.clip(base + dealt * score, -12, 5))
            slope = weight * (mean - orders) * dealt
            return slope, np.maximum(weight * mean * dealt**2, 1e-12)

        told = np.column_stack([lessons.z, lessons.offer])
        settings = {
            "objective": slopes, "num_leaves": 5, "learning_rate": 0.05, "lambda_l2": 20.0,
            "min_data_in_leaf": max(100, len(told) // 100), "min_sum_hessian_in_leaf": 1e-9,
            "verbose": -1, "deterministic": True, "force_row_wise": True, "seed": 1,
            "num_threads": self.threads,
        }  # fmt: skip
        data = lgb.Dataset(
            told, orders, categorical_feature=[told.shape[1] - 1], params={"verbose": -1}
        )
        return lgb.train(settings, data, rounds)

    # --- what is told

    def _told(self, effects: list[_Effect], rung: Rung) -> Cascade:
        lessons, effect = self.lessons, effects[0]
        m0 = effect.without(lessons.expected, lessons.z)
        log_ratios, spreads = np.array(_log_ratios(lessons, m0, len(self.offers)))
        # Each row's own ratio by the models that did not see the person, for the groups.
        link = np.empty(len(m0))
        base = np.empty(len(m0))
        for each, rows in zip(effects[1:], self.held, strict=True):
            part = lessons.at(rows)
            base[rows] = each.without(part.expected, part.z)
            link[rows] = each.link(part.offer, base[rows], part.z)
        learned, groups = [], []
        for j, name in enumerate(self.offers):
            here = lessons.offer == j
            part = lessons.at(here)
            treated, control = (
                len(np.unique(part.person[part.treated == arm])) for arm in (True, False)
            )
            enough = (
                min(treated, control) >= LEAST_PEOPLE
                and min(part.orders[part.treated].sum(), part.orders[~part.treated].sum())
                >= LEAST_ORDERS
            )
            middle, spread = (log_ratios[j], spreads[j]) if enough else (0.0, np.inf)
            z = float(middle / spread)
            state: State = "rolled_out" if z > SHOWN else "tested_on"
            ends = np.clip([middle, middle - 1.96 * spread, middle + 1.96 * spread],
                           -_MOST_LOG, _MOST_LOG)  # fmt: skip
            ratio, low, high = (float(each) for each in np.exp(ends))
            learned.append(
                Learned(
                    name, state if enough else "unknown", treated, control, ratio, low, high, z,
                    rung, effect.gamma,
                )
            )  # fmt: skip
            groups.append(_groups(part, base[here], link[here], ends, rung, enough))
        return Cascade(tuple(learned), self.columns, tuple(groups), effect)

    def _nothing(self) -> Cascade:
        none = np.zeros(len(self.columns))
        count = len(self.offers)
        effect = _Effect(np.zeros(2 + len(self.places)), self.places, none, np.zeros(count),
                         np.zeros(count), 1.0, none)  # fmt: skip
        wide = float(np.exp(_MOST_LOG))
        return Cascade(
            tuple(Learned(name, "unknown", 0, 0, 1.0, 1 / wide, wide, 0.0, "ratio", 1.0)
                  for name in self.offers),
            self.columns, tuple(Groups((), (-_MOST_LOG,), (_MOST_LOG,)) for _ in self.offers),
            effect,
        )  # fmt: skip


def _written(trees: Any) -> str:
    """The trees alone, without how they were grown: on how many threads, above all."""
    text: str = trees.model_to_string()
    return text.partition("\nparameters:")[0] + "\n"


def _folds_of(person: Integers) -> Integers:
    """A fold for each row; all rows of a person are in one."""
    unique, place = np.unique(person, return_inverse=True)
    dealt = np.random.default_rng(20261130).permutation(len(unique)) % FOLDS
    return np.asarray(dealt[place])


def _known(effect: _Effect, lessons: Lessons) -> Floats:
    """Logarithm of the orders expected of each row in its arm."""
    m0 = effect.without(lessons.expected, lessons.z)
    change = effect.link(lessons.offer, m0, lessons.z)
    shape = effect.shape(lessons.offer, m0)
    # Half of what is beyond the shape is the control's, turned: see rungs 3 and 4.
    own = change - shape
    return np.asarray(np.log(m0) + np.where(lessons.treated, shape + own / 2, -own / 2))


def _loss(lessons: Lessons, link: Floats) -> Floats:
    """Weighted Poisson deviance, up to what depends on the orders alone."""
    link = np.clip(link, -12, 5)
    return np.asarray(2 * lessons.weight * (np.exp(link) - lessons.orders * link))


def _log_ratios(lessons: Lessons, m0: Floats, count: int) -> tuple[Floats, Floats]:
    middle, cover = _compared(lessons, m0, count)
    return middle, np.sqrt(np.diag(cover))


def _compared(lessons: Lessons, m0: Floats, count: int) -> tuple[Floats, Floats]:
    """Each offer's mean log ratio, and how they vary together, over persons."""
    person = np.unique(lessons.person, return_inverse=True)[1]
    influence = np.zeros((int(person.max(initial=-1)) + 1, count))
    middle = np.zeros(count)
    known = np.zeros(count, np.bool_)
    for j in range(count):
        arms = []
        for arm in (True, False):
            rows = (lessons.offer == j) & (lessons.treated == arm)
            placed = (lessons.weight * lessons.orders)[rows].sum()
            due = (lessons.weight * m0)[rows].sum()
            arms.append((rows, placed, due))
        if min(min(placed, due) for _, placed, due in arms) <= 0:
            continue
        known[j] = True
        for sign, (rows, placed, due) in zip((1, -1), arms, strict=True):
            level = placed / due
            middle[j] += sign * np.log(level)
            each = lessons.weight[rows] * (lessons.orders[rows] - level * m0[rows]) / placed
            influence[:, j] += sign * np.bincount(person[rows], each, minlength=len(influence))
    cover = influence.T @ influence
    cover[np.diag_indices(count)] += np.where(known, 1e-9, 1e6)
    return middle, cover


def _with_shape(effect: _Effect, lessons: Lessons, gamma: float) -> _Effect:
    """Each offer's extra orders as one multiple of ``m0 ** gamma``, drawn together."""
    count = len(effect.theta)
    m0 = effect.without(lessons.expected, lessons.z)
    theta = np.zeros(count)
    scale = np.ones(count)
    for j in range(count):
        rows = (lessons.offer == j) & lessons.treated
        if not rows.any():
            continue
        weight, due = lessons.weight[rows], m0[rows]
        grows = due**gamma
        scale[j] = (weight * due).sum() / (weight * grows).sum()
        tau = _tau(weight, lessons.orders[rows], due, grows)
        theta[j] = np.log(max(1 + tau / scale[j], 0.05))
    _, cover = _compared(lessons, m0, count)
    prior = _RATIO_SPREAD**2 * (_ALIKE + (1 - _ALIKE) * np.eye(count))
    theta = prior @ np.linalg.solve(prior + cover, theta)
    return replace(effect, gamma=gamma, theta=theta, tau=np.expm1(theta) * scale)


def _tau(weight: Floats, orders: Floats, due: Floats, grows: Floats) -> float:
    """The multiple of ``grows`` beside what is due that makes the orders likeliest."""
    low = -0.95 * float((due / grows).min())
    high = 1.0
    level = (weight * grows).sum()

    def slope(tau: float) -> float:
        return float((weight * grows * orders / (due + tau * grows)).sum() - level)

    if slope(low) <= 0:
        return low
    while slope(high) > 0 and high < 1e3:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return (low + high) / 2


def _path_of(effect: _Effect, lessons: Lessons, penalties: Floats | None = None) -> Any:
    dealt = lessons.treated - 0.5
    return fit_path(
        "log", lessons.z * dealt[:, None], lessons.weight * lessons.orders,
        np.ones(lessons.z.shape[1]), _known(effect, lessons) + np.log(lessons.weight), penalties,
        _STEPS, _LEAST_PENALTY,
    )  # fmt: skip


def _with_weights(effect: _Effect, weights: Floats) -> _Effect:
    return replace(effect, weights=weights)


def _groups(
    lessons: Lessons, m0: Floats, link: Floats, mean: Floats, rung: Rung, enough: bool
) -> Groups:
    """Fifths by the expected ratio, each with the interval its own people show."""
    wide = Groups((), (float(mean[1]),), (float(mean[2]),))
    if rung == "ratio" or not enough:
        return wide
    cuts = np.unique(np.quantile(link, np.arange(1, GROUPS) / GROUPS))
    place = np.searchsorted(cuts, link, side="right")
    low, high = [], []
    for k in range(len(cuts) + 1):
        here = place == k
        part = lessons.at(here)
        middle, spread = (
            (each[0] for each in _log_ratios(replace(part, offer=np.zeros_like(part.offer)),
                                             m0[here], 1))
            if len(part.offer) else (0.0, np.inf)
        )  # fmt: skip
        low.append(float(np.clip(middle - 1.96 * spread, -_MOST_LOG, _MOST_LOG)))
        high.append(float(np.clip(middle + 1.96 * spread, -_MOST_LOG, _MOST_LOG)))
    return Groups(tuple(float(cut) for cut in cuts), tuple(low), tuple(high))
