"""How many times as many orders each offer brings, for whom: learned only as far as data show.

Lessons are comparisons of people who were sent an offer with people who were sent none, of any
number of campaigns. Beside the orders a person would place anyway, ``m0``, an offer adds

    rung 1, ``ratio``:  m0 * (exp(theta_j) - 1)        one ratio an offer
    rung 2, ``shape``:  tau_j * m0 ** gamma            gamma 1: in proportion, 0: equal points
    rung 3, ``linear``: of what rung 2 gives, times exp(b'z), what a penalised regression finds
    rung 4, ``trees``:  times exp(trees(z, j))

A rung is stepped on only where it forecasts people who were not seen better than the rung below
(weighted Poisson deviance, folds of persons): rung 2 by more than one standard error of the
difference, rungs 3 and 4 by more than 1.645. Rung 3 finds beside ``b`` what both arms show in
common, and rung 4 counts only by as much as it forecasts the treated better than it would the
control: both are of the baseline, and no effect. Ratios of offers are drawn towards none, and
towards each other.
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
_CLEAREST = 0.02
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
        ratio, ratio_low, ratio_high: times as many orders on average by the shape found, 95 %
            interval.
        z: of its logarithm. Where the effect is not in proportion to the orders placed anyway,
            people in whom it shows more clearly count for more.
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
    main: Floats  # of z: what the control shows that the baseline does not know
    common: Floats  # of z: what both arms do beside what changes the ratio
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
        told = _modifiers(expected, z)
        known = np.clip(log + design @ self.calibration + told @ self.main, -12, 5)
        m0 = np.exp(known)
        return np.asarray(m0 * np.exp(np.clip(_modifiers(m0, z) @ self.common, -2, 2)))

    def link(self, offer: Integers, m0: Floats, z: Floats) -> Floats:
        """Logarithm of how many times as many orders each offer brings."""
        told = _modifiers(m0, z)
        shown = self.shape(offer, m0) + told @ self.weights
        if self.rounds:
            shown = shown + self.booster().predict(
                np.column_stack([told, offer]), num_iteration=self.rounds, raw_score=True
            )
        return np.asarray(np.clip(shown, -_MOST_LOG, None))

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
        calibration, main, common, theta, tau, weights = (
            np.array(effect[name], np.float64)
            for name in ("calibration", "main", "common", "theta", "tau", "weights")
        )
        return cls(
            learned=tuple(Learned(**each) for each in told["learned"]),
            columns=tuple(told["columns"]),
            groups=tuple(
                Groups(tuple(each["cuts"]), tuple(each["low"]), tuple(each["high"]))
                for each in told["groups"]
            ),
            effect=_Effect(
                calibration, tuple(effect["places"]), main, common, theta, tau, effect["gamma"],
                weights, effect["trees"], effect["rounds"],
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
    learned, groups, effect = fit.climbed()
    return Cascade(learned, tuple(columns), groups, effect)


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
        self.treated = lessons.at(lessons.treated)

    def climbed(self) -> tuple[tuple[Learned, ...], tuple[Groups, ...], _Effect]:
        """What is told of each offer, the intervals of groups, and the effect."""
        lessons = self.lessons
        if not len(lessons.offer) or not lessons.treated.any() or lessons.treated.all():
            return self._nothing()
        effects = [self._based(part) for part in (lessons, *self.seen)]
        effects = self._corrected(effects)
        effects, gamma = self._shaped(effects)
        rung: Rung = "ratio" if gamma == 1.0 else "shape"
        for name, step in (("linear", self._linear), ("trees", self._treed)):
            if (ahead := step(effects)) is not None:
                effects, rung = ahead, name  # type: ignore[assignment]
        return self._told(effects, rung)

    # --- baseline and the first rungs

    def _based(self, lessons: Lessons) -> _Effect:
        """The baseline alone."""
        effect = self._none()
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

    def _corrected(self, effects: list[_Effect]) -> list[_Effect]:
        """The baseline with what the control shows that it does not know, if anything."""
        control = ~self.lessons.treated
        paths: list[Any] = []
        for effect, part in zip(effects, (self.lessons, *self.seen), strict=True):
            own = part.at(~part.treated)
            design = _modifiers(own.expected, own.z)
            paths.append(
                fit_path(
                    "log", design, own.weight * own.orders, np.ones(design.shape[1]),
                    _known(effect, own) + np.log(own.weight),
                    paths[0].penalties if paths else None, _STEPS, _LEAST_PENALTY,
                )
            )  # fmt: skip
        loss = np.zeros((len(control), len(paths[0].penalties)))
        for effect, path, rows in zip(effects[1:], paths[1:], self.held, strict=True):
            held = self.lessons.at(rows & control)
            added = _modifiers(held.expected, held.z) @ path.weights.T
            loss[rows & control] = _loss(held, _known(effect, held)[:, None] + added)
        before = np.where(control, self._held_out(effects), 0.0)
        # What the baseline does not know would pass for an effect, so nothing is left to caution.
        chosen = self._chosen(before, loss, 0.0)
        if chosen is None:
            return effects
        return [
            replace(effect, main=path.weights[chosen])
            for effect, path in zip(effects, paths, strict=True)
        ]

    # --- judging on people not seen

    def _chosen(
        self, before: Floats, loss: Floats, errors: float, *, changes: bool = False
    ) -> int | None:
        """The simplest column within so many errors of the best, if it proves itself.

        What changes a ratio has to forecast the treated better, and that by more than it would
        the control: what does as well there is of the baseline.
        """
        treated = self.lessons.treated if changes else None
        gains = [self._gain(before, each, treated) for each in loss.T]
        best, error = max(gains, key=lambda each: each[0])
        chosen = next(k for k, (gain, _) in enumerate(gains) if gain >= best - errors * error)
        if not changes:
            return chosen if gains[chosen][0] > gains[chosen][1] else None
        sign = np.where(self.lessons.treated, 1.0, -1.0)
        apart = self._gain(sign * before, sign * loss[:, chosen])
        proven = all(gain > SHOWN * error for gain, error in (gains[chosen], apart))
        return chosen if proven else None

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
        """What changes the ratio by a penalised regression; None where it does not prove itself.

        What both arms show in common is the baseline's.
        """
        whole = _path_of(effects[0], self.lessons)
        found = [whole.weights]
        treated = self.lessons.treated
        before = np.zeros((len(treated), len(whole.penalties)))
        loss = np.zeros_like(before)
        for effect, part, rows in zip(effects[1:], self.seen, self.held, strict=True):
            found.append(_path_of(effect, part, whole.penalties).weights)
            held = self.lessons.at(rows)
            told = _modifiers(effect.without(held.expected, held.z), held.z)
            common, change = np.split(found[-1], 2, axis=1)
            base = _known(effect, held)[:, None] + told @ common.T
            before[rows] = _loss(held, base)
            loss[rows] = _loss(held, base + np.where(held.treated[:, None], told @ change.T, 0.0))
        # Of the penalties that forecast best, the simplest within one error.
        alone = self._held_out(effects)
        gains = [self._gain(alone, each) for each in loss.T]
        best, error = max(gains, key=lambda each: each[0])
        chosen = next(k for k, (gain, _) in enumerate(gains) if gain >= best - error)
        gain, error = self._gain(before[:, chosen], loss[:, chosen])
        if gain <= SHOWN * error:
            return None
        return [
            replace(
                effect, common=np.split(each[chosen], 2)[0], weights=np.split(each[chosen], 2)[1]
            )
            for effect, each in zip(effects, found, strict=True)
        ]

    def _treed(self, effects: list[_Effect]) -> list[_Effect] | None:
        """Trees on what is left; None where they do not prove themselves."""
        loss = np.zeros((len(self.lessons.offer), len(_ROUNDS)))
        for effect, part, rows in zip(effects[1:], self.seen, self.held, strict=True):
            grown = self._grown(effect, part.at(part.treated), _ROUNDS[-1])
            held = self.lessons.at(rows)
            base = _known(effect, held)
            told = _told_to_trees(effect, held)
            for k, rounds in enumerate(_ROUNDS):
                added = grown.predict(told, num_iteration=rounds, raw_score=True) if rounds else 0.0
                loss[rows, k] = _loss(held, base + added)
        chosen = self._chosen(loss[:, 0], loss, 0.5, changes=True)
        if not chosen:
            return None
        rounds = _ROUNDS[chosen]
        return [
            replace(
                effect, trees=_written(self._grown(effect, part.at(part.treated), rounds)),
                rounds=rounds,
            )
            for effect, part in zip(effects, (self.lessons, *self.seen), strict=True)
        ]  # fmt: skip

    def _grown(self, effect: _Effect, treated: Lessons, rounds: int) -> Any:
        """Trees of the logarithm of what is left of the ratio."""
        base, weight, orders = _known(effect, treated), treated.weight, treated.orders

        def slopes(score: Floats, _: Any) -> tuple[Floats, Floats]:
            mean = np.exp(np.clip(base + score, -12, 5))
            return weight * (mean - orders), np.maximum(weight * mean, 1e-12)

        told = _told_to_trees(effect, treated)
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

    def _told(
        self, effects: list[_Effect], rung: Rung
    ) -> tuple[tuple[Learned, ...], tuple[Groups, ...], _Effect]:
        lessons, effect = self.lessons, effects[0]
        m0 = effect.without(lessons.expected, lessons.z)
        log_ratios, cover, _ = _rated(effect, lessons, effect.gamma)
        spreads = np.sqrt(np.diag(cover))
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
        return tuple(learned), tuple(groups), effect

    def _none(self) -> _Effect:
        none, count = np.zeros(len(self.columns) + 1), len(self.offers)
        return _Effect(
            np.zeros(2 + len(self.places)), self.places, none, none, np.zeros(count),
            np.zeros(count), 1.0, none,
        )  # fmt: skip

    def _nothing(self) -> tuple[tuple[Learned, ...], tuple[Groups, ...], _Effect]:
        wide = float(np.exp(_MOST_LOG))
        learned = tuple(
            Learned(name, "unknown", 0, 0, 1.0, 1 / wide, wide, 0.0, "ratio", 1.0)
            for name in self.offers
        )
        groups = tuple(Groups((), (-_MOST_LOG,), (_MOST_LOG,)) for _ in self.offers)
        return learned, groups, self._none()


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
    link = effect.link(lessons.offer, m0, lessons.z)
    return np.asarray(np.log(m0) + np.where(lessons.treated, link, 0.0))


def _loss(lessons: Lessons, link: Floats) -> Floats:
    """Weighted Poisson deviance, up to what depends on the orders alone; a column a model."""
    link = np.clip(link, -12, 5)
    weight, orders = lessons.weight, lessons.orders
    if link.ndim > 1:
        weight, orders = weight[:, None], orders[:, None]
    return np.asarray(2 * weight * (np.exp(link) - orders * link))


def _log_ratios(lessons: Lessons, m0: Floats, count: int) -> tuple[Floats, Floats]:
    middle, cover = _compared(lessons, m0, count)
    return middle, np.sqrt(np.diag(cover))


def _compared(
    lessons: Lessons, m0: Floats, count: int, gamma: float = 1.0
) -> tuple[Floats, Floats]:
    """Each offer's mean log ratio, and how they vary together, over persons.

    Where the effect is another than in proportion (``gamma``), those count for more in whom it
    shows more clearly.
    """
    clear = _clear(lessons.weight, m0, gamma)
    person = np.unique(lessons.person, return_inverse=True)[1]
    influence = np.zeros((int(person.max(initial=-1)) + 1, count))
    middle = np.zeros(count)
    known = np.zeros(count, np.bool_)
    for j in range(count):
        arms = []
        for arm in (True, False):
            rows = (lessons.offer == j) & (lessons.treated == arm)
            placed = (clear * lessons.orders)[rows].sum()
            due = (clear * m0)[rows].sum()
            arms.append((rows, placed, due))
        if min(min(placed, due) for _, placed, due in arms) <= 0:
            continue
        known[j] = True
        for sign, (rows, placed, due) in zip((1, -1), arms, strict=True):
            level = placed / due
            middle[j] += sign * np.log(level)
            each = clear[rows] * (lessons.orders[rows] - level * m0[rows]) / placed
            influence[:, j] += sign * np.bincount(person[rows], each, minlength=len(influence))
    cover = influence.T @ influence
    cover[np.diag_indices(count)] += np.where(known, 1e-9, 1e6)
    return middle, cover


def _clear(weight: Floats, m0: Floats, gamma: float) -> Floats:
    return np.asarray(weight * np.maximum(m0, _CLEAREST) ** (gamma - 1))


def _prior(count: int) -> Floats:
    """How offers' mean log ratios vary: around none, and less among each other."""
    return np.asarray(_RATIO_SPREAD**2 * (_ALIKE + (1 - _ALIKE) * np.eye(count)))


