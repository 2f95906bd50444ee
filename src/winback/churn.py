"""What churn is in a shop: who fell silent, who came back later, and which horizon to use.

In a shop without contracts nobody says goodbye; a customer is called churned by a **rule**, a
length of silence: so many days since the last purchase day, or so many times the customer's own
usual gap. Whether a rule is good can be counted: how many of those it called churned came back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import duckdb
import numpy as np

from winback.arrays import Floats, Integers, Mask
from winback.draws import scattered
from winback.errors import UsageError, WinbackError
from winback.results.base import Result
from winback.results.churned import (
    Churned,
    Comeback,
    Finding,
    GapDays,
    Horizon,
    Overlap,
    OwnRhythm,
    RuleList,
    Waited,
)
from winback.tables.history import check_orders

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

R = TypeVar("R", bound=Result)


HORIZONS_DAYS = (30, 60, 90, 180, 365)
LATER_DAYS = (30, 60, 90, 180, 365)
TIMES_OWN_GAP = (2, 3, 5)
GAP_SHARES = (10, 25, 50, 75, 90)

# A share of fewer silences than this says nothing; nor does the tail that fewer still reach.
_LEAST_SILENCES = 20
# Two gaps are the fewest that can be called usual.
_LEAST_OWN_GAPS = 2
# The spread between so many groups of customers gives the intervals.
_GROUPS = 20
_CURVE_STEP_DAYS, _LONGEST_DAYS, _YEAR_DAYS = 5, 730, 365
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class ChurnStudy:
    """What each rule of churn would have said, and how often it would have been wrong.

    Attributes:
        cutoff: the first day not seen.
        customers: customers with a purchase before the cutoff.
        rhythm_share: share of them with at least three purchase days, whose usual gap is known.
        gaps: one row for each five days of waiting: ``days``, ``returned_share`` (customers who
            buy again within ``days`` of a purchase day, one vote a customer) and
            ``finished_share`` (of the gaps that have ended, those of at most ``days``).
        gap_days: quantiles of the gaps that have ended.
        comebacks: one row a rule and wait: ``rule``, ``within_days``, ``silences`` (silences
            that the rule called churned), ``returned_share`` of them within ``within_days``
            from then on, and its 95 % interval ``low``, ``high``. Null where too few silences
            were followed for so long.
        horizons: one row a horizon: ``horizon_days`` and ``mistaken_share`` with its interval:
            of the customers who came back within ``year_days``, those it had called churned
            before, one vote a customer. Null where the history does not reach twice as far.
        year_days: a year, or how far the history reaches if that is less; None for no way.
        lists: one row a rule: ``rule``, ``customers`` called churned at the cutoff, ``share``.
        overlap: one row a pair of rules: ``rule``, ``other``, ``both`` customers, and
            ``overlap``, their part of all whom one of the two names; null for empty lists.
        horizon_days: the recommended horizon; None where the history cannot tell.
        finding: what may be said of that horizon, as in `winback.results.churned.Churned`.
        tolerated_share: part of the returning customers that a horizon may call churned.
        later_share: of the silences as long as the horizon, those that ended within as long
            again; None where too few were followed.
        own_rhythm: what silence by the customers' own rhythm means; None where too few have one.
    """

    cutoff: date
    customers: int
    rhythm_share: float | None
    gaps: pd.DataFrame
    gap_days: GapDays
    comebacks: pd.DataFrame
    horizons: pd.DataFrame
    year_days: int | None
    lists: pd.DataFrame
    overlap: pd.DataFrame
    horizon_days: int | None
    finding: Finding
    tolerated_share: float
    later_share: float | None
    own_rhythm: OwnRhythm | None

    @property
    def holds(self) -> bool:
        """Whether the recommended horizon keeps to the tolerated share."""
        return self.finding in ("holds", "overdue")

    @property
    def lost(self) -> int | None:
        """Customers lost today: silent for the recommended horizon, where it holds."""
        if self.finding != "holds":
            return None
        of_rule = self.lists["rule"] == f"{self.horizon_days}d"
        return int(self.lists.loc[of_rule, "customers"].iloc[0])

    def summary(self) -> Churned:
        """All of it, with the tables as rows; absent is None."""
        return Churned(
            cutoff=self.cutoff,
            customers=self.customers,
            rhythm_share=self.rhythm_share,
            gap_days=self.gap_days,
            horizon_days=self.horizon_days,
            finding=self.finding,
            lost=self.lost,
            holds=self.holds,
            tolerated_share=self.tolerated_share,
            later_share=self.later_share,
            own_rhythm=self.own_rhythm,
            year_days=self.year_days,
            gaps=_rows(Waited, self.gaps),
            horizons=_rows(Horizon, self.horizons),
            comebacks=_rows(Comeback, self.comebacks),
            lists=_rows(RuleList, self.lists),
            overlap=_rows(Overlap, self.overlap),
        )


@dataclass(frozen=True)
class _Silences:
    """One element a purchase day: how long until the next one, or until the cutoff."""

    customer: Integers
    group: Integers
    length: Integers
    ended: Mask
    earlier_gaps: Integers
    usual_gap: Floats  # mean of the customer's own earlier gaps; NaN without any

    @property
    def last(self) -> Mask:
        """Each customer's last silence, which the cutoff cuts."""
        last: Mask = np.diff(self.customer, append=-1) != 0
        return last


