"""The first screen: one sentence that is right in every state, reasons, files, changes, doubts."""

# The browser is a fixture of the page's own tests.
# ruff: noqa: F401, F811

import html
import re
from datetime import date

import pytest

from test_report import (
    CUTOFF,
    PLANNED,
    UNKNOWN,
    an_intake,
    browser,
    changed,
    design,
    made_up,
    order_lines,
    rendered,
    text_of,
    trial_of,
    typed,
)
from winback.report import page
from winback.report.material import Material
from winback.report.sections.first import opening, sentence
from winback.results.base import fact
from winback.results.intake import SetAside, SuspiciousCustomer
from winback.results.listed import Changes, Delivered
from winback.said.words import LANGUAGES
from winback.shop.history import describe_shop


@pytest.fixture(scope="module")
def parts():
    made = made_up()
    rows = made["list_rows"].assign(offer_label=["10% off", "Free parcel"])
    return made | {"list_rows": rows}


def told(parts, language="en", **changes):
    """The sentence, and what stands under it, as a reader sees them."""
    m = Material(**typed(parts | changes), language=language)
    under = opening(m)
    lines = [] if under.reasons is None else [plain(line) for line in under.reasons.lines]
    return plain(sentence(m)), lines, under


def plain(markup):
    """Text as it is read: without tags, each space a plain one."""
    text = " ".join(html.unescape(text_of(str(markup))).split())
    return re.sub(r" (?=[.,;:)])", "", text)


def arm(n, **effect):
    return {"n": n, "expected_cost": 10.0, "expected_gain": None, **UNKNOWN, **effect}


CONTROL = arm(10)
KNOWN = {
    "effect_known": True, "expected_gain": 321.0, "gain_low": 120.0, "gain_high": 500.0,
    "test": None,
}  # fmt: skip


def known(source, **changes):
    effect = {"effect_source": source, "effect_pp": 5.0}
    arms = {"ten_percent": arm(25, **effect), "parcel": arm(15, **effect), "control": CONTROL}
    return changed(PLANNED, arms=arms, **KNOWN, **changes)


COSTLY = trial_of(ten_percent=design(cost=40.25, value=3.0), parcel=design(cost=15.0, value=1.0))
NOBODY = {
    "n_listed": 0, "n_planned": 0, "n_control": 0, "arms": {}, "expected_cost": 0.0,
    "break_even_pp": {}, "test": None,
}  # fmt: skip

