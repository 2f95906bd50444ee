"""Claims of the press on shops whose figures can be worked out by hand."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from winback.report.material import Material
from winback.report.sections.press import press_section
from winback.results.described import Described
from winback.shop.history import describe_shop
from winback.shop.jackknife import GROUPS, jackknife
from winback.shop.named import bad_service, of_referral, surest
from winback.shop.past import open_past
from winback.shop.press import weigh_claims
from winback.snapshots.days import ShopDays
from winback.tables.history import ATTRIBUTES, ORDERS, SIGNAL_ITEMS, SIGNALS

START, END = date(2022, 1, 1), date(2024, 1, 1)
DAYS = (END - START).days
# The shop was open on each day.
OPEN = ShopDays(np.arange(DAYS) + (START - date(1970, 1, 1)).days, np.ones(DAYS, np.int64))


def on(day, *, since=START):
    return since + timedelta(days=int(day))


def weighed(folder, orders, *, signals=(), attributes=(), end=END, horizon=90, days=OPEN):
    """Claims from (customer, day, amount), (customer, day, name, value) and attributes alike."""
    folder.mkdir(exist_ok=True)
    # Somebody buys for the first time on the last day, so that the history reaches up to it.
    orders = [*orders, ("keeper", end - timedelta(1), 1)]
    rows = sorted((c, f"{c}/{k}", d, a) for k, (c, d, a) in enumerate(orders))
    customer, order, day, amount = zip(*rows, strict=True)
    at = pa.array(day, pa.date32()).cast(pa.timestamp("ms"))
    values = (customer, order, at, at, [None] * len(rows), [1.0] * len(rows),
              [round(100 * a) for a in amount], ["order"] * len(rows))  # fmt: skip
    table = pa.table(dict(zip(ORDERS.names, values, strict=True)), schema=ORDERS.schema)
    path = folder / "orders.parquet"
    pq.write_table(table.replace_schema_metadata({"amount_scale": "100"}), path)
    signals = [(c, d, d, n, v) for c, d, n, v in signals]
    sides = {
        "signals": (SIGNALS, signals), "items": (SIGNAL_ITEMS, ()),
        "attributes": (ATTRIBUTES, attributes),
    }  # fmt: skip
    for name, (spec, lines) in sides.items():
        columns = list(zip(*lines, strict=True)) or [()] * len(spec.names)
        side = {
            field.name: pa.array(column, pa.date32()).cast(field.type)
            if str(field.type).startswith("timestamp") else pa.array(column, field.type)
            for field, column in zip(spec.schema, columns, strict=True)
        }  # fmt: skip
        pq.write_table(pa.table(side, schema=spec.schema), folder / f"{name}.parquet")
    with open_past(
        path, end, signals=folder / "signals.parquet", items=folder / "items.parquet",
        attributes=folder / "attributes.parquet", days=days, country="PL", horizon_days=horizon,
        threads=2,
    ) as past:  # fmt: skip
        return weigh_claims(past)


def claim(press, code):
    return next(each for each in press.claims if each.code == code)


def variant(found, code):
    return next(each for each in found.variants if each.code == code)


def crowd(name, n, *orders):
    """The same orders of n customers; each is (day of the history, amount)."""
    return [(f"{name}{k}", on(day + k % 7), amount) for k in range(n) for day, amount in orders]


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """100 old customers who come again, 60 new ones of the last year who do, 80 who do not."""
    orders = [
        *crowd("old", 100, (10, 50), (400, 60), (660, 60)),
        *crowd("new", 60, (450, 40), (500, 50), (670, 50)),
        *crowd("once", 80, (460, 30)),
        *crowd("first", 20, (5, 30)),
    ]
    folder = tmp_path_factory.mktemp("plain")
    return folder, weighed(folder, orders)


def test_revenue_and_basket_of_those_who_come_again(plain):
    _, press = plain
    found = claim(press, "returning_revenue")
    # In the last year: 200 later purchases of 60, 120 of 50; first ones 60 of 40, 80 of 30, 1.
    later, new = 200 * 60 + 60 * 50 + 60 * 50, 60 * 40 + 80 * 30 + 1
    assert found.value == pytest.approx(later / (later + new), abs=1e-8)
    assert found.low < found.value < found.high
    assert (found.verdict, found.outcomes, found.customers) == ("higher", 141, 241)
    basket = claim(press, "returning_basket")
    assert basket.value == pytest.approx((later / 320) / (new / 141) - 1, abs=1e-8)
    assert variant(basket, "own_first").value == pytest.approx(50 / 40 - 1, abs=1e-8)


def test_loyal_is_settled_before_the_days_that_count(plain):
    found = claim(plain[1], "loyal_again")
    # On 3 October 2023, day 640, nobody had bought three times.
    assert found.counted.values["day"] == date(2023, 10, 3)
    assert found.counted.values["loyal"] == 0
    assert (found.verdict, found.low) == ("too_few", None)
    assert variant(found, "loyal_from_2").outcomes == 0


def test_how_much_more_often_the_loyal_buy_again(tmp_path):
    loyal = ((10, 50), (100, 50), (500, 50))
    orders = [
        *crowd("comes", 80, *loyal, (660, 50)),
        *crowd("stays away", 20, *loyal),
        *crowd("once and again", 60, (510, 50), (670, 50)),
        *crowd("once", 240, (510, 50)),
        # A purchase in the days that count makes nobody loyal.
        *crowd("later loyal", 50, (20, 50), (650, 50), (660, 50)),
    ]
    found = claim(weighed(tmp_path, orders), "loyal_again")
    values = found.counted.values
    assert (values["loyal"], values["loyal_came"]) == (100, 80)
    assert (values["once"], values["once_came"]) == (350, 110)
    assert found.value == pytest.approx((80 / 100) / (110 / 350), abs=1e-8)
    assert (found.verdict, found.outcomes) == ("lower", 80)
    # Those who bought 350 days or more before are compared with nobody: all loyal are of late.
    alike = variant(found, "same_recency")
    assert alike.value == pytest.approx((80 / 100) / (60 / 300), abs=1e-8)


def test_a_basket_is_compared_with_the_weeks_around_it(tmp_path):
    """Baskets grow by a steady trend, and by a quarter in the week up to Valentine's Day."""
    chance = np.random.default_rng(5)
    feast = {date(y, 2, 14) - timedelta(k) for y in (2022, 2023) for k in range(7)}
    usual = {on(day): (100 + day / 10) * (1.25 if on(day) in feast else 1) for day in range(DAYS)}
    orders = [
        (f"c{chance.integers(400)}", day, round(basket * np.exp(chance.normal(0, 0.2)), 2))
        for day, basket in usual.items() for _ in range(12)
    ]  # fmt: skip
    press = weighed(tmp_path, orders)
    found = next(each for each in press.occasions if each.name == "valentines_day")
    # Of 2022 only the days count that have weeks before them: half of them must.
    assert found.days == (date(2022, 2, 14), date(2023, 2, 14))
    inside, expected = 0.0, 0.0
    value = {day: [a for c, d, a in orders if d == day] for day in {d for _, d, _ in orders}}
    for day in sorted(feast):
        sides = [[], []]
        for weeks in range(1, 9):
            pair = [day - timedelta(7 * weeks), day + timedelta(7 * weeks)]
            ordinary = {d for d in pair if d in value and d not in BUSY}
            if len(ordinary) == 2 and len(sides[0]) < 2:
                sides[0].append(pair[0])
                sides[1].append(pair[1])
        if sides[0]:
            inside += sum(value[day])
            means = [np.mean([a for d in side for a in value[d]]) for side in sides]
            expected += len(value[day]) * np.mean(means)
    assert found.value == pytest.approx(inside / expected - 1, abs=1e-6)
    assert found.low < 0.25 < found.high
    assert found.verdict == "higher"
    assert claim(press, "valentines_basket").value == found.value
    others = {each.verdict for each in press.occasions if each.name != "valentines_day"}
    # Of Singles' Day there are 24 purchases.
    assert others == {"unclear", "too_few"}
    assert press.ordinary.outside <= press.ordinary.windows / 8


