"""Finds out how a text table is written: encoding, delimiter, quotes, and where it begins."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from winback.errors import EmptyTable, WinbackError
from winback.intake.headings import (
    Heading,
    could_hold_orders,
    find_heading,
    first_row,
    looks_like_value,
    usual_width,
)
from winback.intake.packed import SNIFF_BYTES, beginning, chunks, is_packed, open_bytes
from winback.intake.shapes import SAMPLE_ROWS, Shape, Source, Wanted, distinct_names
from winback.results.base import Fact, fact

_DELIMITERS = (",", ";", "\t", "|")
# Letters of the languages whose shops write files without UTF-8.
_LETTERS = set("ąćęłńóśźżĄĆĘŁŃÓŚŹŻäöüßÄÖÜéèêëáàâíóôúůýčďěňřšťžČĎĚŇŘŠŤŽçñ")
# Bytes no text table holds: control characters other than tab and line ends.
_CONTROLS = bytes(sorted({*range(32), 127} - {*b"\t\n\v\f\r"}))
_SYMBOLS = set("€£§°–—„”“’\u2018…\u00a0×")
_SEPARATOR = re.compile(r"^\"?sep=(.)\"?\s*$", re.IGNORECASE)
_WEB_PAGE = re.compile(r"\s*<(!doctype|html|table|\?xml)", re.IGNORECASE)
_RECORDS = re.compile(r'\s*(\[\s*)?\{\s*("|\})')
_WRAPPED = re.compile(r'^="(.*)"$', re.DOTALL)
_BACKSLASH = '\\"'
# As MySQL writes nothing.
_MYSQL_NULL = re.compile(r"(?:(?<=^)|(?<=[,;\t|]))\\N(?=[,;\t|]|\r?$)", re.MULTILINE)


@dataclass(frozen=True)
class Text:
    """A file that holds text: where it lies, its encoding, and its beginning, decoded."""

    path: Path
    encoding: str
    head: str

    @property
    def is_records(self) -> bool:
        """Whether it holds JSON objects."""
        return bool(_RECORDS.match(self.head))


def open_text(path: Path, label: str) -> Text:
    """Look at a file that should be text; WinbackError if it is none."""
    packed = is_packed(path)
    with open_bytes(path, packed) as stream:
        head = beginning(stream)
    if not head.strip(b"\xef\xbb\xbf \r\n\t\x00"):
        raise WinbackError("intake.empty_file", file=label)
    encoding = _encoding(path, packed, head)
    if encoding is None:
        raise WinbackError("intake.not_text", file=label)
    text = head.decode(encoding, errors="ignore").lstrip("\ufeff")
    if _WEB_PAGE.match(text):
        raise WinbackError("intake.is_web_page", file=label)
    return Text(path, encoding, text)


def as_utf8(text: Text, scratch: Path, number: str) -> Path:
    """The file itself, or a copy in UTF-8 where it is not."""
    if text.encoding == "utf-8":
        return text.path
    copy = scratch / f"utf8_{number}.txt"
    _transcode(text.path, text.encoding, copy, spaced=False)
    return copy


def open_table(text: Text, label: str, scratch: Path, number: str, wanted: Wanted) -> Source:
    """Say how a text table is written; nothing is loaded yet, but odd forms are copied plain."""
    path, head = text.path, text.head
    delimiter = _delimiter(head)
    spaced = delimiter == " "
    odd_ends = "\r" in head.replace("\r\n", "") or (
        "\r\n" in head and "\n" in head.replace("\r\n", "")
    )
    if text.encoding != "utf-8" or spaced or odd_ends:
        copy = scratch / f"source{number}.csv"
        _transcode(path, text.encoding, copy, spaced)
        path, head = copy, _head(copy)
        delimiter = "\t" if spaced else delimiter
    understood: list[Fact] = []
    raw = _parse(head, delimiter)
    escaped = _is_escaped(head, delimiter, raw)
    if escaped:
        raw = _parse(head, delimiter, escaped=True)
        understood.append(fact("intake.backslashes"))
    rows = [row for row in raw if row]
    if usual_width(rows) < 2:
        raise WinbackError("intake.no_table", file=label)
    heading = find_heading(rows, delimiter, wanted.money, label)
    understood += heading.understood
    body = [heading.mended(row) for row in rows[heading.first :]]
    body = [row for row in body if len(row) == len(heading.names)]
    if not body:
        raise EmptyTable("intake.header_alone", file=label)
    skip = _raw_place(raw, heading.first)
    if escaped or heading.joins:
        copy = scratch / f"mended_form{number}.csv"
        _rewrite(path, copy, delimiter, heading, escaped=escaped)
        path = copy
    wrapped = frozenset(
        i for i in range(len(heading.names)) if any(_WRAPPED.match(row[i]) for row in body)
    )
    shape = Shape(
        names=distinct_names([_bare(name) for name in heading.names]),
        types=("VARCHAR",) * len(heading.names),
        sample=tuple(tuple(map(_bare, row)) for row in body[:SAMPLE_ROWS]),
        delimiter=delimiter,
        encoding=text.encoding,
        skip=skip - heading.header,
        header=heading.header,
        wrapped=wrapped,
    )
    return Source(label, path, shape, understood=tuple(understood))


def holds_table(text: Text) -> bool:
    """Whether nearly all lines of a text split alike: prose that holds commas is no table."""
    rows = [row for row in _parse(text.head, _delimiter(text.head)) if row]
    width = usual_width(rows)
    alike = sum(len(row) == width for row in rows)
    return width > 1 and len(rows) > 1 and (alike >= 0.9 * len(rows) or alike >= len(rows) - 3 > 3)


def holds_orders(text: Text) -> bool:
    """Whether rows of a text that holds a table could be orders."""
    rows = [row for row in _parse(text.head, _delimiter(text.head)) if row]
    width = usual_width(rows)
    return could_hold_orders([""] * width, [row for row in rows if len(row) == width])


def _bare(cell: str) -> str:
    """A cell without the formula that keeps a spreadsheet from touching it."""
    found = _WRAPPED.match(cell)
    return found.group(1).replace('""', '"') if found else cell


def _raw_place(raw: Sequence[Sequence[str]], place: int) -> int:
    """The place among all rows of the one that is so far among the rows that are not blank."""
    filled = -1
    for number, row in enumerate(raw):
        filled += bool(row)
        if filled == place:
            return number
    return len(raw)


def _encoding(path: Path, packed: bool, head: bytes) -> str | None:
    """The encoding of the whole file, or None if it is not text."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"SQLite")):
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) // 4 and min(even, odd) < len(head) // 20:
        return "utf-16-le" if odd > even else "utf-16-be"
    if len(head) - len(head.translate(None, _CONTROLS)) > len(head) // 100:
        return None
    decoder = codecs.getincrementaldecoder("utf-8")()
    foreign = bytearray()
    failed = False
    for chunk in chunks(path, packed):
        if not failed:
            try:
                decoder.decode(chunk)
                continue
            except UnicodeDecodeError:
                failed = True
        # What stands right beside a foreign sign tells whether it is a letter.
        foreign += re.sub(rb"([\x00-\x7f])[\x00-\x7f]{2,}([\x00-\x7f])", rb"\1  \2", chunk)
        if len(foreign) > SNIFF_BYTES:
            break
    if not failed:
        return "utf-8"
    # Order decides ties: a Polish shop's Windows file is the likeliest.
    return max(("cp1250", "iso-8859-2", "cp1252"), key=lambda name: _plausibility(foreign, name))


