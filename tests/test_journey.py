"""The way of a customer: worked by hand, against a plain count, and on shops of every kind."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from winback.churn import study_churn
from winback.report.material import Material
from winback.report.sections.journey import journey_section
from winback.results.described import Described
from winback.shop.history import describe_shop
from winback.shop.journey import follow_journey
from winback.shop.past import open_past
from winback.snapshots.days import shop_days
from winback.tables.history import ORDERS, SIGNAL_ITEMS, SIGNALS

END = date(2024, 1, 1)


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


def followed(folder, visits, *, refunds=(), end=END, signals=()):
    """The journey as the stage finds it."""
    folder.mkdir(exist_ok=True)
    orders = write_orders(folder, visits, refunds)
    sides = {"signals": SIGNALS, "items": SIGNAL_ITEMS}
    for name, table in sides.items():
        pq.write_table(table.schema.empty_table(), folder / f"{name}.parquet")
    with open_past(
        Path(orders), end, signals=folder / "signals.parquet", items=folder / "items.parquet",
        days=shop_days(orders, end), country="PL", horizon_days=90, threads=2,
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
    return "\n".join(map(str, section.parts)).replace("\\xa0", " ").replace("\xa0", " ")


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
    assert rows == {30: (0.3333, 75), 60: (0.3333, 50), 90: (1.0, 25)}
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
    """A year of a shop with 600 regulars of every ten days and one new customer a day."""
    begin = date(2023, 1, 1)
    visits = [
        (f"old{k}", begin + timedelta(k % 10 + 10 * n)) for k in range(600) for n in range(36)
    ]
    visits += [(f"new{k}", begin + timedelta(k)) for k in range(364)]
    journey = followed(tmp_path, visits)

    assert journey.left_out_weeks == 2
    assert journey.left_out == 600 + 14
    second = journey.steps[0]
    assert (second.customers, second.happened) == (350, 0)
    assert "The first 2 weeks of the history are left out (614 customers)" in told(
        tmp_path, journey
    )


def test_a_history_of_regulars_alone_says_so(tmp_path):
    begin = date(2023, 1, 1)
    visits = [
        (f"old{k}", begin + timedelta(k % 10 + 10 * n)) for k in range(600) for n in range(36)
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
