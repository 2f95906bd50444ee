"""The card of one customer: a page made when somebody asks for it, of the facts of the terminal."""

from __future__ import annotations

from winback.report.parts import Section, Table, drawn, masked
from winback.report.pictures.timeline import draw_timeline
from winback.report.sheet import Sheet, write_sheet
from winback.results.customer import CustomerCard
from winback.said import explained as said
from winback.said.explained import CARD
from winback.said.words import Language, Words, capital

_MOST_ROWS, _MOST_SIGNALS, _MOST_LISTS = 20, 20, 26


def render_customer(card: CustomerCard, *, language: Language = "en") -> str:
    """Write what is known of one customer as one self-contained HTML page.

    History drawn, rhythm, score with its reasons, signals (what went wrong first), every list
    that left with its arm and outcome, why this offer or none, and next products. It loads
    nothing and runs no script; an e-mail address used as an id is masked, no contact stands on
    it, and no product that hints at something private.

    Args:
        card: what is known.
        language: ``en`` or ``pl``.

    Raises:
        UsageError: no text is in that language.
    """
    w = Words(language, card.currency)
    shown = masked(card.customer_id)
    kicker = "kicker" if card.shop else "title"
    sections = (_history, _rhythm, _score, _signals, _offer, _lists, _products)
    return write_sheet(
        Sheet(
            language=language,
            kicker=w.fill(CARD[kicker], {"shop": card.shop}),
            title=w.fill(CARD["title"], {}),
            heading=w.fill(CARD["heading"], {"customer": shown}),
            told=said.on_top(card, w),
            as_of=w.fill(CARD["as_of"], {"cutoff": card.cutoff}),
            sections=[section(card, w) for section in sections],
            skip=w.fill(CARD["skip"], {}),
            contents=w.fill(CARD["contents"], {}),
            footer=w.fill(CARD["footer"], {}),
        )
    )


def _section(key: str, w: Words) -> Section:
    return Section(key, w.fill(CARD[key], {}))


def _columns(w: Words, *names: str) -> list[str]:
    return [w.fill(CARD[f"col_{name}"], {}) for name in names]


def _history(card: CustomerCard, w: Words) -> Section:
    section = _section("history", w)
    section.add(
        "picture", drawn("history", lambda narrow: draw_timeline(card, w, narrow=narrow), "")
    )
    newest = card.history[::-1][:_MOST_ROWS]
    cut = {"shown": len(newest), "n": len(card.history)}
    rows = Table(
        caption=w.fill(CARD["rows"], {}),
        columns=_columns(w, "day", "kind", "order", "amount"),
        rows=[
            [
                w.short_day(each.day),
                w.term("kind", each.kind),
                masked(each.order_id),
                w.money(each.amount, 2),
            ]
            for each in newest
        ],
        texts=frozenset({0, 1, 2}),
        note=w.fill(CARD["rows_cut"], cut) if len(card.history) > _MOST_ROWS else "",
    )
    section.add("more", (w.fill(CARD["show_rows"], {}), [("table", rows)]))
    return section


def _rhythm(card: CustomerCard, w: Words) -> Section:
    section, found = _section("rhythm", w), card.rhythm
    told = [
        (w.count(round(days), "day"), w.fill(CARD[name], {}), "")
        for name, days in (
            ("usual", found.usual_days if found.is_known else None),
            ("silent", found.silent_days),
            ("longest", found.longest_days),
        )
        if days is not None
    ]  # fmt: skip
    if found.expected_on is not None:
        told.append((w.short_day(found.expected_on), w.fill(CARD["next"], {}), ""))
    section.add("cards", told)
    section.add("text", said.rhythm(found, w))
    return section


