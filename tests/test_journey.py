"""The way of a customer: worked by hand, against a plain count, and on shops of every kind."""

import re
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import norm

from winback.churn import study_churn
from winback.report.material import Material
from winback.report.sections.journey import journey_section
from winback.results.described import Described
from winback.shop.history import describe_shop
from winback.shop.journey import follow_journey
from winback.shop.past import open_past
from winback.snapshots.days import shop_days
from winback.tables.history import ATTRIBUTES, ORDERS, SIGNAL_ITEMS, SIGNALS
from winback.tables.recommended import PRODUCT_TABLE

END = date(2024, 1, 1)
# The shop is open to the last day, else days after its last purchase would not have been seen.
OPEN = ("still open", END - timedelta(1))


def write_orders(folder, visits, refunds=()):
    """Canonical lines of (customer, day) or (customer, day, product), one order a day."""
    rows = [(*visit, "P1")[:3] for visit in visits]
    lines = [(c, f"{c}/{d}", d, p, 1.0, 1_000, "order") for c, d, p in rows]
    lines += [(c, f"{c}/{d}", d, "P1", -1.0, -1_000, "refund") for c, d in refunds]
    lines.sort(key=lambda line: (line[0], line[2]))
    customer, order, day, product, quantity, amount, kind = zip(*lines, strict=True)
    at = pa.array(day, pa.date32()).cast(pa.timestamp("ms"))
    table = pa.table(
        dict(zip(ORDERS.names, (customer, order, at, at, product, quantity, amount, kind),
                 strict=True)),
        schema=ORDERS.schema,
    )  # fmt: skip
    metadata = {"amount_scale": "100", "currency": "PLN", "has_time": "0", "has_products": "1"}
    path = folder / "orders.parquet"
    pq.write_table(table.replace_schema_metadata(metadata), path)
    return path


def followed(folder, visits, *, refunds=(), **sides):
    """The journey as the stage finds it; sides are rows of tables beside the orders."""
    folder.mkdir(exist_ok=True)
    orders = write_orders(folder, visits, refunds)
    tables = {
        "signals": SIGNALS, "items": SIGNAL_ITEMS, "attributes": ATTRIBUTES,
        "products": PRODUCT_TABLE,
    }  # fmt: skip
    paths = {name: folder / f"{name}.parquet" for name in tables}
    for name, table in tables.items():
        rows = [dict(zip(table.names, row, strict=True)) for row in sides.get(name, ())]
        pq.write_table(pa.Table.from_pylist(rows, table.schema), paths[name])
    with open_past(
        Path(orders), END, **paths, days=shop_days(orders, END), country="PL", horizon_days=90,
        threads=2,
    ) as past:  # fmt: skip
        return follow_journey(past)


def many(name, n, *days):
    return [(f"{name}{k}", day) for k in range(n) for day in days]


def told(folder, journey, language="en"):
    """What the page says of it, its sentences and cells one after another."""
    shop = describe_shop(folder / "orders.parquet", END)
    section = journey_section(
        Material(described=Described(shop=shop, journey=journey), language=language)
    )
    page = "\n".join(map(str, section.parts)).replace("\\xa0", " ").replace("\xa0", " ")
    return re.sub(r"</?data[^>]*>", "", page)


