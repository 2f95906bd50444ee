"""The shop's calendar: public holidays, paydays, and the days that sell."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

import numpy as np

from winback.errors import UsageError
from winback.features import Integers


def _black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    thursdays = [w[calendar.THURSDAY] for w in calendar.monthcalendar(year, 11)]
    return date(year, 11, [day for day in thursdays if day][3] + 1)


# Days on which people buy, by the name that columns and campaigns use.
OCCASIONS: dict[str, Callable[[int], date]] = {
    "valentines_day": lambda year: date(year, 2, 14),
    "womens_day": lambda year: date(year, 3, 8),
    "black_friday": _black_friday,
    "christmas": lambda year: date(year, 12, 24),
}


def next_occasion(name: str, after: date) -> date:
    """The next day of that name, ``after`` itself included.

    Raises:
        UsageError: no occasion has that name.
    """
    if name not in OCCASIONS:
        raise UsageError(f"no occasion is called {name!r}; known: {', '.join(OCCASIONS)}.")
    return next(
        day for year in (after.year, after.year + 1) if (day := OCCASIONS[name](year)) >= after
    )


def public_holidays(country: str, years: Iterable[int]) -> set[date]:
    """Public holidays of a country, from the `holidays` library.

    Raises:
        UsageError: the library does not know the country.
    """
    import holidays

    try:
        return set(holidays.country_holidays(country, years=list(years)))
    except NotImplementedError:
        raise UsageError(
            f"No public holidays are known for the country {country!r}. Set snapshot.country to "
            "a two-letter ISO code, such as PL."
        ) from None


def next_payday(after: date, days_of_month: Sequence[int], free: set[date]) -> date:
    """The next payday, ``after`` itself included.

    Wages due on a weekend or a holiday come on the working day before; a day that a month does
    not have is its last.
    """

    def working(day: date) -> date:
        while day.weekday() >= 5 or day in free:
            day -= timedelta(days=1)
        return day

    # A payday may be moved into the month before.
    months = [(after.year + (after.month - 1 + ahead) // 12, (after.month - 1 + ahead) % 12 + 1)
              for ahead in (0, 1, 2)]  # fmt: skip
    paydays = (
        working(date(year, month, min(day, calendar.monthrange(year, month)[1])))
        for year, month in months
        for day in days_of_month
    )
    return min(day for day in paydays if day >= after)


def calendar_columns(
    cutoffs: Sequence[date], country: str, paydays: Sequence[int]
) -> dict[str, Integers]:
    """The calendar features of each cutoff; they are the same for every customer."""
    free = public_holidays(country, range(min(cutoffs).year - 1, max(cutoffs).year + 2))
    columns = {
        "cutoff_month": [c.month for c in cutoffs],
        "cutoff_day_of_year": [c.timetuple().tm_yday for c in cutoffs],
        "holidays_next_30d": [
            sum(c <= day < c + timedelta(days=30) for day in free) for c in cutoffs
        ],
        "days_to_payday": [(next_payday(c, paydays, free) - c).days for c in cutoffs],
    } | {
        f"days_to_{name}": [(next_occasion(name, c) - c).days for c in cutoffs]
        for name in OCCASIONS
    }
    return {name: np.array(values, np.int64) for name, values in columns.items()}
