"""Lists of values into typed pandas columns. pandas is loaded here, on first use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pivotkit.errors import RecordError
from pivotkit.tables.columns import CATEGORY, FLAG, MAYBE_FLAG, MAYBE_INT, MOMENT, NUMBER, TEXT, Column

if TYPE_CHECKING:
    import pandas as pd

_INT64 = range(-(2**63), 2**63)


def frame(name: str, columns: Iterable[Column], values: Mapping[str, list[Any]]) -> pd.DataFrame:
    """The table with these columns, in their declared types, from one list of values for each.

    Raises RecordError where a value is no id of its column's categories.
    """
    import pandas as pd

    return pd.DataFrame({column.name: _array(name, column, values[column.name]) for column in columns}, copy=False)


def _array(table: str, column: Column, values: list[Any]) -> Any:
    import numpy as np
    import pandas as pd

    if column.dtype == CATEGORY:
        return _categorical(table, column, values)
    if column.dtype == TEXT:
        return _texts(values)
    if column.dtype == MOMENT:
        return pd.to_datetime(pd.Series(values, dtype="object"), utc=True).dt.as_unit("us")
    if column.dtype == NUMBER:
        return np.array(values, dtype="float64")  # None becomes NaN
    if column.dtype in (MAYBE_INT, MAYBE_FLAG):
        return _nullable(column.dtype, values)
    return np.array(values, dtype=column.dtype)


def _texts(values: list[Any]) -> Any:
    import pandas as pd

    try:
        return pd.array(values, dtype="str")
    except UnicodeEncodeError:  # half of a surrogate pair, out of a server's JSON: Arrow can't hold it
        whole = [None if value is None else value.encode(errors="replace").decode() for value in values]
        return pd.array(whole, dtype="str")


def _nullable(dtype: str, values: list[Any]) -> Any:
    import numpy as np
    import pandas as pd

    missing = np.array([value is None for value in values], dtype="bool")
    if dtype == MAYBE_FLAG:
        filled = np.array([bool(value) for value in values], dtype="bool")
        return pd.arrays.BooleanArray(filled, missing)
    return pd.arrays.IntegerArray(np.array([value or 0 for value in values], dtype="int64"), missing)


def _categorical(table: str, column: Column, values: list[Any]) -> Any:
    import numpy as np
    import pandas as pd

    codes: dict[Any, int] = {name: code for code, name in enumerate(column.ids)}
    codes[None] = -1
    try:
        numbers = np.fromiter(map(codes.__getitem__, values), dtype="int8", count=len(values))
    except KeyError as error:
        known = ", ".join(column.ids)
        raise RecordError(f"{table}.{column.name}", f"{error.args[0]!r} is none of: {known}") from None
    return pd.Categorical.from_codes(numbers, categories=pd.Index(column.ids, dtype="str"))


def tag_column(name: str, values: list[Any]) -> Column:
    """The column of a tag: typed by its values, where all that are there have one type; else text."""
    there = [value for value in values if value is not None]
    types = {type(value) for value in there}
    dtype = TEXT
    if types == {bool}:
        dtype = FLAG if len(there) == len(values) else MAYBE_FLAG
    elif types and types <= {int, float} and all(type(value) is float or value in _INT64 for value in there):
        dtype = NUMBER if float in types else MAYBE_INT
    return Column(name, dtype, "a tag", None)


def as_text(values: list[Any]) -> list[str | None]:
    """Values of mixed types, as text."""
    return [None if value is None else value if isinstance(value, str) else str(value) for value in values]
