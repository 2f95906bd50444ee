"""Segments one can act on: their totals, what their members get and why the others do not."""

import re
from datetime import date

import pandas as pd
import pytest

from winback.offers.contact import ContactRules
from winback.offers.eligibility import parse_eligibility
from winback.offers.plan import Beliefs, Limits, Plan, plan_campaign
from winback.report.material import Material
from winback.report.parts import Section
from winback.report.sections.segments import risk_section, segments_section
from winback.results.described import Described
from winback.results.scored import ToldColumn
from winback.results.segmented import Segmented
from winback.results.shop import Shop
from winback.said.conditions import as_html, as_text, condition
from winback.said.notebook import tell
from winback.said.words import NBSP, Language, Words

NAMES = ("loyal", "about_to_sleep", "none")
LABEL = {"en": "An offer", "pl": "Oferta"}


def offer(name: str, **changes: object) -> dict[str, object]:
    """A contact of 1 that wins 5 points, at a margin of 40 %."""
    return {
        "name": name, "kind": "content", "contact_cost": 1.0, "margin_share": 0.4,
        "valid_days": 30, "effect_pp": 5, "effect_source": "stated", "label": LABEL, **changes,
    }  # fmt: skip


def shop() -> pd.DataFrame:
    """Ten customers: four loyal, five asleep, one of no segment; orders of 100, 20 % a month."""
    rows = pd.DataFrame({"customer_id": [f"c{i}" for i in range(10)]})
    return rows.assign(
        cutoff=date(2024, 5, 1), horizon_days=30, p_return=0.2, orders_total=4.0,
        order_value_mean=100.0, refund_share=0.0, spend_total=[400.0] * 9 + [-100.0],
        expected_net_spend=20.0,
        segment=["loyal"] * 4 + ["about_to_sleep"] * 5 + [None],
        risk_band=["low"] * 3 + ["high"] * 6 + ["lost"],
        days_since_last_order=[10, 10, 40, 40, 50, 50, 60, 60, 90, 400],
        complaint=[0, 0, 0, 0, 0, 0, 0, 1, 0, 0],
    )  # fmt: skip


OFFERS = (
    offer("reminder", eligible="risk_band in ['high'] and days_since_last_order >= 40"),
    # Takes the whole margin: 40 of 100.
    offer("half_off", kind="percent_off", discount_share=0.5),
    offer("call", for_complaint=True, contact_cost=1e6),
    offer("large", min_basket=500.0, eligible="days_since_last_order < 100"),
)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_campaign(
        shop(), OFFERS, campaign_id="may", control_share=0.0, salt="s",
        rules=ContactRules(complaint_column="complaint"),
        limits=Limits(max_contacts=4, explore_share=0.0), beliefs=Beliefs(),
    )  # fmt: skip


def test_each_segment_has_its_totals(plan: Plan) -> None:
    found = plan.segmented
    assert [name for name, _ in found.ranked()] == ["about_to_sleep", "loyal", "none"]
    (_, asleep), (_, loyal), (_, none) = found.ranked()
    assert (found.everybody.customers, found.everybody.net_spend) == (10, 3500.0)
    assert (asleep.customers, asleep.share, asleep.net_spend) == (5, 0.5, 2000.0)
    assert asleep.spend_share == pytest.approx(2000 / 3500, abs=1e-6)
    assert none.spend_share == pytest.approx(-100 / 3500, abs=1e-6)
    assert (asleep.mean_risk, asleep.expected_returning, asleep.expected_value) == (0.8, 1.0, 100.0)
    assert (loyal.high_risk, loyal.high_risk_spend) == (1, 400.0)
    assert {name: band.customers for name, band in found.bands.items()} == {
        "high": 6, "low": 3, "lost": 1,
    }  # fmt: skip


