"""Exports without a fault: `python benchmarks/clean.py [--only TEXT]`.

Nine kinds of simulated shop, each written as nineteen systems write their orders, and the two
real histories. Each must be read right without being told anything, and without a doubt: whoever
is warned of everything reads no warning. Prints what was not, and the counts.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from winback.datasets import cdnow_csv, complete_journey_orders
from winback.errors import WinbackError
from winback.intake.settling import read_orders
from winback.said.spoken import tell
from winback.said.words import Words
from winback.synthetic.kinds import KINDS
from winback.synthetic.shop import simulate_shop

Dialect = Callable[[pd.DataFrame, Path], "Written"]


@dataclass(frozen=True)
class Written:
    """A file or folder, and what is right of it: one row a line, refunds below zero."""

    path: Path
    lines: pd.DataFrame

    def truth(self) -> tuple[int, int, float, float, str, str]:
        """Customers, purchases, gross, refunds, first and last day."""
        lines = self.lines
        bought = lines[lines.amount > 0]
        last = bought.ordered_at.dt.normalize().max()
        lines = lines[lines.ordered_at < last + timedelta(days=1)]
        return (
            lines.customer_id.nunique(),
            len(bought[["customer_id", "order_id"]].drop_duplicates()),
            round(bought.amount.sum(), 2),
            round(-lines.amount[lines.amount < 0].sum(), 2),
            str(bought.ordered_at.min().date()),
            str(last.date()),
        )


def by_order(lines: pd.DataFrame) -> pd.DataFrame:
    """One row an order as placed, with what was given back of it in `refunded`."""
    placed = lines[lines.amount > 0].groupby(["customer_id", "order_id"], sort=False)
    orders = placed.agg(
        ordered_at=("ordered_at", "min"), amount=("amount", "sum"), quantity=("quantity", "sum")
    ).reset_index()
    back = -lines[lines.amount < 0].groupby("order_id").amount.sum()
    orders["refunded"] = orders.order_id.map(back).fillna(0.0)
    orders[["amount", "refunded"]] = orders[["amount", "refunded"]].round(2)
    return orders.sort_values("ordered_at", kind="stable").reset_index(drop=True)


def back_dated(orders: pd.DataFrame) -> pd.DataFrame:
    """The lines of orders whose refunds have no date of their own."""
    back = orders[orders.refunded > 0].assign(amount=lambda o: -o.refunded)
    return pd.concat([orders, back], ignore_index=True)


def mails(customers: pd.Series[str]) -> pd.Series[str]:
    """An address for each customer."""
    return customers.str.lower() + "@shop.example.org"


def plain(lines: pd.DataFrame, out: Path) -> Written:
    lines.to_csv(out / "orders.csv", index=False)
    return Written(out / "orders.csv", lines)


def packed(lines: pd.DataFrame, out: Path) -> Written:
    with gzip.open(out / "orders.csv.gz", "wt", encoding="utf-8") as stream:
        lines.to_csv(stream, index=False)
    return Written(out / "orders.csv.gz", lines)


def typed(lines: pd.DataFrame, out: Path) -> Written:
    lines.to_parquet(out / "orders.parquet", index=False)
    return Written(out / "orders.parquet", lines)


def months(lines: pd.DataFrame, out: Path) -> Written:
    for month, part in lines.groupby(lines.ordered_at.dt.strftime("%Y-%m")):
        part.to_csv(out / f"orders-{month}.csv", index=False)
    return Written(out, lines)


def polish(lines: pd.DataFrame, out: Path) -> Written:
    table = pd.DataFrame(
        {
            "Lp": range(1, len(lines) + 1),
            "Nr zamówienia": lines.order_id,
            "Data zamówienia": lines.ordered_at.dt.strftime("%d.%m.%Y %H:%M"),
            "Klient": lines.customer_id,
            "Indeks": lines.product_id,
            "Ilość": lines.quantity,
            "Wartość brutto": lines.amount.map("{:,.2f} zł".format)
            .str.replace(",", "\u00a0")
            .str.replace(".", ","),
        }
    )
    table.to_csv(out / "zamówienia.csv", sep=";", index=False, encoding="cp1250")
    return Written(out / "zamówienia.csv", lines)


def german(lines: pd.DataFrame, out: Path) -> Written:
    note = lines.amount < 0
    table = pd.DataFrame(
        {
            "Belegart": np.where(note, "Gutschrift", "Rechnung"),
            "Belegnummer": lines.order_id,
            "Belegdatum": lines.ordered_at.dt.strftime("%d.%m.%Y"),
            "Kundennummer": lines.customer_id,
            "Artikelnummer": lines.product_id,
            "Menge": lines.quantity,
            "Nettobetrag": lines.amount.map("{:.2f}".format).str.replace(".", ","),
        }
    )
    table.to_csv(out / "belege.csv", sep=";", index=False)
    return Written(out / "belege.csv", lines)


def retail(lines: pd.DataFrame, out: Path) -> Written:
    price = (lines.amount / lines.quantity).round(2)
    note = lines.amount < 0
    table = pd.DataFrame(
        {
            "InvoiceNo": lines.order_id.str[1:].where(~note, "C" + lines.order_id.str[1:]),
            "StockCode": lines.product_id,
            "Description": "ITEM " + lines.product_id,
            "Quantity": lines.quantity,
            "InvoiceDate": lines.ordered_at.dt.strftime("%-m/%-d/%Y %H:%M"),
            "UnitPrice": price,
            "CustomerID": lines.customer_id.str[1:].astype(int).map("{:.1f}".format),
            "Country": "United Kingdom",
        }
    )
    table.to_csv(out / "retail.csv", index=False)
    return Written(out / "retail.csv", lines.assign(amount=(price * lines.quantity).round(2)))


def superstore(lines: pd.DataFrame, out: Path) -> Written:
    lines = lines[lines.amount > 0]
    table = pd.DataFrame(
        {
            "Row ID": range(1, len(lines) + 1),
            "Order ID": "CA-" + lines.order_id,
            "Order Date": lines.ordered_at.dt.strftime("%d/%m/%Y"),
            "Ship Date": (lines.ordered_at + timedelta(days=3)).dt.strftime("%d/%m/%Y"),
            "Ship Mode": "Standard Class",
            "Customer ID": lines.customer_id,
            "Segment": "Consumer",
            "City": "Los Angeles",
            "State": "California",
            "Postal Code": "90036",
            "Product ID": lines.product_id,
            "Category": "Furniture",
            "Sales": lines.amount,
            "Quantity": lines.quantity,
            "Discount": np.where(np.arange(len(lines)) % 5 == 0, 0.2, 0.0),
            "Profit": (lines.amount * 0.2).round(4),
        }
    )
    table.to_csv(out / "superstore.csv", index=False)
    return Written(out / "superstore.csv", lines)


def shopify(lines: pd.DataFrame, out: Path) -> Written:
    orders = by_order(lines).set_index("order_id")
    rows = lines[lines.amount > 0].sort_values(["order_id"], kind="stable")
    first = ~rows.order_id.duplicated()
    of = orders.loc[rows.order_id].reset_index()
    price = (rows.amount / rows.quantity).round(2).to_numpy()
    exact = pd.Series((price * rows.quantity).to_numpy()).groupby(rows.order_id.to_numpy()).sum()
    total = rows.order_id.map(exact).round(2).to_numpy()
    back = np.minimum(of.refunded.to_numpy(), total)
    state = np.where(back <= 0, "paid", np.where(back < total, "partially_refunded", "refunded"))
    once = first.to_numpy()
    date = of.ordered_at.dt.strftime("%Y-%m-%d %H:%M:%S +0100").to_numpy()
    table = pd.DataFrame(
        {
            "Name": "#" + rows.order_id.to_numpy(),
            "Email": mails(rows.customer_id).to_numpy(),
            "Financial Status": np.where(once, state, ""),
            "Paid at": np.where(once, date, ""),
            "Fulfillment Status": np.where(once, "fulfilled", ""),
            "Currency": np.where(once, "EUR", ""),
            "Subtotal": np.where(once, total, np.nan),
            "Shipping": np.where(once, 0.0, np.nan),
            "Taxes": np.where(once, 0.0, np.nan),
            "Total": np.where(once, total, np.nan),
            "Discount Amount": np.where(once, 0.0, np.nan),
            "Created at": date,
            "Lineitem quantity": rows.quantity.to_numpy(),
            "Lineitem name": rows.product_id.to_numpy(),
            "Lineitem price": price,
            "Lineitem sku": rows.product_id.to_numpy(),
            "Cancelled at": "",
            "Refunded Amount": np.where(once, back.round(2), np.nan),
            "Id": np.where(once, rows.order_id.str[1:].to_numpy(), ""),
        }
    )
    table.to_csv(out / "orders_export.csv", index=False)
    truth = orders.reset_index().assign(
        amount=lambda o: o.order_id.map(exact).round(2),
        refunded=lambda o: np.minimum(o.refunded, o.amount),
    )
    return Written(out / "orders_export.csv", back_dated(truth))


def woo(lines: pd.DataFrame, out: Path) -> Written:
    orders = by_order(lines)
    table = pd.DataFrame(
        {
            "order_id": range(1001, 1001 + len(orders)),
            "parent_id": 0,
            "date_created": orders.ordered_at.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "date_created_gmt": (orders.ordered_at - timedelta(hours=1)).dt.strftime(
                "%Y-%m-%d %H:%M:%S"
            ),
            "num_items_sold": orders.quantity,
            "total_sales": orders.amount,
            "tax_total": (orders.amount * 0.19).round(2),
            "shipping_total": 0,
            "net_total": (orders.amount * 0.81).round(2),
            "returning_customer": orders.customer_id.duplicated().astype(int),
            "status": "wc-completed",
            "customer_id": orders.customer_id.str[1:].astype(int) + 1,
        }
    )
    table.to_csv(out / "wc_order_stats.csv", index=False)
    return Written(out / "wc_order_stats.csv", orders)


def presta(lines: pd.DataFrame, out: Path) -> Written:
    orders = by_order(lines)
    table = pd.DataFrame(
        {
            "id_order": range(1, len(orders) + 1),
            "reference": "XK" + orders.order_id,
            "id_customer": orders.customer_id.str[1:].astype(int) + 1,
            "id_cart": range(501, 501 + len(orders)),
            "current_state": 5,
            "payment": "Przelew bankowy",
            "total_paid": orders.amount.map("{:.6f}".format),
            "total_paid_real": orders.amount.map("{:.6f}".format),
            "total_products": orders.amount.map("{:.6f}".format),
            "total_shipping": "0.000000",
            "valid": 1,
            "date_add": orders.ordered_at.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "date_upd": (orders.ordered_at + timedelta(days=2)).dt.strftime("%Y-%m-%d %H:%M:%S"),
        }
    )
    table.to_csv(out / "ps_orders.csv", sep=";", index=False)
    return Written(out / "ps_orders.csv", orders)


def magento(lines: pd.DataFrame, out: Path) -> Written:
    orders = by_order(lines)
    orders["refunded"] = np.minimum(orders.refunded, orders.amount)
    closed = orders.refunded >= orders.amount
    table = pd.DataFrame(
        {
            "ID": [f"{n:09}" for n in range(1, len(orders) + 1)],
            "Purchase Point": "Main Website",
            "Purchase Date": orders.ordered_at.dt.strftime("%b %-d, %Y %H:%M:%S %p"),
            "Grand Total (Base)": orders.amount.map("{:.4f}".format),
            "Grand Total (Purchased)": orders.amount.map("{:.4f}".format),
            "Status": np.where(closed, "Closed", "Complete"),
            "Shipping Information": "Flat Rate - Fixed",
            "Customer Email": mails(orders.customer_id),
            "Customer Group": "General",
            "Subtotal": orders.amount.map("{:.4f}".format),
            "Shipping and Handling": "0.0000",
            "Payment Method": "checkmo",
            "Total Refunded": orders.refunded.map("{:.4f}".format),
        }
    )
    table.to_csv(out / "export.csv", index=False)
    return Written(out / "export.csv", back_dated(orders))


def baselinker(lines: pd.DataFrame, out: Path) -> Written:
    rows = lines[lines.amount > 0].sort_values("order_id", kind="stable")
    price = (rows.amount / rows.quantity).round(2)
    rows = rows.assign(amount=(price * rows.quantity).round(2))
    value = rows.groupby("order_id").amount.transform("sum").round(2)
    table = pd.DataFrame(
        {
            "Numer zamówienia": rows.order_id.str[1:],
            "Data złożenia": rows.ordered_at.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "E-mail": mails(rows.customer_id),
            "Nazwa produktu": "Produkt " + rows.product_id,
            "Ilość": rows.quantity,
            "Cena brutto": price,
            "Wartość zamówienia": value,
            "Koszt wysyłki": 0.0,
        }
    )
    table.to_csv(out / "zamowienia.csv", sep=";", decimal=",", index=False)
    return Written(out / "zamowienia.csv", rows)


def stripe(lines: pd.DataFrame, out: Path) -> Written:
    orders = by_order(lines)
    orders["refunded"] = np.minimum(orders.refunded, orders.amount)
    table = pd.DataFrame(
        {
            "id": "ch_" + orders.order_id,
            "amount": (orders.amount * 100).round().astype(int),
            "amount_refunded": (orders.refunded * 100).round().astype(int),
            "currency": "eur",
            "created": (orders.ordered_at - pd.Timestamp(0)) // timedelta(seconds=1),
            "customer": "cus_" + orders.customer_id,
            "status": "succeeded",
            "livemode": "true",
            "captured": "true",
            "refunded": (orders.refunded >= orders.amount).astype(str).str.lower(),
        }
    )
    table.to_csv(out / "charges.csv", index=False)
    return Written(out / "charges.csv", back_dated(orders))


def events(lines: pd.DataFrame, out: Path) -> Written:
    orders = by_order(lines)
    table = pd.DataFrame(
        {
            "event_name": "purchase",
            "event_date": orders.ordered_at.dt.strftime("%Y%m%d"),
            "transaction_id": orders.order_id,
            "user_id": orders.customer_id,
            "purchase_revenue": orders.amount,
        }
    )
    table.to_csv(out / "ga4.csv", index=False)
    return Written(out / "ga4.csv", orders)


def olist(lines: pd.DataFrame, out: Path) -> Written:
    orders = by_order(lines)
    at = orders.ordered_at
    table = pd.DataFrame(
        {
            "order_id": orders.order_id,
            "customer_id": [f"{n:032x}" for n in range(len(orders))],
            "customer_unique_id": orders.customer_id,
            "order_status": "delivered",
            "order_purchase_timestamp": at.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "order_approved_at": (at + timedelta(minutes=15)).dt.strftime("%Y-%m-%d %H:%M:%S"),
            "order_delivered_customer_date": (at + timedelta(days=6)).dt.strftime("%Y-%m-%d"),
            "payment_value": orders.amount,
        }
    )
    table.to_csv(out / "olist.csv", index=False)
    return Written(out / "olist.csv", orders)


def own_table(lines: pd.DataFrame, out: Path) -> Written:
    orders = by_order(lines)
    cancelled = np.arange(len(orders)) % 20 == 7
    orders["refunded"] = np.where(cancelled, orders.amount, 0.0)
    table = pd.DataFrame(
        {
            "id": range(1, len(orders) + 1),
            "user_id": orders.customer_id.str[1:].astype(int) + 1,
            "created_at": orders.ordered_at.dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "updated_at": (orders.ordered_at + timedelta(days=1)).dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "status": np.where(cancelled, "cancelled", "paid"),
            "currency": "PLN",
            "subtotal": (orders.amount - 9.99 + 5).round(2),
            "shipping": 9.99,
            "tax": (orders.amount * 0.23).round(2),
            "discount_total": 5.0,
            "total": orders.amount,
        }
    )
    table.to_csv(out / "orders.csv", index=False)
    return Written(out / "orders.csv", back_dated(orders))


def till(lines: pd.DataFrame, out: Path) -> Written:
    orders = by_order(lines).assign(refunded=0.0)
    table = pd.DataFrame(
        {
            "date": orders.ordered_at.dt.strftime("%Y-%m-%d"),
            "datetime": orders.ordered_at.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "loyalty card": orders.customer_id,
            "amount": orders.amount,
        }
    )
    table.to_csv(out / "till.csv", index=False)
    # Without numbers of orders, what one customer buys at one instant is one.
    return Written(out / "till.csv", orders.assign(order_id=table.datetime))


def json_lines(lines: pd.DataFrame, out: Path) -> Written:
    orders = by_order(lines)
    with (out / "orders.jsonl").open("w", encoding="utf-8") as stream:
        for row in orders.itertuples():
            record = {
                "order_id": row.order_id, "customer": row.customer_id,
                "created_at": row.ordered_at.isoformat(), "total": row.amount,
            }  # fmt: skip
            stream.write(json.dumps(record) + "\n")
    return Written(out / "orders.jsonl", orders)


DIALECTS: dict[str, Dialect] = {
    each.__name__: each
    for each in (
        plain, packed, typed, months, polish, german, retail, superstore, shopify, woo, presta,
        magento, baselinker, stripe, events, olist, own_table, till, json_lines,
    )
}  # fmt: skip


def judged(written: Written) -> tuple[str, str]:
    """Right, doubted, asked or wrong; and what was said or differs."""
    words = Words("en")
    right = written.truth()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            summary = read_orders(written.path, scratch).summary
        except WinbackError as error:
            return "asked", str(error)
    found = (
        summary.customers, summary.purchases, round(summary.gross, 2), round(summary.refunded, 2),
        str(summary.first_day), str(summary.last_day),
    )  # fmt: skip
    off = [
        f"{name} {a} for {b}"
        for name, a, b in zip(
            ("customers", "purchases", "gross", "refunds", "first", "last"),
            found, right, strict=True,
        )
        if (a != b if isinstance(a, int | str) else abs(a - b) > 0.02)
    ]  # fmt: skip
    doubts = [tell(doubt, words) for doubt in summary.doubts]
    if off:
        return "wrong", "; ".join(off + doubts)
    return ("doubted" if doubts else "right"), "; ".join(doubts)


def doubts_on(path: Path, out: Path) -> str:
    """The doubts on a real history."""
    summary = read_orders(path, out).summary
    return "; ".join(tell(doubt, Words("en")) for doubt in summary.doubts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="part of a dialect's or shop's name")
    only = parser.parse_args().only
    counts = {"right": 0, "doubted": 0, "asked": 0, "wrong": 0}
    for number, kind in enumerate(KINDS):
        days = 200 if kind == "groceries" else None
        shop = simulate_shop(kind, 150 + 30 * number, days=days, seed=number)
        lines = shop.orders[
            ["customer_id", "order_id", "ordered_at", "product_id", "quantity", "amount"]
        ]
        lines = lines.astype({"customer_id": str, "order_id": str, "product_id": str})
        for name, dialect in DIALECTS.items():
            if only not in f"{kind} {name}":
                continue
            with tempfile.TemporaryDirectory() as folder:
                verdict, said = judged(dialect(lines.reset_index(drop=True), Path(folder)))
            counts[verdict] += 1
            if verdict != "right":
                print(f"{verdict:8} {kind} {name}: {said[:240]}", flush=True)
    for name in ("cdnow", "complete journey"):
        if only in name:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "cdnow.csv"
                if name == "cdnow":
                    path.write_text(cdnow_csv(), encoding="utf-8")
                else:
                    path = complete_journey_orders()
                said = doubts_on(path, Path(folder) / "read")
            counts["doubted" if said else "right"] += 1
            if said:
                print(f"doubted  {name}: {said[:240]}")
    told = ", ".join(f"{n} {verdict}" for verdict, n in counts.items())
    print(f"{sum(counts.values())} clean exports: {told}")
    sys.exit(counts["asked"] + counts["wrong"] > 0)


if __name__ == "__main__":
    main()
