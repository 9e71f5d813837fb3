"""Groups, genres and moods under the mouse and under the keys; what comes of it is asserted in the kernel."""

import time

import pytest
from test_library_maps import a_library

BAD_TITLE = "<img src=x onerror=alert(1)>"
BAD_GENRE = "<b onmouseover=alert(2)>Loud</b>"
TRACKS = 50


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Sixty tracks, fifty of them analysed; all titles and some genres are hostile."""
    library = a_library(tmp_path_factory.mktemp("explored"), 60, TRACKS)
    for track_id in range(1, 61):
        library.correct(track_id, title=f"{BAD_TITLE} {track_id}")
    for track_id in range(1, 13):
        library.correct(track_id, genres=[BAD_GENRE])
    return library.path


@pytest.fixture(scope="module")
def notebook(new_page, store):
    """A notebook with an explorer of four groups."""
    with new_page(height=1400) as page:
        cells = (
            "import polars as pl, workbench as wb\nfrom workbench.widgets.explorer import Explorer",
            f"library = wb.Library({str(store)!r})\ntracks = library.tracks()",
            "explorer = Explorer(library, n=4); explorer",
        )
        page.run_cells("explorer.ipynb", cells)
        yield page


@pytest.fixture
def lab(notebook):
    """The notebook with four groups in sight and nothing selected."""
    notebook.kernel.ask("explorer.group(n=4)")
    notebook.kernel.ask("explorer.selection.choose([])")
    notebook.kernel.ask("setattr(explorer.selection, 'clicked', None)")
    open_part(notebook, "Groups")
    settled(notebook, 4)
    return notebook


def open_part(lab, name):
    lab.page.get_by_role("tab", name=name).click()
    lab.page.get_by_role("tabpanel", name=name).wait_for()


def settled(lab, groups):
    """As many cards are in sight, of the last grouping."""
    edition = lab.kernel.ask("(explorer.wait(), explorer._page.groups['edition'])[1]")
    lab.page.wait_for_function(
        "([groups]) => document.querySelectorAll('.wb-explorer-card').length === groups"
        " && document.querySelector('.wb-explorer-cards').getAttribute('aria-busy') === 'false'",
        arg=[groups, edition],
    )
    lab.page.wait_for_timeout(200)  # the table of the genres comes in the same message


def selected_by(lab, code):
    """The kernel has selected what the expression gives, in this order."""
    lab.kernel.wait_for("list(explorer.selection.track_ids)", lab.kernel.ask(f"({code})['track_id'].to_list()"))


def code_gives_the_same(lab):
    """The selection's code, run in the notebook, gives what is selected, and that is not nothing."""
    assert lab.kernel.ask("eval(explorer.selection.code())['track_id'].to_list()") == lab.kernel.ask(
        "list(explorer.selection.track_ids)"
    )
    assert lab.kernel.ask("len(explorer.selection.track_ids)") > 0


def test_another_number_of_groups_is_answered_at_once(lab):
    slider = lab.page.get_by_label("Number of groups")
    assert slider.input_value() == "4"
    slider.focus()
    begun = time.monotonic()
    for _ in range(3):
        lab.page.keyboard.press("ArrowRight")
    lab.page.wait_for_function("() => document.querySelectorAll('.wb-explorer-card').length === 7")
    took = time.monotonic() - begun
    print(f"three keys on the slider to seven cards: {took:.2f} s")
    assert took < 30  # on a busy machine
    lab.kernel.wait_for("explorer.grouped['group'].n_unique()", 7)
    lab.page.get_by_text("50 tracks in 7 groups by k-means, start 0. 10 tracks left out").wait_for()

    lab.page.get_by_role("button", name="Group again").click()
    lab.page.get_by_text("50 tracks in 7 groups by k-means, start 1.").wait_for()
    lab.page.get_by_label("Method").select_option("hdbscan")
    lab.page.get_by_text("by HDBSCAN").wait_for()
    assert slider.is_disabled()
    lab.page.get_by_label("Method").select_option("kmeans")
    lab.page.get_by_label("auto").check()
    settled(lab, 5)  # the square root of 25


def test_a_card_selects_its_group_and_is_marked(lab):
    lab.page.locator(".wb-explorer-card").nth(1).locator(".wb-explorer-bar").first.click()
    number = lab.kernel.ask("explorer._page.groups['cards'][1]['group']")
    selected_by(lab, f"explorer.grouped.filter(pl.col('group') == {number})")
    code_gives_the_same(lab)
    lab.page.locator(".wb-explorer-card").nth(1).get_by_text("all selected").wait_for()

    lab.page.locator(".wb-explorer-card").nth(0).get_by_role("button", name="Select").click(modifiers=["Shift"])
    sizes = lab.kernel.ask("[card['size'] for card in explorer._page.groups['cards']]")
    lab.kernel.wait_for("len(explorer.selection.track_ids)", sizes[0] + sizes[1])

    lab.kernel.ask("explorer.selection.choose(explorer.grouped['track_id'].head(1))")
    lab.page.get_by_text("1 selected", exact=True).wait_for()
    assert lab.page.get_by_text("all selected").count() == 0