STATES = {
    "unknown offers": (
        PLANNED,
        "Send {either} to 40 customers on 1 March 2024. It costs about PLN 111; what it "
        "earns nobody knows yet, and the comparison is ready on 31 March 2024.",
        "Wyślij {jedną} do 40 klientów 1 marca 2024. Koszt to około 111 zł; ile "
        "przyniesie, jeszcze nie wiadomo, porównanie będzie gotowe 31 marca 2024.",
    ),
    "costly test": (
        changed(PLANNED, test=COSTLY),
        "Before you send {either} to 40 customers on 1 March 2024, change this test: it "
        "costs about PLN 111, of which PLN 55.25 is wasted if nothing changes, and the answer on "
        "31 March 2024 is worth about PLN 4.",
        "Zanim 1 marca 2024 wyślesz {jedną} do 40 klientów, zmień ten test: kosztuje "
        "około 111 zł, z czego 55,25 zł przepadnie, jeśli oferty niczego nie zmienią, a odpowiedź "
        "31 marca 2024 jest warta około 4 zł.",
    ),
    "learned effect": (
        known("learned"),
        "Send {either} to 40 customers on 1 March 2024. It costs about PLN 111 and should "
        "earn about PLN 321 after costs by 30 May 2024.",
        "Wyślij {jedną} do 40 klientów 1 marca 2024. Koszt to około 111 zł, a do 30 maja "
        "2024 powinno to przynieść około 321 zł po kosztach.",
    ),
    "stated effect": (
        known("stated", window_days=30),
        "Send {either} to 40 customers on 1 March 2024. It costs about PLN 111 and should "
        "earn about PLN 321 after costs by 31 March 2024, if the stated effect is right.",
        "Wyślij {jedną} do 40 klientów 1 marca 2024. Koszt to około 111 zł, a do 31 marca "
        "2024 powinno to przynieść około 321 zł po kosztach, jeśli założony efekt jest prawdziwy.",
    ),
    "a gain that is a loss": (
        changed(known("measured"), expected_gain=-40.0),
        "Think twice before you send {either} to 40 customers on 1 March 2024. It costs "
        "about PLN 111 and should bring nothing by 30 May 2024: a loss of about PLN 40.00.",
        "Zastanów się, zanim 1 marca 2024 wyślesz {jedną} do 40 klientów. Koszt to około "
        "111 zł, a do 30 maja 2024 nie powinno to nic przynieść: strata to około 40,00 zł.",
    ),
    "no control": (
        changed(PLANNED, n_planned=40, n_control=0, test=None),
        "Send {either} to 40 customers on 1 March 2024. It costs about PLN 111; what it "
        "earns by 30 May 2024 is not known and cannot be measured, since nobody is left out to "
        "compare with.",
        "Wyślij {jedną} do 40 klientów 1 marca 2024. Koszt to około 111 zł; ile przyniesie "
        "do 30 maja 2024, nie wiadomo i nie da się zmierzyć, bo nie ma grupy kontrolnej do "
        "porównania.",
    ),
    "contacts without a price": (
        changed(PLANNED, warnings=[fact("offers.contact_unknown", offers=("parcel",))]),
        "Send {either} to 40 customers on 1 March 2024. It costs about PLN 111 plus the "
        "sending, whose price you have not said; what it earns nobody knows yet, and the "
        "comparison is ready on 31 March 2024.",
        "Wyślij {jedną} do 40 klientów 1 marca 2024. Koszt to około 111 zł i sama "
        "wysyłka, której ceny nie podano; ile przyniesie, jeszcze nie wiadomo, porównanie będzie "
        "gotowe 31 marca 2024.",
    ),
    "one offer that costs nothing": (
        changed(PLANNED, arms={"parcel": arm(40), "control": CONTROL}, expected_cost=0.0),
        "Send “Free parcel” to 40 customers on 1 March 2024. It costs nothing beyond the "
        "sending; what it earns nobody knows yet, and the comparison is ready on 31 March 2024.",
        "Wyślij ofertę „Free parcel” do 40 klientów 1 marca 2024. Poza samą wysyłką nic "
        "to nie kosztuje; ile przyniesie, jeszcze nie wiadomo, porównanie będzie gotowe 31 marca "
        "2024.",
    ),
    "nobody on the list": (
        changed(PLANNED, **NOBODY, reasons={"cannot_pay": 200, "no_contact": 40}),
        "Send nothing this time: no offer was planned for any of 240 customers.",
        "Tym razem nic nie wysyłaj: dla nikogo z 240 klientów nie zaplanowano oferty.",
    ),
    "no campaign": (
        None,
        "No campaign was planned, so there is nothing to send.",
        "Nie zaplanowano kampanii, więc nie ma czego wysyłać.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_one_sentence_says_what_to_send_what_it_costs_and_what_it_should_earn(parts, state):
    target, english, polish = STATES[state]
    rows = parts["list_rows"][: None if target and target.n_listed else 0]
    parts = parts | {"target": target, "list_rows": rows}
    expected = {"en": english, "pl": polish}
    for language in LANGUAGES:
        said = expected[language].replace("{either}", "“10% off” or “Free parcel”")
        said = said.replace("{jedną}", "jedną z ofert: „10% off” lub „Free parcel”")
        assert told(parts, language)[0] == said


def test_a_list_before_any_proof_and_one_of_customers_all_alike_are_told_apart(parts):
    nobody = changed(PLANNED, **NOBODY, reasons={"too_uncertain": 240})
    silent = parts["scores"].assign(p_return=None, risk_band=None, expected_net_spend=None)
    early, why, _ = told(parts, target=nobody, scores=silent, evaluation=None)
    assert early == (
        "It is too early for an offer: the history is too short to say who comes back. The list "
        "holds 2 customers who may be contacted."
    )
    assert why[1] == "Nobody was chosen: the latest buyers stand first, without offers."
    alike = parts["scores"].assign(p_return=0.2, risk_band="low")
    assert told(parts, target=nobody, scores=alike)[0] == (
        "Send no offer this time: by what is known none would pay. The list holds 2 customers who "
        "may be contacted."
    )
    assert told(parts, scores=alike)[1][-1].startswith("The history does not tell these customers")


def test_a_shop_without_purchases_has_nobody_to_write_to(parts):
    empty = describe_shop(order_lines([("ada", "1", "2024-02-29", 0, "free")]), CUTOFF)
    said, why, under = told({"shop": empty})
    assert (
        said == "There is nobody to write to yet: the history has no purchase before 1 March 2024."
    )
    assert why == []
    assert under.taken == []


def test_three_reasons_stand_there_the_weightiest_first(parts):
    _, why, _ = told(parts)
    assert why == [
        "190 of 240 customers are left out, all for one reason: likely to come anyway: a discount "
        "would be a gift.",
        "Nobody has measured yet what these 2 offers would change. 10 customers drawn by lot get "
        "nothing, for comparison. One list of this size cannot show it; several together can.",
        "Checked on past days, the forecasts foretold that 15% would come back, and 14% did.",
    ]
    _, why, _ = told(parts, target=known("learned"))
    assert why[1] == (
        "The gain rests on what your earlier lists changed: most likely PLN 120 to PLN 500."
    )


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ({"mde_pp": 3.0, "effect_pp": 3.7}, "The list is large enough to show whether it pays."),
        ({"mde_pp": 4.0, "effect_pp": 3.7, "plausible_pp": 5.0}, "A strong effect will show"),
        ({"mde_pp": 9.0, "effect_pp": 3.7, "plausible_pp": 5.0}, "cannot show it; several"),
        ({"mde_pp": None, "effect_pp": 3.7}, "One list of this size cannot show it."),
    ],
)
def test_no_answer_is_promised_that_the_list_is_too_small_for(parts, seen, said):
    tellable = trial_of(ten_percent=design(campaigns_needed=3, value=90.0))
    power = {"n_needed_per_arm": 900, **seen}
    _, why, _ = told(parts, target=changed(PLANNED, power=power, test=tellable))
    assert said in why[1]


