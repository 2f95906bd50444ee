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


# What moves a terminal's cursor, changes its colours or turns its text around: of a file or a
# cell, never ours.
_COMMANDS = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]?|"
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def without_commands(text: str) -> str:
    """A text that a terminal only shows: line ends and tabs stay, other commands go."""
    return _COMMANDS.sub("", text)
