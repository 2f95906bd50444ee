"""dvc.yaml out of one text, and the stamp that says of which code a stage's results are.

In this repository a stage depends on the files of ``src/`` that it can reach; in a project of an
installed package, where there are none, on its line of ``code.yaml``.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from winback.errors import UsageError
from winback.files import write_text
from winback.intake.erased import write_forgotten
from winback.params import Params, is_url, load_params
from winback.project import PIPELINE
from winback.source import ROOT, hash_of, reached_by, source_version
from winback.stages.flow import STAGES

if TYPE_CHECKING:
    from jinja2 import Template

STAMP, FORGOTTEN = "code.yaml", PIPELINE["forgotten"]
PLOTS = ".dvc/plots"
_HEAD = "# Of which code each stage's results are; winback stamp writes it, git keeps it."


# On what the stage ingest depends: on the orders themselves, or on what a database said of them.
_ON_FILES, _ON_WATERMARK = "- ${ingest.orders}\n", f"- {PIPELINE['watermark']}\n"


def render_pipeline(*, installed: bool, database: bool = False) -> str:
    """The text of dvc.yaml, for an installed package or for this repository.

    ``database``: for orders that no file holds.
    """
    text: str = template("dvc.yaml.j2").render(
        code=functools.partial(_code, installed=installed),
        stamp=functools.partial(_stamp, installed=installed),
    )
    return _watching(text.rstrip("\n") + "\n", database=database)


def _watching(text: str, *, database: bool) -> str:
    """The same dvc.yaml, with ingest depending on files or on the watermark of a database."""
    before, after = (_ON_FILES, _ON_WATERMARK) if database else (_ON_WATERMARK, _ON_FILES)
    return text.replace(before, after)


def watch_database(root: Path) -> bool:
    """Make ingest depend on the watermark, whoever wrote dvc.yaml; whether that changed it."""
    path = root / "dvc.yaml"
    found = path.read_text(encoding="utf-8") if path.is_file() else ""
    wanted = _watching(found, database=True)
    if wanted != found:
        write_text(path, wanted)
    return wanted != found


def render_plots() -> dict[str, str]:
    """By file the templates of Vega-Lite by which `dvc plots` draws what dvc.yaml names."""
    lie = resources.files("winback.template") / "plots"
    texts = {each.name: each.read_text("utf-8") for each in lie.iterdir()}
    return {f"{PLOTS}/{name}": text for name, text in sorted(texts.items())}


def write_plots(root: Path) -> None:
    """Write these templates anew, where DVC looks for them."""
    for file, text in render_plots().items():
        write_text(root / file, text)


def stage_hashes() -> dict[str, str]:
    """For each stage a hash of the source it can reach."""
    return {name: hash_of(reached_by(f"winback.stages.{name}")) for name in STAGES}


def render_stamp() -> str:
    """The text of code.yaml: one hash a stage, and what tells at a glance whose they are."""
    lines = [f"{name}: {digest}" for name, digest in stage_hashes().items()]
    lines.append(f"pipeline: {_digest(render_pipeline(installed=True))}")
    return f"{_HEAD}\n" + "\n".join([*lines, f"winback: {_whole(lines)}"]) + "\n"


@dataclass(frozen=True)
class Stamped:
    """What writing the stamp changed.

    Attributes:
        stages: those whose code is another now, which dvc repro will rerun; None if the stamp
            was of this winback already.
        pipeline: whether dvc.yaml was ``renewed``, is somebody's ``own``, or stays the ``same``.
    """

    stages: tuple[str, ...] | None
    pipeline: Literal["renewed", "own", "same"]


def write_stamp(root: Path) -> Stamped:
    """Write code.yaml anew, and dvc.yaml with it unless somebody changed that by hand.

    Raises:
        UsageError: there is no code.yaml.
    """
    path, declared = root / STAMP, root / "dvc.yaml"
    if not path.is_file():
        raise UsageError("template.no_stamp", file=path)
    before, text = path.read_text(encoding="utf-8"), render_stamp()
    told, now = _lines(before), _lines(text)
    pipeline: Literal["renewed", "own", "same"] = "same"
    settings = root / "params.yaml"
    params = load_params(settings) if settings.is_file() else Params()
    database = is_url(params.ingest.orders)
    wanted = render_pipeline(installed=True, database=database)
    found = declared.read_text(encoding="utf-8") if declared.is_file() else ""
    if found != wanted:
        ours = told.get("pipeline") == _digest(_watching(found, database=False))
        pipeline = "renewed" if ours else "own"
    if pipeline == "renewed":
        write_text(declared, wanted)
    if pipeline != "own":
        write_plots(root)
        write_shared(root, params.report.language)
    if before == text:
        return Stamped(None, pipeline)
    write_text(path, text)
    return Stamped(tuple(s for s in STAGES if told.get(s) != now[s]), pipeline)


# Folders that stages depend on: DVC wants them to be there, and git keeps none that is empty.
SHARED = {
    "data/campaigns/README.md": "campaigns.{language}.md.j2",
    "data/privacy/README.md": "privacy.{language}.md.j2",
    "ledger/README.md": "ledger.{language}.md.j2",
}


def write_shared(root: Path, language: str) -> None:
    """Make what stages depend on, where a project is from before it: folders, who was forgotten."""
    for file, source in SHARED.items():
        # A ledger that DVC keeps has no README, which git would keep.
        if not any((root / file).parent.glob("*")):
            text = template(source.format(language=language)).render()
            write_text(root / file, text.rstrip("\n") + "\n")
    if not (root / FORGOTTEN).is_file():
        write_forgotten(root / FORGOTTEN, ())


def other_stamp(root: Path) -> bool:
    """Whether the project has a code.yaml of another winback than this one.

    Quick where it is of this one: only where it is not, is it worth finding out of each stage.
    """
    path = root / STAMP
    if not path.is_file():
        return False
    text = path.read_text(encoding="utf-8")
    *lines, last = text.removeprefix(_HEAD).split("\n")[1:-1] or [""]
    if last == f"winback: {_whole(lines)}":
        return False
    told, now = _lines(text), _lines(render_stamp())
    return any(told.get(name) != now[name] for name in now if name != "winback")


def _whole(lines: list[str]) -> str:
    """Hash of the whole package together with what the stamp says of it."""
    return _digest("\n".join([source_version(), *lines]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _lines(text: str) -> dict[str, str]:
    """Hashes by name, however the file came to be."""
    pairs = (line.partition(": ") for line in text.splitlines() if line[:1] not in ("#", ""))
    return {name: digest.strip() for name, _, digest in pairs}


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
