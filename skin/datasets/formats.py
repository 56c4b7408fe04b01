"""The formats by name."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from skin.datasets.coco import write_coco
from skin.datasets.hub import write_hub
from skin.datasets.parquet import write_parquet
from skin.datasets.record import Record, write_lines
from skin.datasets.sheet import write_csv
from skin.datasets.studio import write_label_studio


class Format(StrEnum):
    JSON_LINES = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    COCO = "coco"
    LABEL_STUDIO = "label_studio"
    HUGGING_FACE = "hf"


SUFFIXES = {Format.COCO: "coco.json", Format.LABEL_STUDIO: "label_studio.json", Format.HUGGING_FACE: "zip"}
MEDIA_TYPES = {
    Format.JSON_LINES: "application/jsonl",
    Format.CSV: "text/csv; charset=utf-8",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.COCO: "application/json",
    Format.LABEL_STUDIO: "application/json",
    Format.HUGGING_FACE: "application/zip",
}
_WRITERS: dict[Format, Callable[[Iterable[Record]], Iterator[bytes]]] = {
    Format.JSON_LINES: write_lines,
    Format.CSV: write_csv,
    Format.PARQUET: write_parquet,
    Format.COCO: write_coco,
    Format.LABEL_STUDIO: write_label_studio,
}


@dataclass(frozen=True, slots=True)
class Export:
    """A file on its way out; `pieces` are made while they are sent."""

    name: str
    media_type: str
    pieces: Iterator[bytes]


def export(kind: Format, records: Iterable[Record], load: Callable[[str], bytes | None], *, title: str) -> Export:
    """`load` gives an item's picture, for the format that holds pictures."""
    pieces = write_hub(records, load, title=title) if kind is Format.HUGGING_FACE else _WRITERS[kind](records)
    name = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in title.lower())
    return Export(f"{name}.{SUFFIXES.get(kind, kind.value)}", MEDIA_TYPES[kind], pieces)
