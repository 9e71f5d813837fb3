"""The browser without a browser: what it answers to the page, what it selects, and what it gives."""

import threading

import polars as pl
import pytest
from PIL import Image

import workbench as wb
from workbench.errors import QueryError, SpaceError
from workbench.models import TRACKS
from workbench.widgets import Selection
from workbench.widgets.browser import CollectionBrowser
from workbench.widgets.browser.gestures import edited, selected
from workbench.widgets.browser.payload import crumbs, ends, stars, summary
from workbench.widgets.selection import Source


def frame(count=120):
    """Tracks 1, 2, ...: of three artists in turn, albums of ten, two genres, years from 1990 on."""
    rows = [
        {
            "track_id": number + 1,
            "title": f"Title {number + 1:03}",
            "artists": [f"Artist {number % 3}"],
            "album": f"Album {number // 10}",
            "album_artists": [f"Artist {number % 3}"],
            "genres": [("Ambient", "Techno")[number % 2]],
            "year": 1990 + number % 20,
            "disc_number": 1,
            "track_number": 10 - number % 10,
            "bpm": 90.0 + number % 50,
            "camelot": f"{number % 12 + 1}A",
            "duration_s": 65.4,
            "rating": 0.8 if number == 0 else None,
            "path": f"/nowhere/{number}.flac",
            "has_cover": False,
        }
        for number in range(count)
    ]
    return pl.DataFrame(rows, schema=TRACKS)


class Talk:
    """A browser with what it has sent to its page."""

    def __init__(self, browser):
        self.browser, self.sent = browser, []
        browser._pane.send = lambda message, buffers=(): self.sent.append((message, list(buffers)))
        self.number = 0

    def tell(self, kind, **content):
        """What the page sends; the last answer."""
        self.number += 1
        self.browser._pane._handle_custom_msg({"kind": kind, "view": "v", "number": self.number, **content}, [])
        return self.sent[-1][0] if self.sent else None

    def ids(self):
        return [row["id"] for row in self.last("rows")["rows"]]

    def last(self, kind):
        return next(message for message, _ in reversed(self.sent) if message["kind"] == kind)


@pytest.fixture
def talk():
    return Talk(CollectionBrowser(frame()))


class Shelf:
    """A library whose space knows that each track is like the next."""

    def __init__(self, tracks):
        self._tracks, self.rain = tracks, [1, 2]

    def tracks(self):
        return self._tracks

    def space(self):
        import numpy as np

        ids = self._tracks["track_id"].to_numpy()
        angles = np.linspace(0, 3, len(ids))
        matrix = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
        return wb.Space(ids, matrix, "made", {"made": slice(0, 2)}, "made")

    def suggest(self, text):
        return pl.DataFrame({"kind": ["title"], "text": [f"{text} of the index"], "query": [""]})

    def memberships(self):
        return {"Rain": list(self.rain)}


class List:
    def __init__(self):
        self.track_ids = []

    def add(self, track_ids):
        self.track_ids += track_ids


# --- rows


def test_the_page_asks_and_gets_one_page(talk):
    told = talk.tell("ask")
    assert (told["kind"], told["view"], told["number"]) == ("rows", "v", 1)
    assert talk.ids() == list(range(1, 51))
    assert (told["page"], told["pages"], told["count"], told["summary"]) == (0, 3, 120, "120 tracks")
    assert [column["label"] for column in told["head"]] == [
        "Title", "Artist", "Album", "Year", "Genre", "Key", "Tempo", "Length", "Rating",
    ]  # fmt: skip
    assert told["rows"][0] == {
        "id": 1,
        "name": "Title 001",
        "cells": [
            "Title 001",
            [{"text": "Artist 0", "artist": "Artist 0"}],
            [{"text": "Album 0", "album": "Album 0", "album_artist": "Artist 0"}],
            "1990",
            "Ambient",
            "1A",
            "90",
            "1:05",
            "★★★★☆",
        ],
        "selected": False,
        "cover": False,
    }
    assert told["rows"][1]["cells"][-1] == "\N{EN DASH}"


