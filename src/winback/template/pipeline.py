"""dvc.yaml out of one text, and the stamp that says of which code a stage's results are.

In this repository a stage depends on the files of ``src/`` that it can reach; in a project of an
installed package, where there are none, on its line of ``code.yaml``.
"""

from __future__ import annotations

import functools
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from winback.files import write_text
from winback.source import ROOT, hash_of, reached_by
from winback.stages.flow import STAGES

if TYPE_CHECKING:
    from jinja2 import Template

STAMP = "code.yaml"


def render_pipeline(*, installed: bool) -> str:
    """The text of dvc.yaml, for an installed package or for this repository."""
    text: str = template("dvc.yaml.j2").render(
        code=functools.partial(_code, installed=installed),
        stamp=functools.partial(_stamp, installed=installed),
    )
    return text.rstrip("\n") + "\n"


def stage_hashes() -> dict[str, str]:
    """For each stage a hash of the source it can reach."""
    return {name: hash_of(reached_by(f"winback.stages.{name}")) for name in STAGES}


def render_stamp() -> str:
    """The text of code.yaml: one hash a stage."""
    lines = [f"{name}: {digest}" for name, digest in stage_hashes().items()]
    head = "# Of which code each stage's results are; written by winback stamp, kept in git."
    return "\n".join([head, *lines]) + "\n"


def write_stamp(root: Path) -> bool:
    """Write code.yaml where it is of another winback; whether it was."""
    path = root / STAMP
    text = render_stamp()
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    write_text(path, text)
    return True


def other_stamp(root: Path) -> bool:
    """Whether the project has a code.yaml of another winback than this one."""
    path = root / STAMP
    return path.is_file() and path.read_text(encoding="utf-8") != render_stamp()


def _code(stage: str, indent: int = 6, *, installed: bool) -> str:
    """The dependencies on code of a stage, as lines of its deps."""
    if installed:
        return ""
    files = (path.relative_to(ROOT).as_posix() for path in reached_by(f"winback.stages.{stage}"))
    return "".join(f"{' ' * indent}- src/winback/{name}\n" for name in files)


def _stamp(stage: str, indent: int = 6, *, installed: bool) -> str:
    """The dependency on the stamp of a stage, as lines of its params."""
    blank = " " * indent
    return f"{blank}- {STAMP}:\n{blank}    - {stage}\n" if installed else ""


def template(name: str) -> Template:
    """A template of this package; its places are `[[ ]]`, since DVC has `${}` and Jinja `{{ }}`."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
        block_start_string="[%", block_end_string="%]",
        variable_start_string="[[", variable_end_string="]]",
        comment_start_string="[#", comment_end_string="#]",
    )  # fmt: skip
    text = (resources.files("winback.template") / "templates" / name).read_text("utf-8")
    return environment.from_string(text)
