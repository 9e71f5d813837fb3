"""What do the two networks of musicnn hear in three seconds of sound?

Conventions
-----------
A patch is a log-mel spectrogram of 187 frames and 96 bands. Both networks have one shape: filters of 7 frames by 38 and
67 bands and of 128, 64 and 32 frames by one band, each with its greatest value over the bands; three layers over 7
frames; the greatest and the mean value over time; a layer of 200 and one of 50. Architecture: models.py of musicnn
0.1.0; J. Pons and X. Serra, "musicnn: Pre-trained convolutional neural networks for music audio tagging", ISMIR 2019.

The arithmetic is the original's, in another order. Normalisations are folded into neighbouring numbers. Where a
filter's output is later multiplied by a negative number, the filter is turned round, so that the greatest value is
always the one wanted. Training with weight decay has put out more than half of the filters (172 of 408 of the narrower
shape and 105 of 408 of the wider are left): their output is a constant and is not computed. Filters slide by views on
one array, not by copies: one row holds a frame's neighbourhood, and the next band is the same row, seven numbers on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from workbench.learned.log_mel import BANDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from workbench.learned.records import Array, Variables

__all__ = ["FRAMES", "MODEL_VERSION", "NETWORKS", "Network", "shapes"]

MODEL_VERSION: Final = "1"
"""To be raised whenever a track would get other numbers: another choice of patches, another network."""

NETWORKS: Final = ("MTT_musicnn", "MSD_musicnn")
FRAMES: Final = 187

TALL: Final = 7  # frames of a timbral filter, and of each layer of the middle
WIDTHS: Final = (38, 67)  # bands of the timbral filters
TIMBRAL: Final = 204
LENGTHS: Final = (128, 64, 32)  # frames of the temporal filters
TEMPORAL: Final = 51
MIDDLE: Final = 64
FEATURES: Final = 2 * TIMBRAL + 3 * TEMPORAL
HIDDEN: Final = 200
TAGS: Final = 50
POOLED: Final = 2 * (FEATURES + 3 * MIDDLE)
STEP: Final = 17  # temporal filters are moved by this many frames at a time; 187 is 11 times 17

EPSILON: Final = 1e-3  # tf.layers.batch_normalization's default
PUT_OUT: Final = 1e-7
"""A filter whose numbers together are smaller adds less than 1e-6 to any log-mel spectrogram (below 10)."""


LARGEST_LOGIT: Final = np.float32(80)
"""Beyond it the exponential overflows; the probability has long been 0 or 1."""


def shapes() -> dict[str, tuple[int, ...]]:
    """Variable -> shape, for all variables of one network."""
    filters = [(TALL, width, 1, TIMBRAL) for width in WIDTHS] + [(length, 1, 1, TEMPORAL) for length in LENGTHS]
    filters += [(TALL, FEATURES, 1, MIDDLE), (TALL, MIDDLE, 1, MIDDLE), (TALL, MIDDLE, 1, MIDDLE)]
    layers: dict[str, tuple[int, ...]] = {_nth("conv2d", number): shape for number, shape in enumerate(filters)}
    layers |= {"dense": (POOLED, HIDDEN), "dense_1": (HIDDEN, TAGS)}
    normed = (1, *(shape[-1] for shape in filters), POOLED, HIDDEN)
    found = {f"{layer}/kernel": shape for layer, shape in layers.items()}
    found |= {f"{layer}/bias": shape[-1:] for layer, shape in layers.items()}
    for number, size in enumerate(normed):
        layer = _nth("batch_normalization", number)
        found |= {f"{layer}/{part}": (size,) for part in ("gamma", "beta", "moving_mean", "moving_variance")}
    return found


class Network:
    """Both networks, ready to listen.

    Parameters
    ----------
    weights : sequence of mapping
        Variables of MTT and of MSD, by name, with the shapes of `shapes`.
    """

    def __init__(self, weights: Sequence[Variables]) -> None:
        kinds = range(len(WIDTHS) + len(LENGTHS))
        self._filters = [Filters.of([_sheet(each, kind) for each in weights]) for kind in kinds]
        self._rests = [Rest.of(each) for each in weights]

    def hear(self, patches: Array) -> tuple[Array, Array]:
        """Embedding and tag probabilities, averaged over patches.

        Parameters
        ----------
        patches : ndarray (p, 187, 96) float32
            Log-mel spectrograms.

        Returns
        -------
        embedding : ndarray (400,) float32
            Last hidden layers after their normalisation ("penultimate" in musicnn's extractor): MTT, then MSD.
        tags : ndarray (100,) float32
            Probabilities, in the order of `models.LEARNED_TAGS`.
        """
        embeddings, tags = self.hear_each(patches)
        return embeddings.mean(axis=0), tags.mean(axis=0)

    def hear_each(self, patches: Array) -> tuple[Array, Array]:
        """The same for each patch: ndarrays (p, 400) and (p, 100) float32.

        Raises
        ------
        ValueError
            The patches have another shape.
        """
        if patches.ndim != 3 or patches.shape[1:] != (FRAMES, BANDS) or not len(patches):  # noqa: PLR2004
            raise ValueError(f"patches: shape {patches.shape}, and (p, {FRAMES}, {BANDS}) is needed")
        features = self._features(np.asarray(patches, np.float32))
        outputs = [rest.hear(part) for rest, part in zip(self._rests, features, strict=True)]
        hidden, tags = zip(*outputs, strict=True)
        return np.concatenate(hidden, axis=1), np.concatenate(tags, axis=1)

    def _features(self, patches: Array) -> list[Array]:
        """Outputs of the filters for each network, ndarray (p, 187, 561)."""
        timbral, temporal = _neighbourhoods(patches), _stretches(patches)
        greatest = [_timbral(timbral, filters.kernel) for filters in self._filters[: len(WIDTHS)]]
        greatest += [_temporal(temporal, filters.kernel, len(patches)) for filters in self._filters[len(WIDTHS) :]]
        kinds = [
            filters.outputs(found.reshape(len(patches), FRAMES, -1))
            for filters, found in zip(self._filters, greatest, strict=True)
        ]
        return [np.concatenate(parts, axis=2) for parts in zip(*kinds, strict=True)]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All filters of one kind of one network, with what happens to their output.

    The output is ``scale * max(0, sign * greatest + base) + shift``, where greatest is over the bands.
    """

    kernel: Array  # (taps, filters): frame by frame within band by band
    base: Array  # (187, filters): bias, and what normalising the input adds where the filter lies within the patch
    sign: Array
    scale: Array
    shift: Array


def _sheet(variables: Variables, kind: int) -> Sheet:
    kernel = variables[f"{_nth('conv2d', kind)}/kernel"][:, :, 0].astype(np.float64)
    gain, offset = _norm(variables, 0)
    scale, shift = _norm(variables, kind + 1)
    sign = np.where(scale < 0, -1.0, 1.0)
    before = (len(kernel) - 1) // 2
    inside = np.pad(np.ones(FRAMES), (before, len(kernel) - 1 - before))
    base = offset * sliding_window_view(inside, len(kernel)) @ kernel.sum(axis=1)
    base = base + variables[f"{_nth('conv2d', kind)}/bias"]
    turned = (sign * gain * kernel).transpose(1, 0, 2).reshape(-1, len(sign))
    return Sheet(*(np.ascontiguousarray(part, np.float32) for part in (turned, base, sign, scale, shift)))


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters of one kind of all networks side by side, without those that training has put out."""

    sheets: tuple[Sheet, ...]
    lit: tuple[npt.NDArray[np.intp], ...]
    kernel: Array  # (taps, lit filters of all networks)

    @classmethod
    def of(cls, sheets: Sequence[Sheet]) -> Filters:
        """The filters of sheets."""
        lit = tuple(np.flatnonzero(np.abs(sheet.kernel).sum(axis=0) > PUT_OUT) for sheet in sheets)
        columns = [sheet.kernel[:, which] for sheet, which in zip(sheets, lit, strict=True)]
        return cls(tuple(sheets), lit, np.concatenate(columns, axis=1))

    def outputs(self, greatest: Array) -> Iterator[Array]:
        """For each network, ndarray (p, 187, filters), of the greatest values (p, 187, lit filters of all)."""
        start = 0
        for sheet, which in zip(self.sheets, self.lit, strict=True):
            whole = np.zeros((*greatest.shape[:2], len(sheet.sign)), np.float32)
            whole[:, :, which] = greatest[:, :, start : start + len(which)]
            start += len(which)
            yield sheet.scale * np.maximum(0, sheet.sign * whole + sheet.base) + sheet.shift


@dataclass(frozen=True, slots=True)
class Rest:
    """One network from its filters' outputs on."""

    middle: tuple[tuple[Array, Array, Array, Array], ...]  # kernel (7, channels, 64), bias, scale, shift
    hidden: tuple[Array, Array, Array, Array]  # kernel (1506, 200): greatest, then mean values; bias, scale, shift
    tags: tuple[Array, Array]

    @classmethod
    def of(cls, variables: Variables) -> Rest:
        """The rest of a network with these variables."""
        middle = []
        for number in (5, 6, 7):
            layer = _nth("conv2d", number)
            parts = (variables[f"{layer}/kernel"][:, :, 0], variables[f"{layer}/bias"], *_norm(variables, number + 1))
            middle.append(_singles(*parts))
        gain, offset = _norm(variables, 9)
        kernel = variables["dense/kernel"].astype(np.float64)
        sorted_kernel = (gain[:, None] * kernel).reshape(-1, 2, HIDDEN).transpose(1, 0, 2).reshape(POOLED, HIDDEN)
        hidden = _singles(sorted_kernel, offset @ kernel + variables["dense/bias"], *_norm(variables, 10))
        return cls(tuple(middle), hidden, (variables["dense_1/kernel"], variables["dense_1/bias"]))

    def hear(self, features: Array) -> tuple[Array, Array]:
        """Last hidden layer (p, 200) and probabilities (p, 50) of the filters' outputs (p, 187, 561)."""
        layers = [features]
        for kernel, bias, scale, shift in self.middle:
            new = scale * np.maximum(0, _over_time(layers[-1], kernel) + bias) + shift
            layers.append(new if len(layers) == 1 else new + layers[-1])
        over = np.concatenate(layers, axis=2)
        pooled = np.concatenate([over.max(axis=1), over.mean(axis=1)], axis=1)
        kernel, bias, scale, shift = self.hidden
        hidden = scale * np.maximum(0, pooled @ kernel + bias) + shift
        logits = np.clip(hidden @ self.tags[0] + self.tags[1], -LARGEST_LOGIT, LARGEST_LOGIT)
        return hidden, 1 / (1 + np.exp(-logits))


def _neighbourhoods(patches: Array) -> Array:
    """The seven frames around each frame, band by band, ndarray (p * 187, 96 * 7)."""
    padded = np.pad(patches, ((0, 0), (TALL // 2, TALL // 2), (0, 0)))
    return sliding_window_view(padded, TALL, axis=1).reshape(-1, BANDS * TALL)


def _timbral(rows: Array, kernel: Array) -> Array:
    """Greatest value of filters (7 * width, n) over where they fit among the bands, ndarray (p * 187, n)."""
    greatest = rows[:, : len(kernel)] @ kernel
    value = np.empty_like(greatest)
    for start in range(TALL, rows.shape[1] - len(kernel) + 1, TALL):
        np.matmul(rows[:, start : start + len(kernel)], kernel, out=value)
        np.maximum(greatest, value, out=greatest)
    return greatest


def _stretches(patches: Array) -> Array:
    """All frames that the longest filter meets in 17 steps, ndarray (p * 96 * 11, 144)."""
    longest = max(LENGTHS)
    before = (longest - 1) // 2
    padded = np.pad(patches.transpose(0, 2, 1), ((0, 0), (0, 0), (before, longest - 1 - before)))
    size = longest - 1 + STEP
    return sliding_window_view(padded, size, axis=2)[:, :, ::STEP].reshape(-1, size)


def _temporal(rows: Array, kernel: Array, patches: int) -> Array:
    """Greatest value of filters (length, n) over the bands, ndarray (p, 187, n)."""
    greatest = np.empty((patches, FRAMES // STEP, STEP, kernel.shape[1]), np.float32)
    first = (max(LENGTHS) - 1) // 2 - (len(kernel) - 1) // 2
    for step in range(STEP):
        value = rows[:, first + step : first + step + len(kernel)] @ kernel
        value.reshape(patches, BANDS, FRAMES // STEP, -1).max(axis=1, out=greatest[:, :, step])
    return greatest


def _over_time(z: Array, kernel: Array) -> Array:
    """Values (p, 187, channels) under filters (7, channels, n), with zeros before and after."""
    padded = np.pad(z, ((0, 0), (TALL // 2, TALL // 2), (0, 0)))
    total: Array = padded[:, :FRAMES] @ kernel[0]
    for step in range(1, TALL):
        total += padded[:, step : step + FRAMES] @ kernel[step]
    return total


def _norm(variables: Variables, number: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Scale and shift that a batch normalisation comes to."""
    layer = _nth("batch_normalization", number)
    parts = ("gamma", "beta", "moving_mean", "moving_variance")
    gamma, beta, mean, variance = (variables[f"{layer}/{part}"].astype(np.float64) for part in parts)
    scale = gamma / np.sqrt(variance + EPSILON)
    return scale, beta - scale * mean


def _singles(*arrays: npt.NDArray[np.floating]) -> tuple[Array, Array, Array, Array]:
    kernel, bias, scale, shift = (np.ascontiguousarray(array, np.float32) for array in arrays)
    return kernel, bias, scale, shift


def _nth(layer: str, number: int) -> str:
    """A layer's name as TensorFlow counts: conv2d, conv2d_1, ..."""
    return f"{layer}_{number}" if number else layer
