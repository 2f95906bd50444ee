"""The pages of benchmarks that go on where they stopped are those of the figures beside them."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.mark.parametrize(
    ("module", "page", "name"),
    [
        ("court", "page", "court"),
        ("value", "coverage_page", "coverage"),
        ("value", "crps_page", "crps"),
    ],
)
def test_a_page_is_drawn_from_the_figures_beside_it(
    module: str, page: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    # Its name is a plain word, which another module may have.
    monkeypatch.delitem(sys.modules, module, raising=False)
    drawn = getattr(import_module(module), page)
    figures = json.loads((BENCHMARKS / f"{name}.json").read_text())
    assert figures
    assert (BENCHMARKS / f"{name}.md").read_text() == drawn(figures)
