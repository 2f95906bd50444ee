"""Where a person stands before and after `winback forget`: `python benchmarks/forget.py`.

Lays out a project of a simulated shop whose order lines have e-mail, phone, name and a note, makes
and seals three weekly lists, confirms one at a destination, looks at a customer in a notebook, logs
a table to MLflow, and then forgets one person by e-mail. What stands where is read by this script,
file by file, DVC's cache, MLflow's database and git's objects included. State lies under
`build/forget/`; what was done is not done again. Writes `benchmarks/forget.md`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import yaml

from winback.synthetic.shop import simulate_shop

ROOT = Path(__file__).resolve().parents[1]
STATE = ROOT / "build/forget"
SHOP = STATE / "shop"
WEEKS = [pd.Timestamp("2023-09-04") + pd.Timedelta(days=7 * week) for week in range(3)]
SETTINGS = {
    "ingest": {
        "currency": "PLN", "timezone": "Europe/Warsaw",
        "contact_columns": ["email", "phone", "full_name"],
    },
    "snapshot": {"horizon_days": 30, "country": "PL", "most_cutoffs": 4},
    "train": {"horizons_days": [14], "seeds": 1, "threads": 1, "max_rounds": 10},
    "evaluate": {"origins": 2, "resamples": 20},
    "target": {"campaign_id": "weekly-{cutoff}", "control_share": 0.2},
    "export": {"destinations": ["klaviyo", "braze"]},
}  # fmt: skip


def planted(number: int) -> dict[str, str]:
    """What a customer of the shop is known by."""
    return {
        "customer_id": f"KL-{number:04d}", "email": f"Zofia.{number:04d}@nigdzie.example",
        "phone": f"+48 601 {number // 1000:03d} {number % 1000:03d}",
        "full_name": f"Zofia Sadzonka{number:04d}",
    }  # fmt: skip


def lines() -> pd.DataFrame:
    orders = simulate_shop("fashion", customers=300, days=300, seed=4).orders
    known = [planted(int(customer[1:])) for customer in orders["customer_id"]]
    for name in planted(1):
        orders[name] = [each[name] for each in known]
    return orders.assign(note=[f"gift of {each['full_name']}, {each['email']}" for each in known])


def winback(*words: str) -> str:
    return call(sys.executable, "-m", "winback.cli", *words)


def call(*words: str, place: Path | None = None) -> str:
    here = str(Path(sys.executable).parent)
    env = {
        **os.environ, "PYTHONPATH": str(ROOT / "src"), "DVC_NO_ANALYTICS": "1",
        "PATH": os.pathsep.join([here, os.environ["PATH"]]),
    }  # fmt: skip
    done = subprocess.run(
        words, cwd=place or SHOP, capture_output=True, text=True, check=False, env=env
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
    return done.stdout


def dvc(*words: str) -> str:
    return call(sys.executable, "-m", "dvc", *words)


def make() -> None:
    """The project with three lists that left, week by week."""
    orders = lines()
    if not (SHOP / "params.yaml").is_file():
        shutil.rmtree(SHOP, ignore_errors=True)
        SHOP.mkdir(parents=True)
        call("git", "init", "-q")  # else it would be a part of this repository, which ignores it
        week(orders, 0).to_csv(STATE / "orders.csv", index=False)
        words = ("init", str(SHOP), "--orders", str(STATE / "orders.csv"), "--currency", "PLN")
        call(sys.executable, "-m", "winback.cli", *words, place=STATE)
        told = yaml.safe_load((SHOP / "params.yaml").read_text())
        for section, values in SETTINGS.items():
            told.setdefault(section, {}).update(values)
        (SHOP / "params.yaml").write_text(yaml.safe_dump(told, allow_unicode=True))
    for number in range(len(WEEKS)):
        if len(list((SHOP / "ledger").glob("*-seal-*"))) > number:
            continue
        week(orders, number).to_csv(SHOP / "data/raw/orders.csv", index=False)
        dvc("add", "data/raw/orders.csv")
        # The first week whole, with its page and its run in MLflow; then up to the list.
        dvc("repro", *(["export"] if number else []))
        print(f"week {number + 1}: made", flush=True)
        winback("seal")
        call("git", "add", "-A")
        call("git", "-c", "user.name=shop", "-c", "user.email=shop@shop.example", "commit", "-qm",
             f"Week {number + 1}")  # fmt: skip
    print(winback("confirm", "klaviyo"), flush=True)


def week(orders: pd.DataFrame, number: int) -> pd.DataFrame:
    return orders[pd.to_datetime(orders["ordered_at"]) < WEEKS[number]]


def look(person: dict[str, str]) -> None:
    """What people do beside the pipeline: a notebook, a logged table, a campaign's file."""
    shown = f"customer_id  email\n{person['customer_id']}  {person['email']}"
    output = {"output_type": "stream", "name": "stdout", "text": shown.splitlines(True)}
    cell = {
        "cell_type": "code", "execution_count": 1, "metadata": {}, "source": ["who()"],
        "outputs": [output], "id": "one",
    }  # fmt: skip
    content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (SHOP / "notebooks/looked.ipynb").write_text(json.dumps(content, indent=1) + "\n")
    campaign = SHOP / "data/campaigns/spring"
    campaign.mkdir(exist_ok=True)
    rows = pd.DataFrame([planted(n) for n in range(1, 40)] + [person])
    rows.assign(sent_at="2023-09-02").to_csv(campaign / "sent.csv", index=False)
    logged = (
        "import sys, mlflow; mlflow.set_tracking_uri('sqlite:///mlflow.db'); "
        "mlflow.set_experiment(mlflow.search_experiments()[0].name); mlflow.start_run(); "
        "mlflow.log_table({'customer_id': [sys.argv[1], 'KL-0009']}, 'looked.json'); "
        "mlflow.set_tag('looked_at', sys.argv[2])"
    )
    call(sys.executable, "-c", logged, person["customer_id"], person["email"])


