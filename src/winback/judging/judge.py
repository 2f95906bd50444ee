"""How good predictions were, at cutoffs whose outcome the model never saw.

Ranking, calibration and lift with intervals, for everybody, for recently active customers and
for one-time buyers, beside the honest rivals; and one plain sentence on whether the model is
worth having.

Sampling is by customer: a customer scored at three cutoffs is one draw, not three.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit, factorial, logit

from winback.errors import WinbackError
from winback.params import RESAMPLES

Floats = NDArray[np.float64]

SHARES = (0.05, 0.10, 0.20)
"""Shares of customers at which lift is reported."""

IN_WORDS = {
    "base_rate": {"en": "the base rate for everybody", "pl": "ten sam odsetek dla wszystkich"},
    "recency": {"en": "days since the last order", "pl": "dni od ostatniego zamówienia"},
    "own_rhythm": {
        "en": "silence against the customer's own rhythm",
        "pl": "cisza na tle własnego rytmu klienta",
    },
    "rfm": {"en": "RFM quintiles", "pl": "kwintyle RFM"},
    "logistic_rfm": {"en": "logistic regression on RFM", "pl": "regresja logistyczna na RFM"},
    "bgnbd": {"en": "BG/NBD", "pl": "BG/NBD"},
    "mbgnbd": {"en": "MBG/NBD", "pl": "MBG/NBD"},
    "pareto_nbd": {"en": "Pareto/NBD", "pl": "Pareto/NBD"},
}
"""What each simple rule is called in a sentence; other names stand for themselves."""

_BINS = 10
_LOG_LOSS_CLIP = 1e-6
# Resampled rankings are made of at most this many groups of neighbouring probabilities; the
# reported values themselves are exact.
_RANK_GROUPS = 1000
_MOST_ROW_DRAWS = 50_000_000
_LEAST_DRAWS = 100
_CURVE_SHARES = (0.01, 0.02, *(round(0.05 * i, 2) for i in range(1, 21)))
# A bootstrap of a handful of customers shows only those few customers.
_LEAST_CUSTOMERS = 20
# A cutoff judges today's model if its model had learned from this part of today's past, from
# which on the return model trusts what closed windows taught (twice `model._THIN_PAST`).
_RIPE_PAST = 0.8
_KEYS = ("customer_id", "cutoff", "returned", "recently_active")


@dataclass(frozen=True)
class Evaluation:
    """What the predictions were worth.

    ``summary`` is evaluation.json: numbers rounded to 4 decimals, null where a metric is not
    defined (one class only, a method without a probability for some row, a constant
    prediction's calibration slope). ``calibration`` has one row per population, method and
    bin of about a tenth of the rows (equal probabilities share a bin): mean ``predicted``,
    share ``observed``, and its 95 % Wilson interval counting each customer once. ``lift`` has
    one row per population, method and share targeted: share of all returning customers
    ``captured``, and that over the share targeted.
    """

    summary: dict[str, Any]
    calibration: pd.DataFrame
    lift: pd.DataFrame

    def to_json(self) -> str:
        """The summary as JSON text, the same bytes for the same predictions."""
        return json.dumps(self.summary, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def evaluate_predictions(
    predictions: pd.DataFrame,
    *,
    horizon_days: int,
    active_days: int,
    n_bootstrap: int = RESAMPLES,
    seed: int = 0,
    model: str = "lightgbm",
    champion: Mapping[str, Any] | None = None,
) -> Evaluation:
    """Ranking, calibration and lift of every method, with 95 % intervals.

    ``populations`` pools the rows of all evaluation cutoffs, so ranking there is also
    between cutoffs; ``by_cutoff`` has the same metrics within each cutoff, without intervals.
    ``everyone`` is every row, ``recently_active`` those flagged so, ``one_time_buyers`` those
    whose second purchase is still to come, where ``one_time_buyer`` flags them.

    Metrics: area under the ROC curve (a tie counts half); average precision; log loss of
    probabilities kept within 1e-6 of 0 and 1; Brier score; slope of a logistic regression of
    the outcome on the predicted log-odds (1 is right, below 1 too extreme) and intercept with
    that slope held at 1 (0 is right, below 0 predicted too high); expected calibration error
    over ten bins of equal count; lift at 5, 10 and 20 % (customers with one probability share
    the places left, whatever the row order).

    Intervals: customers are drawn anew with Poisson(1) weights, all their rows together, the
    same draws for every method; the 2.5 and 97.5 % points. Large tables are drawn fewer times
    (``n_bootstrap`` in the summary says how many). Slope and intercept move by one Newton
    step per draw, which agrees with a full refit to first order. Draws of the calibration error
    are moved to have it as their mean.

    ``verdict`` compares ``model`` with the simple rule of the lowest log loss (then the
    highest ROC AUC) over everyone; differences are model less rule. ``beats`` is true only if
    the whole interval of the log loss difference is below 0, null if nothing could be compared
    or fewer than 20 customers returned or stayed away.

    Absence: a method with a null probability for some rows has null metrics over those rows,
    for it would be judged on other customers than its rivals.

    Args:
        predictions: One row per customer and evaluation cutoff: ``customer_id``, ``cutoff``,
            ``returned``, ``recently_active``, perhaps ``one_time_buyer``, and a ``p_<method>``
            column for each method.
        horizon_days: The horizon the probabilities are for.
        active_days: What ``recently_active`` means; only written down.
        n_bootstrap: Draws for the intervals; 0 gives none.
        seed: Of the draws.
        model: The method that is judged against the others.
        champion: What ``choose_champion`` says, carried into the verdict.

    Raises:
        WinbackError: A column is missing, an outcome is null, or a probability lies outside
            0 to 1.
    """
    rows = _checked(predictions)
    methods = [name.removeprefix("p_") for name in rows.columns if name.startswith("p_")]
    customer, customers = pd.factorize(rows["customer_id"])
    returned = rows["returned"].to_numpy(dtype=np.float64)
    active = rows["recently_active"].to_numpy(dtype=bool)
    draws = _draw_customers(len(customers), _draws_for(len(rows), n_bootstrap), seed)

    figures: dict[tuple[str, str], _Figures] = {}
    calibration: list[tuple[Any, ...]] = []
    lift: list[tuple[Any, ...]] = []
    populations = {"everyone": np.ones(len(rows), dtype=bool), "recently_active": active}
    if "one_time_buyer" in rows:
        populations["one_time_buyers"] = rows["one_time_buyer"].to_numpy(dtype=bool)
    # One at a time, and then let go: what is sorted for a method is larger than the rows.
    for population, chosen in populations.items():
        for method in methods:
            scored = _Scored(
                rows.loc[chosen, f"p_{method}"].to_numpy(dtype=np.float64, na_value=np.nan),
                returned[chosen],
                customer[chosen],
            )
            figures[population, method] = _Figures(scored.points, scored.redrawn(draws))
            calibration += [(population, method, *row) for row in scored.calibration()]
            lift += [(population, method, *row) for row in scored.lift()]

    summary: dict[str, Any] = {
        "horizon_days": horizon_days,
        "cutoffs": [_day(cutoff) for cutoff in sorted(rows["cutoff"].unique())],
        "active_days": active_days,
        "n_bootstrap": draws.shape[1],
        "populations": {
            population: {
                "n": int(chosen.sum()),
                "customers": len(np.unique(customer[chosen])),
                "base_rate": _rounded(returned[chosen].mean()) if chosen.any() else None,
                "methods": {
                    method: _with_intervals(figures[population, method]) for method in methods
                },
            }
            for population, chosen in populations.items()
        },
        "by_cutoff": _by_cutoff(rows, methods, returned, customer),
        "verdict": _verdict(
            {method: figures["everyone", method] for method in methods},
            model,
            [len(np.unique(customer[returned == outcome])) for outcome in (1, 0)],
            champion,
        ),
    }
    return Evaluation(
        summary,
        pd.DataFrame(calibration, columns=list(_CALIBRATION_COLUMNS)),
        pd.DataFrame(lift, columns=list(_LIFT_COLUMNS)),
    )


def choose_champion(
    predictions: pd.DataFrame,
    *,
    horizon_days: int,
    cutoff: Any,
    history_days: float,
    n_bootstrap: int = RESAMPLES,
    seed: int = 0,
    model: str = "lightgbm",
) -> dict[str, Any]:
    """Who gives the scores: the model, or a simple rule that did better at earlier cutoffs.

    ``method`` is the rule of the lowest log loss where the whole 95 % interval of its lead over
    the model, by resampled customers, is above zero, and it leads at each cutoff; else the model.
    A cutoff is a judge if its window had closed by ``cutoff`` and the model there had learned
    from at least four fifths of the past that today's learns from: a rule's lead over a model of
    a few months does not last. Two judges are the least: one cutoff can be an odd one.

    The rest is how the choice was made: ``judges``, the ``rival`` and its ``lead`` (log loss of
    the model less that of the rule, with its interval), null without judges; what would have been
    chosen ``at_cutoffs`` from what was known then, and the ``log_loss`` of those choices beside
    ``log_loss_model``; and a ``sentence``.

    Args:
        predictions: As ``evaluate_predictions`` takes them, perhaps with ``origin_kind``; only
            rows of kind ``time`` judge.
        horizon_days: The horizon of the probabilities.
        cutoff: The day that is scored.
        history_days: Days from the shop's first purchase to it.
        n_bootstrap: Draws for the interval; with 0 the model stays.
        seed: Of the draws.
        model: The method that holds the title.
    """
    rows = _checked(predictions)
    if "origin_kind" in rows:
        rows = rows[rows["origin_kind"] == "time"].reset_index(drop=True)
    returned = rows["returned"].to_numpy(dtype=np.float64)
    losses = rows[["customer_id", "cutoff", "returned"]].assign(
        **{
            name: _log_losses(rows[name].to_numpy(dtype=np.float64, na_value=np.nan), returned)
            for name in rows.columns
            if name.startswith("p_")
        }
    )
    now, origins = pd.Timestamp(cutoff), sorted(rows["cutoff"].unique())
    first = now - pd.Timedelta(days=history_days)

    def choice(day: pd.Timestamp) -> dict[str, Any]:
        learned = {d: (d - first).days - horizon_days for d in (*origins, day)}
        judges = [
            origin
            for origin in origins
            if (day - origin).days >= horizon_days and learned[origin] >= _RIPE_PAST * learned[day]
        ]
        judged = losses[losses["cutoff"].isin(judges)]
        return {"judges": list(map(_day, judges)), **_choice(judged, model, n_bootstrap, seed)}

    champion = choice(now)
    then = {day: choice(day)["method"] for day in origins}
    of_then = [losses.loc[losses["cutoff"] == day, f"p_{name}"] for day, name in then.items()]
    champion |= {
        "at_cutoffs": {_day(day): name for day, name in then.items()},
        "log_loss": _rounded(pd.concat(of_then).mean()) if of_then else None,
        "log_loss_model": _rounded(losses[f"p_{model}"].mean()) if of_then else None,
    }
    case = "model" if champion["method"] == model else "rule"
    if case == "model" and len(champion["judges"]) < 2:
        case = "unripe"
    champion["sentence"] = {
        language: text.format(rule=_named(champion["method"], language))
        for language, text in _CHAMPIONS[case].items()
    }
    return champion


def _choice(losses: pd.DataFrame, model: str, n_bootstrap: int, seed: int) -> dict[str, Any]:
    """The method to take after these cutoffs, its rival and by how much that led."""
    found: dict[str, Any] = {"method": model, "rival": None, "lead": None}
    mean = losses[[name for name in losses.columns if name.startswith("p_")]].mean(skipna=False)
    rivals = [name for name in mean.index if name != f"p_{model}" and np.isfinite(mean[name])]
    if not rivals:
        return found
    best = min(rivals, key=lambda name: (mean[name], name))
    lead = losses[f"p_{model}"] - losses[best]
    found |= {"rival": best.removeprefix("p_"), "lead": _interval(float(lead.mean()), None)}
    of_cutoffs = lead.groupby(losses["cutoff"]).mean()
    came = losses.groupby("returned")["customer_id"].nunique()
    if len(of_cutoffs) < 2 or (of_cutoffs <= 0).any() or len(came) < 2:
        return found
    customer, customers = pd.factorize(losses["customer_id"])
    draws = _draw_customers(len(customers), _draws_for(len(losses), n_bootstrap), seed)
    leads, rows = np.bincount(customer, lead), np.bincount(customer)
    drawn = [float((w * leads).sum()) / max(float((w * rows).sum()), 1.0) for w in draws.T]
    found["lead"] = _interval(float(lead.mean()), np.array(drawn))
    low = (found["lead"] or {}).get("low")
    if low is not None and low > 0 and came.min() >= _LEAST_CUSTOMERS:
        found["method"] = found["rival"]
    return found


def _checked(predictions: pd.DataFrame) -> pd.DataFrame:
    """The predictions sorted by key, so that no figure depends on row order."""
    missing = [name for name in _KEYS if name not in predictions.columns]
    if missing:
        raise WinbackError(
            f"predictions: column {', '.join(missing)} is missing; expected {', '.join(_KEYS)} "
            "and p_<method> for each method."
        )
    rows = predictions.sort_values(["customer_id", "cutoff"], kind="stable", ignore_index=True)
    if rows["returned"].isna().any():
        raise WinbackError(
            f"predictions: {int(rows['returned'].isna().sum())} of {len(rows)} rows have no "
            "outcome; evaluate only cutoffs whose horizon is closed."
        )
    for name in rows.columns:
        if name.startswith("p_"):
            p = rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
            wrong = p[(p < 0) | (p > 1)]
            if len(wrong):
                found = ", ".join(f"{value:g}" for value in wrong[:5])
                raise WinbackError(
                    f"predictions: {name} holds {len(wrong)} values outside 0 to 1 ({found}); "
                    "expected probabilities."
                )
    return rows


def _draws_for(n_rows: int, n_bootstrap: int) -> int:
    affordable = max(_LEAST_DRAWS, _MOST_ROW_DRAWS // max(n_rows, 1))
    return min(n_bootstrap, affordable)


def _draw_customers(n_customers: int, n_draws: int, seed: int) -> NDArray[np.uint8]:
    """Poisson(1) weight of each customer (rows) in each draw (columns)."""
    # Two random bytes choose a weight: far faster than drawing it directly.
    reached = np.cumsum(np.exp(-1.0) / factorial(np.arange(12)))
    table = np.searchsorted(reached, (np.arange(65536) + 0.5) / 65536).astype(np.uint8)
    rng = np.random.default_rng(seed)
    draws = np.empty((n_customers, n_draws), dtype=np.uint8)
    for start in range(0, n_customers, 10_000):
        part = draws[start : start + 10_000]
        part[:] = table[rng.integers(0, 65536, size=part.shape, dtype=np.uint16)]
    return draws


def _held(p: Floats) -> Floats:
    return np.clip(p, _LOG_LOSS_CLIP, 1.0 - _LOG_LOSS_CLIP)


def _log_losses(p: Floats, returned: Floats) -> Floats:
    held = _held(p)
    return -np.where(returned > 0, np.log(held), np.log1p(-held))


@dataclass(frozen=True)
class _Figures:
    """Each metric's exact value, NaN where undefined, and its values under the draws."""

    points: Mapping[str, float]
    drawn: Mapping[str, Floats]

    @property
    def complete(self) -> bool:
        return bool(np.isfinite(self.points["log_loss"]))


class _Scored:
    """One method's probabilities for one set of rows, with everything sorted once.

    ``points`` maps each metric to its exact value, NaN where undefined.
    """

    def __init__(self, p: Floats, returned: Floats, customer: NDArray[np.int64]) -> None:
        self.p, self.returned, self.customer = p, returned, customer
        self.both_classes = 0 < returned.sum() < len(returned)
        self.complete = len(p) > 0 and not bool(np.isnan(p).any())
        self.points: dict[str, float] = {name: np.nan for name in _METRICS}
        if not self.complete:
            return
        # Group 0 is the highest probability; equal ones share a group.
        order = np.argsort(-p)
        self.group = np.empty(len(p), dtype=np.int64)
        self.group[order] = _numbered(p[order])
        self.returns = _summed(self.group, returned)
        self.others = _summed(self.group, 1.0 - returned)
        self.bin = _equal_count_bins(p)
        self.loss = _log_losses(p, returned)
        self.log_odds = logit(_held(p))
        self.points |= {
            "mean_p": float(p.mean()),
            "log_loss": float(self.loss.mean()),
            "brier": float(np.square(p - returned).mean()),
            "ece": float(np.abs(_summed(self.bin, returned - p)).sum() / len(p)),
        }
        self.fit = self.offset = None
        if self.both_classes:
            self.offset = _calibration_fit(self.log_odds, returned, slope_free=False)
            if len(self.returns) > 1:
                self.fit = _calibration_fit(self.log_odds, returned, slope_free=True)
            self.points |= _ranking(self.returns[:, None], self.others[:, None], first_only=True)
        if self.offset is not None:
            self.points["calibration_intercept"] = float(self.offset[0])
        if self.fit is not None:
            self.points["calibration_slope"] = float(self.fit[1])

    def redrawn(self, draws: NDArray[np.uint8]) -> dict[str, Floats]:
        """Each metric under each column of customers' weights."""
        n_customers, n_draws = draws.shape
        if not self.complete or n_draws == 0:
            return {}
        under = self._metrics_under_weights(n_customers)
        at_once = max(1, min(128, 4_000_000 // n_customers))
        parts = [under(draws[:, i : i + at_once]) for i in range(0, n_draws, at_once)]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _metrics_under_weights(
        self, n_customers: int
    ) -> Callable[[NDArray[np.uint8]], dict[str, Floats]]:
        """Lay out the sums over customers from which every draw's metrics follow."""
        n, customer, p, returned = len(self.p), self.customer, self.p, self.returned
        sizes = self.returns + self.others
        before = np.cumsum(sizes) - sizes
        few = len(sizes) <= _RANK_GROUPS
        coarse = _numbered(before if few else np.floor(before * _RANK_GROUPS / n))
        n_groups = int(coarse[-1]) + 1
        row = coarse[self.group] + np.where(returned > 0, 0, n_groups)
        counts_of = _matrix(row, customer, np.ones(n), (2 * n_groups, n_customers))
        n_bins = int(self.bin.max()) + 1
        misses_of = _matrix(self.bin, customer, returned - p, (n_bins, n_customers))
        values = [np.ones(n), p, self.loss, np.square(p - returned)]
        offset, fit = self.offset, self.fit
        if offset is not None:
            fitted = expit(self.log_odds + offset[0])
            values += [returned - fitted, fitted * (1.0 - fitted)]
        if fit is not None:
            x = self.log_odds
            fitted = expit(fit[0] + fit[1] * x)
            v = fitted * (1.0 - fitted)
            values += [returned - fitted, (returned - fitted) * x, v, v * x, v * x * x]
        # A sparse product, though dense: its sums do not depend on the number of threads.
        sums_of = sparse.csc_array(
            np.stack([_summed(customer, each, n_customers) for each in values])
        )
        lost_to_ties = {}
        if self.both_classes:
            # Neighbours ranked as ties lower the figures a little, average precision of rare
            # returns most; what it costs the whole sample is given back to every draw.
            ranking = _ranking(
                _summed(coarse, self.returns)[:, None],
                _summed(coarse, self.others)[:, None],
                first_only=True,
            )
            lost_to_ties = {name: self.points[name] - value for name, value in ranking.items()}

        def under(weights: NDArray[np.uint8]) -> dict[str, Floats]:
            # Counts are exact in single precision, and twice as fast.
            single = weights.astype(np.float32)
            sums = list(np.asarray(sums_of @ weights.astype(np.float64)))
            total = _positive(sums[0])
            drawn = {
                "mean_p": sums[1] / total,
                "log_loss": sums[2] / total,
                "brier": sums[3] / total,
                "ece": np.abs(np.asarray(misses_of @ single, np.float64)).sum(axis=0) / total,
            }
            if offset is not None:
                drawn["calibration_intercept"] = offset[0] + sums[4] / _positive(sums[5])
            if fit is not None:
                s0, s1, v0, v1, v2 = sums[-5:]
                determinant = _positive(v0 * v2 - v1 * v1)
                drawn["calibration_slope"] = fit[1] + (v0 * s1 - v1 * s0) / determinant
            if lost_to_ties:
                counts = np.asarray(counts_of @ single, np.float64)
                ranking = _ranking(counts[:n_groups], counts[n_groups:])
                drawn |= {name: ranking[name] + lost_to_ties[name] for name in lost_to_ties}
            return drawn

        return under

    def calibration(self) -> Iterator[tuple[Any, ...]]:
        """Bin by bin: number, rows, mean prediction, share observed and its interval."""
        if not self.complete:
            return
        n = np.bincount(self.bin)
        predicted = _summed(self.bin, self.p) / n
        observed = _summed(self.bin, self.returned) / n
        width = int(self.customer.max()) + 1
        each_once = np.unique(self.bin * width + self.customer)
        low, high = _wilson(observed, np.bincount(each_once // width))
        for number in range(len(n)):
            shares = (predicted[number], observed[number], low[number], high[number])
            yield (number + 1, int(n[number]), *map(_rounded, shares))

    def lift(self) -> Iterator[tuple[Any, ...]]:
        """Share targeted, lift and share of all returns captured."""
        if not self.complete or not self.both_classes:
            return
        sizes = self.returns + self.others
        reached = np.cumsum(sizes)
        for share in _CURVE_SHARES:
            captured = float(_captured(self.returns, sizes, reached, share)) / self.returned.sum()
            yield (share, _rounded(captured / share), _rounded(captured))


_CALIBRATION_COLUMNS = (
    "population",
    "method",
    "bin",
    "n",
    "predicted",
    "observed",
    "low",
    "high",
)
_LIFT_COLUMNS = ("population", "method", "share_targeted", "lift", "captured")
_METRICS = (
    "roc_auc",
    "pr_auc",
    "log_loss",
    "brier",
    "calibration_slope",
    "calibration_intercept",
    "ece",
    *(f"lift_at_{round(100 * share)}" for share in SHARES),
    "mean_p",
)


def _positive(values: Floats) -> Floats:
    return np.where(values > 0, values, np.nan)


def _ranking(returns: Floats, others: Floats, *, first_only: bool = False) -> dict[str, Any]:
    """Ranking metrics from counts per group of equal probabilities, the highest first.

    Each column is one weighting of the customers; ``first_only`` gives plain numbers for the
    first. NaN in a column without both classes.
    """
    all_returns = _positive(returns.sum(axis=0))
    all_others = _positive(others.sum(axis=0))
    above = np.cumsum(others, axis=0)
    sizes = returns + others
    reached = np.cumsum(sizes, axis=0)
    lost = (returns * (above - others / 2.0)).sum(axis=0)
    precision = np.cumsum(returns, axis=0) / np.maximum(reached, 1e-300)
    found = {
        "roc_auc": 1.0 - lost / all_returns / all_others,
        "pr_auc": (returns * precision).sum(axis=0) / all_returns,
    }
    for share in SHARES:
        captured = _captured(returns, sizes, reached, share) / all_returns
        # Everybody returned: lift is 1, but so is that of any other order.
        found[f"lift_at_{round(100 * share)}"] = np.where(
            np.isnan(all_others), np.nan, captured / share
        )
    return {name: float(value[0]) for name, value in found.items()} if first_only else found


def _captured(returns: Floats, sizes: Floats, reached: Floats, share: float) -> Floats:
    """Returns among the top ``share`` of customers; the group at the border gives its part."""
    places = share * reached[-1] - (reached - sizes)
    part = np.clip(places / np.maximum(sizes, 1e-300), 0.0, 1.0)
    return np.asarray((returns * part).sum(axis=0))


def _matrix(
    row: NDArray[np.int64],
    customer: NDArray[np.int64],
    values: Floats,
    shape: tuple[int, int],
) -> sparse.csr_array:
    """Sums of ``values`` by row and customer, to be multiplied with customers' weights."""
    entries = (values.astype(np.float32), (row, customer))
    return sparse.csr_array(sparse.coo_array(entries, shape=shape))


def _summed(place: NDArray[np.int64], values: Floats, places: int = 0) -> Floats:
    return np.asarray(np.bincount(place, values, places), dtype=np.float64)


def _equal_count_bins(p: Floats) -> NDArray[np.int64]:
    """Bin of each row, lowest probabilities first; equal ones never part."""
    cuts = np.unique(np.quantile(p, np.arange(1, _BINS) / _BINS))
    bins = np.searchsorted(cuts, p, side="left")
    used = np.bincount(bins) > 0
    return np.asarray((np.cumsum(used) - 1)[bins])


def _numbered(ordered: Floats) -> NDArray[np.int64]:
    """0, 1, 2, ... along an ordered array, equal neighbours sharing a number."""
    return np.concatenate([[0], np.cumsum(ordered[1:] != ordered[:-1])])


def _calibration_fit(log_odds: Floats, returned: Floats, *, slope_free: bool) -> Floats | None:
    """Intercept and slope of the outcome on the predicted log-odds; None if there is no end."""
    fit = np.array([0.0, 1.0])
    for _ in range(100):
        p = expit(fit[0] + fit[1] * log_odds)
        v = p * (1.0 - p)
        miss = returned - p
        if slope_free:
            vx = v * log_odds
            off = vx.sum()
            curvature = np.array([[v.sum(), off], [off, (vx * log_odds).sum()]])
            if np.linalg.det(curvature) <= 1e-12 * np.prod(np.diag(curvature)):
                return None
            step = np.linalg.solve(curvature, np.array([miss.sum(), (miss * log_odds).sum()]))
        else:
            step = np.array([miss.sum() / max(v.sum(), 1e-300), 0.0])
        fit = fit + step / max(1.0, float(np.abs(step).max()))
        if np.abs(fit).max() > 50.0:
            return None
        if np.abs(step).max() < 1e-10:
            return fit
    return None


def _rounded(value: float | np.floating[Any]) -> float | None:
    return round(float(value), 4) + 0.0 if np.isfinite(value) else None


def _interval(value: float, draws: Floats | None) -> dict[str, float | None] | None:
    """Value with its 95 % interval; no interval where most draws leave it undefined."""
    if not np.isfinite(value):
        return None
    low, high = np.nan, np.nan
    if draws is not None:
        defined = draws[np.isfinite(draws)]
        if len(defined) > 1 and 2 * len(defined) >= len(draws):
            low, high = np.quantile(defined, (0.025, 0.975))
    return {"value": _rounded(value), "low": _rounded(low), "high": _rounded(high)}


def _with_intervals(figures: _Figures) -> dict[str, Any]:
    drawn = dict(figures.drawn)
    if np.isfinite(drawn.get("ece", np.nan)).any():
        # A sum of absolute values only grows by chance, in every draw once more than in the data.
        usual = np.nanmean(drawn["ece"])
        drawn["ece"] = np.maximum(drawn["ece"] - usual + figures.points["ece"], 0.0)
    metrics: dict[str, Any] = {
        name: _interval(figures.points[name], drawn.get(name))
        for name in _METRICS
        if name != "mean_p"
    }
    metrics["mean_p"] = _rounded(figures.points["mean_p"])
    return metrics


def _by_cutoff(
    rows: pd.DataFrame, methods: Sequence[str], returned: Floats, customer: NDArray[np.int64]
) -> list[dict[str, Any]]:
    found = []
    for cutoff in sorted(rows["cutoff"].unique()):
        chosen = (rows["cutoff"] == cutoff).to_numpy()
        metrics = {}
        for method in methods:
            p = rows.loc[chosen, f"p_{method}"].to_numpy(dtype=np.float64, na_value=np.nan)
            points = _Scored(p, returned[chosen], customer[chosen]).points
            metrics[method] = {
                name: _rounded(points[name])
                for name in ("roc_auc", "log_loss", "ece", "lift_at_10", "mean_p")
            }
        found.append(
            {
                "cutoff": _day(cutoff),
                "n": int(chosen.sum()),
                "base_rate": _rounded(returned[chosen].mean()),
                "methods": metrics,
            }
        )
    return found


def _verdict(
    figures: Mapping[str, _Figures],
    model: str,
    customers: Sequence[int],
    champion: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The model against the best simple rule; ``customers`` who returned and who did not."""
    verdict: dict[str, Any] = {
        "model": model,
        "champion": None if champion is None else dict(champion),
        "best_simple": None,
        "log_loss_difference": None,
        "roc_auc_difference": None,
        "beats": None,
    }
    rivals = [method for method in figures if method != model and figures[method].complete]
    if not rivals:
        return verdict | {"sentence": dict(_NOT_COMPARED)}

    def losses_first(method: str) -> tuple[float, float, str]:
        points = figures[method].points
        return points["log_loss"], -float(np.nan_to_num(points["roc_auc"])), method

    verdict["best_simple"] = min(rivals, key=losses_first)
    best = figures[verdict["best_simple"]]
    if model not in figures or not np.isfinite(figures[model].points["roc_auc"]):
        return verdict | {"sentence": dict(_NOT_COMPARED)}
    judged = figures[model]
    for name in ("log_loss", "roc_auc"):
        verdict[f"{name}_difference"] = _interval(
            judged.points[name] - best.points[name],
            judged.drawn[name] - best.drawn[name] if name in judged.drawn else None,
        )
    difference = verdict["log_loss_difference"]
    if difference["low"] is not None and min(customers) >= _LEAST_CUSTOMERS:
        verdict["beats"] = difference["high"] < 0
    return verdict | {
        "sentence": {
            language: _sentence(verdict, judged.points, best.points, customers, language)
            for language in ("en", "pl")
        }
    }


_NOT_COMPARED = {
    "en": "The model could not be compared with a simple rule: it takes evaluation cutoffs at "
    "which some customers returned and some did not, scored by both.",
    "pl": "Modelu nie dało się porównać z prostą regułą: potrzeba momentów oceny, po których "
    "część klientów wróciła, a część nie, ocenionych przez obie metody.",
}

_FINDINGS = {
    "beats": {
        "en": "The model predicts returns better than the best simple rule ({rule})",
        "pl": "Model przewiduje powroty lepiej niż najlepsza prosta reguła ({rule})",
    },
    "even": {
        "en": "The model does not clearly beat the best simple rule ({rule})",
        "pl": "Model nie jest wyraźnie lepszy od najlepszej prostej reguły ({rule})",
    },
    "few": {
        "en": "Too few customers to tell whether the model beats the best simple rule ({rule}): "
        "{returned} returned, {silent} did not",
        "pl": "Za mało klientów, by rozstrzygnąć, czy model jest lepszy od najlepszej prostej "
        "reguły ({rule}): wróciło {returned}, nie wróciło {silent}",
    },
    "worse": {
        "en": "The model predicts returns worse than the best simple rule ({rule})",
        "pl": "Model przewiduje powroty gorzej niż najlepsza prosta reguła ({rule})",
    },
}

_CHAMPIONS = {
    "model": {
        "en": "The scores come from the model: no simple rule led at every evaluation cutoff, and "
        "beyond chance.",
        "pl": "Oceny pochodzą z modelu: żadna prosta reguła nie wygrała we wszystkich momentach "
        "oceny bardziej, niż tłumaczy przypadek.",
    },
    "unripe": {
        "en": "The scores come from the model: at fewer than two evaluation cutoffs had it learned "
        "from four fifths of the past that it knows by now, so that a rule's lead there would not "
        "count against it.",
        "pl": "Oceny pochodzą z modelu: w mniej niż dwóch momentach oceny uczył się z co najmniej "
        "czterech piątych przeszłości, którą zna dziś, więc przewaga prostej reguły z tamtych dni "
        "nie liczy się na jego niekorzyść.",
    },
    "rule": {
        "en": "The scores come from a simple rule ({rule}), not from the model: the rule led at "
        "each evaluation cutoff that counts.",
        "pl": "Oceny pochodzą z prostej reguły ({rule}), a nie z modelu: wygrała w każdym momencie "
        "oceny, który się liczy.",
    },
}


_WORDS = {
    "en": {
        "versus": "against",
        "difference": "difference",
        "interval": "95 % interval {low} to {high}",
    },
    "pl": {
        "versus": "wobec",
        "difference": "różnica",
        "interval": "przedział 95 % od {low} do {high}",
    },
}


def _sentence(
    verdict: Mapping[str, Any],
    model: Mapping[str, float],
    best: Mapping[str, float],
    customers: Sequence[int],
    language: str,
) -> str:
    difference = verdict["log_loss_difference"]
    low, high = difference["low"], difference["high"]
    if verdict["beats"] is None:
        finding = "few" if low is not None else "even"
    else:
        finding = "beats" if verdict["beats"] else ("worse" if low > 0 else "even")
    rule = _named(verdict["best_simple"], language)
    # A third decimal that hides on which side of 0 the interval ends would mislead.
    shown = [difference["value"]] + ([] if low is None else [low, high])
    decimals = 3 if all(abs(value) >= 0.0005 for value in shown) else 4

    def number(value: float, places: int = decimals) -> str:
        return _number(value, places, language)

    words = _WORDS[language]
    losses = f"log loss {number(model['log_loss'])} {words['versus']} {number(best['log_loss'])}"
    gap = f"{words['difference']} {number(difference['value'])}"
    if low is not None:
        gap += f", {words['interval'].format(low=number(low), high=number(high))}"
    returned, silent = customers
    found = _FINDINGS[finding][language].format(rule=rule, returned=returned, silent=silent)
    auc = f"ROC AUC {number(model['roc_auc'], 3)} {words['versus']} {number(best['roc_auc'], 3)}"
    said = f"{found}: {losses} ({gap}); {auc}."
    champion = verdict["champion"]
    # Who scores goes without saying, unless the reader would expect another.
    told = champion and (champion["method"] != verdict["model"] or finding == "worse")
    return f"{said} {champion['sentence'][language]}" if told else said


def _named(method: str, language: str) -> str:
    return IN_WORDS.get(method, {}).get(language, method)


def _number(value: float, places: int, language: str) -> str:
    text = f"{value + 0.0:.{places}f}"
    return text.replace(".", ",") if language == "pl" else text


def _wilson(share: Floats, n: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """95 % interval of a share (Wilson 1927), which stays sound at 0 and 1."""
    z2 = 1.959964**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def _day(cutoff: Any) -> str:
    if isinstance(cutoff, dt.datetime | dt.date):
        return cutoff.strftime("%Y-%m-%d")
    return str(pd.Timestamp(cutoff).date())
