"""Lasso, click and press buttons in a real JupyterLab; what comes of it is asserted in the kernel and on the disk."""

import numpy as np
import polars as pl
import pytest
import soundfile as sf

from workbench.models import TRACKS

BAD_TITLE = "<img src=x onerror=alert(1)>"
CENTRES = {"left": (0.0, 0.0), "right": (10.0, 0.0), "top": (5.0, 10.0)}
IDS = {"left": list(range(101, 111)), "right": list(range(111, 121)), "top": list(range(121, 131))}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the music is and the playlists go."""
    return tmp_path_factory.mktemp("music")


@pytest.fixture(scope="module")
def layout_file(folder):
    """A layout of three tight groups, one genre each but for "right", whose tracks take turns; all have a file."""
    rng = np.random.default_rng(0)
    rows = []
    for place, (group, centre) in enumerate(CENTRES.items()):
        for number, track_id in enumerate(IDS[group]):
            x, y = rng.normal(centre, 0.15)
            path = folder / f"{track_id}.ogg"
            sf.write(path, 0.3 * np.sin(np.arange(22_050) * 0.05 * (place + 1)), 22_050, format="OGG", subtype="VORBIS")
            rows.append(
                {
                    "track_id": track_id,
                    "title": BAD_TITLE if track_id == 113 else f"Title {track_id}",
                    "artist": f"Artist {group}",
                    "album": "Made up",
                    "genre": "ambient" if group == "left" or (group == "right" and number % 2) else "techno",
                    "year": 1990 + number,
                    "bpm": 140.0 - number,
                    "duration_s": 1.0,
                    "path": str(path),
                    "path_bytes": str(path).encode(),
                    "missing": False,
                    "x": x,
                    "y": y,
                }
            )
    file = folder / "layout.parquet"
    pl.DataFrame(rows, schema={**TRACKS, "x": pl.Float64, "y": pl.Float64}).write_parquet(file)
    return file


@pytest.fixture(scope="module")
def notebook(new_page, layout_file):
    """A notebook with a map, a player and a builder that writes beside the music."""
    with new_page() as page:
        cells = (
            f"import polars as pl, workbench as wb\nlayout = pl.read_parquet({str(layout_file)!r})",
            "view = wb.MapView(layout); view",
            "player = wb.Player(view); player",
            f"builder = wb.PlaylistBuilder(view, folder={str(layout_file.parent)!r}); builder",
        )
        page.run_cells("map.ipynb", cells)
        yield page


@pytest.fixture
def lab(notebook):
    """The notebook with nothing selected, the map by genre and a builder that works."""
    notebook.kernel.ask("setattr(view._colour, 'value', 'genre')")
    notebook.kernel.ask("setattr(view.selection, 'clicked', None)")
    notebook.kernel.ask("setattr(builder, 'tracks', view.tracks)")
    notebook.kernel.ask("view.select([])")
    wait_for_map(notebook)
    return notebook


def wait_for_map(lab):
    """The kernel's figure is the one on the page, drawn and in sight (run-all leaves the page at its last cell)."""
    lab.page.wait_for_function(
        """uid => { const plots = document.querySelectorAll('.js-plotly-plot');
            const there = plots.length === 1 && plots[0]._fullData?.[0]?.uid === uid
                && plots[0].querySelector('.nsewdrag');
            if (there) plots[0].scrollIntoView({block: 'center'});
            return there; }""",
        arg=lab.kernel.ask("view._figure.data[0].uid"),
    )


def use(lab, tool):
    """Press a tool of the figure: lasso, select (a box)."""
    lab.page.wait_for_function(f"() => document.querySelector('.modebar-btn[data-val={tool}]')")
    lab.page.evaluate(f"document.querySelector('.modebar-btn[data-val={tool}]').click()")


def around(lab, group):
    """Centre and radius in pixels of an ellipse around a group and nothing else."""
    x, y = CENTRES[group]
    middle, corner = lab.pixels(x, y), lab.pixels(x + 0.6, y - 0.6)
    return middle, (corner[0] - middle[0], corner[1] - middle[1])


def lasso(lab, group):
    use(lab, "lasso")
    lab.lasso(*around(lab, group))


def place_of(lab, track_id):
    """Pixels of a track's point."""
    return lab.pixels(*lab.kernel.ask(f"layout.row(by_predicate=pl.col('track_id') == {track_id})[-2:]"))


def marked(lab):
    """Track ids whose points are drawn as selected."""
    script = """() => document.querySelector('.js-plotly-plot')._fullData.flatMap(
        trace => (trace.selectedpoints || []).map(place => Number(trace.customdata[place])))"""
    return sorted(lab.page.evaluate(script))


