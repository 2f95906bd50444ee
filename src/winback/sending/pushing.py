"""The sender: batches out, answers in, each written down, until nothing is left to send."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from winback.errors import WinbackError
from winback.files import write_text
from winback.sending.adapter import NOT_THERE, Adapter, Answer, Change, Refusal, RefusedBatch
from winback.sending.journal import NO_ANSWER, Journal, State
from winback.sending.masking import masked, said
from winback.sending.plan import Plan, refusals

# Of a row that no answer names, sent alone.
_TRIES_ALONE = 3
# So many alone refused for one and the same reason, and nobody taken: it is not the rows.
_HOPELESS = 25


@dataclass
class Sender:
    """One push under way.

    Args:
        adapter: connected.
        journal: locked by whoever made this.
        state: as the journal tells it; kept up to date.
        first: called once the destination confirmed the first row that is set, before that is
            written down.
        told: called after each batch with how many rows are settled.
    """

    adapter: Adapter
    journal: Journal
    state: State
    first: Callable[[], None] = lambda: None
    told: Callable[[int], None] = lambda rows: None

    def __post_init__(self) -> None:
        self._alone: Counter[int] = Counter()
        self._refused_for: Counter[str] = Counter()
        self._settled, self._taken, self._first_told = 0, False, False

    def settle_jobs(self) -> State:
        """Read the results of jobs that an earlier process left; the state after that."""
        if not self.state.waiting:
            return self.state
        for waiting in self.state.waiting:
            answer = self.adapter.result(waiting.job, waiting.changes)
            self._confirm(waiting.changes, answer)
            self.journal.answered(waiting.batch, _quiet(answer), self.state)
            self.journal.ended(waiting.batch)
        self.state = self.journal.state()
        return self.state

    def send(self, plan: Plan) -> None:
        """Send all of a plan.

        Raises:
            WinbackError: the destination ends it; the journal knows how far it came.
        """
        self.journal.begin(plan.rows, plan.names, plan.of)
        for batch in plan.batches(self.adapter):
            self._deliver(batch)

    def _deliver(self, batch: Sequence[Change]) -> None:
        waiting: list[Sequence[Change]] = [batch]
        while waiting:
            part = waiting.pop()
            waiting += reversed(list(self._attempt(part)))
            self.told(self._settled)

    def _attempt(self, batch: Sequence[Change]) -> Iterator[Sequence[Change]]:
        """One call and its answer; what of it must be sent again, in smaller parts."""
        number = self.journal.sent(batch)
        try:
            answer = self.adapter.send(batch)
        except RefusedBatch as refused:
            if len(batch) > 1:
                self.journal.refused_whole(number)
                yield from _halves(batch)
                return
            answer = _of_one(batch[0], refused.refusal)
        self._take(number, batch, answer)
        if answer.job is not None:
            known = answer.settled
            rest = [change for change in batch if change.row not in known]
            later = self.adapter.result(answer.job, rest)
            self._take(number, rest, later)
            answer = Answer(done=tuple(answer.settled | later.settled))
        settled = answer.settled
        silent = [change for change in batch if change.row not in settled]
        if silent:
            self.journal.ended(number)
            yield from self._again(silent, whole=len(silent) == len(batch))

    def _again(self, silent: Sequence[Change], *, whole: bool) -> Iterator[Sequence[Change]]:
        """Rows that the answer does not name: they may be there or not; once more."""
        if len(silent) > 1:
            yield from _halves(silent) if whole else [silent]
            return
        change = silent[0]
        self._alone[change.row] += 1
        if self._alone[change.row] < _TRIES_ALONE:
            yield silent
            return
        number = self.journal.sent(silent)
        self._take(number, silent, Answer(refused={change.row: Refusal(NO_ANSWER)}))

    def _take(self, number: int, batch: Sequence[Change], answer: Answer) -> None:
        self._confirm(batch, answer)
        self.journal.answered(number, _quiet(answer), self.state)
        self._settled += len(answer.settled)
        self._taken = self._taken or bool(answer.done or answer.created or answer.not_there)
        self._refused_for.update(why.code for why in answer.refused.values())
        alone = len(batch) == 1 and answer.refused
        if alone and not self._taken and len(self._refused_for) == 1:
            [(code, times)] = self._refused_for.items()
            if times >= _HOPELESS:
                why = next(iter(_quiet(answer).refused.values()))
                # The next attempt begins anew: what is mended by then is not given up.
                self.journal.close(self.state)
                raise WinbackError("sending.all_refused", n=times, code=code, said=why.said)

    def _confirm(self, batch: Sequence[Change], answer: Answer) -> None:
        """The list has left once somebody's values are there; before anything says so here."""
        if self._first_told or not (answer.done or answer.created):
            return
        sets = {change.row for change in batch if not change.clears}
        if not sets.isdisjoint((*answer.done, *answer.created)):
            self.first()
            self._first_told = True


def write_rejected(journal: Journal, state: State) -> Path | None:
    """``rejected.csv`` of the destination: who was refused and why, addresses masked.

    None, and no file, where nobody was.
    """
    path, rows = journal.folder / "rejected.csv", refusals(state)
    if not rows:
        path.unlink(missing_ok=True)
        return None
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("customer_id", "key", "code", "reason"))
    for customer, key, why in rows:
        writer.writerow((customer, masked(key), why.code, why.said))
    write_text(path, text.getvalue(), private=True)
    return path


def refused_in(journal: Journal) -> set[str]:
    """Customers whom the destination refused the last time."""
    path = journal.folder / "rejected.csv"
    if not path.is_file():
        return set()
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["customer_id"] for row in csv.DictReader(lines)}


def _quiet(answer: Answer) -> Answer:
    """The same with what the destination said about rows in one masked line."""
    refused = {row: Refusal(why.code, said(why.said)) for row, why in answer.refused.items()}
    return Answer(answer.done, answer.created, answer.not_there, refused, answer.job)


def _of_one(change: Change, refusal: Refusal) -> Answer:
    if refusal.code == NOT_THERE:
        return Answer(not_there=(change.row,))
    return Answer(refused={change.row: refusal})


def _halves(batch: Sequence[Change]) -> list[Sequence[Change]]:
    middle = len(batch) // 2
    return [batch[:middle], batch[middle:]] if middle else [batch]
