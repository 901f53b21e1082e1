"""The list of cases as a file: streamed, so that a million rows need no memory."""

import csv as csv_writer
import io
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import islice

from dashboards.listing import Listing
from process_model.events import utc_text
from process_model.store import Handle

COLUMNS = (
    "number", "instance_id", "customer", "region", "business_unit", "legal_entity",
    "product_family", "sales_channel", "customer_tier", "status", "stage", "stage_since",
    "stage_due", "past_due", "amount", "currency", "opened_at", "last_event_at", "closed_at",
    "has_failure",
)  # fmt: skip
"""The columns, named as the API names them."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv(wanted: Listing, reader: Handle) -> Iterator[str]:
    """Lines of RFC 4180 CSV; a text that a spreadsheet would run stands behind a quote mark."""
    yield _line(COLUMNS)
    for row in wanted.every(reader):
        yield _line([_cell(getattr(row, name)) for name in COLUMNS])


def numbers(wanted: Listing, reader: Handle, most: int) -> Iterator[str]:
    """The numbers of the cases, one a line, at most so many."""
    for row in islice(wanted.every(reader), most):
        yield f"{row.number}\n"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # a number cannot be a formula
    text = str(value)
    return "'" + text if text.startswith(_FORMULA) else text


def _line(cells: object) -> str:
    line = io.StringIO()
    csv_writer.writer(line).writerow(cells)  # type: ignore[arg-type]
    return line.getvalue()
