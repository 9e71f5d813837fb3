"""How does a test drive a real JupyterLab in a real browser?

`JupyterServer` runs JupyterLab with a home of its own, `LabPage` is one notebook in one browser page, `KernelProbe`
asks the notebook's kernel what the page's clicks have done to it.

Conventions
-----------
Assert in the kernel, not in the page's elements, wherever Python knows the answer. Ask plotly for pixels, never write
them down. The probe's questions queue behind a running cell.
"""

from __future__ import annotations

import ast
import json
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

import nbformat
from jupyter_client import BlockingKernelClient

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",  # root in a container has no user namespaces
    "--disable-dev-shm-usage",  # /dev/shm holds 64 MB in most containers
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",  # WebGL without a graphics card
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]
SETTINGS: dict[str, dict[str, object]] = {
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {
        "windowingMode": "none",  # otherwise cells out of sight are not in the page
        "scrollPastEnd": False,
        "kernelShutdown": True,
    },
    "@jupyterlab/docmanager-extension/plugin.jupyterlab-settings": {
        "autosave": False,
        "renameUntitledFileOnSave": False,
    },
}
LAB_NOISE = (
    "Failed to load resource: the server responded with a status of 404",  # optional files JupyterLab asks for
    "GPU stall due to ReadPixels",  # WebGL in software
    "[anywidget] Failed to initialize model.",  # a slow page; what was sent first is drawn all the same
)
"""Console errors that are none of ours; reviewed one by one."""

IDLE = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
READY = "() => { const w = window.jupyterapp?.shell?.currentWidget; return w?.context?.isReady; }"
CELL_ERRORS = """() => window.jupyterapp.shell.currentWidget.content.model.toJSON().cells.flatMap(
    cell => (cell.outputs || []).filter(o => o.output_type === 'error').map(o => `${o.ename}: ${o.evalue}`))"""
PIXELS = """([x, y]) => {
    const plot = document.querySelector('.js-plotly-plot'), box = plot.getBoundingClientRect(), l = plot._fullLayout;
    return [box.x + l.xaxis._offset + l.xaxis.d2p(x), box.y + l.yaxis._offset + l.yaxis.d2p(y)]; }"""
TO_TOP = """() => document.querySelectorAll('.jp-Notebook, .jp-WindowedPanel-outer')
    .forEach(part => { part.scrollTop = 0; })"""
HIDDEN_HEIGHT = """() => Math.max(...[...document.querySelectorAll('.jp-NotebookPanel *')]
    .filter(part => ['auto', 'scroll'].includes(getComputedStyle(part).overflowY) && part.querySelector('.jp-Cell'))
    .map(part => part.scrollHeight - part.clientHeight), 0)"""
TALLEST = 12_000  # pixels; a larger page is no single texture in Chromium


