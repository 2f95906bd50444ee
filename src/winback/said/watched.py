"""Alarms in words: what, how large, since when, and what to look at."""

from __future__ import annotations

from collections.abc import Iterator

from winback.results.watched import Alarm, Watched
from winback.said.words import Texts, Words

TEXTS: Texts = {
    # what was seen; the foretelling past is filled in
    "silent": {
        "en": "No order since {since:short_day}, where {expected:n} lines would be usual",
        "pl": "Brak zamówień od {since:short_day}, a zwykle byłoby ich tyle: {expected:n} "
        "(w wierszach)",
    },
    "lines": {
        "en": "Order lines {change:+share}: {seen:n} in the last {window_days:count day}, "
        "{expected:n} expected from {past}",
        "pl": "Wiersze zamówień {change:+share}: {seen:n} w ostatnich {window_days:n} dniach, "
        "spodziewane {expected:n} ({past})",
    },
    "purchases": {
        "en": "Purchases {change:+share}: {seen:n} in the last {window_days:count day}, "
        "{expected:n} expected from {past}",
        "pl": "Zakupy {change:+share}: {seen:n} w ostatnich {window_days:n} dniach, spodziewane "
        "{expected:n} ({past})",
    },
    "lines_per_purchase": {
        "en": "Lines to a purchase {change:+share}: {seen:n} lines in the last "
        "{window_days:count day}, {expected:n} expected of so many purchases from {past}",
        "pl": "Wiersze na jeden zakup {change:+share}: {seen:n} wierszy w ostatnich "
        "{window_days:n} dniach, przy tylu zakupach spodziewane {expected:n} ({past})",
    },
    "amounts": {
        "en": "The typical line costs {change:+share}: {seen:money2} in the last "
        "{window_days:count day}, {expected:money2} expected from {past}",
        "pl": "Typowa kwota wiersza {change:+share}: {seen:money2} w ostatnich {window_days:n} "
        "dniach, spodziewane {expected:money2} ({past})",
    },
    "amounts_larger": {
        "en": "Amounts are {factor:n} times as large as they were: {seen:money2} for a typical "
        "line in the last {window_days:count day}, {expected:money2} expected from {past}",
        "pl": "Kwoty są {factor:n} razy większe niż dotąd: {seen:money2} za typowy wiersz w "
        "ostatnich {window_days:n} dniach, spodziewane {expected:money2} ({past})",
    },
    "amounts_smaller": {
        "en": "Amounts are {factor:n} times smaller than they were: {seen:money2} for a typical "
        "line in the last {window_days:count day}, {expected:money2} expected from {past}",
        "pl": "Kwoty są {factor:n} razy mniejsze niż dotąd: {seen:money2} za typowy wiersz w "
        "ostatnich {window_days:n} dniach, spodziewane {expected:money2} ({past})",
    },
    "quantities": {
        "en": "Pieces to a line {change:+share}: {seen:g} in the last {window_days:count day}, "
        "{expected:g} expected from {past}",
        "pl": "Sztuki w wierszu {change:+share}: {seen:g} w ostatnich {window_days:n} dniach, "
        "spodziewane {expected:g} ({past})",
    },
    "refunds": {
        "en": "Refunds {change:+share}: {seen:n} lines in the last {window_days:count day}, "
        "{expected:n} expected from {past}",
        "pl": "Zwroty {change:+share}: {seen:n} wierszy w ostatnich {window_days:n} dniach, "
        "spodziewane {expected:n} ({past})",
    },
    "late": {
        "en": "Lines known only on a later day {change:+share}: {seen:n}, {expected:n} expected "
        "from {past}",
        "pl": "Wiersze, o których wiadomo dopiero później, {change:+share}: {seen:n}, spodziewane "
        "{expected:n} ({past})",
    },
    "lateness": {
        "en": "Late lines are known {change:+share} later than expected from {past}",
        "pl": "Spóźnione wiersze docierają {change:+share} później, niż było do tej pory ({past})",
    },
    "gone": {
        "en": "{what} is gone: {seen:n} lines in the last {window_days:count day}, {expected:n} "
        "expected from {past}",
        "pl": "Zniknęło: {what}; {seen:n} wierszy w ostatnich {window_days:n} dniach, spodziewane "
        "{expected:n} ({past})",
    },
    "new": {
        "en": "{what} is new: {seen:n} lines in the last {window_days:count day}, none before",
        "pl": "Nowość: {what}; {seen:n} wierszy w ostatnich {window_days:n} dniach, wcześniej "
        "żadnego",
    },
    "value": {
        "en": "{what} {change:+share}: {seen:n} lines in the last {window_days:count day}, "
        "{expected:n} expected from {past}",
        "pl": "{what} {change:+share}: {seen:n} wierszy w ostatnich {window_days:n} dniach, "
        "spodziewane {expected:n} ({past})",
    },
    "feature": {
        "en": "The feature {name} moved by {moved:+n2} standard deviations more than ever between "
        "two cutoffs",
        "pl": "Cecha {name} przesunęła się o {moved:+n2} odchylenia standardowego bardziej niż "
        "kiedykolwiek między dwoma dniami oceny",
    },
    "missing": {
        "en": "The feature {name} is missing for {seen:share} of the customers, {expected:share} "
        "expected",
        "pl": "Cechy {name} brakuje u {seen:share} klientów, spodziewane {expected:share}",
    },
    "scores": {
        "en": "The log-odds of a return moved by {moved:+n2}, more than ever between two cutoffs",
        "pl": "Logarytm stosunku powracających do niewracających przesunął się o {moved:+n2}, "
        "bardziej niż kiedykolwiek między dwoma dniami oceny",
    },
    # what a value is of
    "of_column": {"en": "{name} '{value}'", "pl": "{name} „{value}”"},
    "of_order_ids": {
        "en": "Order ids that begin with '{value}'",
        "pl": "numery zamówień na „{value}”",
    },
    "of_product_ids": {
        "en": "Product ids that begin with '{value}'",
        "pl": "kody produktów na „{value}”",
    },
    "of_signals": {"en": "The signal '{value}'", "pl": "zdarzenie „{value}”"},
    "of_attributes": {"en": "Attribute {name} '{value}'", "pl": "atrybut {name} „{value}”"},
    # the past that foretells
    "past_season": {
        "en": "the same season of earlier years",
        "pl": "według tej samej pory roku w poprzednich latach",
    },
    "past_weeks": {"en": "the weeks before", "pl": "według poprzednich tygodni"},
    "since": {"en": "since about {since:short_day}", "pl": "od około {since:short_day}"},
    # what to look at
    "look_silent": {
        "en": "Look at whether the export ends there or the shop was closed.",
        "pl": "Sprawdź, czy eksport się tu nie urywa i czy sklep nie był zamknięty.",
    },
    "look_lines": {
        "en": "Look at whether a file, a channel or some days are missing in the export.",
        "pl": "Sprawdź, czy w eksporcie nie brakuje pliku, kanału albo kilku dni.",
    },
    "look_more": {
        "en": "Look at whether lines were exported twice, or something else was added to them.",
        "pl": "Sprawdź, czy wiersze nie trafiły do eksportu dwa razy i czy nie doszło coś innego.",
    },
    "look_amounts": {
        "en": "Look at the unit and the currency of the amounts, and at ingest.minor_units.",
        "pl": "Sprawdź jednostkę i walutę kwot oraz ingest.minor_units.",
    },
    "look_quantities": {
        "en": "Look at what the quantity counts: pieces, packs or kilograms.",
        "pl": "Sprawdź, co liczy kolumna ilości: sztuki, opakowania czy kilogramy.",
    },
    "look_refunds": {
        "en": "Look at whether refunds are exported as before, and at what is sent back.",
        "pl": "Sprawdź, czy zwroty trafiają do eksportu jak dotąd i co wraca od klientów.",
    },
    "look_late": {
        "en": "Look at when the export is made and which system it waits for.",
        "pl": "Sprawdź, kiedy powstaje eksport i na który system czeka.",
    },
    "look_value": {
        "en": "Look at whether it was renamed, closed, or left out of the export.",
        "pl": "Sprawdź, czy nie zmieniono nazwy, nie zamknięto tego i nie pominięto w eksporcie.",
    },
    "look_new": {
        "en": "Look at whether it was opened on purpose, or is another's data or a new name.",
        "pl": "Sprawdź, czy to celowa nowość, cudze dane czy tylko nowa nazwa.",
    },
    "look_feature": {
        "en": "Look at the orders or signals that it is made from before you trust the scores.",
        "pl": "Zanim zaufasz ocenom, sprawdź zamówienia albo zdarzenia, z których powstaje.",
    },
    # the run as a whole
    "as_ever": {
        "en": "All as ever up to {until:short_day}: {n:n} things looked at, held against {past}.",
        "pl": "Do {until:short_day} wszystko jak zwykle {past}; liczba sprawdzonych rzeczy: {n:n}.",
    },
    "alarmed": {
        "en": "{alarms:n} of {n:n} things looked at are not as ever, up to {until:short_day}:",
        "pl": "Odbiega od normy {alarms:n} z {n:n} sprawdzonych rzeczy, do {until:short_day}:",
    },
    "unwatched": {
        "en": "Nothing can be said of the days up to {until:short_day}.",
        "pl": "O dniach do {until:short_day} nie da się nic powiedzieć.",
    },
    # notes
    "too_young": {
        "en": "there are {days:count day} of orders; {least:n} are needed before anything is usual",
        "pl": "zamówienia są z {days:n} dni; żeby coś było zwykłe, trzeba ich {least:n}",
    },
    "no_season": {
        "en": "with {days:count day} of orders no season has come twice: the newest weeks are held "
        "against the weeks before, and a season's rise may alarm",
        "pl": "przy {days:n} dniach zamówień żadna pora roku się nie powtórzyła: najnowsze "
        "tygodnie porównano z poprzednimi, a sezonowy wzrost może wywołać alarm",
    },
    "no_columns": {
        "en": "no column of the export tells channels or categories apart, so one that goes "
        "missing is seen by the volume alone; name such columns in ingest.watch_columns",
        "pl": "żadna kolumna eksportu nie odróżnia kanałów ani kategorii, więc ich brak widać "
        "tylko po liczbie wierszy; takie kolumny wskaż w ingest.watch_columns",
    },
}
_LOOK = {
    "silent": "look_silent", "lines": "look_lines", "purchases": "look_lines",
    "lines_per_purchase": "look_lines", "amounts": "look_amounts",
    "quantities": "look_quantities", "refunds": "look_refunds", "late": "look_late",
    "lateness": "look_late", "gone": "look_value", "value": "look_value", "new": "look_new",
    "feature": "look_feature", "missing": "look_feature", "scores": "look_feature",
}  # fmt: skip


