"""What verbs ask for: the options that several share, and params.yaml under the flags given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from winback.errors import UsageError

if TYPE_CHECKING:
    from winback.params import Params

START, STAGES = "Start here", "Stages of dvc repro, in their order"
LEAVES, WORKED = "The list leaves", "What came of it"
ASIDE = "Questions of their own"
# Verbs of each panel in the order in which a week needs them.
_VERBS = (
    "run", "inspect", "init", "demo", "poll", "stamp", "due",
    "fetch", "ingest", "products", "snapshot", "describe", "train", "evaluate", "gate", "score",
    "target", "export", "report", "track",
    "push", "confirm", "seal", "explain", "forget",
    "measure", "grade", "learn", "watch", "champion", "ledger", "replay",
    "churn", "tune", "occasions", "simulate",
)  # fmt: skip


class Verbs(TyperGroup):
    """The verbs, told by what they are for in the order of the flow."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of the verbs; a stranger comes last."""
        known = {name: place for place, name in enumerate(_VERBS)}
        return sorted(self.commands, key=lambda name: known.get(name, len(known)))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """A heading for each panel, and every verb with its whole sentence."""
        panels: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            verb = self.commands[name]
            panel = getattr(verb, "rich_help_panel", None) or ASIDE
            told = verb.get_short_help_str(200)
            panels.setdefault(str(panel), []).append((f"{name:<9}", told))
        for panel, rows in panels.items():
            with formatter.section(panel):
                formatter.write_dl(rows)


app = typer.Typer(
    cls=Verbs,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Order history in, a scored and explained retention list out.",
    epilog="Example: winback run orders.csv --horizon-days 90 --out first-look",
)


def day_given(text: str | None, flag: str) -> date | None:
    """A day as a flag has it, or None without one."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError("cli.day", flag=flag, found=text) from None


def destinations_like(begun: str) -> list[str]:
    """Names of destinations that begin so, for the shell."""
    from winback.crm.destinations import DESTINATIONS

    return [name for name in DESTINATIONS if name.startswith(begun)]


Source = Annotated[
    str, typer.Argument(help="File of lines (CSV, Excel, Parquet, JSON), pattern or folder.")
]
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
For = Annotated[
    list[str] | None,
    typer.Option(
        "--for",
        help="Destination whose file is written beside list.csv, such as klaviyo; repeatable.",
        autocompletion=destinations_like,
    ),
]
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
    "amount": _column("line amount"),
    "discount": typer.Option(help="Column of the discount of a line, or none if none comes off."),
    "refunded": _column("amount refunded"), "cancelled_at": _column("day of a cancellation"),
    "status": _column("order status"), "currency_column": _column("currency"),
    "store": _column("store that numbers orders by itself"),
}  # fmt: skip
# How orders are read, beside the columns: one option for each key of ``ingest``.
_WAYS: dict[str, Any] = {
    "currency": Annotated[str | None, typer.Option(help="Currency, if no column says.")],
    "day_first": Annotated[
        bool | None, typer.Option("--day-first/--month-first", help="How to read 03/04/2025.")
    ],
    "timezone": Annotated[
        str | None, typer.Option(help="Zone of the shop, such as Europe/Warsaw.")
    ],
    "decimal_mark": Annotated[
        str | None, typer.Option(help="point or comma, where 1,250 can be either.")
    ],
    "minor_units": Annotated[
        bool | None,
        typer.Option("--minor-units/--major-units", help="Amounts are in cents, or are not."),
    ],
    "amount_is": Annotated[
        str | None,
        typer.Option(help="line or order: whether an amount is the line's or its whole order's."),
    ],
    "copies": Annotated[
        str | None, typer.Option(help="keep or drop: lines equal in all within an order.")
    ],
    "state": Annotated[
        list[str] | None,
        typer.Option(
            help="VALUE=bought, unpaid, cancelled, partly_refunded, refund or other: what a value "
            "of the status means; repeatable."
        ),
    ],
    "refunds": Annotated[
        list[str] | None,
        typer.Option(help="COLUMN=VALUE[,VALUE]: such lines are refunds; repeatable."),
    ],
    "leave_out": Annotated[
        list[str] | None,
        typer.Option(help="COLUMN=VALUE[,VALUE]: such lines are no purchases; repeatable."),
    ],
    "guest": Annotated[
        list[str] | None, typer.Option(help="A customer id that stands for nobody; repeatable.")
    ],
    "table": Annotated[
        str | None, typer.Option(help="Sheet, member of an archive or table to read.")
    ],
    "query": Annotated[str | None, typer.Option(help="SQL that gives the lines of a database.")],
}


# Short forms of ``ingest.privacy``; each adds to what params.yaml says.
_CONSENTS: dict[str, Any] = {
    "consent_column": Annotated[
        str | None, typer.Option(help="Column that says who may be written to.")
    ],
    "consent_attribute": Annotated[
        str | None, typer.Option(help="Name in --attributes that says who may be written to.")
    ],
    "suppress": Annotated[
        Path | None,
        typer.Option(help="File of ids, addresses or phones never to be on a list."),
    ],
    "no_profiling": Annotated[
        Path | None,
        typer.Option("--no-profiling", help="File of who must not even be scored."),
    ],
    "erased": Annotated[
        Path | None, typer.Option(help="File of who is to be gone from all that is stored.")
    ],
    "unknown_consent": Annotated[
        str | None,
        typer.Option(help="allow or refuse: what holds for those who said neither yes nor no."),
    ],
}


def reads_orders(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command every option of reading orders, in the place of its parameter ``reading``.

    The command gets them as the keys of ``ingest`` that they are; a flag left out is no key.
    """
    of_columns: dict[str, Any] = {
        role: Annotated[str | None, option] for role, option in ROLES.items()
    }
    options = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in (of_columns | _WAYS | _CONSENTS).items()
    ]

    @wraps(command)
    def called(**given: Any) -> None:
        named = {role.removesuffix("_column"): given.pop(role) for role in ROLES}
        ways = {name: given.pop(name) for name in _WAYS}
        consents = {name: given.pop(name) for name in _CONSENTS}
        columns = {role: name for role, name in named.items() if name is not None}
        command(reading=_reading(columns, **ways, privacy=_privacy(**consents)), **given)

    parameters: list[Parameter] = []
    for found in signature(command, eval_str=True).parameters.values():
        own = [found.replace(kind=Parameter.KEYWORD_ONLY)]
        parameters += options if found.name == "reading" else own
    # Where typer looks for them.
    vars(called)["__signature__"] = Signature(parameters)
    called.__annotations__ = {each.name: each.annotation for each in parameters}
    return called


