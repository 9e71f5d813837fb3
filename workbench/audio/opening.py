"""Is there a regular file, and does it begin like sound?"""

from __future__ import annotations

import os
import stat
from typing import IO, TYPE_CHECKING, Final

from workbench.errors import DecodeError
from workbench.models import Reason

if TYPE_CHECKING:
    from pathlib import Path


__all__ = ["looks_like_audio", "opened"]

SIGNATURES: Final = (b"fLaC", b"RIFF", b"RIFX", b"RF64", b"FORM", b"OggS", b"ID3", b"caff")


def opened(path: Path) -> IO[bytes]:
    """The file, open for reading; pipes and devices are refused without waiting for them."""
    try:
        _require_file(path, path.stat())
        file = open(path, "rb", buffering=0, opener=_without_waiting)  # noqa: SIM115  Path.open takes no opener; stream closes it
        status = os.fstat(file.fileno())
    except FileNotFoundError as error:
        raise DecodeError(f"{path}: is not there any more; scan again, or connect its disk", Reason.VANISHED) from error
    except OSError as error:
        found = f"cannot be opened ({error.strerror or error}); check its permissions and its disk"
        raise DecodeError(f"{path}: {found}", Reason.UNREADABLE) from error
    if not stat.S_ISREG(status.st_mode) or status.st_size == 0:  # the file changed since the first look
        file.close()
        _require_file(path, status)
    return file


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _require_file(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise DecodeError(f"{path}: is a folder, pipe, socket or device, not a file", Reason.NOT_A_FILE)
    if status.st_size == 0:
        raise DecodeError(f"{path}: is empty (0 bytes); copy it again from its source", Reason.EMPTY_FILE)


def looks_like_audio(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a format that holds sound."""
    sync = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0  # noqa: PLR2004  MPEG and ADTS frames begin so
    return head.startswith(SIGNATURES) or head[4:8] == b"ftyp" or sync
