"""What the ledger is asked: which lists left, what was said of whom, and who was champion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from winback.errors import WinbackError
from winback.ledger.book import Ledger
from winback.ledger.people import People
from winback.results.base import Result
from winback.results.ledgered import Corrected, Entry, Kind, ModelSealed, Named, Reign, Sealed

MODEL = "model.json"
_HISTORY = ["customer_id", "assigned_at", "arm", "probability", "planned_offer", "campaign_id"]
Some = TypeVar("Some", bound=Result)


@dataclass(frozen=True)
class Seal:
    """A list that left: what the ledger holds of it, later corrections made.

    Tables have ``customer_id`` where the ledger has the person's number. Rows of people who were
    forgotten are left out.
    """

    ledger: Ledger
    entry: Entry
    sealed: Sealed

    def table(self, name: str) -> pd.DataFrame:
        """A table of the entry, such as ``scores``; see :meth:`forgotten`."""
        return self._named(name)[0]

    def forgotten(self, name: str) -> int:
        """Rows of that table whose people were forgotten."""
        return self._named(name)[1]

    def has(self, name: str) -> bool:
        """Whether the entry holds that table."""
        return f"{name}.parquet" in self.entry.files

    def scores(self) -> pd.DataFrame:
        """Everybody's scores as of the cutoff, one row a customer."""
        return self.table("scores")

    def assignment(self) -> pd.DataFrame:
        """Both arms as drawn; ``assigned_at`` is the day the list left."""
        rows = self.table("assignment")
        return rows.assign(assigned_at=self.sealed.sent_on)

    def decisions(self) -> pd.DataFrame:
        """Everybody's reason to be, or not to be, on the list."""
        return self.table("decisions")

    def rivals(self) -> pd.DataFrame:
        """What others than the one who scored would have said, one row a customer."""
        return self.table("rivals")

    def backtest(self) -> pd.DataFrame:
        """The rehearsals of the model that scored, as its training left them."""
        return self.table("backtest")

    def rows_of(self, number: int, name: str) -> pa.Table:
        """Rows of one person of that table, by the person's number; without reading the others."""
        path = self.ledger.path(self.entry, f"{name}.parquet")
        return pq.read_table(path, filters=[("person", "=", number)])

    def model(self) -> Path | None:
        """The file of the model that scored; None where no entry holds it."""
        return model_file(self.ledger, self.sealed.model.version)

    def _named(self, name: str) -> tuple[pd.DataFrame, int]:
        stored = pq.read_table(self.ledger.path(self.entry, f"{name}.parquet"))
        return self._people.named(stored.to_pandas(date_as_object=False))

    @cached_property
    def _people(self) -> People:
        if not self.ledger.people.is_file():
            raise WinbackError("ledger.no_people", file=self.ledger.people)
        return People(self.ledger.people)


def seals(ledger: Ledger, *, kinds: tuple[Kind, ...] = ("seal",)) -> tuple[Seal, ...]:
    """The lists that left, by the day they did, as they stand after all corrections."""
    corrections: dict[int, Corrected] = {}
    for entry in ledger.of_kind("correction"):
        found = read(entry, Corrected)
        corrections[found.entry] = found
    left = []
    for entry in ledger.of_kind(*kinds):
        sealed, wrong = read(entry, Sealed), corrections.get(entry.number)
        if wrong and wrong.never_left:
            continue
        if wrong and wrong.sent_on:
            sealed = sealed.model_copy(update={"sent_on": wrong.sent_on})
        left.append(Seal(ledger, entry, sealed))
    return tuple(sorted(left, key=lambda seal: (seal.sealed.sent_on, seal.entry.number)))


def person_of(ledger: Ledger, customer: str) -> int | None:
    """The number of a customer in the ledger; None of who was never scored for a list, or gone."""
    if not ledger.people.is_file():
        return None
    found = pq.read_table(ledger.people, filters=[("customer_id", "=", customer)])
    return int(found["person"][0].as_py()) if len(found) else None


