"""The sender: who gets what, what is written down when, and what comes of faults and kills."""

from __future__ import annotations

import csv
import json
import stat
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from fakes.faults import Faults
from fakes.hubspot import HubSpot
from fakes.klaviyo import Klaviyo
from winback.crm.confirmed import read_confirmed
from winback.crm.destinations import destination
from winback.crm.fields import FIELDS
from winback.crm.outgoing import Outgoing
from winback.errors import UsageError, WinbackError
from winback.intake.erased import hashes_to_keep
from winback.sending.adapter import Link, Patience, Setting
from winback.sending.adapters import adapter
from winback.sending.client import Client, checked_url
from winback.sending.gates import Gates
from winback.sending.journal import Journal
from winback.sending.masking import masked, masked_json, said
from winback.sending.plan import plan_push
from winback.sending.pushing import Sender, write_rejected

SALT = "a salt for the tests"
NAMES = ("offer", "churn_probability", "valid_until", "orders_count")
NOBODY = pd.DataFrame({"customer_id": [], "email": [], "phone": [], "why": []}, dtype=object)


def address(n: int) -> str:
    return f"anna{n}@kowalska.example"


def people(numbers) -> pd.DataFrame:
    """Rows of a list: whole numbers are customers."""
    numbers = list(numbers)
    return pd.DataFrame(
        {
            "customer_id": [f"{n:04d}" for n in numbers],
            "email": [address(n) for n in numbers],
            "phone": [None] * len(numbers),
            "offer": ["ten_off"] * len(numbers),
            "churn_probability": [n / 1000 for n in numbers],
            "valid_until": [date(2024, 5, 31)] * len(numbers),
            "orders_count": [n if n % 2 else None for n in numbers],
        }
    ).astype({"orders_count": object})


def those(numbers, why: str | None = None) -> pd.DataFrame:
    keys = people(numbers)[["customer_id", "email", "phone"]]
    return keys if why is None else keys.assign(why=why)


@dataclass
class Shop:
    """A list, who may get it, and the journal of one destination."""

    fake: HubSpot | Klaviyo
    folder: Path
    rows: pd.DataFrame
    control: pd.DataFrame = field(default_factory=lambda: NOBODY.drop(columns="why"))
    kept_out: pd.DataFrame = field(default_factory=lambda: NOBODY)
    names: tuple[str, ...] = NAMES
    gates: Gates | None = None
    create: bool = False
    sealed: int = 0

    @property
    def name(self) -> str:
        return self.fake.destination

    def outgoing(self) -> Outgoing:
        return Outgoing(
            "may", "listed", tuple(FIELDS[each] for each in self.names),
            self.rows[["customer_id", "email", "phone", *self.names]], self.control,
            self.kept_out, pd.DataFrame({"customer_id": [], "why": []}, dtype=object),
        )  # fmt: skip

    def allowed(self, **more) -> Gates:
        """Everybody of numbers below 1,000 may get everything, but for what is said."""
        ids = [f"{n:04d}" for n in range(1000)]
        privacy = pd.DataFrame(
            {
                "customer_id": ids, "no_profiling": False, "no_marketing": False,
                "barred_channels": None, "no_ads": True, "why": None,
            }
        )  # fmt: skip
        for column in ("no_profiling", "no_marketing", "barred_channels"):
            for customer, value in more.pop(column, {}).items():
                privacy.loc[privacy["customer_id"] == customer, column] = value
        return Gates(**({"control": frozenset(), "privacy": privacy, "salt": SALT} | more))

    def plan(self, state):
        target = destination(self.name)
        return plan_push(
            self.outgoing(), target, self.gates or self.allowed(), state, prefix="wb_",
            names=self.journal.names(), create=self.create,
        )  # fmt: skip

    @property
    def journal(self) -> Journal:
        return Journal(self.folder / "pushes" / self.name)

    def push(self, dies=None, **options):
        """One push from beginning to end; ``dies`` is called with the adapter, to break it."""
        journal = self.journal
        usual = {"first_wait_seconds": 0.01, "poll_seconds": 0.01, "few": 0}
        with journal.alone(), ExitStack() as stack:
            state = journal.state()
            way = adapter(self.name, Setting((), usual | options, self.create))
            way.connect(Link(self.environ(), self.fake.url))
            stack.callback(way.close)
            state = Sender(way, journal, state, self.seal).settle_jobs()
            plan = self.plan(state)
            way.setting = replace(way.setting, properties=plan.properties)
            way.prepare()
            if dies is not None:
                dies(way)
            sender = Sender(way, journal, state, self.seal)
            sender.send(plan)
            write_rejected(journal, state)
            journal.close(state)
        return plan, state, way

    def seal(self) -> None:
        self.sealed += 1

    def environ(self):
        return {f"WINBACK_{'HUBSPOT_TOKEN' if self.name == 'hubspot' else 'KLAVIYO_KEY'}":
                self.fake.secret}  # fmt: skip

    def there(self) -> dict[str, object]:
        """What stands at the destination of the offer, by address, where anything does."""
        values = self.fake.book.values()
        return {mail: v["wb_offer"] for mail, v in values.items() if v.get("wb_offer")}

    def confirmed(self) -> dict[str, str]:
        rows = read_confirmed(self.journal.confirmed)
        return dict(zip(rows["key"], rows["customer_id"], strict=True))


