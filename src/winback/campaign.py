"""What the offers changed: treated against control, as assigned, with an interval.

Everybody counts in the arm drawn for them, whether or not the message reached them or was
used: leaving out those who did not react would compare keen customers with all customers.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.stats import chi2, norm, t

from winback.errors import UsageError, WinbackError
from winback.offers import CONTROL, Offer

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Metric = Literal["returned", "orders", "net_spend"]

METRICS: tuple[Metric, ...] = ("returned", "orders", "net_spend")
SRM_ALARM = 0.001


def measure_campaign(
    assignment: pd.DataFrame | Path | str,
    orders: pa.Table | Path | str,
    *,
    window_days: int = 30,
    metric: Metric = "returned",
    control_share: float | None = None,
    history_until: date | None = None,
    offers: Sequence[Offer] = (),
) -> dict[str, Any]:
    """Read what a campaign changed from the orders that followed it.

    Grain of ``assignment``: one row per customer with ``customer_id``, ``arm`` (``control``
    or anything else: an offer) and ``assigned_at``; where known ``probability`` (of the arm
    drawn, within the planned offer), ``planned_offer`` and ``p_return``. Ids are text as
    intake writes them: trimmed, ``17850.0`` is ``17850``.

    Boundaries: the outcome is ``assigned_at <= t < assigned_at + window_days`` for each
    customer's own ``assigned_at``; what was ordered and known before it serves for
    variance reduction only. A purchase is in the window if it began there; net spend takes
    refunds on the day they were issued. A customer without orders counts as zeros.

    For ``returned`` (share with an order), ``orders`` and ``net_spend`` (currency a
    customer): means, ``effect`` (treated minus control), ``low`` and ``high`` (95 %).
    Intervals: Newcombe's score interval for ``returned`` (Newcombe 1998, method 10), Welch's
    for the others; where the logged probabilities differ between customers all are
    weighted by their inverse (Hájek) and Welch's serves for ``returned`` as well. ``cuped``
    repeats the effect with the covariates of the balance table fitted within each arm
    (Lin 2013, Annals of Applied Statistics 7(1); HC2 variance) and says what share of the
    variance that removed. Spend is heavy-tailed: its interval needs thousands of customers
    an arm before its 95 % can be taken at its word.

    ``verdict`` judges ``metric`` on the unadjusted interval: works (above zero), harms
    (below), not_distinguishable, or invalid: no control or no treated, a customer in both
    arms, or a sample ratio that chance does not explain (``srm_p`` below 0.001). The ratio
    is checked against ``probability``, else ``control_share``, else an equal split if the
    control holds 40 to 60 %; else ``srm_p`` is null: the design is not known.

    Beside them: ``balance`` (the arms before the draw), ``by_offer`` (with Holm's
    correction), ``came_anyway_share`` (of those who returned), ``after_window`` (orders
    moved forward rather than won) and ``profit``.

    Args:
        orders: canonical orders.parquet, or its Arrow table.
        window_days: how long after ``assigned_at`` orders count.
        metric: the one named before the campaign; the others are not for choosing from.
        control_share: the design's share of control, where rows carry no probability.
        history_until: last day the orders cover; null means the day of the last line.
        offers: the catalogue, for the profit; needs arms named as the offers are.

    Raises:
        UsageError: a column is missing or holds what it should not.
        WinbackError: the history ends before the last window does, or no assigned customer
            is in the orders.
    """
    if window_days < 1:
        raise UsageError(f"window_days is {window_days}; it must be at least 1")
    assigned, repeats = _read_assignment(assignment)
    outcomes, covered = _outcomes(assigned, orders, window_days, history_until)
    in_both = int(assigned["in_both"].sum())
    treated = assigned["treated"].to_numpy(np.bool_)
    n_treated, n_control = int(treated.sum()), int((~treated).sum())
    expected, basis = _expected_control(assigned, treated, control_share)
    srm_p = _sample_ratio_p(assigned, treated, expected, basis)
    covariates = _covariates(assigned, outcomes)
    weights = _weights(expected, treated)

    comparable = n_treated >= 2 and n_control >= 2
    results: dict[str, Any] = {}
    for name in METRICS:
        values = outcomes[name].to_numpy(np.float64)
        results[name] = (
            _as_result(_compare(values, treated, weights, covariates, name == "returned"))
            if comparable
            else dict.fromkeys(("mean_treated", "mean_control", "effect", "low", "high", "cuped"))
        )
    problems = _problems(n_treated, n_control, in_both, srm_p)
    verdict = "invalid" if problems else _verdict(results[metric])
    result: dict[str, Any] = {
        "window_days": window_days,
        "assigned_from": _day(assigned["assigned_at"].min()),
        "assigned_to": _day(assigned["assigned_at"].max()),
        "history_until": covered.isoformat(),
        "n": {str(arm): int(n) for arm, n in assigned["arm"].value_counts().sort_index().items()},
        "n_treated": n_treated,
        "n_control": n_control,
        "n_in_orders": int(outcomes["seen"].sum()),
        "repeated_rows": repeats,
        "in_both_arms": in_both,
        "srm_p": _rounded(srm_p),
        "srm_against": basis,
        **results,
        "metric": metric,
        "minimal_detectable_effect": _detectable(results[metric]),
        "verdict": verdict,
        "problems": problems,
    }
    for name in METRICS:
        results[name].pop("se", None)
        results[name].pop("p", None)
    if comparable:
        result["balance"] = _balance(covariates, treated, weights)
        result["by_offer"] = _by_offer(assigned, outcomes, treated, weights, metric)
        result["after_window"] = _after_window(
            assigned, outcomes, treated, weights, window_days, covered
        )
        result["came_anyway_share"] = _came_anyway(outcomes, treated, weights)
        result["profit"] = _profit(assigned, outcomes, treated, weights, offers, window_days)
    result["sentence"] = _sentence(result)
    return result


# ------------------------------------------------------------------------------- reading


def _read_assignment(source: pd.DataFrame | Path | str) -> tuple[pd.DataFrame, int]:
    """One row per customer, sorted; and how many further rows were the same arm again."""
    rows, name = _table(source)
    rows.columns = [str(column).strip().lower() for column in rows.columns]
    for column in ("customer_id", "arm", "assigned_at"):
        if column not in rows:
            near = difflib.get_close_matches(column, list(rows.columns), n=1, cutoff=0.4)
            hint = f"; rename {near[0]!r} to it" if near else ""
            raise UsageError(
                f"{name}: no column {column!r}; found {', '.join(list(rows.columns)[:12])}{hint}"
            )
    if not len(rows):
        raise WinbackError(f"{name}: no rows; there is nobody to measure")
    rows["customer_id"] = _ids(rows["customer_id"])
    arms = rows["arm"].astype("string").str.strip()
    rows["arm"] = arms.mask(arms.str.lower() == CONTROL, CONTROL)
    for column in ("customer_id", "arm"):
        empty = rows[column].fillna("") == ""
        if empty.any():
            at = [int(row) + 1 for row in np.flatnonzero(empty)[:5]]
            raise WinbackError(f"{name}: {int(empty.sum())} rows have no {column} (rows {at})")
    if "campaign_id" in rows and rows["campaign_id"].nunique() > 1:
        found = sorted(rows["campaign_id"].dropna().astype(str).unique())[:5]
        raise WinbackError(f"{name}: several campaigns ({', '.join(found)}); measure one at a time")
    rows["assigned_at"] = _instants(rows["assigned_at"], name)
    for column in ("probability", "p_return"):
        rows[column] = _shares(rows, column, name)
    if "planned_offer" in rows:
        planned = rows["planned_offer"].astype("string").str.strip()
        rows["planned_offer"] = planned.mask(planned == "")
    else:
        rows["planned_offer"] = pd.Series(pd.NA, index=rows.index, dtype="string")
    rows["treated"] = rows["arm"] != CONTROL
    sides = rows.groupby("customer_id")["treated"].nunique()
    rows = rows.sort_values(["customer_id", "assigned_at", "arm"], kind="stable")
    first = rows.drop_duplicates("customer_id").reset_index(drop=True)
    first["in_both"] = first["customer_id"].map(sides).to_numpy() > 1
    kept = ["customer_id", "arm", "assigned_at", "probability", "p_return", "planned_offer"]
    return first[[*kept, "treated", "in_both"]], len(rows) - len(first)


def _table(source: pd.DataFrame | Path | str) -> tuple[pd.DataFrame, str]:
    if isinstance(source, pd.DataFrame):
        return source.copy(), "assignment"
    path = Path(source)
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")
    try:
        if path.suffix in (".parquet", ".pq"):
            return pq.read_table(path).to_pandas(), path.name
        text = path.read_text(encoding="utf-8-sig")
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: neither Parquet nor a CSV in UTF-8") from error
    header = text.split("\n", 1)[0]
    separator = max(",;\t|", key=header.count)
    try:
        rows = pd.read_csv(path, sep=separator, dtype=str, encoding="utf-8-sig")
    except ValueError as error:
        raise UsageError(f"{path}: not a table: {str(error).splitlines()[0]}") from error
    return rows, path.name


def _ids(column: pd.Series[Any]) -> pd.Series[Any]:
    """Customer ids as intake writes them."""
    text: pd.Series[Any] = column.astype("string").str.strip()
    # Only a column that is whole numbers throughout was once floats: `1.10` is a code.
    if text.dropna().str.fullmatch(r"\d+(\.0+)?").all():
        text = text.str.replace(r"\.0+$", "", regex=True)
    bare: pd.Series[Any] = text.str.replace(r"^'(?=[=+\-@]|\d+$)", "", regex=True)
    return bare


def _instants(column: pd.Series[Any], name: str) -> pd.Series[Any]:
    if pd.api.types.is_datetime64_any_dtype(column):
        bare: pd.Series[Any] = column.dt.tz_localize(None).astype("datetime64[s]")
        return bare
    text = column.astype("string").str.strip()
    # The wall time as written: an offset says where, and the orders are wall time too.
    text = text.str.replace(r"(Z|[+-]\d{2}:?\d{2})$", "", regex=True).where(
        text.str.contains(":", na=False), text
    )
    text = text.str.replace(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})", r"\3-\2-\1", regex=True)
    found = pd.to_datetime(text, errors="coerce", format="mixed", yearfirst=True)
    bad = found.isna() | ~text.str.match(r"\d{4}-?\d{1,2}-?\d{1,2}", na=False)
    if bad.any():
        said = ", ".join(repr(str(value)) for value in column[bad].unique()[:5])
        raise WinbackError(f"{name}: assigned_at {said} is no date; write 2024-01-31")
    return found.astype("datetime64[s]")


def _shares(rows: pd.DataFrame, column: str, name: str) -> pd.Series[Any]:
    if column not in rows:
        return pd.Series(np.nan, index=rows.index)
    numbers = pd.to_numeric(rows[column], errors="coerce").astype("float64")
    given = rows[column].notna() & (rows[column].astype("string").str.strip() != "")
    bad = given & ~numbers.between(0, 1)
    if bad.any():
        said = ", ".join(repr(str(value)) for value in rows.loc[bad, column].unique()[:5])
        raise WinbackError(f"{name}: {column} {said} is not a share between 0 and 1")
    return numbers


_OUTCOMES = """
WITH assigned AS (
    SELECT customer_id, assigned_at, assigned_at + to_days($window) AS ends_at FROM assigned_rows
), lines AS (
    SELECT customer_id, order_id, ordered_at, known_at, amount, kind
    FROM order_lines SEMI JOIN assigned USING (customer_id)
), purchases AS (
    SELECT customer_id, min(ordered_at) AS placed_at
    FROM lines WHERE kind = 'order'
    GROUP BY customer_id, order_id, CAST(ordered_at AS DATE)
), counted AS (
    SELECT customer_id,
        count(*) FILTER (placed_at >= assigned_at AND placed_at < ends_at) AS orders,
        count(*) FILTER (placed_at < assigned_at) AS orders_before,
        count(*) FILTER (placed_at < assigned_at AND placed_at >= assigned_at - to_days(365))
            AS orders_before_365d,
        count(*) FILTER (placed_at >= ends_at AND placed_at < ends_at + to_days($window))
            AS orders_after,
        max(placed_at) FILTER (placed_at < assigned_at) AS last_at
    FROM purchases JOIN assigned USING (customer_id) GROUP BY customer_id
), summed AS (
    SELECT customer_id,
        sum(amount) FILTER (ordered_at >= assigned_at AND ordered_at < ends_at) AS spend,
        -- Known only later, a refund of an earlier order could depend on the arm.
        sum(amount) FILTER (ordered_at < assigned_at AND known_at < assigned_at
            AND ordered_at >= assigned_at - to_days(365)) AS spend_before
    FROM lines JOIN assigned USING (customer_id)
    WHERE kind IN ('order', 'refund') GROUP BY customer_id
)
SELECT customer_id, coalesce(orders, 0) AS orders, coalesce(orders_before, 0) AS orders_before,
    coalesce(orders_before_365d, 0) AS orders_before_365d,
    coalesce(orders_after, 0) AS orders_after,
    CAST(coalesce(spend, 0) AS DOUBLE) AS spend,
    CAST(coalesce(spend_before, 0) AS DOUBLE) AS spend_before,
    date_diff('day', CAST(last_at AS DATE), CAST(assigned_at AS DATE)) AS days_since_last_order,
    seen.customer_id IS NOT NULL AS seen
