"""The model card: what taught the model, how right it was, and what it is not for.

In English alone: it is read by those who keep the model, and stands beside its version.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from winback.results.carded import Card
from winback.results.judged import MODEL, Interval, MethodMetrics
from winback.said import graded, judged
from winback.said.words import Words

_WORDS = Words("en")
_KINDS = {
    "blend": "A weighted sum of two log-odds: LightGBM over all snapshot columns (weight "
    "{trees}) and a logistic regression around MBG/NBD (weight {linear}). The weights were "
    "learned on a cutoff that neither was fitted on.",
    "regression": "A logistic regression around MBG/NBD: for LightGBM the history has too few "
    "returns.",
    "habit": "MBG/NBD alone, a model of each customer's habit: the history has too few returns for "
    "more.",
    "base_rate": "The same chance for everybody: the history has too few returns for more.",
    "rule": "{rule} gives the chance to return within the main horizon, in place of the trees: it "
    "proved better at earlier cutoffs. Further horizons and worth follow from that chance.",
    "unproven": "None: no horizon has closed yet, so nothing was learned and nobody has a chance.",
}
_POPULATIONS = {
    "everyone": "everybody",
    "recently_active": "bought in the last {days}",
    "one_time_buyers": "a single purchase so far",
}
_MOST_LISTS = 12
_COLUMNS = (
    "customers", "forecasts", "log loss", "ROC AUC", "calibration slope", "lift at 10%",
    "mean chance", "returned",
)  # fmt: skip
_LIMITS = (
    "The intervals are of customers drawn anew. They do not hold what moves everybody at once: a "
    "new price list, a competitor, an odd season.",
    "What was not in the orders when they were read is not known: purchases elsewhere, households, "
    "other accounts of the same person.",
    "It goes stale. Score anew with each week's orders, and let `winback grade` and `winback "
    "watch` say when it no longer holds.",
)
_NOT_FOR = (
    "**Whom an offer moves.** A chance to return says who comes back by themselves. What an offer "
    "adds is measured by its control group (`winback measure`).",
    "**Why somebody stays away.** Reasons are what the forecast rests on, and no causes.",
    "**Decisions with legal or similarly weighty effect on a person**: credit, terms of payment, "
    "refusing service, prices of their own.",
    "**People who have not bought yet**, another shop, another country, or another horizon than "
    "those above.",
    "**Single customers as certainties.** Of a hundred customers with a chance of 30% about thirty "
    "come back; of one of them nobody knows.",
)


def model_card(card: Card) -> str:
    """The card as Markdown: the same text for the same model, data and figures."""
    return "\n".join(_lines(card)) + "\n"


def _lines(card: Card) -> Iterator[str]:
    shop = f" of {card.shop}" if card.shop else ""
    days = _WORDS.count(card.horizon_days, "of day")
    further = [str(h) for h in card.horizons_days if h != card.horizon_days]
    beside = f" (and within {' and '.join(further)} days)" if further else ""
    yield f"# Model card: {card.name} {card.version}\n"
    yield (
        f"For each customer{shop} the chance of at least one purchase within {days} of the "
        f"cutoff{beside}, with expected orders and spend.\n"
    )
    yield from _section("Data", _data(card))
    yield from _section("Population", _population(card))
    yield from _section("Method", _method(card))
    yield from _section("How right it was", _figures(card))
    yield from _section("Grades of the lists that left", _grades(card))
    yield from _section("Limits", _bullets(_limits(card)))
    yield from _section("What not to use it for", _bullets(_NOT_FOR))
    yield from _section("Recipe", _recipe(card))


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    yield f"## {title}\n"
    yield from lines
    yield ""


def _bullets(lines: Sequence[str]) -> Iterator[str]:
    return (f"- {line}" for line in lines)


def _data(card: Card) -> Iterator[str]:
    orders, facts = card.orders, card.facts
    told = [
        f"Orders from {orders.first_day} to {orders.last_day}, scored as of {orders.cutoff}: "
        f"{_WORDS.count(orders.purchases, 'purchase')} and "
        f"{_WORDS.number(orders.refunds)} cancellations or refunds of "
        f"{_WORDS.count(orders.customers, 'customer')}"
        + (f", in {orders.currency}." if orders.currency else "."),
        f"Of {_WORDS.number(orders.lines_in)} lines read "
        f"{_WORDS.number(orders.lines_set_aside.total)} were set aside.",
        f"SHA-256 of the orders as read: `{orders.orders_sha256}`.",
    ]
    if facts.rows:
        rates = sorted(facts.base_rates)
        between = f" at {len(rates)} cutoffs from {rates[0]} to {rates[-1]}" if rates else ""
        told.append(
            f"Learned from {_WORDS.number(facts.rows)} snapshots{between}; "
            f"{_WORDS.share(facts.returned / facts.rows)} were followed by a return."
        )
    if facts.rows_left_out_treated:
        told.append(
            f"{_WORDS.number(facts.rows_left_out_treated)} snapshots were left out, since an offer "
            "may have touched what followed."
        )
    return _bullets(told)


def _population(card: Card) -> Iterator[str]:
    evidence = card.evidence
    repeat = evidence.repeat_customers / evidence.customers if evidence.customers else None
    today = _WORDS.count(evidence.customers, "customer")
    yield (
        f"Everybody with a purchase before the cutoff: {today} today, {_WORDS.share(repeat)} of "
        "them with a second day of shopping. A purchase is the "
        "lines of one customer, order and day that, as placed, sum above zero; one that is sent "
        "back later was one all the same."
    )


def _method(card: Card) -> Iterator[str]:
    trees, linear = card.facts.blend or (None, None)
    said = _KINDS[card.kind].format(
        trees=_WORDS.number(trees, 2),
        linear=_WORDS.number(linear, 2),
        rule=judged.called(card.rule or "", _WORDS),
    )
    yield f"{said}\n"
    champion = card.judged.verdict.champion
    if champion and champion.why != "no_rule_led":
        yield f"{judged.champion(champion, _WORDS)}\n"
    yield (
        f"A snapshot has {_WORDS.number(card.features)} numbers, of what was known before its "
        "cutoff alone. No classes are weighted and no rows resampled, so that a probability is one."
    )


def _figures(card: Card) -> Iterator[str]:
    found = card.judged
    if not any(people.methods for people in found.populations.values()):
        yield "Not known: no horizon has closed yet."
        return
    cutoffs = ", ".join(str(day) for day in found.cutoffs)
    how = {
        "customers": "half of the customers were foretold from the other half, since the history "
        "is too short for earlier cutoffs",
        "first_days": f"only the first {found.horizon_days} days of the horizon were tested, since "
        "the history is short",
    }
    odd = "".join(f"; {said}" for kind, said in how.items() if kind in found.judged_on)
    yield (
        f"At earlier cutoffs ({cutoffs}), by fits that had not seen what came{odd}. In brackets "
        f"the 95% interval of {found.n_bootstrap} draws of customers.\n"
    )
    yield f"{judged.verdict(found.verdict, _WORDS)}\n"
    yield f"| {' | '.join(_COLUMNS)} |"
    yield f"|{'---|' * len(_COLUMNS)}"
    methods = dict.fromkeys((found.method, MODEL, found.verdict.best_simple, "base_rate"))
    active = _WORDS.count(found.active_days, "of day")
    for name, said in _POPULATIONS.items():
        people = found.populations.get(name)
        if people is None:
            continue
        who = f"{said.format(days=active)} ({_WORDS.number(people.n)})"
        for method in methods:
            if method in people.methods:
                yield _row(who, method, people.methods[method], people.base_rate, found.method)
    spend = found.value.methods.get("winback")
    if spend and spend.bias is not None:
        coverage = found.value.coverage
        held = (
            f" {_WORDS.share(coverage.everyone)} of spend lay within the 80% interval."
            if coverage
            else ""
        )
        yield (
            f"\nExpected spend: in total {_WORDS.ratio(spend.bias)} of what was spent; off by "
            f"{_WORDS.number(spend.mae, 2)} a customer; normalised Gini "
            f"{_WORDS.number(spend.gini, 2)}.{held}"
        )


def _row(
    who: str, method: str, metrics: MethodMetrics, base_rate: float | None, serving: str
) -> str:
    name = "the model" if method == MODEL else judged.called(method, _WORDS)
    name = f"**{name}** (scores)" if method == serving else name
    cells = [
        who,
        name,
        _ranged(metrics.log_loss, 4),
        _ranged(metrics.roc_auc, 3),
        _ranged(metrics.calibration_slope, 2),
        _ranged(metrics.lift_at_10, 2),
        _WORDS.share(metrics.mean_p, 1),
        _WORDS.share(base_rate, 1),
    ]
    return f"| {' | '.join(cells)} |"


def _ranged(found: Interval | None, digits: int) -> str:
    if found is None:
        return _WORDS.number(None)
    text = _WORDS.number(found.value, digits)
    if found.low is None or found.high is None:
        return text
    return f"{text} [{_WORDS.number(found.low, digits)}, {_WORDS.number(found.high, digits)}]"


def _grades(card: Card) -> Iterator[str]:
    record = card.grades
    if record is None or not (record.lists or record.early):
        yield "None yet: no list has left whose days are over."
        return
    newest = record.model_copy(update={"lists": record.lists[-_MOST_LISTS:], "waiting": ()})
    words = Words("en", record.currency)
    yield from _bullets([line.strip() for line in graded.record_lines(newest, words)])


def _limits(card: Card) -> list[str]:
    found = [judged.concern(each, _WORDS) for each in card.evidence.concerns]
    return [judged.evidence(card.evidence, _WORDS), *found, *_LIMITS]


def _recipe(card: Card) -> Iterator[str]:
    yield f"Source `{card.code_version}`, and of `params.yaml`:\n"
    yield "| key | value |"
    yield "|---|---|"
    for key, value in sorted(card.settings.items()):
        yield f"| `{key}` | {str(value).replace('|', chr(92) + '|')} |"