def test_each_member_gets_an_offer_or_has_one_reason(plan: Plan) -> None:
    loyal, asleep, none = (plan.segmented.segments[name] for name in NAMES)
    # Of five asleep one has a complaint; with the loyal c3 five want the four contacts.
    assert loyal.offers["reminder"].why_not["condition"] == 3
    wanting = [each.offers["reminder"] for each in (loyal, asleep)]
    assert sum(each.n for each in wanting) == 4
    assert sum(each.why_not.get("budget", 0) for each in wanting) == 1
    others = {name: each.why_not for name, each in loyal.offers.items() if name != "reminder"}
    assert others == {
        "half_off": {"cannot_pay": 4},
        "call": {"no_complaint": 4},
        "large": {"min_basket": 4},
    }
    assert asleep.offers["call"].why_not == {"impossible": 1, "no_complaint": 4}
    assert asleep.offers["reminder"].why_not["complaint"] == 1
    # c0 and c1 fail both parts, c2 is of low risk alone.
    assert plan.segmented.offers["reminder"].parts == (
        "risk_band in ['high']", "days_since_last_order >= 40",
    )  # fmt: skip
    assert loyal.offers["reminder"].unmet == (3, 2)
    assert none.offers["reminder"].why_not == {"sent_back": 1} == none.reasons


def adds_up(plan: Plan) -> None:
    """Everybody once: in segments, in bands, in reasons and, for each offer, somewhere."""
    found, target = plan.segmented, plan.summary
    assert (
        sum(s.customers for s in found.segments.values())
        == found.everybody.customers
        == target.n_scored
    )
    assert sum(b.customers for b in found.bands.values()) == found.everybody.customers
    assert sum(s.share for s in found.segments.values()) == pytest.approx(1, abs=1e-5)
    for reason, n in target.reasons.items():
        assert sum(s.reasons.get(reason, 0) for s in found.segments.values()) == n
    for name in found.offers:
        arms = [s.offers[name] for s in found.segments.values()]
        assert sum(a.n for a in arms) == (target.arms[name].n if name in target.arms else 0)
        planned = int((plan.assignment["planned_offer"] == name).sum())
        assert sum(a.n + a.control for a in arms) == planned
        for s in found.segments.values():
            each = s.offers[name]
            assert each.n + each.control + sum(each.why_not.values()) == s.customers
            condition = each.why_not.get("condition", 0)
            assert all(n <= condition for n in each.unmet) and sum(each.unmet) >= condition


def test_everybody_is_counted_once(plan: Plan) -> None:
    adds_up(plan)
    wide = pd.concat([shop()] * 8, ignore_index=True)
    wide["customer_id"] = [f"{'abcdefgh'[k // 10]}-c{k % 10}" for k in range(80)]
    privacy = pd.DataFrame({
        "customer_id": ["a-c4", "b-c4"], "no_marketing": [True, False],
        "barred_channels": [None, "email"],
    })  # fmt: skip
    history = pd.DataFrame({
        "customer_id": ["c-c5", "d-c5"], "assigned_at": [date(2024, 4, 20), date(2024, 2, 1)],
        "planned_offer": ["reminder", "reminder"],
    })  # fmt: skip
    offers = [{**OFFERS[0], "not_again_days": 200}, *OFFERS[1:], offer("test", effect_pp=None,
              effect_source=None, channel="sms")]  # fmt: skip
    drawn = plan_campaign(
        wide, offers, campaign_id="may", control_share=0.3, salt="s", privacy=privacy,
        history=history, limits=Limits(max_contacts=12, explore_share=0.2),
        rules=ContactRules(complaint_column="complaint", quiet_days=30, holdout_share=0.1),
    )  # fmt: skip
    adds_up(drawn)
    found = {name: 0 for name in ("no_contact", "contacted_recently", "had_before", "no_channel",
                                  "universal_holdout", "other_offer", "budget")}  # fmt: skip
    for segment in drawn.segmented.segments.values():
        for each in segment.offers.values():
            for reason in found:
                found[reason] += each.why_not.get(reason, 0)
    assert all(found.values()), found
    assert Segmented.from_json(drawn.segmented.to_json(), "-") == drawn.segmented


def test_without_chances_segments_or_offers_nothing_is_made_up() -> None:
    bare = shop().drop(columns=["segment", "risk_band", "expected_net_spend"]).assign(p_return=None)
    bare["p_return"] = bare["p_return"].astype("float64")
    plan = plan_campaign(bare, [], campaign_id="may", salt="s")
    ((name, only),) = plan.segmented.segments.items()
    assert (name, only.customers, only.offers) == ("none", 10, {})
    assert only.mean_risk is only.expected_returning is only.expected_value is None
    adds_up(plan)
    empty = plan_campaign(shop().head(0), OFFERS, campaign_id="may", salt="s",
                          rules=ContactRules(complaint_column="complaint"))  # fmt: skip
    assert empty.segmented.segments == empty.segmented.bands == {}


