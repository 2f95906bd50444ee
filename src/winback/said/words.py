"""What the page and the terminal are written with: the page's texts, names of codes, numbers."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape

from winback.said.terms import TERMS
from winback.said.texts import TEXTS
from winback.said.writing import (
    DASH,
    LANGUAGES,
    MINUS,
    NBSP,
    POINTS,
    Figure,
    Language,
    Texts,
    Writing,
    capital,
)

__all__ = [
    "DASH",
    "LANGUAGES",
    "MINUS",
    "NBSP",
    "POINTS",
    "Figure",
    "Language",
    "Texts",
    "Words",
    "capital",
]


class Words(Writing):
    """Texts, names, numbers, dates and money as readers of one language write them.

    Calling it with a key gives the text: ``Words("pl")("found")``. A key without a text is a
    ``KeyError``: a page never shows a key.
    """

    def __call__(self, key: str, **values: Any) -> str:
        """Text of a key with its values filled in."""
        text = TEXTS[key][self.language]
        if any(isinstance(value, Markup) for value in values.values()):
            return Markup(escape(text)).format(**values)
        return text.format(**values)

    def rich(self, key: str, **values: Any) -> Markup:
        """The same as HTML: values escaped and set in bold."""
        bold = {name: Markup("<b>{}</b>").format(value) for name, value in values.items()}
        return Markup(TEXTS[key][self.language]).format(**bold)

    def term(self, group: str, code: Any) -> str:
        """Name of a code (a segment, a reason); an unknown code is shown as it is."""
        known = TERMS[group].get(str(code))
        return known[self.language] if known else super().term(group, code)
