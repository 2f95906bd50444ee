"""A file is whole or not there; what a killed run had begun goes; what is not ours stays."""

import os
import subprocess
import sys

import pytest

from winback.files import alone_in, remove_leftovers, replacing, scratch_folder, write_text


def dead() -> int:
    """The number of a process that has ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_an_error_on_the_way_leaves_the_last_good_file_and_nothing_else(tmp_path):
    path = tmp_path / "list.csv"
    write_text(path, "good")
    with pytest.raises(RuntimeError), replacing(path) as new:
        new.write_text("half")
        raise RuntimeError
    assert path.read_text() == "good"
    assert os.listdir(tmp_path) == ["list.csv"]


def test_what_a_killed_run_had_begun_goes_and_what_has_no_mark_of_ours_stays(tmp_path):
    ended, mark = dead(), "0" * 16
    ours = tmp_path / f".list.csv.{ended}-{mark}.new"
    ours.write_text("half")
    raw = tmp_path / f".list.csv.{ended}-{'1' * 16}.new"
    raw.mkdir()
    (raw / "raw.csv").write_text("anna")
    kept = [
        tmp_path / f".list.csv.{os.getpid()}-{mark}.new",  # still at work
        tmp_path / f".list.csv.{ended}-{mark[:8]}.new",
        tmp_path / f".other.csv.{ended}-{mark}.new",
        tmp_path / "list.csv.new",
        tmp_path / f"list.csv.{ended}-{mark}.new",
    ]
    for path in kept:
        path.write_text("theirs")
    write_text(tmp_path / "list.csv", "good")
    assert sorted(tmp_path.iterdir()) == sorted([*kept, tmp_path / "list.csv"])


def test_a_leftover_that_is_a_link_loses_the_link_alone(tmp_path):
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "orders.csv").write_text("all there is")
    link = tmp_path / f".out.{dead()}-{'a' * 16}.new"
    link.symlink_to(shop)
    remove_leftovers(tmp_path / "out")
    assert not link.is_symlink()
    assert (shop / "orders.csv").read_text() == "all there is"


def test_a_link_in_the_place_of_a_file_is_replaced_and_not_followed(tmp_path):
    target = tmp_path / "passwords"
    target.write_text("secret")
    path = tmp_path / "list.csv"
    path.symlink_to(target)
    write_text(path, "a list", private=True)
    assert target.read_text() == "secret"
    assert (path.read_text(), path.is_symlink()) == ("a list", False)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_scratch_folder_is_for_its_owner_and_gone_in_the_end(tmp_path):
    with scratch_folder(tmp_path / "orders") as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder.parent == tmp_path
        (folder / "raw.csv").write_text("anna")
    assert os.listdir(tmp_path) == []


def test_no_two_temporary_names_are_alike(tmp_path):
    names = set()
    for _ in range(20):
        with replacing(tmp_path / "x") as new:
            new.write_text("")
            names.add(new.name)
    assert len(names) == 20


def test_a_second_run_in_one_folder_is_refused_in_one_line(tmp_path):
    history = tmp_path / "orders.csv"
    history.write_text("customer,date,amount\na,2024-01-01,5\n")
    out = tmp_path / "out"
    with alone_in(out):
        done = subprocess.run(
            [sys.executable, "-m", "winback.cli", "run", str(history), "--out", str(out)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("winback: ") and "another winback is at work here" in last
    assert list(out.iterdir()) == []
    with alone_in(out):
        pass
