"""What is being done, on stderr, for the person who waits."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from winback.errors import UsageError
from winback.formulas import without_commands

if TYPE_CHECKING:
    from winback.results.base import Result, Value
    from winback.said.words import Language, Words


@dataclass
class State:
    """What stands before the verb, and the language the rest is told in."""

    debug: bool = False
    quiet: bool = False
    language: Language = "en"


STATE = State()


class Progress:
    """Says on stderr which stage runs, what it finds, how long each took, and what is left.

    A terminal gets a bar, which is gone at the end; a log gets lines. ``--quiet`` says nothing.

    Args:
        steps: of a walk of several stages how long each takes beside the others; else the bar
            goes by what the stage itself counts, or shows that something is being done.
    """

    def __init__(self, steps: Mapping[str, float] | None = None) -> None:
        self._words = words_of()
        self._name: str | None = None
        self._began = self._first = time.perf_counter()
        self._steps = dict(steps or {})
        self._whole = sum(self._steps.values())
        self._done = self._now = 0.0
        self._bar: Bar | None = None

    def begin(self, name: str) -> None:
        """A stage begins; the one before has ended."""
        self._end()
        self._name, self._began = self._words.term("stage", name), time.perf_counter()
        self._now = self._steps.get(name, 0.0)
        if not STATE.quiet and is_live():
            self._bar = Bar(self._name)
            self._show(None)

    def say(self, found: Result) -> None:
        """Something was found, or is being done."""
        from winback.said.spoken import tell

        message = covered(tell(found, self._words))
        if self._bar is not None:
            self._show(_part_of(found), message)
        elif not STATE.quiet:
            print(f"  {message}", file=sys.stderr)

    def _show(self, part: float | None, message: str = "") -> None:
        """Move the bar: to a part of this stage, or of the whole walk."""
        assert self._bar is not None
        done, since = part, self._began
        if self._whole:
            done, since = (self._done + self._now * (part or 0.0)) / self._whole, self._first
        now = time.perf_counter()
        ends = None
        # Of less nothing can be told.
        if done is not None and done >= 0.03 and now - since >= 1:
            ends = now + (now - since) * (1 - done) / done
        self._bar.show(done, message, lambda: self._left(ends))

    def _left(self, ends: float | None) -> str:
        """How long it still takes, by the clock; nothing once the guess has passed."""
        seconds = 0.0 if ends is None else ends - time.perf_counter()
        if seconds < 1:
            return ""
        from winback.results.base import fact
        from winback.said.spoken import tell

        code, of = ("left_seconds", 1) if seconds < 90 else ("left_minutes", 60)
        return tell(fact(f"progress.{code}", n=seconds / of), self._words)

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        if self._name and not STATE.quiet:
            took = self._words.number(time.perf_counter() - self._began, 1)
            print(f"{self._name:<9}{took:>6} s", file=sys.stderr)
        self._name = None
        self._done, self._now = self._done + self._now, 0.0

    def finish(self) -> None:
        """The last stage has ended."""
        self._end()


class Bar:
    """One line on a terminal that is written over; nothing in it is taken for markup."""

    def __init__(self, name: str) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            ProgressColumn,
            SpinnerColumn,
            Task,
            TaskProgressColumn,
            TextColumn,
        )
        from rich.progress import Progress as Line
        from rich.text import Text

        class Left(ProgressColumn):
            def render(self, task: Task) -> Text:
                return Text(task.fields["left"]())

        self._name = name
        # NO_COLOR and TERM are rich's own to obey.
        self._line = Line(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TaskProgressColumn(),
            Left(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._line.add_task(name, total=None, left=str)
        self._line.start()

    def show(self, done: float | None, message: str, left: Callable[[], str]) -> None:
        """The part that is done, where it is known, what is being done, and what is left."""
        told = f"{self._name} · {_shortened(message)}" if message else self._name
        self._line.update(
            self._task, description=told, total=None if done is None else 1.0,
            completed=done or 0.0, left=left,
        )  # fmt: skip

    def stop(self) -> None:
        """Take the line away."""
        self._line.stop()


def is_live() -> bool:
    """Whether stderr is a terminal that can write over a line."""
    return sys.stderr.isatty() and os.environ.get("TERM", "") not in ("dumb", "unknown")


_LONGEST = 60


def _shortened(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _part_of(found: Result) -> float | None:
    """How much is done by a fact that counts it; None of another."""
    values = getattr(found, "values", {})
    done, whole = values.get("done"), values.get("total", values.get("of"))
    if not isinstance(done, int | float) or not isinstance(whole, int | float) or whole <= 0:
        return None
    return min(max(done / whole, 0.0), 1.0)


@contextmanager
def progress(steps: Mapping[str, float] | None = None) -> Iterator[Progress]:
    """Progress of one verb; ``steps`` as `Progress` has them."""
    told = Progress(steps)
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
    from winback.results.base import fact
    from winback.said.spoken import tell

    say_aloud(tell(fact(f"terminal.{code}", **values), words_of(currency)))


def plain(text: str) -> str:
    """Text with ordinary blanks, as a terminal's search finds it, and no command to a terminal."""
    return without_commands(text.replace("\u00a0", " "))


def covered(text: str) -> str:
    """The same with e-mail addresses covered, which an id or the name of a file may be."""
    from winback.crm.cells import without_addresses

    return without_addresses(plain(text))
