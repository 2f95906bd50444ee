"""Facts on the terminal and in notebooks: those of the results, and what is said nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winback.results.base import Result
from winback.results.churned import Churned
from winback.results.effects import Learned
from winback.results.graded import Record
from winback.results.tried import Tried
from winback.said import (
    answered,
    churned,
    due,
    effects,
    forgetting,
    graded,
    progress,
    pushed,
    telling,
    terminal,
)
from winback.said.words import Words

_TOPICS = {
    **telling.TOPICS,
    "answered": answered.TEXTS,
    "due": due.TEXTS,
    "forget": forgetting.TEXTS,
    "progress": progress.TEXTS,
    "pushed": pushed.TEXTS,
    "terminal": terminal.TEXTS,
}

_RESULTS: dict[type[Result], Callable[[Any, Words], str]] = {
    Churned: churned.recommendation,
    Learned: effects.headline,
    Record: graded.record,
    Tried: answered.tried,
}


def tell(told: Result, words: Words) -> str:
    """The sentence of a fact or a result, as `winback.said.telling.tell` gives it."""
    of_its_own = _RESULTS.get(type(told))
    return of_its_own(told, words) if of_its_own else telling.tell(told, words, _TOPICS)


def is_told(told: Result) -> bool:
    """Whether it has words of its own."""
    return type(told) in _RESULTS or telling.is_told(told)