def study_churn(
    orders: str | Path | pa.Table | pd.DataFrame,
    *,
    cutoff: date | None = None,
    horizons_days: Sequence[int] = HORIZONS_DAYS,
    later_days: Sequence[int] = LATER_DAYS,
    times_own_gap: Sequence[int] = TIMES_OWN_GAP,
    tolerated_share: float = 0.2,
) -> ChurnStudy:
    """Find out what silence means in this shop, from canonical order lines.

    A **silence** begins with each purchase day of a customer and ends with the next one. A
    rule calls the customer churned once the silence is as long as it says: after ``h`` days
    (rule ``90d``), or after ``k`` times the mean of the customer's own earlier gaps (rule
    ``3x``, for customers with at least two of them). From that moment on the customer is
    followed until the next purchase or, still silent, until the cutoff. Shares are
    Kaplan and Meier's (1958), so that silences the cutoff cuts short count for as long as
    they were watched. Intervals come from leaving out each of twenty groups of customers,
    since the silences of one customer are alike (grouped jackknife, Efron and Stein 1981),
    and are Wilson's for a sample of that precision.

    The recommended horizon is the shortest of ``horizons_days`` that would have called at most
    ``tolerated_share`` of the customers churned who then came back within a year: a longer one
    only tells later. There each customer is one vote, however many gaps he has (Wang and Chang
    1999, JASA 94, section 3), else a few heavy buyers set the pace for all. Where no horizon
    is that good, the longest that the history shows; ``holds`` is then False.

    Only lines that happened and were known before the cutoff are seen. A shop without
    purchases, or of one day, gives a study without shares.

    Args:
        orders: canonical order lines: a Parquet file, an Arrow table or a pandas frame.
        cutoff: the first day not seen; by default the day after the last purchase.
        horizons_days: silences in days to be tried as rules.
        later_days: how long the customers called churned are followed.
        times_own_gap: multiples of the own usual gap to be tried as rules.
        tolerated_share: part of the returning customers that a horizon may call churned.

    Raises:
        UsageError: a horizon, wait or multiple is not a positive whole number, or the share
            is not between 0 and 1.
        WinbackError: the file does not exist.
    """
    import pandas as pd

    told = {
        "horizons_days": horizons_days, "later_days": later_days, "times_own_gap": times_own_gap
    }  # fmt: skip
    _check_rules(told, tolerated_share)
    horizons, waits = sorted(set(horizons_days)), sorted({*later_days, *horizons_days})
    times = sorted(set(times_own_gap))
    cutoff, silences = _silences(orders, cutoff)
    own = np.where(silences.earlier_gaps >= _LEAST_OWN_GAPS, silences.usual_gap, np.nan)
    rules: dict[str, Floats] = {
        f"{h}d": np.broadcast_to(np.float64(h), silences.length.shape) for h in horizons
    }
    rules |= {f"{k}x": np.ceil(k * own) for k in times}
    comebacks = pd.DataFrame(
        [row for rule, after in rules.items() for row in _comebacks(rule, silences, after, waits)]
    )
    last = silences.last
    customers = int(last.sum())
    named = {rule: silences.length[last] >= after[last] for rule, after in rules.items()}
    survival, known = _by_customer(silences)
    year, mistaken = _mistaken(survival, known, horizons, _span(silences))
    horizon, finding = _recommended(mistaken, comebacks, tolerated_share)
    later = None if horizon is None else _returned(comebacks, f"{horizon}d", horizon)
    kept = comebacks[comebacks["within_days"].isin(set(later_days))].reset_index(drop=True)
    return ChurnStudy(
        cutoff=cutoff,
        customers=customers,
        rhythm_share=_share((~np.isnan(own[last])).sum(), customers),
        gaps=_curve(silences, survival, known),
        gap_days=_gap_quantiles(silences),
        comebacks=kept,
        horizons=mistaken,
        year_days=year,
        lists=_lists(named, customers),
        overlap=_overlap(named),
        horizon_days=horizon,
        finding=finding,
        tolerated_share=tolerated_share,
        later_share=later,
        own_rhythm=_own_rhythm(comebacks, horizon, times),
    )