FROM assigned LEFT JOIN counted USING (customer_id) LEFT JOIN summed USING (customer_id)
    LEFT JOIN (SELECT DISTINCT customer_id FROM lines) seen USING (customer_id)
ORDER BY customer_id
"""


def _outcomes(
    assigned: pd.DataFrame,
    orders: pa.Table | Path | str,
    window_days: int,
    history_until: date | None,
) -> tuple[pd.DataFrame, date]:
    """What each assigned customer did in the window and before, in the order of ``assigned``."""
    lines = _order_lines(orders)
    scale = int((lines.schema.metadata or {}).get(b"amount_scale", b"1"))
    with duckdb.connect() as connection:
        connection.register(
            "assigned_rows",
            pa.table(
                {
                    "customer_id": pa.array(assigned["customer_id"], pa.string()),
                    "assigned_at": pa.array(assigned["assigned_at"], pa.timestamp("s")),
                }
            ),
        )
        connection.register("order_lines", lines)
        [(last,)] = connection.execute("SELECT max(ordered_at) FROM order_lines").fetchall()
        if last is None:
            raise WinbackError("the order history is empty: nothing can be measured")
        covered = history_until or pd.Timestamp(last).date()
        _refuse_open_windows(assigned, window_days, covered)
        outcomes = connection.execute(_OUTCOMES, {"window": window_days}).df()
    if not outcomes["seen"].any():
        raise WinbackError(
            f"none of the {len(assigned):,} assigned customers is in the orders;"
            " are both files' customer_id of the same kind?"
        )
    outcomes["net_spend"] = outcomes["spend"] / scale
    outcomes["spend_before"] /= scale
    outcomes["returned"] = (outcomes["orders"] > 0).astype(np.float64)
    return outcomes, covered


def _order_lines(orders: pa.Table | Path | str) -> ds.Dataset:
    if not isinstance(orders, pa.Table) and not Path(orders).is_file():
        raise UsageError(f"{orders}: there is no such file")
    try:
        return ds.dataset(orders if isinstance(orders, pa.Table) else str(orders))
    except pa.ArrowInvalid as error:
        raise UsageError(f"{orders}: not a Parquet file of order lines") from error


def _day(moment: pd.Timestamp) -> str:
    return moment.date().isoformat()


def _refuse_open_windows(assigned: pd.DataFrame, window_days: int, covered: date) -> None:
    ends = assigned["assigned_at"] + pd.Timedelta(days=window_days)
    closed_by = pd.Timestamp(covered) + pd.Timedelta(days=1)
    open_rows = ends > closed_by
    if open_rows.any():
        needed = (ends.max() - pd.Timedelta(seconds=1)).date()
        longest = int((closed_by - assigned["assigned_at"].max()).days)
        advice = f"or measure at most {longest} days" if longest >= 1 else "or take newer orders"
        raise WinbackError(
            f"The window of {int(open_rows.sum()):,} of {len(assigned):,} customers is still open:"
            f" {window_days} days need orders until {needed}; the history ends on {covered}."
            f" Wait until then, {advice}."
        )


# ----------------------------------------------------------------------------- comparing


@dataclass(frozen=True)
class _Comparison:
    mean_treated: float
    mean_control: float
    low: float
    high: float
    se: float
    p: float
    adjusted: tuple[float, float, float, float] | None  # effect, low, high, variance removed

    @property
    def effect(self) -> float:
        return self.mean_treated - self.mean_control


def _compare(
    values: Floats, treated: Flags, weights: Floats | None, covariates: pd.DataFrame, share: bool
) -> _Comparison:
    """Difference of the arms' means with its interval, plain and adjusted."""
    sides = [
        _mean(values[side], None if weights is None else weights[side])
        for side in (treated, ~treated)
    ]
    (mean_t, variance_t, n_t), (mean_c, variance_c, n_c) = sides
    effect, variance = mean_t - mean_c, variance_t + variance_c
    se = float(np.sqrt(variance))
    reach = _t_quantile(variance_t, n_t, variance_c, n_c) * se
    low, high = effect - reach, effect + reach
    p = float(2 * norm.sf(abs(effect) / se)) if se > 0 else float(effect == 0)
    if share and weights is None:
        low, high = _newcombe(mean_t, n_t, mean_c, n_c)
    return _Comparison(
        mean_t, mean_c, low, high, se, p, _adjust(values, treated, weights, covariates, variance)
    )


