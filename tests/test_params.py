"""params.yaml becomes one checked object, or one line that names the key to change."""

from __future__ import annotations

import ast
import re
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import winback
from winback.errors import UsageError
from winback.offers.plan import Beliefs
from winback.params import Params, check_params, load_params
from winback.said.errors import params


def loaded(folder: Path, content: str | bytes) -> Params:
    path = folder / "params.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_params(path)


def test_an_empty_file_gives_every_default(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") == Params()
    assert Params().snapshot.horizon_days == 90


def test_a_section_with_all_its_keys_commented_out_keeps_its_defaults(tmp_path: Path) -> None:
    given = loaded(tmp_path, "snapshot:\n  # horizon_days: 60\ntrain:\n  seeds: 1\n")
    assert given.snapshot == Params().snapshot
    assert given.train.seeds == 1


def test_given_values_hold_and_the_rest_is_default(tmp_path: Path) -> None:
    given = loaded(tmp_path, "snapshot: {horizon_days: 30}\nreport: {language: pl}\n")
    assert (given.snapshot.horizon_days, given.report.language) == (30, "pl")
    assert given.snapshot.windows_days == Params().snapshot.windows_days


@pytest.mark.parametrize("written", ["2024-05-01", '"2024-05-01"', "'2024-05-01'"])
def test_a_bare_date_is_read_like_a_quoted_one(tmp_path: Path, written: str) -> None:
    assert loaded(tmp_path, f"ingest:\n  cutoff: {written}\n").ingest.cutoff == date(2024, 5, 1)


@pytest.mark.parametrize("written", ["", "null", '""'])
def test_an_empty_cutoff_is_none(tmp_path: Path, written: str) -> None:
    assert loaded(tmp_path, f"ingest:\n  cutoff: {written}\n").ingest.cutoff is None


@pytest.mark.parametrize("written", ["20240501", "01.05.2024", "2024-05-01 12:00:00", "2024-02-30"])
def test_what_is_no_day_is_refused_as_a_cutoff(tmp_path: Path, written: str) -> None:
    with pytest.raises(UsageError, match=r"params.yaml: .*(cutoff|not YAML)"):
        loaded(tmp_path, f"ingest:\n  cutoff: {written}\n")


@pytest.mark.parametrize(
    ("section", "wrong", "meant"),
    [
        ("ingest", "order", "orders"),
        ("snapshot", "horizon_day", "horizon_days"),
        ("train", "learn_rate", "learning_rate"),
        ("evaluate", "origin", "origins"),
        ("score", "high_risk", "high_risk_above"),
        ("target", "control_shar", "control_share"),
        ("report", "lang", "language"),
        ("track", "model", "model_name"),
    ],
)
def test_an_unknown_key_names_the_nearest_of_its_section(
    section: str, wrong: str, meant: str
) -> None:
    with pytest.raises(UsageError) as refused:
        check_params({section: {wrong: 1}}, "params.yaml")
    assert str(refused.value) == (
        f"params.yaml: unknown key `{section}.{wrong}`. Did you mean `{meant}`?"
    )


def test_every_section_refuses_a_key_it_does_not_know() -> None:
    for section in Params.model_fields:
        with pytest.raises(UsageError, match=f"unknown key `{section}.qqqqqq`"):
            check_params({section: {"qqqqqq": 1}})


def test_an_unknown_section_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"unknown key `snapshots`\. Did you mean `snapshot`\?"):
        check_params({"snapshots": {"horizon_days": 30}})


def test_a_key_like_no_other_gets_no_guess() -> None:
    with pytest.raises(UsageError) as refused:
        check_params({"zzzzzz": 1})
    assert str(refused.value) == "params: unknown key `zzzzzz`."


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("snapshot", "horizon_days", "90 days"),
        ("snapshot", "horizon_days", 0),
        ("snapshot", "horizon_days", 1.5),
        ("snapshot", "windows_days", [0, 30]),
        ("train", "horizons_days", [-7, 30]),
        ("train", "horizons_days", 30),
        ("train", "learning_rate", 2),
        ("target", "control_share", 1),
        ("target", "budget", -1),
        ("target", "budget", float("inf")),
        ("target", "budget", float("nan")),
        ("report", "language", "de"),
    ],
)
def test_a_bad_value_names_its_key_and_what_was_found(
    section: str, key: str, value: object
) -> None:
    with pytest.raises(UsageError) as refused:
        check_params({section: {key: value}}, "params.yaml")
    message = str(refused.value)
    assert message.startswith(f"params.yaml: `{section}.{key}")
    assert "; found '" in message
    assert "\n" not in message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.yaml: no such file\. Run this in"):
        load_params(tmp_path / "absent.yaml")


def test_a_folder_is_not_a_params_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_params(tmp_path)


def test_broken_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"params\.yaml: not YAML: .*line 2") as refused:
        loaded(tmp_path, "snapshot:\n  horizon_days: 30: 40\n")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"params\.yaml: .*UTF-8"):
        loaded(tmp_path, "report:\n  shop_name: Żółw\n".encode("cp1250"))


