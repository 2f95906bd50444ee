"""What is being done, on stderr, for the person who waits."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass
class State:
    """What stands before the verb, and the language the rest is told in."""

    debug: bool = False
    quiet: bool = False
    language: str = "en"


STATE = State()


class Progress:
    """Says on stderr which stage runs, what it finds, and how long each took."""

    def __init__(self) -> None:
        from winback.said.words import Words

        self._words = Words(STATE.language)  # type: ignore[arg-type]
        self._name: str | None = None
        self._began = self._first = time.perf_counter()
        self._live: Any = None

    def begin(self, name: str) -> None:
        """A stage begins; the one before has ended."""
        self._end()
        self._name, self._began = self._words.term("stage", name), time.perf_counter()
        if not STATE.quiet and sys.stderr.isatty():
            from rich.console import Console

            self._live = Console(stderr=True).status(f"{self._name} …")
            self._live.start()

    def say(self, found: Any) -> None:
        """Something was found, or is being done."""
        from winback.said.spoken import tell

        message = found if isinstance(found, str) else tell(found, self._words)
        if self._live is not None:
            self._live.update(f"{self._name} … {message}")
        elif not STATE.quiet:
            print(f"  {message}", file=sys.stderr)

    def _end(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
        if self._name and not STATE.quiet:
            took = self._words.number(time.perf_counter() - self._began, 1)
            print(f"{self._name:<9}{took:>6} s", file=sys.stderr)
        self._name = None

    def finish(self) -> None:
        """The last stage has ended."""
        self._end()


@contextmanager
def progress() -> Iterator[Progress]:
    """Progress of one verb."""
    told = Progress()
    try:
        yield told
    finally:
        told.finish()


def speak(language: str | None) -> None:
    """From here on the terminal speaks this language."""
    if language is not None:
        from winback.said.words import Words

        Words(language)  # type: ignore[arg-type] # refuses what nobody wrote texts for
        STATE.language = language
