"""How does a frame become a file that other programs open?

Conventions
-----------
The ending chooses the format. ``.parquet`` keeps every type exactly. ``.json`` is an array of objects, ``.jsonl`` and
``.ndjson`` an object a line: null for null, NaN and infinity (JSON has none), vectors as arrays, moments as text (ISO
8601), decimals as text, whole numbers in full: programs that keep numbers as doubles, JavaScript for one, round those
beyond 2**53 (RFC 8259, section 6). ``.csv`` is one flat table: lists are joined by "; ", nothing standing for a null
among their values, a vector of fixed size becomes the columns ``name_0``, ``name_1``, .., null is an empty cell. It is
UTF-8 with a byte order mark, since Excel takes a file without one for the
system's old code page (support.microsoft.com, "Opening CSV UTF-8 files correctly in Excel"); Polars and pandas skip it,
Python wants ``utf-8-sig``. Bytes are hexadecimal in CSV and JSON; a ``path_bytes`` that says what ``path`` says is left
out.

Text in CSV that a spreadsheet would run as a formula is made harmless by an apostrophe before it (owasp.org, "CSV
Injection"): text that begins with ``=``, ``+``, ``-``, ``@``, a tab, a line break or a null character, after spaces
and quotation marks too, and such a sign after a separator (and quotation marks), which another program may take for
the end of a cell. Numbers are left alone. A spreadsheet that saves the file again may drop the apostrophes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench import whole_files
from workbench.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl
    from polars.datatypes import DataTypeClass

    AnyType = pl.DataType | DataTypeClass

__all__ = ["ENDINGS", "write_table"]

JOINED: Final = "; "
BEGINS: Final = r"""^([\s\x00"]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r\n\x00])"""
FOLLOWS: Final = r"""([,;|\t\r\n][\s\x00"']*)([=+\-@\uFF1D\uFF0B\uFF0D\uFF20])"""
"""Where a formula may begin; the others are the full-width signs, which Excel takes for formulas in some locales."""


def write_table(frame: pl.DataFrame, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a frame as one file, whole or not at all, and give its path.

    Parameters
    ----------
    frame : DataFrame
        Any columns and types.
    path : str or Path
        Its ending chooses the format: .csv, .parquet, .json, .jsonl or .ndjson; its folder must exist.
    overwrite : bool
        Replace a file that is there.

    Raises
    ------
    ExportError
        The ending is none of the known, the folder is missing, the file is there, a column cannot be held by the
        format, or the disk refuses.

    Examples
    --------
    >>> write_table(tracks, "tracks.csv")  # doctest: +SKIP
    """
    from polars.exceptions import PolarsError

    place = Path(path).expanduser()
    write = _writer(place)
    _check_columns(frame, place)
    try:
        with whole_files.draft(place, overwrite=overwrite) as part:
            write(frame, part)
    except FileExistsError as error:
        raise ExportError(f"{place}: a file of this name is there; choose another or pass overwrite=True") from error
    except OSError as error:
        raise ExportError(
            f"{place}: cannot be written: {error.strerror or error}; make room, or choose another place"
        ) from error
    except PolarsError as error:
        raise ExportError(f"{place}: cannot be written: {error}; make room, or leave columns out") from error
    return place


def _writer(path: Path) -> Callable[[pl.DataFrame, Path], None]:
    write = WRITERS.get(path.suffix.lower())
    if write is None:
        raise ExportError(f"{path}: {path.suffix or 'no ending'} is no table; name it {', '.join(ENDINGS)}")
    if not path.parent.is_dir():
        raise ExportError(f"{path}: the folder {path.parent} is missing; make it first")
    return write


def _check_columns(frame: pl.DataFrame, path: Path) -> None:
    """Refuse what Polars writes to no file, or panics over: Python objects, and bytes inside lists in JSON."""
    import polars as pl

    for name, dtype in frame.schema.items():
        nested = dtype != pl.Binary and "Binary" in str(dtype) and path.suffix.lower() != ".parquet"
        if nested or "Object" in str(dtype):
            raise ExportError(f"{path}: column {name!r} holds {dtype}; leave it out: .drop({name!r})")


def _write_csv(frame: pl.DataFrame, path: Path) -> None:
    import polars as pl

    shown = _without_echo(frame)
    flat = shown.select(cell for name, dtype in shown.schema.items() for cell in _cells(name, dtype))
    headers = pl.DataFrame({"header": flat.columns}, {"header": pl.String}).select(_harmless(pl.col("header")))
    flat = flat.with_columns(_harmless(pl.col(pl.String)))
    flat.rename(dict(zip(flat.columns, headers["header"], strict=True))).write_csv(path, include_bom=True)


def _write_json(frame: pl.DataFrame, path: Path) -> None:
    _with_hex(frame).write_json(path)


def _write_lines(frame: pl.DataFrame, path: Path) -> None:
    _with_hex(frame).write_ndjson(path)


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path)


WRITERS: Final = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".json": _write_json,
    ".jsonl": _write_lines,
    ".ndjson": _write_lines,
}
ENDINGS: Final = tuple(WRITERS)
"""The endings that `write_table` knows."""


def _without_echo(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame without those columns of bytes whose text is in the column of the same name without ``_bytes``."""
    import polars as pl

    echoes = []
    for name, dtype in frame.schema.items():
        shown = name.removesuffix("_bytes")
        if dtype == pl.Binary and frame.schema.get(shown) == pl.String and shown != name:
            same = frame[shown].cast(pl.Binary).eq_missing(frame[name])
            echoes += [name] if same.all() else []
    return frame.drop(echoes)


def _with_hex(frame: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return _without_echo(frame).with_columns(pl.col(pl.Binary).bin.encode("hex"))


def _cells(name: str, dtype: pl.DataType) -> Iterator[pl.Expr]:
    """The flat columns that a column becomes."""
    import polars as pl

    column = pl.col(name)
    if isinstance(dtype, pl.Array):
        for place in range(dtype.size):
            yield _cell(column.arr.get(place), dtype.inner).alias(f"{name}_{place}")
    elif isinstance(dtype, pl.Struct):
        for field in dtype.fields:
            yield _cell(column.struct.field(field.name), field.dtype).alias(f"{name}_{field.name}")
    else:
        yield _cell(column, dtype)


def _cell(value: pl.Expr, dtype: AnyType) -> pl.Expr:
    """Numbers and truth as they are, the rest as text."""
    import polars as pl

    return value if dtype.is_numeric() or dtype == pl.Boolean else _text(value, dtype)


def _text(value: pl.Expr, dtype: AnyType) -> pl.Expr:
    import polars as pl

    if isinstance(dtype, pl.Array):
        value, dtype = value.arr.to_list(), pl.List(dtype.inner)
    if isinstance(dtype, pl.List):
        return value.list.eval(_text(pl.element(), dtype.inner).fill_null("")).list.join(JOINED)
    if isinstance(dtype, pl.Struct):
        told = [_text(value.struct.field(field.name), field.dtype) for field in dtype.fields]
        return pl.when(value.is_not_null()).then(pl.concat_str(told, separator=": ", ignore_nulls=True))
    if dtype == pl.Binary:
        return value.bin.encode("hex")
    return value.dt.to_string("iso:strict") if dtype.is_temporal() else value.cast(pl.String)


def _harmless(text: pl.Expr) -> pl.Expr:
    """Text with an apostrophe wherever a formula might begin."""
    return text.str.replace_all(FOLLOWS, "${1}'${2}").str.replace(BEGINS, "'${1}")
