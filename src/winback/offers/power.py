"""What a campaign of a given size could see, said before it is sent."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
from scipy.optimize import brentq


def power_verdict(
    n_treated: int,
    n_control: int,
    base_rate: float | None,
    *,
    effect_pp: float | None = None,
    breaks_even: bool = False,
    alpha: float = 0.05,
    power: float = 0.8,
) -> dict[str, Any]:
    """Say before sending what a campaign of this size could see.

    ``mde_pp`` is the smallest change of the return rate, in points, that two groups of
    these sizes find with the given power; ``n_needed_per_arm`` the customers in each of two
    equal groups needed to see ``effect_pp`` (``breaks_even`` says that it is the smallest one
    that pays). Two-sided normal approximation,
    n = (z_a + z_b)^2 (p0 q0 + p1 q1) / delta^2. Null where a group is empty, the base rate
    or the effect unknown. ``sentence`` says it in English and Polish.
    """
    quantile = NormalDist().inv_cdf  # scipy.stats would take a second to import
    z = quantile(1 - alpha / 2) + quantile(power)
    mde: float | None = None
    needed: int | None = None
    if base_rate is not None and n_treated > 0 and n_control > 0:

        def excess(delta: float) -> float:
            p1 = base_rate + delta
            spread = base_rate * (1 - base_rate) / n_control + p1 * (1 - p1) / n_treated
            return delta - z * float(np.sqrt(spread))

        top = 1 - base_rate
        if top > 0 and excess(top) > 0:
            mde = 100 * float(brentq(excess, 1e-9, top)) if excess(1e-9) < 0 else 0.0
    if base_rate is not None and effect_pp is not None and effect_pp != 0:
        delta = effect_pp / 100
        p1 = min(max(base_rate + delta, 0.0), 1.0)
        spread = base_rate * (1 - base_rate) + p1 * (1 - p1)
        needed = max(int(np.ceil(z**2 * spread / delta**2)), 2)
    rounded = None if mde is None else round(mde, 2)
    return {
        "mde_pp": rounded,
        "n_needed_per_arm": needed,
        "effect_pp": None if effect_pp is None else round(effect_pp, 2),
        "sentence": _power_sentence(
            n_treated, n_control, rounded, needed, effect_pp, breaks_even=breaks_even
        ),
    }


def in_english(number: float) -> str:
    """1,234 or 1.5: at most two decimals, none of them zeros at the end."""
    return f"{number:,.0f}" if isinstance(number, int) else f"{number:,.2f}".rstrip("0").rstrip(".")


def in_polish(number: float) -> str:
    """The same as it is written in Polish: 1 234 or 1,5."""
    return in_english(number).replace(",", "\u00a0").replace(".", ",")


def _power_sentence(
    n_treated: int,
    n_control: int,
    mde: float | None,
    needed: int | None,
    effect: float | None,
    *,
    breaks_even: bool,
) -> dict[str, str]:
    en, pl = in_english, in_polish
    if not n_treated and not n_control:
        return {
            "en": "Nobody is on the list: there is nothing to measure.",
            "pl": "Na liście nie ma nikogo: nie ma czego mierzyć.",
        }
    if not n_treated or not n_control:
        return {
            "en": "There is no group to compare with: nothing can be measured from this list.",
            "pl": "Nie ma grupy do porównania: z tej listy nie da się niczego zmierzyć.",
        }
    sizes = (
        f"this list has {en(n_treated)} with an offer and {en(n_control)} in the control group",
        f"na tej liście jest {pl(n_treated)} z ofertą i {pl(n_control)} w grupie kontrolnej",
    )
    if mde is None:
        return {
            "en": f"{sizes[0].capitalize()}: too few to see any effect, the reading will be noise.",
            "pl": f"{sizes[1].capitalize()}: za mało, by zobaczyć jakikolwiek efekt;"
            " odczyt będzie szumem.",
        }
    smallest = (
        f"it can see a change of {en(mde)} points or more",
        f"widać w niej dopiero zmianę o {pl(mde)} p.p. lub większą",
    )
    if needed is None or effect is None:
        return {
            "en": f"{sizes[0].capitalize()}: {smallest[0]}.",
            "pl": f"{sizes[1].capitalize()}: {smallest[1]}.",
        }
    enough = abs(effect) >= mde
    effect = round(effect, 2)
    verdict = (
        ("enough to see it", "to wystarczy")
        if enough
        else (
            f"{smallest[0]}, so the reading will be noise",
            f"{smallest[1]}, więc odczyt będzie szumem",
        )
    )
    looked_for = (
        (
            f"an effect that just pays for itself ({en(effect)} points)",
            f"efekt, który tylko się zwraca ({pl(effect)} p.p.)",
        )
        if breaks_even
        else (f"{en(effect)} points", f"{pl(effect)} p.p.")
    )
    return {
        "en": f"To see {looked_for[0]} you need {en(needed)} customers in each group;"
        f" {sizes[0]}: {verdict[0]}.",
        "pl": f"Aby zobaczyć {looked_for[1]}, potrzeba {pl(needed)} klientów w każdej grupie;"
        f" {sizes[1]}: {verdict[1]}.",
    }
