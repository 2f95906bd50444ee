"""Somebody is forgotten: in no artefact any more, and every chain and manifest still holds."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from typer.testing import CliRunner

from winback.cli.app import app, main
from winback.crm.confirmed import read_confirmed, write_confirmed
from winback.errors import UsageError, WinbackError
from winback.intake.erased import hashes_to_ask, read_forgotten
from winback.ledger.book import Ledger
from winback.params import check_params
from winback.project import FOLDER, PIPELINE, Project
from winback.questions.forgetting import forget
from winback.questions.rebuilding import rebuild
from winback.questions.sealing import of_run, seal_list
from winback.results.base import Fact
from winback.said.spoken import tell
from winback.said.words import Words
from winback.sending.adapter import Change
from winback.sending.journal import Journal, Planned
from winback.stages.flow import run_history
from winback.stages.ingest import ingest
from winback.synthetic.shop import simulate_shop

ROOT = Path(__file__).parents[1]
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
    """Order lines with people in every column that may hold text, and lines that cannot be read."""
    orders = simulate_shop("fashion", customers=90, days=220, seed=4).orders.astype(str)
    number = orders["customer_id"].str[1:].astype(int)
    for name in planted(1):
        orders[name] = [planted(n)[name] for n in number]
    told = orders["full_name"] + ", " + orders["email"] + ", " + orders["phone"]
    some = number % 3 == 0
    orders["product_id"] = orders["product_id"].mask(some, "for " + told)
    orders = orders.assign(
        notes=told, status=("paid " + orders["email"]).where(some, "paid"),
        channel=("by " + orders["full_name"]).where(some, "web"),
    )  # fmt: skip
    aside = [orders[some].head(15).assign(ordered_at=orders[name]) for name in list(planted(1))[1:]]
    return pd.concat([orders, *aside], ignore_index=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of `winback run` whose list has left, with all that was said meanwhile."""
    out = tmp_path_factory.mktemp("forget") / "out"
    facts: list[Fact] = []
    run_history(shop(), out, check_params(QUICK), say=facts.append)
    seal_list(of_run(out))
    told = (tell(fact, Words(language)) for language in ("en", "pl") for fact in facts)
    (out.parent / "said.log").write_text("\n".join(told))
    return out


def test_nobody_stands_in_what_is_said_nor_in_any_result_but_lists(made: Path) -> None:
    """Tables of data hold what the shop calls its products; results, pages and words nobody."""
    found = {}
    for path in [*made.rglob("*"), made.parent / "said.log"]:
        if path.is_file() and path.suffix != ".parquet" and not path.name.startswith("list."):
            held = "\n".join(texts(path)).lower()
            found[path.name] = re.findall(r"zofia.\w+|nigdzie|601 ?7\d\d ?\d|48601\d", held)
    assert len(found) > 20 and "said.log" in found and "quarantine.csv" in found
    assert {name: hits for name, hits in found.items() if hits} == {}
    assert (made / "quarantine.csv").read_text().count("(text)") == 45


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
    elif path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            yield from (book.read(name).decode() for name in book.namelist())
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
    some = [n for n in listed["customer_id"].str[2:5].astype(int) if n % 3 == 0]
    person, other = planted(some[0]), planted(10)
    before = where(folder, person)
    assert {
        "list.csv",
        "list.xlsx",
        "orders/shop_marks.parquet",
        "people.parquet",
        "scores.parquet",
    } <= before
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


def asked(*words: str) -> tuple[int, str]:
    """What `winback explain` answers, and its error in place of an answer."""
    done = CliRunner().invoke(app, ["explain", *words, "--language", "en"])
    failed = done.exception if isinstance(done.exception, WinbackError) else None
    return done.exit_code, failed.sentence("en") if failed else done.output


