"""Learn the return model from the cutoffs whose horizon has closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from winback.arrays import Floats, Mask
from winback.draws import key_of, quarter_of, share_of
from winback.learning.feasts import NO_FEASTS, Feasts, learn_feasts
from winback.learning.gaps import by_the_shops_clock, gap_lately, known_by, outside_gaps
from winback.learning.habits import MbgNbd, fit_mbgnbd, repeats_and_ages
from winback.learning.horizons import with_steps
from winback.learning.logistic import fit_logistic
from winback.learning.model import Carried, ReturnModel
from winback.learning.regression import TRANSFORMED, Linear, fit_linear
from winback.learning.season import (
    LEAST_RATE,
    expit,
    explained_levels,
    feast_shifts,
    forecast_season,
    logit,
    shift_to,
)
from winback.learning.treated import untreated
from winback.learning.trees import Binned, Trees
from winback.learning.value import fit_value
from winback.params import TrainSettings, check_params
from winback.results.learned import TrainingFacts
from winback.snapshots.days import ShopDays
from winback.snapshots.plan import Day, as_day

Wish = TrainSettings | Mapping[str, float | Sequence[int] | None]
"""The ``train`` section, or some of its keys."""


# Fewer than this many of either outcome teach nothing but a base rate.
LEAST_OUTCOMES = 20
# LightGBM joins in from here on; below, the regression alone is better (docs/decisions.md).
_LEAST_ROWS_FOR_TREES = 500
# Trees start halfway on the regression, and a second time from the level alone: halfway they cannot
# rank freely, from the level they learn anew what the regression knows; their average ranks better
# than either (docs/decisions.md).
_TREES_START = 0.5
# Before the held-out cutoff has spoken, the trees' part of the blend is that of its customers in
# themselves and this number, less where closed windows saw less past than today's customers have:
# with few, and with short pasts, the regression is the surer.
_BLEND_CUSTOMERS = 400.0
_BLEND_SPREAD = (0.3, 0.3, 1e-6)
# Closed cutoffs with less than this part of today's longest past do not count as experience.
_THIN_PAST = 0.4
# For so long after a gap today's silences are longer than any that taught.
_GAP_FELT_DAYS = 180
# How far the forecast is believed then: nearly all the way, since some leave in a gap, too.
_AFTER_A_GAP = 0.85
# Older cutoffs tell about the season, not about today's customers.
_LEARN_FROM_DAYS = 400


def fit_return_model(
    rows: pd.DataFrame,
    *,
    cutoff: Day,
    horizon_days: int,
    horizons_days: Sequence[int] = (),
    customers: pd.DataFrame | None = None,
    settings: Wish | None = None,
    value: bool = True,
    habit_only: bool | None = None,
    treated: pd.DataFrame | None = None,
    first_days: pd.DataFrame | None = None,
    days: ShopDays | None = None,
) -> ReturnModel:
    """Learn from the cutoffs whose horizon had closed by ``cutoff``.

    Args:
        rows: snapshot columns and outcomes, one row per customer and earlier cutoff; rows
            whose horizon closes after ``cutoff`` are left out here.
        cutoff: the cutoff to be predicted: a date, a timestamp or text such as 2024-05-01.
        horizon_days: the main horizon.
        horizons_days: further horizons that ``predict`` gives.
        customers: snapshots at ``cutoff``; their habits tell how the level has moved since
            the newest closed window. Without them it is taken to stand still.
        settings: the ``train`` section of params, or a mapping with some of its keys.
        value: also learn expected orders and spend.
        habit_only: leave all to the habit; the default is what `history_is_thin` says.
        treated: who was sent what, as `untreated_days` takes it; a row whose outcome an offer
            may have touched is left out, and ``facts`` says how many were.
        first_days: snapshot columns and outcomes of the first ``part_days`` of the horizon, as
            `take_first_days` gives them where the closed windows saw less than two thirds of
            today's past; they then teach those days, also by windows of which the rest is open.
        days: the shop's days, as `shop_days` gives them; windows that overlap a gap known by
            ``cutoff`` teach nothing, unless there are no others, and what feasts do to the
            shop's purchases is learned from them.
    """
    settings = train_settings(settings)
    day = pd.Timestamp(as_day(cutoff))
    days = known_by(days, day)
    known, facts = _closed(rows, day, horizon_days, treated, days)
    lesson = _Lesson(
        known=known,
        customers=customers,
        cutoff=day,
        horizon_days=horizon_days,
        horizons=tuple(sorted({horizon_days, *horizons_days})),
        settings=settings,
        facts=facts,
        days=days,
        feasts=learn_feasts(days, day.date()),
    )
    if len(known) == 0:
        return _without_features("unproven", 0.0, lesson)
    model = None
    if customers is not None and first_days is not None and not habit_only:
        model = _from_first_days(lesson, customers, first_days, treated)
    if model is None:
        if habit_only is None:
            habit_only = customers is not None and history_is_thin(known, customers)
        model = _from_habit(lesson) if habit_only else None
    if model is None and lesson.least_outcomes < LEAST_OUTCOMES:
        model = _from_base_rate(lesson)
    model = model or _from_features(lesson)
    return _with_value(model, lesson) if value else model


def train_settings(wish: Wish | None) -> TrainSettings:
    """The ``train`` section, of itself or of a mapping with some of its keys.

    Raises:
        UsageError: an unknown key, which is named with the nearest known one, or a value of the
            wrong kind.
    """
    if wish is None or isinstance(wish, TrainSettings):
        return wish or TrainSettings()
    return check_params({"train": dict(wish)}, "settings").train


@dataclass(frozen=True)
class _Lesson:
    """What there is to learn from, for whom and how."""

    known: pd.DataFrame  # rows of closed cutoffs, in order
    customers: pd.DataFrame | None
    cutoff: pd.Timestamp
    horizon_days: int
    horizons: tuple[int, ...]
    settings: TrainSettings
    facts: TrainingFacts
    days: ShopDays | None  # as known at the cutoff
    feasts: Feasts

    @property
    def past(self) -> pd.DataFrame:
        """Whose habit is learned: it comes from the longest history, and reads no outcome."""
        if self.customers is None or self.customers.empty:
            newest: pd.DataFrame = self.known[self.known["cutoff"] == self.known["cutoff"].max()]
            return newest
        return self.customers

    @cached_property
    def past_of_the_shop(self) -> pd.DataFrame:
        """The same by the shop's clock, which stands still in a gap."""
        return by_the_shops_clock(self.past, self.days)

    @cached_property
    def known_of_the_shop(self) -> pd.DataFrame:
        """Rows of closed cutoffs by the shop's clock."""
        return by_the_shops_clock(self.known, self.days)

    @property
    def least_outcomes(self) -> int:
        """How many returned, or did not, whichever is less."""
        return min(self.facts.returned, self.facts.rows - self.facts.returned)

    def stepped(self, model: ReturnModel, binned: Binned, habit: MbgNbd | None) -> ReturnModel:
        """The same model with its other horizons, of what the rows of ``binned`` teach."""
        return with_steps(
            model, binned, self.known, habit, self.cutoff, self.customers, self.feasts, self.days
        )


