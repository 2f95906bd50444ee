"""What a person sees on a terminal: help, completion, progress, and no command out of data."""

from __future__ import annotations

import os
import pty
import re
import resource
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from winback.cli.app import app
from winback.cli.asking import _VERBS
from winback.cli.progress import Progress, plain
from winback.crm.destinations import DESTINATIONS
from winback.results.base import fact

WINBACK = Path(sys.executable).with_name("winback")
ROOT: Any = typer.main.get_command(app)


def verbs(group: Any = ROOT, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, verb in group.commands.items():
        if hasattr(verb, "commands"):
            yield from verbs(verb, (*path, name))
        elif not verb.hidden:
            yield (*path, name), verb


def test_every_verb_has_an_example_that_names_verbs_and_options_there_are() -> None:
    found = dict(verbs())
    assert len(found) >= 39
    for path, verb in found.items():
        told = verb.epilog or ""
        assert told.startswith("Example: winback "), path
        assert shlex.split(told)[2 : 2 + len(path)] == list(path), told
        for part in told.removeprefix("Example: ").split(" && "):
            program, *words = shlex.split(part)
            if program != "winback":
                continue
            meant = ROOT
            while hasattr(meant, "commands"):
                meant = meant.commands[words.pop(0)]
            # The parser takes it, values and all; nothing is done.
            meant.make_context("example", words)


def test_the_help_tells_verbs_in_the_order_of_the_flow_and_at_once() -> None:
    assert set(ROOT.commands) == set(_VERBS)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    told = subprocess.run([str(WINBACK), "--help"], capture_output=True, text=True, check=True)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 0.5
    places = [told.stdout.index(f"\n  {name} ") for name in _VERBS]
    assert places == sorted(places)
    panels = re.findall(r"^([A-Z][^:\n]+):$", told.stdout, re.MULTILINE)[1:]
    assert panels[0] == "Start here" and len(panels) == 5
    assert "..." not in told.stdout.split("Start here")[1]


def asked(shell: str, **environ: str) -> str:
    names = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1", **environ}
    words = [str(WINBACK), *(["--show-completion", shell] if not environ else [])]
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, env={**os.environ, **names}
    )
    return done.stdout


def test_a_shell_completes_verbs_and_destinations() -> None:
    assert "complete -o default -F _winback_completion winback" in asked("bash")
    assert "#compdef winback" in asked("zsh")
    bash = {"_WINBACK_COMPLETE": "complete_bash"}
    told = asked("bash", COMP_WORDS="winback ex", COMP_CWORD="1", **bash)
    assert told.split() == ["export", "explain"]
    told = asked("bash", COMP_WORDS="winback export --for ", COMP_CWORD="3", **bash)
    assert set(told.split()) == set(DESTINATIONS)


def on_terminal(*words: str, **environ: str) -> bytes:
    """All that a program writes to a terminal, with the bytes that move its cursor."""
    known = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(WINBACK, [str(WINBACK), *words], {**known, "TERM": "xterm", **environ})
    written = b""
    while True:
        try:
            part = os.read(terminal, 1 << 16)
        except OSError:
            break
        if not part:
            break
        written += part
    os.waitpid(pid, 0)
    return written


@pytest.mark.long
def test_a_terminal_gets_a_bar_by_its_own_wishes_and_a_log_gets_lines(tmp_path: Path) -> None:
    words = ("simulate", "fashion", "--customers", "30", "--out", str(tmp_path / "shop.csv"))
    colours = re.compile(rb"\x1b\[[0-9;]*3[0-9][0-9;]*m|\x1b\[9[0-9]m")
    live = on_terminal(*words)
    assert b"\x1b[" in live and colours.search(live) and "━".encode() in live
    plainer = on_terminal(*words, NO_COLOR="1")
    assert "━".encode() in plainer and not colours.search(plainer)
    for dumb in (on_terminal(*words, TERM="dumb"), on_terminal("--quiet", *words, FORCE_COLOR="1")):
        assert b"\x1b" not in dumb and "━".encode() not in dumb
    made = (tmp_path / "shop.csv").read_bytes()
    done = subprocess.run([str(WINBACK), *words], capture_output=True, text=True, check=True)
    assert re.search(r"^simulate +\d+\.\d s$", done.stderr, re.MULTILINE)
    assert "making up 30 customers" in done.stderr
    assert (tmp_path / "shop.csv").read_bytes() == made


def test_what_is_left_is_told_where_it_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[float | None, str]] = []

    class Seen:
        def __init__(self, name: str) -> None: ...

        def show(self, done: float | None, message: str, left: Any) -> None:
            shown.append((done, left()))

        def stop(self) -> None: ...

    clock = iter(range(0, 10_000, 10))
    monkeypatch.setattr("winback.cli.progress.Bar", Seen)
    monkeypatch.setattr("winback.cli.progress.is_live", lambda: True)
    monkeypatch.setattr("winback.cli.progress.time.perf_counter", lambda: float(next(clock)))
    told = Progress()
    told.begin("tune")
    told.say(fact("progress.trial", done=1, total=4, best=0.5, left=1.0))
    told.say(fact("progress.scored", n=3))
    told.finish()
    assert [done for done, _ in shown] == [None, 0.25, None]
    assert re.fullmatch(r"about \d+ s left", shown[1][1]) and shown[2][1] == ""
    shown.clear()
    walk = Progress({"ingest": 1.0, "train": 3.0})
    walk.begin("ingest")
    walk.begin("train")
    walk.finish()
    assert [done for done, _ in shown] == [0.0, 0.25] and "left" in shown[1][1]


def test_no_command_to_a_terminal_comes_out_of_data(tmp_path: Path) -> None:
    assert plain("\x1b[31mred\x1b[0m\x07 \x1b]0;title\x07a\r\u202eb\u00a0c\x9b2Jd\te") == (
        "red ab c2Jd\te"
    )
    path = tmp_path / "shop.parquet"
    rows = [(f"k{n}", f"o{n}", f"2024-01-{1 + n % 28:02d}", 10.0 + n) for n in range(40)]
    table = pd.DataFrame(rows, columns=["customer_id", "order_id", "ordered_at", "amount"])
    odd = "\x1b[2J\x1b[31mstatus"
    table.assign(**{odd: "\x1b[5mpaid\x1b]0;x\x07", "status": "\x1b[5mcancelled?"}).to_parquet(path)
    done = CliRunner().invoke(app, ["inspect", str(path)])
    assert done.exit_code == 0 and "\x1b" not in done.output and "cancelled?" in done.output
