"""What does a page need to draw one track?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.figures.panels import RAMP, mel_share, tempo_share
from workbench.keys import NAMES

if TYPE_CHECKING:
    from workbench.figures.panels import TrackPanels

__all__ = ["message_of"]

FREQUENCIES_HZ: Final = {100: "100", 500: "500", 1000: "1k", 2000: "2k", 5000: "5k", 10_000: "10k"}
TEMPI_BPM: Final = (40, 60, 80, 120, 160, 240)
STEP_LU: Final = 20


def message_of(panels: TrackPanels, loudness_lufs: float | None) -> tuple[dict[str, Any], list[bytes]]:
    """The pictures of a track as a message, with its buffers.

    Parameters
    ----------
    panels : TrackPanels
        What is drawn.
    loudness_lufs : float or None
        Integrated loudness of the whole track, for a line of its own.

    Returns
    -------
    dict, list of bytes
        Ticks are pairs of a label and a share of the axis, from below. The buffers are, in this order: waveform (int8),
        mel, chroma and tempogram (uint8, row by row from the lowest), beats (float32, s), loudness (float32, LUFS),
        notes (int8) and tempi (float32, BPM), the last three one a column.
    """
    low, high = panels.loudness_range
    ticks = {
        "waveform": [["0", 0.5]],
        "mel": [[label, mel_share(hz)] for hz, label in FREQUENCIES_HZ.items()],
        "chroma": [[note, (place + 0.5) / len(NAMES)] for place, note in enumerate(NAMES)],
        "tempogram": [[str(bpm), tempo_share(bpm)] for bpm in TEMPI_BPM],
        "loudness": [[str(lufs), (lufs - low) / (high - low)] for lufs in range(int(low), int(high) + 1, STEP_LU)],
    }
    content = {
        "kind": "panels",
        "start_s": panels.start_s,
        "end_s": panels.end_s,
        "columns": panels.mel.shape[1],
        "rows": {"mel": len(panels.mel), "chroma": len(panels.chroma), "tempogram": len(panels.tempogram)},
        "loudness_range": [low, high],
        "loudness_lufs": loudness_lufs,
        "ticks": ticks,
        "notes": list(NAMES),
        "ramp": list(RAMP),
    }
    arrays = (panels.waveform, panels.mel, panels.chroma, panels.tempogram, panels.beats_s.astype("<f4"))
    curves = (panels.loudness_lufs.astype("<f4"), panels.notes, panels.bpm.astype("<f4"))
    return content, [array.tobytes() for array in (*arrays, *curves)]
