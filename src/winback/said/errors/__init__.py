"""Errors in words: one file per topic, whose texts are found by the error's code."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from winback.errors import WinbackError
from winback.said.telling import in_words
from winback.said.words import Words


def sentence(code: str, values: Mapping[str, Any], language: str = "en") -> str:
    """The one line of an error; ``code`` is ``topic.name`` of `winback.said.errors.<topic>`."""
    topic, _, name = code.partition(".")
    if not name or " " in code:
        return code  # a sentence already
    texts = import_module(f"winback.said.errors.{topic}").TEXTS
    # Of an error of pydantic that nobody has words for, `other` says what it said.
    text = texts[name] if name in texts or "other" not in texts else texts["other"]
    words = Words(language)  # type: ignore[arg-type]
    told = {key: _in_words(value, language) for key, value in values.items()}
    return words.fill(text, in_words(told, words))


def _in_words(value: object, language: str) -> object:
    """A value in words where it is an error itself, or several."""
    if isinstance(value, WinbackError):
        return value.sentence(language)
    if isinstance(value, tuple) and any(isinstance(part, WinbackError) for part in value):
        return "; ".join(str(_in_words(part, language)) for part in value)
    return value
