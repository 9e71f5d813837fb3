"""What is wrong with a collection: lengths, albums, numbers, tags, copies, masters, disagreements."""

import polars as pl
import pytest
from polars.exceptions import ColumnNotFoundError
from polars.testing import assert_frame_equal

from workbench import doctor, stats
from workbench.exports import write_table
from workbench.models import FINDINGS, TRACKS

PLAIN = {"analyzed": True, "missing": False, "artists": [], "genres": [], "album_artists": []}


def made_tracks(*rows):
    """Tracks 1, 2, ... with what each row names; analysed and present, with a path of their own."""
    frame = [{"track_id": n, "path": f"/m/{n:02}.mp3", **PLAIN, **row} for n, row in enumerate(rows, start=1)]
    return pl.DataFrame(frame, TRACKS)


def made_findings(*rows):
    return pl.DataFrame([{"finding_id": n, **row} for n, row in enumerate(rows, start=1)], FINDINGS)


NOTHING = pl.DataFrame(schema=TRACKS)
NO_FINDINGS = pl.DataFrame(schema=FINDINGS)


# lengths


def lengths_of(declared_s, decoded_s, **row):
    return doctor.odd_lengths(made_tracks({"declared_duration_s": declared_s, "duration_s": decoded_s, **row}))


def test_a_file_that_breaks_off_says_how_much_is_not_there():
    row = lengths_of(200.0, 50.0).row(0, named=True)
    assert (row["difference_s"], row["difference_percent"]) == (-150, -75)
    assert row["proposal"] == "75 % of it is not there: fetch it again"


def test_a_header_that_says_too_little_errs():
    row = lengths_of(100.0, 150.0).row(0, named=True)
    assert row["difference_s"] == 50
    assert row["proposal"] == "its header errs: it plays 50 % longer, the sound is there"


def test_a_header_that_says_nearly_nothing_errs_by_seconds():
    assert lengths_of(0.0004, 11.13)["proposal"].to_list() == [
        "its header errs: it plays 11.1 s longer, the sound is there"
    ]


def test_what_little_is_there_is_not_denied():
    assert lengths_of(1887.1, 0.5)["proposal"].to_list() == ["99 % of it is not there: fetch it again"]


@pytest.mark.parametrize(
    ("size_bytes", "row", "proposal"),
    [
        (2_000_000, {}, "its length may be a guess from its size: listen to its end"),
        (2_000_000, {"container": "aac"}, "its length may be a guess from its size: listen to its end"),
        (1_000_000, {}, "50 % of it is not there: fetch it again"),  # bytes are missing: it was cut off
        (2_000_000, {"container": "flac"}, "50 % of it is not there: fetch it again"),
        (None, {}, "50 % of it is not there: fetch it again"),
    ],
)
def test_a_length_that_is_a_guess_accuses_nobody(size_bytes, row, proposal):
    """MP3s of varying bit rate without Xing's header, and AAC in ADTS frames, look longer than they are."""
    found = lengths_of(100.0, 50.0, **{"container": "mp3", "bit_rate_bps": 160_000, "size_bytes": size_bytes} | row)
    assert found["proposal"].to_list() == [proposal]


@pytest.mark.parametrize(
    ("declared_s", "decoded_s", "row"),
    [
        (10.0, 9.1, {}),  # under a second
        (208.0, 200.0, {}),  # under a twentieth
        (None, 200.0, {}),
        (0.0, 200.0, {}),
        (200.0, 50.0, {"analyzed": False}),
        (200.0, 50.0, {"missing": True}),
    ],
)
def test_lengths_that_are_near_or_unknown_are_not_odd(declared_s, decoded_s, row):
    assert lengths_of(declared_s, decoded_s, **row).is_empty()


def test_what_lacks_most_comes_first():
    pairs = [(100.0, 90.0), (100.0, 120.0), (100.0, 20.0)]
    tracks = made_tracks(*[{"declared_duration_s": said, "duration_s": found} for said, found in pairs])
    assert doctor.odd_lengths(tracks)["track_id"].to_list() == [3, 1, 2]


# albums


def album(name, album_id, numbers, *, folder="/m/Sky", artist="Ana", owner=None, **row):
    """Tracks of one part of an album."""
    return [
        {
            "path": f"{folder}/{album_id}-{number:02}.mp3",
            "album": name,
            "album_id": album_id,
            "track_number": number,
            "artists": [artist] if isinstance(artist, str) else [artist[number % len(artist)]],
            "album_artists": [owner] if owner else [],
            **row,
        }
        for number in numbers
    ]


def splits(*parts):
    return doctor.split_albums(made_tracks(*[row for part in parts for row in part]))


def test_tracks_without_the_album_artist_stand_apart():
    found = splits(album("Sky", 1, range(1, 10), owner="Ana"), album("Sky", 2, [10, 11, 12]))
    assert found.select("album", "artist", "parts", "tracks", "track_id").rows() == [("Sky", "Ana", 2, 12, 1)]
    assert found["album_ids"].to_list() == ["1, 2"]
    assert found["proposal"][0] == "3 tracks lack the album artist 'Ana'; 9 have it"


def test_spellings_are_one_album():
    found = splits(album("Sky!", 1, [1, 2], owner="Ana"), album("sky", 2, [3], owner="Ana"))
    assert found["proposal"].to_list() == ["spelt 'Sky!', 'sky'"]


