"""States beside the status cell, and refunds: what is told, what is found, what is doubted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from telling import in_words
from winback.errors import UsageError
from winback.intake.settling import Intake, read_orders

TILL = """sale,customer,sold_at,amount,mark
1,a,2024-01-05,10.00,x
2,a,2024-01-06,20.00,y
3,b,2024-01-07,40.00,x
4,b,2024-01-08,20.00,z
5,c,2024-01-09,5.00,
"""


def read(folder: Path, content: str, **options: Any) -> Intake:
    path = folder / "orders.csv"
    path.write_text(content, encoding="utf-8")
    return read_orders(path, folder / "out", **options)


def asked(folder: Path, content: str, **options: Any) -> str:
    """The sentence of the error."""
    with pytest.raises(UsageError) as caught:
        read(folder, content, **options)
    return str(caught.value)


def figures(intake: Intake) -> tuple[int, float, float]:
    """Purchases, gross and refunds in whole units."""
    import duckdb

    bought, back = duckdb.sql(
        "SELECT coalesce(sum(amount) FILTER (kind = 'order'), 0), "
        f"coalesce(-sum(amount) FILTER (kind = 'refund'), 0) FROM '{intake.orders_path}'"
    ).fetchall()[0]
    scale = intake.summary.amount_scale
    return intake.summary.purchases, float(bought) / scale, float(back) / scale


def doubts(intake: Intake) -> list[str]:
    return in_words(intake.summary.doubts)


def aside(intake: Intake) -> dict[str, int]:
    return dict(intake.summary.lines_set_aside.by_reason)


# ---------------------------------------------------------------- what is told


def test_lines_told_to_be_left_out_are_set_aside(tmp_path: Path) -> None:
    intake = read(tmp_path, TILL, leave_out={"Mark": ("Y", "z")})
    assert aside(intake) == {"left_out": 2}
    assert figures(intake) == (3, 55, 0)
    quarantine = intake.quarantine_path.read_text()
    assert "mark" in quarantine and ",y" in quarantine


def test_an_empty_cell_can_be_told_to_be_left_out(tmp_path: Path) -> None:
    assert aside(read(tmp_path, TILL, leave_out={"mark": ("(not set)",)})) == {"left_out": 1}


def test_lines_told_to_be_refunds_change_their_sign(tmp_path: Path) -> None:
    assert figures(read(tmp_path, TILL, refunds={"mark": ("y",)})) == (4, 75, 20)
    signed = TILL.replace("20.00,y", "-20.00,y")
    assert figures(read(tmp_path, signed, refunds={"mark": ("y",)})) == (4, 75, 20)


def test_states_are_told_whatever_their_words(tmp_path: Path) -> None:
    states = {"X": "bought", "y": "unpaid", "z": "cancelled"}
    intake = read(tmp_path, TILL, columns={"status": "mark"}, states=states)
    assert aside(intake) == {"not_paid": 1}
    assert figures(intake) == (4, 75, 20)
    assert doubts(intake) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"leave_out": {"marc": ("x",)}}, ("'marc' for --leave-out", "nearest is 'mark'")),
        ({"refunds": {"mark": ("xx",)}}, ("holds 'xx'", "--refunds", "'x'")),
        ({"states": {"x": "bought"}}, ("--state", "--status COLUMN")),
        ({"states": {"w": "other"}, "columns": {"status": "mark"}}, ("'w'", "--state")),
    ],
)
def test_what_is_told_must_occur(
    tmp_path: Path, options: dict[str, Any], words: tuple[str, ...]
) -> None:
    said = asked(tmp_path, TILL, **options)
    assert all(word in said for word in words), said


# ---------------------------------------------------------------- marks and kinds


def shop(*rows: str, header: str = "order_id,customer_id,created_at,total", n: int = 60) -> str:
    """An order table of ``n`` plain orders of 10 by six customers; ``rows`` come after."""
    plain = header.count(",") - 3
    lines = [f"{i},c{i % 6},2024-{i % 12 + 1:02}-{i % 27 + 1:02} 10:00:00,10.00" for i in range(n)]
    return "\n".join([header, *(line + "," * plain for line in lines), *rows, ""])


BASE = "order_id,customer_id,created_at,total"


@pytest.mark.parametrize(
    ("header", "mark", "usual"),
    [
        ("Void?", "True", "False"),
        ("voided", "1", "0"),
        ("is_test", "yes", "no"),
        ("livemode", "false", "true"),
        ("testowe", "TAK", "NIE"),
        ("Gelöscht", "ja", "nein"),
        ("usunięte", "x", ""),
        ("is_deleted", "t", "f"),
        ("deleted_at", "2024-03-01", ""),
    ],
)
def test_marks_of_no_order_are_read(tmp_path: Path, header: str, mark: str, usual: str) -> None:
    content = shop(f"901,c1,2024-05-05,99.00,{mark}", header=f"{BASE},{header}")
    content = content.replace("10.00,\n", f"10.00,{usual}\n")
    intake = read(tmp_path, content)
    assert aside(intake) == {"marked": 1}
    assert figures(intake) == (60, 600, 0)
    assert doubts(intake) == []


def test_a_mark_on_most_lines_is_none_but_a_doubt(tmp_path: Path) -> None:
    content = shop(header=f"{BASE},test").replace("10.00,\n", "10.00,1\n")
    content += "901,c1,2024-05-05,99.00,0\n"
    intake = read(tmp_path, content)
    assert figures(intake) == (61, 699, 0)
    (doubt,) = doubts(intake)
    assert "'test'" in doubt and "60 lines, 600.00" in doubt and '--leave-out "test=1"' in doubt
    assert doubts(read(tmp_path, content, leave_out={"test": ("1",)})) == []


def test_a_name_that_only_hints_is_a_doubt_with_lines_and_money(tmp_path: Path) -> None:
    content = shop("901,c1,2024-05-05,99.00,yes", header=f"{BASE},fraud_check_declined")
    (doubt,) = doubts(read(tmp_path, content.replace("10.00,\n", "10.00,no\n")))
    assert "1 lines, 99.00" in doubt and '--refunds "fraud_check_declined=yes"' in doubt


@pytest.mark.parametrize(
    ("header", "value", "usual"),
    [
        ("is_return", "True", "False"),
        ("Zwrot", "tak", "nie"),
        ("type", "Refund", "Payment"),
        ("Transaction Type", "Return", "Sale"),
        ("rodzaj", "zwrot", "sprzedaż"),
        ("Buchungsart", "Gutschrift", "Rechnung"),
        ("Soll/Haben", "H", "S"),
        ("direction", "out", "in"),
        ("debit_credit", "D", "C"),
    ],
)
@pytest.mark.parametrize("sign", ["", "-"])
def test_a_value_that_means_refund_sets_the_sign(
    tmp_path: Path, header: str, value: str, usual: str, sign: str
) -> None:
    rows = [f"{i},c{i % 6},2024-12-{i + 10},{sign}10.00,{value}" for i in range(3)]
    content = shop(*rows, header=f"{BASE},{header}").replace("10.00,\n", f"10.00,{usual}\n")
    intake = read(tmp_path, content)
    assert figures(intake) == (60, 600, 30)
    assert doubts(intake) == []


def test_sides_of_like_weight_are_a_question(tmp_path: Path) -> None:
    content = shop(header=f"{BASE},S/H").replace("10.00,\n", "10.00,S\n")
    rows = [f"9{i},c{i % 6},2024-05-{i % 27 + 1:02},7.00,H" for i in range(10, 55)]
    said = asked(tmp_path, content + "\n".join(rows) + "\n")
    assert said.endswith('--refunds "S/H=h".')
    told = read(tmp_path, content + "\n".join(rows) + "\n", refunds={"S/H": ("h",)})
    assert figures(told)[2] == 315


def test_a_returned_order_keeps_its_purchase_and_gains_a_refund(tmp_path: Path) -> None:
    content = shop("901,c1,2024-05-05,99.00,1", header=f"{BASE},returned")
    assert figures(read(tmp_path, content.replace("10.00,\n", "10.00,0\n"))) == (61, 699, 99)


def test_kinds_other_than_orders_are_left_out(tmp_path: Path) -> None:
    rows = ["901,c1,2024-05-05,99.00,draft", "902,c1,2024-05-05,50.00,subscription"]
    content = shop(*rows, header=f"{BASE},kind").replace("10.00,\n", "10.00,order\n")
    intake = read(tmp_path, content)
    assert aside(intake) == {"not_a_purchase": 2}
    (doubt,) = doubts(intake)
    assert "'subscription'" in doubt and "1 lines, 50.00" in doubt and "--leave-out" in doubt


def test_kinds_of_customers_or_goods_say_nothing(tmp_path: Path) -> None:
    content = shop("901,c1,2024-05-05,99.00,wholesale", header=f"{BASE},type")
    intake = read(tmp_path, content.replace("10.00,\n", "10.00,retail\n"))
    assert figures(intake) == (61, 699, 0) and doubts(intake) == []


# ---------------------------------------------------------------- states


def test_states_of_prestashop_are_known_by_their_numbers(tmp_path: Path) -> None:
    rows = [f"90{state},c1,2024-05-0{state},{state}.00,{state}" for state in (6, 7, 8)]
    content = shop(*rows, header="id_order,id_customer,date_add,total_paid,current_state,id_shop")
    content = content.replace("10.00,,\n", "10.00,5,1\n").replace(",7\n", ",7,1\n")
    content = content.replace(",6\n", ",6,1\n").replace(",8\n", ",8,1\n")
    intake = read(tmp_path, content)
    assert aside(intake) == {"not_paid": 2}
    assert figures(intake) == (61, 607, 7)


def test_what_is_no_longer_valid_because_it_was_paid_back_was_bought(tmp_path: Path) -> None:
    rows = ["901,c1,2024-05-05,9.00,7,0", "902,c1,2024-05-06,5.00,6,0"]
    header = "id_order,id_customer,date_add,total_paid,current_state,valid"
    content = shop(*rows, header=header).replace("10.00,,\n", "10.00,5,1\n")
    intake = read(tmp_path, content)
    assert figures(intake) == (61, 609, 9) and aside(intake) == {"not_paid": 1}


def test_unpaid_is_read_unless_a_status_may_say_that_it_was_sent(tmp_path: Path) -> None:
    content = shop("901,c1,2024-05-05,9.00,nie", header=f"{BASE},Opłacone")
    content = content.replace("10.00,\n", "10.00,tak\n")
    assert aside(read(tmp_path, content)) == {"not_paid": 1}
    content = content.replace("Opłacone", "Opłacone,Status").replace("nie\n", "nie,Wysłane\n")
    intake = read(tmp_path, content.replace("tak\n", "tak,Wysłane\n"))
    (doubt,) = doubts(intake)
    assert figures(intake)[0] == 61 and '--leave-out "Opłacone=nie"' in doubt


def test_a_mark_written_once_an_order_holds_for_all_its_lines(tmp_path: Path) -> None:
    rows = ["order_id,customer_id,created_at,sku,line_total,voided"]
    for i in range(30):
        rows += [f"{i},c{i % 5},2024-01-{i + 1:02},a,2.00,{'true' if i == 3 else 'false'}"]
        rows += [f"{i},c{i % 5},2024-01-{i + 1:02},b,3.00,"]
    assert aside(read(tmp_path, "\n".join([*rows, ""]))) == {"marked": 2}


def test_numbers_that_nobody_knows_are_a_doubt(tmp_path: Path) -> None:
    rows = [f"9{i},c1,2024-05-05,5.00,17" for i in range(3)]
    content = shop(*rows, header=f"{BASE},status").replace("10.00,\n", "10.00,21\n")
    (doubt,) = doubts(read(tmp_path, content))
    assert "'21' and '17'" in doubt or "'21', '17'" in doubt
    assert "63 lines, 615.00" in doubt and "--state" in doubt
    told = read(tmp_path, content, states={"21": "bought", "17": "unpaid"})
    assert aside(told) == {"not_paid": 3} and doubts(told) == []


def test_cancelled_beside_unpaid_was_never_bought(tmp_path: Path) -> None:
    rows = ["91,c1,2024-05-05,5.00,Brak wpłaty"] * 3 + ["95,c1,2024-05-06,7.00,Anulacja"]
    content = shop(*rows, header=f"{BASE},Status").replace("10.00,\n", "10.00,Wysłane\n")
    intake = read(tmp_path, content)
    assert aside(intake) == {"not_paid": 4}
    dated = content.replace("total,Status", "total,Status,cancelled_at").replace(
        "Anulacja", "Anulacja,2024-06-01"
    )
    dated = dated.replace("Wysłane", "Wysłane,").replace("Brak wpłaty", "Brak wpłaty,")
    assert figures(read(tmp_path, dated)) == (61, 607, 7)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("Zahlung ausstehend", "not_paid"),
        ("En attente de paiement", "not_paid"),
        ("Pago pendiente", "not_paid"),
        ("In attesa di pagamento", "not_paid"),
        ("Wacht op betaling", "not_paid"),
        ("Čeká na platbu", "not_paid"),
        ("Čaká na platbu", "not_paid"),
        ("Fizetésre vár", "not_paid"),
        ("Neplătită", "not_paid"),
        ("Obetald", "not_paid"),
        ("Czeka na płatność", "not_paid"),
        ("Gelöscht", "marked"),
        ("Supprimée", "marked"),
        ("Usunięte", "marked"),
    ],
)
def test_states_of_many_languages_are_set_aside(tmp_path: Path, word: str, reason: str) -> None:
    content = shop(f"91,c1,2024-05-05,5.00,{word}", header=f"{BASE},Status")
    intake = read(tmp_path, content.replace("10.00,\n", "10.00,paid\n"))
    assert aside(intake) == {reason: 1}


@pytest.mark.parametrize(
    "word",
    ["Livrée", "Enviado", "Spedito", "Verzonden", "Odesláno", "Odoslané", "Kiszállítva", "Livrat",
     "Skickad", "Versandt", "Wysłane", "En attente de livraison", "Czeka na wysyłkę",
     "Versand ausstehend", "Zaplaceno", "Betald"],
)  # fmt: skip
def test_states_of_many_languages_are_kept(tmp_path: Path, word: str) -> None:
    content = shop(f"91,c1,2024-05-05,5.00,{word}", header=f"{BASE},Status")
    intake = read(tmp_path, content.replace("10.00,\n", "10.00,paid\n"))
    assert figures(intake) == (61, 605, 0) and doubts(intake) == []


def test_events_that_never_say_purchase_are_looked_at(tmp_path: Path) -> None:
    content = shop("91,c1,2024-05-05,-5.00,Refund", header=f"{BASE},Event Type")
    assert figures(read(tmp_path, content.replace("10.00,\n", "10.00,Payment\n")))[::2] == (60, 5)
    content = shop("91,c1,2024-05-05,5.00,b", header=f"{BASE},event_name")
    content = content.replace("10.00,\n", "10.00,a\n")
    assert asked(tmp_path, content).endswith('--state "a=bought".')
    states = {"a": "bought"}
    assert figures(read(tmp_path, content, states=states))[0] == 60


def test_purchase_events_without_an_order_are_set_aside(tmp_path: Path) -> None:
    content = shop("(not set),c1,2024-05-05,5.00,purchase", header=f"{BASE},event_name")
    content = content.replace("order_id", "transaction_id").replace("10.00,\n", "10.00,purchase\n")
    assert aside(read(tmp_path, content)) == {"no_order": 1}


def test_a_status_written_once_an_order_holds_for_all_its_lines(tmp_path: Path) -> None:
    lines = ["Name,Email,Financial Status,Created at,Lineitem quantity,Lineitem price,Cancelled at"]
    for i in range(30):
        head = f"#{i},c{i % 5}@example.com"
        status, cancelled = ("pending", "") if i < 3 else ("paid", "")
        if i == 29:
            cancelled = "2024-02-01 10:00:00"
        lines.append(f"{head},{status},2024-01-{i + 1:02} 10:00:00,1,10.00,{cancelled}")
        lines.append(f"{head},,2024-01-{i + 1:02} 10:00:00,2,5.00,")
    lines.append("#99,z@example.com,paid,2024-02-20 10:00:00,1,1.00,")
    intake = read(tmp_path, "\n".join(lines) + "\n")
    assert aside(intake) == {"not_paid": 6}
    assert figures(intake) == (28, 541, 20)


def test_a_second_status_takes_back_what_the_first_lets_stand(tmp_path: Path) -> None:
    rows = ["91,c1,2024-05-05,5.00,delivered,refunded", "92,c1,2024-05-06,7.00,delivered,voided"]
    content = shop(*rows, header=f"{BASE},order_status,payment_status")
    intake = read(tmp_path, content.replace("10.00,,\n", "10.00,delivered,paid\n"))
    assert figures(intake) == (61, 605, 5) and aside(intake) == {"not_paid": 1}
    rows = ["91,c1,2024-05-05,5.00,delivered,pending"]
    content = shop(*rows, header=f"{BASE},order_status,payment_status")
    (doubt,) = doubts(read(tmp_path, content.replace("10.00,,\n", "10.00,delivered,paid\n")))
    assert "'payment_status'" in doubt and "1 lines, 5.00" in doubt


# ---------------------------------------------------------------- refunds


def test_a_stated_amount_beats_the_day_of_a_refund_but_not_of_a_cancellation(
    tmp_path: Path,
) -> None:
    row = "91,c1,2024-05-05,50.00,15.00,2024-05-09"
    content = shop(row, header=f"{BASE},refund_amount,refund_date")
    assert figures(read(tmp_path, content)) == (61, 650, 15)
    content = content.replace("refund_date", "cancelled_at")
    assert figures(read(tmp_path, content)) == (61, 650, 50)


@pytest.mark.parametrize(("parent", "rows"), [("parent_id", 1), ("Original order", 1), ("", 1)])
def test_a_refund_row_of_a_refunded_order_is_told_once(
    tmp_path: Path, parent: str, rows: int
) -> None:
    header = f"{BASE},status,{parent or 'note'}"
    parents = ",59" if parent else ","
    content = shop(f"991,c5,2024-12-20 10:00:00,-10.00,completed{parents}", header=header)
    content = content.replace("10.00,,\n", "10.00,completed,0\n")
    content = content.replace("59,c5,2024-12-06 10:00:00,10.00,completed",
                              "59,c5,2024-12-06 10:00:00,10.00,refunded")  # fmt: skip
    assert figures(read(tmp_path, content)) == (60, 600, 10)


def test_a_refund_without_a_customer_is_its_parents(tmp_path: Path) -> None:
    header = "id,customer_id,created_at,total,type,parent_order_id"
    content = shop("991,0,2024-12-20 10:00:00,-4.00,shop_order_refund,59", header=header)
    content = content.replace("10.00,,\n", "10.00,shop_order,0\n")
    intake = read(tmp_path, content)
    assert figures(intake) == (60, 600, 4) and intake.summary.customers == 6
    import duckdb

    refund = f"SELECT customer_id, order_id FROM '{intake.orders_path}' WHERE kind = 'refund'"
    assert duckdb.sql(refund).fetchall() == [("c5", "59")]


LINED = "order_id,customer_id,created_at,sku,line_total,{}\n"


@pytest.mark.parametrize(
    ("cells", "refunds"),
    [(("4.00", "5.00", "0.00"), 9), (("9.00", "9.00", "9.00"), 9), (("9.00", "", ""), 9),
     (("4.00", "4.00", "0.00"), 8)],
)  # fmt: skip
def test_refunds_of_lines_are_added_and_of_orders_counted_once(
    tmp_path: Path, cells: tuple[str, ...], refunds: float
) -> None:
    content = LINED.format("amount_refunded")
    for i in range(30):
        for n, cell in enumerate(cells):
            back = cell if i == 3 else ("" if cell == "" else "0.00")
            content += f"{i},c{i % 5},2024-01-{i + 1:02},s{n},{20 + n}.00,{back}\n"
    assert figures(read(tmp_path, content)) == (30, 30 * 63, refunds)


def test_pieces_sent_back_are_priced(tmp_path: Path) -> None:
    content = "order_id,customer_id,created_at,sku,qty,line_total,qty_refunded\n"
    for i in range(30):
        content += f"{i},c{i % 5},2024-01-{i + 1:02},s1,4,20.00,{1 if i == 3 else 0}\n"
    assert figures(read(tmp_path, content)) == (30, 600, 5)


@pytest.mark.parametrize(
    "name", ["Adjusted Order Total", "Current total", "Wartość po korekcie", "total_after_refunds"]
)
def test_a_new_total_tells_the_refund(tmp_path: Path, name: str) -> None:
    content = shop("91,c1,2024-05-05,50.00,20.00", header=f"{BASE},{name}")
    assert figures(read(tmp_path, content)) == (61, 650, 30)


@pytest.mark.parametrize(
    "name", ["refunded_total", "Kwota zwrotu", "Erstattungsbetrag", "Montant remboursé"]
)
def test_amounts_paid_back_are_found_by_name(tmp_path: Path, name: str) -> None:
    content = shop("91,c1,2024-05-05,50.00,20.00", header=f"{BASE},{name}")
    assert figures(read(tmp_path, content)) == (61, 650, 20)


def test_a_refund_larger_than_its_order_is_a_doubt(tmp_path: Path) -> None:
    content = shop("91,c1,2024-05-05,50.00,500.00", header=f"{BASE},all refunds")
    intake = read(tmp_path, content)
    assert figures(intake) == (61, 650, 0)
    (doubt,) = doubts(intake)
    assert "1 lines, 500.00" in doubt and '--refunded "all refunds"' in doubt
    told = read(tmp_path, content, columns={"refunded": "all refunds"})
    assert figures(told)[2] == 500 and doubts(told) == []


def test_orders_paid_by_gift_card_were_bought(tmp_path: Path) -> None:
    header = "order_id,customer_id,created_at,total,subtotal,gift_card_amount"
    rows = ["91,c1,2024-05-05,0.00,50.00,50.00", "92,c1,2024-05-06,10.00,30.00,20.00"]
    content = shop(*rows, header=header).replace("10.00,,\n", "10.00,10.00,0.00\n")
    assert figures(read(tmp_path, content)) == (62, 680, 0)
    # Without the card nobody knows what paid.
    content = content.replace("gift_card_amount", "weight")
    intake = read(tmp_path, content)
    assert figures(intake) == (61, 610, 0)
    (doubt,) = doubts(intake)
    assert "50.00" in doubt and '--amount "subtotal"' in doubt


def test_an_order_of_nothing_by_a_discount_is_no_doubt(tmp_path: Path) -> None:
    header = "order_id,customer_id,created_at,total,subtotal,discount_total"
    content = shop("91,c1,2024-05-05,0.00,50.00,50.00", header=header)
    content = content.replace("10.00,,\n", "10.00,10.00,0.00\n")
    intake = read(tmp_path, content)
    assert figures(intake) == (60, 600, 0) and doubts(intake) == []
