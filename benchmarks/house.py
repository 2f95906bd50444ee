"""How the house stands: sizes, loose dicts and the import graph of a checkout's source.

    python benchmarks/house.py                       # this checkout
    python benchmarks/house.py --of OTHER --of .     # side by side, oldest first
    python benchmarks/house.py --names               # with what is beyond a limit, and the dicts

The layers are those of the contract in this checkout's pyproject.toml, whatever tree is looked
at. `tests/test_house.py` holds the limits.
"""

from __future__ import annotations

import argparse
import ast
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "winback"
LONG_FUNCTION, LONGEST_FUNCTION, MOST_PARAMETERS, LONGEST_MODULE = 60, 100, 12, 900

_MAPPINGS = {"dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict"}
_ANYTHING = {"Any", "object"}


@dataclass(frozen=True)
class Function:
    """A function or method of the package, as written: decorators are not counted."""

    module: str
    name: str
    lines: int
    parameters: int

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(frozen=True, order=True)
class LooseDict:
    """A place where a dict of anything stands for a noun."""

    module: str
    line: int
    written: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.written}"


@dataclass(frozen=True, order=True)
class Import:
    """An import of a module by another, at the top or inside a function."""

    by: str
    of: str
    line: int
    for_types: bool = False

    def __str__(self) -> str:
        return f"{self.by}:{self.line} -> {self.of}"


@dataclass(frozen=True)
class House:
    """The package of one checkout, read as text: nothing of it is imported."""

    root: Path

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        """Each module's syntax by its name."""
        source = self.root / "src"
        found = {}
        for path in sorted((source / PACKAGE).rglob("*.py")):
            parts = path.relative_to(source).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = ast.parse(path.read_text("utf-8"))
        return found

    @cached_property
    def lines(self) -> dict[str, int]:
        """Lines of each module's file."""
        return {name: len(self.path(name).read_text("utf-8").splitlines()) for name in self.trees}

    def path(self, module: str) -> Path:
        """The file of a module."""
        there = self.root / "src" / Path(*module.split("."))
        return there / "__init__.py" if there.is_dir() else there.with_suffix(".py")

    @cached_property
    def functions(self) -> list[Function]:
        """Every function and method, longest first."""
        found = [each for name, tree in self.trees.items() for each in _functions(name, tree)]
        return sorted(found, key=lambda each: (-each.lines, str(each)))

    def longer_than(self, lines: int) -> list[Function]:
        """Functions of more lines."""
        return [each for each in self.functions if each.lines > lines]

    @property
    def crowded(self) -> list[Function]:
        """Functions of too many parameters; the command line's options do not count."""
        return [
            each
            for each in self.functions
            if each.parameters > MOST_PARAMETERS and _room(each.module) != "cli"
        ]

    @property
    def long_modules(self) -> dict[str, int]:
        """Modules of too many lines that are no tables of words."""
        return {
            name: lines
            for name, lines in self.lines.items()
            if lines > LONGEST_MODULE and not _is_table(self.trees[name], lines)
        }

    @cached_property
    def loose_dicts(self) -> list[LooseDict]:
        """Where a `dict[str, Any]`, its like or an alias of one is written."""
        own = {name: set(_aliases(tree)) for name, tree in self.trees.items()}
        found = []
        for name, tree in self.trees.items():
            aliases = own[name] | set(_taken_over(tree, own))
            found += [
                LooseDict(name, node.lineno, ast.unparse(node)) for node in _loose(tree, aliases)
            ]
        return sorted(found)

    @cached_property
    def imports(self) -> list[Import]:
        """Imports of one module of the package by another."""
        return sorted(
            {
                Import(name, *found)
                for name, tree in self.trees.items()
                for found in _imports(tree, set(self.trees))
                if found[0] != name
            }
        )

    @property
    def circles(self) -> list[list[str]]:
        """Modules that import each other, be it for a type; in a group where more than two do."""
        return _circles((each.by, each.of) for each in self.imports)

    @property
    def room_circles(self) -> list[list[str]]:
        """Rooms that do, types apart."""
        pairs = ((_room(each.by), _room(each.of)) for each in self.imports if not each.for_types)
        return _circles((by, of) for by, of in pairs if by != of)

    def against(self, layers: list[Layer]) -> list[Import]:
        """Imports that run and point up, or to a room beside that is not to be known."""
        heights = {room: height for height, layer in enumerate(layers) for room in layer.rooms}
        found = []
        for each in self.imports:
            by, of = _room(each.by), _room(each.of)
            if by == of or each.for_types or not {by, of} <= set(heights):
                continue
            beside = heights[by] == heights[of] and not layers[heights[by]].may_know_beside
            if beside or heights[by] > heights[of]:
                found.append(each)
        return found


