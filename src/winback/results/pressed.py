"""What the press claims of returning customers, tested on this shop."""

from __future__ import annotations

from winback.results.base import Result


class Press(Result):
    """What the press claims of returning customers, tested on this shop."""
