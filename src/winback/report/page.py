"""One page that holds everything a marketer needs to act on a list and trust it."""

from __future__ import annotations

from winback.report.material import Material
from winback.report.parts import Fold
from winback.report.sections.churn import churn_section, compared_section
from winback.report.sections.cost import cost_section
from winback.report.sections.details import (
    details_section,
    excerpt_section,
    read_section,
)
from winback.report.sections.do import do_section
from winback.report.sections.first import opening, sentence
from winback.report.sections.found import found_section, history_section
from winback.report.sections.journey import journey_section
from winback.report.sections.message import message_section
from winback.report.sections.moves import moves_section
from winback.report.sections.press import press_section
from winback.report.sections.record import (
    learned_section,
    measured_section,
    record_section,
    rivals_section,
)
from winback.report.sections.scorecard import scorecard_section
from winback.report.sections.segments import risk_section, segments_section
from winback.report.sections.sure import sure_section
from winback.report.sheet import Sheet, write_sheet
from winback.said.folds import TEXTS
from winback.said.words import NBSP, Figure

# What opens under each heading, in order.
FOLDS = {
    "list": (do_section, message_section, cost_section, excerpt_section),
    "customers": (found_section, risk_section, segments_section, churn_section),
    "shop": (scorecard_section, journey_section, press_section, history_section),
    "outcome": (measured_section, record_section, learned_section),
    "analyst": (
        sure_section,
        rivals_section,
        moves_section,
        compared_section,
        read_section,
        details_section,
    ),
}


def render_report(m: Material) -> str:
    """Write the report as one self-contained HTML page.

    What to do now stands open; five headings below open: the list, the customers, the shop, what
    came of earlier lists, and what an analyst asks. It loads nothing and runs no script. What is
    missing (an unproven model, nobody on the list, no refunds) is said or left out, never drawn
    empty. Contact columns of the list are not shown, and an e-mail address used as a customer id
    is masked.
    """
    w = m.w
    return write_sheet(
        Sheet(
            language=m.language,
            kicker=w("kicker_shop", shop=m.shop_name) if m.shop_name else w("kicker"),
            title=w("title"),
            # In letters as large as these a date has to break.
            heading=sentence(m).replace(NBSP, " "),
            as_of=w("as_of", cutoff=w.day(m.shop.cutoff), horizon=m.horizon),
            sections=[],
            opening=opening(m),
            folds=[_fold(name, m) for name in FOLDS],
            skip=w("skip"),
            contents=w("contents"),
            footer=w("footer"),
        )
    )


def _fold(name: str, m: Material) -> Fold:
    sections = [section(m) for section in FOLDS[name]]
    title = m.w.fill(TEXTS[f"title_{name}"], {})
    return Fold(name, title, _LINES[name](m), sections)


def _told(m: Material, line: str, **values: object) -> str:
    return m.w.fill(TEXTS[line], values)


def _list_line(m: Material) -> str:
    target = m.target
    if target is None:
        return _told(m, "list_none")
    if m.unplanned:
        return _told(m, "list_unplanned", rows=m.unplanned)
    if not target.n_listed:
        return _told(m, "list_nobody", scored=Figure("target.n_scored", target.n_scored))
    listed = Figure("target.n_listed", target.n_listed)
    if not target.n_control:
        return _told(m, "list_all", listed=listed)
    control = Figure("target.n_control", target.n_control)
    return _told(m, "list", listed=listed, control=control)


def _customers_line(m: Material) -> str:
    if m.customers is None or not m.proven:
        customers = Figure("shop.shop.customers", m.shop.customers)
        return _told(m, "customers_unproven", customers=customers)
    expected = Figure("scores.p_return.sum", float(m.customers["p_return"].sum()))
    scored = Figure("target.n_scored", len(m.customers))
    days = Figure("training.evidence.horizon_days", m.horizon_days)
    return _told(m, "customers", expected=expected, customers=scored, days=days)


def _shop_line(m: Material) -> str:
    shop = m.shop
    if not shop.customers:
        return _told(m, "shop_empty")
    return _told(
        m,
        "shop",
        orders=Figure("shop.shop.orders", shop.orders),
        first=Figure("shop.shop.first_day", shop.first_day),
        repeat=Figure("shop.shop.repeat_share", shop.repeat_share),
    )


def _outcome_line(m: Material) -> str:
    if m.measured:
        return _told(m, "outcome_measured", n=len(m.measured))
    if m.grades is not None and m.grades.lists:
        return _told(m, "outcome", n=len(m.grades.lists))
    if m.grades is not None and m.grades.waiting:
        return _told(m, "outcome_waiting", day=min(each.ripe_on for each in m.grades.waiting))
    return _told(m, "outcome_none")


def _analyst_line(m: Material) -> str:
    everyone = m.evaluation.populations.get("everyone") if m.evaluation else None
    if everyone is None or not everyone.n:
        return _told(m, "analyst_untested")
    return _told(m, "analyst", forecasts=Figure("served.populations.everyone.n", everyone.n))


_LINES = {
    "list": _list_line,
    "customers": _customers_line,
    "shop": _shop_line,
    "outcome": _outcome_line,
    "analyst": _analyst_line,
}
