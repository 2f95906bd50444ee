"""A project of one's own: `winback init`, the weekly `dvc repro`, `winback stamp`."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import yaml
from nbclient import NotebookClient

from winback.params import check_params, load_params
from winback.project import fingerprint_of, quiet
from winback.said import laid as said_laid
from winback.snapshots.occasions import public_holidays
from winback.synthetic.shop import simulate_shop
from winback.template import packaged
from winback.template.notebooks import notebooks
from winback.template.pipeline import (
    PLOTS,
    other_stamp,
    render_pipeline,
    render_plots,
    render_stamp,
)
from winback.template.proposing import propose

ROOT = Path(__file__).resolve().parents[1]
SALT = re.compile(r"[0-9a-f]{32}\n")


def call(folder: Path, *words: str, fails: bool = False, **more: str) -> str:
    """What a command says in a folder, on stdout and stderr."""
    done = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, **more},
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert (done.returncode != 0) == fails, said
    assert "Traceback" not in said
    return said


def winback(folder: Path, *words: str, fails: bool = False, **more: str) -> str:
    return call(folder, sys.executable, "-m", "winback.cli", *words, fails=fails, **more)


def dvc(folder: Path, *words: str, fails: bool = False) -> str:
    return call(folder, sys.executable, "-m", "dvc", *words, fails=fails)


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, apart from what git and DVC keep for themselves."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {".git", "tmp", "cache"} & set(path.relative_to(folder).parts)
    }


@pytest.fixture(scope="module")
def orders(tmp_path_factory) -> Path:
    """The orders of a small shop, in the money of a country that YAML reads as no."""
    path = tmp_path_factory.mktemp("orders") / "orders 2026.csv"
    lines = simulate_shop("fashion", customers=250, days=300, seed=4).orders
    lines = lines.rename(columns={"customer_id": "numer"}).assign(currency="NOK")
    lines.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def laid(tmp_path_factory, orders: Path, git: str) -> Path:
    """A project that was laid out, and nothing was run in it yet."""
    folder = tmp_path_factory.mktemp("projects")
    given = ["--orders", str(orders), "--customer", "numer", "--language", "pl"]
    winback(folder, "init", "my shop", *given)
    return folder / "my shop"


@pytest.fixture(scope="module")
def project(laid: Path, tmp_path_factory) -> Path:
    """The same after its first `dvc repro`, in a folder of its own."""
    folder = tmp_path_factory.mktemp("run") / "shop"
    shutil.copytree(laid, folder)
    assert "Running stage 'track'" in dvc(folder, "repro")
    return folder


# --- what is laid out ------------------------------------------------------------------------


def test_the_settings_follow_from_the_orders(laid: Path, orders: Path) -> None:
    params = load_params(laid / "params.yaml")
    assert params.ingest.orders == "data/raw/orders 2026.csv"
    assert (laid / params.ingest.orders).read_bytes() == orders.read_bytes()
    assert params.ingest.columns == {"customer": "numer"}
    assert (params.ingest.currency, params.snapshot.country) == ("NOK", "NO")
    # Four horizons have to fit into 300 days.
    assert params.snapshot.horizon_days == 60
    assert params.train.horizons_days == (7, 14, 30)
    assert (params.report.language, params.report.shop_name) == ("pl", "my shop")
    assert params.target.campaign_id == "tydzien-{cutoff}" and params.target.quiet_days == 28
    assert params.target.salt is None
    assert [offer["effect_pp"] for offer in params.target.offers] == [None] * 3


def test_each_key_says_in_a_comment_what_it_is_for(laid: Path) -> None:
    lines = (laid / "params.yaml").read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= 100
    keys = [n for n, line in enumerate(lines) if re.match(r"  [a-z_]+:", line)]
    bare = [lines[n] for n in keys if " # " not in lines[n] and "# " not in lines[n - 1]]
    assert not bare
    assert "tam płaci się w NOK" in "\n".join(lines)
    assert len(keys) == len(said_laid.KEYS) - 1


def test_every_comment_is_of_a_key_there_is() -> None:
    stored = check_params({}).model_dump()
    for key, text in said_laid.KEYS.items():
        assert bool(text["en"]) == bool(text["pl"])
        section, _, name = key.partition(".")
        assert key == "head" or name in stored[section], key


def places(text: str) -> set[str]:
    return set(re.findall(r"(?<!\{)\{(\w+)", text))


@pytest.mark.parametrize("name", sorted(said_laid.TEXTS))
def test_what_is_said_is_said_in_both_languages(name: str) -> None:
    text = said_laid.TEXTS[name]
    assert set(text) == {"en", "pl"} and all(text.values())
    assert places(text["en"]) == places(text["pl"])


def test_git_keeps_neither_orders_nor_the_salt(laid: Path, git: str) -> None:
    seen = call(laid, git, "status", "--porcelain", "--untracked-files=all").splitlines()
    names = {line[3:].strip('"') for line in seen}
    assert "data/raw/orders 2026.csv.dvc" in names
    assert not [n for n in names if n.startswith(("salt.txt", 'data/raw/orders 2026.csv"'))]
    assert names == {
        ".dvc/.gitignore", ".dvc/config", ".dvcignore", ".github/workflows/winback.yml",
        ".gitignore", "README.md", "code.yaml", "data/campaigns/README.md",
        "data/privacy/README.md",
        "data/raw/.gitignore",
        "data/raw/README.md", "ledger/README.md",
        "data/raw/orders 2026.csv.dvc", "dvc.yaml", "params.yaml", "requirements.txt",
        "schedule/crontab", "schedule/winback.service", "schedule/winback.timer", "weekly.sh",
        "forgotten.txt", "salt.yaml", *(f"notebooks/{name}" for name in notebooks()),
        *render_plots(),
    }  # fmt: skip
    assert "fatal" in call(laid, git, "log", fails=True)  # no commit was made


def test_dvc_knows_the_pointer_of_the_orders(laid: Path) -> None:
    """Else neither an experiment in a copy nor `dvc pull` on another machine brings them."""
    known = dvc(laid, "stage", "list", "--all", "--name-only").splitlines()
    assert "data/raw/orders 2026.csv.dvc" in known


def test_every_parameter_that_the_pipeline_names_stands_in_params_yaml(laid: Path) -> None:
    """DVC stops where one is missing, whatever its default."""
    given = yaml.safe_load((laid / "params.yaml").read_text("utf-8"))
    stages = yaml.safe_load((laid / "dvc.yaml").read_text("utf-8"))["stages"].values()
    named = {name for each in stages for name in each.get("params", ()) if isinstance(name, str)}
    assert len(named) > 10
    flat = {key for key, _ in _leaves(given)}
    assert sorted(named - flat) == []


def _leaves(at: dict[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    for key, value in at.items():
        yield f"{before}{key}", value
        if isinstance(value, dict):
            yield from _leaves(value, f"{before}{key}.")


def test_the_salt_is_random_private_and_told_by_its_fingerprint_alone(laid: Path) -> None:
    path = laid / "salt.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SALT.fullmatch(path.read_text())
    told = yaml.safe_load((laid / "salt.yaml").read_text())
    assert told == {"fingerprint": fingerprint_of(path.read_text().strip())}
    salt = path.read_bytes().strip()
    assert [name for name, content in files(laid).items() if salt in content] == ["salt.txt"]


def test_nothing_names_the_machine_it_was_made_on(laid: Path, orders: Path) -> None:
    for place in (str(laid.parent), str(orders.parent), str(Path.home()) + "/", sys.prefix):
        assert not [n for n, content in files(laid).items() if place.encode() in content], place


def test_the_readme_quotes_files_and_verbs_that_there_are(laid: Path) -> None:
    text = (laid / "README.md").read_text(encoding="utf-8")
    assert "Co tydzień" in text and "winback stamp && dvc repro" in text
    assert "cp /ścieżka/do/nowego/eksportu 'data/raw/orders 2026.csv'" in text
    assert "dvc add 'data/raw/orders 2026.csv'" in text


def test_a_second_init_overwrites_nothing_and_names_the_file(laid: Path, orders: Path) -> None:
    before = files(laid)
    said = winback(laid.parent, "init", "my shop", "--orders", str(orders), fails=True)
    assert said.splitlines()[-1] == (
        "winback: my shop/.dvcignore: is there already, and nothing is overwritten; move it away, "
        "or name a new folder."
    )
    assert files(laid) == before


@pytest.mark.parametrize("there", ["README.md", "notebooks/01_history.ipynb", "salt.txt"])
def test_a_file_of_the_same_name_stops_before_anything_is_written(
    tmp_path: Path, there: str
) -> None:
    path = tmp_path / "shop" / there
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    said = winback(tmp_path, "init", "shop", fails=True)
    assert f"shop/{there}: is there already" in said
    assert [p for p in (tmp_path / "shop").rglob("*") if p.is_file()] == [path]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a:b", "a colon in the path"),
        ("shop\n", "for example, winback init shop"),
        ("sklep/#łódź", "for example, winback init odz"),
        ("file", "a file is there"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "file").touch()
    found = winback(tmp_path, "init", name, fails=True)
    assert said in found and len(found.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_orders_that_cannot_be_read_leave_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    assert "--customer" in winback(tmp_path, "init", "x", "--orders", "notes.csv", fails=True)
    assert "no such file" in winback(tmp_path, "init", "x", "--orders", "gone.csv", fails=True)
    assert not (tmp_path / "x").exists()


@pytest.mark.long
def test_without_orders_it_says_in_one_line_where_they_belong(tmp_path: Path, git: str) -> None:
    """In a folder of a repository that is there, with a salt that the machine has."""
    subprocess.run([git, "init", "--quiet"], cwd=tmp_path, check=True)
    said = winback(tmp_path, "init", "shop", "--currency", "eur", WINBACK_SALT="known")
    shop = tmp_path / "shop"
    assert "put the shop's export into shop/data/raw, then cd shop && dvc repro" in said
    assert "move .github/workflows/winback.yml to its top" in said
    assert not (shop / "salt.txt").exists() and not (shop / ".git").exists()
    assert fingerprint_of("known") in (shop / "salt.yaml").read_text()
    assert load_params(shop / "params.yaml").snapshot.country == "DE"
    lines = [x for x in dvc(shop, "repro", fails=True).splitlines() if x.startswith("winback: ")]
    (line,) = lines
    assert line.startswith("winback: data/raw: no orders here yet. Put the shop's export into")


@pytest.mark.long
def test_a_folder_that_git_ignores_is_refused_with_what_dvc_says(tmp_path: Path, git: str) -> None:
    subprocess.run([git, "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text("build/\n")
    (tmp_path / "build").mkdir()
    said = winback(tmp_path / "build", "init", "shop", "--currency", "EUR", fails=True)
    assert "is ignored by your SCM tool" in said.splitlines()[-1]
    assert list((tmp_path / "build").iterdir()) == []


@pytest.mark.long
def test_in_a_folder_that_is_there_its_own_files_stay(tmp_path: Path, git: str) -> None:
    """A repository with the orders in place, inside of a project of DVC."""
    subprocess.run([git, "init", "--quiet"], cwd=tmp_path, check=True)
    dvc(tmp_path, "init", "--quiet")
    shop = tmp_path / "shop"
    (shop / "data/raw").mkdir(parents=True)
    path = history(shop / "data/raw/orders.csv", 60, [], "PLN")
    (shop / "notes.txt").write_text("mine")
    before = path.read_bytes()
    winback(shop, "init", ".", "--orders", "data/raw/orders.csv")
    assert path.read_bytes() == before and (shop / "notes.txt").read_text() == "mine"
    assert load_params(shop / "params.yaml").report.shop_name == "shop"
    assert "'ingest'" not in dvc(shop, "status", "data/raw/orders.csv.dvc")


# --- what the orders show --------------------------------------------------------------------

FIRST = date(2023, 1, 1)
CLOSED = sorted(public_holidays("PL", [2023]))


def history(path: Path, days: int, closed: list[date], currency: str | None) -> Path:
    """Twenty customers who each buy once a fortnight, but on no closed day."""
    rows = [
        (f"c{who}", f"o{who}-{n}", day, "10.00")
        for n in range(days)
        for day in [FIRST + timedelta(days=n)]
        for who in range(n % 14, 140, 14)
        if day not in closed
    ]
    table = pd.DataFrame(rows, columns=["customer_id", "order_id", "date", "amount"])
    (table if currency is None else table.assign(currency=currency)).to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    ("currency", "closed", "country", "why"),
    [
        ("PLN", [], "PL", "country_of_currency"),
        (None, CLOSED, "PL", "country_closed"),
        ("EUR", [], "DE", "country_largest"),
        (None, [], "PL", "country_unknown"),
        # Closed on days of no country's holidays: a move, or a system that was down.
        (None, [date(2023, 3, day) for day in (7, 8, 9, 10, 13)], "PL", "country_unknown"),
    ],
)
def test_the_country_is_that_of_its_money_or_of_its_closed_days(
    tmp_path, currency, closed, country, why
) -> None:
    path = history(tmp_path / "orders.csv", 360, closed, currency)
    found = propose(path, "data/raw/orders.csv", check_params({}), say=quiet)
    assert found.params.snapshot.country == country
    assert found.reasons["snapshot.country"].code == f"laid.{why}"
    assert found.params.ingest.currency == currency


@pytest.mark.parametrize(
    ("days", "horizon", "why"),
    [(20, 7, "unknown"), (100, 14, "bounded"), (360, 30, "holds")],
)
def test_the_horizon_is_what_the_history_can_judge(
    tmp_path: Path, days: int, horizon: int, why: str
) -> None:
    path = history(tmp_path / "orders.csv", days, [], "PLN")
    found = propose(path, "data/raw/orders.csv", check_params({}), say=quiet)
    assert found.params.snapshot.horizon_days == horizon
    assert found.reasons["snapshot.horizon_days"].code == f"laid.horizon_{why}"
    # What a contact costs only the shop knows; what it usually does is part of the question.
    assert [offer.contact_cost for offer in found.offers] == [None] * 3
    asked = found.reasons["target.offers"]
    assert (asked.code, asked.values["value"], asked.values["low"], asked.values["high"]) == (
        "laid.offers_priced_usual", 10, 0.005, 0.05
    )  # fmt: skip


# --- which winback ---------------------------------------------------------------------------


class Installed:
    version = "1.2.3"

    def __init__(self, stated: str | None) -> None:
        self.stated = stated

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return self.stated


@pytest.mark.parametrize(
    ("stated", "line"),
    [
        (None, "winback[pipeline,notebooks]==1.2.3"),
        ("a wheel", "./winback-1.2.3-py3-none-any.whl[pipeline,notebooks]"),
        ("a wheel that is gone", None),
        ("a checkout", None),
        ('{"url": "https://example.com/winback-1.2.3-py3-none-any.whl"}', None),
    ],
)
def test_the_requirement_is_how_this_winback_was_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stated: str | None, line: str | None
) -> None:
    wheel = tmp_path / "a folder" / "winback-1.2.3-py3-none-any.whl"
    wheel.parent.mkdir()
    if stated == "a wheel":
        wheel.touch()
    if stated and stated.startswith("a wheel"):
        stated = json.dumps({"url": wheel.as_uri(), "archive_info": {}})
    if stated == "a checkout":
        stated = json.dumps({"url": tmp_path.as_uri(), "dir_info": {"editable": True}})
    monkeypatch.setattr("importlib.metadata.distribution", lambda _: Installed(stated))
    found = packaged.own_requirement()
    assert (found.version, found.line) == ("1.2.3", line)
    assert (found.wheel == wheel) == (line is not None and line.startswith("./"))


# --- what runs in it -------------------------------------------------------------------------


@pytest.mark.long
def test_a_second_repro_does_nothing(project: Path) -> None:
    said = dvc(project, "repro")
    assert "Running stage" not in said and "up to date" in said


@pytest.mark.long
def test_after_the_first_list_git_still_sees_no_customer(project: Path, git: str) -> None:
    names = call(project, git, "status", "--porcelain", "--untracked-files=all")
    for secret in ("salt.txt", ".parquet", ".csv\n", "exports", "mlflow", "report.html"):
        seen = [x for x in names.splitlines() if secret in f"{x}\n" and "reports/plots/" not in x]
        assert not seen, secret
    ids = pd.read_parquet(project / "data/scores.parquet")["customer_id"]
    kept = [line[3:].strip('"') for line in names.splitlines()]
    text = "\n".join((project / n).read_text(encoding="utf-8") for n in kept)
    assert not [one for one in ids if re.search(rf"\b{re.escape(one)}\b", text)]


@pytest.mark.long
def test_the_stamp_of_another_winback_is_said_by_every_verb_and_written_anew(
    project: Path,
) -> None:
    assert "code.yaml" not in winback(project, "occasions")
    ours = yaml.safe_load((project / "code.yaml").read_text())["report"]
    for name in ("code.yaml", "dvc.lock"):  # as another winback would have left it
        text = (project / name).read_text()
        assert ours in text
        (project / name).write_text(text.replace(ours, "0123456789ab"))
    shutil.rmtree(project / PLOTS)  # one of before there were any
    for verb in (["occasions"], ["explain", "nobody"]):
        done = subprocess.run(
            [sys.executable, "-m", "winback.cli", *verb], cwd=project, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        (line,) = [x for x in done.stderr.splitlines() if "code.yaml" in x]
        assert line == (
            "winback: code.yaml jest z innej wersji winbacka niż ta; uruchom: winback stamp && "
            "dvc repro"
        )
        assert "code.yaml" not in done.stdout
    assert "code.yaml" not in winback(project, "--help")
    assert "z innej wersji" in winback(project, "stamp", "--check", fails=True)

    assert winback(project, "stamp").strip() == (
        "code.yaml jest już z tej wersji winbacka; dvc repro powtórzy: raport."
    )
    assert all((project / file).is_file() for file in render_plots())
    assert (project / "code.yaml").read_text() == render_stamp()
    assert set(json.loads(dvc(project, "status", "--json"))) == {"report"}
    # DVC remembers having run it with this stamp.
    assert re.findall("Stage '(.*)' is cached|Running", dvc(project, "repro")) == ["report"]
    assert "już z tej wersji" in winback(project, "stamp")


@pytest.mark.long
def test_a_pipeline_of_another_winback_is_renewed_unless_it_is_ones_own(tmp_path: Path) -> None:
    old, declared = "stages: {}\n", tmp_path / "dvc.yaml"
    known = re.search("pipeline: (.*)", render_stamp())
    assert known is not None
    theirs = hashlib.sha256(old.encode()).hexdigest()[:12]
    declared.write_text(old)
    (tmp_path / "code.yaml").write_text(render_stamp().replace(known[1], theirs))
    assert other_stamp(tmp_path)
    assert "dvc.yaml was written anew" in winback(tmp_path, "stamp")
    assert declared.read_text() == render_pipeline(installed=True)
    assert not other_stamp(tmp_path)
    # What its stages depend on is there, in a project that is from before it, too.
    for name in ("ledger", "data/campaigns", "data/privacy"):
        assert (tmp_path / name / "README.md").is_file()

    declared.write_text("# mine\n" + declared.read_text())
    assert "changed by hand and stays" in winback(tmp_path, "stamp")
    assert declared.read_text().startswith("# mine\n")


def test_there_is_no_stamp_to_write_outside_of_a_project(tmp_path: Path) -> None:
    said = winback(tmp_path, "stamp", fails=True)
    assert said.startswith("winback: code.yaml: missing; this folder is no project")
    assert not list(tmp_path.iterdir())


@pytest.mark.long
def test_the_lines_of_the_workflow_run(project: Path, tmp_path: Path) -> None:
    """As the runner does it, without and with a remote; the environment is this one."""
    workflow = yaml.safe_load((project / ".github/workflows/winback.yml").read_text())
    lines = [step["run"] for step in workflow["jobs"]["check"]["steps"] if "run" in step]
    install, *others = lines
    assert install == "python -m pip install -r requirements.txt" and len(others) == 5
    for line in others:
        call(project, "bash", "-e", "-o", "pipefail", "-c", line)
    dvc(project, "remote", "add", "--default", "there", str(tmp_path))
    dvc(project, "push", "--quiet")
    (project / "data/scores.parquet").unlink()
    said = call(project, "bash", "-e", "-o", "pipefail", "-c", others[-2])
    assert "Running stage" not in said and (project / "data/scores.parquet").is_file()
    dvc(project, "remote", "remove", "there")


# --- its notebooks ---------------------------------------------------------------------------


@pytest.mark.long
def test_the_notebooks_open_what_the_pipeline_made(project: Path) -> None:
    for path in sorted((project / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        assert 'language = "pl"' in notebook.cells[1].source
        runner = {"metadata": {"path": str(path.parent)}}
        NotebookClient(notebook, timeout=300, kernel_name="python3", resources=runner).execute()
        said = "".join(o.get("text", "") for o in notebook.cells[-1].outputs)
        assert notebook.cells[-2].source == "## Odpowiedź" and re.search(r"\d", said)


# --- from the wheel --------------------------------------------------------------------------


@pytest.mark.long
def test_it_works_from_the_wheel_on_an_empty_machine(tmp_path: Path, orders: Path) -> None:
    spec = spec_from_file_location("install", ROOT / "benchmarks/install.py")
    assert spec is not None and spec.loader is not None
    install = module_from_spec(spec)
    spec.loader.exec_module(install)
    wheel = install.build_wheel(tmp_path)
    sources = {path.name for path in (ROOT / "src/winback/template/templates").iterdir()}
    folder = "winback/template/templates/"
    packed = {
        name.removeprefix(folder)
        for name in zipfile.ZipFile(wheel).namelist()
        if name.startswith(folder)
    }
    assert packed == sources

    python = install.make_environment(tmp_path / "environment", wheel, ("pipeline", "notebooks"))
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    machine = {
        "HOME": str(home), "LANG": "C.UTF-8", "OMP_WAIT_POLICY": "PASSIVE",
        "PATH": os.pathsep.join([str(python.parent), "/usr/bin", "/bin"]),
    }  # fmt: skip

    def there(folder: Path, *words: str) -> str:
        done = subprocess.run(words, cwd=folder, env=machine, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    there(work, "winback", "init", "shop", "--orders", str(orders), "--customer", "numer")
    shop = work / "shop"
    wanted = (shop / "requirements.txt").read_text(encoding="utf-8").splitlines()[-1]
    assert wanted == f"./{wheel.name}[pipeline,notebooks]"
    assert (shop / wheel.name).read_bytes() == wheel.read_bytes()
    there(shop, "winback", "stamp", "--check")
    assert "Running stage 'report'" in there(shop, "dvc", "repro", "report")
    assert (shop / "exports/current/list.csv").read_text(encoding="utf-8").count("\n") > 1
    assert "up to date" in there(shop, "dvc", "repro", "report")
    # What the project pins can be installed again; nothing but its own wheel is fetched.
    uv = str(Path(sys.executable).with_name("uv"))
    again = ["pip", "install", "--no-deps", "--offline", "--reinstall-package", "winback"]
    there(shop, uv, *again, "--python", str(python), "-r", "requirements.txt")
