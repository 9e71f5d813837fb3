"""How loud is it, and how much of that is peaks?

Loudness after ITU-R BS.1770-4 (K-weighting, gated), loudness range after EBU Tech 3342, true peak after annex 2 of
BS.1770-4.

Conventions
-----------
Measured at the file's own rate over all channels. Decibels are relative to full scale: a 997 Hz sine of amplitude 1
in one channel is -3.01 LUFS. Channels count as the standard's positions say: mono and stereo 1, the sides of surround
sound 1.41, the low-frequency channel 0. A meter takes blocks, so that the length of a file costs no memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from workbench.features.columns import SILENCE, Columns, Samples
from workbench.models import Unknown

if TYPE_CHECKING:
    from workbench.features.columns import Value

__all__ = ["Meter", "integrated_loudness", "k_weighting", "loudness_range"]

Floats = npt.NDArray[np.float64]

OFFSET_LUFS: Final = -0.691
"""BS.1770-4, equation 2: makes up for the gain of the K-weighting at 997 Hz."""
ABSOLUTE_GATE_LUFS: Final = -70.0
LOUDNESS_GATE_LU: Final = -10.0
RANGE_GATE_LU: Final = -20.0
RANGE_PERCENTILES: Final = (10, 95)
STEPS_PER_SECOND: Final = 10
BLOCK_STEPS: Final = 4
"""400 ms with 75 % overlap: BS.1770-4."""
SHORT_TERM_STEPS: Final = 30
"""3 s every 100 ms: EBU Tech 3342 asks for an overlap of 2 s or more."""
SLICE: Final = 8192
"""Samples oversampled at a time: they fit the processor's cache, which makes it ten times as fast."""
FULL_SCALE: Final = 1 - 2.0**-15
"""The largest value of 16-bit sound: at or beyond it a sample counts as clipped."""

SURROUND: Final = 1.41
CHANNEL_WEIGHTS: Final = {
    5: (1, 1, 1, SURROUND, SURROUND),
    6: (1, 1, 1, 0, SURROUND, SURROUND),
    8: (1, 1, 1, 0, 1, 1, SURROUND, SURROUND),
}
"""Left, right, centre, low frequencies, back or side pairs, in the order of WAV and FLAC; BS.1770-4, tables 3 and 4."""

HALF: Final = (
    (0.0017089843750, -0.0291748046875),
    (0.0109863281250, 0.0292968750000),
    (-0.0196533203125, -0.0517578125000),
    (0.0332031250000, 0.0891113281250),
    (-0.0594482421875, -0.1665039062500),
    (0.1373291015625, 0.4650878906250),
    (0.9721679687500, 0.7797851562500),
    (-0.1022949218750, -0.2003173828125),
    (0.0476074218750, 0.1015625000000),
    (-0.0266113281250, -0.0582275390625),
    (0.0148925781250, 0.0330810546875),
    (-0.0083007812500, -0.0189208984375),
)
TRUE_PEAK_TAPS: Final = np.array(
    [[*row, *other[::-1]] for row, other in zip(HALF, HALF[::-1], strict=True)], np.float32
)
"""Interpolation filter of BS.1770-4, annex 2: 12 taps of 4 phases; the last two phases mirror the first two."""


def k_weighting(sample_rate_hz: int) -> Floats:
    """K-weighting as second-order sections, ndarray (2, 6): a shelf for the head, then a high-pass.

    The analogue filters behind the standard's table for 48 kHz, through the bilinear transform, so that every rate
    gets the same curve. Constants: B. De Man, Evaluation of implementations of the EBU R128 loudness measurement, AES
    145, 2018. A rate whose half lies under the shelf gets the shelf at 0.45 of the rate, out of hearing.
    """
    gain, q, corner_hz = 10 ** (3.999843853973347 / 20), 0.7071752369554196, 1681.974450955533
    k = np.tan(np.pi * min(corner_hz / sample_rate_hz, 0.45))
    middle = gain**0.4996667741545416
    shelf_poles = (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k)
    shelf_zeros = (gain + middle * k / q + k * k, 2 * (k * k - gain), gain - middle * k / q + k * k)
    q, corner_hz = 0.5003270373238773, 38.13547087602444
    k = np.tan(np.pi * corner_hz / sample_rate_hz)
    pass_poles = (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k)
    shelf = np.array([*shelf_zeros, *shelf_poles]) / shelf_poles[0]
    high_pass = np.array([1, -2, 1, *(np.array(pass_poles) / pass_poles[0])])
    return np.stack([shelf, high_pass])


def integrated_loudness(steps: Floats) -> float | None:
    """Gated loudness in LUFS, or None where no 400 ms block reaches -70 LUFS.

    Parameters
    ----------
    steps : ndarray (n,)
        Weighted mean square of each 100 ms, channels summed.
    """
    blocks = _means(steps, BLOCK_STEPS)
    blocks = blocks[_lufs(blocks) > ABSOLUTE_GATE_LUFS]
    if not len(blocks):
        return None
    gate = _lufs(blocks.mean()) + LOUDNESS_GATE_LU
    return float(_lufs(blocks[_lufs(blocks) > gate].mean()))


