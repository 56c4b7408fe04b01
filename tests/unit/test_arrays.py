"""Arrays that grow value by value are those that Arrow makes of all values at once."""

from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from skin.datasets.arrays import Rows
from skin.datasets.parquet import SCHEMA
from tests.unit.labels import texts


def values_of(kind: pa.DataType) -> st.SearchStrategy[Any]:
    if pa.types.is_list(kind):
        return st.none() | st.lists(values_of(kind.value_type), max_size=3)
    if pa.types.is_struct(kind):
        return st.none() | st.fixed_dictionaries({}, optional={one.name: values_of(one.type) for one in kind})
    plain = {pa.string(): texts, pa.bool_(): st.booleans(), pa.float64(): st.floats(allow_nan=False)}
    return st.none() | plain.get(kind, st.integers(-128, 127))


NESTED = pa.struct([("one", pa.list_(pa.struct([("two", pa.list_(pa.int8())), ("three", pa.string())])))])
TABLE = pa.schema(
    [("plain", pa.int8()), ("words", pa.list_(pa.string())), ("nested", NESTED), ("many", pa.list_(NESTED))]
)
rows = st.lists(st.tuples(*(values_of(field.type) for field in TABLE)), max_size=5)


@given(rows, rows)
def test_what_was_added_is_what_is_taken_time_after_time(first: list[Any], second: list[Any]) -> None:
    table = Rows(TABLE)
    for added in (first, second):
        assert table.extend(added) == len(added)
        taken = table.take()
        taken.validate(full=True)
        wanted = [pa.array([row[place] for row in added], field.type) for place, field in enumerate(TABLE)]
        assert taken.columns == wanted


def test_a_table_that_got_nothing_is_empty() -> None:
    assert Rows(SCHEMA).take() == pa.RecordBatch.from_pylist([], SCHEMA)
