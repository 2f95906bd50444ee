"""From the first purchase to the second, to a regular customer, to silence."""

from __future__ import annotations

from winback.results.base import Result


class Journey(Result):
    """From the first purchase to the second, to a regular customer, to silence."""
