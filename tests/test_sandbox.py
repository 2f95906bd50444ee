"""Other people's SQL: it sees the customers' past and nothing else, the same whenever asked."""

import duckdb
import pyarrow as pa
import pytest

from winback.errors import UsageError
from winback.features import Custom
from winback.snapshots import custom
from winback.snapshots.sandbox import open_sealed, refuse_outside, within

PAST = pa.table({"customer_id": ["a", "a", "b"], "amount": [1.0, 2.0, 5.0]})


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT customer_id, 1 AS x FROM read_csv('orders.csv')", "read_csv()"),
        ("SELECT customer_id, 1 AS x FROM 'orders.parquet'", "orders.parquet"),
        ("SELECT customer_id, (SELECT max(x) FROM read_parquet('o')) AS x FROM past", "read_par"),
        ("WITH a AS (FROM glob('*')) SELECT customer_id, 1 AS x FROM past, a", "glob()"),
        ("SELECT * FROM query('SELECT 1')", "query()"),
        ("SELECT * FROM query_table(['past'])", "query_table()"),
        ("SELECT customer_id, random() AS x FROM past", "random()"),
        ("SELECT customer_id, sum(amount + random()) AS x FROM past GROUP BY 1", "random()"),
        ("SELECT customer_id, age(DATE '2024-01-01') AS x FROM past", "age()"),
        ("SELECT customer_id, hash(uuid()) AS x FROM past", "uuid()"),
        ("SELECT customer_id, epoch(now()) AS x FROM past", "now()"),
        ("SELECT customer_id, current_date - DATE '2024-01-01' AS x FROM past", "current_date"),
        ("SELECT customer_id, rowid AS x FROM past", "rowid"),
        ("SELECT customer_id, 1 AS x FROM past TABLESAMPLE 10%", "TABLESAMPLE"),
        ("SELECT customer_id, 1 AS x FROM past USING SAMPLE 10%", "SAMPLE"),
        ("SELECT customer_id, 1 AS x FROM information_schema.tables", "information_schema"),
        ("SELECT customer_id, 1 AS x FROM duckdb_settings()", "duckdb_settings()"),
        ("SELECT customer_id, 1 AS x FROM past UNION ALL SELECT * FROM 'x.csv'", "x.csv"),
    ],
)
def test_sql_that_looks_beyond_the_past_is_refused_by_what_it_names(sql, found):
    with (
        open_sealed() as con,
        pytest.raises(UsageError, match=r"may read the table past alone") as said,
    ):
        refuse_outside(con, sql, "past")
    assert found in str(said.value.values["found"])


@pytest.mark.parametrize(
    "sql",
    [
        "COPY past TO 'stolen.csv'",
        "ATTACH 'other.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "CREATE TABLE x AS FROM past",
        "SELECT 1; COPY past TO 'stolen.csv'",
        "SELECT 1; SELECT 2",
        "not sql at all",
        "",
    ],
)
def test_what_is_no_single_query_is_refused(sql, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_sealed() as con, pytest.raises(UsageError):
        refuse_outside(con, sql, "past")
    assert list(tmp_path.iterdir()) == []


def test_the_connection_itself_reaches_nothing_either(tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n")
    with open_sealed() as con:
        con.register("past", PAST)
        for sql in (
            f"SELECT * FROM read_csv('{tmp_path}/a.csv')",
            f"COPY (SELECT 1) TO '{tmp_path}/b.csv'",
            f"ATTACH '{tmp_path}/c.db'",
            "INSTALL httpfs",
            "LOAD httpfs",
            "SELECT * FROM PAST_OF_PYTHON",
            "SET enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                con.sql(sql).fetchall() if sql.startswith("SELECT") else con.execute(sql)
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


PAST_OF_PYTHON = PAST


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT customer_id, sum(amount) AS x FROM past GROUP BY customer_id",
        "WITH a AS (SELECT customer_id, amount FROM past), b AS (FROM a) SELECT customer_id, "
        "max(amount) OVER (PARTITION BY customer_id) AS x FROM b QUALIFY row_number() OVER "
        "(PARTITION BY customer_id) = 1",
        "SELECT p.customer_id, sum(u) AS x FROM PAST p, unnest([1, 2]) t(u) GROUP BY 1",
        "SELECT customer_id, (SELECT count(*) FROM past q WHERE q.customer_id = p.customer_id) "
        "AS x FROM past p GROUP BY ALL",
    ],
)
def test_sql_over_the_past_runs(sql):
    found = custom._run_sql(Custom(columns=("x",), sql=sql), PAST)
    assert sorted(found["customer_id"].to_pylist()) == ["a", "b"]


def test_a_query_without_an_end_is_stopped(monkeypatch):
    monkeypatch.setattr(custom, "_LONGEST", 0.2)
    endless = (
        "WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a) "
        "SELECT customer_id, (SELECT count(*) FROM a) AS x FROM past"
    )
    with pytest.raises(UsageError, match=r"took more than 0.2 seconds"):
        custom._run_sql(Custom(columns=("x",), sql=endless), PAST)


def test_the_watch_does_not_bite_what_ended_in_time():
    with open_sealed() as con:
        with within(con, 60):
            con.sql("SELECT 1").fetchall()
        assert con.sql("SELECT 2").fetchall() == [(2,)]
