"""Text that is code stays text: in every figure and what it says under the mouse, in every report and notebook."""

from dataclasses import replace

import nbformat
import plotly.io
import polars as pl
import pytest
from hostile import LIVE, STRINGS, Watch, letters
from nbformat.v4 import new_code_cell, new_notebook

import workbench as wb
from workbench import figures
from workbench.reports import REPORTS, notebooks_folder, run_report
from workbench.reports.page import page_of
from workbench.reports.running import run_notebook

SHORT = 20
"""Letters of a string that are left wherever it is cut."""

PLACES = """plot => { const { left, top } = plot.getBoundingClientRect(), { xaxis, yaxis } = plot._fullLayout;
    const middle = part => { const { left, right, top, bottom } = part.getBoundingClientRect();
        return [(left + right) / 2, (top + bottom) / 2]; };
    if (!xaxis) return [...plot.querySelectorAll('.slice path, .barpolar path')].map(middle);
    return plot._fullData.filter(trace => trace.hoverinfo !== 'skip' && trace.xaxis === 'x' && trace.x).flatMap(trace =>
        trace.type === 'heatmap' ? [...trace.y].map(y => [trace.x[0], y]) :
            [...trace.x].map((x, place) => [trace.orientation === 'h' ? x / 2 : x, trace.y[place]]))
        .map(([x, y]) => [left + xaxis._offset + xaxis.d2p(x), top + yaxis._offset + yaxis.d2p(y)])
        .filter(place => place.every(Number.isFinite)); }"""
"""Where the mouse has something to say in a figure: its points, bars, cells and fields."""

HOVER = "plot => [...plot.querySelectorAll('.hoverlayer text')].map(text => text.textContent)"

pytestmark = pytest.mark.slow


@pytest.fixture
def page(chromium):
    """An empty page that is watched."""
    page = chromium.new_page(viewport={"width": 1000, "height": 900})
    page.set_default_timeout(90_000)
    page.watch, page.errors = Watch(page), []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
    yield page
    page.close()


def assert_nothing_ran(page):
    assert page.watch.scripts_run() == []
    assert page.evaluate(f"({LIVE})(document.body)") == []
    assert page.errors == []


def named_by(frame, *columns):
    """The frame with attacks in these columns."""
    texts = [STRINGS[row % len(STRINGS)] for row in range(len(frame))]
    return frame.with_columns(pl.Series(column, texts, dtype=pl.String) for column in columns)


def all_figures(library):
    """Every figure of the package with a hostile text wherever it has one; name to figure."""
    tracks = library.tracks()
    coded = named_by(tracks, "codec", "container", "genre")
    ids = tracks["track_id"].to_list()
    grouped, layout = library.groups(seed=0), library.similarity_map(seed=0)
    confusion = wb.genres.confusion(coded.with_columns(genres=pl.concat_list("genre")), grouped)
    names = confusion.select("group").unique().sort("group")
    why = library.explain(*ids[:2])
    tags = pl.DataFrame({"tag": STRINGS, "strength": [0.5] * len(STRINGS)})
    moods = library.moods(tracks).with_columns(pl.col("arousal", "valence").fill_null(0.5))
    return {
        "bit_rates": figures.bit_rates(wb.stats.by_bit_rate(coded)),
        "camelot_wheel": figures.camelot_wheel(wb.stats.by_key(tracks)),
        "coverage": figures.coverage(wb.stats.tag_coverage(tracks)),
        "cutoffs": figures.cutoffs(wb.doctor.cutoff_histogram(coded)),
        "dynamic_range": figures.dynamic_range(wb.stats.dynamic_range_histogram(tracks)),
        "explanation": figures.explanation(replace(why, tags=tags, text=f"{STRINGS[3]} {STRINGS[7]}")),
        "formats": figures.formats(wb.stats.by_format(coded)),
        "genre_confusion": figures.genre_confusion(confusion.join(named_by(names, "group_name"), on="group")),
        "genre_tree": figures.genre_tree(wb.genres.count(coded.with_columns(genres=pl.concat_list("genre")))),
        "genres": figures.genres(wb.stats.by_genre(tracks)),
        "growth": figures.growth(wb.stats.growth(tracks)),
        "history": figures.history(library.snapshots()),
        "keys": figures.keys(wb.stats.by_key(tracks)),
        "loudness": figures.loudness(wb.stats.loudness_histogram(tracks)),
        "medians_by_genre": figures.medians_by_genre(wb.stats.bands(coded, "loudness_lufs", "genre")),
        "medians_by_year": figures.medians_by_year(wb.stats.bands(tracks, "loudness_lufs", "year")),
        "mood_plane": figures.mood_plane(named_by(moods, "mood", "arousal_source")),
        "percentiles": figures.percentiles(wb.stats.percentiles(tracks, ids[0])),
        "ratings": figures.ratings(wb.stats.by_rating(tracks)),
        "similarity_map": figures.similarity_map(named_by(layout, "<b>colour</b>"), colour="<b>colour</b>"),
        "tempo": figures.tempo(wb.stats.tempo_histogram(tracks)),
        "track_analysis": figures.track_analysis(library.track_analysis(ids[0], duration_s=2)),
        "years": figures.years(wb.stats.by_year(tracks)),
    }


