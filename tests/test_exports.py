"""Tables for other programs: what is written is read back, and no cell is a formula."""

import csv
import datetime as dt
import io
import json
import math
import re
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from workbench.errors import ExportError
from workbench.exports import write_table
from workbench.models import FEATURES, TRACKS

MOMENT = dt.datetime(2024, 2, 29, 12, 30, tzinfo=dt.UTC)
VECTOR = pl.Array(pl.Float32, 2)
SIGN = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"  # the last four are full-width

SCHEMA = {
    "track_id": pl.Int64(),
    "title": pl.String(),
    "bpm": pl.Float64(),
    "genres": pl.List(pl.String),
    "mfcc": VECTOR,
    "beats": pl.List(pl.Float32),
    "reasons": pl.List(pl.Struct({"column": pl.String, "code": pl.String})),
    "added_at": pl.Datetime("us", "UTC"),
    "compilation": pl.Boolean(),
    "path": pl.String(),
    "path_bytes": pl.Binary(),
}
ROWS = [
    {
        "track_id": 1,
        "title": 'Say "Hé",\nloud',
        "bpm": 120.5,
        "genres": ["Dub", "Techno"],
        "mfcc": [0.5, -2.0],
        "beats": [0.5, 1.0],
        "reasons": [{"column": "key", "code": "silent"}, {"column": "bpm", "code": "too_short"}],
        "added_at": MOMENT,
        "compilation": True,
        "path": "/m/a.mp3",
        "path_bytes": b"/m/a.mp3",
    },
    {"track_id": 2},
]
FRAME = pl.DataFrame(ROWS, SCHEMA)


def csv_rows(path):
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def test_a_csv_as_written(tmp_path):
    path = write_table(FRAME, tmp_path / "a.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbftrack_id,")
    header, first, second = csv_rows(path)
    assert dict(zip(header, first, strict=True)) == {
        "track_id": "1",
        "title": 'Say "Hé",\nloud',
        "bpm": "120.5",
        "genres": "Dub; Techno",
        "mfcc_0": "0.5",
        "mfcc_1": "-2.0",
        "beats": "0.5; 1.0",
        "reasons": "key: silent; bpm: too_short",
        "added_at": "2024-02-29T12:30:00.000000+00:00",
        "compilation": "true",
        "path": "/m/a.mp3",
    }
    assert second == ["2", *[""] * 10]


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".ndjson"])
def test_a_json_as_written(tmp_path, ending):
    odd = FRAME.with_columns(bpm=pl.Series([math.nan, -math.inf]))
    text = write_table(odd, tmp_path / f"a{ending}").read_text(encoding="utf-8")
    told = json.loads(text) if ending == ".json" else [json.loads(line) for line in text.splitlines()]
    assert told == [
        {
            **{name: value for name, value in ROWS[0].items() if name != "path_bytes"},
            "bpm": None,
            "added_at": "2024-02-29T12:30:00+00:00",
        },
        {**dict.fromkeys(SCHEMA.keys() - {"path_bytes"}), "track_id": 2},
    ]


def test_a_parquet_keeps_every_type(tmp_path):
    odd = FRAME.with_columns(title=pl.Series(["=1+1", None]))
    assert_frame_equal(pl.read_parquet(write_table(odd, tmp_path / "a.parquet")), odd)


@pytest.mark.parametrize("ending", [".csv", ".json"])
def test_bytes_that_say_more_than_the_path_stay(tmp_path, ending):
    odd = FRAME.with_columns(path_bytes=pl.Series([b"/m/\xff.mp3", None]), digest=pl.Series([b"\x00\x01", None]))
    path = write_table(odd, tmp_path / f"a{ending}")
    row = dict(zip(*csv_rows(path)[:2], strict=True)) if ending == ".csv" else json.loads(path.read_text())[0]
    assert (row["path_bytes"], row["digest"]) == ("2f6d2fff2e6d7033", "0001")