@pytest.fixture(params=[HubSpot, Klaviyo])
def shop(request, tmp_path):
    yield from opened(request.param(), tmp_path)


@pytest.fixture
def hubspot(tmp_path):
    yield from opened(HubSpot(), tmp_path)


@pytest.fixture
def klaviyo(tmp_path):
    yield from opened(Klaviyo(), tmp_path)


def opened(fake, folder):
    for n in range(300):
        fake.add(address(n))
    with fake.running():
        yield Shop(fake, folder, people(range(250)))


def everyone(numbers) -> dict[str, str]:
    return {address(n): "ten_off" for n in numbers}


# --- what is sent ---------------------------------------------------------------------------


def test_a_push_sets_what_is_meant_and_the_next_one_calls_nothing(hubspot):
    plan, state, _ = hubspot.push()
    assert (plan.updates, plan.clears, state.counts["updated"]) == (250, 0, 250)
    assert hubspot.there() == everyone(range(250))
    assert hubspot.fake.calls["POST /crm/v3/objects/contacts/batch/update"] == 3
    assert hubspot.sealed == 1
    assert len(hubspot.confirmed()) == 250

    plan, _, _ = hubspot.push()
    assert (plan.rows, plan.unchanged) == ((), 250)


def test_values_keep_their_kind(shop):
    shop.push()
    held = shop.fake.book.values()[address(7)]
    if shop.name == "hubspot":
        # Midnight UTC of 31 May 2024, in milliseconds; all of it as text.
        assert held["wb_valid_until"] == "1717113600000"
        assert (held["wb_churn_probability"], held["wb_orders_count"]) == ("0.007", "7")
        kinds = {name: each.type for name, each in shop.fake.properties.items() if "wb_" in name}
        assert kinds == {
            "wb_offer": "string", "wb_churn_probability": "number", "wb_valid_until": "date",
            "wb_orders_count": "number",
        }  # fmt: skip
        return
    assert held["wb_valid_until"] == "2024-05-31"
    assert (held["wb_churn_probability"], held["wb_orders_count"]) == (0.007, 7)


def test_only_what_changed_is_sent_and_what_is_unknown_by_now_is_taken_back(shop):
    shop.push()
    shop.rows.loc[shop.rows["customer_id"].isin(["0007", "0009"]), "orders_count"] = None
    shop.rows.loc[shop.rows["customer_id"] == "0008", "churn_probability"] = 0.5

    plan, _, _ = shop.push()

    assert sorted(row.change.customer_id for row in plan.rows) == ["0007", "0008", "0009"]
    values = shop.fake.book.values()
    assert "wb_orders_count" not in values[address(7)]
    assert float(values[address(8)]["wb_churn_probability"]) == 0.5


def test_nobody_is_created_unless_asked(shop):
    shop.rows = people(range(290, 310))
    _, state, _ = shop.push()
    assert shop.fake.book.count("created") == 0
    assert (state.counts["updated"], state.counts["not_there"]) == (10, 10)

    shop.create = True
    _, state, _ = shop.push()
    assert state.counts["created"] == shop.fake.book.count("created") == 10
    assert shop.there() == everyone(range(290, 310))


def test_whoever_leaves_the_list_has_all_of_ours_taken_back(shop):
    """Columns of earlier lists too, and nobody comes into being by it."""
    shop.rows = people(range(30))
    shop.push()
    book = shop.fake.book
    book.people.remove(book._by.pop(address(3)))
    shop.rows, shop.names, shop.create = people(range(10, 30)), ("churn_probability",), True

    plan, state, _ = shop.push()

    assert (plan.clears, plan.cleared_because) == (10, {"left": 10})
    assert state.counts["cleared"] == 10
    assert book.count("created") == 0
    assert set(shop.confirmed()) == set(everyone(range(10, 30)))
    held = {mail: set(values) for mail, values in book.values().items() if values}
    assert held == {address(n): {"wb_churn_probability"} for n in range(10, 30)}


