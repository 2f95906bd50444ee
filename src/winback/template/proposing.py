"""What an order history proposes for params.yaml, each value with the reason for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from winback.errors import WinbackError
from winback.intake.cells import file_literal
from winback.offers.costs import usual_contact
from winback.params import COUNTRY, HORIZON_DAYS, Params, check_params, is_url
from winback.privacy import Privacy, PrivacySource
from winback.project import FOLDER, Project, Say
from winback.results.base import Fact, fact
from winback.results.intake import IngestSummary
from winback.results.offered import Offer

if TYPE_CHECKING:
    from winback.churn import ChurnStudy

# A horizon is judged at cutoffs of its own behind those it learns from: four fit in.
_HORIZONS_IN_HISTORY = 4
_HORIZONS_DAYS = (7, 14, 30, 60, 90, 180, 365)
_FURTHER_DAYS = (7, 14, 30, 60)
_YEAR_DAYS = 365
_NO_ORDER_KNOWN = 100.0

# Countries whose closed days are looked for where no currency tells the country.
_COUNTRIES: tuple[str, ...] = (
    "PL", "US", "GB", "IE", "DE", "AT", "CH", "FR", "BE", "NL", "IT", "ES", "PT", "CZ", "SK", "HU",
    "RO", "SE", "NO", "DK", "FI", "GR", "HR", "SI", "BG", "LT", "LV", "EE",
)  # fmt: skip
_CLOSED_SHARE = 0.2  # of what the same weekdays around it bring: the shop was closed
_LEAST_USUAL, _LEAST_CLOSED = 5, 4


@dataclass(frozen=True)
class Proposal:
    """Settings for a project, and for some of their keys the reason, by ``section.key``."""

    params: Params
    offers: Sequence[Offer]
    reasons: Mapping[str, Fact] = field(default_factory=dict)


def propose(orders: str | Path | None, place: str, given: Params, *, say: Say) -> Proposal:
    """Settings for the orders of a shop.

    Args:
        orders: the shop's file, folder or database; None where it is not known yet.
        place: where the orders will lie in the project.
        given: what the command line says of reading them, of the language and the name.
        say: is told what was understood.

    Raises:
        WinbackError: the orders cannot be read; the line says which option helps.
    """
    from winback.offers.catalogue import default_catalogue

    if orders is None:
        currency = (given.ingest.currency or "").upper()
        country = _of_currency(currency, {})
        reasons = {
            "ingest.orders": fact("laid.orders_awaited"),
            "ingest.currency": _why_currency(given.ingest.currency, currency),
            "snapshot.country": country[1],
            "snapshot.horizon_days": fact("laid.horizon_unread", days=HORIZON_DAYS),
        }
        settings = _settled(given, place, currency, country[0], HORIZON_DAYS, 10 * HORIZON_DAYS)
        return Proposal(settings, default_catalogue(_NO_ORDER_KNOWN), reasons)
    with TemporaryDirectory(prefix="winback-") as folder:
        return _of_history(orders, place, given, Path(folder), say)


def _of_history(orders: str | Path, place: str, given: Params, folder: Path, say: Say) -> Proposal:
    from winback.churn import study_churn
    from winback.offers.catalogue import default_catalogue
    from winback.snapshots.plan import observed_until
    from winback.stages.ingest import read

    intake = read(Project(given, root=folder, layout=FOLDER, source=str(orders), say=say))
    given, consents = _with_consents(str(orders), given, folder, intake.summary)
    found, path = intake.summary, intake.orders_path
    seen = observed_until(intake.cutoff, found.last_day)
    history_days = (seen - found.first_day).days
    horizon, why = _horizon(study_churn(path, cutoff=seen), history_days)
    country = _of_currency(found.currency, _daily_customers(path))
    value = _median_order(path, found.amount_scale)
    offers = default_catalogue(value)
    reasons = {
        "ingest.orders": fact(f"laid.orders_{'asked' if is_url(str(orders)) else 'copied'}"),
        "ingest.currency": _why_currency(given.ingest.currency, found.currency),
        "snapshot.country": country[1],
        "snapshot.horizon_days": why,
        "target.offers": _why_offers(offers[0], found.currency, value),
        **({"ingest.privacy": consents} if consents is not None else {}),
    }
    settings = _settled(given, place, found.currency, country[0], horizon, history_days)
    return Proposal(settings, offers, reasons)


def _with_consents(
    orders: str, given: Params, folder: Path, found: IngestSummary
) -> tuple[Params, Fact | None]:
    """The same settings with the columns that look like consents, where all their words are known.

    Whoever said nothing is refused: that harms nobody, and stands in params.yaml to be changed.
    """
    columns = {
        doubt.code.partition(".")[2].partition("_")[0]: str(doubt.values["column"])
        for doubt in found.doubts
        if doubt.code in ("intake.consent_unused", "intake.objection_unused")
    }
    if not columns:
        return given, None
    said = given.ingest.privacy
    sources = [
        PrivacySource(column=column, says="objection" if what == "objection" else None)
        for what, column in sorted(columns.items())
    ]
    unknown = said.unknown.model_copy(
        update={"marketing": said.unknown.marketing or ("refuse" if "consent" in columns else None)}
    )
    privacy = Privacy(
        marketing=(*said.marketing, *sources), profiling=said.profiling, ads=said.ads,
        erased=said.erased, unknown=unknown,
    )  # fmt: skip
    ingest = given.ingest.model_copy(update={"privacy": privacy})
    params = given.model_copy(update={"ingest": ingest})
    from winback.stages.ingest import read

    try:
        read(Project(params, root=folder / "asked", layout=FOLDER, source=orders))
    except WinbackError:
        return given, None
    return params, fact(
        "laid.consents_found", columns=tuple(columns[each] for each in sorted(columns))
    )


def _why_offers(offer: Offer, currency: str, value: float) -> Fact:
    """What their costs come from; what a contact costs the shop has to say itself."""
    usual = usual_contact(offer, currency)
    if usual is None:
        return fact("laid.offers_priced", value=value)
    return fact("laid.offers_priced_usual", value=value, low=usual.low, high=usual.high)


def _settled(
    given: Params, place: str, currency: str, country: str, horizon: int, history: int
) -> Params:  # fmt: skip
    """The settings with what was found of the shop."""
    stored = given.model_dump(exclude_unset=True)
    further = [h for h in _FURTHER_DAYS if h != horizon and 2 * h <= history]
    lifetime = 2 * _YEAR_DAYS if horizon >= _YEAR_DAYS else _YEAR_DAYS
    ingest = {**stored.get("ingest", {}), "orders": place, "currency": currency or None}
    return check_params(
        {
            **stored,
            "ingest": ingest,
            "snapshot": {"horizon_days": horizon, "country": country},
            "train": {"horizons_days": further, "lifetime_days": lifetime},
        }
    )


def _why_currency(given: str | None, found: str) -> Fact:
    if not found:
        return fact("laid.currency_unknown")
    return fact("laid.currency_given" if given else "laid.currency_found", currency=found)


def _horizon(study: ChurnStudy, history_days: int) -> tuple[int, Fact]:
    """The recommended horizon as far as the history is long enough to judge it."""
    fitting = [h for h in _HORIZONS_DAYS if _HORIZONS_IN_HISTORY * h <= history_days]
    longest = max(fitting, default=_HORIZONS_DAYS[0])
    wanted = study.horizon_days
    if wanted is None:
        days = min(HORIZON_DAYS, longest)
        return days, fact("laid.horizon_unknown", days=days, history=history_days)
    if wanted > longest:
        known = {"days": longest, "wanted": wanted, "history": history_days}
        return longest, fact("laid.horizon_bounded", **known)
    rows = {row.horizon_days: row.mistaken_share for row in study.summary().horizons}
    code = study.finding if study.holds else "longest"
    return wanted, fact(f"laid.horizon_{code}", days=wanted, mistaken=rows.get(wanted))


# --- the country -----------------------------------------------------------------------------


def _of_currency(currency: str, customers: Mapping[date, int]) -> tuple[str, Fact]:
    """The country whose holidays count: of its own money, else of the days it keeps closed."""
    from holidays import list_supported_countries

    known = list_supported_countries()
    # ISO 4217 makes a currency's code of its country's; EUR and a few others have none.
    if currency and currency[:2] in known and currency != "EUR":
        return currency[:2], fact("laid.country_of_currency", currency=currency)
    among = _COUNTRIES
    if currency:
        from babel.numbers import get_territory_currencies

        among = tuple(c for c in sorted(known) if currency in get_territory_currencies(c))
    closed, country = _closed_on(customers, among)
    if country:
        return country, fact("laid.country_closed", days=closed)
    if currency == "EUR":
        return "DE", fact("laid.country_largest", currency=currency)
    return COUNTRY, fact("laid.country_unknown")


def _closed_on(customers: Mapping[date, int], among: Sequence[str]) -> tuple[int, str | None]:
    """The country on whose public holidays the shop sells next to nothing; None if unclear.

    A shop sells more or less on many days, holidays or not; that says nothing. A shop that is
    closed on these days, and hardly on any other, says a lot.
    """
    from winback.snapshots.occasions import public_holidays

    usual = {day: _usual(customers, day) for day in customers}
    judged = {day for day, most in usual.items() if most >= _LEAST_USUAL}
    closed = {day for day in judged if customers[day] <= _CLOSED_SHARE * usual[day]}
    if len(closed) < _LEAST_CLOSED:
        return 0, None
    years = range(min(customers).year, max(customers).year + 1)
    ranked = []
    for country in among:
        free = set(public_holidays(country, years)) & judged
        hits = len(free & closed)
        ranked.append((hits - (len(free) - hits) / 2 - len(closed - free), hits, country))
    ranked.sort(reverse=True)
    (best, hits, country), second = ranked[0], ranked[1][0] if len(ranked) > 1 else -np.inf
    clear = hits >= _LEAST_CLOSED and best > 0 and best - second >= 1
    return hits, country if clear else None


def _usual(customers: Mapping[date, int], day: date) -> float:
    """The median of the same weekday in the four weeks before and after."""
    around = (day + timedelta(weeks=k) for k in (-4, -3, -2, -1, 1, 2, 3, 4))
    found = [customers[near] for near in around if near in customers]
    return float(np.median(found)) if len(found) >= 4 else 0.0


def _daily_customers(orders: Path) -> dict[date, int]:
    """Customers who bought, for each day from the first to the last."""
    rows = _asked(
        orders,
        "SELECT CAST(ordered_at AS DATE) AS day, count(DISTINCT customer_id) FROM lines "
        "WHERE kind = 'order' GROUP BY day ORDER BY day",
    )
    bought = dict(rows)
    first, last = rows[0][0], rows[-1][0]
    span = range((last - first).days + 1)
    return {day: bought.get(day, 0) for day in (first + timedelta(days=n) for n in span)}


def _median_order(orders: Path, scale: int) -> float:
    """What half of the orders are worth at least, in units of the currency."""
    ((value,),) = _asked(
        orders,
        "SELECT median(amount) FROM (SELECT sum(amount) AS amount FROM lines WHERE kind = 'order' "
        "GROUP BY customer_id, order_id, CAST(ordered_at AS DATE)) WHERE amount > 0",
    )
    return round(float(value) / scale, 2) if value else _NO_ORDER_KNOWN


def _asked(orders: Path, question: str) -> list[Any]:
    import duckdb

    with duckdb.connect() as con:
        con.execute(f"CREATE VIEW lines AS FROM read_parquet({file_literal(orders)})")
        return con.execute(question).fetchall()
