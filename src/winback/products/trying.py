"""Whether lists would have been right on the shop's own past, and which way of making them wins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from winback.arrays import Integers, Mask
from winback.draws import stored_share
from winback.products.bought import Lines, joined
from winback.products.judging import (
    LEAST_CASES,
    Cases,
    Hits,
    cases_of,
    hits_of,
    judged_lists,
    popular_lists,
    wins,
)
from winback.products.listing import Scorer
from winback.products.ranking import Pairs, Rule, pairs_of, rank
from winback.products.reranking import Reranker, fit_reranker
from winback.products.shelf import Popularity, Shelf
from winback.results.recommended import Method, Tried
from winback.snapshots.plan import day_number

# Customers, and lines of theirs, that lists are tried on.
MOST_CUSTOMERS, MOST_LINES = 20_000, 1_500_000


@dataclass(frozen=True)
class Split:
    """A day, and the days after it whose purchases were not to be seen.

    ``before`` is the same a window earlier, from which a re-ranker learns.
    """

    day: date
    until: date
    before: date

    @classmethod
    def of(cls, first: date, until: date, horizon_days: int) -> Split | None:
        """The last whole horizon; None where no horizon of history lies before it."""
        window = timedelta(days=horizon_days)
        if until - 2 * window < first:
            return None
        return cls(until - window, until, until - 2 * window)

    def days(self) -> tuple[int, int]:
        """Both days as numbers, the later one first."""
        return day_number(self.day), day_number(self.before)


@dataclass(eq=False)
class Past:
    """What one walk over the lines gathers: popularity as of some days, and a sample of people."""

    popularity: Popularity
    share: float
    parts: list[Lines] = field(default_factory=list)

    def walk(self, batches: Iterator[Lines]) -> None:
        """Gather it."""
        for lines in batches:
            self.popularity.add(lines)
            if self.share > 0:
                ids = np.array(lines.customers, object)
                chosen = np.ones(len(ids), bool)
                if self.share < 1:
                    chosen = stored_share(ids, self.share)
                self.parts.append(lines.of(chosen))


def share_to_try(customers: int, lines: int) -> float:
    """The share of customers whose lists are tried."""
    return min(1.0, MOST_CUSTOMERS / max(customers, 1), MOST_LINES / max(lines, 1))


@dataclass(frozen=True, eq=False)
class Trial:
    """What came of it: the findings, and a re-ranker where it won."""

    tried: Tried
    reranker: Reranker | None = None


def try_lists(
    past: Past, split: Split, shown: Mask, category: Integers, rule: Rule, *, threads: int,
    rerank: bool,
) -> Trial:  # fmt: skip
    """Judge ways of making lists at the split, and the re-ranker among them where it is asked.

    ``past`` has popularity as of today, the split's day and the one before, in this order. A
    re-ranker learns from the window before the split; only if it wins does it learn from the
    newest.
    """
    lines, products = joined(past.parts), len(shown)
    day, before = split.days()
    shelf = past.popularity.shelf(1, shown, category)
    pairs = pairs_of(lines, products, day, rule.decay_days)
    cases = cases_of(lines, pairs, shelf, day, day_number(split.until), products)
    judged = _Judged(lines.before(day), pairs, shelf, cases, day, rule)
    found: dict[Method, Hits] = {
        "decayed": judged.hits(None),
        "counts": judged.hits(_counts),
        "popularity": hits_of(
            cases, popular_lists(cases, shelf, rule.places), products, rule.places
        ),
    }
    learned = None
    if rerank and len(cases) >= LEAST_CASES:
        earlier = past.popularity.shelf(2, shown, category)
        learned = _learned(lines.before(day), earlier, before, day, rule, threads)
        if learned is not None:
            found["reranker"] = judged.hits(learned)
    lists = judged_lists(found, shelf)
    enough = len(cases) >= LEAST_CASES
    if learned is not None and enough and any(e.method == "reranker" and wins(e) for e in lists):
        learned = fit_reranker(lines.before(day), pairs, shelf, cases, day, products, threads)
    else:
        learned = None
    first: Method = "decayed" if learned is None else "reranker"
    lists = tuple(sorted(lists, key=lambda each: each.method != first))
    tried = Tried(cutoff=split.day, until=split.until, cases=len(cases), enough=enough, lists=lists)
    return Trial(tried, learned)


def _learned(
    lines: Lines, shelf: Shelf, day: int, until: int, rule: Rule, threads: int
) -> Reranker | None:
    """A re-ranker from what followed an earlier day."""
    products = len(shelf.shown)
    pairs = pairs_of(lines, products, day, rule.decay_days)
    cases = cases_of(lines, pairs, shelf, day, until, products)
    return fit_reranker(lines.before(day), pairs, shelf, cases, day, products, threads)


def _counts(lines: Lines, pairs: Pairs, shelf: Shelf, day: int) -> np.ndarray:
    return pairs.days.astype(np.float64)


@dataclass(frozen=True, eq=False)
class _Judged:
    """Lists of one day that are to be judged."""

    lines: Lines
    pairs: Pairs
    shelf: Shelf
    cases: Cases
    day: int
    rule: Rule

    def hits(self, scorer: Scorer | None) -> Hits:
        """How right the lists of one order are."""
        score = None if scorer is None else scorer(self.lines, self.pairs, self.shelf, self.day)
        lists = rank(self.pairs, self.shelf, len(self.lines.customers), self.rule, score)
        return hits_of(self.cases, lists, len(self.shelf.shown), self.rule.places)
