"""What to do after a campaign: rules over what it found, as facts without words.

A rule speaks where its condition holds, and only of what was measured:

- *invalid*: mend what is wrong, measure again; nothing else is known.
- an early look: read again when the window has closed; stop at once what does harm by the
  interval that holds for any number of looks.
- *works*: send it to all like these where the whole interval of its profit is above zero; other
  terms where it is below; a larger test where it is on both sides. A control stays.
- *harms*: stop.
- *not_distinguishable*: drop it where not even the upper end of the profit is above zero, or where
  an effect that pays would most likely have shown; else a test large enough for that effect.
- *too_few*: how many it takes.

Then which offer is the better one, which segments come first or are left out, and what the reading
itself lacks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from winback.campaign.estimates import rounded
from winback.offers.power import power_verdict
from winback.params import PLAUSIBLE_EFFECT_PP
from winback.results.base import Fact, Value, fact
from winback.results.measured import (
    Awaited,
    Measurement,
    Profit,
    ProgrammeMeasurement,
    Versus,
)
from winback.results.offered import CONTROL, Offer

# A test of more than so many campaigns like this one is none that a shop makes.
_BEYOND = 10
_ALPHA = 0.05


def concluded(found: Measurement, offers: Sequence[Offer]) -> Measurement:
    """The measurement with its offers' names, the effect that pays, and what to do next."""
    named = found.model_copy(
        update={
            "labels": {offer.name: offer.label for offer in offers if offer.name in found.n},
            "pays_from": pays_from(found, offers),
        }
    )
    return named.model_copy(update={"next_steps": next_steps(named)})


def pays_from(found: Measurement, offers: Sequence[Offer]) -> float | None:
    """Change of the share that returned at which the offers just pay, as a share.

    ``(p0 d + c) / (m - d)``: ``p0`` the control's share that returned, ``m`` the margin of what
    one of them spent, ``d`` the discount a returning customer with an offer took and ``c`` the
    contact, both as they were in this campaign. Null without terms, and where ``d`` leaves
    nothing of ``m``.
    """
    profit, margins = found.profit, {offer.name: offer.margin_share for offer in offers}
    p0, p1 = found.returned.mean_control, found.returned.mean_treated
    spent = found.net_spend.mean_control
    arms = {arm: n for arm, n in found.n.items() if arm in margins}
    if profit is None or not p0 or not p1 or spent is None or not arms:
        return None
    if profit.discounts is None or profit.contacts is None:
        return None
    share = sum(n * margins[arm] for arm, n in arms.items()) / sum(arms.values())
    margin = share * spent / p0
    discount = profit.discounts / (found.n_treated * p1)
    if margin <= discount:
        return None
    contact = profit.contacts / found.n_treated
    return rounded((p0 * discount + contact) / (margin - discount))


def next_steps(found: Measurement | Awaited) -> tuple[Fact, ...]:
    """What to do after this reading, the first thing first."""
    if isinstance(found, Awaited):
        return (fact("next.wait", day=found.closes_on),)
    if found.problems:
        repairs = tuple(fact(f"next.repair_{problem}") for problem in found.problems)
        return (*repairs, fact("next.measure_again"))
    if isinstance(found, ProgrammeMeasurement):
        return (_of_programme(found),)
    if found.looks is not None and found.looks.early:
        return _after_early_look(found)
    steps = _by_offer(found)
    if not _looked_often(found):
        steps += [*_better(found), *_by_segment(found)]
    after, profit = found.after_window, found.profit
    if after is not None and after.high is not None and after.high < 0:
        steps.append(fact("next.count_both_windows", days=found.window_days))
    if profit is not None and profit.contact_assumed:
        name = "say_contact_price" if profit.contacts else "say_contact_price_uncounted"
        steps.append(fact(f"next.{name}"))
    if profit is None and found.verdict == "works":
        steps.append(fact("next.give_terms"))
    return tuple(steps)


def _after_early_look(found: Measurement) -> tuple[Fact, ...]:
    looks, window = found.looks, found.window
    assert looks is not None
    days = looks.sealed_days or found.window_days
    again = fact("next.read_again", days=days)
    if window is not None:
        closes_on = window.closes_on + timedelta(days=days - found.window_days)
        again = fact("next.read_again_on", days=days, day=closes_on)
    sure = looks.always_valid
    if sure is not None and sure.high is not None and sure.high < 0:
        return (fact("next.stop", offers=_treated_arms(found)), again)
    return (again,)


