"""What a reader notes while it reads: facts that were understood, and those in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce

from winback.results.base import Fact, fact

# A wrong customer or amount spoils every number, a wrong day those near it.
WEIGHT = (
    "objections_unmatched",
    "channel_unsaid",
    "no_orders_in",
    "register_in",
    "guests_with_mail",
    "guest_zero",
    "guest_words",
    "plus_mail",
    "twins_zeros",
    "twins_point",
    "quantity_by_size",
    "quantity_by_product",
    "amounts_repeat",
    "lines_off_total",
    "line_unsure",
    "piece_unsure",
    "order_total_unsure",
    "order_totals_differ",
    "parts_unsure",
    "in_pairs",
    "all_twice",
    "copies_kept_unsure",
    "copies_dropped_unsure",
    "numbers_again",
    "credit_notes_unused",
    "discount_left",
    "discount_taken",
    "states_unknown",
    "flag_unread",
    "subscriptions_out",
    "refunds_unused",
    "zero_totals",
    "discount_unused",
    "amounts_rise",
    "amounts_fall",
    "giant_order",
    "giant_day",
    "days_swapped",
    "days_turned_likely",
    "offsets_differ",
    "hole",
    "sparse_end",
    "thin_end",
    "consent_unused",
    "objection_unused",
    "consent_of_attributes",
    "objection_of_attributes",
    "consent_of_signals",
    "objection_of_signals",
    "consent_beside",
    "objection_beside",
    "strangers_doubted",
    "products_doubted",
    "products_empty",
    "stock_unread",
    "times_unused",
    "signals_empty",
    "attributes_empty",
    "values_of_no_level",
    "values_no_numbers",
)


@dataclass
class Findings:
    """Facts in the order in which they were found; whatever deserves a look is among the doubts.

    ``settled`` has what the search for columns settled beside their roles, by a word for it.
    `rules` says by role how its column was chosen: a code of `column_rule`.
    """

    understood: list[Fact] = field(default_factory=list)
    doubts: list[Fact] = field(default_factory=list)
    settled: dict[str, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)

    def add(self, other: Findings) -> None:
        """Take what another has found, too."""
        self.understood += other.understood
        self.doubts += other.doubts


def joined(*notes: Fact) -> Fact:
    """Several notes on one thing as one."""
    return reduce(lambda one, other: fact("intake.both", first=one, second=other), notes)


def quoted(values: Sequence[str], *, most: int = 5) -> tuple[Fact, ...]:
    """Cells or headers as they stand in the file, and how many more than ``most`` there are."""
    shown = [fact("intake.quoted", value=value) for value in values[:most]]
    if more := len(values) - len(shown):
        shown[-1] = fact("intake.and_more", last=shown[-1], more=more)
    return tuple(shown)


def distinct(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Each fact once: files of several headers say much alike."""
    return tuple(one for place, one in enumerate(facts) if one not in facts[:place])


def ranked(doubts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Each doubt once, the weightiest first."""
    return tuple(sorted(distinct(doubts), key=lambda one: WEIGHT.index(one.code.split(".")[1])))
