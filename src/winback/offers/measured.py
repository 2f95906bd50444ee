"""An offer's effect from a campaign that measured it, drawn towards nothing."""

from __future__ import annotations

from math import exp, inf, log, log1p, sqrt
from typing import NamedTuple

from winback.errors import UsageError, WinbackError
from winback.params import PLAUSIBLE_EFFECT_PP
from winback.results.measured import Measurement, PastEffect, PastMeasurement, PastRatio
from winback.results.offered import MeasuredOffer, Offer, Ratios

_Z95 = 1.959963984540054

SEGMENT_COLUMNS = ("segment", "risk_band")
"""Columns of the scores by which a measurement's segments can be found again in later ones."""

Ends = tuple[float, float, float]
"""A middle and the ends of its 95 % interval."""


class _Where(NamedTuple):
    """What an error names."""

    offer: str
    measurement: str | None

    def error(self, code: str, **values: object) -> WinbackError:
        return WinbackError(f"offers.{code}", **self._asdict(), **values)

    def usage(self, code: str, **values: object) -> UsageError:
        return UsageError(f"offers.{code}", **self._asdict(), **values)


def measured_offer(
    offer: Offer,
    measurement: PastMeasurement | Measurement,
    *,
    plausible_effect_pp: float = PLAUSIBLE_EFFECT_PP,
    plausible_lift: float = 1.0,
) -> Offer:
    """The offer with the effect that a measured campaign found, drawn towards nothing.

    ``measurement`` is what `winback measure` found or, of any version, wrote as
    ``measurement.json``: the row of
    ``by_offer`` with this offer's name, else, where the campaign had no other offer, its
    ``returned``. A single reading is too large when it is picked for being large, so it is
    shrunk by the normal-normal rule (Morris 1983, JASA 78(381), section 2): with a prior
    around no effect and the plausible one at its 97.5 % point, ``prior / (prior + error)`` of
    it remains, and its interval with it. That is done on the logarithm of the hazard ratio,
    where the row has one, with the plausible effect held as :func:`value_offers` holds it:
    ``plausible_effect_pp`` on the control's return rate, and no more than ``plausible_lift``
    times as many orders again; else on the points.

    The ratio of orders is drawn towards what the ratio of hazards has become, since they are
    the same where all customers react alike; how far apart they can be is thought to be as
    much as an effect can be (``plausible_lift`` at the 97.5 % point), so that few orders, or
    those of a few large customers, lean on the returns.

    With ``effect_by_segment`` each segment's ratios are drawn towards those of the offer as a
    whole, by how much the segments differ beyond chance (DerSimonian & Laird 1986, Controlled
    Clinical Trials 7(3)): where they do not, all keep the same.

    Raises:
        UsageError: the measurement is of another offer, of ``orders`` or ``net_spend``, or
            of a window that is not the offer's ``valid_days``.
        WinbackError: its verdict is invalid, so it tells nothing.
    """
    where = _Where(offer.name, offer.effect_from)
    found = _effect_of(offer, PastMeasurement.model_validate(measurement), where)
    if found.hazard_ratio is None:
        return _by_points(offer, found, plausible_effect_pp, where)
    base = found.mean_control or 0.0
    ceiling = _ratio_at(base, min(base + plausible_effect_pp / 100, 1.0))
    hazards = _drawn(
        *_logs(found.hazard_ratio, "hazard_ratio", where),
        prior=log(min(ceiling, 1 + plausible_lift)) / _Z95,
    )
    orders = None
    if found.orders_ratio is not None:
        apart = log(1 + plausible_lift) / _Z95
        prior = sqrt(((hazards[2] - hazards[1]) / (2 * _Z95)) ** 2 + apart**2)
        reading = _logs(found.orders_ratio, "orders_ratio", where)
        orders = _drawn(*reading, towards=hazards[0], prior=prior)
    points = [100 * ((1 - base) - (1 - base) ** exp(each)) for each in hazards]
    column: str | None = None
    segments: dict[str, Ratios] = {}
    if offer.effect_by_segment:
        column, segments = _by_segment(found, hazards, orders, where)
    whole = _ratios(hazards, orders)
    return MeasuredOffer.model_validate(
        {
            **dict(_with_points(offer, points)),
            **dict(whole),
            "segment_column": column,
            "segments": segments,
        }
    )


def _effect_of(offer: Offer, measurement: PastMeasurement, where: _Where) -> PastEffect:
    """The row of a measurement that speaks of the offer."""
    if measurement.verdict == "invalid":
        raise where.error("measurement_invalid", problems=measurement.problems)
    if measurement.window_days != offer.valid_days:
        raise where.usage(
            "measurement_window", window=measurement.window_days, valid=offer.valid_days
        )
    rows = {row.offer: row for row in measurement.by_offer}
    found = rows.get(offer.name)
    if found is not None and measurement.metric != "returned":
        raise where.usage("measurement_metric", metric=measurement.metric)
    if found is None and not rows:
        found = measurement.returned
    if found is None or found.effect is None:
        if rows:
            raise where.usage("measurement_of_others", offers=list(rows))
        raise where.usage("measurement_of_nothing")
    return found


