"""Whether a history is enough to learn from and to be judged on, said before any training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from winback.learning.fit import history_is_thin
from winback.learning.habits import fit_mbgnbd, repeats_and_ages
from winback.learning.season import expit, logit

if TYPE_CHECKING:
    import pandas as pd

# With so many of either outcome an AUC of .75 is known to .04 (Hanley and McNeil 1982).
_LEAST_OF_EITHER = 250
# A share of fewer customers is mostly chance.
_LEAST_CUSTOMERS = 20
# Three standard errors and a quarter of the odds: real, and large enough to matter.
_BEYOND_NOISE, _ODDS_RATIO = 3.0, 1.25
_YEAR_DAYS = 365


def judge_evidence(
    rows: pd.DataFrame, customers: pd.DataFrame, *, horizon_days: int
) -> dict[str, Any]:
    """Say whether the history is ``enough``, ``thin`` or ``unproven`` for a horizon.

    A JSON-able dictionary. ``unproven``: no window has closed, so nothing can be learned or
    tested. ``thin``: something can, but not well; ``concerns`` says what is missing and what
    to do about it, in both languages. A concern that does not lower the level (the history
    shows no full year, or the share of returning customers has moved) stands there too.

    ``returned`` and ``stayed_away`` count customers over the windows that do not overlap,
    newest first. ``drift`` compares the share that returned in the newest of them with the
    share to be expected from customers' habits (MBG/NBD) and from how the windows before came
    out against theirs: without habits, a growing heap of the long gone would always look like
    decline. None where there is nothing to compare.

    Args:
        rows: snapshot columns and outcomes of the closed cutoffs; may be empty.
        customers: snapshots of the customers to be scored.
        horizon_days: the horizon of the outcomes.
    """
    separate = _separate_windows(rows, horizon_days)
    counted = rows[rows["cutoff"].isin(separate)]
    returned = int(counted["returned"].sum())
    found: dict[str, Any] = {
        "horizon_days": horizon_days,
        "history_days": int(customers["days_since_first_order"].max()),
        "customers": len(customers),
        "repeat_customers": int((customers["order_days_total"] > 1).sum()),
        "closed_windows": int(rows["cutoff"].nunique()),
        "separate_windows": len(separate),
        "returned": returned,
        "stayed_away": len(counted) - returned,
        "drift": _drift(counted, separate, customers, horizon_days),
    }
    codes = list(_concerns(found, rows, customers))
    level = "unproven" if "no_window" in codes else "thin" if _LOWERING & set(codes) else "enough"
    return {
        "level": level,
        **found,
        "sentence": {
            language: words[level]
            + ": "
            + words["facts" if separate else "no_window"].format(**_written(found, language))
            for language, words in _LEVELS_IN_WORDS.items()
        },
        "concerns": [
            {"code": code}
            | {
                language: text.format(**_written(found, language))
                for language, text in _CONCERNS[code].items()
            }
            for code in codes
        ],
    }


def _separate_windows(rows: pd.DataFrame, horizon_days: int) -> list[pd.Timestamp]:
    """Cutoffs whose windows do not overlap, newest first."""
    chosen: list[pd.Timestamp] = []
    for cutoff in sorted(rows["cutoff"].unique(), reverse=True):
        if not chosen or (chosen[-1] - cutoff).days >= horizon_days:
            chosen.append(cutoff)
    return chosen


def _drift(
    counted: pd.DataFrame, separate: list[pd.Timestamp], customers: pd.DataFrame, horizon_days: int
) -> dict[str, Any] | None:
    newest = (counted["cutoff"] == separate[0]).to_numpy() if separate else np.zeros(0, bool)
    came = counted["returned"].to_numpy(bool)
    n_new, n_old = int(newest.sum()), int((~newest).sum())
    if min(n_new, n_old, came.sum(), (~came).sum()) < _LEAST_CUSTOMERS:
        return None
    habit = fit_mbgnbd(*repeats_and_ages(customers))
    if habit is None:
        return None
    chance = habit.probability_of_return(*repeats_and_ages(counted), horizon_days)
    new, old = came[newest].mean(), came[~newest].mean()
    missed = logit(old) - logit(chance[~newest].mean())
    expected = float(expit(logit(chance[newest].mean()) + missed))
    noise = np.sqrt(expected * (1 - expected) * (1 / n_new + 1 / n_old))
    real = abs(new - expected) > _BEYOND_NOISE * noise
    large = abs(logit(new) - logit(expected)) > np.log(_ODDS_RATIO)
    return {
        "newest_share": round(float(new), 4),
        "expected_share": round(expected, 4),
        "beyond_noise": bool(real and large),
    }


def _concerns(found: Mapping[str, Any], rows: pd.DataFrame, customers: pd.DataFrame) -> list[str]:
    if not found["closed_windows"]:
        return ["no_window"]
    codes = []
    if min(found["returned"], found["stayed_away"]) < _LEAST_OF_EITHER:
        codes.append("few_outcomes")
    if history_is_thin(rows, customers):
        codes.append("short_past")
    if found["separate_windows"] < 2:
        codes.append("one_window")
    if found["drift"] and found["drift"]["beyond_noise"]:
        codes.append("drift")
    if found["history_days"] < _YEAR_DAYS + found["horizon_days"]:
        codes.append("no_year")
    return codes


def _written(found: Mapping[str, Any], language: str) -> dict[str, str]:
    def number(value: int) -> str:
        text = f"{value:,}"
        return text.replace(",", "\N{NO-BREAK SPACE}") if language == "pl" else text

    values = {name: number(value) for name, value in found.items() if isinstance(value, int)}
    for name, noun in (
        ("history_days", "day"), ("customers", "customer"), ("closed_windows", "closed window"),
        ("horizon_days", "day"),
    ):  # fmt: skip
        # Polish says these numbers behind a colon, where no ending depends on them.
        values[f"{name}_en"] = f"{values[name]} {noun}{'' if found[name] == 1 else 's'}"
    for name, value in (found["drift"] or {}).items():
        if isinstance(value, float):
            values[name] = f"{100 * value:.0f}%"
    values["least"] = number(_LEAST_OF_EITHER)
    values["needed_days"] = number(2 * int(found["horizon_days"]))
    return values


_LOWERING = {"few_outcomes", "short_past", "one_window"}

_LEVELS_IN_WORDS = {
    "en": {
        "enough": "Enough data",
        "thin": "Little data",
        "unproven": "Too little data to predict",
        "facts": "{history_days_en} of history, {customers_en} ({repeat_customers} with a second "
        "day of shopping), {closed_windows_en} of {horizon_days_en}, in which {returned} came back "
        "and {stayed_away} did not, counted where windows do not overlap.",
        "no_window": "{history_days_en} of history, {customers_en} ({repeat_customers} with a "
        "second day of shopping), and no closed window of {horizon_days_en}.",
    },
    "pl": {
        "enough": "Danych wystarcza",
        "thin": "Mało danych",
        "unproven": "Za mało danych na prognozę",
        "facts": "dni historii: {history_days}, klienci: {customers} (z drugim dniem zakupów: "
        "{repeat_customers}), zamknięte okna po {horizon_days} dni: {closed_windows}; w oknach, "
        "które się nie nakładają, wróciło {returned}, nie wróciło {stayed_away}.",
        "no_window": "dni historii: {history_days}, klienci: {customers} (z drugim dniem zakupów: "
        "{repeat_customers}), żadnego zamkniętego okna (dni: {horizon_days}).",
    },
}

_CONCERNS = {
    "no_window": {
        "en": "No window of {horizon_days_en} has closed after somebody's first purchase, so no "
        "forecast can be learned or tested. Choose a shorter horizon, or come back when the "
        "history is {needed_days} days long.",
        "pl": "Żadne okno tej długości ({horizon_days} dni) od czyjegoś pierwszego zakupu jeszcze "
        "się nie zamknęło, więc prognozy nie da się nauczyć ani sprawdzić. Wybierz krótszy "
        "horyzont albo wróć, gdy historia będzie miała {needed_days} dni.",
    },
    "few_outcomes": {
        "en": "With fewer than {least} who came back, or who did not, chances are rough and their "
        "test is rougher. Use the order of the list rather than the percentages; a longer history "
        "or another horizon helps.",
        "pl": "Gdy wróciło albo nie wróciło mniej niż {least} klientów, szanse są zgrubne, a ich "
        "sprawdzian tym bardziej. Ufaj raczej kolejności na liście niż procentom; pomoże dłuższa "
        "historia albo inny horyzont.",
    },
    "short_past": {
        "en": "The closed windows saw too little past to teach anything about customers as old as "
        "today's: chances come from each customer's own rhythm and, where enough happened, from "
        "the first days of newer windows. A shorter horizon leaves more past to learn from.",
        "pl": "Zamknięte okna widziały za mało przeszłości, żeby uczyć o klientach o dzisiejszym "
        "stażu: szanse wynikają z własnego rytmu klienta, a gdy dość się działo, także z "
        "pierwszych dni nowszych okien. Krótszy horyzont zostawia więcej przeszłości.",
    },
    "one_window": {
        "en": "No two windows lie side by side, so that no forecast of a whole window is tested on "
        "later days: at most one of its first days is. Test the list with a control group.",
        "pl": "Nie ma dwóch osobnych okien, więc na późniejszych dniach nie da się sprawdzić "
        "prognozy całego okna, najwyżej jego pierwszych dni. Sprawdź listę z grupą kontrolną.",
    },
    "drift": {
        "en": "Returns have moved beyond chance: in the newest window {newest_share} came back, "
        "where habits and earlier windows would have had {expected_share}. Look for what changed "
        "(a season, prices, another kind of customer, orders missing from the export); the "
        "forecast takes over what seems to last and, once the history holds the same weeks of an "
        "earlier year, their season.",
        "pl": "Powroty zmieniły się bardziej, niż tłumaczy przypadek: w najnowszym oknie wróciło "
        "{newest_share}, a nawyki i wcześniejsze okna wskazywałyby {expected_share}. Sprawdź, co "
        "się zmieniło (sezon, ceny, inni klienci, zamówienia brakujące w eksporcie); prognoza "
        "przejmuje to, co wygląda na trwałe, a gdy historia zna te same tygodnie wcześniejszego "
        "roku, także ich sezon.",
    },
    "no_year": {
        "en": "The history does not show the same season twice, so a Christmas or a summer cannot "
        "be foreseen. Read forecasts across a season with care.",
        "pl": "Historia nie pokazuje tej samej pory roku dwa razy, więc świąt ani lata nie da się "
        "przewidzieć. Ostrożnie z prognozą na przełomie sezonów.",
    },
}
