"""What churn is in a shop, in words."""

from __future__ import annotations

from markupsafe import Markup

from winback.results.churned import Churned
from winback.said.words import Figure, Texts, Words

TEXTS: Texts = {
    "too_short": {
        "en": "The history is too short to say what silence means here: too few customers were "
        "seen coming back, or not for long enough. Keep the horizon you plan with, and look again "
        "with a longer history.",
        "pl": "Historia jest za krótka, żeby powiedzieć, po jakiej przerwie klient tu odchodzi: "
        "widać za mało powrotów albo zbyt krótko. Zostań przy swoim horyzoncie i wróć do pytania, "
        "gdy danych przybędzie.",
    },
    "holds": {
        "en": "Call a customer lost after {days:count day} without a purchase.",
        "pl": "Uznaj klienta za utraconego po {days:count after day} bez zakupu.",
    },
    "lost_now": {
        "en": "By this rule {n:count customer} ({lost:share}) are lost today.",
        "pl": "Według tej reguły utraceni są dziś: {n:count customer} ({lost:share}).",
    },
    "overdue": {
        "en": "After {days:count day} without a purchase a customer is overdue, but not yet lost: "
        "most come back.",
        "pl": "Po {days:count after day} bez zakupu klient się spóźnia, ale jeszcze nie odszedł: "
        "większość wraca.",
    },
    "longest": {
        "en": "No horizon that this history shows keeps mistakes under {tolerated:share}: "
        "customers come back late here. Plan with {days:count day}, and keep a control group.",
        "pl": "Żaden horyzont widoczny w tej historii nie myli się rzadziej niż w "
        "{tolerated:share} przypadków: klienci wracają tu późno. Przyjmij {days:count day} i "
        "zostaw grupę kontrolną.",
    },
    "unjudged": {
        "en": "No horizon that this history shows keeps mistakes under {tolerated:share}, and it "
        "shows too little to judge more than {days:count day}. Plan with at least "
        "{days:count day}, and keep a control group.",
        "pl": "Żaden horyzont widoczny w tej historii nie myli się rzadziej niż w "
        "{tolerated:share} przypadków, a dłuższych niż {days:count day} nie da się na niej ocenić. "
        "Przyjmij co najmniej {days:count day} i zostaw grupę kontrolną.",
    },
    "mistaken": {
        "en": "Of customers who bought again within {year:count day}, {share:share} (95% interval "
        "{low:share} to {high:share}) would have been given up by mistake.",
        "pl": "Spośród klientów, którzy kupili ponownie w ciągu {year:count of day}, {share:share} "
        "(przedział 95% od {low:share} do {high:share}) skreślilibyśmy niesłusznie.",
    },
    "mistaken_shorter": {
        "en": "Of customers who bought again within {year:count day}, {share:share} (95% interval "
        "{low:share} to {high:share}) would have been given up by mistake (after "
        "{shorter:count day} it would be {before:share}).",
        "pl": "Spośród klientów, którzy kupili ponownie w ciągu {year:count of day}, {share:share} "
        "(przedział 95% od {low:share} do {high:share}) skreślilibyśmy niesłusznie (po "
        "{shorter:count after day} byłoby to {before:share}).",
    },
    # The same where intervals are for whoever asks further.
    "plain": {
        "en": "Of customers who bought again within {year:count day}, {share:share} would have "
        "been given up by mistake.",
        "pl": "Spośród klientów, którzy kupili ponownie w ciągu {year:count of day}, {share:share} "
        "skreślilibyśmy niesłusznie.",
    },
    "plain_shorter": {
        "en": "Of customers who bought again within {year:count day}, {share:share} would have "
        "been given up by mistake (after {shorter:count day} it would be {before:share}).",
        "pl": "Spośród klientów, którzy kupili ponownie w ciągu {year:count of day}, {share:share} "
        "skreślilibyśmy niesłusznie (po {shorter:count after day} byłoby to {before:share}).",
    },
    "later": {
        "en": "Of those who fall silent for {days:count day}, {later:share} come back within the "
        "next {days:n}.",
        "pl": "Z tych, którzy nie kupują już od {days:count of day}, {later:share} wraca w ciągu "
        "kolejnych {days:n}.",
    },
    "rhythm": {
        "en": "By their own rhythm: of customers silent for {times:n} times their usual gap, "
        "{share:share} came back within {days:count day}. A usual gap is known for "
        "{known:share} of customers (three purchase days or more).",
        "pl": "Według własnego rytmu: z klientów, którzy nie kupują {times:n} razy dłużej niż "
        "zwykle, {share:share} wróciło w ciągu {days:count of day}. Zwykły odstęp znamy dla "
        "{known:share} klientów (co najmniej trzy dni zakupów).",
    },
    "no_rhythm": {
        "en": "Too few customers have a rhythm of their own yet (three purchase days or more) "
        "to judge silence by it.",
        "pl": "Za mało klientów ma już własny rytm (co najmniej trzy dni zakupów), żeby według "
        "niego oceniać przerwy w zakupach.",
    },
    "silent": {"en": "silent for {days:count day}", "pl": "bez zakupu od {days:count of day}"},
    "silent_times": {
        "en": "{times:n}× the own usual gap",
        "pl": "{times:n}× własny zwykły odstęp",
    },
    # The table of the command line
    "column_silent": {"en": "silent for", "pl": "bez zakupu od"},
    "column_customers": {"en": "customers", "pl": "klienci"},
    "column_now": {"en": "now", "pl": "teraz"},
    "column_back": {"en": "came back within", "pl": "wróciło w ciągu"},
    "row_silent": {"en": "{days:count day}", "pl": "{days:count of day}"},
    "row_times": {"en": "{times:n}x own gap", "pl": "{times:n}x własny odstęp"},
    "column_days": {"en": "{days:n} d", "pl": "{days:n} d"},
}


