"""What others than the one who scores would have said: learned beside the model, kept with it.

A list that left can only be held against its rivals if they spoke before the outcome was known.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

from winback.arrays import Floats
from winback.errors import WinbackError
from winback.files import write_text
from winback.learning.model import ReturnModel, first_line
from winback.learning.rules import Rule


@dataclass(frozen=True)
class Rivals:
    """The base rate, the rule that did best in the backtest, and the model where a rule scores.

    ``base_rate`` and ``best_rule`` are None where there was nothing to learn from; ``own`` is the
    return model itself, and None where it gives the scores anyway.
    """

    base_rate: Rule | None = None
    best_rule: Rule | None = None
    own: ReturnModel | None = None

    def predict(self, customers: pd.DataFrame, of_model: Floats, horizon_days: int) -> pd.DataFrame:
        """What each of them says of the customers, in their order, to six decimals.

        Columns: ``customer_id``, ``p_model``, ``p_base_rate``, ``p_best_rule``; null where that
        rival could not be fitted, or learned another horizon than the list's ``horizon_days``.
        ``of_model`` is what the return model says.
        """
        unknown = np.full(len(customers), np.nan)
        said = {"p_model": np.asarray(of_model, np.float64)}
        for name, rule in (("p_base_rate", self.base_rate), ("p_best_rule", self.best_rule)):
            fits = rule is not None and rule.horizon_days == horizon_days
            said[name] = rule.probability(customers) if rule and fits else unknown
        return pd.DataFrame(
            {"customer_id": customers["customer_id"].astype(str).to_numpy()}
            | {name: np.round(p, 6) for name, p in said.items()}
        )

    def save(self, path: Path) -> None:
        """Write them as one JSON file; the same rivals give the same bytes."""
        own = None if self.own is None else json.loads(self.own.to_json())
        rules = {
            name: None if rule is None else asdict(rule)
            for name, rule in (("base_rate", self.base_rate), ("best_rule", self.best_rule))
        }
        text = json.dumps(rules | {"own": own}, sort_keys=True, indent=1)
        write_text(path, text + "\n")

    @staticmethod
    def load(path: Path, threads: int = 1) -> Rivals:
        """The rivals that `save` wrote.

        Raises:
            WinbackError: there is no such file, or it is none of these.
        """
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            rules = {
                name: stored[name] and Rule.restored(**stored[name])
                for name in ("base_rate", "best_rule")
            }
            own = stored["own"] and TypeAdapter(ReturnModel).validate_python(stored["own"])
            return Rivals(**rules, own=own and replace(own, threads=threads))
        except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise WinbackError("learning.no_rivals", file=path, why=first_line(error)) from error
