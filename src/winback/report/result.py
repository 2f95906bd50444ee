"""The page of a campaign's result, from the same object as its JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from winback.report.parts import Drawn, Section, Table, drawn
from winback.report.pictures.measured import Effect, draw_effects
from winback.report.sheet import Sheet, write_sheet
from winback.results.measured import (
    Awaited,
    GroupEffect,
    Interval,
    Measurement,
    Metric,
    Profit,
    ProgrammeMeasurement,
)
from winback.said import earned, measured
from winback.said.next import offer_name, segment_name, steps
from winback.said.result import TEXTS, headline
from winback.said.telling import tell
from winback.said.words import NBSP, Language, Words, capital

_DIFFER = 0.001


def render_result(
    found: Measurement | Awaited, *, language: Language = "en", currency: str = ""
) -> str:
    """Write what came of a campaign as one self-contained HTML page.

    The verdict, warnings, what was earned and what it cost, offers and segments, how sure it is,
    and what to do next. It loads nothing and runs no script; every number on it is one of the
    measurement. Of a reading that does not count only what is wrong with it is shown, and what
    it cost.

    Args:
        found: a measurement, or a campaign whose window is open.
        language: ``en`` or ``pl``.
        currency: ISO code that amounts are written with, where the measurement names none.

    Raises:
        UsageError: no text is in that language.
    """
    money = found.currency if isinstance(found, Measurement) else ""
    words = Words(language, money or currency)
    return write_sheet(
        Sheet(
            language=language,
            kicker=_kicker(found, words),
            title=_said("title", words),
            # In letters as large as these a date has to break.
            heading=headline(found, words).replace(NBSP, " "),
            told=measured.verdict(found, words),
            as_of="" if isinstance(found, Awaited) else _as_of(found, words),
            sections=[section(found, words) for section in _sections(found)],
            skip=_said("skip", words),
            contents=_said("contents", words),
            footer=_said("footer", words),
        )
    )


def _sections(found: Measurement | Awaited) -> Sequence[Callable[[Any, Words], Section]]:
    if isinstance(found, Awaited):
        return [_next_section]
    if found.problems or found.verdict == "too_few":
        return [_warnings_section, _next_section, _earned_section, _sure_section]
    return [_warnings_section, _earned_section, _offers_section, _sure_section, _next_section]


def _said(name: str, words: Words, **values: object) -> str:
    return words.fill(TEXTS[name], values)


def _kicker(found: Measurement | Awaited, words: Words) -> str:
    if isinstance(found, ProgrammeMeasurement):
        return _said("kicker_programme", words)
    if found.campaign_id is None:
        return _said("title", words)
    return _said("kicker", words, campaign=found.campaign_id)


def _as_of(found: Measurement, words: Words) -> str:
    name = "as_of" if found.assigned_from == found.assigned_to else "as_of_days"
    return _said(
        name, words, first=found.assigned_from, last=found.assigned_to, days=found.window_days,
        treated=found.n_treated, control=found.n_control,
    )  # fmt: skip


# --- sections ------------------------------------------------------------------------------------


def _warnings_section(found: Measurement, words: Words) -> Section:
    """Everything that speaks against taking the verdict as it stands."""
    section = Section("warnings", _said("warnings", words))
    if found.problems:
        told = [f"{capital(line)}." for line in measured.problems(found, words)]
        section.add("callout", (_said("why_invalid", words), told))
    once = measured.one_look(found, words)
    if once:
        section.add("callout", (_said("looks_title", words), [once]))
    cautions: list[str] = [_with_names(tell(caution, words)) for caution in found.cautions]
    if isinstance(found, ProgrammeMeasurement) and found.planned_holdout:
        cautions += measured.programme(found, words)[-1:]
    if cautions:
        section.add("callout", (_said("keep_in_mind", words), cautions))
    return section


def _earned_section(found: Measurement, words: Words) -> Section:
    section = Section("earned", _said("earned", words))
    told = earned.lines(found, words)
    if found.problems or found.verdict == "too_few":
        section.add("text", told)
        return section
    section.add("cards", _cards(found, words))
    section.add("text", told)
    if found.profit is not None:
        section.add("table", _profit_table(found, found.profit, words))
    if isinstance(found, ProgrammeMeasurement):
        return section
    after = earned.after_window(found, words)
    section.add("text", [after] if after else None)
    section.add("table", _later_table(found, words))
    return section


def _offers_section(found: Measurement, words: Words) -> Section:
    section = Section("offers", _said("offers", words))
    if isinstance(found, ProgrammeMeasurement):
        return section
    unit = found.metric
    named = [(offer_name(each.offer, found, words), each) for each in found.by_offer]
    section.add("picture", _groups_picture("offer", named, unit, words))
    section.add("picture", _profit_picture(found, words))
    pairs = [(_pair(each.offer, each.against, found, words), each.effect) for each in found.versus]
    shown = _picture("against", pairs, _said("against_title", words), unit, words)
    section.add("picture", shown)
    details = [_groups_table("offer", named, unit, words), _versus_table(found, words)]
    if found.by_segment is not None:
        column = found.by_segment.column
        parts = [(segment_name(column, row.segment, words), row) for row in found.by_segment.rows]
        section.add("picture", _groups_picture("segment", parts, unit, words))
        details.append(_groups_table("segment", parts, unit, words))
    tables = [("table", table) for table in details if table]
    section.add("more", (_said("figures", words), tables) if tables else None)
    return section


def _sure_section(found: Measurement, words: Words) -> Section:
    section = Section("sure", _said("sure", words))
    valid = not found.problems and found.verdict != "too_few"
    told = [_said("sizes", words, treated=found.n_treated, control=found.n_control)]
    if valid and found.minimal_detectable_effect is not None:
        least = measured.least(found.minimal_detectable_effect, found.metric, words)
        told.append(_said("detectable", words, least=least))
    if valid and found.pays_from is not None:
        least = measured.least(found.pays_from, "returned", words)
        told.append(_said("pays_from", words, least=least))
    told += [*_design_lines(found, words), *_window_lines(found, words)]
    if valid:
        told.append(_said("rests_on", words))
    section.add("text", told)
    if valid:
        section.add("table", _metrics_table(found, words))
    if found.balance:
        table = _balance_table(found, words)
        section.add("more", (_said("balance_open", words), [("table", table)]))
    return section


def _next_section(found: Measurement | Awaited, words: Words) -> Section:
    section = Section("next", _said("next", words))
    told = [_with_names(step) for step in steps(found, words)]
    section.add("text" if len(told) == 1 else "numbered", told)
    return section


def _with_names(text: str) -> Markup:
    """A sentence in which names of keys and options are set as such."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts)
    )


