"""The shop's calendar: public holidays, paydays, and the days that sell."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

import numpy as np

from winback.arrays import Integers
from winback.errors import UsageError
from winback.params import COUNTRY, PAYDAYS


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

_WORDS = {
    "valentines_day": {"en": "Valentine's Day", "pl": "walentynki"},
    "womens_day": {"en": "International Women's Day", "pl": "Dzień Kobiet"},
    "black_friday": {"en": "Black Friday", "pl": "Black Friday"},
    "christmas": {"en": "Christmas Eve", "pl": "Wigilia"},
    "payday": {"en": "payday", "pl": "wypłata"},
}
_WISH = re.compile(r"(?:(\d{1,3}) days? before )?([a-z_]+)")


def next_occasion(name: str, after: date) -> date:
    """The next day of that name, ``after`` itself included.

    Raises:
        UsageError: no occasion has that name.
    """
    if name not in OCCASIONS:
        raise UsageError("snapshots.no_occasion", name=name, known=list(OCCASIONS))
    return next(
        day for year in (after.year, after.year + 1) if (day := OCCASIONS[name](year)) >= after
    )


def send_day(
    wish: str, cutoff: date, *, country: str = COUNTRY, paydays: Sequence[int] = PAYDAYS
) -> date:
    """The day on which a campaign leaves: the first such day from the cutoff on.

    ``wish`` is a day (``2026-11-25``), a name of `OCCASIONS`, ``payday``, or one of these names
    some days ahead (``3 days before black_friday``).

    Raises:
        UsageError: it is none of these, or a day before the cutoff.
    """
    try:
        day = date.fromisoformat(wish)
    except ValueError:
        found = _WISH.fullmatch(wish.strip())
        if found is None or found[2] not in _WORDS:
            raise UsageError("snapshots.send_on", wish=wish, known=list(_WORDS)) from None
        ahead = timedelta(days=int(found[1] or 0))
        free = public_holidays(country, range(cutoff.year - 1, cutoff.year + 3))
        if found[2] == "payday":
            return next_payday(cutoff + ahead, paydays, set(free)) - ahead
        return next_occasion(found[2], cutoff + ahead) - ahead
    if day < cutoff:
        raise UsageError("snapshots.send_early", wish=wish, cutoff=cutoff)
    return day


def coming_occasions(
    after: date, days: int, *, country: str = COUNTRY, paydays: Sequence[int] = PAYDAYS,
    language: str = "en",
) -> list[tuple[date, str, str]]:  # fmt: skip
    """Days that sell, paydays and public holidays in the ``days`` from ``after`` on.

    One row per day and what it is: the day, its name for ``target.send_on`` (empty for a public
    holiday), and its name in words. Sorted by day; what sells comes before the holiday.
    """
    ends = after + timedelta(days=days)
    years = range(after.year - 1, ends.year + 2)
    free = public_holidays(country, years, language)
    found = [(make(year), name) for name, make in OCCASIONS.items() for year in years]
    payday = after
    while (payday := next_payday(payday, paydays, set(free))) < ends:
        found.append((payday, "payday"))
        payday += timedelta(days=1)
    rows = [(day, name, _WORDS[name][language]) for day, name in found]
    rows += [(day, "", name) for day, name in free.items()]
    return sorted(
        (row for row in rows if after <= row[0] < ends), key=lambda r: (r[0], not r[1], r)
    )


def public_holidays(
    country: str, years: Iterable[int], language: str | None = None
) -> dict[date, str]:
    """Public holidays of a country and their names, from the `holidays` library.

    Names are in the language, or in the country's where the library does not speak it.

    Raises:
        UsageError: the library does not know the country.
    """
    import holidays

    try:
        spoken = {"en": "en_US"}.get(language or "", language)
        return dict(holidays.country_holidays(country, years=list(years), language=spoken))
    except NotImplementedError:
        raise UsageError("snapshots.country", country=country) from None


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
    free = set(public_holidays(country, range(min(cutoffs).year - 1, max(cutoffs).year + 2)))
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
