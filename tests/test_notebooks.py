"""The notebooks: each runs, keeps to the rules, and says what it said when it was committed."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
AGAIN = "run: python docs/refresh.py notebooks"

# Each takes a quarter of a minute and more; `make check-long` executes them.
LONG = ("01_history", "02_model", "03_offers", "05_did_it_work", "06_a_campaign")

each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
each_in_time = pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=[pytest.mark.long] if path.stem in LONG else [])
        for path in NOTEBOOKS
    ],
)


def answer(notebook) -> str:
    """What the last cell prints."""
    return "".join(o.get("text", "") for o in notebook.cells[-1].outputs).strip()


@each
def test_a_notebook_asks_a_question_and_ends_with_its_answer(path):
    notebook = nbformat.read(path, as_version=4)
    title = notebook.cells[0].source.splitlines()[0]
    assert re.fullmatch(r"# .+\?", title)
    assert notebook.cells[-2].source == "## Answer"
    assert re.search(r"\d", answer(notebook))
    assert "\n" not in answer(notebook)
    # Its figures come from the data: none stands in the code that prints them.
    printed = "".join(re.findall(r'\bf"([^"]*)"', notebook.cells[-1].source))
    assert not re.search(r"\d", re.sub(r"\{[^{}]*\}|90 days|90\.|95 ?%", "", printed))


@each
def test_a_notebook_is_thin(path):
    notebook = nbformat.read(path, as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert max(len(source.splitlines()) for source in code) <= 15
    everything = "\n".join(code)
    assert not re.search(r"^\s*(def|class)\s|lambda", everything, re.MULTILINE)
    imported = re.findall(r"^(?:from|import) (\w+)", everything, re.MULTILINE)
    assert set(imported) <= {"winback", "pandas", "io", "tempfile"}


@each
def test_a_notebook_is_committed_executed_and_names_no_machine(path):
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata.kernelspec.name == "python3"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not [cell for cell in notebook.cells if "execution" in cell.metadata]
    assert not re.search(r"/(tmp|home|root|work|Users)/", path.read_text(encoding="utf-8"))


@each_in_time
@pytest.mark.slow
def test_a_notebook_runs_from_a_clean_state_and_answers_as_committed(path, tmp_path):
    committed = nbformat.read(path, as_version=4)
    fresh = nbformat.read(path, as_version=4)
    for cell in fresh.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    runner = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(fresh, timeout=300, kernel_name="python3", resources=runner).execute()
    assert answer(fresh) == answer(committed), AGAIN
    assert list(tmp_path.iterdir()) == [], "a notebook leaves nothing behind"
