"""Readings before the end, and more than one: an interval that holds however often it is looked at.

A campaign is one cohort drawn at once, whose outcome grows from day to day: the difference of the
arms on day 10 is a part of that on day 20, and neither its steps nor their sizes are independent
of what came before (who has bought is likelier to buy again; who has returned cannot return
again). No martingale of newly arriving customers describes it. What holds whatever binds the days
together is Boole's inequality: the reading of each day has its own part of the 5 %, and the parts
of all days that there can ever be sum to no more than that. So the chance that any reading, of any
day, leaves out the truth is at most 5 %, whoever chooses the days, and whatever made him choose.

Half of it belongs to the day the campaign was sealed for, whose interval is a seventh wider than
the fixed one; four tenths to the days before, more to the later ones, which tell more; the rest to
the days after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from winback.campaign.estimates import interval
from winback.campaign.followed import Followed
from winback.params import MEASURED_DAYS
from winback.results.base import Fact, fact
from winback.results.intake import IngestSummary
from winback.results.measured import Found, Looks, Measurement, Metric
from winback.results.offered import MeasuredOffer, Offer

LEVEL = 0.05


@dataclass(frozen=True)
class Window:
    """How long orders count, and what is known of the window beside.

    Attributes:
        days: after ``assigned_at``; None: those it was sealed with, and 30 where none are known.
        sealed_days: those it was sealed with, fewer being an early look; None where not known.
        looked: days of the windows that were read before, the first one first; the same window
            read again is the same look, since its days have passed.
        ingested: what reading the orders gave; its doubts on dates become cautions.
    """

    days: int | None = None
    sealed_days: int | None = None
    looked: Sequence[int] = ()
    ingested: IngestSummary | None = None

    @property
    def length(self) -> int:
        """Days in which orders count."""
        if self.days is not None:
            return self.days
        return self.sealed_days or MEASURED_DAYS


_EARLY, _AT_THE_END, _LATER = 0.4, 0.5, 0.1


def sealed_days(offers: Sequence[MeasuredOffer | Offer]) -> int | None:
    """Days of the window that a list was sealed with: as long as an offer holds; None: no seal."""
    return max((offer.valid_days for offer in offers), default=None)


def window_of(given: int | Window | None, promised: Sequence[MeasuredOffer | Offer]) -> Window:
    """The window that is asked for, and the one that was sealed by what was promised."""
    window = given if isinstance(given, Window) else Window(given)
    if window.sealed_days is None:
        window = replace(window, sealed_days=sealed_days(promised))
    return window


def level_of(days: int, sealed_days: int) -> float:
    """The part of the 5 % that belongs to the reading of so many days; over all days 5 % in all."""
    if days == sealed_days:
        return LEVEL * _AT_THE_END
    if days < sealed_days:
        return LEVEL * _EARLY * 2 * days / (sealed_days * (sealed_days - 1))
    after = days - sealed_days
    return LEVEL * _LATER / (after * (after + 1))


def level_of_next(number: int) -> float:
    """The part of the 5 % of the ``number``-th reading, where nobody said which day is the last."""
    return LEVEL / (number * (number + 1))


def looks_of(campaign: Followed, metric: Metric, window: Window) -> Looks | None:
    """How often the campaign was read, with the interval that holds over all these readings.

    None for a single reading where no window was sealed.
    """
    days, sealed_days = window.length, window.sealed_days
    windows = tuple(dict.fromkeys([*window.looked, days]))
    number = windows.index(days) + 1 if sealed_days is None else len(windows)
    if sealed_days is None:
        if len(windows) == 1:
            return None
        level = level_of_next(number)
    else:
        level = level_of(days, sealed_days)
    early = sealed_days is not None and days < sealed_days
    # At the end only what was seen before it could have ended it.
    before = any(each < days for each in windows) if days == sealed_days else len(windows) > 1
    found = None
    if campaign.comparable and (early or before):
        found = interval(campaign.compare(metric, level).bounds)
    return Looks(
        sealed_days=sealed_days, early=early, number=number, windows=windows, always_valid=found
    )


def with_looks(found: Measurement, looks: Looks | None) -> Measurement:
    """The measurement with its looks: with early or several ones these have the verdict."""
    if looks is None:
        return found
    verdict, told = found.verdict, list(found.cautions)
    if looks.always_valid is not None and verdict in ("works", "harms", "not_distinguishable"):
        verdict = _verdict(looks)
        if verdict != found.verdict:
            # It was said of an effect that is none by now.
            told = [each for each in told if each.code != "measured.seldom_found"]
    told += _cautions(found.window_days, looks)
    return found.model_copy(update={"looks": looks, "verdict": verdict, "cautions": tuple(told)})


def _verdict(looks: Looks) -> Found:
    valid = looks.always_valid
    if valid is None or valid.low is None or valid.high is None:
        return "not_distinguishable"
    if valid.low > 0:
        return "works"
    return "harms" if valid.high < 0 else "not_distinguishable"


def _cautions(days: int, looks: Looks) -> list[Fact]:
    told, sealed = [], looks.sealed_days
    if sealed is not None and days < sealed:
        told.append(fact("measured.early_look", days=days, sealed=sealed))
    if sealed is not None and days > sealed:
        told.append(fact("measured.longer_look", days=days, sealed=sealed))
    if looks.always_valid is not None and looks.number > 1:
        told.append(fact("measured.looked_before", number=looks.number))
    return told
