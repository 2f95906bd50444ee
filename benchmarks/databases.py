"""Orders out of PostgreSQL beside its plain client: rows a second, memory, totals, and the no-op.

    python benchmarks/databases.py --lines 1_000_000

Starts a server of its own (that of the tests, on 127.0.0.1), makes order lines in it, and measures,
each in a process of its own: `psql`'s COPY to nowhere; ADBC's batches, dropped; what winback stores
of them (`open_database`); all of `read_orders`; and for what a database costs over a file, the same
`read_orders` of those rows as Parquet. Memory is the peak resident set. Sums are compared to the
cent. Then a project is laid out over the database, and `winback poll && dvc repro` timed where
nothing has changed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from postgres import PASSWORD, USER, Server, postgres  # noqa: E402

MAKE = """
CREATE TABLE orders AS SELECT 'c' || (hashint4(g) & 2147483647) % {customers} AS customer_no,
  'o' || (g + 1) / 2 AS order_no,
  timestamptz '2022-01-01 08:00+01' + (g + 1) / 2 * interval '{seconds} seconds' AS placed_at,
  (((hashint4(g + 7) & 2147483647) % 20000 + 1) / 100.0)::numeric(12, 2) AS line_total,
  'p' || g % 500 AS product, (g % 3 + 1) AS quantity,
  timestamptz '2022-01-02 08:00+01' + (g + 1) / 2 * interval '{seconds} seconds' AS updated_at
FROM generate_series(1, {lines}) g;
ANALYZE orders;
"""
ADBC = """
import sys
import adbc_driver_postgresql.dbapi as driver
with driver.connect(sys.argv[1]) as connection, connection.cursor() as cursor:
    cursor.execute("SELECT * FROM orders")
    print(sum(batch.num_rows for batch in cursor.fetch_record_batch()))
"""
STORED = """
import duckdb, sys
from pathlib import Path
from winback.intake.databases import open_database
source = open_database(duckdb.connect(), sys.argv[1], Path(sys.argv[2]), table="orders")
print(source.relation)
"""
READ = """
import sys
from winback.intake.settling import read_orders
options = {"table": "orders"} if "://" in sys.argv[1] else {}
intake = read_orders(
    sys.argv[1], sys.argv[2], timezone="Europe/Warsaw", currency="PLN",
    columns={"amount": "line_total", "date": "placed_at"}, **options,
)
print(intake.summary["lines_kept"])
"""
TOTAL = """
import sys
import pyarrow.compute as pc
import pyarrow.parquet as pq
amounts = pq.read_table(sys.argv[1], columns=["amount"])["amount"]
print(pc.sum(amounts).as_py())
"""


def measured(*words: object, **env: str) -> tuple[float, float, float, str]:
    """Seconds, seconds of this side's CPU, peak memory in MB, and what was printed."""
    began = time.perf_counter()
    running = subprocess.Popen(
        [str(word) for word in words], env={**os.environ, **env}, text=True, stdout=subprocess.PIPE
    )
    assert running.stdout is not None
    said = running.stdout.read()
    _, status, used = os.wait4(running.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(f"{words[:3]} failed")
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said.strip()


def noop(server: Server, folder: Path, env: dict[str, str]) -> tuple[float, float]:
    """Seconds of `winback poll` and of `dvc repro` where nothing has changed."""
    winback, dvc = (str(Path(sys.executable).with_name(name)) for name in ("winback", "dvc"))
    env = {**env, "PATH": os.pathsep.join([str(Path(winback).parent), os.environ["PATH"]])}
    query = "SELECT count(*), max(updated_at) FROM orders"
    shop = folder / "shop"
    for words, where in (
        ((winback, "init", "shop", "--orders", server.url, "--table", "orders", "--currency", "PLN",
          "--amount", "line_total", "--date", "placed_at", "--watermark-query", query), folder),
        ((winback, "poll"), shop), ((dvc, "repro", "ingest"), shop),
    ):  # fmt: skip
        subprocess.run(words, cwd=where, env={**os.environ, **env}, check=True, capture_output=True)
    seconds = []
    for words in ((winback, "poll"), (dvc, "repro", "ingest")):
        taken = []
        for _ in range(3):
            began = time.perf_counter()
            done = subprocess.run(
                words, cwd=shop, env={**os.environ, **env}, check=True, capture_output=True,
                text=True,
            )  # fmt: skip
            taken.append(time.perf_counter() - began)
        assert "as they were" in done.stdout or "up to date" in done.stdout, done.stdout
        seconds.append(min(taken))
    return seconds[0], seconds[1]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--lines", type=int, default=1_000_000)
    lines = asked.parse_args().lines
    with postgres() as server, tempfile.TemporaryDirectory() as scratch:
        folder, env = Path(scratch), {**server.env, "PYTHONPATH": str(ROOT / "src")}
        span = 3 * 365 * 86400
        server.run(MAKE.format(lines=lines, customers=max(lines // 15, 10),
                               seconds=max(span * 2 // lines, 1)))  # fmt: skip
        cents = int(server.run("SELECT (sum(line_total) * 100)::bigint FROM orders"))
        copy = (server.programs / "psql", server.url, "-Xqc", "\\copy orders TO /dev/null")
        print(f"{lines:,} lines, load {os.getloadavg()[0]:.1f}\n")
        print(f"{'':34}{'seconds':>9}{'CPU':>7}{'rows/s':>12}{'memory MB':>11}{'of psql':>9}")

        def told(name: str, *words: object) -> str:
            seconds, cpu, memory, said = measured(*words, **env)
            first.append(seconds)
            print(f"{name:34}{seconds:>9.1f}{cpu:>7.1f}{lines / seconds:>12,.0f}{memory:>11,.0f}"
                  f"{seconds / first[0]:>9.1f}", flush=True)  # fmt: skip
            return said

        first: list[float] = []
        told("psql, COPY to nowhere", *copy)
        told("ADBC, batches dropped", sys.executable, "-c", ADBC, server.url)
        (folder / "stored").mkdir()
        told("winback: stored as Parquet", sys.executable, "-c", STORED, server.url,
             folder / "stored")  # fmt: skip
        told("winback: read_orders", sys.executable, "-c", READ, server.url, folder / "orders")
        told("the same of that Parquet file", sys.executable, "-c", READ,
             folder / "stored/database.parquet", folder / "file")  # fmt: skip
        for name in ("orders", "file"):
            *_, total = measured(sys.executable, "-c", TOTAL, folder / name / "orders.parquet")
            assert int(total) == cents, (name, total, cents)
        print(f"\nTotals equal to the cent: {cents / 100:,.2f}")
        own = {"WINBACK_DATABASE_USER": USER, "WINBACK_DATABASE_PASSWORD": PASSWORD}
        poll, repro = noop(server, folder, env | own)
        print(f"Nothing changed: winback poll {poll:.1f} s, dvc repro {repro:.1f} s")


if __name__ == "__main__":
    main()
