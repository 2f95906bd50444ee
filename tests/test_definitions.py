"""docs/definitions.md against the code, and the code's contracts against the files of a run."""

import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
import yaml

from winback import definitions
from winback.errors import WinbackError
from winback.params import Params, check_params
from winback.project import Project
from winback.stages.flow import run_history, stage
from winback.synthetic.shop import simulate_shop
from winback.tables import history, judged, planned, scored
from winback.tables.table import Table, check

ROOT = Path(__file__).resolve().parents[1]
QUICK = {
    "snapshot": {"most_cutoffs": 4},
    "train": {"seeds": 1, "max_rounds": 20, "step_rounds": 5},
    "evaluate": {"origins": 1, "resamples": 20},
    "target": {"salt": "public-demo"},
}


def rich_source(folder: Path) -> dict:
    """Every column that a source can bring, two lines that cannot be used, people to leave out."""
    orders = simulate_shop("fashion", customers=700, seed=3).orders
    orders["email"] = orders["customer_id"].str.lower() + "@shop.invalid"
    orders.loc[orders["customer_id"] == "C0007", "email"] = None
    orders["newsletter"] = "yes"
    orders.loc[orders["customer_id"] == "C0011", "newsletter"] = "no"
    orders.loc[orders["customer_id"] == "C0012", "newsletter"] = None
    orders.loc[orders.index[:2], "customer_id"] = None
    orders.to_csv(folder / "orders.csv", index=False)
    (folder / "objections.txt").write_text("C0013\n")
    return {
        "orders": str(folder / "orders.csv"),
        "currency": "PLN",
        "contact_columns": ["email"],
        "privacy": {
            "marketing": [
                {"column": "newsletter", "channel": "email"},
                {"file": str(folder / "objections.txt")},
            ],
            "unknown": {"marketing": "refuse"},
        },
    }


def smallest_source(folder: Path) -> dict:
    """Customer, date and amount: no order ids, products, quantities, clock times or currency."""
    orders = simulate_shop("fashion", customers=500, seed=4).orders
    orders["date"] = orders["ordered_at"].astype(str).str[:10]
    orders = orders[["customer_id", "date", "amount"]]
    orders.to_csv(folder / "orders.csv", index=False)
    return {"orders": str(folder / "orders.csv")}


def young_source(folder: Path) -> dict:
    """A shop so young that no horizon has closed."""
    (folder / "orders.csv").write_text(
        "customer,date,amount\n1,2025-01-03,20\n1,2025-01-20,30\n2,2025-01-09,10\n"
    )
    return {"orders": str(folder / "orders.csv")}


SOURCES = {"rich": rich_source, "smallest": smallest_source, "young": young_source}


@pytest.fixture(
    scope="module",
    params=["rich", pytest.param("smallest", marks=pytest.mark.long), "young"],
)
def written(request, tmp_path_factory):
    """Folder with all that the stages write, and in ``run`` what `winback run` writes."""
    folder = tmp_path_factory.mktemp("shop")
    params = check_params({**QUICK, "ingest": SOURCES[request.param](folder)})
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in (
            "ingest", "snapshot", "train", "evaluate", "gate", "score", "learn", "target",
            "export", "grade",
        ):  # fmt: skip
            stage(name)(Project(params))
        run_history(params.ingest.orders, folder / "run", params)
    return folder, params.ingest.contact_columns


def read(path: Path, table: Table) -> pa.Table:
    """A file as a table; of a CSV every cell must read as the type its contract names."""
    if path.suffix == ".parquet":
        found = pq.read_table(path)
        # What pandas writes has no type while a column has no value at all.
        typed = [
            pa.field(f.name, pa.string()) if pa.types.is_null(f.type) else f for f in found.schema
        ]
        return found.cast(pa.schema(typed))
    arrow = {"date32[day]": pa.date32(), "double": pa.float64()}
    types = {c.name: arrow.get(c.type) or pa.type_for_alias(c.type) for c in table.columns}
    return pa_csv.read_csv(
        path,
        convert_options=pa_csv.ConvertOptions(
            column_types=types, null_values=[""], strings_can_be_null=True
        ),
    )