def test_a_disc_in_the_name_is_no_other_album():
    parts = [album(f"Sky (Disc {n})", n, [1, 2], folder=f"/m/Sky/CD {n}", owner="Ana", disc_number=n) for n in (1, 2)]
    assert splits(*parts)["proposal"].to_list() == ["spelt 'Sky (Disc 1)', 'Sky (Disc 2)'"]


def test_a_compilation_whose_tracks_own_it_each_is_one_album():
    parts = [album("Hits", n, [n], artist=f"Artist {n}", owner=f"Artist {n}", folder="/m/Hits") for n in range(1, 6)]
    found = splits(*parts)
    assert found.select("parts", "tracks").rows() == [(5, 5)]
    assert found["proposal"][0] == "album artists 'Artist 1', 'Artist 2', 'Artist 3' and 2 more"


def test_some_tracks_marked_as_of_a_compilation_are_told():
    marked = album("Mix", 1, [1, 2], artist=["Bo", "Cy"], owner="Various Artists", compilation=True, folder="/m/Mix")
    rest = album("Mix", 2, [3], artist="Di", folder="/m/Mix")
    assert splits(marked, rest)["proposal"].to_list() == [
        "1 track lacks the album artist 'Various Artists'; 2 have it; the mark of a compilation is on 2 of 3 tracks"
    ]


def test_one_artist_joins_the_parts_in_a_mixed_folder():
    parts = [album("Sky", 1, [1, 2], folder="/all"), album("Sky", 2, [2], folder="/all", owner="Ana")]
    found = splits(*parts, album("Other", 3, [1], artist="Bo", folder="/all"))
    assert found.select("album", "parts").rows() == [("Sky", 2)]


def test_one_artists_album_in_two_folders_is_one():
    found = splits(album("Sky", 1, [1, 2], folder="/a"), album("Sky", 2, [3, 4], folder="/b"))
    assert found["proposal"].to_list() == ["in 2 folders"]


def test_one_track_has_what_another_lacks():
    found = splits(album("Sky", 1, [1], owner="Ana"), album("Sky", 2, [2, 3]))
    assert found["proposal"].to_list() == ["2 tracks lack the album artist 'Ana'; 1 has it"]


def test_forms_of_unicode_are_one_artist():
    parts = [
        album("Sky", n, [n], artist=name, folder=f"/{n}") for n, name in ((1, "Beyonc\u00e9"), (2, "Beyonce\u0301"))
    ]
    assert splits(*parts)["parts"].to_list() == [2]


def test_a_folder_with_a_line_break_is_a_folder():
    parts = [album("Sky", n, [n], folder=f"/a\n{n}", artist=f"Artist {n}", owner=f"Artist {n}") for n in (1, 2)]
    assert splits(*parts).is_empty()


RIVALS = [("Gould", range(1, 5)), ("Perahia", range(1, 5))]


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([album("Sky", 1, [1, 2, 3], owner="Ana")], id="whole"),
        pytest.param(
            [album("Goldberg", n, numbers, artist="Bach", owner=who) for n, (who, numbers) in enumerate(RIVALS)],
            id="two recordings of one work",
        ),
        pytest.param(
            [
                album("Symphonies", n, numbers, artist="Beethoven", owner=who, folder=f"/{who}")
                for n, (who, numbers) in enumerate([("Abbado", [1, 2]), ("Karajan", [3, 4])])
            ],
            id="one composer, two conductors",
        ),
        pytest.param(
            [album("Hits", n, [n], artist=who, owner=who, track_number=None) for n, who in enumerate(("Ana", "Bo"))],
            id="two artists without numbers",
        ),
        pytest.param(
            [album("Weezer", n, [n], artist="Weezer", folder=f"/{n}", track_number=None) for n in (1, 2)],
            id="one name twice, without numbers",
        ),
        *[
            pytest.param([album(name, n, [n], folder=f"/{n}") for n in (1, 2, 3)], id=name)
            for name in ("Unknown Album", "unknown album (6/12/2008 3:14:15 PM)", "[non-album tracks]", "Untitled")
        ],
        pytest.param(
            [album("Sky", n, [n], artist="Unknown Artist", folder=f"/{n}") for n in (1, 2)], id="nobody's album"
        ),
        pytest.param(
            [
                album("Greatest Hits", 1, [1, 2], artist="Ana", owner="Ana", folder="/all"),
                album("Greatest Hits", 2, [1, 2], artist="Bo", owner="Bo", folder="/all"),
            ],
            id="one name, one folder, two artists",
        ),
        pytest.param(
            [
                album("Greatest Hits", 1, [1], artist="Ana", folder="/all"),
                album("Greatest Hits", 2, [7], artist="Bo", owner="Bo", folder="/all"),
                album("Other", 3, [1], artist="Cy", folder="/all"),
            ],
            id="downloads",
        ),
        pytest.param(
            [album("Live", 1, [1], artist="Ana", folder="/a"), album("Live", 2, [2], artist="Bo", folder="/b")],
            id="two artists, two folders",
        ),
        pytest.param(
            [album("Sky", 1, [1, 2], folder="/a"), album("Sky", 2, [1, 2], folder="/backup")], id="a copy elsewhere"
        ),
        pytest.param(
            [album("Best", 1, [1, 2], folder="/a", year=1981), album("Best", 2, [3, 4], folder="/b", year=1991)],
            id="two years",
        ),
        pytest.param([album("Sky", 1, [1, 2], owner="Ana"), album("Sky (Live)", 2, [3], owner="Ana")], id="a version"),
        pytest.param([album(None, 1, [1]), album(None, 2, [2])], id="no name"),
        pytest.param([album("Sky", 1, [1], owner="Ana"), album("Sky", 2, [2], missing=True)], id="gone"),
        pytest.param(
            [
                album("Hits", 1, [1, 2], artist=["Ana", "Bo"], folder="/a"),
                album("Hits", 2, [3, 4], artist=["Ana", "Cy"], folder="/b"),
            ],
            id="a guest on two compilations",
        ),
        pytest.param(
            [
                album("Hits", n, [n], artist=f"Artist {n}", owner="Various Artists", folder=f"/{n}", compilation=True)
                for n in (1, 2)
            ],
            id="two compilations of one name",
        ),
    ],
)
def test_these_are_not_split(parts):
    assert splits(*parts).is_empty()


