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
    from winback.campaign.measuring import measure_campaign
    from winback.crm.listing import write_list
    from winback.intake.settling import read_orders
    from winback.intake.signals import read_attributes, read_signals
    from winback.judging.backtesting import backtest
    from winback.judging.champion import choose_champion
    from winback.judging.evidence import judge_evidence
    from winback.judging.judge import evaluate_predictions
    from winback.judging.own import PlainLogistic, judge_rivals, predict_as_of, try_settings
    from winback.judging.tuning import tune
    from winback.learning.fit import fit_return_model
    from winback.learning.model import ReturnModel
    from winback.learning.value import evaluate_value
    from winback.offers.plan import plan_campaign
    from winback.params import TrainSettings
    from winback.questions.churning import define_churn
    from winback.questions.comparing import compare_runs
    from winback.questions.learning import learn_effects
    from winback.questions.opening import open_project
    from winback.report.learned import render_learned
    from winback.report.result import render_result
    from winback.said.notebook import tell
    from winback.scoring.drivers import contributions, contributions_by_story, describe_drivers
    from winback.scoring.scores import add_reasons, score_customers
    from winback.shop.history import describe_shop
    from winback.snapshots.days import shop_days
    from winback.snapshots.declared import declared_features
    from winback.snapshots.plan import training_cutoffs
    from winback.snapshots.restated import restated_outcomes
    from winback.snapshots.walk import take_first_days, take_snapshots
    from winback.synthetic.shop import simulate_shop

_HOMES = {
    "PlainLogistic": "winback.judging.own",
    "ReturnModel": "winback.learning.model",
    "TrainSettings": "winback.params",
    "add_reasons": "winback.scoring.scores",
    "backtest": "winback.judging.backtesting",
    "choose_champion": "winback.judging.champion",
    "compare_runs": "winback.questions.comparing",
    "contributions": "winback.scoring.drivers",
    "contributions_by_story": "winback.scoring.drivers",
    "declared_features": "winback.snapshots.declared",
    "define_churn": "winback.questions.churning",
    "describe_drivers": "winback.scoring.drivers",
    "describe_shop": "winback.shop.history",
    "evaluate_predictions": "winback.judging.judge",
    "evaluate_value": "winback.learning.value",
    "fit_return_model": "winback.learning.fit",
    "judge_evidence": "winback.judging.evidence",
    "judge_rivals": "winback.judging.own",
    "learn_effects": "winback.questions.learning",
    "measure_campaign": "winback.campaign.measuring",
    "open_project": "winback.questions.opening",
    "plan_campaign": "winback.offers.plan",
    "predict_as_of": "winback.judging.own",
    "read_attributes": "winback.intake.signals",
    "read_orders": "winback.intake.settling",
    "read_signals": "winback.intake.signals",
    "render_learned": "winback.report.learned",
    "render_result": "winback.report.result",
    "restated_outcomes": "winback.snapshots.restated",
    "score_customers": "winback.scoring.scores",
    "shop_days": "winback.snapshots.days",
    "simulate_shop": "winback.synthetic.shop",
    "take_first_days": "winback.snapshots.walk",
    "take_snapshots": "winback.snapshots.walk",
    "tell": "winback.said.notebook",
    "training_cutoffs": "winback.snapshots.plan",
    "try_settings": "winback.judging.own",
    "tune": "winback.judging.tuning",
    "write_list": "winback.crm.listing",
}

__all__ = [
    "PlainLogistic",
    "ReturnModel",
    "TrainSettings",
    "add_reasons",
    "backtest",
    "choose_champion",
    "compare_runs",
    "contributions",
    "contributions_by_story",
    "declared_features",
    "define_churn",
    "describe_drivers",
    "describe_shop",
    "evaluate_predictions",
    "evaluate_value",
    "fit_return_model",
    "judge_evidence",
    "judge_rivals",
    "learn_effects",
    "measure_campaign",
    "open_project",
    "plan_campaign",
    "predict_as_of",
    "read_attributes",
    "read_orders",
    "read_signals",
    "render_learned",
    "render_result",
    "restated_outcomes",
    "score_customers",
    "shop_days",
    "simulate_shop",
    "take_first_days",
    "take_snapshots",
    "tell",
    "training_cutoffs",
    "try_settings",
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
