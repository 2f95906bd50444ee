"""Checks a destination's file byte by byte against ``dialects.yaml`` and against what was meant.

It reads the bytes by itself, knows the rules by the reference on formats, and imports nothing of
what wrote them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from tests.checkers.awkward import Person

_RULES = yaml.safe_load((Path(__file__).parent / "dialects.yaml").read_text(encoding="utf-8"))
DESTINATIONS = tuple(name for name in _RULES if name != "all")
AHEAD = ("contact_on", "valid_until", "expected_next_order_date")
TAGS = {
    "offer": "WBOFFER", "offer_label": "WBLABEL", "valid_until": "WBUNTIL",
    "churn_risk": "WBRISK", "value_band": "WBVALUE", "rfm_segment": "WBSEGMENT",
    "next_product_1": "WBITEM1", "next_product_2": "WBITEM2", "next_product_3": "WBITEM3",
}  # fmt: skip


def rules_of(name: str) -> dict[str, Any]:
    """The rules of a destination, those of all beneath."""
    own = _RULES[name]
    return {**_RULES["all"], **_RULES.get(own.get("same_as"), {}), **own}


@dataclass(frozen=True)
class Meant:
    """What a file was meant to hold.

    Attributes:
        fields: kind of each field that leaves, by name.
        people: everybody who should be in it.
        rejected: ids of those it was said of that they could not be written.
    """

    fields: Mapping[str, str]
    people: Sequence[Person]
    rejected: frozenset[str]


def faults(name: str, parts: Sequence[bytes], meant: Meant) -> list[str]:
    """Everything that the importer would refuse, or that is not what was meant.

    Args:
        name: of the destination.
        parts: its file, or files where it is split.
        meant: what they should hold.
    """
    rules = rules_of(name)
    found: list[str] = []
    rows: list[dict[str, str]] = []
    for part in parts:
        found += _of_bytes(part, rules)
        try:
            table = _parse(part.decode("utf-8"), rules)
        except ValueError as error:
            return [*found, f"cannot be read: {error}"]
        if len({len(row) for row in table}) > 1:
            return [*found, "rows of different widths"]
        found += _of_headers(table[0], rules, meant)
        rows += [dict(zip(table[0], row, strict=True)) for row in table[1:]]
    if not found:
        found += _of_people(rows, rules, meant)
    return found


def _of_bytes(part: bytes, rules: Mapping[str, Any]) -> list[str]:
    found = []
    if part.startswith(b"\xef\xbb\xbf"):
        found.append("begins with a BOM")
    if not part.endswith(rules["line_end"].encode()) or part.endswith(b"\n\n"):
        found.append("does not end with one line end")
    if rules["line_end"] == "\n" and b"\r" in part:
        found.append("a carriage return where lines end with LF")
    if not rules["quotes"] and b'"' in part:
        found.append("a quoted cell")
    if len(part) > rules.get("most_file_bytes", 1 << 60):
        found.append(f"{len(part)} bytes")
    if part.count(b"\n") - 1 > rules.get("most_rows", 1 << 60):
        found.append(f"{part.count(bytes([10]))} rows")
    try:
        text = part.decode("utf-8")
    except UnicodeDecodeError:
        return [*found, "is not UTF-8"]
    if re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", text):
        found.append("a control character")
    return found


def _parse(text: str, rules: Mapping[str, Any]) -> list[list[str]]:
    """RFC 4180 to the letter: a quote stands around a whole cell, and doubled within."""
    rows: list[list[str]] = []
    row: list[str] = []
    at, end, separator = 0, len(text), rules["separator"]
    while at < end:
        if text[at] == '"' and rules["quotes"]:
            at, cell = _quoted(text, at + 1)
        else:
            stop = at
            while stop < end and text[stop] not in (separator, "\n"):
                if text[stop] == '"' and rules["quotes"]:
                    raise ValueError("a quote within a bare cell")
                stop += 1
            cell, at = text[at:stop], stop
        row.append(cell)
        if at < end and text[at] == separator:
            at += 1
            if at < end and text[at] == "\n":
                row.append("")
        if at < end and text[at] == "\n":
            rows.append(row)
            row, at = [], at + 1
        elif at < end and text[at - 1] != separator:
            raise ValueError("something behind a quoted cell")
    return rows


def _quoted(text: str, at: int) -> tuple[int, str]:
    cell: list[str] = []
    while True:
        stop = text.index('"', at)
        cell.append(text[at:stop])
        if text[stop + 1 : stop + 2] != '"':
            return stop + 1, "".join(cell)
        cell.append('"')
        at = stop + 2


def header_of(field: str, style: str) -> str:
    """What a field is called there under the prefix ``wb_``."""
    parts = field.split("_")
    match style:
        case "salesforce":
            short = {"rfm": "RFM", "id": "ID"}
            return "WB_" + "_".join(short.get(p, p.capitalize()) for p in parts) + "__c"
        case "pascal":
            return "Wb" + "".join(p.capitalize() for p in parts)
        case "words":
            return "WB " + " ".join(parts).replace("rfm", "RFM")
        case "tag":
            return TAGS[field]
        case "plain":
            return field
        case "upper":
            return f"WB_{field.upper()}"
        case _:
            return f"wb_{field}"


def _columns(rules: Mapping[str, Any], meant: Meant) -> dict[str, str]:
    """Header by field, of fields that have a column."""
    if rules.get("fields_are_tags") or rules.get("no_fields"):
        return {}
    if "value" in rules:
        return {rules["value"]: "value"}
    return {field: header_of(field, rules["style"]) for field in meant.fields}


def _of_headers(headers: Sequence[str], rules: Mapping[str, Any], meant: Meant) -> list[str]:
    found = []
    columns = _columns(rules, meant)
    keys = list(rules["keys"].values())
    others = [rules.get("status"), rules.get("tags", {}).get("header")]
    known = [*keys, *columns.values(), *(other for other in others if other)]
    if keys[0] not in headers:
        found.append(f"no column {keys[0]}")
    if rules.get("status") and rules["status"] not in headers:
        found.append(f"no column {rules['status']}")
    for header in columns.values():
        if header not in headers:
            found.append(f"no column {header}")
    if len({header.lower() for header in headers}) < len(headers):
        found.append("a header twice")
    for header in headers:
        if any(re.fullmatch(pattern, header.lower()) for pattern in rules["forbidden"]):
            found.append(f"the forbidden column {header}")
        elif header not in known:
            found.append(f"the unknown column {header}")
        elif header in columns.values() and not re.fullmatch(rules["header"], header) \
                and "value" not in rules:  # fmt: skip
            found.append(f"the column {header}, which cannot be called so")
    if len(headers) > rules.get("most_columns", 1 << 30):
        found.append(f"{len(headers)} columns")
    if len(columns) > rules.get("most_fields", 1 << 30):
        found.append(f"{len(columns)} fields")
    if len(",".join(headers)) > rules.get("most_header_chars", 1 << 30):
        found.append("a header row that is too long")
    return found


def _of_people(
    rows: Sequence[Mapping[str, str]], rules: Mapping[str, Any], meant: Meant
) -> list[str]:
    # Of two whom the destination would take for one, the first is written.
    expected, lost, taken = {}, set(), set()
    for person in meant.people:
        keys = _expected_keys(person, rules)
        if keys and taken.isdisjoint(keys.items()):
            expected[tuple(sorted(keys.items()))] = person
            taken |= set(keys.items())
        else:
            lost.add(person.customer_id)
    found = []
    seen = set()
    headers = list(rules["keys"].values())
    for n, row in enumerate(rows, 1):
        keys = tuple(sorted((h, row[h]) for h in headers if row.get(h)))
        person = expected.get(keys)
        if person is None:
            found.append(f"row {n}: nobody has these keys")
            continue
        if keys in seen:
            found.append(f"row {n}: twice")
        seen.add(keys)
        found += [f"row {n}: {fault}" for fault in _of_values(row, person, rules, meant)]
    if len(seen) < len(expected):
        found.append(f"{len(expected) - len(seen)} people are missing")
    if meant.rejected != lost:
        found.append(f"{len(meant.rejected ^ lost)} people are rejected wrongly or not told of")
    return found[:50]


def _expected_keys(person: Person, rules: Mapping[str, Any]) -> dict[str, str]:
    """Header and cell of each key that must stand in the row; none where it cannot be there."""
    email = person.email
    if email and rules.get("ascii_before_at") and not email.split("@")[0].isascii():
        email = None
    values = {
        "email": email,
        "phone": person.phone,
        "customer_id": person.customer_id if person.sound_id else None,
    }
    own = {key: value for key in rules["keys"] if (value := values[key])}
    if rules.get("every_key"):
        if not {"email", "phone"} & set(own):
            return {}
    else:
        own = dict(list(own.items())[:1])
    return {rules["keys"][key]: _hashed(key, value, rules) for key, value in own.items()}


def _hashed(key: str, value: str, rules: Mapping[str, Any]) -> str:
    if "hash" not in rules or key == "customer_id":
        return value
    if rules["hash"] == "google" and value.endswith(("@gmail.com", "@googlemail.com")):
        local, domain = value.split("@")
        value = local.split("+")[0].replace(".", "") + "@" + domain
    if rules["hash"] == "meta" and key == "phone":
        value = re.sub(r"\D", "", value).lstrip("0")
    return hashlib.sha256(value.encode("utf-8")).hexdigest()


def _of_values(
    row: Mapping[str, str], person: Person, rules: Mapping[str, Any], meant: Meant
) -> list[str]:
    found = []
    for field, header in _columns(rules, meant).items():
        cell, value = row[header], person.values[field]
        kind = meant.fields.get(field, "money")
        fault = _of_cell(cell, value, kind, field, rules)
        if fault:
            found.append(f"{header}: {fault}")
    if "tags" in rules:
        tags = rules["tags"]
        words = [word for word in row[tags["header"]].split(tags["separator"]) if word]
        if len(words) > tags["most"]:
            found.append(f"{len(words)} tags")
        if any(not re.fullmatch(tags["pattern"], word) for word in words):
            found.append("a tag that is none")
        risk = person.values.get("churn_risk")
        if isinstance(risk, str) and not any(risk.upper() in word.upper() for word in words):
            found.append("the tag of the risk is missing")
    return found


def _of_cell(cell: str, value: Any, kind: str, field: str, rules: Mapping[str, Any]) -> str | None:
    if len(cell) > rules.get("most_chars", 1 << 30):
        return f"{len(cell)} characters"
    if len(cell.encode("utf-8")) > rules.get("most_bytes", 1 << 30):
        return f"{len(cell.encode('utf-8'))} bytes"
    if value is None:
        return None if cell == "" else "a value where none is known"
    match kind:
        case "text":
            return _of_text(cell, str(value), rules)
        case "day":
            form = rules.get("day_ahead", rules["day"]) if field in AHEAD else rules["day"]
            return None if _day(cell, form) == value else "another day"
        case "flag":
            return None if cell == ("true" if value else "false") else "another flag"
        case _:
            if not re.fullmatch(r"-?\d+(\.\d+)?", cell) or (
                cell.startswith("-0.00") and not float(cell)
            ):
                return "no plain number"
            wanted = max(value, 0) if "value" in rules else value
            close = 0.0051 if kind == "money" else 0.000051
            return None if abs(float(cell) - wanted) <= close else "another number"


def _day(cell: str, form: str) -> date | None:
    try:
        return datetime.strptime(cell, form).date()
    except ValueError:
        return None


def _of_text(cell: str, value: str, rules: Mapping[str, Any]) -> str | None:
    """A text may lose what a formula begins with, line ends, and its end; nothing else."""
    if cell[:1] in tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"):
        return "begins a formula"
    if cell != cell.strip():
        return "blanks around it"
    if cell == rules.get("null_text"):
        return "a text that clears the field"
    if unicodedata.combining(cell[:1] or "x"):
        return "begins with half a character"
    signs = re.compile(r"[\s\x00-\x1f\u200d\ufeff\"';,#|]+" if not rules["quotes"] or
                       "null_text" in rules else r"[\s\x00-\x1f\ufeff]+")  # fmt: skip
    told = signs.sub("", unicodedata.normalize("NFC", value)).lstrip("=+-@")
    kept = signs.sub("", cell)
    if not told.startswith(kept):
        return "another text"
    limited = any(limit in rules for limit in ("most_chars", "most_bytes"))
    full = (
        len(cell) >= rules.get("most_chars", 1 << 30) - 8
        or len(cell.encode("utf-8")) >= rules.get("most_bytes", 1 << 30) - 16
    )
    return None if kept == told or (limited and full) else "a text that lost its end"
