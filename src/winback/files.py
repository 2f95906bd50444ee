"""A file is complete or not there: written beside its place, then moved into it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# `.list.csv.1234-9f86d081884c7d65.new`: what it will be, the process that writes it, a name that
# nobody can guess, so that nobody can lay a link in its place.
_MARK = re.compile(r"\.(?P<process>\d+)-[0-9a-f]{16}\.new")


_CANNOT = (errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM, errno.EROFS, errno.EBADF)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(8)}.new")


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[Path]:
    """A new file beside ``path`` that takes its place only once it is complete.

    A run that is killed, or ends with an error, leaves the last good file; what it had begun is
    removed, at the latest by the next that writes the same. ``private`` files, such as lists and
    salts, are for their owner's eyes alone (0600), and are on the disk before they have their
    name: after a power cut there is the last good one or the new one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path)
    new = _beside(path)
    try:
        if private:
            os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield new
        if private:
            settle(new)
        new.replace(path)
        if private:
            settle(path.parent)
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def scratch_folder(path: Path) -> Iterator[Path]:
    """A folder beside ``path`` for what is in the way (0700), gone in the end.

    Those of a run that was killed, such as raw copies of orders, go when the next asks for one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path)
    folder = _beside(path)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers(path: Path) -> None:
    """Remove what dead processes had begun to write for ``path``; nothing without our mark."""
    start = f".{path.name}."
    with contextlib.suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            if not entry.name.startswith(start):
                continue
            mark = _MARK.fullmatch(entry.name[len(start) - 1 :])
            if mark is None or _alive(int(mark["process"])):
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                Path(entry.path).unlink(missing_ok=True)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """While inside, no other process is in here for the same folder.

    The folder itself is held, so nothing is left over when a run is killed.

    Raises:
        BlockingIOError: another is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(held)


def _alive(process: int) -> bool:
    if process == os.getpid():
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


def settle(path: Path) -> None:
    """Have the system put a file, or the names in a folder, onto the disk.

    Where a file system cannot, it is as safe as that file system is; a full disk is told here at
    the latest.
    """
    try:
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise


def write_text(path: Path, text: str, *, private: bool = False) -> None:
    """Text as UTF-8 with plain line ends."""
    with replacing(path, private=private) as new:
        new.write_text(text, encoding="utf-8", newline="\n")
