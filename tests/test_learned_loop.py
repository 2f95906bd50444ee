"""Lists that left teach the next: what each offer did, to whom, and what that rests on."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from typer.testing import CliRunner

import winback as wb
from winback.campaign.taught import Past, read_taught
from winback.cli.app import app
from winback.ledger.asked import packed, seals
from winback.ledger.people import People
from winback.offers.catalogue import read_offer
from winback.offers.plan import Beliefs, Limits, Plan
from winback.offers.reactions import Reactions
from winback.params import check_params
from winback.project import FOLDER, Project
from winback.questions.opening import learned as learned_of
from winback.questions.sealing import of_run, seal_list
from winback.results.intake import IngestSummary
from winback.results.ledgered import ModelSealed, Recipe, Sealed
from winback.results.offered import Offer
from winback.results.reacted import Reacted
from winback.said.reacted import lines
from winback.said.words import LANGUAGES, Words
from winback.stages.flow import run_history
from winback.stages.ingest import ingest
from winback.stages.learn import learn
from winback.stages.snapshot import snapshot
from winback.synthetic.campaign import simulate_campaign
from winback.synthetic.kinds import OfferEffect
from winback.tables.scored import scores as contract

SALT = "the secret of this shop"
FIRST, WINDOW = date(2024, 1, 1), 30
LEFT = (FIRST + timedelta(days=150), FIRST + timedelta(days=182), FIRST + timedelta(days=200))
CUTOFF = FIRST + timedelta(days=220)  # of the third list the window is open
PEOPLE = 1800
RATIOS = {"mail": 1.6, "points": 1.0, "nagging": 0.5}


def offer(name: str, **changes: object) -> Offer:
    entry = {
        "name": name, "kind": "content", "contact_cost": 0.1, "margin_share": 0.4,
        "valid_days": WINDOW, "label": {"en": name, "pl": name},
    }  # fmt: skip
    return read_offer({**entry, **changes})


OFFERS = tuple(map(offer, RATIOS))


@dataclass(frozen=True)
class World:
    """A shop of customers with steady rates, and lists whose offers change them by a ratio."""

    ids: np.ndarray
    rates: np.ndarray
    drawn: tuple[pd.DataFrame, ...]
    orders: pd.DataFrame


def world(seed: int = 1) -> World:
    rng = np.random.default_rng(seed)
    ids = np.array([f"K{i:05}" for i in range(PEOPLE)])
    rates = rng.uniform(0.2, 0.9, PEOPLE)  # orders in 30 days
    pace = np.repeat(rates[:, None] / 30, (CUTOFF - FIRST).days, axis=1)
    drawn = []
    for k, day in enumerate(LEFT):
        planned = rng.choice(list(RATIOS), PEOPLE)
        held = rng.random(PEOPLE) < 0.25
        begin = (day - FIRST).days
        if k < 2:
            faster = np.where(held, 1.0, [RATIOS[each] for each in planned])
            pace[:, begin : begin + WINDOW] *= faster[:, None]
        drawn.append(
            pd.DataFrame(
                {
                    "campaign_id": f"week-{k + 1}", "customer_id": ids, "planned_offer": planned,
                    "arm": np.where(held, "control", planned), "assigned_at": day,
                    "probability": np.where(held, 0.25, 0.75),
                    "arm_probabilities": "control=0.25 mail=0.25 nagging=0.25 points=0.25",
                }
            )
        )  # fmt: skip
    who, when = np.nonzero(rng.random(pace.shape) < pace)
    lines = pd.DataFrame(
        {
            "customer_id": ids[who], "order_id": np.arange(len(who)),
            "ordered_at": [FIRST + timedelta(days=int(day)) for day in when],
            "amount": rng.uniform(40, 60, len(who)).round(2),
        }
    )  # fmt: skip
    return World(ids, rates, tuple(drawn), lines)


def scored(rates: np.ndarray, ids: np.ndarray, cutoff: date) -> pd.DataFrame:
    """Scores that say what is so."""
    chance = 1 - np.exp(-rates)
    return pd.DataFrame(
        {"customer_id": ids, "cutoff": cutoff, "horizon_days": 30, "p_return": chance,
         "p_return_30d": chance, "orders_total": 4, "order_value_mean": 50.0, "spend_total": 200.0,
         "refund_share": 0.0, "risk_band": "medium", "days_since_last_order": 30}
    )  # fmt: skip


def seal(project: Project, assignment: pd.DataFrame, of: World, offers: tuple[Offer, ...]) -> None:
    """Put a list into the ledger as one that has left."""
    day, ledger = assignment["assigned_at"].iloc[0], project.ledger()
    tables = {"assignment": assignment, "scores": scored(of.rates, of.ids, day)}
    people = People(ledger.people)
    people.add(list(of.ids), SALT)
    people.save()
    files = {
        f"{name}.parquet": packed(people.numbered(pa.Table.from_pandas(rows, preserve_index=False)))
        for name, rows in tables.items()
    }
    left = Sealed(
        campaign_id=assignment["campaign_id"].iloc[0], cutoff=day, sent_on=day, horizon_days=30,
        language="en", currency="PLN", offers=offers, customers=PEOPLE, listed=1, control=1,
        people=people.highest, seal="0" * 16, salt_fingerprint=None, versions={}, sha256={},
        params={}, model=ModelSealed(
            version="aaa", kind="trees", rule=None, recipe=Recipe(params={}, code="c")
        ),
    )  # fmt: skip
    ledger.append("seal", left.campaign_id, day, left, files, salt=SALT)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Path]:
    """A folder up to its scores, with three lists that left; of the last the window is open."""
    root, of = tmp_path_factory.mktemp("loop"), world()
    of.orders.to_csv(root / "orders.csv", index=False)
    half = of.ids[::2]
    pd.DataFrame(
        {"customer_id": half, "happened_at": FIRST, "known_at": FIRST, "name": "opened", "value": 1}
    ).to_csv(root / "signals.csv", index=False)
    project = opened(root)
    ingest(project)
    snapshot(project)
    now = scored(of.rates, of.ids, CUTOFF)
    schema = contract(()).schema
    columns = {
        field.name: pa.array(now[field.name], field.type)
        if field.name in now
        else filled(field, len(now))
        for field in schema
    }
    columns["p_return_30d"] = pa.array(now["p_return_30d"])
    project.write_arrow("scores", pa.table(columns))
    for assignment in of.drawn:
        seal(project, assignment, of, OFFERS)
    learn(project)
    return of, root


def filled(field: pa.Field, rows: int) -> pa.Array:
    """Null where the contract lets it be, else a value of its type that says nothing."""
    if field.nullable:
        return pa.nulls(rows, field.type)
    return pa.array([0] * rows).cast(pa.int32()).cast(field.type)


def opened(root: Path, **changes: Any) -> Project:
    params = {
        "ingest": {"orders": str(root / "orders.csv"), "cutoff": CUTOFF.isoformat(),
                   "currency": "PLN", "signals": str(root / "signals.csv")},
        "snapshot": {"horizon_days": 30, "most_cutoffs": 1, "threads": 1,
                     "signals": [{"name": "opened", "windows_days": [90]}]},
        "target": {"offers": [told(each) for each in OFFERS]},
    }  # fmt: skip
    for section, values in changes.items():
        params[section] = {**params.get(section, {}), **values}
    return Project(check_params(params), root=root, layout=FOLDER, source=str(root / "orders.csv"))


def told(entry: Offer) -> dict[str, Any]:
    return entry.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def test_what_each_offer_did_is_learned_from_the_lists_that_are_over(
    built: tuple[World, Path],
) -> None:
    found = learned_of(opened(built[1]))
    assert (found.campaigns, found.people) == (2, PEOPLE)
    assert {each.campaign_id: each.why for each in found.left_out} == {"week-3": "open"}
    states = {each.name: each.state for each in found.offers}
    assert states == {"mail": "rolled_out", "points": "tested_on", "nagging": "harms"}
    for each in found.offers:
        assert each.ratio_low < RATIOS[each.name] < each.ratio_high
        assert (each.campaigns, each.last) == (2, LEFT[1])
        # Everybody held out is compared who might as well have been sent it.
        held = sum((rows["arm"] == "control").sum() for rows in built[0].drawn[:2])
        sent = sum((rows["arm"] == each.name).sum() for rows in built[0].drawn[:2])
        assert (each.treated, each.control) == (sent, held)
    assert "opened_90d" in found.columns or "days_since_last_opened" in found.columns


def test_lists_before_count_against_an_offer_and_more_if_it_was_the_same(
    built: tuple[World, Path],
) -> None:
    project, (first, second, _) = opened(built[1]), built[0].drawn
    ingested = project.result("ingest", IngestSummary)
    past = Past(project.path("orders"), ingested, None, frozenset(), 365)
    taught = read_taught(seals(project.ledger()), past)
    rows = taught.rows[taught.rows["campaign"] == 1].set_index("customer_id")
    assert (taught.rows.loc[taught.rows["campaign"] == 0, "met"] == 0).all()
    before = first.set_index("customer_id")["planned_offer"].reindex(rows.index)
    same = before.to_numpy() == np.array([taught.terms[j].name for j in rows["offer"]])
    age = 0.5 ** ((LEFT[1] - LEFT[0]).days / 90)
    assert rows["met"].to_numpy() == pytest.approx(np.where(same, age, age / 2))
    # What came until 90 days after is not yet known of either.
    assert taught.rows["after"].isna().all() and len(second) == PEOPLE
    assert all(each.moved_share is None for each in learned_of(project).offers)


def test_every_customer_has_a_ratio_of_each_offer(built: tuple[World, Path]) -> None:
    rows = opened(built[1]).frame("reactions")
    each = rows["customer_id"].nunique()
    assert each > 0.9 * PEOPLE and len(rows) == each * len(RATIOS)
    assert (rows["ratio_low"] <= rows["ratio"]).all()
    assert (rows["ratio"] <= rows["ratio_high"]).all()
    means = rows.groupby("offer")["ratio"].mean()
    assert means["mail"] > 1.2 and means["nagging"] < 0.8


def planned(root: Path, offers: tuple[Offer, ...] = OFFERS, **limits: Any) -> Plan:
    project, of = opened(root), world()
    beliefs = Beliefs(reactions=Reactions(learned_of(project), project.frame("reactions")))
    return wb.plan_campaign(
        scored(of.rates, of.ids, CUTOFF), offers, campaign_id="next", salt=SALT,
        beliefs=beliefs, limits=Limits(**limits),
    )  # fmt: skip


def test_the_next_list_reckons_with_it(built: tuple[World, Path]) -> None:
    plan = planned(built[1], explore_share=0.1)
    why = plan.assignment.groupby("planned_offer")["chosen_by"].agg(set).to_dict()
    assert "gain" in why["mail"] and "gain" not in why["points"]
    assert why.get("nagging", {"explore"}) == {"explore"}
    arms = plan.summary.arms
    assert arms["mail"].effect_source == "learned" and arms["mail"].effect_pp > 0
    assert arms["mail"].rests_on is not None and arms["mail"].rests_on.campaigns == 2
    assert arms["points"].effect_source is None and arms["points"].rests_on is not None
    assert plan.summary.learned["nagging"].state == "harms"
    # Without exploring, nobody gets what harms.
    assert "nagging" not in planned(built[1], explore_share=0.0).summary.arms


def test_the_sealed_offer_says_what_it_rests_on_and_is_read_back(built: tuple[World, Path]) -> None:
    for promised in planned(built[1]).offers:
        assert read_offer(promised.model_dump(mode="json")) == promised


def test_what_the_shop_states_goes_before_what_was_learned(built: tuple[World, Path]) -> None:
    stated = (offer("mail", effect_pp=1.0, effect_source="stated"), *OFFERS[1:])
    arm = planned(built[1], stated).summary.arms["mail"]
    assert (arm.effect_source, arm.effect_pp, arm.rests_on) == ("stated", 1.0, None)


def test_what_readings_rule_out_is_plausible_no_more(built: tuple[World, Path]) -> None:
    high = learned_of(opened(built[1])).of("points").ratio_high
    assert high < 2
    costly = (offer("points", contact_cost=8.0),)
    assert planned(built[1], costly).summary.n_planned == 0
    anew = wb.plan_campaign(
        scored(world().rates, world().ids, CUTOFF), costly, campaign_id="next", salt=SALT,
        beliefs=Beliefs(plausible_effect_pp=40),
    )  # fmt: skip
    assert anew.summary.n_planned > 0


@pytest.fixture(scope="module")
def later(
    built: tuple[World, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Reacted, Project]:
    """The same lists, after one more that is spoilt, with two people gone and other terms."""
    (of, before), root = built, tmp_path_factory.mktemp("later") / "copy"
    shutil.copytree(before, root)
    now = [told(offer("mail", valid_days=14)), *map(told, OFFERS[1:])]
    project = opened(root, target={"offers": now})
    people = People(project.ledger().people)
    assert people.forget(str(of.ids[3]))
    people.save()
    privacy = project.frame("privacy").assign(no_profiling=lambda t: t["customer_id"] == of.ids[5])
    project.write_frame("privacy", privacy)
    # Half were to be held out, as it says, and a quarter was.
    seal(project, of.drawn[0].assign(campaign_id="spoilt", probability=0.5), of, OFFERS)
    return learn(project), project


def test_nobody_who_was_forgotten_or_objected_is_learned_from(
    later: tuple[Reacted, Project],
) -> None:
    found, _ = later
    assert found.people == PEOPLE - 2
    # Rows of three lists each, and of the spoilt one whoever came back under a new number.
    assert found.not_learned_from == 3 + 4


def test_other_terms_make_another_offer(later: tuple[Reacted, Project]) -> None:
    found, project = later
    assert [(each.name, each.campaigns) for each in found.other_terms] == [("mail", 2)]
    assert found.of("mail") is None and found.of("points") is not None
    assert set(project.frame("reactions")["offer"]) == {"points", "nagging"}


def test_a_list_whose_draw_is_broken_teaches_nothing(later: tuple[Reacted, Project]) -> None:
    found, _ = later
    assert {each.campaign_id: each.why for each in found.left_out}["spoilt"] == "invalid"
    assert found.campaigns == 2


def test_the_same_bytes_on_any_number_of_threads(built: tuple[World, Path], tmp_path: Path) -> None:
    root = shutil.copytree(built[1], tmp_path / "copy")
    project = opened(root, snapshot={"threads": 2}, train={"threads": 2})
    before = [project.path(name).read_bytes() for name in ("reactions", "learned")]
    learn(project)
    assert [project.path(name).read_bytes() for name in ("reactions", "learned")] == before


def test_with_no_list_that_left_nothing_is_known(built: tuple[World, Path], tmp_path: Path) -> None:
    root = shutil.copytree(built[1], tmp_path / "copy")
    shutil.rmtree(root / "ledger")
    found = learn(opened(root))
    assert (found.campaigns, found.offers) == (0, ()) and found.of("mail") is None
    assert len(opened(root).frame("reactions")) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_it_rests_on_is_said(built: tuple[World, Path], language: Any) -> None:
    found = learned_of(opened(built[1]))
    text = "\n".join(lines(found, Words(language)))
    mail = found.of("mail")
    words = Words(language)
    for shown in (words.number(mail.treated), words.number(mail.control),
                  words.number(mail.ratio, 2), words.short_day(mail.last), "week-3"):  # fmt: skip
        assert shown in text
    assert not any(customer in text for customer in built[0].ids)


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        (["--outcome", "bought"], "--outcome: name the file of the experiment first"),
        (["mailing.csv", "--outcome", "bought"], "--treatment is missing"),
    ],
)
def test_learn_is_asked_of_a_file_or_of_the_lists(asked: list[str], line: str) -> None:
    done = CliRunner().invoke(app, ["learn", *asked])
    assert line in str(done.exception) or line in done.output


@pytest.mark.long
def test_a_shop_learns_from_its_own_lists_by_the_doors_it_has(tmp_path: Path) -> None:
    """Sealed, over, learned, planned, shown: on the page, at the end, to whoever asks of one."""
    offers = [
        {"name": "reminder", "kind": "content", "contact_cost": 0.05, "margin_share": 0.5,
         "valid_days": 20, "label": {"en": "A reminder", "pl": "Przypomnienie"}}
    ]  # fmt: skip
    shop = wb.simulate_shop("fashion", customers=2500, days=420, seed=4)
    strong = {
        "reminder": OfferEffect(
            strength=3.0, harm=0.0, everyone=1.0, spread=0.1, price_sensitive=0.0, valid_days=20,
            pull_forward_share=0.0, wear_out_share=0.0,
        )
    }  # fmt: skip
    params = check_params(
        {
            "ingest": {"currency": "PLN"},
            "snapshot": {"horizon_days": 30, "most_cutoffs": 4},
            "train": {"horizons_days": [14], "seeds": 1, "max_rounds": 20},
            "evaluate": {"origins": 2, "resamples": 20},
            "target": {"campaign_id": "list-{cutoff}", "control_share": 0.4, "offers": offers},
        }
    )
    out, day = tmp_path / "out", pd.Timestamp("2023-10-02")

    def run(until: pd.Timestamp, **target: Any) -> Project:
        section = params.target.model_copy(update=target)
        orders = shop.orders[pd.to_datetime(shop.orders["ordered_at"]) < until]
        return run_history(orders, out, params.model_copy(update={"target": section}))

    for _ in range(2):
        run(day)
        seal_list(of_run(out))
        assignment = pd.read_parquet(out / "assignment.parquet")
        sent = simulate_campaign(
            shop, assignment[["customer_id", "arm"]], day.date(), 20, effects=strong
        )
        shop, day = sent.shop, day + pd.Timedelta(days=28)
    project = run(day)
    found = learned_of(project)
    assert found.campaigns == 2 and found.of("reminder").state == "rolled_out"
    target = project.json("target")
    assert target["arms"]["reminder"]["effect_source"] == "learned"
    treated = found.of("reminder").treated
    assert f"{treated:,} treated" in (out / "report.html").read_text()
    customer = pd.read_parquet(out / "assignment.parquet")["customer_id"].iloc[0]
    asked = ["explain", customer, "--in", str(out), "--language"]
    said = CliRunner().invoke(app, [*asked, "pl"], catch_exceptions=False).output
    assert "raza tyle zamówień co bez oferty" in said
    seal_list(of_run(out))
    sealed = [*asked, "en", "--campaign", f"list-{day:%Y-%m-%d}"]
    said = CliRunner().invoke(app, sealed, catch_exceptions=False).output
    assert f"{treated:,} treated" in said
    # A shop that wants none of it tests on as before.
    no = run(day, learn=False, campaign_id="another").json("target")
    assert no["arms"]["reminder"]["effect_source"] is None and no["learned"] == {}