def _check_rules(rules: Mapping[str, Sequence[int]], tolerated_share: float) -> None:
    """Whole numbers from 1 on, and a share of some but not all."""
    for name, values in rules.items():
        if not values or any(value != int(value) or value < 1 for value in values):
            raise UsageError("churn.no_whole_numbers", name=name, values=tuple(values))
    if not 0 < tolerated_share < 1:
        raise UsageError("churn.no_share", share=tolerated_share)


def _lists(named: Mapping[str, Mask], customers: int) -> pd.DataFrame:
    """How many customers each rule calls churned at the cutoff."""
    import pandas as pd

    return pd.DataFrame(
        {
            "rule": list(named),
            "customers": [int(who.sum()) for who in named.values()],
            "share": [_share(who.sum(), customers) for who in named.values()],
        }
    )


def _overlap(named: Mapping[str, Mask]) -> pd.DataFrame:
    """Of every two rules, how many customers both call churned, and of those that either does."""
    import pandas as pd

    return pd.DataFrame(
        [
            (rule, other, int((a & b).sum()), _share((a & b).sum(), (a | b).sum()))
            for (rule, a), (other, b) in combinations(named.items(), 2)
        ],
        columns=["rule", "other", "both", "overlap"],
    )


_READ = ("customer_id", "ordered_at", "known_at", "kind")


def _silences(
    orders: str | Path | pa.Table | pd.DataFrame, cutoff: date | None
) -> tuple[date, _Silences]:
    con = duckdb.connect()
    try:
        if isinstance(orders, str | Path):
            if not Path(orders).exists():
                raise WinbackError("churn.no_orders", file=str(orders))
            check_orders(orders, *_READ)
            con.read_parquet(str(orders)).create_view("lines")
        else:
            check_orders(orders, *_READ)
            con.register("lines", orders)
        if cutoff is None:
            ((last,),) = con.execute(
                "SELECT max(CAST(ordered_at AS DATE)) FROM lines WHERE kind = 'order'"
            ).fetchall()
            cutoff = (last or _EPOCH) + timedelta(days=1)
        # Sorted by customer, so that the groups of the jackknife are the same on every run.
        days = (
            con.sql(
                """
            SELECT list_sort(list(DISTINCT CAST(ordered_at AS DATE) - DATE '1970-01-01')) AS days
            FROM lines WHERE kind = 'order' AND ordered_at < $cutoff AND known_at < $cutoff
            GROUP BY customer_id ORDER BY customer_id
            """,
                params={"cutoff": cutoff},
            )
            .to_arrow_table()["days"]
            .combine_chunks()
        )
    finally:
        con.close()
    counts = np.diff(days.offsets.to_numpy())
    day = days.flatten().to_numpy().astype(np.int64)
    customer = np.repeat(np.arange(len(counts)), counts)
    last = np.diff(customer, append=-1) != 0
    following = np.append(day[1:], 0)
    following[last] = (cutoff - _EPOCH).days
    first = np.repeat(np.cumsum(counts) - counts, counts)
    earlier = np.arange(len(day)) - first
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = np.where(earlier > 0, (day - day[first]) / earlier, np.nan)
    # Scattered, since ids may alternate between kinds of customers.
    group = np.repeat(scattered(len(counts), _GROUPS), counts)
    return cutoff, _Silences(customer, group, following - day, ~last, earlier, usual)


def _comebacks(
    rule: str, silences: _Silences, after: Floats, waits: Sequence[int]
) -> list[dict[str, str | float]]:
    """Share of the silences that a rule called churned that ended later, wait by wait."""
    called = silences.length >= after  # not where the rule says nothing: NaN
    beyond = silences.length[called] - after[called].astype(np.int64)
    survival, known = _still_silent(
        beyond, silences.ended[called], silences.group[called], max(waits)
    )
    rows = []
    for wait in waits:
        row: dict[str, str | float] = {"rule": rule, "within_days": wait}
        row["silences"] = int(called.sum())
        silent = survival[:, wait]
        told = known[wait] >= _LEAST_SILENCES
        values = _interval(1 - silent, int(called.sum())) if told else (np.nan,) * 3
        rows.append(row | dict(zip(("returned_share", "low", "high"), values, strict=True)))
    return rows