# Days that are no ordinary ones, of those around Valentine's Day in Poland.
BUSY = (
    {date(y, m, d) for y in (2021, 2022, 2023) for m, d in ((1, 1), (1, 6), (11, 1), (11, 11))}
    | {date(y, 12, 24) - timedelta(k) for y in (2021, 2022, 2023) for k in range(-2, 7)}
    | {date(y, 2, 14) - timedelta(k) for y in (2022, 2023) for k in range(7)}
    | {date(y, 3, 8) - timedelta(k) for y in (2022, 2023) for k in range(7)}
    | {date(2022, 4, 17) - timedelta(k) for k in range(-1, 7)}
    | {date(2023, 4, 9) - timedelta(k) for k in range(-1, 7)}
)


def test_who_was_referred_buys_a_second_time(tmp_path):
    orders = [
        *crowd("friend twice ", 88, (310, 50), (340, 50)),
        *crowd("friend once ", 12, (310, 50)),
        *crowd("other twice ", 60, (310, 50), (340, 50)),
        *crowd("other once ", 90, (310, 50)),
        *crowd("noted late ", 40, (310, 50), (330, 50)),
        *crowd("old ", 10, (0, 50), (700, 50)),
    ]
    kinds = {"friend twice ": 88, "friend once ": 12}
    told = [(f"{name}{k}", on(310 + k % 7), "polecony_przez", f"C{k}")
            for name, n in kinds.items() for k in range(n)]  # fmt: skip
    told += [(f"noted late {k}", on(500), "polecony_przez", "C1") for k in range(40)]
    told += [(f"other once {k}", on(310), "polecony_przez", "nie") for k in range(90)]
    found = claim(weighed(tmp_path, orders, attributes=told), "referral")
    assert found.taken == ("polecony_przez",)
    assert found.value == pytest.approx((88 / 100) / (60 / 150) - 1, abs=1e-8)
    assert {caveat.code for caveat in found.caveats} >= {"press.known_later"}
    assert variant(found, "referred_share").value == pytest.approx(100 / 250, abs=1e-8)
    assert (found.verdict, found.outcomes) == ("higher", 60)