def test_what_is_typed_is_the_query(talk):
    told = talk.tell("ask", query="genre:techno year-")
    assert talk.browser.query == "genre:techno year-"
    assert told["summary"] == "60 found of 120 tracks"
    assert [column["sort"] for column in told["head"] if column["name"] == "year"] == ["descending"]
    assert len(talk.browser.found) == 60
    assert talk.browser.found.schema == talk.browser.tracks.schema
    assert talk.browser.found["year"][0] == 2009
    assert talk.browser.code == "wb.search(tracks, 'genre:techno year-')"
    assert eval(talk.browser.code, {"wb": wb, "tracks": frame()}).equals(talk.browser.found)  # noqa: S307


def test_what_cannot_be_read_is_told_with_its_place_and_changes_nothing(talk):
    talk.tell("ask", query="techno")
    told = talk.tell("ask", query="techno yaer:1990")
    assert (told["kind"], told["position"], told["query"]) == ("error", 7, "techno yaer:1990")
    assert "did you mean 'year'" in told["message"]
    assert talk.browser.query == "techno"
    assert len(talk.browser.found) == 60
    told = talk.tell("ask", page=1)
    assert (told["kind"], told["page"], told["count"]) == ("rows", 1, 60)


def test_a_query_from_code_is_shown_and_a_wrong_one_is_an_error(talk):
    talk.tell("ask", page=2)
    talk.browser.query = "artist:1"
    assert (talk.last("rows")["view"], talk.last("rows")["query"], talk.last("rows")["page"]) == ("", "artist:1", 0)
    with pytest.raises(QueryError, match="yaer"):
        talk.browser.query = "yaer:1"
    assert talk.browser.query == "artist:1"
    with pytest.raises(QueryError):
        CollectionBrowser(frame(), query="yaer:1")


def test_only_a_page_crosses_the_wire(talk):
    assert len(talk.tell("ask", page=2)["rows"]) == 20
    assert talk.last("rows")["first"] == 100
    assert talk.tell("ask", page=99)["page"] == 2


def test_no_tracks_say_what_to_run():
    talk = Talk(CollectionBrowser(pl.DataFrame(schema=TRACKS)))
    assert "library.scan" in talk.tell("ask")["empty"]
    assert talk.tell("facets")["facets"] == []


def test_nothing_found_says_so(talk):
    assert talk.tell("ask", query="zzz")["empty"] == "No track matches this search. Take a word or a facet away."
    assert talk.last("rows")["summary"] == "0 found of 120 tracks"


def test_a_frame_of_few_columns_will_do():
    talk = Talk(CollectionBrowser(pl.DataFrame({"track_id": [7], "title": [None], "artist": ["Ann"]})))
    assert talk.tell("ask", query="artist:ann")["rows"][0]["name"] == "track 7"
    assert talk.tell("edit", query="", action="drill", artist="Ann")["query"] == "artist:=Ann"
    assert talk.tell("edit", query="", action="sort", field="title")["query"] == "title+"


# --- facets and the way down


def facet_of(talk, name, **content):
    return next(facet for facet in talk.tell("facets", **content)["facets"] if facet["name"] == name)


def test_facets_are_counted_without_themselves(talk):
    talk.tell("ask")
    told = talk.tell("edit", query="", action="toggle", facet="genre", key="Electronic")
    assert told["query"] == "genre:=Ambient, genre:=Techno"
    talk.tell("edit", query='artist:="Artist 0" genre:=Techno', action="toggle", facet="artist", key="Artist 1")
    assert talk.browser.query == '(artist:="Artist 0", artist:="Artist 1") genre:=Techno'
    lines = {entry["key"]: (entry["tracks"], entry["state"]) for entry in facet_of(talk, "artist")["entries"]}
    assert lines == {"Artist 0": (20, "on"), "Artist 1": (20, "on"), "Artist 2": (20, "off")}
    lines = {entry["key"]: (entry["tracks"], entry["state"]) for entry in facet_of(talk, "genre")["entries"]}
    assert lines == {"Electronic": (80, "part"), "Ambient": (40, "off"), "Techno": (40, "on")}


def test_an_opened_facet_is_longer(talk):
    talk.tell("ask")
    assert [len(facet_of(talk, "album")["entries"]), facet_of(talk, "album")["more"]] == [8, 4]
    assert [len(facet_of(talk, "album", opened=["album"])["entries"])] == [12]