@dataclass(frozen=True)
class Layer:
    """Rooms that stand beside each other, and whether they may import from each other."""

    rooms: tuple[str, ...]
    may_know_beside: bool


def layers_of(root: Path = ROOT) -> list[Layer]:
    """The contract's layers, highest first."""
    contracts = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    written = next(each for each in contracts["contracts"] if each["type"] == "layers")["layers"]
    return [
        Layer(tuple(room.strip(" ()") for room in re.split(r"[|:]", layer)), ":" in layer)
        for layer in written
    ]


def _room(module: str) -> str:
    """The part of the package that a module stands in; for one at the top its own name."""
    return module.split(".")[1] if "." in module else module


def _functions(module: str, tree: ast.AST, prefix: str = "") -> Iterator[Function]:
    for node in ast.iter_child_nodes(tree):
        name = prefix
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{prefix}{node.name}."
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = node.args
            parameters = [*given.posonlyargs, *given.args, *given.kwonlyargs]
            own = [each for each in parameters if each.arg not in ("self", "cls")]
            more = sum(each is not None for each in (given.vararg, given.kwarg))
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            yield Function(module, name[:-1], lines, len(own) + more)
        yield from _functions(module, node, name)


def _is_table(tree: ast.Module, lines: int) -> bool:
    """Whether more than half of a module are literals given a name: a table, not a program."""
    tables = (
        (node.end_lineno or node.lineno) - node.lineno + 1
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.Dict | ast.List | ast.Tuple)
    )
    return sum(tables) > lines / 2


def _named(node: ast.AST | None) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def _of_anything(node: ast.AST) -> bool:
    """Whether this is `dict[..., Any]` or its like; a value that may be Any is Any."""
    if not (isinstance(node, ast.Subscript) and _named(node.value) in _MAPPINGS):
        return False
    kinds = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return any(_named(each) in _ANYTHING for each in _alternatives(kinds[-1]))


def _alternatives(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BinOp):
        yield from _alternatives(node.left)
        yield from _alternatives(node.right)
    else:
        yield node


def _aliases(tree: ast.Module) -> Iterator[str]:
    """Names that a module gives to a dict of anything, or to what holds one."""
    for node in tree.body:
        target: ast.AST | None = getattr(node, "name", None)  # of `type X = ...`
        if isinstance(node, ast.Assign):
            target = node.targets[0]
        elif isinstance(node, ast.AnnAssign):
            target = node.target
        value = getattr(node, "value", None)
        loose = isinstance(value, ast.Subscript | ast.BinOp) and any(
            _of_anything(part) for part in ast.walk(value)
        )
        if loose and (name := _named(target)):
            yield name


def _taken_over(tree: ast.Module, own: Mapping[str, set[str]]) -> Iterator[str]:
    """Aliases that a module imports, by the names it gives them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            known = own.get(node.module or "", set())
            yield from (each.asname or each.name for each in node.names if each.name in known)


def _loose(tree: ast.Module, aliases: set[str]) -> Iterator[ast.expr]:
    """Annotations, casts and bases that are dicts of anything, by any of their names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and _of_anything(node):
            yield node
    for annotation in _annotations(tree):
        inside = {
            id(part.value) for part in ast.walk(annotation) if isinstance(part, ast.Subscript)
        }
        for part in ast.walk(annotation):
            bare = _named(part) in _MAPPINGS and id(part) not in inside
            if isinstance(part, ast.expr) and (bare or _named(part) in aliases):
                yield part