# track numbers


def gaps(*parts):
    found = doctor.number_gaps(made_tracks(*[row for part in parts for row in part]))
    return found.select("highest", "absent", "doubled", "proposal").rows()


def test_gaps_are_told_as_spans():
    missing = "look for the missing ones, or check the numbers"
    assert gaps(album("Sky", 1, [1, 2, 4, 5, 6, 10])) == [(10, "3, 7-9", None, missing)]


def test_numbers_that_stand_twice_are_told():
    twice = "two copies, two discs without disc numbers, or two albums of one name?"
    assert gaps(album("Sky", 1, [1, 2, 3, 2, 3])) == [(3, None, "2-3", twice)]


def test_each_disc_is_counted_by_itself():
    discs = [album("Sky", 1, numbers, disc_number=disc) for disc, numbers in ((1, [1, 2, 3]), (2, [1, 3, 4]))]
    assert [row[:2] for row in gaps(*discs)] == [(4, "2")]


def test_discs_that_are_numbered_through_have_no_gaps():
    discs = [album("Sky", 1, range(first, first + 8), disc_number=disc) for disc, first in ((1, 1), (2, 9), (3, 17))]
    assert gaps(*discs) == []


def test_a_gap_in_discs_that_are_numbered_through_is_told():
    discs = [album("Sky", 1, numbers, disc_number=disc) for disc, numbers in ((1, [1, 2, 3]), (2, [4, 5, 7]))]
    assert [row[:2] for row in gaps(*discs)] == [(7, "6")]


def test_what_another_part_of_a_split_album_has_is_no_gap():
    assert gaps(album("Sky", 1, [1, 2, 3], owner="Ana"), album("Sky", 2, [4, 5, 6])) == []


def test_what_no_part_of_a_split_album_has_is_a_gap():
    found = gaps(album("Sky", 1, [1, 2, 3], owner="Ana"), album("Sky", 2, [5, 6, 7]))
    assert [row[1] for row in found] == ["4"]


def test_numbers_above_its_own_make_no_part_whole():
    found = gaps(album("Sky", 1, [10, 11, 12], owner="Ana"), album("Sky", 2, range(13, 21)))
    assert [row[:2] for row in found] == [(20, "1-9")]


def test_tracks_without_a_disc_number_are_of_the_first_disc():
    tracks = [
        *album("Sky", 1, [1, 3, 5], disc_number=1),
        *album("Sky", 1, [2, 4]),
        *album("Sky", 1, [1, 2, 3], disc_number=2),
    ]
    assert gaps(tracks) == []


def test_worst_gaps_come_first():
    found = gaps(album("Sky", 1, [1, 2, 4]), album("Sea", 2, [1, 4, 5, 6]))
    assert [row[1] for row in found] == ["2-3", "3"]


@pytest.mark.parametrize(
    "part",
    [
        album("Sky", 1, [1, 2, 3]),
        album("Sky", 1, [7]),  # one song of it
        album("Sky", 1, [2, 9]),
        album("Sky", 1, [1, 3]),
        album("Sky", 1, [3, 11, 17]),  # songs, gathered
        album("Sky", 1, [101, 102, 103]),  # side and number in one
        album("Sky", 1, range(9, 20), disc_number=2),  # numbered through, the first disc elsewhere
        album("Unknown Album", 1, [1, 2, 4]),
        album(None, 1, [1, 2, 4]),
        [*album("Sky", 1, [1, 2]), *album("Sky", 1, [3, 3], audio_hash="aa")],  # one sound twice
    ],
)
def test_these_lack_no_track(part):
    assert gaps(part) == []


# tags


FULL = {"title": "Rain", "artists": ["Ana"], "artist": "Ana", "album": "Sky", "track_number": 1, "genres": ["Pop"]}
FULL |= {"genre": "Pop", "year": 1994}
NO_TITLE = {"track_id": 1, "reason": "missing_tags", "text": "says no title, no artist, no album"}


def test_tracks_that_lack_most_tags_come_first():
    bare = {"path": "/x/01.mp3", "title": "01"}
    tracks = made_tracks(bare, {**FULL, "year": None, "genres": [], "genre": None, "path": "/m/2.mp3"}, FULL)
    found = doctor.incomplete_tags(tracks, made_findings(NO_TITLE))
    assert found.select("track_id", "lacking", "lacks").rows() == [
        (1, 6, "title, artist, album, track number, genre, year"),
        (2, 2, "genre, year"),
    ]


