"""Listen in a real JupyterLab: what the page asks the server for, and what its audio element plays."""

import numpy as np
import pytest
import soundfile as sf
from mutagen.flac import FLAC

BAD_TITLE = "<img src=x onerror=alert(1)>"
SR = 44_100
PLAYS = """id => { const audio = document.querySelector(`audio[data-track-id="${id}"]`);
    return audio && audio.readyState >= 2 && !audio.paused && audio.currentTime > 0.2; }"""
RUN = """text => { const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = notebook.widgets.length - 1;
    notebook.activeCell.model.sharedModel.setSource(text);
    return window.jupyterapp.commands.execute('notebook:run-cell').then(() => null); }"""
AUDIO = "document.querySelector('audio[data-track-id]:not([data-track-id=\"\"])')"


def tone(seconds, hz):
    """Both channels, twice as loud in the second half."""
    times = np.arange(round(seconds * SR)) / SR
    y = 0.3 * np.sin(2 * np.pi * hz * times) * np.where(times < seconds / 2, 1, 2)
    return np.stack([y, y], axis=1)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A library of a long WAV, a FLAC with a hostile title, an AIFF and what is no music."""
    import workbench as wb

    home = tmp_path_factory.mktemp("player")
    folder = home / "music"
    folder.mkdir()
    sf.write(folder / "long.wav", tone(240, 220), SR)
    sf.write(folder / "bad.flac", tone(40, 330), SR)
    sf.write(folder / "odd.aiff", tone(40, 440), SR)
    tags = FLAC(folder / "bad.flac")
    tags["title"], tags["artist"], tags["album"] = BAD_TITLE, BAD_TITLE, "Weather"
    tags.save()
    sf.write(folder / "short.ogg", tone(1.5, 550), SR, format="OGG", subtype="VORBIS")
    library = wb.Library(home / "library.db")
    library.scan(folder, progress=None)
    return library.path


@pytest.fixture(scope="module")
def notebook(new_page, store):
    """A notebook with a player of a library, and one of rows that no server knows."""
    with new_page() as page:
        page.answers = []
        page.page.on("response", lambda reply: page.answers.append((reply.url, reply.status)))
        begin = f"import workbench as wb\nlibrary = wb.Library({str(store)!r})\ntracks = library.tracks()"
        cells = (
            begin,
            "ids = {path.rsplit('/', 1)[1]: track_id for track_id, path in tracks['track_id', 'path'].rows()}",
            "player = wb.Player(wb.Selection(tracks, library=library)); player",
            "alone = wb.Player(wb.Selection(tracks)); alone",
        )
        page.run_cells("player.ipynb", cells)
        page.page.locator(".wb-player").nth(1).wait_for()
        page.page.mouse.click(5, 5)  # browsers let a page sound once somebody has touched it
        yield page


@pytest.fixture
def lab(notebook):
    """The notebook, silent."""
    notebook.page.evaluate("document.querySelectorAll('audio').forEach(audio => { audio.pause(); audio.volume = 1; })")
    notebook.answers.clear()
    return notebook


def click(lab, name, window="player"):
    """Click a track, as a map would; gives its id."""
    track_id = lab.kernel.ask(f"ids[{name!r}]")
    lab.kernel.ask(f"{window}.selection.click({track_id})")
    return track_id


def plays(lab, track_id):
    lab.page.wait_for_function(PLAYS, arg=str(track_id))


def state(lab, track_id, expression):
    """Of a track's audio element."""
    return lab.page.evaluate(f"(audio => {expression})(document.querySelector('audio[data-track-id=\"{track_id}\"]'))")


def streamed(lab, track_id):
    """Statuses of the answers that carried a track."""
    return [status for url, status in lab.answers if url.endswith(f"/{track_id}") and "workbench/audio/" in url]


def window(lab, place=0):
    found = lab.page.locator(".wb-player").nth(place)
    found.scroll_into_view_if_needed()
    return found


def at(lab, share, place=0):
    """Click the waveform, at this share of its width."""
    wave = window(lab, place).get_by_role("slider", name="Position")
    box = wave.bounding_box()
    lab.page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
    return wave


def test_a_click_streams_the_whole_track_in_ranges(lab):
    track_id = click(lab, "long.wav")
    plays(lab, track_id)
    assert state(lab, track_id, "audio.src").endswith(f"/{track_id}")
    assert "workbench/audio/" in state(lab, track_id, "audio.src")
    assert abs(state(lab, track_id, "audio.duration") - 240) < 0.1
    wave = at(lab, 0.75)
    lab.page.wait_for_function(f"{AUDIO}.currentTime > 180.2")
    assert state(lab, track_id, "audio.currentTime") < 190
    assert 178 <= int(wave.get_attribute("aria-valuenow")) <= 190
    assert wave.get_attribute("aria-valuetext").endswith("of 4:00")
    assert 206 in streamed(lab, track_id), lab.answers