def _closed(
    rows: pd.DataFrame, cutoff: pd.Timestamp, horizon_days: int, treated: pd.DataFrame | None,
    days: ShopDays | None,
) -> tuple[pd.DataFrame, TrainingFacts]:  # fmt: skip
    """The rows that may teach, and what is to be said of them."""
    closed = (rows["cutoff"] + pd.Timedelta(days=horizon_days) <= cutoff).to_numpy()
    known = _in_order(rows if closed.all() else rows[closed])
    known = outside_gaps(known, days, horizon_days)
    seen = len(known)
    known = untreated(known, treated, horizon_days)
    left_out = 0
    if treated is not None:
        left_out = seen - int((~known.duplicated(["customer_id", "cutoff"])).sum())
    facts = TrainingFacts(
        cutoff=cutoff.date(),
        rows=len(known),
        returned=int(known["returned"].to_numpy(bool).sum()),
        rows_left_out_treated=left_out,
        learned_days=horizon_days,
        rows_of_part=None,
        base_rates={
            pd.Timestamp(str(day)).date(): round(float(rate), 4)
            for day, rate in _rates(known).items()
        },
    )
    return known, facts


def _rates(known: pd.DataFrame) -> pd.Series[float]:
    """Share that returned, by cutoff."""
    return known.groupby("cutoff")["returned"].mean().astype(float)


