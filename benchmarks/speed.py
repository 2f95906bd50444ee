"""Snapshots of many cutoffs from one pass: time and memory against floor and SQL.

    python benchmarks/speed.py --lines 10_000_000 --cutoffs 12

Makes an order log of three years (heavy-tailed customers, 2.5 lines an order), then runs, each in
a process of its own: the floor F (DuckDB reads the file and groups by customer),
`winback snapshot` from raw lines (intake included), the engine alone on canonical lines, and, for
six features, a full SQL pass and a pandas pass per cutoff, and such an SQL pass for every feature;
the SQL's values are compared with winback's. Prints medians of repeated runs (nine of a short
floor, three of all else up to 10 million lines but the passes) and ratios to F. `--write` puts the
table into benchmarks/speed.md, in the place of the one for as many lines; `--growth` draws
benchmarks/speed.png.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

LAST = date(2025, 1, 1)
TESTS = str(Path(__file__).resolve().parent.parent / "tests")
HEAD = """| ids | what | wall s | CPU s | peak GB | x F wall | x F CPU |
|---|---|---|---|---|---|---|"""
TITLE = """# Speed of snapshots

Written by `python benchmarks/speed.py --lines N --write`, intake and compressed Parquet output
included unless it says "engine alone" (from the sorted canonical lines). F is DuckDB reading the
log and grouping it by customer. Writing alone is what pyarrow takes, in one thread, to write the
finished snapshots again: no engine that writes these columns with it costs less.

![CPU seconds by cutoffs and by lines](speed.png)
"""

MAKE = """
import duckdb, sys
lines, text, out = int(sys.argv[1]), sys.argv[2] == "text", sys.argv[3]
faults = "faults" in sys.argv[4:]
orders, customers = lines * 2 // 5, lines // 20
fine = 1000003 if customers <= 500_000 else 1000000007  # so many customers can be drawn
con = duckdb.connect()
con.execute("SET threads = 2")
con.execute("SET enable_progress_bar = false")
key = "'C' || lpad(c::VARCHAR, 9, '0')" if text else "c"
# One line in 25 is given back five days later, and one in 250 stands there twice.
given_back = "hash(order_id * 31 + product_id) % 25 = 0"
twice = "hash(order_id * 37 + product_id) % 250 = 0"
more = f'''
  UNION ALL SELECT customer_id, order_id, ordered_at + INTERVAL 5 DAY, product_id, -quantity,
    -amount FROM log WHERE {given_back}
  UNION ALL SELECT * FROM log WHERE {twice}''' if faults else ""
con.execute(f'''COPY (
  WITH o AS (
    SELECT i AS order_id,
      floor({customers} * pow((hash(i) % {fine}) / {fine}.0, 2.2))::BIGINT AS c,
      TIMESTAMP '2022-01-01' + to_seconds(((hash(i * 7 + 1) % 94694400))::BIGINT) AS ordered_at,
      1 + hash(i * 3) % 4 AS lines
    FROM range({orders}) t(i)),
  log AS (
  SELECT {key} AS customer_id, order_id, ordered_at, (hash(order_id * 5 + n) % 20000)::INTEGER AS
    product_id, 1 + (hash(order_id + n * 11) % 3)::INTEGER AS quantity,
    ((hash(order_id * 13 + n) % 9000) + 100) / 100.0 AS amount
  FROM o, range(4) r(n) WHERE n < lines)
  SELECT * FROM log {more} ORDER BY ordered_at
) TO '{out}' (FORMAT parquet)''')
"""

FLOOR = """
import duckdb, sys
con = duckdb.connect(); con.execute("SET threads = 2")
con.execute(
    f"SELECT customer_id, count(*), sum(amount) FROM '{sys.argv[1]}' GROUP BY 1"
).fetchmany(1)
"""

CANONICAL = """
import sys
from datetime import date
from winback.intake.settling import read_orders
read_orders(sys.argv[1], sys.argv[2], cutoff=date(2025, 1, 1), threads=2)
"""

ENGINE = """
import sys, pyarrow.parquet as pq
from datetime import date, timedelta
from winback.project import NUMBERS
from winback.snapshots import snapshot_batches
cutoffs = [date(2025, 1, 1) - timedelta(days=30 * k) for k in range(int(sys.argv[3]))]
writer = None
for batch in snapshot_batches(
    sys.argv[1], cutoffs, horizon_days=90, observed_until=cutoffs[0], threads=2
):
    writer = writer or pq.ParquetWriter(sys.argv[2], batch.features.schema, **NUMBERS)
    writer.write_table(batch.features)
