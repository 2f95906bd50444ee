"""From the first purchase to silence."""

from __future__ import annotations

from winback.report.material import Material
from winback.report.parts import Section


def journey_section(m: Material) -> Section:
    """Not drawn yet."""
    return Section("journey", "")