def test_a_range_of_the_users_own(talk):
    talk.tell("edit", query="", action="range", facet="year", low="1995", high="")
    assert talk.browser.query == "year:1995.."
    assert (facet_of(talk, "year")["low"], facet_of(talk, "year")["high"]) == ("1995", "")
    told = talk.tell("edit", query="rain", action="range", facet="bpm", low="100", high="fast")
    assert (told["kind"], told["query"], told["position"]) == ("error", "rain bpm:100..fast", 9)
    talk.tell("edit", query=talk.browser.query, action="clear", facet="year")
    assert talk.browser.query == ""


def test_a_gesture_on_a_half_typed_search_goes_to_the_last_good_one(talk):
    talk.tell("ask", query="rain")
    assert talk.tell("edit", query="rain genre:", action="sort", field="year")["query"] == "rain year+"


def test_down_from_artists_to_albums_to_tracks_and_back(talk):
    told = talk.tell("ask", level="artists")
    assert [row["name"] for row in told["rows"]] == ["Artist 0", "Artist 1", "Artist 2"]
    assert told["rows"][0]["cells"][1:] == ["12", "40", "43:36"]

    told = talk.tell("edit", query="", action="drill", artist="Artist 1")
    assert (told["query"], told["level"], told["count"]) == ('artist:="Artist 1"', "albums", 12)
    assert [step["label"] for step in told["crumbs"]] == ["All artists", "Artist 1"]

    told = talk.tell("edit", query=told["query"], action="drill", album="Album 0", album_artist="Artist 1")
    assert (told["query"], told["level"]) == ('artist:="Artist 1" album:="Album 0" disc+ track+', "tracks")
    assert talk.ids() == [8, 5, 2]
    assert [step["label"] for step in told["crumbs"]] == ["All artists", "Artist 1", "Album 0"]

    told = talk.tell("edit", query=told["query"], action="back", to="artist")
    assert (told["query"], told["level"]) == ('artist:="Artist 1"', "albums")
    told = talk.tell("edit", query=told["query"], action="back", to="")
    assert (told["query"], told["level"], told["count"]) == ("", "artists", 3)


def test_an_album_of_a_track_is_that_of_its_artist():
    columns = frame().schema
    text, level = edited("rain", {"action": "drill", "album": "Best", "album_artist": "Ann"}, {}, columns)
    assert (text, level) == ("rain album:=Best album_artist:=Ann disc+ track+", "tracks")
    assert [step["label"] for step in crumbs(wb.query.parse(text))] == ["All artists", "Ann", "Best"]
    text, _ = edited("rain year-", {"action": "drill", "album": "Best", "album_artist": None}, {}, columns)
    assert text == "rain album:=Best year-"


# --- typing


def test_completions_come_from_the_tracks(talk):
    told = talk.tell("suggest", query="genre:te", caret=8)
    assert told["offers"] == [{"label": "Techno", "detail": "60 tracks", "text": "genre:=Techno ", "caret": 14}]
    assert told["query"] == "genre:te"


def test_completions_of_a_whole_library_come_from_its_index():
    talk = Talk(CollectionBrowser(Shelf(frame())))
    offers = talk.tell("suggest", query="alo", caret=3)["offers"]
    assert [offer["text"] for offer in offers] == ['title:="alo of the index" ']


# --- what is selected


def test_by_hand(talk):
    talk.tell("ask", query="year-")
    shown = talk.ids()
    talk.tell("select", how="one", id=shown[3])
    assert talk.browser.selection.track_ids == (shown[3],)
    told = talk.tell("select", how="range", id=shown[5], anchor=shown[3])
    assert talk.browser.selection.track_ids == tuple(shown[3:6])
    assert (told["kind"], told["marked"], told["summary"]) == ("marks", shown[3:6], "3 selected of 120 tracks")
    talk.tell("select", how="toggle", id=shown[4])
    assert talk.browser.selection.track_ids == (shown[3], shown[5])
    assert talk.browser.selection.source.kind == "rows"
    talk.tell("undo")
    assert talk.browser.selection.track_ids == tuple(shown[3:6])
    told = talk.tell("redo")
    assert (told["can_undo"], told["can_redo"], told["selected"]) == (True, False, 2)


