"""The offers a shop can make: what each costs, who may get it, what it is known to do."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from math import exp, inf, log, log1p, sqrt
from typing import Any

from pydantic import ValidationError

from winback.errors import UsageError, WinbackError
from winback.params import PLAUSIBLE_EFFECT_PP
from winback.results.offered import Label, MeasuredOffer, Offer

_Z95 = 1.959963984540054

SEGMENT_COLUMNS = ("segment", "risk_band")
"""Columns of the scores by which a measurement's segments can be found again in later ones."""

Ends = tuple[float, float, float]
"""A middle and the ends of its 95 % interval."""


def measured_offer(
    offer: Offer,
    measurement: Mapping[str, Any],
    *,
    plausible_effect_pp: float = PLAUSIBLE_EFFECT_PP,
    plausible_lift: float = 1.0,
) -> Offer:
    """The offer with the effect that a measured campaign found, drawn towards nothing.

    ``measurement`` is the content of `winback measure`'s ``measurement.json``: the row of
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
    where = f"offer {offer.name}, effect_from {offer.effect_from}"
    if measurement.get("verdict") == "invalid":
        raise WinbackError(
            f"{where}: the campaign cannot be read ({', '.join(measurement['problems'])});"
            " leave effect_pp empty, so that the list tests the offer anew"
        )
    window = measurement.get("window_days")
    if window != offer.valid_days:
        raise UsageError(
            f"{where}: measured over {window} days, the offer is valid for {offer.valid_days};"
            f" measure it with --window-days {offer.valid_days}"
        )
    rows = {row["offer"]: row for row in measurement.get("by_offer", [])}
    found: Mapping[str, Any] | None = rows.get(offer.name)
    if found is not None and measurement.get("metric", "returned") != "returned":
        raise UsageError(
            f"{where}: by_offer is of {measurement['metric']}; measure with --metric returned"
        )
    if found is None and not rows:
        found = measurement.get("returned")
    if found is None or found.get("effect") is None:
        raise UsageError(
            f"{where}: it measured {', '.join(rows) or 'nothing'}; name the offer as it was then"
        )
    if found.get("hazard_ratio") is None:
        if found.get("low") is None or found.get("high") is None:
            raise WinbackError(
                f"{where}: the effect of {100 * found['effect']:g} points has no interval, so"
                " nobody knows how sure it is; leave effect_pp empty, so that the list tests the"
                " offer anew"
            )
        ends = _drawn(
            *(100 * found[key] for key in ("effect", "low", "high")),
            prior=plausible_effect_pp / _Z95,
        )
        points = [max(-100.0, min(end, 100.0)) for end in ends]
        changes = {**_as_points(points), "effect_by_segment": False}
        return offer.model_copy(update=changes)
    base = found["mean_control"]
    ceiling = _ratio_at(base, min(base + plausible_effect_pp / 100, 1.0))
    hazards = _drawn(
        *_logs(found, "hazard_ratio", where), prior=log(min(ceiling, 1 + plausible_lift)) / _Z95
    )
    orders = None
    if found.get("orders_ratio") is not None:
        apart = log(1 + plausible_lift) / _Z95
        prior = sqrt(((hazards[2] - hazards[1]) / (2 * _Z95)) ** 2 + apart**2)
        orders = _drawn(*_logs(found, "orders_ratio", where), towards=hazards[0], prior=prior)
    points = [100 * ((1 - base) - (1 - base) ** exp(each)) for each in hazards]
    return MeasuredOffer.model_validate(
        {
            **offer.model_dump(),
            **_as_points(points),
            "effect_by_segment": False,
            **_named(hazards, orders),
            **(_by_segment(found, hazards, orders, where) if offer.effect_by_segment else {}),
        }
    )


def _as_points(points: list[float]) -> dict[str, Any]:
    names = ("effect_pp", "effect_low_pp", "effect_high_pp")
    found = {name: round(end, 4) for name, end in zip(names, points, strict=True)}
    return {**found, "effect_source": "measured", "effect_from": None}


def _logs(row: Mapping[str, Any], key: str, where: str) -> Ends:
    value, low, high = (row[key].get(end) for end in ("value", "low", "high"))
    if not all(end is not None and 0 < end < inf for end in (value, low, high)):
        raise WinbackError(
            f"{where}: {key} is {value} from {low} to {high}, expected numbers above 0; measure"
            " the campaign anew with this version"
        )
    return log(value), log(low), log(high)


def _named(hazards: Ends, orders: Ends | None) -> dict[str, float]:
    """The fields of :class:`Ratios`, from logarithms."""
    return {
        f"{name}{end}": round(exp(at), 6)
        for name, ends in (("hazard_ratio", hazards), ("orders_ratio", orders))
        if ends is not None
        for end, at in zip(("", "_low", "_high"), ends, strict=True)
    }


def _by_segment(
    found: Mapping[str, Any], hazards: Ends, orders: Ends | None, where: str
) -> dict[str, Any]:
    """Each segment's ratios, drawn towards the offer's own."""
    parts = found.get("by_segment")
    if parts is None or parts["column"] not in SEGMENT_COLUMNS:
        raise UsageError(
            f"{where}: effect_by_segment needs a measurement by {' or '.join(SEGMENT_COLUMNS)};"
            " measure with that column in the assignment, or leave effect_by_segment out"
        )
    names = [row["segment"] for row in parts["rows"]]
    pooled = {}
    for key, whole in (("hazard_ratio", hazards), ("orders_ratio", orders)):
        if whole is not None:
            readings = [
                None if row.get(key) is None else _logs(row, key, where) for row in parts["rows"]
            ]
            pooled[key] = _pooled(readings, whole)
    return {
        "segment_column": parts["column"],
        "segments": {
            name: _named(pooled["hazard_ratio"][k], pooled["orders_ratio"][k] if orders else None)
            for k, name in enumerate(names)
        },
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


def default_catalogue(order_value: float = 100.0) -> list[Offer]:
    """Offer three usual things to a shop that has not said what it offers.

    Costs are set against ``order_value``, the shop's mean order, so that they make sense in
    any currency: delivery at 8 % of an order, a contact at 0.5 % (sending it, and the
    few who then unsubscribe). A margin of 40 % is an assumption to be replaced.
    """
    slipping = "risk_band in ['medium', 'high'] and days_since_last_order >= 14"
    contact = _two_figures(0.005 * order_value)
    shared: dict[str, Any] = {
        "contact_cost": contact,
        "margin_share": 0.4,
        "eligible": slipping,
        "valid_days": 30,
    }
    return [
        Offer(
            name="reminder",
            kind="content",
            label=Label(en="A reminder, no discount", pl="Przypomnienie bez rabatu"),
            **shared,
        ),
        Offer(
            name="free_delivery",
            kind="free_delivery",
            discount_amount=_two_figures(0.08 * order_value),
            label=Label(en="Free delivery", pl="Darmowa dostawa"),
            **shared,
        ),
        Offer(
            name="ten_percent_off",
            kind="percent_off",
            discount_share=0.1,
            label=Label(en="10% off the next order", pl="10% rabatu na następne zamówienie"),
            **shared,
        ),
    ]


def _two_figures(amount: float) -> float:
    return float(f"{amount:.2g}")


DEFAULT_CATALOGUE: tuple[Offer, ...] = tuple(default_catalogue())


def read_offer(entry: Mapping[str, Any]) -> Offer:
    """Read an entry of ``target.offers``; what is wrong with it is said in one line.

    A measured offer is read back as it was written with a list.

    Raises:
        UsageError: a key is unknown (the nearest is named), missing, or out of range.
    """
    try:
        kind = Offer if entry.get("hazard_ratio") is None else MeasuredOffer
        return kind.model_validate(dict(entry))
    except ValidationError as error:
        problems = _problems(error)[:3]
        raise UsageError("offers.entry", offer=entry.get("name", "?"), problems=problems) from error


def _problems(error: ValidationError) -> tuple[UsageError, ...]:
    """Which keys were wrong, and how."""
    found = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            near = difflib.get_close_matches(key, list(Offer.model_fields), n=1, cutoff=0.0)
            found.append(UsageError("offers.entry_unknown_key", key=key, near=near[0]))
        else:
            found.append(UsageError("offers.entry_problem", key=key, found=problem["msg"]))
    return tuple(found)
