"""What a push will do, before any call: whom it sets, whom it takes back from, whom it leaves.

A destination holds our values under keys: addresses, phones or ids. What is meant to stand under
each key is held against what was confirmed to stand there: new or changed rows are sent, the same
ones are not, and from keys that nobody is meant for any more our values are taken back.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from winback.crm.checked import headers_of
from winback.crm.confirmed import content_of
from winback.crm.destination import Destination, Key
from winback.crm.fields import Field, FieldKind
from winback.crm.outgoing import Outgoing
from winback.sending.adapter import NOT_THERE, Adapter, Change, Property, Refusal, Value
from winback.sending.gates import DUPLICATE, ERASED, NO_KEY, Gates, keys_in_peace
from winback.sending.journal import UNKNOWN, Planned, State


@dataclass(frozen=True)
class Plan:
    """What a push will do.

    Attributes:
        campaign_id, audience: as :class:`winback.crm.outgoing.Outgoing` has them.
        properties: ours that are sent.
        rows: whom it touches: those it takes back from first, then those it sets; numbered.
        updates, clears, unchanged: how many customers.
        known: of the updates those whom the destination is known to have.
        cleared_because: of the clears how many for which reason.
        skipped: customers who get nothing, by reason.
        given_up: of the unchanged push those that were refused or not there when it was cut off.
        erased: keys that hold values of people who were forgotten: to be deleted by hand.
    """

    campaign_id: str
    audience: str
    properties: tuple[Property, ...]
    rows: tuple[Planned, ...]
    updates: int
    clears: int
    unchanged: int
    known: int
    cleared_because: Counter[str]
    skipped: Counter[str]
    given_up: int
    erased: tuple[tuple[str, str], ...]
    _frame: pd.DataFrame = field(repr=False)
    _places: Mapping[int, int] = field(repr=False)
    _names: tuple[str, ...] = field(repr=False)
    _fields: tuple[Field, ...] = field(repr=False)

    @property
    def of(self) -> str:
        """Which list it is."""
        return f"{self.audience}: {self.campaign_id}"

    @property
    def names(self) -> tuple[str, ...]:
        """Our properties that it sets."""
        return tuple(each.name for each in self.properties)

    def changes(self) -> Iterator[Change]:
        """Its rows with their values, made one by one."""
        columns = [self._frame[each.name].tolist() for each in self._fields]
        for row in self.rows:
            if row.change.clears:
                yield replace(row.change, values=dict.fromkeys(self._names))
                continue
            place = self._places[row.change.row]
            given = zip(self.properties, columns, strict=True)
            values = {p.name: typed(column[place], p.kind) for p, column in given}
            if row.change.held:
                # What an earlier list set and this one does not is taken back.
                values |= {name: None for name in self._names if name not in values}
            yield replace(row.change, values=values)

    def batches(self, adapter: Adapter) -> Iterator[list[Change]]:
        """Its changes as they fit into one call of a destination."""
        limits, batch, size = adapter.limits, list[Change](), 0
        for change in self.changes():
            more = 0
            if limits.bytes is not None:
                piece = json.dumps(adapter.piece(change), ensure_ascii=False)
                more = len(piece.encode()) + 2
            # A batch that may create must not hold rows that take back: those create nobody.
            apart = adapter.setting.create and batch and batch[-1].clears != change.clears
            full = limits.bytes is not None and size + more > limits.bytes
            if batch and (len(batch) >= limits.rows or full or apart):
                yield batch
                batch, size = [], 0
            batch.append(change)
            size += more
        if batch:
            yield batch


def plan_push(
    outgoing: Outgoing, destination: Destination, gates: Gates, state: State, *,
    prefix: str, names: Sequence[str] = (), create: bool = False,
) -> Plan:  # fmt: skip
    """What is to be done at a destination, beside what it holds.

    Args:
        outgoing: the rows that are meant to stand there.
        destination: where.
        gates: asked of each row.
        state: what the destination holds, and what an earlier attempt gave up.
        prefix: of the names of our properties.
        names: of our properties that were ever set there.
        create: whether who is not there is created: then nobody is given up for that.
    """
    headers = headers_of(destination, outgoing.fields, prefix)
    properties = tuple(Property(headers[e.name], e.kind, e.name) for e in outgoing.fields)
    wanted = _wanted(outgoing, destination, gates, properties)
    rows: list[Planned] = []
    cleared, erased = Counter[str](), list[tuple[str, str]]()
    reasons = _reasons(outgoing)
    for key, held in sorted(state.held.items(), key=lambda each: (each[1].customer_id, each[0])):
        if key in wanted.by_key:
            continue
        if gates.is_erased(held.customer_id, key):
            erased.append((held.customer_id, key))
            wanted.skipped[ERASED] += held.customer_id not in wanted.why
            continue
        why = wanted.why.get(held.customer_id) or reasons.get(held.customer_id, "left")
        if (key, UNKNOWN) in state.given_up:
            continue
        by = _kind_of(key, held.customer_id, destination)
        change = Change(len(rows), held.customer_id, by, key, {}, held=True, clears=True)
        rows.append(Planned(change, UNKNOWN, held.campaign_id))
        cleared[why] += 1
    clears, places, unchanged, known, given_up = len(rows), dict[int, int](), 0, 0, 0
    for key, (place, customer, by, content) in wanted.by_key.items():
        before = state.held.get(key)
        if before is not None and before.content == content:
            unchanged += 1
            continue
        tried = state.given_up.get((key, content))
        if tried is not None and not (create and tried.code == NOT_THERE):
            given_up += 1
            continue
        known += before is not None and before.content != UNKNOWN
        change = Change(len(rows), customer, by, key, {}, held=before is not None)
        places[len(rows)] = place
        rows.append(Planned(change, content, outgoing.campaign_id))
    return Plan(
        campaign_id=outgoing.campaign_id, audience=outgoing.audience, properties=properties,
        rows=tuple(rows), updates=len(rows) - clears, clears=clears, unchanged=unchanged,
        known=known, cleared_because=cleared, skipped=+wanted.skipped, given_up=given_up,
        erased=tuple(erased), _frame=outgoing.rows, _places=places,
        _names=tuple(dict.fromkeys((*(p.name for p in properties), *names))),
        _fields=outgoing.fields,
    )  # fmt: skip


@dataclass(frozen=True)
class _Wanted:
    """What is meant to stand under each key: place in the frame, customer, kind, content."""

    by_key: dict[str, tuple[int, str, Key, str]]
    why: dict[str, str]
    skipped: Counter[str]


def _wanted(
    outgoing: Outgoing, destination: Destination, gates: Gates, properties: Sequence[Property]
) -> _Wanted:
    found = _Wanted({}, {}, _kept_out(outgoing))
    in_peace = keys_in_peace(outgoing)
    rows = outgoing.rows
    keys = {name: _texts(rows, name) for name in ("customer_id", "email", "phone")}
    columns = [rows[each.name].tolist() for each in outgoing.fields]
    for place, customer in enumerate(keys["customer_id"]):
        assert customer is not None
        own = [keys["email"][place], keys["phone"][place]]
        why = gates.why_not(customer, *own)
        why = why or next((in_peace[key] for key in own if key in in_peace), None)
        by = next((name for name in destination.keys if keys[name][place]), None)
        if why is None and by is None:
            why = NO_KEY
        key = keys[by][place] if by is not None else None
        if why is None and key in found.by_key:
            why = DUPLICATE
        if why is not None:
            found.why[customer] = why
            found.skipped[why] += 1
            continue
        assert by is not None and key is not None
        content = content_of(
            (p.name, typed(column[place], p.kind))
            for p, column in zip(properties, columns, strict=True)
        )
        found.by_key[key] = (place, customer, by, content)
    return found


def _kept_out(outgoing: Outgoing) -> Counter[str]:
    """How many get nothing by what was planned, and why; who is on no list is not kept out."""
    found = Counter(outgoing.rejected["why"].astype(str).tolist())
    found.update(why for why in outgoing.kept_out["why"].astype(str).tolist() if why != "left")
    if outgoing.audience == "listed":
        found["control"] += len(outgoing.control)
    return found


def typed(value: Any, kind: FieldKind) -> Value:
    """A cell as a plain value of its kind; None where it is unknown.

    Numbers are rounded to what is written of them, so that a row whose tenth decimal moved is the
    same row.
    """
    if value is None or value is pd.NaT or value is pd.NA or (value != value):
        return None
    match kind:
        case "text":
            return str(value)
        case "whole":
            return round(float(value))
        case "number" | "share":
            return round(float(value), 4) + 0.0
        case "money":
            return round(float(value), 2) + 0.0
        case "flag":
            return bool(value)
        case "day":
            return value if type(value) is date else pd.Timestamp(value).date()


def refusals(state: State) -> list[tuple[str, str, Refusal]]:
    """Customer, key and reason of every row that this push had refused, in order."""
    return [(customer, key, why) for (customer, key), why in sorted(state.refused.items())]


def _texts(rows: pd.DataFrame, name: str) -> list[str | None]:
    if name not in rows:
        return [None] * len(rows)
    return [v if isinstance(v, str) and v else None for v in rows[name].tolist()]


def _reasons(outgoing: Outgoing) -> dict[str, str]:
    """Why somebody who is not on the list has our values taken back."""
    found = dict(
        zip(outgoing.kept_out["customer_id"].astype(str), outgoing.kept_out["why"].astype(str),
            strict=True)
    )  # fmt: skip
    return found | dict.fromkeys(outgoing.control["customer_id"].astype(str), "control")


def _kind_of(key: str, customer: str, destination: Destination) -> Key:
    """What kind of key stands in what was confirmed, which keeps the key alone."""
    if key == customer and "customer_id" in destination.keys:
        return "customer_id"
    if "@" in key and "email" in destination.keys:
        return "email"
    if key.startswith("+") and "phone" in destination.keys:
        return "phone"
    return destination.keys[0]
