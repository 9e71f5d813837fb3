"""Search, sift, page and pick in a real JupyterLab; what comes of it is asserted in the kernel or read off the page."""

import io
import json

import mutagen
import polars as pl
import pytest
import soundfile as sf
from mutagen.flac import Picture
from PIL import Image

from workbench.models import TRACKS

BAD_TITLE = "<img src=x onerror=alert(1)>"
BAD_ARTIST = '"><script>alert(2)</script>'
BAD_ALBUM = "javascript:alert(3)"
BAD_GENRE = "<svg onload=alert(4)>"
COUNT = 130


def row(number):
    """Track 1, 2, ...: three artists in turn, albums of ten, two genres; the last one is what no file should say."""
    is_bad = number == COUNT - 1
    return {
        "track_id": number + 1,
        "title": BAD_TITLE if is_bad else f"Title {number + 1:03}",
        "artists": [BAD_ARTIST if is_bad else f"Artist {number % 3}"],
        "artist": BAD_ARTIST if is_bad else f"Artist {number % 3}",
        "album": BAD_ALBUM if is_bad else f"Album {number // 10:02}",
        "album_artists": [BAD_ARTIST if is_bad else f"Artist {number % 3}"],
        "genres": [BAD_GENRE if is_bad else ("Ambient", "Techno", "Jazz")[number % 3]],
        "year": 1990 + number % 20,
        "disc_number": 1,
        "track_number": 10 - number % 10,
        "bpm": 90.0 + number % 50,
        "camelot": f"{number % 12 + 1}A",
        "duration_s": 65.4,
        "has_cover": number == 0,
    }


@pytest.fixture(scope="module")
def tracks_file(tmp_path_factory):
    """A frame of made tracks, of which the first has a file with a cover."""
    folder = tmp_path_factory.mktemp("browser")
    music = folder / "1.flac"
    sf.write(music, [[0.0, 0.0]] * 100, 44_100)
    red, cover = io.BytesIO(), Picture()
    Image.new("RGB", (120, 120), "red").save(red, "PNG")
    cover.data, cover.mime, cover.type = red.getvalue(), "image/png", 3
    file = mutagen.File(music)
    file.add_picture(cover)
    file.save()
    rows = [{**row(number), "path": str(music) if number == 0 else None} for number in range(COUNT)]
    path = folder / "tracks.parquet"
    pl.DataFrame(rows, schema=TRACKS).write_parquet(path)
    return path


CELLS = (
    """import polars as pl, workbench as wb
from workbench.widgets.browser import CollectionBrowser
tracks = pl.read_parquet({path!r})
added = []
class List:
    add = staticmethod(added.extend)""",
    "browser = CollectionBrowser(tracks, builder=List()); browser",
)


@pytest.fixture(scope="module")
def notebook(new_page, tracks_file):
    with new_page(width=1500) as page:
        page.run_cells("browser.ipynb", [cell.replace("{path!r}", repr(str(tracks_file))) for cell in CELLS])
        yield page


@pytest.fixture
def lab(notebook):
    """The notebook with everything shown and nothing selected."""
    notebook.kernel.ask("browser.selection.choose([])")
    box(notebook).fill("rain")  # typed, so that it takes the place of what the last test typed and was not sent yet
    box(notebook).blur()
    wait_for_count(notebook, "0 found of 130 tracks")  # else the page as the last test left it would do
    notebook.kernel.ask("browser._show(level='tracks', page=0, kept=None)")
    notebook.kernel.ask("browser.set_trait('query', '')")
    notebook.kernel.ask("browser.selection.set_trait('clicked', None)")
    wait_for_count(notebook, "130 tracks")
    wait_for_first(notebook, "Title 001")
    return notebook


def box(lab):
    return lab.page.get_by_role("combobox", name="Search the collection")


def wait_for_count(lab, text):
    lab.page.locator(".wb-browser-counts").get_by_text(text, exact=True).wait_for()


def wait_for_first(lab, text):
    """The first row's text begins so."""
    lab.page.wait_for_function(
        "text => document.querySelector('.wb-browser tbody tr')?.textContent.startsWith(text)", arg=text
    )


def first_cells(lab, column, count):
    script = """([column, count]) => [...document.querySelectorAll(`.wb-browser tbody td.wb-browser-col-${column}`)]
        .slice(0, count).map(cell => cell.textContent)"""
    return lab.page.evaluate(script, [column, count])