def _from_base_rate(lesson: _Lesson) -> ReturnModel:
    """The model that gives everybody the same chance, where too little happened for more."""
    facts = lesson.facts
    level = float(logit((facts.returned + 1) / (facts.rows + 2)))
    learned = Binned(_sampled(lesson.known, lesson.settings.max_rows), lesson.settings)
    return lesson.stepped(_without_features("base_rate", level, lesson), learned, None)


def _from_features(lesson: _Lesson) -> ReturnModel:
    """The model of regression and, with enough rows, trees."""
    known, customers, settings = lesson.known, lesson.customers, lesson.settings
    habit = fit_mbgnbd(*repeats_and_ages(lesson.past_of_the_shop))
    levels = _levels(lesson, habit)
    recent = known["cutoff"] >= known["cutoff"].max() - pd.Timedelta(days=_LEARN_FROM_DAYS)
    learned = _sampled(known, settings.max_rows, recent.to_numpy())
    y = learned["returned"].to_numpy(np.float64)
    season_of = _of_rows(levels.seasons, learned)
    linear = fit_linear(learned, y, season_of, habit, lesson.horizon_days)
    trees, blend, facts = None, (0.0, 1.0), lesson.facts
    binned = Binned(learned, settings)
    if len(learned) >= _LEAST_ROWS_FOR_TREES:
        trees, blend, rounds = _grow(lesson, levels, habit, linear, binned)
        facts = facts.model_copy(update={"rounds": rounds, "blend": blend})
    level = round(levels.start, 6)
    trust = float(np.clip((_past_seen(known, customers) - _THIN_PAST) / _THIN_PAST, 0, 1))
    if habit is not None and trust < 1:
        blend, linear = _towards_habit(blend, linear, level, trust)
    share = float(expit(levels.coming))
    model = ReturnModel(
        kind="blend" if trees else "regression",
        horizon_days=lesson.horizon_days,
        horizons_days=lesson.horizons,
        level=level,
        season=round(levels.season, 6),
        blend=blend,
        linear=linear,
        trees=trees,
        steps=(),
        value=None,
        facts=facts.model_copy(update={"level": round(share, 4)}),
        threads=settings.threads,
    )
    if customers is not None and len(customers):
        # The features count the days of a gap as silence, which only the forecast does not.
        after_gap = gap_lately(lesson.days, lesson.cutoff, _GAP_FELT_DAYS)
        shift = shift_to(
            share, model.log_odds(customers), believed=_AFTER_A_GAP if after_gap else 0.5
        )
        model = replace(model, shift=shift)
    return lesson.stepped(model, binned, habit)


@dataclass(frozen=True)
class _Levels:
    """Log-odds of the share that returned at each closed cutoff, and what of it is season."""

    # Trees start from the level without what yearly buyers add to it or take from it: a December
    # full of them raises nobody else's chance.
    starts: pd.Series[float]
    start: float  # of the coming window
    seasons: pd.Series[float]
    season: float  # of the coming window
    coming: float  # log-odds of its share