def test_from_a_property_that_was_deleted_there_nothing_is_taken_back(hubspot):
    hubspot.rows = people(range(5))
    hubspot.push()
    del hubspot.fake.properties["wb_orders_count"]
    hubspot.names = ("offer",)
    _, state, _ = hubspot.push()
    assert state.counts == {"updated": 5}


def test_a_new_address_gets_the_values_and_the_old_one_loses_them(shop):
    shop.push()
    shop.rows.loc[shop.rows["customer_id"] == "0005", "email"] = address(280)
    # What another one is known by now is not taken back from under her.
    shop.rows = shop.rows[shop.rows["customer_id"] != "0006"].copy()
    shop.rows.loc[shop.rows["customer_id"] == "0007", "email"] = address(6)

    shop.push()

    assert shop.there() == everyone([n for n in range(250) if n not in (5, 7)] + [280])
    assert shop.confirmed()[address(6)] == "0007"


# --- who gets nothing -----------------------------------------------------------------------


def test_what_the_list_says_does_not_help_whom_a_gate_bars(shop):
    """Control, refusals, a barred channel, the forgotten and the unknown, all on the list."""
    shop.rows = people([*range(20), 1500])
    forgotten = hashes_to_keep([("id", "0006")], SALT) | hashes_to_keep(
        [("email", address(7).upper())], SALT
    )
    shop.gates = shop.allowed(
        control=frozenset({"0001"}), no_marketing={"0002": True}, no_profiling={"0003": True},
        barred_channels={"0004": "phone,sms", "0005": "email"}, forgotten=frozenset(forgotten),
        channels=dict.fromkeys((f"{n:04d}" for n in range(20)), "email"),
    )  # fmt: skip
    # Whoever shares an address with somebody in peace would write to that person.
    shop.control = those([8])
    shop.kept_out = pd.concat([those([9], "no_marketing"), those([10], "left")])

    plan, _, _ = shop.push()

    barred = {1, 2, 3, 5, 6, 7, 8, 9, 1500}
    named = {mail for mail, times in shop.fake.book.named.items() if times}
    assert named == {address(n) for n in range(20) if n not in barred}
    assert plan.skipped == {
        "control": 3, "no_marketing": 4, "no_profiling": 1, "erased": 2, "not_known": 1,
    }  # fmt: skip
    assert shop.fake.book.count("consent") == 0


def test_who_refuses_later_is_only_taken_back_from_and_the_erased_get_nothing(shop):
    shop.push()
    before = dict(shop.fake.book.named)
    shop.gates = shop.allowed(
        control=frozenset({"0001"}), no_marketing={"0002": True}, no_profiling={"0003": True},
        forgotten=frozenset(hashes_to_keep([("email", address(4))], SALT)),
    )  # fmt: skip

    plan, _, _ = shop.push()

    assert plan.cleared_because == {"control": 1, "no_marketing": 1, "no_profiling": 1}
    assert plan.erased == (("0004", address(4)),)
    new = {mail for mail, times in shop.fake.book.named.items() if times > before.get(mail, 0)}
    assert new == {address(1), address(2), address(3)}
    assert shop.there() == everyone(n for n in range(250) if n not in (1, 2, 3))
    writes = [e for e in shop.fake.book.effects[-12:] if e.new is not None]
    assert writes == [], "something was set, not only taken back"


def test_one_address_of_two_customers_gets_one_of_them(hubspot):
    hubspot.rows = people([1, 2])
    hubspot.rows["email"] = address(1)
    plan, _, _ = hubspot.push()
    assert (plan.updates, plan.skipped) == (1, {"duplicate_key": 1})


# --- refusals -------------------------------------------------------------------------------


def test_a_batch_refused_whole_is_split_until_the_bad_rows_stand_alone(hubspot):
    hubspot.fake.refuse(address(7), "conflict")
    hubspot.fake.refuse(address(133), "invalid")
    hubspot.fake.refuse(address(200), "GDPR_BLACKLISTED_EMAIL")

    _, state, _ = hubspot.push()

    path = hubspot.journal.folder / "rejected.csv"
    rejected = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert [(each["customer_id"], each["code"]) for each in rejected] == [
        ("0007", "CONFLICT"), ("0133", "VALIDATION_ERROR"), ("0200", "GDPR_BLACKLISTED_EMAIL"),
    ]  # fmt: skip
    assert "kowalska" not in path.read_text()
    assert state.counts == {"updated": 247, "refused": 3}
    assert hubspot.there() == everyone(n for n in range(250) if n not in (7, 133, 200))

    # They were not taken, so the next push tries them again.
    plan, _, _ = hubspot.push()
    assert [row.change.customer_id for row in plan.rows] == ["0007", "0133", "0200"]


