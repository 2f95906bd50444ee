"""Facts on the terminal: those of the results, and what is said nowhere else."""

from __future__ import annotations

from winback.results.base import Result
from winback.said import due, forgetting, progress, pushed, telling, terminal
from winback.said.words import Words

_TOPICS = {
    **telling.TOPICS,
    "due": due.TEXTS,
    "forget": forgetting.TEXTS,
    "progress": progress.TEXTS,
    "pushed": pushed.TEXTS,
    "terminal": terminal.TEXTS,
}


def tell(told: Result, words: Words) -> str:
    """The sentence of a fact or a result, as `winback.said.telling.tell` gives it."""
    return telling.tell(told, words, _TOPICS)