def _levels(lesson: _Lesson, habit: MbgNbd | None) -> _Levels:
    known, customers, horizon_days = lesson.known, lesson.customers, lesson.horizon_days
    rates = _rates(known)
    # Rounded, so that the last bit of a logarithm on another processor moves no tree.
    levels = logit(rates.clip(LEAST_RATE, 1 - LEAST_RATE)).round(8)
    explained, feasts = pd.Series(0.0, levels.index), lesson.feasts
    yearly, yearly_now = 0.0 * explained, 0.0
    if habit is not None:
        explained = explained_levels(lesson.known_of_the_shop, habit, horizon_days)
        yearly = explained - explained_levels(
            lesson.known_of_the_shop, habit, horizon_days, own_season=False
        )
    by_cutoff = known.groupby("cutoff")
    closed = pd.DataFrame(
        {"season": levels - explained, "share": rates, "customers": by_cutoff.size()}
    ).assign(feasts=0.0)
    closed["past_days"] = by_cutoff["days_since_first_order"].max().astype(float)
    longest = float(lesson.past["days_since_first_order"].max())
    now, added = explained[explained.index.max()], 0.0
    if customers is not None and habit is not None and len(customers):
        now, steadily = (
            explained_levels(lesson.past_of_the_shop, habit, horizon_days, own_season=own).iloc[-1]
            for own in (True, False)
        )
        yearly_now = now - steadily
    if feasts.effects:
        closed["feasts"], added = _feasts_added(lesson, habit, levels, explained)
        closed["season"] -= closed["feasts"]
    season = added + forecast_season(closed, lesson.cutoff, horizon_days, longest, added)
    starts = (levels - yearly).round(8)
    start = float(now - yearly_now + season)
    return _Levels(starts, start, levels - explained, season, float(now + season))


def _feasts_added(
    lesson: _Lesson, habit: MbgNbd | None, levels: pd.Series[float], explained: pd.Series[float]
) -> tuple[pd.Series[float], float]:
    """What feasts add to the log-odds of each closed window's share, and of the coming one's."""
    days, feasts = lesson.horizon_days, lesson.feasts
    if habit is None:
        with_coming = pd.concat([levels, pd.Series(levels.mean(), [lesson.cutoff])])
        shifts = feast_shifts(with_coming, days, feasts)
        return shifts.iloc[:-1], float(shifts.iloc[-1])
    closed = explained_levels(lesson.known_of_the_shop, habit, days, feasts=feasts) - explained
    feasted, usual = (
        explained_levels(
            lesson.past_of_the_shop, habit, days, feasts=each, cutoff=lesson.cutoff
        ).iloc[0]
        for each in (feasts, NO_FEASTS)
    )
    return closed, float(feasted - usual)


def _of_rows(by_cutoff: pd.Series[float], rows: pd.DataFrame) -> Floats:
    return np.asarray(by_cutoff.reindex(rows["cutoff"]), np.float64)