def test_a_card_lies_apart_is_private_and_goes_with_its_person(
    folder: Path, tmp_path: Path
) -> None:
    listed = pd.read_csv(folder / "list.csv", dtype=str)
    number = int(listed["customer_id"].iloc[0][2:5])
    person, there = planted(number), ["--in", str(folder)]
    for key in (person["customer_id"], person["email"].upper(), person["phone"]):
        code, output = asked(key, *there, "--html")
        assert code == 0 and person["email"] not in output
    (card,) = (folder / "cards").glob("card-*.html")
    assert card.stat().st_mode & 0o777 == 0o600
    assert (folder / "cards/.gitignore").read_text() == "*\n"
    held = card.read_text(encoding="utf-8").lower()
    assert person["customer_id"] in held
    for name in ("email", "phone", "full_name"):
        assert person[name].lower() not in held
    assert person["customer_id"] not in card.name
    asked(person["customer_id"], *there, "--out", str(folder / "own.html"))
    assert (folder / "own.html").is_file()
    # A card takes the place of a card, and of no other file.
    asked(person["customer_id"], *there, "--out", str(folder / "own.html"))
    for other, why in (("list.csv", "ends in .html"), ("report.html", "is no card of a customer")):
        before = (folder / other).read_bytes()
        code, output = asked(person["customer_id"], *there, "--out", str(folder / other))
        assert code and why in output and (folder / other).read_bytes() == before
    # Nor where a stage writes, or git would keep it.
    assert "stages write there" in asked(person["customer_id"], *there, "--out",
                                         str(folder / "orders/own.html"))[1]  # fmt: skip
    (tmp_path / "shop/.git").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(tmp_path / "shop")], check=True)
    beside = str(tmp_path / "shop/own.html")
    assert "git would keep" in asked(person["customer_id"], *there, "--out", beside)[1]
    for key in ("Nowak.1@nigdzie.example", "+48 600 999 888", "Nowak"):
        code, output = asked(key, *there)
        assert code == 1 and "Nowak" not in output and "888" not in output
    said(person["email"], *there)
    assert not card.exists() and not (folder / "own.html").exists()
    for key in (person["customer_id"], person["email"]):
        assert asked(key, *there) == (1, "That customer was forgotten: nothing is kept of them.")


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


@pytest.mark.long
def test_a_measurement_says_how_many_were_forgotten(folder: Path, tmp_path: Path) -> None:
    rows = pd.read_parquet(folder / "assignment.parquet")
    said(*rows["customer_id"].iloc[:2], "--in", str(folder))
    later = shop()
    later = later[later["ordered_at"].str.startswith("20")]
    later["ordered_at"] = pd.to_datetime(later["ordered_at"]) + pd.Timedelta(days=45)
    later.to_csv(tmp_path / "later.csv", index=False)
    asked = ["measure", str(folder / "assignment.parquet"), "--window-days", "30"]
    asked += ["--orders", str(tmp_path / "later.csv"), "--out", str(tmp_path / "m")]
    asked += ["--language", "en"]
    done = CliRunner().invoke(app, asked, catch_exceptions=False)
    words = "forgotten since and count no more: 2"
    assert words in done.output.replace("\xa0", " ")
    assert words in (tmp_path / "m/result.html").read_text().replace("\xa0", " ")


def test_an_import_to_come_leaves_them_out(folder: Path, tmp_path: Path) -> None:
    """Also where the shop has given them another id since, or writes their number otherwise."""
    keys = tmp_path / "keys.txt"
    one, two = planted(12), planted(15)
    keys.write_text(f"{one['email']}\n\n{two['customer_id']}\n")
    said("--file", str(keys), "--in", str(folder))
    orders = shop()
    orders["customer_id"] = orders["customer_id"].replace(one["customer_id"], "somebody-new")
    orders["phone"] = orders["phone"].replace(two["phone"], two["phone"][3:].replace(" ", "-"))
    again = Project(check_params(QUICK), root=folder, layout=FOLDER, source=orders)
    with again.leaving_no_addresses():
        ingest(again)
        for name in ("orders", "contacts", "privacy"):
            ids = set(pd.read_parquet(again.path(name))["customer_id"])
            assert not ids & {one["customer_id"], "somebody-new", two["customer_id"]}
            assert planted(10)["customer_id"] in ids


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


