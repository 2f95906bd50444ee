"""Rows written to a table of PostgreSQL: what changes, what does not, and what is never said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from postgres import PASSWORD, USER, Server, postgres
from winback.errors import UsageError, WinbackError
from winback.sending import database
from winback.sending.adapter import Change, Link, Property, RefusedBatch, Setting
from winback.sending.adapters import adapter
from winback.sending.database import (
    TYPES,
    RefusedRows,
    TryLater,
    place_to_write,
    quoted_table,
    staged,
    writing,
)

KINDS = {
    "wb_churn_probability": "share", "wb_churn_risk": "text", "wb_lifetime_value": "money",
    "wb_last_order_date": "day", "wb_orders_count": "whole",
}  # fmt: skip
DAY = dt.date(2026, 11, 2)
ROWS = {
    "007": (0.1234, "high", 99.9, DAY, 3),
    "b;DROP TABLE x": (0.5, "Zażółć 'gęślą' \"jaźń\"\n=1+1", None, None, 0),
    "c": (1.0, None, 0.0, dt.date(1999, 12, 31), 12),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres() as running:
        yield running


def url_of(server: Server, password: str = PASSWORD) -> str:
    return f"postgresql://{USER}:{quote(password, safe='')}@127.0.0.1:{server.port}/shop"


def loaded(rows, kinds=KINDS, key="customer_id"):
    columns = zip(*rows.values(), strict=True) if rows else [[]] * len(kinds)
    return staged(
        list(rows),
        {n: (k, list(v)) for (n, k), v in zip(kinds.items(), columns, strict=True)},
        key,
    )


def push(server, rows, *, name="scores", kinds=KINDS, key="customer_id", create=True):
    """Upsert as a push does, and say what it counted beforehand."""
    table = quoted_table(name)
    with writing(place_to_write(url_of(server))) as open_now:
        if not open_now.columns(table):
            open_now.create(table, key, {each: TYPES[kind] for each, kind in kinds.items()})
        columns = open_now.columns(table)
        open_now.load(loaded(rows, kinds, key))
        counted = open_now.counts(table, key, list(kinds), columns)
        open_now.upsert(table, key, list(kinds), columns, create=create)
    return counted.created, counted.changed, counted.same


def state(server, name="scores"):
    """Which transaction wrote each row: the same where nothing touched it."""
    return server.run(f"SELECT customer_id, xmin, xmax, updated_at FROM {name} ORDER BY 1")


def test_a_second_push_changes_nothing_and_a_third_what_changed_alone(server):
    assert push(server, ROWS) == (3, 0, 0)
    first = state(server)
    assert push(server, ROWS) == (0, 0, 3)
    assert state(server) == first
    moved = {**ROWS, "c": (*ROWS["c"][:4], 13)}
    assert push(server, moved) == (0, 1, 2)
    after = state(server)
    assert [a == b for a, b in zip(first.split("\n"), after.split("\n"), strict=True)] == [
        True, True, False,
    ]  # fmt: skip
    assert server.run(
        "SELECT customer_id, wb_churn_probability, wb_lifetime_value, wb_last_order_date, "
        "wb_orders_count FROM scores WHERE wb_churn_risk IS DISTINCT FROM 'x' "
        "AND customer_id <> 'b;DROP TABLE x' ORDER BY 1"
    ).split("\n") == ["007|0.12340|99.90|2026-11-02|3", "c|1.00000|0.00|1999-12-31|13"]
    risk = "SELECT wb_churn_risk FROM scores WHERE customer_id LIKE 'b;%'"
    assert server.run(risk) == ROWS["b;DROP TABLE x"][1]


def test_update_only_makes_no_row_and_clearing_keeps_the_row(server):
    push(server, ROWS, name="updated")
    push(server, {"new": ROWS["c"], "c": ROWS["007"]}, name="updated", create=False)
    assert server.run("SELECT string_agg(customer_id, ',' ORDER BY 1) FROM updated") == (
        "007,b;DROP TABLE x,c"
    )
    assert server.run("SELECT wb_orders_count FROM updated WHERE customer_id = 'c'") == "3"
    table = quoted_table("updated")
    before = state(server, "updated")
    for _ in range(2):
        with writing(place_to_write(url_of(server))) as open_now:
            columns = open_now.columns(table)
            open_now.load(loaded({"c": ROWS["c"], "new": ROWS["c"]}))
            assert open_now.held(table, "customer_id", columns) == {"c"}
            open_now.clear(table, "customer_id", list(KINDS), columns)
        cleared, before = before, state(server, "updated")
        assert [a == b for a, b in zip(cleared.split("\n"), before.split("\n"), strict=True)][:2]
    # Cleared again, nothing was touched.
    assert cleared == before
    values = server.run(
        "SELECT num_nonnulls(wb_churn_probability, wb_churn_risk, wb_orders_count) FROM updated "
        "ORDER BY customer_id"
    )
    assert values.split("\n") == ["3", "3", "0"]


def test_a_table_that_is_there_keeps_its_types_and_other_columns(server):
    server.run(
        "CREATE SCHEMA crm; CREATE TABLE crm.\"pe'ople\" (id bigint UNIQUE, note text DEFAULT 'x', "
        '"Say ""hi""" varchar(5), p double precision)'
    )
    kinds = {'Say "hi"': "text", "p": "share"}
    for _ in range(2):
        push(server, {"7": ("long", 0.25)}, name="crm.pe'ople", kinds=kinds, key="id")
    assert server.run('SELECT * FROM crm."pe\'ople"') == "7|x|long|0.25"
    with pytest.raises(RefusedRows, match="too long for type character varying"):
        push(server, {"8": ("longer", 0.5)}, name="crm.pe'ople", kinds=kinds, key="id")
    assert server.run('SELECT count(*) FROM crm."pe\'ople"') == "1"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("x", (0.5, "anna\0@example.com", 1.0, DAY, 1)), "invalid byte sequence"),
        (("x", (123456.0, "anna@example.com", 1.0, DAY, 1)), "numeric field overflow"),
    ],
)
def test_a_row_that_the_database_refuses_leaves_nothing_and_is_not_repeated(server, row, said):
    push(server, ROWS, name="kept")
    before = state(server, "kept")
    with pytest.raises(RefusedRows) as refused:
        push(server, {**ROWS, "c": ROWS["007"], row[0]: row[1]}, name="kept")
    assert said in refused.value.said
    assert "anna" not in refused.value.said
    assert state(server, "kept") == before


