"""Where a project holds people: found by walking its folders, not by a list that ages."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from winback.intake.containers import is_table
from winback.project import Project
from winback.tracking.erased import STORES

_RAW = "data/raw"
_NOTEBOOKS = "notebooks"
# What is nobody's, is kept by hand, or is looked after elsewhere.
_LEFT = {
    ".git", ".venv", "venv", "node_modules", "__pycache__", ".dvc", ".hypothesis", ".mypy_cache",
    ".pytest_cache", ".ruff_cache", "src",
}  # fmt: skip
# By these a folder is known as one that winback wrote, wherever somebody let it.
_OURS = ("manifest.json", "measurement.json", "churn.json", "evaluation.json")
_PEOPLE = "people.parquet"
# Which number is whom, who was forgotten, and the secret: looked after elsewhere.
_KEPT = (_PEOPLE, "forgotten.txt", "salt.txt", "dvc.lock")
_MOST_BYTES = 1 << 26


@dataclass(frozen=True)
class Places:
    """The files of a project that may hold people.

    Attributes:
        artefacts: all that the project made, but for those of ``knowing``.
        knowing: tables that tell an address of an id; the last that lose anybody.
        manifests: of lists, wherever they lie.
        sources: the shop's own files.
        scratch: what DVC left of experiments that it ran in copies.
        tracked: files by which DVC names the shop's own.
        people: tables of the numbers of a ledger, the project's own and others'.
        runs: folders of `winback run` in the project, each with a ledger and a salt of its own.
        others: anything else in the project's folder that is no folder of programs.
        under_git: whether git keeps what was.
    """

    artefacts: tuple[Path, ...]
    knowing: tuple[Path, ...]
    manifests: tuple[Path, ...]
    sources: tuple[Path, ...]
    scratch: tuple[Path, ...]
    tracked: tuple[Path, ...]
    people: tuple[Path, ...]
    runs: tuple[Path, ...]
    others: tuple[Path, ...]
    under_git: bool


def places_of(project: Project) -> Places:
    """All places of a project, or of a folder of `winback run`, in a fixed order."""
    root = project.root
    sources = _sources(project)
    mine = {path.resolve() for path in sources}
    ours, others, people, runs = [], [], [project.ledger().people], []
    own = _folders(project)
    for path in _walked(root):
        if path.name == "manifest.json" and path.parent != root and _is_run(path.parent):
            runs.append(path.parent)
        if path.name == _PEOPLE:
            people.append(path)
        if path.resolve() in mine or path.suffix == ".dvc" or path.name in _KEPT:
            continue
        if any(path.is_relative_to(each) for each in runs):
            continue
        inside = any(path == each or path.is_relative_to(each) for each in own)
        if inside or any((path.parent / name).is_file() for name in _OURS if path.parent != root):
            ours.append(path)
        elif path.stat().st_size <= _MOST_BYTES and project.under_dvc:
            others.append(path)
    contacts = project.path("contacts")
    knowing = [path for path in ours if path != contacts and _is_knowing(path)]
    knowing += [contacts] if contacts in ours else []
    home = root / ".dvc/tmp"
    return Places(
        artefacts=tuple(path for path in ours if path not in knowing),
        knowing=tuple(knowing),
        manifests=tuple(path for path in ours if path.name == "manifest.json"),
        sources=tuple(sources),
        scratch=tuple(path for path in sorted(home.rglob("*")) if path.is_file()),
        tracked=tuple(sorted(path for path in root.rglob("*.dvc") if path.is_file())),
        people=tuple({path.resolve(): path for path in people if path.is_file()}.values()),
        runs=tuple(runs),
        others=tuple(others),
        under_git=any(
            (each / ".git").exists() for each in (root.resolve(), *root.resolve().parents)
        ),
    )


def _folders(project: Project) -> list[Path]:
    """Folders and files of the project's own, by its layout."""
    root = project.root
    tops = {name.partition("/")[0] for name in project.layout.values() if name}
    if project.under_dvc:
        tops |= {_NOTEBOOKS, *STORES}
        return [root / top for top in sorted(tops)]
    # Beside the results of a run may lie whatever somebody else has there.
    manifest = project.path("manifest")
    told = project.json("manifest").get("sha256", {}) if manifest.is_file() else {}
    files = {name.partition("/")[0] for name in told}
    more = {"list.xlsx", "measurement.json", "result.html", "churn.json", "churn.csv"}
    more |= {Path(name).stem for name in files if name.endswith(".csv")} - {"list"}
    return [root / top for top in sorted(tops | files | more)]


def _sources(project: Project) -> list[Path]:
    """Every file that params.yaml names to be read, and all beneath the folder of raw data."""
    root = project.root
    found = [root / _RAW] if project.under_dvc else []
    given = project.params.ingest
    named = {given.orders, given.signals, given.attributes}
    artefacts = {project.path(name).resolve() for name in project.layout}
    for text in _texts(given.model_dump(mode="json")):
        # A header may be called as a folder is: data.
        if "://" not in text and (text in named or is_table(Path(text))):
            found += [root / name for name in sorted(glob.glob(str(root / text), recursive=True))]
    files: dict[Path, None] = {}
    for place in found:
        inside = sorted(place.rglob("*")) if place.is_dir() else [place]
        files |= dict.fromkeys(path for path in inside if path.is_file() and _is_source(path))
    return [path for path in files if path.resolve() not in artefacts]


def _is_source(path: Path) -> bool:
    return path.suffix not in (".dvc", ".md") and not path.name.startswith(".")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _walked(root: Path) -> Iterator[Path]:
    for home, folders, names in os.walk(root):
        folders[:] = sorted(
            name for name in folders
            if name not in _LEFT and not _is_ledger(Path(home) / name)
        )  # fmt: skip
        # Of a folder of a run the manifest first: it tells what the folder is.
        for name in sorted(names, key=lambda name: (name != "manifest.json", name)):
            path = Path(home) / name
            if path.is_file() and not path.is_symlink():
                yield path


def _is_ledger(folder: Path) -> bool:
    """Whether a folder is a chain of entries, no byte of which may change."""
    return next(folder.glob("[0-9]*-*/entry.json"), None) is not None


def _is_run(folder: Path) -> bool:
    return (folder / "scores.parquet").is_file() and (folder / "decisions.parquet").is_file()


def _is_knowing(path: Path) -> bool:
    """Whether a table has customers' ids beside their addresses."""
    if path.name == "confirmed.parquet":
        return True
    return path.name == "list.csv" and path.with_name("manifest.json").is_file()