def test_who_was_seen_for_a_month_counts_for_a_month(tmp_path):
    june = date(2023, 6, 1)
    visits = [
        *many("seen 60 days ", 25, date(2023, 11, 1)),
        *many("thrice ", 25, june, june + timedelta(30), june + timedelta(60)),
        *many("twice ", 25, june, june + timedelta(90)),
        *many("seen 11 days ", 25, date(2023, 12, 20)),
    ]
    second, regular, *_ = followed(tmp_path, visits).steps

    # Of the 75 seen for 30 days 25 bought; on day 90 only the 25 were left, and they bought.
    assert (second.customers, second.happened, second.median_days) == (100, 50, 90)
    rows = {row.days: (row.share, row.at_risk) for row in second.reached}
    assert rows == {30: (0.3333, 75), 60: (0.3333, 50)} | {90: (1.0, 25)} | {
        later: (1.0, 0)
        for later in (180, 365, 730)  # nobody is left
    }
    # Greenwood by hand: 25 / (75 * 50) = 0.0816 squared, over |ln 2/3|, times 1.96: 0.3947.
    month = second.within(30)
    assert (month.low, month.high) == (0.2391, 0.4521)
    assert (regular.customers, regular.happened) == (50, 25)
    assert [(row.days, row.share) for row in regular.reached] == [
        (30, 0.5), (60, 0.5), (90, 0.5)
    ]  # fmt: skip
    assert regular.median_days == 30


@pytest.fixture(scope="module")
def random_shop(tmp_path_factory):
    """Two years of a shop that opens with its history; some are quick and some never return."""
    rng = np.random.default_rng(5)
    visits = []
    for customer in range(900):
        day = date(2022, 1, 1) + timedelta(int(rng.integers(0, 730)))
        rhythm = rng.choice([12, 40, 90])
        while day < END:
            visits.append((f"C{customer}", day))
            if rng.random() < 0.3:
                break
            day += timedelta(1 + int(rng.exponential(rhythm)))
    folder = tmp_path_factory.mktemp("random")
    return folder, visits, followed(folder, visits)


def plain(pairs, day):
    """Kaplan and Meier's share by day, one day after another, of (days, whether it happened)."""
    left = 1.0
    for t in range(day + 1):
        here = [happened for days, happened in pairs if days >= t]
        took = sum(happened and days == t for days, happened in pairs)
        left *= 1 - took / len(here) if here else 1
    return 1 - left


def test_shares_are_those_of_a_plain_count(random_shop):
    _, visits, journey = random_shop
    days = {}
    for customer, day in sorted(set(visits)):
        days.setdefault(customer, []).append(day)
    waits = {"second": [], "regular": [], "silent": []}
    silent = timedelta(journey.silent_days)
    for own in days.values():
        for name, k in (("second", 1), ("regular", 2)):
            if len(own) > k:
                waits[name].append(((own[k] - own[k - 1]).days, True))
            elif len(own) == k:
                waits[name].append(((END - own[-1]).days - 1, False))
        if len(own) > 2:
            ends = [*own[3:], END]
            fell = [a + silent for a, b in zip(own[2:], ends, strict=True) if b - a >= silent]
            waits["silent"].append((((fell or [END])[0] - own[2]).days, bool(fell)))
    assert journey.left_out_weeks == 0
    for step in journey.steps:
        assert step.reached, step.name
        for row in step.reached:
            assert row.share == pytest.approx(plain(waits[step.name], row.days), abs=6e-5)
            assert row.at_risk == sum(wait >= row.days for wait, _ in waits[step.name])
            assert row.low <= row.share <= row.high
        if step.median_days is not None:
            halves = [plain(waits[step.name], step.median_days - back) for back in (0, 1)]
            assert halves[0] >= 0.5 > halves[1]
    stand = Counter(
        (("once", "twice", "regular")[min(len(own), 3) - 1])
        + ("_silent" if END - own[-1] >= silent else "")
        for own in days.values()
    )
    assert {one.name: one.customers for one in journey.stand} == stand


def test_the_silence_is_the_one_that_the_churn_study_recommends(random_shop, tmp_path):
    folder, _, journey = random_shop
    study = study_churn(folder / "orders.parquet", cutoff=END)
    assert journey.silent_days == study.horizon_days
    slow = [
        (f"S{k}", date(2022, 1, 1) + timedelta(k % 40 + 130 * n))
        for k in range(200)
        for n in range(5)
    ]
    journey = followed(tmp_path, slow)
    assert journey.silent_days == study_churn(tmp_path / "orders.parquet", cutoff=END).horizon_days
    assert journey.silent_days == 180