def lines(lab, facet):
    """Lines of a facet that are in sight: label, number, whether picked."""
    script = """facet => [...document.querySelectorAll(
        `.wb-browser-facet[data-facet=${facet}] .wb-browser-pick`)].map(pick => [
        pick.querySelector('.wb-browser-label').textContent, pick.querySelector('.wb-faint').textContent,
         pick.getAttribute('aria-checked')])"""
    return lab.page.evaluate(script, facet)


def wait_for_lines(lab, facet, expected):
    lab.page.wait_for_function(
        """([facet, expected]) => JSON.stringify([...document.querySelectorAll(
            `.wb-browser-facet[data-facet=${facet}] .wb-browser-pick`)].map(pick => [
            pick.querySelector('.wb-browser-label').textContent,
            pick.querySelector('.wb-faint').textContent, pick.getAttribute('aria-checked')])) === expected""",
        arg=[facet, json.dumps(expected, separators=(",", ":"))],
        timeout=20_000,
    )


def pick(lab, facet, label):
    lab.page.locator(f".wb-browser-facet[data-facet={facet}] .wb-browser-pick").filter(has_text=label).first.click()


def track(lab, track_id):
    return lab.page.locator(f".wb-browser tbody tr[data-id='{track_id}']")


def marked(lab):
    script = "() => [...document.querySelectorAll('tr[aria-selected=true]')].map(row => Number(row.dataset.id))"
    return lab.page.evaluate(script)


def button(lab, name):
    return lab.page.locator(".wb-browser").get_by_role("button", name=name)


def test_a_query_is_typed_and_its_rows_are_read(lab):
    box(lab).press_sequentially("genre:=techno year-", delay=10)
    wait_for_count(lab, "43 found of 130 tracks")
    wait_for_first(lab, "Title 020")
    assert first_cells(lab, "year", 3) == ["2009", "2009", "2008"]
    assert lab.kernel.ask("browser.query") == "genre:=techno year-"
    assert lab.page.locator("th[data-column=year]").get_attribute("aria-sort") == "descending"


def test_an_error_stands_under_the_box_at_its_character(lab):
    box(lab).fill("title yaer:1990")
    problem = lab.page.locator(".wb-browser-problem")
    problem.get_by_text("did you mean 'year'").wait_for()
    assert problem.locator("mark").text_content() == "y"
    start, mark = (lab.page.evaluate(script) for script in (
        """() => { const input = document.querySelector('.wb-browser-box input'), style = getComputedStyle(input);
            const pen = document.createElement('canvas').getContext('2d'); pen.font = style.font;
            return input.getBoundingClientRect().x + parseFloat(style.paddingLeft) + parseFloat(style.borderLeftWidth)
                + pen.measureText('title ').width; }""",
        "() => document.querySelector('.wb-browser-problem mark').getBoundingClientRect().x",
    ))  # fmt: skip
    assert mark == pytest.approx(start, abs=1.5)
    assert box(lab).get_attribute("aria-invalid") == "true"
    assert lab.page.locator(".wb-browser tbody tr").count() == 50
    assert lab.kernel.ask("browser.query") == ""

    box(lab).fill("title year:1990")
    problem.wait_for(state="hidden")
    lab.kernel.wait_for("browser.query", "title year:1990")


def test_a_facet_is_clicked_on_and_off(lab):
    pick(lab, "artist", "Artist 1")
    wait_for_count(lab, "43 found of 130 tracks")
    assert lab.kernel.ask("browser.query") == 'artist:="Artist 1"'
    assert box(lab).input_value() == 'artist:="Artist 1"'
    wait_for_lines(lab, "genre", [["Electronic", "43", "false"]])
    assert lines(lab, "artist")[:2] == [["Artist 1", "43", "true"], ["Artist 0", "43", "false"]]

    pick(lab, "artist", "Artist 1")
    wait_for_count(lab, "130 tracks")
    assert lab.kernel.ask("browser.query") == ""


