"""One page that holds everything a marketer needs to act on a list and trust it."""

from __future__ import annotations

from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from winback.report.material import Material
from winback.report.sections.churn import churn_section
from winback.report.sections.cost import cost_section
from winback.report.sections.details import details_section
from winback.report.sections.do import do_section
from winback.report.sections.found import found_section
from winback.report.sections.moves import moves_section
from winback.report.sections.record import record_section
from winback.report.sections.sure import sure_section

# It reads like a letter.
SECTIONS = (
    found_section,
    do_section,
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
    sections = [section(m) for section in SECTIONS]
    folder = resources.files("winback.report") / "templates"
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((folder / "report.html.j2").read_text("utf-8"))
    w = m.w
    return template.render(
        language=m.language,
        w=w,
        style=Markup((folder / "report.css").read_text("utf-8")),
        kicker=w("kicker_shop", shop=m.shop_name) if m.shop_name else w("kicker"),
        as_of=w("as_of", cutoff=w.day(m.shop.cutoff), horizon=m.horizon),
        sections=[section for section in sections if section.parts],
    )
