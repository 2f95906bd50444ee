"""The one page that all we write look like: a heading, sections, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from winback.report.parts import Fold, Opening, Section
from winback.said.words import Language


@dataclass(frozen=True)
class Sheet:
    """What stands on a page.

    Attributes:
        title: name of the page in the browser's tab.
        heading: the page's one heading of the first level.
        told: what is said below it in a sentence; may be empty.
        sections: what stands open, in order.
        opening: what stands under the heading on the first screen; None for none.
        folds: headings below that open.
        skip, contents, footer: words for those who do not see, or have read it all.
    """

    language: Language
    kicker: str
    title: str
    heading: str
    as_of: str
    sections: Sequence[Section]
    skip: str
    contents: str
    footer: str
    told: str = ""
    opening: Opening | None = None
    folds: Sequence[Fold] = ()


def write_sheet(sheet: Sheet) -> str:
    """The page as self-contained HTML; sections with nothing in them are left out."""
    folder = resources.files("winback.report") / "templates"
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((folder / "report.html.j2").read_text("utf-8"))
    return template.render(
        vars(sheet)
        | {
            "style": Markup((folder / "report.css").read_text("utf-8")),
            "sections": _filled(sheet.sections),
            "folds": [(fold, _filled(fold.sections)) for fold in sheet.folds],
        }
    )


def _filled(sections: Sequence[Section]) -> list[Section]:
    return [section for section in sections if section.parts]
