"""Arrow's arrays, grown some rows at a time.

`pa.array` wants all values of a column at once. Thousands of rows of lists and dictionaries would wait for it, and the
garbage collector would look at each of them again and again. Here a few rows at a time are taken apart, column by
column, and only words and numbers wait.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any, Protocol

import pyarrow as pa

TOGETHER = 16  # rows taken apart at once: more of them would not stay in the processor's cache


class Column(Protocol):
    """Values of one type; None is a value of each."""

    def extend(self, values: Iterable[Any]) -> None: ...

    def take(self) -> pa.Array:
        """What was added since the last time."""
        ...


class Rows:
    """A table that grows row by row; the values of a row are in the order of the schema."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._columns = [build_column(field.type) for field in schema]

    def extend(self, rows: Iterable[Iterable[Any]]) -> int:
        """How many rows there were."""
        waiting, count = iter(rows), 0
        while some := list(islice(waiting, TOGETHER)):
            for column, values in zip(self._columns, zip(*some, strict=True), strict=True):
                column.extend(values)
            count += len(some)
        return count

    def take(self) -> pa.RecordBatch:
        return pa.RecordBatch.from_arrays([column.take() for column in self._columns], schema=self._schema)


def build_column(kind: pa.DataType) -> Column:
    if pa.types.is_list(kind):
        return _Lists(kind)
    return _Structs(kind) if pa.types.is_struct(kind) else _Plain(kind)


class _Plain:
    def __init__(self, kind: pa.DataType) -> None:
        self._kind = kind
        self._values: list[Any] = []
        self.extend = self._values.extend

    def take(self) -> pa.Array:
        taken = pa.array(self._values, self._kind)
        self._values.clear()
        return taken


class _Lists:
    def __init__(self, kind: pa.DataType) -> None:
        self._kind = kind
        self._column = build_column(kind.value_type)
        self._starts: list[int | None] = []
        self._total = 0

    def extend(self, values: Iterable[Sequence[Any] | None]) -> None:
        there = list[Sequence[Any]]()
        for value in values:
            if value is None:
                self._starts.append(None)
                continue
            self._starts.append(self._total)
            if value:
                self._total += len(value)
                there.append(value)
        self._column.extend(chain.from_iterable(there))

    def take(self) -> pa.Array:
        offsets = pa.array([*self._starts, self._total], pa.int32())
        self._starts.clear()
        self._total = 0
        return pa.ListArray.from_arrays(offsets, self._column.take(), self._kind)


class _Structs:
    """The columns within hold only what is there; `take` puts the gaps between."""

    def __init__(self, kind: pa.DataType) -> None:
        self._kind = kind
        self._columns = {field.name: build_column(field.type) for field in kind}
        self._places: list[int | None] = []
        self._total = 0

    def extend(self, values: Iterable[dict[str, Any] | None]) -> None:
        there = list[dict[str, Any]]()
        for value in values:
            if value is None:
                self._places.append(None)
                continue
            self._places.append(self._total)
            self._total += 1
            there.append(value)
        if there:
            for name, column in self._columns.items():
                column.extend([value.get(name) for value in there])

    def take(self) -> pa.Array:
        if not self._total:
            nothing = pa.nulls(len(self._places), self._kind)
            self._places.clear()
            return nothing
        places = pa.array(self._places, pa.int32())
        arrays = [column.take() for column in self._columns.values()]
        there = pa.StructArray.from_arrays(arrays, fields=list(self._kind))
        self._places.clear()
        self._total = 0
        return there.take(places) if places.null_count else there