def recommendation(found: Churned, words: Words, *, plain: bool = False) -> str:
    """The recommended horizon, whether it keeps to the tolerated share, and why.

    Args:
        plain: without intervals, and with the number of the lost marked up for a page.
    """
    mistaken = "plain" if plain else "mistaken"
    known = [row for row in found.horizons if row.mistaken_share is not None]
    places = [at for at, row in enumerate(known) if row.horizon_days == found.horizon_days]
    if found.finding == "too_short" or not places:
        return words.fill(TEXTS["too_short"], {})
    chosen = known[places[0]]
    values: dict[str, float | Figure | None] = {
        "days": chosen.horizon_days,
        "tolerated": found.tolerated_share,
        "year": found.year_days,
        "share": chosen.mistaken_share,
        "low": chosen.low,
        "high": chosen.high,
        "later": found.later_share,
    }
    names = [found.finding, mistaken]
    if places[0]:
        shorter = known[places[0] - 1]
        values |= {"shorter": shorter.horizon_days, "before": shorter.mistaken_share}
        names[1] = f"{mistaken}_shorter"
    if found.later_share is not None:
        names.append("later")
    if found.lost is not None:
        names.append("lost_now")
        lost = Figure("churn.lost", found.lost) if plain else found.lost
        values |= {"n": lost, "lost": found.lost / max(found.customers, 1)}
    told = [words.fill(TEXTS[name], values) for name in names]
    return Markup(" ").join(told) if plain else " ".join(told)


def rhythm(found: Churned, words: Words) -> str:
    """What the customers' own rhythm says of silence."""
    own = found.own_rhythm
    if own is None:
        return words.fill(TEXTS["no_rhythm"], {})
    values = {"times": own.times, "share": own.returned_share, "days": own.within_days}
    return words.fill(TEXTS["rhythm"], values | {"known": found.rhythm_share})


def rule(name: str, words: Words) -> str:
    """A rule of churn such as ``90d`` or ``3x``."""
    number = int(name[:-1])
    text = TEXTS["silent" if name.endswith("d") else "silent_times"]
    return words.fill(text, {"days": number, "times": number})


def table(found: Churned, words: Words) -> list[str]:
    """The lists of all rules and what became of them, a line each, for the terminal."""

    def said(name: str, **values: int) -> str:
        return words.fill(TEXTS[name], values)

    waits = sorted({row.within_days for row in found.comebacks})
    back = {(row.rule, row.within_days): row.returned_share for row in found.comebacks}
    rules = {
        row.rule: said(
            "row_silent" if row.rule.endswith("d") else "row_times",
            days=int(row.rule[:-1]),
            times=int(row.rule[:-1]),
        )
        for row in found.lists
    }
    first = said("column_silent")
    width = max(12, 2 + max(map(len, (first, *rules.values()))))
    days = "".join(f"{said('column_days', days=wait):>9}" for wait in waits)
    lines = [
        f"{first:<{width}}{said('column_customers'):>10}  {said('column_back')}",
        f"{'':<{width}}{said('column_now'):>10}{days}",
    ]
    for row in found.lists:
        shares = (back[row.rule, wait] for wait in waits)
        cells = "".join(f"{'-' if x is None else words.share(x, 1):>9}" for x in shares)
        lines.append(f"{rules[row.rule]:<{width}}{words.number(row.customers):>10}{cells}")
    return lines