# --- what was earned -----------------------------------------------------------------------------


def _cards(found: Measurement, words: Words) -> list[tuple[str, str, str]]:
    """The change, the profit and the cost, each with what it means."""
    ends: Interval = found[found.metric]
    unit = Unit(found.metric, words)
    cards = []
    if ends.low is not None:
        values = {"low": unit.bare(ends.low), "high": unit.bare(ends.high)}
        metric = _said(f"metric_{found.metric}", words)
        label = _said("card_effect", words, metric=metric, **values)
        cards.append((unit.value(ends.effect), label, "accent"))
    profit = found.profit
    if profit is not None and profit.total_low is not None:
        low, high = (words.money(x, 0, signed=True) for x in (profit.total_low, profit.total_high))
        label = _said("card_profit", words, low=low, high=high)
        cards.append((words.money(profit.total, 0, signed=True), label, "accent"))
        cards.append((words.money(profit.offer_cost, 0), _said("card_cost", words), ""))
    return cards


def _profit_table(found: Measurement, profit: Profit, words: Words) -> Table:
    def said(name: str, **values: object) -> str:
        return words.fill(earned.TEXTS[name], values)

    def row(name: str, digits: int, *ends: float | None) -> list[str]:
        shown = [words.money(end, digits, signed=True) if end is not None else "" for end in ends]
        return [name, *shown, *[""] * (3 - len(shown))]

    added = (profit.margin_added, profit.margin_added_low, profit.margin_added_high)
    contacts = said("contacts")
    if profit.contact_assumed:
        contacts = said("contacts_assumed" if profit.contacts else "contacts_unknown")
    rows = [
        row(said("margin_added"), 0, *added),
        [said("discounts"), words.money(profit.discounts, 0), "", ""],
        [contacts, words.money(profit.contacts or None, 0), "", ""],
        row(said("total"), 0, profit.total, profit.total_low, profit.total_high),
        row(said("per_customer"), 2, profit.per_customer, profit.low, profit.high),
    ]
    contact = (profit.per_contact, profit.per_contact_low, profit.per_contact_high)
    spent = (profit.return_on_cost, profit.return_on_cost_low, profit.return_on_cost_high)
    if contact[0] is not None:
        rows.append(row(said("per_contact"), 2, *contact))
    if spent[0] is not None:
        name = said("per_spent", one=1) if words.currency else said("per_spent_bare")
        rows.append(row(name, 2, *spent))
    if (anyway := earned.anyway_of(found)) is not None:
        name, share = anyway
        ends = (words.share(end) for end in (share.value, share.low, share.high))
        rows.append([said(f"{name}_share"), *ends])
    if profit.pays_below is not None:
        rows.append([said("pays_below_row"), words.money(profit.pays_below, 2), "", ""])
    columns = [said(name) for name in ("figure", "value", "from", "to")]
    return Table(said("figures"), columns, rows)


