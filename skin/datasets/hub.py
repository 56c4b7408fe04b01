"""A folder for Hugging Face `datasets` (an imagefolder with its card), as a zip of pictures and a table per split."""

import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from tempfile import TemporaryFile
from typing import IO, Any

import pyarrow as pa
import yaml
from pyarrow.parquet import ParquetWriter

from skin.datasets.arrays import Rows
from skin.datasets.columns import PICTURE_COLUMNS, flatten_label, flatten_picture
from skin.datasets.parquet import LABEL, type_of
from skin.datasets.record import Record, Split
from skin.datasets.sink import Sink

ROWS = 500  # pictures in a row group
CHUNK_BYTES = 1024 * 1024
ABOUT_COLUMNS = tuple(name for name in PICTURE_COLUMNS if name != "picture")
SCHEMA = pa.schema(
    [("file_name", pa.string()), *((name, type_of(name)) for name in ABOUT_COLUMNS), ("labels", pa.list_(LABEL))]
)
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same records make the same zip
TEXT = """# {title}

Apparent skin on aligned faces, labelled after `labels.v1`. One row a picture;
`labels` holds everything said of it, and `kind` says by whom: `answer` (one person's, under a pseudonym), `final` (an
adjudicator's), `consensus` (computed from the answers), `gold` (known beforehand) or `prediction` (a machine's).
A cosmetic aid, not a diagnosis: the labels say what one photo shows.
"""


def write_hub(records: Iterable[Record], load: Callable[[str], bytes | None], *, title: str) -> Iterator[bytes]:
    """The zip, in pieces; `load` gives an item's picture, and a picture that is gone is left out with its labels.

    The records of a picture must follow one another. Tables wait in files, not in memory, until all pictures are in.
    """
    sink = Sink()
    with ExitStack() as stack:
        archive = stack.enter_context(zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED))
        tables: dict[str, _Table] = {}
        for item_id, group in groupby(records, key=lambda record: record.item_id):
            picture = load(item_id)
            if picture is None:
                continue
            row, split = _row(list(group))
            if split not in tables:
                tables[split] = _Table(stack.enter_context(TemporaryFile()))
            tables[split].add(row)
            archive.writestr(_entry(f"data/{split}/{row['file_name']}"), picture)
            yield sink.take()
        for split, table in sorted(tables.items()):
            with archive.open(_entry(f"data/{split}/metadata.parquet"), "w", force_zip64=True) as entry:
                for piece in table.finish():
                    entry.write(piece)
                    yield sink.take()
        archive.writestr(_entry("README.md"), build_card(title, sorted(tables)))
    yield sink.take()


def build_card(title: str, splits: Iterable[str]) -> str:
    """The dataset's card: where each split lies, and what its columns are."""
    files = [{"split": split, "path": f"data/{split}/**"} for split in splits]
    features = [{"name": "image", "dtype": "image"}, *_features(field for field in SCHEMA if field.name != "file_name")]
    head = {
        "pretty_name": title,
        "configs": [{"config_name": "default", "data_files": files}],
        "dataset_info": {"config_name": "default", "features": features},
    }
    return f"---\n{yaml.safe_dump(head, sort_keys=False)}---\n\n{TEXT.format(title=title)}"


class _Table:
    """A table that grows in a file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._writer = ParquetWriter(file, SCHEMA, compression="zstd")
        self._rows, self._count = Rows(SCHEMA), 0

    def add(self, row: dict[str, Any]) -> None:
        self._count += self._rows.extend([[row[name] for name in SCHEMA.names]])
        if self._count == ROWS:
            self._flush()

    def finish(self) -> Iterator[bytes]:
        self._flush()
        self._writer.close()
        self._file.seek(0)
        while piece := self._file.read(CHUNK_BYTES):
            yield piece

    def _flush(self) -> None:
        if self._count:
            self._writer.write_batch(self._rows.take())
            self._count = 0


def _row(records: list[Record]) -> tuple[dict[str, Any], str]:
    first = records[0]
    about = flatten_picture(first) | {"file_name": f"{first.item_id}.jpg"}
    return about | {"labels": [flatten_label(one) for one in records]}, (first.split or Split.TRAIN).value


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.external_attr = 0o644 << 16
    return entry


def _features(fields: Iterable[pa.Field]) -> list[dict[str, Any]]:
    return [{"name": field.name} | _feature(field.type) for field in fields]


def _feature(kind: pa.DataType) -> dict[str, Any]:
    """An Arrow type in the words of a dataset card."""
    if pa.types.is_list(kind):
        inner = _feature(kind.value_type)
        return {"list": inner.get("dtype") or inner.get("struct") or inner}
    if pa.types.is_struct(kind):
        return {"struct": _features(kind)}
    return {"dtype": {"double": "float64"}.get(str(kind), str(kind))}
