"""How the shop does, month by month."""

from __future__ import annotations

from winback.results.base import Result


class Scorecard(Result):
    """How the shop does, month by month."""