def test_the_waveform_is_drawn(lab):
    click(lab, "long.wav")
    lab.page.wait_for_function(
        """() => { const canvas = document.querySelector('.wb-wave-canvas'), pen = canvas.getContext('2d');
            const tall = share => {
                const {data} = pen.getImageData(Math.round(canvas.width * share), 0, 3, canvas.height);
                let rows = 0;
                for (let at = 3; at < data.length; at += 12) rows += data[at] + data[at + 4] + data[at + 8] > 0;
                return rows / canvas.height; };
            return Math.abs(tall(0.25) - 0.3) < 0.05 && Math.abs(tall(0.75) - 0.6) < 0.05; }"""
    )


def test_a_drag_seeks_to_where_it_ends(lab):
    track_id = click(lab, "long.wav")
    plays(lab, track_id)
    box = window(lab).get_by_role("slider", name="Position").bounding_box()
    middle = box["y"] + box["height"] / 2
    lab.drag([(box["x"] + share * box["width"], middle) for share in (0.1, 0.9, 0.5)])
    lab.page.wait_for_function(f"{AUDIO}.currentTime > 119 && {AUDIO}.currentTime < 130")


def test_keys(lab):
    track_id = click(lab, "long.wav")
    plays(lab, track_id)
    cell = "window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    at(lab, 0.5)
    before = lab.page.evaluate(cell)
    lab.page.keyboard.press(" ")
    lab.page.wait_for_function(f"{AUDIO}.paused")
    start = state(lab, track_id, "audio.currentTime")
    for key, expected in (("ArrowRight", 5), ("ArrowLeft", 0), ("ArrowLeft", -5)):
        lab.page.keyboard.press(key)
        assert abs(state(lab, track_id, "audio.currentTime") - start - expected) < 0.1
    for key, volume in (("ArrowDown", 0.95), ("ArrowDown", 0.9), ("ArrowUp", 0.95)):
        lab.page.keyboard.press(key)
        assert abs(state(lab, track_id, "audio.volume") - volume) < 1e-6
    assert abs(float(window(lab).get_by_label("Volume").input_value()) - 0.95) < 0.01
    lab.page.keyboard.press("Home")
    assert state(lab, track_id, "audio.currentTime") == 0
    lab.page.keyboard.press(" ")
    plays(lab, track_id)
    assert lab.page.evaluate(cell) == before, "the notebook did not move"
    window(lab).get_by_role("button", name="Pause").focus()
    lab.page.keyboard.press(" ")
    lab.page.wait_for_function(f"{AUDIO}.paused")


def test_the_same_track_again_begins_again(lab):
    track_id = click(lab, "long.wav")
    plays(lab, track_id)
    at(lab, 0.5)
    lab.page.wait_for_function(f"{AUDIO}.currentTime > 100")
    click(lab, "long.wav")
    lab.page.wait_for_function(f"{AUDIO}.currentTime < 50")
    plays(lab, track_id)


def test_a_format_that_no_browser_plays_comes_as_an_excerpt(lab):
    track_id = click(lab, "odd.aiff")
    plays(lab, track_id)
    assert state(lab, track_id, "audio.src").startswith("blob:")
    assert streamed(lab, track_id), "it was tried"
    window(lab).get_by_text("30 s excerpt").wait_for()
    assert abs(state(lab, track_id, "audio.duration") - 30) < 0.1
    assert state(lab, track_id, "audio.currentTime") < 10
    window(lab).get_by_text("/ 0:40").wait_for()
    at(lab, 0.02)
    lab.page.wait_for_function(f"{AUDIO}.currentTime < 1")
    window(lab).locator("[aria-valuetext='0:10 of 0:40']").wait_for()  # the excerpt's first second


def test_without_a_library_there_is_an_excerpt_and_one_player_sounds(lab):
    first = click(lab, "long.wav")
    plays(lab, first)
    second = click(lab, "bad.flac", "alone")
    plays(lab, second)
    assert state(lab, second, "audio.src").startswith("blob:")
    assert state(lab, second, "Math.round(audio.duration)") == 30
    assert not streamed(lab, second)
    assert state(lab, first, "audio.paused")


def test_a_page_of_no_server_gets_an_excerpt(lab):
    lab.page.evaluate("document.getElementById('jupyter-config-data').id = 'elsewhere'")
    try:
        track_id = click(lab, "long.wav")
        plays(lab, track_id)
    finally:
        lab.page.evaluate("document.getElementById('elsewhere').id = 'jupyter-config-data'")
    assert state(lab, track_id, "audio.src").startswith("blob:")
    assert not streamed(lab, track_id)
    window(lab).get_by_text("1:20 / 4:00").or_(window(lab).get_by_text("1:21 / 4:00")).first.wait_for()


