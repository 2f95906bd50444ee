"""The gate's ruling in words: who scores, and why."""

from __future__ import annotations

from winback.results.gated import Gated
from winback.said.words import Texts, Words

TEXTS: Texts = {
    "unreadable": {
        "en": "the champion's file ({version}) cannot read today's snapshots, so the model just "
        "trained scores without having proved itself; seal its list, or name another: winback "
        "champion",
        "pl": "plik dotychczasowego modelu ({version}) nie pasuje do dzisiejszych migawek, więc "
        "liczy nowy model, choć się jeszcze nie sprawdził; zatwierdź jego listę albo wskaż inny: "
        "winback champion",
    },
}

_RULINGS: Texts = {
    "promoted": {
        "en": "The model just trained scores: {reasons}",
        "pl": "Szanse liczy nowy model: {reasons}",
    },
    "kept": {
        "en": "The model just trained does not score; the champion's recipe ({champion}) scores "
        "on: {reasons}",
        "pl": "Szans nie liczy nowy model, tylko dotychczasowy ({champion}): {reasons}",
    },
}

_REASONS: Texts = {
    "first": {
        "en": "no list has left with another yet",
        "pl": "żadna lista nie wyszła jeszcze z innym",
    },
    "other_horizon": {
        "en": "the champion's chances are for another horizon",
        "pl": "szanse dotychczasowego modelu dotyczą innego horyzontu",
    },
    "unchanged": {"en": "it is the champion itself", "pl": "to ten sam model co dotychczas"},
    "same_lessons": {
        "en": "the same recipe with newer data, which taught it no other window at the cutoffs "
        "tested",
        "pl": "te same ustawienia i nowsze dane, które w sprawdzianie niczego nie zmieniły",
    },
    "same_forecasts": {
        "en": "the code has changed, its forecasts have not",
        "pl": "zmienił się kod, ale nie prognozy",
    },
    "no_harm_shown": {
        "en": "the same recipe with newer data, and no harm is shown",
        "pl": "te same ustawienia i nowsze dane; nie widać, żeby szkodziły",
    },
    "gain_shown": {
        "en": "what has changed gains {gain:n4} of log loss ({low:n4} to {high:n4})",
        "pl": "zmiana poprawia log loss o {gain:n4} (od {low:n4} do {high:n4})",
    },
    "no_gain_shown": {
        "en": "what has changed ({changed}) does not surely gain enough to matter: {gain:n4} of "
        "log loss ({low:n4} to {high:n4})",
        "pl": "zmiana ({changed}) nie daje pewnej poprawy, która miałaby znaczenie: zysk na "
        "log loss to {gain:n4} (od {low:n4} do {high:n4})",
    },
    "harm_overall": {
        "en": "it forecasts worse: a log loss of {log_loss:n4} against {log_loss_champion:n4}",
        "pl": "nowy prognozuje gorzej: log loss {log_loss:n4} wobec {log_loss_champion:n4}",
    },
    "harm_in_segment": {
        "en": "it forecasts worse in segments: {harmed}",
        "pl": "nowy prognozuje gorzej w segmentach: {harmed}",
    },
    "slope_off": {
        "en": "its chances are off: a calibration slope of {slope:n2}, where 1 is right",
        "pl": "jego szanse są źle skalibrowane: nachylenie {slope:n2}, a powinno być 1",
    },
    "too_few": {
        "en": "there are too few customers to tell whether the change ({changed}) gains anything",
        "pl": "klientów jest za mało, żeby ocenić, czy zmiana ({changed}) coś poprawia",
    },
    "nothing_to_show": {
        "en": "nothing shows yet whether the change ({changed}) gains anything",
        "pl": "nie ma jeszcze na czym sprawdzić, czy zmiana ({changed}) coś poprawia",
    },
    "named": {
        "en": "somebody named the champion: winback champion",
        "pl": "ktoś wskazał model: winback champion",
    },
    "unreadable": {
        "en": "the champion's file cannot read today's snapshots",
        "pl": "plik dotychczasowego modelu nie pasuje do dzisiejszych migawek",
    },
}


def ruling(gated: Gated, words: Words) -> str:
    """Who scores and why, in one sentence."""
    reasons = "; ".join(words.fill(_REASONS[name], _values(gated, words)) for name in gated.reasons)
    values = {"reasons": reasons, "champion": gated.champion}
    return words.fill(_RULINGS[gated.decision], values) + "."


def _values(gated: Gated, words: Words) -> dict[str, str | float | None]:
    found = gated.compared
    gain = found.gain if found else None
    harmed = [each for each in found.segments[1:] if each.harmed] if found else []
    slope = found.calibration_slope if found else None
    return {
        "gain": gain.value if gain else None,
        "low": gain.low if gain else None,
        "high": gain.high if gain else None,
        "changed": ", ".join(gated.changed),
        "log_loss": found.log_loss if found else None,
        "log_loss_champion": found.log_loss_champion if found else None,
        "harmed": ", ".join(words.term("segment", each.segment) for each in harmed),
        "slope": slope.value if slope else None,
    }
