"""What does a file sound like?

One file in, samples out. `stream` gives them block by block in bounded memory, `decode` all at once, `excerpt` a small
part that a browser plays, `peaks` the outline of a waveform, `probe` only what the headers declare. `payload_hash`
tells sounds apart without their tags, `wholeness` whether a file was cut off.

Conventions
-----------
Samples are float32, shape (channels, n), full scale -1..1, at the file's own rate; lossy and float files may go beyond
full scale. libsndfile (soundfile) reads first, FFmpeg (PyAV) what that cannot; Opus goes the other way round, since
FFmpeg is twice as fast there, and so it does for MPEG audio without a header that states its length, where libsndfile
ends at a guess. The end of the sound is where the last good block ends: a truncated file decodes to what
it has, and the caller compares that with the declared duration. A sample that is NaN, infinite or beyond
`LOUDEST` becomes 0, for a float file with a few of those still plays; with more than half of them it is no audio.
Files are opened for reading only.
"""

from workbench.audio.decoding import decode, probe, stream
from workbench.audio.excerpts import excerpt
from workbench.audio.payload import payload_hash
from workbench.audio.rates import Resampler, resample
from workbench.audio.records import Audio, Source
from workbench.audio.waveform import peaks
from workbench.audio.wholeness import Wholeness, wholeness

__all__ = [
    "Audio",
    "Resampler",
    "Source",
    "Wholeness",
    "decode",
    "excerpt",
    "payload_hash",
    "peaks",
    "probe",
    "resample",
    "stream",
    "wholeness",
]