def test_a_title_that_is_the_name_of_its_file_is_no_missing_one():
    tracks = made_tracks({**FULL, "title": "Rain", "path": "/m/Rain.mp3"})
    assert doctor.incomplete_tags(tracks, NO_FINDINGS).is_empty()


def test_a_title_that_the_user_gave_is_not_missing():
    tracks = made_tracks({**FULL, "title": "Snow", "path": "/m/01.mp3"})
    assert doctor.incomplete_tags(tracks, made_findings(NO_TITLE)).is_empty()


def test_what_the_folder_agrees_on_is_proposed():
    whole = [{**FULL, "path": f"/m/Sky/{n}.mp3"} for n in (1, 2)]
    bare = {**FULL, "album": None, "year": None, "path": "/m/Sky/3.mp3"}
    found = doctor.incomplete_tags(made_tracks(*whole, bare), NO_FINDINGS)
    assert found["proposal"].to_list() == ["the other tracks of its folder say album 'Sky', year '1994'"]


@pytest.mark.parametrize(
    "others",
    [
        [FULL],  # one witness is none
        [FULL, {**FULL, "album": "Sea"}],  # they do not agree
        [FULL, FULL, *[{**FULL, "album": None}] * 4],  # most do not say
    ],
)
def test_a_folder_that_does_not_agree_proposes_nothing(others):
    rows = [{**row, "path": f"/m/all/{n}.mp3"} for n, row in enumerate([{**FULL, "album": None}, *others])]
    found = doctor.incomplete_tags(made_tracks(*rows), NO_FINDINGS)
    assert found["proposal"].unique().to_list() == ["its folder does not tell: fill in by hand"]


# copies


def copies(*rows):
    same = {"audio_hash": "aa", "codec": "mp3", "bit_rate_bps": 128_000, "duration_s": 100.0}
    return doctor.duplicate_files(made_tracks(*[{**same, **row} for row in rows])).select(
        "track_id", "keep", "proposal"
    )


@pytest.mark.parametrize(
    ("better", "why"),
    [
        ({"codec": "flac", "bit_rate_bps": 90_000}, "it is lossless"),
        ({"bit_rate_bps": 320_000}, "it has the higher bit rate"),
        ({"duration_s": 130.0}, "it is longer"),
        ({"year": 1994}, "it has more tags"),
        ({"path": "/a/0.mp3"}, "none is better, and it is the first by path"),
    ],
)
def test_the_better_copy_is_proposed_with_its_reason(better, why):
    assert copies({}, better).rows() == [
        (2, True, f"keep this one: {why}"),
        (1, False, "same sound as " + better.get("path", "/m/02.mp3")[1:]),
    ]


def test_a_copy_beside_its_album_is_better_than_one_among_downloads():
    of_sky = {"album": "Sky", "album_id": 7}
    other = {"audio_hash": "bb", "path": "/m/Sky/2.mp3", **of_sky}
    found = copies({"path": "/a/1.mp3", **of_sky}, {"path": "/m/Sky/1.mp3", **of_sky}, other)
    assert found.filter("keep").rows() == [(2, True, "keep this one: more of its album lies beside it")]


def test_the_first_reason_that_tells_decides():
    found = copies({"codec": "flac", "bit_rate_bps": 90_000}, {"bit_rate_bps": 320_000, "year": 1994})
    assert found.filter("keep")["track_id"].to_list() == [1]


def test_the_longer_copy_is_better_than_the_better_tagged():
    assert copies({"year": 1994}, {"duration_s": 130.0}).filter("keep")["track_id"].to_list() == [2]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"duration_s": 99.98}, {"duration_s": 100.02}),
        ({"bit_rate_bps": 127_999}, {"bit_rate_bps": 128_001}),
        ({"bit_rate_bps": None}, {"bit_rate_bps": 96_000}),
        ({"path": "/a/1.mp3"}, {"path": "/m/1.mp3"}),
        ({"path": "/m/01.mp3", "album_id": 8}, {"path": "/x/2.mp3", "album_id": 7}),  # beside other files without tags
    ],
)
def test_small_or_unknown_differences_are_no_reason(one, other):
    beside = {"audio_hash": "bb", "path": "/x/3.mp3", "album_id": 7}
    assert copies(one, other, beside)["proposal"][0] == "keep this one: none is better, and it is the first by path"


def test_lengths_are_compared_among_those_as_good_so_far():
    rich = {"bit_rate_bps": 320_000}
    found = copies({**rich, "duration_s": 100.0}, {**rich, "duration_s": 101.5}, {"duration_s": 103.0})
    assert found.filter("keep").rows() == [(2, True, "keep this one: it is longer")]


def test_the_reason_is_what_the_second_best_lacks():
    rows = [{"codec": "flac", "year": 1994}, {"codec": "flac"}, {}]
    assert copies(*rows)["proposal"][0] == "keep this one: it has more tags"


def test_files_that_are_gone_are_no_company():
    of_sky = {"album": "Sky", "album_id": 7}
    gone = {"audio_hash": "bb", "path": "/x/2.mp3", "missing": True, **of_sky}
    found = copies({"path": "/a/1.mp3", **of_sky}, {"path": "/x/1.mp3", **of_sky}, gone)
    assert found["track_id"].to_list() == [1, 2]