def _later_table(found: Measurement, words: Words) -> Table | None:
    if not found.later:
        return None
    orders, spend = Unit("orders", words), Unit("net_spend", words)
    names = ["later_column", "later_orders", "later_spend"]
    moved = any(each.orders_after_window is not None for each in found.later)
    rows = []
    for each in found.later:
        days = words.fill(earned.TEXTS["later_days"], {"days": each.days})
        row = [days, orders.ranged(each.orders), spend.ranged(each.net_spend)]
        if moved:
            after = each.orders_after_window
            row.append("" if after is None else orders.ranged(after))
        rows.append(row)
    if moved:
        names.append("later_after")
    columns = [words.fill(earned.TEXTS[name], {}) for name in names]
    return Table(words.fill(earned.TEXTS["later"], {}), columns, rows)


# --- offers and segments -------------------------------------------------------------------------


class Unit(NamedTuple):
    """How changes of a metric are written: with its unit, and bare beside one that has it."""

    metric: Metric
    words: Words

    def value(self, x: float | None) -> str:
        """A change with its sign and unit."""
        if self.metric == "returned":
            return self.words.points(None if x is None else 100 * x, signed=True)
        return self.bare(x) if self.metric == "orders" else self.words.money(x, 2, signed=True)

    def bare(self, x: float | None) -> str:
        """The number alone."""
        if self.metric == "returned":
            return self.words.number(None if x is None else 100 * x, 1, signed=True)
        return self.words.number(x, 2, signed=True)

    def ranged(self, ends: Interval) -> str | Markup:
        """A change above its interval, for a table."""
        if ends.low is None:
            return self.value(ends.effect)
        values = {"low": self.bare(ends.low), "high": self.bare(ends.high)}
        return Markup("{}<small>{}</small>").format(
            self.value(ends.effect), _said("ends", self.words, **values)
        )


def _picture(
    kind: str, rows: Sequence[tuple[str, Interval]], finding: str, unit: Metric, words: Words,
    shows: str = "",
) -> Drawn | None:  # fmt: skip
    effects = [Effect(label, ends) for label, ends in rows]
    about = _said(f"shows_{shows or unit}", words)
    foot = "foot_segments" if kind == "segment" else f"foot_{kind}"
    foot = "foot_offers" if kind in ("offer", "profit") else foot

    def draw(narrow: bool) -> Any:
        return draw_effects(effects, finding, about, Unit(unit, words), words=words, narrow=narrow)

    return drawn(f"effects-{kind}", draw, _said(foot, words))


def _groups_picture(
    kind: str, rows: Sequence[tuple[str, GroupEffect]], unit: Metric, words: Words
) -> Drawn | None:
    clear = [label for label, each in rows if each.verdict in ("works", "harms")]
    if clear:
        finding = capital(_said(f"by_{kind}_title", words, best=clear))
    elif len(rows) == 1 and kind == "offer":
        finding = _said("by_offer_one", words, offer=rows[0][0])
    else:
        finding = _said(f"by_{kind}_none", words)
    return _picture(kind, rows, finding, unit, words)


def _profit_picture(found: Measurement, words: Words) -> Drawn | None:
    rows = [
        (
            offer_name(each.offer, found, words),
            Interval(effect=each.profit.per_customer, low=each.profit.low, high=each.profit.high),
        )
        for each in found.by_offer
        if each.profit is not None
    ]
    if len(rows) < 2:
        return None
    finding = _said("profit_by_offer_title", words)
    return _picture("profit", rows, finding, "net_spend", words, shows="profit")


def _groups_table(
    kind: str, rows: Sequence[tuple[str, GroupEffect]], unit: Metric, words: Words
) -> Table | None:
    if not rows:
        return None
    columns = [_said(name, words) for name in (kind, "with_offer", "held_out", "effect", "said")]
    cells = [
        [
            label,
            words.number(each.n_treated),
            words.number(each.n_control),
            Unit(unit, words).ranged(each),
            _said(f"verdict_{each.verdict}", words),
        ]
        for label, each in rows
    ]
    return Table(_said(f"table_{kind}", words), columns, cells, texts=frozenset({0, 4}))


