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

from workbench.features.columns import SILENCE, Columns, Samples, unknown
from workbench.models import Unknown

if TYPE_CHECKING:
    from workbench.features.columns import Value

__all__ = ["Meter", "dynamic_range", "integrated_loudness", "k_weighting", "loudness_range", "momentary_loudness"]

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
FULL_SCALE: Final = 1 - 2.0**-15
"""The largest value of 16-bit sound: at or beyond it a sample counts as clipped."""
AUDIBLE: Final = 1e-3
"""Silence at the start and the end lies under -60 dBFS, as in Essentia's StartStopSilence."""
ALIKE: Final = 1e-4
"""Two channels are one where their difference lies 40 dB under their sum of squares."""
LOUDEST_SHARE: Final = 0.2
LEAST_DYNAMIC_STEPS: Final = 5 * SHORT_TERM_STEPS
"""15 s: the least of which a fifth is a block of 3 s."""

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
PHASES: Final = np.array(HALF).T
"""Two phases of 12 taps each; the other two of the four mirror them."""
TRUE_PEAK_TAPS: Final = np.array(
    [(phase[:6] + sign * phase[:5:-1]) / 2 for phase in PHASES for sign in (1, -1)], np.float32
)
"""Even and odd half of each phase, ndarray (4, 6)."""
MOST_GAIN: Final = float(np.abs(PHASES).sum(axis=1).max())
"""No four samples between are larger than this times the largest of the samples around: a bound for what to skip."""


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
        self.sample_rate_hz, self.channels = sample_rate_hz, channels
        self.filters = _filters(sample_rate_hz)
        self.state = np.zeros((channels, 4))
        self.rows = np.zeros((channels, 0), np.float32)
        self.tail = np.zeros((channels, len(HALF) - 1), np.float32)
        self.step_samples = max(1, round(sample_rate_hz / STEPS_PER_SECOND))
        self.pending = np.zeros((1, channels, 3))
        self.tables: list[Floats] = []
        self.mix_squares = 0.0
        self.samples = self.clipped = 0
        self.first = self.last = -1
        self.true_peak = 0.0

    def add(self, y: Samples) -> Samples:
        """Take the next block, ndarray (channels, n); gives the mean of its channels, ndarray (n,)."""
        from workbench.features import loudness_kernels as kernels

        if len(y) != self.channels:
            raise ValueError(f"a block of {len(y)} channels where there were {self.channels}")
        n = y.shape[1]
        if self.rows.shape[1] != n + kernels.BEFORE:
            self.rows = np.empty((self.channels, n + kernels.BEFORE), np.float32)
        rows = self.rows
        kernels.planar(np.ascontiguousarray(y.T), self.tail, rows)  # no copy: both readers give interleaved samples
        filled = self.samples % self.step_samples
        whole = (filled + n) // self.step_samples
        table = np.concatenate([self.pending, np.zeros((whole, self.channels, 3))])
        self.clipped += kernels.measure_steps(rows, filled, self.step_samples, FULL_SCALE, table)
        kernels.weigh_steps(rows, self.filters, self.state, filled, self.step_samples, table)
        self.true_peak = kernels.true_peak(rows, TRUE_PEAK_TAPS, MOST_GAIN, self.true_peak)
        first, last = kernels.sounding(rows, AUDIBLE)
        if last >= 0:
            self.first = self.samples + first if self.first < 0 else self.first
            self.last = self.samples + last
        self.tables.append(table[:whole])
        self.pending = table[whole:]
        self.tail = rows[:, -kernels.BEFORE :].copy()
        mono, squares = kernels.mixed(rows)
        self.mix_squares += squares
        self.samples += n
        return mono

    def _flush(self) -> None:
        """Hear what the last samples lead to, in the silence after them."""
        from workbench.features import loudness_kernels as kernels

        rows = np.concatenate([self.tail, np.zeros_like(self.tail)], axis=1)
        self.true_peak = kernels.true_peak(rows, TRUE_PEAK_TAPS, MOST_GAIN, self.true_peak)

    @property
    def table(self) -> Floats:
        """K-weighted squares, squares and peak of each whole 100 ms and channel, ndarray (steps, channels, 3)."""
        return np.concatenate([np.zeros((0, self.channels, 3)), *self.tables])

    @property
    def powers(self) -> Floats:
        """Weighted mean square of each whole 100 ms, channels summed, ndarray (steps,)."""
        weights = np.array(CHANNEL_WEIGHTS.get(self.channels, (1.0,) * self.channels))
        return np.asarray(self.table[:, :, 0] @ weights / self.step_samples)

    @property
    def mean_squares(self) -> Floats:
        """Mean square of each channel, ndarray (channels,)."""
        squares = self.pending[0, :, 1] + sum(table[:, :, 1].sum(axis=0) for table in self.tables)
        return np.asarray(squares / max(1, self.samples))

    @property
    def cancels(self) -> bool:
        """Whether the mean of the channels lies more than 20 dB under them, as with channels in antiphase."""
        return self.mix_squares / max(1, self.samples) < 0.01 * float(self.mean_squares.mean())

    @property
    def silent(self) -> bool:
        """Whether the loudest channel lies under -80 dBFS."""
        return float(self.mean_squares.max()) < SILENCE**2

    def columns(self) -> Columns:
        """The level columns of all blocks so far."""
        table, steps = self.table, self.powers
        self._flush()
        peak = max(float(table[:, :, 2].max(initial=0)), float(self.pending[:, :, 2].max()))
        highest = max(peak, self.true_peak)
        squares = self.mean_squares
        return {
            "loudness_lufs": _known(integrated_loudness(steps), len(steps) < BLOCK_STEPS),
            "loudness_range_lu": _known(loudness_range(steps), len(steps) < SHORT_TERM_STEPS),
            "true_peak_dbtp": _decibels(highest) if highest else Unknown.SILENT,
            "crest_factor_db": Unknown.SILENT if self.silent else _decibels(peak) - _decibels(squares.mean()) / 2,
            "dynamic_range_db": _known(
                dynamic_range(table[:, :, 1] / self.step_samples, table[:, :, 2]), len(steps) < LEAST_DYNAMIC_STEPS
            ),
            "clipping_ratio": self.clipped / max(1, self.samples * self.channels),
            "silence_start_s": self.first / self.sample_rate_hz if self.first >= 0 else Unknown.SILENT,
            "silence_end_s": (self.samples - 1 - self.last) / self.sample_rate_hz if self.last >= 0 else Unknown.SILENT,
        } | self._image()

    def _image(self) -> Columns:
        """What the channels have in common; the correlation of two follows from their squares and those of the mean."""
        left, right = (self.mean_squares[0], self.mean_squares[-1])
        if self.channels == 1:
            return {"stereo_image": "mono", "stereo_correlation": Unknown.MONO}
        if self.silent:
            return unknown(("stereo_image", "stereo_correlation"), Unknown.SILENT)
        image = "antiphase" if self.cancels else "stereo"
        if self.channels > 2:  # noqa: PLR2004  more than left and right
            return {
                "stereo_image": "antiphase" if self.cancels else "multichannel",
                "stereo_correlation": Unknown.MULTICHANNEL,
            }
        if min(left, right) < SILENCE**2:
            return {"stereo_image": image, "stereo_correlation": Unknown.SILENT}
        together = 2 * self.mix_squares / self.samples - (left + right) / 2
        correlation = float(np.clip(together / max(np.sqrt(left * right), 1e-30), -1, 1))
        alike = left + right - 2 * together < ALIKE * (left + right)
        return {"stereo_image": "mono" if alike else image, "stereo_correlation": correlation}


