"""What the sender asks of a destination, and what a destination answers.

The sender (`winback.sending.pushing`) knows who may get what, writes its journal and splits what
is refused; an adapter knows one destination's calls and nothing of consent, campaigns or files.
To write one:

* subclass :class:`Adapter`, give it ``limits`` and a ``secret`` (the name of an environment
  variable), and add it to ``winback.sending.adapters``;
* :meth:`Adapter.piece` says what is sent for one person, from a :class:`Change` alone: the dry
  run shows it and calls nothing;
* :meth:`Adapter.connect` opens the way there; :meth:`Adapter.prepare` looks, before anything is
  sent, whether our properties are there;
* :meth:`Adapter.send` sends one batch and tells what became of each row. Sent again it must
  change nothing. A row it does not name is sent again, in ever smaller batches;
* where results come later, it answers with a ``job``, which is written down, and
  :meth:`Adapter.result` waits for it, in this process or in the next;
* a batch refused as a whole is a :class:`RefusedBatch`: the sender halves it until the bad rows
  stand alone. What no row can mend (no access, no such list) is a ``WinbackError`` that ends the
  push; it goes on from there when it is started again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from winback.crm.destination import Key
from winback.crm.fields import FieldKind
from winback.errors import WinbackError
from winback.results.base import Json

Value = str | int | float | bool | date | None
"""A value as it leaves, typed by its field; None takes ours back."""

Option = str | int | float | bool


@dataclass(frozen=True)
class Property:
    """One of our properties at a destination: its name there, its kind, its neutral name."""

    name: str
    kind: FieldKind
    label: str


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be set at one person.

    Attributes:
        row: its number in this push, by which an answer names it.
        customer_id: the shop's id of the person.
        by: what the destination knows the person by.
        key: the address, phone or id itself.
        values: by property name; None takes the value back. Empty where a job of an earlier
            process is asked for its results.
        held: whether the destination may hold earlier values of ours: if not, a None need not
            be sent.
        clears: whether all values of ours are taken back; it must create nobody.
    """

    row: int
    customer_id: str
    by: Key
    key: str
    values: Mapping[str, Value]
    held: bool = False
    clears: bool = False


@dataclass(frozen=True)
class Refusal:
    """Why a destination takes a row not: its code, and what it said in its own words."""

    code: str
    said: str = ""


class RefusedBatch(Exception):
    """The destination took nothing of a batch, because of at least one of its rows."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


NOT_THERE = "not_there"
"""Code of a :class:`RefusedBatch` whose person is not at the destination."""


@dataclass(frozen=True)
class Answer:
    """What became of the rows of a batch, by their numbers.

    Attributes:
        done: set, or taken back.
        created: set at somebody who was not there before.
        not_there: nobody is there whom the key names, and nobody was created.
        refused: with the destination's reason.
        job: what to ask for the rest, where it comes later.
    """

    done: tuple[int, ...] = ()
    created: tuple[int, ...] = ()
    not_there: tuple[int, ...] = ()
    refused: Mapping[int, Refusal] = field(default_factory=dict)
    job: str | None = None

    @property
    def settled(self) -> set[int]:
        """Rows whose fate is known."""
        return {*self.done, *self.created, *self.not_there, *self.refused}


@dataclass(frozen=True)
class Limits:
    """What fits into one batch; ``bytes`` are of the pieces as JSON; None: any number."""

    rows: int
    bytes: int | None = None


@dataclass(frozen=True)
class Cost:
    """What a push will take at least."""

    calls: int
    seconds: float


@dataclass(frozen=True)
class Patience:
    """How long a call is waited for, and how often it is made again.

    Attributes:
        timeout: seconds for an answer.
        first_wait: seconds before the second try where the destination names no time; doubled
            from try to try up to ``longest_wait``.
        longest_wait: a destination that names a longer time ends the push.
        tries: of one call.
    """

    timeout: float = 30.0
    first_wait: float = 0.5
    longest_wait: float = 300.0
    tries: int = 8


@dataclass(frozen=True)
class Setting:
    """What an adapter is made with; enough for :meth:`Adapter.piece` and the dry run.

    Attributes:
        properties: ours that are sent, in their order.
        options: ``export.options`` of the destination.
        create: whether somebody who is not there may be created.
    """

    properties: tuple[Property, ...]
    options: Mapping[str, Option] = field(default_factory=dict)
    create: bool = False

    def option(self, name: str, default: Option) -> Option:
        """An option, of the kind of its default."""
        return self.options.get(name, default)

    def patience(self) -> Patience:
        """How long to wait, from the options ``timeout_seconds`` and ``first_wait_seconds``."""
        usual = Patience()
        return Patience(
            timeout=float(self.option("timeout_seconds", usual.timeout)),
            first_wait=float(self.option("first_wait_seconds", usual.first_wait)),
        )


@dataclass(frozen=True)
class Link:
    """How to reach a destination.

    Attributes:
        environ: where credentials come from, and nowhere else.
        base_url: in place of the destination's own; None: that one.
    """

    environ: Mapping[str, str]
    base_url: str | None = None

    def secret(self, *names: str) -> str:
        """A credential.

        Raises:
            WinbackError: none of these variables is set.
        """
        for name in names:
            if found := self.environ.get(name, "").strip():
                return found
        raise WinbackError("sending.no_secret", name=names[0])


class Adapter(ABC):
    """One destination's calls; see the head of this module."""

    limits: ClassVar[Limits]
    secret: ClassVar[str]
    # Of one batch, where nothing fails; and how many a second the destination bears.
    calls_per_batch: ClassVar[float] = 1.0
    calls_before: ClassVar[int] = 0
    calls_per_second: ClassVar[float] = 5.0

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    @property
    def creates(self) -> bool:
        """Whether somebody who is not there is created."""
        return self.setting.create

    @abstractmethod
    def piece(self, change: Change) -> Json:
        """What is sent for one person; pure."""

    @abstractmethod
    def connect(self, link: Link) -> None:
        """Open the way there.

        Raises:
            WinbackError: a credential is missing.
        """

    def prepare(self) -> tuple[str, ...]:
        """Look before anything is sent; the names of our properties that had to be made.

        Raises:
            WinbackError: nothing can be sent as things stand.
        """
        return ()

    @abstractmethod
    def send(self, batch: Sequence[Change]) -> Answer:
        """Send one batch.

        Raises:
            RefusedBatch: nothing of it was taken, because of at least one row.
            WinbackError: no row can mend it.
        """

    def result(self, job: str, batch: Sequence[Change]) -> Answer:
        """Wait for a job and read what became of its rows, in the order they were sent.

        Rows it leaves out are sent again, as are all where the job is gone.
        """
        raise NotImplementedError

    @property
    def calls(self) -> int:
        """Calls made so far, tries again among them."""
        return 0

    def cost(self, rows: int, batches: int) -> Cost:
        """The least that so many rows in so many batches take."""
        calls = self.calls_before + round(self.calls_per_batch * batches)
        return Cost(calls, calls / self.calls_per_second)

    @abstractmethod
    def close(self) -> None:
        """Give back what :meth:`connect` opened; harmless before it."""