def test_a_condition_falls_into_what_must_hold_together() -> None:
    def parts(text: str) -> list[str]:
        return [part.text for part in parse_eligibility(text).parts]

    assert parts("a > 1 and (b < 2 or c) and not d") == ["a > 1", "b < 2 or c", "not d"]
    assert parts("a > 1 or b < 2") == ["a > 1 or b < 2"]
    assert parts(" ") == []


@pytest.mark.parametrize(
    ("expression", "english", "polish"),
    [
        ("risk_band in ['high', 'medium'] and days_since_last_order >= 30",
         "medium or high risk; no purchase for at least 30 days",
         "średnie lub wysokie ryzyko; brak zakupu od co najmniej 30 dni"),
        ("", "everybody", "wszyscy"),
        ("30 <= days_since_last_order <= 90 and orders_total == 1",
         "the last purchase 30 to 90 days ago; exactly 1 order",
         "ostatni zakup od 30 do 90 dni temu; dokładnie 1 zamówienie"),
        # Not more than 60 is 60 or less, and not both is either not.
        ("not days_since_last_order > 60", "a purchase in the last 60 days",
         "zakup w ciągu ostatnich 60 dni"),
        ("not (risk_band == 'lost' and orders_90d < 2)",
         "risk: anything but too long silent or at least 2 orders in the last 90 days",
         "ryzyko: inne niż zbyt długo bez zakupu lub co najmniej 2 zamówienia w ciągu "
         "ostatnich 90 dni"),
        ("200 > spend_365d", "spent, after refunds, in the last 365 days: less than PLN 200",
         "wydane, po zwrotach, w ciągu ostatnich 365 dni: mniej niż 200 zł"),
        # No digit is rounded away.
        ("refund_share <= 0.0555", "share of money sent back: at most 5.55%",
         "część wydatków zwrócona lub anulowana: najwyżej 5,55%"),
        ("(segment in ['loyal', 'at_risk'] or p_return_30d > 0.5) and last_order_on < '2024-02-01'",
         "segment: Loyal or At risk or chance of a purchase within 30 days: more than 50%; last "
         "purchase: before 1 February 2024",
         "segment: Lojalni lub Zagrożeni lub szansa na zakup w ciągu 30 dni: więcej niż 50%; "
         "ostatni zakup: przed 1 lutego 2024"),
        ("tickets_90d >= 1 and tier >= 1", "complaints in 90 days: at least 1; tier: at least gold",
         "reklamacje w ciągu 90 dni: co najmniej 1; poziom: co najmniej gold"),
    ],
)  # fmt: skip
def test_a_condition_is_told_in_words(expression: str, english: str, polish: str) -> None:
    own = {
        "tickets_90d": ToldColumn(name="tickets", how="sum", windows_days=(90,),
                                  label={"en": "complaints", "pl": "reklamacje"}),
        "tier": ToldColumn(name="tier", how="value", levels=("silver", "gold"),
                           label={"en": "tier", "pl": "poziom"}),
    }  # fmt: skip
    told = [as_text(condition(expression, Words(each, "PLN"), own)) for each in ("en", "pl")]
    assert [text.replace(NBSP, " ") for text in told] == [english, polish]


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("vip and not blocked", "<code>vip</code>: yes; <code>blocked</code>: no"),
        ("spend_total / orders_total > 50", "<code>spend_total / orders_total &gt; 50</code>"),
        ("order_value_mean > 0.123456", "<code>order_value_mean &gt; 0.123456</code>"),
        ("not (1 < size < 3)", "<code>not (1 &lt; size &lt; 3)</code>"),
        ("city in ['<b>', 'Łódź']", "<code>city</code>: &lt;b&gt; or Łódź"),
        ("a or b and (c or d)",
         "<code>a</code>: yes or (<code>b</code>: yes and (<code>c</code>: yes or <code>d</code>: "
         "yes))"),
    ],
)  # fmt: skip
def test_what_has_no_words_stands_as_the_catalogue_has_it(expression: str, told: str) -> None:
    assert as_html(condition(expression, Words("en"))) == told


