"""Sorts canonical lines as a few packed whole numbers, at a third of what sorting texts costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from winback.arrays import Integers
from winback.intake.cells import one_row

KINDS = ("free", "order", "refund")
# In the order of the sort. Ties end in content, never in the source's row order: two equal
# rows are the same row.
_PARTS = (
    "customer_id", "day", "order_id", "second", "kind", "product_id", "amount", "quantity", "lag",
)  # fmt: skip
_TEXTS = ("customer_id", "order_id", "product_id")
_DAY = "(CAST({} AS DATE) - DATE '1970-01-01')"
_MILLI = "round({} * 1000)"
_LARGEST = 9 * 10**18
_KEY_BITS = 63
_MOST_DIGITS = 17
_WHOLE = "^(0|[1-9][0-9]{0,16})$"
# With more distinct texts than this, holding them is dearer than sorting them.
_MOST_NAMES = 1 << 20
_YEAR_1000 = -30_610_224_000
_BATCH = 1 << 17


@dataclass(frozen=True)
class _Part:
    """A column to sort by, as whole numbers from `low` to `high`, or as it is without those.

    A null is the number after `high`. `read` gives the texts that numbers stand for.
    """

    name: str
    sql: str
    low: int = 0
    high: int | None = None
    nulls: bool = False
    read: Callable[[Integers], pa.Array] | None = None

    @property
    def bits(self) -> int:
        """Bits the numbers take; more than any key has where the column is sorted as it is."""
        if self.high is None:
            return _KEY_BITS + 1
        return (self.high - self.low + self.nulls).bit_length()

    def absent(self, numbers: Integers) -> NDArray[np.bool_] | None:
        """Where a number stands for null."""
        assert self.high is not None
        return numbers > self.high if self.nulls else None


@dataclass(frozen=True)
class Chunk:
    """Sorted lines, and their customer, day, order and kind as numbers.

    `order` counts on from chunk to chunk: it goes up wherever customer, day or order change.
    """

    columns: pa.Table
    customer: Integers
    day: Integers
    order: Integers
    kind: Integers


class SortedLines:
    """Canonical lines of a relation, sorted out of core.

    By customer, day, order, instant, kind, product, amount, quantity and time of knowing;
    texts by their bytes, nulls last. Ids may come as text or as whole numbers, order ids also
    as timestamps, which become text in ISO form. `people` makes, where it is needed, the table
    `people` of the customers, in which rows lie in the order of `customer_id` (as text, in
    `name`).
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, relation: str, people: Callable[[], None]
    ) -> None:
        self.con, self.relation, self.create_people = con, relation, people
        described = con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
        types = {str(row[0]): str(row[1]) for row in described}
        at, known_at = (f"(epoch_us({name}) // 1000000)" for name in ("ordered_at", "known_at"))
        cases = " ".join(f"WHEN '{name}' THEN {number}" for number, name in enumerate(KINDS))
        numbers = {name: self._whole_number(name, types[name]) for name in _TEXTS} | {
            "day": _DAY.format("ordered_at"),
            "second": f"({at} - 86400 * {_DAY.format('ordered_at')})",
            "kind": f"(CASE kind {cases} END)",
            "amount": "amount",
            "quantity": f"TRY_CAST({_MILLI.format('quantity')} AS BIGINT)",
            "lag": f"({known_at} - {at})",
        }
        limits = {
            name: f"min({sql}), max({sql}), count({sql})" if sql else f"0, 0, count({name})"
            for name, sql in numbers.items()
        }
        # What is known, or follows from the bounds of a column, need not be worked out by line.
        for name, column, sql in (("day", "ordered_at", _DAY), ("quantity", "quantity", _MILLI)):
            least, most = (sql.format(f"{bound}({column})") for bound in ("min", "max"))
            limits[name] = f"{least}, {most}, count({column})"
        limits["second"] = "0, 86399, count(*)"
        late = f"SELECT 1 FROM {relation} WHERE known_at IS DISTINCT FROM ordered_at LIMIT 1"
        if not con.execute(late).fetchall():
            limits["lag"] = "0, 0, count(*)"
        self.rows = self._count(relation)
        self.parts = []
        for name in _PARTS:
            # One by one, since a file's own statistics answer for a column, not for several.
            found = one_row(con, f"SELECT {limits[name]} FROM {relation}")
            low, high, filled = (int(max(min(n, _LARGEST), -_LARGEST)) for n in found)
            part = _Part(name, numbers[name], low, high, filled < self.rows)
            if name in _TEXTS:
                part = self._text(part, types[name])
            elif name == "quantity" and max(-low, high) >= 1 << 53:
                # Too large for thousandths to be exact; adding zero turns -0 into 0.
                part = _Part(name, "quantity + 0")
            self.parts.append(part)

    def _whole_number(self, name: str, kind: str) -> str:
        """SQL of an id as a whole number; empty where not all are."""
        if kind.startswith("TIMESTAMP"):
            return f"(epoch_us({name}) // 1000000)"
        if "INT" in kind:
            # Narrow numbers would overflow when they are moved to sort like text.
            return name if kind in ("UBIGINT", "HUGEINT", "UHUGEINT") else f"CAST({name} AS BIGINT)"
        other = (
            f"SELECT 1 FROM {self.relation} WHERE NOT regexp_matches({name}, '{_WHOLE}') LIMIT 1"
        )
        return "" if self.con.execute(other).fetchall() else f"CAST({name} AS BIGINT)"

    def _text(self, part: _Part, kind: str) -> _Part:
        name, low, high = part.name, part.low, part.high or 0
        as_text = f"CAST({name} AS VARCHAR)"
        if kind.startswith("TIMESTAMP"):
            if low >= _YEAR_1000:
                return _Part(name, part.sql, low, high, part.nulls, _instants)
            return _Part(name, f"strftime({name}, '%Y-%m-%dT%H:%M:%S')")
        digits = len(str(high))
        if part.sql and low >= 0 and digits <= _MOST_DIGITS:
            if len(str(low)) == digits:
                return _Part(name, part.sql, low, high, part.nulls, _decimals)
            # Sorts like the digits: moved to the left, the shorter of two equal ones first.
            width = digits.bit_length()
            cases = " ".join(
                f"WHEN {part.sql} >= {10 ** (length - 1) if length > 1 else 0} "
                f"THEN {part.sql} * {10 ** (digits - length) << width} + {length}"
                for length in range(digits, 0, -1)
            )

            def moved_back(numbers: Integers) -> pa.Array:
                lengths = numbers & ((1 << width) - 1)
                return _decimals((numbers >> width) // _TENS[digits - lengths])

            return _Part(
                name, f"(CASE {cases} END)", 0, 10**digits << width, part.nulls, moved_back
            )
        if name == "customer_id":
            self.create_people()
            return _Part(name, "people.rowid", 0, self._count("people"), False, self._people)
        if name == "product_id":
            self.con.execute(
                f"CREATE TABLE products AS SELECT {as_text} AS name FROM {self.relation} "
                f"WHERE {name} IS NOT NULL GROUP BY name ORDER BY name"
            )
            count = self._count("products")
            if count <= _MOST_NAMES:
                names = self._names("products", 0, count)
                return _Part(
                    name,
                    "products.rowid",
                    0,
                    count,
                    True,
                    lambda numbers: names.take(pa.array(numbers)),
                )
        return _Part(name, as_text)

    def _count(self, table: str) -> int:
        return int(one_row(self.con, f"SELECT count(*) FROM {table}")[0])

    def _names(self, table: str, first: int, end: int) -> pa.Array:
        # A cursor of its own, because the lines may be streaming from the other.
        names = self.con.cursor().sql(
            f"SELECT name FROM {table} WHERE rowid >= {first} AND rowid < {end} ORDER BY rowid"
        )
        return names.to_arrow_table()["name"].cast(pa.string()).combine_chunks()

    def _people(self, numbers: Integers) -> pa.Array:
        first, last = int(numbers.min()), int(numbers.max())
        return self._names("people", first, last + 1).take(pa.array(numbers - first))

    def _keys(self) -> list[list[_Part]]:
        """The parts, as many to a key as it has bits for."""
        keys: list[list[_Part]] = []
        free = -1
        for part in self.parts:
            if part.bits > free:
                keys.append([])
                free = _KEY_BITS
            keys[-1].append(part)
            free -= part.bits
        return keys

    def chunks(self, size: int, *, as_text: bool = True) -> Iterator[Chunk]:
        """All lines in order, `size` to a chunk but for the last.

        Without `as_text` ids of orders and products may be the numbers they are sorted by, which
        tell as well where one ends and the next begins, and chunks are cut between customers (so
        that they hold at most `size` lines, unless one customer has more).
        """
        keys = self._keys()
        picked = ", ".join(f"{_packed(parts)} AS k{n}" for n, parts in enumerate(keys))
        used = {part.sql for part in self.parts}
        joins = ""
        if "people.rowid" in used:
            joins += " JOIN people USING (customer_id)"
        if "products.rowid" in used:
            joins += " LEFT JOIN products ON products.name = CAST(product_id AS VARCHAR)"
        reader = self.con.sql(
            f"SELECT * FROM (SELECT {picked} FROM {self.relation} {joins}) "
            f"ORDER BY {', '.join(f'k{n}' for n in range(len(keys)))}"
        ).to_arrow_reader(_BATCH)
        named = {part.name: part for part in self.parts}
        last: tuple[Any, ...] = ()
        orders = 0
        # The customer is what the first key begins with.
        shift = sum(part.bits for part in keys[0][1:])
        for table in _cut(reader, size, None if as_text else shift):
            found: dict[str, Integers | pa.Array] = {}
            for key, parts in zip(table.columns, keys, strict=True):
                found |= _unpacked(key.combine_chunks(), parts)
            customer, day = found["customer_id"], found["day"]
            order_id, product_id = found["order_id"], found["product_id"]
            new_order, new_customer = _changes(order_id), _changes(customer)
            new = new_customer | _changes(day) | new_order
            edges = [(customer[at], day[at], str(order_id[at])) for at in (0, len(day) - 1)]
            new[0] = edges[0] != last
            last = edges[1]
            order = orders + np.cumsum(new)
            orders = int(order[-1])
            at = found["second"] + 86_400 * day
            quantity = found["quantity"]
            if isinstance(quantity, np.ndarray):
                quantity = pa.array(quantity / 1000, mask=named["quantity"].absent(quantity))
            if as_text:
                order_id = _dense(named["order_id"], order_id, new_order)
                product_id = _encoded(named["product_id"], product_id)
            elif isinstance(product_id, np.ndarray):
                product_id = pa.array(product_id, mask=named["product_id"].absent(product_id))
            kind = pa.array(found["kind"].astype(np.int8))
            columns = {
                "customer_id": _in_runs(named["customer_id"], customer, new_customer),
                "order_id": order_id,
                "ordered_at": pa.array(at, pa.timestamp("s")),
                "known_at": pa.array(at + found["lag"], pa.timestamp("s")),
                "product_id": product_id,
                "quantity": quantity,
                "amount": pa.array(found["amount"]),
                "kind": pa.DictionaryArray.from_arrays(kind, pa.array(KINDS)),
            }
            yield Chunk(pa.table(columns), customer, day, order, found["kind"])


class Tally:
    """Counts rows, purchases, refunds and buyers of sorted lines, chunk by chunk.

    A refund is what one customer has back of one order on one day, in one line or several.

    `busy` gives purchases and days with one of every customer with a twentieth of
    all purchases, or with a hundred and five on each of their days; perhaps of some others.
    `gross` and `refunded` are in minor units, what was given back as far as it was known before
    the cutoff.
    """

    def __init__(self, cutoff: date) -> None:
        self.rows = self.purchases = self.refunds = self.customers = 0
        self.gross = self.refunded = 0
        self._cutoff = pa.scalar(datetime.combine(cutoff, time()), pa.timestamp("s"))
        self.busy: dict[str, tuple[int, int]] = {}
        self._last = (-1, -1, -1)
        self._counted = (0, 0)
        self._last_refund = -1

    def add(self, chunk: Chunk) -> None:
        """Count the purchases of a chunk that goes on where the one before ended."""
        self.rows += chunk.columns.num_rows
        amount = chunk.columns["amount"].to_numpy()
        given_back = chunk.kind == KINDS.index("refund")
        refunds = chunk.order[given_back]
        self.gross += int(amount[chunk.kind == KINDS.index("order")].sum())
        if len(refunds):
            known = pc.less(chunk.columns["known_at"], self._cutoff).to_numpy()
            self.refunded -= int(amount[given_back & known].sum())
            self.refunds += int(np.count_nonzero(np.diff(refunds, prepend=self._last_refund)))
            self._last_refund = int(refunds[-1])
        bought = np.flatnonzero(chunk.kind == KINDS.index("order"))
        order = chunk.order[bought]
        first = np.diff(order, prepend=self._last[2]) != 0
        bought, order = bought[first], order[first]
        if not len(bought):
            return
        customer, day = chunk.customer[bought], chunk.day[bought]
        new_customer = np.diff(customer, prepend=self._last[0]) != 0
        new_day = new_customer | (np.diff(day, prepend=self._last[1]) != 0)
        self._last = int(customer[-1]), int(day[-1]), int(order[-1])
        self.purchases += len(bought)
        self.customers += int(new_customer.sum())
        starts = np.flatnonzero(new_customer)
        if not len(starts) or starts[0]:
            # The first customer's purchases began in an earlier chunk.
            starts = np.concatenate([[0], starts])
        counts = np.diff(starts, append=len(bought))
        days = np.add.reduceat(new_day.astype(np.int64), starts)
        if not new_customer[0]:
            counts[0] += self._counted[0]
            days[0] += self._counted[1]
        self._counted = int(counts[-1]), int(days[-1])
        busy = (counts > 0.05 * self.purchases) | ((counts >= 100) & (counts >= 5 * days))
        names = chunk.columns["customer_id"]
        for at in np.flatnonzero(busy):
            self.busy[names[int(bought[starts[at]])].as_py()] = int(counts[at]), int(days[at])
        if not busy[0]:
            # It may have looked busy where the chunk before ended.
            self.busy.pop(names[int(bought[0])].as_py(), None)


_TENS = 10 ** np.arange(_MOST_DIGITS + 1, dtype=np.int64)


def _decimals(numbers: Integers) -> pa.Array:
    return pa.array(numbers).cast(pa.string())


def _instants(numbers: Integers) -> pa.Array:
    return pc.strftime(pa.array(numbers, pa.timestamp("s")), "%Y-%m-%dT%H:%M:%S")


def _packed(parts: list[_Part]) -> str:
    """SQL of one key: the parts' numbers side by side in a whole number, or a part as it is."""
    if parts[0].high is None:
        return parts[0].sql
    terms, shift = [], 0
    for part in reversed(parts):
        if part.bits:
            assert part.high is not None
            number = f"(CAST({part.sql} AS BIGINT) - {part.low})"
            if part.nulls:
                number = f"coalesce({number}, {part.high - part.low + 1})"
            terms.append(f"({number} << {shift})" if shift else number)
        shift += part.bits
    return " | ".join(terms) or "CAST(0 AS BIGINT)"


def _unpacked(key: pa.Array, parts: list[_Part]) -> dict[str, Integers | pa.Array]:
    if parts[0].high is None:
        return {parts[0].name: key}
    found = {}
    numbers, shift = key.to_numpy(), 0
    for part in reversed(parts):
        number = numbers >> shift
        if part is not parts[0]:
            number &= (1 << part.bits) - 1
        number += part.low
        found[part.name] = number
        shift += part.bits
    return found


def _changes(values: Any) -> NDArray[np.bool_]:
    """True at the first row and wherever a value differs from the one before."""
    changed = np.ones(len(values), bool)
    if isinstance(values, pa.Array):
        differs = pc.not_equal(values.slice(1), values.slice(0, len(values) - 1))
        changed[1:] = differs.to_numpy(zero_copy_only=False)
    else:
        np.not_equal(values[1:], values[:-1], out=changed[1:])
    return changed


def _in_runs(part: _Part, values: Any, new: NDArray[np.bool_]) -> pa.Array:
    """Texts of ids of which each comes in one run, as a dictionary."""
    assert part.read is not None
    places = pa.array((np.cumsum(new) - 1).astype(np.int32))
    return pa.DictionaryArray.from_arrays(places, part.read(values[new]))


def _dense(part: _Part, values: Any, new: NDArray[np.bool_]) -> pa.Array:
    """Texts of ids that come in runs."""
    if part.read is None:
        return values
    return part.read(values[new]).take(pa.array(np.cumsum(new) - 1))


def _encoded(part: _Part, values: Any) -> pa.Array:
    """Texts of ids that repeat, as a dictionary in the order in which they appear."""
    if part.read is None:
        return values.cast(pa.string()).dictionary_encode()
    numbers = pa.array(values, mask=part.absent(values)).dictionary_encode()
    texts = part.read(numbers.dictionary.to_numpy())
    return pa.DictionaryArray.from_arrays(numbers.indices, texts)


def _cut(reader: Any, size: int, shift: int | None) -> Iterator[pa.Table]:
    """Tables of one size from batches of any, so that equal rows make equal bytes.

    With `shift` they end where the first column, moved to the right by so much, changes.
    """
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in reader:
        waiting.append(batch)
        rows += batch.num_rows
        while rows >= size:
            whole = pa.Table.from_batches(waiting)
            end = size
            if shift is not None:
                groups = whole.column(0).slice(0, size).to_numpy() >> shift
                end = int(np.searchsorted(groups, groups[-1])) or size
            yield whole.slice(0, end)
            waiting = whole.slice(end).to_batches()
            rows -= end
    if rows:
        yield pa.Table.from_batches(waiting)