def test_a_copy_in_a_folder_of_the_same_name_is_told_from_the_other():
    assert copies({"path": "/a/Sky/1.mp3"}, {"path": "/backup/Sky/1.mp3"})["proposal"].to_list() == [
        "keep this one: none is better, and it is the first by path",
        "same sound as /a/Sky/1.mp3",
    ]


def test_the_bit_rate_of_lossless_files_says_nothing():
    found = copies({"codec": "flac", "bit_rate_bps": 900_000}, {"codec": "flac", "bit_rate_bps": 500_000, "year": 1994})
    assert found.filter("keep").rows() == [(2, True, "keep this one: it has more tags")]


def test_what_is_only_probably_the_same_is_to_be_listened_to():
    rows = [{"title": "Rain", "artists": ["Ana"], "audio_hash": text, "duration_s": 100.0} for text in ("aa", "bb")]
    found = copies(*rows)
    assert found["proposal"][1] == "listen first: probably the same as m/01.mp3"


def test_files_that_are_there_once_are_no_copies():
    assert copies({}, {"audio_hash": "bb"}, {"missing": True}).is_empty()


# masters


def test_clipped_masters_come_most_clipped_first():
    rows = [{"clipping_ratio": share} for share in (0.002, 0.16, 0.001, None)]
    tracks = made_tracks(*rows, {"clipping_ratio": 0.5, "missing": True})
    found = doctor.clipped(tracks)
    assert found["track_id"].to_list() == [2, 1]
    assert found["proposal"][0] == "16.0 % of its samples are clipped: look for another issue"


def walled(**row):
    loud = {"dynamic_range_db": 5.2, "loudness_lufs": -7.23, "true_peak_dbtp": 0.2}
    return doctor.brick_walled(made_tracks({**loud, **row}))


def test_a_brick_walled_master_is_flat_loud_and_full():
    assert walled()["proposal"].to_list() == [
        "probably limited hard (DR 5 at -7.2 LUFS): another issue may be livelier"
    ]


@pytest.mark.parametrize(
    "row",
    [
        {"dynamic_range_db": 8.0},
        {"loudness_lufs": -14.0},  # an organ tone is as flat
        {"true_peak_dbtp": -1.0},
        {"dynamic_range_db": None},
        {"missing": True},
    ],
)
def test_these_are_not_brick_walled(row):
    assert walled(**row).is_empty()


def test_the_flattest_comes_first():
    plain = {"loudness_lufs": -7.0, "true_peak_dbtp": 0.2}
    tracks = made_tracks(*[{**plain, "dynamic_range_db": db} for db in (6.0, 4.0, 5.0)])
    assert doctor.brick_walled(tracks)["track_id"].to_list() == [2, 3, 1]


# disagreements


def test_tempo_disagreements_come_surest_first():
    rows = [(120.0, 60.0, 0.3), (120.0, 121.0, 0.9), (100.0, 137.04, 0.8), (None, 90.0, 0.9), (0.0, 90.0, 0.9)]
    tracks = made_tracks(*[{"bpm_tag": tag, "bpm": bpm, "bpm_confidence": sure} for tag, bpm, sure in rows])
    assert stats.tempo_disagreements(tracks).select("track_id", "tag", "measured", "relation", "proposal").rows() == [
        (3, "100.0 BPM", "137.0 BPM", "other", "they do not fit together: listen"),
        (1, "120.0 BPM", "60.0 BPM", "half", "the same beat counted in halves: either may be meant"),
    ]


def test_what_nobody_is_sure_of_comes_last():
    rows = [(None, 137.0), (0.1, 137.0), (None, 131.0)]
    tracks = made_tracks(*[{"bpm_tag": 100.0, "bpm": bpm, "bpm_confidence": sure} for sure, bpm in rows])
    assert stats.tempo_disagreements(tracks)["track_id"].to_list() == [2, 1, 3]


@pytest.mark.parametrize(
    ("bpm_tag", "bpm", "relation"),
    [
        (120.0, 60.0, "half"),
        (120.0, 62.3, "half"),
        (120.0, 62.5, "other"),
        (85.0, 170.5, "double"),
        (120.0, 40.0, "other"),
        (120.0, 90.0, "other"),
        (120.0, 480.0, "other"),
    ],
)
def test_tempos_stand_to_each_other(bpm_tag, bpm, relation):
    assert stats.tempo_disagreements(made_tracks({"bpm_tag": bpm_tag, "bpm": bpm}))["relation"].to_list() == [relation]


@pytest.mark.parametrize(
    ("key_tag", "key", "mode", "relation"),
    [
        ("Abm", "G#", "minor", "same"),
        ("Db", "C#", "major", "same"),
        ("Cb", "B", "major", "same"),
        ("8A", "A", "minor", "same"),
        ("08a", "C", "major", "relative"),
        ("Abm", "B", "major", "relative"),
        ("Gb maj", "D#", "minor", "relative"),
        ("Bb", "A#", "minor", "parallel"),
        ("8A", "E", "minor", "fifth"),
        ("8A", "D", "minor", "fifth"),
        ("Am", "F#", "major", "other"),
        ("o", "C", "major", None),
        ("", "C", "major", None),
        ("all", "C", "major", None),
    ],
)
def test_keys_stand_to_each_other(key_tag, key, mode, relation):
    found = stats.key_disagreements(made_tracks({"key_tag": key_tag, "key": key, "mode": mode}))
    assert found["relation"].to_list() == ([] if relation in {"same", None} else [relation])


