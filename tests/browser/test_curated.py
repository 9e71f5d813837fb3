"""The curated notebooks in a real JupyterLab, on the demo collection; the main job by mouse."""

from pathlib import Path

import numpy as np
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
MAP = next(path for path in NOTEBOOKS if path.stem.startswith("02"))

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_in_both_themes(new_page, notebook, lab_server):
    """No cell raises and the page logs no error; the pictures are for people."""
    with new_page() as page:
        page.run_file(notebook)
        for theme in ("Light", "Dark"):
            page.theme(f"JupyterLab {theme}")
            page.screenshot_all(lab_server.home / f"{notebook.stem}-{theme.lower()}.png")
        assert page.errors == []
        assert page.page.locator(".jp-OutputArea-output").count() > 0


@pytest.fixture
def lab(new_page):
    with new_page() as page:
        page.run_file(MAP)
        page.page.wait_for_selector(".js-plotly-plot .nsewdrag", state="attached")
        page.page.locator(".js-plotly-plot").first.scroll_into_view_if_needed()
        yield page


def clear_ellipse(points, start):
    """Centre and radius in pixels of an ellipse with points inside, some outside and none near its edge."""
    centre = points[start]
    for radius in np.arange(25, 200, 3.0):
        distance = np.hypot(*(points - centre).T) / radius
        if (distance < 0.9).sum() >= 5 and not ((distance > 0.9) & (distance < 1.1)).any() and (distance > 1.1).any():
            return tuple(centre), (radius, radius), distance < 1
    return None


def test_from_a_lasso_to_a_playlist_file(lab, demo_home):
    rows = lab.kernel.ask("layout.select('track_id', 'x', 'y', 'path').rows()")
    points = np.array([lab.pixels(x, y) for _, x, y, _ in rows])
    centre, radius, inside = next(filter(None, (clear_ellipse(points, start) for start in range(len(points)))))
    wanted = [row for row, within in zip(rows, inside, strict=True) if within]
    lab.lasso(centre, radius)
    lab.kernel.wait_for("view.selected['track_id'].to_list()", [row[0] for row in wanted])

    lab.press("Take selection")
    lab.kernel.wait_for("sorted(builder.playlist.track_ids)", sorted(row[0] for row in wanted))
    lab.kernel.wait_for("builder.playlist.origin.kind", "region")
    lab.kernel.wait_for("sorted(library.select(builder.playlist.origin)['track_id'])", sorted(row[0] for row in wanted))
    lab.press("Show code")
    lab.page.wait_for_function("document.querySelector('.workbench-code textarea').value.includes('wb.Playlist')")
    shown = lab.page.locator(".workbench-code textarea").first.input_value()
    assert shown.startswith("rows = wb.maps.inside(library.similarity_map(library.tracks(), seed=0, kind=")
    lab.press("Write file")
    lab.kernel.wait_for("'Wrote' in builder.status.text", expected=True)
    written = sorted(lab.server.root.glob("*.m3u8"))
    assert len(written) == 1
    lines = written[0].read_text(encoding="utf-8").splitlines()
    found = {(lab.server.root / line).resolve() for line in lines if not line.startswith("#")}
    assert found == {Path(row[3]).resolve() for row in wanted}
    assert all(path.is_file() and path.is_relative_to(demo_home.resolve()) for path in found)
