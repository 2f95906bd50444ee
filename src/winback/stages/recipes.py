"""What makes a model beside the data: its params and its code, to tell a refresh from a change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import JsonValue

from winback.params import Params
from winback.results.ledgered import Recipe
from winback.source import ROOT, hash_of, reached_by

# What a fit and its features are made by.
_FIT, _FEATURES = "winback.learning.fit", "winback.snapshots.walk"
# What these hold is words and shapes; the params themselves are compared by their values.
_SAYS_NOTHING = ("params.py", "errors.py", "results", "tables")
# The result depends on none of them.
_NO_MATTER = {"threads"}


def recipe_of(params: Params) -> Recipe:
    """The recipe of whatever is trained under these params."""
    told = params.model_dump(mode="json", include={"snapshot", "train"})
    return Recipe(
        params={
            section: {key: value for key, value in values.items() if key not in _NO_MATTER}
            for section, values in told.items()
        },
        code=hash_of(_files()),
    )


def changed(then: Recipe, now: Recipe) -> tuple[str, ...]:
    """Params in which two recipes differ, as ``section.key``, and ``code`` where that does."""
    before, after = dict(_flat(then.params)), dict(_flat(now.params))
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return (*names, *(["code"] if then.code != now.code else []))


def _flat(params: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    for section, values in params.items():
        for key, value in (values if isinstance(values, Mapping) else {}).items():
            if key not in _NO_MATTER:
                yield f"{section}.{key}", value


def _files() -> list[Path]:
    files = {*reached_by(_FIT), *reached_by(_FEATURES)}
    return sorted(f for f in files if f.relative_to(ROOT).parts[0] not in _SAYS_NOTHING)
