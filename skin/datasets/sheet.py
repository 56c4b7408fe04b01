"""CSV: one label a line, for people with spreadsheets."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from skin.datasets.columns import COLUMNS, ZONE_COLUMNS, flatten
from skin.datasets.record import Record, batches

LISTS = (*ZONE_COLUMNS, "quality_flags")
FREE_TEXTS = ("note", "source", "licence", "made_by")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "'")
_NEEDS_QUOTES = re.compile('[",\r\n]')
_LISTS = tuple(map(COLUMNS.index, LISTS))
_FREE_TEXTS = tuple(map(COLUMNS.index, FREE_TEXTS))
_NESTED = tuple(map(COLUMNS.index, ("support", "sources", "regions")))


def write_csv(records: Iterable[Record]) -> Iterator[bytes]:
    """The header and then the rows, in pieces; RFC 4180 with UTF-8."""
    yield write_row(COLUMNS).encode()
    for lines in batches(map(_line, records)):
        yield "".join(lines).encode()


def _line(record: Record) -> str:
    row = list(flatten(record))
    for place in _LISTS:
        row[place] = " ".join(row[place])
    for place in _FREE_TEXTS:
        row[place] = guard(row[place])
    for place in _NESTED:
        row[place] = orjson.dumps(row[place]).decode() if row[place] else ""
    return write_row(row)


def write_row(row: Sequence[Any]) -> str:
    """The line that `csv` makes of it.

    `csv` looks at every letter. When no field but the last needs quotes, which is nearly always so, four searches do.
    """
    *plain, last = ["" if field is None else str(field) for field in row]
    line = ",".join(plain)
    if line.count(",") == len(plain) - 1 and not ('"' in line or "\n" in line or "\r" in line):
        quoted = last.replace('"', '""')
        return f'{line},"{quoted}"\r\n' if _NEEDS_QUOTES.search(last) else f"{line},{last}\r\n"
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow(row)
    return buffer.getvalue()


def guard(text: str | None) -> str | None:
    """A text that a spreadsheet does not take for a formula (OWASP, CSV injection): an apostrophe goes before it."""
    return f"'{text}" if text and text.startswith(FORMULA_STARTS) else text
