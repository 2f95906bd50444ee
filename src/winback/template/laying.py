"""`winback init`: a project of one's own, from an installed package, without a clone of it."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from winback.errors import UsageError, WinbackError
from winback.files import write_text
from winback.intake.erased import write_forgotten
from winback.params import Params, is_url
from winback.privacy import PURPOSES, Privacy, PrivacySource
from winback.project import PIPELINE, Say, as_json, fingerprint_of
from winback.results.base import Fact, fact
from winback.said import laid
from winback.said.words import NBSP, Words
from winback.template.notebooks import notebooks
from winback.template.packaged import Requirement, own_requirement
from winback.template.pipeline import (
    FORGOTTEN,
    SHARED,
    STAMP,
    render_pipeline,
    render_stamp,
    template,
    write_plots,
)
from winback.template.proposing import Proposal, propose

RAW = "data/raw"
_WATERMARK = PIPELINE["watermark"]
_LISTS = "data/privacy"
_NAME = re.compile(r"\w[\w .()&+-]*")
_WIDTH = 100


@dataclass(frozen=True)
class Laid:
    """What was laid out: where, with which proposals and why, and what to mind."""

    folder: Path
    settings: tuple[tuple[str, str, Fact], ...]
    notes: tuple[Fact, ...]


def lay_out(
    folder: Path, orders: str | None, given: Params, *, say: Say, begin: Callable[[str], None],
) -> Laid:  # fmt: skip
    """Lay out a project, with the orders of a shop in it if they are named.

    Nothing that is there is overwritten. What fails leaves no new folder behind.

    Args:
        folder: the project; a new folder, or one in which none of its files is.
        orders: the shop's export, a file or a folder, copied into the project; or the address of
            its database, which is named there.
        given: what the command line says of reading the orders, and the language.
        say: is told what was understood of the orders.
        begin: is told when they begin to be read.

    Raises:
        UsageError: the folder's name or the orders will not do, or a file is there already.
        WinbackError: the orders cannot be read, or git or DVC failed.
    """
    name = _check_name(folder)
    if shutil.which("git") is None:
        raise WinbackError("template.no_git")
    database = orders is not None and is_url(orders)
    export = Path(orders) if orders is not None and not database else None
    raw = None if export is None else _place_of(export, folder)
    if given.report.shop_name is None:
        report = given.report.model_copy(update={"shop_name": name})
        given = given.model_copy(update={"report": report})
    salt = os.environ.get("WINBACK_SALT", "").strip()
    requirement = own_requirement(database=database)
    made = [*_files_of(requirement, salt), *([_WATERMARK] if database else [])]
    lists = {file: f"{_LISTS}/{Path(file).name}" for _, file in given.ingest.privacy.files}
    _check_free(folder, [*made, *lists.values()], export, raw)
    if orders is not None:
        begin("ingest")
    place = orders if database else RAW if raw is None else str(raw)
    found = _with_lists(propose(orders, str(place), given, say=say), lists)
    with _taken_away_if_it_fails(folder):
        _write(folder, found, requirement, salt or None)
        if export is not None and raw is not None:
            _copy(export, folder / raw)
        for file, here in lists.items():
            _copy(Path(file), folder / here)
        top = _under_git(folder)
        _under_dvc(folder, inside=top is not None)
        write_plots(folder)
        if raw is not None:
            _call(folder, sys.executable, "-m", "dvc", "add", "--quiet", str(raw))
    notes = [fact("laid.made", folder=str(folder))]
    notes.append(fact("laid.salt_of_machine" if salt else "laid.salt_made"))
    if top is not None:
        notes.append(fact("laid.not_top", top=top.name))
    if database:
        asked = found.params.ingest.watermark_query
        code = "laid.next_poll" if asked else "laid.next_watermark"
        notes.append(fact(code, folder=_quoted(folder)))
    elif raw is None:
        notes.append(fact("laid.next_orders", folder=_quoted(folder), place=str(folder / RAW)))
    else:
        notes.append(fact("laid.next", folder=_quoted(folder)))
    settings = tuple(
        (key, _flow(_value(found.params, key)), why)
        for key, why in found.reasons.items()
        if key != "target.offers"
    )
    return Laid(folder, settings, tuple(notes))


def _with_lists(found: Proposal, lists: Mapping[str, str]) -> Proposal:
    """The same proposal, with the files of consents where they will lie in the project."""
    if not lists:
        return found
    privacy = found.params.ingest.privacy
    there: dict[str, tuple[PrivacySource, ...]] = {
        str(purpose): tuple(
            source.model_copy(update={"file": lists[source.file]}) if source.file else source
            for source in privacy.of(purpose)
        )
        for purpose in PURPOSES
    }
    ingest = found.params.ingest.model_copy(
        update={"privacy": privacy.model_copy(update=there)}
    )  # fmt: skip
    return replace(found, params=found.params.model_copy(update={"ingest": ingest}))


# --- before anything is written --------------------------------------------------------------


def _check_name(folder: Path) -> str:
    """The project's name, that of its folder."""
    name = folder.resolve().name
    if folder.exists() and not folder.is_dir():
        raise UsageError("template.no_folder", folder=folder)
    if os.pathsep in str(folder.resolve()):
        raise UsageError("template.colon", folder=folder)
    if not _NAME.fullmatch(name) or len(name.encode()) > 100 or name != name.strip():
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        better = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:60] or "shop"
        raise UsageError("template.name", name=name, better=better)
    return name


