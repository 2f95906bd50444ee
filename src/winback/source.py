"""The package's own source: which modules a stage can reach, and a hash of what it holds.

A stage has to run again where a line changed that can change what it makes. Which lines these
are follows from the imports, from the stage's own module down; nobody types a list.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent

_NAMED = re.compile(r"winback(\.\w+)+")

# What an error says, and under which names a notebook finds things, is in no file that a stage
# writes.
_UNSEEN = ("winback", "winback.said.errors")


def source_version() -> str:
    """Twelve hexadecimal digits of the whole package."""
    return hash_of(path for path in ROOT.rglob("*") if path.suffix in {".py", ".j2", ".css"})


def version_of(module: str) -> str:
    """Twelve hexadecimal digits of what a module can reach.

    What a stage writes names this and not `source_version`: a changed line that it cannot reach
    does not make it run again, so it must not make another file of it either.
    """
    return hash_of(reached_by(module))


def hash_of(paths: Iterable[Path]) -> str:
    """Twelve hexadecimal digits of files of the package, by their names and contents."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def reached_by(module: str) -> tuple[Path, ...]:
    """The files that a module can reach by its imports, its own among them, sorted.

    Imports inside functions count, those for the type checker alone do not. A module reaches
    the doorways of the packages it lies in, and the templates that lie in its package.
    """
    found: dict[str, Path] = {}
    todo = [module]
    while todo:
        name = todo.pop()
        path = _path_of(name)
        if path is None or name in found or name in _UNSEEN:
            continue
        found[name] = path
        todo += imported(path)
        todo += (".".join(name.split(".")[:-1]),)
    beside = {
        other
        for path in found.values()
        for other in path.parent.glob("templates/*")
        if other.is_file() and path.parent != ROOT
    }
    return tuple(sorted({*found.values(), *beside}))


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Names of modules of this package that a file imports when it runs, or names in full."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("winback"):
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.startswith("winback."))
        elif isinstance(node, ast.Constant) and _NAMED.fullmatch(str(node.value)):
            # A module that is run by its name, such as the one that MLflow serves.
            yield str(node.value)


def _path_of(module: str) -> Path | None:
    parts = module.split(".")
    if parts[0] != "winback":
        return None
    path = ROOT.joinpath(*parts[1:])
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None
