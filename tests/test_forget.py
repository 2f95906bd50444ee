"""Somebody is forgotten: in no artefact any more, and every chain and manifest still holds."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from winback.cli.app import app
from winback.intake.erased import hashes_to_ask, read_forgotten
from winback.params import check_params
from winback.questions.forgetting import forget
from winback.questions.rebuilding import rebuild
from winback.questions.sealing import of_run, seal_list
from winback.stages.flow import run_history
from winback.synthetic.shop import simulate_shop

QUICK = {
    "ingest": {"currency": "PLN", "contact_columns": ["email", "phone", "full_name"]},
    "snapshot": {"horizon_days": 30, "country": "PL", "most_cutoffs": 4},
    "train": {"horizons_days": [14], "seeds": 1, "threads": 1, "max_rounds": 10},
    "evaluate": {"origins": 2, "resamples": 20},
    "target": {"campaign_id": "weekly-{cutoff}", "control_share": 0.2},
}


def planted(number: int) -> dict[str, str]:
    """What one customer of the shop is known by, each of it found nowhere else."""
    return {
        "customer_id": f"kl{number:03d}-x", "email": f"Zofia.{number}@nigdzie.example",
        "phone": f"+48 601 7{number:02d} {number:03d}", "full_name": f"Zofia Sadzonka{number:03d}",
    }  # fmt: skip


def shop() -> pd.DataFrame:
    orders = simulate_shop("fashion", customers=90, days=220, seed=4).orders
    number = orders["customer_id"].str[1:].astype(int)
    return orders.assign(
        **{name: [planted(n)[name] for n in number] for name in planted(1)}, notes="none"
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of `winback run` whose list has left."""
    out = tmp_path_factory.mktemp("forget") / "out"
    run_history(shop(), out, check_params(QUICK))
    seal_list(of_run(out))
    return out


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "out"))


def texts(path: Path) -> Iterable[str]:
    """Everything that a file says, read by another hand than the one that removes."""
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        yield from (str(table.schema.metadata), *table.column_names)
        for column in table.columns:
            yield from map(str, column.unique().to_pylist())
    else:
        yield path.read_bytes().decode("utf-8", "replace")
        yield path.read_bytes().decode("utf-16-le", "replace")


def where(folder: Path, person: dict[str, str]) -> set[str]:
    """Files in which anything of a person stands."""
    digits = re.sub(r"\D", "", person["phone"])[2:]
    email = person["email"].lower()
    signs = [person["customer_id"], email, person["full_name"].lower(), person["phone"], digits,
             hashlib.sha256(email.encode()).hexdigest()]  # fmt: skip
    found = set()
    for path in folder.rglob("*"):
        if path.is_file():
            held = "\n".join(texts(path)).lower()
            if any(sign in held for sign in signs):
                found.add(path.relative_to(folder).as_posix())
    return found


def said(*words: str) -> str:
    done = CliRunner().invoke(app, ["forget", *words, "--language", "en"], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


@pytest.mark.parametrize("key", ["customer_id", "email", "phone"])
def test_a_person_is_in_no_file_any_more_whichever_key_is_given(folder: Path, key: str) -> None:
    listed = pd.read_csv(folder / "list.csv", dtype=str)
    person, other = planted(int(listed["customer_id"][2][2:5])), planted(9)
    before = where(folder, person)
    assert {"list.csv", "report.html", "people.parquet", "scores.parquet"} <= before
    output = said(person[key], "--in", str(folder))
    assert where(folder, person) == set()
    assert where(folder, other) >= {"orders/orders.parquet", "scores.parquet", "people.parquet"}
    for sign in (person["customer_id"], person["email"], person["phone"], "Sadzonka"):
        assert sign not in output
    # A later import knows them by each of their keys.
    project = of_run(folder)
    kept = read_forgotten(project.path("forgotten"))
    for name, kind in (("customer_id", "id"), ("email", "email"), ("phone", "phone")):
        assert hashes_to_ask([(kind, person[name])], project.salt()) & kept
        assert not hashes_to_ask([(kind, other[name])], project.salt()) & kept


def test_the_ledger_stays_to_the_byte_and_manifests_hold(folder: Path, tmp_path: Path) -> None:
    ledger = {p: p.read_bytes() for p in (folder / "ledger").rglob("*") if p.is_file()}
    rows = pd.read_parquet(folder / "assignment.parquet")
    person = rows.loc[rows["arm"] != "control", "customer_id"].iloc[0]
    output = said(person, "--in", str(folder))
    assert "Removed from list.csv: 1\n" in output and "every hash holds" in output
    assert {p: p.read_bytes() for p in ledger} == ledger
    manifest = json.loads((folder / "manifest.json").read_text())
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    assert manifest["rows"]["assignment"] == len(rows) - 1
    # The list is still known as the one that left, and tells how many of it are gone.
    assert seal_list(of_run(folder)).again
    with pytest.raises(Exception, match=r"1\sperson of this list"):
        rebuild(of_run(folder), manifest["campaign_id"], tmp_path / "again.csv")


def test_a_measurement_says_how_many_were_forgotten(folder: Path, tmp_path: Path) -> None:
    rows = pd.read_parquet(folder / "assignment.parquet")
    said(*rows["customer_id"].iloc[:2], "--in", str(folder))
    later = shop()
    later["ordered_at"] += pd.Timedelta(days=45)
    later.to_csv(tmp_path / "later.csv", index=False)
    asked = ["measure", str(folder / "assignment.parquet"), "--window-days", "30"]
    asked += ["--orders", str(tmp_path / "later.csv"), "--out", str(tmp_path / "m")]
    asked += ["--language", "en"]
    done = CliRunner().invoke(app, asked, catch_exceptions=False)
    words = "forgotten since and count no more: 2"
    assert words in done.output.replace("\xa0", " ")
    assert words in (tmp_path / "m/result.html").read_text().replace("\xa0", " ")


def test_a_call_that_was_killed_is_finished_by_the_same_call(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = planted(7)
    whole = shutil.copytree(folder, folder.with_name("whole"))
    said(person["customer_id"], "--in", str(whole))
    from winback.questions import forgetting

    real, calls = forgetting.take_out, []

    def killed(path: Path, *rest: object) -> object:
        calls.append(path)
        if len(calls) in (12, 40):
            raise KeyboardInterrupt
        return real(path, *rest)

    monkeypatch.setattr(forgetting, "take_out", killed)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            forget(of_run(folder), [person["customer_id"]])
    monkeypatch.undo()
    said(person["customer_id"], "--in", str(folder))
    assert where(folder, person) == set()
    for path in whole.rglob("*"):
        if path.is_file():
            assert (folder / path.relative_to(whole)).read_bytes() == path.read_bytes(), path
