"""Snapshots of many cutoffs from one pass: time and memory against floor and SQL.

    python benchmarks/speed.py --lines 10_000_000 --cutoffs 12

Makes an order log of three years (heavy-tailed customers, 2.5 lines an order), then runs, each in
a process of its own: the floor F (DuckDB reads the file and groups by customer), `winback
snapshot` from raw lines (intake included), the engine alone on canonical lines, and a full SQL
pass per cutoff for six features, whose values are compared. Prints ratios to F.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

LAST = date(2025, 1, 1)

MAKE = """
import duckdb, sys
lines, text, out = int(sys.argv[1]), sys.argv[2] == "text", sys.argv[3]
orders, customers = lines * 2 // 5, lines // 20
con = duckdb.connect()
con.execute("SET threads = 2")
key = "'C' || lpad(c::VARCHAR, 9, '0')" if text else "c"
con.execute(f'''COPY (
  WITH o AS (
    SELECT i AS order_id,
      floor({customers} * pow((hash(i) % 1000003) / 1000003.0, 2.2))::BIGINT AS c,
      TIMESTAMP '2022-01-01' + to_seconds(((hash(i * 7 + 1) % 94694400))::BIGINT) AS ordered_at,
      1 + hash(i * 3) % 4 AS lines
    FROM range({orders}) t(i))
  SELECT {key} AS customer_id, order_id, ordered_at, (hash(order_id * 5 + n) % 20000)::INTEGER AS
    product_id, 1 + (hash(order_id + n * 11) % 3)::INTEGER AS quantity,
    ((hash(order_id * 13 + n) % 9000) + 100) / 100.0 AS amount
  FROM o, range(4) r(n) WHERE n < lines ORDER BY ordered_at
) TO '{out}' (FORMAT parquet)''')
"""

FLOOR = """
import duckdb, sys
con = duckdb.connect(); con.execute("SET threads = 2")
con.execute(
    f"SELECT customer_id, count(*), sum(amount) FROM '{sys.argv[1]}' GROUP BY 1"
).fetchmany(1)
"""

ENGINE = """
import sys, pyarrow.parquet as pq
from datetime import date, timedelta
from winback.snapshots import snapshot_batches
cutoffs = [date(2025, 1, 1) - timedelta(days=30 * k) for k in range(int(sys.argv[3]))]
writer = None
for features, outcomes, _, _ in snapshot_batches(
    sys.argv[1], cutoffs, horizon_days=90, observed_until=cutoffs[0], threads=2
):
    writer = writer or pq.ParquetWriter(sys.argv[2], features.schema, compression="zstd")
    writer.write_table(features)
writer.close()
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

COMPARE = """
import duckdb, sys
names = ("orders_total", "orders_90d", "spend_365d", "days_since_last_order",
         "days_since_first_order", "order_value_max")
same = " AND ".join(f"abs(a.{n} - b.{n}) < 1e-6" for n in names)
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


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--cutoffs", type=int, default=12)
    parser.add_argument("--memory-limit", default="4GB")
    parser.add_argument("--no-sql", action="store_true")
    given = parser.parse_args()
    python, winback = sys.executable, str(Path(sys.executable).with_name("winback"))
    print("| ids | what | wall s | CPU s | peak GB | x F wall | x F CPU |")
    print("|---|---|---|---|---|---|---|")
    for ids in ("integer", "text"):
        with tempfile.TemporaryDirectory() as folder:
            log, out = f"{folder}/log.parquet", f"{folder}/out"
            subprocess.run([python, "-c", MAKE, str(given.lines), ids, log], check=True)
            count = str(given.cutoffs)
            runs = {
                "floor F": [python, "-c", FLOOR, log],
                f"winback snapshot, {count} cutoffs": [
                    winback, "--quiet", "snapshot", log, "--cutoff", LAST.isoformat(), "--cutoffs",
                    count, "--horizon-days", "90", "--out", out, "--threads", "2",
                    "--memory-limit", given.memory_limit,
                ],
                f"engine alone, {count} cutoffs": [
                    python, "-c", ENGINE, f"{out}/orders.parquet", f"{folder}/f.parquet", count,
                ],
                "engine alone, 1 cutoff": [
                    python, "-c", ENGINE, f"{out}/orders.parquet", f"{folder}/f1.parquet", "1",
                ],
            }  # fmt: skip
            if not given.no_sql:
                Path(folder, "sql").mkdir()
                runs[f"SQL pass per cutoff, 6 features, {count}"] = [
                    python, "-c", SQL, log, f"{folder}/sql", count,
                ]  # fmt: skip
            floor = (0.0, 0.0)
            for name, words in runs.items():
                wall, cpu, peak, _ = min(timed(*words) for _ in range(3 if "F" in name[:7] else 1))
                if name == "floor F":
                    floor = wall, cpu
                print(
                    f"| {ids} | {name} | {wall:.1f} | {cpu:.1f} | {peak:.1f} "
                    f"| {wall / floor[0]:.1f} | {cpu / floor[1]:.1f} |",
                    flush=True,
                )
            if not given.no_sql:
                print(
                    "rows, rows in both, rows equal:",
                    timed(python, "-c", COMPARE, f"{out}/snapshots.parquet", f"{folder}/sql")[3],
                )


if __name__ == "__main__":
    main()
