"""The way of a customer from the first purchase on, in words of the shop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from markupsafe import Markup

from winback.results.journeyed import Journey, Reached, Step, StepName
from winback.said.words import Figure, Texts, Words

YEAR = 365

TEXTS: Texts = {
    "section": {"en": "The way of a customer", "pl": "Droga klienta"},
    "year": {"en": "a year", "pl": "roku"},
    "two_years": {"en": "two years", "pl": "dwóch lat"},
    # Where most stop
    "most_second": {
        "en": "The first purchase is where most stop: {stop:share} of {n:count of customer} who "
        "bought for the first time had not bought again within {within}.",
        "pl": "Najwięcej osób kończy na pierwszym zakupie: spośród nowych klientów ({n:n}) "
        "{stop:share} nie kupiło ponownie w ciągu {within}.",
    },
    "most_regular": {
        "en": "The second purchase is where most stop: {stop:share} of {n:count of customer} who "
        "bought twice had not bought a third time within {within}.",
        "pl": "Najwięcej osób kończy na drugim zakupie: spośród klientów z drugim zakupem ({n:n}) "
        "{stop:share} nie kupiło po raz trzeci w ciągu {within}.",
    },
    "most_silent": {
        "en": "{stop:share} of {n:count of customer} who bought for the first time had not bought "
        "again within {within}; more stop later, as regulars.",
        "pl": "{stop:share} nowych klientów ({n:n}) nie kupiło ponownie w ciągu {within}; więcej "
        "osób kończy później, już jako stali klienci.",
    },
    "all_back": {
        "en": "Everybody who was seen for long enough bought again within {within}.",
        "pl": "Każdy, kogo widać dość długo, kupił ponownie w ciągu {within}.",
    },
    "few": {
        "en": "Too few customers were seen for long enough to say how many buy a second time "
        "({n:count customer} with a first purchase).",
        "pl": "Zbyt krótko widać zbyt mało klientów, by powiedzieć, ilu kupuje po raz drugi "
        "(pierwszych zakupów: {n:n}).",
    },
    "all_older": {
        "en": "The history does not show who is new: up to {share:share} of the first purchases in "
        "it may not have been the customer's first. A longer history would.",
        "pl": "Z historii nie widać, kto jest nowy: do {share:share} pierwszych zakupów, które w "
        "niej widać, mogło nie być pierwszymi. Potrzebna jest dłuższa historia.",
    },
    # How fast
    "half_second": {
        "en": "Half have bought again within {days:count day} (95% interval {low:n} to {high:n}).",
        "pl": "Połowa kupuje ponownie w ciągu {days:count of day} (przedział 95%: od {low:n} do "
        "{high:n}).",
    },
    "half_second_open": {
        "en": "Half have bought again within {days:count day} (95% interval from {low:n} on; the "
        "history is too short for its upper end).",
        "pl": "Połowa kupuje ponownie w ciągu {days:count of day} (przedział 95%: od {low:n}; na "
        "górną granicę historia jest za krótka).",
    },
    "some_second": {
        "en": "{share:share} have bought again within {within} (95% interval {low:share} to "
        "{high:share}); as far as the history shows, fewer than half ever do.",
        "pl": "W ciągu {within} ponownie kupuje {share:share} (przedział 95%: od {low:share} do "
        "{high:share}); jak daleko sięga historia, nie wraca nawet połowa.",
    },
    "half_regular": {
        "en": "Of those who bought twice, half buy a third time within {days:count day}.",
        "pl": "Z tych, którzy kupili dwa razy, połowa kupuje trzeci raz w ciągu "
        "{days:count of day}.",
    },
    "some_regular": {
        "en": "Of those who bought twice, {share:share} buy a third time within {within}.",
        "pl": "Z tych, którzy kupili dwa razy, trzeci raz w ciągu {within} kupuje {share:share}.",
    },
    "silent": {
        "en": "Of regulars (three purchase days or more), {share:share} had gone "
        "{silent:count day} without a purchase within {within} of the third.",
        "pl": "Wśród stałych klientów (co najmniej trzy dni zakupów) {share:share} w ciągu "
        "{within} od trzeciego zakupu miało już przerwę {silent:count of day}.",
    },
    # Names
    "name_first": {"en": "First purchase", "pl": "Pierwszy zakup"},
    "name_second": {"en": "Second purchase", "pl": "Drugi zakup"},
    "name_regular": {"en": "Regular: the third", "pl": "Stały klient: trzeci zakup"},
    "name_silent": {
        "en": "{silent:count day} without a purchase",
        "pl": "{silent:count day} bez zakupu",
    },
    "step_second": {"en": "first → second purchase", "pl": "pierwszy → drugi zakup"},
    "step_regular": {"en": "second → third purchase", "pl": "drugi → trzeci zakup"},
    "step_silent": {
        "en": "regular → {silent:count day} without a purchase",
        "pl": "stały klient → {silent:count day} bez zakupu",
    },
    # Picture
    "title": {
        "en": "{stop:share} of new customers had not bought again within {within}",
        "pl": "{stop:share} nowych klientów nie kupiło ponownie w ciągu {within}",
    },
    "shows": {
        "en": "Of those who took a step, the share that took the next within so long; half: days "
        "until half had taken it",
        "pl": "Jaka część tych, którzy doszli do danego kroku, robi następny; połowa: dni, po "
        "których zrobiła go połowa",
    },
    "alt": {"en": "Steps of the way. {pairs}.", "pl": "Kroki na drodze klienta. {pairs}."},
    "pair": {
        "en": "{step}: {share:share} within {within}{half}",
        "pl": "{step}: {share:share} w ciągu {within}{half}",
    },
    "pair_half": {
        "en": ", half within {days:count day}",
        "pl": ", połowa w ciągu {days:count of day}",
    },
    "on_arrow": {"en": "within {within}", "pl": "w ciągu {within}"},
    "half_arrow": {"en": "half: {days:count day}", "pl": "połowa: {days:count day}"},
    "no_half": {"en": "under half", "pl": "poniżej połowy"},
    "new": {"en": "{n:n} new", "pl": "nowi: {n:n}"},
    "took": {"en": "{n:n} so far", "pl": "dotąd {n:n}"},
    # Tables
    "open": {
        "en": "How many take each step, and how fast",
        "pl": "Ilu klientów robi każdy krok i jak szybko",
    },
    "caption": {
        "en": "Of those who took the step before, share that took the next within so many days",
        "pl": "Jaka część tych, którzy zrobili poprzedni krok, zrobiła następny w ciągu tylu dni",
    },
    "col_step": {"en": "Step", "pl": "Krok"},
    "col_customers": {"en": "Customers before it", "pl": "Klienci przed nim"},
    "col_days": {"en": "{days:count day}", "pl": "{days:count day}"},
    "col_half": {"en": "Half, in days", "pl": "Połowa, w dniach"},
    "interval": {"en": "{low:share}–{high:share}", "pl": "{low:share}–{high:share}"},
    "at_risk": {"en": "{n:n} left", "pl": "zostało {n:n}"},
    "note": {
        "en": "Below each share its 95% interval, and how many customers were still seen then "
        "without the step: whoever began last month counts for a month. "
        "Purchases of one customer on one day count once. A dash: too few were seen for so long.",
        "pl": "Pod każdą wartością przedział 95% i liczba klientów widocznych tak długo bez tego "
        "kroku: kto zaczął miesiąc temu, liczy się przez miesiąc. Zakupy klienta "
        "z jednego dnia liczą się raz. Kreska: tak długo widać zbyt mało osób.",
    },
    "left_out": {
        "en": "The beginning of the history, {weeks:count week}, is left out ({n:count customer}): "
        "many who seem new there may have bought before it.",
        "pl": "Pomijamy początek historii, {weeks:count week} ({n:count customer}): wielu z tych, "
        "którzy wyglądają tam na nowych, mogło kupować już wcześniej.",
    },
    "older": {
        "en": "Up to {share:share} of the first purchases counted may not have been the first: the "
        "history begins too late to tell.",
        "pl": "Do {share:share} policzonych tu pierwszych zakupów mogło nie być pierwszymi: "
        "historia zaczyna się za późno, by to rozstrzygnąć.",
    },
    "one_in": {
        "en": "Reckoned from every {one_in:n}th of {n:count customer}.",
        "pl": "Policzone na co {one_in:n}. kliencie z {n:n}.",
    },
    "stand": {
        "en": "Where customers stand today (as of {day:short_day})",
        "pl": "Gdzie są dziś klienci (stan na {day:short_day})",
    },
    "col_visits": {"en": "Bought so far on", "pl": "Zakupy do tej pory"},
    "col_active": {
        "en": "Bought in the last {silent:count day}",
        "pl": "Z zakupem w ostatnich {silent:count after day}",
    },
    "col_silent": {
        "en": "No purchase for {silent:count day}",
        "pl": "Bez zakupu od {silent:count of day}",
    },
    "visits_once": {"en": "one day", "pl": "jeden dzień"},
    "visits_twice": {"en": "two days", "pl": "dwa dni"},
    "visits_regular": {"en": "three days or more", "pl": "trzy dni lub więcej"},
}


def within(days: int, w: Words) -> str:
    """So many days after "within": a year, 90 days; roku, 90 dni."""
    name = {YEAR: "year", 2 * YEAR: "two_years"}.get(days)
    return w.fill(TEXTS[name], {}) if name else w.count(days, "of day")


def told(step: Step, days: int) -> Reached | None:
    """What is known of the step at so many days, else of the longest time before."""
    rows = [row for row in step.reached if row.days <= days]
    return rows[-1] if rows else None


def step_name(step: Step, journey: Journey, w: Words) -> str:
    """A step as an arrow between its ends."""
    return w.fill(TEXTS[f"step_{step.name}"], {"silent": journey.silent_days})


def shows_new(journey: Journey) -> bool:
    """Whether most of the first purchases that count were the first indeed."""
    return journey.perhaps_older is None or journey.perhaps_older <= 0.5


def sentences(journey: Journey, w: Words) -> list[str]:
    """Where most stop, and how fast the rest go on."""
    if not shows_new(journey):
        return [w.fill(TEXTS["all_older"], {"share": journey.perhaps_older})]
    steps = {step.name: step for step in journey.steps}
    second, regular = steps["second"], steps["regular"]
    found = told(second, YEAR)
    if found is None:
        return [w.fill(TEXTS["few"], {"n": second.customers})]
    most = _most(steps, found)
    # Where more fall silent as regulars, the first purchase is still told first.
    of = regular if most == "regular" else second
    at = told(of, YEAR) or found
    stop = {
        "stop": 1 - at.share,
        "n": Figure(f"{_key(of)}.customers", of.customers),
        "within": within(at.days, w),
    }
    name = f"most_{most}" if at.share < 1 else "all_back"
    lines = [
        w.fill(TEXTS[name], stop),
        Markup(" ").join([_second(second, w), *_regular(regular, w)]),
    ]
    silent = steps.get("silent")
    row = told(silent, YEAR) if silent else None
    if silent is not None and row is not None:
        values = {
            "share": _share(silent, row),
            "silent": Figure("shop.journey.silent_days", journey.silent_days),
            "within": within(row.days, w),
        }
        lines.append(w.fill(TEXTS["silent"], values))
    return lines


def _most(steps: Mapping[StepName, Step], second: Reached) -> StepName:
    """The step at which most stop, by people: few can stop where few arrive."""
    regular = told(steps["regular"], YEAR)
    silent = told(steps["silent"], YEAR) if "silent" in steps else None
    on = second.share * (regular.share if regular else 0)
    stops: dict[StepName, float] = {
        "second": 1 - second.share,
        "regular": second.share - on if regular else 0,
        "silent": on * silent.share if silent else 0,
    }
    return max(stops, key=lambda name: stops[name])


def _second(step: Step, w: Words) -> str:
    if step.median_days is not None:
        values: dict[str, Figure | float | str | None] = {
            "days": Figure(f"{_key(step)}.median_days", step.median_days),
            "low": step.median_low,
            "high": step.median_high,
        }
        name = "half_second" if step.median_high is not None else "half_second_open"
        return w.fill(TEXTS[name], values)
    row = told(step, 90)
    if row is None:
        return ""
    values = {
        "share": _share(step, row),
        "within": within(row.days, w),
        "low": row.low,
        "high": row.high,
    }
    return w.fill(TEXTS["some_second"], values)


def _regular(step: Step, w: Words) -> list[str]:
    if step.median_days is not None:
        days = Figure(f"{_key(step)}.median_days", step.median_days)
        return [w.fill(TEXTS["half_regular"], {"days": days})]
    row = told(step, 90)
    if row is None:
        return []
    values = {"share": _share(step, row), "within": within(row.days, w)}
    return [w.fill(TEXTS["some_regular"], values)]


def _key(step: Step) -> str:
    """Where the step stands in shop.json."""
    return f"shop.journey.steps.{get_args(StepName).index(step.name)}"


def _share(step: Step, row: Reached) -> Figure:
    return Figure(f"{_key(step)}.reached.{step.reached.index(row)}.share", row.share)


def reservations(journey: Journey, w: Words) -> list[str]:
    """What was left out, and what the history cannot tell."""
    lines = []
    if journey.left_out_weeks:
        left_out = Figure("shop.journey.left_out", journey.left_out)
        values = {"weeks": journey.left_out_weeks, "n": left_out}
        lines.append(w.fill(TEXTS["left_out"], values))
    if shows_new(journey) and (journey.perhaps_older or 0) >= 0.01:
        lines.append(w.fill(TEXTS["older"], {"share": journey.perhaps_older}))
    if journey.one_in > 1:
        values = {"one_in": journey.one_in, "n": journey.customers}
        lines.append(w.fill(TEXTS["one_in"], values))
    return lines