def test_customers_of_before_the_history_are_no_new_ones(tmp_path):
    """A year of a shop with 300 regulars of every ten days and one new customer a day."""
    begin = date(2023, 1, 1)
    visits = [
        (f"old{k}", begin + timedelta(k % 10 + 10 * n)) for k in range(300) for n in range(36)
    ]
    visits += [(f"new{k}", begin + timedelta(k)) for k in range(364)]
    journey = followed(tmp_path, visits)

    assert journey.left_out_weeks == 2
    assert journey.left_out == 300 + 14
    second = journey.steps[0]
    assert (second.customers, second.happened) == (350, 0)
    assert "The beginning of the history, 2 weeks, is left out (314 customers)" in told(
        tmp_path, journey
    )


def test_a_history_of_regulars_alone_says_so(tmp_path):
    begin = date(2023, 1, 1)
    visits = [
        (f"old{k}", begin + timedelta(k % 10 + 10 * n)) for k in range(120) for n in range(36)
    ]
    journey = followed(tmp_path, visits)

    assert journey.left_out_weeks == 0
    assert journey.perhaps_older > 0.9
    page = told(tmp_path, journey)
    assert "The history does not show who is new" in page
    assert "bought for the first time" not in page


def test_who_buys_once_has_no_half_and_no_silence(tmp_path):
    visits = [(f"C{k}", date(2022, 1, 1) + timedelta(k % 700)) for k in range(700)]
    journey = followed(tmp_path, visits)

    second = journey.steps[0]
    assert (second.happened, second.median_days) == (0, None)
    year = second.within(365)
    assert (year.share, year.low) == (0.0, 0.0)
    assert 0 < year.high < 0.02
    assert (journey.silent_days, journey.stand) == (None, ())
    page = told(tmp_path, journey)
    assert "100% of 700 customers who bought for the first time had not bought again" in page
    assert "within a year" in page
    assert "within 90 days (95% interval 0% to" in page


def test_four_months_tell_of_the_days_they_show(tmp_path):
    begin = date(2023, 9, 1)
    visits = [(f"C{k}", begin + timedelta(k % 120)) for k in range(600)]
    visits += [(f"C{k}", begin + timedelta(k % 120 + 20)) for k in range(0, 600, 3)]
    journey = followed(tmp_path, [(c, d) for c, d in visits if d < END])

    second = journey.steps[0]
    assert [row.days for row in second.reached] == [30, 60, 90]
    assert second.within(30).share == pytest.approx(1 / 3, abs=0.01)
    assert "had not bought again within 90 days" in told(tmp_path, journey)
    assert "nie kupiło ponownie w ciągu 90 dni" in told(tmp_path, journey, "pl")


def test_where_all_are_back_at_once_nobody_is_left_to_see_and_it_is_told(tmp_path):
    begin = date(2022, 1, 1)
    visits = [(f"C{k}", begin + timedelta(k + back)) for k in range(720) for back in (0, 5)]
    second = followed(tmp_path, visits).steps[0]
    year = second.within(365)
    assert (second.median_days, year.share, year.at_risk) == (5, 1.0, 0)
    # Wilson's lower end for all of 720.
    assert year.low == pytest.approx(1 - 1.96**2 / (720 + 1.96**2), abs=2e-4)


def test_a_few_customers_are_too_few(tmp_path):
    journey = followed(tmp_path, many("C", 12, date(2023, 1, 5), date(2023, 6, 5)))
    assert journey.steps[0].reached == ()
    assert "Too few customers" in told(tmp_path, journey)


def test_two_orders_of_a_day_and_a_cancellation_are_no_step(tmp_path):
    day = date(2023, 3, 1)
    visits = [*many("C", 30, day), *many("C", 30, day)]
    cancelled = [(f"C{k}", day + timedelta(3)) for k in range(30)]
    journey = followed(tmp_path, visits, refunds=cancelled)
    assert journey.steps[0].happened == 0
    assert journey.customers == 30