def test_keys_alone_select_a_group(lab):
    lab.page.get_by_role("button", name="Group again").focus()
    lab.page.keyboard.press("Tab")
    label = lab.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert label == lab.kernel.ask("'Select ' + explorer._page.groups['cards'][0]['name']")
    lab.page.keyboard.press("Enter")
    number = lab.kernel.ask("explorer._page.groups['cards'][0]['group']")
    selected_by(lab, f"explorer.grouped.filter(pl.col('group') == {number})")

    lab.page.get_by_role("tab", name="Groups").focus()
    lab.page.keyboard.press("ArrowRight")
    lab.page.get_by_role("tabpanel", name="Genres").wait_for()
    lab.kernel.wait_for("explorer._page.part", "genres")


def test_a_typical_track_plays_and_its_title_is_text(lab):
    track = lab.kernel.ask("explorer._page.groups['cards'][2]['medoids'][1]")
    assert BAD_TITLE in track["caption"]
    lab.page.locator(".wb-explorer-card").nth(2).get_by_role("button", name=f"Play {track['caption']}").click()
    lab.kernel.wait_for("explorer.selection.clicked", track["track_id"])
    assert lab.kernel.ask("len(explorer.selection.track_ids)") == 0  # the card was not chosen by it
    assert lab.page.locator("img[src=x]").count() == 0


def test_a_cell_selects_the_genre_in_the_group(lab):
    open_part(lab, "Genres")
    cell = lab.kernel.ask(
        "next([row['name'], column['name'], column['group'], cell[0]] for row in explorer._page.genres['rows']"
        " for column, cell in zip(explorer._page.genres['columns'], row['cells']) if cell and row['name'][0] != '<')"
    )
    genre, group, number, count = cell
    lab.page.get_by_role("button", name=f"{genre} in {group}: {count} track").click()
    wanted = f"wb.genres.naming(explorer.grouped.filter(pl.col('group') == {number}), {genre!r})"
    selected_by(lab, wanted)
    assert lab.kernel.ask("len(explorer.selection.track_ids)") == count
    code_gives_the_same(lab)

    lab.page.get_by_role("button", name=f"Group {group}, ").click()
    selected_by(lab, f"explorer.grouped.filter(pl.col('group') == {number})")
    code_gives_the_same(lab)


def test_a_row_selects_its_genre_and_the_genre_is_text(lab):
    open_part(lab, "Genres")
    lab.page.get_by_role("button", name=f"Genre {BAD_GENRE}, 12 tracks").click()
    lab.kernel.wait_for("list(explorer.selection.track_ids)", list(range(1, 13)))
    code_gives_the_same(lab)
    assert lab.page.locator("b[onmouseover]").count() == 0


def test_arrows_go_through_the_heat_map(lab):
    open_part(lab, "Genres")
    stops = "() => document.querySelectorAll('.wb-explorer-heat button[tabindex=\"0\"]').length"
    assert lab.page.evaluate(stops) == 1
    lab.page.locator(".wb-explorer-heat button[tabindex='0']").focus()
    lab.page.keyboard.press("ArrowDown")
    label = lab.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert label.startswith(lab.kernel.ask("'Genre ' + explorer._page.genres['rows'][1]['name']"))
    lab.page.keyboard.press("Enter")
    lab.kernel.wait_for(
        "len(explorer.selection.track_ids)", lab.kernel.ask("explorer._page.genres['rows'][1]['tracks']")
    )
    lab.page.keyboard.press("ArrowRight")
    assert " in " in lab.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert lab.page.evaluate(stops) == 1


@pytest.fixture
def plane(lab):
    """The mood plane, drawn and in sight: where it lies on the page."""
    open_part(lab, "Moods")
    over = lab.page.locator(".wb-explorer-plane canvas").last
    over.wait_for()
    over.scroll_into_view_if_needed()
    lab.page.wait_for_function("() => document.querySelector('.wb-explorer-plane canvas').width > 100")
    return over.bounding_box()


def place(plane, valence, arousal):
    """Pixels of a point of the plane, which reaches from -1.05 to 1.05."""
    side = plane["width"]
    return plane["x"] + (valence / 1.05 + 1) * side / 2, plane["y"] + (1 - arousal / 1.05) * side / 2


def box(plane, left, low, right, high):
    """The way of the mouse round a part of the plane."""
    return [place(plane, *corner) for corner in ((left, low), (right, low), (right, high), (left, high), (left, low))]


