"""How does an executed notebook become one page that opens anywhere?

Conventions
-----------
Outputs and prose without code, on white. Nothing is fetched: the first figure brings plotly.js (minified) for all.
Nothing in a page is there by chance: cells and figures are called by their number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["page_of"]

FIGURE: Final = "application/vnd.plotly.v1+json"

TEMPLATE: Final = """
{%- extends "lab/index.html.j2" -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block html_head_css -%}
<style>
body.jp-Notebook { max-width: 62rem; margin: 0 auto; padding: 1rem; background: #fff; }
body.jp-Notebook, .jp-RenderedHTMLCommon { font-size: 16px; line-height: 1.5; }
.jp-Cell { padding-left: 0; padding-right: 0; }
.jp-OutputPrompt, .jp-InputPrompt { display: none; }
.jp-OutputArea-output { overflow-x: auto; padding-left: 0; }
.jp-MarkdownOutput.jp-RenderedHTMLCommon { padding-left: 0; }
.jp-RenderedHTMLCommon table { margin-left: 0; }
.jp-RenderedHTMLCommon td.text { text-align: left; }
h1, h2, h3 { break-after: avoid; }
@media print {
  body.jp-Notebook { max-width: none; padding: 0; }
  .jp-OutputArea-output, table, .plotly-graph-div { break-inside: avoid; }
  .modebar { display: none; }
}
</style>
{%- endblock -%}
"""
"""nbconvert's page without what it would load (RequireJS, MathJax, Mermaid); as wide as one reads well. Wide tables
scroll by themselves, and figures are not cut in print."""

FRAME: Final = 'class="dataframe"'
QUOTED: Final = re.compile(r"<td>&quot;([^<]*)(?:&quot;|(?<=\u2026))</td>")
"""A cell of text, which Polars leaves without its second quote where it cuts it; brackets in it are escaped."""

TITLE: Final = re.compile(r"^# +(.+)$", re.MULTILINE)


def page_of(notebook: Path) -> str:
    """HTML of an executed notebook; the same for the same outputs."""
    import nbformat
    from nbconvert import HTMLExporter

    bare = {"exclude_input": True, "exclude_input_prompt": True, "exclude_output_prompt": True}
    exporter: Any = HTMLExporter(raw_template=TEMPLATE, theme="light", language_code="en", **bare)  # type: ignore[no-untyped-call]  # nbconvert has no types
    for name in exporter.trait_names():
        if name.endswith("_url"):  # what is left of them, where a notebook holds widgets
            setattr(exporter, name, "")
    executed = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    named = {"metadata": {"name": _title(executed) or notebook.stem}}
    body, _ = exporter.from_notebook_node(_drawn(_plain(_numbered(executed))), resources=named)
    return str(body)


def _title(notebook: Any) -> str | None:  # noqa: ANN401  nbformat has no types
    """The first heading of the highest rank."""
    texts = [cell["source"] for cell in notebook.cells if cell["cell_type"] == "markdown"]
    found = TITLE.search("\n".join(texts))
    return found[1].strip() if found else None


def _numbered(notebook: Any) -> Any:  # noqa: ANN401  nbformat has no types
    """The notebook with its cells called by their place; papermill gives one of them a name by chance."""
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    return notebook


def _plain(notebook: Any) -> Any:  # noqa: ANN401  nbformat has no types
    """The notebook with tables for readers: Polars writes text in quotes, and what is not known as null."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            table = output.get("data", {}).get("text/html", "")
            if FRAME in table:
                texts = QUOTED.sub(r'<td class="text">\1</td>', table)
                output["data"]["text/html"] = texts.replace("<td>null</td>", "<td>\u2013</td>")
    return notebook


def _drawn(notebook: Any) -> Any:  # noqa: ANN401  nbformat has no types
    """The notebook with its figures as HTML, the first of which brings plotly.js for all."""
    import plotly.io

    count = 0
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            figure = output.get("data", {}).pop(FIGURE, None)
            if figure is not None:
                count += 1
                page = plotly.io.to_html(
                    figure,
                    config={"responsive": True, "displaylogo": False},
                    include_plotlyjs=count == 1,
                    full_html=False,
                    validate=False,
                    div_id=f"figure-{count}",
                )
                output["data"] = {"text/html": page}
    return notebook
