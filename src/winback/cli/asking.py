"""What verbs ask for: the options that several share, and params.yaml under the flags given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from winback.errors import UsageError

if TYPE_CHECKING:
    from winback.params import Params

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Order history in, a scored and explained retention list out.",
    epilog="Example: winback run orders.csv --horizon-days 90 --out first-look",
)

START, STAGES, AFTER = "Start here", "Stages of dvc repro, in their order", "Afterwards"
ASIDE = "Questions of their own"


def day_given(text: str | None, flag: str) -> date | None:
    """A day as a flag has it, or None without one."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError("cli.day", flag=flag, found=text) from None


Source = Annotated[str, typer.Argument(help="CSV or Parquet file, pattern or folder of lines.")]
Out = Annotated[Path, typer.Option(help="Folder for the results.")]
SomeHorizon = Annotated[
    int | None,
    typer.Option(min=1, max=730, help="Days in which a purchase is a return. [default: 90]"),
]
Cutoff = Annotated[
    str | None, typer.Option(help="Score as of this day; default: the day after the last order.")
]
Threads = Annotated[
    int | None, typer.Option(min=1, help="Threads; results do not depend on it. [default: 2]")
]
Memory = Annotated[str | None, typer.Option(help="Most memory for sorting. [default: 4GB]")]
Signals = Annotated[
    str | None, typer.Option(help="File of what else happened to customers, for snapshot.signals.")
]
Attributes = Annotated[
    str | None, typer.Option(help="File of what customers were set to, for snapshot.attributes.")
]


def _column(what: str) -> Any:
    return typer.Option(help=f"Column of the {what}, when it cannot be found.")


ROLES = {
    "customer": _column("customer"), "order": _column("order"), "date": _column("date"),
    "known_at": _column("time it became known"), "product": _column("product"),
    "quantity": _column("quantity"), "price": _column("unit price"),
    "amount": _column("line amount"), "status": _column("order status"),
    "currency_column": _column("currency"),
}  # fmt: skip
OF_LINES = ("customer", "order", "date", "quantity", "price", "amount", "status")


def names_columns(*roles: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an option for each role, in the place of its parameter ``columns``."""
    options = [
        Parameter(
            role, Parameter.KEYWORD_ONLY, default=None,
            annotation=Annotated[str | None, ROLES[role]],
        )
        for role in roles
    ]  # fmt: skip

    def with_options(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def called(**given: Any) -> None:
            named = {role.removesuffix("_column"): given.pop(role) for role in roles}
            command(columns={role: n for role, n in named.items() if n is not None}, **given)

        parameters: list[Parameter] = []
        for found in signature(command, eval_str=True).parameters.values():
            own = [found.replace(kind=Parameter.KEYWORD_ONLY)]
            parameters += options if found.name == "columns" else own
        # Where typer looks for them.
        vars(called)["__signature__"] = Signature(parameters)
        called.__annotations__ = {each.name: each.annotation for each in parameters}
        return called

    return with_options


def ingest_settings(
    columns: dict[str, str], *, cutoff: str | None = None, suppress: Path | None = None,
    contact: list[str] | None = None, **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """The keys of ``ingest`` that the command line gives; a flag left out changes nothing."""
    if suppress is not None and not suppress.is_file():
        raise UsageError("cli.no_suppress", file=suppress)
    given = {
        "columns": columns or None,
        "cutoff": day_given(cutoff, "--cutoff"),
        "contact_columns": tuple(contact) if contact else None,
        "suppress": str(suppress) if suppress else None,
        **more,
    }
    return {name: value for name, value in given.items() if value is not None}


def merged(params: Path | None, **sections: dict[str, Any]) -> Params:
    """params.yaml where it is given, under the flags that are given: a flag beats the file."""
    from winback.params import check_params, load_params

    stored = load_params(params).model_dump(exclude_unset=True) if params else {}
    for section, flags in sections.items():
        known = {name: value for name, value in flags.items() if value is not None}
        stored[section] = {**stored.get(section, {}), **known}
    return check_params(stored, str(params) if params else "command line")


Spoken = Annotated[
    str | None, typer.Option("--language", help="en or pl. [default: that of params.yaml, or en]")
]
