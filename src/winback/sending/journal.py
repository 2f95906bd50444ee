"""What was sent and what came of it, written down before and after each call.

``pushes/DESTINATION/`` holds, for its owner's eyes alone:

* ``confirmed.parquet``: what the destination is known to hold (`winback.crm.confirmed`);
* while a push is under way, or was cut off: ``journal.jsonl`` and a ``plan-N.parquet`` for each
  time it was started. The plan holds who is meant by a row's number; the journal holds numbers
  alone, one JSON object a line, written through to the disk: ``sent`` before a call, ``answered``,
  ``refused`` (the batch as a whole) or ``job`` after it;
* ``names.json``: our properties that were ever set there, so that all of them can be taken back.

A row that was sent and never answered may be there or not: its content counts as unknown, so that
it is sent again, or taken back, whichever is meant by then.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, ValidationError

from winback.crm.confirmed import CONFIRMED, read_confirmed, write_confirmed
from winback.errors import WinbackError
from winback.files import replacing, write_text
from winback.sending.adapter import NOT_THERE, Answer, Change, Refusal

Outcome = Literal["done", "created", "not_there", "refused"]
OUTCOMES: tuple[Outcome, ...] = ("done", "created", "not_there")

NO_ANSWER = "no_answer"
"""Code of a row that no answer named, however often it was sent."""

UNKNOWN = ""
"""Content of a row that was sent and never answered."""

_PLAN = pa.schema(
    [
        ("row", pa.int64()),
        ("customer_id", pa.string()),
        ("by", pa.string()),
        ("key", pa.string()),
        ("content", pa.string()),
        ("campaign_id", pa.string()),
        ("clears", pa.bool_()),
    ]
)


class Line(BaseModel):
    """One line of the journal.

    Attributes:
        batch: its number in the journal; 0 in a line of a plan.
        plan: a push was started by this file, and ``of`` which list.
        sent: rows of a batch, before the call.
        answered: whether the call was; its rows are ``done``, ``created``, ``not_there`` or
            ``refused`` with code and words, and what is left waits for the ``job``.
        refused_whole: nothing of the batch was taken.
        ended: nothing more is to be heard of it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    batch: int = 0
    plan: str | None = None
    of: str | None = None
    sent: tuple[int, ...] | None = None
    answered: bool = False
    done: tuple[int, ...] = ()
    created: tuple[int, ...] = ()
    not_there: tuple[int, ...] = ()
    refused: tuple[tuple[int, str, str], ...] = ()
    job: str | None = None
    refused_whole: bool = False
    ended: bool = False


@dataclass(frozen=True)
class Held:
    """What a destination holds under one key."""

    customer_id: str
    content: str
    campaign_id: str


@dataclass(frozen=True)
class Planned:
    """One row of a plan: the change without its values, and the hash of what they are."""

    change: Change
    content: str
    campaign_id: str


@dataclass(frozen=True)
class Waiting:
    """A job whose results nobody has read: the number of its batch, and its rows in order."""

    batch: int
    job: str
    changes: tuple[Change, ...]