@pytest.mark.parametrize(
    ("gesture", "expected"),
    [
        ({"how": "one", "id": 3}, [3]),
        ({"how": "toggle", "id": 3}, [9, 1, 3]),
        ({"how": "toggle", "id": 9}, [1]),
        ({"how": "range", "id": 2, "anchor": 4}, [4, 3, 2]),
        ({"how": "range", "id": 4, "anchor": 2}, [4, 3, 2]),
        ({"how": "range", "id": 4, "anchor": 77}, [4]),
        ({"how": "range", "id": 4}, [4]),
        ({"how": "add", "id": 5, "anchor": 4}, [9, 1, 5, 4]),
        ({"how": "all"}, [5, 4, 3, 2, 1]),
        ({"how": "none"}, []),
    ],
)
def test_gestures(gesture, expected):
    assert selected((9, 1), pl.Series([5, 4, 3, 2, 1]), gesture) == expected


def test_all_found_are_selected_on_all_pages_and_say_how(talk):
    talk.tell("ask", query="genre:techno")
    talk.tell("select", how="all")
    selection = talk.browser.selection
    assert len(selection.track_ids) == 60
    assert selection.source == Source("query", "genre:techno", "wb.search(tracks, 'genre:techno')")
    again = eval(selection.code(), {"wb": wb, "tracks": frame()})  # noqa: S307
    assert again["track_id"].to_list() == list(selection.track_ids)
    talk.tell("select", how="none")
    assert selection.track_ids == ()


def test_all_are_the_tracks_also_where_albums_are_listed(talk):
    talk.tell("ask", query="genre:techno", level="albums")
    talk.tell("select", how="all")
    assert len(talk.browser.selection.track_ids) == 60


def test_what_others_select_is_marked(talk):
    talk.tell("ask")
    talk.browser.selection.choose([2, 100, 777], Source("lasso"))
    told = talk.last("marks")
    assert (told["marked"], told["summary"]) == ([2], "2 selected of 120 tracks")
    talk.browser.selection.click(3)
    assert talk.last("marks")["clicked"] == 3


def test_selected_only(talk):
    talk.tell("ask", query="techno")
    talk.browser.selection.choose([50, 1, 100])
    told = talk.tell("only", on=True)
    assert (talk.ids(), told["only"], told["summary"]) == ([50, 1, 100], True, "3 selected of 60 found of 120 tracks")
    talk.tell("select", how="toggle", id=1)
    assert talk.ids() == [50, 1, 100]
    assert talk.last("marks")["marked"] == [50, 100]
    talk.browser.selection.choose([7])
    assert talk.ids() == [7]
    talk.browser.selection.choose([])
    assert talk.last("rows")["empty"] == "Nothing is selected."
    told = talk.tell("only", on=False)
    assert (told["only"], told["count"]) == (False, 60)
    talk.tell("only", on=True)
    assert talk.tell("ask", query="techno year+")["only"] is False


def test_who_is_not_seen_says_nothing(talk):
    """A cell that is run again leaves its browser behind, on the shared selection: it worked for nobody."""
    talk.tell("ask")
    talk.browser.selection.choose([2])
    talk.tell("only", on=True)
    talk.tell("leave")
    said = len(talk.sent)
    talk.browser.selection.choose([5])
    talk.browser.selection.click(5)
    assert len(talk.sent) == said
    assert talk.tell("ask")["selected"] == 1
    assert talk.ids() == [5]
    talk.browser.selection.choose([7])
    assert talk.ids() == [7]


def test_windows_share_a_selection():
    tracks = frame()
    selection = Selection(tracks, [5])
    one, two = Talk(CollectionBrowser(selection)), Talk(CollectionBrowser(tracks, selection=selection))
    assert one.tell("ask")["summary"] == "1 selected of 120 tracks"
    two.tell("select", how="one", id=9)
    assert one.last("marks")["selected"] == 1
    assert one.browser.selection.track_ids == (9,)
    two.browser.close()
    two.sent.clear()
    one.tell("select", how="one", id=10)
    assert two.sent == []


def test_cells_and_callbacks_at_once_do_not_wait_for_each_other(talk):
    """A callback of the page and a cell both change what is selected and what is searched for."""
    browser = talk.browser

    def page():
        for number in range(60):
            talk.tell("ask", query=f"title:{number}")
            talk.tell("select", how="all")

    other = threading.Thread(target=page)
    other.start()
    for number in range(200):
        browser.selection.choose([number + 1])
    other.join(60)
    assert not other.is_alive()
    assert browser.status._output.outputs == ()


