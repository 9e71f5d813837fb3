"""The frames' features by librosa itself, which the engine's must equal.

One short-time Fourier transform, as librosa's defaults have it: Hann window, 2,048 samples every 512, zeros beyond the
ends.
"""

import librosa
import numpy as np

SR = 22_050


def spectrum(y):
    """Every feature of each frame, time on the first axis."""
    S = np.abs(librosa.stft(y))
    feature = librosa.feature
    mel = librosa.power_to_db(feature.melspectrogram(S=np.square(S), sr=SR))
    return {
        "rms": feature.rms(y=y)[0],
        "zero_crossing_rate": feature.zero_crossing_rate(y)[0],
        "spectral_centroid_hz": feature.spectral_centroid(S=S, sr=SR)[0],
        "spectral_bandwidth_hz": feature.spectral_bandwidth(S=S, sr=SR)[0],
        "spectral_rolloff_hz": feature.spectral_rolloff(S=S, sr=SR, roll_percent=0.85)[0],
        "spectral_flatness": feature.spectral_flatness(S=S)[0],
        "spectral_contrast_db": feature.spectral_contrast(S=S, sr=SR).T,
        "mfcc": feature.mfcc(S=mel, n_mfcc=20).T,
        "onset_strength_db": librosa.onset.onset_strength(S=mel, sr=SR, center=False),
    }