def alarm(found: Alarm, words: Words) -> str:
    """What is not as ever, since when, by how much, and what to look at."""
    past = words.fill(TEXTS[f"past_{found.against}"], {})
    change = None if found.times is None else found.times - 1
    ten, name = found.power_of_ten, str(found.what)
    if ten and name == "amounts":
        name = "amounts_larger" if ten > 0 else "amounts_smaller"
    values = dict(found) | {
        "past": past,
        "change": change,
        "moved": found.seen - found.expected,
        "factor": 10.0 ** abs(ten or 0),
        "what": words.fill(TEXTS[f"of_{found.of}"], dict(found)) if found.of else "",
    }
    told = words.fill(TEXTS[name], values)
    if found.what not in ("silent", "new"):
        told += ", " + words.fill(TEXTS["since"], values)
    look = _LOOK[found.what]
    if look == "look_lines" and found.direction == "more":
        look = "look_more"
    return f"{told[:1].upper()}{told[1:]}. {words.fill(TEXTS[look], {})}"


def lines(found: Watched, words: Words) -> Iterator[str]:
    """The whole watch, an alarm a line."""
    past = "" if found.against == "nothing" else words.fill(TEXTS[f"past_{found.against}"], {})
    name = "alarmed" if found.alarms else "as_ever" if past else "unwatched"
    n = sum(found.looked_at.values())
    values = {"until": found.until, "n": n, "alarms": len(found.alarms), "past": past}
    yield words.fill(TEXTS[name], values)
    for one in found.alarms:
        yield f"- {alarm(one, words)}"
