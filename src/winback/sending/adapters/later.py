"""Results that come later: asked for again and again, with longer and longer pauses."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from winback.errors import WinbackError
from winback.sending.adapter import Setting

Found = TypeVar("Found")

_LONGEST_PAUSE = 10.0


def ask_until(ask: Callable[[], Found | None], setting: Setting, place: str) -> Found:
    """What ``ask`` gives once it gives something.

    Options: ``poll_seconds`` is the first pause (0.5), ``job_minutes`` how long it is asked (60).

    Raises:
        WinbackError: not within that time; the next push asks on.
    """
    pause = float(setting.option("poll_seconds", 0.5))
    minutes = float(setting.option("job_minutes", 60.0))
    until = time.monotonic() + minutes * 60
    while (found := ask()) is None:
        if time.monotonic() + pause > until:
            raise WinbackError("pushed.not_ready", place=place, minutes=round(minutes))
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)
    return found


def cut_bytes(text: str, most: int) -> str:
    """As many whole characters as fit into so many bytes of UTF-8."""
    return text.encode()[:most].decode(errors="ignore")