def _reading(
    columns: dict[str, str], *, state: list[str] | None, refunds: list[str] | None,
    leave_out: list[str] | None, guest: list[str] | None, **more: Any,
) -> dict[str, Any]:  # fmt: skip
    given = {
        "columns": columns,
        "states": dict(_pair(each, "--state") for each in state or ()),
        "refunds": _values_by_column(refunds, "--refunds"),
        "leave_out": _values_by_column(leave_out, "--leave-out"),
        "guests": tuple(guest or ()),
        **more,
    }
    return {name: value for name, value in given.items() if value not in (None, {}, ())}


def _privacy(
    *, consent_column: str | None, consent_attribute: str | None, suppress: Path | None,
    no_profiling: Path | None, erased: Path | None, unknown_consent: str | None,
) -> dict[str, Any]:  # fmt: skip
    """The section ``ingest.privacy`` that the flags are short for."""

    def sources(**given: Any) -> list[dict[str, str]]:
        return [{kind: str(name)} for kind, name in given.items() if name is not None]

    said = {
        "marketing": sources(column=consent_column, attribute=consent_attribute, file=suppress),
        "profiling": sources(file=no_profiling),
        "erased": sources(file=erased),
        "unknown": {"marketing": unknown_consent} if unknown_consent else {},
    }
    return {name: value for name, value in said.items() if value}


def _pair(text: str, flag: str) -> tuple[str, str]:
    # A column's name may hold an equals sign, a value hardly.
    name, sign, value = text.rpartition("=")
    if not (sign and name.strip() and value.strip()):
        raise UsageError("cli.no_pair", flag=flag, found=text)
    return name.strip(), value.strip()


def _values_by_column(given: list[str] | None, flag: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, values in (_pair(text, flag) for text in given or ()):
        found[name] = (*found.get(name, ()), *(v.strip() for v in values.split(",") if v.strip()))
    return found


def ingest_settings(
    reading: dict[str, Any], *, cutoff: str | None = None, contact: list[str] | None = None,
    **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """The keys of ``ingest`` that the command line gives; a flag left out changes nothing."""
    given = {
        "cutoff": day_given(cutoff, "--cutoff"),
        "contact_columns": tuple(contact) if contact else None,
        **more,
    }
    return reading | {name: value for name, value in given.items() if value is not None}


def merged(params: Path | None, **sections: dict[str, Any]) -> Params:
    """params.yaml where it is given, under the flags that are given: a flag beats the file."""
    from winback.params import check_params, load_params

    stored = load_params(params).model_dump(exclude_unset=True) if params else {}
    for section, flags in sections.items():
        known = {name: value for name, value in flags.items() if value is not None}
        if "privacy" in known:
            # The strictest wins, so that flags add to the file and take nothing from it.
            before = stored.get(section, {}).get("privacy", {})
            known["privacy"] = _joined(before, known["privacy"])
        stored[section] = {**stored.get(section, {}), **known}
    return check_params(stored, str(params) if params else "command line")


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two sections ``ingest.privacy`` in one: the sources of both, the other's ``unknown``."""
    found = dict(one)
    for purpose in ("marketing", "profiling", "ads", "erased"):
        if other.get(purpose):
            both = [*one.get(purpose, ()), *other[purpose]]
            found[purpose] = [each for k, each in enumerate(both) if each not in both[:k]]
    if other.get("unknown"):
        found["unknown"] = {**one.get("unknown", {}), **other["unknown"]}
    return found


Spoken = Annotated[
    str | None, typer.Option("--language", help="en or pl. [default: that of params.yaml, or en]")
]
