"""What looks like a wrong amount, a duplicate or a drifted master, and what is one."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from process_model import money
from process_model.config import ModelConfig
from process_model.finding import named
from process_model.findings.amount_mismatch import compared, mismatches, sharing
from process_model.findings.master_drift import Telling, drifts
from process_model.observations.documents import CaseDocuments, Document
from process_model.observations.twins import twins
from tests.builders import START

CONFIG = ModelConfig()
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LATER = START + 60 * DAY


def document(key: str, amount: str | None, at: datetime, **more: Any) -> Document:
    worth = None if amount is None else Decimal(amount)
    known: dict[str, Any] = {"first_amount": worth, "currency": "EUR", "made_at": at} | more
    return Document(key=key, type=key.split(":")[0], amount=worth, **known)


def case(*documents: Document, links: list[tuple[str, str]], going_on: bool = False, name: str = "A"
         ) -> CaseDocuments:  # fmt: skip
    accepted = [one.key for one in documents if one.type == "quote"]
    return CaseDocuments(name, {one.key: one for one in documents}, links, accepted, going_on)


QUOTE = document("quote:s:1", "1000", START)


def ordered(*amounts: str, apart: timedelta = HOUR, **more: Any) -> CaseDocuments:
    orders = [document(f"order:s:{place}", amount, START + DAY + place * apart, **more)
              for place, amount in enumerate(amounts)]  # fmt: skip
    return case(QUOTE, *orders, links=[("quote:s:1", one.key) for one in orders])


def test_an_order_made_twice_is_a_duplicate_and_a_split_order_is_none() -> None:
    (twin,) = twins(ordered("1000", "1000"), CONFIG)
    assert (twin.first.key, twin.second.key) == ("order:s:0", "order:s:1")
    assert not list(twins(ordered("500", "500"), CONFIG))
    assert not list(twins(ordered("250", "250", "250", "250"), CONFIG))
    assert not list(twins(ordered("1000", "1000", apart=30 * DAY), CONFIG))


def test_two_parts_of_other_lines_that_cost_alike_are_no_duplicate() -> None:
    def parts(*products: str) -> CaseDocuments:
        order = document("order:s:1", "1000", START)
        bills = [document(f"invoice:s:{place}", "520", START + place * HOUR,
                          lines=({"id": "10", "product": product},))
                 for place, product in enumerate(products, 1)]  # fmt: skip
        return case(order, *bills, links=[("order:s:1", one.key) for one in bills])

    assert not list(twins(parts("PU-1", "PU-2"), CONFIG))
    assert len(list(twins(parts("PU-1", "PU-1"), CONFIG))) == 1


def test_an_order_that_is_cancelled_before_the_next_is_made_is_a_correction() -> None:
    first = document("order:s:0", "1000", START + DAY, taken_back_at=START + 1.5 * DAY)
    second = document("order:s:1", "1000", START + 2 * DAY)
    links = [("quote:s:1", "order:s:0"), ("quote:s:1", "order:s:1")]
    assert not list(twins(case(QUOTE, first, second, links=links), CONFIG))
    late = replace(first, taken_back_at=START + 3 * DAY)
    assert len(list(twins(case(QUOTE, late, second, links=links), CONFIG))) == 1


def test_instalments_are_no_duplicates_and_a_second_whole_payment_is_one() -> None:
    invoice = document("invoice:s:1", "1000", START)
    half = [document(f"payment:s:{n}", "500", START + n * DAY) for n in (1, 2)]
    links = [("invoice:s:1", f"payment:s:{n}") for n in (1, 2)]
    assert not list(twins(case(invoice, *half, links=links), CONFIG))
    whole = [document(f"payment:s:{n}", "1000", START + n * DAY) for n in (1, 2)]
    assert len(list(twins(case(invoice, *whole, links=links), CONFIG))) == 1


def broken(*cases: CaseDocuments, as_of: datetime = LATER) -> set[str]:
    """The hops that do not tie out."""
    found = [one for group in sharing(cases) for one in compared(group, set(), as_of)]
    return set(mismatches(found, CONFIG, {}, {"quote → order": 99, "order → invoice": 99}))


def billed(*amounts: str, going_on: bool = False, order: str = "1000", **more: Any
           ) -> CaseDocuments:  # fmt: skip
    first = document("order:s:0", order, START + DAY)
    invoices = [document(f"invoice:s:{place}", amount, START + (2 + place) * DAY, **more)
                for place, amount in enumerate(amounts)]  # fmt: skip
    links = [("quote:s:1", "order:s:0"), *(("order:s:0", one.key) for one in invoices)]
    return case(replace(QUOTE, amount=Decimal(order)), first, *invoices, links=links,
                going_on=going_on)  # fmt: skip


def test_amounts_tie_out_but_for_rounding() -> None:
    assert broken(ordered("930")) == {"quote → order"}
    assert not broken(ordered("1000.40"))
    assert not broken(ordered("400", "600"))
    assert broken(ordered("400", "700")) == {"quote → order"}
    under_way = replace(ordered("400"), going_on=True)
    assert not broken(under_way, as_of=START + 3 * DAY)
    assert broken(under_way) == {"quote → order"}


def test_partial_invoices_are_no_mismatch_while_more_can_come() -> None:
    assert not broken(billed("400", going_on=True))
    assert not broken(billed("400", "600"))
    assert broken(billed("400")) == {"order → invoice"}
    assert broken(billed("1100", going_on=True)) == {"order → invoice"}


def test_a_corrected_invoice_and_a_credit_note_explain_what_was_billed_too_much() -> None:
    wrong = billed("1100", "1000")
    taken_back = replace(wrong.documents["invoice:s:0"], taken_back_at=START + 4 * DAY)
    mended = dict(wrong.documents) | {"invoice:s:0": taken_back}
    assert not broken(replace(wrong, documents=mended))
    credit = document("credit_note:s:1", "100", START + 4 * DAY)
    much = billed("1100")
    assert not broken(replace(much, documents=dict(much.documents) | {"credit_note:s:1": credit}))


def test_a_tax_that_all_invoices_of_an_entity_carry_is_normal() -> None:
    taxed = [replace(billed("1190"), instance=f"T-{n}") for n in range(8)]
    assert not broken(*taxed)
    assert broken(*taxed, replace(billed("1100"), instance="wrong")) == {"order → invoice"}


def test_two_currencies_are_not_compared() -> None:
    assert not broken(ordered("930", currency="USD"))


def test_a_consolidated_invoice_is_compared_over_all_the_cases_it_stands_in() -> None:
    def part(name: str, order: str, share: str) -> CaseDocuments:
        first = document(f"order:s:{name}", order, START + DAY)
        invoice = document("invoice:s:all", share, START + 2 * DAY, share=0.5)
        return case(first, invoice, links=[(first.key, invoice.key)], name=name)

    assert not broken(part("A", "300", "500"), part("B", "700", "500"))
    assert broken(part("A", "300", "500"), part("B", "600", "500")) == {"order → invoice"}


def test_cases_that_share_an_invoice_have_orders_of_their_own() -> None:
    def part(name: str, order: str) -> CaseDocuments:
        quote = document(f"quote:s:{name}", "500", START)
        first = document(f"order:s:{name}", order, START + DAY)
        invoice = document("invoice:s:all", order, START + 2 * DAY, share=0.5)
        links = [(quote.key, first.key), (first.key, invoice.key)]
        return case(quote, first, invoice, links=links, name=name)

    cases = [part("A", "500"), part("B", "560")]
    found = [one for group in sharing(cases) for one in compared(group, set(), LATER)]
    (wrong,) = mismatches(found, CONFIG, {}, {"quote → order": 99})["quote → order"]
    assert wrong.instances == ("B",)
    # what is too much in one and too little in the other does not tie out either
    assert broken(part("A", "460"), part("B", "540")) == {"quote → order"}


def test_of_cases_that_share_a_document_those_whose_share_is_as_ordered_are_not_named() -> None:
    def part(name: str, share: str) -> CaseDocuments:
        first = document(f"order:s:{name}", "500", START + DAY)
        invoice = document(f"invoice:s:{name}", share, START + 2 * DAY)
        payment = document("payment:s:all", share, START + 3 * DAY, share=0.5)
        links = [(first.key, invoice.key), (invoice.key, payment.key)]
        return case(first, invoice, payment, links=links, name=name)

    cases = [part("A", "500"), part("B", "560"), part("C", "500")]
    found = [one for group in sharing(cases) for one in compared(group, set(), LATER)]
    (wrong,) = mismatches(found, CONFIG, {}, {"order → invoice": 99})["order → invoice"]
    assert (wrong.instances, wrong.agreed, wrong.stated) == (("B",), 500, 560)
    assert not broken(part("A", "500"), part("B", "500"))


def test_the_accepted_revision_counts() -> None:
    revised = document("quote:s:2", "930", START + HOUR)
    order = document("order:s:0", "930", START + DAY)
    links = [("quote:s:1", "quote:s:2"), ("quote:s:2", "order:s:0")]
    assert not broken(case(QUOTE, revised, order, links=links))


# --- the customer's master ---------------------------------------------------------------------


def telling(system: str, value: str, first: float, last: float, customer: str = "C-1") -> Telling:
    return Telling(customer, system, "tax_id", value, START + first * DAY, START + last * DAY)


def test_a_value_that_one_system_keeps_after_the_other_changed_it_is_drift() -> None:
    (drift,) = drifts(
        [telling("crm", "DE1", 0, 9), telling("crm", "DE2", 10, 12), telling("erp", "DE1", 0, 20)],
        CONFIG, LATER,
    )  # fmt: skip
    assert (drift.changed.system, drift.changed.first_at) == ("crm", START + 10 * DAY)
    assert drift.proven


@pytest.mark.parametrize(
    "others",
    [
        [telling("erp", "de 1", 0, 30)],
        [telling("erp", "DE1", 0, 9)],
        [telling("erp", "DE1", 0, 9), telling("erp", "D-E 2", 11, 12)],
    ],
    ids=["spelling", "never told again", "followed"],
)
def test_what_is_only_spelling_or_not_told_is_no_drift(others: list[Telling]) -> None:
    changes = others[0].value == "DE1"
    crm = [telling("crm", "DE1", 0, 9), telling("crm", "DE2", 10, 12)] if changes else [
        telling("crm", "DE1", 0, 30)]  # fmt: skip
    assert not drifts([*crm, *others], CONFIG, LATER)
    assert not drifts(crm, CONFIG, LATER)


def test_systems_have_time_to_converge() -> None:
    told = [telling("crm", "DE2", 10, 10), telling("erp", "DE1", 0, 10.5)]
    assert not drifts(told, CONFIG, START + 11 * DAY)


def test_a_field_in_which_most_customers_differ_is_each_systems_own() -> None:
    told = [telling("crm", f"A{n}", 10, 30, f"C-{n}") for n in range(9)]
    told += [telling("erp", f"B{n}", 0, 30, f"C-{n}") for n in range(9)]
    assert not drifts(told, CONFIG, LATER)


def test_a_system_that_follows_other_changes_drifts_where_it_does_not_follow_one() -> None:
    def moved(n: int, follows: bool) -> list[Telling]:
        told = [Telling(f"M-{n}", "crm", "address", "old", START, START + DAY),
                Telling(f"M-{n}", "crm", "address", "new", START + 2 * DAY, START + 3 * DAY),
                Telling(f"M-{n}", "erp", "address", "old", START, START + DAY)]  # fmt: skip
        at = START + 2.1 * DAY
        return [*told, Telling(f"M-{n}", "erp", "address", "new", at, at)] if follows else told

    kept = [telling("crm", "DE1", 0, 9), telling("crm", "DE2", 10, 12), telling("erp", "DE1", 0, 9)]
    following = [one for n in range(4) for one in moved(n, follows=True)]
    (drift,) = drifts([*kept, *following], CONFIG, LATER)
    assert (drift.field, drift.kept.system, drift.proven) == ("tax_id", "erp", False)
    # one that never follows anything holds what it was told once
    deaf = [one for n in range(4) for one in moved(n, follows=False)]
    assert "tax_id" not in {one.field for one in drifts([*kept, *deaf], CONFIG, LATER)}


def test_sums_and_systems_are_written_as_people_write_them() -> None:
    assert money.text(Decimal("76747.640000"), "EUR") == "76,747.64 EUR"
    assert money.text(Decimal("129280.000000"), "JPY") == "129,280 JPY"
    assert [*map(named, ("sap", "mulesoft", "our-billing"))] == ["SAP", "MuleSoft", "our-billing"]