def _plausibility(content: bytes | bytearray, encoding: str) -> int:
    text = content.decode(encoding, errors="replace")
    score = 0
    for before, char, after in zip(" " + text, text, text[1:] + " ", strict=False):
        if char < "\x80":
            continue
        if char in _LETTERS and (before.isalpha() or after.isalpha()):
            score += 1
            score -= 2 * (char.isupper() and before.islower())
        elif char in _SYMBOLS:
            score += 1
        elif char == "\ufffd" or "\x80" <= char < "\xa0":
            score -= 5
        else:
            score -= 1
    return score


def _transcode(path: Path, encoding: str, copy: Path, spaced: bool) -> None:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    rest = ""
    with copy.open("w", encoding="utf-8", newline="") as target:
        for chunk in chunks(path, is_packed(path)):
            text = newlines.decode(decoder.decode(chunk)).replace("\ufeff", "")
            if not spaced:
                target.write(text)
                continue
            *lines, rest = (rest + text).split("\n")
            target.writelines("\t".join(line.split()) + "\n" for line in lines)
        if spaced:
            target.write("\t".join(rest.split()))


def _rewrite(path: Path, copy: Path, delimiter: str, heading: Heading, *, escaped: bool) -> None:
    """Copy a table with its cells joined and quoted as CSV asks; rows that do not fit stay so."""
    with (
        io.TextIOWrapper(
            open_bytes(path, is_packed(path)), "utf-8", errors="replace", newline=""
        ) as stream,
        copy.open("w", encoding="utf-8", newline="") as target,
    ):
        lines: Iterator[str] = (_MYSQL_NULL.sub("", line) for line in stream) if escaped else stream
        writer = csv.writer(target, delimiter=delimiter, lineterminator="\n")
        for row in _reader(lines, delimiter, escaped=escaped):
            writer.writerow(heading.mended(row) if row else row)


