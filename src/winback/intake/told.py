"""What the user tells of how the orders are to be read, where the files do not say it alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypedDict

from winback.intake.withheld import Forgotten
from winback.params import check_params
from winback.privacy import Privacy


@dataclass(frozen=True)
class Asked:
    """Who is asked of consents and objections, and where else than among the orders they stand.

    ``channels`` are those of the offers; ``attributes`` the source of the attributes, with
    ``attribute_columns``; ``forgotten`` who is to stay out whatever the sources say.
    """

    privacy: Privacy = field(default_factory=Privacy)
    channels: Sequence[str] = ()
    attributes: Any = None
    attribute_columns: Mapping[str, str] = field(default_factory=dict)
    forgotten: Forgotten = field(default_factory=Forgotten)

    @property
    def anything(self) -> bool:
        """Whether anybody can be kept out at all."""
        return bool(self.privacy.all() or self.forgotten.hashes)

    @property
    def people(self) -> bool:
        """Whether people are named by ids or addresses, not by what stands in their own lines."""
        kinds = {source.kind for _, source in self.privacy.all()}
        return bool(kinds - {"column"} or self.forgotten.hashes)


class Options(TypedDict, total=False):
    """How orders are to be read.

    ``columns`` maps roles to headers where names mislead; ``cutoff`` is the first day not read
    (the day after the last purchase); ``timezone`` the shop's, for instants with an offset;
    ``currency`` a code for amounts that have none; ``privacy`` who may be written to and profiled,
    as `Asked` or as ``ingest.privacy`` of params.yaml has it; ``day_first`` says how 03/04 is to be
    read; ``decimal_mark`` (``point`` or ``comma``) how 1,250 is; ``minor_units`` whether amounts
    are in cents; ``amount_is`` whether an amount is its ``line``'s or its whole
    ``order``'s; ``copies`` whether to ``keep`` or ``drop`` equal lines of an
    order; ``states`` what values of the status mean (``bought``,
    ``unpaid``, ``cancelled``, ``partly_refunded``, ``refund``, ``other``); ``refunds`` and
    ``leave_out``, by column, the values whose lines are refunds, or no purchases; ``guests`` ids
    that stand for nobody; ``table`` which sheet, member of an archive or table; ``query`` the SQL
    that gives a database's lines; ``watch_columns`` by which columns lines are counted each day for
    `winback watch` (null: those whose names say channel, category and the like; absent: none);
    ``memory_limit`` and ``threads`` are DuckDB's.
    """

    columns: Mapping[str, str] | None
    cutoff: date | None
    timezone: str | None
    currency: str | None
    privacy: Any
    day_first: bool | None
    decimal_mark: str | None
    minor_units: bool | None
    amount_is: str | None
    copies: str | None
    states: Mapping[str, str]
    refunds: Mapping[str, Sequence[str]]
    leave_out: Mapping[str, Sequence[str]]
    guests: Sequence[str]
    table: str | None
    query: str | None
    watch_columns: Sequence[str] | None
    memory_limit: str
    threads: int | None


@dataclass(frozen=True)
class Told:
    """The same, as far as it says what stands in the lines of a file; ``columns`` by role.

    Whatever is told here is settled: it is neither asked nor doubted again.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    currency: str | None = None
    day_first: bool | None = None
    decimal_mark: str | None = None
    minor_units: bool | None = None
    amount_is: str | None = None
    copies: str | None = None
    states: Mapping[str, str] = field(default_factory=dict)
    refunds: Mapping[str, Sequence[str]] = field(default_factory=dict)
    leave_out: Mapping[str, Sequence[str]] = field(default_factory=dict)
    guests: Sequence[str] = ()


def told_by(options: Options) -> Told:
    """What the options say of the lines."""
    return Told(
        columns=dict(options.get("columns") or {}),
        timezone=options.get("timezone"),
        currency=(options.get("currency") or "").strip().upper() or None,
        day_first=options.get("day_first"),
        decimal_mark=options.get("decimal_mark"),
        minor_units=options.get("minor_units"),
        amount_is=options.get("amount_is"),
        copies=options.get("copies"),
        states=options.get("states") or {},
        refunds=options.get("refunds") or {},
        leave_out=options.get("leave_out") or {},
        guests=options.get("guests") or (),
    )


def asked_by(options: Options) -> Asked:
    """What the options say of consents and objections.

    Raises:
        UsageError: a section that is not one.
    """
    given = options.get("privacy") or {}
    if isinstance(given, Asked):
        return given
    return Asked(check_params({"ingest": {"privacy": given}}, "privacy").ingest.privacy)