def _still_silent(
    length: Integers, ended: Mask, group: Integers, longest: int, votes: Floats | None = None
) -> tuple[Floats, Floats]:
    """Kaplan and Meier's share still silent after 0 to ``longest`` days, and of how many known.

    One row for each group left out and a last one for all. A purchase ``n`` days on ends a
    silence of ``n``; a silence that the cutoff cuts at ``n`` was watched on days 0 to n - 1.
    Known are those still watched, or all while the cutoff has cut none.
    """
    place = group * (longest + 1) + np.minimum(length, longest)
    size = _GROUPS * (longest + 1)
    counted = []
    for kind in (ended, ~ended):
        weights = None if votes is None else votes[kind]
        by_group = np.bincount(place[kind], weights, size).reshape(_GROUPS, -1).astype(np.float64)
        counted.append(np.vstack([by_group.sum(0) - by_group, by_group.sum(0)]))
    returns, cut = counted
    reached = np.cumsum((returns + cut)[:, ::-1], axis=1)[:, ::-1]
    watched = reached - cut
    with np.errstate(invalid="ignore", divide="ignore"):
        stayed = np.where(watched > 1e-9, 1 - returns / watched, 1.0)[:, :-1]
    # Votes are fractions: what is left of them by rounding is nobody.
    stayed = np.where(stayed < 1e-9, 0.0, stayed)
    survival = np.column_stack([np.ones(len(stayed)), np.cumprod(stayed, axis=1)])
    uncut = np.cumsum(cut[-1]) == 0
    known = np.where(uncut, reached[-1, 0], watched[-1])[:-1]
    return survival, np.append(reached[-1, :1], known)


def _by_customer(silences: _Silences) -> tuple[Floats, Floats]:
    """The same for gaps between purchase days, with one vote a customer.

    Wang and Chang's estimator: the ended gaps of a customer share his vote, and an open
    silence counts only for who has no other.
    """
    gaps = np.bincount(silences.customer, silences.ended)[silences.customer]
    voting = silences.ended | (gaps == 0)
    return _still_silent(
        silences.length[voting], silences.ended[voting], silences.group[voting],
        _LONGEST_DAYS + 1, 1 / np.maximum(gaps[voting], 1),
    )  # fmt: skip


def _mistaken(
    survival: Floats, known: Floats, horizons: Sequence[int], span: int
) -> tuple[int | None, pd.DataFrame]:
    """Of the customers who came back within a year, those each horizon had called churned."""
    import pandas as pd

    told = known[1 : min(span, _YEAR_DAYS) + 1] >= _LEAST_SILENCES
    year = int(np.flatnonzero(np.append(True, told))[-1])
    returned = 1 - survival[:, year]
    rows = []
    for horizon in horizons:
        row = {"horizon_days": horizon}
        values: tuple[float, ...] = (np.nan,) * 3
        seen = 2 * horizon <= year or horizon < year == _YEAR_DAYS
        if seen and (returned > 0).all() and known[0] * returned[-1] >= _LEAST_SILENCES:
            share = (survival[:, horizon] - survival[:, year]) / returned
            values = _interval(share, int(known[0] * returned[-1]))
        rows.append(row | dict(zip(("mistaken_share", "low", "high"), values, strict=True)))
    return year or None, pd.DataFrame(rows)


def _interval(shares: Floats, n: int) -> tuple[float, float, float]:
    """The share of all, the last, with the interval that the groups' spread implies."""
    share = float(shares[-1])
    spread = (_GROUPS - 1) / _GROUPS * float(((shares[:-1] - shares[:-1].mean()) ** 2).sum())
    # As many independent silences as would spread as much; never more than there are.
    n_like = max(min(n, share * (1 - share) / spread), 1.0) if spread > 1e-12 else n
    z2 = 1.959964**2
    centre = (share + z2 / (2 * n_like)) / (1 + z2 / n_like)
    half = np.sqrt(z2 * (share * (1 - share) / n_like + z2 / (4 * n_like**2))) / (1 + z2 / n_like)
    low, high = max(centre - half, 0.0), min(centre + half, 1.0)
    return round(share, 4), round(float(low), 4), round(float(high), 4)


