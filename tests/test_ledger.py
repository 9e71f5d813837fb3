"""Every file that a scan saw is in the ledger once, with what became of it."""

import numpy as np
import pytest
import soundfile

import workbench as wb
from workbench import store
from workbench.models import LEDGER, Ledger, Reason, Stage, State
from workbench.store.ledger import count_ledger


def quiet(_done, _total, _text):
    pass


@pytest.fixture
def library(tmp_path):
    music = tmp_path / "music"
    music.mkdir()
    for name in ("a", "b"):
        soundfile.write(music / f"{name}.flac", np.zeros(22_050) + ord(name) / 1000, 22_050)
    (music / "empty.mp3").touch()
    (music / "words.flac").write_text("no music")
    library = wb.Library(tmp_path / "library.db")
    library.scan(music, progress=quiet)
    return library


def rows(library):
    return library.ledger().select("path", "state", "stage", "reason", "analyzed").rows()


def test_every_file_is_there_once(library, tmp_path):
    (tmp_path / "music" / "b.flac").unlink()
    library.scan(tmp_path / "music", allow_missing=True, progress=quiet)
    folder = str(tmp_path / "music")
    assert rows(library) == [
        (f"{folder}/a.flac", "warning", "tags", "missing_tags", False),
        (f"{folder}/empty.mp3", "failed", "tags", "empty_file", False),
        (f"{folder}/words.flac", "failed", "tags", "not_audio", False),
    ]
    assert dict(library.ledger().schema) == LEDGER
    assert count_ledger(library.ledger()) == Ledger(ok=0, warned=1, skipped=0, failed=2)
    assert count_ledger(library.ledger()).seen == 3


def test_the_gravest_finding_counts(library, tmp_path):
    track_id = library.tracks()["track_id"][0]
    with store.writing(library._engine) as connection:
        (file_id,) = connection.exec_driver_sql("SELECT id FROM file WHERE track_id = ?", (track_id,)).one()
        for state, reason in ((State.SKIPPED, Reason.VANISHED), (State.FAILED, Reason.TIMEOUT)):
            connection.exec_driver_sql(
                "INSERT INTO finding (file_id, track_id, stage, state, reason, text, found_at) "
                "VALUES (?, ?, ?, ?, ?, 'x', '2026-01-01 00:00:00.000000')",
                (file_id, track_id, Stage.DECODE, state, reason),
            )
    assert rows(library)[0] == (str(tmp_path / "music" / "a.flac"), "failed", "decode", "timeout", False)