# --- a project under DVC ---------------------------------------------------------------------

CAMPAIGN = "weekly-2023-08-09"


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    """The same under DVC's layout, with what DVC, MLflow and people keep beside it."""
    root = tmp_path / "shop"
    layout = {name: (FOLDER[name], place) for name, place in PIPELINE.items() if FOLDER[name]}
    for there, here in layout.values():
        if (made / there).is_file():
            (root / here).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(made / there, root / here)
    shutil.copytree(made / "ledger", root / "ledger")
    (root / "salt.txt").write_text((made / "salt.txt").read_text())
    raw = root / "data/raw/orders.csv"
    raw.parent.mkdir()
    shop().to_csv(raw, index=False)
    settings = {**QUICK, "ingest": {**QUICK["ingest"], "orders": "data/raw/orders.csv"}}
    (root / "params.yaml").write_text(yaml.safe_dump(settings))
    contacts = shop()[list(planted(1))].drop_duplicates("customer_id")
    contacts.to_parquet(root / "data/contacts.parquet", index=False)
    aside = pd.read_csv(made / "quarantine.csv", dtype=str)
    aside.assign(source_file="orders.csv").to_csv(root / "data/quarantine.csv", index=False)
    keep(root, raw)
    return root


def keep(root: Path, raw: Path) -> None:
    """DVC's cache of the orders as they are and as they were, and what it remembers of a run."""
    (root / ".dvc").mkdir()
    (root / ".dvc/config").write_text("['remote \"store\"']\n    url = s3://somewhere\n")
    held = {name: put(root, root / f"data/{name}.parquet") for name in ("orders", "scores")}
    own = put(root, raw)
    raw.with_name("orders.csv.dvc").write_text(f"outs:\n- md5: {own}\n  path: orders.csv\n")
    old = root / "old.csv"
    shop().iloc[1:].to_csv(old, index=False)
    put(root, old)
    old.unlink()
    put(root, root / "models/champion.json")
    run = root / ".dvc/cache/runs/aa/aaaa/bbbb"
    run.parent.mkdir(parents=True)
    run.write_text(f"cmd: winback score\nouts:\n- path: x\n  hash: md5\n  md5: {held['scores']}\n")
    lock = {"stages": {"ingest": {
        "cmd": "winback ingest", "deps": [{"path": "data/raw/orders.csv", "md5": own}],
        "outs": [{"path": "data/orders.parquet", "md5": held["orders"]}],
    }}}  # fmt: skip
    (root / "dvc.lock").write_text(yaml.safe_dump(lock))


def put(root: Path, path: Path) -> str:
    digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    place = root / ".dvc/cache/files/md5" / digest[:2] / digest[2:]
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, place)
    place.chmod(0o444)
    return digest


