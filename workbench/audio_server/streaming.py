"""Which file is a track, and how does it reach the page?

Conventions
-----------
Login, ranges (206, 416) and 304 are the server's own. Nothing but the file of a track that a shared store knows is ever
served; the store is looked into, never written.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Final

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import AuthenticatedFileHandler
from tornado import web

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

__all__ = ["TrackHandler", "content_type", "file_of_track"]

TYPES: Final = {
    ".aac": "audio/aac",
    ".aif": "audio/aiff",
    ".aifc": "audio/aiff",
    ".aiff": "audio/aiff",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".m4b": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".mp4": "audio/mp4",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
    ".wave": "audio/wav",
}
"""Media types by ending; https://developer.mozilla.org/docs/Web/Media/Guides/Formats/Containers"""
UNKNOWN: Final = "application/octet-stream"


class TrackHandler(AuthenticatedFileHandler):
    """Answers GET and HEAD of ``<key>/<track id>`` with the track's file."""

    @web.authenticated
    @authorized
    async def get(self, path: str) -> None:  # type: ignore[override]
        """The file, or the part of it that was asked for."""
        await self._answer(path, include_body=True)

    @web.authenticated
    @authorized
    async def head(self, path: str) -> None:  # type: ignore[override]
        """The same without the body."""
        await self._answer(path, include_body=False)

    async def _answer(self, path: str, *, include_body: bool) -> None:
        self.check_xsrf_cookie()
        loop = asyncio.get_running_loop()
        self._file = await loop.run_in_executor(None, _found, path)  # a store may be on a slow disk
        await web.StaticFileHandler.get(self, path, include_body)

    def parse_url_path(self, url_path: str) -> str:
        """The path that the store gave; what the address says was used up in finding it."""
        del url_path
        return str(self._file)

    @classmethod
    def get_absolute_path(cls, root: str, path: str) -> str:
        """The same path: a track may be anywhere."""
        del root
        return path

    def validate_absolute_path(self, root: str, absolute_path: str) -> str:
        """The same path, if there is a regular file."""
        del root
        if not os.path.isfile(absolute_path):  # noqa: PTH113  bytes that are no UTF-8 come as surrogates
            raise web.HTTPError(404, reason="The file of this track is not there")
        return absolute_path

    def get_content_type(self) -> str:
        """By the file's ending."""
        return content_type(self._file)

    def set_extra_headers(self, path: str) -> None:
        """The browser is to play it, to keep it to this user, and to make nothing else of it."""
        del path
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Disposition", "inline")

    def set_cors_headers(self) -> None:
        """None: only pages of this server read it."""

    def set_headers(self) -> None:
        """Ask again before a kept copy is used; the answer is 304 while the file is the same."""
        super().set_headers()
        self.set_header("Cache-Control", "private, no-cache")

    def get_cache_time(self, path: str, modified: datetime | None, mime_type: str) -> int:
        """No time at all, whatever the address says: a track's file may change."""
        del path, modified, mime_type
        return 0


def content_type(file: Path) -> str:
    """Media type of a file by its ending.

    Examples
    --------
    >>> content_type(Path("a.FLAC")), content_type(Path("a.sh"))
    ('audio/flac', 'application/octet-stream')
    """
    return TYPES.get(file.suffix.lower(), UNKNOWN)


def file_of_track(library: Path, track_id: int) -> Path:
    """The file of a track; the store is opened, asked once and closed.

    Raises
    ------
    StoreError
        The library is not there, is no store, or is of another schema.
    TrackError
        No track has this id.
    """
    from workbench import store
    from workbench.store import analysis

    with store.reading(store.open_as_found(library)) as connection:
        return analysis.track_path(connection, track_id)


def _found(address: str) -> Path:
    """The file for ``<key>/<track id>``, or the error that the page gets."""
    from workbench import settings
    from workbench.errors import StoreError, TrackError

    key, track_id = address.split("/")
    library = settings.shared_library(key)
    if library is None:
        raise web.HTTPError(404, reason="No notebook has shared this library")
    try:
        return file_of_track(library, int(track_id))
    except TrackError as error:
        raise web.HTTPError(404, reason="The library has no such track") from error
    except StoreError as error:
        raise web.HTTPError(503, str(error), reason="The library cannot be read") from error
