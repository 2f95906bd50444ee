"""Run the long tests one by one: ``make check-long``; what passed on this code is not run again.

Results stand in docs/long.md, one row a test, with the hash of the package they were run on.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

from winback.source import source_version

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/long.md"
HEAD = """# Long tests

Made by `make check-long`, which goes on where it stopped: a test that passed on a version of the
code is not run on it again.

| test | outcome | seconds | code |
|---|---|---|---|
"""


def collected() -> list[str]:
    """The ids of the tests marked `long`."""
    words = ["-m", "pytest", "--long", "-m", "long", "--collect-only", "-q"]
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [line for line in done.stdout.splitlines() if "::" in line]


def stored() -> dict[str, list[str]]:
    """The rows of the page by test."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    rows = (re.findall(r"[^|]+", line) for line in text.splitlines() if line.startswith("| tests/"))
    return {row[0].strip(): [cell.strip() for cell in row[1:4]] for row in rows}


def main() -> int:
    """Run what has not passed on this code; 1 if anything fails."""
    code, rows, failed = source_version(), stored(), False
    wanted = collected()
    for test in wanted:
        if rows.get(test, [""])[0] == "passed" and rows[test][2] == code:
            continue
        print(test, flush=True)
        began = time.monotonic()
        words = ["-m", "pytest", "--long", "-q", "-x", test]
        done = subprocess.run([sys.executable, *words], cwd=ROOT, check=False)
        outcome = "failed" if done.returncode else "passed"
        failed |= done.returncode != 0
        rows[test] = [outcome, f"{time.monotonic() - began:.0f}", code]
        known = [name for name in wanted if name in rows]
        told = "".join(f"| {name} | {' | '.join(rows[name])} |\n" for name in known)
        PAGE.write_text(HEAD + told, encoding="utf-8")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