def test_an_offer_that_loses_orders_is_named_among_the_reasons(parts):
    rests = {
        "state": "harms", "campaigns": 3, "treated": 900, "control": 300, "last": "2024-01-01",
        "ratio": 0.8, "ratio_low": 0.7, "ratio_high": 0.9, "z": -3.0, "rung": None, "gamma": None,
    }  # fmt: skip
    harmful = changed(PLANNED, learned={"postcard": rests})
    _, why, _ = told(parts, target=harmful)
    assert why[2] == ("“postcard” is sent to nobody: earlier lists show that it loses orders.")


def test_forecasts_close_to_guessing_are_called_so(parts):
    use = {
        "method": "lightgbm", "use": "near_chance", "tells_apart": False, "roc_auc": None,
        "lift_at_10": None, "log_loss": 0.3, "log_loss_base": 0.3, "log_loss_difference": None,
        "returned": 3, "stayed_away": 20,
    }  # fmt: skip
    evaluation = parts["evaluation"]
    verdict = evaluation["verdict"] | {"use": "near_chance", "against_chance": use}
    _, why, _ = told(parts, evaluation=evaluation | {"verdict": verdict})
    assert why[2] == ("Telling who comes back is close to guessing here: this history hardly says.")
    ordered = verdict | {"against_chance": use | {"tells_apart": True}}
    _, why, _ = told(parts, evaluation=evaluation | {"verdict": ordered})
    assert why[2].startswith("Go by the order of customers")