def test_a_signal_of_the_one_who_refers_is_none_of_the_referred(plain, tmp_path):
    orders = crowd("c", 100, (10, 50), (400, 50))
    later = [(f"c{k}", on(200), "referral", None) for k in range(60)]
    found = claim(weighed(tmp_path / "later", orders, signals=later), "referral")
    assert (found.verdict, found.needs.code) == ("not_testable", "press.needs_who_was_referred")
    first = [(f"c{k}", on(10 + k % 7), "referral", None) for k in range(60)]
    found = claim(weighed(tmp_path / "first", orders, signals=first), "referral")
    assert (found.verdict, found.taken) == ("too_few", ("referral",))
    assert claim(plain[1], "referral").needs.code == "press.needs_referred"


def test_the_base_of_subscribers_a_month_after_a_discount(tmp_path):
    orders = [*crowd("with ", 300, (0, 50)), *crowd("without ", 300, (0, 50))]
    month = (END - timedelta(days=60) - START).days
    coupons = [(f"with {k}", on(month - 5), "kupon", None) for k in range(300)]
    state = [(f"{side} {k}", on(50), "newsletter", "tak")
             for side in ("with", "without") for k in range(100)]  # fmt: skip
    # In the month after: 70 of the ones join and 10 leave; 55 of the others join.
    state += [(f"with {100 + k}", on(month + 3), "newsletter", "tak") for k in range(70)]
    state += [(f"with {k}", on(month + 3), "newsletter", "nie") for k in range(10)]
    state += [(f"without {100 + k}", on(month + 3), "newsletter", "tak") for k in range(55)]
    found = claim(weighed(tmp_path, orders, signals=coupons, attributes=state), "subscribers")
    assert found.taken == ("newsletter", "kupon")
    assert variant(found, "plain_growth").value == pytest.approx(0.6, abs=1e-8)
    assert found.value == pytest.approx(1.6 / 1.55 - 1, abs=1e-8)
    assert found.outcomes == 55


def test_a_base_of_signals_in_german(tmp_path):
    orders = [*crowd("with ", 200, (0, 50)), *crowd("without ", 200, (0, 50))]
    month = (END - timedelta(days=60) - START).days
    told = [(f"with {k}", on(month - 5), "gutschein", None) for k in range(200)]
    told += [(f"{side} {k}", on(50), "newsletter_anmeldung", None)
             for side in ("with", "without") for k in range(100)]  # fmt: skip
    told += [(f"with {k}", on(month + 1), "newsletter_abmeldung", None) for k in range(25)]
    told += [(f"with {100 + k}", on(month + 1), "newsletter_anmeldung", None) for k in range(60)]
    told += [(f"without {100 + k}", on(month + 1), "newsletter_anmeldung", None) for k in range(8)]
    found = claim(weighed(tmp_path, orders, signals=told), "subscribers")
    assert found.taken == ("newsletter_anmeldung", "newsletter_abmeldung", "gutschein")
    assert found.value == pytest.approx(1.35 / 1.08 - 1, abs=1e-8)
    # Eight joined without a discount: too few to tell from.
    assert (found.verdict, found.outcomes) == ("too_few", 8)


def test_no_window_of_the_loyal_lies_in_a_gap(tmp_path):
    shut = OPEN.orders.copy()
    shut[DAYS - 60 : DAYS - 20] = 0
    orders = [*crowd("often", 60, (10, 5), (60, 5), (90, 5), (560, 5)), *crowd("once", 60, (90, 5))]
    found = claim(weighed(tmp_path, orders, days=replace(OPEN, orders=shut)), "loyal_again")
    assert found.counted.values["day"] == on(DAYS - 60 - 90)
    assert (found.counted.values["loyal"], found.counted.values["once"]) == (60, 60)


