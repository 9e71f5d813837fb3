"""A file comes whole or not at all, and takes nobody's place unasked."""

import os
import stat
import sys

import pytest

from workbench import whole_files


def names(folder):
    return sorted(each.name for each in folder.iterdir())


def test_the_bytes_are_there_and_nothing_else(tmp_path):
    whole_files.put(tmp_path / "a", b"one")
    whole_files.put(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"two"
    assert names(tmp_path) == ["a"]


def test_nothing_is_replaced_unasked(tmp_path):
    (tmp_path / "a").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        whole_files.put(tmp_path / "a", b"new", overwrite=False)
    assert (tmp_path / "a").read_bytes() == b"mine"
    assert names(tmp_path) == ["a"]


def test_a_file_that_comes_up_meanwhile_stays(tmp_path):
    def write():
        with whole_files.draft(tmp_path / "a", overwrite=False) as part:
            part.write_bytes(b"new")
            (tmp_path / "a").write_bytes(b"theirs")

    with pytest.raises(FileExistsError):
        write()
    assert (tmp_path / "a").read_bytes() == b"theirs"
    assert names(tmp_path) == ["a"]


@pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")
def test_a_link_to_nowhere_counts_as_a_file(tmp_path):
    (tmp_path / "a").symlink_to("gone")
    with pytest.raises(FileExistsError):
        whole_files.put(tmp_path / "a", b"new", overwrite=False)
    assert names(tmp_path) == ["a"]


@pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")
def test_a_link_is_replaced_and_what_it_leads_to_is_left_alone(tmp_path):
    (tmp_path / "theirs").write_bytes(b"theirs")
    (tmp_path / "a").symlink_to("theirs")
    whole_files.put(tmp_path / "a", b"new")
    assert (tmp_path / "theirs").read_bytes() == b"theirs"
    assert not (tmp_path / "a").is_symlink()


def test_a_disk_without_links_is_asked_first(tmp_path, monkeypatch):
    def refused(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)  # as on FAT, which a test cannot mount
    whole_files.put(tmp_path / "a", b"one", overwrite=False)
    with pytest.raises(FileExistsError):
        whole_files.put(tmp_path / "a", b"two", overwrite=False)
    assert (tmp_path / "a").read_bytes() == b"one"
    assert names(tmp_path) == ["a"]


def test_a_failure_leaves_the_old_file(tmp_path):
    def write():
        with whole_files.draft(tmp_path / "a") as part:
            part.write_bytes(b"half")
            raise ZeroDivisionError

    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(ZeroDivisionError):
        write()
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_permissions_are_as_usual_or_as_they_were(tmp_path):
    whole_files.put(tmp_path / "a", b"")
    (tmp_path / "plain").write_bytes(b"")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)
    (tmp_path / "a").chmod(0o640)
    whole_files.put(tmp_path / "a", b"new")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640
