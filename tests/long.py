"""Run the long tests file by file: ``make check-long``; what passed on this code is not run again.

Results stand in docs/long.md, one row a file, with the hash of the package they were run on.
"""

import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from winback.source import source_version

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/long.md"
HEAD = """# Long tests

Made by `make check-long`, which goes on where it stopped: what passed on a version of the code is
not run on it again.

| file | long tests | outcome | seconds | code |
|---|---|---|---|---|
"""


def collected() -> Counter[str]:
    """How many tests of each file are marked `long`."""
    words = ["-m", "pytest", "--long", "-m", "long", "--collect-only", "-q"]
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return Counter(line.split("::")[0] for line in done.stdout.splitlines() if "::" in line)


def stored() -> dict[str, list[str]]:
    """The rows of the page by file."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    rows = (re.findall(r"[^|]+", line) for line in text.splitlines() if line.startswith("| tests/"))
    return {row[0].strip(): [cell.strip() for cell in row[1:5]] for row in rows}


def main() -> int:
    """Run what has not passed on this code; 1 if anything fails."""
    code, rows, failed = source_version(), stored(), False
    for file, count in (wanted := collected()).items():
        if rows.get(file, [])[:2] == [str(count), "passed"] and rows[file][3] == code:
            continue
        print(f"{file}: {count} long tests", flush=True)
        began = time.monotonic()
        words = ["-m", "pytest", "--long", "-m", "long", "-q", file]
        done = subprocess.run([sys.executable, *words], cwd=ROOT, check=False)
        failed |= done.returncode != 0
        outcome = "failed" if done.returncode else "passed"
        rows[file] = [str(count), outcome, f"{time.monotonic() - began:.0f}", code]
        told = (f"| {name} | {' | '.join(rows[name])} |\n" for name in wanted if name in rows)
        PAGE.write_text(HEAD + "".join(told), encoding="utf-8")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