def test_caches_runs_notebooks_and_pushes_lose_the_person_and_the_shops_own_file_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    listed = pd.read_csv("exports/current/list.csv", dtype=str)
    aside = shop()["customer_id"].tail(45)
    person = planted(int(aside.iloc[0][2:5]))
    other = listed["customer_id"][listed["customer_id"] != person["customer_id"]].iloc[0]
    beside(project, person)
    before, raw = where(project, person), Path("data/raw/orders.csv").read_bytes()
    assert {"mlflow.db", "notebooks/looked.ipynb", "mlartifacts/1/looked.json"} <= before
    output = said(person["email"])
    after = where(project, person)
    own = hashlib.md5(raw, usedforsecurity=False).hexdigest()
    assert after == {"data/raw/orders.csv", f".dvc/cache/files/md5/{own[:2]}/{own[2:]}", "mine.txt",
                     f"of {person['email']}.txt"}  # fmt: skip
    assert Path("data/raw/orders.csv").read_bytes() == raw
    rows = shop()["customer_id"].eq(person["customer_id"])
    lines = ", ".join(str(n + 2) for n in rows[rows].index[:3])
    assert re.search(rf"data/raw/orders\.csv is the shop's own.*: {lines}", output)
    assert "Removed from DVC's cache: 3 files, 1 remembered runs" in output
    assert "Delete by hand at klaviyo: 1 person (z•••@•••)" in output
    for words in ("dvc repro makes these again, without them: data/orders.parquet",
                  "the remote store of DVC", "mine.txt, which winback did not write"):  # fmt: skip
        assert words in output
    assert not list(Path(".dvc/cache/runs").rglob("*/*/*"))
    left = pd.read_csv("data/quarantine.csv")
    assert len(left) == 45 - (aside == person["customer_id"]).sum() < 45
    # What others have there is as it was.
    pushed = read_confirmed(Path("pushes/klaviyo/confirmed.parquet"))
    assert pushed["customer_id"].tolist() == [other]
    logged = json.loads(Path("mlartifacts/1/looked.json").read_text())
    assert [each["customer_id"] for each in logged] == [other]
    notebook = json.loads(Path("notebooks/looked.ipynb").read_text())
    assert [len(cell["outputs"]) for cell in notebook["cells"]] == [0, 1]
    # And with --raw the shop's own file too; nothing else of it changes.
    said(person["email"], "--raw")
    assert where(project, person) == {"mine.txt", f"of {person['email']}.txt"}
    assert "of Z***@n***.example.txt, which winback did not write" in output
    assert not any(sign in output for sign in person.values())
    kept = [line for line in raw.decode().splitlines() if person["customer_id"] not in line]
    assert Path("data/raw/orders.csv").read_text().splitlines() == kept


def beside(root: Path, person: dict[str, str]) -> None:
    """What people and pushes leave beside the pipeline."""
    rows = pd.read_csv(root / "exports/current/list.csv", dtype=str)
    rows = pd.concat([pd.DataFrame([person]), rows[rows["customer_id"] != person["customer_id"]]])
    rows = rows[list(person)].head(2)
    sent = pd.DataFrame({"customer_id": rows["customer_id"], "key": rows["email"].str.lower(),
                         "content": "x", "campaign_id": CAMPAIGN})  # fmt: skip
    write_confirmed(root / "pushes/klaviyo/confirmed.parquet", sent)
    (root / "mine.txt").write_text(f"call {person['phone']}\n")
    (root / f"of {person['email']}.txt").write_text(person["full_name"])
    shown = [f"{person['full_name']} <{person['email']}>", "90 customers"]
    cells = [{"cell_type": "code", "source": [], "metadata": {}, "execution_count": 1,
              "outputs": [{"output_type": "stream", "name": "stdout", "text": [text]}]}
             for text in shown]  # fmt: skip
    looked = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (root / "notebooks").mkdir()
    (root / "notebooks/looked.ipynb").write_text(json.dumps(looked, indent=1) + "\n")
    (root / "mlartifacts/1").mkdir(parents=True)
    table = [{"customer_id": customer} for customer in rows["customer_id"]]
    (root / "mlartifacts/1/looked.json").write_text(json.dumps(table))
    with sqlite3.connect(root / "mlflow.db") as store:
        store.execute("CREATE TABLE tags (key VARCHAR, value VARCHAR)")
        store.execute("INSERT INTO tags VALUES ('looked_at', ?)", [f"at {person['email']}"])


def test_a_push_that_was_cut_off_goes_on_without_them(folder: Path) -> None:
    """Its journal knows rows by number, so the row stays and says nothing of anybody."""
    # A run keeps the addresses of its list alone.
    listed = pd.read_csv(folder / "list.csv", dtype=str)["customer_id"]
    one, two = (planted(n) for n in listed.str[2:5].astype(int)[-2:])
    journal = Journal(folder / "pushes/hubspot")
    changes = [
        Change(n, each["customer_id"], "email", each["email"].lower(), {})
        for n, each in enumerate((one, two))
    ]
    with journal.alone():
        journal.begin([Planned(change, "content", CAMPAIGN) for change in changes], (), "list")
        journal.sent(changes)
    output = said(one["email"], "--in", str(folder))
    assert "Delete by hand at hubspot: 1 person" in output
    assert where(folder, one) == set()
    state = Journal(folder / "pushes/hubspot").state()
    assert state.cut_off and set(state.held) == {two["email"].lower()}


