"""What an export was understood to hold, on the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterable

from winback.results.base import Fact
from winback.results.inspected import Inspection, InspectionTold, Told
from winback.said.spoken import tell
from winback.said.words import Texts, Words, capital

TEXTS: Texts = {
    "read": {
        "en": "Read as: {files}",
        "pl": "Odczytano: {files}",
    },
    "lines": {
        "en": "Lines: {read:n} read, {kept:n} kept, {aside:n} would be set aside, {ignored:n} "
        "ignored from the cutoff on.",
        "pl": "Wiersze: wczytane {read:n}, zachowane {kept:n}, do odłożenia {aside:n}, pominięte "
        "(od dnia oceny) {ignored:n}.",
    },
    "aside": {
        "en": "  set aside: {n:n} {why}",
        "pl": "  odłożone: {n:n}, {why}",
    },
    "customers": {
        "en": "Customers: {customers:n} with {purchases:count purchase}, {first:short_day} to "
        "{last:short_day}.",
        "pl": "Klienci: {customers:n}, {purchases:count purchase} od {first:short_day} do "
        "{last:short_day}.",
    },
    "money": {
        "en": "Money: {gross:money2} in purchases, {refunds:money2} cancelled or refunded, "
        "{net:money2} net.",
        "pl": "Kwoty: zakupy {gross:money2}, anulowania i zwroty {refunds:money2}, netto "
        "{net:money2}.",
    },
    "sure": {"en": "No doubts.", "pl": "Nic nie budzi wątpliwości."},
}


def inspection_lines(found: Inspection, words: Words) -> list[str]:
    """What was understood, the totals, and at the end what to look at."""
    read = found.ingest

    def line(name: str, **values: object) -> str:
        return words.fill(TEXTS[name], values)

    lines = [line("read", files=read.files)]
    lines += [f"  {tell(one, words)}" for one in read.understood]
    lines.append(
        line(
            "lines",
            read=read.lines_in,
            kept=read.lines_kept,
            aside=read.lines_set_aside.total,
            ignored=read.lines_ignored,
        )
    )
    lines += [
        line("aside", n=n, why=words.term("set_aside", reason))
        for reason, n in sorted(read.lines_set_aside.by_reason.items(), key=lambda x: (-x[1], x[0]))
    ]
    lines.append(
        line(
            "customers",
            customers=found.customers,
            purchases=found.purchases,
            first=found.first,
            last=found.last,
        )
    )
    lines.append(line("money", gross=found.gross, refunds=found.refunds, net=found.net))
    doubts = [f"{capital(tell(doubt, words))}." for doubt in read.doubts]
    return lines + (doubts or [line("sure")])


def inspection_told(found: Inspection, words: Words) -> InspectionTold:
    """The same for a program, with a sentence beside each code."""

    def told(facts: Iterable[Fact]) -> tuple[Told, ...]:
        return tuple(Told(code=one.code, sentence=tell(one, words)) for one in facts)

    read = found.ingest
    return InspectionTold(
        customers=found.customers,
        purchases=found.purchases,
        gross=found.gross,
        refunds=found.refunds,
        net=found.net,
        first=found.first,
        last=found.last,
        currency=read.currency,
        files=read.files,
        columns=read.columns,
        lines_in=read.lines_in,
        lines_kept=read.lines_kept,
        lines_set_aside=read.lines_set_aside,
        lines_ignored=read.lines_ignored,
        understood=told(read.understood),
        doubts=told(read.doubts),
    )
