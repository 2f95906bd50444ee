"""The ways a run can end early, each a code with values; the one line a person reads is said."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class WinbackError(Exception):
    """The data or the world is not as needed; the command ends with exit code 1.

    ``code`` is ``topic.name``; ``winback.said.errors`` has its sentence in each language, one
    line: which file, which row or column, what was found, what was expected, what to do. It
    never holds an e-mail address or a person's name. ``str()`` gives the English one.
    """

    def __init__(self, code: str, /, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values

    def sentence(self, language: str = "en") -> str:
        """The error as a person reads it."""
        # By name, when somebody reads it: the ground knows no words, and no stage depends on them.
        said: str = import_module("winback.said.errors").sentence(self.code, self.values, language)
        return said

    def __str__(self) -> str:
        return self.sentence()


class EmptyTable(WinbackError):
    """A file has a header but no row, which for signals is a day without any."""


class UsageError(WinbackError):
    """The command or a parameter is wrong; the command ends with exit code 2."""