def test_where_all_are_refused_alike_it_stops_and_says_so(hubspot):
    for n in range(250):
        hubspot.fake.refuse(address(n), "invalid")
    with pytest.raises(WinbackError, match="the first 25 were refused one by one"):
        hubspot.push()
    assert sum(hubspot.fake.calls.values()) < 90
    assert hubspot.sealed == 0
    # Once it is mended, nobody is given up.
    hubspot.fake.refused.clear()
    _, state, _ = hubspot.push()
    assert state.counts == {"updated": 250}


def test_a_job_tells_later_whom_it_refused(klaviyo):
    klaviyo.fake.refuse(address(5), "later")
    _, state, _ = klaviyo.push()
    assert state.counts["updated"] == 249
    assert [key for _, key in state.refused] == [address(5)]


def test_a_key_without_rights_ends_it_and_stands_in_no_line(hubspot, monkeypatch, capsys):
    monkeypatch.setattr(type(hubspot), "environ", lambda self: {"WINBACK_HUBSPOT_TOKEN": "s3cr3t"})
    with pytest.raises(WinbackError) as ended:
        hubspot.push()
    assert "401" in str(ended.value) and "s3cr3t" not in str(ended.value)
    assert "s3cr3t" not in "".join(capsys.readouterr())
    monkeypatch.setattr(type(hubspot), "environ", lambda self: {})
    with pytest.raises(WinbackError, match="WINBACK_HUBSPOT_TOKEN: not set"):
        hubspot.push()


# --- kills ----------------------------------------------------------------------------------


def after(calls: int, accepted: bool = True):
    """Kills the process at that call: before, or after the destination did it."""

    def broken(way) -> None:
        inner, left = way.send, [calls]

        def send(batch):
            left[0] -= 1
            if left[0]:
                return inner(batch)
            if accepted:
                inner(batch)
            raise KeyboardInterrupt

        way.send = send

    return broken


@pytest.mark.parametrize("accepted", [True, False])
def test_a_push_that_was_killed_goes_on_and_does_nothing_twice(hubspot, accepted):
    with pytest.raises(KeyboardInterrupt):
        hubspot.push(after(2, accepted))
    files = {path.name: path for path in hubspot.journal.folder.iterdir()}
    assert set(files) == {"journal.jsonl", "plan-1.parquet", "names.json"}
    assert "kowalska" not in files["journal.jsonl"].read_text()
    assert "000" not in files["journal.jsonl"].read_text(), "an id"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in files.values()}
    assert modes == {0o600}
    assert stat.S_IMODE(hubspot.journal.folder.stat().st_mode) == 0o700

    plan, state, _ = hubspot.push()

    assert (plan.updates, plan.unchanged, state.cut_off) == (150, 100, True)
    assert state.counts["updated"] == 250, "counted over both"
    assert hubspot.there() == everyone(range(250))
    assert hubspot.fake.book.twice() == []
    assert {path.name for path in hubspot.journal.folder.iterdir()} == {
        "confirmed.parquet", "names.json",
    }  # fmt: skip


def test_who_refuses_between_a_kill_and_the_next_start_is_taken_back_from(hubspot):
    """Nobody knows whether she got it, so it counts as if she had."""
    with pytest.raises(KeyboardInterrupt):
        hubspot.push(after(1))
    hubspot.gates = hubspot.allowed(no_marketing={"0005": True})
    plan, _, _ = hubspot.push()
    assert plan.cleared_because == {"no_marketing": 1}
    assert address(5) not in hubspot.there()
    assert address(5) not in hubspot.confirmed()


