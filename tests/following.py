"""Follow a page as a reader does: its files are written, its commands and code are run in turn.

A fenced block of bash, console or python is run, unless the comment above it says otherwise:
``<!-- not run: reason -->``, or ``<!-- file: NAME -->``, which writes it into the folder. A text
block under ``<!-- printed -->`` is what the block before it prints.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(
    r"(?:<!-- (?P<mark>[^>]*) -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
RUNNERS = {
    "bash": ("bash", "-euo", "pipefail", "-c"),
    "console": ("bash", "-euo", "pipefail", "-c"),
    "python": (sys.executable, "-c"),
}
PRINTED = "printed"


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    mark: str
    language: str
    text: str

    @property
    def command(self) -> bool:
        """Whether a reader would type or run it."""
        return self.language in RUNNERS

    @property
    def reason(self) -> str | None:
        """Why it is not run; None where it is."""
        return self.mark.removeprefix("not run: ") if self.mark.startswith("not run") else None

    @property
    def file(self) -> str | None:
        """Name of the file that it is."""
        return self.mark.removeprefix("file: ") if self.mark.startswith("file: ") else None


def blocks(page: str) -> list[Block]:
    """The blocks of a page, named by its path in the repository."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [
        Block(page, found["mark"] or "", found["language"], found["text"])
        for found in BLOCK.finditer(text)
    ]


def follow(pages: Iterable[str], folder: Path) -> Iterator[tuple[Block, str]]:
    """Each quoted block with what was printed, of pages followed in one folder.

    Raises:
        AssertionError: a command ends otherwise than well; with what it said.
    """
    paths = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    environment = os.environ | {"PATH": paths, "NO_COLOR": "1", "COLUMNS": "100"}
    for page in pages:
        told = ""
        for block in blocks(page):
            if block.mark == PRINTED:
                yield block, told
            elif block.file:
                (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
                (folder / block.file).write_text(block.text, encoding="utf-8")
            elif block.command and block.reason is None:
                done = subprocess.run(
                    [*RUNNERS[block.language], block.text],
                    cwd=folder, env=environment, capture_output=True, text=True,
                )  # fmt: skip
                said = f"{page}:\n{block.text}\n{done.stdout}\n{done.stderr}"
                assert done.returncode == 0, said
                told = done.stdout


def filled(page: str, prints: Iterable[str]) -> str:
    """The text of a page whose quoted blocks hold what was printed, one text a block."""
    texts = iter(prints)

    def anew(found: re.Match[str]) -> str:
        if found["mark"] != PRINTED:
            return found[0]
        return f"<!-- {PRINTED} -->\n```{found['language']}\n{next(texts)}```"

    return BLOCK.sub(anew, (ROOT / page).read_text(encoding="utf-8"))


# Followed in this order in one folder, so that one small shop serves them all.
SHARED = tuple(
    f"docs/{name}.md"
    for name in (
        *("tutorial", "risk", "probability", "draw", "time", "unknown", "invalid"),
        *("horizon", "features", "own-model", "forget"),
    )
)
# The same shop, followed on by the long tests.
LATER = ("docs/project.md", "docs/weekly.md")
# Followed by the test of their own verb.
ALONE = ("docs/learning.md",)
