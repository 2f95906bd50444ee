"""The files of each destination, beside the neutral list."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from winback.crm.cells import clean_id
from winback.crm.checked import check_export, destinations_of
from winback.crm.destination import Destination
from winback.crm.destinations import DESTINATIONS
from winback.crm.outgoing import Outgoing
from winback.crm.people import refusals
from winback.crm.writing import REJECTED, Sheet, Written, table_sql, written
from winback.files import replacing
from winback.formulas import clean_text
from winback.params import Params
from winback.project import Project
from winback.results.listed import Delivered
from winback.stages.moving import moved
from winback.stages.outgoing import ROWS, contact_keys, contacts_of, outgoing
from winback.tables.history import PRIVACY

if TYPE_CHECKING:
    import pandas as pd

REFUSED = "rejected.csv"
STEMS = ("control", "entered", "changed", "left")
"""Tables of people that can lie in the folder of a destination."""


def check_asked(params: Params) -> None:
    """Refuse files that no list could be written to, before anything is computed.

    Raises:
        UsageError: as `winback.crm.checked.check_export`.
    """
    ingest = params.ingest
    check_export(
        params.export, ingest.contact_columns, customer=ingest.columns.get("customer"),
        ads_consent=any(source.means("ads") == "consent" for source in ingest.privacy.ads),
    )  # fmt: skip


def deliver(project: Project) -> tuple[Delivered, ...]:
    """Write the files of each destination of ``export``; those of others go.

    An address of last week's list must not lie about once nobody asks for it.

    Returns:
        What was written for each, in the order of ``export.destinations``.
    """
    check_asked(project.params)
    asked = destinations_of(project.params.export)
    done = tuple(_deliver(project, target) for target in asked)
    kept = {name for each in done for name in each.sha256}
    for path in _ours(project.path("current")):
        if path.relative_to(project.path("current")).as_posix() not in kept:
            path.unlink()
    for name in DESTINATIONS:
        folder = project.path("current") / name
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return done


def _ours(folder: Path) -> Iterator[Path]:
    """Every file in a folder of results that a destination may have had, and nobody else's."""
    for target in DESTINATIONS.values():
        own = folder / target.name
        yield from _numbered(folder, target.name, target.suffix)
        for stem in STEMS:
            yield from _numbered(own, stem, target.suffix)
        single = (folder / f"{target.name}.sql", own / REFUSED, own / ROWS)
        yield from (path for path in single if path.is_file())


def _numbered(folder: Path, stem: str, suffix: str) -> Iterator[Path]:
    """A file and, where it was split, its parts."""
    name = re.compile(rf"{stem}(-\d+)?{re.escape(suffix)}")
    if folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if name.fullmatch(path.name))


