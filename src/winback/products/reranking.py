"""LightGBM over what each customer bought before: an order of its own for the same products.

What is new to a customer stays ordered by popularity: nothing that was tried beats it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from winback.arrays import Floats, Integers
from winback.products.bought import Lines
from winback.products.judging import Cases
from winback.products.ranking import Pairs, pairs_of
from winback.products.shelf import Shelf

# Products of a customer that are ordered anew; those below stay in the order they have.
_MOST = 50
_DECAYS = (30.0, 365.0)
_ROUNDS = 120
_SETTINGS = {
    "objective": "lambdarank", "lambdarank_truncation_level": 15, "learning_rate": 0.08,
    "num_leaves": 15, "min_data_in_leaf": 50, "lambda_l2": 10.0, "feature_fraction": 0.7,
    "bagging_fraction": 0.8, "bagging_freq": 1, "seed": 1, "deterministic": True,
    "force_row_wise": True, "verbosity": -1,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Reranker:
    """Trees that order what a customer bought before."""

    booster: Any
    products: int
    threads: int

    def __call__(self, lines: Lines, pairs: Pairs, shelf: Shelf, day: int) -> Floats:
        """A score for each pair; higher stands first."""
        chosen, place = _candidates(pairs, shelf)
        score = pairs.weight - 1e6
        if len(chosen):
            rows = _features(lines, pairs, shelf, day, chosen, place, self.products)
            score[chosen] = self.booster.predict(rows, num_threads=self.threads)
        return score


def fit_reranker(
    lines: Lines, pairs: Pairs, shelf: Shelf, cases: Cases, day: int, products: int, threads: int
) -> Reranker | None:  # fmt: skip
    """Learn from what customers bought next after a day; None where nobody repeated."""
    import lightgbm

    chosen, place = _candidates(pairs, shelf)
    key = pairs.customer * products + pairs.product
    label = np.isin(key[chosen], cases.customer * products + cases.product)
    positive = np.zeros(len(lines.customers), bool)
    positive[pairs.customer[chosen[label]]] = True
    kept = positive[pairs.customer[chosen]]
    chosen, place, label = chosen[kept], place[kept], label[kept]
    if not label.any():
        return None
    group = np.bincount(pairs.customer[chosen])
    data = lightgbm.Dataset(
        _features(lines, pairs, shelf, day, chosen, place, products), label.astype(int),
        group=group[group > 0],
    )  # fmt: skip
    booster = lightgbm.train(_SETTINGS | {"num_threads": threads}, data, _ROUNDS)
    return Reranker(booster, products, threads)


def _candidates(pairs: Pairs, shelf: Shelf) -> tuple[Integers, Integers]:
    """Each customer's foremost pairs that may be shown, sorted by customer, and their places."""
    fit = np.flatnonzero(pairs.kept & shelf.shown[pairs.product])
    order = fit[
        np.lexsort((shelf.standing[pairs.product[fit]], -pairs.weight[fit], pairs.customer[fit]))
    ]
    customer = pairs.customer[order]
    begins = np.searchsorted(customer, customer)
    place = np.arange(len(order)) - begins
    return order[place < _MOST], place[place < _MOST]


def _features(
    lines: Lines, pairs: Pairs, shelf: Shelf, day: int, chosen: Integers, place: Integers,
    products: int,
) -> Floats:  # fmt: skip
    """What is known of each candidate before the day."""
    other = [pairs_of(lines, products, day, decay).weight[chosen] for decay in _DECAYS]
    customers = len(lines.customers)
    customer, product = pairs.customer[chosen], pairs.product[chosen]
    every = np.where(pairs.every[chosen] > 0, pairs.every[chosen], np.nan).astype(float)
    last = pairs.last[chosen].astype(float)
    theirs = np.bincount(pairs.customer, pairs.weight, customers)
    different = np.bincount(pairs.customer, minlength=customers)
    latest = np.full(customers, np.iinfo(np.int64).max)
    np.minimum.at(latest, pairs.customer[pairs.days > 0], pairs.last[pairs.days > 0])
    return np.column_stack([
        pairs.weight[chosen], *other, pairs.days[chosen], last, every, last / every, place,
        pairs.weight[chosen] / np.maximum(theirs[customer], 1e-12), theirs[customer],
        different[customer], last - latest[customer],
        np.log1p(shelf.buyers[product]), np.log1p(shelf.ever[product]),
    ]).astype(np.float64)  # fmt: skip
