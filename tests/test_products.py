"""What each customer may want next: the lists, what stays out of them, and how they were tried."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from winback.errors import UsageError
from winback.params import check_params
from winback.products.sensitive import hints_at_private, is_of_services, is_service
from winback.project import Project
from winback.stages.flow import stage
from winback.synthetic.shop import simulate_shop


def listed(folder: Path, orders: pd.DataFrame, params: dict | None = None) -> Project:
    """The stages up to the lists, over a frame of orders."""
    given = {"ingest": {"currency": "PLN"}, "snapshot": {"horizon_days": 30}}
    for section, values in (params or {}).items():
        given[section] = given.get(section, {}) | values
    project = Project(check_params(given), root=folder, source=orders)
    for name in ("ingest", "products"):
        stage(name)(project)
    return project


def line(customer, order, day, product, quantity=1, amount=10.0):
    return {
        "customer_id": customer, "order_id": order, "ordered_at": day, "product_id": product,
        "quantity": quantity, "amount": amount,
    }  # fmt: skip


@pytest.fixture(scope="module")
def shop() -> pd.DataFrame:
    return simulate_shop("refills", customers=150, days=300, seed=3).orders


@pytest.fixture(scope="module")
def made(shop: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return listed(tmp_path_factory.mktemp("made"), shop)


def by_hand(project: Project, decay: float = 120.0) -> pd.DataFrame:
    """What was bought again, counted by pandas from the canonical orders."""
    cutoff = pd.Timestamp(project.json("ingest")["cutoff"])
    rows = project.frame("orders")
    rows = rows[(rows["ordered_at"] < cutoff) & (rows["known_at"] < cutoff)]
    net = rows.groupby(["customer_id", "product_id"])[["quantity", "amount"]].sum()
    bought = rows[(rows["kind"] == "order") & (rows["amount"] > 0)]
    days = bought.assign(day=bought["ordered_at"].dt.normalize())
    days = days.drop_duplicates(["customer_id", "product_id", "day"]).sort_values("day")
    days["ago"] = (cutoff - days["day"]).dt.days
    days["weight"] = np.exp(-days["ago"] / decay)
    grouped = days.groupby(["customer_id", "product_id"])
    found = grouped.agg(n=("day", "size"), weight=("weight", "sum"), last=("ago", "min"))
    gaps = grouped["ago"].apply(lambda ago: np.median(-np.diff(ago)) if len(ago) > 2 else np.nan)
    found["every"] = np.floor(gaps + 0.5)
    return found[((net["quantity"] > 0) & (net["amount"] > 0)).reindex(found.index)].reset_index()


def test_the_lists_are_those_that_plain_pandas_counts(made: Project) -> None:
    theirs = made.frame("next_products")
    again = theirs[theirs["kind"] == "again"].merge(
        by_hand(made), on=["customer_id", "product_id"], how="left"
    )
    assert (again["n_bought"] == again["n"]).all()
    assert (again["last_days"] == again["last"]).all()
    assert (again["every_days"].fillna(-1) == again["every"].fillna(-1)).all()
    regular = again[again["every_days"].notna()]
    assert len(regular) > 100
    assert (regular["due_in_days"] == regular["every"] - regular["last"]).all()
    # The ten of the highest weight, in its order: none that is left out weighs more.
    assert (again.groupby("customer_id")["weight"].diff().dropna() <= 1e-12).all()
    wanted = by_hand(made).sort_values("weight", ascending=False).groupby("customer_id").head(10)
    assert again.groupby("customer_id")["weight"].sum().to_dict() == pytest.approx(
        wanted.groupby("customer_id")["weight"].sum().to_dict()
    )


def test_each_customer_has_ten_and_what_is_new_was_never_bought(made: Project) -> None:
    found = made.frame("next_products")
    assert found.groupby("customer_id").size().eq(10).all()
    assert (
        found.groupby("customer_id")["rank"].apply(list).map(lambda r: r == [*range(1, 11)]).all()
    )
    assert set(found["customer_id"]) == set(made.frame("orders")["customer_id"])
    orders = made.frame("orders")
    bought = set(zip(orders["customer_id"], orders["product_id"], strict=True))
    new = found[found["kind"] == "new"]
    assert len(new)
    assert not bought & set(zip(new["customer_id"], new["product_id"], strict=True))
    assert set(new["reason"]) == {"popular"}


def test_nothing_from_the_cutoff_on_matters(shop: pd.DataFrame, tmp_path: Path) -> None:
    days = pd.to_datetime(shop["ordered_at"])
    cutoff = days.max().normalize() - pd.Timedelta(days=60)
    params = {"ingest": {"cutoff": cutoff.date().isoformat()}}
    whole = listed(tmp_path / "whole", shop, params)
    known = listed(tmp_path / "known", shop[days < cutoff], params)
    assert whole.digest("next_products") == known.digest("next_products")


def test_lists_depend_neither_on_the_order_of_lines_nor_on_threads(
    shop: pd.DataFrame, made: Project, tmp_path: Path
) -> None:
    mixed = shop.sample(frac=1.0, random_state=1)
    other = listed(tmp_path, mixed, {"products": {"threads": 1}, "ingest": {"threads": 1}})
    assert other.digest("next_products") == made.digest("next_products")
    assert other.digest("products") == made.digest("products")


def test_what_was_sent_back_stays_out(tmp_path: Path) -> None:
    rows = [
        line("A", "1", "2024-01-01", "tea"), line("A", "2", "2024-02-01", "mug"),
        line("A", "3", "2024-02-10", "mug", -1, -10.0),
        line("B", "4", "2024-02-01", "mug", 2, 20.0),
        line("B", "5", "2024-02-10", "mug", -1, -10.0), line("B", "6", "2024-02-20", "tea"),
    ]  # fmt: skip
    project = listed(tmp_path, pd.DataFrame(rows))
    found = project.frame("next_products")
    assert found.groupby("customer_id")["product_id"].apply(set).to_dict() == {
        "A": {"tea"}, "B": {"tea", "mug"},
    }  # fmt: skip


def test_orders_without_products_give_an_empty_table_and_say_why(tmp_path: Path) -> None:
    rows = [
        {"customer": f"c{n % 7}", "date": f"2024-01-{n + 1:02d}", "amount": 10} for n in range(28)
    ]
    project = listed(tmp_path, pd.DataFrame(rows))
    assert len(project.frame("next_products")) == 0
    assert project.json("products")["state"] == "no_products"


def test_delivery_gift_cards_and_what_is_private_stay_out(tmp_path: Path) -> None:
    names = ["Green tea", "Gift card 100", "Delivery fee", "Pregnancy test", "Red wine", "POST"]
    rows = [line(f"c{n}", f"{n}", "2024-01-01", name) for n, name in enumerate(names)]
    project = listed(tmp_path / "strict", pd.DataFrame(rows))
    assert set(project.frame("next_products")["product_id"]) == {"Green tea"}
    told = json.loads(project.path("products").read_text())
    assert (told["sensitive"], told["service"], told["products"]) == (2, 3, 6)
    allowed = listed(tmp_path / "allowed", pd.DataFrame(rows), {"products": {"allowed": ["wine"]}})
    assert set(allowed.frame("next_products")["product_id"]) == {"Green tea", "Red wine"}


# --- the table of products --------------------------------------------------------------------


TEA = [
    line("A", "1", "2024-01-01", "007"), line("A", "2", "2024-02-01", "12"),
    line("B", "3", "2024-02-01", "T-Red"), line("B", "4", "2024-02-03", "99"),
]  # fmt: skip


def table_of(project: Project) -> dict[str, tuple]:
    rows = project.frame("product_table").replace({np.nan: None})
    return {row[0]: row[1:] for row in rows.itertuples(index=False)}


def test_products_are_found_by_their_ids_however_these_are_written(tmp_path: Path) -> None:
    (tmp_path / "shop.csv").write_text(
        "ID;SKU;Name;Categories;In stock?;Tags\n"
        "501;7;Green tea;Tea, Sale;1;new\n"
        "502;12;Mug;Cups;0;\n"
        "503;t-red ;Red teapot;Pots;3 szt.;\n"
        "504;88;Spoon;Cutlery;soon;\n"
    )
    project = listed(
        tmp_path, pd.DataFrame(TEA), {"ingest": {"products": str(tmp_path / "shop.csv")}}
    )
    assert table_of(project) == {
        "007": ("Green tea", "Tea", True, "new"),
        "12": ("Mug", "Cups", False, None),
        "T-Red": ("Red teapot", "Pots", True, None),
        "88": ("Spoon", "Cutlery", None, None),
    }
    told = project.json("ingest")
    assert told["products"]["share_of_lines"] == 0.75
    assert [each["code"] for each in told["doubts"]].count("intake.stock_unread") == 1
    found = project.frame("next_products")
    assert set(found["product_id"]) == {"007", "T-Red", "99"}, "the mug is out of stock"
    assert dict(zip(found["product_id"], found["name"], strict=True))["007"] == "Green tea"


def test_ids_that_do_not_match_are_a_doubt_with_their_share(tmp_path: Path) -> None:
    table = pd.DataFrame({"product_id": ["x1", "x2"], "name": ["a", "b"]})
    table.to_parquet(tmp_path / "shop.parquet")
    given = {"ingest": {"products": str(tmp_path / "shop.parquet")}}
    doubts = listed(tmp_path, pd.DataFrame(TEA), given).json("ingest")["doubts"]
    assert [each["values"]["share"] for each in doubts if "products" in each["code"]] == [1.0]
    (tmp_path / "none.csv").write_text("product_id,name\n")
    given = {"ingest": {"products": str(tmp_path / "none.csv")}}
    doubts = listed(tmp_path, pd.DataFrame(TEA), given).json("ingest")["doubts"]
    assert {"code": "intake.products_empty", "values": {"file": "none.csv"}} in doubts


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({}, "no column `product_id` of products found; columns: colour, name2. Name the right "
             "one in ingest.product_columns."),
        ({"product_id": "id"}, "there is no column 'id'; columns: colour, name2."),
        ({"price": "colour"}, "products have no 'price'; they have product_id, name, category"),
    ],
)  # fmt: skip
def test_a_bad_table_of_products_is_one_line(tmp_path: Path, columns: dict, said: str) -> None:
    (tmp_path / "shop.csv").write_text("colour,name2\nred,a\n")
    given = {"ingest": {"products": str(tmp_path / "shop.csv"), "product_columns": columns}}
    with pytest.raises(UsageError) as caught:
        listed(tmp_path, pd.DataFrame(TEA), given)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_names_on_the_lines_of_the_orders_serve_where_no_table_does(tmp_path: Path) -> None:
    called = {"007": "Green tea", "12": "Mug", "T-Red": "Red teapot", "99": "Spoon"}
    orders = pd.DataFrame(TEA)
    orders["Product name"] = orders["product_id"].map(called)
    orders["category"] = ["tea", "cups", "pots", "cups"]
    project = listed(tmp_path, orders)
    assert {key: row[:2] for key, row in table_of(project).items()} == {
        "007": ("Green tea", "tea"), "12": ("Mug", "cups"), "99": ("Spoon", "cups"),
        "T-Red": ("Red teapot", "pots"),
    }  # fmt: skip
    # A knows cups, and the spoon is one; B knows cups and pots, and the mug is one.
    new = project.frame("next_products").query("kind == 'new'").groupby("customer_id").first()
    assert new["product_id"].to_dict() == {"A": "99", "B": "12"}
    assert set(new["reason"]) == {"popular_in_category"}


# --- on the shop's own past -------------------------------------------------------------------


def test_the_lists_were_tried_on_what_they_had_not_seen(shop: pd.DataFrame, tmp_path: Path) -> None:
    """The figures of `decayed`, from the lists that a run as of the split's day writes."""
    whole = listed(tmp_path / "whole", shop)
    tried = whole.json("products")["tried"]
    earlier = listed(tmp_path / "earlier", shop, {"ingest": {"cutoff": tried["cutoff"]}})
    lists = earlier.frame("next_products")
    orders = whole.frame("orders").query("kind == 'order' and amount > 0")
    day = orders["ordered_at"].dt.normalize()
    inside = orders[(day >= tried["cutoff"]) & (day < tried["until"])]
    inside = inside[inside["customer_id"].isin(lists["customer_id"])].assign(day=day)
    first = inside.groupby("customer_id")["day"].transform("min")
    basket = inside[inside["day"] == first].drop_duplicates(["customer_id", "product_id"])
    hits = basket.merge(lists, on=["customer_id", "product_id"], how="left")
    hits["gain"] = (1 / np.log2(hits["rank"] + 1)).fillna(0.0)
    best = np.cumsum(1 / np.log2(np.arange(2, 12)))
    people = hits.groupby("customer_id")
    ndcg = people["gain"].sum() / best[np.minimum(people.size(), 10) - 1]
    recall = people["rank"].count() / people.size()
    judged = tried["lists"][0]
    assert judged["method"] == "decayed"
    assert tried["cases"] == len(recall) > 50
    assert judged["recall"]["mean"] == pytest.approx(recall.mean(), abs=1e-6)
    assert judged["ndcg"]["mean"] == pytest.approx(ndcg.mean(), abs=1e-6)
    error = 1.96 * ndcg.std() / len(ndcg) ** 0.5
    assert judged["ndcg"]["high"] - judged["ndcg"]["mean"] == pytest.approx(error, rel=1e-3)
    assert tried["enough"] is False
    assert {each["method"] for each in tried["lists"]} == {"decayed", "counts", "popularity"}