def begun(name, n, back, first, product="P1", after=60):
    """So many customers whose first purchase is of a product; the first of them come back."""
    visits = [(f"{name}{k:03}", first, product) for k in range(n)]
    return visits + [(f"{name}{k:03}", first + timedelta(after), "P0") for k in range(back)]


def test_a_product_is_compared_with_who_began_in_the_same_months(tmp_path):
    """Mugs: 30 of 60 in March and 10 of 40 in May; others: 80 of 100 and 50 of 100."""
    march, may = date(2023, 3, 6), date(2023, 5, 6)
    visits = [
        *begun("a", 60, 30, march), *begun("b", 100, 80, march, "P2"),
        *begun("c", 40, 10, may), *begun("d", 100, 50, may, "P2"), OPEN,
    ]  # fmt: skip
    products = [("P1", "Mug <b>", "Mugs", True, None), ("P2", "Test ciążowy", None, True, None)]
    journey = followed(tmp_path, visits, products=products)

    found = journey.beginnings
    mug = next(one for one in found.groups if one.kind == "product")
    assert (mug.level, mug.customers, mug.share) == ("Mug <b>", 100, 0.4)
    # 0.6 * 80 % + 0.4 * 50 %, not the 130 of 200 of all others.
    assert (mug.beside, mug.difference, mug.apart) == (0.68, -0.28, True)
    march_p, may_p = 110 / 160, 60 / 140
    spread = (0.6**2 * march_p * (1 - march_p) * (1 / 60 + 1 / 100)
              + 0.4**2 * may_p * (1 - may_p) * (1 / 40 + 1 / 100)) ** 0.5  # fmt: skip
    n_apart, n = (sum(getattr(row, name) for row in found.kinds) for name in ("apart", "compared"))
    z = norm.isf(0.05 * n_apart / n / 2)
    assert mug.low == pytest.approx(-0.28 - z * spread, abs=1e-4)
    # What hints at something private is not named, and the page says that something is not.
    assert found.private == 1
    page = told(tmp_path, journey)
    assert "ciążowy" not in page
    assert "Left out since their names hint at something private: 1" in page
    assert "Come back least: “Mug &lt;b&gt;” in the first purchase" in page
    assert "no proof of a cause" in page


def test_what_happens_in_the_first_month_is_compared_from_its_end_on(tmp_path):
    """Whoever is back before a ticket could be opened is not held against it."""
    first = date(2023, 3, 6)
    visits = [
        *begun("late", 60, 12, first), *begun("fine", 100, 50, first),
        *begun("soon late", 60, 60, first, after=9), *begun("soon fine", 40, 40, first, after=9),
    ]  # fmt: skip
    customers = {c for c, _, _ in visits}
    visits.append(OPEN)
    at = datetime(2023, 3, 20, 9)
    signals = [(c, at, at, "late_delivery", 3.0) for c in sorted(customers) if "late" in c]
    signals += [(c, at + timedelta(90), at, "ticket_opened", None) for c in sorted(customers)]
    refunds = [(c, first + timedelta(30)) for c in sorted(customers) if c.startswith("fine")]
    attributes = [(c, datetime(2023, 3, 1), "channel", "app" if "fine" in c else "web")
                  for c in sorted(customers)]  # fmt: skip
    journey = followed(
        tmp_path, visits, signals=sorted(signals), refunds=refunds, attributes=attributes
    )
    groups = {(one.kind, one.name, one.level): one for one in journey.beginnings.groups}
    late = groups["signal", "late_delivery", ""]
    assert (late.customers, late.share, late.beside) == (60, 0.2, 0.5)
    assert ("signal", "ticket_opened", "") not in groups  # it came too late
    refunded = groups["refund", None, ""]
    assert (refunded.customers, refunded.share, refunded.beside) == (100, 0.5, 0.2)
    web = groups["attribute", "channel", "web"]
    assert (web.customers, web.share, web.beside) == (120, 0.6, round(90 / 140, 4))
    page = told(tmp_path, journey, "pl")
    assert "late delivery w ciągu 30 dni" in page.lower()
    assert "ingest.attributes" not in page


