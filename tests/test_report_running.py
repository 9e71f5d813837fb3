"""Notebooks run into documents: which cell runs, which fails, and that the same library gives the same page."""

import json
import re
import sys
from pathlib import Path

import nbformat
import plotly.graph_objects as go
import polars as pl
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from plotly.offline import get_plotlyjs
from synthetic import records

import workbench as wb
from workbench import store
from workbench.errors import FolderError, QueryError, ReportError
from workbench.reports import REPORTS, run_report
from workbench.reports.page import page_of
from workbench.reports.running import heading_of, run_notebook
from workbench.store.ingest import store_records
from workbench.store.roots import add_root

ELSEWHERE = r"""(?:src|href)=["'](?!data:|#|\d\d_|mailto:)[^"']|@import|url\(["']?https?:"""
"""Where a page would load something from; links to the other notebooks are none."""


def written(folder, *cells):
    """A notebook of texts (code) and of texts that begin with a sign (prose)."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = new_notebook(metadata=kernel)
    for text in cells:
        notebook.cells.append(new_markdown_cell(text) if text.startswith(("#", "Some")) else new_code_cell(text))
    notebook.cells[1].metadata["tags"] = ["parameters"]
    path = folder / "made.ipynb"
    nbformat.write(notebook, path)
    return path


def outputs_of(path):
    """What the cells of code gave as text."""
    cells = nbformat.read(path, 4).cells
    return [output["data"]["text/plain"] for cell in cells for output in cell.get("outputs", ()) if "data" in output]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Sixty made tracks, none of them analysed."""
    library = wb.Library(tmp_path_factory.mktemp("library") / "library.db")
    with store.writing(library._engine) as connection:
        store_records(connection, add_root(connection, Path("/music").absolute())[0], list(records(60)))
    return library


# Cells


def test_a_notebook_runs_with_its_parameters_and_says_which_cell_begins(tmp_path):
    source = written(tmp_path, "# Title", "a = 1", "Some prose", "\n\nb = a", "## Sums ##\n\nAdded.", "a + b", "'end'")
    told = []
    run_notebook(source, tmp_path / "out.ipynb", {"a": 20}, lambda *cell: told.append(cell))
    assert outputs_of(tmp_path / "out.ipynb") == ["40", "'end'"]
    assert told == [(1, 5, "Title"), (2, 5, "Title"), (3, 5, "Title"), (4, 5, "Sums"), (5, 5, "Sums")]


def test_without_a_heading_a_cell_is_called_by_its_code():
    cells = new_notebook(cells=[new_code_cell("\n  x = 1\ny"), new_markdown_cell("```sh\n# no heading\n```")]).cells
    assert heading_of([*cells, new_code_cell("")], 0) == "x = 1"
    assert heading_of([*cells, new_code_cell("z")], 2) == "z"
    assert heading_of([new_code_cell("")], 0) == "an empty cell"
    assert len(heading_of([new_code_cell("x" * 100)], 0)) == 60


def test_a_failing_cell_is_named_in_one_line_and_the_notebook_holds_the_rest(tmp_path):
    code = "raise ValueError('of two\\n  lines')"
    source = written(tmp_path, "# Title", "a = 1", "## Sums", code, "## Never", "'not run'")
    with pytest.raises(ReportError) as caught:
        run_notebook(source, tmp_path / "out.ipynb", {"a": 2})
    said = f"{tmp_path / 'out.ipynb'}: cell 3 of 4, 'Sums', failed with ValueError: of two lines; the notebook there"
    assert str(caught.value) == f"{said} holds all of it"
    cells = nbformat.read(tmp_path / "out.ipynb", 4).cells
    assert any("Traceback" in "".join(out.get("traceback", ())) for cell in cells for out in cell.get("outputs", ()))
    assert "'not run'" not in outputs_of(tmp_path / "out.ipynb")


