"""States beside the status cell, and refunds: what is told, what is found, what is doubted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from telling import in_words
from winback.errors import UsageError
from winback.intake.settling import Intake, read_orders

TILL = """sale,customer,sold_at,amount,mark
1,a,2024-01-05,10.00,x
2,a,2024-01-06,20.00,y
3,b,2024-01-07,40.00,x
4,b,2024-01-08,20.00,z
5,c,2024-01-09,5.00,
"""


def read(folder: Path, content: str, **options: Any) -> Intake:
    path = folder / "orders.csv"
    path.write_text(content, encoding="utf-8")
    return read_orders(path, folder / "out", **options)


def asked(folder: Path, content: str, **options: Any) -> str:
    """The sentence of the error."""
    with pytest.raises(UsageError) as caught:
        read(folder, content, **options)
    return str(caught.value)


def figures(intake: Intake) -> tuple[int, float, float]:
    """Purchases, gross and refunds in whole units."""
    import duckdb

    bought, back = duckdb.sql(
        "SELECT coalesce(sum(amount) FILTER (kind = 'order'), 0), "
        f"coalesce(-sum(amount) FILTER (kind = 'refund'), 0) FROM '{intake.orders_path}'"
    ).fetchall()[0]
    scale = intake.summary.amount_scale
    return intake.summary.purchases, float(bought) / scale, float(back) / scale


def doubts(intake: Intake) -> list[str]:
    return in_words(intake.summary.doubts)


def aside(intake: Intake) -> dict[str, int]:
    return dict(intake.summary.lines_set_aside.by_reason)


# ---------------------------------------------------------------- what is told


def test_lines_told_to_be_left_out_are_set_aside(tmp_path: Path) -> None:
    intake = read(tmp_path, TILL, leave_out={"Mark": ("Y", "z")})
    assert aside(intake) == {"left_out": 2}
    assert figures(intake) == (3, 55, 0)
    quarantine = intake.quarantine_path.read_text()
    assert "mark" in quarantine and ",y" in quarantine


def test_an_empty_cell_can_be_told_to_be_left_out(tmp_path: Path) -> None:
    assert aside(read(tmp_path, TILL, leave_out={"mark": ("(not set)",)})) == {"left_out": 1}


def test_lines_told_to_be_refunds_change_their_sign(tmp_path: Path) -> None:
    assert figures(read(tmp_path, TILL, refunds={"mark": ("y",)})) == (4, 75, 20)
    signed = TILL.replace("20.00,y", "-20.00,y")
    assert figures(read(tmp_path, signed, refunds={"mark": ("y",)})) == (4, 75, 20)


def test_states_are_told_whatever_their_words(tmp_path: Path) -> None:
    states = {"X": "bought", "y": "unpaid", "z": "cancelled"}
    intake = read(tmp_path, TILL, columns={"status": "mark"}, states=states)
    assert aside(intake) == {"not_paid": 1}
    assert figures(intake) == (4, 75, 20)
    assert doubts(intake) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"leave_out": {"marc": ("x",)}}, ("'marc' for --leave-out", "nearest is 'mark'")),
        ({"refunds": {"mark": ("xx",)}}, ("holds 'xx'", "--refunds", "'x'")),
        ({"states": {"x": "bought"}}, ("--state", "--status COLUMN")),
        ({"states": {"w": "other"}, "columns": {"status": "mark"}}, ("'w'", "--state")),
    ],
)
def test_what_is_told_must_occur(
    tmp_path: Path, options: dict[str, Any], words: tuple[str, ...]
) -> None:
    said = asked(tmp_path, TILL, **options)
    assert all(word in said for word in words), said
