"""`dvc repro` of a shop that has signals and attributes, declared as docs/features.md says."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest
import yaml

from test_pipeline import PACKAGE, ROOT, dvc
from winback.params import check_params
from winback.synthetic.shop import simulate_shop

PARAMS = {
    "ingest": {"orders": "data/raw/shop.csv", "signals": "data/raw/signals.parquet",
               "attributes": "data/raw/attributes.parquet"},
    "snapshot": {
        "horizon_days": 30, "most_cutoffs": 5,
        "signals": [{"name": "ticket_opened", "closed_by": "ticket_closed"},
                    {"name": "visit_web", "windows_days": [14, 90]}],
        "attributes": [{"name": "tier", "levels": ["bronze", "silver", "gold"]}],
    },
    "train": {"horizons_days": [], "seeds": 1, "max_rounds": 20, "lifetime_days": None},
    "evaluate": {"origins": 1, "resamples": 0},
    "target": {
        "salt": "public-demo", "complaint_column": "ticket_opened_open",
        "offers": [{"name": "ten", "kind": "percent_off", "discount_share": 0.1, "valid_days": 14,
                    "contact_cost": 0.1, "margin_share": 0.5,
                    "eligible": "tier >= 1 and visit_web_90d >= 1",
                    "label": {"en": "10% off", "pl": "10% taniej"}}],
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, git: str) -> Path:
    """A project whose dvc.yaml names both files beside the orders; reproduced up to the list."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(PACKAGE, folder / "src" / "winback", ignore=shutil.ignore_patterns("__pyc*"))
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    (folder / ".dvc").mkdir()
    kept = (".gitignore", ".dvcignore", ".dvc/.gitignore", ".dvc/config", "salt.yaml")
    for name in (*kept, "forgotten.txt"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("ledger", "data/campaigns"):
        (folder / name).mkdir(parents=True)
        shutil.copy(ROOT / name / "README.md", folder / name / "README.md")
    pipeline = (ROOT / "dvc.yaml").read_text(encoding="utf-8")
    orders = "      - ${ingest.orders}\n"
    more = "".join(orders.replace("orders", noun) for noun in ("signals", "attributes"))
    assert pipeline.count(orders) == 1
    (folder / "dvc.yaml").write_text(pipeline.replace(orders, orders + more))
    (folder / "params.yaml").write_text(
        yaml.safe_dump(check_params(PARAMS).model_dump(mode="json"))
    )
    shop = simulate_shop("fashion", customers=250, days=300, seed=4)
    shop.orders.to_csv(raw / "shop.csv", index=False)
    shop.signals.to_parquet(raw / "signals.parquet")
    shop.attributes.to_parquet(raw / "attributes.parquet")
    subprocess.run([git, "init", "-q"], cwd=folder, check=True)
    dvc(folder, "repro", "export")
    return folder


@pytest.mark.long
def test_what_is_declared_reaches_the_list(project: Path) -> None:
    snapshots = pd.read_parquet(project / "data/snapshots.parquet")
    newest = snapshots[snapshots["cutoff"] == snapshots["cutoff"].max()].set_index("customer_id")
    listed = pd.read_csv(project / "exports/current/list.csv", dtype=str)["customer_id"]
    assert len(listed) > 0
    assert (newest.loc[listed, "tier"] >= 1).all()
    assert (newest.loc[listed, "visit_web_90d"] >= 1).all()
    # The offer is none for a complaint, so that nobody with an open one is on the list.
    assert (newest.loc[listed, "ticket_opened_open"] == 0).all()
    told = json.loads((project / "exports/current/manifest.json").read_text())["versions"]
    read = json.loads((project / "reports/ingest.json").read_text())
    assert told["signals_sha256"] == read["signals"]["sha256"]


@pytest.mark.long
def test_a_new_file_of_signals_is_read_and_measured_again(project: Path) -> None:
    source = project / "data/raw/signals.parquet"
    before = pd.read_parquet(project / "data/snapshots.parquet")["visit_web_total"].sum()
    signals = pd.read_parquet(source)
    signals.iloc[::2].to_parquet(source)
    said = dvc(project, "repro", "snapshot")
    assert [line for line in said.splitlines() if line.startswith("Running stage")] == [
        "Running stage 'ingest':", "Running stage 'snapshot':"
    ]  # fmt: skip
    after = pd.read_parquet(project / "data/snapshots.parquet")["visit_web_total"].sum()
    assert 0 < after < before
