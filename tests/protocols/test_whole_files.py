"""A file is written whole, or what was there stays; nothing else is left behind."""

import errno
import os
from pathlib import Path

import pytest

from sepsim.protocols.whole_files import write_whole


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    return path


def test_a_file_is_new_or_replaced(old, tmp_path):
    write_whole(tmp_path / "new.csv", "5 µm\n")
    assert (tmp_path / "new.csv").read_bytes() == "5 µm\n".encode()
    write_whole(str(old), b"\x00\xff")
    assert old.read_bytes() == b"\x00\xff"
    assert {path.name for path in tmp_path.iterdir()} == {"new.csv", "out.csv"}


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device", "part"), KeyboardInterrupt()])
def test_a_failure_leaves_what_was_there_and_nothing_else(failure, call, old, monkeypatch):
    def fail(*_):
        raise failure

    monkeypatch.setattr(*((os, "fsync") if call == "fsync" else (Path, "replace")), fail)
    with pytest.raises(type(failure)) as caught:
        write_whole(old, "new")
    assert old.read_text() == "old"
    assert [*old.parent.iterdir()] == [old]
    if isinstance(failure, OSError):
        assert str(caught.value) == f"[Errno 28] No space left on device: {str(old)!r}"


def test_where_a_link_points_is_replaced(old, tmp_path):
    link = tmp_path / "link.csv"
    link.symlink_to(old)
    write_whole(link, "new")
    assert link.is_symlink()
    assert old.read_text() == "new"


def test_another_name_of_a_replaced_file_keeps_what_was_there(old, tmp_path):
    other = tmp_path / "other.csv"
    other.hardlink_to(old)
    write_whole(old, "new")
    assert other.read_text() == "old"


def test_permissions_stay(old):
    old.chmod(0o600)
    before = old.stat().st_mode
    write_whole(old, "new")
    assert old.stat().st_mode == before


def test_a_device_is_written_to():
    write_whole(os.devnull, "new")
    assert not Path(os.devnull).is_file()


def test_a_folder_is_no_place_for_a_file(tmp_path):
    with pytest.raises((IsADirectoryError, PermissionError)):  # as the system calls it
        write_whole(tmp_path, "new")
    assert [*tmp_path.iterdir()] == []


def test_a_file_may_have_the_longest_name(tmp_path):
    if not hasattr(os, "pathconf"):
        pytest.skip("the system limits whole paths")
    path = tmp_path / ("a" * os.pathconf(tmp_path, "PC_NAME_MAX"))
    write_whole(path, "new")
    assert path.read_text() == "new"