def _place_of(orders: Path, folder: Path) -> Path:
    """Where the orders will lie in the project."""
    if not orders.exists():
        raise UsageError("template.no_orders", file=orders)
    if orders.is_dir() and folder.resolve().is_relative_to(orders.resolve()):
        raise UsageError("template.project_in_orders", file=orders)
    return Path(RAW) / orders.resolve().name


def _files_of(requirement: Requirement, salt: str) -> list[str]:
    """Every file that a new project has, apart from its orders."""
    made = [*_RENDERED, "params.yaml", "dvc.yaml", STAMP, "salt.yaml", FORGOTTEN]
    made += [] if salt else ["salt.txt"]
    made += [requirement.wheel.name] if requirement.wheel else []
    return [*made, *(f"notebooks/{name}" for name in notebooks())]


def _check_free(folder: Path, names: list[str], orders: Path | None, raw: Path | None) -> None:
    if orders is not None and raw is not None:
        names = [*names, f"{raw}.dvc", *([] if _is_there(orders, folder / raw) else [str(raw)])]
    for name in sorted(names):
        # A link that leads nowhere is there as well.
        if os.path.lexists(folder / name):
            raise UsageError("template.there", file=folder / name)


# --- what is written -------------------------------------------------------------------------

# File of the project -> template, by language where it is prose.
_RENDERED = {
    ".gitignore": "gitignore.j2",
    ".dvcignore": "dvcignore.j2",
    ".github/workflows/winback.yml": "workflow.yml.j2",
    "requirements.txt": "requirements.txt.j2",
    "README.md": "README.{language}.md.j2",
    "weekly.sh": "weekly.sh.j2",
    "schedule/crontab": "crontab.j2",
    "schedule/winback.service": "winback.service.j2",
    "schedule/winback.timer": "winback.timer.j2",
    f"{RAW}/README.md": "raw.{language}.md.j2",
    f"{RAW}/.gitignore": "raw.gitignore.j2",
    **SHARED,
}


def _write(folder: Path, found: Proposal, requirement: Requirement, salt: str | None) -> None:
    params = found.params
    database = is_url(params.ingest.orders)
    for file, source in _RENDERED.items():
        text = template(source.format(language=params.report.language)).render(
            params=params,
            database=database,
            awaited=params.ingest.orders == RAW,
            place=shlex.quote(params.ingest.orders),
            requirement=requirement,
            python=f"{sys.version_info.major}.{sys.version_info.minor}",
        )
        write_text(folder / file, text.rstrip("\n") + "\n")
    write_text(folder / "params.yaml", render_params(found))
    write_text(folder / "dvc.yaml", render_pipeline(installed=True, database=database))
    if database:
        # DVC wants the file that a stage depends on to be there.
        write_text(folder / _WATERMARK, as_json({"rows": None}))
    write_text(folder / STAMP, render_stamp())
    write_forgotten(folder / FORGOTTEN, ())
    for file, text in notebooks(params.report.language).items():
        write_text(folder / "notebooks" / file, text)
    if requirement.wheel:
        shutil.copyfile(requirement.wheel, folder / requirement.wheel.name)
    if salt is None:
        salt = secrets.token_hex(16)
        write_text(folder / "salt.txt", salt + "\n", private=True)
    head = "# Tells one salt from another and gives none away: stages that draw depend on it.\n"
    write_text(folder / "salt.yaml", f'{head}fingerprint: "{fingerprint_of(salt)}"\n')