@pytest.mark.parametrize("content", ["- 1\n", "horizon\n", "7\n"])
def test_a_file_without_sections_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(UsageError, match="expected sections such as `snapshot:`, found"):
        loaded(tmp_path, content)


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Params().snapshot.horizon_days = 30  # type: ignore[misc]


def test_recently_active_means_two_horizons_unless_said_otherwise() -> None:
    assert check_params({"snapshot": {"horizon_days": 45}}).active_days == 90
    assert check_params({"evaluate": {"active_days": 20}}).active_days == 20


def test_a_medium_risk_above_the_high_one_is_refused() -> None:
    with pytest.raises(UsageError, match=r"`score`.*medium_risk_above 0\.9 is above .* 0\.8"):
        check_params({"score": {"medium_risk_above": 0.9}})


@pytest.mark.parametrize(("key", "value"), [("draft", True), ("seal", "0" * 16)])
def test_what_a_seal_says_is_no_parameter(key: str, value: object) -> None:
    with pytest.raises(UsageError, match=f"`target.{key}` is gone: .* type: winback seal"):
        check_params({"target": {key: value}})


@pytest.mark.parametrize("name", ["weekly-{cutoff}", "{week}", "a{cutoff}b"])
def test_a_campaign_may_be_named_by_the_day_that_is_scored(name: str) -> None:
    assert check_params({"target": {"campaign_id": name}}).target.campaign_id == name


@pytest.mark.parametrize("name", ["weekly-{day}", "{cutoff", "a b"])
def test_a_pattern_takes_nothing_but_the_day_and_the_week(name: str) -> None:
    with pytest.raises(UsageError, match=r"`target\.campaign_id`"):
        check_params({"target": {"campaign_id": name}})


@pytest.mark.parametrize(
    ("content", "key", "written"),
    [
        ("snapshot: {country: NO}", "snapshot.country", "NO"),
        ("target: {campaign_id: 2024_11}", "target.campaign_id", "2024_11"),
        ("target: {history: 0123}", "target.history", "0123"),
        ("track: {experiment: 1:30}", "track.experiment", "1:30"),
        ("report: {shop_name: 2024-01-01}", "report.shop_name", "2024-01-01"),
        ("ingest: {contact_columns: [e_mail, off]}", "ingest.contact_columns.1", "off"),
        ("measure: {campaigns: {2024_11: {folder: x}}}", "measure.campaigns.2024_11", "2024_11"),
        ("measure: {campaigns: {NO: {folder: x}}}", "measure.campaigns.NO", "NO"),
    ],
)
def test_text_that_yaml_takes_for_something_else_belongs_in_quotes(
    tmp_path: Path, content: str, key: str, written: str
) -> None:
    with pytest.raises(UsageError) as refused:
        loaded(tmp_path, content)
    assert f"params.yaml: `{key}`: YAML takes {written} for " in str(refused.value)
    assert str(refused.value).endswith(f'put it in quotes: "{written}".')
    assert f'w cudzysłowie: "{written}".' in refused.value.sentence("pl")
    quoted = content.replace(written, f'"{written}"')
    assert loaded(tmp_path, quoted) != Params()


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("lato 2024", "lato_2024"), ("../../evil", "evil"), ("żółte-buty", "zolte-buty"),
        ("a;rm", "a_rm"), ("", "campaign_1"),
    ],
)  # fmt: skip
def test_a_campaign_has_a_name_that_folders_the_shell_and_dvc_can_carry(
    name: str, better: str
) -> None:
    with pytest.raises(UsageError) as refused:
        check_params({"measure": {"campaigns": {name: {"folder": "x"}}}}, "params.yaml")
    assert f"`measure.campaigns.{name}`" in str(refused.value)
    assert f"write {better};" in str(refused.value)
    assert f"napisz {better};" in refused.value.sentence("pl")
    check_params({"measure": {"campaigns": {better: {"folder": "x"}}}})
    with pytest.raises(UsageError, match=f"`target.campaign_id`: .*write {better};"):
        check_params({"target": {"campaign_id": name}})


