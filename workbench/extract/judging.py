"""What do the features show of a file that its owner would want to know?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.models import Reason, Stage, State
from workbench.store.analysis import Problem

if TYPE_CHECKING:
    from workbench.audio import Wholeness
    from workbench.models import AudioFeatures
    from workbench.store.analysis import PendingTrack

__all__ = ["problems", "stage_of"]

MISMATCH_S, MISMATCH_SHARE = 1.0, 0.05
TOO_SHORT_S = 3.0
CLIPPED_SHARE = 1e-3  # decoders overshoot: a loud master in a lossy codec reaches a third of this


def problems(track: PendingTrack, measured: AudioFeatures, whole: Wholeness) -> list[Problem]:
    """What the features and the end of a file show that its owner would want to know; warnings only."""
    found = [
        (Reason.TRUNCATED, f"is cut off: {whole.missing}") if whole.missing else _duration(track, measured, whole),
        (Reason.SILENT, "is silent") if measured.reasons.get("loudness_lufs") == "silent" else None,
        _shortness(measured),
        (Reason.CLIPPED, f"{measured.clipping_ratio:.2%} of its samples are clipped")
        if (measured.clipping_ratio or 0.0) > CLIPPED_SHARE
        else None,
    ]
    return [Problem(Stage.FEATURES, State.WARNING, *each) for each in found if each]


def stage_of(reason: Reason) -> Stage:
    """Where a failure belongs: what the decoder says of a file, or what the analysis met."""
    inner = {Reason.INTERNAL_ERROR, Reason.TIMEOUT, Reason.OUT_OF_MEMORY, Reason.WORKER_DIED}
    return Stage.FEATURES if reason in inner else Stage.DECODE


def _shortness(measured: AudioFeatures) -> tuple[Reason, str] | None:
    if measured.duration_s is None or measured.duration_s >= TOO_SHORT_S:
        return None
    return Reason.TOO_SHORT, f"lasts {measured.duration_s:.2f} s, which is short for tempo and key"


def _duration(track: PendingTrack, measured: AudioFeatures, whole: Wholeness) -> tuple[Reason, str] | None:
    """A length that is not the declared one; less than a guess from the file's size tells nothing of a cut."""
    declared, decoded = track.declared_duration_s or measured.declared_duration_s, measured.duration_s
    if declared is None or decoded is None or abs(declared - decoded) <= max(MISMATCH_S, MISMATCH_SHARE * decoded):
        return None
    if whole.length_is_guess:
        return Reason.DURATION_MISMATCH, f"declares no length, {declared:.1f} s by its size, holds {decoded:.1f} s"
    reason = Reason.TRUNCATED if decoded < declared else Reason.DURATION_MISMATCH
    return reason, f"declares {declared:.1f} s, holds {decoded:.1f} s"
