"""What a marketer reads of a campaign: the page, the terminal and the next steps, in both."""

import re
from datetime import date
from html import unescape

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import winback as wb
from winback.campaign.measuring import measure_campaign
from winback.campaign.next import next_steps
from winback.errors import UsageError
from winback.results.measured import Awaited, Interval, Looks, Measurement, Versus
from winback.results.offered import Offer
from winback.said import measured as said
from winback.said.next import TEXTS as NEXT
from winback.said.result import headline, lines
from winback.said.words import LANGUAGES, Words

START = date(2024, 11, 4)
OFFERS = [
    Offer(name="ten_off", kind="percent_off", discount_share=0.1, contact_cost=0.05,
          margin_share=0.4, valid_days=30, label={"en": "Ten off", "pl": "Dycha taniej"}),
    Offer(name="parcel", kind="free_delivery", discount_amount=4, contact_cost=0.05,
          margin_share=0.4, valid_days=30, label={"en": "Free parcel", "pl": "Paczka gratis"}),
]  # fmt: skip


def campaign(rates, *, n=1200):
    """A campaign measured, whose groups (ten_off, parcel, control) return with these rates."""
    draws = np.random.default_rng(5)
    arms = np.array(["ten_off", "parcel", "control"])[np.arange(n) % 3]
    ids = np.array([f"jan.{at:05d}@shop.example" for at in range(n)])
    came = np.zeros(n, dtype=bool)
    for arm, rate in zip(("ten_off", "parcel", "control"), rates, strict=True):
        here = np.flatnonzero(arms == arm)
        came[draws.permutation(here)[: round(rate * len(here))]] = True
    before = pd.Timestamp("2024-05-01") + pd.to_timedelta(np.arange(n) % 100, unit="D")
    within = pd.Timestamp(START) + pd.to_timedelta(1 + np.arange(n) % 25, unit="D")
    # Others buy on, so that the shop's own pace says the window has closed.
    others = pd.Timestamp("2024-05-01") + pd.to_timedelta(np.arange(900) // 4, unit="D")
    days = np.concatenate([before, within[came], others])
    who = np.concatenate([ids, ids[came], [f"other{at}" for at in range(900)]])
    moments = pa.array(pd.to_datetime(days), pa.timestamp("s"))
    orders = pa.table(
        {
            "customer_id": pa.array(who, pa.string()),
            "order_id": pa.array([str(at) for at in range(len(who))], pa.string()),
            "ordered_at": moments,
            "known_at": moments,
            "amount": pa.array((6000 + 10 * (np.arange(len(who)) % 7)).astype("int64")),
            "kind": pa.array(["order"] * len(who), pa.string()),
        }
    ).replace_schema_metadata({"amount_scale": "100", "currency": "PLN"})
    assignment = pd.DataFrame(
        {
            "customer_id": ids, "arm": arms, "assigned_at": START,
            "segment": np.where(np.arange(n) % 2, "at_risk", "loyal"),
        }
    )  # fmt: skip
    found = measure_campaign(assignment, orders, offers=OFFERS, control_share=1 / 3)
    return changed(found, campaign_id="november")


def changed(found: Measurement, **changes) -> Measurement:
    found = found.model_copy(update=changes)
    return found.model_copy(update={"next_steps": next_steps(found)})


@pytest.fixture(scope="module")
def found():
    """One reading of each verdict."""
    worked = campaign((0.5, 0.4, 0.2))
    profit = worked.profit.model_copy(
        update={"low": -2.0, "high": -0.5, "total_low": -1600.0, "total_high": -400.0}
    )
    dear = tuple(each.model_copy(update={"profit": profit}) for each in worked.by_offer)
    twice = Versus(
        offer="ten_off", against="parcel", n=400, n_against=400, p=0.004, p_holm=0.004,
        effect=Interval(effect=0.1, low=0.03, high=0.17), verdict="works",
        profit=Interval(effect=1.0, low=0.2, high=1.8),
    )  # fmt: skip
    return {
        "works": changed(worked, versus=(twice,)),
        "too_dear": changed(worked, profit=profit, by_offer=dear),
        "harms": campaign((0.1, 0.1, 0.3)),
        "not_distinguishable": campaign((0.22, 0.2, 0.2)),
        "too_few": changed(worked, verdict="too_few", least_in_arm=1000),
        "invalid": changed(worked, verdict="invalid", problems=("sample_ratio", "arms_differ")),
        "early": changed(
            worked, window_days=10,
            looks=Looks(sealed_days=30, early=True, number=2,
                        always_valid=Interval(effect=0.2, low=0.01, high=0.41)),
        ),
        "awaited": Awaited(campaign_id="november", closes_on=date(2024, 12, 3)),
    }  # fmt: skip


KINDS = ("works", "too_dear", "harms", "not_distinguishable", "too_few", "invalid", "early",
         "awaited")  # fmt: skip


@pytest.fixture(scope="module")
def pages(found):
    return {
        (kind, language): wb.render_result(found[kind], language=language)
        for kind in KINDS
        for language in LANGUAGES
    }


def read(page):
    """What a reader sees of a page."""
    body = re.sub(r"(?s)<style[^>]*>.*?</style>", "", page[page.index("<body") :])
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body)).replace("\u00a0", " "))


