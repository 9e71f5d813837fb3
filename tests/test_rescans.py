"""Whatever happens to the files between scans, and whenever a scan ends, the ledger adds up and no track is lost."""

import contextlib
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path

import hypothesis
import numpy as np
import polars as pl
import pytest
import soundfile
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from mutagen.flac import FLAC

import workbench as wb
from workbench import store, workers
from workbench.audio import payload_hash
from workbench.models import TABLES
from workbench.models.tables import now
from workbench.scan import batches
from workbench.store.ledger import count_ledger
from workbench.store.revisions import revision

SOUNDS = 12
FILES = [
    f"{folder}{name}.flac".encode() for folder in ("", "a/", "a/b/") for name in ("one", "zwei", "tr\u00f4is", "#4 ?")
]
FILES += [b"a/caf\xe9.flac"] if sys.platform == "linux" else []  # other systems want UTF-8 names
JUNK = {"empty": b"", "text": b"To whom it may concern. " * 50, "page": b"<!DOCTYPE html><html><body>404</body></html>"}
EXAMPLES = max(5, hypothesis.settings.default.max_examples // 10)
STEPS = 25
FEATURES = {"extent": "whole", "sample_rate_hz": 8000, "channels": 1, "reasons": {}}


def in_process(function, tasks, _worker_count, _deadline_s, stop):
    """What the workers do, without starting any: a task after the other, until the scan is to stop."""
    for task in tasks:
        if stop is not None and stop.is_set():
            return
        yield workers.Outcome(task, function(task))


class Killed(BaseException):
    """The scan ends in the midst of a step, as with Ctrl-C."""


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """Files of different sounds and lengths: one that comes to the place of another as long is not listened to."""
    folder = tmp_path_factory.mktemp("sounds")
    for number in range(SOUNDS):
        y = 0.3 * np.random.default_rng(number).normal(size=2400 + 400 * number)
        soundfile.write(folder / f"{number}.flac", y.clip(-1, 1), 8000)
    return [folder / f"{number}.flac" for number in range(SOUNDS)]


class Rescans(RuleBasedStateMachine):
    """Files as they are (path -> sound, or the kind of junk), and what the last whole scan knew of them."""

    sounds = ()

    def __init__(self):
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.music = self.home / "music"
        self.music.mkdir()
        self.library = wb.Library(self.home / "library.db")
        self.here = {}
        self.heard = {}  # sound -> id of its track, while the sound stays on the disk
        self.retagged = set()  # sounds whose files have other tags than at the last scan
        self.doubtful = set()  # and those that were read again since: their hashes are not believed any more
        self.clock = 1_700_000_000
        self.whole = False
        for sound, name in enumerate(FILES[:6]):
            self.add(name, sound)
        self.scan()
        self.hear()

    def teardown(self):
        """Every history ends in a whole scan, unless it went wrong before."""
        try:
            if sys.exc_info()[0] is None:
                self.scan()
                self.nothing_is_orphaned_and_nothing_doubles()
                self.the_ledger_adds_up()
                self.a_sound_that_was_heard_keeps_its_track()
        finally:
            shutil.rmtree(self.home)

    def at(self, name):
        path = self.music / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def changed(self, name):
        """Give a file a time of its own: two changes in a nanosecond are nobody's concern here."""
        self.clock += 1
        os.utime(self.at(name), (self.clock, self.clock))
        self.whole = False

    def pick(self, data, *, music=False):
        return data.draw(
            st.sampled_from(sorted(name for name, kind in self.here.items() if not music or kind in range(SOUNDS)))
        )

    def lose(self, name):
        self.heard.pop(self.here.pop(name, None), None)

    def has_music(self):
        return any(isinstance(kind, int) for kind in self.here.values())

    @rule(name=st.sampled_from(FILES), sound=st.integers(0, SOUNDS - 1))
    def add(self, name, sound):
        """A new file, or another sound in its place; every sound is there once, so that it can be followed."""
        if sound in self.here.values():
            return
        self.lose(name)
        shutil.copyfile(self.sounds[sound], self.at(name))
        self.here[name] = sound
        self.changed(name)

    @precondition(has_music)
    @rule(data=st.data(), title=st.text("abc\u00e9", min_size=1, max_size=5))
    def retag(self, data, title):
        name = self.pick(data, music=True)
        tags = FLAC(self.at(name))
        tags["title"] = title
        tags.save()
        self.retagged.add(self.here[name])
        self.changed(name)

    @precondition(lambda self: self.here)
    @rule(data=st.data(), place=st.sampled_from(FILES), keeps_time=st.booleans())
    def move(self, data, place, keeps_time):
        """A file under another name, with its time or a new one."""
        name = self.pick(data)
        if place == name:
            return
        kind = self.here.pop(name)
        if kind in self.doubtful:
            self.heard.pop(kind, None)
        self.lose(place)
        self.at(name).replace(self.at(place))
        self.here[place] = kind
        self.whole = False
        if not keeps_time:
            self.changed(place)

    @precondition(lambda self: self.here)
    @rule(data=st.data())
    def delete(self, data):
        name = self.pick(data)
        self.at(name).unlink()
        self.lose(name)
        self.whole = False

    @rule(name=st.sampled_from(FILES), kind=st.sampled_from(sorted(JUNK)))
    def replace_by_junk(self, name, kind):
        self.lose(name)
        self.at(name).write_bytes(JUNK[kind])
        self.here[name] = kind
        self.changed(name)

    @rule(after=st.integers(1, 6), is_killed=st.booleans())
    def end_a_scan_early(self, after, is_killed):
        """Stop it, or let it break off, when some files were read."""
        stop = threading.Event()

        def progress(done, _total, _text):
            if done >= after:
                if is_killed:
                    raise Killed
                stop.set()

        with contextlib.suppress(Killed):
            self.library.scan(self.music, allow_missing=True, progress=progress, stop=stop, workers=1)
        self.doubtful |= self.retagged
        self.whole = False

    @rule()
    def scan(self):
        done = self.library.scan(self.music, allow_missing=True, progress=lambda *_: None, workers=1)
        assert done.seen == len(self.here)
        assert not done.stopped
        self.doubtful |= self.retagged
        self.retagged.clear()
        self.whole = True
        before = self.revision()
        again = self.library.scan(self.music, allow_missing=True, progress=lambda *_: None, workers=1)
        assert again.unchanged == again.seen == len(self.here)
        assert self.revision() == before, "a scan that finds nothing changed writes nothing"

    @precondition(lambda self: self.whole)
    @rule()
    def hear(self):
        """Store of each track what an analysis stores of its sound."""
        self.doubtful.clear()
        features, tracks = TABLES["audio_features"], TABLES["track"]
        ids = dict(self.present().select("path_bytes", "track_id").iter_rows())
        with store.writing(self.library._engine) as connection:
            for name, sound in self.here.items():
                if not isinstance(sound, int):
                    continue
                track_id = self.heard[sound] = ids[os.fsencode(self.at(name))]
                known = bytes.fromhex(payload_hash(self.at(name)))
                connection.execute(tracks.update().where(tracks.c.id == track_id).values(audio_hash=known))
                connection.execute(features.delete().where(features.c.track_id == track_id))
                connection.execute(features.insert(), {"track_id": track_id, "analyzed_at": now(), **FEATURES})

    def revision(self):
        with store.reading(self.library._engine) as connection:
            return revision(connection)

    def spoilt(self):
        """Paths of junk: where music was before, its track stays and waits for it."""
        return {os.fsencode(self.at(name)) for name, kind in self.here.items() if kind in JUNK}

    def present(self):
        return self.library.tracks().filter(~pl.col("missing"))

    @invariant()
    def nothing_is_orphaned_and_nothing_doubles(self):
        with store.reading(self.library._engine) as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        tracks = self.present()
        assert tracks["track_id"].is_unique().all()
        assert tracks["path_bytes"].is_unique().all()

    @invariant()
    def the_ledger_adds_up(self):
        rows = self.library.ledger()
        assert rows["path"].is_unique().all()
        assert count_ledger(rows).seen == rows.height
        if self.whole:
            shown = (os.fsencode(self.at(name)).decode("utf-8", "replace") for name in self.here)
            assert sorted(rows["path"]) == sorted(shown)
            music = sorted(os.fsencode(self.at(name)) for name, kind in self.here.items() if isinstance(kind, int))
            tracks = [path for path in sorted(self.present()["path_bytes"]) if path not in self.spoilt()]
            assert tracks == music

    @invariant()
    def a_sound_that_was_heard_keeps_its_track(self):
        if self.whole:
            ids = dict(self.present().select("path_bytes", "track_id").iter_rows())
            now_here = {kind: ids[os.fsencode(self.at(name))] for name, kind in self.here.items() if kind in self.heard}
            assert now_here == self.heard


def run(machine, sounds, **settings):
    machine.TestCase.settings = hypothesis.settings(
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
        **settings,
    )
    machine.sounds = sounds
    run_state_machine_as_test(machine)


def test_rescans_keep_the_ledger_and_the_tracks(sounds, monkeypatch):
    monkeypatch.setattr(batches, "_run", in_process)
    monkeypatch.setattr(batches, "BATCH", 2)
    monkeypatch.setattr(batches, "STEP", 1)
    run(Rescans, sounds, max_examples=EXAMPLES, stateful_step_count=STEPS)
    print(f"{EXAMPLES} histories of up to {STEPS} steps: every ledger added up, no track was lost or doubled")


def test_rescans_with_workers_do_the_same(sounds):
    run(type("WithWorkers", (Rescans,), {}), sounds, max_examples=1, stateful_step_count=4)