def _grow(
    lesson: _Lesson, levels: _Levels, habit: MbgNbd | None, linear: Linear, binned: Binned
) -> tuple[Trees, tuple[float, float], int]:  # fmt: skip
    """Trees, the weights of trees and regression, and the most rounds that trees were grown.

    Trees that start from the level alone are free to rank; those that start halfway on the
    regression keep what it knows where rows are few. Each stops by itself, and their average
    is blended with the regression.
    """
    learned, horizon_days = binned.rows, lesson.horizon_days
    y = learned["returned"].to_numpy(np.float64)
    level_of, season_of = _of_rows(levels.starts, learned), _of_rows(levels.seasons, learned)
    fitted, held = _validation_split(learned, pd.Timedelta(days=horizon_days))
    rival = fit_linear(learned[fitted], y[fitted], season_of[fitted], habit, horizon_days)
    regression = rival.log_odds(learned, season_of) - level_of
    known = linear.log_odds(learned, season_of) - level_of
    # The regression knows of lengths of past that no row shows; trees from the level do not.
    seen = _past_seen(learned[fitted], lesson.customers)
    free = float(np.clip((seen - _THIN_PAST) / _THIN_PAST, 0, 1))
    starts = (_TREES_START * (1 - free), _TREES_START)
    boosters, margins, most = [], [], 0
    for share in starts:
        rounds, margin = binned.early_stopping(
            y, (level_of + share * regression).round(8), fitted, held
        )
        margins.append(margin + share * regression[held])
        start = (level_of + share * known).round(8)
        boosters += binned.boost(y, start, rounds, seeds=lesson.settings.seeds)
        most = max(most, rounds)
    customers = int(held.sum())
    of_trees = customers / (customers + _BLEND_CUSTOMERS)
    of_trees *= min(1.0, _past_seen(learned, lesson.customers))
    blend = np.array([of_trees, 1 - of_trees])
    # Other customers at the same cutoffs say nothing of how the weights carry to the next.
    if learned["cutoff"][fitted].max() < learned["cutoff"][held].min():
        # Weighed around the level, so that sharper weights do not move the mean.
        judged = np.column_stack([np.mean(margins, axis=0), regression[held], level_of[held]])
        weights = fit_logistic(judged, y[held], prior=(*blend, 1.0), spread=_BLEND_SPREAD)
        # However many its customers, it is one cutoff, and the next will differ: halfway.
        blend = (weights[:2] + blend) / 2
    # What the trees start from is the regression's: its weight, and the trees' is of their margin.
    of_trees, of_linear = float(blend[0]), float(blend[1] + blend[0] * np.mean(starts))
    weights_of = (round(of_trees, 6), round(of_linear, 6))
    return Trees(boosters, binned.features), weights_of, most


def _from_first_days(
    lesson: _Lesson, customers: pd.DataFrame, first_days: pd.DataFrame,
    treated: pd.DataFrame | None,
) -> ReturnModel | None:  # fmt: skip
    """The model of the first days of the horizon, carried on; None if they teach none."""
    rows = first_days[first_days["part_days"] < lesson.horizon_days]
    habit = None if rows.empty else fit_mbgnbd(*repeats_and_ages(customers))
    if habit is None:
        return None
    part_days = int(rows["part_days"].iloc[0])
    model = fit_return_model(
        rows.drop(columns="part_days"), cutoff=lesson.cutoff, horizon_days=part_days,
        horizons_days=[h for h in lesson.horizons if h < part_days], customers=customers,
        settings=lesson.settings, value=False, treated=treated, days=lesson.days,
    )  # fmt: skip
    if model.linear is None:
        return None
    of_part = model.facts.model_dump(include={"rounds", "blend"}, exclude_unset=True)
    facts = lesson.facts.model_copy(
        update={"learned_days": part_days, "rows_of_part": model.facts.rows, **of_part}
    )
    return replace(
        model, horizon_days=lesson.horizon_days, horizons_days=lesson.horizons,
        carried=Carried(part_days, habit), facts=facts,
    )  # fmt: skip


def history_is_thin(known: pd.DataFrame, customers: pd.DataFrame) -> bool:
    """Whether the closed cutoffs saw so much less past that they teach nothing about today.

    A month before the only closed cutoff says little about customers of four months: their
    counts and ages lie outside of what was seen. A habit has the length of history in its
    formula.
    """
    return _past_seen(known, customers) < _THIN_PAST


def _past_seen(known: pd.DataFrame, customers: pd.DataFrame | None) -> float:
    """Longest past of the closed cutoffs' customers, over that of today's."""
    if customers is None or customers.empty:
        return 1.0
    then, now = (rows["days_since_first_order"].max() for rows in (known, customers))
    return float(then / now)


