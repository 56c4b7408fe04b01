"""Parquet, written row group by row group into a stream."""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from skin.datasets.columns import COLUMNS, GRADE_COLUMNS, LABEL_COLUMNS, ZONE_COLUMNS, flatten
from skin.datasets.record import Record, batches
from skin.datasets.sink import Sink

ROWS = 1000  # in a row group: what is held in memory at once

REGION = pa.struct(
    [
        ("kind", pa.string()),
        ("concern", pa.string()),
        ("origin", pa.string()),
        ("xyxy_norm", pa.list_(pa.float64())),
        ("xy_norm", pa.list_(pa.float64())),
        ("mask", pa.struct([("size_hw", pa.list_(pa.int32())), ("counts", pa.list_(pa.int32()))])),
    ]
)
_TYPES: dict[str, pa.DataType] = {
    **dict.fromkeys((*GRADE_COLUMNS, "monk", "monk_second", "sure"), pa.int8()),
    **dict.fromkeys(("width", "height"), pa.int32()),
    **dict.fromkeys(("evaluation_only", "suggestion_shown"), pa.bool_()),
    **dict.fromkeys((*ZONE_COLUMNS, "quality_flags"), pa.list_(pa.string())),
    "seconds_spent": pa.float64(),
    "regions": pa.list_(REGION),
}


def type_of(column: str) -> pa.DataType:
    return _TYPES.get(column, pa.string())


SCHEMA = pa.schema([(name, type_of(name)) for name in COLUMNS])
LABEL = pa.struct([(name, type_of(name)) for name in LABEL_COLUMNS])


def write_parquet(records: Iterable[Record]) -> Iterator[bytes]:
    """One table, one label a row, compressed with Zstandard, in pieces."""
    return write_tables(SCHEMA, (list(map(flatten, batch)) for batch in batches(records, ROWS)))


def write_tables(schema: pa.Schema, tables: Iterable[list[dict[str, Any]]]) -> Iterator[bytes]:
    """Rows by their columns' names, a row group for each list of them."""
    sink = Sink()
    with ParquetWriter(sink, schema, compression="zstd") as writer:
        for rows in tables:
            writer.write_table(build_table(schema, rows))
            yield sink.take()
    yield sink.take()


def build_table(schema: pa.Schema, rows: list[dict[str, Any]]) -> pa.Table:
    arrays = [pa.array([row[name] for row in rows], schema.field(name).type) for name in schema.names]
    return pa.Table.from_arrays(arrays, schema=schema)
