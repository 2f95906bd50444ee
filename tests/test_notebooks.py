"""The notebooks: one set of templates, thin, for any project; committed as the demo has them."""

import ast
import contextlib
import io
import json
import re
from pathlib import Path

import nbformat
import papermill
import pytest
from nbclient import NotebookClient

import winback as wb
from winback.errors import WinbackError
from winback.params import Params
from winback.stages.flow import run_history
from winback.template.notebooks import notebooks

ROOT = Path(__file__).resolve().parents[1]
COMMITTED = sorted((ROOT / "notebooks").glob("*.ipynb"))
AGAIN = "run: python docs/refresh.py notebooks"
IMPORTS = {"winback", "pandas", "tempfile"}
ANSWERS = {"en": "## Answer", "pl": "## Odpowiedź"}

committed = pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
every = pytest.mark.parametrize(
    ("language", "name"),
    [(language, name) for language in ("en", "pl") for name in notebooks()],
)


def code_of(notebook) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def answer(notebook) -> str:
    """What the last cell prints."""
    return "".join(o.get("text", "") for o in notebook.cells[-1].outputs).strip()


# --- the templates ---------------------------------------------------------------------------


@every
def test_a_notebook_asks_a_question_of_its_parameters_and_ends_with_its_answer(language, name):
    notebook = nbformat.reads(notebooks(language)[name], as_version=4)
    nbformat.validate(notebook)
    assert re.fullmatch(r"# .+\?", notebook.cells[0].source.splitlines()[0])
    assert notebook.cells[-2].source == ANSWERS[language]
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert first.metadata.tags == ["parameters"]
    assert {type(node) for node in ast.parse(first.source).body} == {ast.Assign}
    assert 'place = ".."' in first.source and f'language = "{language}"' in first.source
    # What it answers is made from the data, in the language asked for.
    assert re.search(r"print\(wb\.tell\(", notebook.cells[-1].source)


@every
def test_a_notebook_is_thin(language, name):
    code = code_of(nbformat.reads(notebooks(language)[name], as_version=4))
    everything = "\n".join(code)
    assert max(len(source.splitlines()) for source in code) <= 15
    assert max(map(len, everything.splitlines())) <= 100
    assert not re.search(r"^\s*(def|class)\s|lambda", everything, re.MULTILINE)
    imported = re.findall(r"^(?:from|import) (\w+)", everything, re.MULTILINE)
    assert set(imported) <= IMPORTS


def test_both_languages_have_the_same_code_and_no_shop_is_named_in_them():
    for name, text in notebooks("en").items():
        other = nbformat.reads(notebooks("pl")[name], as_version=4)
        notebook = nbformat.reads(text, as_version=4)
        assert len(notebook.cells) == len(other.cells)
        same = [source.replace('language = "pl"', 'language = "en"') for source in code_of(other)]
        assert code_of(notebook) == same
        assert not re.search("cdnow|1997|1998|23,502", text, re.IGNORECASE)


# --- those of this repository ----------------------------------------------------------------


def test_the_committed_notebooks_are_those_of_the_templates():
    assert [path.name for path in COMMITTED] == list(notebooks())
    for path in COMMITTED:
        made = nbformat.reads(notebooks()[path.name], as_version=4)
        here = nbformat.read(path, as_version=4)
        assert [c.source for c in here.cells] == [c.source for c in made.cells], AGAIN


@committed
def test_a_notebook_is_committed_executed_and_names_no_machine(path):
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata.kernelspec.name == "python3"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    assert path.stem == "08_experiments" or [o for o in outputs if "image/png" in o.get("data", {})]
    assert not [cell for cell in notebook.cells if "execution" in cell.metadata]
    assert not re.search(r"/(tmp|home|root|work|Users)/", path.read_text(encoding="utf-8"))
    assert re.search(r"\d", answer(notebook)) and "\n" not in answer(notebook)


@committed
@pytest.mark.long
def test_a_notebook_answers_on_the_demo_as_it_did_when_it_was_committed(path):
    assert (ROOT / "data/scores.parquet").is_file(), (
        "it is of the demo, which comes first: make demo"
    )
    fresh = nbformat.reads(notebooks()[path.name], as_version=4)
    place = {"metadata": {"path": str(path.parent)}}
    NotebookClient(fresh, timeout=300, kernel_name="python3", resources=place).execute()
    assert answer(fresh) == answer(nbformat.read(path, as_version=4)), AGAIN


# --- other projects --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def thin(tmp_path_factory) -> Path:
    """A folder of `winback run` on a shop of six weeks: nothing can be known there yet."""
    out = tmp_path_factory.mktemp("thin") / "out"
    run_history(wb.simulate_shop("fashion", 40, days=40, seed=3).orders, out, Params())
    return out


def test_notebooks_run_on_a_shop_that_knows_nothing_yet_and_say_so(thin, monkeypatch):
    """The cells one after the other, without a kernel; those with a made-up shop are long."""
    before = sorted(path for path in thin.rglob("*") if path.is_file())
    monkeypatch.chdir(thin)
    told = {}
    for name in ("02_churn", "03_model", "05_offers", "09_grades"):
        notebook = nbformat.reads(notebooks("pl")[f"{name}.ipynb"], as_version=4)
        scope: dict[str, object] = {}
        for source in code_of(notebook):
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                exec(source.replace('place = ".."', 'place = "."'), scope)
        told[name] = said.getvalue().strip()
    assert told["02_churn"].startswith("Jeszcze nie wiadomo: klientów jest ")
    assert told["03_model"].startswith("Jeszcze nie wiadomo: w zamkniętych okresach")
    assert re.search(r"\d", told["05_offers"])
    assert told["09_grades"].startswith("Jeszcze nie wiadomo: żadnej listy nie rozliczono")
    assert sorted(path for path in thin.rglob("*") if path.is_file()) == before


def test_a_project_is_found_from_inside_and_nothing_is_not_one(thin, tmp_path):
    assert wb.open_project(thin).is_run
    assert wb.open_project(thin / "reports").root.resolve() == thin.resolve()
    assert not wb.open_project(ROOT / "notebooks").is_run
    with pytest.raises(WinbackError) as refused:
        wb.open_project(tmp_path)
    assert refused.value.code == "project.nothing_to_open"


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A folder of `winback run` on a shop with enough to learn from."""
    out = tmp_path_factory.mktemp("small") / "out"
    run_history(wb.simulate_shop("fashion", 400, days=500, seed=3).orders, out, Params())
    return out


@pytest.mark.long
@pytest.mark.parametrize("name", list(notebooks()))
def test_papermill_runs_it_on_a_folder_of_winback_run(name, small, tmp_path):
    source, done = tmp_path / name, tmp_path / "done.ipynb"
    source.write_text(notebooks()[name], encoding="utf-8")
    few = {"customers": 1_000} if name[:2] in ("06", "07") else {}
    before = sorted(path for path in small.rglob("*") if path.is_file())
    given = {"place": str(small), "language": "pl", **few}
    papermill.execute_notebook(source, done, given, progress_bar=False, cwd=str(tmp_path))
    notebook = nbformat.reads(done.read_text(encoding="utf-8"), as_version=4)
    assert re.search(r"\d", answer(notebook)), json.dumps(notebook.cells[-1].outputs)
    assert sorted(path for path in small.rglob("*") if path.is_file()) == before
