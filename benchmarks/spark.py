"""Snapshots by Spark's local mode against the local walk: time, memory, and equal values.

    python benchmarks/spark.py --lines 10_000_000 --cutoffs 12

Makes the order log of `benchmarks/speed.py`, reads it in, then runs, each in a process of its own:
the engine alone on canonical lines, and the Spark driver on the same file with as many local
threads. Every column of every row is compared. CPU seconds and memory are those of the whole
process tree; memory is the peak of its proportional set sizes, looked at four times a second.
Needs the extra `spark` and Java.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from speed import MAKE

INTAKE = """
import sys
from datetime import date
from winback.intake.settling import read_orders
read_orders(sys.argv[1], sys.argv[2], cutoff=date(2025, 1, 1), memory_limit="4GB")
"""

LOCAL = """
import sys, pyarrow.parquet as pq
from datetime import date, timedelta
from winback.snapshots import snapshot_batches
cutoffs = [date(2025, 1, 1) - timedelta(days=30 * k) for k in range(int(sys.argv[3]))]
both = None
for batch in snapshot_batches(
    sys.argv[1], cutoffs, horizon_days=90, observed_until=cutoffs[0], threads=2
):
    both = both or [
        pq.ParquetWriter(f"{sys.argv[2]}/{name}.parquet", table.schema, compression="zstd")
        for name, table in (("features", batch.features), ("outcomes", batch.outcomes))
    ]
    both[0].write_table(batch.features)
    both[1].write_table(batch.outcomes)
for writer in both:
    writer.close()
"""

SPARK = """
import sys
from datetime import date, timedelta
from pyspark.sql import SparkSession
from winback.snapshots.spark import snapshot_with_spark
cutoffs = [date(2025, 1, 1) - timedelta(days=30 * k) for k in range(int(sys.argv[3]))]
spark = (
    SparkSession.builder.master("local[2]").config("spark.driver.memory", sys.argv[4])
    .config("spark.ui.enabled", "false").config("spark.local.dir", sys.argv[5])
    .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
    .getOrCreate()
)
snapshot_with_spark(
    spark, sys.argv[1], sys.argv[2], cutoffs, horizon_days=90, observed_until=cutoffs[0]
)
spark.stop()
"""

COMPARE = """
import duckdb, sys
con = duckdb.connect()
con.execute("SET memory_limit = '6GB'; SET enable_progress_bar = false")
for name, closed in (("features", "true"), ("outcomes", "returned IS NOT NULL")):
    ours = f"'{sys.argv[1]}/{name}.parquet'"
    columns = [row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {ours}").fetchall()]
    listed = ", ".join(columns)
    # Rows as hashes: what is compared is every column, what is joined is small.
    hashed = "SELECT customer_id, cutoff, hash({}) AS row FROM {} WHERE {}"
    print(f"{name}, {len(columns)} columns; rows, of Spark, in both, equal:", con.sql(f'''
      SELECT count(a.row), count(b.row), count(*) FILTER (a.row IS NOT NULL AND b.row IS NOT NULL),
        count(*) FILTER (a.row = b.row)
      FROM ({hashed.format(listed, ours, "true")}) a
      FULL JOIN ({hashed.format(listed, f"'{sys.argv[2]}/*.parquet'", closed)}) b
      USING (customer_id, cutoff)''').fetchall()[0])
"""


def tree(root: int) -> set[int]:
    """The process and all that it started, and what those started."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(entry.name)] = int(of_stat(entry.name)[1])
    found = {root}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def of_stat(process: int | str) -> list[str]:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def timed(words: list[str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak memory (GB) of a process and all that it starts."""
    began, peak = time.perf_counter(), 0
    # By process, since the JVM and Spark's workers are not all waited for by their parents.
    cpu: dict[int, float] = {}
    with tempfile.TemporaryFile() as errors:
        running = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=errors)
        while running.poll() is None:
            held = 0
            for process in tree(running.pid):
                with contextlib.suppress(OSError):
                    cpu[process] = sum(map(int, of_stat(process)[11:13]))
                    memory = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
                    held += sum(int(row.split()[1]) for row in memory if row[:4] == "Pss:")
            peak = max(peak, held)
            time.sleep(0.25)
        if running.returncode:
            errors.seek(0)
            raise SystemExit(errors.read().decode()[-4000:])
    wall = time.perf_counter() - began
    return wall, sum(cpu.values()) / os.sysconf("SC_CLK_TCK"), peak / 1e6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--cutoffs", type=int, default=12)
    parser.add_argument("--driver-memory", default="4g")
    parser.add_argument("--ids", choices=("text", "integer"), default="text")
    given = parser.parse_args()
    python = sys.executable
    os.environ["PYSPARK_PYTHON"] = python
    print("| lines | what | wall s | CPU s | peak GB |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        log, canonical = f"{folder}/log.parquet", f"{folder}/in/orders.parquet"
        subprocess.run(
            [python, "-c", MAKE, str(given.lines), given.ids, log], check=True, capture_output=True
        )
        subprocess.run([python, "-c", INTAKE, log, f"{folder}/in"], check=True)
        local, spread, count = f"{folder}/local", f"{folder}/spark", str(given.cutoffs)
        Path(local).mkdir()
        runs = {
            f"local walk, 2 threads, {count} cutoffs": [
                python, "-c", LOCAL, canonical, local, count,
            ],
            f"Spark local[2], {count} cutoffs": [
                python, "-c", SPARK, canonical, spread, count, given.driver_memory, folder,
            ],
        }  # fmt: skip
        for name, words in runs.items():
            wall, cpu, peak = timed(words)
            print(f"| {given.lines:,} | {name} | {wall:.1f} | {cpu:.1f} | {peak:.1f} |", flush=True)
        subprocess.run([python, "-c", COMPARE, local, spread], check=True)


if __name__ == "__main__":
    main()
