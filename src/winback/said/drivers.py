"""What moves the odds of a return over all customers, in words."""

from __future__ import annotations

import math

from winback.results.scored import Drivers, Importance
from winback.said.words import Texts, Words

TEXTS: Texts = {
    "drivers": {
        "en": "The odds of a return move most with: {stories}; on average over {n:count customer}.",
        "pl": "Stosunek powracających do niewracających najsilniej zmieniają: {stories}; "
        "przeciętnie, klientów: {n:n}.",
    },
    "no_drivers": {
        "en": "Nothing tells customers apart: all have the same chance of a return.",
        "pl": "Nic nie odróżnia klientów: wszyscy mają tę samą szansę powrotu.",
    },
}
_TOLD = 5


def story(found: Importance, words: Words) -> str:
    """What a story is called: a declared one by its label."""
    return found.label[words.language] if found.label else words.term("story", found.story)


def factor(log_odds: float, words: Words) -> str:
    """How many times the odds: ×1.4."""
    times = math.exp(log_odds)
    # Two figures that matter: 0.08, 0.45, 1.2, 13; whole ones without a decimal.
    whole = times > 0.5 and abs(times - round(times)) < 0.005
    digits = 0 if times >= 9.95 or whole else 1 if times >= 1.095 else 2
    if times < 0.01:  # 0.003, which is not 0.00
        digits = math.ceil(-math.log10(times))
    return f"×{words.number(times, digits)}"


def moved(found: Drivers, words: Words) -> str:
    """The stories that move the odds most, and how many times."""
    told = [
        f"{story(row, words)} ({factor(row.effect, words)})" for row in found.importance[:_TOLD]
    ]
    if not told:
        return words.fill(TEXTS["no_drivers"], {})
    return words.fill(TEXTS["drivers"], {"stories": ", ".join(told), "n": found.customers})
