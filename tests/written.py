"""What must not stand in a text for people, whatever it says: a second way to write a number."""

from __future__ import annotations

import re

# Ids, hashes, files, versions, ISO days and times of day are not numbers that somebody reads off.
_NOT_NUMBERS = re.compile(
    r"[\w./-]*\.(?:parquet|csv|html|json|yaml)\b|\b[0-9a-f]{12,}\b|\b\d{4}-\d{2}-\d{2}(?:T[\d:]+)?"
    r"|\b\d{2}\.\d{2}\.\d{4}\b|\b\d+\.\d+\.\d+\b|--[\w-]+"
)
_ODD = {
    "en": {
        "a blank before %": r"\d[\s\u00a0]%",
        "currency behind its sum": r"\d[\s\u00a0](?:PLN|USD|EUR|zł|€|\$)",
        "a hyphen for a minus": r"(?<![\w.\u2013-])-\d",
        "a decimal comma": r"\d,\d{1,2}(?!\d)",
        "thousands without a comma": r"(?<![\w.,])(?!20\d\d(?!\d)|19\d\d(?!\d))[1-9]\d{3,}",
        "one of many": r"(?<![\d.,])1[\s\u00a0](?:customer|order|day|line|forecast|purchase)s\b",
    },
    "pl": {
        "a blank before %": r"\d[\s\u00a0]%",
        "currency before its sum": r"(?:PLN|USD|EUR|zł|€|\$)[\s\u00a0]?\d",
        "a code for a sign": r"\d[\s\u00a0]PLN",
        "a hyphen for a minus": r"(?<![\w.\u2013-])-\d",
        "a decimal point": r"(?<![\w.])\d+\.\d+(?![\w.])",
        "thousands without a blank": r"(?<![\w.,])(?!20\d\d(?!\d)|19\d\d(?!\d))[1-9]\d{3,}",
        "one of many": r"(?<![\d.,])1[\s\u00a0](?:klientów|zamówień|dni|wierszy|prognoz)\b",
    },
}


def odd_numbers(text: str, language: str) -> list[str]:
    """Numbers, money and plurals of a text that are not written as all others, with their place."""
    text = _NOT_NUMBERS.sub(" ", text)
    return [
        f"{what}: …{text[max(0, found.start() - 30) : found.end() + 15]}…".replace("\n", " ")
        for what, pattern in _ODD[language].items()
        for found in re.finditer(pattern, text)
    ]