def test_a_genre_finds_what_stands_below_it(lab):
    pick(lab, "genre", "Electronic")
    wait_for_count(lab, "86 found of 130 tracks")
    assert lab.kernel.ask("browser.query") == "genre:=Ambient, genre:=Techno"
    lab.page.get_by_role("button", name="Genres below Electronic").click()
    pick(lab, "genre", "Techno")
    wait_for_count(lab, "43 found of 130 tracks")
    wait_for_lines(
        lab,
        "genre",
        [[BAD_GENRE, "1", "false"], ["Electronic", "86", "mixed"], ["Ambient", "43", "true"], ["Techno", "43", "false"],
         ["Jazz", "43", "false"]],
    )  # fmt: skip
    lab.page.get_by_role("button", name="Any genre").click()
    wait_for_count(lab, "130 tracks")
    lab.page.get_by_role("button", name="Genres below Electronic").click()


def test_a_range_is_set(lab):
    lab.page.get_by_label("Year from").fill("1995")
    lab.page.get_by_label("Year to").fill("1999")
    lab.page.get_by_label("Year to").press("Enter")
    wait_for_count(lab, "35 found of 130 tracks")
    assert lab.kernel.ask("browser.query") == "year:1995..1999"


def test_down_to_an_album_and_back(lab):
    button(lab, "Artists").click()
    wait_for_first(lab, '">')
    lab.page.locator("tbody .wb-browser-link").get_by_text("Artist 2", exact=True).click()
    wait_for_first(lab, "Album 02")
    lab.page.locator("tbody .wb-browser-link").get_by_text("Album 01", exact=True).click()
    wait_for_first(lab, "Title 018")
    assert lab.kernel.ask("browser.query") == 'artist:="Artist 2" album:="Album 01" disc+ track+'
    assert first_cells(lab, "title", 9) == ["Title 018", "Title 015", "Title 012"]
    way = lab.page.get_by_role("navigation", name="Way down")
    assert way.text_content() == "All artists \u203a Artist 2 \u203a Album 01"

    way.get_by_role("button", name="Artist 2").click()
    wait_for_first(lab, "Album 02")
    way.get_by_role("button", name="All artists").click()
    wait_for_first(lab, '">')
    assert lab.kernel.ask("browser.query") == ""


def test_headers_sort(lab):
    title = lab.page.locator("th[data-column=title] button")
    title.click()
    wait_for_first(lab, BAD_TITLE)
    title.click()
    wait_for_first(lab, "Title 129")
    assert lab.kernel.ask("browser.query") == "title-"
    title.click()
    wait_for_first(lab, "Title 001")


def test_pages_turn(lab):
    button(lab, "Next").click()
    wait_for_first(lab, "Title 051")
    button(lab, "Next").click()
    wait_for_first(lab, "Title 101")
    assert lab.page.locator(".wb-browser-place").text_content() == "101 to 130 of 130 tracks"
    assert button(lab, "Next").is_disabled()
    button(lab, "Previous").click()
    wait_for_first(lab, "Title 051")


def test_rows_are_selected_by_hand(lab):
    track(lab, 3).click()
    lab.kernel.wait_for("browser.selection.track_ids", [3])
    track(lab, 6).click(modifiers=["Shift"])
    lab.kernel.wait_for("browser.selection.track_ids", [3, 4, 5, 6])
    track(lab, 5).click(modifiers=["Control"])
    lab.kernel.wait_for("browser.selection.track_ids", [3, 4, 6])
    wait_for_count(lab, "3 selected of 130 tracks")
    assert marked(lab) == [3, 4, 6]
    lab.page.get_by_role("checkbox", name="Select Title 009").click()
    lab.kernel.wait_for("browser.selection.track_ids", [3, 4, 6, 9])
    button(lab, "Undo").click()
    lab.kernel.wait_for("browser.selection.track_ids", [3, 4, 6])
    lab.page.wait_for_function("() => document.querySelectorAll('tr[aria-selected=true]').length === 3")
    assert not lab.page.get_by_role("checkbox", name="Select Title 009").is_checked()


def test_what_others_select_is_marked_and_can_be_shown_alone(lab):
    lab.kernel.ask("browser.selection.choose([120, 2, 4])")
    wait_for_count(lab, "3 selected of 130 tracks")
    assert marked(lab) == [2, 4]
    button(lab, "Show selected only").click()
    wait_for_first(lab, "Title 120")
    assert first_cells(lab, "title", 9) == ["Title 120", "Title 002", "Title 004"]
    button(lab, "Add to playlist").click()
    lab.kernel.wait_for("added", [120, 2, 4])
    button(lab, "Show selected only").click()
    wait_for_first(lab, "Title 001")


