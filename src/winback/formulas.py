"""What a spreadsheet would take for a formula, taken off cells that strangers wrote."""

from __future__ import annotations

import re

# Signs a spreadsheet takes for the start of a formula, their full-width forms, and blanks that
# may stand before them.
TRIGGERS = "=+-@\uff1d\uff0b\uff0d\uff20 \t\r\n\u00a0\ufeff"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


def clean_text(value: object) -> str:
    """A cell or a header without the signs it would start a formula with, in one line."""
    return _CONTROLS.sub(" ", str(value)).lstrip(TRIGGERS).rstrip()
