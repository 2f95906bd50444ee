"""Figures of a page by what they say, beside those of the results that the page was made from."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from winback.churn import study_churn
from winback.snapshots.plan import observed_until


class Marked(NamedTuple):
    """A figure as the page marks it up."""

    key: str
    value: str
    text: str


def figures(page: str) -> list[Marked]:
    """All figures of a page, in order."""
    found = re.findall(r'<data data-means="([^"]*)" value="([^"]*)">(.*?)</data>', page)
    return [Marked(*each) for each in found]


def in_results(key: str, folder: Path):
    """The same figure where it comes from: in a folder of `winback run`.

    Raises:
        KeyError: no result has it.
    """
    if key in MADE:
        return MADE[key](folder)
    name, *path = key.split(".")
    file = folder / ("manifest.json" if name == "manifest" else f"reports/{name}.json")
    found = json.loads(file.read_text("utf-8"))
    for step in path:
        found = _step(found, step, key)
    return found


def _step(found, step, key):
    if isinstance(found, dict) and step in found:
        return found[step]
    if isinstance(found, list):
        if step.isdigit():
            return found[int(step)]
        for each in found:
            if isinstance(each, dict) and step in each.values():
                return each
    raise KeyError(f"{key}: no {step}")


def _target(folder):
    return json.loads((folder / "reports/target.json").read_text("utf-8"))


def _tested(folder, figure):
    return sum(offer[figure] for offer in _target(folder)["test"]["offers"].values())


def _sent(folder):
    arms = _target(folder)["arms"].items()
    return [arm for name, arm in arms if name != "control" and arm["n"]]


def _window_ends(folder):
    target = _target(folder)
    horizon = in_results("training.evidence.horizon_days", folder)
    days = timedelta(days=target["window_days"] or horizon)
    return (date.fromisoformat(target["send_on"]) + days).isoformat()


def _scores(folder):
    return pd.read_parquet(folder / "scores.parquet", columns=["p_return", "risk_band"])


def _churn(folder):
    found = json.loads((folder / "reports/ingest.json").read_text("utf-8"))
    seen = observed_until(
        date.fromisoformat(_target(folder)["cutoff"]), date.fromisoformat(found["last_day"])
    )
    return study_churn(folder / "orders/orders.parquet", cutoff=seen).summary()


# What a page says that stands in no result as it is.
MADE = {
    "scores.p_return.sum": lambda f: _scores(f)["p_return"].sum(),
    "scores.p_return.mean": lambda f: _scores(f)["p_return"].mean(),
    "scores.risk_band.high": lambda f: (_scores(f)["risk_band"] == "high").sum(),
    "list.rows": lambda f: len(pd.read_csv(f / "list.csv")),
    "churn.lost": lambda f: _churn(f)["lost"],
    "target.left_out": lambda f: sum(
        n for why, n in _target(f)["reasons"].items() if why not in ("offer", "control")
    ),
    "target.test.lost": lambda f: _tested(f, "cost"),
    "target.test.value": lambda f: _tested(f, "value"),
    "target.n_offers": lambda f: len(_sent(f)),
    "target.n_unknown": lambda f: sum(arm["effect_source"] is None for arm in _sent(f)),
    "target.expected_loss": lambda f: -_target(f)["expected_gain"],
    "target.window_ends": _window_ends,
}


def differing(page: str, folder: Path) -> list[str]:
    """Figures that are not what the results say, or that stand twice with two values."""
    wrong, seen = [], {}
    for each in figures(page):
        if seen.setdefault(each.key, each.value) != each.value:
            wrong.append(f"{each.key}: {seen[each.key]} and {each.value}")
        try:
            found = in_results(each.key, folder)
        except (KeyError, IndexError, TypeError, FileNotFoundError) as error:
            wrong.append(f"{each.key}: {error!r}")
            continue
        if not _equal(found, each.value):
            wrong.append(f"{each.key}: page {each.value}, results {found}")
    return wrong


def _equal(found, told: str) -> bool:
    if isinstance(found, str):
        return found == told
    return found is not None and abs(float(found) - float(told)) <= 1e-6 * max(1, abs(float(told)))