def test_key_disagreements_tell_the_relation():
    rows = [("Am", "C", "major", 0.4), ("Am", "A", "minor", 0.9), ("8B", "G", "major", 0.8), ("off", "C", "major", 1.0)]
    tracks = made_tracks(
        *[{"key_tag": tag, "key": key, "mode": mode, "key_confidence": sure} for tag, key, mode, sure in rows]
    )
    assert stats.key_disagreements(tracks).select("track_id", "tag", "measured", "confidence", "relation").rows() == [
        (3, "8B", "G major", 0.8, "fifth"),
        (1, "Am", "C major", 0.4, "relative"),
    ]


DOUBTS = pl.DataFrame(
    {"track_id": [9, 1], "genre": ["Soul", "Soul"], "vote": ["Jazz", "Jazz"]}
    | {"genre_probability": [0.1, 0.03], "vote_probability": [0.8, 0.7]}
)


def test_doubts_about_genres_tell_the_votes():
    found = stats.genre_disagreements(made_tracks({}), DOUBTS)
    assert found.select("track_id", "tag", "measured", "confidence", "proposal").rows() == [
        (1, "Soul", "Jazz", 0.7, "neighbours vote 70 % for Jazz and 3 % for the tag: listen")
    ]


def test_without_doubts_no_genre_is_contradicted():
    assert stats.genre_disagreements(made_tracks({}), None).schema == pl.Schema(stats.DISAGREEMENTS)


def test_what_is_no_number_is_no_measurement():
    nan, inf = float("nan"), float("inf")
    rows = [{"bpm_tag": 100.0, "bpm": nan}, {"bpm_tag": inf, "bpm": 90.0}, {"bpm_tag": nan, "bpm": 90.0}]
    tracks = made_tracks(*rows, {"clipping_ratio": nan, "declared_duration_s": nan, "duration_s": 9.0})
    found = doctor.examine(tracks, NO_FINDINGS)
    assert [len(found[name]) for name in ("tempo", "clipped", "lengths")] == [0, 0, 0]
    assert stats.agreement(tracks)["tracks"].sum() == 0


# transcodes


def suspects(*rows):
    plain = {"codec": "flac", "sample_rate_hz": 44_100, "loudness_lufs": -12.0, "spectral_cutoff_hz": 16_400.0}
    found = doctor.probable_transcodes(made_tracks(*[{**plain, **row} for row in rows]))
    return found.select("track_id", "looks_like_kbps", "proposal").rows()


def test_a_lossless_file_that_ends_where_mp3s_end_is_a_hint():
    assert suspects({}) == [(1, 128, "probably once an MP3 of 128 kbit/s: ends at 16.4 kHz; listen")]


@pytest.mark.parametrize(("cutoff_hz", "kbps"), [(15_500.0, 128), (18_900.0, 192), (19_200.0, 256), (19_600.0, 256)])
def test_the_end_of_the_spectrum_tells_the_bit_rate(cutoff_hz, kbps):
    assert [row[1] for row in suspects({"spectral_cutoff_hz": cutoff_hz})] == [kbps]


def test_an_mp3_of_many_bits_that_ends_early_is_a_hint():
    rich = {"codec": "mp3", "bit_rate_bps": 320_000}
    assert [row[1] for row in suspects(rich, {**rich, "spectral_cutoff_hz": 19_600.0})] == [128, 256]


@pytest.mark.parametrize(
    "row",
    [
        {"spectral_cutoff_hz": 21_900.0},
        {"spectral_cutoff_hz": 20_200.0},  # masters end there too
        {"spectral_cutoff_hz": 17_600.0},
        {"spectral_cutoff_hz": 9_000.0},  # an old recording
        {"spectral_cutoff_hz": None},
        {"loudness_lufs": -26.0},
        {"loudness_lufs": None},
        {"sample_rate_hz": 32_000},
        {"codec": "mp3", "bit_rate_bps": 192_000},
        {"codec": "mp3", "bit_rate_bps": 256_000, "spectral_cutoff_hz": 19_600.0},
        {"codec": "vorbis", "bit_rate_bps": 320_000},
        {"codec": None},
        {"missing": True},
    ],
)
def test_these_are_no_transcodes(row):
    assert suspects(row) == []


def test_an_album_that_ends_alike_supports_the_hint():
    alike = [{"album_id": 1, "spectral_cutoff_hz": 16_000.0 + 100 * n} for n in range(3)]
    found = suspects({"spectral_cutoff_hz": 15_600.0}, *alike, {"album_id": 1, "spectral_cutoff_hz": 21_900.0})
    assert [row[0] for row in found] == [2, 3, 4, 1]
    assert found[0][2] == "probably once an MP3 of 128 kbit/s: ends at 16.0 kHz, like 2 of 3 other tracks of its album"


def test_a_hint_without_support_asks_to_listen():
    found = suspects({"album_id": 1}, {"album_id": 1, "spectral_cutoff_hz": 21_900.0})
    assert found[0][2] == "probably once an MP3 of 128 kbit/s: ends at 16.4 kHz; listen"