class JupyterServer:
    """A JupyterLab with its own settings, data and runtime folder, ended with the ``with`` block.

    Parameters
    ----------
    root : Path
        Folder of the notebooks.
    home : Path
        Folder for all that Jupyter keeps.
    variables : mapping
        Environment variables for the server and its kernels.
    """

    def __init__(self, root: Path, home: Path, variables: Mapping[str, str] | None = None) -> None:
        self.root, self.home, self.token = root, home, "browser-test"
        self.port = free_port()
        self._variables = dict(variables or {})

    def __enter__(self) -> Self:
        """Start, and wait until it answers."""
        self.root.mkdir(parents=True, exist_ok=True)
        self._write_settings()
        self._log = (self.home / "lab.log").open("wb")
        self._process = subprocess.Popen(
            self._command(), env=self._environment(), stdout=self._log, stderr=self._log, start_new_session=True
        )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def url(self, path: str, **query: str) -> str:
        """Address of a page of the server, token included."""
        text = urllib.parse.urlencode({"token": self.token, **query})
        return f"http://127.0.0.1:{self.port}/{urllib.parse.quote(path)}?{text}"

    def connection_file(self, notebook: str) -> Path:
        """How to reach the kernel that runs a notebook."""
        with urllib.request.urlopen(self.url("api/sessions"), timeout=60) as reply:  # noqa: S310  always http
            sessions = json.load(reply)
        kernel = next(session["kernel"]["id"] for session in sessions if session["path"] == notebook)
        return self.home / "runtime" / f"kernel-{kernel}.json"

    def end_kernels(self) -> None:
        """End every kernel; its notebook stays."""
        with urllib.request.urlopen(self.url("api/kernels"), timeout=60) as reply:  # noqa: S310  always http
            kernels = [kernel["id"] for kernel in json.load(reply)]
        for kernel in kernels:
            request = urllib.request.Request(self.url(f"api/kernels/{kernel}"), method="DELETE")  # noqa: S310  the same
            urllib.request.urlopen(request, timeout=60).close()  # noqa: S310  the same

    def stop(self) -> None:
        """End the server, which ends its kernels; if it does not, end its whole session."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._log.close()

    def _write_settings(self) -> None:
        for name in ("data", "runtime", "ipython"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        for name, values in SETTINGS.items():
            file = self.home / "config" / "lab" / "user-settings" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values), encoding="utf-8")

    def _environment(self) -> dict[str, str]:
        homes = {f"JUPYTER_{name.upper()}_DIR": str(self.home / name) for name in ("config", "data", "runtime")}
        return {**os.environ, **homes, "IPYTHONDIR": str(self.home / "ipython"), **self._variables}

    def _command(self) -> list[str]:
        options = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": self.port,
            "ServerApp.port_retries": 0,
            "ServerApp.root_dir": self.root,
            "IdentityProvider.token": self.token,
            "ServerApp.jpserver_extensions": {"workbench.audio_server": True},  # as `workbench lab` does
            "LabApp.expose_app_in_browser": True,  # gives the page window.jupyterapp
            "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        }
        flags = [f"--{name}={value}" for name, value in options.items()]
        return [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *flags]

    def _wait(self, timeout_s: float = 120) -> None:
        end = time.monotonic() + timeout_s
        while time.monotonic() < end and self._process.poll() is None:
            with suppress(OSError), urllib.request.urlopen(self.url("api/status"), timeout=2):  # noqa: S310  the same
                return
            time.sleep(0.1)
        log = (self.home / "lab.log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"JupyterLab did not start:\n{log[-2000:]}")


class KernelProbe:
    """A second client of a running kernel; what it asks is shown nowhere.

    Parameters
    ----------
    connection_file : Path
        The kernel's file in the server's runtime folder.
    """

    def __init__(self, connection_file: Path) -> None:
        self._client = BlockingKernelClient(connection_file=str(connection_file))
        self._client.load_connection_file()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)

    def ask(self, expression: str, timeout_s: float = 60) -> Any:
        """Value of a Python expression in the notebook's namespace, by way of JSON."""
        text = f"__import__('json').dumps({expression}, default=str)"
        reply = self._client.execute(
            "", silent=True, store_history=False, user_expressions={"value": text}, reply=True, timeout=timeout_s
        )
        value = reply["content"]["user_expressions"]["value"]
        if value["status"] != "ok":
            raise RuntimeError(f"{expression}: {value['ename']}: {value['evalue']}")
        return json.loads(ast.literal_eval(value["data"]["text/plain"]))

    def wait_for(self, expression: str, expected: object, timeout_s: float = 60) -> None:
        """Ask until the answer is the expected one."""
        end = time.monotonic() + timeout_s
        while (answer := self.ask(expression)) != expected:
            if time.monotonic() > end:
                raise AssertionError(f"{expression} is {answer!r} after {timeout_s} s, expected {expected!r}")
            time.sleep(0.05)

    def close(self) -> None:
        """Hang up."""
        self._client.stop_channels()


