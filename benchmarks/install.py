"""How large winback is once installed, alone and with its extras: `python benchmarks/install.py`.

Builds the wheel and installs it, with the versions of requirements.lock, into environments of
their own in a temporary folder. `tests/test_install.py` tries the smaller one out.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from email.parser import Parser
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = ("pipeline", "notebooks", "tune")


def build_wheel(folder: Path) -> Path:
    """The wheel of this checkout, built into a folder."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*command, "--directory", folder], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def needed(wheel: Path, extras: Sequence[str] = ()) -> set[str]:
    """Every package that a wheel needs here, found from what is installed in this environment."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        described = Parser().parsestr(archive.read(name).decode())
    pending = [(each, set(extras)) for each in described.get_all("Requires-Dist", [])]
    found: set[tuple[str, str]] = set()
    while pending:
        text, wanted = pending.pop()
        requirement = Requirement(text)
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": extra}) for extra in wanted | {""}):
            continue
        package = canonicalize_name(requirement.name)
        for extra in {"", *requirement.extras}:
            if (package, extra) not in found:
                found.add((package, extra))
                pending += [(each, {extra}) for each in metadata.requires(package) or ()]
    return {package for package, _ in found}


def locked(names: set[str]) -> str:
    """The part of requirements.lock that is about these packages, with their hashes."""
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    blocks = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)
    return "".join(each for each in blocks if re.split(r"[\[=]", each)[0] in names)


def make_environment(folder: Path, wheel: Path, extras: Sequence[str] = ()) -> Path:
    """An environment with the wheel and what it needs; returns its Python."""
    uv = Path(sys.executable).with_name("uv")
    python = folder / "bin/python"
    requirements = folder.with_suffix(".txt")
    requirements.write_text(locked(needed(wheel, extras)), encoding="utf-8")
    install = [uv, "pip", "install", "--quiet", "--no-deps", "--python", python]
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, folder],
        [*install, "--require-hashes", "--requirements", requirements],
        [*install, wheel],
        [uv, "pip", "check", "--quiet", "--python", python],
    ):
        subprocess.run(command, check=True)
    return python


def megabytes(folder: Path) -> float:
    """What the files of a folder hold, in millions of bytes."""
    return sum(each.lstat().st_size for each in folder.rglob("*")) / 1e6


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        wheel = build_wheel(folder)
        print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB")
        for extras in ((), *((each,) for each in EXTRAS), EXTRAS):
            named = f"winback[{','.join(extras)}]" if extras else "winback"
            began = time.perf_counter()
            make_environment(folder / named, wheel, extras)
            print(
                f"{named:<32}{len(needed(wheel, extras)):>5} packages"
                f"{megabytes(folder / named):>8,.0f} MB{time.perf_counter() - began:>7.1f} s"
            )


if __name__ == "__main__":
    main()
