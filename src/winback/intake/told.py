"""What the user tells of how the orders are to be read, where the files do not say it alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypedDict


class Options(TypedDict, total=False):
    """How orders are to be read.

    ``columns`` maps roles to headers where names mislead; ``cutoff`` is the first day not read
    (the day after the last purchase); ``timezone`` the shop's, for instants with an offset;
    ``currency`` a code for amounts that have none; ``consent_column`` holds yes or no to being
    written to; ``day_first`` says how 03/04 is to be read; ``decimal_mark`` (``point`` or
    ``comma``) how 1,250 is; ``minor_units`` whether amounts are in cents; ``amount_is`` whether
    an amount is its ``line``'s or its whole ``order``'s; ``copies`` whether to ``keep`` or
    ``drop`` equal lines of an order; ``states`` what values of the status mean (``bought``,
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
    consent_column: str | None
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
    columns = dict(options.get("columns") or {})
    consent = options.get("consent_column")
    if consent is not None:
        columns["consent"] = consent
    return Told(
        columns=columns,
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
