"""The house: what is too long, too crowded or too loose to stand, and which way imports point."""

import ast
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

LOOSE_DICTS = 25
# Where a dict of anything stays, and why; a typed object takes the place of any other.
REASONS = {
    "cli.asking": "flags of a command line, before they are checked as params",
    "offers.catalogue": "an offer as params.yaml has it, before it is read",
    "offers.plan": "the same, as a notebook may give it",
    "params": "YAML before it is checked",
    "project": "whatever `once` is asked to keep",
    "shop.history": "a row of a query by column",
    "report.pictures.canvas": "Matplotlib's own settings",
    "said.errors": "the values of any error",
    "said.telling": "the values of any fact",
    "said.writing": "whatever a place in a text can write",
}


@pytest.fixture(scope="module")
def house_of():
    """`benchmarks/house.py`, which looks at the source of a checkout."""
    spec = spec_from_file_location("house", ROOT / "benchmarks/house.py")
    module = module_from_spec(spec)
    sys.modules["house"] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["house"]


@pytest.fixture(scope="module")
def house(house_of):
    return house_of.House(ROOT)


def listed(found):
    return "\n".join(map(str, found))


def test_no_function_is_longer_than_a_hundred_lines(house, house_of):
    found = house.longer_than(house_of.LONGEST_FUNCTION)
    assert [f"{each} {each.lines}" for each in found] == []


def test_no_function_outside_the_command_line_takes_more_than_twelve_parameters(house):
    assert [f"{each} {each.parameters}" for each in house.crowded] == []


def test_no_module_but_a_table_of_words_is_longer_than_nine_hundred_lines(house):
    assert house.long_modules == {}


def test_few_dicts_of_anything_are_left_and_each_has_its_reason(house):
    assert len(house.loose_dicts) <= LOOSE_DICTS, listed(house.loose_dicts)
    rooms = {each.module.removeprefix("winback."): each for each in house.loose_dicts}
    assert listed(each for room, each in rooms.items() if room not in REASONS) == ""
    assert set(REASONS) <= set(rooms), "a reason without a dict"


def test_no_module_is_in_a_circle_with_another_even_for_a_type(house):
    assert house.circles == []


def test_the_import_graph_is_as_the_contract_says(house, house_of):
    """Beside import-linter, which `make lint` runs: read by another hand, for types apart."""
    assert house.room_circles == []
    assert house.against(house_of.layers_of()) == []


def test_nothing_above_reads_a_sentence_that_was_made_below(house):
    """Codes are compared, not how a sentence starts or what a pattern finds in it."""
    found = [
        f"{name}:{node.lineno} {ast.unparse(node)}"
        for name, tree in house.trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (
            (is_above(name, "said", "report", "cli") and starts_with_words(node))
            or (is_above(name, "said", "cli") and is_of_re(node))
        )
    ]
    assert found == []


def is_above(module, *rooms):
    return module.split(".")[1:2] != [] and module.split(".")[1] in rooms


def is_of_re(call):
    return isinstance(call.func.value, ast.Name) and call.func.value.id == "re"


def starts_with_words(call):
    return call.func.attr in ("startswith", "endswith") and any(
        isinstance(part, ast.Constant) and isinstance(part.value, str) and " " in part.value
        for argument in call.args
        for part in ast.walk(argument)
    )


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("def f(a: dict[str, Any]) -> int: ...", ["dict[str, Any]"]),
        ("def f(a: Mapping[str, Any | None]): ...", ["Mapping[str, Any | None]"]),
        ("def f(a: dict[str, object]): ...", ["dict[str, object]"]),
        ("def f() -> dict: ...", ["dict"]),
        ("x: list[dict[str, typing.Any]]", ["dict[str, typing.Any]"]),
        ("x = cast(dict[str, Any], y)", ["dict[str, Any]"]),
        ("Loose = dict[str, Any]\nx: Loose", ["dict[str, Any]", "Loose"]),
        ("def f(a: dict[str, float], b: Mapping[str, Result]): ...", []),
        ("isinstance(x, dict)", []),
    ],
)
def test_a_dict_of_anything_is_found_by_each_of_its_names(house_of, tmp_path, source, written):
    package = tmp_path / "src/winback"
    package.mkdir(parents=True)
    (package / "room.py").write_text(source + "\n")
    assert [each.written for each in house_of.House(tmp_path).loose_dicts] == written


def test_circles_and_arrows_up_are_found(house_of, tmp_path):
    package = tmp_path / "src/winback"
    (package / "low").mkdir(parents=True)
    (package / "low/ground.py").write_text("def f():\n    from winback import high\n")
    (package / "high.py").write_text("from winback.low.ground import f\n")
    (package / "low/beside.py").write_text(
        "if TYPE_CHECKING:\n    from winback.high import f\nfrom winback.low import ground\n"
    )
    house = house_of.House(tmp_path)
    layers = [house_of.Layer(("high",), False), house_of.Layer(("low",), False)]

    assert house.circles == [["winback.high", "winback.low.ground"]]
    assert house.room_circles == [["high", "low"]]
    assert [str(each) for each in house.against(layers)] == ["winback.low.ground:2 -> winback.high"]


def test_one_command_prints_the_figures_of_a_checkout():
    run = subprocess.run(
        [sys.executable, "benchmarks/house.py", "--of", "."],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout.startswith("modules")
    assert "circles of rooms" in run.stdout
