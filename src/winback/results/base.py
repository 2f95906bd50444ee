"""What every result is: frozen, described field by field, the same bytes for the same content."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from winback.errors import WinbackError


class Result(BaseModel):
    """What a stage hands on, or a part of it.

    Each field has a description, from which docs/definitions.md is made. In JSON it is an
    object with the fields as keys; a field that is null was not to be had, as its description
    says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __getitem__(self, key: str) -> Any:
        """The field by its name, as whoever reads the JSON file would take it."""
        try:
            return getattr(self, key)
        except AttributeError:
            raise KeyError(key) from None

    def to_json(self) -> str:
        """The JSON text that is written: sorted keys, two blanks, one line end at the last."""
        content = self.model_dump(mode="json")
        text = json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True, allow_nan=False)
        return text + "\n"

    @classmethod
    def from_json(cls, text: str, source: str) -> Self:
        """The result that `to_json` wrote; `source` is the file that an error names.

        Raises:
            WinbackError: the text is no JSON, or of another version of winback.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(map(str, first["loc"])) or "the whole"
            raise WinbackError("project.unreadable", file=source, key=key) from error


# What a JSON file holds, where only its shape matters and not what it is about.
Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

Value = str | int | float | bool | date | None


class Fact(Result):
    """Something that was found, assumed or is in doubt: a code with its values, no words.

    ``code`` is ``topic.name``; the module of that topic in ``winback.said`` makes a sentence of
    it, in which a value may be a fact itself.
    """

    code: str = Field(description="what it is, as `topic.name`")
    values: dict[str, Value | Fact | tuple[Value | Fact, ...]] = Field(
        default_factory=dict, description="the numbers and names that belong to it"
    )


def fact(code: str, /, **values: Value | Fact | tuple[Value | Fact, ...]) -> Fact:
    """A fact with its values as keywords."""
    return Fact(code=code, values=values)
