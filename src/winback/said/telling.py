"""A fact in words: its sentence is found by topic and name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from winback.results.base import Fact
from winback.said import intake, offers, progress, terminal
from winback.said.words import Texts, Words

_TOPICS: dict[str, Texts] = {
    "intake": intake.TEXTS,
    "offers": offers.TEXTS,
    "progress": progress.TEXTS,
    "terminal": terminal.TEXTS,
}


def tell(fact: Fact, words: Words) -> str:
    """The sentence of a fact, without a full stop where it is a part of one.

    Raises KeyError where nobody wrote a sentence: a page never shows a code.
    """
    topic, _, name = fact.code.partition(".")
    return words.fill(_TOPICS[topic][name], told(fact.values, words))


def told(values: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Values of a fact or an error, those that are facts in words."""

    def each(value: Any) -> Any:
        return tell(value, words) if isinstance(value, Fact) else value

    return {
        key: tuple(map(each, value)) if isinstance(value, tuple) else each(value)
        for key, value in values.items()
    }
