"""What the questions share."""

from __future__ import annotations

from collections.abc import Callable

# Is told that a part of the work begins.
Begin = Callable[[str], None]