def _mean(values: Floats, weights: Floats | None) -> tuple[float, float, int]:
    """Mean, its variance and n; weighted as a Hájek mean."""
    n = len(values)
    if weights is None:
        return float(values.mean()), float(values.var(ddof=1)) / n, n
    share = weights / weights.sum()
    mean = float((share * values).sum())
    return mean, float((share**2 * (values - mean) ** 2).sum()) * n / (n - 1), n


def _t_quantile(variance_a: float, n_a: int, variance_b: float, n_b: int) -> float:
    """97.5 % point of Student's t at Welch and Satterthwaite's degrees of freedom."""
    bottom = variance_a**2 / (n_a - 1) + variance_b**2 / (n_b - 1)
    freedom = (variance_a + variance_b) ** 2 / bottom if bottom > 0 else n_a + n_b - 2
    return float(t.ppf(0.975, freedom))


def _newcombe(p_a: float, n_a: int, p_b: float, n_b: int) -> tuple[float, float]:
    """Interval of a difference of shares that also holds near 0 and in small groups."""
    (low_a, high_a), (low_b, high_b) = _wilson(p_a, n_a), _wilson(p_b, n_b)
    effect = p_a - p_b
    return (
        effect - float(np.hypot(p_a - low_a, high_b - p_b)),
        effect + float(np.hypot(high_a - p_a, p_b - low_b)),
    )