def test_a_line_that_was_torn_counts_as_not_written(hubspot):
    with pytest.raises(KeyboardInterrupt):
        hubspot.push(after(2))
    path = hubspot.journal.path
    content = path.read_bytes()
    lines = content.splitlines()
    assert json.loads(lines[-1])["sent"], "the last line says what was about to be sent"
    # The answer to the first batch, cut in the middle.
    path.write_bytes(b"\n".join([*lines[:2], lines[2][: len(lines[2]) // 2]]))
    plan, _, _ = hubspot.push()
    assert (plan.updates, plan.unchanged) == (250, 0)
    assert hubspot.there() == everyone(range(250))
    assert hubspot.fake.book.twice() == []


def test_a_job_that_a_killed_process_started_is_read_and_not_started_again(klaviyo):
    def dies(way) -> None:
        def result(job, batch):
            raise KeyboardInterrupt

        way.result = result

    with pytest.raises(KeyboardInterrupt):
        klaviyo.push(dies)
    plan, state, _ = klaviyo.push()
    assert (plan.rows, state.counts["updated"]) == ((), 250)
    assert klaviyo.fake.calls["POST /api/profile-bulk-import-jobs"] == 1
    assert klaviyo.sealed == 1


def test_refused_rows_of_a_push_that_was_killed_are_not_tried_again_but_reported(hubspot):
    hubspot.fake.refuse(address(7), "conflict")
    with pytest.raises(KeyboardInterrupt):
        hubspot.push(after(16))
    plan, state, _ = hubspot.push()
    assert plan.given_up == 1
    assert [customer for customer, _ in state.refused] == ["0007"]


def test_two_pushes_at_once_are_refused(hubspot):
    with hubspot.journal.alone(), pytest.raises(WinbackError, match="another push"):
        hubspot.push()


# --- calls ----------------------------------------------------------------------------------


@pytest.mark.parametrize("fake", [HubSpot, Klaviyo])
def test_storms_falls_and_lost_answers_lose_nothing_and_double_nothing(fake, tmp_path):
    faults = Faults(
        seed=11, storm=0.1, down=0.15, cut=0.1, lost=0.1, late=0.1, half=0.15, wait_seconds=0.02
    )
    for made in opened(fake(faults), tmp_path):
        _, state, _ = made.push()
        assert state.counts["updated"] == 250
        assert made.there() == everyone(range(250))
        assert made.fake.book.twice() == []
        assert made.fake.impatient == 0, "called again before the told time had passed"


def test_an_answer_that_does_not_come_is_waited_for_only_so_long(tmp_path):
    faults = Faults(planned={6: "hung"}, hang_seconds=1.0)
    for made in opened(HubSpot(faults), tmp_path):
        made.push(timeout_seconds=0.2)
        assert made.there() == everyone(range(250))
        assert made.fake.book.twice() == []


def test_a_time_beyond_patience_ends_the_push():
    fake = HubSpot(Faults(planned={1: "storm"}, wait_seconds=3600))
    with fake.running() as url:
        way = adapter("hubspot", Setting(()))
        way.connect(Link({"WINBACK_HUBSPOT_TOKEN": fake.secret}, url))
        with pytest.raises(WinbackError, match=r"no more calls for 6\d min"):
            way.prepare()
        way.close()


def test_a_key_is_sent_neither_in_the_clear_nor_elsewhere(hubspot, monkeypatch):
    assert checked_url("https://api.hubapi.com/") == "api.hubapi.com"
    for wrong in ("http://api.hubapi.com", "ftp://x.pl", "https://user:s3cr3t@x.pl", "nonsense"):
        with pytest.raises(UsageError, match="--base-url") as refused:
            checked_url(wrong)
        assert "s3cr3t" not in str(refused.value)

    moved = hubspot.fake.said

    def said_elsewhere(refused, call):
        answer = moved(refused, call)
        answer.status, answer.headers["Location"] = 302, "https://elsewhere.example/"
        return answer

    monkeypatch.setattr(hubspot.fake, "said", said_elsewhere)
    client = Client(hubspot.fake.url, {"Authorization": "Bearer x"}, patience=Patience(tries=1))
    with pytest.raises(WinbackError, match="points elsewhere with HTTP 302"):
        client.call("GET", "/crm/v3/properties/contacts")
    client.close()


def test_what_a_destination_says_names_nobody():
    assert masked("no anna.nowak@shop.pl here") == "no a***@s***.pl here"
    assert masked("call +48 600 100 200 now") == "call +48*** now"
    assert said('key s3 of "a@b.pl"\n was %', ["s3"]) == 'key *** of "a***@***.pl" was %'.replace(
        "@***", "@b***"
    )
    assert len(said("x" * 900)) == 200
    shown = masked_json({"id": "a@b.pl", "on": "1717113600000", "tel": ["+48600100200"]})
    assert shown == {"id": "a***@b***.pl", "on": "1717113600000", "tel": ["+48***"]}


def test_a_folder_that_was_there_before_stays_open_to_others(tmp_path):
    tmp_path.chmod(0o755)
    with Journal(tmp_path / "hubspot").alone():
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
        assert stat.S_IMODE((tmp_path / "hubspot").stat().st_mode) == 0o700
