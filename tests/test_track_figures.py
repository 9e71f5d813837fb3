"""The curves of one track, made coarse and drawn; its place among the others, drawn."""

import json

import numpy as np
import polars as pl
import pytest

from workbench import figures, stats
from workbench.errors import WorkbenchError
from workbench.features import TrackAnalysis
from workbench.figures.panels import mel_share, tempo_share, track_panels

FRAME_S = 512 / 22_050


def made_analysis(frames=8, **changes):
    """Curves of silence, but for what is changed."""
    curves = {
        "times_s": np.arange(frames) * FRAME_S,
        "peaks": np.zeros((2, frames), np.float32),
        "frequencies_hz": np.linspace(0, 11_025, 1025),
        "spectrogram_db": np.full((1025, frames), -80, np.float32),
        "mel_db": np.full((128, frames), -80, np.float32),
        "chroma": np.zeros((12, frames), np.float32),
        "onset_strength_db": np.zeros(frames, np.float32),
        "tempogram": np.zeros((384, frames), np.float32),
        "tempogram_bpm": np.append(np.inf, 60 / FRAME_S / np.arange(1, 384)),
        "beat_times_s": np.zeros(0, np.float32),
        "loudness_times_s": np.zeros(0),
        "loudness_lufs": np.zeros(0),
    }
    return TrackAnalysis(**{**curves, **changes})


def test_a_short_track_keeps_its_frames():
    panels = track_panels(made_analysis(8))
    assert panels.mel.shape == (128, 8)
    assert panels.chroma.shape == (12, 8)
    assert panels.tempogram.shape == (96, 8)
    assert panels.waveform.shape == (2, 8)
    assert (panels.start_s, panels.end_s) == (0, pytest.approx(8 * FRAME_S))


def test_pictures_hold_means_and_the_waveform_extremes():
    low = np.array([-0.5, -0.1, -1.0, 0.0, 0.0, -0.2, 0.0, 0.0], np.float32)
    mel = np.full((128, 8), -80, np.float32)
    mel[64, :2] = (0, -40)
    chroma = np.zeros((12, 8), np.float32)
    chroma[9, 4:6] = (1, 0.5)
    panels = track_panels(made_analysis(8, peaks=np.stack([low, -low]), mel_db=mel, chroma=chroma), columns=4)
    assert panels.waveform.tolist() == [[-64, -127, -25, 0], [64, 127, 25, 0]]
    assert panels.mel[64].tolist() == [191, 0, 0, 0], "-20 dB is three quarters of the way up from -80"
    assert panels.mel.sum() == 191
    assert panels.chroma[9].tolist() == [0, 0, 191, 0]


def test_fewer_bands_are_means_of_neighbours():
    mel = np.full((128, 2), -80, np.float32)
    mel[4:6] = ((-0.0, -80), (-40, -80))
    assert track_panels(made_analysis(2, mel_db=mel), bands=64).mel[2].tolist() == [191, 0]


def test_the_last_columns_hold_the_frames_that_are_left():
    low = -np.arange(10, dtype=np.float32) / 10
    panels = track_panels(made_analysis(10, peaks=np.stack([low, -low])), columns=3)
    assert (panels.waveform[1] / 127).round(1).tolist() == [0.2, 0.5, 0.9]


def test_the_strongest_note_is_named_where_it_is_loud_enough():
    mel = np.full((128, 4), -80, np.float32)
    mel[10] = (0, -59, -61, -80)
    chroma = np.zeros((12, 4), np.float32)
    chroma[(9, 2, 3, 4), range(4)] = 1
    assert track_panels(made_analysis(4, mel_db=mel, chroma=chroma)).notes.tolist() == [9, 2, -1, -1]


def test_loudness_is_the_highest_of_a_column_and_nothing_where_there_is_none():
    frames = 40  # 0.93 s, in columns of 0.116 s
    times_s = np.array([0.4, 0.45, 0.5, 0.6, 0.7, 0.8])
    lufs = np.array([-20, -10, -30, np.nan, np.nan, -70.0])
    panels = track_panels(made_analysis(frames, loudness_times_s=times_s, loudness_lufs=lufs), columns=8)
    assert [None if np.isnan(value) else value for value in panels.loudness_lufs.tolist()] == [
        None,
        None,
        None,
        -10,
        -30,
        None,
        -70,
        -70,
    ]
    assert panels.loudness_range == (-60, 0)


