"""Whether an assignment is still the one that was sealed, whichever door it comes through."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pandas as pd

from winback.campaign.reading import read_assignment
from winback.errors import WinbackError
from winback.intake.matching import match_ids
from winback.intake.rows import read_rows
from winback.ledger.asked import Seal, seals
from winback.ledger.book import Ledger
from winback.offers.plan import seal_of
from winback.results.base import fact
from winback.results.listed import Promised
from winback.results.measured import Measurement
from winback.results.offered import CONTROL

Measured = TypeVar("Measured", bound=Measurement)
_SEALED = "assignment.parquet"
_NAMED_BY = ["customer_id", "planned_offer", "arm"]


class Changed(NamedTuple):
    """Customers who are not as they were sealed."""

    missing: int
    added: int
    other_arm: int
    other: int


def promised_beside(assignment: Path) -> Promised:
    """What was promised when the list left, not what the catalogue says by now.

    Raises:
        WinbackError: the manifest beside it speaks of another assignment.
    """
    manifest = assignment.parent / "manifest.json"
    if not manifest.is_file():
        return Promised()
    promised = Promised.from_json(manifest.read_text("utf-8"), str(manifest))
    if not _as_hashed(assignment, promised):
        raise WinbackError("project.not_sealed", file=assignment, manifest=manifest)
    return promised


def refuse_changed(file: Path, assigned: pd.DataFrame, control: str, timezone: str | None) -> None:
    """Hold an assignment against the manifest beside it, and the ledger there or here.

    A copy in another format, or with ids that a spreadsheet spoilt, is the same as long as every
    customer has the arm, the offer, the chance and the day that were sealed.

    Args:
        file: where it was read from.
        assigned: what :func:`read_assignment` made of it.
        control: what it calls the control.
        timezone: zone of the shop.

    Raises:
        WinbackError: a customer is missing, too many, or not as sealed.
    """
    promised = promised_beside(file)
    rows, _ = read_rows(file, "assignment")
    named = set(rows["campaign_id"].dropna().astype(str)) if "campaign_id" in rows else set()
    ours = promised.campaign_id is None or not named or promised.campaign_id in named
    if ours and file.name not in promised.sha256:
        _against_manifest(file, rows, assigned, promised, (control, timezone))
    for seal in _left(file, named):
        if not seal.ledger.people.is_file():
            if set(_NAMED_BY) <= set(rows) and seal_of(rows) != seal.sealed.seal:
                raise _not_as_drawn(file, seal)
            continue
        drawn, _ = read_assignment(seal.table("assignment"), CONTROL, timezone)
        # A list may have left on another day than it was made for.
        found = changed(assigned, drawn, also_on=pd.Timestamp(seal.sealed.sent_on))
        forgotten = seal.forgotten("assignment")
        if any(found._replace(added=max(found.added - forgotten, 0))):
            raise _not_as_drawn(file, seal)


def changed(
    assigned: pd.DataFrame, sealed: pd.DataFrame, also_on: pd.Timestamp | None = None
) -> Changed:
    """How many customers of an assignment are not as in another, by the ids of that one."""
    ids = match_ids(assigned["customer_id"], sealed["customer_id"]).ids
    drawn = sealed.set_index("customer_id")
    known = ids.isin(drawn.index) & ~ids.duplicated()
    mine = assigned[known].reset_index(drop=True)
    theirs = drawn.loc[ids[known]].reset_index(drop=True)
    other_arm = _differ(mine["arm"], theirs["arm"])
    days = mine["assigned_at"].dt.normalize()
    other_day = days != theirs["assigned_at"].dt.normalize()
    if also_on is not None:
        other_day &= days != also_on
    chance = (mine["probability"] - theirs["probability"]).abs() > 1e-6
    other = other_day | chance | _differ(mine["planned_offer"], theirs["planned_offer"])
    return Changed(
        missing=len(drawn) - int(known.sum()),
        added=int((~known).sum()),
        other_arm=int(other_arm.sum()),
        other=int((other & ~other_arm).sum()),
    )


def with_forgotten(found: Measured, n: int, objected: int = 0) -> Measured:
    """The same measurement with a word on people of the campaign who count no more.

    Those who were forgotten since, and those who objected to profiling.
    """
    told = [fact("measured.forgotten", n=n)] if n else []
    told += [fact("measured.objected", n=objected)] if objected else []
    return found.model_copy(update={"cautions": (*found.cautions, *told)})


def _differ(mine: pd.Series[Any], theirs: pd.Series[Any]) -> pd.Series[bool]:
    """Where both say something, and not the same."""
    told = mine.notna() & theirs.notna()
    return told & (mine.astype(str) != theirs.astype(str))


def _as_hashed(file: Path, promised: Promised) -> bool:
    digest = promised.sha256.get(file.name)
    return digest is None or digest == hashlib.sha256(file.read_bytes()).hexdigest()


def _against_manifest(
    file: Path, rows: pd.DataFrame, assigned: pd.DataFrame, promised: Promised,
    spelt: tuple[str, str | None],
) -> None:  # fmt: skip
    """A copy of a sealed file under another name, beside the manifest."""
    manifest, sealed = file.parent / "manifest.json", file.parent / _SEALED
    if sealed.is_file() and _SEALED in promised.sha256:
        if not _as_hashed(sealed, promised):
            raise WinbackError("project.not_sealed", file=sealed, manifest=manifest)
        found = changed(assigned, read_assignment(sealed, *spelt)[0])
        if any(found):
            raise WinbackError(
                "campaign.not_as_sealed", file=file, sealed=sealed, **found._asdict()
            )
    elif promised.seal is not None and set(_NAMED_BY) <= set(rows):
        if "campaign_id" not in rows:
            rows = rows.assign(campaign_id=promised.campaign_id)
        if seal_of(rows) != promised.seal:
            raise WinbackError("project.not_sealed", file=file, manifest=manifest)


def _left(file: Path, named: set[str]) -> Iterator[Seal]:
    """The seals of its campaign, in the ledger of the file's project or of the one at hand."""
    if not named:
        return
    folders = [*list(file.resolve().parents)[:4], Path.cwd()]
    for folder in dict.fromkeys(folders):
        if (folder / "ledger").is_dir():
            ledger = Ledger(folder / "ledger", folder / "people.parquet")
            yield from (seal for seal in seals(ledger) if seal.sealed.campaign_id in named)


def _not_as_drawn(file: Path, seal: Seal) -> WinbackError:
    return WinbackError(
        "ledger.not_as_drawn",
        file=file, campaign=seal.sealed.campaign_id, day=seal.sealed.sent_on,
    )  # fmt: skip