def test_first_purchases_that_do_not_differ_are_not_told_apart(tmp_path):
    visits = [(f"C{k:03}", date(2023, 3, 6), f"P{k % 3}") for k in range(300)]
    visits += [(f"C{k:03}", date(2023, 4, 6)) for k in range(150)]
    journey = followed(tmp_path, [*visits, OPEN])
    products = [row for row in journey.beginnings.kinds if row.kind == "product"]
    assert [(row.compared, row.apart) for row in products] == [(3, 0)]
    page = told(tmp_path, journey)
    assert "Tickets and late deliveries would be compared here" in page
    assert "Carts that were left would stand here" in page


@pytest.fixture(scope="module")
def carts(tmp_path_factory):
    """Sixty customers leave a cart in June; 10 buy that day, 30 two days later, 6 in mid-July."""
    folder = tmp_path_factory.mktemp("carts")
    june = date(2023, 6, 15)
    own = [f"U{k:02}" for k in range(60)]
    visits = [(c, date(2023, 1, 5)) for c in own]
    visits += [(c, june) for c in own[:10]] + [(c, june + timedelta(2)) for c in own[10:40]]
    # Four weeks before 6 of them bought within a week, and four weeks after another 6.
    visits += [(c, date(2023, 5, 20)) for c in own[:6]] + [(c, date(2023, 7, 14)) for c in own[:6]]
    visits += [("new", date(2023, 11, 5)), ("other", date(2023, 12, 31))]
    noon = datetime(2023, 6, 15, 12)
    left = [(c, noon, 20.0) for c in own]
    left += [(c, datetime(2023, 12, 28, 9), 5.0) for c in own[:5]]  # put together, then changed
    left += [(c, datetime(2023, 12, 28, 10), 10.0) for c in own[:5]]
    left += [("new", datetime(2023, 11, 1), 7.0)]
    signals = [(c, at, at, "cart_abandoned", value) for c, at, value in sorted(left)]
    signals += [("other", noon, noon, "checkout_completed", 9.0)]
    items = [(c, noon, noon, "cart_abandoned", item) for c in own for item in ("p1", "unknown")]
    return folder, followed(folder, visits, signals=signals, items=items)


def test_carts_by_what_came_after_them(carts):
    found = carts[1].carts
    assert found.names == ("cart_abandoned",)
    quarter, year = found.periods
    assert (quarter.carts, quarter.recent, quarter.before_first, quarter.followed) == (6, 5, 1, 0)
    assert (year.carts, year.customers, year.followed) == (66, 61, 60)
    assert (year.within_1, year.within_3, year.within_7) == (10, 40, 40)
    # Six of the forty bought in July, too, and twenty never again.
    assert (year.later, year.not_since) == (0, 20)
    assert (year.named, year.same_product) == (60, 40)
    # The last value of a day counts.
    assert (found.open_customers, found.open_value, found.fresh_customers) == (5, 50.0, 5)


def test_carts_stand_beside_the_same_customers_at_other_times(carts):
    folder, journey = carts
    beside = journey.carts.beside
    assert (beside.carts, beside.share, beside.usual) == (60, 0.6667, 0.1)
    # By hand: of 60 customers 6 bought at all three times (0), 34 after the cart alone (1), and
    # 20 never (0); the spread of the mean of these.
    differences = np.array([0.0] * 6 + [1.0] * 34 + [0.0] * 20)
    spread = differences.std(ddof=1) / 60**0.5
    assert beside.difference == pytest.approx(differences.mean(), abs=1e-4)
    assert beside.low == pytest.approx(differences.mean() - 1.96 * spread, abs=2e-4)
    page = told(folder, journey)
    assert "Not all of that is won back" in page
    assert "worth PLN 50.00 in all" in page or "worth PLN 50" in page
    assert "Before a first purchase" in page
