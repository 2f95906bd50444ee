"""The answers of the notebooks, made from what was found: each a fact, told by `winback.tell`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import TYPE_CHECKING

from winback.results.base import Fact, Value, fact
from winback.results.churned import Churned
from winback.results.effects import Learned
from winback.results.graded import Record
from winback.results.judged import EvaluatedModel
from winback.results.measured import Awaited, Measurement
from winback.results.planned import Planned
from winback.results.reacted import Reacted
from winback.results.shop import Shop
from winback.results.tried import Tried

if TYPE_CHECKING:
    import pandas as pd


def what_is_there(shop: Shop) -> Fact:
    """What is in the history."""
    values = {
        "customers": shop.customers, "orders": shop.orders, "gross": shop.gross_revenue,
        "first": shop.first_day, "last": shop.last_day, "once": shop.one_time_share,
        "later": shop.returning_revenue_share,
    }  # fmt: skip
    if not shop.customers:
        return fact("answered.history_empty", n=shop.lines)
    return fact("answered.history", **values)


def what_churn_is(found: Churned) -> Fact:
    """From which silence on a customer counts as lost, and how often that is wrong."""
    chosen = next((row for row in found.horizons if row.horizon_days == found.horizon_days), None)
    if chosen is None or chosen.mistaken_share is None:
        return fact("answered.churn_too_short", customers=found.customers)
    return fact(
        f"answered.churn_{found.finding}", days=found.horizon_days, customers=found.customers,
        lost=found.lost, share=None if found.lost is None else found.lost / found.customers,
        mistaken=chosen.mistaken_share, year=found.year_days, tolerated=found.tolerated_share,
    )  # fmt: skip


def whether_it_helps(judged: EvaluatedModel | None) -> Fact:
    """Whether the model is better than the best simple rule, and how sure that is."""
    if judged is None:
        return fact("answered.model_unjudged", returned=0, stayed_away=0)
    verdict = judged.verdict
    use, difference = verdict.against_chance, verdict.log_loss_difference
    values = {"returned": verdict.returned, "stayed_away": verdict.stayed_away}
    if use and use.use in ("near_chance", "worse_than_base") and use.roc_auc:
        return fact("answered.model_by_chance", auc=use.roc_auc.value, **values)
    if difference is None or difference.low is None or verdict.finding in ("few", "not_compared"):
        return fact("answered.model_unjudged", **values)
    return fact(
        f"answered.model_{verdict.finding}", rule=verdict.best_simple, ours=verdict.log_loss,
        theirs=verdict.log_loss_rival, difference=difference.value, low=difference.low,
        high=difference.high, **values,
    )  # fmt: skip


def whether_rivals_win(tried: Sequence[Tried]) -> Fact:
    """Whether any rival of one's own is shown to forecast better."""
    told = [each for each in tried if each.gain is not None]
    if not told:
        seen = max((each.customers for each in tried), default=0)
        return fact("answered.rivals_unjudged", customers=seen, n=len(tried))
    best = max(told, key=_gained)
    assert best.gain is not None
    values: dict[str, Value] = {
        "name": best.name, "gain": best.gain.value, "low": best.gain.low, "high": best.gain.high,
        "customers": best.customers, "n": len(tried),
    }  # fmt: skip
    return fact("answered.rivals_better" if best.finding == "better" else "answered.rivals_none",
                **values)  # fmt: skip


def _gained(each: Tried) -> float:
    return each.gain.value if each.gain else 0.0


def whom_to_offer(planned: Planned | None) -> Fact:
    """How many get which offer, how many are held out, what it costs."""
    if planned is None or not planned.n_listed:
        return fact("answered.offers_nobody", scored=planned.n_scored if planned else 0,
                    eligible=planned.n_eligible if planned else 0)  # fmt: skip
    arms = tuple(
        fact("answered.offers_arm", n=arm.n, offer=name)
        for name, arm in planned.arms.items()
        if name != "control" and arm.n
    )
    values: dict[str, Value | tuple[Fact, ...]] = {
        "arms": arms, "control": planned.n_control, "cost": planned.expected_cost,
        "alone": planned.n_scored - planned.n_planned, "low": planned.gain_low,
        "high": planned.gain_high, "gain": planned.expected_gain,
    }  # fmt: skip
    known = planned.effect_known and planned.expected_gain is not None
    return fact("answered.offers_known" if known else "answered.offers_test", **values)


def closed(found: Mapping[str, Measurement | Awaited]) -> dict[str, Measurement]:
    """Campaigns that could be read, the last one last."""
    read = [(name, each) for name, each in found.items() if isinstance(each, Measurement)]
    return dict(sorted(read, key=lambda each: (each[1].assigned_from, each[0])))


def simulated(why: Fact) -> Fact:
    """That a made-up shop follows, and why."""
    return fact("answered.simulated", why=why)


def rehearsed() -> Fact:
    """That forecasts of the past follow, which were never sent."""
    return fact("answered.rehearsed")