def seal_named(ledger: Ledger, campaign: str) -> Seal | None:
    """The list of that campaign; None where it has not left."""
    return next((seal for seal in seals(ledger) if seal.sealed.campaign_id == campaign), None)


def history_of(ledger: Ledger) -> pd.DataFrame:
    """Everybody ever planned for a list that left, one row a customer and campaign.

    Columns as `winback.offers.contact.read_history` gives them; ``assigned_at`` is the day the
    list left.
    """
    rows = [seal.assignment() for seal in seals(ledger)]
    if not rows:
        nobody = pd.DataFrame(columns=_HISTORY)
        return nobody.astype({"customer_id": str, "assigned_at": "datetime64[s]"})
    found = pd.concat(rows, ignore_index=True).reindex(columns=_HISTORY)
    return found.assign(assigned_at=pd.to_datetime(found["assigned_at"]).astype("datetime64[s]"))


def champion_on(ledger: Ledger, day: date | None = None) -> Reign | None:
    """Who was champion on a day, or is now; None before any list left.

    The model that scored the last list that left, unless another was named since. In a ledger
    of replayed weeks alone, the model of the last of these.
    """
    stands = reigns(ledger, day)
    return stands[-1] if stands else None


def before_champion(ledger: Ledger) -> Reign | None:
    """Who was champion before the one who is now; whoever came back has nobody after."""
    line: list[Reign] = []
    for reign in reigns(ledger):
        known = [each.version for each in line]
        if reign.why == "rolled_back" and reign.version in known:
            del line[known.index(reign.version) :]
        line.append(reign)
    return line[-2] if len(line) > 1 else None


def reigns(ledger: Ledger, day: date | None = None) -> tuple[Reign, ...]:
    """All champions up to a day, the first of them first; one for as long as it was the same.

    It is the last of its entries that says why, and ``since`` is the day of its first.
    """
    left = seals(ledger) or seals(ledger, kinds=("replay",))
    stands: list[Reign] = []
    for seal in left:
        why: Literal["sealed", "replayed"] = "sealed" if seal.entry.kind == "seal" else "replayed"
        stands.append(
            Reign(
                version=seal.sealed.model.version, since=seal.sealed.sent_on, why=why,
                entry=seal.entry.number, model=seal.sealed.model,
            )
        )  # fmt: skip
    known = models(ledger)
    for entry in ledger.of_kind("champion"):
        named = read(entry, Named)
        stands.append(
            Reign(
                version=named.version, since=entry.day, entry=entry.number, reason=named.reason,
                why="rolled_back" if named.rollback else "named",
                model=named.model or known.get(named.version),
            )
        )  # fmt: skip
    found: list[Reign] = []
    for reign in sorted(stands, key=lambda each: (each.since, each.entry)):
        if day is not None and reign.since > day:
            break
        if found and found[-1].version == reign.version:
            found[-1] = reign.model_copy(update={"since": found[-1].since})
        else:
            found.append(reign)
    return tuple(found)


def models(ledger: Ledger) -> dict[str, ModelSealed]:
    """What is known of every model that scored a list, would have, or was named; by version."""
    left = [read(entry, Sealed).model for entry in ledger.of_kind("seal", "replay")]
    named = [read(entry, Named).model for entry in ledger.of_kind("champion")]
    return {model.version: model for model in (*named, *left) if model is not None}


def model_file(ledger: Ledger, version: str) -> Path | None:
    """The file of a model; None where no entry holds it."""
    for entry in ledger.of_kind("seal", "replay", "champion"):
        if entry.kind == "champion":
            told = read(entry, Named).version
        else:
            told = read(entry, Sealed).model.version
        if told == version and MODEL in entry.files:
            return ledger.path(entry, MODEL)
    return None


def read(entry: Entry, kind: type[Some]) -> Some:
    """The content of an entry as what its kind says it is."""
    return kind.model_validate(entry.content)


def packed(table: pa.Table) -> bytes:
    """A table as Parquet, the same bytes for the same rows."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    held: bytes = sink.getvalue().to_pybytes()
    return held
