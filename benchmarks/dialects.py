"""Whether each destination's file is what its importer takes, by a checker that is not the writer.

    python benchmarks/dialects.py

5,292 contacts with every awkward value in turn (tests/checkers/awkward.py: quotes, umlauts, emoji,
formulas, leading zeros, texts of 300 bytes, missing and broken addresses and numbers) become one
file a destination. tests/checkers/dialects.py reads the bytes, by the rules of
tests/checkers/dialects.yaml, and says what the importer would refuse or what is not as it was
meant. Each file is also broken in several ways, to see that the checker finds it. Written to
benchmarks/dialects.md.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from tests.checkers import dialects as checker  # noqa: E402
from tests.checkers.awkward import Person, people  # noqa: E402

from winback.crm.checked import fields_of  # noqa: E402
from winback.crm.destinations import DESTINATIONS, destination  # noqa: E402
from winback.crm.fields import FIELDS  # noqa: E402
from winback.crm.keys import keys_of  # noqa: E402
from winback.crm.writing import Sheet, Written, written  # noqa: E402
from winback.params import ExportSettings  # noqa: E402

CONTACTS = 5_292
KINDS: dict[str, str] = {name: field.kind for name, field in FIELDS.items()}
BREAKS = {
    "BOM": lambda part: b"\xef\xbb\xbf" + part,
    "CR LF": lambda part: part.replace(b"\n", b"\r\n"),
    "other separator": lambda part: part.replace(b";", b"\t").replace(b",", b";"),
    "Windows-1250": lambda part: part.decode().encode("cp1250", errors="replace"),
    "row twice": lambda part: part + part.splitlines(keepends=True)[-1],
    "row lost": lambda part: b"".join(part.splitlines(keepends=True)[:-1]),
    "header hides": lambda part: b"status" + part[part.index(b"\n") :],
}


def crowd_and_rows() -> tuple[list[Person], pd.DataFrame]:
    """The people, and their typed rows with the keys as they are read from the contact cells."""
    crowd = list(people(CONTACTS, KINDS))
    contacts = pd.DataFrame(
        {
            "customer_id": [each.customer_id for each in crowd],
            "E-mail": [each.raw_email for each in crowd],
            "Telefon": [each.raw_phone for each in crowd],
        }
    )
    keys = keys_of(contacts, "PL").rows.reset_index(drop=True)
    values = {
        name: pd.Series([each.values[name] for each in crowd], dtype=object) for name in FIELDS
    }
    return crowd, pd.concat([keys, pd.DataFrame(values)], axis=1)


def checked(name: str, crowd: list[Person], rows: pd.DataFrame) -> str:
    """The row of a destination in the table."""
    target = destination(name)
    sheet = Sheet(target, fields_of(target, ExportSettings()), "wb_")
    made = written(sheet, rows)
    size = sum(map(len, made.parts))
    start = (
        f"| {target.label} | {len(made.parts)} | {size / 1e6:.2f} MB | {len(sheet.headers)} "
        f"| {made.rows} | {len(made.rejected)} "
    )
    if name not in checker.DESTINATIONS:
        return start + f"| {_of_table(made, crowd)} | |"
    meant = checker.Meant(
        {field.name: field.kind for field in sheet.fields}, crowd,
        frozenset(made.rejected["customer_id"]),
    )  # fmt: skip
    found = checker.faults(name, made.parts, meant)
    for fault in found[:5]:
        print(f"  {name}: {fault}", file=sys.stderr)
    tried = {
        each: checker.faults(name, [*made.parts[:-1], broken], meant)
        for each, breaks in BREAKS.items()
        if (broken := breaks(made.parts[-1])) != made.parts[-1]
    }
    missed = [each for each, faults in tried.items() if not faults]
    caught = f"{len(tried) - len(missed)} of {len(tried)}"
    return start + f"| {len(found)} | {caught} |"


def _of_table(made: Written, crowd: list[Person]) -> int:
    """What of the Parquet file is not as it was meant, read back by its own types."""
    table = pq.read_table(io.BytesIO(b"".join(made.parts))).to_pandas()
    people_of = {each.customer_id: each for each in crowd if each.sound_id}
    wrong = int(set(table["customer_id"]) != set(people_of))
    for name in table.columns[1:]:
        for customer, value in zip(table["customer_id"], table[name], strict=True):
            meant = people_of[customer].values[name]
            if FIELDS[name].kind == "text":
                continue
            if meant is None or value is None or value != value:
                wrong += (meant is None) != (value is None or value != value)
            elif FIELDS[name].kind == "day":
                wrong += value != meant
            else:
                wrong += abs(float(value) - float(meant)) > 0.0051  # type: ignore[arg-type]
    return wrong


def main() -> None:
    crowd, rows = crowd_and_rows()
    lines = [checked(name, crowd, rows) for name in DESTINATIONS]
    text = "\n".join([
        "# Files of destinations, checked by another hand",
        "",
        f"`python benchmarks/dialects.py`: {CONTACTS:,} contacts with every awkward value in turn.",
        "Rejected: no key that the destination knows people by, or one it would take for somebody",
        "else's. Faults: what the checker says its importer would refuse, or what is not as it was",
        "meant. Caught: ways to break the file that the checker finds.",
        "",
        "| destination | files | size | columns | people | rejected | faults | caught |",
        "|---|---|---|---|---|---|---|---|",
        *lines,
        "",
    ])  # fmt: skip
    (HERE / "dialects.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