@pytest.mark.faults
def test_a_kernel_that_dies_is_told(tmp_path):
    source = written(tmp_path, "# Title", "a = 1", "## The end", "import os; os._exit(1)")
    with pytest.raises(ReportError, match="cell 3 of 3, 'The end', failed with the end of its process"):
        run_notebook(source, tmp_path / "out.ipynb", {"a": 2})


def test_a_notebook_runs_in_this_interpreter_whatever_kernel_is_installed(tmp_path, monkeypatch):
    kernel = tmp_path / "kernels" / "python3"
    kernel.mkdir(parents=True)
    other = {"argv": [sys.executable, "-c", "raise SystemExit(3)"], "display_name": "Other", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(other), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    run_notebook(written(tmp_path, "# T", "a = 1", "import sys; sys.executable"), tmp_path / "out.ipynb", {"a": 2})
    assert outputs_of(tmp_path / "out.ipynb") == [repr(sys.executable)]


@pytest.mark.parametrize("name", ["{a}", "{nothing}", "{"])
def test_braces_in_a_path_are_no_parameters(tmp_path, name):
    """Papermill would write to the folder "2", or say that a parameter is missing."""
    folder = tmp_path / name
    folder.mkdir()
    run_notebook(written(folder, "# T", "a = 1", "a"), folder / "out.ipynb", {"a": 2})
    assert outputs_of(folder / "out.ipynb") == ["2"]
    assert [each.name for each in tmp_path.iterdir()] == [name]


# Pages


def executed(folder, *outputs):
    cells = [new_markdown_cell("Some prose\n\n# What <is> it?\n\n# Another"), new_code_cell("hidden = 1")]
    cells[1].outputs = [new_output("display_data", data=data) for data in outputs]
    path = folder / "executed.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_a_page_loads_nothing_and_says_what_it_is(tmp_path):
    figure = go.Figure(go.Bar(y=[1, 2])).to_plotly_json()
    mime = {"application/vnd.plotly.v1+json": json.loads(json.dumps(figure, default=str))}
    page = page_of(executed(tmp_path, mime, {"text/html": "<p>said</p>"}, mime))
    assert '<html lang="en">' in page
    assert "<title>What &lt;is&gt; it?</title>" in page
    assert 'data-jp-theme-light="true"' in page
    assert "hidden = 1" not in page
    assert page.count("plotly.js v") == 1
    assert re.findall(r'id="(figure-\d+)"', page) == ["figure-1", "figure-2"]
    bare = page.replace(get_plotlyjs(), "")
    assert len(bare) < 400_000
    assert re.findall(ELSEWHERE, bare) == []
    assert "<script src" not in page
    assert page == page_of(executed(tmp_path, mime, {"text/html": "<p>said</p>"}, mime))


# Reports


@pytest.mark.parametrize(
    ("asked", "error", "match"),
    [
        ({"query": "gnre:ambient"}, QueryError, "genre"),
        ({"query": "(rock"}, QueryError, "bracket"),
        ({"query": "playlist:=Nosuch"}, QueryError, "Nosuch"),
        ({"since": "tomorrow"}, QueryError, "'tomorrow' is no day"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_runs(library, tmp_path, asked, error, match):
    with pytest.raises(error, match=match):
        run_report("statistics", tmp_path / "out", library=library.path, **asked)
    assert not (tmp_path / "out").exists()


def test_an_unknown_report_and_a_folder_that_is_a_file_are_errors(library, tmp_path):
    with pytest.raises(ReportError, match="no report 'nothing'; there are: statistics, quality, sound"):
        run_report("nothing", tmp_path, library=library.path)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(FolderError, match="the report cannot be written there"):
        run_report("statistics", tmp_path / "file", library=library.path)


@pytest.mark.slow
def test_two_reports_of_an_unchanged_library_are_the_same(library, tmp_path):
    told = []
    asked = {"library": library.path, "progress": lambda *cell: told.append(cell)}
    pages = [run_report("statistics", tmp_path / name, **asked).read_text(encoding="utf-8") for name in "ab"]
    assert pages[0] == pages[1]
    assert told[: len(told) // 2] == told[len(told) // 2 :]
    told = told[: len(told) // 2]
    assert [number for number, _, _ in told] == [*range(1, told[0][1] + 1)]
    assert "Genres" in [heading for _, _, heading in told]
    assert len(pages[0]) < 8_000_000
    assert pages[0].count("plotly.js v") == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_of_what_a_search_finds_and_tells_what_changed(demo_library, tmp_path, name):
    asked = {"query": "genre:ambient", "since": "2020-01-01"}
    page = run_report(name, tmp_path, library=demo_library.path, **asked).read_text(encoding="utf-8")
    earliest = r"Since \d{4}-\d\d-\d\d \d\d:\d\d UTC \(the earliest report there is\)"
    assert re.search(rf"<strong>(Nothing to compare with yet|{earliest})", page)
    cells = [cell for cell in nbformat.read(tmp_path / f"{name}.ipynb", 4).cells if cell.cell_type == "code"]
    given = [cell.source for cell in cells if "injected-parameters" in cell.metadata.get("tags", ())]
    assert 'query = "genre:ambient"\nsince = "2020-01-01"' in given[0]
    if name == "statistics":
        assert f"<td>{len(demo_library.search('genre:ambient'))}</td>" in page


@pytest.mark.slow
@pytest.mark.parametrize("count", [0, 3])
def test_a_report_of_little_or_nothing_is_one_too(tmp_path, count):
    library = wb.Library(tmp_path / "library.db")
    with store.writing(library._engine) as connection:
        store_records(connection, add_root(connection, Path("/music").absolute())[0], list(records(count)))
    page = run_report("statistics", tmp_path, library=library.path).read_text(encoding="utf-8")
    assert "Nothing to compare with yet: the collection is as the first report found it." in page
    assert "No tracks of which this is known" in page


@pytest.mark.slow
def test_paths_from_here_mean_the_same_where_the_kernel_runs(library, tmp_path, monkeypatch):
    monkeypatch.chdir(library.path.parent)
    page = run_report("statistics", Path(tmp_path.name), library=Path(library.path.name))
    assert page == Path(tmp_path.name) / "statistics.html"
    assert "<td>60</td>" in page.read_text(encoding="utf-8")
    assert not (page.parent / library.path.name).exists()


@pytest.mark.slow
def test_the_command_line_prints_the_page_and_tells_each_cell(library, tmp_path, command):
    words = ("--library", library.path, "--query", "bpm:40..240", "--since", "-3w")
    done = command("report", "statistics", "--output", "out", *words, cwd=tmp_path)
    assert done.stdout.strip() == str(tmp_path / "out" / "statistics.html")
    assert re.search(r"^\d+/\d+  Genres$", done.stderr, re.MULTILINE)
    refused = command("report", "statistics", "--library", library.path, "--since", "soon", cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Error: 'soon' is no day: write 2026-01-01, 2026-01 or -3w" in refused.stderr


def test_tables_show_text_without_the_quotes_of_polars(tmp_path):
    odd = pl.DataFrame({"title": ['a "quoted" <b>', "null", None, "x" * 40, '"</td>"'], "n": [1, 2, 3, 4, 5]})
    output = new_output("execute_result", {"text/html": odd._repr_html_()}, execution_count=1)
    cells = [new_markdown_cell("# T"), new_code_cell("odd", outputs=[output], execution_count=1)]
    path = tmp_path / "made.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    page = page_of(path)
    rows = re.findall(r"<tr>(<td.*?)</tr>", page, re.DOTALL)[-5:]
    assert rows == [
        '<td class="text">a "quoted" &lt;b&gt;</td><td>1</td>',
        '<td class="text">null</td><td>2</td>',
        "<td>\u2013</td><td>3</td>",
        f'<td class="text">{"x" * 30}\u2026</td><td>4</td>',
        '<td class="text">"&lt;/td&gt;"</td><td>5</td>',
    ], "Polars leaves what it cuts without its second quote"
