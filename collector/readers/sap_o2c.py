"""A folder or an archive of SAP order-to-cash tables, a folder of JSON lines a table."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import msgspec

from collector.opening import Opened
from collector.reading import Canonical, Item, Misread, Options, Reader, Shape, Unreadable
from collector.sap_documents import NEEDED, facts_of

SOURCE = "urn:system:sap:import"


def recognises(opened: Opened) -> bool:
    """A folder or an archive that holds the headers of sales orders or billing documents."""
    if not opened.is_folder:
        return False
    wanted = {"sales_order_headers", "billing_document_headers"}
    return any(wanted & set(PurePosixPath(name).parts) for name in opened.member_names())


def read(opened: Opened, options: Options) -> Iterator[Item]:
    """The facts of all documents as canonical events."""
    tables: dict[str, list[Any]] = {name: [] for name in NEEDED}
    others: defaultdict[str, int] = defaultdict(int)
    odd: list[Misread] = []
    for member in opened.members():
        path = PurePosixPath(member.name)
        table = next((part for part in path.parts if part in tables), path.stem)
        if path.suffix not in (".jsonl", ".ndjson", ".json"):
            continue
        with member.open() as stream:
            for number, line in enumerate(stream, 1):
                if table not in tables:
                    others[path.parent.name] += 1
                elif line.strip():
                    _add(tables[table], odd, line, f"{member.name}, line {number}")
    if not tables["sales_order_headers"] and not tables["billing_document_headers"]:
        raise Unreadable("there is no order and no billing document", "export those tables too")
    told = {name: str(len(rows)) for name, rows in tables.items()}
    notes = [f"{len(others)} tables tell no fact of a document and were left"] if others else []
    yield Shape(format="sap order-to-cash tables", columns=told, notes=notes)
    for fact in facts_of(tables):
        yield Canonical(envelope=fact.envelope(SOURCE), where=f"/{fact.id}")
    yield from odd


def _add(rows: list[Any], odd: list[Misread], line: bytes, where: str) -> None:
    try:
        row = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError) as wrong:
        row, why = None, f"is no JSON ({wrong})"
    else:
        why = "is no JSON object"
    if isinstance(row, dict):
        rows.append(row)
        return
    odd.append(
        Misread(
            reason="not_json",
            detail=f"{where} {why}",
            where=f"/{where}",
            payload=line.decode(errors="replace").strip(),
        )
    )


READER = Reader("SAP order-to-cash tables", recognises, read, order=5)
