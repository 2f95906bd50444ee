"""Results and settings as MLflow takes them: names with points in them, numbers and short texts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from winback.results.base import Json

# A stage's JSON file, of whatever stage: it is only flattened here.
Content: TypeAlias = Mapping[str, Json]

# What identifies or draws people stays out of the store: it is read by more eyes than the list.
_PRIVATE = {"customer_id", "customer_ids", "suspicious_customers", "understood", "salt"}
# MLflow takes 6,000 characters; a cell that a person compares holds fewer.
_LONGEST = 500
_REFUSED = re.compile(r"[^\w.\- :]")
# What an entry of a list of settings is called by, the first that it has.
_CALLED = ("name", "columns")


def settings_of(content: Content) -> dict[str, str | float]:
    """Names and values of params.yaml, those in its lists as well.

    A list of values is one text (``7, 14, 30``); entries of a list of offers or measures stand
    under their names (``target.offers.reminder.contact_cost``). A text too long for a table is
    cut, with a hash by which two of them are told apart; the whole stands in params.yaml.
    """
    return {name: _short(value) for name, value in _plain(content, lists=True)}


def numbers_of(content: Content) -> dict[str, float]:
    """Names and values of what of a result is a number; lists and people left out."""
    return {name: value for name, value in _plain(content) if isinstance(value, int | float)}


def _plain(
    content: Content, prefix: str = "", *, lists: bool = False
) -> Iterator[tuple[str, str | float]]:
    """Names and values of a nested mapping, joined by points."""
    for name, value in content.items():
        if name in _PRIVATE:
            continue
        key = f"{prefix}{_REFUSED.sub('_', name)}"
        if isinstance(value, Mapping):
            yield from _plain(value, f"{key}.", lists=lists)
        elif isinstance(value, bool):
            yield key, int(value)
        elif isinstance(value, int | float | str):
            yield key, value
        elif lists and isinstance(value, Sequence):
            yield from _listed(value, key)


def _listed(values: Sequence[Json], key: str) -> Iterator[tuple[str, str | float]]:
    rest = []
    for number, value in enumerate(values, 1):
        if isinstance(value, Mapping):
            by = next((name for name in _CALLED if value.get(name)), None)
            called = _REFUSED.sub("_", _joined(value[by] if by else number))
            rest_of_it = {name: inner for name, inner in value.items() if name != by}
            yield from _plain(rest_of_it, f"{key}.{called}.", lists=True)
        else:
            rest.append(value)
    if rest:
        yield key, _joined(rest)


def _joined(value: Json) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_joined(each) for each in value)
    return str(value)


def _short(value: str | float) -> str | float:
    if not isinstance(value, str) or len(value) <= _LONGEST:
        return value
    digest = hashlib.sha256(value.encode()).hexdigest()[:8]
    return f"{value[: _LONGEST - 12]} … {digest}"
