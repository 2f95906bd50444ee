"""Addresses and phones made unreadable, wherever a person or a log might read them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from winback.results.base import Json

_EMAIL = re.compile(r"[^\s\"'<>(),;:\[\]=]+(?:@|%40)[^\s\"'<>(),;:\[\]=]+", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w.-])\+?\d[\d\s().-]{6,}\d(?![\w-])")
_MOST = 200


def masked(text: str) -> str:
    """``anna@shop.pl`` as ``a***@s***.pl``, a phone as its first three signs."""
    text = _EMAIL.sub(lambda found: _address(found[0]), text)
    return _PHONE.sub(lambda found: found[0][:3] + "***", text)


def said(text: str, secrets: Iterable[str] = ()) -> str:
    """What a destination said, in one short line that names nobody and gives no secret away."""
    for secret in secrets:
        text = text.replace(secret, "***") if secret else text
    line = " ".join(masked(text).split())
    return line if len(line) <= _MOST else line[: _MOST - 1] + "…"


def masked_json(content: Json) -> Json:
    """Addresses and phones with their ``+`` masked in every text inside; other numbers stay."""
    if isinstance(content, str):
        return masked(content) if "@" in content or content.startswith("+") else content
    if isinstance(content, Mapping):
        return {name: masked_json(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [masked_json(value) for value in content]
    return content


def _address(text: str) -> str:
    name, _, domain = re.sub("%40", "@", text, flags=re.IGNORECASE).partition("@")
    head, dot, last = domain.rpartition(".")
    return f"{name[:1]}***@{head[:1] if dot else ''}***{dot}{last if dot else ''}"