def _by_points(offer: Offer, found: PastEffect, plausible_effect_pp: float, where: _Where) -> Offer:
    """The offer by its reading in points, where that has no ratio."""
    assert found.effect is not None
    if found.low is None or found.high is None:
        raise where.error("measurement_without_interval", points=100 * found.effect)
    reading = (100 * found.effect, 100 * found.low, 100 * found.high)
    ends = _drawn(*reading, prior=plausible_effect_pp / _Z95)
    return _with_points(offer, [max(-100.0, min(end, 100.0)) for end in ends])


def _with_points(offer: Offer, points: list[float]) -> Offer:
    effect, low, high = (round(end, 4) for end in points)
    return offer.model_copy(
        update={
            "effect_pp": effect,
            "effect_low_pp": low,
            "effect_high_pp": high,
            "effect_source": "measured",
            "effect_from": None,
            "effect_by_segment": False,
        }
    )


def _logs(ratio: PastRatio, key: str, where: _Where) -> Ends:
    value, low, high = (
        end if end is not None and 0 < end < inf else None
        for end in (ratio.value, ratio.low, ratio.high)
    )
    if value is None or low is None or high is None:
        raise where.error("measurement_ratio", key=key, **dict(ratio))
    return log(value), log(low), log(high)


def _ratios(hazards: Ends, orders: Ends | None) -> Ratios:
    """Ratios from their logarithms."""
    faster, slowest, fastest = (round(exp(end), 6) for end in hazards)
    more, fewest, most = (round(exp(end), 6) for end in orders) if orders else (None,) * 3
    return Ratios(
        hazard_ratio=faster,
        hazard_ratio_low=slowest,
        hazard_ratio_high=fastest,
        orders_ratio=more,
        orders_ratio_low=fewest,
        orders_ratio_high=most,
    )


def _by_segment(
    found: PastEffect, hazards: Ends, orders: Ends | None, where: _Where
) -> tuple[str, dict[str, Ratios]]:
    """The column, and each segment's ratios, drawn towards the offer's own."""
    parts = found.by_segment
    if parts is None or parts.column not in SEGMENT_COLUMNS:
        first, second = SEGMENT_COLUMNS
        raise where.usage("measurement_segments", first=first, second=second)
    faster = _pooled(
        [
            None if row.hazard_ratio is None else _logs(row.hazard_ratio, "hazard_ratio", where)
            for row in parts.rows
        ],
        hazards,
    )
    more: list[Ends] | list[None] = [None] * len(faster)
    if orders is not None:
        more = _pooled(
            [
                None if row.orders_ratio is None else _logs(row.orders_ratio, "orders_ratio", where)
                for row in parts.rows
            ],
            orders,
        )
    return parts.column, {
        row.segment: _ratios(mine, of_all)
        for row, mine, of_all in zip(parts.rows, faster, more, strict=True)
    }


def _pooled(readings: list[Ends | None], whole: Ends) -> list[Ends]:
    """Readings drawn towards the whole by how much they differ beyond their errors.

    A part without a reading has the whole's. The whole's own error stays in all of them.
    """
    told = [(x, (high - low) / (2 * _Z95)) for x, low, high in filter(None, readings)]
    weights = [1 / error**2 for _, error in told if error > 0]
    apart = 0.0
    if len(weights) == len(told) and len(told) > 1:
        total = sum(weights)
        mean = sum(w * x for w, (x, _) in zip(weights, told, strict=True)) / total
        beyond = sum(w * (x - mean) ** 2 for w, (x, _) in zip(weights, told, strict=True))
        beyond -= len(told) - 1
        apart = sqrt(max(beyond, 0.0) / (total - sum(w**2 for w in weights) / total))
    own = (whole[2] - whole[1]) / (2 * _Z95)
    found = []
    for reading in readings:
        if reading is None or not apart:
            found.append(whole)
            continue
        middle, low, high = _drawn(*reading, towards=whole[0], prior=apart)
        error = (reading[2] - reading[1]) / (2 * _Z95)
        kept = apart**2 / (apart**2 + error**2)
        reach = _Z95 * sqrt(((high - low) / (2 * _Z95)) ** 2 + ((1 - kept) * own) ** 2)
        found.append((middle, middle - reach, middle + reach))
    return found


def _ratio_at(base: float, raised: float) -> float:
    """Ratio of the hazards of two return rates."""
    return inf if raised >= 1 else log1p(-raised) / log1p(-base)


def _drawn(value: float, low: float, high: float, *, prior: float, towards: float = 0.0) -> Ends:
    """A reading with its 95 % interval, drawn towards the middle of a normal prior."""
    error = (high - low) / (2 * _Z95)
    kept = prior**2 / (prior**2 + error**2) if prior else 0.0
    middle, reach = towards + kept * (value - towards), _Z95 * error * sqrt(kept)
    return middle, middle - reach, middle + reach
