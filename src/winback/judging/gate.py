"""Whether a challenger may take the champion's place: two sides in one court.

Both sides forecast the same customers at the same cutoffs, each from a fit that had not seen what
came of them. A refresh passes unless harm is shown; a change has to show its gain.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import ndtri

from winback.arrays import Floats, Integers
from winback.draws import resampled
from winback.judging.figures import Scored, log_losses, redrawn
from winback.judging.judge import day_of
from winback.judging.sampling import LEAST_CUSTOMERS, draws_for, interval, rounded
from winback.params import RESAMPLES
from winback.results.gated import Comparison, Decision, Kind, Reason, SegmentGain
from winback.results.judged import Interval

EVERYONE = "everyone"
LEAST_SEGMENT = 500
"""Customers from which on a segment can stand in a challenger's way."""

# Two fits of one recipe, such as with another seed, differ by chance; with many customers even that
# is beyond the interval of resampled customers. What is below this decides nothing
# (benchmarks/gate.md).
LEAST_DIFFERENCE = 0.001
# Two fits differ more in a part of the customers than in all of them.
_LEAST_HARM_OF_SEGMENT = 0.002
# A slope within these is a probability that is one (reference: docs/decisions.md).
_SLOPE_LOW, _SLOPE_HIGH = 0.9, 1.1
_KEYS = ["customer_id", "cutoff"]


def paired(
    champion: pd.DataFrame, challenger: pd.DataFrame, methods: tuple[str, str]
) -> pd.DataFrame:
    """The rows that both sides forecast, sorted by cutoff and customer.

    The rows of the challenger's side, as often as it has them: ``customer_id``, ``cutoff``,
    ``returned`` as it knows it, ``champion`` and ``challenger``, each side's probability of a
    return.

    Args:
        champion: A backtest, as `winback.judging.backtesting.backtest` gives it.
        challenger: Another, of the same horizon.
        methods: Which method of each gives its scores, such as ``lightgbm``.
    """
    names = [f"p_{method}" for method in methods]
    if names[0] not in champion or names[1] not in challenger:
        return pd.DataFrame(columns=[*_KEYS, "returned", "champion", "challenger"])
    theirs = champion[[*_KEYS, names[0]]].rename(columns={names[0]: "champion"})
    ours = challenger[[*_KEYS, "returned", names[1]]].rename(columns={names[1]: "challenger"})
    # A control who stands for others has several rows, and the same forecast in each.
    rows = ours.merge(theirs.drop_duplicates(_KEYS), on=_KEYS, how="inner", validate="m:1")
    rows = rows[rows["champion"].notna() & rows["challenger"].notna()]
    return rows.sort_values(["cutoff", "customer_id"], kind="stable", ignore_index=True)


def compare(rows: pd.DataFrame, *, n_bootstrap: int = RESAMPLES, seed: int = 0) -> Comparison:
    """What the challenger gains over the champion, with intervals, overall and by segment.

    Customers are drawn anew with all their rows, the same draws for both sides and every segment.
    The interval of the whole is the 2.5 and 97.5 % points. Those of the segments are the draws'
    standard deviation times a normal quantile, widened so that all of them hold at once (Dunn
    1961): a shop of ten segments would else be harmed in one of them every third week. Each
    cutoff has another fit, so a loss that is not at all of them is a fit's chance and no harm.

    Args:
        rows: As `paired` gives them, perhaps with ``segment``.
        n_bootstrap: Draws.
        seed: Of the draws.
    """
    customer, customers = pd.factorize(rows["customer_id"], sort=True)
    returned = rows["returned"].to_numpy(dtype=np.float64)
    sides = {side: rows[side].to_numpy(dtype=np.float64) for side in ("challenger", "champion")}
    losses = {side: log_losses(p, returned) for side, p in sides.items()}
    gain = losses["champion"] - losses["challenger"]
    days = rows["cutoff"].to_numpy()
    origins = sorted(pd.unique(rows["cutoff"]))
    draws = resampled(len(customers), draws_for(len(rows), n_bootstrap), seed)
    enough = len(customers) >= LEAST_CUSTOMERS and draws.shape[1] > 1
    segments, small = _by_segment(rows, gain, customer, draws) if enough else ((), ())
    slopes: list[Interval | None] = [None, None]
    whole: Interval | None = None
    if len(rows):
        drawn = _drawn_means(np.zeros(len(rows), np.int64), gain, customer, draws)[0]
        whole = interval(float(gain.mean()), drawn if enough else None)
        scored = [Scored(p, returned, customer) for p in sides.values()]
        found = redrawn(scored, draws)
        slopes = [
            interval(each.points["calibration_slope"], values.get("calibration_slope"))
            for each, values in zip(scored, found, strict=True)
        ]
    return Comparison(
        origins=tuple(day_of(origin) for origin in origins),
        n=len(rows),
        customers=len(customers),
        log_loss=rounded(losses["challenger"].mean()) if len(rows) else None,
        log_loss_champion=rounded(losses["champion"].mean()) if len(rows) else None,
        gain=whole,
        by_origin={day_of(origin): rounded(gain[days == origin].mean()) for origin in origins},
        calibration_slope=slopes[0],
        calibration_slope_champion=slopes[1],
        segments=segments,
        segments_too_small=small,
    )


