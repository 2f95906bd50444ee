"""Who was forgotten: keyed hashes by which a new import knows them and keeps them out.

``forgotten.txt`` of a project holds one hash a line and nothing else of a person. Without the
project's salt no hash can be guessed from an address.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Literal

from winback.files import write_text
from winback.intake.phones import CALLING_CODE

_PURPOSE = b"winback: who was forgotten"
_LEAST_DIGITS, _MOST_DIGITS = 7, 15


KeyKind = Literal["id", "email", "phone"]
Keys = Iterable[tuple[KeyKind, str]]


def hashes_to_keep(keys: Keys, salt: str) -> set[str]:
    """Hashes of what a person who is forgotten was known by."""
    return _hashed(keys, salt, lambda own, bare: {f"phone:{own}", f"bare:{bare}"})


def hashes_to_ask(keys: Keys, salt: str) -> set[str]:
    """Hashes one of which is kept where a person of these keys was forgotten.

    Case, blanks, zeros before an id, ``.0`` behind it and a calling code that one of two
    spellings has make no difference.
    """
    return _hashed(keys, salt, lambda own, bare: {f"phone:{own}", f"bare:{own}", f"phone:{bare}"})


def _hashed(keys: Keys, salt: str, of_phone: Callable[[str, str], set[str]]) -> set[str]:
    secret = hmac.new(salt.encode(), _PURPOSE, "sha256").digest()
    forms: set[str] = set()
    for kind, key in keys:
        text = unicodedata.normalize("NFC", re.sub(r"\s+", "", key).lstrip("'")).lower()
        if kind == "email" or "@" in text:
            forms |= {f"email:{text}"} if text else set()
        elif kind == "id":
            plain = re.sub(r"^(-?\d+)\.0+$", r"\1", text)
            forms |= {f"id:{plain.lstrip('0') or plain}"} if plain else set()
        else:
            # +48 (0) 600: the zero in brackets is for those who call from within.
            text = re.sub(r"^(\+|00)(.*)\(0\)", r"\1\2", text)
            own = re.sub(r"\D", "", re.sub(r"\.0+$", "", text)).lstrip("0")
            bare = re.sub(rf"^({CALLING_CODE})0?", "", own)
            if _LEAST_DIGITS <= len(own) <= _MOST_DIGITS:
                forms |= of_phone(own, bare if len(bare) >= _LEAST_DIGITS else own)
    return {hmac.new(secret, form.encode(), "sha256").hexdigest()[:32] for form in forms}


def read_forgotten(path: Path) -> frozenset[str]:
    """The hashes of the file; none where there is no file."""
    if not path.is_file():
        return frozenset()
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def write_forgotten(path: Path, hashes: Collection[str]) -> None:
    """Write them sorted, so that the file tells nothing of who came when."""
    head = "# Keyed hashes of people who were forgotten; an import leaves them out.\n"
    write_text(path, head + "".join(f"{each}\n" for each in sorted(hashes)))
