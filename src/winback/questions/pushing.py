"""A list sent to a destination: what would be done, or done."""

from __future__ import annotations

import csv
import io
import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from winback.crm.destination import Destination
from winback.crm.destinations import destination
from winback.crm.outgoing import Outgoing
from winback.crm.sealed import refuse_another
from winback.errors import UsageError, WinbackError
from winback.files import write_text
from winback.intake.erased import read_forgotten
from winback.ledger.asked import Seal, seal_named, seals
from winback.project import Project
from winback.questions.sealing import check_sealable, seal_list
from winback.results.listed import Listed
from winback.results.offered import CONTROL
from winback.results.pushed import Pushed, PushPlanned
from winback.sending.adapter import Adapter, Link, Setting
from winback.sending.adapters import adapter
from winback.sending.gates import Gates
from winback.sending.journal import Journal, State
from winback.sending.masking import masked_json
from winback.sending.plan import Plan, plan_push, refusals
from winback.sending.pushing import Sender, refused_in, write_rejected
from winback.stages.outgoing import outgoing
from winback.tables.history import PRIVACY
from winback.tables.planned import DRAWN

_EXAMPLES = 3
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Push:
    """A list and where it goes.

    Attributes:
        project: the project, or folder of a run, that holds it.
        name: of the destination.
        campaign: a list that has left; None: the current one.
        create: whether who is not there is created.
        clear_all: whether everybody's values may be taken back.
    """

    project: Project
    name: str
    campaign: str | None = None
    create: bool = False
    clear_all: bool = False

    @cached_property
    def target(self) -> Destination:
        """The destination, as the shop's options make it."""
        return destination(self.name, self.project.params.export.options.get(self.name))

    @cached_property
    def journal(self) -> Journal:
        """Its journal."""
        return Journal(self.project.path("pushes") / self.name)

    @cached_property
    def outgoing(self) -> Outgoing:
        """The rows that are meant to stand there."""
        return outgoing(self.project, self.target, campaign=self.campaign)

    @cached_property
    def seal(self) -> Seal | None:
        """The list as it left before; None where it did not.

        Raises:
            WinbackError: another list has left under its name.
        """
        if self.campaign is not None:
            found = seal_named(self.project.ledger(), self.campaign)
            if found is not None:
                return found
        listed = self.project.result("manifest", Listed)
        return refuse_another(self.project.ledger(), listed.campaign_id, listed.seal)

    def gates(self) -> Gates:
        """Who gets nothing, by the tables of today and the arms that were drawn."""
        project, listed = self.project, self.outgoing.audience == "listed"
        seal = self.seal
        if seal is not None:
            drawn, offers = seal.table("assignment"), seal.sealed.offers
        else:
            drawn = project.frame("assignment", DRAWN)
            offers = project.result("manifest", Listed).offers
        ids, arms = drawn["customer_id"].astype(str).tolist(), drawn["arm"].tolist()
        channels = {offer.name: offer.channel for offer in offers}
        pairs = list(zip(ids, arms, strict=True))
        forgotten = read_forgotten(project.path("forgotten"))
        return Gates(
            control=frozenset(c for c, arm in pairs if listed and arm == CONTROL),
            privacy=project.frame("privacy", PRIVACY),
            forgotten=forgotten,
            salt=project.salt() if forgotten else "",
            channels={c: channels[arm] for c, arm in pairs if listed and arm in channels},
            for_ads=self.target.for_ads,
        )

    def plan(self, state: State) -> Plan:
        """What is to be done, beside what the destination holds.

        Raises:
            UsageError: everybody's values would be taken back, and nobody said so; or a list that
                left later stands there.
        """
        self._refuse_older(state)
        found = plan_push(
            self.outgoing, self.target, self.gates(), state,
            prefix=self.project.params.export.prefix, names=self.journal.names(),
            create=self.create,
        )  # fmt: skip
        stays = found.updates + found.unchanged + found.given_up
        if found.clears and not stays and not self.clear_all:
            raise UsageError("sending.would_clear_all", label=self.target.label, n=found.clears)
        return found

    def _refuse_older(self, state: State) -> None:
        """A list that left earlier would take back what a later one set."""
        left = [seal.sealed.campaign_id for seal in seals(self.project.ledger())]
        name = self.outgoing.campaign_id
        if self.outgoing.audience == "everybody" or name not in left:
            return
        later = set(left[left.index(name) + 1 :])
        there = sorted(later & {held.campaign_id for held in state.held.values()})
        if there:
            raise UsageError(
                "sending.later_there", label=self.target.label, campaign=name, there=tuple(there)
            )

    def adapter(self, plan: Plan | None = None) -> Adapter:
        """The adapter, not connected yet; without a plan for settling jobs alone."""
        options = self.project.params.export.options.get(self.name, {})
        properties = plan.properties if plan is not None else ()
        return adapter(self.name, Setting(properties, options, self.create))

    def dry(self) -> PushPlanned:
        """What sending would do; calls nothing and writes nothing."""
        state = self.journal.state()
        plan = self.plan(state)
        way = self.adapter(plan)
        batches = sum(1 for _ in plan.batches(way))
        cost = way.cost(len(plan.rows), batches)
        # The last are those that are set; those before them are only taken back.
        shown = islice(plan.changes(), max(plan.clears - 1, 0), None)
        return PushPlanned(
            destination=self.target.label, name=self.name, campaign_id=plan.campaign_id,
            audience=self.outgoing.audience, left_already=self.seal is not None,
            cut_off=state.cut_off, updates=plan.updates, known=plan.known, create=way.creates,
            clears=plan.clears, cleared_because=dict(sorted(plan.cleared_because.items())),
            unchanged=plan.unchanged, given_up=plan.given_up,
            skipped=dict(sorted(plan.skipped.items())), erased=len(plan.erased),
            properties=plan.names, calls=cost.calls if plan.rows else 0,
            seconds=cost.seconds if plan.rows else 0.0,
            examples=tuple(
                json.dumps(masked_json(way.piece(change)), ensure_ascii=False)
                for change in islice(shown, _EXAMPLES)
            ),
        )  # fmt: skip

    def send(self, base_url: str | None = None, told: Told = lambda done, of: None) -> Pushed:
        """Send it, going on from where an earlier attempt ended.

        Args:
            base_url: in place of the destination's own address.
            told: how many rows of how many are settled.

        Raises:
            WinbackError: the list is not as it was written, no way there, or nobody was taken.
        """
        listed = None
        if self.seal is None and self.outgoing.audience == "listed":
            listed = check_sealable(self.project)
        sealing = _Sealing(self, listed)
        with self.journal.alone():
            state = self._settled_jobs(base_url, sealing)
            before = state.counts["updated"] + state.counts["created"]
            refused_before = refused_in(self.journal)
            plan = self.plan(state)
            way = self.adapter(plan)
            total = len(plan.rows)
            sender = Sender(way, self.journal, state, sealing.first, lambda done: told(done, total))
            made = self._sent(plan, sender, base_url)
            rejected = write_rejected(self.journal, state)
        fresh = {customer for customer, _, _ in refusals(state)} - refused_before
        self._check_taken(plan, state, rejected, anew=bool(fresh))
        counts, codes = state.counts, Counter(why.code for why in state.refused.values())
        return Pushed(
            destination=self.target.label, campaign_id=plan.campaign_id,
            updated=counts["updated"], created=counts["created"], cleared=counts["cleared"],
            unchanged=max(plan.unchanged - before, 0), not_there=counts["not_there"],
            refused=counts["refused"], refused_because=dict(sorted(codes.items())),
            skipped=dict(sorted(plan.skipped.items())), erased=len(plan.erased), made=made,
            calls=way.calls, sealed_entry=sealing.entry, sealed_now=sealing.now,
            rejected=str(rejected) if rejected else None,
            by_hand=_write_by_hand(self.journal.folder, plan.erased),
        )  # fmt: skip

    def _sent(self, plan: Plan, sender: Sender, base_url: str | None) -> tuple[str, ...]:
        """Send a plan; the properties that had to be made for it."""
        made: tuple[str, ...] = ()
        try:
            if plan.rows:
                sender.adapter.connect(self._link(base_url))
                made = sender.adapter.prepare()
                try:
                    sender.send(plan)
                except WinbackError:
                    write_rejected(self.journal, sender.state)
                    raise
            self.journal.close(sender.state)
        finally:
            sender.adapter.close()
        return made

    def _check_taken(self, plan: Plan, state: State, rejected: Path | None, *, anew: bool) -> None:
        """All rows failed: that is no success, whatever stood there before.

        Whoever is not there is no failure where others are; nor is, of a list that stands there
        already, whoever was refused the last time too (``anew`` says that others were).
        """
        counts, n = state.counts, plan.updates + plan.given_up
        taken = counts["updated"] + counts["created"] + counts["cleared"]
        if n and not taken and (anew or not plan.unchanged):
            raise WinbackError(
                "sending.nobody_taken", label=self.target.label, n=n, file=rejected or "-",
                refused=counts["refused"], not_there=counts["not_there"],
            )  # fmt: skip

    def _settled_jobs(self, base_url: str | None, sealing: _Sealing) -> State:
        """Where the destination stands, results of jobs of an earlier process read."""
        state = self.journal.state()
        if not state.waiting:
            return state
        way = self.adapter()
        try:
            way.connect(self._link(base_url))
            return Sender(way, self.journal, state, sealing.first).settle_jobs()
        finally:
            way.close()

    def _link(self, base_url: str | None) -> Link:
        return Link(os.environ, base_url)


class _Sealing:
    """The list is sealed once the first of its rows was confirmed."""

    def __init__(self, push: Push, listed: Listed | None) -> None:
        self._push, self._listed = push, listed
        self.entry = push.seal.entry.number if push.seal is not None else None
        if push.outgoing.audience == "everybody":
            self.entry = None
        self.now = False

    def first(self) -> None:
        """Seal it, where it is to be sealed.

        Raises:
            WinbackError: another list was made meanwhile.
        """
        if self._listed is None or self.now:
            return
        project = self._push.project
        if project.result("manifest", Listed) != self._listed:
            raise WinbackError("sending.list_changed", file=project.path("manifest"))
        self.entry, self.now = seal_list(project).entry.number, True


def _write_by_hand(folder: Path, erased: tuple[tuple[str, str], ...]) -> str | None:
    """Whom to delete at the destination by hand: they were erased, and it holds values of ours."""
    path = folder / "delete-by-hand.csv"
    if not erased:
        path.unlink(missing_ok=True)
        return None
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("customer_id", "key"))
    writer.writerows(erased)
    write_text(path, text.getvalue(), private=True)
    return str(path)
