"""What the same recipe would have said at earlier cutoffs, from what was known then.

At each evaluation cutoff (an *origin*) model and simple rules are fitted anew on the cutoffs
whose horizon had closed by then, and predict customers whose outcome is known today. Nothing
of what came later is seen, neither by the fit nor by its early stopping or weights.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from winback.baselines import fit_rule, predict_baselines
from winback.model import fit_return_model, history_is_thin, untreated
from winback.params import TrainSettings
from winback.snapshots import outcomes_as_known
from winback.value import HORIZON_COLUMNS, literature_spend, previous_spend

KEYS = ["customer_id", "cutoff", "returned", "orders_in_horizon", "net_spend_in_horizon"]
_FIRST = [*KEYS, "recently_active", "one_time_buyer", "origin_kind"]


def backtest(
    rows: pd.DataFrame,
    *,
    horizon_days: int,
    active_days: int,
    origins: int = 3,
    customers: pd.DataFrame | None = None,
    settings: TrainSettings | None = None,
    treated: pd.DataFrame | None = None,
    restated: pd.DataFrame | None = None,
    rule: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Predictions of the model and of the simple rules at the newest closed cutoffs.

    One row per customer and origin, with `KEYS`, ``recently_active`` (bought in the last
    ``active_days``), ``one_time_buyer`` (a single purchase so far), ``origin_kind``, one
    ``p_<method>`` column per method (the model's is ``p_lightgbm``), the model's expected orders
    and net spend with its interval, and net spend by the simple rules, ``spend_literature`` and
    ``spend_previous``. Where no earlier cutoff had closed by any origin, half of the customers of
    the newest cutoff are predicted from the other half, and ``origin_kind`` is ``customers``
    instead of ``time``. Empty when no horizon has closed.

    Args:
        rows: snapshot columns and outcomes of all closed cutoffs.
        horizon_days: the main horizon.
        active_days: who counts as recently active.
        origins: how many of the newest closed cutoffs are predicted, at most.
        customers: the snapshots to be scored, which tell whether a habit is all there will be.
        settings: the ``train`` section; one seed serves here.
        treated: who was sent what, as `winback.model.untreated_days` takes it; nobody whose
            outcome an offer may have touched teaches or judges.
        restated: outcomes that an origin knew otherwise, of `restated_outcomes`; they teach there,
            while what is known by now judges.
        rule: the simple rule whose chance to return the expected orders and spend rest on, instead
            of the model's.
        progress: told what is being done.
    """
    rows = untreated(rows, treated, horizon_days)
    settings = settings or TrainSettings()
    settings = settings.model_copy(update={"seeds": 1, "lifetime_days": None})
    say = progress or (lambda message: None)
    horizon = pd.Timedelta(days=horizon_days)
    parts: list[pd.DataFrame] = []
    for origin in sorted(rows["cutoff"].unique())[-origins:]:
        known = outcomes_as_known(rows[rows["cutoff"] < origin], restated, origin)
        ended = known["cutoff"] + horizon <= origin
        train, still_open = known[ended], known[~ended]
        if train.empty:
            continue
        say(f"judging the model as of {origin:%Y-%m-%d}")
        test = rows[rows["cutoff"] == origin]
        parts.append(
            _predict(
                train, test, origin, horizon_days, settings, open_rows=still_open, rule=rule
            ).assign(origin_kind="time")
        )
    if not parts and len(rows):
        newest = rows["cutoff"].max()
        thin = customers is not None and history_is_thin(rows, customers)
        half = pd.util.hash_pandas_object(rows["customer_id"], index=False).to_numpy() % 2 == 0
        for fold in (half, ~half):
            test = rows[fold & (rows["cutoff"] == newest).to_numpy()]
            if (~fold).any() and len(test):
                part = _predict(
                    rows[~fold], test, newest + horizon, horizon_days, settings, habit_only=thin
                )
                parts.append(part.assign(origin_kind="customers"))
    if not parts:
        return pd.DataFrame(columns=_FIRST)
    table = pd.concat(parts, ignore_index=True)
    table["recently_active"] = table.pop("days_since_last_order") <= active_days
    table["one_time_buyer"] = table.pop("orders_total") == 1
    table = table[[*_FIRST, *(name for name in table.columns if name not in _FIRST)]]
    return table.sort_values(["cutoff", "customer_id"], kind="stable", ignore_index=True)


def _predict(
    train: pd.DataFrame, test: pd.DataFrame, cutoff: pd.Timestamp, horizon_days: int,
    settings: TrainSettings, habit_only: bool | None = None, rule: str | None = None,
    open_rows: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    model = fit_return_model(
        train,
        cutoff=cutoff,
        horizon_days=horizon_days,
        customers=test,
        settings=settings,
        habit_only=habit_only,
        open_rows=None if open_rows is None else _as_seen(open_rows, cutoff),
    )
    told = model.predict(test)
    predictions = {"p_lightgbm": told["p_return"].to_numpy()}
    ruling = rule and fit_rule(rule, train, test, horizon_days)
    if ruling:
        told = model.ruled_by(ruling).predict(test)
    rules = predict_baselines(train, test, horizon_days)
    predictions |= {f"p_{name}": p for name, p in rules.items()}
    predictions |= {name: told[name].to_numpy() for name in HORIZON_COLUMNS}
    predictions["spend_literature"] = literature_spend(test, horizon_days)
    predictions["spend_previous"] = previous_spend(test, horizon_days)
    predicted = test[[*KEYS, "days_since_last_order", "orders_total"]].reset_index(drop=True)
    return predicted.assign(**{name: np.round(p, 6) for name, p in predictions.items()})


def _as_seen(open_rows: pd.DataFrame, origin: pd.Timestamp) -> pd.DataFrame:
    """Rows whose window is open at the origin, with what was seen of it by then alone."""
    passed = (origin - open_rows["cutoff"]).dt.days.astype("int32")
    outcomes = ("returned", "orders_in_horizon", "net_spend_in_horizon", "days_to_return")
    seen = open_rows["days_to_return"].where(open_rows["days_to_return"] < passed)
    return open_rows.drop(columns=[*outcomes]).assign(days_to_return=seen, observed_days=passed)