def _drawn_together(middle: Floats, cover: Floats) -> tuple[Floats, Floats]:
    """Mean log ratios and their errors, each with what the other offers say of it."""
    prior = _prior(len(middle))
    gain = prior @ np.linalg.inv(prior + cover)
    left = prior - gain @ prior
    return gain @ middle, np.sqrt(np.maximum(np.diag(left), 1e-12))


def _with_shape(effect: _Effect, lessons: Lessons, gamma: float) -> _Effect:
    """Each offer's extra orders as one multiple of ``m0 ** gamma``, drawn together."""
    middle, cover, scale = _rated(effect, lessons, gamma)
    theta, _ = _drawn_together(middle, cover)
    return replace(effect, gamma=gamma, theta=theta, tau=np.expm1(theta) * scale)


def _rated(effect: _Effect, lessons: Lessons, gamma: float) -> tuple[Floats, Floats, Floats]:
    """Each offer's mean log ratio by that shape, how they vary together, and of what 1 is."""
    count = len(effect.theta)
    m0 = effect.without(lessons.expected, lessons.z)
    level, cover = _compared(lessons, m0, count, gamma)
    middle, scale, part = np.zeros(count), np.ones(count), np.ones(count)
    for j in range(count):
        rows = (lessons.offer == j) & lessons.treated
        if not rows.any():
            continue
        weight, due = lessons.weight[rows], m0[rows]
        clear, grows = _clear(weight, due, gamma), due**gamma
        scale[j] = (weight * due).sum() / (weight * grows).sum()
        # The level is a mean over those in whom it shows, the ratio one over all.
        shows = (clear * grows).sum() / (clear * due).sum()
        tau = max(np.expm1(level[j]) / shows, -0.95 * scale[j])
        middle[j] = np.log1p(tau / scale[j])
        part[j] = (1 / shows + tau) / (scale[j] + tau)
    return middle, cover * np.outer(part, part), scale


def _modifiers(m0: Floats, z: Floats) -> Floats:
    """What may change a ratio: the columns, and how much the person orders anyway."""
    return np.column_stack([z, np.clip((np.log(m0) + 2.0) / 1.2, -_CLIP, _CLIP)])


def _told_to_trees(effect: _Effect, lessons: Lessons) -> Floats:
    m0 = effect.without(lessons.expected, lessons.z)
    return np.column_stack([_modifiers(m0, lessons.z), lessons.offer])


def _path_of(effect: _Effect, lessons: Lessons, penalties: Floats | None = None) -> Any:
    told = _modifiers(effect.without(lessons.expected, lessons.z), lessons.z)
    design = np.column_stack([told, np.where(lessons.treated[:, None], told, 0.0)])
    return fit_path(
        "log", design, lessons.weight * lessons.orders, np.ones(design.shape[1]),
        _known(effect, lessons) + np.log(lessons.weight), penalties, _STEPS, _LEAST_PENALTY,
    )  # fmt: skip


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
