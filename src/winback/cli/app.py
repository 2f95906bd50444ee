"""The command line: verbs in the order of the flow, one line each."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

# In the order in which the help names their verbs.
from winback.cli import (  # noqa: F401
    after,
    champion,
    flow,
    forgetting,
    learn,
    ledger,
    project,
    push,
    questions,
)
from winback.cli.asking import app
from winback.cli.lasting import Lasting
from winback.cli.mistakes import PARSER_ERROR, language_asked, mistake, of_system
from winback.cli.progress import STATE, covered
from winback.errors import UsageError, WinbackError

_STOPPED = 130


@app.callback()
def _options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option(help="Show the traceback of an error.")] = False,
    quiet: Annotated[bool, typer.Option(help="No progress, only results.")] = False,
) -> None:
    STATE.debug, STATE.quiet = debug, quiet
    project.warn_of_other_stamp(context.invoked_subcommand)


def main() -> None:
    """Run the command line; errors a user can mend are one line on stderr."""
    given = sys.argv[1:]
    sys.stdout, sys.stderr = Lasting(sys.stdout), Lasting(sys.stderr)
    STATE.language = language_asked(given)
    try:
        # Else the parser would end the process itself, with its usage on four lines.
        code = app(prog_name="winback", standalone_mode=False)
        if code == _STOPPED:
            raise KeyboardInterrupt
        sys.exit(code or 0)
    except PARSER_ERROR as error:
        if not given:
            print(error.format_message(), file=sys.stderr)
            sys.exit(2)
        _end(mistake(error, given), 2)
    except WinbackError as error:
        if STATE.debug:
            raise
        _end(error, 2 if isinstance(error, UsageError) else 1)
    except (OSError, MemoryError) as error:
        if STATE.debug:
            raise
        _end(of_system(error), 1)
    except KeyboardInterrupt:
        _end(WinbackError("cli.stopped"), _STOPPED)


def _end(error: WinbackError, code: int) -> None:
    print(f"winback: {covered(error.sentence(STATE.language))}", file=sys.stderr)
    sys.exit(code)