def _deliver(project: Project, target: Destination) -> Delivered:
    leaving = outgoing(project, target)
    prefix = project.params.export.prefix
    sheet = Sheet(target, leaving.fields, prefix, statuses=_statuses(project, target))
    main = written(sheet, leaving.rows, _untouched(leaving))
    control = written(
        Sheet(target, (), prefix, statuses=sheet.statuses), _held_out(project, target, leaving)
    )
    files = dict(_parts(target, main))
    if target.name == "postgresql":
        options = project.params.export.options.get(target.name, {})
        table = str(options.get("table", "customer_scores"))
        files["postgresql.sql"] = table_sql(sheet, target.file, table).encode()
    beside = {"control": control} if leaving.audience == "listed" else {}
    more, meant, moves = moved(project, sheet, leaving, main)
    for stem, found in {**beside, **more}.items():
        named = _named(f"{target.name}/{stem}{target.suffix}", found)
        files |= dict(named)
    files[f"{target.name}/{ROWS}"] = meant
    rejected = _rejected(leaving, main, _unusable(project, target))
    files[f"{target.name}/{REFUSED}"] = rejected.to_csv(index=False, lineterminator="\n").encode()
    for name, content in files.items():
        with replacing(project.path("current") / name, private=True) as new:
            new.write_bytes(content)
    return Delivered(
        destination=target.name,
        audience=leaving.audience,
        columns=tuple(sheet.headers.values()),
        rows=main.rows,
        control=control.rows if leaving.audience == "listed" else 0,
        rejected=_counted(leaving, main, rejected),
        moved=moves,
        sha256={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    )  # fmt: skip


def _counted(leaving: Outgoing, main: Written, told: pd.DataFrame) -> dict[str, int]:
    """People who got nothing, each once, by the first rule that is told of them."""
    gone = {*leaving.rejected["customer_id"], *main.rejected["customer_id"]}
    first = told[told["customer_id"].isin(gone)].drop_duplicates("customer_id")
    return {str(rule): int(n) for rule, n in first["rule"].value_counts().sort_index().items()}


def _parts(target: Destination, main: Written) -> Iterator[tuple[str, bytes]]:
    return _named(target.file, main)


def _named(file: str, found: Written) -> Iterator[tuple[str, bytes]]:
    """The parts of a file by their names: numbered where there are several."""
    stem, dot, suffix = file.rpartition(".")
    for n, content in enumerate(found.parts, 1):
        yield (file if len(found.parts) == 1 else f"{stem}-{n}{dot}{suffix}"), content


def _held_out(project: Project, target: Destination, leaving: Outgoing) -> pd.DataFrame:
    """The control group as far as it may be named there: to an ads platform, who has consented."""
    if not target.for_ads:
        return leaving.control
    refused = refusals(project.frame("privacy", PRIVACY), {}, for_ads=True)
    return leaving.control[~leaving.control["customer_id"].isin(set(refused))]


def _untouched(leaving: Outgoing) -> pd.DataFrame:
    """The keys of those who must get nothing, whatever else shares an address with them."""
    import pandas as pd

    refused = leaving.kept_out[leaving.kept_out["why"] != "left"]
    if leaving.audience == "everybody":
        return refused
    return pd.concat([refused, leaving.control], ignore_index=True)


def _unusable(project: Project, target: Destination) -> pd.DataFrame:
    """Cells of contacts that hold no key though one should stand there: `REJECTED`."""
    found = contact_keys(project).unusable
    found = found[found["why"].isin([f"bad_{key}" for key in target.keys])]
    return found.rename(columns={"why": "rule", "masked": "value"})


def _rejected(leaving: Outgoing, main: Written, unusable: pd.DataFrame) -> pd.DataFrame:
    """What of those who should get something cannot leave, by customer, and by which rule.

    A bad number of somebody whose address serves is told as well: the rest of the row left.
    """
    import pandas as pd

    refused = leaving.rejected.rename(columns={"why": "rule"}).reindex(columns=list(REJECTED))
    wanted = {*leaving.rows["customer_id"], *refused["customer_id"]}
    told = unusable[unusable["customer_id"].isin(wanted)]
    # The cell itself says more than that there is no key.
    refused = refused[
        ~(refused["customer_id"].isin(set(told["customer_id"]))
          & refused["rule"].isin(["no_key", "bad_email", "bad_phone"]))
    ]  # fmt: skip
    every = pd.concat([refused, told, main.rejected], ignore_index=True).astype(object)
    every = every.where(every.notna(), "")
    # A person opens it in a spreadsheet, and a bad address may be bad because it is a formula.
    every["customer_id"] = every["customer_id"].map(clean_id)
    every["value"] = every["value"].map(clean_text)
    return every.sort_values(["customer_id", "column"], kind="stable", ignore_index=True)


def _statuses(project: Project, target: Destination) -> dict[str, str]:
    """What the shop says of each person in a column that only it can fill."""
    column = project.params.export.options.get(target.name, {}).get("status_column")
    if target.status_header is None or not column:
        return {}
    found = contacts_of(project)
    if column not in found:
        return {}
    told = found[column].astype(object).where(found[column].notna(), "")
    return dict(zip(found["customer_id"].astype(str), told.astype(str), strict=True))
