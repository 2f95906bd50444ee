"""Whether `winback push` sends twice, loses, or tells more than it did, when all goes wrong.

    python benchmarks/sending.py                    goes on where it stopped, build/sending/
    python benchmarks/sending.py --only klaviyo     of one destination
    python benchmarks/sending.py --minutes 5        ends after so long
    python benchmarks/sending.py --fresh            all of it anew

A made-up shop sends a list of 5,292 to a destination on loopback that enforces its documented
limits and fails in its documented ways (tests/fakes). *Plain*: nothing fails, for the calls it
takes. *Killed*: storms of 429, 5xx, answers lost after all or half was done, jobs given up; and
the process is killed with SIGKILL at moments drawn at random, half of them by the clock and half
around a call, until a last one ends by itself. Then more people refuse or are forgotten, and the
same again. What came of it is read from the destination and held against the list, the control
group and the refusals, without asking the sender. Each round starts from the same shop; processes
are forked from one that has imported all, so that a kill falls on the work and not on the imports.
Written to benchmarks/sending.md.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

LISTED, CUSTOMERS, DAYS = 5_292, 9_000, 400
KEPT = HERE.parent / "build" / "sending"
ROUNDS = KEPT / "rounds.jsonl"
KILLS = {"hubspot": 60, "klaviyo": 40, "mailchimp": 35, "getresponse": 30, "salesforce_bulk": 35}
# Where whoever is not there can be created; every second round does.
CREATES = ("hubspot", "klaviyo", "salesforce_bulk")
# So many in a round, then it may end.
KILLS_A_ROUND, USUAL = {"getresponse": 30}, 12
# What a destination will not take, and how it says so.
REFUSED = {
    "hubspot": ("conflict", "invalid", "INVALID_EMAIL", "GDPR_BLACKLISTED_EMAIL"),
    "klaviyo": ("later", "invalid"),
    "mailchimp": ("forgotten", "fake"),
    "getresponse": ("invalid",),
    "salesforce_bulk": ("UNABLE_TO_LOCK_ROW", "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
}
# The least a push of n rows that creates nobody can take, by the documented limits.
LEAST = {
    "hubspot": (lambda n: -(-n // 100), "a hundred a call"),
    "klaviyo": (lambda n: -(-n // 100) + 2, "a look-up a hundred, then a job: made and asked"),
    "mailchimp": (lambda n: 3, "one batch: made, asked, results"),
    "getresponse": (lambda n: 2 + n // 1000 + n, "the contacts' ids, then one call each"),
    "salesforce_bulk": (
        lambda n: -(-n // 200) + 6, "ids by two hundred; job made, filled, closed, asked, two files"
    ),
}  # fmt: skip
# Paths by which it is asked which of our properties are there, and by which they are made.
LOOKS = ("/crm/v3/properties", "/custom-fields", "/sobjects", "/lists/a1b2c3d4e5/merge-fields")
# Chances at one call; a destination of thousands of calls has them seldom.
CHANCES = {"storm": 0.03, "down": 0.03, "cut": 0.03, "lost": 0.05, "late": 0.03, "half": 0.05,
           "hung": 0.01}  # fmt: skip
SELDOM = {"getresponse": 30}


class Nursery:
    """A process that has imported all of winback and forks one that runs a command."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--nursery"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        self._hear()

    def _hear(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def start(self, words: Sequence[str], environ: dict[str, str], log: Path) -> int:
        """Run a command; the id of its process."""
        assert self._process.stdin is not None
        asked = {"words": list(words), "environ": environ, "log": str(log)}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return self._hear()

    def wait(self) -> int:
        """Its exit code; negative for a signal."""
        return self._hear()

    def close(self) -> None:
        """No more commands."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


def nurse() -> None:
    """Be the process that forks."""
    import httpx  # noqa: F401
    import pyarrow.parquet  # noqa: F401

    import winback.sending.adapters as adapters
    from winback.cli.app import main

    for name in ("hubspot", "klaviyo", "mailchimp", "getresponse", "salesforce"):
        __import__(f"{adapters.__name__}.{name}")
    print(0, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _child(main, asked)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _child(main, asked) -> None:
    os.environ.update(asked["environ"])
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    sys.argv = ["winback", *asked["words"]]
    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class Killer:
    """Strikes once, at a moment drawn beforehand: by the clock, or around the n-th call."""

    def __init__(self, fake, draw: random.Random, seconds: float, calls: int) -> None:
        self.struck = ""
        self._pid, self._seen, self._lock = 0, 0, threading.Lock()
        self._timer: threading.Timer | None = None
        if draw.random() < 0.5:
            self._timer = threading.Timer(draw.uniform(0.05, seconds), self._strike, ["clock"])
        self._at = draw.randint(1, calls)
        self._moment = draw.choice(("arrived", "done", "answered"))
        fake.watch = self._watch

    def follow(self, pid: int) -> None:
        """This is the process."""
        self._pid = pid
        if self._timer is not None:
            self._timer.start()

    def _watch(self, moment: str, call) -> None:
        if self._timer is not None or moment != self._moment:
            return
        with self._lock:
            self._seen += 1
            here = self._seen == self._at
        if here:
            self._strike(moment)

    def _strike(self, how: str) -> None:
        try:
            os.kill(self._pid, signal.SIGKILL)
            self.struck = how
        except ProcessLookupError:
            pass

    def rest(self) -> None:
        """Strike no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()


def shop():
    """The shop's folder, made once."""
    from pushing import Given, write_shop

    folder = KEPT / "shop"
    if not (folder / "done").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write_shop(folder, CUSTOMERS, LISTED, DAYS)
        words = ["run", "orders.csv", "--params", "params.yaml", "--horizon-days", "60"]
        subprocess.run(
            [sys.executable, "-m", "winback.cli", "--quiet", *words, "--out", "out"],
            cwd=folder, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        Given(folder / "out").know_addresses()
        for made in ("snapshots", "backtest", "rehearsal", "rivals", "outcomes"):
            (folder / "out" / "orders" / f"{made}.parquet").unlink(missing_ok=True)
        (folder / "done").touch()
    return Given(folder / "out")


def plain(name: str, nursery: Nursery) -> dict:
    """Nothing fails: the calls it takes, and that the second push has nothing to do."""
    from pushing import Trial

    given = shop().copy(KEPT / f"at-{name}")
    trial = Trial(name, given)
    with trial.fake.running():
        began = time.monotonic()
        nursery.start(trial.words(), trial.environ(), KEPT / f"{name}.log")
        code = nursery.wait()
        seconds, calls = time.monotonic() - began, trial.fake.calls.total()
        verdict = trial.verdict()
        effects = len(trial.fake.book.effects)
        nursery.start(trial.words(), trial.environ(), KEPT / f"{name}.log")
        again = nursery.wait()
    looks = sum(n for what, n in trial.fake.calls.items() if what.split()[1].startswith(LOOKS))
    return {
        "calls": calls, "looks": looks, "seconds": seconds, "codes": [code, again],
        "second": len(trial.fake.book.effects) - effects,
        "over_rate": trial.fake.over_rate, "verdict": asdict(verdict), "rows": len(given.listed),
    }  # fmt: skip


def faults_of(name: str, seed: int):
    from fakes.faults import Faults

    seldom = SELDOM.get(name, 1)
    chances = {each: chance / seldom for each, chance in CHANCES.items()}
    return Faults(seed=seed, job_failed=0.1, job_half=0.1, hang_seconds=3.0, **chances)


def killed(name: str, number: int, quiet: dict, nursery: Nursery) -> dict:
    """One round of a list sent, then of refusals taken in, with kills in both."""
    from pushing import Trial, address_of

    draw = random.Random(f"{name} {number}")
    given = shop().copy(KEPT / f"at-{name}")
    listed = list(given.listed.index)
    draw.shuffle(listed)
    hands = iter(listed)
    take = lambda n: [next(hands) for _ in range(n)]  # noqa: E731
    given.refuse(take(20), take(20))
    given.forget(take(12))
    refused = dict(zip(take(12), draw.choices(REFUSED[name], k=12), strict=True))
    trial = Trial(
        name, given, faults_of(name, number), absent=take(25), refused=refused,
        create=name in CREATES and number % 2 == 0,
    )  # fmt: skip
    found = {"kills": Counter(), "ended": Counter(), "pushes": 0, "calls": 0}
    most = KILLS_A_ROUND.get(name, USUAL)
    with trial.fake.running():
        _until_done(trial, draw, quiet, nursery, most - 2, found)
        first = trial.verdict()
        again = {e.email for e in trial.fake.book.effects if e.what == "equal"}
        # More refuse and are forgotten; what we set there is taken back, but from the latter.
        held = trial.fake.book.values()
        more = [each for each in take(40) if trial.ours & set(held[address_of(each).lower()])]
        cleared, gone = more[10:], more[:10]
        given.refuse(cleared[:15], cleared[15:])
        given.forget(gone)
        trial.fake.book.effects.clear()
        trial.fake.book.named.clear()
        cleared = {address_of(each).lower() for each in cleared}
        truth = trial.truth()
        truth = replace(truth, cleared=cleared, nobody=set(truth.nobody) - cleared, stays=True)
        truth = replace(
            truth, nobody=truth.nobody | {address_of(each).lower() for each in given.erased}
        )
        _until_done(trial, draw, quiet, nursery, 2, found)
        second = trial.verdict(truth)
    by_hand = given.folder / "pushes" / name / "delete-by-hand.csv"
    told = by_hand.read_text(encoding="utf-8").splitlines()[1:] if by_hand.is_file() else []
    unsaid = set(gone) ^ {line.split(",")[0] for line in told}
    return {
        "kills": dict(found["kills"]), "ended": dict(found["ended"]), "pushes": found["pushes"],
        "calls": trial.fake.calls.total(), "faults": dict(trial.fake.faulted),
        "impatient": trial.fake.impatient, "over_rate": trial.fake.over_rate,
        "verdict": asdict(first), "after": asdict(second), "erased_unsaid": len(unsaid),
        "rejected": len(refused), "cleared": len(cleared),
        "again": len(again), "create": trial.create,
    }  # fmt: skip


def _until_done(trial, draw, quiet, nursery, kills: int, found: dict) -> None:
    journal = trial.given.folder / "pushes" / trial.name / "journal.jsonl"
    log = KEPT / f"{trial.name}.log"
    # A list of thousands of calls would end before it had been killed often.
    early = 20 if trial.name == "getresponse" else 1.5
    calls, seconds = max(int(quiet["calls"] / early), 4), quiet["seconds"] / early
    for _ in range(200):
        killer = Killer(trial.fake, draw, seconds, calls) if kills > 0 else None
        if killer is None:
            trial.fake.watch = None
        pid = nursery.start(trial.words(), trial.environ(), log)
        if killer is not None:
            killer.follow(pid)
        code = nursery.wait()
        found["pushes"] += 1
        if killer is not None:
            killer.rest()
        if code == -signal.SIGKILL:
            found["kills"][killer.struck] += 1
            kills -= 1
            continue
        found["ended"][str(code)] += 1
        # 1 where nobody new was taken, or where it gave up for now.
        if code in (0, 1) and not journal.exists():
            return
        if code not in (0, 1):
            raise RuntimeError(f"{trial.name} ended with {code}: see {log}")
    raise RuntimeError(f"{trial.name} does not come to an end: see {log}")


def stored() -> list[dict]:
    """The rounds done so far."""
    if not ROUNDS.is_file():
        return []
    return [json.loads(line) for line in ROUNDS.read_text(encoding="utf-8").splitlines()]


def store(name: str, kind: str, number: int, result: dict) -> dict:
    row = {"name": name, "kind": kind, "number": number, **result}
    with ROUNDS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    return row


def kills_of(rows: list[dict], name: str) -> int:
    return sum(sum(row["kills"].values()) for row in rows
               if row["kind"] == "killed" and row["name"] == name)  # fmt: skip


def sums(rows: list[dict]) -> Counter:
    """What happened that must not, over rounds."""
    found: Counter = Counter()
    for row in rows:
        for part in ("verdict", "after"):
            found.update(row.get(part, {}))
        found["erased_unsaid"] += row.get("erased_unsaid", 0)
    return found


def page(rows: list[dict]) -> str:
    """The tables as benchmarks/sending.md has them."""
    lines = [
        "# Sending a list", "",
        f"By `python benchmarks/sending.py`. A list of {LISTED:,} of {CUSTOMERS:,} customers of a "
        "made-up shop, 588 held out as control, sent to each destination on loopback, which "
        "enforces the documented limits and counts every property written.", "",
        "## Nothing fails", "",
        "Calls *to look* ask which of our properties are there, and make those that are not.", "",
        "| destination | rows | calls | least possible | to look | seconds | second push writes |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for row in (row for row in rows if row["kind"] == "plain"):
        least, why = LEAST[row["name"]]
        lines.append(
            f"| {row['name']} | {row['rows']:,} | {row['calls'] - row['looks']:,} | "
            f"{least(row['rows']):,} ({why}) | {row['looks']} | {row['seconds']:.0f} | "
            f"{row['second']} |"
        )
    lines += [
        "", "## All goes wrong", "",
        "In each round 40 people of the list have refused and 12 were forgotten since it was made, "
        "25 are not at the destination (every second round creates them, where that can be) and 12 "
        "it will not take; when it is through, 30 more refuse and 10 more are forgotten. Faults: "
        "storms of 429, 5xx, connections closed before or after the work, silence, 504 after it, "
        "half a batch done, jobs given up whole or half-way. Duplicates are changes of a value, or "
        "creations, beyond the first; lost are people who should hold values and do not, or hold "
        "another; taken back are values of who refused later. Forbidden are people of the control "
        "group, refused or forgotten whom any call named. Written again are people to whom the "
        "same was sent once more, because nobody knew whether it had arrived; that changes "
        "nothing.", "",
        "| destination | rounds | kills (by the clock, around a call) | faults | calls | "
        "written again | duplicates | lost or wrong | forbidden | not taken back | consent | "
        "others' values | "
        "created | rejected, not reported | reported, not rejected |",
        "|" + "---|" * 15,
    ]  # fmt: skip
    total: Counter = Counter()
    for name in KILLS:
        own = [row for row in rows if row["kind"] == "killed" and row["name"] == name]
        if own:
            lines.append(killed_line(name, own, total))
    lines.append(killed_line("all", [row for row in rows if row["kind"] == "killed"], Counter()))
    return "\n".join([*lines, ""])


def killed_line(name: str, rows: list[dict], total: Counter) -> str:
    kills = Counter()
    faults = Counter()
    for row in rows:
        kills.update(row["kills"])
        faults.update({each: n for each, n in row["faults"].items() if each != "none"})
    bad = sums(rows)
    n, clock = kills.total(), kills["clock"]
    cells = (
        name, len(rows), f"{n} ({clock}, {n - clock})", faults.total(),
        f"{sum(row['calls'] for row in rows):,}",
        f"{sum(row['again'] for row in rows):,}", bad["duplicates"], bad["lost"] + bad["wrong"],
        bad["forbidden"], bad["uncleared"] + bad["erased_unsaid"], bad["consent"], bad["foreign"],
        bad["created"], bad["unreported"], bad["invented"],
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """Run what is missing, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="forget what was found before")
    parser.add_argument("--only", nargs="*", choices=tuple(KILLS), help="destinations")
    parser.add_argument("--minutes", type=float, default=60.0, help="end after so long")
    parser.add_argument("--nursery", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.nursery:
        nurse()
        return
    until = time.monotonic() + 60 * given.minutes
    if given.fresh:
        shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    # Two at once would pull the same folders from under each other.
    alone = os.open(KEPT, os.O_RDONLY)
    fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
    shop()
    nursery = Nursery()
    names = list(given.only or KILLS)
    for name in names:
        if not any(r["kind"] == "plain" and r["name"] == name for r in stored()):
            print(store(name, "plain", 0, plain(name, nursery)), flush=True)
    while time.monotonic() < until:
        rows = stored()
        left = [name for name in names if kills_of(rows, name) < KILLS[name]]
        if not left:
            break
        # The one that is furthest behind, so that an early end leaves something of each.
        name = min(left, key=lambda each: kills_of(rows, each) / KILLS[each])
        quiet = next(r for r in rows if r["kind"] == "plain" and r["name"] == name)
        number = 1 + sum(r["name"] == name and r["kind"] == "killed" for r in rows)
        began = time.monotonic()
        row = store(name, "killed", number, killed(name, number, quiet, nursery))
        print(f"{name} {number}: {time.monotonic() - began:.0f} s {row}", flush=True)
    nursery.close()
    (HERE / "sending.md").write_text(page(stored()), encoding="utf-8")


if __name__ == "__main__":
    main()