def test_a_reranker_serves_only_where_it_won(tmp_path: Path) -> None:
    orders = simulate_shop("refills", customers=500, days=240, seed=5).orders
    params = {"products": {"method": "reranker"}, "ingest": {"threads": 1}}
    project = listed(tmp_path / "two", orders, params)
    told = project.json("products")
    judged = {each["method"]: each for each in told["tried"]["lists"]}
    assert told["tried"]["enough"] is True
    won = judged["reranker"]["ndcg_less"]["low"] > 0
    assert told["method"] == ("reranker" if won else "decayed")
    assert told["tried"]["lists"][0]["method"] == told["method"]
    again = Project(
        check_params({"ingest": {"currency": "PLN"}, "snapshot": {"horizon_days": 30},
                      "products": {"method": "reranker", "threads": 1}}),
        root=project.root,
    )  # fmt: skip
    before = project.digest("next_products"), project.digest("products")
    stage("products")(again)
    assert (again.digest("next_products"), again.digest("products")) == before


def test_what_was_known_only_later_and_who_objected_count_for_nothing(tmp_path: Path) -> None:
    rows = [
        line("A", "1", "2024-01-01", "tea"), line("A", "2", "2024-02-01", "mug"),
        line("B", "3", "2024-02-01", "tea"), line("C", "4", "2024-02-02", "tea"),
        line("D", "5", "2024-02-02", "tea"),
    ]  # fmt: skip
    known = ["2024-01-01", "2024-04-01", "2024-02-02", "2024-02-02", "2024-04-01"]
    orders = pd.DataFrame(rows).assign(known_at=known, objects=["no", "no", "yes", "no", "no"])
    objecting = {"column": "objects", "says": "objection"}
    given = {"cutoff": "2024-03-01", "privacy": {"profiling": [objecting]}}
    found = listed(tmp_path, orders, {"ingest": given}).frame("next_products")
    assert set(zip(found["customer_id"], found["product_id"], strict=True)) == {
        ("A", "tea"), ("C", "tea"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "private", "service"),
    [
        ("Chicken breast boneless", False, False), ("Breast pump", True, False),
        ("Gift bag", False, False), ("Phone charger", False, False),
        ("Karta podarunkowa 100 zł", False, True), ("Przesyłka kurierska", False, True),
        ("Pregnancy test", True, False), ("DOTCOM POSTAGE", False, True),
    ],
)  # fmt: skip
def test_names_are_told_apart(name: str, private: bool, service: bool) -> None:
    assert (hints_at_private(name), is_service(name)) == (private, service)
    assert is_of_services("COUPON/MISC ITEMS") is False
    assert is_of_services("Shipping & delivery fees") is True