def test_one_other_track_is_named_as_one():
    found = suspects({"album_id": 1}, {"album_id": 1})
    assert found[0][2] == "probably once an MP3 of 128 kbit/s: ends at 16.4 kHz, like another track of its album"


def test_tracks_without_an_album_do_not_speak_for_each_other():
    assert [row[0] for row in suspects({}, *[{"spectral_cutoff_hz": 21_900.0}] * 4)] == [1]


def test_three_of_four_support_a_hint_better_than_one_of_one():
    found = suspects(*[{"album_id": 1}] * 2, *[{"album_id": 2}] * 4, {"album_id": 2, "spectral_cutoff_hz": 21_900.0})
    assert [row[0] for row in found] == [3, 4, 5, 6, 1, 2]


def test_a_dull_track_of_a_bright_album_is_not_accused():
    bright = [{"album_id": 1, "spectral_cutoff_hz": 21_900.0}] * 2
    assert suspects({"album_id": 1}, {"album_id": 1}, *bright, *bright) == []


def test_the_ends_of_spectra_are_counted_by_kind():
    plain = {"sample_rate_hz": 44_100, "loudness_lufs": -12.0}
    rows = [("flac", 16_400.0), ("flac", 21_900.0), ("mp3", 16_300.0), ("mp3", 16_499.0), ("mp3", None)]
    rows += [(None, 16_300.0)]
    tracks = made_tracks(*[{**plain, "codec": codec, "spectral_cutoff_hz": hz} for codec, hz in rows])
    assert doctor.cutoff_histogram(tracks).rows() == [
        (16_250.0, 16_500.0, "lossy", 2),
        (16_250.0, 16_500.0, "probable transcode", 1),
        (21_750.0, 22_000.0, "lossless", 1),
    ]


# all of it


SCHEMAS = {
    "findings": FINDINGS,
    "lengths": doctor.ODD_LENGTHS,
    "missing_tags": doctor.INCOMPLETE,
    "split_albums": doctor.SPLIT_ALBUMS,
    "gaps": doctor.GAPS,
    "duplicates": doctor.COPIES,
    "clipped": doctor.MASTERS,
    "brick_walled": doctor.MASTERS,
    "transcodes": doctor.TRANSCODES,
    "tempo": stats.DISAGREEMENTS,
    "key": stats.DISAGREEMENTS,
    "genre": stats.DISAGREEMENTS,
}
SICK = made_tracks(
    *album("Sky", 1, [1, 2, 4], owner="Ana"),
    {**album("Sky", 2, [5])[0], "audio_hash": "aa", "declared_duration_s": 200.0, "duration_s": 100.0},
    {
        "audio_hash": "aa",
        "codec": "flac",
        "sample_rate_hz": 44_100,
        "spectral_cutoff_hz": 16_400.0,
        "clipping_ratio": 0.1,
        "dynamic_range_db": 3.0,
        "loudness_lufs": -5.0,
        "true_peak_dbtp": 1.0,
        "bpm_tag": 100.0,
        "bpm": 130.0,
        "key_tag": "Am",
        "key": "C",
        "mode": "major",
    },
)


@pytest.mark.parametrize("tracks", [SICK, NOTHING, SICK.head(1)], ids=["sick", "nothing", "one"])
def test_every_table_is_as_declared(tracks):
    doubts = DOUBTS.with_columns(track_id=pl.Series([1, 9]))
    found = doctor.examine(tracks, made_findings(NO_TITLE), doubtful=doubts)
    assert {name: table.schema for name, table in found.items()} == {
        name: pl.Schema(it) for name, it in SCHEMAS.items()
    }


def judged_of(tracks, **doubts):
    found = doctor.overview(doctor.examine(tracks, NO_FINDINGS, **doubts), tracks, **doubts)
    return dict(found.select("table", "judged").iter_rows())


def test_the_overview_counts_what_was_found():
    doubts = DOUBTS.with_columns(track_id=pl.Series([1, 9]))
    found = doctor.overview(doctor.examine(SICK, made_findings(NO_TITLE), doubtful=doubts), SICK)
    assert found.schema == pl.Schema(doctor.OVERVIEW)
    assert dict(found.select("table", "rows").iter_rows()) == dict.fromkeys(SCHEMAS, 1) | {
        "missing_tags": 5,
        "duplicates": 2,
    }


def test_a_part_is_judged_by_the_whole():
    whole = made_tracks(
        *album("Sky", 1, [1, 2, 4], owner="Ana"), *album("Sky", 2, [5]), {"audio_hash": "aa"}, {"audio_hash": "aa"}, {}
    )
    found = {n: doctor.examine(whole[rows], NO_FINDINGS, whole=whole) for n, rows in enumerate(([0], [3], [5], [6]))}
    counts = {
        name: [len(found[n][name]) for n in range(4)] for name in ("gaps", "split_albums", "duplicates", "missing_tags")
    }
    assert counts == {
        "gaps": [1, 0, 0, 0],
        "split_albums": [1, 1, 0, 0],
        "duplicates": [0, 0, 2, 0],
        "missing_tags": [1, 1, 1, 1],
    }