def _of_programme(found: ProgrammeMeasurement) -> Fact:
    if found.verdict == "too_few":
        return fact("next.programme_too_few", least=found.least_in_arm)
    return fact(f"next.programme_{found.verdict}")


def _looked_often(found: Measurement) -> bool:
    """Whether the whole has an interval for any number of looks, which its parts have not."""
    return found.looks is not None and found.looks.always_valid is not None


def _treated_arms(found: Measurement) -> tuple[str, ...]:
    """The offers that were sent, by name."""
    named = tuple(each.offer for each in found.by_offer)
    return named or tuple(arm for arm in found.n if arm != CONTROL)


# --- by offer ----------------------------------------------------------------------------------


class _Judged(NamedTuple):
    """One offer, or all of them together, with what was found."""

    offers: tuple[str, ...]
    verdict: str
    profit: Profit | None
    n_treated: int
    n_control: int


def _by_offer(found: Measurement) -> list[Fact]:
    """What to do with each offer; those of one answer together, the most urgent answer first."""
    judged = [
        # Where the terms are not known by offer, the whole's profit stands for each.
        _Judged(
            (each.offer,),
            each.verdict,
            each.profit or found.profit,
            each.n_treated,
            each.n_control,
        )
        for each in found.by_offer
    ]
    if len(judged) < 2 or found.verdict == "too_few" or _looked_often(found):
        judged = [_whole(found)]
    answers: dict[str, list[_Judged]] = {}
    for each in judged:
        answers.setdefault(_answer(each, found), []).append(each)
    order = ("stop", "send", "send_unpriced", "other_terms", "profit_unsure", "drop", "drop_seen",
             "test", "too_few")  # fmt: skip
    return [_fact_of(name, answers[name], found) for name in order if name in answers]


def _whole(found: Measurement) -> _Judged:
    return _Judged(
        _treated_arms(found), found.verdict, found.profit, found.n_treated, found.n_control
    )


def _answer(each: _Judged, found: Measurement) -> str:
    low, high = (None, None) if each.profit is None else (each.profit.low, each.profit.high)
    if each.verdict == "harms":
        return "stop"
    if each.verdict == "too_few":
        return "too_few"
    if each.verdict == "works":
        if low is None or high is None:
            return "send_unpriced"
        return "send" if low > 0 else "other_terms" if high <= 0 else "profit_unsure"
    if high is not None and high < 0:
        return "drop"
    return "drop_seen" if _would_have_shown(found) else "test"


def _would_have_shown(found: Measurement) -> bool:
    """Whether a campaign of this size had an 80 % chance to find an effect that pays."""
    seen = found.returned.minimal_detectable_effect
    return bool(found.metric == "returned" and found.pays_from and seen and seen <= found.pays_from)


def _fact_of(answer: str, judged: Sequence[_Judged], found: Measurement) -> Fact:
    offers = tuple(name for each in judged for name in each.offers)
    share = found.n_control / (found.n_control + found.n_treated)
    if answer in ("send", "send_unpriced"):
        return fact(f"next.{answer}", offers=offers, share=rounded(share))
    if answer == "profit_unsure":
        return _larger_for_profit(offers, judged)
    if answer == "drop_seen":
        return fact("next.drop_seen", offers=offers, effect=_points(found.pays_from))
    if answer in ("test", "too_few"):
        smallest = min(judged, key=lambda each: min(each.n_treated, each.n_control))
        return _larger(answer, offers, smallest, found)
    return fact(f"next.{answer}", offers=offers)


def _larger_for_profit(offers: tuple[str, ...], judged: Sequence[_Judged]) -> Fact:
    """How many times as many customers would tell the profit found from nothing."""
    worst = 1.0
    for each in judged:
        profit = each.profit
        assert profit is not None
        if not profit.per_customer or profit.low is None:
            return fact("next.profit_unsure", offers=offers)
        worst = max(worst, ((profit.per_customer - profit.low) / abs(profit.per_customer)) ** 2)
    if worst > _BEYOND:
        return fact("next.profit_unsure", offers=offers)
    return fact("next.profit_unsure_size", offers=offers, times=math.ceil(10 * worst) / 10)


