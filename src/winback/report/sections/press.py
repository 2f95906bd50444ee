"""What the press claims, on this shop."""

from __future__ import annotations

from winback.report.material import Material
from winback.report.parts import Section


def press_section(m: Material) -> Section:
    """Not drawn yet."""
    return Section("press", "")
