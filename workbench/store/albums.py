"""When are two tracks of one album?

Conventions
-----------
Two tracks share an album when its identity is equal: the MusicBrainz release id; else album artist and name; else,
without an album artist, the folder and the name (a compilation, or albums of one title by two artists); a track without
an album name belongs to its folder's own nameless album, so that two folders of untagged files stay two. The folders
of a box's discs ("CD 1", "Disc 02 - Live") count as the folder around them.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from workbench.store.names import fold

if TYPE_CHECKING:
    from workbench.models import Tags

__all__ = ["VARIOUS", "album_identity"]

VARIOUS: Final = "Various Artists"
DISC_FOLDER: Final = re.compile(rb"(cd|dis[ck]|disque|disco)[ ._-]*\d{1,3}\b.*", re.IGNORECASE | re.DOTALL)


def album_identity(root_id: int, path: bytes, tags: Tags) -> str:
    """What tracks of one album have in common, as the column `identity` keeps it."""
    if tags.musicbrainz_album_id:
        return f"musicbrainz:{tags.musicbrainz_album_id}"
    name = fold(tags.album or "")
    if name and (tags.album_artists or tags.compilation):
        return f"artist:{fold('/'.join(tags.album_artists) or VARIOUS)}:{name}"
    place = posixpath.dirname(path)
    if name and DISC_FOLDER.fullmatch(posixpath.basename(place)):
        place = posixpath.dirname(place)
    return f"folder:{root_id}:{place.hex()}:{name}"
