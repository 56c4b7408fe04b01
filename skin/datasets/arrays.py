"""Arrow's arrays, grown value by value.

`pa.array` wants all values of a column at once. Thousands of rows of lists and dictionaries would wait for it, and the
garbage collector would look at each of them again and again: a third of the time of an export. Here a value is taken
apart when it comes, and only words and numbers wait.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import pyarrow as pa


class Column(Protocol):
    """Values of one type; None is a value of each."""

    def add(self, value: Any) -> None: ...

    def take(self) -> pa.Array:
        """What was added since the last time."""
        ...


class Rows:
    """A table that grows row by row; the values of a row are in the order of the schema."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._columns = [build_column(field.type) for field in schema]
        self._add = [column.add for column in self._columns]

    def extend(self, rows: Iterable[Iterable[Any]]) -> int:
        """How many rows there were."""
        count = 0
        for row in rows:
            for add, value in zip(self._add, row, strict=True):
                add(value)
            count += 1
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
        self.add = self._values.append
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

    def add(self, value: Sequence[Any] | None) -> None:
        if value is None:
            self._starts.append(None)
            return
        self._starts.append(self._total)
        self._total += len(value)
        if isinstance(self._column, _Plain):
            self._column.extend(value)
        else:
            for one in value:
                self._column.add(one)

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
        self._add = [(name, column.add) for name, column in self._columns.items()]
        self._places: list[int | None] = []
        self._total = 0

    def add(self, value: dict[str, Any] | None) -> None:
        if value is None:
            self._places.append(None)
            return
        self._places.append(self._total)
        self._total += 1
        for name, add in self._add:
            add(value.get(name))

    def take(self) -> pa.Array:
        places = pa.array(self._places, pa.int32())
        arrays = [column.take() for column in self._columns.values()]
        there = pa.StructArray.from_arrays(arrays, fields=list(self._kind))
        self._places.clear()
        self._total = 0
        return there.take(places) if places.null_count else there
