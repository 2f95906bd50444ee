"""A million rows pushed into PostgreSQL: rows a second, and a second push that changes nothing.

    python benchmarks/postgres_push.py --rows 1_000_000

Starts a server of its own (that of the tests, on 127.0.0.1). Beside psql, which loads the same
values from a CSV file into a staging table and upserts from there, it measures the adapter alone
and the whole of a push: gates, plan, journal, table. Each push runs in a process of its own.
Whether a row was touched is asked of the database: the transaction that wrote it (`xmin`), the
one that locked it (`xmax`) and its `updated_at`, all rows in one hash. Memory is the peak resident
set. Prints and writes `benchmarks/postgres_push.md`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from postgres import PASSWORD, USER, Server, postgres  # noqa: E402

FIELDS = (
    "churn_probability", "churn_risk", "value_band", "rfm_segment", "expected_next_order_date",
    "lifetime_value", "orders_count", "expected_orders",
)  # fmt: skip
HASH = (
    "SELECT count(*), md5(string_agg(customer_id || xmin || ' ' || xmax || updated_at, ',' "
    "ORDER BY customer_id)) FROM customer_scores"
)
BY_HAND = """
CREATE TABLE by_hand (customer_id text PRIMARY KEY, churn_probability numeric(6,5),
  churn_risk text, value_band text, rfm_segment text, expected_next_order_date date,
  lifetime_value numeric(14,2), orders_count bigint, expected_orders double precision);
CREATE TEMP TABLE stage (LIKE by_hand);
\\copy stage FROM '{file}' WITH (FORMAT csv, HEADER)
INSERT INTO by_hand SELECT * FROM stage ORDER BY customer_id
ON CONFLICT (customer_id) DO UPDATE SET churn_risk = excluded.churn_risk;
"""


@dataclass(frozen=True)
class Taken:
    """What one process took."""

    name: str
    seconds: float
    cpu: float
    memory: float
    said: str


def made(rows: int, moved: int):
    """The rows of a push; of so many of them the probability is another."""
    import numpy as np
    import pandas as pd

    draw = np.random.default_rng(17)
    chance = draw.random(rows).round(4)
    chance[:moved] = (chance[:moved] + 0.5).round(4) % 1
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    pick = draw.integers(0, 365, rows)
    return pd.DataFrame(
        {
            "customer_id": [f"c{n:08d}" for n in range(rows)],
            "email": None,
            "phone": None,
            "churn_probability": chance,
            "churn_risk": np.array(["low", "medium", "high"])[pick % 3],
            "value_band": np.array(["low", "middle", "high"])[pick % 7 % 3],
            "rfm_segment": np.array(["champions", "at_risk", "Żółci"])[pick % 5 % 3],
            "expected_next_order_date": pd.Series([days[n] for n in pick], dtype=object),
            "lifetime_value": (draw.random(rows) * 900).round(2),
            "orders_count": draw.integers(1, 40, rows),
            "expected_orders": (draw.random(rows) * 4).round(3),
        }
    )


def outgoing_of(rows: int, moved: int):
    """The same as the sender is given it."""
    import pandas as pd

    from winback.crm.fields import FIELDS as KNOWN
    from winback.crm.outgoing import Outgoing

    none = pd.DataFrame({"customer_id": [], "email": [], "phone": [], "why": []}, dtype=object)
    fields = tuple(KNOWN[name] for name in FIELDS)
    return Outgoing("bench", "everybody", fields, made(rows, moved), none, none, none)


def push(rows: int, moved: int, folder: Path) -> None:
    """The whole of a push."""
    from winback.crm.destinations import destination
    from winback.sending.adapter import Link, Property, Setting
    from winback.sending.adapters import adapter
    from winback.sending.gates import Gates
    from winback.sending.journal import Journal
    from winback.sending.plan import plan_push
    from winback.sending.pushing import Sender

    outgoing = outgoing_of(rows, moved)
    began = time.perf_counter()
    privacy = outgoing.rows[["customer_id"]].assign(
        no_profiling=False, no_marketing=False, barred_channels=None, no_ads=False
    )
    target, journal = destination("postgresql"), Journal(folder)
    properties = tuple(Property(target.header(f, ""), f.kind, f.name) for f in outgoing.fields)
    sender = adapter("postgresql", Setting(properties))
    sender.connect(Link(os.environ))
    with journal.alone():
        sender.prepare()
        state = journal.state()
        plan = plan_push(outgoing, target, Gates(frozenset(), privacy), state, prefix="")
        Sender(sender, journal, state).send(plan)
        journal.close(state)
    counted = ", ".join(f"{name} {count:,}" for name, count in sorted(state.counts.items()))
    print(f"{time.perf_counter() - began:.2f}\t{counted or 'nothing to send'}")


def alone(rows: int, moved: int) -> None:
    """The adapter's own part: one transaction."""
    import pyarrow as pa

    from winback.sending.database import (
        TYPES,
        place_to_write,
        quoted_table,
        writing,
    )  # fmt: skip

    outgoing = outgoing_of(rows, moved)
    table = quoted_table("customer_scores")
    given = pa.Table.from_pandas(
        outgoing.rows[["customer_id", *FIELDS]], preserve_index=False
    ).replace_schema_metadata(None)
    began = time.perf_counter()
    with writing(place_to_write(os.environ["WINBACK_POSTGRESQL_URL"])) as open_now:
        if not open_now.columns(table):
            types = {each.name: TYPES[each.kind] for each in outgoing.fields}
            open_now.create(table, "customer_id", types)
        columns = open_now.columns(table)
        open_now.load(given)
        counts = open_now.counts(table, "customer_id", FIELDS, columns)
        open_now.upsert(table, "customer_id", FIELDS, columns, create=True)
    print(
        f"{time.perf_counter() - began:.2f}\tcreated {counts.created:,}, changed "
        f"{counts.changed:,}, as they were {counts.same:,}"
    )


