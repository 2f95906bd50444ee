"""One page that holds everything a marketer needs to act on a list and trust it."""

from __future__ import annotations

from winback.report.material import Material
from winback.report.sections.churn import churn_section
from winback.report.sections.cost import cost_section
from winback.report.sections.details import details_section
from winback.report.sections.do import do_section
from winback.report.sections.found import found_section
from winback.report.sections.message import message_section
from winback.report.sections.moves import moves_section
from winback.report.sections.record import record_section
from winback.report.sections.sure import sure_section
from winback.report.sheet import Sheet, write_sheet

# It reads like a letter.
SECTIONS = (
    found_section,
    do_section,
    message_section,
    cost_section,
    sure_section,
    record_section,
    moves_section,
    churn_section,
    details_section,
)


def render_report(m: Material) -> str:
    """Write the report as one self-contained HTML page.

    What we found, what to do, what it should cost and earn, how sure we are, the details. It
    loads nothing and runs no script. What is missing (an unproven model, nobody on the list, no
    refunds) is said or left out, never drawn empty. Contact columns of the list are not shown,
    and an e-mail address used as a customer id is masked.
    """
    w = m.w
    return write_sheet(
        Sheet(
            language=m.language,
            kicker=w("kicker_shop", shop=m.shop_name) if m.shop_name else w("kicker"),
            title=w("title"),
            heading=w("title"),
            as_of=w("as_of", cutoff=w.day(m.shop.cutoff), horizon=m.horizon),
            sections=[section(m) for section in SECTIONS],
            skip=w("skip"),
            contents=w("contents"),
            footer=w("footer"),
        )
    )