def test_a_call_is_not_sent(parts):
    offers = [
        {"name": name, "kind": "call", "channel": channel, "label": {"en": name, "pl": name},
         "contact_cost": 3.0, "margin_share": 0.4, "valid_days": 30}
        for name, channel in (("ten_percent", "phone"), ("parcel", "phone"))
    ]  # fmt: skip
    manifest = changed(parts["manifest"], offers=offers)
    assert told(parts, manifest=manifest)[0].startswith(
        "Call 40 customers on 1 March 2024 with “10% off” or “Free parcel”. It costs"
    )
    offers[1] = offers[1] | {"channel": "email"}
    manifest = changed(parts["manifest"], offers=offers)
    assert told(parts, manifest=manifest)[0].startswith("Write to or call 40 customers")


def delivered(name, **changes):
    return Delivered(
        destination=name, audience="listed", columns=("email",), rows=40, control=10, rejected={},
        sha256={f"{name}.csv": "a", f"{name}/control.csv": "b"}, **changes,
    )  # fmt: skip


def test_each_destination_has_its_file_with_control_beside_and_says_what_is_left_out(parts):
    names = ("klaviyo", "edrone", "brevo", "hubspot")
    manifest = changed(parts["manifest"], destinations=[delivered(name) for name in names])
    under = opening(Material(**typed(parts | {"manifest": manifest}), files="../exports/current/"))
    first = under.taken[0]
    assert first.files == [("../exports/current/klaviyo.csv", "klaviyo.csv")]
    assert plain(first.told) == "Klaviyo: 40 customers"
    assert first.control[0] == "../exports/current/klaviyo/control.csv"
    assert plain(first.control[1]) == "control, leave alone: 10"
    assert len(under.taken) == 3
    assert under.files.more == ("#excerpt", "and 2 more")


def test_what_changed_since_the_last_list_stands_in_a_line(parts):
    changes = Changes(
        campaign_id="february", sent_on=date(2024, 2, 23),
        counts={"entered": 12, "other_offer": 3, "other_band": 0, "same": 25, "left": 30},
        left_because={"contacted_recently": 28}, in_peace_until=date(2024, 3, 24),
    )  # fmt: skip
    under = told(parts, manifest=changed(parts["manifest"], changes=changes))[2]
    assert plain(under.changes.title) == "12 new and 30 gone since february of 2024-02-23"
    assert [plain(line) for line in under.changes.lines] == [
        "another offer: 3, unchanged: 25, of the gone, left in peace until 2024-03-24: 28."
    ]
    assert "first list" in told(parts)[2].changes.title


def test_two_doubts_are_told_and_the_others_counted(parts):
    fall = fact("intake.amounts_fall", day=date(2024, 1, 1), times=1006.6)
    accounts = tuple(
        SuspiciousCustomer(
            customer_id=f"till-{n}@shop.example", purchases=9, share_of_purchases=0.2
        )
        for n in range(3)
    )
    intake = an_intake(doubts=(fall,), suspicious_customers=accounts)
    doubts = told(parts, ingest=intake)[2].doubts
    assert plain(doubts.title) == "Check the data first: 5 doubts"
    assert [plain(line) for line in doubts.lines] == [
        "Look at the amounts: lines before 2024-01-01 hold 1,007 times the amount of those from "
        "then on.",
        "Customer t***@s***.example places 20% of all purchases.",
    ]
    assert doubts.more == ("#lines", "and 3 more")


