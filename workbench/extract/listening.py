"""What does a worker find of a track that waits?

Conventions
-----------
Runs in worker processes: functions of the module, records that pickle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from workbench import audio, features, learned
from workbench.errors import DecodeError, ModelError
from workbench.models import Reason

if TYPE_CHECKING:
    from workbench.models import AudioFeatures, LearnedFeatures
    from workbench.store.analysis import PendingTrack

__all__ = ["Heard", "analyze_track", "preview_track"]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a worker found of a track.

    Attributes
    ----------
    audio_hash : bytes
        Hash of its sound.
    features : AudioFeatures or None
        None where all of them are known.
    model : str or None
        Version of the learned model that listened, None where none did.
    learned : LearnedFeatures or None
        What it heard, None where there was nothing to be heard.
    whole : Wholeness
        Whether the file is all there.
    """

    audio_hash: bytes
    features: AudioFeatures | None
    model: str | None = None
    learned: LearnedFeatures | None = None
    whole: audio.Wholeness = field(default_factory=audio.Wholeness)


def analyze_track(track: PendingTrack) -> Heard:
    """Hash and features of a waiting track; runs in a worker. A sound that is the same as before is not heard again."""
    _require_unchanged(track)
    audio_hash = bytes.fromhex(audio.payload_hash(track.path))
    same = audio_hash == track.audio_hash
    groups, model = (track.groups_of_same, track.model_of_same) if same else (track.groups, track.model)
    model = _at_hand(model)
    if not groups and model is None:
        return Heard(audio_hash, None)
    heard = features.hear(track.path, groups=groups, listener=_listener if model else None)
    whole = audio.wholeness(track.path)
    return Heard(audio_hash, heard.features if groups else None, model, heard.learned, whole)


def preview_track(track: PendingTrack) -> Heard:
    """Hash and features of excerpts of a waiting track; runs in a worker."""
    _require_unchanged(track)
    model = _at_hand(track.model)
    heard = features.hear_excerpts(track.path, listener=_listener if model else None)
    audio_hash, whole = bytes.fromhex(audio.payload_hash(track.path)), audio.wholeness(track.path)
    return Heard(audio_hash, heard.features, model, heard.learned, whole)


def _at_hand(model: str | None) -> str | None:
    """The same model, None where its file has gone since the run began: the tracks are measured and wait for it."""
    if model is None:
        return None
    try:
        _network()
    except ModelError:
        return None
    return model


def _listener() -> learned.Listener:
    """A listener for one track; the networks are loaded once in a process."""
    return learned.Listener(_network(), audio.resample)


_network = cache(learned.load)


def _require_unchanged(track: PendingTrack) -> None:
    """Refuse a file that is not the one a scan has read: its sound might be taken for another's."""
    try:
        status = track.path.stat()
    except OSError:
        return  # whoever opens it says why not
    if (status.st_size, status.st_mtime_ns) != (track.size_bytes, track.mtime_ns):
        raise DecodeError(f"{track.path}: has changed since it was scanned; scan it again", Reason.CHANGED)