@dataclass
class State:
    """Where a destination stands.

    Attributes:
        held: what it holds, by key.
        given_up: rows that this push need not try again, by key and content: why not.
        counts: what this push came to so far: ``updated``, ``created``, ``cleared``,
            ``not_there``, ``refused``.
        waiting: jobs whose results are to be read.
        sent_of: campaigns of which this push had something confirmed.
        cut_off: whether a push was begun and not ended.
    """

    held: dict[str, Held]
    given_up: dict[tuple[str, str], Refusal] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    refused: dict[tuple[str, str], Refusal] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)
    sent_of: set[str] = field(default_factory=set)
    cut_off: bool = False

    def settle(self, row: Planned, outcome: Outcome, refusal: Refusal | None = None) -> None:
        """Take in what became of a row: ``done``, ``created``, ``not_there`` or ``refused``."""
        change, key = row.change, row.change.key
        if not key:
            return  # somebody who was forgotten meanwhile
        match outcome:
            case "done" | "created" if change.clears:
                self.held.pop(key, None)
                self.counts["cleared"] += 1
            case "done" | "created":
                self.held[key] = Held(change.customer_id, row.content, row.campaign_id)
                self.counts["created" if outcome == "created" else "updated"] += 1
                self.sent_of.add(row.campaign_id)
            case "not_there" if change.clears:
                # Whoever is not there holds nothing of us.
                self.held.pop(key, None)
                self.counts["cleared"] += 1
            case "not_there":
                self.held.pop(key, None)
                self.given_up[key, row.content] = Refusal(NOT_THERE)
                self.counts["not_there"] += 1
            case _:
                assert refusal is not None
                if refusal.code == NO_ANSWER:
                    self.doubt(row)
                self.given_up[key, row.content] = refusal
                self.refused[change.customer_id, key] = refusal
                self.counts["refused"] += 1

    def forget_attempts(self) -> None:
        """Another list is being sent: what was counted and given up was of the one before."""
        self.given_up.clear()
        self.refused.clear()
        self.counts.clear()

    def doubt(self, row: Planned) -> None:
        """A row was sent, and nobody knows what became of it."""
        if not row.change.key:
            return
        before = self.held.get(row.change.key)
        customer = before.customer_id if before and row.change.clears else row.change.customer_id
        self.held[row.change.key] = Held(customer, UNKNOWN, row.campaign_id)


