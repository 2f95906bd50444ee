"""The notebooks, made from texts in which `# %%` begins a cell: here and in a new project."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import Literal, NotRequired, TypedDict

from winback.params import Language

_CELL = re.compile(r"^# %%(?: \[(\w+)(?: (\w+))?\])?\n", re.MULTILINE)
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


class _Tags(TypedDict, total=False):
    tags: list[str]


class _Cell(TypedDict):
    cell_type: Literal["code", "markdown"]
    id: str
    metadata: _Tags
    source: list[str]
    execution_count: NotRequired[None]
    outputs: NotRequired[list[str]]


@cache
def notebooks(language: Language = "en") -> dict[str, str]:
    """Name and content of each notebook, not executed; its first cell of code is parameters.

    ``language`` is that of its prose, pictures and sentences. Those of this repository and those of
    `winback init` are the same: all they say follows from the project that they open.
    """
    folder = resources.files("winback.template") / "templates"
    sources = sorted(
        (file.name.removesuffix(".nb.j2"), file.read_text("utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".nb.j2")
    )
    asked = f'language = "{language}"'
    return {
        f"{name}.ipynb": _notebook(text.replace('language = "en"', asked), language)
        for name, text in sources
    }


def _notebook(text: str, language: Language) -> str:
    _, *parts = _CELL.split(text)
    told = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    # Prose stands there in each language; code is for all of them.
    of_this = [(kind, source) for kind, only, source in told if only in (None, language)]
    cells = [
        _cell(number, kind or "code", source.strip("\n"))
        for number, (kind, source) in enumerate(of_this)
    ]
    content = {
        "cells": cells,
        "metadata": {"kernelspec": _KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _cell(number: int, kind: str, source: str) -> _Cell:
    name, lines = f"cell-{number}", source.splitlines(keepends=True)
    if kind == "markdown":
        # In the text a cell of prose is a comment, as editors know it.
        prose = [line.removeprefix("#").removeprefix(" ") for line in lines]
        return {"cell_type": "markdown", "id": name, "metadata": {}, "source": prose}
    tags: _Tags = {"tags": ["parameters"]} if kind == "parameters" else {}
    return {
        "cell_type": "code", "id": name, "metadata": tags, "source": lines,
        "execution_count": None, "outputs": [],
    }  # fmt: skip
