"""What the next products are: how many, for whom, and how right they would have been."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from winback.results.base import Result

State = Literal["listed", "no_products", "nothing_known", "nothing_fit"]
Method = Literal["decayed", "reranker", "counts", "popularity"]


class Estimate(Result):
    """A mean over customers with its 95 % interval."""

    mean: float = Field(description="the estimate")
    low: float = Field(description="the interval's lower end")
    high: float = Field(description="its upper end")


class JudgedList(Result):
    """A way of making lists, judged on what customers bought after a day it did not see."""

    method: Method = Field(
        description="`decayed`; `reranker`; `counts`: the customer's own purchases, each as good "
        "as another; `popularity`: the same ten for everybody"
    )
    recall: Estimate = Field(
        description="share of the products of the next purchase that were among the ten"
    )
    ndcg: Estimate = Field(
        description="the same, a hit counting the less the lower it stands, over what the best "
        "order reaches"
    )
    recall_again: Estimate | None = Field(
        description="of those that the customer had bought before; null where there are none"
    )
    recall_new: Estimate | None = Field(
        description="of those that were new to the customer; null where there are none"
    )
    ndcg_less: Estimate | None = Field(
        description="`ndcg` less that of `decayed`, customer by customer; null of itself"
    )
    coverage: float = Field(
        description="share of the products that may be shown that stand on anybody's list"
    )


class Tried(Result):
    """The lists on the shop's own past."""

    cutoff: date = Field(description="the day up to which was seen")
    until: date = Field(description="the first day after what came")
    cases: int = Field(
        description="customers with purchases on both sides, whose next one names a product that "
        "may be shown; a sample in a large shop"
    )
    enough: bool = Field(description="whether they are enough to tell methods apart")
    lists: tuple[JudgedList, ...] = Field(description="the one that is used first")


class Recommended(Result):
    """What `winback products` made."""

    state: State = Field(
        description="`listed`; `no_products`: the orders name no products; `nothing_known`: none "
        "was bought before the cutoff; `nothing_fit`: none may be shown"
    )
    cutoff: date = Field(description="the day as of which it is")
    asked: Literal["decayed", "reranker"] = Field(description="`products.method`")
    method: Literal["decayed", "reranker"] = Field(
        description="how the lists were made: a re-ranker that did not win made none"
    )
    customers: int = Field(description="customers with a list")
    rows: int = Field(description="products on all lists")
    again: int = Field(description="those of them that the customer had bought before")
    products: int = Field(description="products that orders before the cutoff name")
    on_lists: int = Field(description="those of them that stand on any list")
    named: int = Field(description="those of them whose name is known")
    sensitive: int = Field(description="left out since their name hints at something private")
    service: int = Field(description="left out since they are delivery, a fee or a gift card")
    out_of_stock: int = Field(description="left out since they cannot be bought now")
    popular_days: int | None = Field(
        description="days in which popularity was counted; null: all the past"
    )
    tried: Tried | None = Field(
        description="the lists on the shop's own past; null where it is too short"
    )