def momentary_loudness(meter: Meter) -> Floats:
    """Loudness of each 400 ms every 100 ms of what a meter has taken, in LUFS, ndarray (steps,); NaN where all is 0."""
    levels = _means(meter.powers, BLOCK_STEPS)
    return np.where(levels > 0, _lufs(levels), np.nan)


def dynamic_range(squares: Floats, peaks: Floats) -> float | None:
    """Dynamic range in dB: the second highest peak of 3 s over the loudest fifth's mean level, mean of the channels.

    As the DR of the Pleasurize Music Foundation's meter (DR14, 2009), not rounded; silent channels do not count.
    None where all are silent or there are less than 6 s.

    Parameters
    ----------
    squares, peaks : ndarray (n, channels)
        Mean square and peak of each 100 ms.
    """
    blocks = len(squares) // SHORT_TERM_STEPS
    if blocks < 2:  # noqa: PLR2004  the second highest is asked for
        return None
    shape = (blocks, SHORT_TERM_STEPS, -1)
    levels = np.sort(2 * squares[: blocks * SHORT_TERM_STEPS].reshape(shape).mean(axis=1), axis=0)
    tops = np.sort(peaks[: blocks * SHORT_TERM_STEPS].reshape(shape).max(axis=1), axis=0)
    loudest = levels[-max(1, round(LOUDEST_SHARE * blocks)) :].mean(axis=0)
    sounding = (loudest > SILENCE**2) & (tops[-2] > 0)
    if not sounding.any():
        return None
    return float(np.mean(20 * np.log10(tops[-2][sounding]) - 10 * np.log10(loudest[sounding])))


def _filters(sample_rate_hz: int) -> Floats:
    """The K-weighting's sections as b0, b1 - a1 b0, b2 - a2 b0, a1, a2, ndarray (2, 5).

    With a memory of p and q the output is b0 x + p, and the memory goes on as p' = f1 x - a1 p + q, q' = f2 x - a2 p:
    what the next sample waits for is one multiplication, where direct form II transposed has two.
    """
    sections = k_weighting(sample_rate_hz)
    b0, b, a = sections[:, :1], sections[:, 1:3], sections[:, 4:]
    return np.hstack([b0, b - a * b0, a])


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


def _decibels(amplitude: float) -> float:
    return 20 * float(np.log10(amplitude))