class Journal:
    """The journal of one destination.

    Args:
        folder: ``pushes/DESTINATION``; need not be there yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "journal.jsonl"
        self.confirmed, self._names = folder / "confirmed.parquet", folder / "names.json"
        self._batch = 0
        self._rows: dict[int, Planned] = {}

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else pushes to the destination meanwhile.

        Raises:
            WinbackError: somebody does.
        """
        # Keys of people lie here; a folder above that was there before is somebody else's.
        above = self.folder.parent
        new = not above.exists()
        self.folder.mkdir(parents=True, exist_ok=True)
        for place in (above, self.folder) if new else (self.folder,):
            place.chmod(0o700)
        held = os.open(self.folder, os.O_RDONLY)
        try:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise WinbackError("sending.busy", folder=self.folder) from None
            yield
        finally:
            os.close(held)

    # --- reading -----------------------------------------------------------------------------

    def state(self) -> State:
        """Where the destination stands: what was confirmed, and what the journal says since."""
        state = State(held={})
        for customer, key, content, campaign in read_confirmed(self.confirmed).itertuples(
            index=False
        ):
            state.held[key] = Held(customer, content, campaign)
        flying: dict[int, list[int]] = {}
        jobs: dict[int, str] = {}
        of: str | None = None
        for line in self._lines():
            self._batch = max(self._batch, line.batch)
            if line.plan is not None:
                # A push is begun again only once all jobs of the one before were read.
                self._doubt(state, flying, {})
                self._rows = self._read_plan(line.plan)
                if line.of != of:
                    state.forget_attempts()
                of, state.cut_off = line.of, True
            elif line.sent is not None:
                flying[line.batch] = list(line.sent)
            elif line.answered:
                settled = set(self._take(state, line))
                flying[line.batch] = [r for r in flying.get(line.batch, []) if r not in settled]
                jobs.pop(line.batch, None)
                if line.job:
                    jobs[line.batch] = line.job
            elif line.refused_whole or line.ended:
                flying.pop(line.batch, None)
                jobs.pop(line.batch, None)
        self._doubt(state, flying, jobs)
        return state

    def _doubt(self, state: State, flying: dict[int, list[int]], jobs: dict[int, str]) -> None:
        for number, rows in flying.items():
            for row in rows:
                state.doubt(self._rows[row])
            if number in jobs:
                changes = tuple(self._rows[row].change for row in rows)
                state.waiting.append(Waiting(number, jobs[number], changes))
        flying.clear()

    def _take(self, state: State, line: Line) -> Iterator[int]:
        for outcome in OUTCOMES:
            for row in getattr(line, outcome):
                state.settle(self._rows[row], outcome)
                yield row
        for row, code, said in line.refused:
            state.settle(self._rows[row], "refused", Refusal(code, said))
            yield row

    def _lines(self) -> Iterator[Line]:
        if not self.path.is_file():
            return
        for line in self.path.read_bytes().split(b"\n"):
            try:
                yield Line.model_validate_json(line)
            except ValidationError:
                continue  # the last line of a process that was killed

    def _read_plan(self, name: str) -> dict[int, Planned]:
        table = pq.read_table(self.folder / name, schema=_PLAN)
        rows = zip(*(table[each].to_pylist() for each in _PLAN.names), strict=True)
        return {
            row: Planned(
                Change(row, customer, by, key, {}, held=True, clears=clears), content, campaign
            )
            for row, customer, by, key, content, campaign, clears in rows
        }

    def names(self) -> tuple[str, ...]:
        """Our properties that were ever set at the destination."""
        if not self._names.is_file():
            return ()
        return tuple(json.loads(self._names.read_text(encoding="utf-8")))

    # --- writing -----------------------------------------------------------------------------

    def remember(self, names: Iterable[str]) -> None:
        """Write down that these properties of ours are set there."""
        write_text(self._names, json.dumps(sorted({*self.names(), *names})), private=True)

    def begin(self, rows: Sequence[Planned], names: Iterable[str], of: str) -> None:
        """Write down who is meant, before the first call; ``of`` names the list."""
        self.remember(names)
        number = 1 + sum(line.plan is not None for line in self._lines())
        name = f"plan-{number}.parquet"
        columns = [
            [each.change.row for each in rows],
            [each.change.customer_id for each in rows],
            [each.change.by for each in rows],
            [each.change.key for each in rows],
            [each.content for each in rows],
            [each.campaign_id for each in rows],
            [each.change.clears for each in rows],
        ]
        with replacing(self.folder / name, private=True) as new:
            pq.write_table(pa.table(columns, schema=_PLAN), new)
        self._rows = {each.change.row: each for each in rows}
        self._write(Line(plan=name, of=of))

    def sent(self, batch: Sequence[Change]) -> int:
        """Before a call; the number of the batch, which later lines name."""
        self._batch += 1
        self._write(Line(batch=self._batch, sent=tuple(change.row for change in batch)))
        return self._batch

    def refused_whole(self, number: int) -> None:
        """Nothing of the batch was taken."""
        self._write(Line(batch=number, refused_whole=True))

    def answered(self, number: int, answer: Answer, state: State) -> None:
        """What became of a batch; into the journal first, then into the state."""
        line = Line(
            batch=number, answered=True, done=answer.done, created=answer.created,
            not_there=answer.not_there, job=answer.job,
            refused=tuple((r, why.code, why.said) for r, why in sorted(answer.refused.items())),
        )  # fmt: skip
        self._write(line)
        for _ in self._take(state, line):
            pass

    def ended(self, number: int) -> None:
        """Nothing more is to be heard of the batch; rows that were not named are sent again."""
        self._write(Line(batch=number, ended=True))

    def close(self, state: State) -> None:
        """The push has ended: what is held becomes what is confirmed, and the journal goes."""
        rows = [(held.customer_id, key, held.content, held.campaign_id)
                for key, held in state.held.items()]  # fmt: skip
        write_confirmed(self.confirmed, pd.DataFrame(rows, columns=CONFIRMED.names))
        self.path.unlink(missing_ok=True)
        for plan in self.folder.glob("plan-*.parquet"):
            plan.unlink()

    def _write(self, line: Line) -> None:
        text = line.model_dump_json(exclude_defaults=True).encode()
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # After a torn line a new one begins on its own.
            size = os.fstat(handle).st_size
            if size and os.pread(handle, 1, size - 1) != b"\n":
                text = b"\n" + text
            os.write(handle, text + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)