def _score(card: CustomerCard, w: Words) -> Section:
    section, scored = _section("score", w), card.scored
    told = [
        (w.share(chance), w.fill(CARD["within_days"], {"days": days}), "")
        for days, chance in scored.chances
    ]
    if scored.spend is not None:
        name = w.fill(CARD["spend"], {"days": scored.horizon_days})
        told.append((w.money(scored.spend[0]), name, ""))
    if scored.lifetime is not None:
        name = "spend" if scored.lifetime_days else "lifetime"
        label = w.fill(CARD[name], {"days": scored.lifetime_days})
        told.append((w.money(scored.lifetime[0]), label, ""))
    section.add("cards", told)
    section.add("text", said.score(scored, w))
    section.add("head", w.fill(CARD["moved"], {}))
    reasons = [capital(reason) for reason in scored.reasons[w.language]]
    if reasons:
        section.add("list", reasons)
    else:
        section.add("text", [w.fill(CARD["not_moved"], {})])
    return section


def _signals(card: CustomerCard, w: Words) -> Section:
    section = _section("signals", w)
    still = [
        w.fill(CARD["open_line"], {"name": said.signal(s, w), "n": s.n_open, "day": s.last})
        for s in card.signals
        if s.n_open
    ]
    if still:
        section.add("callout", (w.fill(CARD["open"], {}), still))
    if card.signals:
        shown = card.signals[:_MOST_SIGNALS]
        cut = {"shown": len(shown), "n": len(card.signals)}
        section.add(
            "table",
            Table(
                caption=w.fill(CARD["all_signals"], {}),
                columns=_columns(w, "signal", "recent", "all", "last", "value"),
                rows=[
                    [
                        said.signal(s, w), w.number(s.n_recent), w.number(s.n),
                        w.short_day(s.last), w.short_number(s.value),
                    ]
                    for s in shown
                ],
                note=w.fill(CARD["signals_cut"], cut) if len(shown) < len(card.signals) else "",
            ),
        )  # fmt: skip
    if card.told:
        section.add("head", w.fill(CARD["declared"], {}))
        section.add("list", [capital(line) for line in said.declared_lines(card, w)])
    return section


def _offer(card: CustomerCard, w: Words) -> Section:
    section = _section("offer", w)
    section.add("text", said.decided(card, w))
    if card.weighed:
        section.add(
            "table",
            Table(
                caption=w.fill(CARD["weighed"], {}),
                columns=_columns(w, "offer", "asks", "why"),
                rows=[
                    [
                        said.called(each.offer, each.label, w),
                        capital(said.asked(each, card, w)),
                        capital(said.weighed(each, card, w)),
                    ]
                    for each in card.weighed
                ],
                texts=frozenset({0, 1, 2}),
            ),
        )
    return section


def _lists(card: CustomerCard, w: Words) -> Section:
    section = _section("lists", w)
    if not card.lists:
        section.add("text", [w.fill(CARD["no_lists"], {})])
        return section
    shown = card.lists[:_MOST_LISTS]
    cut = {"shown": len(shown), "n": len(card.lists)}
    section.add(
        "table",
        Table(
            caption=w.fill(CARD["lists_caption"], {}),
            columns=_columns(w, "campaign", "sent", "planned", "arm", "came"),
            rows=[
                [
                    each.campaign_id,
                    w.short_day(each.sent_on),
                    said.called(each.offer, each.label, w),
                    w.fill(CARD["control" if each.arm == "control" else "got"], {}),
                    said.came(each, w),
                ]
                for each in shown
            ],
            texts=frozenset({0, 1, 2, 3, 4}),
            note=w.fill(CARD["lists_cut"], cut) if len(shown) < len(card.lists) else "",
        ),
    )
    section.add("text", [w.fill(CARD["one_proves_nothing"], {})])
    return section


def _products(card: CustomerCard, w: Words) -> Section:
    section = _section("products", w)
    if card.next:
        section.add(
            "table",
            Table(
                caption=w.fill(CARD["products_caption"], {}),
                columns=_columns(w, "product", "reason"),
                rows=[
                    [said.product(each.called, w), capital(said.product_why(each, w))]
                    for each in card.next
                ],
                texts=frozenset({0, 1}),
            ),
        )
    return section
