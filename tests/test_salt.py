"""The salt: an input of the project that stands in no file but its own."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pandas as pd
import pytest

from winback.errors import UsageError, WinbackError
from winback.params import Params, check_params
from winback.project import FOLDER, Project, fingerprint_of
from winback.questions.sealing import of_run, seal_list
from winback.stages.flow import run_history
from winback.synthetic.shop import simulate_shop

QUICK = {
    "snapshot": {"most_cutoffs": 2, "horizon_days": 30},
    "train": {"seeds": 1, "max_rounds": 10, "step_rounds": 5, "horizons_days": []},
    "evaluate": {"origins": 1, "resamples": 0},
}


def params(**target: object) -> Params:
    return check_params({**QUICK, "target": target})


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return simulate_shop("fashion", customers=200, days=240, seed=5).orders


@pytest.fixture(scope="module")
def folder(orders: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("shop") / "out"
    run_history(orders, out, params(control_share=0.3))
    return out


def arms(folder: Path) -> dict[str, str]:
    sealed = pd.read_parquet(folder / "assignment.parquet")
    return dict(zip(sealed["customer_id"], sealed["arm"], strict=True))


def test_a_folder_makes_its_own_salt_that_nobody_else_can_read(folder: Path) -> None:
    path = folder / "salt.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    salt = path.read_text().strip()
    assert len(salt) == 32
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["salt_fingerprint"] == fingerprint_of(salt)
    others = [p for p in folder.rglob("*") if p.is_file() and p != path]
    assert others and not [p for p in others if salt.encode() in p.read_bytes()]
    assert not [p for p in folder.rglob("*") if p.name.startswith(".")]


def test_a_second_run_there_draws_with_it_again(folder: Path, orders: pd.DataFrame) -> None:
    before = arms(folder)
    run_history(orders, folder, params(control_share=0.3))
    assert arms(folder) == before
    assert set(before.values()) > {"control"}


@pytest.mark.long
def test_the_environment_goes_before_the_file(
    orders: pd.DataFrame, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINBACK_SALT", (folder / "salt.txt").read_text())
    run_history(orders, tmp_path / "out", params(control_share=0.3))
    assert arms(tmp_path / "out") == arms(folder)
    assert not (tmp_path / "out/salt.txt").exists()


@pytest.mark.long
def test_a_sealed_list_is_never_drawn_with_another_salt(
    orders: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, sealed = tmp_path / "out", params(control_share=0.3)
    run_history(orders, out, sealed)
    seal_list(of_run(out))
    left = (out / "assignment.parquet").read_bytes()
    monkeypatch.setenv("WINBACK_SALT", "of another machine")
    with pytest.raises(WinbackError, match=r"another salt .* Bring over salt\.txt"):
        run_history(orders, out, sealed)
    monkeypatch.delenv("WINBACK_SALT")
    (out / "salt.txt").unlink()
    with pytest.raises(WinbackError, match=r"salt\.txt: missing, and WINBACK_SALT is not set"):
        run_history(orders, out, sealed)
    assert (out / "assignment.parquet").read_bytes() == left
    assert not (out / "salt.txt").exists()


@pytest.mark.long
def test_a_second_run_never_replaces_a_sealed_assignment(
    orders: pd.DataFrame, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run_history(orders, out, params(control_share=0.3))
    seal_list(of_run(out))
    left = (out / "assignment.parquet").read_bytes()
    with pytest.raises(WinbackError, match="another list has left under this name"):
        run_history(orders, out, params(control_share=0.5))
    assert (out / "assignment.parquet").read_bytes() == left
    # The same list again is no other.
    run_history(orders, out, params(control_share=0.3))
    assert (out / "assignment.parquet").read_bytes() == left


@pytest.mark.long
def test_a_run_without_params_may_be_repeated_into_its_folder(
    orders: pd.DataFrame, tmp_path: Path
) -> None:
    run_history(orders, tmp_path / "out", params(control_share=0.3))
    before = arms(tmp_path / "out")
    run_history(orders, tmp_path / "out", params(control_share=0.5))
    assert arms(tmp_path / "out") != before


def test_a_secret_in_params_is_refused_without_being_told() -> None:
    with pytest.raises(UsageError, match=r"a secret does not belong in params\.yaml") as told:
        check_params({"target": {"salt": "our secret"}})
    assert "our secret" not in str(told.value)


def test_a_machine_without_the_salt_of_a_project_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WINBACK_SALT", raising=False)
    with pytest.raises(WinbackError, match=r"salt\.txt: missing.*winback init"):
        Project(params(), root=tmp_path).salt()
    (tmp_path / "salt.yaml").write_text(f'fingerprint: "{fingerprint_of("ours")}"\n')
    (tmp_path / "salt.txt").write_text("theirs\n")
    with pytest.raises(WinbackError, match=f"fingerprint: {fingerprint_of('theirs')}"):
        Project(params(), root=tmp_path).salt()
    monkeypatch.setenv("WINBACK_SALT", "ours")
    assert Project(params(), root=tmp_path).salt() == "ours"


@pytest.mark.long
def test_the_public_salt_of_the_demonstration_is_warned_of(
    orders: pd.DataFrame, tmp_path: Path
) -> None:
    said = []
    run_history(orders, tmp_path / "out", params(salt="public-demo"), say=said.append)
    assert "offers.public_salt" in [getattr(found, "code", "") for found in said]
    assert not (tmp_path / "out/salt.txt").exists()
    assert Project(params(salt="public-demo"), root=tmp_path, layout=FOLDER).salt() == "public-demo"
    assert os.environ.get("WINBACK_SALT") is None