def test_no_error_repeats_the_address(server, monkeypatch):
    for name in ("PGUSER", "PGPASSWORD", "WINBACK_DATABASE_USER", "WINBACK_DATABASE_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    wrong = [
        (url_of(server, "Hidden/1"), "pushed.no_login"),
        (url_of(server).removesuffix("shop") + "nothing", "databases.no_database"),
    ]
    for url, code in wrong:
        with pytest.raises(WinbackError) as refused, writing(place_to_write(url)):
            pass
        assert refused.value.code == code
        for language in ("en", "pl"):
            said = refused.value.sentence(language)
            assert not [part for part in ("Hidden", USER, "s3cret") if part in said]
    gone = url_of(server).replace(str(server.port), "1")
    with pytest.raises(TryLater, match="refused"), writing(place_to_write(gone)):
        pass
    with pytest.raises(UsageError) as refused:
        place_to_write("mysql://user:Hidden@host/shop")
    assert "Hidden" not in str(refused.value)
    with pytest.raises(WinbackError) as refused, writing(place_to_write(url_of(server))) as now:
        now.create("pg_catalog.scores", "customer_id", {})
    assert refused.value.code == "pushed.database_refused"


def test_a_name_that_the_database_would_cut_is_refused():
    assert database.checked_name("ż" * 31)
    with pytest.raises(UsageError):
        database.checked_name("ż" * 32)


