"""Who may get an offer, in words: the catalogue's conditions as a marketer would tell them."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from markupsafe import Markup

from winback.results.scored import ToldColumn
from winback.said import declared
from winback.said.words import Texts, Words

Unit = Literal["", "money", "share", "day"]


class Piece(NamedTuple):
    """Some text of a sentence; ``code`` where it is the catalogue's own and no words."""

    text: str
    code: bool = False


Pieces = tuple[Piece, ...]
_Number = int | float

# How a number, or a name, stands beside a column.
_THAN: Mapping[str, str] = {
    ">=": "at_least", ">": "more", "<=": "at_most", "<": "less", "==": "is", "!=": "other",
}  # fmt: skip
_TURNED: Mapping[str, str] = {
    ">=": "<", ">": "<=", "<=": ">", "<": ">=", "==": "!=", "!=": "==",
}  # fmt: skip
_FLIPPED: Mapping[str, str] = {
    ">=": "<=", ">": "<", "<=": ">=", "<": ">", "==": "==", "!=": "!=",
}  # fmt: skip
_SIGNS: Mapping[type[ast.cmpop], str] = {
    ast.GtE: ">=", ast.Gt: ">", ast.LtE: "<=", ast.Lt: "<", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
# More decimals than a reader takes in; such a number stays as the catalogue has it.
_MOST_DECIMALS = 4

TEXTS: Texts = {
    "everybody": {"en": "everybody", "pl": "wszyscy"},
    "min_basket": {
        "en": "an expected order of at least {basket}",
        "pl": "spodziewane zamówienie za co najmniej {basket}",
    },
    "and": {"en": " and ", "pl": " i "},
    "or": {"en": " or ", "pl": " lub "},
    "yes": {"en": "yes", "pl": "tak"},
    "no": {"en": "no", "pl": "nie"},
    # A column and its number or name: "average basket: at least 50".
    "at_least": {"en": "at least {n}", "pl": "co najmniej {n}"},
    "more": {"en": "more than {n}", "pl": "więcej niż {n}"},
    "at_most": {"en": "at most {n}", "pl": "najwyżej {n}"},
    "less": {"en": "less than {n}", "pl": "mniej niż {n}"},
    "is": {"en": "{n}", "pl": "{n}"},
    "other": {"en": "anything but {n}", "pl": "inne niż {n}"},
    "range": {"en": "from {low} to {high}", "pl": "od {low} do {high}"},
    "day_at_least": {"en": "{day} or later", "pl": "{day} lub później"},
    "day_more": {"en": "after {day}", "pl": "po {day}"},
    "day_at_most": {"en": "{day} or earlier", "pl": "{day} lub wcześniej"},
    "day_less": {"en": "before {day}", "pl": "przed {day}"},
    "day_is": {"en": "{day}", "pl": "{day}"},
    "day_other": {"en": "any day but {day}", "pl": "inny dzień niż {day}"},
    # What most catalogues ask.
    "last_at_least": {
        "en": "no purchase for at least {days:count day}",
        "pl": "brak zakupu od co najmniej {days:count of day}",
    },
    "last_more": {
        "en": "no purchase for more than {days:count day}",
        "pl": "brak zakupu od ponad {days:count of day}",
    },
    "last_at_most": {
        "en": "a purchase in the last {days:count day}",
        "pl": "zakup w ciągu ostatnich {days:count of day}",
    },
    "last_less": {
        "en": "the last purchase less than {days:count day} ago",
        "pl": "ostatni zakup mniej niż {days:count day} temu",
    },
    "last_is": {
        "en": "the last purchase exactly {days:count day} ago",
        "pl": "ostatni zakup dokładnie {days:count day} temu",
    },
    "last_range": {
        "en": "the last purchase {low:n} to {high:count day} ago",
        "pl": "ostatni zakup od {low:n} do {high:count of day} temu",
    },
    "orders_at_least": {"en": "at least {n:count order}", "pl": "co najmniej {n:count order}"},
    "orders_more": {"en": "more than {n:count order}", "pl": "więcej niż {n:count order}"},
    "orders_at_most": {"en": "at most {n:count order}", "pl": "najwyżej {n:count order}"},
    "orders_less": {"en": "fewer than {n:count order}", "pl": "mniej niż {n:count order}"},
    "orders_is": {"en": "exactly {n:count order}", "pl": "dokładnie {n:count order}"},
    "in_days": {
        "en": " in the last {days:count day}",
        "pl": " w ciągu ostatnich {days:count of day}",
    },
    "risk": {"en": "{bands} risk", "pl": "{bands} ryzyko"},
    "risk_low": {"en": "low", "pl": "niskie"},
    "risk_medium": {"en": "medium", "pl": "średnie"},
    "risk_high": {"en": "high", "pl": "wysokie"},
    "band_new": {"en": "too new to say", "pl": "za wcześnie na ocenę"},
    "band_lost": {"en": "too long silent", "pl": "zbyt długo bez zakupu"},
    # Names of columns; a window's days follow as in_days.
    "segment": {"en": "segment", "pl": "segment"},
    "risk_band": {"en": "risk", "pl": "ryzyko"},
    "rfm_score": {"en": "RFM code", "pl": "kod RFM"},
    "r_score": {"en": "recency, 1 to 5", "pl": "świeżość, od 1 do 5"},
    "f_score": {"en": "frequency, 1 to 5", "pl": "częstość, od 1 do 5"},
    "m_score": {"en": "spending, 1 to 5", "pl": "wydatki, od 1 do 5"},
    "p_return": {
        "en": "chance of a purchase within the horizon",
        "pl": "szansa na zakup w horyzoncie prognozy",
    },
    "p_return_days": {
        "en": "chance of a purchase within {days:count day}",
        "pl": "szansa na zakup w ciągu {days:count of day}",
    },
    "expected_orders": {"en": "expected orders", "pl": "spodziewana liczba zamówień"},
    "expected_net_spend": {"en": "expected spending", "pl": "spodziewane wydatki"},
    "lifetime_value": {"en": "long-term value", "pl": "wartość w dłuższym czasie"},
    "first_order_on": {"en": "first purchase", "pl": "pierwszy zakup"},
    "last_order_on": {"en": "last purchase", "pl": "ostatni zakup"},
    "expected_next_order_on": {
        "en": "expected next purchase",
        "pl": "spodziewany następny zakup",
    },
    "orders_total": {"en": "number of orders", "pl": "liczba zamówień"},
    "orders": {"en": "number of orders", "pl": "liczba zamówień"},
    "spend_total": {"en": "spent so far, after refunds", "pl": "dotychczas wydane, po zwrotach"},
    "spend": {"en": "spent, after refunds,", "pl": "wydane, po zwrotach,"},
    "items": {"en": "items bought", "pl": "kupione sztuki"},
    "items_total": {"en": "items bought", "pl": "kupione sztuki"},
    "refunds": {"en": "refunds", "pl": "zwroty"},
    "refunds_total": {"en": "refunds", "pl": "zwroty"},
    "distinct_products": {"en": "different products", "pl": "różne produkty"},
    "distinct_products_total": {"en": "different products", "pl": "różne produkty"},
    "order_days": {"en": "days with a purchase", "pl": "dni z zakupem"},
    "order_days_total": {"en": "days with a purchase", "pl": "dni z zakupem"},
    "days_since_last_order": {
        "en": "time since the last purchase",
        "pl": "czas od ostatniego zakupu",
    },
    "days_since_first_order": {
        "en": "time since the first purchase",
        "pl": "czas od pierwszego zakupu",
    },
    "order_value_mean": {"en": "average basket", "pl": "średni koszyk"},
    "order_value_last": {"en": "last basket", "pl": "ostatni koszyk"},
    "order_value_first": {"en": "first basket", "pl": "pierwszy koszyk"},
    "order_value_max": {"en": "largest basket", "pl": "największy koszyk"},
    "gap_mean_days": {
        "en": "usual time between purchases",
        "pl": "zwykły odstęp między zakupami",
    },
    "refund_share": {
        "en": "share of money sent back",
        "pl": "część wydatków zwrócona lub anulowana",
    },
    "weekend_share": {"en": "share of weekend orders", "pl": "część zamówień z weekendu"},
    "morning_share": {"en": "share of morning orders", "pl": "część zamówień z rana"},
    "evening_share": {"en": "share of evening orders", "pl": "część zamówień z wieczora"},
}
_UNITS: Mapping[str, Unit] = {
    **dict.fromkeys(
        ("expected_net_spend", "lifetime_value", "spend_total", "spend", "order_value_mean",
         "order_value_last", "order_value_first", "order_value_max"), "money"
    ),
    **dict.fromkeys(
        ("p_return", "p_return_days", "refund_share", "weekend_share", "morning_share",
         "evening_share"), "share"
    ),
    **dict.fromkeys(("days_since_last_order", "days_since_first_order", "gap_mean_days"), "day"),
}  # fmt: skip
_COLUMNS = frozenset(
    {
        "segment", "risk_band", "rfm_score", "r_score", "f_score", "m_score", "p_return",
        "expected_orders", "expected_net_spend", "lifetime_value", "first_order_on",
        "last_order_on", "expected_next_order_on", "orders_total", "spend_total", "items_total",
        "refunds_total", "distinct_products_total", "order_days_total", "days_since_last_order",
        "days_since_first_order", "order_value_mean", "order_value_last", "order_value_first",
        "order_value_max", "gap_mean_days", "refund_share", "weekend_share", "morning_share",
        "evening_share",
    }
)  # fmt: skip
_WINDOWED = ("orders", "spend", "items", "refunds", "distinct_products", "order_days")
_RISKS = ("low", "medium", "high")


def condition(expression: str, words: Words, own: Mapping[str, ToldColumn] | None = None) -> Pieces:
    """A condition of the catalogue in words, what must hold together apart by semicolons.

    What there are no words for stands as the catalogue has it, marked as code: a column that
    nobody has named, a reckoning of several columns. Nothing is left out or rounded.

    Args:
        expression: as `winback.offers.eligibility.parse_eligibility` reads it.
        own: columns that the shop declares itself, and how people are told of them.
    """
    text = expression.strip()
    if not text:
        return (Piece(TEXTS["everybody"][words.language]),)
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return (Piece(text, code=True),)
    return _Teller(words, own or {}).together(tree)


def min_basket(amount: float, words: Words) -> str:
    """The smallest order that an offer holds for, as a condition."""
    return words.fill(TEXTS["min_basket"], {"basket": _money(Decimal(repr(amount)), words)})


def as_text(pieces: Pieces) -> str:
    """The sentence for a terminal."""
    return "".join(piece.text for piece in pieces)


def as_html(pieces: Pieces) -> Markup:
    """The sentence for a page, with the catalogue's own in code font."""
    return Markup("").join(
        Markup("<code>{}</code>").format(piece.text) if piece.code else piece.text
        for piece in pieces
    )


class _Teller:
    """Tells the parts of one condition."""

    def __init__(self, words: Words, own: Mapping[str, ToldColumn]) -> None:
        self.words, self.own = words, own

    def together(self, tree: ast.expr) -> Pieces:
        """The parts between the outer ``and``."""
        match tree:
            case ast.BoolOp(op=ast.And(), values=values):
                return _joined([self.whole(value) for value in values], "; ")
        return self.whole(tree)

    def whole(self, node: ast.expr, *, no: bool = False) -> Pieces:
        """An expression, or that it does not hold."""
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.whole(operand, no=not no)
            case ast.BoolOp(op=op, values=values):
                # Not both is either not: so it is of unknown values, too.
                every = isinstance(op, ast.And) != no
                between = self._say("and" if every else "or")
                parts = [
                    _bracketed(self.whole(value, no=no))
                    if isinstance(value, ast.BoolOp)
                    else self.whole(value, no=no)
                    for value in values
                ]
                return _joined(parts, between)
            case ast.Name(id=name):
                return (*self._name(name), Piece(f": {self._say('no' if no else 'yes')}"))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._compared(left, op, right, no=no) or _as_is(node, no=no)
            case ast.Compare(left=left, ops=[low, high], comparators=[middle, right]):
                if not no:
                    return self._between(left, low, middle, high, right) or _as_is(node, no=no)
        return _as_is(node, no=no)

    def _say(self, name: str, **values: object) -> str:
        return self.words.fill(TEXTS[name], values)

    def _name(self, column: str) -> Pieces:
        """What a column is called; one that nobody named as it is."""
        if column in self.own:
            return (Piece(declared.column(self.own[column], self.words)),)
        if column in _COLUMNS:
            return (Piece(self._say(column)),)
        stem, days = _in_days(column)
        if stem in _WINDOWED:
            return (Piece(self._say(stem) + self._say("in_days", days=days)),)
        if stem == "p_return":
            return (Piece(self._say("p_return_days", days=days)),)
        return (Piece(column, code=True),)

    def _unit(self, column: str) -> Unit:
        if column in self.own:
            return ""
        stem, _ = _in_days(column)
        return _UNITS.get(stem or column, "")

    def _compared(
        self, left: ast.expr, op: ast.cmpop, right: ast.expr, *, no: bool
    ) -> Pieces | None:
        """A column beside a number, a name or a list of them; None for anything else."""
        if isinstance(op, ast.In | ast.NotIn):
            return self._among(left, right, among=isinstance(op, ast.In) != no)
        sign = _SIGNS[type(op)]
        if isinstance(right, ast.Name) and not isinstance(left, ast.Name):
            left, right, sign = right, left, _FLIPPED[sign]
        if not isinstance(left, ast.Name):
            return None
        value = _constant(right)
        if value is None:
            return None
        if no:
            sign = _TURNED[sign]
        if isinstance(value, str):
            return self._text(left.id, sign, value)
        return self._number(left.id, sign, value)

    def _number(self, column: str, sign: str, value: _Number) -> Pieces | None:
        than, whole = _THAN[sign], float(value).is_integer()
        if whole and column == "days_since_last_order" and f"last_{than}" in TEXTS:
            return (Piece(self._say(f"last_{than}", days=int(value))),)
        stem, days = _in_days(column)
        if whole and f"orders_{than}" in TEXTS and column not in self.own:
            if column == "orders_total":
                return (Piece(self._say(f"orders_{than}", n=int(value))),)
            if stem == "orders":
                window = self._say("in_days", days=days)
                return (Piece(self._say(f"orders_{than}", n=int(value)) + window),)
        written = self._level(column, value) or self._written(value, self._unit(column))
        if written is None:
            return None
        return (*self._name(column), Piece(f": {self._say(than, n=written)}"))

    def _level(self, column: str, value: _Number) -> str | None:
        """What the shop calls the value of an attribute whose values have names."""
        told = self.own.get(column)
        if told is None or told.how != "value" or not float(value).is_integer():
            return None
        return told.levels[int(value)] if 0 <= value < len(told.levels) else None

    def _written(self, value: _Number, unit: Unit) -> str | None:
        """A number with all its digits; None where a reader would not take them in."""
        exact = Decimal(repr(value))
        if unit == "share":
            exact *= 100
        decimals = _decimals(exact)
        if decimals > _MOST_DECIMALS or abs(exact) >= 10**12:
            return None
        if unit == "money":
            return _money(exact, self.words)
        text = self.words.number(float(exact), decimals)
        if unit == "share":
            return f"{text}%"
        if unit == "day" and not decimals:
            return self.words.count(float(exact), "of day")
        return text

    def _text(self, column: str, sign: str, value: str) -> Pieces | None:
        if sign in ("==", "!="):
            return self._named(column, [value], among=sign == "==")
        try:
            day = self.words.day(date.fromisoformat(value))
        except ValueError:
            return None
        return (*self._name(column), Piece(f": {self._say(f'day_{_THAN[sign]}', day=day)}"))

    def _among(self, left: ast.expr, right: ast.expr, *, among: bool) -> Pieces | None:
        if not isinstance(left, ast.Name) or not isinstance(right, ast.List) or not right.elts:
            return None
        values = [_constant(each) for each in right.elts]
        texts = [value for value in values if isinstance(value, str)]
        if len(texts) == len(values):
            return self._named(left.id, texts, among=among)
        unit = self._unit(left.id)
        written = [
            None if value is None or isinstance(value, str) else self._written(value, unit)
            for value in values
        ]
        told = [text for text in written if text is not None]
        if len(told) < len(values):
            return None
        listed = self._listed(told)
        text = self._say("is" if among else "other", n=listed)
        return (*self._name(left.id), Piece(f": {text}"))

    def _named(self, column: str, values: Sequence[str], *, among: bool) -> Pieces:
        """One of some names: risks and segments by what they are called."""
        if column == "risk_band" and among:
            risks = [f"risk_{band}" for band in _RISKS if band in values]
            others = [value for value in values if value not in _RISKS]
            if all(f"band_{band}" in TEXTS for band in others):
                parts = [self._say(f"band_{band}") for band in others]
                if risks:
                    bands = self._listed([self._say(risk) for risk in risks])
                    parts = [self._say("risk", bands=bands), *parts]
                return (Piece(self._listed(parts)),)
        told = [self._called(column, value) for value in values]
        day = _day_of(values[0], self.words) if len(values) == 1 else None
        if day is not None:
            text = self._say("day_is" if among else "day_other", day=day)
        else:
            text = self._say("is" if among else "other", n=self._listed(told))
        return (*self._name(column), Piece(f": {text}"))

    def _called(self, column: str, value: str) -> str:
        """A segment or a risk by its name; any other value as it is."""
        if column == "segment":
            return self.words.term("segment", value)
        if column == "risk_band":
            name = self.words.term("band", value)
            return name[:1].lower() + name[1:]
        return value

    def _between(
        self, left: ast.expr, low: ast.cmpop, middle: ast.expr, high: ast.cmpop, right: ast.expr
    ) -> Pieces | None:
        """A column between two numbers, its name said once where both belong to it."""
        least, most = _constant(left), _constant(right)
        if not isinstance(middle, ast.Name) or least is None or most is None:
            return None
        ends = [_SIGNS.get(type(op)) for op in (low, high)]
        if ends == ["<=", "<="] and not isinstance(least, str) and not isinstance(most, str):
            whole = all(float(value).is_integer() for value in (least, most))
            if middle.id == "days_since_last_order" and whole:
                return (Piece(self._say("last_range", low=int(least), high=int(most))),)
            written = [self._written(value, self._unit(middle.id)) for value in (least, most)]
            if None not in written:
                text = self._say("range", low=written[0], high=written[1])
                return (*self._name(middle.id), Piece(f": {text}"))
        halves = [
            self._compared(left, low, middle, no=False),
            self._compared(middle, high, right, no=False),
        ]
        told = [half for half in halves if half is not None]
        return _joined(told, self._say("and")) if len(told) == 2 else None

    def _listed(self, texts: Sequence[str]) -> str:
        """A, B or C."""
        *first, last = texts
        return self._say("or").join([", ".join(first), last]) if first else last


def _in_days(column: str) -> tuple[str, int]:
    """A column's name without its days, and how many; an empty name of one without."""
    stem, _, days = column.rpartition("_")
    if stem in (*_WINDOWED, "p_return") and days[:-1].isdecimal() and days.endswith("d"):
        return stem, int(days[:-1])
    return "", 0


def _constant(node: ast.expr) -> _Number | str | None:
    """A number or text as written; None for anything else, yes and no among it."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=str(value)) | ast.Constant(value=int(value) | float(value)):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value) | float(value))):
            return -value
    return None


def _as_is(node: ast.expr, *, no: bool) -> Pieces:
    text = ast.unparse(node)
    return (Piece(f"not ({text})" if no else text, code=True),)


def _joined(parts: Sequence[Pieces], between: str) -> Pieces:
    found: list[Piece] = []
    for part in parts:
        found += ([Piece(between)] if found else []) + list(part)
    return tuple(found)


def _bracketed(pieces: Pieces) -> Pieces:
    return (Piece("("), *pieces, Piece(")"))


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _money(amount: Decimal, words: Words) -> str:
    decimals = _decimals(amount)
    return words.money(float(amount), max(decimals, 2) if decimals else 0)


def _day_of(value: str, words: Words) -> str | None:
    try:
        return words.day(date.fromisoformat(value))
    except ValueError:
        return None
