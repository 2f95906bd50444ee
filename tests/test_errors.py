"""Every error that the source raises has its words, in both languages, with the values it needs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest

import winback

PACKAGE = Path(winback.__file__).parent
ERRORS = ("WinbackError", "UsageError", "EmptyTable")


def raised() -> Iterator[tuple[str, str, set[str] | None]]:
    """Place, code and names of the values; None where they are handed on as a mapping."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") in ERRORS):
                continue
            place = f"{path.relative_to(PACKAGE)}:{node.lineno}"
            names = {keyword.arg for keyword in node.keywords}
            values = None if None in names else {name for name in names if name}
            match node.args[:1]:
                case [ast.Constant(value=code)]:
                    yield place, str(code), values
                case [ast.JoinedStr() as made] if " " in ast.unparse(made):
                    yield place, ast.unparse(made), values


SITES = list(raised())


def test_the_sites_are_found() -> None:
    assert len(SITES) > 100


@pytest.mark.parametrize("language", ["en", "pl"])
def test_an_error_has_its_words_and_the_values_they_need(language: str) -> None:
    wrong = []
    for place, code, values in SITES:
        topic, _, name = code.partition(".")
        if " " in code or not name:
            wrong.append(f"{place}: a sentence: {code[:40]}")
            continue
        texts = import_module(f"winback.said.errors.{topic}").TEXTS
        if name not in texts:
            wrong.append(f"{place}: no words for {code}")
            continue
        needed = {field for _, field, _, _ in Formatter().parse(texts[name][language]) if field}
        if values is not None and needed - values:
            wrong.append(f"{place}: {code} lacks {', '.join(sorted(needed - values))}")
    assert wrong == []
