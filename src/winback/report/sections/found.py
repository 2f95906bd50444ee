"""Who is expected back, and the history in numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markupsafe import Markup

from winback.report.material import Material
from winback.report.parts import Group, Section, Table, grouped, meant

# Guests are worth a word from a hundredth of all lines, a customer from a tenth of revenue.
_MENTIONED, _ONE_CUSTOMER = 0.01, 0.1


def found_section(m: Material) -> Section:
    """Who is expected back, and how many are at high risk."""
    section = Section("found", m.w("found"))
    bands = _told_apart(m)
    section.add("cards", _cards(m, bands))
    if said := _outlook(m, bands):
        section.add("text", [Markup(" ").join(said)])
    return section


def history_section(m: Material) -> Section:
    """The shop's orders in numbers, from the first to the last."""
    w, shop = m.w, m.shop
    section = Section("history", w("shop_whole"))
    if not shop.customers:
        section.add("text", [w.rich("s_empty", cutoff=w.day(shop.cutoff))])
        return section
    section.add("text", [Markup(" ").join(_history(m))])
    section.add("more", (w("shop_open"), [("table", _shop(m))]))
    return section


def _told_apart(m: Material) -> dict[str, Group]:
    """Customers by risk; empty where it is the same for all, which says nothing of anybody."""
    if m.customers is None or not m.proven or m.alike:
        return {}
    return {band.name: band for band in grouped(m.customers, "risk_band")}


def _cards(m: Material, bands: Mapping[str, Group]) -> list[tuple[str, str, str]]:
    w, shop = m.w, m.shop
    if not shop.customers:
        return []
    cards: list[tuple[str, str, str]] = [
        (_of_shop(m, "customers", w.number), w("card_customers"), "")
    ]
    if m.customers is not None and m.proven:
        expected = float(m.customers["p_return"].sum())
        told = meant("scores.p_return.sum", expected, w.number(expected))
        cards.append((told, w("card_expected", horizon=m.days), ""))
    if high := bands.get("high"):
        told = meant("scores.risk_band.high", high.customers, w.number(high.customers))
        cards.append((told, w("card_slipping"), "accent"))
    if m.unplanned:
        told = meant("list.rows", m.unplanned, w.number(m.unplanned))
        cards.append((told, w("card_unplanned"), "accent"))
    elif m.target is not None:
        told = meant("target.n_listed", m.target.n_listed, w.number(m.target.n_listed))
        cards.append((told, w("card_listed"), "accent"))
    return cards


def _of_shop(m: Material, name: str, written: Callable[[float], str]) -> Markup:
    """A figure of the shop as it stands in shop.json."""
    value = getattr(m.shop, name)
    return meant(f"shop.shop.{name}", value, written(value))


def _history(m: Material) -> list[Markup]:
    w, shop = m.w, m.shop
    history = {
        "first": w.day(shop.first_day),
        "orders": _of_shop(m, "orders", lambda n: w.count(n, "order")),
        "customers": _of_shop(m, "customers", lambda n: w.count(n, "of customer")),
        "revenue": _of_shop(m, "net_revenue", w.money),
    }
    one_day = shop.first_day == shop.last_day
    said = [
        w.rich("s_history_day", **history)
        if one_day
        else w.rich("s_history", last=w.day(shop.last_day), **history)
    ]
    if shop.refunds:
        said.append(w.rich("s_refunds", refunds=_of_shop(m, "refunds", w.number)))
    said += _guests(m)
    if not one_day:
        said.append(
            w.rich(
                "s_repeat",
                repeat=_of_shop(m, "repeat_share", w.share),
                returning=_of_shop(m, "returning_revenue_share", w.share),
                repeaters=_of_shop(m, "repeat_revenue_share", w.share),
            )
        )
    if shop.later_basket_mean is not None and shop.gap_median_days is not None:
        said.append(
            w.rich(
                "s_basket",
                first=_of_shop(m, "first_basket_mean", w.money),
                later=_of_shop(m, "later_basket_mean", w.money),
                gap=_of_shop(m, "gap_median_days", lambda n: w.count(n, "of day")),
            )
        )
    top = shop.top_customer_revenue_share
    if top is not None and top >= _ONE_CUSTOMER and shop.customers > 1 / _ONE_CUSTOMER:
        said.append(
            w.rich("s_one_customer", share=_of_shop(m, "top_customer_revenue_share", w.share))
        )
    return said


def _guests(m: Material) -> list[Markup]:
    w, ingest = m.w, m.ingest
    guests = ingest.lines_set_aside.by_reason.get("no_customer", 0) if ingest else 0
    if not ingest or guests < _MENTIONED * ingest.lines_in:
        return []
    lines = w.number(guests) if w.language == "pl" else w.count(guests, "line")
    return [w.rich("s_guests", lines=lines, share=w.share(guests / ingest.lines_in))]


def _outlook(m: Material, bands: Mapping[str, Group]) -> list[Markup]:
    w = m.w
    if m.customers is None:
        return []
    if not m.proven:
        return [w.rich("s_unproven")]
    expected, mean = float(m.customers["p_return"].sum()), float(m.customers["p_return"].mean())
    said = [
        w.rich(
            "s_expected",
            customers=meant("scores.p_return.sum", expected, w.count(expected, "customer")),
            share=meant("scores.p_return.mean", mean, w.share(mean)),
            horizon=m.days,
            cutoff=w.day(m.shop.cutoff),
        )
    ]
    if m.alike:
        said.append(w.rich("s_alike"))
    if high := bands.get("high"):
        spent = sum(max(band.spend_total, 0) for band in bands.values())
        said.append(
            w.rich(
                "s_slipping",
                customers=meant(
                    "scores.risk_band.high", high.customers, w.count(high.customers, "customer")
                ),
                spent=w.money(high.spend_total),
                share=w.share(high.spend_total / spent if spent else None),
                one_order=w.money(high.order_value_mean),
            )
        )
    return said


def _shop(m: Material) -> Table:
    w, shop = m.w, m.shop
    gaps = shop.gaps
    rows = [
        [w("f_orders"), w.number(shop.orders)],
        [w("f_refunds"), w.number(shop.refunds)] if shop.refunds else [],
        [w("f_gross"), w.money(shop.gross_revenue)],
        [w("f_refunded"), f"{w.money(shop.refunded)} ({w.share(shop.refunded_share)})"]
        if shop.refunded
        else [],
        [w("f_net"), w.money(shop.net_revenue)],
        [w("f_one_time"), w.share(shop.one_time_share)],
        [w("f_returning_orders"), w.share(shop.returning_orders_share)],
        [w("f_returning_revenue"), w.share(shop.returning_revenue_share)],
        [w("f_repeat_revenue"), w.share(shop.repeat_revenue_share)],
        [w("f_first_basket"), w.money(shop.first_basket_mean, 2)],
        [w("f_later_basket"), w.money(shop.later_basket_mean, 2)],
        [w("f_top"), w.share(shop.top_tenth_revenue_share)],
        [
            w("f_gap"),
            w(
                "f_gap_value",
                median=w.number(gaps.p50),
                low=w.number(gaps.p10),
                high=w.number(gaps.p90),
            ),
        ]
        if gaps.n
        else [],
        *(
            [
                w("f_active", days=w.count(row.days, "of day")),
                f"{w.number(row.customers)} ({w.share(row.share)})",
            ]
            for row in shop.active
        ),
    ]
    return Table(
        w("shop_caption"),
        [w("col_key"), w("col_value")],
        [row for row in rows if row],
        note=w("shop_note"),
    )
