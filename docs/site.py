"""What the site takes from outside docs/: pages made of the code, benchmarks, the changelog.

A hook of MkDocs (`mkdocs.yml`). Nothing that it makes is committed.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markdown.extensions.toc import slugify

import winback
from winback.cli.app import app
from winback.definitions import render

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
# Pages of the site that lie elsewhere in the repository; all other files are only named.
ALONGSIDE = ("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "params.yaml", "dvc.yaml")
SPLIT = {"Tables": "tables.md", "Small results": "results.md", "params.yaml": "params.md"}
_LINK = re.compile(r"(?P<shown>!?\[[^\]\n]*\])\((?P<to>[^)\s]+)\)")
_ELSEWHERE = re.compile(r"^(\w+:|#|/)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Name under *More* whatever page the navigation forgot, rather than hide it."""
    assert config.nav is not None
    named = set(_named(config.nav)) | {"long.md"}
    forgotten = [
        page.name for page in sorted((ROOT / "docs").glob("*.md")) if page.name not in named
    ]
    if forgotten:
        config.nav.append({"More": forgotten})
    return config


def _named(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    for each in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from _named(each)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made and those that lie beside docs/."""
    from mkdocs.structure.files import File

    if (written := files.get_file_from_path("definitions.md")) is not None:
        files.remove(written)
    made = {
        **_made(),
        "cli.md": command_line(),
        "api.md": python(),
        "evidence.md": evidence(),
        "notebooks.md": asked(),
    }
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    for path in (*(ROOT / name for name in ALONGSIDE), *benchmarks(), *notebooks()):
        name = path.relative_to(ROOT).as_posix()
        files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Page, files: Files, **_: Any) -> str:
    """Links as the repository has them, made those of the site."""
    here = page.file.src_uri
    if page.file.generated_by and here not in ALONGSIDE and not here.startswith("benchmarks/"):
        return markdown  # made here, with the site's own links
    outside = here in ALONGSIDE or here.startswith("benchmarks/")
    base = posixpath.dirname(here if outside else f"docs/{here}")

    def link(found: re.Match[str]) -> str:
        shown, to = found["shown"], found["to"]
        if _ELSEWHERE.match(to):
            return found[0]
        path, _, anchor = to.partition("#")
        whole = posixpath.normpath(posixpath.join(base, path))
        name = "index.md" if whole == "README.md" else whole.removeprefix("docs/")
        if name == "definitions.md":
            name, anchor = _part_of_definitions(anchor)
        if files.get_file_from_path(name) is None:
            # Code is read in the repository; a link into nothing stays, and ends the build.
            return f"`{whole}`" if (ROOT / whole).exists() else found[0]
        target = posixpath.relpath(name, posixpath.dirname(here) or ".")
        return f"{shown}({target}{'#' + anchor if anchor else ''})"

    return _LINK.sub(link, markdown)


def benchmarks() -> list[Path]:
    """The committed tables and their pictures."""
    folder = ROOT / "benchmarks"
    return [*sorted(folder.glob("*.md")), *sorted(folder.glob("*.png"))]


def notebooks() -> list[Path]:
    """The executed notebooks, as files to take away."""
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def asked() -> str:
    """The question that each notebook asks, with the notebook."""
    lines = [
        "# Notebooks",
        "",
        "A question each, executed, with its answer in pictures. `jupyter lab notebooks` opens "
        "them (`winback[notebooks]`); a project of `winback init` has its own.",
        "",
        "| question | notebook |",
        "|---|---|",
    ]
    for path in notebooks():
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "\n".join(
            "".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"
        )
        title = next((row[2:] for row in text.splitlines() if row.startswith("# ")), path.stem)
        lines.append(f"| {title} | [{path.name}](notebooks/{path.name}) |")
    return "\n".join(lines) + "\n"


def evidence() -> str:
    """Which benchmark asks what: the title of each, and the command that printed it."""
    lines = [
        "# Evidence",
        "",
        "Every figure that these pages name was printed by a command of the repository. Each of "
        "the tables below is what one command wrote.",
        "",
        "| table | command |",
        "|---|---|",
    ]
    for page in benchmarks():
        if page.suffix == ".md":
            text = page.read_text(encoding="utf-8")
            title = next(
                (line[2:] for line in text.splitlines() if line.startswith("# ")), page.stem
            )
            told = re.search(r"`(python benchmarks/[^`]*)`", text)
            command = told[1] if told else f"python benchmarks/{page.stem}.py"
            lines.append(f"| [{title}](benchmarks/{page.name}) | `{command}` |")
    return "\n".join(lines) + "\n"


def _part_of_definitions(anchor: str) -> tuple[str, str]:
    """The page with this heading of docs/definitions.md, and the heading unless it is the title."""
    for title, page in SPLIT.items():
        if anchor == slugify(title, "-"):
            return page, ""
        if anchor in (slugify(head, "-") for head in re.findall(r"^## (.*)", _made()[page], re.M)):
            return page, anchor
    return "definitions.md", anchor


@cache
def _made() -> dict[str, str]:
    return definitions()


# --- definitions ---------------------------------------------------------------------------------


def definitions() -> dict[str, str]:
    """``docs/definitions.md`` as pages that a browser can hold: words, tables, results, params."""
    parts = re.split(r"^## (.*)\n", render(), flags=re.MULTILINE)
    pages = {}
    opening = [parts[0]]
    for title, text in zip(parts[1::2], parts[2::2], strict=True):
        if title in SPLIT:
            pages[SPLIT[title]] = f"# {title}\n{re.sub(r'^### ', '## ', text, flags=re.MULTILINE)}"
        else:
            opening.append(f"## {title}\n{text}")
    parts_of_it = "".join(f"- [{title}]({page})\n" for title, page in SPLIT.items())
    opening.insert(1, f"\nOf these three kinds of names each has a page:\n\n{parts_of_it}\n")
    pages["definitions.md"] = "".join(opening)
    return pages


# --- the command line ----------------------------------------------------------------------------


def command_line() -> str:
    """Every verb with its options, as `--help` has them; what several share stands once."""
    from typer.main import get_command

    group: Any = get_command(app)
    inspect, init = (
        {each.opts[0] for each in group.commands[verb].params if each.opts[0].startswith("--")}
        for verb in ("inspect", "init")
    )
    shared = (inspect & init) - {"--language"}
    return "\n".join(_command_page(group, shared)) + "\n"


def _command_page(group: Any, shared: set[str]) -> Iterator[str]:
    yield "# Command line\n"
    yield (
        "Made from the code: what `winback VERB --help` says. `winback --quiet` before a verb "
        "leaves progress out, `winback --debug` shows the traceback of an error. A command ends "
        "with 0, with 2 where the command or its options are wrong, with 1 where the data or the "
        "world is.\n"
    )
    panels: dict[str, list[str]] = {}
    for name in group.list_commands(None):
        command = group.commands[name]
        panels.setdefault(command.rich_help_panel or "Afterwards", []).append(name)
    yield "| | verbs |\n|---|---|"
    for panel, names in panels.items():
        yield f"| {panel} | {', '.join(f'[{name}](#winback-{name})' for name in names)} |"
    yield "\n## How an export is read\n"
    yield (
        "These options stand wherever order lines are read; each is a key of `ingest` in "
        "[params.yaml](params.md#ingest), and [Read an export](reading.md) says when one is "
        "needed.\n"
    )
    inspect = group.commands["inspect"]
    yield from _options([each for each in inspect.params if each.opts[0] in shared])
    for names in panels.values():
        for name in names:
            yield from _verb(f"winback {name}", group.commands[name], shared)


def _verb(words: str, command: Any, shared: set[str]) -> Iterator[str]:
    yield f"## {words}\n"
    yield f"{command.help or ''}\n"
    if example := (command.epilog or "").removeprefix("Example: "):
        yield f"```text\n{example}\n```\n"
    own = [each for each in command.params if each.opts[0] not in shared]
    yield from _options(own)
    if len(own) < len(command.params):
        yield "And the options by which [an export is read](#how-an-export-is-read).\n"
    for name, below in getattr(command, "commands", {}).items():
        yield from (
            line.replace("## ", "### ", 1) for line in _verb(f"{words} {name}", below, shared)
        )


def _options(parameters: list[Any]) -> Iterator[str]:
    if not parameters:
        return
    yield "| | meaning |\n|---|---|"
    for each in parameters:
        option = each.opts[0].startswith("--")
        names = " ".join(f"`{name}`" for name in (*each.opts, *each.secondary_opts))
        kind = "" if getattr(each, "is_flag", False) else _kind(each)
        said = (each.help or "").replace("|", "\\|")
        if each.required and option:
            said += " Required."
        valued = option and not getattr(each, "is_flag", False)
        if valued and each.default not in (None, (), []) and "[default:" not in said:
            said += f" [default: {each.default}]"
        name = names if option else f"`{each.name.upper()}`"
        yield f"| {name} {kind} | {said.removesuffix('; repeatable.')} |"
    yield ""


def _kind(parameter: Any) -> str:
    name = getattr(parameter.type_descriptor.annotation, "__name__", "text")
    kind = {"str": "text", "int": "number", "float": "number", "Path": "path"}.get(name, "text")
    return f"{kind}, may be repeated" if parameter.multiple else kind


# --- Python --------------------------------------------------------------------------------------


def python() -> str:
    """Everything that ``import winback`` offers, documented by mkdocstrings."""
    lines = [
        "# Python",
        "",
        "What `import winback as wb` offers: the functions that the stages call, on pandas frames, "
        "Arrow tables and files. Everything else may change without a word.",
        "",
    ]
    for name in winback.__all__:
        lines += [f"::: {winback._HOMES[name]}.{name}", ""]
    return "\n".join(lines)
