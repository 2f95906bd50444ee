"""Says which currency a sign, a code or a word stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Codes of ISO 4217 that money is earned in today.
CODES = _words(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP
    BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD GBP GEL GHS
    GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KRW
    KWD KYD KZT LAK LBP LKR LRD LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
    NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP
    SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV
    WST XAF XCD XOF XPF YER ZAR ZMW ZWL"""
)
# What each sign or word may stand for. Alone it is taken for the first; where that is empty, the
# sign alone tells no currency.
_DOLLARS = ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "ARS", "CLP", "COP", "TWD", "UYU")
_CROWNS = ("", "SEK", "NOK", "DKK", "ISK")
_RUPEES = ("INR", "PKR", "LKR", "NPR", "MUR")
_MEANINGS: dict[str, tuple[str, ...]] = {
    "zł": ("PLN",), "zl": ("PLN",), "złoty": ("PLN",), "zloty": ("PLN",), "złotych": ("PLN",),
    "zlotych": ("PLN",), "złote": ("PLN",), "zlote": ("PLN",),
    "€": ("EUR",), "euro": ("EUR",), "euros": ("EUR",), "eu": ("EUR",),
    "£": ("GBP", "EGP", "GIP", "SHP", "SSP"), "pound": ("GBP",), "pounds": ("GBP",),
    "gb£": ("GBP",), "£gb": ("GBP",), "stg": ("GBP",),
    "$": _DOLLARS, "dollar": _DOLLARS, "dollars": _DOLLARS,
    "us$": ("USD",), "$us": ("USD",), "u$s": ("USD",), "a$": ("AUD",), "au$": ("AUD",),
    "c$": ("CAD",), "ca$": ("CAD",), "cad$": ("CAD",), "nz$": ("NZD",), "s$": ("SGD",),
    "sg$": ("SGD",), "hk$": ("HKD",), "nt$": ("TWD",), "mx$": ("MXN",), "mex$": ("MXN",),
    "ar$": ("ARS",), "r$": ("BRL",), "usd$": ("USD",), "aud$": ("AUD",),
    "kč": ("CZK",), "kc": ("CZK",), "korun": ("CZK",), "kčs": ("CZK",),
    "ft": ("HUF",), "forint": ("HUF",), "lei": ("RON", "MDL"), "leu": ("RON", "MDL"),
    "лв": ("BGN",), "lv": ("BGN",), "leva": ("BGN",), "lev": ("BGN",),
    "kr": _CROWNS, "krona": ("SEK",), "kronor": ("SEK",), "kroner": _CROWNS,
    "skr": ("SEK",), "nkr": ("NOK",), "dkr": ("DKK",), "ikr": ("ISK",),
    "fr": ("CHF",), "sfr": ("CHF",), "chf": ("CHF",), "francs": ("CHF", "XOF", "XAF"),
    "franken": ("CHF",), "fcfa": ("XOF", "XAF"), "cfa": ("XOF", "XAF"),
    "₹": ("INR",), "rs": _RUPEES, "rupee": _RUPEES, "rupees": _RUPEES, "₨": _RUPEES,
    "₺": ("TRY",), "tl": ("TRY",), "₤": ("GBP", "TRY"), "₴": ("UAH",), "грн": ("UAH",),
    "hrn": ("UAH",), "₽": ("RUB",), "руб": ("RUB",), "р": ("RUB",),  # noqa: RUF001
    "¥": ("JPY", "CNY"), "￥": ("JPY", "CNY"), "円": ("JPY",), "yen": ("JPY",), "元": ("CNY",),
    "rmb": ("CNY",), "cn¥": ("CNY",), "jp¥": ("JPY",), "₩": ("KRW",), "원": ("KRW",),
    "₪": ("ILS",), "nis": ("ILS",), "₫": ("VND",), "đ": ("VND",), "₱": ("PHP",), "฿": ("THB",),
    "rp": ("IDR",), "rm": ("MYR",), "r": ("ZAR",), "₦": ("NGN",), "₵": ("GHS",), "gh₵": ("GHS",),
    "₸": ("KZT",), "₼": ("AZN",), "₾": ("GEL",), "֏": ("AMD",), "₡": ("CRC",), "₲": ("PYG",),
    "₮": ("MNT",), "៛": ("KHR",), "₭": ("LAK",), "৳": ("BDT",), "﷼": ("IRR", "SAR", "OMR", "QAR"),
    "din": ("RSD",), "дин": ("RSD",), "ден": ("MKD",), "km": ("BAM",), "kn": ("HRK",),
    "ksh": ("KES",), "dh": ("MAD", "AED"), "dhs": ("AED", "MAD"), "kd": ("KWD",),
}  # fmt: skip
# Prices in these have no decimals, whatever the currency's law allows.
WHOLE = _words(
    "BIF CLP COP DJF GNF HUF IDR ISK JPY KMF KRW LAK MGA PYG RWF TZS UGX VND VUV XAF XOF XPF"
)
# How many decimals the law gives them, where it is not two: none or three.
_NO_DECIMALS = _words("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF")
THREE_DECIMALS = _words("BHD IQD JOD KWD LYD OMR TND")
# All signs of money that Unicode knows, as a set of a regular expression has them: RE2's \p{Sc}.
SIGNS = (
    "$\u00a2-\u00a5\u058f\u060b\u07fe-\u07ff\u09f2-\u09f3\u09fb\u0af1\u0bf9\u0e3f\u17db"
    "\u20a0-\u20c1\ua838\ufdfc\ufe69\uff04\uffe0-\uffe1\uffe5-\uffe6"
)


