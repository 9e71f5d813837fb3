"""Bare words over many rows: the texts that lie end to end, and how long they are remembered."""

import gc

import polars as pl
import pytest

from workbench.query import expression, search
from workbench.query.texts import MEMORIES, STRETCH, holding, laid_out, remembered

TITLES = ["Été", "Winter", None, "", "STRASSE", "Straße", "ab", "aab", "Кино", "live"]
FRAME = pl.DataFrame(
    {
        "title": TITLES,
        "artists": [["Miles"], [], None, ["a", None, "b"], ["Élan", "x"], ["y"], ["z"], ["ä"], ["к"], ["Live Aid"]],
        "year": range(10),
    },
    schema_overrides={"artists": pl.List(pl.String)},
)


def rows(text, frame=FRAME):
    return search(frame.with_row_index("row"), text)["row"].to_list()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ete", [0]),
        ("strasse", [4, 5]),
        ("aab", [7]),
        ("ab", [6, 7]),
        ("кино", [8]),
        ("к", [8]),
        ("ela", [4]),
        ("live", [9]),
        ("miles winter", []),
        ("miles, winter", [0, 1]),
        ("-a", [0, 1, 2, 8]),
        ("terst", []),
        ("\0", []),
        ('"\u0301"', [0, 1, 3, 4, 5, 6, 7, 8, 9]),
    ],
)
def test_words(text, found):
    assert rows(text) == found


def test_a_find_that_reaches_into_the_next_text_hides_none():
    others = ["sun"] * (9 * STRETCH)
    frame = pl.DataFrame({"title": ["xa", "aab", "a", "a", "aa", "b", *others]})
    assert rows("aa", frame) == [1, 4]
    assert rows("aab", frame) == [1]
    assert rows("aaa", frame) == []
    frame = pl.DataFrame({"title": ["xж", "жжж", "Ж", "ж", "жж", *others, *["ю"] * (9 * STRETCH)]})
    assert rows("жж", frame) == [1, 4]
    assert rows("ж", frame) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("count", [1, STRETCH - 1, STRETCH, STRETCH + 1, 5 * STRETCH])
def test_words_in_any_number_of_texts(count):
    frame = pl.DataFrame({"title": ["rain"] + ["sun"] * (count - 1), "year": range(count)})
    assert rows("rain", frame) == [0]
    assert rows("sun", frame.reverse()) == list(range(count - 1))
    assert rows("rain, sun", frame) == list(range(count))


@pytest.mark.parametrize("titles", [[], [None], ["", None]])
def test_words_where_there_are_no_texts(titles):
    frame = pl.DataFrame({"title": titles}, schema={"title": pl.String})
    assert rows("rain", frame) == []
    assert rows("-rain", frame) == list(range(len(titles)))


@pytest.mark.parametrize("kept", [pl.Categorical, pl.Enum(["Rain", "Sun"])])
def test_words_in_texts_of_every_type(kept):
    frame = pl.DataFrame({"title": pl.Series(["Rain", "Sun", None], dtype=kept)})
    assert rows("rain", frame) == [0]


def test_words_among_few_rows_and_among_all():
    many = pl.DataFrame({"title": ["Rain é", "Rain", "Sun"] * 40, "year": range(120)})
    for year in (5, 60, 120):
        text = f"rain year:<{year} ete, rain year:<{year}"
        assert rows(text, many) == [row for row in range(year) if row % 3 < 2]
        assert rows(f"e rain year:<{year}", many) == list(range(0, year, 3))
    assert rows("rain", many.filter(pl.col("year") % 3 > 0)) == list(range(0, 80, 2))


def test_few_and_many_rows_of_the_same_texts():
    texts = laid_out(pl.DataFrame({"title": ["Rain", "Été", "Sun"] * 40}))
    assert holding(texts, "ete", pl.Series([1, 2, 4]).to_numpy()).to_list() == [True, False, True]
    assert holding(texts, "rain", pl.Series(range(120)).to_numpy()).to_list() == [True, False, False] * 40


def test_texts_are_remembered_as_long_as_the_frame_lives():
    frame = pl.DataFrame({"title": ["Rain", "Sun"]})
    assert remembered(frame) is remembered(frame)
    search(frame, "rain")
    assert id(frame) in MEMORIES
    del frame
    gc.collect()
    assert not [memory for memory in MEMORIES.values() if memory.frame() is None]


def test_at_most_two_frames_are_remembered():
    frames = [pl.DataFrame({"title": [f"Rain {number}"]}) for number in range(4)]
    for number, frame in enumerate(frames):
        assert search(frame, f"rain {number}").height == 1
    assert len(MEMORIES) <= 2


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.replace_column(0, pl.Series("title", ["Sun", "Rain"])),
        lambda frame: frame.__setitem__((0, "title"), "Sun"),
        lambda frame: frame.extend(pl.DataFrame({"title": ["Sun"]})),
    ],
    ids=["replace", "set", "extend"],
)
def test_a_frame_that_was_changed_in_place_is_looked_at_anew(change):
    frame = pl.DataFrame({"title": ["Rain", "Rain"]})
    assert search(frame, "sun").height == 0
    change(frame)
    assert search(frame, "sun").height == 1


def test_words_find_the_same_in_the_frame_and_from_the_columns_alone():
    for text in ("a", "é", "s live", "-(a, e)", "k", "ss"):
        assert rows(text) == FRAME.with_row_index("row").filter(expression(text, FRAME.schema))["row"].to_list()