def test_a_page_that_may_not_sound_yet_says_how_to_begin(lab):
    lab.page.evaluate(
        """() => { const audio = HTMLMediaElement.prototype, play = audio.play;
            audio.play = () => Promise.reject(new DOMException('not touched yet', 'NotAllowedError'));
            window.allowSound = () => { audio.play = play; }; }"""
    )
    track_id = click(lab, "long.wav")
    window(lab).get_by_text("Press Play to begin.").wait_for()
    lab.page.wait_for_function(f"{AUDIO}?.readyState >= 2")
    lab.page.evaluate("window.allowSound()")
    window(lab).get_by_role("button", name="Play", exact=True).click()
    plays(lab, track_id)
    assert window(lab).get_by_text("Press Play to begin.").count() == 0


def test_a_title_is_text(lab):
    click(lab, "bad.flac")
    window(lab).locator("strong", has_text=BAD_TITLE).wait_for()
    assert window(lab).get_by_text(BAD_TITLE).count() == 2
    assert lab.page.locator("img[src=x]").count() == 0


def test_the_next_track_follows_where_that_is_wished(lab):
    order = lab.kernel.ask("tracks['track_id'].to_list()")
    short = lab.kernel.ask("ids['short.ogg']")
    follower = lab.kernel.ask("ids['long.wav']")
    lab.kernel.ask(f"player.selection.choose([{short}, {follower}])")
    first, second = sorted([short, follower], key=order.index)
    box = window(lab).get_by_label("Play on")
    box.check()
    lab.kernel.ask(f"player.selection.click({first})")
    plays(lab, first)
    if first != short:
        at(lab, 0.999)
    lab.kernel.wait_for("player.selection.clicked", second)
    lab.page.wait_for_function("id => document.querySelector(`audio[data-track-id='${id}']`)", arg=str(second))
    box.uncheck()
    lab.kernel.ask("player.selection.choose([])")


def test_buttons_walk(lab):
    order = lab.kernel.ask("tracks['track_id'].to_list()")
    click(lab, "long.wav")
    place = order.index(lab.kernel.ask("player.selection.clicked"))
    window(lab).get_by_role("button", name="Next").click()
    lab.kernel.wait_for("player.selection.clicked", order[(place + 1) % len(order)])
    window(lab).get_by_role("button", name="Previous").click()
    lab.kernel.wait_for("player.selection.clicked", order[place])


def test_what_cannot_be_played_is_said(lab, store):
    broken = store.parent / "music" / "short.ogg"
    kept = broken.read_bytes()
    broken.write_bytes(b"no music any more")
    try:
        click(lab, "short.ogg")
        lab.page.get_by_role("alert").get_by_text("short.ogg").first.wait_for()
        window(lab).get_by_text("This file cannot be played.").wait_for()
    finally:
        broken.write_bytes(kept)


@pytest.mark.parametrize("width", [500, 1500])
def test_nothing_is_cut_off(lab, width):
    lab.page.set_viewport_size({"width": width, "height": 900})
    click(lab, "bad.flac")
    window(lab).locator("strong", has_text=BAD_TITLE).wait_for()
    cut = lab.page.evaluate(
        """() => [...document.querySelectorAll('.wb-player, .wb-player *')]
            .filter(part => part.scrollWidth > part.clientWidth + 1 && part.clientWidth).map(part => part.className)"""
    )
    assert cut == []
    lab.page.set_viewport_size({"width": 1300, "height": 1000})


def test_a_player_that_is_gone_is_silent(lab):
    track_id = click(lab, "long.wav", "alone")
    plays(lab, track_id)
    lab.kernel.ask("alone.close()")
    lab.page.wait_for_function("() => document.querySelectorAll('.wb-player').length === 1")
    lab.page.wait_for_function("() => [...document.querySelectorAll('audio')].every(audio => audio.paused)")


def test_a_player_whose_cell_was_run_again_plays_no_more(lab):
    """It hears of the clicks in a selection that it shares with the one that took its place."""
    lab.kernel.ask("globals().update(shared=wb.Selection(tracks, library=library))")
    for _ in range(2):
        lab.page.evaluate(RUN, "wb.Player(shared)")
        lab.page.wait_for_function("() => document.querySelectorAll('.wb-player').length === 2")
        lab.page.wait_for_timeout(1000)
    long = lab.kernel.ask("ids['long.wav']")
    lab.kernel.ask(f"shared.click({long})")
    both = "[...document.querySelectorAll('audio')].slice(-2)"  # those of the two runs, in their order
    lab.page.wait_for_function(f"() => {both}.some(audio => !audio.paused && audio.currentTime > 0.2)")
    assert lab.page.evaluate(f"{both}.map(audio => audio.hasAttribute('src'))") == [False, True]
