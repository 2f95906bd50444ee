"""What was found in the history, and who is slipping away."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from winback.report.material import Found, Material
from winback.report.parts import Section, Table, grouped, of_first_days, told
from winback.said.words import capital

BANDS = ("high", "medium", "low", "new", "lost")
# Guests are worth a word from a hundredth of all lines, a customer from a tenth of revenue.
_MENTIONED, _ONE_CUSTOMER = 0.01, 0.1
# A forecast in total above this many times what was spent, or below its inverse.
_FAR_OFF = 1.25


def found_section(m: Material) -> Section:
    """What is in doubt, the history in numbers, and the outlook by risk."""
    w, facts, ingest = m.w, m.facts, m.ingest
    section = Section("found", w("found"))
    doubts = [said for said in (ingest or {}).get("understood") or [] if _is_doubt(said)]
    if doubts:
        sentences = [f"{capital(said)}." for said in told(m, doubts)]
        section.add("callout", (w("doubts"), sentences))
    history_told: list[Markup] = []
    outlook: list[Markup] = []
    if not facts["customers"]:
        section.add("text", [w.rich("s_empty", cutoff=w.day(facts["cutoff"]))])
        return section
    history = {
        "first": w.day(facts["first_day"]),
        "orders": w.count(facts["orders"], "order"),
        "customers": w.count(facts["customers"], "of customer"),
        "revenue": w.money(facts["net_revenue"]),
    }
    one_day = facts["first_day"] == facts["last_day"]
    history_told.append(
        w.rich("s_history_day", **history)
        if one_day
        else w.rich("s_history", last=w.day(facts["last_day"]), **history)
    )
    if facts["refunds"]:
        history_told.append(w.rich("s_refunds", refunds=w.number(facts["refunds"])))
    guests = ingest["lines_set_aside"]["by_reason"].get("no_customer", 0) if ingest else 0
    if ingest and guests >= _MENTIONED * ingest["lines_in"]:
        lines = w.number(guests) if w.language == "pl" else w.count(guests, "line")
        share = w.share(guests / ingest["lines_in"])
        history_told.append(w.rich("s_guests", lines=lines, share=share))
    if not one_day:
        history_told.append(
            w.rich(
                "s_repeat",
                repeat=w.share(facts["repeat_share"]),
                returning=w.share(facts["returning_revenue_share"]),
            )
        )
    if facts["later_basket_mean"] is not None and facts["gap_median_days"] is not None:
        history_told.append(
            w.rich(
                "s_basket",
                first=w.money(facts["first_basket_mean"]),
                later=w.money(facts["later_basket_mean"]),
                gap=w.count(facts["gap_median_days"], "of day"),
            )
        )
    top = facts["top_customer_revenue_share"]
    if top is not None and top >= _ONE_CUSTOMER and facts["customers"] > 1 / _ONE_CUSTOMER:
        history_told.append(w.rich("s_one_customer", share=w.share(top)))
    cards = [
        (w.number(facts["customers"]), w("card_customers"), ""),
        (w.share(facts["repeat_share"]), w("card_repeat"), ""),
        (w.share(facts["returning_revenue_share"]), w("card_returning_revenue"), ""),
    ]
    bands = {}
    if m.customers is not None and m.proven:
        bands = {row["band"]: row for row in grouped(m.customers, "risk_band", "band")}
        expected = float(m.customers["p_return"].sum())
        cards.append((w.number(expected), w("card_expected", horizon=m.days), ""))
        outlook.append(
            w.rich(
                "s_expected",
                customers=w.count(expected, "customer"),
                share=w.share(float(m.customers["p_return"].mean())),
                horizon=m.days,
                cutoff=w.day(facts["cutoff"]),
            )
        )
    elif m.customers is not None:
        outlook.append(w.rich("s_unproven"))
    if high := bands.get("high"):
        spent = sum(max(row["spend_total"], 0) for row in bands.values())
        cards.append((w.number(high["customers"]), w("card_slipping"), "accent"))
        outlook.append(
            w.rich(
                "s_slipping",
                customers=w.count(high["customers"], "customer"),
                spent=w.money(high["spend_total"]),
                share=w.share(high["spend_total"] / spent if spent else None),
                one_order=w.money(high["order_value_mean"]),
            )
        )
    if m.target is not None:
        cards.append(
            (w.number(m.unplanned), w("card_unplanned"), "accent")
            if m.unplanned
            else (w.number(m.target["n_listed"]), w("card_listed"), "accent")
        )
    section.add("cards", cards)
    section.add("text", [Markup(" ").join(of) for of in (history_told, outlook) if of])
    if bands:
        section.add("table", _bands(m, bands))
    return section


def _bands(m: Material, bands: Mapping[str, Found]) -> Table:
    w = m.w
    customers = sum(row["customers"] for row in bands.values())
    known = [band for band in BANDS if band in bands]
    return Table(
        w("bands_caption", horizon=m.days),
        [
            w("col_band"),
            w("col_customers"),
            w("col_share"),
            w("col_p_return"),
            w("col_spent"),
            w("col_expected_spend", horizon=m.horizon),
        ],
        [
            [
                w.term("band", band),
                w.number(bands[band]["customers"]),
                w.share(bands[band]["customers"] / customers),
                w.share(bands[band]["p_return"]),
                w.money(bands[band]["spend_total"], 0),
                w.money(bands[band]["expected_net_spend"], 0),
            ]
            for band in known + sorted(set(bands) - set(known))
        ],
        note=" ".join([w("bands_note"), *_lost_above(m, bands), *_spending_off(m)]),
    )


def _lost_above(m: Material, bands: Mapping[str, Found]) -> list[str]:
    """Why the longest silent have the better chance, where they do."""
    lost, high = ((bands.get(band) or {}).get("p_return") for band in ("lost", "high"))
    above = lost is not None and high is not None and lost > high
    return [m.w("bands_lost")] if above else []


def _spending_off(m: Material) -> list[str]:
    """That the test found expected spending far off, where it did."""
    methods = ((m.evaluation or {}).get("value") or {}).get("methods") or {}
    bias = (methods.get("winback") or {}).get("bias")
    if bias is None or 1 / _FAR_OFF <= bias <= _FAR_OFF:
        return []
    return [m.w("bands_off", bias=m.w.ratio(bias)), *of_first_days(m)]


def _is_doubt(said: str) -> bool:
    """Whether a sentence of the intake asks for a look, beside telling what was understood."""
    return said.startswith("look at ")
