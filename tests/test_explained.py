"""`winback explain` says what a shop declares itself, of one customer beside the others."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from canonical import line, write_orders
from winback.params import check_params
from winback.project import FOLDER
from winback.questions.explaining import explain_customer

CUTOFF = date(2024, 6, 1)
DECLARED = {
    "signals": [{"name": "late_delivery", "windows_days": [30, 90],
                 "label": {"en": "late deliveries", "pl": "opóźnione dostawy"}}],
    "attributes": [{"name": "tier", "levels": ["silver", "gold"], "label": "tier"}],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a run leaves of two customers, as far as it is asked for."""

    def path(name: str) -> Path:
        found = tmp_path / FOLDER[name]
        found.parent.mkdir(parents=True, exist_ok=True)
        return found

    names = ["ada", "bob"]
    lines = [line(name, "2024-05-01", 1000, order_id=name) for name in names]
    write_orders(path("orders"), lines)
    numbers = ("expected_orders", "expected_net_spend", "expected_net_spend_low",
               "expected_net_spend_high", "lifetime_value", "lifetime_value_low",
               "lifetime_value_high")  # fmt: skip
    texts = {f"reason_{k}{end}": None for k in (1, 2, 3) for end in ("", "_pl")}
    scores = pd.DataFrame({
        "customer_id": names, "cutoff": CUTOFF, "horizon_days": 30, "p_return": [0.2, 0.4],
        **dict.fromkeys(numbers, 1.0), "segment": "new", "risk_band": "low", "rfm_score": "511",
        **texts,
    })  # fmt: skip
    pq.write_table(pa.Table.from_pandas(scores), path("scores"))
    snapshots = pd.DataFrame({
        "customer_id": names * 2, "cutoff": [CUTOFF] * 2 + [date(2024, 5, 1)] * 2,
        "late_delivery_30d": [0, 1, 9, 9], "late_delivery_90d": [3, 1, 9, 9], "tier": [1, None] * 2,
    })  # fmt: skip
    pq.write_table(pa.Table.from_pandas(snapshots), path("snapshots"))
    settings = check_params({"snapshot": DECLARED}, "test").snapshot.model_dump(mode="json")
    path("manifest").write_text(json.dumps({"params": {"snapshot": settings}}))
    return tmp_path


@pytest.mark.parametrize(
    ("language", "ada", "bob"),
    [
        ("en", ["What else is known", "  late deliveries: 3 in 90 days (the shop's average: 2)",
                "  tier: gold"],
         ["  late deliveries: 1 in 90 days (the shop's average: 2)", "  tier: not known"]),
        ("pl", ["Co jeszcze wiadomo",
                "  opóźnione dostawy: 3 w ciągu 90 dni (przeciętnie w sklepie: 2)",
                "  tier: gold"], ["  tier: brak danych"]),
    ],
)  # fmt: skip
def test_declared_signals_and_attributes_are_said(
    folder: Path, language: str, ada: list[str], bob: list[str]
) -> None:
    for name, wanted in (("ada", ada), ("bob", bob)):
        said = explain_customer(name, folder, language)  # type: ignore[arg-type]
        lines = said.replace("\N{NO-BREAK SPACE}", " ").split("\n")
        assert [each for each in wanted if each not in lines] == []


def test_a_shop_that_declares_nothing_is_told_nothing_more(folder: Path) -> None:
    (folder / FOLDER["manifest"]).write_text(json.dumps({"params": {"snapshot": {}}}))
    assert "else is known" not in explain_customer("ada", folder, "en")
