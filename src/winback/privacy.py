"""Who may be written to, profiled and advertised to: the section ``ingest.privacy``."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from winback.errors import UsageError

Purpose = Literal["marketing", "profiling", "ads", "erased"]
Says = Literal["consent", "objection"]
Kind = Literal["column", "attribute", "file", "table"]
Unsaid = Literal["allow", "refuse"]

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
KINDS: tuple[Kind, ...] = get_args(Kind)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _several(given: Any) -> Any:
    return given if given is None or isinstance(given, list | tuple) else [given]


def _plain(given: Any) -> Any:
    return plain_channel(given) if isinstance(given, str) else given


def plain_channel(name: str) -> str:
    """A channel's name without what two spellings of it differ in: E-mail is email."""
    return name.strip().lower().replace("e-mail", "email")


class PrivacySource(_Section):
    """Where it is said what people agreed or objected to."""

    column: str | None = Field(
        None,
        min_length=1,
        description="a column of the orders, or, beside `file` or `table`, of that: yes or no, by "
        "the last order before the cutoff",
    )
    attribute: str | None = Field(
        None,
        min_length=1,
        description="a name in the file of `attributes`, by its last value before the cutoff",
    )
    file: str | None = Field(
        None, min_length=1, description="a file of ids, e-mail addresses or phone numbers"
    )
    table: str | None = Field(
        None,
        min_length=1,
        description="a sheet of the same workbook, a file of the same folder or archive, or a "
        "table of the same database, with ids, addresses or phone numbers",
    )
    says: Says | None = Field(
        None,
        description="what a yes, or standing in it, means: `consent` or `objection`; null: consent "
        "of a column or an attribute, objection of a file or a table without one",
    )
    channel: Annotated[str | None, BeforeValidator(_plain)] = Field(
        None,
        min_length=1,
        max_length=40,
        description="of `marketing` alone: the channel of offers it speaks of; null: all",
    )
    value: Annotated[tuple[str, ...] | None, BeforeValidator(_several)] = Field(
        None,
        min_length=1,
        description="cells that mean yes, any other meaning no; null: the usual words for yes and "
        "no, and a question where there are others",
    )

    @model_validator(mode="after")
    def _one_place(self) -> PrivacySource:
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        beside = len(given) == 2 and given[0] == "column" and given[1] in ("file", "table")
        if len(given) != 1 and not beside:
            raise PydanticCustomError("privacy_place", "give one of column, attribute, file, table")
        if self.value is not None and "column" not in given and "attribute" not in given:
            raise PydanticCustomError("privacy_value", "value is of a column or an attribute")
        return self

    @property
    def kind(self) -> Kind:
        """Where it stands; a column of a file or of a table stands there."""
        return next(kind for kind in reversed(KINDS) if getattr(self, kind) is not None)

    @property
    def name(self) -> str:
        """What the column, attribute, file or table is called."""
        return str(getattr(self, self.kind))

    @property
    def lists(self) -> bool:
        """Whether everybody who stands in it has said yes."""
        return self.kind in ("file", "table") and self.column is None

    def means(self, purpose: Purpose) -> Says:
        """What a yes of it means."""
        if self.says is not None:
            return self.says
        return "objection" if self.lists or purpose == "erased" else "consent"


Sources = Annotated[tuple[PrivacySource, ...], BeforeValidator(_several)]


class UnknownConsent(_Section):
    """What holds for people of whom a source of consents says nothing."""

    marketing: Unsaid | None = Field(None, description="may they be written to")
    profiling: Unsaid | None = Field(None, description="may they be scored")
    ads: Unsaid | None = Field(None, description="may they be advertised to")

    def of(self, purpose: Purpose) -> Unsaid | None:
        """That of one purpose."""
        return None if purpose == "erased" else getattr(self, purpose)


class Privacy(_Section):
    """Who may be written to, profiled and advertised to, and who is to be gone."""

    marketing: Sources = Field(
        (),
        description="who may be written to: a list of sources, see below; whoever may not by any "
        "channel gets no offer, but is scored",
    )
    profiling: Sources = Field(
        (), description="who may be scored: all others' lines leave before features are made"
    )
    ads: Sources = Field(
        (),
        description="who has agreed to be advertised to by ads platforms; without a source of "
        "consents nobody",
    )
    erased: Sources = Field(
        (), description="who is to be gone: nothing of them is stored, as of `forgotten.txt`"
    )
    unknown: UnknownConsent = Field(
        UnknownConsent(),
        description="`allow` or `refuse` for each of `marketing`, `profiling` and `ads`: what "
        "holds for people of whom a source of consents says nothing; asked where there are any",
    )

    @model_validator(mode="after")
    def _fitting(self) -> Privacy:
        for purpose in PURPOSES:
            for source in self.of(purpose):
                if source.channel is not None and purpose != "marketing":
                    raise PydanticCustomError(
                        "privacy_channel", "a channel is of marketing", {"purpose": purpose}
                    )
                if purpose == "erased" and source.says == "consent":
                    raise PydanticCustomError("privacy_erased", "nobody consents to be erased")
        return self

    def of(self, purpose: Purpose) -> tuple[PrivacySource, ...]:
        """The sources that speak of a purpose."""
        found: tuple[PrivacySource, ...] = getattr(self, purpose)
        return found

    def all(self) -> tuple[tuple[Purpose, PrivacySource], ...]:
        """Every source with its purpose, in a fixed order."""
        return tuple((purpose, source) for purpose in PURPOSES for source in self.of(purpose))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the orders that are asked, each once."""
        named = (source.name for _, source in self.all() if source.kind == "column")
        return tuple({name.strip().lower(): name for name in named}.values())

    @property
    def attributes(self) -> tuple[str, ...]:
        """Attributes that are asked, each once."""
        named = (source.name for _, source in self.all() if source.kind == "attribute")
        return tuple(dict.fromkeys(named))

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables that are asked, which lie where the orders lie."""
        return tuple(source.name for _, source in self.all() if source.kind == "table")

    @property
    def files(self) -> tuple[tuple[Purpose, str], ...]:
        """Files that are asked, each once, with what for."""
        named = ((source.name, purpose) for purpose, source in self.all() if source.kind == "file")
        return tuple((purpose, file) for file, purpose in dict(named).items())

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels that sources speak of, sorted."""
        return tuple(sorted({s.channel for s in self.marketing if s.channel is not None}))


# What `ingest.privacy` took the place of, and how each is written there.
_GONE = {
    "ingest.consent_column": "marketing: [{{column: {found}}}]",
    "ingest.consent_attribute": "marketing: [{{attribute: {found}}}]",
    "ingest.suppress": "marketing: [{{file: {found}}}]",
    "target.require_consent": "unknown: {{marketing: {found}}}",
}


def without_gone(stored: Any, section: str) -> Any:
    """What YAML gives of a section of params.yaml, in which no key stands that is gone.

    Raises:
        UsageError: such a key is there; the message says how it is written now.
    """
    for key, form in _GONE.items():
        here, _, name = key.partition(".")
        if here == section and isinstance(stored, dict) and name in stored:
            found = stored[name]
            if name == "require_consent":
                found = "refuse" if found else "allow"
            elif not isinstance(found, str) or not found:
                found = "NAME"
            raise UsageError("params.gone_for_privacy", key=key, form=form.format(found=found))
    return stored
