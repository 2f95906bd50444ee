"""The lists as a table, batch by batch of customers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from winback.arrays import Floats, Integers, Mask
from winback.products.bought import Catalogue, Lines
from winback.products.ranking import NONE, Pairs, Ranked, Rule, pairs_of, rank
from winback.products.shelf import Described, Shelf
from winback.tables.recommended import NEWS, NEXT_PRODUCTS

# Of lines and what they come to a number for each pair of customer and product; the highest
# stands first.
Scorer = Callable[[Lines, Pairs, Shelf, int], Floats]


@dataclass(frozen=True, eq=False)
class Maker:
    """All that lists are made of as of a day, but the customers' own lines.

    ``barred`` are customers who get none; ``scorer`` takes the place of the decayed counts.
    """

    catalogue: Catalogue
    told: Described
    shelf: Shelf
    day: int
    rule: Rule
    barred: Collection[str] = ()
    scorer: Scorer | None = None

    def tables(self, batches: Iterable[Lines]) -> Iterator[pa.Table]:
        """The rows of next_products.parquet, sorted by customer and rank."""
        for lines in batches:
            yield self.table(lines, self.pairs(lines))

    def table(self, lines: Lines, pairs: Pairs) -> pa.Table:
        """The same of one batch, whose pairs are known already."""
        return self._table(lines, pairs, self.ranked(lines, pairs))

    def of_news(self) -> Maker:
        """The maker of what is new alone, as `NEW_PRODUCTS` has it."""
        return replace(self, rule=Rule(self.rule.decay_days, NEWS, NEWS), scorer=None)

    def pairs(self, lines: Lines) -> Pairs:
        """What of one batch was known before the day."""
        return pairs_of(lines, len(self.catalogue), self.day, self.rule.decay_days)

    def ranked(self, lines: Lines, pairs: Pairs) -> Ranked:
        """The lists of one batch."""
        score = None
        if self.scorer is not None:
            score = self.scorer(lines, pairs, self.shelf, self.day)
        return rank(pairs, self.shelf, len(lines.customers), self.rule, score)

    def _table(self, lines: Lines, pairs: Pairs, ranked: Ranked) -> pa.Table:
        if self.barred:
            stays = np.array([one not in self.barred for one in lines.customers], bool)
            ranked = ranked.where(stays[ranked.customer])
        schema, again = NEXT_PRODUCTS.schema, ranked.pair >= 0
        every = _of_pair(pairs.every, ranked.pair)
        last = _of_pair(pairs.last, ranked.pair)
        regular = again & (every >= 0)
        reason = np.where(regular, 0, np.where(again, 1, np.where(ranked.in_category, 2, 3)))
        due = every - last
        columns = [
            _texts(lines.customers, ranked.customer),
            pa.array(ranked.place + 1, pa.int32()),
            _texts(self.catalogue.ids, ranked.product),
            _texts(self.told.name, ranked.product),
            _texts(self._categories(), self.told.category[ranked.product]),
            _texts(("new", "again"), again.astype(np.int64)),
            _texts(("bought_often", "bought_before", "popular_in_category", "popular"), reason),
            pa.array(np.where(again, _of_pair(pairs.days, ranked.pair), 0), pa.int32()),
            _whole(every, regular),
            _whole(last, again),
            pa.array(self.day + due, pa.int32(), mask=~regular).cast(pa.date32()),
            _whole(due, regular),
        ]
        return pa.Table.from_arrays(
            [column.cast(field.type) for column, field in zip(columns, schema, strict=True)],
            schema=schema,
        )

    def _categories(self) -> tuple[str | None, ...]:
        # A place of -1 is the last.
        return (*self.told.categories, None)


def _of_pair(values: Integers, pair: Integers) -> Integers:
    """A value of each row's pair; of what is new -1."""
    return np.concatenate([values, [NONE]])[pair]


def _whole(values: Integers, there: Mask) -> pa.Array:
    return pa.array(values, pa.int32(), mask=~there)


def _texts(texts: Collection[str | None], places: Integers) -> pa.Array:
    """The texts at these places; -1 is the last."""
    held = list(texts)
    dictionary = pa.array(held or [None], pa.string())
    return dictionary.take(pa.array(places % max(len(held), 1)))