# --- play, alike, add, covers


def test_play(talk):
    talk.tell("ask", query="year-")
    talk.tell("play", id=7)
    assert talk.browser.selection.clicked == 7
    talk.tell("play")
    assert talk.browser.selection.clicked == talk.ids()[0]
    talk.browser.selection.choose([30, 31])
    talk.tell("play")
    assert talk.browser.selection.clicked == 30


def test_more_like_this_selects_and_shows_neighbours():
    tracks = frame(60).with_columns(artists=pl.concat_list(pl.format("A {}", "track_id")))
    talk = Talk(CollectionBrowser(Shelf(tracks), query="title:001"))
    assert talk.tell("ask")["can_liken"] is True
    talk.tell("select", how="one", id=1)
    talk.tell("liken")
    selection = talk.browser.selection
    assert sorted(selection.track_ids) == list(range(2, 22))
    assert (selection.source.kind, selection.source.detail) == ("neighbours", (1,))
    assert (talk.last("rows")["only"], talk.ids()) == (True, list(selection.track_ids))
    assert talk.browser.status.text == "20 tracks that sound like the one selected."
    again = eval(selection.code(), {"wb": wb, "pl": pl, "tracks": tracks, "library": Shelf(tracks)})  # noqa: S307
    assert sorted(again["track_id"]) == sorted(selection.track_ids)


def test_more_like_nothing_and_like_too_many_is_one_line():
    talk = Talk(CollectionBrowser(Shelf(frame())))
    talk.tell("liken")
    assert talk.browser.status.text == "nothing is selected: select a track to find others like it"
    talk.tell("select", how="all")
    talk.tell("liken")
    assert talk.browser.status.text.startswith("120 tracks are selected: select at most 25")


def test_an_error_of_the_library_is_shown():
    class Bare(Shelf):
        def space(self):
            raise SpaceError("2 tracks are too few for a space")

    talk = Talk(CollectionBrowser(frame(), library=Bare(frame())))
    talk.tell("select", how="one", id=1)
    talk.tell("liken")
    assert talk.browser.status.text == "2 tracks are too few for a space"
    assert 'role="alert"' in talk.browser.status._line.value


def test_without_a_library_or_a_list_there_are_no_such_buttons(talk):
    told = talk.tell("ask")
    assert (told["can_liken"], told["can_add"]) == (False, False)
    talk.browser.builder = List()
    assert talk.last("rows")["can_add"] is True


def test_selected_tracks_are_added_to_the_list():
    builder = List()
    talk = Talk(CollectionBrowser(frame(), builder=builder))
    talk.tell("add")
    assert builder.track_ids == []
    talk.browser.selection.choose([3, 1])
    talk.tell("add")
    assert builder.track_ids == [3, 1]
    assert talk.browser.status.text == "Added 2 to the playlist."


def test_playlists_of_a_library_can_be_searched():
    talk = Talk(CollectionBrowser(Shelf(frame())))
    assert talk.tell("ask", query="playlist:=rain")["count"] == 2
    assert talk.browser.code == "library.search('playlist:=rain')"


def test_a_playlist_that_has_changed_is_searched_anew():
    shelf = Shelf(frame())
    talk = Talk(CollectionBrowser(shelf))
    assert talk.tell("ask", query="playlist:=rain")["count"] == 2
    facet_of(talk, "genre")
    shelf.rain = [1, 3, 5]
    assert talk.tell("ask", query="playlist:=rain")["count"] == 3
    assert [entry["tracks"] for entry in facet_of(talk, "genre")["entries"] if not entry["depth"]] == [3]


