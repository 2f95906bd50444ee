"""The command line: verbs in the order of the flow, one line each."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

# In the order in which the help names their verbs.
from winback.cli import after, flow, questions  # noqa: F401
from winback.cli.asking import app
from winback.cli.progress import STATE
from winback.errors import UsageError, WinbackError

# Whatever is wrong with a command line; typer names only its child.
_PARSER_ERROR: Any = typer.BadParameter.__bases__[0]
_STOPPED = 130


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option(help="Show the traceback of an error.")] = False,
    quiet: Annotated[bool, typer.Option(help="No progress, only results.")] = False,
) -> None:
    STATE.debug, STATE.quiet = debug, quiet


def main() -> None:
    """Run the command line; errors a user can mend are one line on stderr."""
    try:
        # Else the parser would end the process itself, with its usage on four lines.
        code = app(prog_name="winback", standalone_mode=False)
        if code == _STOPPED:
            raise KeyboardInterrupt
        sys.exit(code or 0)
    except _PARSER_ERROR as error:
        if not sys.argv[1:]:
            print(error.format_message(), file=sys.stderr)
        else:
            print(f"winback: {_in_one_line(error)}", file=sys.stderr)
        sys.exit(2)
    except WinbackError as error:
        if STATE.debug:
            raise
        print(f"winback: {error.sentence(STATE.language)}", file=sys.stderr)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except (OSError, MemoryError) as error:
        # A full disk, a folder that may not be written, a machine too small.
        if STATE.debug:
            raise
        named = getattr(error, "filename", None)
        text = getattr(error, "strerror", None) or str(error) or "out of memory"
        print(f"winback: {f'{named}: ' if named else ''}{text}.", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("winback: stopped; files written before are whole.", file=sys.stderr)
        sys.exit(_STOPPED)


def _in_one_line(error: Any) -> str:
    """What the parser of options found, what it expected, and where to read more."""
    context, param = error.ctx, getattr(error, "param", None)
    verbs = [word for word in sys.argv[1:] if not word.startswith("-")]
    path = context.command_path if context else " ".join(["winback", *verbs[:1]])
    help_ = f"See {path} --help."
    if (flag := getattr(error, "option_name", None)) in ("--debug", "--quiet") and context:
        return f"{flag} stands before the verb: write winback {flag} {context.info_name} ..."
    if param is None:
        said = error.format_message().rstrip(".")
        said = said[:1].lower() + said[1:]
        return f"{said}{'' if said.endswith('?') else '.'} {help_}"
    named = param.opts[0] if param.param_type_name == "option" else param.name
    if type(error) is not typer.BadParameter:  # nothing was given
        wanted = f" ({param.help.rstrip('.')})" if getattr(param, "help", None) else ""
        example = (context.command.epilog or "").removeprefix("Example: ")
        return f"{named}{wanted} is missing; write, for example, {example or path}. {help_}"
    # The value is in the cause alone.
    told: list[Any] = getattr(error.__cause__, "errors", list)()
    found = f" {told[0]['input']!r}" if told else ""
    expected = error.message.split(",")[0].rstrip(".")
    expected = expected.replace("Input should be a valid integer", "expected a whole number")
    expected = expected.replace("Input should be greater", "expected a number greater")
    expected = expected.replace("Input should be less", "expected a number less")
    return f"{named}{found}: {expected.replace('Input should be', 'expected')}. {help_}"
