"""Which signals and attributes tell of service, referrals, subscribers and discounts, by name.

Names are the shop's own, in English, Polish or German, without their marks. A name is read word by
word; what it could mean else is told where it is used.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_MARKLESS = str.maketrans({"ł": "l", "ß": "ss"})


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LATE = _words(
    "late delay delayed opoznienie opoznienia opozniona opoznione opoznionej spozniona "
    "spoznienie verspatet verspaetet verspatung verspaetung lieferverzug verzug"
)
_COMPLAINT = _words(
    "complaint complaints complained reklamacja reklamacje skarga skargi reklamation "
    "beschwerde beschwerden"
)
_TICKET = _words("ticket tickets zgloszenie zgloszenia supportanfrage")
_SETTLED = _words(
    "closed resolved solved answered zamkniete zamkniecie rozwiazane geschlossen geloest "
    "gelost erledigt"
)
_SCORE = _words(
    "review reviews rating stars ocena oceny opinia opinie recenzja gwiazdki bewertung "
    "sterne survey nps csat ankieta umfrage satisfaction zadowolenie zufriedenheit"
)
# Up to this value of a scale that ends so, somebody is not content: two of five stars, a
# detractor's 6 of 10.
LOW_OF: Mapping[int, float] = {5: 2.0, 10: 6.0}

_REFERRAL = _words(
    "referred referral referrals referrer polecenie polecenia polecony polecona poleconego "
    "polecil polecajacy empfehlung empfohlen empfehler geworben werber freundeswerbung"
)
_SOURCE = _words(
    "acquisition source channel origin zrodlo kanal pozyskania pozyskanie quelle herkunft akquise"
)
_NEWSLETTER = _words("newsletter newslettera newsletterem mailing rundbrief")
_SUBSCRIPTION = _words(
    "subscription subscriptions subscriber subscribed abonament subskrypcja subskrybent "
    "abonent abo abonnement abonnent"
)
_CONSENT = _words("consent optin zgoda zgody einwilligung")
_OFF = _words(
    "withdrawn withdrawal revoked "
    "unsubscribed unsubscribe unsubscription cancelled canceled optout off left wypis "
    "wypisanie wypisany rezygnacja cofniecie abmeldung abgemeldet gekundigt gekuendigt "
    "widerruf"
)
# Said of a message, not of who joined or left.
_OF_MESSAGES = _words(
    "sent opened open clicked click bounced delivered wyslany wyslano otwarty otwarcie "
    "klikniety klikniecie gesendet geoffnet geklickt"
)
_DISCOUNT = _words(
    "discount discounts coupon coupons voucher vouchers promo promotion rabat rabaty "
    "rabatowy kupon kupony znizka znizki promocja rabatt gutschein gutscheine"
)
YES = _words(
    "yes true 1 y t on tak ja active aktywny aktywna aktywne aktiv subscribed zapisany "
    "zapisana opt_in optin granted"
)
"""Values of an attribute that say it holds, in small letters."""
NO = _words("no false 0 n f off nie nein none brak keine")
"""Values that say it does not."""


def words_of(name: str) -> frozenset[str]:
    """The words of a name, without case and marks."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_MARKLESS))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return frozenset(re.findall(r"[a-z]+", plain))


def of_referral(text: str) -> bool:
    """Whether a name or a value speaks of customers who bring customers."""
    return bool(words_of(text) & _REFERRAL)


def of_source(name: str) -> bool:
    """Whether an attribute says where a customer came from.

    Web statistics call every link from elsewhere a referral; those are left out.
    """
    words = words_of(name)
    return bool(words & _SOURCE) and not words & {"utm", "medium"}


def of_discount(name: str) -> bool:
    """Whether a signal says that somebody was given, or used, a discount."""
    return bool(words_of(name) & _DISCOUNT)


@dataclass(frozen=True)
class BadService:
    """A signal that tells of bad service: by being there, or by a value as low as this."""

    name: str
    at_most: float | None = None


def bad_service(names: Mapping[str, tuple[float | None, float | None]]) -> tuple[BadService, ...]:
    """Signals of late deliveries, complaints, tickets and low scores.

    Args:
        names: least and largest value of each signal; None where it has none.
    """
    found = []
    for name, (least, largest) in sorted(names.items()):
        words = words_of(name)
        if words & (_LATE | _COMPLAINT) or (words & _TICKET and not words & _SETTLED):
            found.append(BadService(name))
        elif words & _SCORE and least is not None and largest is not None and least >= 0:
            scale = next((top for top in LOW_OF if 1 < largest <= top), None)
            if scale is not None:
                found.append(BadService(name, LOW_OF[scale]))
    return tuple(found)


def of_subscribers(name: str) -> int | None:
    """How surely a name speaks of the subscriber base: 0 a newsletter, 1 a subscription, 2 consent.

    None where it does not.
    """
    words = words_of(name)
    if words & _OF_MESSAGES:
        return None
    return next(
        (k for k, group in enumerate((_NEWSLETTER, _SUBSCRIPTION, _CONSENT)) if words & group),
        1 if words & {"unsubscribed", "unsubscribe", "unsubscription"} else None,
    )


def leaves(name: str) -> bool:
    """Whether a signal of the subscriber base is somebody's leaving it."""
    return bool(words_of(name) & _OFF)


def surest(names: Iterable[str]) -> tuple[str, ...]:
    """Names of the subscriber base, of the surest kind there is."""
    kinds = {name: kind for name in names if (kind := of_subscribers(name)) is not None}
    return tuple(sorted(n for n, kind in kinds.items() if kind == min(kinds.values())))
