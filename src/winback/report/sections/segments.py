"""Segments one can act on."""

from __future__ import annotations

from winback.report.material import Material
from winback.report.parts import Section


def segments_section(m: Material) -> Section:
    """Not drawn yet."""
    return Section("segments", "")