@pytest.fixture
def busy(parts):
    """As much as may have to stand on one screen: two destinations, changes, five doubts."""
    changes = Changes(
        campaign_id="2024-02-23-returns", sent_on=date(2024, 2, 23),
        counts={"entered": 1212, "other_offer": 303, "other_band": 77, "same": 2525, "left": 3030},
        left_because={"contacted_recently": 2828}, in_peace_until=date(2024, 3, 24),
    )  # fmt: skip
    doubts = (
        fact("intake.amounts_fall", day=date(2024, 1, 1), times=1006.6),
        fact("intake.hole", first=date(2024, 1, 10), last=date(2024, 1, 16), usual=6000.0),
    )
    till = SuspiciousCustomer(customer_id="till", purchases=9, share_of_purchases=0.2)
    listed = parts["list_rows"].assign(offer_label=["Rabat 15% na wszystko", "Darmowa dostawa"])
    return parts | {
        "manifest": changed(
            parts["manifest"], changes=changes,
            destinations=[delivered(name) for name in ("klaviyo", "edrone")],
        ),
        "ingest": an_intake(doubts=doubts, suspicious_customers=(till,)),
        "list_rows": listed, "target": STATES["costly test"][0],
    }  # fmt: skip


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_screen_needs_no_scrolling(
    busy,
    browser,
    monkeypatch,
    tmp_path,
    language,
    width,
    height,
):
    monkeypatch.setattr(page, "FOLDS", dict.fromkeys(page.FOLDS, ()))
    (tmp_path / "page.html").write_text(rendered(busy, language=language), "utf-8")
    shown = browser.new_page(viewport={"width": width, "height": height})
    shown.goto((tmp_path / "page.html").as_uri())
    ends = shown.evaluate("document.querySelector('.first').getBoundingClientRect().bottom")
    assert ends <= height
    assert shown.evaluate("document.documentElement.scrollWidth") == width
    shown.close()


def test_every_figure_of_the_first_screen_is_marked_up(busy, monkeypatch):
    monkeypatch.setattr(page, "FOLDS", dict.fromkeys(page.FOLDS, ()))
    for language in LANGUAGES:
        text = rendered(busy, language=language)
        text = text[text.index("<h1") : text.index("<footer")]
        # What is not counted: names, files, days, and what is in doubt.
        for said in (
            r"<data .*?</data>", r"<a .*?</a>", r"[“„].*?”", r'<div class="doubts">.*?</div>',
            r'<p class="as-of">.*?</p>', r'<div class="changes">.*?</div>',
        ):  # fmt: skip
            text = re.sub(said, "", text, flags=re.DOTALL)
        assert re.findall(r"\d[\d,.]*", text_of(text)) == []


def test_a_catalogue_of_sixty_offers_is_cut_and_says_so(parts):
    names = [f"offer_{n}" for n in range(60)]
    arms = {name: arm(2) for name in names} | {"control": CONTROL}
    target = changed(
        PLANNED, arms=arms, break_even_pp=dict.fromkeys(names, 3.0),
        test=trial_of(**{name: design() for name in names}),
        contact_pays_below=dict.fromkeys(names, 1.0),
        assumed={
            "margin_share": (0.4, 0.4), "contact_cost": (0.05, 0.6),
            "contacts": {name: {"price": 0.1, "low": None, "high": None} for name in names},
        },
    )  # fmt: skip
    aside = SetAside(total=300, by_reason={f"reason_{n}": 1 for n in range(300)})
    intake = an_intake(lines_set_aside=aside)
    less = {"evaluation": None, "calibration": None, "lift": None, "churn": None, "drivers": None}
    text = text_of(rendered(parts | less | {"target": target, "ingest": intake}))
    assert text.count("20 of 61 shown.") == 1  # the offers and control
    assert text.count("20 of 60 shown.") == 1  # the test of each
    assert "8 of 60 shown." in text  # prices of contacts
    assert "20 of 300 shown." in text
