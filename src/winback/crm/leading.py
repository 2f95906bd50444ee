"""What the message to a customer leads with: her cart, what she buys again, or something new.

The one place where reminders and discounts are told apart. A reminder leads with what is likeliest
to be bought again. A discount never goes there: it would pay for a purchase that comes anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from winback.results.base import Fact, fact
from winback.results.offered import Offer

Kind = Literal["cart", "again", "new"]

MOST = 3
"""Products of a message, as the list has columns for."""

# Beyond so many of its own cycles a product no longer comes by itself.
_LAPSED = 2.5


@dataclass(frozen=True, slots=True)
class Item:
    """A product that a message may show to a customer, and what speaks for it.

    Attributes:
        product_id: as the orders have it.
        name: what it is called, where that is known.
        category: what kind of thing it is, where that is known.
        kind: from the cart that was left, bought before, or new to the customer.
        n_bought: on how many days it was bought.
        every_days: usual days between them, where there are enough.
        last_days: days since the last of them, or since the cart was left.
        due_in_days: days until it is due by its own rhythm, below 0 once that has passed.
        shown: the name that may be written to the customer; None where it is a code or hints at
            something private.
    """

    product_id: str
    name: str | None
    category: str | None
    kind: Kind
    n_bought: int = 0
    every_days: int | None = None
    last_days: int | None = None
    due_in_days: int | None = None
    shown: str | None = None

    @property
    def called(self) -> str:
        """Its name, or its id where nobody says a name."""
        return " ".join((self.name or self.product_id).split())

    @property
    def likely(self) -> bool:
        """Whether it is bought before and due to come by itself in its own rhythm."""
        if self.kind != "again" or self.every_days is None or self.last_days is None:
            return False
        return self.last_days <= _LAPSED * max(self.every_days, 1)


@dataclass(frozen=True, slots=True)
class Lead:
    """What a message shows, the first first, and why: a fact, and the rule it went by."""

    items: tuple[Item, ...] = ()
    why: Fact | None = None

    @property
    def shown(self) -> str | None:
        """The first name that may be written to the customer."""
        return next((item.shown for item in self.items if item.shown), None)


def is_discount(offer: Offer | None) -> bool:
    """Whether an offer pays a part of the order; a contact alone is a reminder."""
    return offer is not None and (
        offer.discount_share is not None or offer.discount_amount is not None
    )


def lead(ranked: Sequence[Item], cart: Sequence[Item] = (), offer: Offer | None = None) -> Lead:
    """What the message with an offer leads with.

    First whatever lies in the cart that was left: what was put there and not bought does not
    come anyway. Then, with a discount, what is new, and what was bought before but is neither
    the likeliest to be bought again nor within its own rhythm; without one what is likeliest to
    be bought again, then what is new.

    Args:
        ranked: next products of the customer, the likeliest first.
        cart: what lies in a cart that was left.
        offer: what she gets; None: nothing is known of it, as of a reminder.
    """
    items, passed_over = ordered(ranked, cart, offer)
    if not items:
        return Lead((), fact("message.nothing_to_discount") if passed_over else None)
    why = reason_of(items[0])
    if items[0].kind == "cart":
        return Lead(items, why)
    if passed_over:
        return Lead(items, fact("message.not_anyway", why=why))
    due = None if is_discount(offer) else due_of(items[0])
    return Lead(items, why if due is None else fact("message.when", why=why, due=due))


def ordered(
    ranked: Sequence[Item], cart: Sequence[Item], offer: Offer | None
) -> tuple[tuple[Item, ...], bool]:
    """The products of `lead`, and whether a discount passed over any that come anyway."""
    held = {item.product_id for item in cart}
    rest = [item for item in ranked if item.product_id not in held]
    again = [item for item in rest if item.kind == "again"]
    new = [item for item in rest if item.kind == "new"]
    if not is_discount(offer):
        return (*cart, *again, *new)[:MOST], False
    # Of all that is ranked: what also lies in the cart is still the likeliest.
    likeliest = next((item.product_id for item in ranked if item.kind == "again"), None)
    less = [item for item in again if not item.likely and item.product_id != likeliest]
    return (*cart, *new, *less)[:MOST], len(less) < len(again)


def reason_of(item: Item) -> Fact:
    """Why a product stands there."""
    last, every = item.last_days, item.every_days
    if item.kind == "cart":
        return fact("message.cart", last=last)
    if item.kind == "new":
        if item.category:
            return fact("message.new_in_category", category=item.category)
        return fact("message.new")
    if item.n_bought <= 1:
        return fact("message.once", last=last)
    if every is None:
        return fact("message.again", n=item.n_bought, last=last)
    if every <= 1:
        return fact("message.daily", n=item.n_bought, last=last)
    return fact("message.regularly", n=item.n_bought, every=every, last=last)


def due_of(item: Item) -> Fact | None:
    """When to remind of a product that comes in a rhythm of its own; None of any other."""
    if item.kind != "again" or item.due_in_days is None:
        return None
    if not item.likely:
        return fact("message.lapsed")
    if item.due_in_days > 0:
        return fact("message.due_in", days=item.due_in_days)
    if item.due_in_days == 0:
        return fact("message.due_now")
    return fact("message.overdue", days=-item.due_in_days)
