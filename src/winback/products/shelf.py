"""What may stand in a list: which products are fit to be shown, and how popular each is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from winback.arrays import Integers, Mask
from winback.products.bought import Catalogue, Lines
from winback.products.sensitive import hints_at_private, is_of_services, is_service

# Windows in which popularity is counted, the first that holds so many purchases of products.
_ENOUGH = 10
_WINDOWS, _LEAST = (7, 28, 91, 364), 300


@dataclass(frozen=True, eq=False)
class Described:
    """What is known of each product of a catalogue, in its order.

    Attributes:
        name: what it is called, None where nobody says.
        category: place in ``categories``, -1 where nobody says.
        in_stock: False where it cannot be bought now.
        categories: names, sorted.
    """

    name: tuple[str | None, ...]
    category: Integers
    in_stock: Mask
    categories: tuple[str, ...]

    @classmethod
    def of(
        cls,
        catalogue: Catalogue,
        rows: Iterable[tuple[str, str | None, str | None, bool | None]] = (),
    ) -> Described:
        """By the rows (id, name, category, in stock) of the product table."""
        known = {one: (name, category, stock) for one, name, category, stock in rows}
        none = (None, None, None)
        found = [known.get(one, none) for one in catalogue.ids]
        categories = sorted({category for _, category, _ in found if category})
        place = {category: n for n, category in enumerate(categories)}
        return cls(
            tuple(name for name, _, _ in found),
            np.array([place.get(category or "", -1) for _, category, _ in found], np.int64),
            np.array([stock is not False for _, _, stock in found], bool),
            tuple(categories),
        )


@dataclass(frozen=True, eq=False)
class Fit:
    """Which products may stand in a list, and why others may not."""

    shown: Mask
    sensitive: Mask
    service: Mask


def fit_to_show(catalogue: Catalogue, told: Described, allowed: Collection[str] = ()) -> Fit:
    """Leave out what hints at something private, and what is no product.

    ``allowed``: names of categories, or words of names, that are fit all the same.
    """
    by_category = [
        (hints_at_private(one, allowed), is_of_services(one)) for one in (*told.categories, "")
    ]
    sensitive = np.zeros(len(catalogue), bool)
    service = np.zeros(len(catalogue), bool)
    for place, one in enumerate(catalogue.ids):
        name, (private, fee) = told.name[place], by_category[told.category[place]]
        # An id may be the name itself, and a shop's own code for a fee beside a name.
        service[place] = (
            fee or is_service(one, is_id=True) or (name is not None and is_service(name))
        )
        sensitive[place] = private or hints_at_private(name or one, allowed)
    sensitive &= ~service
    return Fit(~(sensitive | service), sensitive, service)


@dataclass(frozen=True, eq=False)
class Shelf:
    """Which products may be shown, and the order of their popularity as of a day.

    Attributes:
        shown: whether each may stand in a list.
        category: of each, -1 where it is not known.
        standing: how many are more popular; a product that nobody bought is last.
        buyers: customers who bought each on the ``days`` before.
        ever: customers who ever bought each.
        days: the window; None is all of the past.
    """

    shown: Mask
    category: Integers
    standing: Integers
    buyers: Integers
    ever: Integers
    days: int | None

    @property
    def _common(self) -> Mask:
        """What may be suggested to anybody: bought by two customers, where there is enough such.

        What one alone bought may have been made for her, and bear her name.
        """
        common: Mask = self.shown & (self.ever > 1)
        return common if common.sum() >= _ENOUGH else self.shown & (self.ever > 0)

    def most_popular(self, most: int) -> Integers:
        """The most popular products that may be shown and that anybody ever bought."""
        fit = np.flatnonzero(self._common)
        return fit[np.argsort(self.standing[fit], kind="stable")][:most]

    def most_popular_of(self, most: int) -> tuple[Integers, Integers]:
        """The same for each category: products in turn, and where those of each begin."""
        fit = np.flatnonzero(self._common & (self.category >= 0))
        fit = fit[np.lexsort((self.standing[fit], self.category[fit]))]
        count = int(self.category.max()) + 1 if len(self.category) else 0
        begins = np.searchsorted(self.category[fit], np.arange(count + 1))
        nth = np.arange(len(fit)) - begins[self.category[fit]]
        kept = nth < most
        return fit[kept], np.searchsorted(self.category[fit[kept]], np.arange(count + 1))


class Popularity:
    """Counts of customers by product and window as of some days, added up batch by batch."""

    def __init__(self, products: int, days: Sequence[int], first: int) -> None:
        self._days = tuple(days)
        windows = (first, *(window for window in _WINDOWS if window > first))
        self._windows: tuple[int | None, ...] = (*windows, None)
        self._counts = np.zeros((len(self._days), len(self._windows), products), np.int64)

    def add(self, lines: Lines) -> None:
        """Count the customers of one batch; nobody may be in two."""
        products = self._counts.shape[2]
        bought = lines.where(lines.bought)
        pair = bought.customer * products + bought.product
        order = np.lexsort((bought.day, pair))
        pair, day, known = pair[order], bought.day[order], bought.known[order]
        for counts, end in zip(self._counts, self._days, strict=True):
            past = (day < end) & (known < end)
            theirs, when = pair[past], day[past]
            last = np.ones(len(theirs), bool)
            last[:-1] = theirs[1:] != theirs[:-1]
            product, ago = theirs[last] % products, end - when[last]
            for place, window in enumerate(self._windows):
                near = product if window is None else product[ago <= window]
                counts[place] += np.bincount(near, minlength=products)

    def shelf(self, nth: int, shown: Mask, category: Integers) -> Shelf:
        """The order as of one of the days, by the first window that holds enough to tell."""
        counts = self._counts[nth]
        ever = counts[-1]
        place = next(
            (n for n, found in enumerate(counts) if found.sum() >= _LEAST),
            len(self._windows) - 1,
        )
        order = np.lexsort((np.arange(len(ever)), -ever, -counts[place]))
        standing = np.empty(len(ever), np.int64)
        standing[order] = np.arange(len(ever))
        return Shelf(shown, category, standing, counts[place], ever, self._windows[place])