def sent(server, rows, *, clears=(), **options):
    """What the adapter makes of rows, and of those whose values are taken back."""
    kinds = {name.removeprefix("wb_"): kind for name, kind in KINDS.items()}
    setting = Setting(
        tuple(Property(name, kind, name) for name, kind in kinds.items()),
        {"first_wait_seconds": 0.01, **options},
    )
    made = adapter("postgresql", setting)
    made.connect(Link({"WINBACK_POSTGRESQL_URL": url_of(server)}))
    new = made.prepare()
    changes = [
        Change(number, key, "customer_id", key, dict(zip(kinds, values, strict=True)))
        for number, (key, values) in enumerate(rows.items())
    ]
    changes += [
        Change(len(changes) + n, key, "customer_id", key, {**dict.fromkeys(kinds), "gone": None},
               held=True, clears=True)
        for n, key in enumerate(clears)
    ]  # fmt: skip
    return new, made.send(changes), made


def test_the_adapter_makes_its_table_and_tells_of_each_row(server):
    new, answer, made = sent(server, ROWS, table="crm_scores")
    assert new == tuple(name.removeprefix("wb_") for name in KINDS)
    assert (answer.created, made.creates) == ((0, 1, 2), True)
    new, answer, _ = sent(server, {**ROWS, "d": ROWS["c"]}, clears=("007x",), table="crm_scores")
    assert (new, answer.done, answer.created, answer.not_there) == ((), (0, 1, 2), (3,), (4,))
    _, answer, made = sent(server, {"e": ROWS["c"]}, clears=("d", "c"), table="crm_scores",
                           update_only=True)  # fmt: skip
    assert (answer.not_there, answer.done, made.creates) == ((0,), (1, 2), False)
    left = server.run("SELECT customer_id FROM crm_scores WHERE orders_count IS NULL ORDER BY 1")
    assert left.split("\n") == ["c", "d"]
    with pytest.raises(RefusedBatch) as refused:
        sent(
            server, {"x": ROWS["c"], "anna@example.com": (7e9, *ROWS["c"][1:])}, table="crm_scores"
        )
    assert "numeric field overflow" in refused.value.refusal.said
    assert server.run("SELECT count(*) FROM crm_scores") == "4"


def test_a_table_that_lacks_something_is_said_with_the_sql_that_mends_it(server):
    server.run("CREATE TABLE lacking (customer_id text, churn_risk text, orders_count int)")
    with pytest.raises(
        WinbackError, match=r"ADD COLUMN .churn_probability. numeric\(6,5\)"
    ) as told:
        sent(server, ROWS, table="lacking")
    server.run("ALTER" + str(told.value).partition("ALTER")[2])
    with pytest.raises(WinbackError, match="ADD PRIMARY KEY") as told:
        sent(server, ROWS, table="lacking")
    server.run("ALTER" + str(told.value).partition("ALTER")[2])
    assert sent(server, ROWS, table="lacking")[1].created == (0, 1, 2)
    with pytest.raises(WinbackError) as told:
        sent(server, ROWS, table="nowhere", create_table=False)
    assert told.value.code == "pushed.no_table"
    server.run("CREATE TABLE more (customer_id text PRIMARY KEY)")
    assert len(sent(server, ROWS, table="more", create_fields=True)[0]) == len(KINDS)


def test_the_address_comes_from_the_environment_alone(server):
    setting = Setting((), {"url": url_of(server), "first_wait_seconds": 0.001})
    with pytest.raises(UsageError) as refused:
        adapter("postgresql", setting).connect(Link({}))
    assert "s3cret" not in str(refused.value)
    with pytest.raises(WinbackError, match="WINBACK_POSTGRESQL_URL"):
        adapter("postgresql", Setting(())).connect(Link({}))
    gone = adapter("postgresql", setting)
    gone.connect(Link({"WINBACK_POSTGRESQL_URL": "postgresql://u:Hidden@127.0.0.1:1/shop"}))
    with pytest.raises(WinbackError, match="after 3 tries") as refused:
        gone.prepare()
    assert "Hidden" not in str(refused.value)
    assert gone.calls == 3
