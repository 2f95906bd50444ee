"""Errors in words: one file per topic, whose texts are found by the error's code."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from winback.said.telling import told
from winback.said.words import Words


def sentence(code: str, values: Mapping[str, Any], language: str = "en") -> str:
    """The one line of an error; ``code`` is ``topic.name`` of `winback.said.errors.<topic>`."""
    topic, _, name = code.partition(".")
    if not name or " " in code:
        return code  # a sentence already
    texts = import_module(f"winback.said.errors.{topic}").TEXTS
    words = Words(language)  # type: ignore[arg-type]
    return words.fill(texts[name], told(values, words))
