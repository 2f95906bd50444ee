"""Who gives the scores: the model, or a rival that did better at earlier cutoffs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from winback.draws import resampled
from winback.judging.figures import Figures, Scored, log_losses
from winback.judging.judge import checked, day_of
from winback.judging.sampling import (
    LEAST_CUSTOMERS,
    draws_for,
    interval,
    rounded,
)
from winback.judging.use import BASE, against_chance
from winback.learning.rules import ALL
from winback.params import RESAMPLES
from winback.results.judged import MODEL, Champion, Interval, Why
from winback.snapshots.plan import Day, as_day

# A cutoff judges today's model if its model had learned from this part of today's past, from
# which on the return model trusts what closed windows taught (twice `fit._THIN_PAST`).
_RIPE_PAST = 0.8
# No interval around such an area leaves it in doubt that customers are told apart.
_PLAINLY_ABOVE = 0.65


def choose_champion(
    predictions: pd.DataFrame,
    *,
    horizon_days: int,
    cutoff: Day,
    history_days: float,
    n_bootstrap: int = RESAMPLES,
    seed: int = 0,
    model: str = MODEL,
) -> Champion:
    """Who gives the scores: the model, or a rival that did better at earlier cutoffs.

    ``method`` is the rival of the lowest log loss where the whole 95 % interval of its lead over
    the model, by resampled customers, is above zero, and it leads at each cutoff; else the model.
    A cutoff is a judge if its window had closed by ``cutoff`` and the model there had learned
    from at least four fifths of the past that today's learns from: a rival's lead over a model of
    a few months does not last. Two judges are the least: one cutoff can be an odd one.

    Where neither model nor rule can tell customers apart (`winback.judging.use.against_chance`
    says ``near_chance`` or ``worse_than_base``, and no method's order surely beats chance), it is
    ``base_rate``: the same chance for everybody.

    Rivals are the simple rules of a backtest, and whatever else has a ``p_<name>`` column.

    Args:
        predictions: As ``evaluate_predictions`` takes them, perhaps with ``origin_kind``; only
            rows of kind ``time`` judge between rules, while all show whether customers can be
            told apart.
        horizon_days: The horizon of the probabilities.
        cutoff: The day that is scored.
        history_days: Days from the shop's first purchase to it.
        n_bootstrap: Draws for the interval; with 0 the model stays.
        seed: Of the draws.
        model: The method that holds the title.
    """
    rows = checked(predictions)
    rows["cutoff"] = pd.to_datetime(rows["cutoff"])  # dates serve as well as instants
    told_apart = _told_apart(rows, model, n_bootstrap, seed)
    if "origin_kind" in rows:
        rows = rows[rows["origin_kind"] == "time"].reset_index(drop=True)
    returned = rows["returned"].to_numpy(dtype=np.float64)
    losses = rows[["customer_id", "cutoff", "returned"]].assign(
        **{
            name: log_losses(rows[name].to_numpy(dtype=np.float64, na_value=np.nan), returned)
            for name in rows.columns
            if name.startswith("p_")
        }
    )
    now, origins = pd.Timestamp(as_day(cutoff)), sorted(rows["cutoff"].unique())
    first = now - pd.Timedelta(days=history_days)

    def judges_at(day: pd.Timestamp) -> list[pd.Timestamp]:
        learned = {d: (d - first).days - horizon_days for d in (*origins, day)}
        return [
            origin
            for origin in origins
            if (day - origin).days >= horizon_days and learned[origin] >= _RIPE_PAST * learned[day]
        ]

    def choice(judges: list[pd.Timestamp]) -> tuple[str, str | None, Interval | None]:
        return _choice(losses[losses["cutoff"].isin(judges)], model, n_bootstrap, seed)

    judges = judges_at(now)
    method, rival, lead = choice(judges)
    then = {day: choice(judges_at(day))[0] for day in origins}
    of_then = [losses.loc[losses["cutoff"] == day, f"p_{name}"] for day, name in then.items()]
    why: Why = "too_few_judges" if len(judges) < 2 else "no_rule_led"
    if not told_apart:
        method, why = BASE, "near_chance"
    elif method != model:
        why = "rule_led"
    return Champion(
        method=method,
        why=why,
        judges=tuple(map(day_of, judges)),
        rival=rival,
        lead=lead,
        at_cutoffs={day_of(day): name for day, name in then.items()},
        log_loss=rounded(pd.concat(of_then).mean()) if of_then else None,
        log_loss_model=rounded(losses[f"p_{model}"].mean()) if of_then else None,
    )


def best_rule(predictions: pd.DataFrame) -> str | None:
    """The simple rule of the lowest log loss over all rows of a backtest.

    None where no rule has a chance for every row.
    """
    rows = predictions.sort_values(["cutoff", "customer_id"], kind="stable")
    returned = rows["returned"].to_numpy(dtype=np.float64)
    losses = {
        name: float(log_losses(rows[f"p_{name}"].to_numpy(np.float64, na_value=np.nan), returned)
        .mean())
        for name in ALL
        if len(rows) and f"p_{name}" in rows
    }  # fmt: skip
    known = [name for name, loss in losses.items() if np.isfinite(loss)]
    return min(known, key=lambda name: (losses[name], name)) if known else None


def _told_apart(rows: pd.DataFrame, model: str, n_bootstrap: int, seed: int) -> bool:
    """False where it is shown that neither the model nor a rule can tell who returns."""
    methods = [name.removeprefix("p_") for name in rows.columns if name.startswith("p_")]
    if len(rows) == 0 or not {model, BASE} <= set(methods):
        return True
    customer, customers = pd.factorize(rows["customer_id"])
    returned = rows["returned"].to_numpy(dtype=np.float64)

    def scored(method: str) -> Scored:
        p = rows[f"p_{method}"].to_numpy(dtype=np.float64, na_value=np.nan)
        return Scored(p, returned, customer)

    # Draws cost far more than points: where one ranks well, nobody need draw.
    first = scored(model)
    if not first.points["roc_auc"] < _PLAINLY_ABOVE:
        return True
    draws = resampled(len(customers), draws_for(len(rows), n_bootstrap), seed)
    came = [len(np.unique(customer[returned == outcome])) for outcome in (1, 0)]
    figures: dict[str, Figures] = {}
    for method in (BASE, model, *(m for m in methods if m not in (BASE, model))):
        found = first if method == model else scored(method)
        figures[method] = Figures(found.points, found.redrawn(draws))
        judged = None if method == BASE else against_chance(figures, method, came)
        if judged and (
            judged.tells_apart
            or (method == model and judged.use not in ("near_chance", "worse_than_base"))
        ):
            return True
    return False


def _choice(
    losses: pd.DataFrame, model: str, n_bootstrap: int, seed: int
) -> tuple[str, str | None, Interval | None]:
    """The method to take after these cutoffs, its rival and by how much that led."""
    mean = losses[[name for name in losses.columns if name.startswith("p_")]].mean(skipna=False)
    rivals = [name for name in mean.index if name != f"p_{model}" and np.isfinite(mean[name])]
    if not rivals:
        return model, None, None
    best = min(rivals, key=lambda name: (mean[name], name))
    rival, lead = best.removeprefix("p_"), losses[f"p_{model}"] - losses[best]
    of_cutoffs = lead.groupby(losses["cutoff"]).mean()
    came = losses.groupby("returned")["customer_id"].nunique()
    if len(of_cutoffs) < 2 or (of_cutoffs <= 0).any() or len(came) < 2:
        return model, rival, interval(float(lead.mean()), None)
    customer, customers = pd.factorize(losses["customer_id"])
    draws = resampled(len(customers), draws_for(len(losses), n_bootstrap), seed)
    leads, rows = np.bincount(customer, lead), np.bincount(customer)
    drawn = [float((w * leads).sum()) / max(float((w * rows).sum()), 1.0) for w in draws.T]
    found = interval(float(lead.mean()), np.array(drawn))
    low = found.low if found else None
    led = low is not None and low > 0 and came.min() >= LEAST_CUSTOMERS
    return rival if led else model, rival, found
