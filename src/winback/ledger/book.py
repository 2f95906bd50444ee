"""The ledger itself: a chain of entries, each a folder that is written once.

``entry.json`` of an entry names the hash of the entry before and of every file beside it, so that
no line of the past can be changed without all that follows showing it. Rows hold the number of a
person (`winback.ledger.people`) in place of the customer's id: a person can be forgotten, and the
chain stays whole.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from pathlib import Path

from pydantic import JsonValue

from winback.errors import WinbackError
from winback.files import scratch_folder, settle
from winback.results.base import Result
from winback.results.ledgered import Entry, Kind

ENTRY = "entry.json"
_FOLDER = re.compile(r"(\d{6})-[a-z]+-.+")


class Ledger:
    """The entries of a folder, in their order.

    Args:
        folder: the ledger; need not be there yet.
        people: the table that says which number is which customer, outside of the ledger.
    """

    def __init__(self, folder: Path, people: Path) -> None:
        self.folder, self.people = folder, people

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, the oldest first.

        Raises:
            WinbackError: the chain does not hold: an entry was changed, taken out or put in, or
                two follow the same one.
        """
        found: list[Entry] = []
        previous: str | None = None
        for number, place in enumerate(self._folders(), 1):
            path = place / ENTRY
            content = _bytes(path)
            entry = Entry.from_json(content.decode("utf-8", "replace"), str(path))
            if len(found) and entry.number == found[-1].number:
                raise WinbackError(
                    "ledger.forked", one=self._folder_of(found[-1]), other=place,
                    number=entry.number,
                )  # fmt: skip
            if entry.number != number or entry.previous != previous:
                raise WinbackError("ledger.broken", file=path, number=number)
            if place.name != _name(entry) or content.decode() != entry.to_json():
                raise WinbackError("ledger.changed", file=path)
            found.append(entry)
            previous = hashlib.sha256(content).hexdigest()
        return tuple(found)

    def verify(self, salt: str | None = None) -> None:
        """Look at every file of every entry; with the salt also whether it signed them.

        Raises:
            WinbackError: a file is missing, was changed or does not belong there.
        """
        for entry in self.entries:
            place = self._folder_of(entry)
            for name in entry.files:
                self.path(entry, name)
            for path in sorted(place.iterdir()):
                if path.name not in (ENTRY, *entry.files):
                    raise WinbackError("ledger.stranger", file=path)
            # Another salt, as after a change of it, signs otherwise and proves nothing.
            if salt is not None and entry.signature is not None:
                key, _, _ = entry.signature.partition(":")
                if key == _key(salt) and entry.signature != _signed(entry, salt):
                    raise WinbackError("ledger.changed", file=place / ENTRY)

    def path(self, entry: Entry, name: str) -> Path:
        """A file of an entry.

        Raises:
            WinbackError: it is missing, or not as it was.
        """
        path = self._folder_of(entry) / name
        if hashlib.sha256(_bytes(path)).hexdigest() != entry.files[name]:
            raise WinbackError("ledger.changed", file=path)
        return path

    def append(
        self, kind: Kind, subject: str, day: date, content: Result | Mapping[str, JsonValue],
        files: Mapping[str, bytes] | None = None, *, salt: str | None = None,
    ) -> Entry:  # fmt: skip
        """Add an entry; it is there whole or not at all."""
        files = dict(files or {})
        with self._alone():
            self.__dict__.pop("entries", None)
            last = self.entries[-1] if self.entries else None
            plain = content.model_dump(mode="json") if isinstance(content, Result) else content
            entry = Entry(
                number=len(self.entries) + 1,
                kind=kind,
                subject=subject,
                day=day,
                previous=last and self.digest(last),
                files={name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)},
                content=dict(plain),
            )
            if salt is not None:
                entry = entry.model_copy(update={"signature": _signed(entry, salt)})
            with scratch_folder(self.folder) as beside:
                new = beside / "entry"
                new.mkdir()
                for name, held in {**files, ENTRY: entry.to_json().encode()}.items():
                    (new / name).write_bytes(held)
                    settle(new / name)
                settle(new)
                os.rename(new, self._folder_of(entry))
                settle(self.folder)
            self.__dict__.pop("entries", None)
        return entry

    def digest(self, entry: Entry) -> str:
        """SHA-256 of an entry, which names all of it."""
        return hashlib.sha256(entry.to_json().encode()).hexdigest()

    def of_kind(self, *kinds: Kind) -> tuple[Entry, ...]:
        """The entries of these kinds, the oldest first."""
        return tuple(entry for entry in self.entries if entry.kind in kinds)

    def _folder_of(self, entry: Entry) -> Path:
        return self.folder / _name(entry)

    def _folders(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return sorted(p for p in self.folder.iterdir() if p.is_dir() and _FOLDER.fullmatch(p.name))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two that append at once would both follow the same entry."""
        self.folder.mkdir(parents=True, exist_ok=True)
        held = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
        finally:
            os.close(held)


def _name(entry: Entry) -> str:
    """The folder of an entry: sorted by name they stand in their order."""
    subject = re.sub(r"[^A-Za-z0-9._-]+", "-", entry.subject)[:80].strip("-") or "x"
    return f"{entry.number:06d}-{entry.kind}-{subject}"


def _key(salt: str) -> str:
    return hmac.new(salt.encode(), b"winback: who signs the ledger", "sha256").hexdigest()[:8]


def _signed(entry: Entry, salt: str) -> str:
    """Which salt signed, and its signature of all but the signature."""
    plain = entry.model_copy(update={"signature": None}).to_json().encode()
    return f"{_key(salt)}:{hmac.new(salt.encode(), plain, 'sha256').hexdigest()}"


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise WinbackError("ledger.missing", file=path) from error