def material(plan: Plan, scores: pd.DataFrame, language: Language = "en") -> Material:
    shop = Shop.model_construct(currency="PLN", cutoff=date(2024, 5, 1), customers=len(scores))
    return Material(
        described=Described.model_construct(shop=shop), scores=scores, target=plan.summary,
        segmented=plan.segmented, horizon_days=30, language=language,
    )  # fmt: skip


def text_of(section: Section) -> str:
    """All of a section but its pictures, in a line."""

    def flat(kind: str, part: object) -> list[str]:
        if kind == "table":
            cells = [cell for row in part.rows for cell in row]  # type: ignore[attr-defined]
            return [part.caption, *map(str, cells), part.note]  # type: ignore[attr-defined]
        if kind == "more":
            title, inner = part  # type: ignore[misc]
            return [title, *(text for each in inner for text in flat(*each))]
        return list(map(str, part)) if kind == "text" else []  # type: ignore[call-overload]

    said = " | ".join(text for part in section.parts for text in flat(*part))
    return said.replace(NBSP, " ")


def test_the_page_tells_what_to_do_with_a_segment_and_why_others_get_nothing(plan: Plan) -> None:
    rows = shop().assign(p_return=[0.2] * 9 + [0.3])
    english = text_of(segments_section(material(plan, rows)))
    n = plan.segmented.segments["about_to_sleep"].reasons["offer"]
    assert f"About to sleep: 5 customers, {n} with an offer" in english
    assert "Remind them of the shop before they forget it." in english
    assert 'data-means="segments.segments.about_to_sleep.expected_value" value="100.0"' in english
    # Of the loyal three do not meet the reminder's condition.
    said = re.sub("<[^>]+>", "", english)
    assert "(3: not “high risk”: 3, not “no purchase for at least 40 days”: 2)" in said
    assert "An offer | Email | high risk; no purchase for at least 40 days" in said
    polish = text_of(segments_section(material(plan, rows, "pl")))
    assert "would pay: the number of contacts." in english
    assert f"Zasypiający: 5 klientów, {n} z ofertą" in polish
    assert "brak zakupu od co najmniej 40 dni" in polish
    assert len(risk_section(material(plan, rows)).parts) == 1


def test_a_risk_that_all_share_is_no_table_and_no_chance_is_no_forecast(plan: Plan) -> None:
    same = material(plan, shop())
    assert risk_section(same).parts == []
    assert "The risk is the same for everybody here." in text_of(segments_section(same))
    unproven = shop().assign(p_return=pd.Series([None] * 10, dtype="float64"))
    planned = plan_campaign(unproven, OFFERS, campaign_id="may", salt="s",
                            rules=ContactRules(complaint_column="complaint"))  # fmt: skip
    said = text_of(segments_section(material(planned, unproven)))
    assert "expected_value" not in said and "mean_risk" not in said
    # One reason bars every offer: no table says it thrice.
    assert "Nobody here gets an offer: too little is known to decide (4)." in said
    assert "Segments only compare the shop's customers with one another" in said
    assert "Offers in the segment: Loyal" not in said
    assert risk_section(material(planned, unproven)).parts == []


def test_one_segment_is_said_instead_of_drawn() -> None:
    alone = shop().head(4)
    planned = plan_campaign(alone, [], campaign_id="may", salt="s")
    section = segments_section(material(planned, alone))
    assert "All customers are in one segment" in text_of(section)
    assert "picture" not in [kind for kind, _ in section.parts]


def test_a_long_catalogue_is_cut_and_says_so() -> None:
    many = [offer(f"offer_{k}", contact_cost=1.0 if k < 2 else 60.0) for k in range(60)]
    planned = plan_campaign(shop(), many, campaign_id="may", salt="s")
    said = text_of(segments_section(material(planned, shop())))
    assert "Offers in the segment: Loyal (6 of 60 shown; all are in segments.json)" in said
    assert "Conditions of the catalogue (12 of 60 offers shown" in said
    assert said.count("| An offer |") == 2 * 6 + 12


def test_segments_are_told_in_a_notebook(plan: Plan) -> None:
    told = tell(plan.segmented, language="pl").replace(NBSP, " ").splitlines()
    assert told[0].startswith("Zasypiający: 5 klientów (50%), 57% wydatków. Przypomnij o sklepie")
    assert "Samo powinno kupić 1; średnie ryzyko 80%." in told[0]