def _pair(offer: str, against: str, found: Measurement, words: Words) -> str:
    names = (offer_name(each, found, words) for each in (offer, against))
    return _said("pair", words, offer=next(names), against=next(names))


def _versus_table(found: Measurement, words: Words) -> Table | None:
    if not found.versus:
        return None
    unit, money = Unit(found.metric, words), Unit("net_spend", words)
    rows = []
    for each in found.versus:
        better = {"works": each.offer, "harms": each.against}.get(each.verdict)
        said = _said("versus_none", words)
        if better is not None:
            said = _said("versus_works", words, offer=offer_name(better, found, words))
        profit = "" if each.profit is None else money.ranged(each.profit)
        name = _pair(each.offer, each.against, found, words)
        rows.append([name, unit.ranged(each.effect), profit, said])
    columns = [_said(name, words) for name in ("pair_column", "effect", "profit_column", "said")]
    return Table(_said("against_title", words), columns, rows, texts=frozenset({0, 3}))


# --- how sure ------------------------------------------------------------------------------------


def _design_lines(found: Measurement, words: Words) -> list[str]:
    told = []
    if found.srm_p is None:
        told.append(_said("ratio_unknown", words))
    else:
        name = "ratio_off" if "sample_ratio" in found.problems else "ratio_fits"
        told.append(_said(name, words, p=_p(found.srm_p, words)))
    apart = [row for row in found.balance if row.standardised_difference is not None]
    if apart:
        row = max(apart, key=lambda row: abs(row.standardised_difference or 0))
        p = row.p if found.balance_p is None else found.balance_p
        name = "unlike" if p is not None and p < _DIFFER else "alike"
        most = abs(row.standardised_difference or 0)
        known = measured.covariate(row.covariate, words)
        told.append(_said(name, words, most=most, covariate=known))
    known_in = found.in_orders
    # Where the orders begin with the assignment, nobody had.
    if known_in is not None and (known_in.share_treated or known_in.share_control):
        shares = {"treated": known_in.share_treated, "control": known_in.share_control}
        told.append(_said("in_orders", words, **shares))
    if found.sent is not None:
        told.append(_said("sent", words, share=found.sent.share_treated_sent))
    return told


def _p(value: float, words: Words) -> str:
    """A chance by the draw alone; 0.000 is none."""
    tiny = value < _DIFFER
    return _said("p_tiny" if tiny else "p_value", words, p=_DIFFER if tiny else value)


def _window_lines(found: Measurement, words: Words) -> list[str]:
    if found.window is None:
        told = [_said("covers", words, day=found.history_until)]
    else:
        days = {"closes_on": found.window.closes_on, "seen_until": found.window.seen_until}
        told = [_said("window", words, **days)]
    gain = None if found.predicted is None else found.predicted.gain
    if gain is not None and not found.problems:
        told.append(_said("foretold", words, predicted=gain.predicted, realised=gain.realised))
    return told


def _metrics_table(found: Measurement, words: Words) -> Table:
    rows: list[list[str]] = []
    names: tuple[Metric, ...] = ("returned", "orders", "net_spend")
    past = any(found[name].cuped is not None for name in names)
    for name in names:
        each, unit = found[name], Unit(name, words)
        label = _said(f"metric_{name}", words)
        if name == found.metric:
            label = _said("metric_named", words, metric=label)
        means = [_level(name, mean, words) for mean in (each.mean_treated, each.mean_control)]
        row = [label, *means, unit.ranged(each)]
        if past:
            row.append("" if each.cuped is None else unit.ranged(each.cuped))
        rows.append(row)
    keys = ["metric", "with_offer", "held_out", "effect", *(["adjusted"] if past else [])]
    return Table(_said("metrics_table", words), [_said(key, words) for key in keys], rows)


def _level(name: Metric, mean: float | None, words: Words) -> str:
    if name == "returned":
        return words.share(mean, 1)
    return words.number(mean, 2) if name == "orders" else words.money(mean, 2)


def _balance_table(found: Measurement, words: Words) -> Table:
    rows = [
        [
            measured.covariate(row.covariate, words),
            words.number(row.standardised_difference, 2, signed=True),
            words.number(row.p, 3) if row.p is None or row.p >= _DIFFER else _p(row.p, words),
        ]
        for row in found.balance
    ]
    columns = [_said(name, words) for name in ("covariate", "difference", "p")]
    return Table(_said("balance_table", words), columns, rows)