def test_what_is_unknown_in_a_list_keeps_its_place(tmp_path):
    frame = pl.DataFrame(
        {"id": [1, 2, 3], "beats": [[0.5, None, 1.5], [None], []], "names": [["a", None], None, [None]]}
    )
    rows = csv_rows(write_table(frame, tmp_path / "a.csv"))[1:]
    assert rows == [["1", "0.5; ; 1.5", "a; "], ["2", "", ""], ["3", "", ""]]


def test_structs_become_columns(tmp_path):
    frame = pl.DataFrame({"near": [{"id": 1, "why": "=tempo"}, None]})
    assert csv_rows(write_table(frame, tmp_path / "a.csv")) == [["near_id", "near_why"], ["1", "'=tempo"], ["", ""]]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-", "'-"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r\n=1", "'\r\n'=1"),
        ("\t1", "'\t1"),
        ("\x001", "'\x001"),
        (" \x00=1, \x00=1", "' \x00=1, \x00'=1"),
        ("  =1", "'  =1"),
        ("\uff1d1", "'\uff1d1"),
        ('=1+2";=1+2', "'=1+2\";'=1+2"),
        ("a, -b", "a, '-b"),
        ("Rock 'n' Roll - Live (1+1=2), a@b", "Rock 'n' Roll - Live (1+1=2), a@b"),
        ("'tis", "'tis"),
        ("12\" - Rockin' - Live", "12\" - Rockin' - Live"),
        ("", ""),
    ],
)
def test_a_formula_is_made_harmless(tmp_path, text, shown):
    frame = pl.DataFrame({"title": [text], "bpm": [-1.5]})
    assert csv_rows(write_table(frame, tmp_path / "a.csv"))[1] == [shown, "-1.5"]


def test_columns_and_lists_are_no_formulas_either(tmp_path):
    frame = pl.DataFrame({"=x": [["-a", "b", "=c"]]})
    assert csv_rows(write_table(frame, tmp_path / "a.csv")) == [["'=x"], ["'-a; b; '=c"]]


texts = st.text(st.sampled_from("=+-@'\",;|\t\r\n ab\uff1d") | st.characters(exclude_categories=["Cs"]), max_size=8)
floats = st.floats(width=32)
frames = st.lists(
    st.fixed_dictionaries(
        {
            "title": st.none() | texts,
            "bpm": st.none() | st.floats(),
            "year": st.none() | st.integers(-(2**62), 2**62),
            "genres": st.none() | st.lists(texts, max_size=3),
            "mfcc": st.none() | st.lists(st.none() | floats, min_size=2, max_size=2),
            "compilation": st.none() | st.booleans(),
        }
    ),
    max_size=5,
).map(
    lambda rows: pl.DataFrame(
        rows,
        {
            "title": pl.String(),
            "bpm": pl.Float64(),
            "year": pl.Int64(),
            "genres": pl.List(pl.String),
            "mfcc": VECTOR,
            "compilation": pl.Boolean(),
        },
    )
)


@given(frame=frames)
@settings(max_examples=40, deadline=None)
def test_a_parquet_is_read_back(frame):
    with tempfile.TemporaryDirectory() as folder:
        assert_frame_equal(pl.read_parquet(write_table(frame, Path(folder) / "a.parquet")), frame)


@given(frame=frames)
@settings(max_examples=40, deadline=None)
def test_a_json_is_read_back(frame):
    def finite(value):
        if isinstance(value, list):
            return [finite(each) for each in value]
        return None if isinstance(value, float) and not math.isfinite(value) else value

    with tempfile.TemporaryDirectory() as folder:
        told = json.loads(write_table(frame, Path(folder) / "a.json").read_text(encoding="utf-8"))
    expected = [{name: finite(value) for name, value in row.items()} for row in frame.to_dicts()]
    for before, after in zip(expected, told, strict=True):
        singles = [[] if row["mfcc"] is None else row.pop("mfcc") for row in (before, after)]
        assert before == after
        assert singles[1] == [each and pytest.approx(each, rel=1e-6) for each in singles[0]]


