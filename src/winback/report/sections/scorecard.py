"""How the shop does, month by month."""

from __future__ import annotations

from winback.report.material import Material
from winback.report.parts import Section


def scorecard_section(m: Material) -> Section:
    """Not drawn yet."""
    return Section("scorecard", "")
