"""Layouts and choices in, pictures out."""

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

import workbench as wb
from workbench.errors import SpaceError, WorkbenchError
from workbench.figures import PALETTE
from workbench.widgets.map.encoding import (
    Choices,
    coloured_by,
    colours_of,
    labels_of,
    new_since,
    picture_of,
    placed,
    region_code,
    sized_by,
    sizes_of,
)
from workbench.widgets.map.picture import Label

GREYS = ("#999999", "#bdbdbd")


def a_layout(count=4, **columns):
    """Tracks 101, 102, ... on a straight line."""
    numbers = range(count)
    base = {"track_id": [101 + n for n in numbers], "x": [float(n) for n in numbers], "y": [n / 2 for n in numbers]}
    return pl.DataFrame({**base, **columns})


def test_a_picture_has_an_entry_for_each_row():
    layout = a_layout(genre=["Pop", "Jazz", None, "Jazz"], trust=[0.5, 0.95, None, 0.89])
    picture = picture_of(layout, Choices("genre", dim_untrusted=0.9))
    assert picture.track_ids.tolist() == [101, 102, 103, 104]
    assert picture.points.tolist() == [[0, 0], [1, 0.5], [2, 1], [3, 1.5]]
    assert picture.is_dim.tolist() == [True, False, False, True]
    assert picture.is_new.tolist() == [False] * 4
    assert picture.sizes.tolist() == [10] * 4
    assert (picture.labels, picture.is_density) == ((), False)
    kinds = [picture.track_ids.dtype, picture.points.dtype, picture.sizes.dtype, picture.colour.codes.dtype]
    assert [kind.name for kind in kinds] == ["int64", "float32", "float32", "uint8"]


def test_rows_without_a_place_are_left_out():
    assert placed(a_layout(x=[0.0, None, 2.0, 3.0]))["track_id"].to_list() == [101, 103, 104]
    assert placed(a_layout(x=[0.0, 1.0, float("nan"), float("inf")]))["track_id"].to_list() == [101, 102]
    assert placed(a_layout(y=[0, 1, None, 3]))["track_id"].to_list() == [101, 102, 104]
    assert placed(a_layout(y=[None] * 4)).is_empty()
    with pytest.raises(SpaceError, match="similarity_map"):
        placed(a_layout().drop("y"))


# Colours


def test_categories_come_most_frequent_first_and_the_unknown_last():
    colour = colours_of(a_layout(genre=["Pop", "Jazz", None, "Jazz"]), "genre")
    assert colour.title == "Genre"
    assert colour.names == ("Jazz", "Pop", "unknown")
    assert colour.colours == (*PALETTE[:2], GREYS[1])
    assert colour.codes.tolist() == [1, 0, 2, 0]


def test_the_eighth_category_and_all_after_it_are_other():
    names = [name for n, name in enumerate("abcdefghi") for _ in range(10 - n)] + [None]
    colour = colours_of(a_layout(len(names), genre=names), "genre")
    assert colour.names == (*"abcdefg", "other", "unknown")
    assert colour.colours == (*PALETTE, *GREYS)
    assert np.bincount(colour.codes).tolist() == [10, 9, 8, 7, 6, 5, 4, 3 + 2, 1]


def test_a_category_that_is_called_other_is_one_of_its_own():
    colour = colours_of(a_layout(genre=["other", "other", "unknown", None]), "genre")
    assert colour.names == ("other", "unknown", "unknown")
    assert colour.codes.tolist() == [0, 0, 1, 2]


def test_names_are_plain_and_short():
    colour = colours_of(a_layout(genre=["<b>&" * 20] * 4), "genre")
    assert colour.names == (("<b>&" * 8)[:31] + "…",)


