"""Streams that outlive their reader: ``winback run ... | head`` must not lose the run."""

from __future__ import annotations

import os
from typing import Any, TextIO


class Lasting:
    """A stream whose reader may go away: what nobody reads is dropped, and the work goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write and hand on at once, so that a closed pipe is met here and not at the exit."""
        try:
            self._stream.write(text)
            self._stream.flush()
        except BrokenPipeError:
            self._drop()
        return len(text)

    def flush(self) -> None:
        """Hand on what is written."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._drop()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _drop(self) -> None:
        # The interpreter flushes once more at its exit; that has to go somewhere as well.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)
