"""What came of the calls: people with their values, and every effect, so that it can be counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

What = Literal["created", "changed", "equal", "consent", "stranger"]


@dataclass
class Person:
    """Somebody whom the destination knows."""

    id: str
    email: str
    values: dict[str, object] = field(default_factory=dict)
    consent: dict[str, object] = field(default_factory=dict)
    other_emails: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Effect:
    """One property of one person written once.

    Attributes:
        what: ``created`` a person, ``changed`` a value, wrote an ``equal`` one, or touched a
            ``consent``.
        call: number of the call that did it.
    """

    what: What
    call: int
    email: str
    name: str = ""
    old: object = None
    new: object = None


class Book:
    """People by address and id, and the effects in their order."""

    def __init__(self) -> None:
        self.people: list[Person] = []
        self.effects: list[Effect] = []
        self.named: Counter[str] = Counter()
        self._by: dict[str, Person] = {}

    def add(self, email: str, *, id: str | None = None, **values: object) -> Person:
        """Somebody who was there before any call."""
        person = Person(id or str(1_000_001 + len(self.people)), email, dict(values))
        self.people.append(person)
        self._by[person.id] = person
        self._by.setdefault(email.lower(), person)
        return person

    def also(self, person: Person, email: str) -> None:
        """A further address of somebody."""
        person.other_emails.append(email)
        self._by[email.lower()] = person

    def known_as(self, person: Person, key: str) -> None:
        """A further key of somebody, such as the shop's own id."""
        self._by[key.lower()] = person

    def of(self, key: str) -> Person | None:
        """By address, whatever its case, or id."""
        return self._by.get(key) or self._by.get(key.lower())

    def create(self, call: int, email: str, *, id: str | None = None) -> Person:
        """Somebody whom a call brings."""
        self.effects.append(Effect("created", call, email.lower()))
        return self.add(email, id=id)

    def name(self, email: str) -> None:
        """Note that a call that writes named this address, whatever came of it."""
        self.named[email.lower()] += 1

    def write(
        self, call: int, person: Person, name: str, new: object, empty: object = None
    ) -> None:
        """Set a value; the one that stands for none takes it away."""
        old = person.values.get(name)
        new = None if new == empty else new
        what: What = "equal" if old == new and type(old) is type(new) else "changed"
        self.effects.append(Effect(what, call, person.email.lower(), name, old, new))
        if new is None:
            person.values.pop(name, None)
        else:
            person.values[name] = new

    def touch_consent(self, call: int, email: str, name: str, new: object) -> None:
        """Note that a call sent a consent or a subscription, even one that was the same before."""
        person = self.of(email)
        old = person.consent.get(name) if person else None
        self.effects.append(Effect("consent", call, email.lower(), name, old, new))
        if person:
            person.consent[name] = new

    def values(self) -> dict[str, dict[str, object]]:
        """The values of everybody, by lower-case address."""
        return {person.email.lower(): person.values for person in self.people}

    def count(self, what: What) -> int:
        """How many effects of a kind."""
        return sum(effect.what == what for effect in self.effects)

    def twice(self) -> list[Effect]:
        """What happened more than once: a change of the same value, or a person's creation.

        An equal write is none: it changes nothing. One push needs at most one change of each.
        """
        seen: set[tuple[str, str, str]] = set()
        found = []
        for effect in self.effects:
            if effect.what in ("created", "changed"):
                key = (effect.what, effect.email, effect.name)
                if key in seen:
                    found.append(effect)
                seen.add(key)
        return found
