"""What a user has chosen is kept, and a damaged file costs nothing but the choice."""

import json
import logging
import sys

import pytest

from workbench import preferences
from workbench.preferences import Preferences, is_dark, load, save


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "config" / "preferences.json"
    monkeypatch.setenv("WORKBENCH_PREFERENCES", str(path))
    return path


def test_nothing_chosen(file):
    assert load() == Preferences(workers=None, theme="page", record_searches=False)
    assert not file.exists()


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize("chosen", [Preferences(3, "dark"), Preferences(None, "light", True), Preferences(1024)])
def test_what_is_saved_is_loaded(chosen):
    save(chosen)
    assert load() == chosen


def test_the_file(file):
    assert save(Preferences(workers=2)) == file
    assert json.loads(file.read_text(encoding="utf-8")) == {"workers": 2, "theme": "page", "record_searches": False}
    assert [path.name for path in file.parent.iterdir()] == ["preferences.json"], "no draft is left"


def test_what_is_not_known_here_is_kept(file):
    file.parent.mkdir()
    file.write_text('{"theme": "dark", "of tomorrow": [1, 2]}', encoding="utf-8")
    save(Preferences(workers=2, theme="light"))
    kept = {"theme": "light", "of tomorrow": [1, 2], "workers": 2, "record_searches": False}
    assert json.loads(file.read_text(encoding="utf-8")) == kept


@pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")
def test_a_file_that_is_kept_elsewhere_stays_there(file, tmp_path):
    """People keep such files in a folder of their own, with links to them."""
    file.parent.mkdir()
    (tmp_path / "mine.json").write_text('{"theme": "dark"}', encoding="utf-8")
    file.symlink_to(tmp_path / "mine.json")
    save(Preferences(workers=2))
    assert file.is_symlink()
    assert json.loads((tmp_path / "mine.json").read_text(encoding="utf-8"))["workers"] == 2


@pytest.mark.parametrize("text", ["", "{", "[]", '"dark"', "\xff", "null", "[" * 10_000])
def test_a_damaged_file_is_as_if_nothing_had_been_chosen(file, caplog, text):
    file.parent.mkdir()
    file.write_text(text, encoding="latin-1")
    with caplog.at_level(logging.WARNING):
        assert load() == Preferences()
    assert str(file) in caplog.text
    save(Preferences(workers=2))
    assert load().workers == 2


@pytest.mark.parametrize("value", ["two", 0, -1, 1.5, True, 1025, [2]])
def test_a_number_of_workers_that_is_none(file, caplog, value):
    file.parent.mkdir()
    file.write_text(json.dumps({"workers": value, "theme": "dark"}), encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert load() == Preferences(workers=None, theme="dark")
    assert "is no value for workers" in caplog.text


@pytest.mark.parametrize("value", ["pink", None, 1, ["dark"], {"dark": 1}])
def test_a_theme_that_is_none(file, caplog, value):
    file.parent.mkdir()
    file.write_text(json.dumps({"theme": value}), encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert load().theme == "page"
    assert "one of page, light, dark" in caplog.text


@pytest.mark.parametrize("value", ["yes", 1, None, [True]])
def test_searches_are_recorded_only_where_the_file_says_true(file, caplog, value):
    file.parent.mkdir()
    file.write_text(json.dumps({"record_searches": value}), encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert load().record_searches is False
    assert "true or false" in caplog.text


@pytest.mark.parametrize(("workers", "theme"), [(0, "page"), (2, "pink"), (True, "page")])
def test_what_makes_no_sense_cannot_be_chosen(workers, theme):
    with pytest.raises(ValueError, match="is no value for"):
        Preferences(workers, theme)


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize(("theme", "dark"), [("page", None), ("light", False), ("dark", True)])
def test_the_theme_is_taken_where_nobody_says(theme, dark):
    save(Preferences(theme=theme))
    assert is_dark(None) is dark
    assert is_dark(dark=True) is True
    assert is_dark(dark=False) is False


def test_a_file_that_cannot_be_written_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("WORKBENCH_PREFERENCES", str(tmp_path / "file" / "preferences.json"))
    with pytest.raises(OSError, match="file"):
        save(Preferences())


def test_tests_have_a_file_of_their_own():
    assert "music-workbench" not in str(preferences.place())
