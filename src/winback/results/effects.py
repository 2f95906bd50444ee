"""What an experiment taught: whether the treatment works, whom it moves, what a list would earn."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from winback.results.base import Fact, Result

Verdict = Literal["treat_some", "treat_all", "treat_none", "not_distinguishable", "invalid"]
Trouble = Literal["ids_lost", "sample_ratio", "arms_differ"]
AsideReason = Literal[
    "no_treatment", "no_outcome", "no_id", "copy", "small_arm", "no_probability", "no_value",
    "no_cost",
]  # fmt: skip


class Estimated(Result):
    """A mean with its 95 % interval."""

    effect: float = Field(description="the estimate, a person")
    low: float = Field(description="the interval's lower end")
    high: float = Field(description="its upper end")


class Targeting(Result):
    """Whether the treatment moves some more than one ratio for everybody says."""

    z: float = Field(
        description="how much held-out outcomes speak for what was learned beside one constant "
        "ratio, in its errors; 0 where nothing beside the ratio was learned"
    )
    found: bool = Field(description="whether that is above 1.645")


class Fifth(Result):
    """A fifth of the people, ranked by the effect that was learned without them."""

    place: int = Field(ge=1, description="1 is treated first")
    people: int = Field(description="people in it, of this arm and the control")
    foretold: float = Field(description="mean effect that was foretold for them")
    found: Estimated = Field(description="mean effect that was found, doubly robust")


class Judged(Result):
    """A method of ranking people, judged on people it had not seen."""

    method: str = Field(
        description="`this`, `one_ratio`, the learners `S`, `T`, `X`, `R`, `DR`, `response` "
        "(likeliest if treated first), `risk` (likeliest without an outcome first), `value`, "
        "`all`, `none`, `random`"
    )
    qini: float | None = Field(
        description="Qini's coefficient; null for `all`, `none` and `random`"
    )
    qini_error: float | None = Field(description="its standard error")
    qini_less: float | None = Field(description="this method's Qini less that one's")
    qini_less_error: float | None = Field(description="error of that difference, paired")
    value: Estimated = Field(
        description="gain a person of the whole over treating nobody, if those are treated for "
        "whom the method foretells a gain (of a mere ranking: as many as this method treats)"
    )
    less: Estimated = Field(description="this method's value less that one's, paired")
    share: float = Field(description="share of people whom it treats")
    curve: tuple[float, ...] = Field(
        description="gain a person of the whole if the best 0, 5, … 100 % are treated"
    )
    curve_error: tuple[float, ...] = Field(description="standard errors of the curve")


class Told(Result):
    """What of people changes the effect, as far as it was kept."""

    column: str = Field(description="a column, or one of its values")
    weight: float = Field(
        description="change of the effect on the link's scale for one standard deviation"
    )


class Among(Result):
    """People of one value, or one third, of a column."""

    column: str = Field(description="the column")
    level: str = Field(description="the value, or `low`, `middle` or `high` of a number's thirds")
    low: float | None = Field(None, description="a number's third: from")
    high: float | None = Field(None, description="a number's third: to")
    people: int = Field(description="people of it")
    found: Estimated = Field(description="mean effect that was found among them")


class OfArm(Result):
    """One treatment against the control."""

    arm: str = Field(description="value of the treatment's column")
    treated: int = Field(description="people who were dealt it")
    control: int = Field(description="people who were dealt nothing")
    mean_control: float = Field(description="mean outcome of the control")
    average: Estimated = Field(description="effect on the mean outcome of everybody")
    worth: Estimated = Field(
        description="what treating everybody brings a person: outcomes by their value, less cost"
    )
    targeting: Targeting = Field(description="whether some are moved more than others")
    verdict: Verdict = Field(
        description="`treat_some` where targeting was found; else `treat_all` or `treat_none` by "
        "the interval of `worth`; else `not_distinguishable`"
    )
    share: float = Field(description="share of people for whom a gain is foretold")
    fifths: tuple[Fifth, ...] = Field(description="the people in five groups")
    methods: tuple[Judged, ...] = Field(description="this method and its rivals")
    told: tuple[Told, ...] = Field(description="what changes the effect, most first")
    among: tuple[Among, ...] = Field(description="effects by the columns that changed it most")


class Spent(Result):
    """A point of the curve of what a budget earns, arms chosen person by person."""

    cost: float = Field(description="spent a person of the whole")
    gain: Estimated = Field(description="earned a person of the whole, less that cost")
    people: float = Field(description="share of people who are treated")
    by_arm: tuple[float, ...] = Field(description="the same of each treatment, in their order")


class OfPolicy(Result):
    """Part of the people who get a treatment."""

    arm: str = Field(description="the treatment")
    share: float = Field(description="share of people for whom it is foretold to gain most")


class Policy(Result):
    """Several treatments, each for those whom it is foretold to gain most."""

    shares: tuple[OfPolicy, ...] = Field(description="each treatment's part")
    value: Estimated = Field(description="gain a person of the whole over treating nobody")
    best: str = Field(description="the treatment that gains most if everybody gets the same")
    best_value: Estimated = Field(description="what that gains a person")
    less: Estimated = Field(description="`value` less `best_value`, paired")


class SetAside(Result):
    """Rows of the table that nothing was learned from."""

    reason: AsideReason = Field(
        description="`no_treatment`, `no_outcome`, `no_id`, `no_probability`, `no_value`, "
        "`no_cost` (the cell is empty), `copy` (another row is equal in all), `small_arm` (of an "
        "arm with fewer than 10 people)"
    )
    rows: int = Field(description="how many")


class Group(Result):
    """An arm as the table has it."""

    arm: str = Field(description="value of the treatment's column")
    people: int = Field(description="people of it who were kept")
    lost: int = Field(description="rows of it that were set aside, copies apart")
    due: float | None = Field(
        description="people it should have by the chances in the table; null without them"
    )


class Differs(Result):
    """A column in which an arm differed from the control before it was treated."""

    column: str = Field(description="a column, or one of its values")
    arm: str = Field(description="the treatment")
    difference: float = Field(description="its mean less the control's, in standard deviations")
    p: float = Field(description="chance of one as large if people were dealt by lot")


class Learned(Result):
    """What was learned from an experiment; written as ``learned.json``."""

    file: str = Field(description="name of the table")
    treatment: str = Field(description="column of the treatment")
    outcome: str = Field(description="column of the outcome")
    kind: Literal["share", "amount"] = Field(
        description="`share`: the outcome is yes or no; `amount`: a count or money"
    )
    control_arm: str = Field(description="value of the treatment that means nothing was done")
    rows: int = Field(description="rows of the table: `people` and all of `set_aside`")
    people: int = Field(description="people whom effects were learned from")
    set_aside: tuple[SetAside, ...] = Field(description="rows left out, each for one reason")
    groups: tuple[Group, ...] = Field(description="the arms, the control first")
    differs: tuple[Differs, ...] = Field(
        description="columns that make for `arms_differ`, most first; none without that problem"
    )
    columns: tuple[str, ...] = Field(description="columns that effects were learned from")
    days: tuple[str, ...] = Field(
        description="those of them that hold days, counted from 1970-01-01"
    )
    valued: bool = Field(description="whether an outcome's value was given; else it is 1")
    priced: bool = Field(description="whether a cost was given; else an effect above 0 pays")
    verdict: Verdict = Field(
        description="of all arms together: `invalid` where there are problems, `treat_some` where "
        "any arm's is, else the best arm's"
    )
    problems: tuple[Trouble, ...] = Field(
        description="`ids_lost` (outcomes are missing in one arm more than in another), "
        "`sample_ratio` (arms are not of the sizes that the chances say), `arms_differ` (arms "
        "differed before they were treated)"
    )
    average: Estimated | None = Field(description="of the first arm; null if invalid")
    targeting: Targeting | None = Field(description="of the first arm; null if invalid")
    arms: tuple[OfArm, ...] = Field(description="each treatment; none if invalid")
    policy: Policy | None = Field(description="who gets which of several arms; null of one")
    budget: tuple[Spent, ...] = Field(
        description="what a budget earns where the next coin goes where it is foretold to earn "
        "most; none where nothing costs anything"
    )
    doubts: tuple[Fact, ...] = Field(description="what was left out or assumed")