def test_the_code_of_a_frame_searches_no_other_tracks():
    shelf = Shelf(frame())
    browser = CollectionBrowser(frame().tail(119), library=shelf, query="playlist:=rain")
    names = {"wb": wb, "tracks": browser.tracks, "library": shelf}
    assert eval(browser.code, names)["track_id"].to_list() == [2]  # noqa: S307  our own code
    assert browser.found["track_id"].to_list() == [2]


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_values_that_are_none_are_dashes(bad):
    """Frames from elsewhere have them; the table came empty then, without a word."""
    row = {"track_id": 1, "title": "A", "artists": [None, "Bo"], "genres": [None], "bpm": bad, "duration_s": bad}
    talk = Talk(CollectionBrowser(pl.DataFrame([row, {**row, "track_id": 2, "bpm": 90.0}], schema=TRACKS)))
    told = talk.tell("ask")
    assert [column["name"] for column in told["head"]] == ["title", "artists", "genres", "bpm", "duration_s"]
    assert told["rows"][0]["cells"] == [
        "A",
        [{"text": "Bo", "artist": "Bo"}],
        "\N{EN DASH}",
        "\N{EN DASH}",
        "\N{EN DASH}",
    ]
    assert [entry["label"] for entry in facet_of(talk, "bpm")["entries"]] == ["80 to 100"]
    assert talk.tell("ask", level="artists")["rows"][0]["cells"][3] == "\N{EN DASH}"


def test_a_level_that_there_is_not_changes_nothing():
    talk = Talk(CollectionBrowser(pl.DataFrame({"track_id": [1, 2], "title": ["A", "B"]})))
    talk.tell("ask", level="artists")
    assert "without a column 'artists'" in talk.browser.status.text
    assert talk.tell("ask", query="title:b")["count"] == 1


def test_the_selected_tracks_alone_are_sorted(talk):
    talk.browser.selection.choose([50, 1, 100])
    talk.tell("only", on=True)
    told = talk.tell("edit", query="", action="sort", field="title")
    assert (talk.ids(), told["only"], told["query"]) == ([1, 50, 100], True, "title+")
    assert talk.tell("edit", query="title+", action="toggle", facet="genre", key="Techno")["only"] is False


def test_keys_are_sorted_round_the_wheel(talk):
    talk.tell("edit", query="", action="sort", field="camelot")
    assert list(dict.fromkeys(row["cells"][5] for row in talk.last("rows")["rows"])) == ["1A", "2A", "3A", "4A", "5A"]


def test_what_a_click_elsewhere_raises_is_seen_here(talk, monkeypatch):
    def fail(*_arguments):
        raise SpaceError("no rows")

    monkeypatch.setattr("workbench.widgets.browser.conversation.counted", fail)
    talk.browser.selection.click(3)
    assert talk.browser.status.text == "no rows"


def test_a_library_is_taken_anew_on_request():
    shelf = Shelf(frame(3))
    talk = Talk(CollectionBrowser(shelf))
    assert talk.tell("ask")["count"] == 3
    shelf._tracks = frame(5)
    talk.browser.refresh()
    assert talk.last("rows")["count"] == 5
    assert len(talk.browser.selection.tracks) == 5


def test_covers_come_when_they_are_asked_for(tmp_path):
    from mutagen.flac import FLAC, Picture

    path = tmp_path / "1.flac"
    import soundfile as sf

    sf.write(path, [[0.0, 0.0]] * 100, 44_100)
    picture = tmp_path / "cover.png"
    Image.new("RGB", (200, 200), "red").save(picture)
    file, cover = FLAC(path), Picture()
    cover.data, cover.mime, cover.type = picture.read_bytes(), "image/png", 3
    file.add_picture(cover)
    file.save()
    tracks = frame(2).with_columns(path=pl.lit(str(path)), has_cover=pl.Series([True, False]))
    talk = Talk(CollectionBrowser(tracks))
    assert [row["cover"] for row in talk.tell("ask")["rows"]] == [True, False]
    assert talk.sent[-1][1] == []
    told = talk.tell("covers", ids=[1, 2])
    assert (told["ids"], told["covered"]) == ([1, 2], [1])
    assert [each[:3] for each in talk.sent[-1][1]] == [b"\xff\xd8\xff"]


def test_what_a_page_should_not_send_changes_nothing(talk):
    talk.browser._pane._handle_custom_msg("nonsense", [])
    talk.browser._pane._handle_custom_msg({"kind": "nonsense"}, [])
    talk.browser._pane._handle_custom_msg({"kind": "ask_"}, [])
    assert talk.sent == []


def test_small_texts():
    assert (stars(0.5), stars(1.0), stars(0.0)) == ("★★½☆☆", "★★★★★", "☆☆☆☆☆")
    assert ends(["1990..1999"]) == ("1990", "1999")
    assert summary(0, 1, 1) == "1 track"
