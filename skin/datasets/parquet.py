"""Parquet, written row group by row group into a stream."""

from collections.abc import Iterable, Iterator
from itertools import islice

import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from skin.annotation.ratings import FIELDS
from skin.datasets.arrays import Rows
from skin.datasets.columns import COLUMNS, GRADE_COLUMNS, LABEL_COLUMNS, ZONE_COLUMNS, flatten
from skin.datasets.record import Record
from skin.datasets.sink import Sink

ROWS = 4000  # in a row group: what is held in memory at once

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
SUPPORT = pa.struct([("answers", pa.int32()), ("confidence", pa.float64())])
DECIDED = (*FIELDS, "zones", "regions", "quality_flags")  # the parts of a final label
_TYPES: dict[str, pa.DataType] = {
    **dict.fromkeys((*GRADE_COLUMNS, "monk", "monk_second", "sure"), pa.int8()),
    **dict.fromkeys(("width", "height"), pa.int32()),
    **dict.fromkeys(("evaluation_only", "suggestion_shown"), pa.bool_()),
    **dict.fromkeys((*ZONE_COLUMNS, "quality_flags"), pa.list_(pa.string())),
    "seconds_spent": pa.float64(),
    "support": pa.struct([(field, SUPPORT) for field in FIELDS]),
    "sources": pa.struct([(part, pa.list_(pa.string())) for part in DECIDED]),
    "regions": pa.list_(REGION),
}


def type_of(column: str) -> pa.DataType:
    return _TYPES.get(column, pa.string())


SCHEMA = pa.schema([(name, type_of(name)) for name in COLUMNS])
LABEL = pa.struct([(name, type_of(name)) for name in LABEL_COLUMNS])


def write_parquet(records: Iterable[Record]) -> Iterator[bytes]:
    """One table, one label a row, compressed with Zstandard, in pieces."""
    sink, table = Sink(), Rows(SCHEMA)
    waiting = map(flatten, records)
    with ParquetWriter(sink, SCHEMA, compression="zstd") as writer:
        while table.extend(islice(waiting, ROWS)):
            writer.write_batch(table.take())
            yield sink.take()
    yield sink.take()
