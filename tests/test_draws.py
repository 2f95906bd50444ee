"""Draws by lot: anybody can work them out again, and none knows of another."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from winback.draws import (
    first_of,
    half_of,
    luck_of,
    of_campaign,
    of_year,
    quarter_of,
    share_of,
    stored_share,
    uniform,
)

IDS = pd.Series([f"C{n:05}" for n in range(20_000)])


def test_a_draw_is_worked_out_again_from_two_columns() -> None:
    digest = hashlib.sha256(b"secret|may|0042").digest()
    by_hand = (int.from_bytes(digest[:8], "big") >> 11) / 2**53
    assert uniform("secret|may", ["0042"]).tolist() == [by_hand]
    assert of_campaign("secret|may", ["0042"], "arm").tolist() == [by_hand]
    assert of_year("secret", 2026, ["7"]).tolist() == uniform("secret|holdout|2026", ["7"]).tolist()


def test_a_draw_does_not_depend_on_the_order_of_rows_or_on_who_else_is_there() -> None:
    backwards = IDS[::-1]
    for draw in (half_of, quarter_of, luck_of):
        assert (draw(backwards)[::-1] == draw(IDS)).all()
        assert (draw(IDS[:100]) == draw(IDS)[:100]).all()
    fewest = set(IDS.iloc[first_of(IDS, 50)])
    assert set(backwards.iloc[first_of(backwards, 50)]) == fewest
    assert (share_of(IDS, 5000).mean() - 0.25) ** 2 < 0.015**2


def test_draws_of_other_digits_know_nothing_of_one_another() -> None:
    """Each combination is as frequent as its parts say, within 4 standard errors."""
    drawn = {
        "half": half_of(IDS), "quarter": quarter_of(IDS), "share": share_of(IDS, 6000),
        "stored": stored_share(IDS.to_numpy(object), 0.3),
        "held": of_campaign("s|may", IDS, "arm") < 0.3,
        "offer": of_campaign("s|may", IDS, "offer") < 0.3,
        "explore": of_campaign("s|may", IDS, "explore") < 0.3,
        "explored": of_campaign("s|may", IDS, "explored") < 0.3,
        "year": of_year("s", 2026, IDS) < 0.3, "next year": of_year("s", 2027, IDS) < 0.3,
    }  # fmt: skip
    for one, first in drawn.items():
        for other, second in drawn.items():
            if one < other:
                chance = first.mean() * second.mean()
                error = np.sqrt(chance * (1 - chance) / len(IDS))
                assert abs((first & second).mean() - chance) < 4 * error, (one, other)
