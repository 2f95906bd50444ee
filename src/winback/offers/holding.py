"""Who of the planned is held out: the control's share of every offer and stratum, by hash.

The planned stand in one order: by offer, then stratum, then the number that the hash of salt,
campaign and customer gives. Customer ``i`` of it is control where ``floor((i + 1) * s + u)``
exceeds ``floor(i * s + u)``, with ``s`` the control's share and ``u`` a number of the campaign.
Of any run of ``n`` neighbours, a stratum, an offer or all of them, that holds out more than
``n * s - 1`` and fewer than ``n * s + 1``: the two floors differ from what stands in them by less
than one each (systematic sampling with cumulated sizes; Madow 1949, Annals of Mathematical
Statistics 20(3)). Within a stratum the order is the hash's alone, so that each of its customers
is as likely to be control: ``k / n``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from winback.arrays import Floats, Mask

Names = NDArray[np.object_]

# Customers of the smaller arm that a stratum is planned to have. With one of ten here and one of
# nineteen there the weights k / n would differ by half and cost a tenth of the control.
_LEAST_HELD = 3


@dataclass(frozen=True)
class HeldOut:
    """The draw of one campaign, one element a planned customer.

    Attributes:
        control: who is held out.
        stratum: name of the stratum, its offer's first: ``reminder p1m1``.
        probability: chance of the arm that was drawn.
    """

    control: Mask
    stratum: Names
    probability: Floats


def hold_out(
    offers: Names, p_order: Floats, margin: Floats, draws: Floats, *, share: float, start: float
) -> HeldOut:
    """Hold out ``share`` of the planned.

    Of two customers or more one at least is held out and one is not, however small the share;
    of one alone nobody, since there would be nobody to compare with.

    Args:
        offers: name of each one's planned offer.
        p_order: chance to order anyway.
        margin: margin of an order.
        draws: each one's number in [0, 1).
        start: the campaign's number in [0, 1), so that a list of nine at a tenth is not always
            without control.
    """
    n = len(offers)
    share = held_share(n, share)
    stratum = _strata(offers, p_order, margin, min(share, 1 - share))
    names, cell = np.unique(stratum.astype(str), return_inverse=True)
    order = np.lexsort((draws, cell))
    ends = np.floor(np.arange(n + 1) * share + start)
    control = np.zeros(n, np.bool_)
    control[order] = ends[1:] > ends[:-1]
    size = np.bincount(cell, minlength=len(names))
    held = np.bincount(cell, control, minlength=len(names))
    # An offer planned for a handful may have no control of its own. Over all numbers that the
    # campaign could have had, everybody's chance is the share.
    chance = np.where((held > 0) & (held < size), held / np.maximum(size, 1), share)[cell]
    return HeldOut(control, stratum, np.where(control, chance, 1 - chance))


def held_share(n: int, share: float) -> float:
    """Share of ``n`` planned who are held out, so that of two one is and one is not."""
    return min(max(share, 1 / n), 1 - 1 / n) if share and n > 1 else 0.0


def _strata(offers: Names, p_order: Floats, margin: Floats, least_share: float) -> Names:
    """Of each offer: thirds of the chance to come anyway by thirds of an order's margin.

    Named ``p1m1`` to ``p3m3`` before the outcome is known, they may be compared after it.
    Neighbours are taken together (``p1m1-p1m3``) until each holds a few customers of both arms.
    """
    found = np.empty(len(offers), object)
    for offer in np.unique(offers.astype(str)):
        rows = np.flatnonzero(offers == offer)
        thirds = [
            1 + np.searchsorted(np.quantile(of, [1 / 3, 2 / 3]), of, side="left")
            for of in (p_order[rows], margin[rows])
        ]
        cells, cell = np.unique(10 * thirds[0] + thirds[1], return_inverse=True)
        for first, last in _joined(np.bincount(cell), least_share):
            ends = [f"p{cells[at] // 10}m{cells[at] % 10}" for at in (first, last)]
            here = (cell >= first) & (cell <= last)
            found[rows[here]] = f"{offer} {'-'.join(dict.fromkeys(ends))}"
    return found


def _joined(sizes: NDArray[np.int64], least_share: float) -> list[tuple[int, int]]:
    """First and last of the cells that are taken together, so that each sum is large enough."""
    runs: list[tuple[int, int]] = []
    first = 0
    for last in range(len(sizes)):
        if not least_share or sizes[first : last + 1].sum() * least_share >= _LEAST_HELD:
            runs.append((first, last))
            first = last + 1
    if first < len(sizes):
        # What is left at the end joins the last one.
        first = runs.pop()[0] if runs else 0
        runs.append((first, len(sizes) - 1))
    return runs