@given(frame=frames)
@settings(max_examples=40, deadline=None)
def test_a_csv_is_read_back_but_for_the_apostrophes(frame):
    with tempfile.TemporaryDirectory() as folder:
        path = write_table(frame, Path(folder) / "a.csv")
        rows = csv_rows(path)[1:]
        again = pl.read_csv(path, schema_overrides={"bpm": pl.Float64, "year": pl.Int64})
    assert_frame_equal(again.select("bpm", "year"), frame.select("bpm", "year"))
    for row, cells in zip(frame.to_dicts(), rows, strict=True):
        for text, cell in ((row["title"], cells[0]), (row["genres"] and "; ".join(row["genres"]), cells[3])):
            assert cell.replace("'", "") == (text or "").replace("'", "")
            assert len(cell) - len(text or "") <= len(re.findall(rf"{SIGN}|^[\t\r\n\0]", text or ""))


def is_formula(cell):
    """A spreadsheet judges by the first character; blanks before a sign do not always hide it."""
    number = re.fullmatch(r"[+-]?(\d+(\.\d+)?(e[+-]?\d+)?|inf|NaN)", cell, re.IGNORECASE)
    return not number and re.match(rf"[\s\0]*{SIGN}", cell)


@given(frame=frames)
@example(frame=pl.DataFrame({"title": ['"=1'], "bpm": [1.0], "year": [1], "genres": [['"=']]}))  # quotes hide nothing
@settings(max_examples=40, deadline=None)
def test_no_cell_is_a_formula_however_a_spreadsheet_cuts(frame):
    """Excel takes the list separator of the country: then cells begin in the middle of ours, perhaps with a quote."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_table(frame, Path(folder) / "a.csv")
        data, cells = path.read_bytes().decode("utf-8-sig"), [cell for row in csv_rows(path) for cell in row]
    for separator in ",;\t|":
        cut = [re.sub('^["\\s\0]+', "", each) for each in re.split(f"[{separator}\r\n]", data)]
        cells += [cell for cell in cut if not re.fullmatch(r"[\d.,e+\-infNa]*", cell)]  # several numbers of ours
    assert [cell for cell in cells if is_formula(cell)] == []


def test_nothing_is_overwritten_unasked(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("mine")
    with pytest.raises(ExportError, match="overwrite=True"):
        write_table(FRAME, path)
    assert path.read_text() == "mine"
    write_table(FRAME, path, overwrite=True)
    assert path.read_text(encoding="utf-8-sig").startswith("track_id,")
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]


def test_what_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(ExportError, match=r"\.xls is no table; name it \.csv, \.parquet, \.json, \.jsonl, \.ndjson"):
        write_table(FRAME, tmp_path / "a.xls")
    with pytest.raises(ExportError, match="no ending"):
        write_table(FRAME, tmp_path / "a")
    with pytest.raises(ExportError, match=r"folder .*nowhere is missing"):
        write_table(FRAME, tmp_path / "nowhere" / "a.csv")
    with pytest.raises(ExportError, match=r"column 'thing' holds Object"):
        write_table(pl.DataFrame({"thing": [object()]}), tmp_path / "a.parquet")
    with pytest.raises(ExportError, match=r"column 'raw' holds List\(Binary\)"):
        write_table(pl.DataFrame({"raw": [[b"a"]]}), tmp_path / "a.json")
    with pytest.raises(ExportError, match="mfcc_0"):
        write_table(FRAME.with_columns(mfcc_0=1), tmp_path / "a.csv")
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(ExportError, match=r"a\.csv: cannot be written"):
        write_table(FRAME, tmp_path / "a.csv", overwrite=True)
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]


def test_frames_without_rows_keep_their_columns(tmp_path):
    none = pl.DataFrame(schema={**TRACKS, **FEATURES})
    assert_frame_equal(pl.read_parquet(write_table(none, tmp_path / "a.parquet")), none)
    header = csv_rows(write_table(none, tmp_path / "a.csv"))
    assert [len(header), header[0].count("mfcc_mean_19"), header[0].count("path_bytes")] == [1, 1, 0]
    assert json.loads(write_table(none, tmp_path / "a.json").read_text()) == []