def _head(path: Path) -> str:
    with path.open("rb") as stream:
        return beginning(stream).decode("utf-8", errors="ignore")


def _reader(lines: Iterator[str], delimiter: str, *, escaped: bool) -> Iterator[list[str]]:
    if escaped:
        return csv.reader(lines, delimiter=delimiter, escapechar="\\", doublequote=False)
    return csv.reader(lines, delimiter=delimiter)


def _parse(text: str, delimiter: str, *, escaped: bool = False) -> list[list[str]]:
    """The first rows of a text, blank ones as empty rows."""
    # The last line may be cut in the middle by the size of the sample.
    whole = text if len(text) < SNIFF_BYTES // 2 else text[: text.rfind("\n")]
    if escaped:
        whole = _MYSQL_NULL.sub("", whole)
    reader = _reader(io.StringIO(whole, newline=""), delimiter, escaped=escaped)
    try:
        return list(islice(reader, SAMPLE_ROWS))
    except csv.Error:
        return [line.split(delimiter) for line in whole.splitlines()[:SAMPLE_ROWS]]


def _is_escaped(text: str, delimiter: str, plain: Sequence[Sequence[str]]) -> bool:
    """Whether quotes are written with a backslash: then more of the rows are equally wide."""
    if _BACKSLASH not in text:
        return False
    shares = []
    for rows in (plain, _parse(text, delimiter, escaped=True)):
        filled = [row for row in rows if row]
        width = usual_width(filled)
        shares.append(sum(len(row) == width > 1 for row in filled) / max(1, len(filled)))
    return shares[1] > shares[0]


def _delimiter(text: str) -> str:
    if told := _SEPARATOR.match(text.partition("\n")[0]):
        return told.group(1)
    best, best_score = ",", (0.0, 0)
    for candidate in _DELIMITERS:
        rows = [row for row in _parse(text, candidate) if row][:500]
        width = usual_width(rows)
        if width < 2:
            continue
        first = first_row(rows, width)
        header = rows[first]
        if any(map(looks_like_value, header)) and first:
            # Rows that end with a delimiter are wider than their header.
            header = rows[first - 1] if len(rows[first - 1]) > 1 else header
        plain = sum(
            bool(cell.strip()) and not (cell[0].isdigit() or looks_like_value(cell))
            for cell in header
        )
        share = sum(len(row) == width for row in rows) / len(rows)
        # A decimal comma splits a header less evenly than it splits the rows below it.
        score = (round(share + 0.5 * plain / max(width, len(header)), 2), width)
        if score > best_score:
            best, best_score = candidate, score
    if best_score == (0.0, 0):
        lines = [line.split() for line in text.splitlines()[:500] if line.strip()]
        if lines and usual_width(lines) > 1 and len({len(line) for line in lines[:-1]}) <= 1:
            return " "
    return best