def test_what_is_old_goes_by_the_days_of_the_orders(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    beside(project, planted(7))
    shutil.copytree("exports/current", "exports/spring")
    manifest = json.loads(Path("exports/spring/manifest.json").read_text())
    Path("exports/spring/manifest.json").write_text(
        json.dumps({**manifest, "cutoff": "2023-01-05"})
    )
    Path("data/campaigns/spring").mkdir(parents=True)
    Path("data/campaigns/spring/sent.csv").write_text("customer_id,sent_at\nkl007-x,2023-01-06\n")
    assert "Removed, of before" not in said("--older-than", "300")
    output = said("--older-than", "60")
    assert "exports/spring\n" in output and "data/campaigns/spring\n" in output
    assert not Path("exports/spring").exists() and not Path("data/campaigns/spring").exists()
    assert Path("exports/current/list.csv").is_file()
    assert len(read_confirmed(Path("pushes/klaviyo/confirmed.parquet"))) == 2
    assert of_ledger(project).verify() is None


def of_ledger(root: Path) -> Ledger:
    return Ledger(root / "ledger", root / "people.parquet")


def test_nobody_given_or_both_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner()
    for words, found in (
        (["forget"], "say whom"),
        (["forget", "a", "--older-than", "3"], "not both"),
        (["forget", "--file", "none.txt"], "no such file of keys"),
        (["ledger", "forget", "a"], "now winback forget KEY"),
    ):
        error = run.invoke(app, words).exception
        assert isinstance(error, UsageError)
        assert found in error.sentence("en")


# --- what is told ----------------------------------------------------------------------------


def test_every_artefact_is_named_in_the_record_of_processing_in_both_languages(
    made: Path,
) -> None:
    """And what holds ids stands in the table of what holds people."""
    text = (ROOT / "docs/rodo.md").read_text(encoding="utf-8")
    polish, english = text.split("## In English")
    files = {place: made / FOLDER[name] for name, place in PIPELINE.items() if FOLDER[name]}
    with_people = {
        place for place, path in files.items()
        if path.suffix == ".parquet" and path.is_file()
        and "customer_id" in pq.read_schema(path).names
    }  # fmt: skip
    assert len(with_people) > 10
    for half in (polish, english):
        tables = "\n".join(line for line in half.splitlines() if line.startswith("| `"))
        places = {*PIPELINE.values(), *(FOLDER[name] for name in FOLDER if name not in PIPELINE)}
        assert {place for place in places if f"`{place}`" not in half} == set()
        assert {place for place in with_people if f"`{place}`" not in tables} == set()


def test_no_error_repeats_an_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["winback", "forget", "--file", "of anna@nigdzie.example.csv"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "of a***@n***.example.csv: no such file of keys" in said


@pytest.mark.long
def test_after_dvc_repro_and_forget_a_person_is_in_the_shops_own_files_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, git: str
) -> None:
    """As `benchmarks/forget.py` shows it, of a project with one list that left."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    shown = import_module("forget")
    monkeypatch.setattr(shown, "STATE", tmp_path)
    monkeypatch.setattr(shown, "SHOP", tmp_path / "shop")
    monkeypatch.setattr(shown, "WEEKS", shown.WEEKS[:1])
    shown.make()
    first = pd.read_csv(tmp_path / "shop/exports/current/list.csv", dtype=str)
    person = shown.planted(int(first["customer_id"][0].rpartition("-")[2]))
    shown.look(person)
    before = shown.standing(person)
    assert {"exports/current", "mlflow.db", ".dvc/cache, files", "people.parquet"} <= set(before)
    told = shown.winback("forget", person["email"])
    own = {"data/raw (the shop's own)", ".dvc/cache, files"}
    after = shown.standing(person)
    assert set(after) == own and after[".dvc/cache, files"] == 1
    assert not any(sign in told for sign in person.values())
    shown.dvc("repro", "score")
    assert shown.standing(person) == after
