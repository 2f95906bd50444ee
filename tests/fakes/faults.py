"""How a destination fails: drawn for each call from a seed, so that a run can be had again."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

Fault = Literal["storm", "down", "cut", "lost", "hung", "late", "half"]


@dataclass
class Faults:
    """The chance of each fault at a call, and what is planned for certain calls.

    Attributes:
        storm: this call and all until the told time are refused with 429.
        down: 500, 502 or 503, and nothing was done.
        cut: the connection is closed, and nothing was done.
        lost: all was done, then the connection is closed without an answer.
        hung: all was done, then nothing is said for ``hang_seconds``.
        late: all was done, then 504.
        half: the first half of the rows was done, then 500.
        job_failed: a job that was accepted does nothing and says so later.
        job_half: a job that was accepted does half of it and says so later.
        planned: the fault of a call by its number, from 1.
        only_writes: whether calls that read are left in peace.
        wait_seconds: how long a storm lasts; told as the destination tells it.
    """

    seed: int = 0
    storm: float = 0.0
    down: float = 0.0
    cut: float = 0.0
    lost: float = 0.0
    hung: float = 0.0
    late: float = 0.0
    half: float = 0.0
    job_failed: float = 0.0
    job_half: float = 0.0
    planned: dict[int, Fault] | None = None
    only_writes: bool = False
    wait_seconds: float = 0.2
    hang_seconds: float = 5.0

    def of(self, number: int, writes: bool) -> Fault | None:
        """What happens at this call; the same at every run."""
        if self.planned and number in self.planned:
            return self.planned[number]
        if self.only_writes and not writes:
            return None
        draw = random.Random(f"{self.seed}:{number}").random()
        after: tuple[Fault, ...] = ("lost", "hung", "late", "half")
        for name in ("storm", "down", "cut", *after):
            chance = getattr(self, name)
            if name in after and not writes:
                continue
            if draw < chance:
                return name
            draw -= chance
        return None

    def of_job(self, number: int) -> Literal["failed", "half"] | None:
        """What becomes of the work that a job does later, by its number from 1.

        The one after a job that failed does not, so that trying again has an end.
        """
        drawn = self._job_drawn(number)
        return None if drawn and self.of_job(number - 1) else drawn

    def _job_drawn(self, number: int) -> Literal["failed", "half"] | None:
        draw = random.Random(f"{self.seed}:job:{number}").random()
        if number < 1 or draw >= self.job_failed + self.job_half:
            return None
        return "failed" if draw < self.job_failed else "half"

    def status(self, number: int) -> int:
        """Which 5xx."""
        return random.Random(f"{self.seed}:status:{number}").choice((500, 502, 503))
