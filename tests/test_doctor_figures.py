"""The figure of the quality report."""

import polars as pl
import pytest

from workbench import doctor, figures
from workbench.errors import WorkbenchError

ROWS = [(16_250.0, 16_500.0, "lossy", 2), (16_250.0, 16_500.0, "probable transcode", 1), (7_000.0, 7_250.0, "lossy", 4)]
SOME = pl.DataFrame(ROWS, doctor.CUTOFFS, orient="row")


def test_each_kind_is_a_trace_in_its_place():
    figure = figures.cutoffs(SOME)
    assert [(trace.name, trace.x, trace.y) for trace in figure.data] == [
        ("lossless", (), ()),
        ("lossy", (16.375, 7.125), (2, 4)),
        ("probable transcode", (16.375,), (1,)),
    ]
    assert figure.layout.barmode == "stack"


def test_the_shade_is_where_mp3s_end():
    figure = figures.cutoffs(SOME)
    spans = [(round(1000 * shape.x0), round(1000 * shape.x1)) for shape in figure.layout.shapes]
    assert spans == [*doctor.ENCODED.values()]
    assert [note.text for note in figure.layout.annotations] == [str(kbps) for kbps in doctor.ENCODED]


def test_no_bar_falls_off_the_axis():
    assert figures.cutoffs(SOME).layout.xaxis.range == (7, 22.5)
    assert figures.cutoffs(SOME.tail(1).with_columns(hz_from=20_000.0, hz_to=20_250.0)).layout.xaxis.range == (14, 22.5)


def test_where_nothing_was_measured_a_sentence_says_so():
    figure = figures.cutoffs(SOME.clear())
    assert [note.text for note in figure.layout.annotations] == ["No tracks of which this is known"]
    assert not figure.layout.shapes


def test_what_is_no_histogram_of_cutoffs_is_refused():
    with pytest.raises(WorkbenchError, match=r"doctor\.cutoff_histogram"):
        figures.cutoffs(SOME.drop("kind"))
