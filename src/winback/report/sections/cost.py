"""What the list should cost and earn."""

from __future__ import annotations

from winback.report import charts
from winback.report.material import Material
from winback.report.parts import Section, cut, drawn, lost_of, meant, offer_names
from winback.results.planned import Planned
from winback.said.offers import contact_prices, exploration, lessened, power


def cost_section(m: Material) -> Section:
    """Budget, cost and gain, and the lists of every size; empty without a list."""
    w, target, profit = m.w, m.target, m.profit
    section = Section("cost", w("cost"))
    if target is None or not target.n_listed:
        return section
    cost = meant("target.expected_cost", target.expected_cost, w.money(target.expected_cost))
    gain = meant("target.expected_gain", target.expected_gain, w.money(target.expected_gain))
    lost = meant("target.test.lost", lost_of(target), w.money(lost_of(target)))
    known = target.effect_known
    evens = target.break_even_pp
    even = sorted(pp for arm in target.arms if (pp := evens.get(arm)) is not None)
    span = w.points(even[0], to=even[-1]) if even else ""
    budget = target.budget
    section.add(
        "cards",
        [
            (w.money(budget) if budget is not None else w("no_limit"), w("card_budget"), ""),
            (cost, w("card_cost"), ""),
            (gain if known else w("unknown"), w("card_gain"), "accent" if known else "words"),
            *([(span, w("card_break_even"), "")] if span else []),
        ],
    )
    section.add(
        "text",
        [
            w.rich("cost_known", cost=cost, gain=gain)
            if known
            else w.rich("cost_unknown", cost=cost, loss=lost),
            _worst(m, target) if profit is not None else "",
        ],
    )
    if known:
        section.add("text", [power(target, w)])
    if told := exploration(target, w):
        section.add("text", told)
    if assumed := target.assumed:
        margin, contact = (
            low if low == high else w("from_to", low=low, high=high)
            for low, high in (
                map(w.share, assumed.margin_share),
                map(w.money, assumed.contact_cost),
            )
        )
        section.add(
            "text",
            [
                w.rich("cost_assumed", margin=margin, contact=contact),
                *lessened(target, w, offer_names(m.list_rows)),
            ],
        )
        prices, note = cut(contact_prices(target, w, offer_names(m.list_rows)), w, 8)
        section.add("text", [*prices, note] if prices else [])
    if profit is not None:
        section.add(
            "picture",
            drawn(
                "profit",
                lambda narrow: charts.draw_profit(
                    profit, target, currency=w.currency, language=w.language, narrow=narrow
                ),
                w("source_list", cutoff=w.day(target.cutoff)),
            ),
        )
    return section


def _worst(m: Material, target: Planned) -> str:
    """The loss at the lower end of the picture, where no effect is known that lessens it."""
    arms = [arm for name, arm in target.arms.items() if name != "control"]
    worst = -target.gain_low
    known = any(arm.effect_source for arm in arms)
    if target.effect_known or known or worst <= lost_of(target):
        return ""
    return m.w.rich("cost_worst", worst=m.w.money(worst))
