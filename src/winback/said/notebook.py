"""Facts and results in words, for a notebook: ``wb.tell``."""

from __future__ import annotations

from winback.errors import UsageError
from winback.results.base import Result
from winback.said import spoken
from winback.said.words import Language, Words


def tell(told: object, *, language: Language = "en", currency: str = "") -> str:
    """A fact or a result as a sentence, in English or in Polish.

    Args:
        told: a fact, a result that is told as a whole, such as a verdict, or what has one as its
            ``summary``.
        language: ``en`` or ``pl``.
        currency: ISO code that amounts are written with.

    Raises:
        UsageError: nobody tells such a thing in words, or no text is in that language.

    Examples:
        >>> from winback.results.learned import Concern
        >>> print(tell(Concern(code="one_window"), language="pl")[:29])
        Nie ma dwóch osobnych okien,
    """
    result = told if isinstance(told, Result) else getattr(told, "summary", None)
    words = Words(language, currency)
    if not isinstance(result, Result) or not spoken.is_told(result):
        raise UsageError("judging.not_told", kind=type(told).__name__)
    return spoken.tell(result, words)