def _curve(silences: _Silences, survival: Floats, known: Floats) -> pd.DataFrame:
    import pandas as pd

    days = np.arange(_CURVE_STEP_DAYS, _LONGEST_DAYS + 1, _CURVE_STEP_DAYS)
    gaps = np.sort(silences.length[silences.ended])
    # A gap of exactly n days came within n days.
    told = known[days + 1] >= _LEAST_SILENCES
    days = days[told & (days < _span(silences)) & (len(gaps) >= _LEAST_SILENCES)]
    finished = np.searchsorted(gaps, days, side="right") / max(len(gaps), 1)
    returned = 1 - survival[-1, days + 1]
    return pd.DataFrame(
        {"days": days, "returned_share": returned.round(4), "finished_share": finished.round(4)}
    )


def _span(silences: _Silences) -> int:
    """Longest time that any customer has been seen."""
    whole = np.bincount(silences.customer, silences.length) if len(silences.length) else [0]
    return int(max(whole))


def _gap_quantiles(silences: _Silences) -> GapDays:
    gaps = silences.length[silences.ended]
    return GapDays(
        **{
            f"p{p}": round(float(np.quantile(gaps, p / 100)), 1) if len(gaps) else None
            for p in GAP_SHARES
        }
    )


def _recommended(
    mistaken: pd.DataFrame, comebacks: pd.DataFrame, tolerated: float
) -> tuple[int | None, Finding]:
    """The horizon, and what may be said of it."""
    known = mistaken[mistaken["mistaken_share"].notna()]
    if known.empty:
        return None, "too_short"
    kept = known[known["mistaken_share"] <= tolerated]
    if kept.empty:
        horizon = int(known["horizon_days"].iloc[-1])
        return horizon, "longest" if len(known) == len(mistaken) else "unjudged"
    horizon = int(kept["horizon_days"].iloc[0])
    later = _returned(comebacks, f"{horizon}d", horizon)
    # A rule that few returning customers meet can still be wrong about most whom it names.
    return horizon, "overdue" if later is not None and later > 0.5 else "holds"


def recommended_silence(
    length: Integers, ended: Mask, votes: Floats, span: int, *, tolerated_share: float = 0.2
) -> int | None:
    """The horizon that `study_churn` recommends, from silences counted elsewhere.

    Args:
        length: days of a silence, or of many alike; up to the cutoff where it is open.
        ended: whether a purchase ended it; an open one counts for who has no other.
        votes: parts of a customer's vote that they hold together.
        span: longest time that any customer has been seen, in days.
        tolerated_share: part of the returning customers that a horizon may call churned.
    """
    import pandas as pd

    nobody = np.zeros(len(length), np.int64)
    survival, known = _still_silent(length, ended, nobody, _LONGEST_DAYS + 1, votes)
    # Without groups to leave out: the shares alone are asked, not their spread.
    _, mistaken = _mistaken(survival[[-1, -1]], known, HORIZONS_DAYS, span)
    nothing = pd.DataFrame(columns=["rule", "within_days", "returned_share"])
    return _recommended(mistaken, nothing, tolerated_share)[0]


def _own_rhythm(
    comebacks: pd.DataFrame, horizon: int | None, times: Sequence[int]
) -> OwnRhythm | None:
    k = 3 if 3 in times else times[-1]
    known = {
        days: share
        for days in sorted({int(days) for days in comebacks["within_days"]})
        if (share := _returned(comebacks, f"{k}x", days)) is not None
    }
    if not known:
        return None
    wanted = horizon or 90
    days = min(known, key=lambda day: (day != horizon, abs(day - wanted), day))
    return OwnRhythm(times=k, within_days=days, returned_share=known[days])


def _returned(comebacks: pd.DataFrame, rule: str, days: int) -> float | None:
    """Share that came back of those a rule named, within so many days; None where not known."""
    rows = comebacks[(comebacks["rule"] == rule) & (comebacks["within_days"] == days)]
    shares = rows["returned_share"].dropna()
    return None if shares.empty else float(shares.iloc[0])


def _share(part: int, whole: int) -> float | None:
    return round(float(part / whole), 4) if whole else None


def _rows(row: type[R], table: pd.DataFrame) -> tuple[R, ...]:
    """The rows of a table as results; what is not known is None."""
    plain = table.astype(object).where(table.notna(), None)
    return tuple(row.model_validate(each) for each in plain.to_dict("records"))
