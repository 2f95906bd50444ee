"""Everybody's chance of every arm, as one text a customer that any file can carry."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.arrays import Floats
from winback.results.offered import CONTROL


def chances_told(
    planned: Floats, control_share: float, names: Sequence[str]
) -> NDArray[np.object_]:
    """Chances of the arms as ``control=0.1 reminder=0.45 ten_off=0.45``, one text a row.

    An arm's chance is that before any draw: to be planned the offer and not held out, and for
    the control to be planned any and held out. Arms with none are left out; what is missing to
    one is the chance to be planned nothing.

    Args:
        planned: customers x offers: chance that each was planned.
        control_share: chance to be held out once planned.
        names: of the offers.
    """
    arms = np.column_stack([planned.sum(axis=1) * control_share, planned * (1 - control_share)])
    rows, back = np.unique(arms.round(6), axis=0, return_inverse=True)
    texts = [
        " ".join(
            f"{name}={chance:g}"
            for name, chance in zip((CONTROL, *names), row, strict=True)
            if chance > 0
        )
        for row in rows
    ]
    return np.array(texts, dtype=object)[back.reshape(-1)]


def read_chances(texts: pd.Series[str]) -> pd.DataFrame:
    """A column an arm, out of :func:`chances_told`; 0 where a row does not name it.

    A row without a text, of an assignment from before they were logged, is null throughout.
    """
    told = texts.astype("string")
    distinct = told.dropna().unique()
    parted = {
        text: {arm: float(chance) for arm, _, chance in (p.partition("=") for p in text.split())}
        for text in distinct
    }
    arms = sorted({arm for chances in parted.values() for arm in chances})
    rows = [[parted[text].get(arm, 0.0) for arm in arms] for text in distinct]
    table = pd.DataFrame(rows, index=distinct, columns=arms, dtype=np.float64)
    return table.reindex(told).set_axis(texts.index)