def hovered(page, plot):
    """All that a figure says when the mouse goes over it; where there is very much, over a part."""
    plot.scroll_into_view_if_needed()
    said = set()
    for x, y in plot.evaluate(PLACES)[: 2 * len(STRINGS)]:
        page.mouse.move(x, y)
        page.wait_for_timeout(60)  # plotly looks at the mouse every 50 ms
        said |= set(plot.evaluate(HOVER))
    return letters("\n".join(said))


WHOLE = ("genre_confusion", "mood_plane")
"""Figures that write every string of the library beside themselves."""

CARDS = ("similarity_map", "mood_plane")


def test_text_is_text_in_every_figure_and_under_the_mouse(page, hostile_library, tmp_path):
    made = all_figures(hostile_library)
    assert set(made) == {*figures.__all__} - {"PALETTE", "escape", "template"}, "every figure is looked at"
    parts = [
        plotly.io.to_html(figure, include_plotlyjs=not place, full_html=False, div_id=name)
        for place, (name, figure) in enumerate(made.items())
    ]
    (tmp_path / "figures.html").write_text(f"<!doctype html><meta charset=utf-8><body>{''.join(parts)}", "utf-8")
    page.goto((tmp_path / "figures.html").as_uri())
    page.wait_for_function(f"document.querySelectorAll('.main-svg').length >= {len(made)}")
    page.wait_for_timeout(1000)
    places = 0
    for name in made:
        plot = page.locator(f"#{name}")
        said, drawn = hovered(page, plot), letters(" ".join(plot.locator("text").all_text_contents()))
        places += 1
        if name in WHOLE:
            assert [text for text in STRINGS if letters(text)[:SHORT] not in drawn] == [], name
        if name in CARDS:
            assert sum(letters(text)[:SHORT] in said for text in STRINGS) > len(STRINGS) / 2, name
    assert_nothing_ran(page)
    print(f"{len(STRINGS)} strings x {places} figures, hover too: scripts run 0")


@pytest.mark.parametrize("report", REPORTS)
def test_text_is_text_in_every_report(page, hostile_library, tmp_path, report):
    query = '-"<img src=x onerror=top.__ran=4>{{7*7}}</script>"'
    written = run_report(report, tmp_path, library=hostile_library.path, query=query)
    page.goto(written.as_uri())
    page.wait_for_timeout(1500)
    assert_nothing_ran(page)
    said = letters(page.evaluate("[...document.querySelectorAll('td, text')].map(part => part.textContent).join(' ')"))
    assert sum(letters(text)[:SHORT] in said for text in STRINGS) > 5, "it is this library that is shown"
    print(f"{len(STRINGS)} strings x report {report}: scripts run 0")


def test_text_is_text_in_every_other_notebook(page, hostile_library, tmp_path):
    stories = [path for path in sorted(notebooks_folder().glob("*.ipynb")) if path.name not in REPORTS.values()]
    cells = [cell.source for path in stories for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    parameters = [text for text in cells if "library_path = None" in text]
    kept = [new_code_cell(parameters[0], metadata={"tags": ["parameters"]})]
    kept += [new_code_cell(text) for text in cells if text not in parameters]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=kept, metadata={"kernelspec": kernel}), tmp_path / "stories.ipynb")
    run_notebook(tmp_path / "stories.ipynb", tmp_path / "done.ipynb", {"library_path": str(hostile_library.path)})
    (tmp_path / "done.html").write_text(page_of(tmp_path / "done.ipynb"), "utf-8")
    failed = []
    page.on("requestfailed", lambda request: failed.append(request.url.rpartition("/")[2]))
    page.goto((tmp_path / "done.html").as_uri())
    page.wait_for_timeout(1500)
    assert set(failed) <= {"embed-amd.js"}  # what would show widgets, which a page without a kernel does not have
    page.errors[:] = [text for text in page.errors if "ERR_FILE_NOT_FOUND" not in text]
    assert_nothing_ran(page)
    print(f"{len(STRINGS)} strings x {len(stories)} notebooks: scripts run 0")
