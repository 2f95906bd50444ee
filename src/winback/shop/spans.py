"""The spans of time that a shop's figures are of: the last closed year, and those before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from winback.results.kept_score import Change, Estimate, Figure, Mark
from winback.shop.intervals import THIN, Interval, difference, growth
from winback.shop.past import Past
from winback.snapshots.plan import observed_until

# A year is seen whole if the history begins at most so many days after it does.
_LATE_BEGIN_DAYS = 6
_MOST_YEARS = 6


@dataclass(frozen=True)
class Spans:
    """The newest span and the years before it, newest first; ends are first days after.

    Attributes:
        first_day: day of the shop's first purchase.
        seen_until: first day not seen.
        whole_year: whether the spans are of twelve closed months; else there is one, of all days.
        bounds: first day and end of each.
        gaps: first and last day of each time without a shop.
    """

    first_day: date
    seen_until: date
    whole_year: bool
    bounds: tuple[tuple[date, date], ...]
    gaps: tuple[tuple[date, date], ...]

    @property
    def end(self) -> date:
        """The end of the newest."""
        return self.bounds[0][1]

    def place_sql(self, day: str) -> str:
        """SQL of a span's place by a day before the newest's end; from ``len(bounds)`` on, none."""
        if not self.whole_year:
            return "0"
        # So many begins of months lie between a day and the end: 1 to 12 in the newest year.
        return f"((date_diff('month', {day}, DATE '{self.end}') - 1) // 12)"

    def broken(self, start: date, end: date) -> bool:
        """Whether the shop was closed, or its export broken off, within these days."""
        return any(first < end and start <= last for first, last in self.gaps)

    def marks(self, place: int, settled: date | None = None) -> tuple[Mark, ...]:
        """What to know of a figure of a span; ``settled``: newcomers before it may be none."""
        start, end = self.bounds[place]
        found: list[Mark] = []
        if settled is not None and start < settled:
            found.append("early")
        if self.broken(start, end):
            found.append("gap")
        return tuple(found)


def spans_of(past: Past, first_day: date, last_day: date) -> Spans:
    """The last twelve closed months and the years before them, or all days of a younger shop."""
    seen = min(past.days.seen_until(past.cutoff), observed_until(past.cutoff, last_day))
    seen = max(seen, last_day + timedelta(days=1))
    late, end = timedelta(days=_LATE_BEGIN_DAYS), seen.replace(day=1)
    bounds = []
    for years in range(_MOST_YEARS):
        start = end.replace(year=end.year - years - 1)
        if first_day > start + late:
            break
        bounds.append((start, end.replace(year=end.year - years)))
    gaps = past.days.gaps
    if not bounds:
        return Spans(first_day, seen, False, ((first_day, seen),), gaps)
    return Spans(first_day, seen, True, tuple(bounds), gaps)


Grew = Callable[[Interval, Interval], "tuple[float, float | None, float | None] | None"]


def figure_of(
    found: Sequence[Interval | None], spans: Spans, *, relative: bool = False,
    settled: date | None = None,
) -> Figure:  # fmt: skip
    """A figure from its values by span, newest first.

    Args:
        found: one a span; None where there is nothing to count.
        relative: whether its change is a ratio.
        settled: newcomers before this day may be none.
    """
    changed: Grew = growth if relative else difference
    now, before = found[0], found[1] if len(found) > 1 else None
    moved = changed(now, before) if now and before else None
    earlier = [each.value for each in found[1:] if each is not None]
    told = len(earlier) > 1
    return Figure(
        now=_estimate(now, spans.marks(0, settled)),
        before=_estimate(before, spans.marks(1, settled)) if before else None,
        change=Change(value=_round(moved[0]), low=_end(moved[1]), high=_end(moved[2]))
        if moved
        else None,
        usual_low=_round(min(earlier)) if told else None,
        usual_high=_round(max(earlier)) if told else None,
        years=len(earlier),
    )


def _estimate(found: Interval | None, marks: tuple[Mark, ...]) -> Estimate | None:
    if found is None:
        return None
    return Estimate(
        value=_round(found.value), low=_end(found.low), high=_end(found.high),
        n=found.n, thin=found.n < THIN, marks=marks,
    )  # fmt: skip


def _end(value: float | None) -> float | None:
    return None if value is None else _round(value)


def _round(value: float) -> float:
    return round(value, 4)
