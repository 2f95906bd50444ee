"""Orders out of databases: to the last digit, with credentials that are seen nowhere."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from postgres import PASSWORD, USER, Server, postgres
from winback.errors import UsageError, WinbackError
from winback.intake.settling import Intake, read_orders

LONG = pytest.mark.long
WINBACK = Path(sys.executable).with_name("winback")
ORDERS = "customer_no text, order_no text, placed_at timestamptz"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres() as running:
        yield running


@pytest.fixture(autouse=True)
def login(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("PG", "MYSQL", "WINBACK_DATA"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PGUSER", USER)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)


def lines(server: Server, kind: str, *amounts: str, more: str = "") -> None:
    """A new table `lines` with one line of ten each for a customer of his own."""
    rows = ", ".join(
        f"('k{n}', 'o{n}', '2024-03-0{n % 9 + 1} 10:00+01', {amount})"
        for n, amount in enumerate(amounts)
    )
    server.run(
        f"DROP TABLE IF EXISTS lines CASCADE; CREATE TABLE lines ({ORDERS}, amount {kind}{more});"
        f"INSERT INTO lines VALUES {rows};"
    )


def exact(intake: Intake) -> list[Decimal]:
    """The amounts that were written, as exact numbers."""
    table = pq.read_table(intake.orders_path)
    scale = int(table.schema.metadata[b"amount_scale"])
    return sorted(Decimal(cell) / scale for cell in table["amount"].to_pylist())


def winback(*words: object, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(WINBACK), *map(str, words)], capture_output=True, text=True, check=False,
        env={**os.environ, **env},
    )  # fmt: skip


# --- money and times -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "amounts"),
    [
        ("numeric(12,2)", ["0.10", "1234567890.12", "19.99"]),
        ("numeric(12,3)", ["1.250", "12.125", "3.000"]),
        ("numeric(14,4)", ["0.0001", "1234567890.1234"]),
        ("numeric(20,6)", ["5000000000.000001", "0.000001", "17.5"]),
        ("numeric", ["5000000000.000001", "0.5", "3"]),
        ("money", ["1234.56", "0.05"]),
        ("numeric(30,0)", ["900719925474", "12"]),
        ("bigint", ["900719925474", "12"]),
        ("double precision", ["12.345", "0.1"]),
    ],
)
def test_money_is_what_the_database_holds_to_its_last_digit(
    server: Server, tmp_path: Path, kind: str, amounts: list[str]
) -> None:
    lines(server, kind, *amounts)
    intake = read_orders(server.url, tmp_path / "out", table="lines")
    assert exact(intake) == sorted(map(Decimal, amounts))
    assert intake.summary["amounts_rounded"] == 0
    assert not intake.summary["doubts"]


def test_a_number_that_is_none_is_set_aside_and_the_others_keep_their_places(
    server: Server, tmp_path: Path
) -> None:
    for kind in ("numeric(12,2)", "numeric"):
        lines(server, kind, "'NaN'", "1.25", "NULL")
        intake = read_orders(server.url, tmp_path / kind, table="lines")
        assert exact(intake) == [Decimal("1.25")]
        assert intake.summary["lines_set_aside"]["total"] == 2


def test_instants_become_the_shops_wall_time_and_plain_times_stay(
    server: Server, tmp_path: Path
) -> None:
    # The server's own zone is Tokyo, where it is nine hours later.
    lines(server, "numeric(9,2), wall timestamp", "1.5, '2024-03-01 23:30'")
    for column, zone, hour in [
        ("placed_at", "Europe/Warsaw", "2024-03-01 10:00"),
        ("placed_at", None, "2024-03-01 09:00"),
        ("wall", "Europe/Warsaw", "2024-03-01 23:30"),
    ]:
        intake = read_orders(
            server.url, tmp_path / f"{column}{zone}", table="lines", timezone=zone,
            columns={"date": column},
        )  # fmt: skip
        (at,) = pq.read_table(intake.orders_path)["ordered_at"].to_pylist()
        assert f"{at:%Y-%m-%d %H:%M}" == hour


def test_types_that_no_file_has_are_read_as_their_text(server: Server, tmp_path: Path) -> None:
    server.run(
        "DROP TABLE IF EXISTS odd; DROP TYPE IF EXISTS state; CREATE TYPE state AS ENUM "
        "('paid', 'cancelled'); CREATE TABLE odd AS SELECT gen_random_uuid() AS customer_id, "
        "g AS order_id, date '2024-05-01' + g AS day, 10.5 * g AS amount, "
        "CASE WHEN g = 4 THEN 'cancelled' ELSE 'paid' END::state AS status, "
        "ARRAY['a', 'b'] AS tags, '{\"a\": 1}'::jsonb AS more, true AS paid, "
        "interval '1 day' AS took, 'infinity'::timestamptz AS until FROM generate_series(1, 4) g;"
    )
    done = winback("inspect", server.url, "--table", "odd", "--currency", "PLN", "--json")
    found = json.loads(done.stdout)
    assert (found["customers"], found["purchases"], found["gross"], found["refunds"]) == (
        4, 4, 105.0, 42.0,
    )  # fmt: skip


def test_a_query_gives_the_lines_whatever_its_columns_are_called(
    server: Server, tmp_path: Path
) -> None:
    lines(server, "numeric(9,2)", "1.5", "2.25")
    query = (
        'WITH l AS (TABLE lines) SELECT *, amount AS "Kwota, zł", amount FROM l -- all; of it\n;'
    )
    intake = read_orders(server.url, tmp_path / "out", query=query, columns={"amount": "Kwota, zł"})
    assert exact(intake) == [Decimal("1.5"), Decimal("2.25")]


def test_more_lines_than_a_batch_come_complete(server: Server, tmp_path: Path) -> None:
    query = (
        "SELECT 'k' || g % 1000 AS customer, g AS order_id, date '2024-01-01' + g % 300 AS day, "
        "g * 0.01 AS amount FROM generate_series(1, 300000) g"
    )
    intake = read_orders(server.url, tmp_path / "out", query=query)
    assert intake.summary["lines_kept"] == 300_000
    table = pq.read_table(intake.orders_path)
    assert sum(table["amount"].to_pylist()) == 300_000 * 300_001 // 2


def test_winback_writes_nothing_there(server: Server, tmp_path: Path) -> None:
    lines(server, "numeric(9,2)", "1.5")
    server.run(
        "CREATE OR REPLACE FUNCTION spoil() RETURNS int LANGUAGE sql AS "
        "'INSERT INTO lines SELECT * FROM lines RETURNING 1'"
    )
    with pytest.raises(WinbackError, match="read-only transaction"):
        read_orders(server.url, tmp_path / "out", query="SELECT *, spoil() FROM lines")
    assert server.run("SELECT count(*) FROM lines") == "1"


# --- files ----------------------------------------------------------------------------------


def test_a_file_of_sqlite_is_read_by_path_and_by_address(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as con:
        con.execute("CREATE TABLE sales (id, customer, day TEXT, amount NUMERIC, note)")
        con.executemany(
            "INSERT INTO sales VALUES (?, ?, ?, ?, ?)",
            [(1, "a", "2024-01-05", 12, None), (2, "a", "2024-01-06", 12.125, "x"),
             (3, "b", "2024-01-07", 0.1, 5)],
        )  # fmt: skip
    for number, source in enumerate((path, f"sqlite:///{path}")):
        intake = read_orders(source, tmp_path / f"out{number}")
        assert exact(intake) == [Decimal("0.1"), Decimal(12), Decimal("12.125")]
        assert intake.summary["files"] == ("shop.db.sales",)


def test_a_file_of_duckdb_is_read(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(
            "CREATE TABLE sales AS SELECT i AS id, uuid() AS customer, timestamptz "
            "'2024-01-31 23:30:00+00' AS placed, 5000000000.000001::DECIMAL(20, 6) AS amount, "
            "[i] AS list FROM range(3) t(i); CREATE SCHEMA old; CREATE TABLE old.sales AS "
            "SELECT * FROM sales LIMIT 1"
        )
    for table, count in (("sales", 3), ("main.SALES", 3), ("old.sales", 1)):
        intake = read_orders(path, tmp_path / table, table=table, timezone="Europe/Warsaw")
        assert exact(intake) == [Decimal("5000000000.000001")] * count
        assert str(intake.summary["first_day"]) == "2024-02-01"
    query = "SELECT id, customer, placed, sum(id + 1) AS amount FROM sales GROUP BY ALL;"
    assert exact(read_orders(path, tmp_path / "q", query=query)) == [1, 2, 3]


# --- what can be wrong ------------------------------------------------------------------------


def test_a_table_is_asked_for_and_a_wrong_name_gets_the_right_one(
    server: Server, tmp_path: Path
) -> None:
    server.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE SCHEMA IF NOT EXISTS s;")
    lines(server, "numeric(9,2)", "1.5")
    server.run('DROP TABLE IF EXISTS s."Sprzedaż"; CREATE TABLE s."Sprzedaż" AS TABLE lines')
    with pytest.raises(UsageError, match=r"which of its tables.*lines, s\.Sprzedaż\?.*--table"):
        read_orders(server.url, tmp_path)
    with pytest.raises(UsageError, match=r"no table 'line'; the nearest is 'lines'"):
        read_orders(server.url, tmp_path, table="line")
    for table in ("s.Sprzedaż", "S.SPRZEDAŻ", '"s"."Sprzedaż"', "public.lines", "Lines"):
        assert exact(read_orders(server.url, tmp_path / "x", table=table)) == [Decimal("1.5")]
    with pytest.raises(UsageError, match="not both"):
        read_orders(server.url, tmp_path, table="lines", query="TABLE lines")


@pytest.mark.parametrize(
    ("given", "env", "said"),
    [
        (["--table", "lines"], {"PGPASSWORD": "Wr0ngSecret"}, "let nobody in"),
        pytest.param(["--table", "lines"], {"PGPASSWORD": ""}, "let nobody in", marks=LONG),
        (["--table", "lines"], {"PGHOSTADDR": "127.0.0.2", "PGUSER": USER}, "no connection"),
        (["--query", "SELECT * FROM nowhere"], {}, 'relation "nowhere" does not exist'),
        pytest.param(["--query", "SELEKT 1"], {}, 'syntax error at or near "SELEKT"', marks=LONG),
        (["--query", "SELECT 'ada@shop.example'::int AS a"], {}, "invalid input syntax for type"),
        pytest.param(
            ["--query", f"SELECT '{PASSWORD}' FROM nowhere"], {}, 'relation "nowhere"', marks=LONG
        ),
        (["--query", f'SELECT "{PASSWORD}" FROM lines'], {}, 'column "…" does not exist'),
    ],
)
@pytest.mark.long
def test_what_the_driver_says_becomes_one_line_without_credentials(
    server: Server, given: list[str], env: dict[str, str], said: str
) -> None:
    lines(server, "numeric(9,2)", "1.5")
    for how in ((), ("--debug",)):
        done = winback(*how, "inspect", server.url, *given, **env)
        shown = done.stdout + done.stderr
        assert done.returncode == 1 and said in shown
        last = done.stderr.strip().splitlines()[-1]
        assert f"postgresql://127.0.0.1:{server.port}/shop: " in last
        for secret in (PASSWORD, "Wr0ngSecret", USER, "ada@shop.example"):
            if not how:
                assert secret not in shown
        assert PASSWORD not in shown and "Wr0ngSecret" not in shown


def test_a_host_that_is_not_there_is_one_line() -> None:
    done = winback("inspect", "postgresql://127.0.0.1:9/shop", "--table", "lines")
    (last,) = [line for line in done.stderr.splitlines() if line.startswith("winback: ")]
    assert re.fullmatch(r"winback: postgresql://127.0.0.1:9/shop: no connection .*", last)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ada:Secr3t@host/shop",
        pytest.param("postgres://ada:Sec/r3t@host/shop", marks=pytest.mark.long),
        "postgresql://host/shop?user=ada&password=Secr3t",
        pytest.param("mysql://ada:Secr3t@host:3306/shop", marks=pytest.mark.long),
        pytest.param("mariadb+pymysql://:Secr3t@host/shop", marks=pytest.mark.long),
    ],
)
def test_a_password_in_the_address_is_refused_and_not_repeated(
    tmp_path: Path, address: str
) -> None:
    params = tmp_path / "params.yaml"
    params.write_text(f"ingest: {{orders: '{address}'}}\n")
    for words in (
        ("inspect", address),
        ("--debug", "inspect", "orders.csv", "--params", params),
        ("init", tmp_path / "shop", "--orders", address),
    ):
        done = winback(*words)
        assert done.returncode == (1 if "--debug" in words else 2)
        assert "WINBACK_DATABASE_PASSWORD" in done.stderr
        assert not re.search("Sec.?r3t", done.stdout + done.stderr)
    assert not (tmp_path / "shop").exists()


def test_credentials_may_have_winbacks_own_names(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines(server, "numeric(9,2)", "1.5")
    monkeypatch.setenv("PGUSER", "nobody")
    monkeypatch.setenv("PGPASSWORD", "nothing")
    monkeypatch.setenv("WINBACK_DATABASE_USER", USER)
    monkeypatch.setenv("WINBACK_DATABASE_PASSWORD", PASSWORD)
    assert exact(read_orders(server.url, tmp_path, table="lines")) == [Decimal("1.5")]


def test_a_password_file_serves_as_it_does_for_psql(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines(server, "numeric(9,2)", "1.5")
    path = tmp_path / "pgpass"
    path.write_text(f"127.0.0.1:{server.port}:shop:{USER}:{PASSWORD}\n")
    path.chmod(0o600)
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv("PGPASSFILE", str(path))
    assert exact(read_orders(server.url, tmp_path / "out", table="lines")) == [Decimal("1.5")]


def test_a_query_beside_a_file_and_a_strange_database_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("customer,order,date,amount\na,1,2024-01-05,10.00\n")
    with pytest.raises(UsageError, match="--query is for databases"):
        read_orders(path, tmp_path, query="SELECT 1")
    with pytest.raises(UsageError, match="oracle:// is no database that winback reads"):
        read_orders("oracle://host/shop", tmp_path)
    with pytest.raises(UsageError, match="no such file"):
        read_orders("sqlite:///nowhere.db", tmp_path)


def test_a_missing_driver_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("winback.extras.find_spec", lambda name: None)
    for kind in ("postgresql", "mysql"):
        with pytest.raises(WinbackError, match=r"pip install 'winback\[databases\]'"):
            read_orders(f"{kind}://host/shop", tmp_path, table="lines")
