"""What every test runs under, and the parts of the system that some tests need."""

import hashlib
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

from winback.cli.progress import STATE

# Set before any test module imports lightgbm, matplotlib, mlflow or dvc: they read these once.
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"  # else idle threads spin, and two cores crawl
os.environ["MPLBACKEND"] = "Agg"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DVC_NO_ANALYTICS"] = "1"
# A terminal's own wishes would change what the command line prints.
os.environ["COLUMNS"] = "100"
os.environ["NO_COLOR"] = "1"
os.environ.pop("FORCE_COLOR", None)
# Stages and commands that tests start find the winback and dvc of this environment.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
# Commits in throw-away repositories need a name where git has none.
for role in ("AUTHOR", "COMMITTER"):
    os.environ.setdefault(f"GIT_{role}_NAME", "winback tests")
    os.environ.setdefault(f"GIT_{role}_EMAIL", "tests@winback.invalid")

# The same examples on every run: a red test stays red, a green one stays green.
settings.register_profile("winback", derandomize=True, deadline=None)
settings.load_profile("winback")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the tests that `make check-long` runs."""
    parser.addoption("--long", action="store_true", help="run the tests marked long, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long ones out unless they are asked for."""
    if not config.getoption("--long"):
        config.hook.pytest_deselected(items=[i for i in items if i.get_closest_marker("long")])
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    # What takes longest begins first: else the other process ends and waits for it.
    items.sort(key=lambda item: item.path.name not in ("test_docs.py", "test_pipeline.py"))


@pytest.fixture(scope="module", autouse=True)
def salts(request: pytest.FixtureRequest) -> Iterator[None]:
    """Draw the same on every run: a salt that winback makes comes from the test module's name."""
    numbers = itertools.count()

    def made(length: int) -> str:
        text = f"{request.module.__name__} {next(numbers)}"
        return hashlib.sha256(text.encode()).hexdigest()[: 2 * length]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("winback.project.secrets.token_hex", made)
        yield


def system_part(programs: tuple[str, ...], package: str) -> str:
    """Path of the first of these programs; without one, skip, or fail where ``CI`` is true."""
    for program in programs:
        if path := shutil.which(program):
            return path
    missing(
        f"This test needs {programs[0]}, which is not installed (Debian: apt-get install {package})"
    )


def missing(sentence: str) -> NoReturn:
    """Skip on a person's machine; fail where ``CI`` is true, which has to have everything."""
    if os.environ.get("CI") == "true":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium that Playwright can start."""
    return system_part(("chromium", "chromium-browser", "google-chrome"), "chromium")


@pytest.fixture(scope="session")
def soffice() -> str:
    """Path of LibreOffice, for the long tests that open a workbook."""
    return system_part(("soffice", "libreoffice"), "libreoffice-calc-nogui")


@pytest.fixture(scope="session")
def git() -> str:
    """Path of git."""
    return system_part(("git",), "git")


@pytest.fixture(scope="session")
def committable(git: str) -> list[Path]:
    """Files that git tracks, or would if everything were added, by absolute path."""
    root = Path(__file__).parents[1]
    listing = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    if listing.returncode != 0:
        missing("This is not a git repository, so nothing says what belongs to it")
    names = dict.fromkeys(name for name in listing.stdout.split("\0") if name)
    return [root / name for name in names if (root / name).is_file()]


@pytest.fixture(autouse=True)
def _the_terminal_speaks_english() -> Iterator[None]:
    """A verb called in this process leaves its language behind."""
    yield
    STATE.language = "en"
