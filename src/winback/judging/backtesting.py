"""What the same recipe would have said at earlier cutoffs, from what was known then.

At each evaluation cutoff (an *origin*) model and simple rules are fitted anew on the cutoffs
whose horizon had closed by then, and predict customers whose outcome is known today. Nothing
of what came later is seen, neither by the fit nor by its early stopping or weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from winback.draws import half_of
from winback.learning.fit import Wish, fit_return_model, history_is_thin, train_settings
from winback.learning.gaps import known_by, outside_gaps
from winback.learning.rules import fit_rule, predict_baselines
from winback.learning.treated import untreated
from winback.learning.value import HORIZON_COLUMNS, literature_spend, previous_spend
from winback.params import MAX_ROWS, ORIGINS, TrainSettings
from winback.results.base import Fact, fact
from winback.snapshots.days import ShopDays
from winback.snapshots.plan import part_to_learn
from winback.snapshots.restated import outcomes_as_known

KEYS = ["customer_id", "cutoff", "returned", "orders_in_horizon", "net_spend_in_horizon"]
# A rehearsal learns from half of what the model itself learns from at most, since several of them
# cost more than the model; what that costs in log loss stands in docs/decisions.md.
_REHEARSED_ROWS = MAX_ROWS // 2
_FIRST = [*KEYS, "recently_active", "one_time_buyer", "origin_kind", "judged_days"]


@dataclass(frozen=True)
class Origins:
    """Which closed cutoffs are predicted, and how old the newest lesson is there.

    Attributes:
        count: so many of the newest, at most.
        lag_days: a fit sees only the windows that had closed so many days before the cutoff: what
            a model of so many days ago would have known.
    """

    count: int = ORIGINS
    lag_days: int = 0

    def of(self, rows: pd.DataFrame) -> list[pd.Timestamp]:
        """The cutoffs to predict, of those that rows have, the oldest first."""
        return sorted(rows["cutoff"].unique())[-self.count :]

    def closed(self, rows: pd.DataFrame, origin: pd.Timestamp, days: int) -> pd.DataFrame:
        """The rows whose window of so many days may teach at an origin."""
        wait = pd.Timedelta(days=days + self.lag_days)
        taught: pd.DataFrame = rows[rows["cutoff"] + wait <= origin]
        return taught


def backtest(
    rows: pd.DataFrame,
    *,
    horizon_days: int,
    active_days: int,
    origins: int | Origins = ORIGINS,
    customers: pd.DataFrame | None = None,
    settings: Wish | None = None,
    treated: pd.DataFrame | None = None,
    restated: pd.DataFrame | None = None,
    rule: str | None = None,
    first_days: pd.DataFrame | None = None,
    days: ShopDays | None = None,
    progress: Callable[[Fact], None] | None = None,
) -> pd.DataFrame:
    """Predictions of the model and of the simple rules at the newest closed cutoffs.

    One row per customer and origin, with `KEYS`, ``recently_active`` (bought in the last
    ``active_days``), ``one_time_buyer`` (a single purchase so far), ``origin_kind``, one
    ``p_<method>`` column per method (the model's is ``p_lightgbm``), the model's expected orders
    and net spend with its interval, and net spend by the simple rules, ``spend_literature`` and
    ``spend_previous``. ``judged_days`` is the horizon. Where no earlier cutoff had closed by any
    origin, the first days of the horizon are predicted instead, with all that belongs to it, and
    ``origin_kind`` is ``first_days`` instead of ``time``; where even they are too many, half of
    the customers of the newest cutoff from the other half, and it is ``customers``. Empty when no
    horizon has closed.

    A model of your own enters by one more column: ``p_<name>``, its probability for each row.
    `evaluate_predictions` and `choose_champion` judge it beside the others, under that name.

    Args:
        rows: snapshot columns and outcomes of all closed cutoffs.
        horizon_days: the main horizon.
        active_days: who counts as recently active.
        origins: how many of the newest closed cutoffs are predicted, at most; or `Origins`.
        customers: the snapshots to be scored, which tell whether a habit is all there will be.
        settings: the ``train`` section; one seed serves here.
        treated: who was sent what, as `untreated_days` takes it; nobody whose outcome an offer
            may have touched teaches or judges.
        restated: outcomes that an origin knew otherwise, of `restated_outcomes`; they teach there,
            while what is known by now judges.
        rule: the simple rule whose chance to return the expected orders and spend rest on, instead
            of the model's.
        first_days: snapshots and outcomes of the first days of the horizon, as
            `winback.snapshots.walk.take_first_days` gives them.
        days: the shop's days, as `shop_days` gives them; a window that overlaps a gap judges
            nothing, and one that overlaps a gap known at an origin teaches nothing there.
        progress: told what is being done.
    """
    whole, rows = rows, untreated(rows, treated, horizon_days)
    given = train_settings(settings)
    quick = given.model_copy(
        update={
            "seeds": 1, "lifetime_days": None, "max_rows": min(given.max_rows, _REHEARSED_ROWS),
        }
    )  # fmt: skip
    say = progress or (lambda told: None)
    wanted = origins if isinstance(origins, Origins) else Origins(origins)
    parts = []
    for origin in wanted.of(outside_gaps(rows, days, horizon_days)):
        known = outcomes_as_known(rows, restated, origin)
        train = wanted.closed(known, origin, horizon_days)
        if train.empty:
            continue
        seen = known_by(days, origin)
        train = outside_gaps(train, seen, horizon_days)
        say(fact("progress.judging", day=origin.date()))
        test = rows[rows["cutoff"] == origin]
        part = _first_days(known, test, origin, horizon_days, wanted)
        parts.append(
            _predict(
                train, test, origin, horizon_days, quick, first_days=part, rule=rule, days=seen
            )
        )
    kind = "time"
    if not parts and len(whole) and first_days is not None and len(first_days):
        table = backtest(
            first_days.drop(columns="part_days"), horizon_days=int(first_days["part_days"].iloc[0]),
            active_days=active_days, origins=wanted, settings=quick, treated=treated,
            progress=progress, days=days,
        )  # fmt: skip
        if set(table["origin_kind"]) == {"time"}:
            return table.assign(origin_kind="first_days")
    if not parts:
        kind = "customers"
        judging = outside_gaps(rows, days, horizon_days)
        parts = list(_of_other_customers(judging, customers, horizon_days, quick))
    if not parts:
        return pd.DataFrame(columns=_FIRST)
    table = pd.concat(parts, ignore_index=True).assign(origin_kind=kind)
    table["recently_active"] = table.pop("days_since_last_order") <= active_days
    table["one_time_buyer"] = table.pop("orders_total") == 1
    table["judged_days"] = np.int32(horizon_days)
    table = table[[*_FIRST, *(name for name in table.columns if name not in _FIRST)]]
    return table.sort_values(["cutoff", "customer_id"], kind="stable", ignore_index=True)


def _of_other_customers(
    rows: pd.DataFrame, customers: pd.DataFrame | None, horizon_days: int, settings: TrainSettings
) -> Iterator[pd.DataFrame]:
    """Each half of the newest cutoff's customers, as the other half foretells it."""
    if rows.empty:
        return
    newest = rows["cutoff"].max()
    thin = customers is not None and history_is_thin(rows, customers)
    half = half_of(rows["customer_id"])
    for fold in (half, ~half):
        test = rows[fold & (rows["cutoff"] == newest).to_numpy()]
        if (~fold).any() and len(test):
            closed = newest + pd.Timedelta(days=horizon_days)
            yield _predict(rows[~fold], test, closed, horizon_days, settings, habit_only=thin)


def _predict(
    train: pd.DataFrame, test: pd.DataFrame, cutoff: pd.Timestamp, horizon_days: int,
    settings: TrainSettings, habit_only: bool | None = None, rule: str | None = None,
    first_days: pd.DataFrame | None = None, days: ShopDays | None = None,
) -> pd.DataFrame:  # fmt: skip
    model = fit_return_model(
        train,
        cutoff=cutoff,
        horizon_days=horizon_days,
        customers=test,
        settings=settings,
        habit_only=habit_only,
        first_days=first_days,
        days=days,
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


def _first_days(
    known: pd.DataFrame, customers: pd.DataFrame, origin: pd.Timestamp, horizon_days: int,
    wanted: Origins,
) -> pd.DataFrame | None:  # fmt: skip
    """Outcomes of the first days of the horizon, as far as the origin had seen them.

    None where the whole horizon is to be learned.
    """
    past_days = int(customers["days_since_first_order"].max())
    part_days = part_to_learn(horizon_days, past_days)
    if part_days == horizon_days:
        return None
    seen = wanted.closed(known, origin, part_days)
    returned = (seen["days_to_return"] < part_days).to_numpy(bool, na_value=False)
    return seen.assign(returned=returned, part_days=part_days)