def test_service_is_compared_among_those_who_bought_alike(tmp_path):
    """Frequent customers have more tickets and spend more; alike, bad service costs a third."""
    last = (END - timedelta(days=90) - START).days
    one, two = (last - 20, 50), (last - 50, 50)
    orders = [
        *crowd("often well ", 80, one, two, (last + 10, 150)),
        *crowd("often badly ", 80, one, two, (last + 10, 100)),
        *crowd("seldom well ", 200, one, (last + 10, 30)),
        *crowd("seldom badly ", 10, one, (last + 10, 20)),
        *crowd("long gone ", 5, (0, 50)),
    ]
    tickets = [(f"often badly {k}", on(last - 5), "reklamacja", None) for k in range(80)]
    tickets += [(f"seldom badly {k}", on(last - 5), "zgłoszenie", None) for k in range(10)]
    # What is answered is no bad service, and what comes after the day is not known yet.
    tickets += [(f"often well {k}", on(last - 5), "zgłoszenie_zamknięte", None) for k in range(80)]
    tickets += [(f"seldom well {k}", on(last + 5), "reklamacja", None) for k in range(200)]
    found = claim(weighed(tmp_path, orders, signals=tickets), "service")
    assert found.taken == ("reklamacja", "zgłoszenie")
    badly, expected = 80 * 100 + 10 * 20, 80 * 150 + 10 * 30
    assert found.value == pytest.approx(expected / badly - 1, abs=1e-8)
    good, bad = (80 * 150 + 200 * 30) / 280, badly / 90
    assert variant(found, "unmatched").value == pytest.approx(good / bad - 1, abs=1e-8)
    assert variant(found, "unmatched").value < 0 < found.value


def test_names_in_three_languages():
    def found(**names):
        return {b.name: b.at_most for b in bad_service(names)}

    none = (None, None)
    assert found(opozniona_dostawa=none, Lieferverzug=none, ticket_closed=none, visit=none) == {
        "opozniona_dostawa": None, "Lieferverzug": None,
    }  # fmt: skip
    assert found(ocena=(1, 5), nps=(0, 10), bewertung=(0, 1), survey=(1, 73)) == {
        "ocena": 2, "nps": 6,
    }  # fmt: skip
    assert of_referral("geworben_von") and of_referral("z_polecenia") and not of_referral("refund")
    assert surest(["email_consent", "newsletter_opened", "newsletter", "abonament"]) == (
        "newsletter",
    )
    assert surest(["tier"]) == ()


def test_one_customer_who_outweighs_all_others_makes_nothing_sure(tmp_path):
    orders = [*crowd("c", 120, (10, 50), (500, 50)), *crowd("n", 120, (500, 50))]
    orders += [("whale", on(20), 90), ("whale", on(520), 5_000_000)]
    found = claim(weighed(tmp_path, orders), "returning_revenue")
    assert found.value > 0.99
    assert (found.verdict, found.low) == ("too_few", None)


def test_the_jackknife_of_a_mean_is_its_standard_error():
    """Of groups of one size it is exact: the deviation of group means over the root of G."""
    means = np.random.default_rng(1).normal(5, 1, GROUPS)
    found = jackknife(np.column_stack([means, np.ones(GROUPS)]), lambda t: t[:, 0] / t[:, 1])
    assert found.at == pytest.approx(means.mean())
    assert found.variance == pytest.approx(means.var(ddof=1) / GROUPS)
    assert 30 < found.freedom <= GROUPS - 1


def test_too_short_a_history_says_so_and_nothing_else(tmp_path):
    press = weighed(tmp_path, crowd("c", 60, (0, 10), (9, 10)), end=on(20))
    assert {c.verdict for c in press.claims} == {"too_few", "not_testable"}
    assert press.ordinary is None


@pytest.mark.parametrize("language", ["en", "pl"])
def test_the_page_says_each_claim_its_test_and_what_is_missing(plain, language):
    folder, press = plain
    shop = describe_shop(folder / "orders.parquet", END)
    material = Material(described=Described(shop=shop, press=press), language=language)
    section = press_section(material)
    kinds = [kind for kind, _ in section.parts]
    assert kinds[:2] == ["text", "table"]
    table = dict(section.parts)["table"]
    assert len(table.rows) == len(press.claims) == 7
    said = {"en": ("70%", "referred_by", "coupon", "late_delivery"),
            "pl": ("70%", "referred_by", "coupon", "late_delivery")}[language]  # fmt: skip
    text = " ".join(str(cell) for row in table.rows for cell in row)
    assert all(word in text for word in said)
    assert 'data-means="shop.press.claims.0.value"' in text
    first = " ".join(map(str, dict(section.parts)["text"]))
    assert ("The press says" if language == "en" else "W prasie") in first
    sure = [c for c in press.claims if c.sure]
    assert first.count("data-means") == min(len(sure), 2) > 0
    none = replace(material, described=Described(shop=shop))
    assert press_section(none).parts == []
