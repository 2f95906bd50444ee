"""Who may get an offer: a condition on score columns, in a grammar that can only compare."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.errors import UsageError

_COMPARE: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_COMPARATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
}
_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
}


@dataclass(frozen=True)
class Eligibility:
    """A parsed condition on columns of the scores; made by :func:`parse_eligibility`."""

    text: str
    columns: tuple[str, ...]
    _tree: ast.expr | None

    @property
    def tree(self) -> ast.expr | None:
        """The expression as read, of nothing outside the grammar; None: everybody."""
        return self._tree

    @property
    def parts(self) -> tuple[Eligibility, ...]:
        """What must hold together: the parts between the outer ``and``; none for everybody."""
        match self._tree:
            case None:
                return ()
            case ast.BoolOp(op=ast.And(), values=values):
                return tuple(parse_eligibility(ast.unparse(value)) for value in values)
        return (self,)

    def mask(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
        """Mark the rows that surely satisfy the condition.

        Unknown is not yes: where a null leaves the answer open (also below a ``not``) the
        row is not marked. ``False and null`` is false, ``True or null`` is true. Dates
        compare as ISO text: ``last_order_on >= '2024-01-31'``.

        Raises:
            UsageError: a column is not in the frame (the nearest are named), or text is
                compared with a number.
        """
        if self._tree is None:
            return np.ones(len(frame), dtype=np.bool_)
        known = [str(column) for column in frame.columns]
        for column in self.columns:
            if column not in known:
                nearest = difflib.get_close_matches(column, known, n=3, cutoff=0.5)
                if nearest:
                    raise UsageError(
                        "offers.condition_column_near", text=self.text, column=column, near=nearest
                    )
                raise UsageError(
                    "offers.condition_column", text=self.text, column=column, known=_few(known)
                )
        kind, found = self._evaluate(self._tree, frame)
        if kind != "flag":
            raise UsageError("offers.no_condition", text=self.text, kind=kind)
        if isinstance(found, bool):
            return np.full(len(frame), found, dtype=np.bool_)
        return np.asarray(found.fillna(False), dtype=np.bool_)

    def _evaluate(self, node: ast.expr, frame: pd.DataFrame) -> tuple[str, Any]:
        match node:
            case ast.Name(id=name):
                return _as_nullable(frame[name])
            case ast.Constant(value=bool(flag)):
                return "flag", flag
            case ast.Constant(value=str(text)):
                return "text", text
            case ast.Constant(value=int(number) | float(number)):
                return "number", float(number)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                found = self._of_kind("flag", operand, frame)
                return "flag", (not found) if isinstance(found, bool) else ~found
            case ast.UnaryOp(operand=operand):
                return "number", -self._of_kind("number", operand, frame)
            case ast.BinOp(left=left, op=op, right=right):
                a, b = (self._of_kind("number", side, frame) for side in (left, right))
                return "number", _finite(_ARITHMETIC[type(op)], a, b)
            case ast.BoolOp(op=both, values=parts):
                found = self._of_kind("flag", parts[0], frame)
                for part in parts[1:]:
                    other = self._of_kind("flag", part, frame)
                    found = found & other if isinstance(both, ast.And) else found | other
                return "flag", found
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                found = True
                for comparison, right in zip(ops, comparators, strict=True):
                    found = found & self._compare(left, comparison, right, frame)
                    left = right
                return "flag", found
        raise AssertionError(ast.dump(node))  # parse_eligibility lets nothing else through

    def _of_kind(self, wanted: str, node: ast.expr, frame: pd.DataFrame) -> Any:
        kind, found = self._evaluate(node, frame)
        if kind != wanted:
            raise UsageError(
                "offers.wrong_kind",
                text=self.text,
                part=ast.unparse(node),
                kind=kind,
                wanted=wanted,
            )
        return found

    def _compare(self, left: ast.expr, op: ast.cmpop, right: ast.expr, frame: pd.DataFrame) -> Any:
        kind, a = self._evaluate(left, frame)
        if isinstance(op, ast.In | ast.NotIn):
            assert isinstance(right, ast.List)
            members = [self._of_kind(kind, member, frame) for member in right.elts]
            if not isinstance(a, pd.Series):
                return (a in members) == isinstance(op, ast.In)
            found = a.isin(members).astype("boolean").mask(a.isna())
            return found if isinstance(op, ast.In) else ~found
        b = self._of_kind(kind, right, frame)
        found = _COMPARATORS[_COMPARE[type(op)]](a, b)
        return found if isinstance(found, bool) else found.astype("boolean")


def _as_nullable(column: pd.Series[Any]) -> tuple[str, Any]:
    """Give a column a null that is not a value, so that three-valued logic holds."""
    if pd.api.types.is_bool_dtype(column):
        return "flag", column.astype("boolean")
    if pd.api.types.is_numeric_dtype(column):
        numbers = column.astype("Float64")
        return "number", numbers.mask(~np.isfinite(numbers.to_numpy(np.float64, na_value=np.nan)))
    if pd.api.types.is_datetime64_any_dtype(column):
        return "text", column.dt.strftime("%Y-%m-%d").astype("string")
    present = column.dropna()
    if len(present) and all(isinstance(value, bool) for value in present):
        return "flag", column.astype("boolean")
    return "text", column.map(str, na_action="ignore").astype("string")


def _finite(operation: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """Compute, with null where the answer is no number (a division by zero)."""
    if not isinstance(left, pd.Series) and not isinstance(right, pd.Series):
        try:
            return float(operation(left, right))
        except ZeroDivisionError as error:
            raise UsageError("offers.divided_by_zero", number=left) from error
    with np.errstate(all="ignore"):
        found = operation(left, right)
    return found.mask(~np.isfinite(found.to_numpy(np.float64, na_value=np.nan)))


def _few(names: Sequence[str], most: int = 12) -> str:
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")


def parse_eligibility(text: str) -> Eligibility:
    """Read a condition such as ``days_since_last_order > 60 and segment in ['loyal']``.

    The grammar is a whitelist: column names, numbers, quoted text, true/false, arithmetic,
    comparisons (chained too), membership in a written list, and/or/not. Nothing in it can
    call, look up or open anything. An empty text means everybody.

    Raises:
        UsageError: the text is longer than 1,000 characters, is no expression, or uses
            anything outside the grammar (which part is said).
    """
    if not text.strip():
        return Eligibility(text, (), None)
    if len(text) > 1000:
        raise UsageError("offers.condition_too_long", n=len(text))
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise UsageError("offers.no_expression", text=text) from error
    columns: dict[str, None] = {}
    _check_grammar(tree, text, columns)
    return Eligibility(text, tuple(columns), tree)


def _check_grammar(node: ast.expr, text: str, columns: dict[str, None], depth: int = 0) -> None:
    children: Sequence[ast.expr] = ()
    allowed = depth <= 50
    match node:
        case ast.Name(id=name):
            columns[name] = None
        case ast.Constant(value=value):
            allowed &= isinstance(value, bool | int | float | str)
            if isinstance(value, int | float):
                allowed &= abs(value) <= 1e15
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            children = (operand,)
        case ast.BinOp(left=left, op=op, right=right):
            allowed &= type(op) in _ARITHMETIC
            children = (left, right)
        case ast.BoolOp(values=parts):
            children = parts
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            others: list[ast.expr] = [left]
            for comparison, right in zip(ops, comparators, strict=True):
                if isinstance(comparison, ast.In | ast.NotIn):
                    allowed &= isinstance(right, ast.List) and all(
                        isinstance(member, ast.Constant | ast.UnaryOp) for member in right.elts
                    )
                    # A list stands only as the last thing compared: `a in [1] < 2` is nonsense.
                    allowed &= right is comparators[-1]
                    others += right.elts if isinstance(right, ast.List) else ()
                else:
                    allowed &= type(comparison) in _COMPARE
                    others.append(right)
            children = others
        case _:
            allowed = False
    if not allowed:
        if depth > 50:
            raise UsageError("offers.nested_too_deep", text=text)
        raise UsageError("offers.outside_grammar", text=text, part=ast.unparse(node)[:80])
    for child in children:
        _check_grammar(child, text, columns, depth + 1)