@pytest.mark.parametrize(
    ("lufs", "expected"), [([-14.0, -12.0], (-20, 0)), ([-33.0, 2.0], (-40, 10)), ([np.nan], (-60, 0)), ([], (-60, 0))]
)
def test_the_loudness_axis_holds_what_there_is(lufs, expected):
    times_s = np.arange(len(lufs)) / 10
    panels = track_panels(made_analysis(20, loudness_times_s=times_s, loudness_lufs=np.array(lufs)))
    assert panels.loudness_range == expected


def test_the_tempogram_is_brightest_at_its_tempo():
    tempogram = np.zeros((384, 2), np.float32)
    tempogram[22] = 1  # 117.5 BPM
    row = track_panels(made_analysis(2, tempogram=tempogram)).tempogram[:, 0].argmax()
    assert row / 95 == pytest.approx(tempo_share(117.5), abs=0.01)


def test_the_tempo_at_a_time_is_that_of_the_beats_around_it():
    beats = np.concatenate([np.arange(1, 9, 0.5), np.arange(20, 30, 1.0)]).astype(np.float32)
    frames = round(40 / FRAME_S)
    panels = track_panels(made_analysis(frames, beat_times_s=beats), columns=40)
    assert panels.bpm[4] == 120
    assert panels.bpm[26] == 60
    assert np.isnan(panels.bpm[[13, 15, 17, 33, 39]]).all(), "farther than two seconds from every beat"


def test_a_few_beats_are_no_tempo():
    beats = np.arange(0, 2, 0.5, np.float32)
    assert np.isnan(track_panels(made_analysis(40, beat_times_s=beats)).bpm).all()


def test_a_part_of_a_track_keeps_its_times():
    panels = track_panels(made_analysis(4, times_s=60 + np.arange(4) * FRAME_S))
    assert (panels.start_s, panels.end_s) == (60, pytest.approx(60 + 4 * FRAME_S))


def test_the_mel_axis_is_librosas():
    librosa = pytest.importorskip("librosa")
    for hz in (100, 999, 1000, 5000):
        assert mel_share(hz) == pytest.approx(librosa.hz_to_mel(hz) / librosa.hz_to_mel(11_025))


def test_four_minutes_are_a_small_figure():
    frames = round(240 / FRAME_S)
    noise = np.random.default_rng(0).random((384, frames), np.float32)
    analysis = made_analysis(
        frames,
        mel_db=80 * noise[:128] - 80,
        chroma=noise[:12],
        tempogram=noise,
        beat_times_s=np.arange(0, 240, 0.4, np.float32),
        loudness_times_s=0.4 + np.arange(2396) / 10,
        loudness_lufs=-60 * np.random.default_rng(1).random(2396),
    )
    figure = figures.track_analysis(analysis)
    assert len(figure.to_json()) < 300_000
    assert [trace.type for trace in figure.data] == [*["scatter"] * 2, *["heatmap"] * 3, *["scatter"] * 2]
    assert figure.layout.xaxis5.ticktext == ("0:00", "0:30", "1:00", "1:30", "2:00", "2:30", "3:00", "3:30", "4:00")
    assert figure.layout.yaxis3.ticktext[9] == "A"


def test_a_dark_page_has_another_template():
    light, dark = (figures.track_analysis(made_analysis(), dark=dark) for dark in (False, True))
    assert (light.layout.paper_bgcolor, dark.layout.paper_bgcolor) == (None, None)
    assert light.layout.template.layout.paper_bgcolor != dark.layout.template.layout.paper_bgcolor


def test_silence_draws_no_loudness():
    analysis = made_analysis(loudness_times_s=np.array([0.05]), loudness_lufs=np.array([np.nan]))
    (line,) = figures.track_analysis(analysis).select_traces(row=5, col=1)
    assert set(line.y) == {None}


def test_percentiles_are_points_from_the_top_down():
    tracks = pl.DataFrame(
        {"track_id": [1, 2, 3, 4], "bpm": [90.0, 100, 120, 140], "pulse_clarity": [None, 0.2, 0.3, 0.4]}
    )
    frame = stats.percentiles(tracks, 1, features=["bpm", "pulse_clarity"])
    figure = figures.percentiles(frame)
    assert list(figure.data[0].x) == [12.5, None]
    assert list(figure.data[0].hovertext) == ["Tempo: 90 BPM", "Pulse clarity: unknown"]
    assert figure.layout.yaxis.ticktext == ("Tempo", "Pulse clarity")
    assert figure.layout.yaxis.range == (1.5, -0.5)
    assert [(shape.x0, shape.x1) for shape in figure.layout.shapes] == [(5, 95), (25, 75)]
    json.loads(figure.to_json())


def test_another_frame_is_refused():
    with pytest.raises(WorkbenchError, match=r"stats\.percentiles"):
        figures.percentiles(pl.DataFrame({"feature": ["bpm"]}))
