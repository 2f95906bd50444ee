"""Every draw by lot: which digits of which hash serve what, allotted in one place.

Nothing draws unseeded numbers. A draw is read from a hash of an id, so that it depends neither on
the order of rows nor on who else is there; two draws that must not know of one another read other
digits of it, or a hash of another text:

====================================  =======================  =================================
what is drawn                         of                       digits
====================================  =======================  =================================
rows, or customers, to learn from     key; customer            the topmost (`share_of`)
customers for a picture, or a slow    customer                 the topmost, by order (`first_of`)
rule
what a control stands for             key                      the topmost (`luck_of`)
customers read from stored snapshots  customer                 32 to 51 (`stored_share`)
customers to stop the trees by        customer                 16 and 17 (`quarter_of`)
halves that judge one another         customer                 0 (`half_of`)
who is held out of a whole year       salt, year, customer     SHA-256 (`of_year`)
offer, arm, exploration               salt, campaign, ...      SHA-256 (`of_campaign`)
====================================  =======================  =================================

The first two read the same digits on purpose: both thin out, and what was thinned out before is
not drawn from again. Intervals come from a seeded generator (`resampled`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from math import factorial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from winback.arrays import Floats, Integers, Mask

if TYPE_CHECKING:
    import pandas as pd

_Hashes = NDArray[np.uint64]


def key_of(rows: pd.DataFrame) -> pd.Series[Any]:
    """Customer and cutoff as one text."""
    import pandas as pd

    # There are few cutoffs, and writing a day is slow.
    place, cutoffs = pd.factorize(rows["cutoff"])
    days = pd.Series(pd.DatetimeIndex(cutoffs).strftime("|%Y%m%d"), dtype="str").take(place)
    made: pd.Series[Any] = rows["customer_id"].astype(str) + days.set_axis(rows.index)
    return made


def _hashed(ids: Any) -> _Hashes:
    import pandas as pd

    if isinstance(ids, np.ndarray):
        return np.asarray(pd.util.hash_array(ids), np.uint64)
    return np.asarray(pd.util.hash_pandas_object(ids, index=False), np.uint64)


def share_of(ids: pd.Series[Any], most: int) -> Mask:
    """About ``most`` of the rows with these ids."""
    drawn: Mask = _hashed(ids) < np.uint64(most / len(ids) * 2**64)
    return drawn


def first_of(ids: pd.Series[Any], most: int) -> Integers:
    """Places of ``most`` of the rows with these ids, in their order."""
    return np.sort(np.argsort(_hashed(ids), kind="stable")[:most])


def luck_of(ids: pd.Series[Any]) -> Floats:
    """A number from 0 to 1 for each."""
    return np.asarray(_hashed(ids) / 2.0**64)


def stored_share(ids: NDArray[Any], share: float) -> Mask:
    """About that share of the customers."""
    drawn: Mask = (_hashed(ids) >> np.uint64(32)) % np.uint64(1 << 20) < share * (1 << 20)
    return drawn


def quarter_of(ids: pd.Series[Any]) -> Mask:
    """A quarter of the customers."""
    drawn: Mask = (_hashed(ids) >> np.uint64(16)) % 4 == 0
    return drawn


def half_of(ids: pd.Series[Any]) -> Mask:
    """Half of the customers."""
    drawn: Mask = _hashed(ids) % 2 == 0
    return drawn


def scattered(count: int, groups: int) -> Integers:
    """A group for each of so many customers, neighbours in different ones."""
    mixed = np.arange(count, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return ((mixed >> np.uint64(40)) % np.uint64(groups)).astype(np.int64)


def uniform(prefix: str, ids: Iterable[str]) -> Floats:
    """Draw a number in [0, 1) for each id from SHA-256 of ``prefix|id``.

    A hash, not a generator: anybody with the salt can recompute a customer's arm from two
    columns, and it never depends on who else is on the list.
    """
    start = hashlib.sha256(f"{prefix}|".encode())

    def draw(customer: str) -> float:
        digest = start.copy()
        digest.update(customer.encode())
        # 53 bits are what a float holds; more would round some draws up to 1.
        return (int.from_bytes(digest.digest()[:8], "big") >> 11) / 2**53

    return np.fromiter((draw(customer) for customer in ids), np.float64)


def of_year(salt: str, year: int, ids: Iterable[str]) -> Floats:
    """The draw of the universal hold-out: the same in all campaigns of a year."""
    return uniform(f"{salt}|holdout|{year}", ids)


def of_campaign(
    prefix: str, ids: Iterable[str], lot: Literal["arm", "offer", "explore", "explored"]
) -> Floats:
    """A draw of one campaign, whose ``prefix`` is its salt and name.

    ``arm``: in which order customers are held out, and from where. ``offer``: which of the tests.
    ``explore``: who is planned any offer, and ``explored`` which one.
    """
    match lot:
        case "arm":
            return uniform(prefix, ids)
        case "offer":
            return uniform(prefix, (f"{customer}|offer" for customer in ids))
        case _:
            return uniform(f"{prefix}|{lot}", ids)


def resampled(customers: int, draws: int, seed: int) -> NDArray[np.uint8]:
    """Poisson(1) weight of each customer (rows) in each draw (columns)."""
    # Two random bytes choose a weight: far faster than drawing it directly.
    reached = np.cumsum(np.exp(-1.0) / np.array([factorial(k) for k in range(12)]))
    table = np.searchsorted(reached, (np.arange(65536) + 0.5) / 65536).astype(np.uint8)
    generator = np.random.default_rng(seed)
    weights = np.empty((customers, draws), dtype=np.uint8)
    for start in range(0, customers, 10_000):
        part = weights[start : start + 10_000]
        part[:] = table[generator.integers(0, 65536, size=part.shape, dtype=np.uint16)]
    return weights