writer.close()
"""

# What writing the finished snapshots costs alone, without reading them.
WRITE = """
import sys, time, pyarrow.parquet as pq
from winback.project import NUMBERS
source = pq.ParquetFile(sys.argv[1])
writer = pq.ParquetWriter(sys.argv[2], source.schema_arrow, **NUMBERS)
wall = cpu = 0.0
for group in range(source.num_row_groups):
    rows = source.read_row_group(group, use_threads=False)
    began = time.perf_counter(), time.process_time()
    writer.write_table(rows)
    wall, cpu = wall + time.perf_counter() - began[0], cpu + time.process_time() - began[1]
writer.close()
print(wall, cpu)
"""

PANDAS = """
import sys, pandas as pd
from datetime import timedelta
log = pd.read_parquet(sys.argv[1])
parts = []
for k in range(int(sys.argv[3])):
    cutoff = pd.Timestamp("2025-01-01") - timedelta(days=30 * k)
    past = log[log["ordered_at"] < cutoff]
    orders = past.groupby(["customer_id", "order_id"], as_index=False).agg(
        day=("ordered_at", "min"), amount=("amount", "sum"))
    of = orders.groupby("customer_id")
    recent = [orders[orders["day"] >= cutoff - timedelta(days=w)].groupby("customer_id")
              for w in (90, 365)]
    parts.append(pd.DataFrame({
        "cutoff": cutoff, "orders_total": of.size(), "orders_90d": recent[0].size(),
        "spend_365d": recent[1]["amount"].sum(), "last": of["day"].max(), "first": of["day"].min(),
        "order_value_max": of["amount"].max()}))
pd.concat(parts).to_parquet(sys.argv[2])
"""

SQL = """
import duckdb, sys
from datetime import date, timedelta
con = duckdb.connect(); con.execute("SET threads = 2")
for k in range(int(sys.argv[3])):
    c = date(2025, 1, 1) - timedelta(days=30 * k)
    con.execute(f'''COPY (
      WITH o AS (SELECT customer_id::VARCHAR AS customer_id, order_id, min(ordered_at) AS day,
                 sum(amount) AS amount FROM '{sys.argv[1]}'
                 WHERE ordered_at < DATE '{c}' GROUP BY ALL)
      SELECT customer_id, DATE '{c}' AS cutoff, count(*) AS orders_total,
        count(*) FILTER (day >= DATE '{c}' - 90) AS orders_90d,
        coalesce(sum(amount) FILTER (day >= DATE '{c}' - 365), 0) AS spend_365d,
        date_diff('day', max(day)::DATE, DATE '{c}') AS days_since_last_order,
        date_diff('day', min(day)::DATE, DATE '{c}') AS days_since_first_order,
        max(amount) AS order_value_max
      FROM o GROUP BY 1 ORDER BY 1) TO '{sys.argv[2]}/{k}.parquet' (FORMAT parquet)''')
"""

# All of winback's features by the SQL that its tests hold them against (tests/test_oracle.py).
EVERY_FEATURE = """
import duckdb, sys
from datetime import date, timedelta
sys.path.insert(0, sys.argv[4])
from test_oracle import HOLIDAYS, SQL
con = duckdb.connect(config={"threads": 2, "temp_directory": sys.argv[2] + "/spill"})
con.execute("CREATE TABLE holidays (day DATE)")
con.executemany("INSERT INTO holidays VALUES (?)", [[day] for day in HOLIDAYS])
con.execute(f'''CREATE VIEW lines AS SELECT customer_id::VARCHAR AS customer_id, order_id,
  ordered_at, ordered_at AS known_at, product_id, quantity, 'order' AS kind,
  round(amount * 100)::BIGINT AS amount FROM '{sys.argv[1]}' ''')
asked = {"scale": 100, "times": True, "products": True, "quantities": True}
for k in range(int(sys.argv[3])):
    cutoff = date(2025, 1, 1) - timedelta(days=30 * k)
    con.execute(f"CREATE OR REPLACE TABLE cutoffs AS SELECT DATE '{cutoff}' AS cutoff")
    con.execute(f"COPY ({SQL}) TO '{sys.argv[2]}/{k}.parquet' (FORMAT parquet)", asked)
"""

COMPARE_EVERY = """
import duckdb, sys
ours, theirs = (f"'{path}'" for path in (sys.argv[1], sys.argv[2] + "/*.parquet"))
of_calendar = ("holidays_next_30d", "days_to_payday")  # the oracle knows those of two years
names = [n for n, *_ in duckdb.sql(f"DESCRIBE FROM {theirs}").fetchall() if n not in of_calendar]
same = " AND ".join(
    f"a.{n} = b.{n}" if n.endswith(("_on", "_id", "cutoff")) else
    f"(a.{n} IS NOT DISTINCT FROM b.{n} OR abs(a.{n} - b.{n}) <= 1e-9 * greatest(1, abs(b.{n})))"
    for n in names)
