"""What is being done, on stderr, for the person who waits."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from winback.errors import UsageError
from winback.results.base import Result, Value, fact

if TYPE_CHECKING:
    from winback.said.words import Language, Words


@dataclass
class State:
    """What stands before the verb, and the language the rest is told in."""

    debug: bool = False
    quiet: bool = False
    language: Language = "en"


STATE = State()


class Progress:
    """Says on stderr which stage runs, what it finds, and how long each took."""

    def __init__(self) -> None:
        self._words = words_of()
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

    def say(self, found: Result) -> None:
        """Something was found, or is being done."""
        from winback.said.spoken import tell

        message = covered(tell(found, self._words))
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


def speak(language: str) -> None:
    """From here on the terminal speaks this language.

    Raises:
        UsageError: nobody has written texts in it.
    """
    from winback.said.words import LANGUAGES

    known = next((each for each in LANGUAGES if each == language), None)
    if known is None:
        raise UsageError("cli.language", language=language)
    STATE.language = known


def words_of(currency: str = "") -> Words:
    """Words of the terminal's language."""
    from winback.said.words import Words

    return Words(STATE.language, currency)


def say_aloud(*lines: str) -> None:
    """Print what a verb has to say, in lines that can be searched and copied."""
    for line in lines:
        print(plain(line))


def say_fact(code: str, currency: str = "", /, **values: Value) -> None:
    """Print one line of `winback.said.terminal`."""
    from winback.said.spoken import tell

    say_aloud(tell(fact(f"terminal.{code}", **values), words_of(currency)))


def plain(text: str) -> str:
    """Text with ordinary blanks, as a terminal's search finds it."""
    return text.replace("\u00a0", " ")


def covered(text: str) -> str:
    """The same with e-mail addresses covered, which an id or the name of a file may be."""
    from winback.crm.cells import without_addresses

    return without_addresses(plain(text))