def standing(person: dict[str, str]) -> Counter[str]:
    """Files in which anything of a person stands, by the place they lie in."""
    email = person["email"].lower()
    digits = re.sub(r"\D", "", person["phone"])[2:]
    signs = [person["customer_id"], email, person["full_name"], digits, person["phone"]]
    signs += [hashlib.sha256(email.encode()).hexdigest()]
    wanted = [sign.lower() for sign in signs]
    found: Counter[str] = Counter()
    for path in sorted(SHOP.rglob("*")):
        name = path.relative_to(SHOP).as_posix()
        if path.is_file() and not name.startswith(".git/"):
            held = "\n".join(texts(path)).lower()
            if any(sign in held for sign in wanted):
                found[place_of(name)] += 1
    for held in of_git():
        if any(sign in held for sign in wanted):
            found["git, what was committed"] += 1
    return found


def texts(path: Path) -> Iterator[str]:
    start = path.read_bytes()[:16]
    if start.startswith(b"PAR1"):
        table = pq.read_table(path)
        yield str(table.schema)
        for column in table.columns:
            yield from map(str, column.unique().to_pylist())
    elif start.startswith(b"SQLite"):
        yield path.read_bytes().decode("latin-1")  # free pages as well
        with sqlite3.connect(path) as store:
            yield from store.iterdump()
    elif start.startswith(b"PK"):
        import zipfile

        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name).decode("utf-8", "replace") for name in
                        archive.namelist())  # fmt: skip
    else:
        yield path.read_bytes().decode("utf-8", "replace")


def of_git() -> Iterator[str]:
    listed = call("git", "cat-file", "--batch-all-objects", "--batch-check")
    for line in listed.splitlines():
        digest, kind, _ = line.split()
        if kind == "blob":
            done = subprocess.run(["git", "cat-file", "blob", digest], cwd=SHOP,
                                  capture_output=True, check=True)  # fmt: skip
            yield done.stdout.decode("utf-8", "replace").lower()


def place_of(name: str) -> str:
    parts = name.split("/")
    if name.startswith(".dvc/cache"):
        return ".dvc/cache, files" if "/runs/" not in name else ".dvc/cache, runs"
    if name.startswith("data/raw"):
        return "data/raw (the shop's own)"
    if parts[0] in ("exports", "data", "reports", "pushes") and len(parts) > 1:
        return "/".join(parts[: 2 if parts[0] != "data" or parts[1] == "campaigns" else 1])
    return parts[0]


def ledger() -> dict[str, str]:
    return {
        path.relative_to(SHOP).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((SHOP / "ledger").rglob("*"))
        if path.is_file()
    }


def main() -> None:
    make()
    done = STATE / "done.json"
    if not done.is_file():
        first = pd.read_csv(SHOP / "exports/current/list.csv", dtype=str)
        person = planted(int(first["customer_id"][0].rpartition("-")[2]))
        look(person)
        before, chain = standing(person), ledger()
        raw = hashlib.sha256((SHOP / "data/raw/orders.csv").read_bytes()).hexdigest()
        print("forgetting", flush=True)
        said = winback("forget", person["email"], "--language", "en")
        after = standing(person)
        same = ledger() == chain
        kept = hashlib.sha256((SHOP / "data/raw/orders.csv").read_bytes()).hexdigest() == raw
        told = yaml.safe_load((SHOP / "params.yaml").read_text())
        told["target"]["campaign_id"] = "again-{cutoff}"  # this week's list has left
        (SHOP / "params.yaml").write_text(yaml.safe_dump(told, allow_unicode=True))
        print("made again", flush=True)
        repro = dvc("repro")
        last = standing(person)
        masked = not any(sign in said + repro for sign in person.values())
        graded = winback("grade", "--language", "en")
        done.write_text(json.dumps({
            "before": before, "after": after, "repro": last, "said": said, "chain": len(chain),
            "same": same, "raw": kept, "masked": masked, "grade": graded,
        }))  # fmt: skip
    page = written(json.loads(done.read_text()))
    (ROOT / "benchmarks/forget.md").write_text(page)
    print(page)


def written(found: dict) -> str:
    places = sorted({*found["before"], *found["after"], *found["repro"]})
    rows = [
        f"| {place} | {found['before'].get(place, 0)} | {found['after'].get(place, 0)} | "
        f"{found['repro'].get(place, 0)} |"
        for place in places
    ]
    sums = [sum(found[name].values()) for name in ("before", "after", "repro")]
    text = [
        "# A person forgotten", "",
        "By `python benchmarks/forget.py`. A simulated shop of 300 customers, three weekly lists "
        "made by `dvc repro` and sealed, one confirmed at Klaviyo; a notebook, a campaign's file "
        "and a table logged to MLflow show the person too. Files in which anything of the person "
        "stands (id, e-mail, phone, name, hash of the e-mail), before `winback forget E-MAIL`, "
        "after it, and after the next `dvc repro`.", "",
        "| place | before | after | after dvc repro |", "|---|---|---|---|", *rows,
        f"| all | {sums[0]} | {sums[1]} | {sums[2]} |", "",
        f"The ledger's {found['chain']} files are the same to the byte: "
        f"{'yes' if found['same'] else 'NO'}. The shop's own file is the same: "
        f"{'yes' if found['raw'] else 'NO'}. No key of the person in what was printed: "
        f"{'yes' if found['masked'] else 'NO'}.", "",
        "What was said:", "", "```", found["said"].strip(), "```", "",
    ]  # fmt: skip
    return "\n".join(text)


if __name__ == "__main__":
    main()