def test_all_found_are_selected_with_their_query(lab):
    box(lab).fill("genre:=jazz")
    wait_for_count(lab, "43 found of 130 tracks")
    button(lab, "Select all found").click()
    lab.kernel.wait_for("len(browser.selection.track_ids)", 43)
    assert lab.kernel.ask("browser.selection.source.code") == "wb.search(tracks, 'genre:=jazz')"


def test_a_double_click_plays(lab):
    track(lab, 7).dblclick()
    lab.kernel.wait_for("browser.selection.clicked", 7)
    lab.page.locator("tr[data-id='7'].wb-browser-played").wait_for()


def test_a_cover_comes_after_its_row(lab):
    lab.page.wait_for_function("() => document.querySelector('tr[data-id=\"1\"] img')?.naturalWidth === 96")
    assert lab.page.locator("tr[data-id='2'] img").is_hidden()


def test_rows_by_keyboard(lab):
    track(lab, 1).focus()
    for key in ("ArrowDown", "ArrowDown", " "):
        lab.page.keyboard.press(key)
    lab.kernel.wait_for("browser.selection.track_ids", [3])
    lab.page.keyboard.press("Shift+ArrowDown")
    lab.kernel.wait_for("browser.selection.track_ids", [3, 4])
    lab.page.keyboard.press("Enter")
    lab.kernel.wait_for("browser.selection.clicked", 4)
    lab.page.keyboard.press("End")
    lab.page.keyboard.press("ArrowDown")
    wait_for_first(lab, "Title 051")
    lab.page.wait_for_function("() => document.activeElement?.dataset?.id === '51'")
    lab.page.keyboard.press("Control+a")
    lab.kernel.wait_for("len(browser.selection.track_ids)", 130)
    assert lab.page.locator(".jp-Cell").count() == 2  # "a" is a shortcut of JupyterLab's: no cell was made


def test_the_keyboard_keeps_its_place_where_rows_come_and_go(lab):
    track(lab, 1).focus()
    lab.page.keyboard.press("ArrowDown")
    lab.kernel.ask("browser.set_trait('query', 'rain')")
    wait_for_count(lab, "0 found of 130 tracks")
    lab.kernel.ask("browser.set_trait('query', '')")
    wait_for_count(lab, "130 tracks")
    wait_for_first(lab, "Title 001")
    lab.page.keyboard.press("ArrowDown")
    assert lab.page.evaluate("() => document.activeElement.dataset.id") in {"2", "3"}


def test_links_of_a_row_by_keyboard(lab):
    focused = "() => document.activeElement.textContent"
    track(lab, 13).focus()
    lab.page.keyboard.press("ArrowRight")
    assert lab.page.evaluate(focused) == "Artist 0"
    lab.page.keyboard.press("ArrowRight")
    lab.page.keyboard.press("ArrowRight")
    assert lab.page.evaluate(focused) == "Album 01"
    for _ in range(2):
        lab.page.keyboard.press("ArrowLeft")
    assert lab.page.evaluate("() => document.activeElement.dataset.id") == "13"
    lab.page.keyboard.press("ArrowRight")
    lab.page.keyboard.press("Enter")
    lab.kernel.wait_for("browser.query", 'artist:="Artist 0"')
    wait_for_first(lab, "Album 00")
    assert lab.kernel.ask("browser.selection.track_ids") == []


def test_keys_that_mean_nothing_here_mean_nothing_to_the_notebook(lab):
    """An arrow on a button went to another cell, B made one: JupyterLab's shortcuts match what has the focus."""
    for part in (button(lab, "Select all found"), track(lab, 2), lab.page.locator(".wb-browser-pick").first):
        part.focus()
        for key in ("b", "ArrowLeft", "ArrowDown"):
            lab.page.keyboard.press(key)
        lab.page.wait_for_timeout(1200)  # JupyterLab waits for the rest of a chord
        assert lab.page.evaluate("() => document.activeElement.closest('.wb-browser') !== null")
    assert lab.page.locator(".jp-Cell").count() == 2


