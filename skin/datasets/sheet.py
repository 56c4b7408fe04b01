"""CSV: one label a line, for people with spreadsheets."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from skin.datasets.columns import COLUMNS, ZONE_COLUMNS, flatten
from skin.datasets.record import Record, batches

LISTS = (*ZONE_COLUMNS, "quality_flags")
FREE_TEXTS = ("note", "source", "licence", "made_by")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "'")


def write_csv(records: Iterable[Record]) -> Iterator[bytes]:
    """The header and then the rows, in pieces; RFC 4180 with UTF-8."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for batch in batches(records):
        writer.writerows(_row(record) for record in batch)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def _row(record: Record) -> list[Any]:
    row = flatten(record)
    for name in LISTS:
        row[name] = " ".join(row[name])
    for name in FREE_TEXTS:
        row[name] = guard(row[name])
    row["regions"] = orjson.dumps(row["regions"]).decode() if row["regions"] else ""
    return [row[name] for name in COLUMNS]


def guard(text: str | None) -> str | None:
    """A text that a spreadsheet does not take for a formula (OWASP, CSV injection): an apostrophe goes before it."""
    return f"'{text}" if text and text.startswith(FORMULA_STARTS) else text