def test_groups_are_names_and_no_measure():
    numbers = a_layout(group=[3, 3, 0, None])
    assert colours_of(numbers, "group").names == ("3", "0", "unknown")
    named = numbers.with_columns(group_name=pl.Series(["deep", "deep", "fast", None]))
    assert colours_of(named, "group").names == ("deep", "fast", "unknown")


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (pl.Series([["A", "B"], [], None, ["A", "B"]]), ("A, B", "unknown")),
        (pl.Series([True, False, False, False]), ("no", "yes")),
        (pl.Series([None] * 4, dtype=pl.String), ("unknown",)),
        (pl.Series([date(2026, 1, 2)] * 4), ("2026-01-02",)),
    ],
)
def test_other_columns_become_categories(values, names):
    assert colours_of(a_layout(c=values), "c").names == names


def test_numbers_are_a_scale_with_a_unit_and_the_unknown_are_nan():
    colour = colours_of(a_layout(bpm=[60.0, None, float("nan"), 180.0]), "bpm", dark=True)
    assert colour.title == "Tempo (BPM)"
    assert np.array_equal(colour.values, np.array([60, np.nan, np.nan, 180], np.float32), equal_nan=True)
    assert (colour.low, colour.high) == (60, 180)
    assert colour.ramp == ("#4a72c4", "#2fa0a8", "#5dc865", "#c9dd2f", "#fdf07a")


def test_one_wrong_value_in_two_hundred_does_not_take_the_ramp():
    colour = colours_of(a_layout(200, year=[1000, *range(1800, 1999)]), "year")
    assert (colour.low, colour.high) == (1800, 1997)


@pytest.mark.parametrize(
    ("values", "ends"),
    [([5.0] * 4, (4.5, 5.5)), ([None] * 4, (-0.5, 0.5)), ([1.0, float("inf"), float("-inf"), 2.0], (1.0, 2.0))],
)
def test_a_ramp_has_two_ends(values, ends):
    colour = colours_of(a_layout(bpm=pl.Series(values, dtype=pl.Float64)), "bpm")
    assert (colour.low, colour.high) == ends


def test_a_column_that_is_not_there_is_an_error_with_a_guess():
    with pytest.raises(WorkbenchError, match="'genre'"):
        colours_of(a_layout(genre=["a"] * 4), "gerne")


# Sizes


@pytest.mark.parametrize(("count", "size"), [(300, 10), (301, 7), (10_000, 5), (10_001, 3), (100_001, 2)])
def test_more_points_are_smaller(count, size):
    assert set(sizes_of(a_layout(count), None).tolist()) == {size}


def test_areas_grow_with_the_rank_and_the_unknown_are_smallest():
    sizes = sizes_of(a_layout(5, rating=[1.0, None, 100.0, 3.0, 3.0]), "rating")
    assert sizes.tolist() == pytest.approx([4, 4, 14, np.sqrt((16 + 196) / 2), np.sqrt((16 + 196) / 2)])
    assert sizes_of(a_layout(rating=[2.0] * 4), "rating").tolist() == [4] * 4


def test_a_text_has_no_size():
    with pytest.raises(WorkbenchError, match="'genre'"):
        sizes_of(a_layout(genre=["a"] * 4), "genre")


# New since


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (None, [False, False, False]),
        ("", [False, False, False]),
        ("2026-01-02", [False, True, False]),
        ("2026", [True, True, False]),
        (date(2026, 1, 2), [False, True, False]),
        (datetime(2026, 1, 1, 12, tzinfo=UTC), [True, True, False]),
        (datetime(2026, 1, 1, 13), [False, True, False]),  # noqa: DTZ001  taken as UTC
        ("-1d", [False, False, False]),
    ],
)
def test_what_came_on_a_day_or_after_it_is_new(since, expected):
    moments = [datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC), None]
    assert new_since(a_layout(3, added_at=moments), since).tolist() == expected


@pytest.mark.parametrize("since", ["some day", "2026..2027", '"', "tomorrow"])
def test_a_day_that_is_none_is_an_error(since):
    with pytest.raises(WorkbenchError, match=r"day|added"):
        new_since(a_layout(1, added_at=[datetime(2026, 1, 1, tzinfo=UTC)]), since)


def test_without_days_nothing_is_new():
    with pytest.raises(WorkbenchError, match="added_at"):
        new_since(a_layout(), "2026")


