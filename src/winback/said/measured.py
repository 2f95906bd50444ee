"""A measurement in one sentence and its cautions, in English and Polish."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_METRICS = {
    "returned": ("return rate", "odsetek powrotów", " points", " p.p."),
    "orders": ("orders a customer", "liczbę zamówień na klienta", " orders", " zamówienia"),
    "net_spend": ("net spend a customer", "wydatki netto na klienta", "", ""),
}


def sentence(result: Mapping[str, Any]) -> dict[str, str]:
    """The verdict in one sentence."""
    problems = result["problems"]
    if problems:
        why = {problem: _problem(problem, result) for problem in problems}
        return {
            "en": "Not to be read: " + "; ".join(why[problem][0] for problem in problems) + ".",
            "pl": "Nie do odczytu: " + "; ".join(why[problem][1] for problem in problems) + ".",
        }
    found = result[result["metric"]]
    name_en, name_pl, unit_en, unit_pl = _METRICS[result["metric"]]
    factor, digits = (100, 1) if result["metric"] == "returned" else (1, 2)
    if found["low"] is None:
        return {
            "en": f"No interval for the {name_en}: within each arm all customers are alike.",
            "pl": f"Brak przedziału ({name_pl}): w obrębie grup wszyscy klienci są tacy sami.",
        }
    numbers = [f"{factor * found[key]:+.{digits}f}" for key in ("effect", "low", "high")]
    least = result["minimal_detectable_effect"]
    sees = None if least is None else f"{factor * least:.{digits}f}"
    what = f"{numbers[0]}{unit_en} (95 % interval {numbers[1]} to {numbers[2]})"
    co = f"{numbers[0]}{unit_pl} (przedział 95 %: od {numbers[1]} do {numbers[2]})"
    english = {
        "works": f"The offers raised the {name_en} by {what}.",
        "harms": f"The offers lowered the {name_en}: {what}.",
        "not_distinguishable": f"No effect on the {name_en} can be told from chance: {what}"
        + (f"; a campaign of this size sees changes of {sees}{unit_en} or more." if sees else "."),
    }[result["verdict"]]
    polish = {
        "works": f"Oferty podniosły {name_pl}: {co}.",
        "harms": f"Oferty obniżyły {name_pl}: {co}.",
        "not_distinguishable": f"Wpływu na {name_pl} nie da się odróżnić od przypadku: {co}"
        + (
            f"; kampania tej wielkości wykryje zmianę o co najmniej {sees}{unit_pl}".rstrip(".")
            if sees
            else ""
        )
        + ".",
    }[result["verdict"]]
    return {"en": english, "pl": _comma(polish)}


def _problem(problem: str, result: Mapping[str, Any]) -> tuple[str, str]:
    arms = ", ".join(list(result["n"])[:5])
    return {
        "no_control": (
            f"nobody is in the arm 'control' (arms found: {arms}); name it with --control",
            f"nikogo nie ma w grupie 'control' (są: {arms}); jej nazwę podaje --control",
        )
        if result["n_control"] == 0
        else ("one customer is no control group", "jeden klient to nie grupa kontrolna"),
        "no_treated": (
            f"fewer than two customers were treated (arms found: {arms})",
            f"ofertę miało mniej niż dwóch klientów (grupy: {arms})",
        ),
        "customer_in_both_arms": (
            f"{result['in_both_arms']:,} customers are in both arms",
            f"klienci w obu grupach: {result['in_both_arms']}",
        ),
        "sample_ratio": (
            f"{result['n_control']:,} control to {result['n_treated']:,} treated is not the"
            " split that was drawn, so some were lost on the way",
            f"{result['n_control']} kontrolnych do {result['n_treated']} z ofertą to nie jest"
            " wylosowany podział, więc część klientów zgubiono po drodze",
        ),
    }[problem]


def cautions(result: Mapping[str, Any]) -> list[dict[str, str]]:
    """What a reader has to know beside the verdict, one sentence each."""
    said: list[tuple[str, str]] = []
    n = result["n_treated"] + result["n_control"]
    if result["n_in_orders"] < 0.5 * n:
        said.append(
            (
                f"Only {result['n_in_orders']:,} of {n:,} assigned customers are in the orders;"
                " the others count as not returned.",
                f"Tylko {result['n_in_orders']} z {n} przydzielonych klientów jest w zamówieniach;"
                " pozostali liczą się jako ci, którzy nie wrócili.",
            )
        )
    found = result[result["metric"]]
    least = result["minimal_detectable_effect"]
    if result["verdict"] in ("works", "harms") and least and abs(found["effect"]) < least:
        said.append(
            (
                "A campaign of this size finds so small a change seldom; one that it finds is often"
                " chance, or exaggerated. Repeat it with a larger control group before acting.",
                "Kampania tej wielkości rzadko wykrywa tak małą zmianę; wykryta bywa przypadkiem"
                " albo jest zawyżona. Zanim coś zmienisz, powtórz ją z większą grupą kontrolną.",
            )
        )
    if result["srm_against"] == "unknown":
        said.append(
            (
                "The planned split of the arms is not known, so nobody can tell whether customers"
                " were lost on the way; say it with --control-share.",
                "Planowany podział na grupy nie jest znany, więc nie da się sprawdzić, czy po"
                " drodze nie zgubiono klientów; podaj go przez --control-share.",
            )
        )
    if "leading_zeros" in result["mended"]:
        said.append(
            (
                "Customer ids were matched without their leading zeros.",
                "Identyfikatory klientów dopasowano bez zer wiodących.",
            )
        )
    if "assigned_at_cut_to_days" in result["mended"]:
        said.append(
            (
                "The orders have no clock times, so windows start at the beginning of the day.",
                "Zamówienia nie mają godzin, więc okna zaczynają się z początkiem dnia.",
            )
        )
    sent = result.get("sent")
    if sent is not None:
        if sent["n_control_sent"]:
            said.append(
                (
                    "Customers of the control group who were sent something all the same:"
                    f" {sent['n_control_sent']:,} ({sent['share_control_sent']:.1%});"
                    " the effect as assigned is smaller than that of the message.",
                    f"Klienci grupy kontrolnej, którzy mimo to coś dostali:"
                    f" {sent['n_control_sent']} ({100 * sent['share_control_sent']:.1f} %);"
                    " efekt według przydziału jest mniejszy niż efekt wysłanej oferty.",
                )
            )
        missed = result["n_treated"] - sent["n_treated_sent"]
        if missed:
            said.append(
                (
                    f"Treated customers who were never sent their offer: {missed:,} of"
                    f" {result['n_treated']:,}.",
                    f"Klienci z ofertą, którzy jej nie dostali: {missed} z {result['n_treated']}.",
                )
            )
    return [{"en": english, "pl": _comma(polish)} for english, polish in said]


def _comma(polish: str) -> str:
    return re.sub(r"(\d)\.(\d)", r"\1,\2", polish)