class LabPage:
    """One notebook in one browser page.

    Parameters
    ----------
    page : Page
        Playwright's page.
    server : JupyterServer
        Where the notebook lives.

    Attributes
    ----------
    kernel : KernelProbe
        A second client of the notebook's kernel, once a notebook is open.
    errors : list of str
        What the page logged as an error, but for its `noise`.
    dialogs : list of str
        Texts of the browser dialogs that opened; each was dismissed.
    """

    kernel: KernelProbe
    noise = LAB_NOISE

    def __init__(self, page: Page, server: JupyterServer) -> None:
        self.page, self.server = page, server
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self._note(str(error)))
        page.on("dialog", self._note_dialog)

    def open(self, notebook: str, timeout_s: float = 120) -> None:
        """Show a notebook of the server's root, its kernel idle."""
        self.notebook = notebook
        self.page.goto(self.server.url(f"lab/tree/{notebook}", reset=""), wait_until="domcontentloaded")
        self.page.wait_for_function(READY, timeout=timeout_s * 1000)
        self.page.wait_for_function(IDLE, timeout=timeout_s * 1000)
        self.kernel = KernelProbe(self.server.connection_file(notebook))

    def run_cells(self, notebook: str, cells: Sequence[str]) -> None:
        """Write a notebook of these code cells, open it and run every cell."""
        write_notebook(self.server.root / notebook, cells)
        self.open(notebook)
        self.run_all()

    def close(self) -> None:
        """Hang up on the kernel, end it and close the page."""
        if hasattr(self, "kernel"):
            self.kernel.close()
        self.page.close()
        self.server.end_kernels()

    def run_all(self, timeout_s: float = 120) -> None:
        """Run every cell; fails when one raised."""
        self.command("notebook:run-all-cells")  # comes back when the last cell has replied
        self.page.wait_for_function(IDLE, timeout=timeout_s * 1000)
        raised = self.page.evaluate(CELL_ERRORS)
        assert not raised, f"{self.notebook}: cells raised {raised}"

    def run_file(self, notebook: Path, timeout_s: float = 120) -> None:
        """Open a copy of any notebook file and run every cell."""
        shutil.copyfile(notebook, self.server.root / notebook.name)
        self.open(notebook.name)
        self.run_all(timeout_s)

    def command(self, name: str, **arguments: object) -> None:
        """Run one of JupyterLab's commands and wait for its end."""
        script = "([name, given]) => window.jupyterapp.commands.execute(name, given).then(() => null)"
        self.page.evaluate(script, [name, arguments])

    def theme(self, name: str) -> None:
        """Change the theme, e.g. to "JupyterLab Dark"."""
        self.command("apputils:change-theme", theme=name)
        self.page.wait_for_timeout(500)

    def press(self, label: str) -> None:
        """Press the first button with this label."""
        self.page.locator("button.jupyter-button", has_text=label).first.click()

    def pixels(self, x: float, y: float) -> tuple[float, float]:
        """Place on the page of a point of the first plotly figure."""
        across, down = self.page.evaluate(PIXELS, [x, y])
        return across, down

    def lasso(self, centre: tuple[float, float], radius: tuple[float, float], steps: int = 16) -> None:
        """Drag an ellipse, given in pixels, with the mouse."""
        angles = [2 * math.pi * step / steps for step in range(steps + 1)]
        ring = [(centre[0] + radius[0] * math.cos(a), centre[1] + radius[1] * math.sin(a)) for a in angles]
        self.drag(ring)

    def drag(self, places: Sequence[tuple[float, float]]) -> None:
        """Press the mouse at the first place, move through all, let go at the last."""
        mouse = self.page.mouse
        mouse.move(*places[0])
        mouse.down()
        for place in places[1:]:
            mouse.move(*place, steps=3)
        mouse.up()

    def screenshot_all(self, picture: Path) -> None:
        """Save the whole notebook as one PNG: the page grows until nothing is scrolled out of sight."""
        size = self.page.viewport_size
        assert size is not None, "the page has no viewport"
        height = min(TALLEST, size["height"] + self.page.evaluate(HIDDEN_HEIGHT))
        self.page.set_viewport_size({"width": size["width"], "height": height})
        self.page.evaluate(TO_TOP)
        self.page.wait_for_timeout(1000)  # figures draw themselves anew
        self.page.screenshot(path=str(picture))
        self.page.set_viewport_size(size)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(message.text)

    def _note(self, error: str) -> None:
        if not any(noise in error for noise in self.noise):
            self.errors.append(error)

    def _note_dialog(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload":  # JupyterLab asks whether to leave an unsaved notebook
            dialog.accept()
        else:
            self.dialogs.append(dialog.message)
            dialog.dismiss()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def launch_chromium(playwright: Playwright) -> Browser:
    """A headless Chromium that draws WebGL."""
    return playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=CHROMIUM_ARGUMENTS)


def write_notebook(path: Path, cells: Sequence[str]) -> None:
    """A notebook of these code cells."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata={"kernelspec": kernel}
    )
    nbformat.write(notebook, path)
