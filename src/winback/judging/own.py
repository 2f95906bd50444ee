"""Rivals of one's own in the court: a model, features or settings beside those that score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd

from winback.arrays import Floats
from winback.draws import half_of
from winback.errors import UsageError
from winback.judging.backtesting import backtest
from winback.judging.gate import compare, paired
from winback.judging.sampling import rounded
from winback.learning.fit import Wish, train_settings
from winback.learning.gaps import known_by, outside_gaps
from winback.learning.logistic import fit_logistic
from winback.params import RESAMPLES
from winback.results.judged import MODEL, Interval
from winback.results.tried import Tried
from winback.snapshots.days import ShopDays

_KEYS = ["customer_id", "cutoff"]


class Predictor(Protocol):
    """What can be fitted and then asked: any classifier in the manner of scikit-learn."""

    def fit(self, X: Any, y: Any) -> Any:  # as scikit-learn calls it
        """Learn from columns, and from 1 or 0: whether the customer returned."""

    def predict_proba(self, X: Any) -> Any:
        """Two columns: the chance that the customer does not return, and that one does."""


@dataclass
class PlainLogistic:
    """A logistic regression on standardised columns, as an example of an own model.

    Each weight leans towards nothing with the spread given; what is null counts as the mean.
    Nothing is random, and it needs no further package.
    """

    spread: float = 3.0
    _mean: Floats = field(init=False, repr=False, default_factory=lambda: np.empty(0))
    _scale: Floats = field(init=False, repr=False, default_factory=lambda: np.empty(0))
    _weights: Floats = field(init=False, repr=False, default_factory=lambda: np.empty(0))

    def fit(self, X: pd.DataFrame, y: Any) -> PlainLogistic:
        """Learn one weight per column."""
        values = X.to_numpy(np.float64, na_value=np.nan)
        known = ~np.isnan(values)
        n = np.maximum(known.sum(axis=0), 1)
        self._mean = np.where(known, values, 0.0).sum(axis=0) / n
        gaps = np.where(known, values - self._mean, 0.0)
        self._scale = np.sqrt(np.square(gaps).sum(axis=0) / n)
        self._scale[self._scale == 0] = 1.0
        design = self._design(X)
        size = design.shape[1]
        self._weights = fit_logistic(
            design, np.asarray(y, np.float64), prior=np.zeros(size),
            spread=np.array([10.0] + [self.spread] * (size - 1)),
        )  # fmt: skip
        return self

    def predict_proba(self, X: pd.DataFrame) -> Floats:
        """Chances not to return and to return."""
        log_odds = np.einsum("ni,i->n", self._design(X), self._weights)
        p = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -500, 500)))
        return np.column_stack([1.0 - p, p])

    def _design(self, X: pd.DataFrame) -> Floats:
        values = X.to_numpy(np.float64, na_value=np.nan)
        z = np.where(np.isnan(values), 0.0, (values - self._mean) / self._scale)
        return np.column_stack([np.ones(len(z)), z])


def predict_as_of(
    judged: pd.DataFrame, rows: pd.DataFrame, model: Predictor, *, columns: Sequence[str],
    days: ShopDays | None = None,
) -> pd.Series:  # fmt: skip
    """What an own model would have said at each cutoff that is judged, from what was known then.

    At each cutoff the model is fitted anew on the snapshots whose horizon had closed by then, as
    `backtest` does with ours, and asked about the customers judged there. Put it beside the
    others as a column of its own, and ask `judge_rivals` or `evaluate_predictions`::

        judged["p_forest"] = wb.predict_as_of(judged, rows, RandomForestClassifier(), columns=...)

    Args:
        judged: what `backtest` gave; one row a customer and cutoff.
        rows: snapshots and outcomes of all closed cutoffs, with the columns; those of
            ``take_snapshots(...).closed()`` or of a project's ``lessons()``.
        model: whatever has ``fit(X, y)`` and ``predict_proba(X)``.
        columns: the snapshot columns that it is given, as a DataFrame; they may be null.
        days: the shop's days, whose gaps teach nothing.

    Returns:
        Probabilities in the order of ``judged``; null at cutoffs by which nothing had closed, or
        nobody, or everybody, had returned.

    Raises:
        UsageError: a column is not in the snapshots.
    """
    missing = [column for column in columns if column not in rows]
    if missing:
        raise UsageError("judging.own_no_column", column=missing[0])
    found = pd.Series(np.nan, index=judged.index, dtype=np.float64)
    names, features = list(columns), rows.drop_duplicates(_KEYS).set_index(_KEYS)
    for asked, taught in _lessons(judged, rows, days):
        returned = taught["returned"].to_numpy(np.float64)
        if not 0 < returned.sum() < len(returned):
            continue
        model.fit(taught[names], returned)
        told = features[names].reindex(pd.MultiIndex.from_frame(judged.loc[asked, _KEYS]))
        found.loc[asked] = np.asarray(model.predict_proba(told.reset_index(drop=True)))[:, 1]
    return found


def _lessons(
    judged: pd.DataFrame, rows: pd.DataFrame, days: ShopDays | None
) -> Iterator[tuple[pd.Index[Any], pd.DataFrame]]:
    """Which rows are asked together, and what may teach for them."""
    for cutoff in sorted(judged["cutoff"].unique()):
        part = judged[judged["cutoff"] == cutoff]
        horizon = int(part["judged_days"].iloc[0])
        if set(part["origin_kind"]) == {"customers"}:
            here = rows[rows["cutoff"] == cutoff]
            for own in (True, False):
                yield (
                    part.index[half_of(part["customer_id"]) == own],
                    here[half_of(here["customer_id"]) != own],
                )
            continue
        closed = rows[rows["cutoff"] + pd.Timedelta(days=horizon) <= cutoff]
        yield part.index, outside_gaps(closed, known_by(days, cutoff), horizon)


def try_settings(
    rows: pd.DataFrame,
    variants: Mapping[str, Mapping[str, float | Sequence[int] | None]],
    *,
    settings: Wish | None = None,
    **asked: Any,
) -> pd.DataFrame:
    """What the model would have said with other settings, beside itself and the simple rules.

    Args:
        rows: snapshots and outcomes of all closed cutoffs, as `backtest` takes them.
        variants: by name, keys of the ``train`` section with other values, such as
            ``{"shallow": {"num_leaves": 7}}``.
        settings: the ``train`` section they differ from.
        **asked: ``horizon_days``, ``active_days`` and what else `backtest` takes.

    Returns:
        As `backtest` gives it, with a column ``p_<name>`` for each variant; empty, and without
        them, where no horizon has closed.
    """
    given = train_settings(settings)
    judged = backtest(rows, settings=given, **asked)
    for name, other in variants.items() if len(judged) else ():
        changed = train_settings({**given.model_dump(), **other})
        judged[f"p_{name}"] = backtest(rows, settings=changed, **asked)[f"p_{MODEL}"]
    return judged


def judge_rivals(
    judged: pd.DataFrame, names: Sequence[str], *, against: str = MODEL,
    n_bootstrap: int = RESAMPLES,
) -> tuple[Tried, ...]:  # fmt: skip
    """Each of several rivals beside one method, by paired intervals over customers.

    The same customers at the same cutoffs, drawn anew with all their rows together for both
    sides, so that what is hard for everybody is no difference. Of several rivals one looks good by
    chance: their intervals are widened so that all of them hold at once in 95 of 100 comparisons
    (Dunn 1961).

    Args:
        judged: a backtest with a column ``p_<name>`` for each; a row with a null one is left out.
        names: the rivals.
        against: whom each is compared with.
        n_bootstrap: draws.
    """
    wider = NormalDist().inv_cdf(1 - 0.025 / max(len(names), 1)) / NormalDist().inv_cdf(0.975)
    return tuple(_tried(judged, name, against, n_bootstrap, wider) for name in names)


def _tried(judged: pd.DataFrame, name: str, against: str, n_bootstrap: int, wider: float) -> Tried:
    both = paired(judged, judged, (against, name))
    if both.empty:
        return Tried(
            name=name, against=against, finding="not_compared", customers=0, cutoffs=0,
            log_loss=None, log_loss_against=None, gain=None,
        )  # fmt: skip
    found = compare(both, n_bootstrap=n_bootstrap)
    gain = found.gain
    finding: Literal["better", "even", "worse", "few"] = "few"
    if gain is not None and gain.low is not None and gain.high is not None:
        low, high = (gain.value + wider * (end - gain.value) for end in (gain.low, gain.high))
        gain = Interval(value=gain.value, low=rounded(low), high=rounded(high))
        finding = "better" if low > 0 else "worse" if high < 0 else "even"
    return Tried(
        name=name, against=against, finding=finding, customers=found.customers,
        cutoffs=len(found.origins), log_loss=found.log_loss,
        log_loss_against=found.log_loss_champion, gain=None if finding == "few" else gain,
    )  # fmt: skip
