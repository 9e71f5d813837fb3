"""How does a page hear a whole track?

An extension of Jupyter Server that streams files by library and track id: ``<base url>workbench/audio/<key>/<id>``. It
is switched on where the package is installed (``jupyter_server_config.json``), and by ``workbench lab``.

Conventions
-----------
A server loads this at its start, before anybody has opened a notebook: nothing of the workbench is imported until the
first track is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__: list[str] = []

ROUTE = r"workbench/audio/([0-9a-f]{16}/[0-9]{1,18})"


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """What a Jupyter server asks an extension for."""
    return [{"module": "workbench.audio_server"}]


def _load_jupyter_server_extension(app: ServerApp) -> None:
    """Add the route to a server."""
    from jupyter_server.utils import url_path_join

    from workbench.audio_server.streaming import TrackHandler

    base = app.web_app.settings["base_url"]
    rules = [(url_path_join(base, ROUTE), TrackHandler, {"path": "/"})]
    app.web_app.add_handlers(".*$", rules)  # type: ignore[no-untyped-call]