def measured(name: str, *words: object, **env: str) -> Taken:
    """Run a part of this script; its own seconds, the process's memory, what it said."""
    running = subprocess.Popen(
        [sys.executable, __file__, *map(str, words)], env={**os.environ, **env},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    said = running.stdout.read()
    _, status, used = os.wait4(running.pid, 0)
    if status:
        raise SystemExit(f"{name}: failed")
    seconds, _, told = said.strip().partition("\t")
    cpu = used.ru_utime + used.ru_stime
    return Taken(name, float(seconds), cpu, used.ru_maxrss / 1024, told)


def by_hand(server: Server, rows: int, folder: Path) -> Taken:
    """The same in the words of psql."""
    file = folder / "rows.csv"
    made(rows, 0)[["customer_id", *FIELDS]].to_csv(file, index=False)
    os.chmod(folder, 0o755)
    began = time.perf_counter()
    server.run(BY_HAND.format(file=file))
    seconds = time.perf_counter() - began
    server.run("DROP TABLE by_hand")
    return Taken("psql: a staging table and an upsert", seconds, 0.0, 0.0, "")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--part", choices=("push", "alone"))
    asked.add_argument("--moved", type=int, default=0)
    asked.add_argument("--folder", type=Path)
    given = asked.parse_args()
    if given.part == "push":
        push(given.rows, given.moved, given.folder)
        return
    if given.part == "alone":
        alone(given.rows, given.moved)
        return
    rows, found = given.rows, list[tuple[Taken, str]]()
    with postgres() as server, tempfile.TemporaryDirectory() as scratch:
        url = f"postgresql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}/shop"
        env = {"WINBACK_POSTGRESQL_URL": url, "PYTHONPATH": str(ROOT / "src")}
        before = ""

        def told(taken: Taken) -> None:
            nonlocal before
            there = server.run("SELECT to_regclass('customer_scores') IS NOT NULL") == "t"
            now = server.run(HASH) if there else ""
            touched = "" if not now else "no row touched" if now == before else "rows written"
            before = now
            found.append((taken, touched))
            print(f"{taken.name:44}{taken.seconds:8.1f} s{rows / taken.seconds:12,.0f} rows/s  "
                  f"{taken.said} {touched}", flush=True)  # fmt: skip

        told(by_hand(server, rows, Path(scratch)))
        for name in ("the table alone, first time", "the table alone, second time"):
            told(measured(name, "--part", "alone", "--rows", rows, **env))
        server.run("DROP TABLE customer_scores")
        before = ""
        words = ("--part", "push", "--rows", rows, "--folder", Path(scratch) / "pushes")
        told(measured("a push, first time", *words, **env))
        told(measured("a push, second time", *words, **env))
        (Path(scratch) / "pushes/confirmed.parquet").unlink()
        told(measured("a push that has forgotten what was confirmed", *words, **env))
        moved = max(rows // 100, 1)
        told(measured(f"a push of which {moved:,} rows changed", *words, "--moved", moved, **env))
        total = server.run("SELECT count(*) FROM customer_scores")
    assert int(total) == rows
    assert [touched for _, touched in found[1:]] == [
        "rows written", "no row touched", "rows written", "no row touched", "no row touched",
        "rows written",
    ]  # fmt: skip
    write(rows, found)


def write(rows: int, found: list[tuple[Taken, str]]) -> None:
    """The page."""
    lines = [
        "# A push into PostgreSQL",
        "",
        f"Written by `python benchmarks/postgres_push.py --rows {rows}`: {rows:,} rows of "
        f"{len(FIELDS)} columns and a key, a server and a client on one machine of "
        f"{os.cpu_count()} cores, with a load of "
        f"{os.getloadavg()[1]:.1f} in the last five minutes.",
        "",
        "| | seconds | CPU, s | rows a second | memory, MB | counted | in the database |",
        "|---|---:|---:|---:|---:|---|---|",
    ]
    for taken, touched in found:
        cpu = f"{taken.cpu:.1f}" if taken.cpu else ""
        memory = f"{taken.memory:,.0f}" if taken.memory else ""
        lines.append(
            f"| {taken.name} | {taken.seconds:.1f} | {cpu} | {rows / taken.seconds:,.0f} "
            f"| {memory} | {taken.said} | {touched} |"
        )
    lines += [
        "",
        "*No row touched*: `xmin`, `xmax` and `updated_at` of all rows are what they were before. "
        "CPU and memory are the client's: those of the whole process, which makes the rows too.",
    ]
    (ROOT / "benchmarks/postgres_push.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
