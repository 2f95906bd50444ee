"""What is wrong with a command line, as an error that has its words in each language."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from winback.errors import UsageError, WinbackError

if TYPE_CHECKING:
    from winback.said.words import Language

# Whatever is wrong with a command line; typer names only its child.
PARSER_ERROR: Any = typer.BadParameter.__bases__[0]

# Verbs that look into no params.yaml but one that is named.
_ON_THEIR_OWN = (["run"], ["churn"], ["simulate"], ["init"])
_OF_SYSTEM = {
    errno.ENOENT: "missing",
    errno.EACCES: "forbidden",
    errno.EPERM: "forbidden",
    errno.EROFS: "forbidden",
    errno.ENOTDIR: "no_folder",
    errno.EISDIR: "folder",
    errno.EEXIST: "there",
    errno.ENOSPC: "full",
}


def mistake(error: Any, given: Sequence[str]) -> WinbackError:
    """What the parser of options found, what it expected, and where to read more.

    Args:
        error: what the parser raised.
        given: the words after ``winback``.
    """
    context, param = error.ctx, getattr(error, "param", None)
    verbs = [word for word in given if not word.startswith("-")]
    path = context.command_path if context else " ".join(["winback", *verbs[:1]])
    if param is not None:
        return _of_parameter(error, param, path)
    flag = getattr(error, "option_name", None)
    if flag in ("--debug", "--quiet") and context:
        return UsageError("cli.before_verb", flag=flag, verb=context.info_name)
    if hasattr(error, "possibilities"):
        close = sorted(error.possibilities or ())
        code = "cli.no_such_option_but" if close else "cli.no_such_option"
        return UsageError(code, flag=flag, close=close, path=path)
    if flag:
        with_value = any(word.startswith(f"{flag}=") for word in given)
        code = "cli.takes_no_value" if with_value else "cli.no_value"
        return UsageError(code, flag=flag, path=path)
    known = getattr(context.command, "commands", None) if context else None
    if known is not None:
        return _of_verb(verbs, list(known), path)
    found = error.message.rpartition(" (")[2].rstrip(").")
    return UsageError("cli.too_many", found=found, path=path)


def _of_verb(verbs: Sequence[str], known: Sequence[str], path: str) -> WinbackError:
    if not verbs:
        return UsageError("cli.no_verb", path=path)
    close = get_close_matches(verbs[0], known, n=1)
    if not close:
        return UsageError("cli.no_such_verb", verb=verbs[0], path=path)
    return UsageError("cli.no_such_verb_but", verb=verbs[0], close=close[0], path=path)


def _of_parameter(error: Any, param: Any, path: str) -> WinbackError:
    name = param.opts[0] if param.param_type_name == "option" else param.name
    if type(error) is not typer.BadParameter:  # nothing was given
        told = (getattr(param, "help", None) or "").rstrip(".")
        example = (error.ctx.command.epilog or "").removeprefix("Example: ") or path
        what = f" ({told})" if told else ""
        return UsageError("cli.missing", name=name, what=what, example=example, path=path)
    # The value is in the cause alone.
    causes: list[Any] = getattr(error.__cause__, "errors", list)()
    if not causes:
        return UsageError("cli.parser", what=f"{name}: {error.message.rstrip('.')}", path=path)
    found, limits = causes[0]["input"], causes[0].get("ctx", {})
    known = {"name": name, "found": found, "path": path}
    match causes[0]["type"]:
        case "int_parsing" | "int_from_float" | "int_type":
            return UsageError("cli.no_whole_number", **known)
        case "float_parsing" | "float_type":
            return UsageError("cli.no_number", **known)
        case "greater_than_equal":
            return UsageError("cli.too_small", least=limits["ge"], **known)
        case "less_than_equal":
            return UsageError("cli.too_large", most=limits["le"], **known)
        case _:
            return UsageError("cli.bad_value", **known)


def of_system(error: OSError | MemoryError) -> WinbackError:
    """A full disk, a folder that may not be written, a machine too small."""
    if isinstance(error, MemoryError):
        return WinbackError("cli.no_memory")
    file = f"{error.filename}: " if error.filename else ""
    what = (error.strerror or str(error)).rstrip(".")
    code = _OF_SYSTEM.get(error.errno or 0, "other")
    return WinbackError(f"cli.system_{code}", file=file, what=what)


def language_asked(given: Sequence[str]) -> Language:
    """The language that a command line or its params.yaml asks for, whatever else is wrong."""
    words = list(given)
    for place, word in enumerate(words):
        flag, _, value = word.partition("=")
        if flag == "--language":
            asked = value or (words[place + 1] if place + 1 < len(words) else "")
            return _known(asked)
    return _language_of_file(words)


def _language_of_file(words: Sequence[str]) -> Language:
    import yaml

    named = [after for word, after in pairwise(words) if word == "--params"]
    verbs = [word for word in words if not word.startswith("-")]
    # Others answer for the project they stand in.
    here = [] if verbs[:1] in ([], *_ON_THEIR_OWN) else ["params.yaml"]
    try:
        content = yaml.safe_load(Path([*named, *here][0]).read_text("utf-8"))
        asked = content["report"]["language"]
    except (IndexError, OSError, ValueError, yaml.YAMLError, TypeError, KeyError):
        return "en"
    return _known(asked)


def _known(asked: object) -> Language:
    from winback.said.words import LANGUAGES

    return next((language for language in LANGUAGES if language == asked), "en")