def test_completions_by_keyboard(lab):
    listed = lab.page.get_by_role("listbox", name="Completions")
    box(lab).click()
    lab.page.keyboard.type("gen")
    listed.get_by_role("option").first.wait_for()
    assert box(lab).get_attribute("aria-expanded") == "true"
    lab.page.keyboard.press("ArrowDown")
    assert box(lab).get_attribute("aria-activedescendant") == listed.get_by_role("option").first.get_attribute("id")
    lab.page.keyboard.press("Enter")
    assert box(lab).input_value() == "genre:"
    listed.get_by_text("43 tracks").first.wait_for()
    lab.page.keyboard.type("te")
    lab.page.wait_for_function("() => document.querySelectorAll('[role=option]').length === 1")
    lab.page.keyboard.press("Tab")
    assert box(lab).input_value() == "genre:=Techno "
    wait_for_count(lab, "43 found of 130 tracks")
    lab.page.keyboard.type("al")
    listed.get_by_role("option").first.wait_for()
    lab.page.keyboard.press("Escape")
    listed.wait_for(state="hidden")
    assert box(lab).input_value() == "genre:=Techno al"
    assert box(lab).evaluate("box => box === document.activeElement")


def test_what_tags_say_is_text(lab):
    box(lab).fill("onerror")
    wait_for_first(lab, BAD_TITLE)
    assert first_cells(lab, "artists", 1) == [BAD_ARTIST]
    assert first_cells(lab, "album", 1) == [BAD_ALBUM]
    wait_for_lines(lab, "genre", [[BAD_GENRE, "1", "false"]])
    lab.page.locator("td.wb-browser-col-artists .wb-browser-link").click()
    wait_for_first(lab, BAD_ALBUM)
    assert lab.kernel.ask("browser.query") == 'onerror artist:="\\"><script>alert(2)</script>"'
    lab.page.locator("tbody .wb-browser-link").get_by_text(BAD_ALBUM).click()
    wait_for_first(lab, BAD_TITLE)
    assert BAD_ARTIST in lab.page.get_by_role("navigation", name="Way down").text_content()
    pick(lab, "genre", BAD_GENRE)
    lab.kernel.wait_for("'svg' in browser.query", expected=True)
    box(lab).fill(f'"{BAD_TITLE}" genre:')
    lab.page.locator(".wb-browser-problem").get_by_text("a value that touches the field").wait_for()
    box(lab).fill('genre:"<svg')
    lab.page.locator(".wb-browser-problem").get_by_text("is never closed").wait_for()
    box(lab).fill("genre:svg")
    lab.page.get_by_role("option").get_by_text(BAD_GENRE).wait_for()
    assert lab.page.locator(".wb-browser img[src=x], .wb-browser script, .wb-browser svg").count() == 0


def test_what_a_callback_raises_is_seen(lab):
    lab.kernel.ask("setattr(browser, 'builder', 7)")
    track(lab, 1).click()
    lab.kernel.wait_for("browser.selection.track_ids", [1])
    button(lab, "Add to playlist").click()
    lab.page.locator(".widget-output").get_by_text("AttributeError").first.wait_for()
    lab.kernel.ask("setattr(browser, 'builder', List())")


@pytest.mark.parametrize("width", [500, 900, 1500])
def test_it_fits(lab, width):
    """Nothing sticks out of the notebook; what does not fit in the table is reached inside it."""
    lab.page.set_viewport_size({"width": width, "height": 1000})
    if width < 1000:
        lab.command("application:toggle-left-area")
    lab.page.wait_for_timeout(500)
    try:
        over = lab.page.evaluate(
            """() => { const root = document.querySelector('.wb-browser'), edge = root.getBoundingClientRect().right;
                return [...root.querySelectorAll('*')].filter(part => !part.closest('.wb-browser-rows table')
                    && part.getBoundingClientRect().right > edge + 1).map(part => part.className); }"""
        )
        assert over == []
        room = lab.page.evaluate(
            "() => { const n = document.querySelector('.jp-Notebook'); return n.scrollWidth - n.clientWidth; }"
        )
        assert room <= 0
        assert lab.page.evaluate("() => document.querySelector('.wb-browser-sift').open") is (width == 1500)
    finally:
        if width < 1000:
            lab.command("application:toggle-left-area")
        lab.page.set_viewport_size({"width": 1500, "height": 1000})