def render_params(found: Proposal) -> str:
    """The text of params.yaml, with a comment for each key."""
    words = Words(found.params.report.language, found.params.ingest.currency or "")
    lines = _above(laid.comment("head", words), "")
    section = ""
    for key in _keys(found.params):
        here, _, name = key.partition(".")
        if here != section:
            lines += ["", f"{here}:"]
            section = here
        why = found.reasons.get(key)
        if why is None and key not in laid.KEYS and key not in laid.OF_DATABASES:
            why = fact("laid.as_given")
        said = laid.tell(why, words) if why else laid.comment(key, words)
        said = said.replace(NBSP, " ")
        if key == "target.offers":
            lines += _above(f"{laid.comment(key, words)}; {said}" if why else said)
            lines += ["  offers:", *_of_offers(found)]
        else:
            lines += _with_comment(f"  {name}: {_flow(_value(found.params, key))}", said)
    return "\n".join(lines) + "\n"


def _keys(params: Params) -> list[str]:
    """The keys that stand in params.yaml: the usual ones, and how else orders are read."""
    usual = [key for key in laid.KEYS if "." in key]
    known = {*usual, *laid.OF_DATABASES}
    told = [f"ingest.{name}" for name in params.ingest.model_fields_set]
    more = sorted(key for key in told if key not in known)
    more = [key for key in more if getattr(params.ingest, key.partition(".")[2])]
    asked = list(laid.OF_DATABASES) if is_url(params.ingest.orders) else []
    first = usual.index("ingest.orders") + 1
    return [*usual[:first], *asked, *more, *usual[first:]]


def _with_comment(line: str, said: str) -> list[str]:
    """A line with its comment behind it, or above it where that is too long."""
    if len(line) + len(said) + 3 <= _WIDTH:
        return [f"{line} # {said}"]
    return [*_above(said), line]


def _above(said: str, indent: str = "  ") -> list[str]:
    start = f"{indent}# "
    return textwrap.wrap(said, _WIDTH, initial_indent=start, subsequent_indent=start)


def _of_offers(found: Proposal) -> Iterator[str]:
    for offer in found.offers:
        # What nobody has to think of yet keeps its default, but for what is asked or measured.
        entry = offer.model_dump(mode="json", exclude_defaults=True)
        asked = {"contact_cost": offer.contact_cost, "effect_pp": offer.effect_pp}
        text = yaml.safe_dump(
            [{**entry, **asked}],
            sort_keys=False, allow_unicode=True, width=_WIDTH - 6,
        )  # fmt: skip
        yield from (f"    {line}" for line in text.splitlines())


def _flow(value: Any) -> str:
    """A value as YAML on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6)
    return text.removesuffix("\n").removesuffix("\n...")


def _value(params: Params, key: str) -> Any:
    section, _, name = key.partition(".")
    found = getattr(getattr(params, section), name)
    if isinstance(found, Privacy):
        # A source has six keys, of which one or two are given.
        return found.model_dump(mode="json", exclude_defaults=True)
    return getattr(params, section).model_dump(mode="json")[name]


def _is_there(orders: Path, place: Path) -> bool:
    """Whether the orders lie already where the project wants them."""
    return place.exists() and place.samefile(orders)


def _copy(orders: Path, place: Path) -> None:
    if _is_there(orders, place):
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    if orders.is_dir():
        shutil.copytree(orders, place)
    else:
        shutil.copyfile(orders, place)


# --- git and DVC -----------------------------------------------------------------------------


def _under_git(folder: Path) -> Path | None:
    """Put the folder under git; the top of the repository where it lies inside of one."""
    asked = ["git", "rev-parse", "--show-toplevel"]
    done = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        _call(folder, "git", "init", "--quiet")
        return None
    top = Path(done.stdout.strip())
    return None if top.resolve() == folder.resolve() else top


def _under_dvc(folder: Path, *, inside: bool) -> None:
    if (folder / ".dvc").is_dir():
        return
    own = (folder / ".dvcignore").read_bytes()
    more = ("--subdir",) if inside else ()
    _call(folder, sys.executable, "-m", "dvc", "init", *more)
    (folder / ".dvcignore").write_bytes(own)
    config = "[core]\n    analytics = false\n    check_update = false\n    autostage = false\n"
    write_text(folder / ".dvc/config", config)
    # DVC has put its own under git already; they are to be the same there.
    _call(folder, "git", "add", ".dvc/config", ".dvcignore")


def _call(folder: Path, *command: str) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "DVC_NO_ANALYTICS": "1"},
    )  # fmt: skip
    if done.returncode:
        said = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        first = next((line for line in said if line.startswith("ERROR: ")), (said or ["?"])[-1])
        shown = " ".join(part for part in command if part not in (sys.executable, "-m"))
        raise WinbackError("template.failed", command=shown, said=first.removeprefix("ERROR: "))


@contextmanager
def _taken_away_if_it_fails(folder: Path) -> Iterator[None]:
    """A folder that is new is taken away again where laying it out fails."""
    new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        if new:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _quoted(folder: Path) -> str:
    return shlex.quote(str(folder))
