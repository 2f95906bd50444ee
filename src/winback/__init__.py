"""Order history in, a scored and explained retention list out.

A **snapshot** is what was knowable about a customer at a **cutoff**; an **outcome** is what
happened in the **horizon** after it.

The functions below are what a notebook needs; each is documented where it lives.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# Before LightGBM loads: waiting threads that spin steal the cores from those that work.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

if TYPE_CHECKING:
    from winback.backtesting import backtest
    from winback.campaign import measure_campaign
    from winback.churn import define_churn
    from winback.crm import write_list
    from winback.drivers import describe_drivers
    from winback.evaluation import evaluate_predictions
    from winback.evidence import judge_evidence
    from winback.intake import read_attributes, read_orders, read_signals
    from winback.model import fit_return_model
    from winback.offers import plan_campaign
    from winback.report.facts import describe_shop
    from winback.scores import score_customers
    from winback.snapshots import (
        declared_features,
        restated_outcomes,
        take_first_days,
        take_snapshots,
        training_cutoffs,
    )
    from winback.synthetic import simulate_shop
    from winback.tuning import tune
    from winback.value import evaluate_value

_HOMES = {
    "read_orders": "winback.intake",
    "read_signals": "winback.intake",
    "read_attributes": "winback.intake",
    "describe_shop": "winback.report.facts",
    "define_churn": "winback.churn",
    "training_cutoffs": "winback.snapshots",
    "declared_features": "winback.snapshots",
    "restated_outcomes": "winback.snapshots",
    "take_first_days": "winback.snapshots",
    "take_snapshots": "winback.snapshots",
    "judge_evidence": "winback.evidence",
    "fit_return_model": "winback.model",
    "backtest": "winback.backtesting",
    "evaluate_predictions": "winback.evaluation",
    "evaluate_value": "winback.value",
    "describe_drivers": "winback.drivers",
    "tune": "winback.tuning",
    "score_customers": "winback.scores",
    "plan_campaign": "winback.offers",
    "write_list": "winback.crm",
    "measure_campaign": "winback.campaign",
    "simulate_shop": "winback.synthetic",
}

__all__ = [
    "backtest",
    "declared_features",
    "define_churn",
    "describe_drivers",
    "describe_shop",
    "evaluate_predictions",
    "evaluate_value",
    "fit_return_model",
    "judge_evidence",
    "measure_campaign",
    "plan_campaign",
    "read_attributes",
    "read_orders",
    "read_signals",
    "restated_outcomes",
    "score_customers",
    "simulate_shop",
    "take_first_days",
    "take_snapshots",
    "training_cutoffs",
    "tune",
    "write_list",
]


def __getattr__(name: str) -> Any:
    # Imported when first used, so that the command line answers at once.
    if name not in _HOMES:
        raise AttributeError(f"module 'winback' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
