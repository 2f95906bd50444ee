"""A file is complete or not there: written beside its place, then moved into it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[Path]:
    """A new file beside ``path`` that takes its place only once it is complete.

    A run that is killed, or ends with an error, leaves the last good file; what it had begun is
    removed where it can be. ``private`` files are for their owner's eyes alone (0600).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    try:
        if private:
            new.unlink(missing_ok=True)
            os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield new
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def write_text(path: Path, text: str, *, private: bool = False) -> None:
    """Text as UTF-8 with plain line ends."""
    with replacing(path, private=private) as new:
        new.write_text(text, encoding="utf-8", newline="\n")
