"""What an export was understood to hold, on the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterable

from winback.results.base import Fact
from winback.results.inspected import Inspection, InspectionTold, RowRead, Told
from winback.said.kept_out import kept_out_lines
from winback.said.spoken import tell
from winback.said.words import Texts, Words, capital

TEXTS: Texts = {
    "read": {
        "en": "Read as: {files}",
        "pl": "Odczytano: {files}",
    },
    "lines": {
        "en": "Lines: {read:n} read, {kept:n} kept, {aside:n} would be set aside, {ignored:n} "
        "ignored from the cutoff on, {withheld:n} withheld.",
        "pl": "Wiersze: wczytane {read:n}, zachowane {kept:n}, do odłożenia {aside:n}, pominięte "
        "(od dnia oceny) {ignored:n}, wyłączono {withheld:n}.",
    },
    "aside": {
        "en": "  set aside: {n:n} {why}",
        "pl": "  odłożone: {n:n}, {why}",
    },
    "aside_money": {
        "en": "  set aside: {n:n} {why}, {money:money2}",
        "pl": "  odłożone: {n:n}, {why}, {money:money2}",
    },
    "rows": {"en": "First rows as read:", "pl": "Tak odczytano pierwsze wiersze:"},
    "row": {
        "en": "  row {row:n}: {day}, {amount}, customer {customer}{order}",
        "pl": "  wiersz {row:n}: {day}, {amount}, klient {customer}{order}",
    },
    "row_aside": {
        "en": "  row {row:n}: set aside ({why})",
        "pl": "  wiersz {row:n}: odłożony ({why})",
    },
    "of_order": {"en": ", order {order}", "pl": ", zamówienie {order}"},
    "as_written": {"en": "'{written}' is {read}", "pl": "„{written}” to {read}"},
    "day_time": {"en": "{day:short_day} {clock}", "pl": "{day:short_day} {clock}"},
    "day": {"en": "{day:short_day}", "pl": "{day:short_day}"},
    "amount": {"en": "{amount:money2}", "pl": "{amount:money2}"},
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
    aside, money = read.lines_set_aside, read.lines_set_aside.amount_by_reason

    def line(name: str, **values: object) -> str:
        return words.fill(TEXTS[name], values)

    lines = [line("read", files=read.files)]
    lines += [f"  {tell(one, words)}" for one in read.understood]
    if found.rows:
        lines += [line("rows"), *(_row(each, words) for each in found.rows)]
    lines.append(
        line(
            "lines",
            read=read.lines_in,
            kept=read.lines_kept,
            aside=read.lines_set_aside.total,
            ignored=read.lines_ignored,
            withheld=sum(read.lines_withheld.values()),
        )
    )
    lines += kept_out_lines(read, words)
    lines += [
        line(
            "aside_money" if reason in money else "aside",
            n=n, why=words.term("set_aside", reason), money=money.get(reason),
        )
        for reason, n in sorted(aside.by_reason.items(), key=lambda x: (-x[1], x[0]))
    ]  # fmt: skip
    lines.append(
        line(
            "customers",
            customers=read.customers,
            purchases=read.purchases,
            first=read.first_day,
            last=read.last_day,
        )
    )
    net = read.gross - read.refunded
    lines.append(line("money", gross=read.gross, refunds=read.refunded, net=net))
    doubts = [f"{capital(tell(doubt, words))}." for doubt in read.doubts]
    return lines + (doubts or [line("sure")])


def _row(row: RowRead, words: Words) -> str:
    """A row of the export: what stands there, and what that is read as."""

    def say(name: str, **values: object) -> str:
        return words.fill(TEXTS[name], values)

    def read(role: str, text: str) -> str:
        written = row.written.get(role, "")
        return say("as_written", written=written, read=text) if written else text

    if row.reason is not None or row.ordered_at is None or row.amount is None:
        return say("row_aside", row=row.row, why=words.term("set_aside", row.reason or "empty_row"))
    clock = f"{row.ordered_at:%H:%M}"
    day = say("day" if clock == "00:00" else "day_time", day=row.ordered_at.date(), clock=clock)
    money = "amount" if "amount" in row.written else "price"
    return say(
        "row",
        row=row.row,
        day=read("date", day),
        amount=read(money, say("amount", amount=row.amount)),
        customer=row.customer or "",
        order=say("of_order", order=row.order) if row.order else "",
    )


def inspection_told(found: Inspection, words: Words) -> InspectionTold:
    """The same for a program, with a sentence beside each code."""

    def told(facts: Iterable[Fact]) -> tuple[Told, ...]:
        return tuple(Told(code=one.code, sentence=tell(one, words)) for one in facts)

    read = found.ingest
    return InspectionTold(
        customers=read.customers,
        purchases=read.purchases,
        gross=read.gross,
        refunds=read.refunded,
        net=round(read.gross - read.refunded, 4),
        first=read.first_day,
        last=read.last_day,
        rows=found.rows,
        currency=read.currency,
        files=read.files,
        columns=read.columns,
        lines_in=read.lines_in,
        lines_kept=read.lines_kept,
        lines_set_aside=read.lines_set_aside,
        lines_ignored=read.lines_ignored,
        lines_withheld=read.lines_withheld,
        understood=told(read.understood),
        doubts=told(read.doubts),
    )
