"""Every window, as the cell that shows it; for pictures and for what must hold in all of them.

A notebook with these cells after `OPENING` shows them all, sharing one selection.
"""

OPENING = (
    "import workbench as wb",
    "library = wb.Library()\ntracks = library.tracks()\nselection = wb.Selection(tracks, library=library)",
)

WINDOWS = {
    "browser": "browser = wb.CollectionBrowser(library, selection=selection); browser",
    "map": "layout = library.similarity_map(library.groups(seed=0), seed=0)\n"
    "view = wb.MapView(layout, selection=selection); view",
    "map_webgl": "wb.MapView(layout, colour='bpm', engine='webgl', selection=selection)",
    "explorer": "explorer = wb.Explorer(library, selection=selection); explorer",
    "builder": "builder = wb.PlaylistBuilder(selection, library=library); builder",
    "player": "player = wb.Player(selection, library=library); player",
    "track": "shown = wb.show(int(tracks['track_id'][0]), library); shown",
    "job": "job = wb.Job(library); job.analyze()",
    "settings": "wb.SettingsPanel(library)",
}

USE = (
    "job.wait(120); shown.wait(120)",
    "selection.choose(tracks['track_id'][:8].to_list())",
    "builder.add(tracks['track_id'][:8].to_list())",
    "selection.click(int(tracks['track_id'][1]))",
)
"""What a person might have done, so that there is something to see."""

OBJECTS = (
    "import polars as pl; pl.Config(tbl_rows=-1, fmt_str_lengths=200); tracks",
    "tracks.head(40).to_pandas()[['title', 'artist', 'genre', 'path']]",
    "library",
    "print(library); library.playlists()",
    "library.playlist(library.playlists()['name'][0])",
    "library.refresh(library.playlists().drop_nulls('origin')['name'][0])",
    "library.changes()",
    "library.findings()",
    "library.corrections()",
    "library.space()",
    "selection.rows.select('title', 'comment')",
    "print(selection.code()); selection",
    "library.describe_groups(library.groups(seed=0))",
    "library.suggest('x')",
    "wb.nearest(library.space(), [int(tracks['track_id'][0])], tracks=tracks)",
)
"""Other things that a notebook shows of a library."""

EMPTY = {
    "browser": "wb.CollectionBrowser(library)",
    "map": "wb.MapView(tracks.with_columns(x=0.0, y=0.0))",
    "explorer": "wb.Explorer(library)",
    "builder": "wb.PlaylistBuilder(tracks, library=library)",
    "player": "wb.Player(tracks, library=library)",
    "job": "wb.Job(library)",
    "settings": "wb.SettingsPanel(library)",
}
"""The same on a library that holds nothing."""

CONTROLS = "button, input, select, textarea, a[href], [role=button], [role=slider], [role=option], [role=tab]"

NAMELESS = """(scope, controls) => [...scope.querySelectorAll(controls)]
    .filter(part => part.offsetParent && part.type !== 'hidden')
    .filter(part => ![part.ariaLabel, part.title, part.textContent, part.getAttribute('aria-labelledby'),
        part.labels?.[0]?.textContent, part.closest('label')?.textContent,
        part.closest('.jupyter-widgets')?.querySelector('label')?.textContent,
        part.closest('[title]')?.title].some(name => name?.trim()))
    .map(part => part.outerHTML.slice(0, 120))"""
"""Controls of a part of the page that no screen reader could name."""


def output_of(page, number):
    """What the cell of this number shows."""
    return page.locator(".jp-CodeCell").nth(number).locator(".jp-Cell-outputWrapper")