# Names of groups


def test_a_group_of_five_has_its_name_at_its_medians():
    names = ["deep"] * 5 + ["fast"] * 4 + [None]
    assert labels_of(a_layout(10, group_name=names)) == (Label("deep", 2.0, 1.0),)
    assert labels_of(a_layout(10)) == ()


def test_names_of_large_groups_come_first():
    names = ["b"] * 5 + ["c"] * 6 + ["a"] * 5
    assert [label.text for label in labels_of(a_layout(16, group_name=names))] == ["c", "a", "b"]


# What is on offer


def test_columns_worth_a_colour_or_a_size():
    layout = a_layout(
        6,
        codec=["mp3"] * 6,
        title=list("abcdef"),
        label=["x", "y"] * 3,
        path=["x", "y"] * 3,
        album_id=[1, 2] * 3,
        tempo_guess=[float(n) for n in range(6)],
        constant=[1] * 6,
        nothing=pl.Series([None] * 6, dtype=pl.Float64),
        is_live=[True, False] * 3,
        vector=[[1.0, 2.0]] * 6,
    )
    assert coloured_by(layout) == ["codec", "label", "tempo_guess", "is_live"]
    assert sized_by(layout) == ["tempo_guess"]


# Code of a region


def test_corners_are_rounded_as_far_as_that_changes_nothing():
    layout = a_layout()
    polygon = ((0.512345678, -1.0), (2.512345678, -1.0), (2.512345678, 5.0), (0.512345678, 5.0))
    code = region_code(layout, polygon, np.array([102, 103]))
    assert code == "wb.maps.inside(layout, [(0.512, -1.0), (2.512, -1.0), (2.512, 5.0), (0.512, 5.0)])"
    assert eval(code, {"wb": wb, "layout": layout})["track_id"].to_list() == [102, 103]  # noqa: S307  our own text


def test_corners_that_matter_to_the_last_digit_are_kept():
    layout = a_layout(x=[0.0, 1.00004, 2.0, 3.0])
    polygon = ((1.00005, -1.0), (2.5, -1.0), (2.5, 5.0), (1.00005, 5.0))
    code = region_code(layout, polygon, np.array([103]))
    assert code == f"wb.maps.inside(layout, {list(polygon)})"


def test_code_follows_the_places_that_are_drawn():
    layout = a_layout(x=[0.0, 1 + 1e-9, 2.0, 3.0], genre=["a"] * 4)
    polygon = ((1 + 5e-10, -1.0), (2.5, -1.0), (2.5, 5.0), (1 + 5e-10, 5.0))
    points = picture_of(layout, Choices()).points.astype(np.float64)
    drawn = layout["track_id"].to_numpy()[wb.maps.is_inside(points, polygon)]
    assert drawn.tolist() == [103]
    assert region_code(layout, polygon, drawn) is not None


def test_among_many_points_corners_keep_more_digits_but_not_all():
    random = np.random.default_rng(0)
    many = pl.DataFrame({"track_id": np.arange(100_000), "x": random.random(100_000), "y": random.random(100_000)})
    turns = np.linspace(0, 2 * np.pi, 50, endpoint=False)
    ring = tuple(zip((0.5 + 0.3 * np.cos(turns)).tolist(), (0.5 + 0.3 * np.sin(turns)).tolist(), strict=True))
    rows = wb.maps.inside(many, ring)
    code = region_code(many, ring, rows["track_id"].to_numpy())
    assert code is not None
    assert len(code) < 50 * 24
    assert eval(code, {"wb": wb, "layout": many}).equals(rows)  # noqa: S307  our own text


@pytest.mark.parametrize(
    ("polygon", "chosen"),
    [((), [102]), (((0.5, -1.0), (2.5, 5.0)), []), (((0.5, -1.0), (2.5, -1.0), (2.5, 5.0), (0.5, 5.0)), [102])],
)
def test_there_is_no_code_where_no_outline_gives_these_rows(polygon, chosen):
    assert region_code(a_layout(), polygon, np.array(chosen, np.int64)) is None