def test_every_written_table_is_as_its_contract_says(written):
    folder, contact_columns = written
    documented = {table.name: table for table in definitions.tables()}
    del documented["effects.parquet"]  # of an experiment's file, which no stage reads
    documented["contacts.parquet"] = history.contacts(contact_columns)
    documented["list.csv"] = planned.campaign_list(contact_columns)
    found = [p for p in folder.rglob("*") if p.suffix in (".parquet", ".csv")]
    found = [p for p in found if p != folder / "orders.csv"]
    assert {path.name for path in found} == set(documented)
    for path in found:
        table = documented[path.name]
        rows = read(path, table)
        if path.name in ("backtest.parquet", "rehearsal.parquet") and len(rows) == 0:
            continue
        check(rows, table)


def test_every_small_result_has_the_documented_keys(written):
    folder, _ = written
    for path in [*folder.rglob("reports/*.json"), *folder.rglob("manifest.json")]:
        documented = {key for keys in definitions.RESULTS[path.name] for key in keys.split(", ")}
        assert set(json.loads(path.read_text())) == documented, path


def test_coded_values_are_all_explained(written):
    folder, _ = written
    for path, column, meanings in [
        ("run/scores.parquet", "segment", scored.SEGMENTS),
        ("run/scores.parquet", "risk_band", scored.RISK_BANDS),
        ("run/decisions.parquet", "reason", planned.DECISION_REASONS),
    ]:
        assert set(pq.read_table(folder / path)[column].to_pylist()) <= set(meanings)
    evaluated = json.loads((folder / "run/evaluation.json").read_text())
    assert set(evaluated["populations"]["everyone"]["methods"]) in (set(judged.METHODS), set())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda t: t.drop_columns(["reason"]), "lacks reason; has the unknown nothing"),
        (lambda t: t.append_column("p", t["arm"]), "lacks nothing; has the unknown p"),
        (lambda t: t.select(t.column_names[::-1]), "stand in another order"),
        (
            lambda t: t.set_column(3, "reason", pa.array([1, 2])),
            "reason is int64; expected string",
        ),
        (
            lambda t: t.set_column(3, "reason", pa.array(["offer", None])),
            "reason is null in 1 rows",
        ),
        (lambda t: pa.concat_tables([t, t]), "rows share their key"),
    ],
    ids=["missing", "unknown", "order", "type", "null", "key"],
)
def test_check_names_the_first_difference(change, sentence):
    decisions = pa.table(
        {
            "customer_id": ["1", "2"],
            "planned_offer": pa.array([None, None], pa.string()),
            "arm": pa.array([None, None], pa.string()),
            "reason": ["offer", "budget"],
            "in_peace_until": pa.array([None, None], pa.date32()),
        }
    )
    check(decisions, planned.DECISIONS)
    with pytest.raises(WinbackError, match=re.escape(sentence)):
        check(change(decisions), planned.DECISIONS)


def test_the_page_is_what_the_declarations_say():
    page = (ROOT / "docs/definitions.md").read_text(encoding="utf-8")
    assert page == definitions.render(), "run: python -m winback.definitions > docs/definitions.md"


def test_the_page_of_destinations_is_what_the_code_says():
    page = (ROOT / "docs/destinations.md").read_text(encoding="utf-8")
    again = "run: python -m winback.definitions destinations docs/destinations.md"
    assert definitions.with_destinations(page) == page, again


def test_every_parameter_is_documented_and_stands_in_params_yaml():
    sections = {name: field.annotation for name, field in Params.model_fields.items()}
    entries = {name: kind for name, (kind, _) in definitions.ENTRIES.items()}
    known = {name: set(section.model_fields) for name, section in sections.items()}
    undescribed = [
        f"{name}.{key}"
        for name, section in {**sections, **entries}.items()
        for key, field in section.model_fields.items()
        if not field.description
    ]
    stored = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    assert undescribed == []
    assert {section: set(keys) for section, keys in stored.items()} == known