@pytest.mark.parametrize("stored", [
    {"snapshot": {"horizon_days": "x"}}, {"snapshot": {"horizon_days": 1.5}},
    {"snapshot": {"horizon_days": None}}, {"snapshot": {"horizon_days": 0}},
    {"snapshot": {"horizon_days": 9999}}, {"snapshot": {"horizon_days": "9" * 5000}},
    {"snapshot": {"paydays": []}}, {"snapshot": {"paydays": 3}}, {"snapshot": 3},
    {"snapshot": {"country": []}}, {"snapshot": {"measures": [{"name": "a"}]}},
    {"snapshot": {"measures": [{"name": "A", "value": "x"}]}},
    {"snapshot": {"measures": [{"name": "a" * 61, "value": "x"}]}},
    {"snapshot": {"measures": [{"name": "a", "value": ""}]}},
    {"snapshot": {"signals": [{"name": "a", "aggregates": ["sum", "sum"]}]}},
    {"snapshot": {"custom": [{"columns": ["a"]}]}},
    {"snapshot": {"custom": [{"columns": ["a"], "function": "x y"}]}},
    {"train": {"learning_rate": "x"}}, {"train": {"learning_rate": []}},
    {"train": {"learning_rate": 0}}, {"train": {"learning_rate": 2}},
    {"target": {"control_share": 1}}, {"target": {"budget": float("nan")}},
    {"target": {"require_consent": True}}, {"ingest": {"suppress": "objections.csv"}},
    {"ingest": {"privacy": {"ads": [{"colum": "x"}]}}}, {"ingest": {"privacy": {"ads": [{}]}}},
    {"ingest": {"privacy": {"ads": [{"column": "x", "channel": "sms"}]}}},
    {"ingest": {"privacy": {"erased": [{"file": "x", "says": "consent"}]}}},
    {"ingest": {"privacy": {"ads": [{"file": "x", "value": "yes"}]}}},
    {"target": {"draft": True}}, {"target": {"channels": []}},
    {"score": {"medium_risk_above": 0.9}}, {"report": {"language": "de"}},
    {"ingest": {"cutoff": "x"}}, {"ingest": {"cutoff": []}}, {"ingest": {"columns": []}},
    {"ingest": {"cutoff": datetime(2024, 1, 1, 10)}}, {"ingest": {"order": 1}}, {"zzzzzz": 1},
])  # fmt: skip
def test_what_is_wrong_is_said_in_polish_too(stored: dict[str, object]) -> None:
    with pytest.raises(UsageError) as refused:
        check_params(stored, "params.yaml")
    assert refused.value.code.removeprefix("params.") in params.TEXTS  # not pydantic's English
    polish = refused.value.sentence("pl")
    assert polish.startswith("params.yaml: ") and polish != str(refused.value)
    assert not re.search(r"expected|found|should|Input", polish)


# --- one default in one place ---------------------------------------------------------------------

# Of the same name as a key of params.yaml, but of another meaning: the waits that a study compares
# and the columns of a table instead of the main horizon's companions; a step's own single model.
OF_ANOTHER_MEANING = {
    ("churn", "horizons_days"), ("scored", "horizons_days"), ("trees", "seeds"),
    ("eligibility", "most_cutoffs"), ("findings", "most_cutoffs"), ("value", "method"),
    ("cells", "day_first"),
}  # fmt: skip
CALLED_OTHERWISE = {"n_bootstrap": "resamples", "most": "most_cutoffs"}


def defaults_of(node: ast.AST) -> list[tuple[str, ast.expr | None]]:
    """Parameters of a function, or fields of a class, with their defaults."""
    if isinstance(node, ast.ClassDef):
        fields = [n for n in node.body if isinstance(n, ast.AnnAssign)]
        return [(n.target.id, n.value) for n in fields if isinstance(n.target, ast.Name)]
    if not isinstance(node, ast.FunctionDef):
        return []
    places = node.args.args[len(node.args.args) - len(node.args.defaults) :]
    given = [*zip(places, node.args.defaults, strict=True)]
    return [
        (place.arg, default)
        for place, default in [
            *given,
            *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True),
        ]
    ]


def test_no_function_has_a_default_of_its_own_for_a_parameter() -> None:
    """A default that is a number, a text or a list stands in params.py alone."""
    known = {
        name
        for section in Params.model_fields.values()
        for name in section.annotation.model_fields  # type: ignore[union-attr]
    } - {"language", "threads"}
    package = Path(winback.__file__).parent
    doubled = []
    for path in package.rglob("*.py"):
        room = path.relative_to(package).parts[0]
        if room in ("cli", "params.py", "report", "results", "said", "synthetic"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            for taken, default in defaults_of(node):
                name = CALLED_OTHERWISE.get(taken, taken)
                if name not in known or (path.stem, name) in OF_ANOTHER_MEANING:
                    continue
                try:
                    value = None if default is None else ast.literal_eval(default)
                except ValueError:
                    continue  # a name: the constant of params.py
                if value:
                    doubled.append(f"{path.stem}:{node.lineno} {taken}={value!r}")
    assert doubled == []


def test_a_plan_without_the_plausible_effect_takes_the_one_of_params() -> None:
    scores = pd.DataFrame({
        "customer_id": [f"C{n:03}" for n in range(200)],
        "cutoff": date(2024, 5, 1),
        "horizon_days": 30,
        "p_return": np.linspace(0.02, 0.9, 200),
        "orders_total": 4.0,
        "order_value_mean": 60.0,
        "refund_share": 0.0,
        "spend_total": 240.0,
    })  # fmt: skip
    offer = {
        "name": "ten", "kind": "percent_off", "discount_share": 0.1, "margin_share": 0.4,
        "contact_cost": 0.3, "valid_days": 30, "label": {"en": "10% off", "pl": "10% rabatu"},
    }  # fmt: skip
    given = {"campaign_id": "may", "salt": "s"}
    stated = Params().target.plausible_effect_pp
    plan = winback.plan_campaign(scores, [offer], **given)
    same = winback.plan_campaign(scores, [offer], beliefs=Beliefs(stated), **given)
    other = winback.plan_campaign(scores, [offer], beliefs=Beliefs(2 * stated), **given)
    assert plan.summary == same.summary != other.summary
