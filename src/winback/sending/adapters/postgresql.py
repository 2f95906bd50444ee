"""A table of PostgreSQL: one row a customer, all of a push in one transaction.

The table is the shop's own, so a row in it is no contact that somebody would have to agree to:
rows that are missing are made without ``--create``, unless the option ``update_only`` says no.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import ClassVar, TypeVar

from winback.errors import WinbackError
from winback.intake.cells import identifier
from winback.intake.connections import Place, told
from winback.params import check_no_password
from winback.results.base import Json
from winback.sending.adapter import (
    Adapter,
    Answer,
    Change,
    Limits,
    Link,
    Refusal,
    RefusedBatch,
    Setting,
)
from winback.sending.database import (
    TYPES,
    RefusedRows,
    TableColumn,
    Transaction,
    TryLater,
    adding,
    checked_name,
    place_to_write,
    quoted_table,
    staged,
    writing,
)

Thing = TypeVar("Thing")

_FIRST_TRIES = 3


class PostgreSQL(Adapter):
    """Upserts into ``table`` (``customer_scores``) by ``key_column`` (``customer_id``).

    Options: ``table``, ``key_column``; ``url`` where WINBACK_POSTGRESQL_URL is not set, without a
    password; ``create_table`` (true) and ``create_fields`` (false): whether the table, or columns
    that a table lacks, are made; ``update_only`` (false).
    """

    limits: ClassVar[Limits] = Limits(rows=1_000_000)
    secret: ClassVar[str] = "WINBACK_POSTGRESQL_URL"
    calls_before: ClassVar[int] = 1
    # A transaction of a million rows takes some seconds.
    calls_per_second: ClassVar[float] = 1.0

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._kinds = {each.name: each.kind for each in setting.properties}
        self._table = quoted_table(str(setting.option("table", "customer_scores")))
        self._key = checked_name(str(setting.option("key_column", "customer_id")))
        for name in self._kinds:
            checked_name(name)
        self._place: Place | None = None
        self._calls = 0

    @property
    def creates(self) -> bool:
        """Whether rows that are missing are made."""
        return not self.setting.option("update_only", False)

    def piece(self, change: Change) -> Json:
        """One row of the table."""
        values = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in change.values.items()
        }
        return {self._key: change.key, **values}

    def connect(self, link: Link) -> None:
        """To the address of the environment, else that of the option ``url``."""
        address = link.base_url or link.environ.get(self.secret, "").strip()
        if not address and (option := str(self.setting.option("url", ""))):
            address = check_no_password(option)
        self._place = place_to_write(address or link.secret(self.secret))

    @property
    def calls(self) -> int:
        """Transactions so far."""
        return self._calls

    def close(self) -> None:
        """Each transaction closed its own connection."""

    def prepare(self) -> tuple[str, ...]:
        """Look at the table; make it where it is not there."""
        # A wrong address is told soon; once it was right, the server is given time.
        return self._tried(self._prepared, tries=_FIRST_TRIES)

    def _prepared(self, open_now: Transaction) -> tuple[str, ...]:
        columns = open_now.columns(self._table)
        types = {name: TYPES[kind] for name, kind in self._kinds.items()}
        if not columns:
            if not self.setting.option("create_table", True):
                raise WinbackError("pushed.no_table", table=self._table)
            open_now.create(self._table, self._key, types)
            return tuple(types)
        lacking = {name: kind for name, kind in types.items() if name not in columns}
        if self._key not in columns:
            lacking = {self._key: "text UNIQUE", **lacking}
        if lacking:
            sql = adding(self._table, lacking)
            if self._key in lacking or not self.setting.option("create_fields", False):
                raise WinbackError(
                    "pushed.no_columns", table=self._table, columns=tuple(lacking), sql=sql
                )
            open_now.run(sql)
        if self._key in columns and not columns[self._key].unique:
            raise WinbackError(
                "pushed.no_unique", table=self._table, key=self._key,
                sql=f"ALTER TABLE {self._table} ADD PRIMARY KEY ({identifier(self._key)})",
            )  # fmt: skip
        return tuple(lacking)

    def send(self, batch: Sequence[Change]) -> Answer:
        """One transaction."""
        try:
            return self._tried(lambda open_now: self._sent(open_now, batch))
        except RefusedRows as refused:
            raise RefusedBatch(Refusal("refused", refused.said)) from None

    def _sent(self, open_now: Transaction, batch: Sequence[Change]) -> Answer:
        columns = open_now.columns(self._table)
        if self._key not in columns:
            raise WinbackError("pushed.no_table", table=self._table)
        alike: dict[tuple[bool, tuple[str, ...]], list[Change]] = {}
        for change in batch:
            # A column that was ours once may be gone since, and with it what is to be cleared.
            names = tuple(n for n in change.values if n in columns or n in self._kinds)
            alike.setdefault((change.clears, names), []).append(change)
        done: list[int] = []
        created: list[int] = []
        not_there: list[int] = []
        for (clears, names), rows in alike.items():
            there = self._written(open_now, columns, rows, names, clears=clears)
            for change in rows:
                if there is None or change.key in there:
                    done.append(change.row)
                elif self.creates and not clears:
                    created.append(change.row)
                else:
                    not_there.append(change.row)
        return Answer(tuple(done), tuple(created), tuple(not_there))

    def _written(
        self, open_now: Transaction, columns: dict[str, TableColumn], rows: Sequence[Change],
        names: tuple[str, ...], *, clears: bool,
    ) -> set[str] | None:  # fmt: skip
        """Write rows that set the same columns; the keys that were there, None: all of them."""
        keys = [change.key for change in rows]
        if clears or not names:
            open_now.load(staged(keys, {}, self._key))
            there = open_now.held(self._table, self._key, columns)
            if names:
                open_now.clear(self._table, self._key, names, columns)
            return there
        given = {
            name: (self._kinds.get(name, "text"), [change.values[name] for change in rows])
            for name in names
        }
        open_now.load(staged(keys, given, self._key))
        counts = open_now.counts(self._table, self._key, names, columns)
        known = open_now.held(self._table, self._key, columns) if counts.created else None
        open_now.upsert(self._table, self._key, names, columns, create=self.creates)
        return known

    def _tried(self, do: Callable[[Transaction], Thing], tries: int | None = None) -> Thing:
        """Do it in one transaction; once more where the connection broke or the server is busy.

        What had been written before it broke is there or is not: an upsert does not mind.
        """
        assert self._place is not None, "not connected"
        patience, last = self.setting.patience(), ""
        tries = tries or patience.tries
        # Jitter keeps two machines apart, so it must not be the same on both.
        jitter = random.Random()
        for attempt in range(tries):
            self._calls += 1
            try:
                with writing(self._place) as open_now:
                    return do(open_now)
            except TryLater as later:
                last = later.said
            if attempt < tries - 1:
                wait = min(patience.first_wait * 2**attempt, patience.longest_wait)
                time.sleep(wait * (0.5 + jitter.random()))
        raise WinbackError("sending.no_answer", place=told(self._place), tries=tries, last=last)