def _annotations(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        for field in ("annotation", "returns"):
            found = getattr(node, field, None)
            if isinstance(found, ast.expr):
                yield found


def _imports(
    tree: ast.AST, known: set[str], for_types: bool = False
) -> Iterator[tuple[str, int, bool]]:
    """Modules of the package that are imported, the line, and whether for types alone."""
    for node in ast.iter_child_nodes(tree):
        types = isinstance(node, ast.If) and _named(node.test) == "TYPE_CHECKING"
        yield from _imports(node, known, for_types or types)
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{each.name}" for each in node.names]
            names = [name if name in known else node.module for name in inner]
        else:
            continue
        yield from ((name, node.lineno, for_types) for name in names if name in known)


def _circles(arrows: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Groups in which each can be reached from each, found from who reaches whom."""
    onward: dict[str, set[str]] = {}
    for by, of in arrows:
        onward.setdefault(by, set()).add(of)
    reached = {name: _reached(name, onward) for name in onward}
    found = {
        tuple(sorted(other for other in reached[name] if name in reached.get(other, ())))
        for name in onward
        if name in reached[name]
    }
    return sorted(map(list, found))


def _reached(start: str, onward: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    pending = list(onward[start])
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += onward.get(name, ())
    return seen


def figures(house: House, layers: list[Layer]) -> dict[str, int]:
    """The house in numbers."""
    return {
        "modules": len(house.trees),
        "lines of src": sum(house.lines.values()),
        "lines of src without tables of words": sum(
            lines for name, lines in house.lines.items() if not _is_table(house.trees[name], lines)
        ),
        f"functions over {LONG_FUNCTION} lines": len(house.longer_than(LONG_FUNCTION)),
        f"functions over {LONGEST_FUNCTION} lines": len(house.longer_than(LONGEST_FUNCTION)),
        f"functions of more than {MOST_PARAMETERS} parameters, cli apart": len(house.crowded),
        f"modules over {LONGEST_MODULE} lines, tables of words apart": len(house.long_modules),
        "lines of the longest module that is no table": max(
            lines for name, lines in house.lines.items() if not _is_table(house.trees[name], lines)
        ),
        "dicts of anything (dict[str, Any] and its like)": len(house.loose_dicts),
        "circles of modules, imports for types counted": len(house.circles),
        "circles of rooms": len(house.room_circles),
        "imports against the layers": len(house.against(layers)),
    }


def beyond(house: House, layers: list[Layer]) -> Iterator[str]:
    """What is beyond a limit, and every dict of anything, by name."""
    yield f"Functions over {LONG_FUNCTION} lines:"
    yield from (f"  {each} {each.lines}" for each in house.longer_than(LONG_FUNCTION))
    yield f"Functions of more than {MOST_PARAMETERS} parameters:"
    yield from (f"  {each} {each.parameters}" for each in house.crowded)
    yield f"Modules over {LONGEST_MODULE} lines:"
    yield from (f"  {name} {lines}" for name, lines in house.long_modules.items())
    yield "Dicts of anything:"
    yield from (f"  {each}" for each in house.loose_dicts)
    yield "Circles of modules:"
    yield from (f"  {', '.join(circle)}" for circle in house.circles)
    yield "Circles of rooms:"
    yield from (f"  {', '.join(circle)}" for circle in house.room_circles)
    yield "Imports against the layers:"
    yield from (f"  {each}" for each in house.against(layers))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--of", action="append", type=Path, help="a checkout; repeatable")
    parser.add_argument("--names", action="store_true", help="name what is beyond a limit")
    given = parser.parse_args()
    layers = layers_of()
    houses = [House(root) for root in given.of or [ROOT]]
    columns = [figures(house, layers) for house in houses]
    for name in columns[0]:
        print(f"{name:<58}" + "".join(f"{column[name]:>9,}" for column in columns))
    longest = LONGEST_FUNCTION
    for house in houses:
        for each in house.longer_than(longest):
            print(f"over {longest} lines in {house.root}: {each} {each.lines}")
        if given.names:
            print(*beyond(house, layers), sep="\n")


if __name__ == "__main__":
    main()
