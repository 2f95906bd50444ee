"""The model card: what it says is what the results say, and nobody is in it."""

import re

import pandas as pd
import pytest

from winback.params import check_params
from winback.report.card import model_card
from winback.stages.flow import run_history
from winback.stages.track import card_of
from winback.synthetic.shop import simulate_shop

QUICK = {
    "snapshot": {"horizon_days": 30, "threads": 1},
    "train": {"seeds": 1, "threads": 1, "max_rounds": 10, "step_rounds": 5, "lifetime_days": None},
    "evaluate": {"resamples": 50},
    "report": {"shop_name": "Sklep | Łódź"},
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    orders = simulate_shop("bgnbd", 300, days=400, seed=3).orders
    orders["customer_id"] = "person-" + orders["customer_id"].astype(str)
    orders.to_csv(folder / "orders.csv", index=False)
    return run_history(folder / "orders.csv", folder / "out", check_params(QUICK))


def sections(card):
    return dict(re.findall(r"^## (.*?)\n\n(.*?)(?=^## |\Z)", card, re.DOTALL | re.MULTILINE))


def test_the_card_says_what_the_results_say_and_names_nobody(project):
    card = model_card(card_of(project))
    told, ingest = sections(card), project.json("ingest")
    assert list(told) == [
        "Data", "Population", "Method", "How right it was", "Grades of the lists that left",
        "Limits",
        "What not to use it for", "Recipe",
    ]  # fmt: skip
    assert card.startswith(
        f"# Model card: winback-return {project.json('manifest')['versions']['model']}"
    )
    assert ingest["orders_sha256"] in told["Data"]
    assert f"{ingest['first_day']} to {ingest['last_day']}" in told["Data"]
    judged = project.json("evaluation")
    row = next(r for r in told["How right it was"].splitlines() if "(scores)" in r)
    served = judged["populations"]["everyone"]["methods"][judged["verdict"]["champion"]["method"]]
    loss = served["log_loss"]
    assert f"| {loss['value']:.4f} [{loss['low']:.4f}, {loss['high']:.4f}] |" in row
    assert "| `train.max_rounds` | 10 |" in told["Recipe"]
    assert "threads" not in told["Recipe"]
    # Not of a machine, not of a person.
    assert str(project.root) not in card
    assert "person-" not in card
    assert model_card(card_of(project)) == card


def test_each_row_of_a_table_has_as_many_cells_as_its_head(project):
    width = 0
    for line in model_card(card_of(project)).splitlines():
        if not line.startswith("|"):
            width = 0
            continue
        cells = len(re.findall(r"(?<!\\)\|", line))
        assert width in (0, cells), line
        width = cells


def test_a_model_that_learned_nothing_says_so(tmp_path):
    orders = pd.DataFrame(
        {"customer": [1, 1, 2], "date": ["2025-01-03", "2025-01-20", "2025-01-09"],
         "amount": [20, 30, 10]}
    )  # fmt: skip
    orders.to_csv(tmp_path / "orders.csv", index=False)
    project = run_history(tmp_path / "orders.csv", tmp_path / "out", check_params({}))
    told = sections(model_card(card_of(project)))
    assert told["Method"].startswith("None: no horizon has closed yet")
    assert told["How right it was"].startswith("Not known")
    assert "Learned from" not in told["Data"]