def _wilson(p: float, n: int) -> tuple[float, float]:
    z = float(norm.ppf(0.975))
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * float(np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)))
    return middle - reach, middle + reach


def _adjust(
    values: Floats,
    treated: Flags,
    weights: Floats | None,
    covariates: pd.DataFrame,
    plain_variance: float,
) -> tuple[float, float, float, float] | None:
    """Effect with each arm's mean moved to the covariates' common mean by its own fit."""
    design = covariates.to_numpy(np.float64)
    # Twenty customers of the smaller arm for each covariate, else the fit adds noise.
    smaller = min(int(treated.sum()), int((~treated).sum()))
    design = design[:, : smaller // 20]
    if not design.shape[1] or plain_variance <= 0:
        return None
    w = np.ones(len(values)) if weights is None else weights
    centred = design - np.average(design, axis=0, weights=w)
    arms = [_arm_fit(values[side], centred[side], w[side]) for side in (treated, ~treated)]
    (mean_t, variance_t, slope_t), (mean_c, variance_c, slope_c) = arms
    effect = mean_t - mean_c
    # The common mean is itself an estimate; it matters where the slopes differ.
    shift = slope_t - slope_c
    variance = (
        variance_t
        + variance_c
        + float(shift @ np.cov(centred.T, ddof=1).reshape(len(shift), len(shift)) @ shift)
        / len(values)
    )
    sizes = [max(int(side.sum()) - design.shape[1], 2) for side in (treated, ~treated)]
    reach = _t_quantile(variance_t, sizes[0], variance_c, sizes[1]) * float(np.sqrt(variance))
    return effect, effect - reach, effect + reach, 1 - variance / plain_variance


def _arm_fit(values: Floats, centred: Floats, weights: Floats) -> tuple[float, float, Floats]:
    """Fitted mean at the centre, its HC2 variance, and the slopes, by weighted least squares."""
    design = np.column_stack([np.ones(len(values)), centred])
    root = np.sqrt(weights / weights.mean())[:, None]
    left, sizes, right = np.linalg.svd(design * root, full_matrices=False)
    held = sizes > sizes.max() * 1e-9
    left, inverse = left[:, held], right[held].T / sizes[held]
    scaled = values * root[:, 0]
    coefficients = inverse @ (left.T @ scaled)
    residual = scaled - left @ (left.T @ scaled)
    leverage = np.minimum((left**2).sum(axis=1), 1 - 1e-9)
    influence = left @ inverse[0]
    variance = float((influence**2 * residual**2 / (1 - leverage)).sum())
    return float(coefficients[0]), variance, coefficients[1:]


def _as_result(found: _Comparison) -> dict[str, Any]:
    adjusted = None
    if found.adjusted is not None:
        names = ("effect", "low", "high", "variance_removed")
        adjusted = dict(zip(names, map(_rounded, found.adjusted), strict=True))
    relative = found.effect / found.mean_control if found.mean_control > 0 else None
    return {
        "mean_treated": _rounded(found.mean_treated),
        "mean_control": _rounded(found.mean_control),
        "effect": _rounded(found.effect),
        "low": _rounded(found.low),
        "high": _rounded(found.high),
        "relative": _rounded(relative),
        "cuped": adjusted,
        "se": found.se,
        "p": found.p,
    }


def _rounded(number: float | None) -> float | None:
    if number is None or not np.isfinite(number):
        return None
    # Six significant figures: a p of 1e-9 is not 0, and noise in the last bits is not output.
    return float(f"{number:.6g}") + 0.0


def _detectable(found: dict[str, Any]) -> float | None:
    """Smallest effect this campaign had an 80 % chance to find at 5 %."""
    if found.get("se") is None:
        return None
    return _rounded(float(norm.ppf(0.975) + norm.ppf(0.8)) * found["se"])


def _verdict(found: dict[str, Any]) -> str:
    if found["low"] > 0:
        return "works"
    return "harms" if found["high"] < 0 else "not_distinguishable"


# ------------------------------------------------------------------------------- design


def _expected_control(
    assigned: pd.DataFrame, treated: Flags, control_share: float | None
) -> tuple[Floats | None, str]:
    """Chance of each customer to be control by design, and where that is known from."""
    probability = assigned["probability"].to_numpy(np.float64)
    if np.isfinite(probability).all():
        by_arm = assigned.groupby("arm")["probability"].agg(["min", "max"])
        sure = (by_arm["max"] - by_arm["min"] < 1e-9).all() and CONTROL in by_arm.index
        if len(by_arm) > 2 and sure and abs(by_arm["max"].sum() - 1) < 1e-6:
            # Every arm's own share of one draw, rather than offer against control.
            share = float(by_arm.loc[CONTROL, "max"])  # type: ignore[arg-type]
            return np.full(len(treated), share), "probability"
        return np.where(treated, 1 - probability, probability), "probability"
    if control_share is not None:
        if not 0 < control_share < 1:
            raise UsageError(f"control_share is {control_share}; it must lie between 0 and 1")
        return np.full(len(treated), float(control_share)), "control_share"
    if 0.4 <= 1 - treated.mean() <= 0.6:
        return np.full(len(treated), 0.5), "equal_split"
    return None, "unknown"


def _sample_ratio_p(
    assigned: pd.DataFrame, treated: Flags, expected: Floats | None, basis: str
) -> float | None:
    """Chance of a split at least this far from the design, overall and within planned offers."""
    if expected is None:
        return None
    strata = assigned["planned_offer"].fillna("").to_numpy(object)
    statistic, freedom = 0.0, 0
    for stratum in sorted(set(strata)) if basis == "probability" else [None]:
        here = np.ones(len(treated), np.bool_) if stratum is None else strata == stratum
        spread = float((expected[here] * (1 - expected[here])).sum())
        if spread > 0:
            surplus = float((~treated[here]).sum() - expected[here].sum())
            statistic += surplus**2 / spread
            freedom += 1
    return float(chi2.sf(statistic, freedom)) if freedom else None


def _weights(expected: Floats | None, treated: Flags) -> Floats | None:
    """Inverse probability of the side drawn; None where it is the same for everybody."""
    if expected is None or np.ptp(expected) < 1e-9:
        return None
    drawn = np.where(treated, 1 - expected, expected)
    return np.asarray(1 / np.clip(drawn, 1e-3, None))


def _problems(n_treated: int, n_control: int, in_both: int, srm_p: float | None) -> list[str]:
    found = []
    if n_control < 2:
        found.append("no_control")
    if n_treated < 2:
        found.append("no_treated")
    if in_both:
        found.append("customer_in_both_arms")
    if srm_p is not None and srm_p < SRM_ALARM:
        found.append("sample_ratio")
    return found


def _covariates(assigned: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """What was known of each customer before the draw, most telling first."""
    found: dict[str, Any] = {}
    p_return = assigned["p_return"]
    if p_return.notna().any():
        found["p_return"] = p_return.fillna(p_return.mean()).to_numpy(np.float64)
    silence = outcomes["days_since_last_order"].astype("float64")
    found["orders_before_365d"] = np.log1p(outcomes["orders_before_365d"])
    found["days_since_last_order"] = np.log1p(silence.fillna(silence.max()).fillna(0))
    spend = outcomes["spend_before"]
    # Roots, not raw sums: one wholesaler must not carry the whole fit.
    found["spend_before_365d"] = np.sign(spend) * np.sqrt(spend.abs())
    found["orders_before"] = np.log1p(outcomes["orders_before"])
    table = pd.DataFrame(found)
    return table.loc[:, table.std() > 0]


def _balance(
    covariates: pd.DataFrame, treated: Flags, weights: Floats | None
) -> list[dict[str, Any]]:
    """Compare the arms before the draw: differences in standard deviations, near zero."""
    rows = []
    for name in covariates:
        values = covariates[name].to_numpy(np.float64)
        found = _compare(values, treated, weights, covariates[[]], False)
        spread = np.sqrt((values[treated].var(ddof=1) + values[~treated].var(ddof=1)) / 2)
        rows.append(
            {
                "covariate": str(name),
                "scale": "share"
                if name == "p_return"
                else "root"
                if name == "spend_before_365d"
                else "log",
                "mean_treated": _rounded(found.mean_treated),
                "mean_control": _rounded(found.mean_control),
                "standardised_difference": _rounded(found.effect / spread if spread > 0 else None),
                "p": _rounded(found.p),
            }
        )
    return rows


def _by_offer(
    assigned: pd.DataFrame,
    outcomes: pd.DataFrame,
    treated: Flags,
    weights: Floats | None,
    metric: Metric,
) -> list[dict[str, Any]]:
    """Each planned offer against those it was planned for and held back from.

    Where rows do not say what was planned, against the whole control. ``p_holm`` holds the
    chance of any false finding over all offers at its level (Holm 1979).
    """
    arm = assigned["arm"].to_numpy(object)
    planned = assigned["planned_offer"]
    known = planned.notna().all()
    rows: list[dict[str, Any]] = []
    for offer in sorted(set(planned) if known else set(arm[treated])):
        here = (planned == offer).to_numpy(np.bool_) if known else ((arm == offer) | ~treated)
        side = treated[here]
        if side.sum() < 2 or (~side).sum() < 2:
            continue
        found = _compare(
            outcomes[metric].to_numpy(np.float64)[here],
            side,
            None if weights is None else weights[here],
            pd.DataFrame(index=range(int(here.sum()))),
            metric == "returned",
        )
        rows.append(
            {
                "offer": str(offer),
                "n_treated": int(side.sum()),
                "n_control": int((~side).sum()),
                "mean_treated": _rounded(found.mean_treated),
                "mean_control": _rounded(found.mean_control),
                "effect": _rounded(found.effect),
                "low": _rounded(found.low),
                "high": _rounded(found.high),
                "p": found.p,
            }
        )
    running = 0.0
    for rank, row in enumerate(sorted(rows, key=lambda row: (row["p"], row["offer"]))):
        running = max(running, min(1.0, row["p"] * (len(rows) - rank)))
        row["p_holm"] = _rounded(running)
        found_one = running < 0.05
        row["verdict"] = (
            ("works" if row["effect"] > 0 else "harms") if found_one else "not_distinguishable"
        )
    for row in rows:
        row["p"] = _rounded(row["p"])
    return rows


def _came_anyway(
    outcomes: pd.DataFrame, treated: Flags, weights: Floats | None
) -> dict[str, float | None]:
    """Share of the treated who returned that would have returned without the offer.

    That is the share of the discounts that bought nothing: the control's return rate over
    the treated's, with the interval of a ratio on the log scale (Katz et al. 1978).
    """
    returned = outcomes["returned"].to_numpy(np.float64)
    mean_t, variance_t, _ = _mean(returned[treated], None if weights is None else weights[treated])
    mean_c, variance_c, _ = _mean(
        returned[~treated], None if weights is None else weights[~treated]
    )
    if mean_t == 0 or mean_c == 0:
        return {"value": None, "low": None, "high": None}
    reach = 1.96 * np.sqrt(variance_t / mean_t**2 + variance_c / mean_c**2)
    ratio = mean_c / mean_t
    bounds = (ratio, ratio * np.exp(-reach), ratio * np.exp(reach))
    value, low, high = (_rounded(min(float(bound), 1.0)) for bound in bounds)
    return {"value": value, "low": low, "high": high}


def _after_window(
    assigned: pd.DataFrame,
    outcomes: pd.DataFrame,
    treated: Flags,
    weights: Floats | None,
    window_days: int,
    covered: date,
) -> dict[str, float | None] | None:
    """Orders in as many days again: below zero, the offer only moved orders forward.

    Null while the history does not cover that second window for everybody.
    """
    ends = assigned["assigned_at"].max() + pd.Timedelta(days=2 * window_days)
    if ends > pd.Timestamp(covered) + pd.Timedelta(days=1):
        return None
    orders = outcomes["orders_after"].to_numpy(np.float64)
    found = _compare(orders, treated, weights, pd.DataFrame(index=range(len(orders))), False)
    names = ("mean_treated", "mean_control", "effect", "low", "high")
    return {name: _rounded(getattr(found, name)) for name in names}


def _profit(
    assigned: pd.DataFrame,
    outcomes: pd.DataFrame,
    treated: Flags,
    weights: Floats | None,
    offers: Sequence[Offer],
    window_days: int,
) -> dict[str, float | None] | None:
    """What the campaign earned: the margin it added less the discounts and the contacts.

    Per customer: ``margin_share`` of net spend; for the treated, less the discount on every
    order in the window and the contact. Amounts are taken as ordered, before the discount.
    Null without a catalogue that names every treated arm.
    """
    catalogue = {offer.name: offer for offer in offers}
    arm = assigned["arm"].to_numpy(object)
    if not catalogue or not set(arm[treated]) <= set(catalogue):
        return None
    planned = assigned["planned_offer"].where(assigned["planned_offer"].notna(), assigned["arm"])
    margins = {name: offer.margin_share for name, offer in catalogue.items()}
    usual = float(np.mean(list(margins.values())))
    spend = outcomes["net_spend"].to_numpy(np.float64)
    bought = outcomes["orders"].to_numpy(np.float64)
    margin = spend * planned.map(margins).fillna(usual).to_numpy(np.float64)
    cost = np.zeros(len(arm))
    for name, offer in catalogue.items():
        here = arm == name
        paid = (
            offer.discount_share * np.maximum(spend[here], 0)
            if offer.discount_share is not None
            else (offer.discount_amount or 0.0) * bought[here]
        )
        cost[here] = offer.contact_cost + offer.redemption_share * paid
    found = _compare(margin - cost, treated, weights, pd.DataFrame(index=range(len(arm))), False)
    n = int(treated.sum())
    spent = float(cost.sum())
    return {
        "per_customer": _rounded(found.effect),
        "low": _rounded(found.low),
        "high": _rounded(found.high),
        "total": _rounded(n * found.effect),
        "total_low": _rounded(n * found.low),
        "total_high": _rounded(n * found.high),
        "offer_cost": _rounded(spent),
        "return_on_cost": _rounded(n * found.effect / spent if spent > 0 else None),
    }


# ----------------------------------------------------------------------------- in words


def _sentence(result: dict[str, Any]) -> dict[str, str]:
    """The verdict in one sentence, English and Polish."""
    problems = result["problems"]
    if problems:
        why = {
            "no_control": ("there is no control group", "nie ma grupy kontrolnej"),
            "no_treated": ("nobody was treated", "nikt nie dostał oferty"),
            "customer_in_both_arms": (
                f"{result['in_both_arms']:,} customers are in both arms",
                f"klienci w obu grupach: {result['in_both_arms']}",
            ),
            "sample_ratio": (
                f"{result['n_control']:,} control to {result['n_treated']:,} treated is not the"
                " split that was drawn, so some were lost on the way",
                f"{result['n_control']} kontrolnych do {result['n_treated']} z ofertą to nie jest"
                " wylosowany podział, więc część klientów zgubiono po drodze",
            ),
        }
        return {
            "en": "Not to be read: " + "; ".join(why[problem][0] for problem in problems) + ".",
            "pl": "Nie do odczytu: " + "; ".join(why[problem][1] for problem in problems) + ".",
        }
    found, metric = result[result["metric"]], result["metric"]
    factor, digits = (100, 1) if metric == "returned" else (1, 2)
    unit_en = {"returned": " points", "orders": " orders", "net_spend": ""}[metric]
    unit_pl = {"returned": " p.p.", "orders": " zamówienia", "net_spend": ""}[metric]
    numbers = [f"{factor * found[key]:+.{digits}f}" for key in ("effect", "low", "high")]
    sees = f"{factor * result['minimal_detectable_effect']:.{digits}f}"
    name_en = {
        "returned": "return rate",
        "orders": "orders a customer",
        "net_spend": "net spend a customer",
    }[metric]
    name_pl = {
        "returned": "odsetek powrotów",
        "orders": "liczbę zamówień na klienta",
        "net_spend": "wydatki netto na klienta",
    }[metric]
    what = f"{numbers[0]}{unit_en} (95 % interval {numbers[1]} to {numbers[2]})"
    co = f"{numbers[0]}{unit_pl} (przedział 95 %: od {numbers[1]} do {numbers[2]})"
    english = {
        "works": f"The offers raised the {name_en} by {what}.",
        "harms": f"The offers lowered the {name_en}: {what}.",
        "not_distinguishable": f"No effect on the {name_en} can be told from chance: {what};"
        f" a campaign of this size sees changes of {sees}{unit_en} or more.",
    }[result["verdict"]]
    polish = {
        "works": f"Oferty podniosły {name_pl}: {co}.",
        "harms": f"Oferty obniżyły {name_pl}: {co}.",
        "not_distinguishable": f"Wpływu na {name_pl} nie da się odróżnić od przypadku: {co};"
        f" kampania tej wielkości wykryje zmianę o co najmniej {sees}{unit_pl}".rstrip(".")
        + ".",
    }[result["verdict"]]
    return {"en": english, "pl": re.sub(r"(\d)\.(\d)", r"\1,\2", polish)}