def _from_habit(lesson: _Lesson) -> ReturnModel | None:
    """The model that takes the habit's log-odds as they are; None where too few bought again."""
    if (lesson.past["order_days_total"] > 1).sum() < LEAST_OUTCOMES:
        return None
    habit = fit_mbgnbd(*repeats_and_ages(lesson.past_of_the_shop))
    if habit is None:
        return None
    width = len(TRANSFORMED)
    zeros, ones, wide = [0.0] * width, [1.0] * width, [1e9] * width
    linear = Linear(
        habit=habit,
        horizon_days=lesson.horizon_days,
        mean=zeros,
        scale=ones,
        low=[-x for x in wide],
        high=wide,
        weights=[1.0, *zeros],
        intercept=0.0,
    )
    plain = replace(_without_features("habit", 0.0, lesson), blend=(0.0, 1.0), linear=linear)
    return lesson.stepped(plain, Binned(lesson.known, lesson.settings), habit)


def _towards_habit(
    blend: tuple[float, float], linear: Linear, level: float, trust: float
) -> tuple[tuple[float, float], Linear]:
    """The same model, mixed with the habit's log-odds and the season as they are.

    ``trust`` is the part left to what was learned; the habit's log-odds are the regression's
    first transform, so that the mixture is a regression again.
    """
    of_trees, of_linear = blend
    weights = trust * of_linear * np.array(linear.weights)
    weights[0] += (1 - trust) * linear.scale[0]
    weights[-1] += 1 - trust
    intercept = trust * (of_linear * linear.intercept + (1 - of_linear) * level)
    intercept += (1 - trust) * linear.mean[0]
    mixed = replace(linear, weights=weights.round(8).tolist(), intercept=round(intercept, 8))
    return (round(trust * of_trees, 6), 1.0), mixed


def _without_features(kind: str, level: float, lesson: _Lesson) -> ReturnModel:
    return ReturnModel(
        kind, lesson.horizon_days, lesson.horizons, level, 0.0, (0.0, 0.0), None, None, (), None,
        facts=lesson.facts,
    )  # fmt: skip


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by customer and cutoff: bagging draws rows by their place."""
    keys = ["customer_id", "cutoff"]
    # Sorting a large table takes longer than seeing that the snapshots already are.
    if pd.MultiIndex.from_frame(rows[keys]).is_monotonic_increasing:
        return rows
    return rows.sort_values(keys, kind="stable")


def _sampled(rows: pd.DataFrame, most: int, among: Mask | None = None) -> pd.DataFrame:
    """At most about ``most`` rows, drawn by a hash of the key, never by row order."""
    places = np.arange(len(rows)) if among is None else np.flatnonzero(among)
    if len(places) > most:
        places = places[share_of(key_of(rows[["customer_id", "cutoff"]].iloc[places]), most)]
    # Taken once: ninety columns of all that is known are not copied on the way.
    return rows if len(places) == len(rows) else rows.iloc[places]


def _validation_split(rows: pd.DataFrame, horizon: pd.Timedelta) -> tuple[Mask, Mask]:
    """Rows to fit on and rows to judge on: by time where possible, else by customer."""
    newest = rows["cutoff"].max()
    held = (rows["cutoff"] == newest).to_numpy()
    fitted = (rows["cutoff"] + horizon <= newest).to_numpy()
    y = rows["returned"].to_numpy(bool)
    if min(y[fitted].sum(), (~y[fitted]).sum()) >= LEAST_OUTCOMES:
        return fitted, held
    fold = quarter_of(rows["customer_id"])
    return ~fold, fold


def _with_value(model: ReturnModel, lesson: _Lesson) -> ReturnModel:
    """The same model, with what customers are worth."""
    settings = lesson.settings
    value = fit_value(
        lesson.known, cutoff=lesson.cutoff, horizon_days=model.horizon_days,
        customers=lesson.customers, habit=model.linear.habit if model.linear else None,
        lifetime_days=settings.lifetime_days, max_rows=settings.max_rows, feasts=lesson.feasts,
    )  # fmt: skip
    return replace(model, value=value)
