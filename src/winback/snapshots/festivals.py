"""When the feasts stand for which people buy: movable and fixed ones, by country.

Public holidays come from the `holidays` library; what it does not hold (nobody is off on Mother's
Day or on Black Friday) follows from a rule here. Of school holidays it holds single days and no
terms, so none are counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import lru_cache

from winback.errors import UsageError
from winback.snapshots.occasions import OCCASIONS

# Names of public holidays in the library's English, by the feast they are the first day of.
_PUBLIC = {
    "eid_al_fitr": re.compile(r"Eid al-Fitr|End of Ramadan|Hari Raya Puasa"),
    "eid_al_adha": re.compile(r"Eid al-Adha|Feast of the Sacrifice|Hari Raya Haji"),
    "lunar_new_year": re.compile(r"^(Lunar|Chinese|Korean) New Year|^Spring Festival"),
    "mid_autumn": re.compile(r"^Mid-Autumn|^Chuseok"),
    "diwali": re.compile(r"Diwali|Deepavali"),
    "rosh_hashanah": re.compile(r"^Rosh Hashanah"),
    "passover": re.compile(r"^(Pesach|Passover)"),
    "corpus_christi": re.compile(r"^Corpus Christi"),
}
_CHRISTIAN = re.compile(r"Easter|Good Friday|Christmas")
_ASIDE = re.compile(r"joint|eve$|observed|substituted|in lieu|day off|from \d", re.IGNORECASE)
# Countries whose Easter is reckoned by the old calendar.
_ORTHODOX = frozenset(
    ("BG", "BY", "CY", "EG", "ER", "ET", "GE", "GR", "MD", "ME", "MK", "RO", "RS", "RU", "UA", "XK")
)

# (month, weekday from Monday 0, which of them; -1 the last), or (month, day of the month).
_Rule = tuple[int, int, int] | tuple[int, int]
_MOTHERS: dict[_Rule, str] = {
    (5, 26): "PL",
    (5, 10): "MX GT SV",
    (3, 21): "AE BH EG IQ JO KW LB LY OM PS QA SA SD SY YE",
    (3, 8): "AL BA BG KZ MD ME MK RS",
    (8, 12): "TH",
    (12, 22): "ID",
    (2, 6, 2): "NO",
    (5, 6, 1): "ES HU LT MZ PT RO ZW",
    (5, 6, -1): "DZ DO FR HT MA SE TN",
    (10, 6, 3): "AR",
    (11, 6, -1): "RU",
}
_FATHERS: dict[_Rule, str] = {
    (6, 23): "PL",
    (3, 19): "AD BO ES HN HR IT LI MZ PT",
    (2, 23): "RU BY",
    (11, 12): "ID",
    (12, 5): "TH",
    (6, 6, 2): "AT BE",
    (11, 6, 2): "EE FI IS NO SE",
    (9, 6, 1): "AU NZ FJ PG",
    (8, 6, 2): "BR WS",
    (5, 6, 2): "RO",
    (6, 6, 1): "LT CH",
}
_GENERAL_MOTHERS, _GENERAL_FATHERS = (5, 6, 2), (6, 6, 3)
_ISLES = frozenset(("GB", "IE", "GG", "JE", "IM"))

# Those that stand on the same day of every year; the yearly season knows them too.
FIXED = ("valentines_day", "womens_day", "all_saints", "singles_day", "st_nicholas", "christmas")


@lru_cache(maxsize=64)
def feasts_of(country: str, first_year: int, last_year: int) -> dict[str, tuple[date, ...]]:
    """Days of each feast of a country in these years, in order; feasts it does not have are absent.

    Raises:
        UsageError: the library does not know the country.
    """
    years = range(first_year, last_year + 1)
    public = _public(country, years)
    names = {name for _, name in public}
    found: dict[str, Iterable[date]] = {
        name: _first_days(day for day, called in public if pattern.search(called))
        for name, pattern in _PUBLIC.items()
    }
    # A shop of a country without a word for Easter has none; the United States keep no holiday.
    if country == "US" or any(_CHRISTIAN.search(name) for name in names):
        orthodox = country in _ORTHODOX
        found["orthodox_easter" if orthodox else "easter"] = [easter(y, orthodox) for y in years]
        found["christmas"] = [date(y, 12, 24) for y in years]
        found["st_nicholas"] = [date(y, 12, 6) for y in years]
        found["all_saints"] = [date(y, 11, 1) for y in years]
    found["singles_day"] = [date(y, 11, 11) for y in years]
    for name in ("valentines_day", "womens_day", "black_friday"):
        found[name] = [OCCASIONS[name](y) for y in years]
    found["mothers_day"] = [_mothers_day(country, y) for y in years]
    found["fathers_day"] = [
        easter(y) + timedelta(days=39) if country == "DE" else _by(_FATHERS, country)(y)
        for y in years
    ]
    return {name: tuple(sorted(days)) for name in sorted(found) if (days := list(found[name]))}


def easter(year: int, orthodox: bool = False) -> date:
    """Easter Sunday, in the western or the orthodox reckoning, as a day of today's calendar.

    Meeus (1991), Astronomical Algorithms, chapter 8.
    """
    a = year % 19
    if orthodox:
        d = (19 * a + 15) % 30
        e = (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7
        month, day = divmod(d + e + 114, 31)
        # The old calendar is behind by thirteen days in the twentieth and this century.
        return date(year, month, day + 1) + timedelta(days=year // 100 - year // 400 - 2)
    b, c = divmod(year, 100)
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    rest = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    month, day = divmod(h + rest - 7 * ((a + 11 * h + 22 * rest) // 451) + 114, 31)
    return date(year, month, day + 1)


def _public(country: str, years: range) -> list[tuple[date, str]]:
    import holidays

    try:
        kind = holidays.country_holidays(country)
        spoken = "en_US" if "en_US" in (kind.supported_languages or ()) else None
        categories = set(kind.supported_categories) - {"workday", "armed_forces"}
        held = holidays.country_holidays(
            country, years=list(years), language=spoken, categories=tuple(sorted(categories))
        )
    except NotImplementedError:
        raise UsageError("snapshots.country", country=country) from None
    return [
        (day, name)
        for day, names in sorted(held.items())
        for name in names.split("; ")
        if not _ASIDE.search(name)
    ]


def _first_days(days: Iterable[date]) -> list[date]:
    """The first day of each run of days less than three weeks apart."""
    found: list[date] = []
    newest = None
    for day in days:
        if newest is None or (day - newest).days > 21:
            found.append(day)
        newest = day
    return found


def _mothers_day(country: str, year: int) -> date:
    if country in _ISLES:
        return easter(year) - timedelta(days=21)
    day = _by(_MOTHERS, country)(year)
    if country == "FR" and day == easter(year) + timedelta(days=49):
        return day + timedelta(days=7)  # Pentecost goes first
    return day


def _by(rules: dict[_Rule, str], country: str) -> Callable[[int], date]:
    general: _Rule = _GENERAL_MOTHERS if rules is _MOTHERS else _GENERAL_FATHERS
    rule = next((rule for rule, lands in rules.items() if country in lands.split()), general)

    def day(year: int) -> date:
        if len(rule) == 2:
            return date(year, rule[0], rule[1])
        month, weekday, which = rule
        if which < 0:
            last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
            return last - timedelta(days=(last.weekday() - weekday) % 7)
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))

    return day
