"""A project whose orders lie in a database: read again when they changed, and only then."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from postgres import PASSWORD, USER, Server, postgres

WINBACK = str(Path(sys.executable).with_name("winback"))
CREDENTIALS = {"WINBACK_DATABASE_USER": USER, "WINBACK_DATABASE_PASSWORD": PASSWORD}
QUERY = "SELECT count(*), max(updated_at) FROM sales"
SALES = """CREATE TABLE sales AS
SELECT 'k' || (g * 7919) % 300 AS customer_no, 'o' || g AS order_no,
timestamptz '2024-01-01 08:00+01' + g * interval '4 hours' AS placed_at,
((g * 104729) % 9000 + 100) / 100.0 AS line_total,
timestamptz '2024-01-02 08:00+01' + g * interval '4 hours' AS updated_at
FROM generate_series(1, 4000) g"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres() as running:
        running.run(SALES)
        yield running


def call(folder: Path, *words: str, code: int = 0, **env: str) -> str:
    """What a command says, whose exit code is as expected."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    done = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, check=False,
        env={**kept, **(env or CREDENTIALS)},
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def repro(folder: Path, *more: str, code: int = 0, **env: str) -> str:
    return call(folder, sys.executable, "-m", "dvc", "repro", *more, code=code, **env)


def settle(folder: Path, name: str, before: str, after: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.fixture(scope="module")
def laid(server: Server, tmp_path_factory: pytest.TempPathFactory, git: str) -> Path:
    """A project that was laid out over the database and never polled."""
    folder = tmp_path_factory.mktemp("laid")
    said = call(
        folder, WINBACK, "init", "shop", "--orders", server.url, "--table", "sales",
        "--currency", "PLN",
    )  # fmt: skip
    assert "write ingest.watermark_query into shop/params.yaml" in said
    return folder / "shop"


@pytest.fixture
def project(laid: Path, tmp_path: Path) -> Path:
    shutil.copytree(laid, tmp_path / "shop")
    return tmp_path / "shop"


@pytest.mark.long
def test_a_project_over_a_database_says_how_to_go_on(laid: Path, server: Server, git: str) -> None:
    params = (laid / "params.yaml").read_text(encoding="utf-8")
    assert f"orders: {server.url}\n" in params and "  table: sales #" in params
    assert "      - data/watermark.json\n" in (laid / "dvc.yaml").read_text(encoding="utf-8")
    weekly = (laid / "weekly.sh").read_text("utf-8")
    assert "winback poll\nwinback stamp\ndvc repro\n" in weekly
    assert "sh weekly.sh" in (laid / "README.md").read_text("utf-8")
    assert "[pipeline,notebooks,databases]" in (laid / "requirements.txt").read_text("utf-8")
    assert "?? data/watermark.json" in call(laid, git, "status", "--porcelain", "-uall")
    said = repro(laid, "ingest", code=255)
    assert "data/watermark.json: the database has not been asked yet. Run winback poll" in said
    said = call(laid, WINBACK, "poll", code=2)
    assert said.count("\n") == 1 and "ingest.watermark_query: say in params.yaml" in said


@pytest.mark.long
def test_orders_are_read_again_when_the_watermark_changed_and_only_then(
    project: Path, server: Server
) -> None:
    settle(project, "params.yaml", "watermark_query: null", f'watermark_query: "{QUERY}"')
    said = call(project, WINBACK, "poll")
    assert "The orders have changed (count 4000, max 2025-10-29 23:00:00+00:00)" in said
    repro(project)
    read = json.loads((project / "reports/ingest.json").read_text(encoding="utf-8"))
    assert read["lines_kept"] == 4000 and read["files"] == ["shop.sales"]

    marks = project / "data/watermark.json"
    before = marks.stat().st_mtime_ns
    assert "The orders are as they were" in call(project, WINBACK, "poll")
    assert marks.stat().st_mtime_ns == before
    # Nobody is let in without a password, so nothing has connected.
    said = repro(project, WINBACK_DATABASE_PASSWORD="nothing")
    assert "Data and pipelines are up to date." in said

    server.run("UPDATE sales SET line_total = 1000, updated_at = now() WHERE order_no = 'o17'")
    assert "The orders have changed" in call(project, WINBACK, "poll")
    assert "Running stage 'ingest'" in repro(project, "ingest")
    again = json.loads((project / "reports/ingest.json").read_text(encoding="utf-8"))
    assert again["lines_kept"] == 4000 and again["orders_sha256"] != read["orders_sha256"]

    # Runs of MLflow, DVC's cache and lock, git's objects: nobody's name, nobody's password.
    secrets = [PASSWORD.encode(), b"s3cret", USER.encode()]
    holding = [
        path
        for path in project.rglob("*")
        if path.is_file() and any(secret in path.read_bytes() for secret in secrets)
    ]
    assert holding == [] and (project / "mlflow.db").is_file()


@pytest.mark.long
def test_a_pipeline_laid_out_for_files_is_turned_by_the_first_poll(
    project: Path, server: Server
) -> None:
    settle(project, "params.yaml", "watermark_query: null", f'watermark_query: "{QUERY}"')
    settle(project, "dvc.yaml", "- data/watermark.json", "- ${ingest.orders}")
    (project / "data/watermark.json").unlink()
    said = call(project, WINBACK, "ingest", code=2)
    assert "depends on a file, but ingest.orders is a database. Run winback poll" in said
    said = call(project, WINBACK, "poll")
    assert "dvc.yaml: ingest depends on data/watermark.json now" in said
    assert "- data/watermark.json\n" in (project / "dvc.yaml").read_text(encoding="utf-8")
    repro(project, "ingest")
    # What was turned is still winback's own, and is turned back where the orders are a file.
    settle(project, "params.yaml", f"orders: {server.url}", "orders: data/raw/orders.csv")
    settle(project, "params.yaml", "  table: sales", "  table: null")
    said = call(project, WINBACK, "ingest", code=2)
    assert "depends on data/watermark.json, but ingest.orders is no database" in said
    assert "dvc.yaml was written anew" in call(project, WINBACK, "stamp")
    assert "- ${ingest.orders}\n" in (project / "dvc.yaml").read_text(encoding="utf-8")
    said = call(project, WINBACK, "poll", code=2)
    assert re.search(r"data/raw/orders\.csv is no address of a database", said)


def test_a_watermark_that_cannot_be_asked_leaves_the_last_one(project: Path) -> None:
    settle(project, "params.yaml", "watermark_query: null", 'watermark_query: "SELECT nothing"')
    before = (project / "data/watermark.json").read_bytes()
    said = call(project, WINBACK, "poll", code=1)
    assert 'the database answered: column "nothing" does not exist' in said
    settle(project, "params.yaml", '"SELECT nothing"', '"SELECT * FROM sales"')
    assert "more than 1,000 rows" in call(project, WINBACK, "poll", code=2)
    assert (project / "data/watermark.json").read_bytes() == before
