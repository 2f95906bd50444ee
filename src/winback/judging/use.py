"""Whether forecasts are of any use: against chance, and against the same chance for everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from winback.judging.figures import Figures
from winback.judging.sampling import LEAST_CUSTOMERS, interval, rounded
from winback.results.judged import AgainstChance, Champion, Interval, Use

BASE = "base_rate"
# Areas under the ROC curve; .7 is where discrimination begins to be called acceptable (Hosmer,
# Lemeshow and Sturdivant 2013, section 5.2.4), .55 is a lift of about 1.2 at the top tenth.
_NO_CHANCE, _GOOD = 0.55, 0.7
# An interval that reaches so far leaves open whether the ranking is worth something.
_OPEN_FROM = 0.65


def judged_for_use(model: str, champion: Champion | None) -> str:
    """Whose forecasts are asked about: those of the scores, or that failed and left everybody
    with the same chance."""
    if champion is None or champion.why == "near_chance":
        return model
    return champion.method


def against_chance(
    figures: Mapping[str, Figures], method: str, customers: Sequence[int]
) -> AgainstChance | None:
    """Judge ``method`` over everyone; None where it cannot be judged at all.

    ``customers`` are those who returned and those who did not. Each finding rests on whole 95 %
    intervals, never on a figure alone: ``good`` where the area under the ROC curve is surely
    above .7 and the log loss surely below that of the base rate; ``modest`` where the area is
    surely above .55, and the log loss likewise; ``worse_than_base`` where the log loss is surely
    above; ``unknown`` where too few customers returned, or stayed away, to say, or the interval of
    an area not proven reaches .65; else ``near_chance``.
    """
    ours, base = figures.get(method), figures.get(BASE)
    if ours is None or not np.isfinite(ours.points["roc_auc"]):
        return None
    area = interval(ours.points["roc_auc"], ours.drawn.get("roc_auc"))
    gain = _gain(ours, base) if base is not None and base.complete else None
    return AgainstChance(
        method=method,
        use=_use(area, gain, min(customers)),
        tells_apart=_surely_above(area, _NO_CHANCE),
        roc_auc=area,
        lift_at_10=interval(ours.points["lift_at_10"], ours.drawn.get("lift_at_10")),
        log_loss=rounded(ours.points["log_loss"]),
        log_loss_base=rounded(base.points["log_loss"]) if base is not None else None,
        log_loss_difference=gain,
        returned=customers[0],
        stayed_away=customers[1],
    )


def _gain(ours: Figures, base: Figures) -> Interval | None:
    return interval(
        ours.points["log_loss"] - base.points["log_loss"],
        ours.drawn["log_loss"] - base.drawn["log_loss"] if "log_loss" in ours.drawn else None,
    )


def _use(area: Interval | None, gain: Interval | None, fewer: int) -> Use:
    known = area is not None and area.low is not None and area.high is not None
    if not known or fewer < LEAST_CUSTOMERS:
        return "unknown"
    if gain is not None and gain.low is not None and gain.low > 0:
        return "worse_than_base"
    gains = gain is None or (gain.high is not None and gain.high < 0)
    if gains and _surely_above(area, _GOOD):
        return "good"
    if gains and _surely_above(area, _NO_CHANCE):
        return "modest"
    if not _surely_above(area, _NO_CHANCE) and area and area.high and area.high >= _OPEN_FROM:
        return "unknown"
    return "near_chance"


def _surely_above(found: Interval | None, least: float) -> bool:
    return bool(found and found.low is not None and found.low > least)