def test_a_lasso_over_two_traces_becomes_a_playlist_file(lab, folder):
    lasso(lab, "right")
    lab.kernel.wait_for("view.selected['track_id'].to_list()", IDS["right"])
    assert marked(lab) == IDS["right"]

    lab.press("Take selection")
    lab.kernel.wait_for("builder.playlist.track_ids", IDS["right"])
    lab.press("Write file")
    lab.kernel.wait_for("builder.status.text", f"Wrote 10 tracks, 0:10 to {folder / 'Playlist.m3u8'}.")

    lines = (folder / "Playlist.m3u8").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == [f"{track_id}.ogg" for track_id in IDS["right"]]


def test_a_box_selects_and_a_double_click_clears(lab):
    use(lab, "select")
    (x, y), (across, down) = around(lab, "top")
    lab.drag([(x - across, y - down), (x, y), (x + across, y + down)])
    lab.kernel.wait_for("view.selected['track_id'].to_list()", IDS["top"])

    lab.page.mouse.dblclick(*lab.pixels(5, 5))
    lab.kernel.wait_for("view.selected['track_id'].to_list()", [])


def test_another_colour_keeps_the_selection(lab):
    lasso(lab, "right")
    lab.kernel.wait_for("len(view.selected)", 10)

    lab.page.get_by_label("Colour by").select_option(label="artist")
    lab.kernel.wait_for("len(view._figure.data)", 3)
    wait_for_map(lab)
    assert marked(lab) == IDS["right"]
    assert lab.kernel.ask("view.selected['track_id'].to_list()") == IDS["right"]

    lasso(lab, "left")
    lab.kernel.wait_for("view.selected['track_id'].to_list()", IDS["left"])


def test_a_hover_right_after_a_lasso_does_not_take_it_away(lab):
    """All in one go, while the first of them is still on its way to the kernel."""
    lab.page.evaluate(
        """ids => { const plot = document.querySelector('.js-plotly-plot');
            const points = plot.data.flatMap((trace, curveNumber) => Array.from(trace.customdata,
                (id, pointNumber) => ({curveNumber, pointNumber, customdata: id, x: 0, y: 0})))
                .filter(point => ids.includes(Number(point.customdata)));
            plot.emit('plotly_hover', {points: points.slice(0, 1)});
            plot.emit('plotly_selected', {points});
            plot.emit('plotly_hover', {points: points.slice(1, 2)}); }""",
        IDS["top"],
    )
    lab.kernel.wait_for("view.selected['track_id'].to_list()", IDS["top"])


def test_a_selection_from_code_is_marked_and_shown(lab):
    lab.kernel.ask("view.select([128, 102])")
    wait_for_map(lab)
    lab.page.get_by_text("Selected 2 tracks, 0:02. On the map: 30.").wait_for()
    assert marked(lab) == [102, 128]


def test_a_click_plays_the_track(lab):
    lab.page.mouse.click(*place_of(lab, 125))
    lab.kernel.wait_for("view.clicked", 125)

    lab.page.wait_for_function(
        """() => { const audio = document.querySelector('audio');
            return audio?.src.startsWith('blob:') && audio.readyState > 0 && audio.duration > 0.9; }"""
    )
    lab.page.locator(".wb-player strong", has_text="Title 125").wait_for()


def test_a_title_is_text_everywhere(lab):
    lab.page.mouse.move(*place_of(lab, 113), steps=5)
    lab.page.wait_for_function(
        "title => document.querySelector('.hoverlayer')?.textContent.includes(title)", arg=BAD_TITLE
    )
    lab.page.mouse.click(*place_of(lab, 113))
    lab.page.locator(".wb-player strong", has_text=BAD_TITLE).wait_for()

    lab.kernel.ask("view.select([113])")
    lab.press("Take selection")
    lab.kernel.wait_for("builder.playlist.track_ids", [113])
    lab.page.locator(".wb-tracks .wb-title", has_text=BAD_TITLE).wait_for()
    assert lab.page.locator("img[src=x]").count() == 0


def test_what_a_callback_raises_is_seen(lab):
    lab.kernel.ask("builder._target._folder.set_trait('value', '/nowhere/at/all')")
    lab.press("Write file")
    lab.page.get_by_role("alert").get_by_text("/nowhere/at/all").wait_for()

    lab.kernel.ask("setattr(builder, 'tracks', None)")
    lab.press("Take selection")
    lab.page.locator(".widget-output").get_by_text("AttributeError").first.wait_for()
