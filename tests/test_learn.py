"""`winback learn FILE` and `wb.learn_effects`: any table of an experiment, read and told."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import winback as wb
from winback.cli.app import main
from winback.errors import UsageError
from winback.results.effects import Learned
from winback.tables.effects import EFFECTS
from winback.tables.table import check


def experiment(n=400, seed=3, effect=0.3, arms=("0", "1")) -> pd.DataFrame:
    """People of whom those above 50 are moved, dealt evenly; ids begin with zeros."""
    draw = np.random.default_rng(seed)
    rows = pd.DataFrame({"id": [f"{k:05d}" for k in range(n)], "age": draw.integers(18, 80, n)})
    rows["city"] = draw.choice(["Łódź", "Kraków", "Gdańsk"], n)
    rows["arm"] = draw.choice(list(arms), n)
    chance = 0.2 + effect * (rows["age"] > 50) * (rows["arm"] == arms[-1])
    rows["bought"] = (draw.random(n) < chance).astype(int)
    return rows


def learned(rows, **asked) -> Learned:
    return wb.learn_effects(rows, treatment="arm", outcome="bought", **asked).learned


def refused(rows, **asked) -> str:
    with pytest.raises(UsageError) as error:
        wb.learn_effects(rows, **{"treatment": "arm", "outcome": "bought", **asked})
    assert "\n" not in str(error.value)
    return str(error.value)


def codes(found: Learned) -> dict[str, str]:
    return {str(d.values.get("column", "")): d.code.partition(".")[2] for d in found.doubts}


def run(monkeypatch, *words) -> int:
    monkeypatch.setattr(sys, "argv", ["winback", "learn", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> Path:
    """What the command wrote of three arms, one of which moves some, in Polish."""
    folder = tmp_path_factory.mktemp("learned")
    rows = experiment(1200, effect=0.6, arms=("No mail", "A", "B"))
    rows["visited"] = rows["bought"] | (rows["age"] % 7 == 0)
    rows["paid"] = np.where(rows["bought"] == 1, rows["age"] * 1.5, 0.0)
    rows.loc[[3, 8], "bought"] = np.nan
    rows.to_csv(folder / "mailing.csv", index=False)
    (folder / "out").mkdir()
    (folder / "out/notes.txt").write_text("mine")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "winback.cli", "learn", "mailing.csv", "--treatment", "arm"),
            *("--outcome", "bought", "--id", "id", "--cost", "A=0.01", "--cost", "B=0.05"),
            *("--language", "pl", "--out", "out"),
        ],
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (folder / "told.txt").write_text(done.stdout + done.stderr)
    return folder


def test_the_command_writes_findings_effects_and_page_and_leaves_the_rest(told):
    assert {path.name for path in (told / "out").iterdir()} == {
        "learned.json", "effects.parquet", "learned.html", "notes.txt",
    }  # fmt: skip
    found = Learned.from_json((told / "out/learned.json").read_text(), "learned.json")
    assert found.verdict == "treat_some"
    assert [arm.arm for arm in found.arms] == ["A", "B"]
    assert {arm.arm: arm.targeting.found for arm in found.arms}["B"]
    assert found.control_arm == "No mail"
    assert (found.rows, found.people) == (1200, 1198)
    assert [(each.reason, each.rows) for each in found.set_aside] == [("no_outcome", 2)]
    assert codes(found) == {"visited": "after_outcome", "paid": "after_outcome"}
    assert found.policy and found.policy.best == "B"


def test_effects_are_of_everybody_in_the_order_of_the_file(told):
    table = pq.read_table(told / "out/effects.parquet")
    check(table.select(EFFECTS.names), EFFECTS)
    effects = table.to_pandas()
    rows = pd.read_csv(told / "mailing.csv", dtype=str)
    assert list(effects["id"]) == list(rows["id"])
    assert list(effects)[5:] == ["best"] + [
        f"{name}_{arm}" for arm in "AB"
        for name in ("effect", "effect_low", "effect_high", "priority")
    ]  # fmt: skip
    best = effects[["priority_A", "priority_B"]].max(axis=1)
    assert (effects["priority"] == best).all()
    assert ((effects["best"] == "No mail") == (best <= 0)).all()
    net = effects["effect_B"] - 0.05
    assert np.allclose(effects["priority_B"], net, atol=1e-6)
    moved = rows["age"].astype(int) > 50
    assert effects["effect_B"][moved].mean() > effects["effect_B"][~moved].mean() + 0.2


def test_a_budget_is_spent_where_it_earns_most(told):
    found = Learned.from_json((told / "out/learned.json").read_text(), "learned.json")
    spent = [point.cost for point in found.budget]
    assert spent == sorted(spent) and spent[-1] <= 0.05
    first = found.budget[0]
    whole = found.budget[-1]
    assert first.gain.effect / first.cost > whole.gain.effect / whole.cost
    assert all(point.people == pytest.approx(sum(point.by_arm)) for point in found.budget)


@pytest.mark.long
def test_the_same_bytes_on_any_number_of_threads(told, tmp_path):
    env = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "PATH": "/usr/bin:/bin"}
    subprocess.run(
        [
            *(sys.executable, "-m", "winback.cli", "learn", told / "mailing.csv"),
            *("--treatment", "arm", "--outcome", "bought", "--id", "id", "--cost", "A=0.01"),
            *("--cost", "B=0.05", "--language", "pl", "--out", tmp_path),
        ],
        env={**env, "PYTHONPATH": ":".join(sys.path)}, capture_output=True, check=True,
    )  # fmt: skip
    for name in ("learned.json", "effects.parquet", "learned.html"):
        assert (tmp_path / name).read_bytes() == (told / "out" / name).read_bytes(), name


def test_the_page_answers_first_and_loads_nothing(told):
    page = (told / "out/learned.html").read_text()
    assert '<html lang="pl">' in page
    assert page.index("<h1>") < page.index('"told-first"') < page.index("<section")
    for loaded in ("<script", "http://", "https://www", "src="):
        assert loaded not in page
    found = Learned.from_json((told / "out/learned.json").read_text(), "learned.json")
    assert wb.render_learned(found, language="pl") == page
    english = wb.render_learned(found)
    assert "Treat" in english and "Wyślij" not in english


def test_rows_in_are_people_and_rows_set_aside(tmp_path):
    rows = experiment()
    rows = rows.astype({"bought": object})
    rows.loc[[1, 5], "bought"] = ""
    rows.loc[[2], "arm"] = None
    rows.loc[[7], "id"] = None
    rows = pd.concat([rows, rows.iloc[[20, 30]]])
    rows.loc[rows.index[9], "arm"] = "2"
    rows.to_csv(tmp_path / "rows.csv", index=False)
    found = wb.learn_effects(
        tmp_path / "rows.csv", treatment="arm", outcome="bought", id="id", control="0"
    )
    aside = {each.reason: each.rows for each in found.learned.set_aside}
    assert aside == {"no_outcome": 2, "no_treatment": 1, "no_id": 1, "copy": 2, "small_arm": 1}
    assert found.learned.people == found.learned.rows - 7 == 395
    # Who has no outcome, or no arm, can still be treated.
    assert len(found.effects) == 402 - 3
    assert found.effects["id"].str.len().eq(5).all()


@pytest.mark.parametrize(
    ("break_it", "problem"),
    [
        (lambda r: r.drop(r.index[(r.arm == "1")][:120]).assign(p=0.5), "sample_ratio"),
        (lambda r: r.assign(arm=np.where(r.age + r.index % 60 > 80, "1", "0")), "arms_differ"),
        (lambda r: r.assign(bought=r.bought.where((r.arm < "1") | (r.index % 4 > 0))), "ids_lost"),
    ],
)
def test_arms_that_no_draw_leaves_are_invalid_and_have_no_effects(tmp_path, break_it, problem):
    rows = break_it(experiment(800))
    (tmp_path / "effects.parquet").write_text("of an earlier table")
    rows.to_csv(tmp_path / "rows.csv", index=False)
    from winback.questions.learning import learn_file

    found = learn_file(
        tmp_path, "en", table=tmp_path / "rows.csv", treatment="arm", outcome="bought",
        probability="p" if "p" in rows else None,
    ).learned  # fmt: skip
    assert (found.verdict, found.problems, found.average) == ("invalid", (problem,), None)
    assert not (tmp_path / "effects.parquet").exists()
    page = (tmp_path / "learned.html").read_text()
    assert "cannot be compared" in page and "Treat " not in page
    if problem == "arms_differ":
        assert found.differs[0].column == "age" and "--ignore" in page
    if problem == "ids_lost":
        assert {g.arm: g.lost > 0 for g in found.groups} == {"0": False, "1": True}


def test_columns_that_came_after_are_left_out_each_with_its_reason():
    rows = experiment(500, effect=0.4)
    rows["opened"] = np.where(rows.arm == "1", (rows.age % 3 == 0) * 1, 0)
    rows["group"] = rows.arm.map({"0": "K", "1": "T"})
    rows["order_value"] = np.where(rows.bought == 1, rows.age * 2.5, np.nan)
    rows["same"] = 7
    rows["mail"] = rows.id + "@shop.invalid"
    found = learned(rows, id="id")
    assert codes(found) == {
        "opened": "only_treated", "group": "names_arm", "order_value": "after_outcome",
        "same": "constant_left", "mail": "key_left",
    }  # fmt: skip
    assert found.columns == ("age", "city")


def test_a_table_of_a_spreadsheet_reads_like_its_plain_twin(tmp_path):
    rows = experiment(300)
    rows["spent"] = np.where(rows.bought == 1, rows.age * 12.25, 0.0)
    rows["since"] = pd.Timestamp("2023-01-01") + pd.to_timedelta(rows.age * 9, unit="D")
    rows = rows.drop(columns="bought")
    rows.to_parquet(tmp_path / "plain.parquet")
    local = rows.assign(
        spent=rows.spent.map(lambda x: f"{x:,.2f} zł".translate(str.maketrans(",.", " ,"))),
        since=rows.since.dt.strftime("%d.%m.%Y"), arm=rows.arm.map({"0": "Nie", "1": "tak"}),
    )  # fmt: skip
    local.to_csv(tmp_path / "local.csv", sep=";", index=False, encoding="cp1250")
    asked = {"treatment": "arm", "outcome": "spent", "id": "id"}
    plain = wb.learn_effects(tmp_path / "plain.parquet", **asked)
    other = wb.learn_effects(tmp_path / "local.csv", **asked)
    assert other.learned.kind == plain.learned.kind == "amount"
    assert other.learned.average == plain.learned.average
    assert other.learned.days == plain.learned.days == ("since",)
    pd.testing.assert_frame_equal(plain.effects, other.effects, check_dtype=False)


def test_effects_of_others_need_no_order_of_columns_and_name_what_lacks():
    rows = experiment(500, effect=0.6)
    others = experiment(50, seed=9)[["id", "age"]].assign(extra=1)
    others.loc[0, "age"] = 999
    found = wb.learn_effects(rows, treatment="arm", outcome="bought", id="id", apply=others)
    assert list(found.effects["id"]) == list(others["id"])
    assert codes(found.learned) == {"": "columns_missing"}
    whole = experiment(50, seed=9)[["city", "age", "id"]].rename(columns={"age": "AGE"})
    whole.loc[3, "city"] = "Paris"
    again = wb.learn_effects(rows, treatment="arm", outcome="bought", id="id", apply=whole)
    assert codes(again.learned) == {"city": "values_unknown"}
    moved = whole["AGE"] > 50
    assert again.effects["effect"][moved].min() > again.effects["effect"][~moved].max()
    assert "city" in refused(rows, id="id", apply=others[["id", "extra"]])
    assert "no column 'id'" in refused(rows, id="id", apply=others[["age"]])


def test_a_chance_of_being_treated_is_told_from_one_of_the_arm():
    rows = experiment(300)[["id", "age", "arm", "bought"]]
    draw = np.random.default_rng(1)
    rows["arm"] = np.where(draw.random(300) < 0.75, "1", "0")
    as_treated = learned(rows.assign(p=0.75), probability="p")
    as_dealt = learned(rows.assign(p=np.where(rows.arm == "1", 0.75, 0.25)), probability="p")
    assert "chance_of_treatment" in codes(as_treated).values()
    assert "chance_of_treatment" not in codes(as_dealt).values()
    assert as_treated.average == as_dealt.average
    rows["arm"] = rows["arm"].where((rows["arm"] == "0") | (rows.index % 2 > 0), "2")
    of_three = learned(rows.assign(p=0.75), probability="p")
    assert "chance_of_treatment" in codes(of_three).values()
    wrong = refused(rows.assign(p=np.where(rows.index == 6, 1.5, 0.5)), probability="p")
    assert "row 7: '1.5' in 'p'" in wrong


def test_a_cost_that_was_spent_is_told_from_one_that_would_be():
    rows = experiment(250)[["id", "age", "arm", "bought"]]
    spent = learned(rows.assign(c=np.where(rows.arm == "1", 0.4, 0.0)), cost="c")
    assert codes(spent)["c"] == "cost_spent"
    each = learned(rows.assign(c=0.4), cost="c")
    flat = learned(rows, cost=0.4)
    assert spent.arms[0].worth == each.arms[0].worth == flat.arms[0].worth
    assert flat.verdict == "treat_none"
    assert "a cost is 0 or more" in refused(rows, cost="-1")
    assert "no such arm" in refused(rows, cost={"5": 1.0})


@pytest.mark.parametrize(
    ("change", "asked", "words"),
    [
        ({}, {"outcome": "boght"}, "did you mean 'bought'?"),
        ({}, {"treatment": "id"}, "400 different values"),
        ({}, {"treatment": "city"}, "which value of 'city' means that nothing was done?"),
        ({}, {"control": "control"}, "nobody is 'control'"),
        ({"arm": "1"}, {}, "everybody is 1"),
        ({"arm": lambda r: r.arm.where(r.arm == "1")}, {}, '--control ""'),
        ({"bought": 1}, {}, "the same for everybody"),
        ({"bought": None}, {}, "empty in every row"),
        ({"bought": lambda r: r.bought.map({1: "yes"})}, {}, "write 0 there and 1 elsewhere"),
        ({"bought": lambda r: r.city}, {}, "found 3 different values"),
        ({"bought": lambda r: r.id + "@shop.pl"}, {}, "such as …@…"),
        ({"bought": lambda r: (r.age / 8).round(3).map("{:.3f}".format)}, {}, "--decimal-mark"),
        ({"bought": lambda r: r.age.where(r.index != 5, "12x")}, {}, "row 6: '12x'"),
        ({}, {"outcome": "arm"}, "named for two things"),
        ({"bought": lambda r: r.arm}, {}, "says nothing but the arm"),
        ({}, {"cost": "city"}, "row 1:"),
        ({}, {"value": "worth"}, "neither a number nor a column"),
        ({"id": lambda r: r.id.where(r.index > 1, "00002")}, {"id": "id"}, "(the first in rows"),
        ({"arm": lambda r: r.arm.where(r.index < 5, "0")}, {}, "each arm needs 10 at least"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_line_that_says_what_to_do(change, asked, words):
    rows = experiment()
    rows = rows.assign(**change)
    assert words in refused(rows, **asked)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"id,arm,bought\n1,0,1,7\n2,1,0,7\n", "line 2 has 4 cells, the header has 3"),
        (b"arm,arm,bought\n0,0,1\n", "column 'arm' stands twice"),
        (b"PK\x03\x04 a workbook", "save the table as CSV"),
        (b"id,arm,bought\n", "no rows below the header"),
        (b'id,arm,bought\n"1,0,1\n', "not a table"),
    ],
)
def test_a_file_that_is_no_table_is_said_so(tmp_path, content, words):
    (tmp_path / "rows.csv").write_bytes(content)
    assert words in refused(tmp_path / "rows.csv")


def test_a_separator_at_the_end_of_each_row_is_no_column(tmp_path):
    (tmp_path / "rows.csv").write_bytes(b"sep=;\r\nid;arm;bought\r\n1;0;1;\r\n2;1;0;\r\n")
    assert "in '0' of 'arm'; each arm needs 10" in refused(tmp_path / "rows.csv", id="id")


def test_an_error_ends_with_two_and_writes_nothing(tmp_path, monkeypatch, capsys):
    (tmp_path / "empty.csv").touch()
    out = tmp_path / "out"
    given = ("--treatment", "arm", "--outcome", "y", "--out", out)
    assert run(monkeypatch, tmp_path / "empty.csv", *given) == 2
    assert run(monkeypatch, tmp_path / "nothing.csv", *given) == 2
    told = capsys.readouterr().err.strip().splitlines()
    assert [line for line in told if line.startswith("winback: ")][-1].endswith("no such file")
    assert not out.exists()


def test_few_people_get_the_simple_answer():
    found = wb.learn_effects(experiment(60, effect=0.0), treatment="arm", outcome="bought")
    assert found.learned.verdict == "not_distinguishable"
    assert not found.learned.targeting.found
    assert list(found.effects["id"]) == list(range(1, 61))
    assert codes(found.learned)["id"] == "id_maybe"
    page = wb.render_learned(found.learned)
    assert "cannot be told from nothing" in page
    assert json.loads(found.learned.to_json())["people"] == 60


@pytest.mark.long
def test_what_the_page_about_it_shows_runs(tmp_path):
    page = (Path(__file__).resolve().parents[1] / "docs/learning.md").read_text("utf-8")
    blocks = re.findall(r"```(python|bash)\n(.*?)```", page, re.DOTALL)
    runners = {"python": [sys.executable, "-c"], "bash": ["bash", "-euo", "pipefail", "-c"]}
    assert [language for language, _ in blocks] == ["python", "bash", "python"]
    folder = str(Path(sys.executable).parent)
    for language, text in blocks:
        done = subprocess.run(
            [*runners[language], text], cwd=tmp_path, capture_output=True, text=True,
            env=os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert "treat_some" in done.stdout
    assert (tmp_path / "learned/learned.html").is_file()


def test_the_page_about_it_names_every_option_and_no_other(monkeypatch, capsys):
    page = (Path(__file__).resolve().parents[1] / "docs/learning.md").read_text("utf-8")
    assert run(monkeypatch, "--help") == 0
    options = set(re.findall(r"(--[a-z-]+)", capsys.readouterr().out))
    named = set(re.findall(r"(?<!\w)(--[a-z][a-z-]+)", page))
    assert options - {"--help"} == named
