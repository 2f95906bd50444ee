"""Takes people out of what DVC keeps: objects of its cache, and what it remembers of runs."""

from __future__ import annotations

import configparser
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

_OBJECT = re.compile(r"[0-9a-f]{30}(\.dir)?")
_MD5 = re.compile(r"\bmd5: ([0-9a-f]{32})\b")


@dataclass(frozen=True)
class Kept:
    """What DVC keeps for a project.

    Attributes:
        cache: its folder; None where the project is under no DVC.
        shared: whether that lies outside of the project, and may be of other projects as well.
        remotes: their names.
    """

    cache: Path | None
    shared: bool
    remotes: tuple[str, ...]


def kept_by_dvc(root: Path) -> Kept:
    """Where DVC keeps files of the project in a folder, and which remotes it knows."""
    home = root / ".dvc"
    if not home.is_dir():
        return Kept(None, False, ())
    told = configparser.ConfigParser(interpolation=None)
    told.read([home / "config", home / "config.local"], encoding="utf-8")
    named = told.get("cache", "dir", fallback=None)
    cache = home / "cache" if named is None else (home / named)
    remotes = [re.fullmatch(r"'?remote \"(.+)\"'?", name) for name in told.sections()]
    shared = not cache.resolve().is_relative_to(root.resolve())
    return Kept(cache, shared, tuple(sorted(found.group(1) for found in remotes if found)))


def objects_of(cache: Path) -> Iterator[tuple[str, Path]]:
    """The objects of a cache by their MD5, whichever version of DVC put them there."""
    for folder in sorted({*cache.glob("files/md5/[0-9a-f][0-9a-f]"),
                          *cache.glob("[0-9a-f][0-9a-f]")}):  # fmt: skip
        for path in sorted(folder.iterdir()):
            if path.is_file() and _OBJECT.fullmatch(path.name):
                yield folder.name + path.name, path


def named_by(files: Collection[Path]) -> frozenset[str]:
    """The MD5 of everything that these files of DVC (``dvc.lock``, ``*.dvc``) name."""
    return frozenset(
        each for path in files if path.is_file()
        for each in _MD5.findall(path.read_text(encoding="utf-8"))
    )  # fmt: skip


def objects_inside(cache: Path, folders: Collection[str]) -> frozenset[str]:
    """The MD5 of the files in these folders, as the cache keeps folders."""
    return frozenset(
        inside
        for digest, path in objects_of(cache)
        if digest.endswith(".dir") and digest.removesuffix(".dir") in folders
        for inside in _inside(path)
    )


def remove_objects(
    cache: Path, is_theirs: Callable[[Path], bool], *, only: Collection[str] | None = None,
    spared: Collection[str] = (),
) -> tuple[int, int]:  # fmt: skip
    """Remove the objects that are to go, and what DVC remembers of runs that made them.

    Args:
        cache: the folder.
        is_theirs: whether a file is to go, by its content.
        only: of these MD5 alone.
        spared: none of these MD5.

    Returns:
        How many objects went, and how many runs.
    """
    going = {
        digest: path
        for digest, path in objects_of(cache)
        if (only is None or digest.removesuffix(".dir") in only)
        and digest.removesuffix(".dir") not in spared
        and is_theirs(path)
    }
    # A folder of which a file goes can be checked out no more.
    for digest, path in objects_of(cache):
        if digest.endswith(".dir") and digest not in going and _inside(path) & going.keys():
            going[digest] = path
    gone = {digest.removesuffix(".dir") for digest in going}
    runs = 0
    # Before the objects, by which a second call after a kill would find them.
    for path in sorted((cache / "runs").glob("*/*/*")):
        outs = path.read_text(encoding="utf-8").partition("\nouts:")[2]
        if gone & set(_MD5.findall(outs)) or is_theirs(path):
            path.unlink()
            runs += 1
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
    for path in going.values():
        path.unlink()
    return len(going), runs


def _inside(folder: Path) -> set[str]:
    return set(re.findall(r'"md5": ?"([0-9a-f]{32})"', folder.read_text(encoding="utf-8")))