def test_a_dull_track_is_judged_by_an_album_that_was_not_asked_for():
    plain = {"album_id": 1, "codec": "flac", "sample_rate_hz": 44_100, "loudness_lufs": -12.0}
    whole = made_tracks(*[{**plain, "spectral_cutoff_hz": hz} for hz in (16_400.0, 21_900.0, 21_900.0, 21_900.0)])
    assert len(doctor.examine(whole[[0]], NO_FINDINGS)["transcodes"]) == 1
    assert doctor.examine(whole[[0]], NO_FINDINGS, whole=whole)["transcodes"].is_empty()


def test_findings_are_those_of_the_tracks_and_of_files_that_are_none():
    findings = made_findings({"track_id": 1}, {"track_id": 2}, {"track_id": None})
    assert doctor.findings_of(findings, made_tracks({}))["finding_id"].to_list() == [1, 3]


def test_nothing_is_wrong_with_nothing():
    found = doctor.overview(doctor.examine(NOTHING, NO_FINDINGS), NOTHING)
    assert found.select("rows", "judged").rows() == [(0, 0)] * len(SCHEMAS)


def test_the_overview_counts_the_tracks_that_could_be_judged():
    known = {"clipping_ratio": 0.0, "declared_duration_s": 9.0, "duration_s": 9.0, "bpm": 90.0, "bpm_tag": 90.0}
    known |= {"genre": "Pop"}
    tracks = made_tracks(known, {**known, "bpm_tag": None, "analyzed": False}, {}, {**known, "missing": True})
    judged = judged_of(tracks, doubtful=DOUBTS)
    assert [judged[name] for name in ("missing_tags", "clipped", "lengths", "tempo", "genre")] == [3, 2, 1, 1, 1]
    assert judged["transcodes"] == 0


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("lengths", {"declared_duration_s": 0.0, "duration_s": 9.0}),
        ("lengths", {"declared_duration_s": 9.0}),
        ("split_albums", {"album": "Unknown Album", "album_id": 1}),
        ("gaps", {"album": "Sky", "album_id": 1, "track_number": 0}),
        ("brick_walled", {"dynamic_range_db": 3.0, "loudness_lufs": -5.0}),
        ("tempo", {"bpm_tag": 0.0, "bpm": 90.0}),
        ("key", {"key_tag": "o", "key": "C", "mode": "major"}),
        ("key", {"key": "C", "mode": "major"}),
        ("genre", {"genre": "Pop"}),  # without doubts nobody has asked
    ],
)
def test_what_its_table_leaves_out_is_not_judged(table, row):
    assert judged_of(made_tracks(row))[table] == 0


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("split_albums", {"album": "Sky", "album_id": 1}),
        ("gaps", {"album": "Sky", "album_id": 1, "track_number": 1}),
        ("brick_walled", {"dynamic_range_db": 3.0, "loudness_lufs": -5.0, "true_peak_dbtp": 0.0}),
        ("key", {"key_tag": "Abm", "key": "C", "mode": "major"}),
    ],
)
def test_what_its_table_looks_at_is_judged(table, row):
    assert judged_of(made_tracks(row))[table] == 1


MANY = made_tracks(
    *album("Sky", 1, [1, 2, 4], owner="Ana"),
    *album("Sky", 2, [5, 6, 8], folder="/b"),
    *album("Hits", 3, [1, 2, 2], artist=["Bo", "Cy"], owner="Bo"),
    *album("Hits", 4, [3, 4], artist=["Bo", "Cy"]),
    *[{"audio_hash": text, "title": "Rain", "artists": ["Ana"], "duration_s": 100.0} for text in "aabbcd"],
    *[
        {
            "album_id": 9,
            "codec": "flac",
            "sample_rate_hz": 44_100,
            "spectral_cutoff_hz": 16_400.0,
            "clipping_ratio": 0.1,
            "dynamic_range_db": 3.0,
            "loudness_lufs": -5.0,
            "true_peak_dbtp": 1.0,
            "bpm_tag": 100.0,
            "bpm": 130.0,
            "key_tag": "Am",
            "key": "C",
            "mode": "major",
            "declared_duration_s": 200.0,
            "duration_s": 100.0,
        }
    ]
    * 4,
)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_tracks_changes_nothing(seed):
    expected = doctor.examine(MANY, NO_FINDINGS)
    assert not any(expected[name].is_empty() for name in SCHEMAS.keys() - {"findings", "genre"})
    found = doctor.examine(MANY.sample(fraction=1, shuffle=True, seed=seed), NO_FINDINGS)
    for name, table in expected.items():
        assert_frame_equal(found[name], table)


@pytest.mark.parametrize("name", ["album_id", "artists", "audio_hash", "bpm_confidence", "codec", "path", "year"])
def test_a_column_that_is_not_there_is_named(name):
    with pytest.raises(ColumnNotFoundError, match=name):
        doctor.examine(SICK.drop(name), NO_FINDINGS)


READERS = {"csv": pl.read_csv, "parquet": pl.read_parquet, "json": pl.read_json}


@pytest.mark.parametrize("ending", READERS)
@pytest.mark.parametrize("tracks", [SICK, NOTHING], ids=["sick", "nothing"])
def test_every_table_becomes_a_file(tracks, ending, tmp_path):
    for name, table in doctor.examine(tracks, NO_FINDINGS).items():
        path = write_table(table, tmp_path / f"{name}.{ending}")
        found = READERS[ending](path)
        assert (found.height, [] if ending == "json" and table.is_empty() else found.columns) == (
            table.height,
            [] if ending == "json" and table.is_empty() else table.columns,
        )