def loudness_range(steps: Floats) -> float | None:
    """Loudness range in LU, or None where no 3 s reach -70 LUFS; the standard trusts it for a minute and more.

    Parameters
    ----------
    steps : ndarray (n,)
        Weighted mean square of each 100 ms, channels summed.
    """
    powers = _means(steps, SHORT_TERM_STEPS)
    powers = powers[_lufs(powers) > ABSOLUTE_GATE_LUFS]
    if not len(powers):
        return None
    levels = _lufs(powers)
    levels = levels[levels > _lufs(powers.mean()) + RANGE_GATE_LU]
    low, high = np.percentile(levels, RANGE_PERCENTILES, method="nearest")
    return float(high - low)


class Meter:
    """Takes a file's blocks one after the other and gives the level columns at the end.

    Parameters
    ----------
    sample_rate_hz, channels : int
        Of the blocks.
    """

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self.sections = k_weighting(sample_rate_hz)
        self.state = np.zeros((len(self.sections), channels, 2))
        self.weights = np.array(CHANNEL_WEIGHTS.get(channels, (1.0,) * channels))
        self.step_samples = max(1, round(sample_rate_hz / STEPS_PER_SECOND))
        self.pending = np.zeros(0)
        self.steps: list[Floats] = []
        self.tail = np.zeros((channels, len(TRUE_PEAK_TAPS) - 1), np.float32)
        self.squares = np.zeros(channels)
        self.mix_squares = 0.0
        self.samples = 0
        self.clipped = 0
        self.peak = 0.0
        self.true_peak = 0.0

    def add(self, y: Samples) -> None:
        """Take the next block, ndarray (channels, n)."""
        size = np.abs(y)
        self.samples += y.shape[1]
        self.squares += np.square(y, dtype=np.float64).sum(axis=1)
        self.mix_squares += float(np.square(y.mean(axis=0), dtype=np.float64).sum())
        self.clipped += int((size >= FULL_SCALE).sum())
        self.peak = max(self.peak, float(size.max(initial=0)))
        self._weigh(y)
        self._oversample(y)

    def _weigh(self, y: Samples) -> None:
        from scipy.signal import sosfilt

        weighted, self.state = sosfilt(self.sections, y.astype(np.float64), axis=1, zi=self.state)
        power = np.concatenate([self.pending, self.weights @ np.square(weighted)])
        whole = len(power) // self.step_samples * self.step_samples
        self.steps.append(power[:whole].reshape(-1, self.step_samples).mean(axis=1))
        self.pending = power[whole:]

    def _oversample(self, y: Samples) -> None:
        extended = np.concatenate([self.tail, y], axis=1)
        taps = len(TRUE_PEAK_TAPS)
        shifted = np.lib.stride_tricks.sliding_window_view(extended, taps, axis=1).transpose(2, 0, 1)
        for first in range(0, y.shape[1], SLICE):
            between = TRUE_PEAK_TAPS[::-1].T @ shifted[:, :, first : first + SLICE].reshape(taps, -1)
            self.true_peak = max(self.true_peak, float(np.abs(between).max()))
        self.tail = extended[:, -self.tail.shape[1] :]

    @property
    def mean_squares(self) -> Floats:
        """Mean square of each channel, ndarray (channels,)."""
        return self.squares / max(1, self.samples)

    @property
    def cancels(self) -> bool:
        """Whether the mean of the channels lies more than 20 dB under them, as with channels in antiphase."""
        return self.mix_squares / max(1, self.samples) < 0.01 * float(self.mean_squares.mean())

    @property
    def silent(self) -> bool:
        """Whether the loudest channel lies under -80 dBFS."""
        return float(self.mean_squares.max()) < SILENCE**2

    def columns(self) -> Columns:
        """Loudness, range, true peak, crest factor and clipping of all blocks so far."""
        steps = np.concatenate([*self.steps, np.zeros(0)])
        peak = max(self.peak, self.true_peak)
        return {
            "loudness_lufs": _known(integrated_loudness(steps), len(steps) < BLOCK_STEPS),
            "loudness_range_lu": _known(loudness_range(steps), len(steps) < SHORT_TERM_STEPS),
            "true_peak_dbtp": 20 * float(np.log10(peak)) if peak else Unknown.SILENT,
            "crest_factor_db": Unknown.SILENT if self.silent else self._crest_factor_db(),
            "clipping_ratio": self.clipped / max(1, self.samples * len(self.squares)),
        }

    def _crest_factor_db(self) -> float:
        return 20 * float(np.log10(self.peak)) - 10 * float(np.log10(self.mean_squares.mean()))


def _known(value: float | None, short: bool) -> Value:  # noqa: FBT001  says which reason
    if short:
        return Unknown.TOO_SHORT
    return Unknown.SILENT if value is None else value


def _means(steps: Floats, size: int) -> Floats:
    """Mean of each run of `size` steps; none where there are fewer."""
    if len(steps) < size:
        return np.zeros(0)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(steps, size).mean(axis=1))


def _lufs(power: Floats | np.float64) -> Floats:
    return np.asarray(OFFSET_LUFS + 10 * np.log10(np.maximum(power, 1e-20)))
