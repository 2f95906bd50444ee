"""What looks like a consent to be written to, or an objection, and is used as neither.

Whoever refused in a column that nobody reads would be written to all the same. So what looks like
one is doubted at once, wherever it stands: among the orders, in a register of customers beside
them, among attributes or signals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from winback.intake.cells import FALSE_WORDS, TRUE_WORDS, nothing
from winback.intake.shapes import Shape
from winback.results.base import Fact, fact

Kind = Literal["consent", "objection"]

# Names as written, with anything between their words. Of an objection yes means no.
_OBJECTION = re.compile(
    r"(?<![a-z])opt[\W_]{0,2}out|(?<![a-z])opted[\W_]?out|unsubscri"
    r"|do[\W_]?not[\W_]?(contact|mail|e.?mail|call|track|send)|\bdnc\b"
    r"|(?<![a-z])no[\W_]?(e.?mail|mailing|contact|marketing)|sprzeciw|wypisan|nie.?kontakt"
    r"|bez.?(zgody|kontaktu)|objection|objected|suppress|block(ed)?.?list|blacklist|widerspruch"
    r"|abgemeldet|brak.?zgody|revoked|withdrawn",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"consent|zgod[ay]|(?<![a-z])opt[\W_]{0,2}in(?![a-z])|(?<![a-z])opted[\W_]?in"
    r"|accepts.?marketing|marketing.?(permission|allowed|ok)|rodo(?![a-z])|gdpr|dsgvo|einwillig"
    r"|einverstand|(?<![a-z])(may|can|allow|ok[\W_]?to)[\W_]{0,2}(be[\W_])?"
    r"(contact|mail|e.?mail|sms|call|market)|contact.?(allowed|permission|ok)",
    re.IGNORECASE,
)
# These name other things, too: a letter, a channel, a paid subscription. Cells of yes and no tell.
_PERHAPS = re.compile(
    r"newsletter|marketing|mailing|subscribed|subscriber|subskryb|abonent|notif|powiadom"
    r"|permission|pozwolen|zezwolen|contactable|marketable"
    r"|(e.?mail|sms|push).{0,3}(on|ok|enabled|active|yes)$",
    re.IGNORECASE,
)
# Not the consent itself, but when, where or in which words it was given.
_OF_A_CONSENT = re.compile(
    r"(date|data|time|_at|czas|kiedy|source|zrodlo|źródło|text|tresc|treść|version|wersja|id)$",
    re.IGNORECASE,
)
_WORDS = frozenset((*TRUE_WORDS, *FALSE_WORDS, "on", "off", "checked", "unchecked"))


def kind_of(name: str, values: Iterable[str | None]) -> Kind | None:
    """Whether a name with its values looks like a consent or an objection.

    Args:
        name: of a column, an attribute or a signal.
        values: some of its cells as text; of a surer name they need not be yes and no.
    """
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    found = {v.strip().lower() for v in values if v is not None and not nothing(v)}
    says = bool(found) and found <= _WORDS
    if _OBJECTION.search(name) and (says or not found):
        return "objection"
    if _CONSENT.search(name) and (says or not _OF_A_CONSENT.search(name)):
        return "consent"
    return "consent" if says and _PERHAPS.search(name) else None


def unused_columns(
    shapes: Iterable[Shape], used: Sequence[str], left: tuple[Fact, ...] = ()
) -> list[Fact]:
    """Doubts of columns of files that look like a consent: the likeliest of each kind.

    Args:
        shapes: of the files.
        used: columns that are read as something else, such as an e-mail address.
        left: of files that are not read at all, what they are called; none: they hold orders.
    """
    kinds: dict[Kind, str] = {}
    for shape in shapes:
        for place, name in enumerate(shape.names):
            if name.lower() in {one.lower() for one in used}:
                continue
            kind = kind_of(name, (row[place] for row in shape.sample))
            if kind:
                kinds.setdefault(kind, name)
    if left:
        return [
            fact(f"intake.{kind}_beside", column=kinds[kind], file=left) for kind in sorted(kinds)
        ]
    return [fact(f"intake.{kind}_unused", column=kinds[kind]) for kind in sorted(kinds)]


def unused_names(
    noun: str, names: Iterable[str], values_of: Callable[[str], Sequence[str]], file: str
) -> list[Fact]:
    """Doubts of attributes or signals whose name and values look like a consent.

    Args:
        noun: ``attributes`` or ``signals``.
        names: those of the file.
        values_of: some values of one of them, as text.
        file: what the file is called.
    """
    doubts = []
    for name in names:
        if not any(each.search(name) for each in (_OBJECTION, _CONSENT, _PERHAPS)):
            continue
        kind = kind_of(name, values_of(name))
        if kind:
            doubts.append(fact(f"intake.{kind}_of_{noun}", name=name, file=file))
    return doubts
