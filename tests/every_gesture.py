"""A program that uses every window and every method of a library, and lets no decoder be loaded in its own process.

``python every_gesture.py <library> <folder of music to scan> <folder to write to>``; it prints what it did.
"""

import inspect
import sys
import threading
from pathlib import Path

import workbench as wb

DECODERS = ("av", "librosa", "mutagen", "soundfile")
PATIENCE_S = 120
KINDS = ("track", "waveform", "cover", "excerpt")


def decodes(name):
    """Whether a module is a decoder. plotly imports PIL to know a picture, but opens none: that loads the plugins."""
    return name.partition(".")[0] in DECODERS or (name.startswith("PIL.") and name.endswith("Plugin"))


def refuse(event, words):
    """Let whoever imports a decoder be seen in the traceback."""
    if event == "import" and decodes(words[0]):
        raise SystemError(f"the parent imports {words[0]}")


def methods(library, tracks, music, home):
    """Each public method of a library, called as a user would."""
    first, second = tracks["track_id"][:2]
    layout = library.similarity_map(seed=0)
    square = [(layout["x"].min(), layout["y"].min()), (layout["x"].max(), layout["y"].min())]
    square += [(layout["x"].max(), layout["y"].max()), (layout["x"].min(), layout["y"].max())]
    corners = [(float(x), float(y)) for x, y in square]
    saved = wb.Playlist("Rain", tracks.head(5))
    saved.write(home / "rain.m3u8")
    stop = threading.Event()

    def watch():
        for _ in library.watch(music, stop=stop):
            stop.set()

    return {
        "scan": lambda: library.scan(music, progress=quiet),
        "analyze": lambda: library.analyze(workers=1, progress=quiet),
        "save": lambda: library.save(saved),
        "track_analysis": lambda: library.track_analysis(int(first)),
        "backup": lambda: library.backup(home / "backup.db"),
        "correct": lambda: library.correct(int(first), bpm=100.0),
        "explain": lambda: library.explain(int(first), int(second)),
        "export": lambda: library.export(tracks, home / "tracks.csv"),
        "move_root": lambda: library.move_root(music, music),
        "playlist": lambda: library.playlist("Rain"),
        "rate": lambda: library.rate(int(first), 0.8),
        "read_playlist": lambda: library.read_playlist(home / "rain.m3u8"),
        "refresh": lambda: library.refresh(library.smart_playlist("Fast", "bpm:100..")),
        "region": lambda: library.region(layout, corners),
        "save_space": lambda: library.save_space("mine", library.space(kind="timbre").weighted(rhythm=2)),
        "search": lambda: library.search("bpm:60..200"),
        "select": lambda: library.select(library.region(layout, corners)),
        "smart_playlist": lambda: library.smart_playlist("Slow", "bpm:..100"),
        "suggest": lambda: library.suggest("genre:"),
        "watch": watch,
    }


def quiet(_done, _total, _text):
    """No bar."""


def use_library(library, music, home):
    tracks = library.tracks()
    known = methods(library, tracks, music, home)
    for name, method in inspect.getmembers(library, inspect.ismethod):
        if not name.startswith("_"):
            known.setdefault(name, method)  # one that needs an argument and stands not above fails here
    for call in known.values():
        call()
    return len(known)


class Ear:
    """What a window tells its page."""

    def __init__(self, widget):
        self.kinds, self.news = [], threading.Condition()
        self.buffers = []
        widget.send = self.hear

    def hear(self, message, buffers=None):
        with self.news:
            self.kinds.append(message["kind"])
            self.buffers += [(message["kind"], bytes(part)) for part in buffers or ()]
            self.news.notify_all()

    def wait_for(self, kind):
        with self.news:
            assert self.news.wait_for(lambda: kind in self.kinds, PATIENCE_S), (kind, self.kinds)


def use_windows(library, music):
    tracks = library.tracks()
    ids = tracks["track_id"].to_list()
    with_cover = tracks.filter(tracks["has_cover"])["track_id"].to_list()
    selection = wb.Selection(tracks, library=library)
    builder = wb.PlaylistBuilder(selection, library=library)
    builder.add(with_cover[:5])
    rows = Ear(builder._list)
    builder._list._handle_custom_msg({"kind": "covers", "ids": with_cover[:5]}, [])
    browser = wb.CollectionBrowser(library, selection=selection)
    table = Ear(browser._pane)
    for message in (
        {"kind": "ask", "query": ""},
        {"kind": "facets"},
        {"kind": "suggest", "query": "genre:", "caret": 6},
        {"kind": "covers", "ids": with_cover[:20]},
        {"kind": "play", "id": ids[0]},
    ):
        browser._pane._handle_custom_msg({"view": "v", "number": 1, **message}, [])
    layout = library.similarity_map(library.groups(seed=0), seed=0)
    lines, card = wb.MapView(layout, selection=selection)._card(with_cover[0])
    explorer = wb.Explorer(library, selection=selection)
    told = Ear(explorer._page)
    for kind in ("about", "play_point"):
        explorer._page._handle_custom_msg({"kind": kind, "point": 0}, [])
    player = wb.Player(selection)
    deck = Ear(player._deck)
    player.play(with_cover[0])
    player._deck._handle_custom_msg({"kind": "excerpt", "turn": 1}, [])
    for kind in KINDS:
        deck.wait_for(kind)
    views = wb.show(ids[0], library), wb.show({"path": tracks["path"][1]})
    for view in views:
        view.wait(PATIENCE_S)
        assert view.news["kind"] == "ready", view.news
    job = wb.Job(library)
    job.scan(music)
    job.wait(PATIENCE_S)
    panel = wb.SettingsPanel(library)
    panel._face._handle_custom_msg({"kind": "ready"}, [])
    pictures = [part for ear in (rows, table, told, deck) for kind, part in ear.buffers if kind in {"cover", "covers"}]
    pictures += [card, views[0].cover]
    assert lines
    return len([picture for picture in pictures if picture]), all(
        picture.startswith(b"\xff\xd8\xff\xe0") for picture in pictures if picture
    )


def main(path, music, home):
    sys.addaudithook(refuse)
    library = wb.Library(path)
    called = use_library(library, music, home)
    pictures, are_ours = use_windows(library, music)
    loaded = [name for name in sys.modules if decodes(name)]
    print(f"methods {called}, pictures {pictures}, all of them JPEG: {are_ours}, decoders loaded: {len(loaded)}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