def decide(kind: Kind, compared: Comparison) -> tuple[Decision, tuple[Reason, ...]]:
    """The verdict on a refresh or a change, and why."""
    harm: list[Reason] = []
    if any(each.harmed for each in compared.segments if each.segment == EVERYONE):
        harm.append("harm_overall")
    if any(each.harmed for each in compared.segments if each.segment != EVERYONE):
        harm.append("harm_in_segment")
    if kind == "refresh":
        return ("kept", tuple(harm)) if harm else ("promoted", ("no_harm_shown",))
    if compared.gain is None or compared.gain.low is None:
        return "kept", ("too_few" if compared.n else "nothing_to_show",)
    against = list(harm)
    if not (compared.gain.low > 0 and compared.gain.value >= LEAST_DIFFERENCE):
        against.append("no_gain_shown")
    if _slope_off(compared):
        against.append("slope_off")
    return ("kept", tuple(against)) if against else ("promoted", ("gain_shown",))


def _slope_off(compared: Comparison) -> bool:
    """Whether the challenger's slope is surely wrong, and more so than the champion's."""
    slope, other = compared.calibration_slope, compared.calibration_slope_champion
    if slope is None or slope.low is None or slope.high is None:
        return False
    off = slope.high < _SLOPE_LOW or slope.low > _SLOPE_HIGH
    return off and (other is None or abs(slope.value - 1) > abs(other.value - 1))


def _by_segment(
    rows: pd.DataFrame, gain: Floats, customer: Integers, draws: NDArray[np.uint8]
) -> tuple[tuple[SegmentGain, ...], tuple[str, ...]]:
    """Everyone, and each segment that is large enough; the names of the others."""
    names: pd.Index[Any] = pd.Index([])
    place = np.zeros(len(rows), np.int64)
    if "segment" in rows:
        place, names = pd.factorize(rows["segment"].astype(str), sort=True)
    seen = pd.DataFrame({"place": place, "customer": customer}).drop_duplicates()
    sizes = np.bincount(seen["place"], minlength=len(names))
    large = [k for k in range(len(names)) if sizes[k] >= LEAST_SEGMENT]
    wide = float(ndtri(1 - 0.025 / (1 + len(large))))
    drawn = _drawn_means(place, gain, customer, draws)
    zero = np.zeros(len(rows), np.int64)
    origin, _ = pd.factorize(rows["cutoff"], sort=True)
    parts = [(EVERYONE, _drawn_means(zero, gain, customer, draws)[0], np.ones(len(rows), bool))]
    parts += [(names[k], drawn[k], place == k) for k in large]
    found = []
    for name, values, chosen in parts:
        least = LEAST_DIFFERENCE if name == EVERYONE else _LEAST_HARM_OF_SEGMENT
        value, spread = float(gain[chosen].mean()), wide * float(np.nanstd(values))
        found.append(
            SegmentGain(
                segment=name,
                customers=len(np.unique(customer[chosen])),
                n=int(chosen.sum()),
                gain=Interval(
                    value=rounded(value), low=rounded(value - spread), high=rounded(value + spread)
                ),
                harmed=value + spread < 0
                and value <= -least
                and _lasting(gain[chosen], origin[chosen]),
            )
        )
    return tuple(found), tuple(names[k] for k in range(len(names)) if k not in large)


def _lasting(gain: Floats, origin: Integers) -> bool:
    """Whether there is a loss at each of the cutoffs."""
    n = np.bincount(origin)
    return bool((np.bincount(origin, gain)[n > 0] < 0).all())


def _drawn_means(
    place: Integers, values: Floats, customer: Integers, draws: NDArray[np.uint8]
) -> Floats:
    """Means of values by place (rows) under each draw of customers (columns)."""
    shape = (int(place.max(initial=0)) + 1, draws.shape[0])
    # Sparse products, though dense in the draws: their sums do not depend on threads.
    sums = sparse.csr_array(sparse.coo_array((values, (place, customer)), shape=shape))
    counts = sparse.csr_array(
        sparse.coo_array((np.ones(len(place)), (place, customer)), shape=shape)
    )
    drawn = np.empty((shape[0], draws.shape[1]))
    at_once = max(1, min(128, 4_000_000 // max(shape[1], 1)))
    for start in range(0, draws.shape[1], at_once):
        weights = draws[:, start : start + at_once].astype(np.float64)
        total = np.asarray(counts @ weights)
        drawn[:, start : start + at_once] = np.asarray(sums @ weights) / np.where(
            total > 0, total, np.nan
        )
    return drawn
