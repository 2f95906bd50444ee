"""What the intake understood and doubts, in words for tests: plain blanks, one line a fact."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from winback.results.base import Fact
from winback.said.spoken import tell
from winback.said.words import NBSP, Language, Words


def in_words(facts: Iterable[Fact], language: Language = "en") -> list[str]:
    """The sentences of facts."""
    return [tell(fact, Words(language)).replace(NBSP, " ") for fact in facts]


def told(found: Any, language: Language = "en") -> list[str]:
    """Sentences on what was understood, then on what is in doubt, of a summary or a side table."""
    return in_words((*found.understood, *found.doubts), language)