duckdb.sql("SET enable_progress_bar = false")
print(len(names) - 2, *duckdb.sql(f'''SELECT count(*), count(*) FILTER ({same})
  FROM {ours} a FULL JOIN {theirs} b USING (customer_id, cutoff)''').fetchall()[0])
"""

COMPARE = """
import duckdb, sys
names = ("orders_total", "orders_90d", "spend_365d", "days_since_last_order",
         "days_since_first_order", "order_value_max")
same = " AND ".join(f"abs(a.{n} - b.{n}) < 1e-6" for n in names)
duckdb.sql("SET enable_progress_bar = false")
print(duckdb.sql(f'''SELECT count(*), count(b.orders_total), count(*) FILTER ({same})
  FROM '{sys.argv[1]}' a FULL JOIN '{sys.argv[2]}/*.parquet' b USING (customer_id, cutoff)
''').fetchall())
"""


def timed(*words: str) -> tuple[float, float, float, str]:
    """Wall seconds, CPU seconds and peak memory (GB) of a process, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(
        ["/usr/bin/env", "time", "-f", "%M", *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, int(done.stderr.split()[-1]) / 1e6, done.stdout


def measured(
    lines: int,
    cutoffs: int,
    memory_limit: str,
    kinds: list[str],
    *,
    engine: bool,
    rivals: bool,
    faults: bool,
) -> list[str]:
    """Rows of the table for each kind of ids, printed as they come."""
    python, winback = sys.executable, str(Path(sys.executable).with_name("winback"))
    rows = []
    for ids in kinds:
        with tempfile.TemporaryDirectory() as folder:
            log, out = f"{folder}/log.parquet", f"{folder}/out"
            more = ["faults"] if faults else []
            subprocess.run([python, "-c", MAKE, str(lines), ids, log, *more], check=True)
            if engine:
                subprocess.run([python, "-c", CANONICAL, log, f"{folder}/orders"], check=True)
            Path(folder, "sql").mkdir()

            def snapshot(count: int, log: str = log, out: str = out) -> list[str]:
                return [
                    winback, "--quiet", "snapshot", log, "--cutoff", LAST.isoformat(), "--cutoffs",
                    str(count), "--horizon-days", "90", "--out", out, "--threads", "2",
                    "--memory-limit", memory_limit,
                ]  # fmt: skip

            canonical, count = f"{folder}/orders/orders.parquet", str(cutoffs)
            runs = {
                "floor F": [python, "-c", FLOOR, log],
                "winback snapshot, 1 cutoff": snapshot(1),
                f"winback snapshot, {count} cutoffs": snapshot(cutoffs),
                "engine alone, 1 cutoff": [
                    python, "-c", ENGINE, canonical, f"{folder}/f1.parquet", "1",
                ],
                f"engine alone, {count} cutoffs": [
                    python, "-c", ENGINE, canonical, f"{folder}/f.parquet", count,
                ],
            }  # fmt: skip
            runs[f"its Parquet writing alone, {count} cutoffs"] = [
                python, "-c", WRITE, f"{out}/snapshots.parquet", f"{folder}/again.parquet",
            ]  # fmt: skip
            if not engine:
                runs = {name: words for name, words in runs.items() if "engine" not in name}
            if rivals:
                runs[f"SQL, a pass per cutoff, 6 features, {count} cutoffs"] = [
                    python, "-c", SQL, log, f"{folder}/sql", count,
                ]  # fmt: skip
                Path(folder, "every").mkdir()
                runs[f"SQL, a pass per cutoff, every feature, {count} cutoffs"] = [
                    python, "-c", EVERY_FEATURE, log, f"{folder}/every", count, TESTS,
                ]  # fmt: skip
                runs[f"pandas, a pass per cutoff, 6 features, {count} cutoffs"] = [
                    python, "-c", PANDAS, log, f"{folder}/pandas.parquet", count,
                ]  # fmt: skip
            floor = (0.0, 0.0)
            for name, words in runs.items():
                # A short floor is the noisiest of all, and everything is measured by it.
                times = 9 if name == "floor F" and lines <= 10_000_000 else 3
                if name != "floor F" and (lines > 10_000_000 or "a pass" in name):
                    times = 1
                taken = [timed(*words) for _ in range(times)]
                wall, cpu, peak = (statistics.median(run[i] for run in taken) for i in range(3))
                if "writing alone" in name:
                    told = [[float(word) for word in run[3].split()] for run in taken]
                    wall, cpu = (statistics.median(run[i] for run in told) for i in range(2))
                if name == "floor F":
                    floor = wall, cpu
                rows.append(
                    f"| {ids} | {name} | {wall:.1f} | {cpu:.1f} | {peak:.1f} "
                    f"| {wall / floor[0]:.1f} | {cpu / floor[1]:.1f} |"
                )
                print(rows[-1], flush=True)
            if rivals:
                found = timed(python, "-c", COMPARE, f"{out}/snapshots.parquet", f"{folder}/sql")
                both, ours, same = json.loads(found[3].translate(str.maketrans("()", "[]")))[0]
                rows.append(
                    f"\nWith {ids} ids, winback and SQL have {ours:,} of {both:,} rows in common "
                    f"and all six values equal in {same:,}.\n"
                )
                print(rows[-1], flush=True)
                found = timed(
                    python, "-c", COMPARE_EVERY, f"{out}/snapshots.parquet", f"{folder}/every"
                )
                columns, both, same = (int(n) for n in found[3].split())
                rows.append(
                    f"All {columns} features that need no list of holidays are equal (to 1e-9) in "
                    f"{same:,} of {both:,} rows.\n"
                )
                print(rows[-1], flush=True)
                if ids != kinds[-1]:
                    rows.append(HEAD)
    return rows


def write_table(lines: int, rows: list[str]) -> None:
    """Put the table of so many lines into benchmarks/speed.md."""
    page = Path(__file__).with_suffix(".md")
    parts = (page.read_text(encoding="utf-8") if page.is_file() else TITLE).split("\n## ")
    others = [part for part in parts[1:] if not part.startswith(f"{lines:,} lines")]
    table = "\n".join([f"{lines:,} lines\n", HEAD, *rows]).strip() + "\n"
    sections = sorted([*others, table], key=lambda part: int(part.split()[0].replace(",", "")))
    head = f"{TITLE}\nMachine: {machine()}.\n"
    page.write_text("\n## ".join([head, *(part.strip() + "\n" for part in sections)]))


def machine() -> str:
    """Processor, cores and memory."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    return (
        f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} cores, "
        f"{int(memory.group(1)) / 2**20 if memory else 0:.0f} GB"
    )


def draw_growth() -> None:
    """CPU seconds of the engine by cutoffs and by lines, as benchmarks/speed.png."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    python = sys.executable
    figure, (by_cutoffs, by_lines) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    with tempfile.TemporaryDirectory() as folder:
        for lines in (300_000, 1_000_000, 3_000_000, 10_000_000):
            log, out = f"{folder}/{lines}.parquet", f"{folder}/{lines}"
            subprocess.run([python, "-c", MAKE, str(lines), "integer", log], check=True)
            words = [
                str(Path(python).with_name("winback")), "--quiet", "snapshot", log, "--cutoff",
                LAST.isoformat(), "--cutoffs", "12", "--horizon-days", "90", "--out", out,
                "--threads", "2",
            ]  # fmt: skip
            whole = timed(*words)[1]
            print(f"{lines:,} lines, 12 cutoffs: {whole:.1f} CPU s", flush=True)
            by_lines.plot(lines / 1e6, whole, "o", color="C0")
        counts = (1, 2, 4, 8, 12, 24, 48)
        log, out = f"{folder}/3000000.parquet", f"{folder}/orders"
        subprocess.run([python, "-c", CANONICAL, log, out], check=True)
        seconds = [
            timed(python, "-c", ENGINE, f"{out}/orders.parquet", f"{folder}/f.parquet", str(k))[1]
            for k in counts
        ]
        print(dict(zip(counts, (round(s, 1) for s in seconds), strict=True)))
    by_cutoffs.plot(counts, seconds, "o-", color="C0")
    by_cutoffs.set(xlabel="cutoffs", ylabel="CPU seconds", title="engine, 3 million lines")
    by_lines.set(
        xlabel="million lines", xscale="log", yscale="log", title="whole command, 12 cutoffs"
    )
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--cutoffs", type=int, default=12)
    parser.add_argument("--memory-limit", default="4GB")
    parser.add_argument("--ids", nargs="*", default=["integer", "text"])
    parser.add_argument("--no-engine", action="store_true", help="only the whole command")
    parser.add_argument("--no-rivals", action="store_true", help="without SQL and pandas")
    parser.add_argument(
        "--faults", action="store_true", help="4 %% refunds and .4 %% copies in the log; no rivals"
    )
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--growth", action="store_true")
    given = parser.parse_args()
    if given.growth:
        return draw_growth()
    print(HEAD)
    rows = measured(
        given.lines,
        given.cutoffs,
        given.memory_limit,
        given.ids,
        engine=not given.no_engine,
        rivals=not (given.no_rivals or given.faults),
        faults=given.faults,
    )
    if given.write:
        write_table(given.lines, rows)


if __name__ == "__main__":
    main()
