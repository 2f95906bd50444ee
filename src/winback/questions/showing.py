"""The card of a customer as a file: when somebody asks, where no tool picks it up, and findable.

A stage never writes one. The name holds a keyed hash and nothing of the person; by the same hash
at the end of the page `winback forget` knows whose it is, whatever it was called.
"""

from __future__ import annotations

import hmac
import re
import shutil
import subprocess
from collections.abc import Collection, Iterable
from pathlib import Path

from winback.erasing.person import plain_id
from winback.errors import UsageError
from winback.files import replacing, write_text
from winback.project import Project
from winback.questions.carding import card_of
from winback.report.customer import render_customer
from winback.said.words import Language

_PURPOSE = b"winback: the card of a customer"
_MARK = re.compile(rb"<!-- winback card ([0-9a-f]{16}) -->\s*$")
_TAIL = 128
_SUFFIXES = (".html", ".htm")
# What stages write: DVC would take a card in it for theirs, and push it.
_OF_STAGES = ("orders", "model", "target", "current", "ledger", "pushes", "campaigns")


def show_customer(customer: str, project: Project, language: Language, out: Path | None) -> Path:
    """Write the card of a scored customer, for its owner's eyes alone; where it lies.

    Args:
        customer: an id of the scores.
        project: the project, or folder of a run.
        language: of the page.
        out: the file, or a folder for it; None: the folder of cards, which git ignores.

    Raises:
        UsageError: a stage, DVC or git keeps what lies there, or a file that is no card does.
        WinbackError: there is no salt for the name, or a file is missing.
    """
    mark = mark_of(customer, project.salt())
    name = f"card-{mark}.html"
    if out is None:
        folder = project.path("cards")
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / ".gitignore", "*\n")
        path = folder / name
    else:
        path = out / name if out.is_dir() else out
        _check_place(path, project)
    page = render_customer(card_of(customer, project), language=language)
    with replacing(path, private=True) as new:
        new.write_text(f"{page}<!-- winback card {mark} -->\n", encoding="utf-8", newline="\n")
    return path


def mark_of(customer: str, salt: str) -> str:
    """Sixteen hexadecimal digits that say whose card it is to who has the salt, and to nobody."""
    key = hmac.new(salt.encode(), _PURPOSE, "sha256").digest()
    return hmac.new(key, plain_id(customer).encode(), "sha256").hexdigest()[:16]


def cards_of(files: Iterable[Path], customers: Collection[str], salt: str) -> list[Path]:
    """Of these files the cards of these customers, whatever they are called."""
    marks = {mark_of(customer, salt).encode() for customer in customers}
    pages = (path for path in files if path.suffix.lower() in _SUFFIXES and path.is_file())
    return [path for path in pages if _mark_in(path) in marks]


def _mark_in(path: Path) -> bytes | None:
    """The mark at the end of a card; None: the file is no card of ours."""
    with path.open("rb") as stream:
        stream.seek(max(path.stat().st_size - _TAIL, 0))
        mark = _MARK.search(stream.read())
    return mark.group(1) if mark else None


def _check_place(path: Path, project: Project) -> None:
    # By another name `winback forget` would not find it.
    if path.suffix.lower() not in _SUFFIXES:
        raise UsageError("project.card_no_page", file=path)
    if path.exists() and (not path.is_file() or _mark_in(path) is None):
        raise UsageError("project.card_over_another", file=path)
    place = path.resolve()
    for name in _OF_STAGES:
        own = project.path(name)
        folder = own if name in ("current", "ledger", "pushes", "campaigns") else own.parent
        # In a folder of a run the list lies on top, beside whatever somebody puts there.
        if folder.resolve() != project.root.resolve() and place.is_relative_to(folder.resolve()):
            raise UsageError("project.card_of_stages", folder=folder)
    homes = [home for home in place.parents if (home / ".git").exists()]
    git = shutil.which("git")
    if homes and git:
        asked = [git, "-C", str(homes[0]), "check-ignore", "-q", str(place)]
        if subprocess.run(asked, capture_output=True, check=False).returncode == 1:
            raise UsageError("project.card_in_git", folder=path.parent)
