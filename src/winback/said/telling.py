"""A fact in words: its sentence is found by topic and name."""

from __future__ import annotations

from winback.results.base import Fact
from winback.said import intake, measured, offers, progress, terminal
from winback.said.words import Texts, Words

_TOPICS: dict[str, Texts] = {
    "intake": intake.TEXTS,
    "measured": measured.TEXTS,
    "offers": offers.TEXTS,
    "progress": progress.TEXTS,
    "terminal": terminal.TEXTS,
}


def tell(fact: Fact, words: Words) -> str:
    """The sentence of a fact, without a full stop where it is a part of one.

    Raises KeyError where nobody wrote a sentence: a page never shows a code.
    """
    topic, _, name = fact.code.partition(".")
    values = {
        key: tell(value, words)
        if isinstance(value, Fact)
        else tuple(tell(part, words) if isinstance(part, Fact) else part for part in value)
        if isinstance(value, tuple)
        else value
        for key, value in fact.values.items()
    }
    return words.fill(_TOPICS[topic][name], values)
