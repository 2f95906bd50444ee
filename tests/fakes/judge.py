"""What a push did at a destination, held against what it should have done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields

from fakes.book import Book


@dataclass(frozen=True)
class Truth:
    """What should come of a push, known without asking whoever pushes.

    Attributes:
        wanted: by address what is to stand there, by name of the property.
        nobody: addresses that must not be named in any call that writes.
        cleared: addresses where none of our values may be left.
        refused: addresses that the destination will not take.
        ours: names of properties that may be written, all else is somebody else's.
        created: addresses that the push is to bring.
        stays: whether everybody's values stand there already, so that nothing but what is taken
            back may change.
    """

    wanted: Mapping[str, Mapping[str, object]]
    nobody: Collection[str]
    ours: Collection[str]
    cleared: Collection[str] = ()
    refused: Collection[str] = ()
    created: Collection[str] = ()
    stays: bool = False


@dataclass(frozen=True)
class Verdict:
    """How often each thing happened that must not.

    Attributes:
        duplicates: changes and creations beyond the first of each.
        lost: people who should hold values and do not, refused ones apart.
        wrong: people who hold a value other than the one meant for them.
        forbidden: people named in a call who must be left alone.
        uncleared: people who hold a value that should be gone.
        consent: consents and subscriptions touched.
        foreign: values of others written.
        created: people created who were not to be.
        unreported: people the destination refused whom nothing reports.
        invented: people reported as refused who were not.
    """

    duplicates: int = 0
    lost: int = 0
    wrong: int = 0
    forbidden: int = 0
    uncleared: int = 0
    consent: int = 0
    foreign: int = 0
    created: int = 0
    unreported: int = 0
    invented: int = 0

    @property
    def faults(self) -> dict[str, int]:
        """Those that happened."""
        named = ((each.name, getattr(self, each.name)) for each in fields(self))
        return {name: n for name, n in named if n}


def judge(book: Book, truth: Truth, reported: Collection[str]) -> Verdict:
    """Count it.

    Args:
        book: of the destination.
        truth: what should be.
        reported: addresses that the push reports as refused.
    """
    there = book.values()
    refused = {email for email in truth.refused if email in truth.wanted}
    never = set(truth.created) - set(there) - refused
    should = {e: v for e, v in truth.wanted.items() if e not in refused and e in there}
    ours = set(truth.ours)
    written = [each for each in book.effects if each.what in ("changed", "equal")]
    again = [e for e in written if e.what == "changed" and e.email not in truth.cleared]
    return Verdict(
        duplicates=len(book.twice()) + (len(again) if truth.stays else 0),
        lost=len(never)
        + sum(any(name not in there[e] for name in values) for e, values in should.items()),
        wrong=sum(
            any(name in there[e] and not same(there[e][name], v) for name, v in values.items())
            for e, values in should.items()
        ),
        forbidden=len(set(truth.nobody) & set(book.named)),
        uncleared=sum(bool(ours & set(there.get(e, ()))) for e in truth.cleared),
        consent=book.count("consent"),
        foreign=sum(each.name not in ours for each in written),
        created=sum(e.what == "created" and e.email not in truth.created for e in book.effects),
        unreported=len(refused - set(reported)),
        invented=len(set(reported) - refused),
    )


def same(held: object, meant: object) -> bool:
    """Whether a destination holds what was meant, in its own spelling of numbers."""
    if str(held) == str(meant):
        return True
    try:
        return abs(float(str(held)) - float(str(meant))) < 1e-9
    except ValueError:
        return False