HEADS = {
    "works": ("It worked, and it earned money", "Zadziałała i zarobiła"),
    "too_dear": ("It moved customers, but lost money", "Zadziałała, ale przyniosła stratę"),
    "harms": ("It did harm", "Zaszkodziła"),
    "not_distinguishable": ("No effect can be told", "Efektu nie da się odróżnić"),
    "too_few": ("Too few customers", "Za mało klientów"),
    "invalid": ("This campaign cannot be read", "Tej kampanii nie da się odczytać"),
    "early": ("Early look: it moves customers", "Odczyt przed czasem: działa na klientów"),
    "awaited": ("The result can be read after 3 December 2024", "odczytać po 3 grudnia 2024"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_headline_says_the_verdict_in_the_readers_language(pages, kind, language):
    heading = re.search(r"<h1>(.*?)</h1>", pages[kind, language])[1].replace("\u00a0", " ")
    assert HEADS[kind][LANGUAGES.index(language)] in heading


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_stands_alone_and_names_nobody(pages, kind):
    for language in LANGUAGES:
        page = pages[kind, language]
        assert "default-src 'none'" in page
        assert not re.search(
            r"""(?:src|href)=["']?(?:https?:|//)|@import|<script|url\((?!#)""", page
        )
        assert "@shop" not in page
        assert "{" not in read(page)
        assert f'<html lang="{language}">' in page


def numbers(text):
    """Numbers of a text in one language's writing, as floats without their sign."""
    text = text.replace("\u2212", "-").replace("\u00a0", "")
    return {abs(float(n.replace(",", ""))) for n in re.findall(r"\d[\d,]*(?:\.\d+)?", text)}


def test_money_on_the_page_is_that_of_the_json(pages, found):
    told, profit = numbers(read(pages["works", "en"])), found["works"].profit
    for key in ("total", "total_low", "total_high", "discounts", "margin_added", "offer_cost"):
        assert round(abs(profit[key]) + 1e-9) in told, key
    for key in ("per_customer", "per_contact", "return_on_cost", "pays_below"):
        assert any(abs(abs(profit[key]) - n) <= 0.0051 for n in told), key
    for offer in found["works"].by_offer:
        for end in (offer.effect, offer.low, offer.high):
            assert any(abs(100 * abs(end) - n) <= 0.051 for n in told)


def test_a_reading_that_does_not_count_shows_no_effect(pages, found):
    ends = found["invalid"].returned
    for kind in ("invalid", "too_few"):
        page = read(pages[kind, "en"])
        assert "By offer and segment" not in page
        assert "It earned" not in page
        assert "It cost" in page  # which was paid all the same
    assert f"{100 * ends.effect:.1f}" not in read(pages["invalid", "en"])


def test_what_is_wrong_stands_first_with_how_to_mend_it(pages):
    for language, (why, mend) in {
        "en": ("Why it cannot be read", "Find out who is missing"),
        "pl": ("Dlaczego nie da się odczytać", "Sprawdź, kogo brakuje"),
    }.items():
        page = read(pages["invalid", language])
        assert page.index(why) < page.index(mend)
        assert page.index(mend) < page.rindex({"en": "How sure", "pl": "Na ile"}[language])


def test_an_early_look_shows_both_intervals_and_sends_nobody_anything(pages, found):
    page = read(pages["early", "en"])
    fixed = found["early"].returned
    assert "+20.0 points (95% interval +1.0 to +41.0)" in page
    assert f"the only one, the effect would be {100 * fixed.effect:+.1f} points" in page
    assert "Early look, 10 of 30 days" in page
    (step,) = found["early"].next_steps
    assert step.code == "next.read_again_on"
    assert step.values["days"] == 30


def test_parts_of_a_campaign_looked_at_often_are_no_reason_to_send(found):
    """Their intervals are those of one look: only the whole has the other."""
    often = found["early"].looks.model_copy(
        update={"early": False, "always_valid": Interval(effect=0.2, low=-0.01, high=0.41)}
    )
    unsure = changed(found["works"], looks=often, verdict="not_distinguishable")
    assert {each.verdict for each in unsure.by_offer} == {"works"}
    assert not {"send", "prefer_by_profit", "begin_with"} & set(steps_of(unsure))


def test_a_loss_is_in_the_headline_however_often_it_was_looked_at(found):
    often = found["early"].looks.model_copy(update={"early": False})
    dear = changed(found["too_dear"], looks=often)
    assert headline(dear, Words("en")) == "It moves customers, but loses money by this reading"
    assert "przynosi stratę" in headline(dear, Words("pl"))
    assert "loses" not in headline(changed(found["works"], looks=often), Words("en"))


def steps_of(found):
    return [step.code.removeprefix("next.") for step in found.next_steps]


def test_what_to_do_follows_from_what_was_found(found):
    assert steps_of(found["works"])[:2] == ["send", "prefer_by_profit"]
    assert steps_of(found["too_dear"])[0] == "other_terms"
    assert steps_of(found["harms"]) == ["stop"]
    assert steps_of(found["too_few"])[0] == "too_few_pays"
    assert steps_of(found["invalid"]) == [
        "repair_sample_ratio", "repair_arms_differ", "measure_again",
    ]  # fmt: skip


def test_an_effect_not_told_from_chance_asks_for_the_size_that_tells_the_one_that_pays(found):
    unsure = found["not_distinguishable"]
    (step,) = [step for step in unsure.next_steps if step.code == "next.test_pays"]
    base, pays = unsure.returned.mean_control, unsure.pays_from
    spread = base * (1 - base) + (base + pays) * (1 - base - pays)
    assert step.values["needed"] == pytest.approx(7.849 * spread / pays**2, rel=0.01)
    assert step.values["effect"] == pytest.approx(100 * pays, abs=0.01)


def test_a_test_that_no_shop_of_this_size_makes_is_not_asked_for(found):
    tiny = {"pays_from": 0.002}
    few, unsure = (changed(found[kind], **tiny) for kind in ("too_few", "not_distinguishable"))
    assert few.next_steps[0].code == "next.too_few_beyond"
    assert few.next_steps[0].values["needed"] <= 5 * (few.n_treated + few.n_control)
    (beyond,) = [step for step in unsure.next_steps if step.code == "next.beyond_tests"]
    seen = unsure.returned.minimal_detectable_effect
    assert beyond.values["sees"] == pytest.approx(100 * seen / 10**0.5, abs=0.01)


def test_the_effect_that_pays_leaves_nothing_of_the_profit(found):
    """By hand: 40 % of 60, 4 or 6 of discount, 5 groszy a contact."""
    worked = found["works"]
    p0, pays = worked.returned.mean_control, worked.pays_from
    margin = 0.4 * worked.net_spend.mean_control / p0
    discount = worked.profit.discounts / (worked.n_treated * worked.returned.mean_treated)
    gain = (p0 + pays) * (margin - discount) - p0 * margin - 0.05
    assert gain == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_the_terminal_says_every_line_in_the_language_asked_for(found, kind):
    english, polish = (lines(found[kind], Words(language, "PLN")) for language in LANGUAGES)
    assert len(english) == len(polish)
    assert not set(english) & set(polish)
    assert english[-1].startswith("Next: ")
    assert polish[-1].startswith("Co dalej: ")


def test_offers_are_called_as_the_catalogue_calls_them(pages, found):
    assert "Paczka gratis" in read(pages["works", "pl"])
    assert "Free parcel" in read(pages["works", "en"])
    assert "Zagrożeni" in read(pages["works", "pl"])


def test_a_name_with_markup_in_it_stays_text(found):
    page = wb.render_result(changed(found["works"], campaign_id="<b>sale</b> & `co`"))
    assert "<b>sale" not in page
    assert "&lt;b&gt;sale&lt;/b&gt; &amp; `co`" in page


def test_every_step_and_problem_has_its_words_in_both_languages():
    problems = Measurement.model_fields["problems"].annotation.__args__[0].__args__
    for problem in problems:
        assert problem in said.TEXTS
        assert f"repair_{problem}" in NEXT
    for name, text in (NEXT | said.TEXTS).items():
        assert set(text) == set(LANGUAGES), name
        fields = [set(re.findall(r"\{(\w+)", text[one])) for one in LANGUAGES]
        assert fields[0] == fields[1], name


def test_a_language_nobody_wrote_is_refused(found):
    with pytest.raises(UsageError):
        wb.render_result(found["works"], language="de")


def test_the_same_measurement_makes_the_same_page(found, pages):
    again = Measurement.from_json(found["works"].to_json(), "measurement.json")
    assert wb.render_result(again, language="en") == pages["works", "en"]