INSIDE = """wb.maps.inside(library.moods(), explorer.selection.source.detail, x='valence', y='arousal')[
    'track_id'].to_list()"""


def test_a_lasso_selects_what_lies_inside(lab, plane):
    lab.drag(box(plane, -0.9, -0.9, 0.35, 0.35))
    lab.kernel.wait_for("explorer.selection.source.kind", "mood")
    corners = lab.kernel.ask("explorer.selection.source.detail")
    for column, reached in enumerate(zip(*corners, strict=True)):
        assert (min(reached), max(reached)) == pytest.approx((-0.9, 0.35), abs=0.03), column
    selected_by(lab, f"wb.maps.inside(library.moods(), {corners}, x='valence', y='arousal')")
    code_gives_the_same(lab)
    first = lab.kernel.ask("list(explorer.selection.track_ids)")

    around = box(plane, 0.05, 0.05, 1.0, 1.0)
    lab.page.keyboard.down("Shift")
    lab.drag(around)
    lab.page.keyboard.up("Shift")
    lab.kernel.wait_for(f"explorer.selection.source.detail != {[tuple(corner) for corner in corners]}", True)
    added = lab.kernel.ask(INSIDE)
    both = list(dict.fromkeys([*first, *added]))
    assert len(both) > len(first)
    lab.kernel.wait_for("list(explorer.selection.track_ids)", both)

    lab.page.keyboard.down("Alt")
    lab.drag(around)
    lab.page.keyboard.up("Alt")
    lab.kernel.wait_for(f"len(explorer.selection.track_ids) < {len(both)}", True)
    gone = lab.kernel.ask(INSIDE)
    assert lab.kernel.ask("list(explorer.selection.track_ids)") == [each for each in both if each not in gone]

    lab.page.keyboard.press("Escape")
    lab.kernel.wait_for("len(explorer.selection.track_ids)", 0)


def test_a_mood_is_selected_by_its_name(lab, plane):  # noqa: ARG001  the plane must be in sight
    lab.page.get_by_role("button", name="Select sad, ").focus()
    lab.page.keyboard.press("Enter")
    selected_by(lab, "library.moods().filter(pl.col('mood') == 'sad')")
    code_gives_the_same(lab)
    lab.page.get_by_text("Valence of 50 tracks from mode and tempo, a weak estimate (confidence 0.33).").wait_for()
    lab.page.get_by_text("Arousal unknown for 10 tracks: not analysed.").wait_for()


def test_a_point_tells_its_name_and_plays(lab, plane):
    track_id, valence, arousal = lab.kernel.ask(
        "library.moods().drop_nulls(['valence', 'arousal']).sort(pl.col('valence').abs() + pl.col('arousal').abs())"
        ".select('track_id', 'valence', 'arousal').row(-1)"
    )
    lab.page.mouse.move(*place(plane, valence, arousal), steps=3)
    lab.page.locator(".wb-card").get_by_text(f"{BAD_TITLE} {track_id}", exact=True).wait_for()
    lab.page.mouse.down()
    lab.page.mouse.up()
    lab.kernel.wait_for("explorer.selection.clicked", track_id)
    assert lab.page.locator("img[src=x]").count() == 0


INK = """() => { const luminance = colour => { const [r, g, b] = colour.match(/[\\d.]+/g).map(Number);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const look = getComputedStyle(document.querySelector('.wb-explorer'));
    return [luminance(look.color), luminance(look.backgroundColor)]; }"""


def test_both_themes_and_all_widths_are_legible(lab):
    size = lab.page.viewport_size
    try:
        for theme, is_dark in (("JupyterLab Dark", True), ("JupyterLab Light", False)):
            lab.theme(theme)
            ink, paper = lab.page.evaluate(INK)
            assert (ink > paper) is is_dark
            assert abs(ink - paper) > 100
        for width in (850, 1900):
            lab.page.set_viewport_size({"width": width, "height": 1000})
            for part in ("Groups", "Genres", "Moods"):
                open_part(lab, part)
                lab.page.wait_for_timeout(300)
                over = lab.page.evaluate(
                    "() => { const root = document.querySelector('.wb-explorer');"
                    " return root.scrollWidth - root.clientWidth; }"
                )
                assert over <= 0, f"{part} is {over} pixels too wide at {width}"
    finally:
        lab.page.set_viewport_size(size)


def test_what_cannot_be_done_is_said(lab):
    lab.kernel.ask("explorer.group(n=51)")
    lab.page.get_by_role("alert").get_by_text("51 groups of 50 tracks: choose 1 to 50").wait_for()
    lab.kernel.ask("explorer._latest.ask('groups', lambda: 1 / 0, explorer._not_grouped)")
    lab.page.locator(".widget-output").get_by_text("ZeroDivisionError").first.wait_for()