def _larger(answer: str, offers: tuple[str, ...], each: _Judged, found: Measurement) -> Fact:
    """A test large enough for the effect that pays, or for half of what this one could see."""
    size: dict[str, Value | tuple[str, ...]] = {
        "offers": offers,
        "treated": each.n_treated,
        "control": each.n_control,
    }
    base, pays = found.returned.mean_control, found.pays_from
    if found.metric == "returned" and base and pays:
        needed = power_verdict(1, 1, base, effect_pp=100 * pays).n_needed_per_arm
        if needed is not None:
            needed = max(needed, found.least_in_arm or 0)
            if 2 * needed > _BEYOND * (found.n_treated + found.n_control):
                few = answer == "too_few"
                return _as_large_as_plausible(size, found) if few else _beyond(offers, found)
            return fact(f"next.{answer}_pays", effect=_points(pays), needed=needed, **size)
    if answer == "too_few":
        return _as_large_as_plausible(size, found)
    seen = found.minimal_detectable_effect
    if seen is None:
        return fact("next.test", **size)
    half = math.ceil(8 / (1 / each.n_treated + 1 / each.n_control))
    least = _points(seen / 2) if found.metric == "returned" else rounded(seen / 2)
    return fact(f"next.test_half_{found.metric}", effect=least, needed=half, **size)


def _as_large_as_plausible(size: dict[str, Value | tuple[str, ...]], found: Measurement) -> Fact:
    """A test that sees an effect as large as an offer's can be.

    Where no terms say what pays, or no test of a shop like this one tells that.
    """
    effect, base = PLAUSIBLE_EFFECT_PP, found.returned.mean_control
    needed = power_verdict(1, 1, base or 0.0, effect_pp=effect).n_needed_per_arm
    if found.metric != "returned" or not base or needed is None:
        return fact("next.too_few", least=found.least_in_arm, **size)
    needed = max(needed, found.least_in_arm or 0)
    if found.pays_from:
        pays = _points(found.pays_from)
        return fact("next.too_few_beyond", effect=rounded(effect), needed=needed, pays=pays, **size)
    return fact("next.too_few_plausible", effect=rounded(effect), needed=needed, **size)


def _beyond(offers: tuple[str, ...], found: Measurement) -> Fact:
    seen = found.returned.minimal_detectable_effect
    could = None if seen is None else _points(seen / math.sqrt(_BEYOND))
    effect = _points(found.pays_from)
    return fact("next.beyond_tests", offers=offers, effect=effect, times=_BEYOND, sees=could)


def _points(share: float | None) -> float | None:
    return None if share is None else rounded(100 * share)


# --- offers and segments against each other -------------------------------------------------------


def _better(found: Measurement) -> list[Fact]:
    """Which offer of a pair is the better one, by profit where it is known."""
    told = []
    for pair in found.versus:
        for one, other in ((pair.offer, pair.against), (pair.against, pair.offer)):
            by = _ahead(pair, one, len(found.versus))
            if by is not None:
                told.append(fact(f"next.prefer_by_{by}", offer=one, against=other))
                break
    if found.versus and not told and found.verdict == "works":
        told.append(fact("next.none_better"))
    return told


def _ahead(pair: Versus, one: str, pairs: int) -> str | None:
    """By what an offer of a pair is ahead of the other; None where it is not."""
    sign = 1 if one == pair.offer else -1
    told_apart = pairs == 1 or (pair.p_holm is not None and pair.p_holm < _ALPHA)
    profit = pair.profit
    if profit is not None and profit.low is not None and profit.high is not None:
        ends = sorted((sign * profit.low, sign * profit.high))
        return "profit" if told_apart and ends[0] > 0 else None
    ahead = "works" if sign > 0 else "harms"
    return "effect" if pair.verdict == ahead else None


def _by_segment(found: Measurement) -> list[Fact]:
    """Segments to begin with, and those to leave out."""
    parts = found.by_segment
    if parts is None or len(parts.rows) < 2:
        return []
    told, column = [], parts.column

    def named(verdict: str) -> tuple[str, ...]:
        return tuple(row.segment for row in parts.rows if row.verdict == verdict)

    if (harmed := named("harms")) and found.verdict != "harms":
        told.append(fact("next.leave_out", column=column, segments=harmed))
    first = named("works")
    if found.verdict == "works" and len(first) < len(parts.rows):
        name = "next.begin_with" if first else "next.segments_alike"
        values = {"segments": first} if first else {}
        told.append(fact(name, column=column, **values))
    elif found.verdict == "not_distinguishable" and first:
        told.append(fact("next.test_in", column=column, segments=first))
    return told
