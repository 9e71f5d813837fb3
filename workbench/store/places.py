"""On what kind of disk does a file lie?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

__all__ = ["is_on_network"]

NETWORKS: Final = frozenset(
    {"9p", "afpfs", "afs", "ceph", "cifs", "davfs", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2"}
    | {"smb2", "smb3", "smbfs", "vboxsf", "vmhgfs", "webdav", "fuse.davfs", "fuse.glusterfs", "fuse.rclone"}
    | {"fuse.s3fs", "fuse.sshfs", "fuse.vmhgfs-fuse", "osxfuse", "virtiofs"}
)
"""File systems that several machines see, or a machine and its guests, which do not share memory."""


def is_on_network(path: Path) -> bool:
    """Whether a file, there or not yet, lies on a file system that other machines may change too.

    Told by the type of the innermost mounted file system around it; an unknown type counts as local.
    """
    import psutil

    place = Path(os.path.realpath(path))
    around = [
        disk for disk in psutil.disk_partitions(all=True) if place.is_relative_to(disk.mountpoint) and disk.mountpoint
    ]
    if not around:
        return False
    innermost = max(reversed(around), key=lambda disk: len(Path(disk.mountpoint).parts))
    return innermost.fstype.lower() in NETWORKS or "remote" in innermost.opts.split(",")
