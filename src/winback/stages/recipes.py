"""What makes a model beside the data: the params and the code that a fit can reach."""

from __future__ import annotations

from winback.params import Params
from winback.results.ledgered import Recipe
from winback.source import hash_of, reached_by

# How many threads or rows at once make no other model; what is only read of the past does not.
_NO_PART = {"threads"}


def recipe_of(params: Params) -> Recipe:
    """The recipe of a model that is trained by these params and this winback.

    The code is that of the fit and of the engine that takes snapshots: a word on the page, or a
    stage that plans, is no change of a model.
    """
    made_by = {
        *reached_by("winback.learning.fit"), *reached_by("winback.snapshots.walk"),
    }  # fmt: skip
    return Recipe(
        params={
            "snapshot": params.snapshot.model_dump(mode="json", exclude=_NO_PART),
            "train": params.train.model_dump(mode="json", exclude=_NO_PART),
        },
        code=hash_of(made_by),
    )