def meanings(mark: str) -> tuple[str, ...]:
    """What a mark beside a number, or a cell of a currency column, may stand for; likeliest first.

    An empty first one means that the mark alone does not say; a mark nobody knows stands for
    itself.
    """
    word = _plain(mark)
    if word in _MEANINGS:
        return _MEANINGS[word]
    # "PLN (zł)", "EUR €", "PLN - Polish zloty": the code says it.
    parts = [part.strip("().,-:;/") for part in mark.lower().split()]
    codes = [part.upper() for part in parts if part.upper() in CODES]
    if len(parts) > 1 and codes:
        return (codes[0],)
    return (word.upper(),)


def _plain(mark: str) -> str:
    """A mark without case, its full stop, and the blank that may stand before a sign (US $)."""
    return re.sub(rf"\s+(?=[{SIGNS}]$)", "", mark.strip().lower().rstrip("."))


def is_currency(mark: str) -> bool:
    """Whether a mark or a cell names a currency that is known."""
    return _plain(mark) in _MEANINGS or meanings(mark)[0] in CODES


def one_meaning(marks: Mapping[str, int], told: str | None = None) -> dict[str, int]:
    """Lines by currency of lines by mark.

    A sign that several countries use stands for the currency that was told, or for the only one
    of its own that is written out in the same lines.
    """
    written = {codes[0] for mark in marks if len(codes := meanings(mark)) == 1}
    found: dict[str, int] = {}
    for mark, lines in sorted(marks.items()):
        codes = meanings(mark)
        code = codes[0]
        if len(codes) > 1:
            same = [other for other in codes if other and other in written]
            if told in codes:
                code = told or ""
            elif not code and len(same) == 1:
                code = same[0]
        found[code] = found.get(code, 0) + lines
    # A sign that says nothing by itself does not contradict the currency beside it.
    if "" in found and len(found) > 1:
        unsure = found.pop("")
        first = min(found, key=lambda code: (-found[code], code))
        found[first] += unsure
    return found


def minor_unit(code: str) -> int:
    """How many of its smallest unit make one of a currency; a hundred where it is not known."""
    return 1 if code in _NO_DECIMALS else 1000 if code in THREE_DECIMALS else 100
