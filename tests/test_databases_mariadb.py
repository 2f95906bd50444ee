"""Orders out of MariaDB, which MySQL's driver reads: exact money, instants, and nobody's days."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pymysql
import pytest

from conftest import system_part
from winback.errors import UsageError, WinbackError
from winback.intake.settling import read_orders

pytestmark = pytest.mark.long

PACKAGES = "mariadb-server-core mariadb-client-core"
USER, PASSWORD = "shop_reader", "s3cret/Zażółć%40"
LINES = f"""
CREATE DATABASE shop CHARACTER SET utf8mb4;
CREATE USER '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';
GRANT SELECT, INSERT ON shop.* TO '{USER}'@'127.0.0.1';
SET time_zone = '+09:00';
CREATE TABLE shop.`zamówienia` (nr BIGINT UNSIGNED, klient VARCHAR(40), kiedy TIMESTAMP NULL,
  dnia DATETIME, kwota DECIMAL(20, 6), zaliczka DECIMAL(9, 2), uwagi JSON, ok TINYINT(1));
INSERT INTO shop.`zamówienia` VALUES
  (18446744073709551615, 'Łucja', '2024-03-01 18:00:00', '2024-03-01 23:30:00', 5000000000.000001,
   1.5, '{{"a": 1}}', 1),
  (2, 'b', '2024-03-02 18:00:00', '0000-00-00', 0.5, NULL, NULL, 0);
CREATE SQL SECURITY INVOKER VIEW shop.other AS SELECT * FROM shop.`zamówienia`;
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of a server that listens on 127.0.0.1, with a database `shop`."""
    server = system_part(("mariadbd", "mysqld"), PACKAGES)
    home = Path(tempfile.mkdtemp(prefix="winback-maria-"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    account = ["--user=root"] if os.geteuid() == 0 else []
    plain = ["--no-defaults", f"--datadir={home / 'data'}", *account]
    install = system_part(("mariadb-install-db", "mysql_install_db"), PACKAGES)
    subprocess.run([install, *plain], check=True, capture_output=True)
    (home / "lines.sql").write_text(
        "SET sql_mode = '';\n" + LINES.replace("\n  ", " ").replace(",\n", ", "), encoding="utf-8"
    )
    log = (home / "log").open("w")
    running = subprocess.Popen(
        [server, *plain, f"--port={port}", "--bind-address=127.0.0.1",
         f"--socket={home / 'socket'}", f"--pid-file={home / 'pid'}",
         f"--init-file={home / 'lines.sql'}", "--character-set-server=utf8mb4"],
        stdout=subprocess.DEVNULL, stderr=log,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while running.poll() is None and time.monotonic() < deadline:
            try:
                pymysql.connect(
                    host="127.0.0.1", port=port, user=USER, password=PASSWORD.encode()
                ).close()
                break
            except pymysql.MySQLError:
                time.sleep(0.2)
        else:
            pytest.fail((home / "log").read_text(), pytrace=False)
        yield f"mysql://127.0.0.1:{port}/shop"
    finally:
        running.terminate()
        running.wait(60)
        log.close()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(autouse=True)
def login(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WINBACK_DATABASE_USER", USER)
    monkeypatch.setenv("WINBACK_DATABASE_PASSWORD", PASSWORD)


def test_money_and_times_are_what_the_database_holds(address: str, tmp_path: Path) -> None:
    roles = {"customer": "klient", "order": "nr", "amount": "kwota"}
    for column, kept, first in (("kiedy", 2, "2024-03-01 10:00"), ("dnia", 1, "2024-03-01 23:30")):
        intake = read_orders(
            address.replace("mysql", "mariadb"), tmp_path / column, table="zamówienia",
            columns={**roles, "date": column}, timezone="Europe/Warsaw",
        )  # fmt: skip
        table = pq.read_table(intake.orders_path)
        scale = int(table.schema.metadata[b"amount_scale"])
        exact = sorted(Decimal(cell) / scale for cell in table["amount"].to_pylist())
        assert exact == [Decimal("0.5"), Decimal("5000000000.000001")][-kept:]
        assert f"{min(table['ordered_at'].to_pylist()):%Y-%m-%d %H:%M}" == first
        assert set(table["customer_id"].to_pylist()) == ({"Łucja", "b"} if kept == 2 else {"Łucja"})
        assert "18446744073709551615" in table["order_id"].to_pylist()
        assert intake.summary["lines_set_aside"]["total"] == 2 - kept


def test_a_query_gives_the_lines_and_nothing_is_written(address: str, tmp_path: Path) -> None:
    query = (
        "SELECT klient AS customer, nr AS order_id, kiedy AS day, sum(kwota) AS amount "
        "FROM other GROUP BY 1, 2, 3;"
    )
    assert read_orders(address, tmp_path / "out", query=query).summary["lines_kept"] == 2
    with pytest.raises(WinbackError, match="READ ONLY"):
        read_orders(address, tmp_path, query="INSERT INTO zamówienia SELECT * FROM zamówienia")


def test_what_is_wrong_is_one_line_without_credentials(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for query, said in (
        ("SELECT * FROM nowhere", "Table 'shop.nowhere' doesn't exist"),
        ("SELEKT 1", "You have an error in your SQL syntax"),
    ):
        with pytest.raises(WinbackError, match=said):
            read_orders(address, tmp_path, query=query)
    with pytest.raises(UsageError, match=r"which of its tables.*other, zamówienia"):
        read_orders(address, tmp_path)
    with pytest.raises(WinbackError, match="no connection to the database"):
        read_orders("mysql://127.0.0.1:9/shop", tmp_path, table="x")
    monkeypatch.setenv("WINBACK_DATABASE_PASSWORD", "Wr0ngSecret")
    with pytest.raises(WinbackError, match="let nobody in") as caught:
        read_orders(address, tmp_path, table="other")
    assert "Wr0ngSecret" not in str(caught.value) and USER not in str(caught.value)
