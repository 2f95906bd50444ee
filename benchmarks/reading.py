"""Reading a CSV of order lines: `python benchmarks/reading.py --lines 1_000_000`.

Two floors of the same machine and minute: DuckDB's bare `read_csv` into a table, and DuckDB's
read, sort and write of the same columns as Parquet. Beside them `winback.read_orders` from file to
`orders.parquet`, with one thread and two, from a log without a fault and from one with 4 % of
refunds, .4 % of lines that stand there twice and .4 % without a customer. Each in a process of
its own, imports taken off; medians of `--times` runs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

MAKE = """
import sys, duckdb
lines, faults, out = int(sys.argv[1]), sys.argv[2] == "faults", sys.argv[3]
orders, customers = lines * 2 // 5, lines // 20
more = '''
  UNION ALL SELECT customer_id, order_id, ordered_at + INTERVAL 5 DAY, product_id, -quantity,
    -amount FROM log WHERE hash(order_id * 31 + quantity + amount::BIGINT) % 25 = 0
  UNION ALL SELECT * FROM log WHERE hash(order_id * 37 + quantity + amount::BIGINT) % 250 = 0
  UNION ALL SELECT * REPLACE (NULL AS customer_id) FROM log
    WHERE hash(order_id * 41 + quantity + amount::BIGINT) % 250 = 0''' if faults else ""
con = duckdb.connect()
con.execute(f'''COPY (
  WITH o AS (SELECT i AS order_id,
      floor({customers} * pow((hash(i) % 1000003) / 1000003.0, 2.2))::BIGINT AS c,
      TIMESTAMP '2022-01-01' + to_seconds((hash(i * 7 + 1) % 94694400)::BIGINT) AS ordered_at,
      1 + hash(i * 3) % 4 AS lines FROM range({orders}) t(i)),
  log AS (SELECT 'C' || lpad(c::VARCHAR, 9, '0') AS customer_id, order_id, ordered_at,
      'P' || (hash(order_id * 5 + n) % 2000) AS product_id,
      (1 + hash(order_id + n * 11) % 3)::INTEGER AS quantity,
      ((100 + hash(order_id * 13 + n) % 20000)::INTEGER / 100)::DECIMAL(12, 2) AS amount
    FROM o, range(4) r(n) WHERE n < lines)
  SELECT * FROM log {more} ORDER BY ordered_at, order_id, product_id, quantity, amount
) TO '{out}' (FORMAT csv, HEADER)''')
"""
MEASURE = """
import json, resource, sys, tempfile, time
what, path, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
import duckdb, pyarrow.parquet, pyarrow.compute, numpy
from winback.intake.settling import read_orders
import winback.intake.sorting, winback.intake.databases

def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime

def duck(query):
    con = duckdb.connect(config={"threads": threads})
    con.execute("SET enable_progress_bar = false")
    con.execute(query)

with tempfile.TemporaryDirectory() as out:
    began, used = time.perf_counter(), cpu()
    if what == "read_csv":
        duck(f"CREATE TABLE t AS SELECT * FROM read_csv('{path}')")
    elif what == "sorted":
        duck(f"COPY (SELECT * FROM read_csv('{path}') ORDER BY customer_id, ordered_at, order_id) "
             f"TO '{out}/o.parquet' (FORMAT parquet, COMPRESSION zstd)")
    else:
        read_orders(path, out, threads=threads)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps([time.perf_counter() - began, cpu() - used, peak]))
"""
NAMES = {
    "read_csv": "DuckDB's bare read_csv",
    "sorted": "DuckDB: read, sort and write",
    "winback": "winback.read_orders",
}


def measured(what: str, path: Path, threads: int, times: int) -> tuple[float, float, float]:
    """Medians of wall and CPU seconds, and of the peak in GB."""
    runs = []
    for _ in range(times):
        words = [sys.executable, "-c", MEASURE, what, str(path), str(threads)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    wall, cpu, peak = (statistics.median(run[at] for run in runs) for at in range(3))
    return wall, cpu, peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    print(f"{given.lines:,} lines\n")
    print(
        "| log | threads | what | wall s | CPU s | peak GB | x read_csv CPU "
        "| x read, sort, write CPU | x read_csv wall |"
    )
    print("|---" * 9 + "|")
    for log in ("clean", "faults"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "orders.csv"
            subprocess.run(
                [sys.executable, "-c", MAKE, str(given.lines), log, str(path)], check=True
            )
            for threads in (1, 2):
                found = {what: measured(what, path, threads, given.times) for what in NAMES}
                bare, whole = found["read_csv"], found["sorted"]
                for what, (wall, cpu, peak) in found.items():
                    print(
                        f"| {log} | {threads} | {NAMES[what]} | {wall:.1f} | {cpu:.1f} "
                        f"| {peak:.1f} | {cpu / bare[1]:.1f} | {cpu / whole[1]:.1f} "
                        f"| {wall / bare[0]:.1f} |",
                        flush=True,
                    )  # fmt: skip


if __name__ == "__main__":
    main()