def whether_it_worked(found: Mapping[str, Measurement | Awaited]) -> Fact:
    """What the campaign that ended last changed; when the first will be known; or that none is."""
    read = closed(found)
    if not read:
        waits = [each.closes_on for each in found.values() if isinstance(each, Awaited)]
        if waits:
            return fact("answered.worked_waits", n=len(waits), closes_on=min(waits))
        return fact("answered.worked_none", n=0)
    name, last = list(read.items())[-1]
    ends = last.returned
    values: dict[str, Value] = {
        "campaign": name, "treated": last.n_treated, "control": last.n_control,
        "effect": None if ends.effect is None else 100 * ends.effect,
        "low": None if ends.low is None else 100 * ends.low,
        "high": None if ends.high is None else 100 * ends.high,
    }  # fmt: skip
    return fact(f"answered.worked_{last.verdict}", **values)


def whether_it_worked_here(found: Measurement, truth_pp: float) -> Fact:
    """The same of a made-up shop, whose truth is known."""
    ends = found.returned
    values = {name: 100 * (ends[name] or 0.0) for name in ("effect", "low", "high")}
    inside = values["low"] <= truth_pp <= values["high"]
    return fact("answered.simulated_inside" if inside else "answered.simulated_outside",
                truth=truth_pp, **values)  # fmt: skip


def who_is_moved(found: Reacted | None) -> Fact:
    """What lists that left have shown of offers."""
    if found is None or not found.campaigns:
        return fact("answered.moved_none", n=0)
    known = [each for each in found.offers if each.ratio is not None]
    shown = [each for each in known if each.state in ("rolled_out", "harms")]
    values = {"n": len(found.offers), "campaigns": found.campaigns, "people": found.people}
    if not known:
        return fact("answered.moved_unknown", **values)
    best = max(shown or known, key=lambda each: abs(each.z or 0.0))
    values |= {"shown": len(shown)}
    return fact("answered.moved_shown" if shown else "answered.moved_unsure", offer=best.name,
                ratio=best.ratio, low=best.ratio_low, high=best.ratio_high, **values)  # fmt: skip


def who_is_moved_here(found: Learned, truth_pp: float) -> Fact:
    """The same of an experiment in a made-up shop, whose truth is known."""
    average = found.average
    if average is None:
        return fact("answered.moved_here_invalid", people=found.people)
    values = {"effect": 100 * average.effect, "low": 100 * average.low, "high": 100 * average.high}
    apart = bool(found.targeting and found.targeting.found)
    return fact("answered.moved_here_apart" if apart else "answered.moved_here_alike",
                truth=truth_pp, people=found.people, **values)  # fmt: skip


def how_right_it_was(record: Record | None, judged: pd.DataFrame, method: str) -> Fact:
    """What the last list foretold and what came; before any, the last forecast of the rehearsal.

    Args:
        record: the track record; None where no list left.
        judged: what was foretold at earlier cutoffs, as `backtest` gives it.
        method: whose chances of it.
    """
    graded = record.lists if record else ()
    if graded:
        last = graded[-1]
        gap = last.now.gap
        right = gap.low is None or gap.high is None or gap.low <= 0 <= gap.high
        return fact(
            "answered.graded_right" if right else "answered.graded_off",
            campaign=last.campaign_id, foretold=last.now.everybody.foretold,
            returned=last.now.everybody.returned.value, lists=len(graded), gap=100 * gap.value,
        )  # fmt: skip
    rows = gaps_of(judged, method)
    if not len(rows):
        return fact("answered.graded_none", n=len(judged))
    last_day = rows.iloc[-1]
    right = last_day["low"] <= 0 <= last_day["high"]
    return fact(
        "answered.rehearsed_right" if right else "answered.rehearsed_off",
        day=last_day["cutoff"].date(), foretold=float(last_day["foretold"]),
        returned=float(last_day["returned"]), n=int(last_day["customers"]),
        gap=100 * float(last_day["gap"]),
    )  # fmt: skip


def gaps_of(judged: pd.DataFrame, method: str) -> pd.DataFrame:
    """What a method foretold at each earlier cutoff and what came, a row each.

    ``gap`` is the share that returned less the mean chance, with its 95 % interval over
    customers; above 0 more came than foretold.
    """
    import pandas as pd

    columns = ["cutoff", "customers", "foretold", "returned", "gap", "low", "high"]
    name = f"p_{method}"
    known = judged[judged[name].notna()] if name in judged else judged.iloc[:0]
    rows = []
    for cutoff, each in known.groupby("cutoff"):
        gaps = each["returned"].astype("float64") - each[name].astype("float64")
        n = len(gaps)
        reach = 1.96 * float(gaps.std(ddof=1)) / sqrt(n) if n > 1 else float("inf")
        rows.append(
            (
                pd.Timestamp(str(cutoff)), n, float(each[name].mean()),
                float(each["returned"].mean()), float(gaps.mean()),
                float(gaps.mean()) - reach, float(gaps.mean()) + reach,
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
