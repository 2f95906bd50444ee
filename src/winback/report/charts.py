"""Pictures whose titles are their findings, for the page and for notebooks."""

from __future__ import annotations

from winback.report.pictures.canvas import COLOURS, Picture, figure_svg
from winback.report.pictures.customers import (
    draw_cohorts,
    draw_comebacks,
    draw_gaps,
)
from winback.report.pictures.judged import (
    draw_calibration,
    draw_dependence,
    draw_gains,
    draw_importance,
    draw_lift,
)
from winback.report.pictures.money import draw_profit, draw_revenue, draw_slipping
from winback.report.pictures.press import draw_occasions
from winback.report.pictures.record import draw_record
from winback.report.pictures.trend import draw_seconds, draw_trend

__all__ = [
    "COLOURS",
    "Picture",
    "draw_calibration",
    "draw_cohorts",
    "draw_comebacks",
    "draw_dependence",
    "draw_gains",
    "draw_gaps",
    "draw_importance",
    "draw_lift",
    "draw_occasions",
    "draw_profit",
    "draw_record",
    "draw_revenue",
    "draw_seconds",
    "draw_slipping",
    "draw_trend",
    "figure_svg",
]
