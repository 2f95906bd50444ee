"""The page a person reads, and the figures and pictures it is made of."""

from winback.report.facts import describe_shop
from winback.report.page import render_report

__all__ = ["describe_shop", "render_report"]
