"""Compiled kernels are kept where they can be, and what is wrong with them on disk never costs a run."""

import importlib.util
import os
import subprocess
import sys
import warnings

import numba
import pytest

from sepsim import __version__
from sepsim.kernels import caching
from sepsim.kernels.caching import KernelCacheWarning

KERNEL = """
from typing import NamedTuple
from sepsim.kernels.caching import njit

class Pair(NamedTuple):
    one: float
    other: float

@njit(cache=True, error_model="numpy")
def ratio(pair):
    return pair.one / pair.other
"""
PRIVATE = f"sepsim-{__version__}-{getattr(os, 'getuid', int)()}"

pytestmark = [
    pytest.mark.lowest,
    pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled"),
]


@pytest.fixture(autouse=True)
def untold():
    """Each test is a process of its own, as far as telling once goes."""
    caching._warn.cache_clear()
    yield
    caching._warn.cache_clear()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the kernel stands."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "tiny.py").write_text(KERNEL)
    return folder


@pytest.fixture
def sealed(folder, tmp_path, monkeypatch):
    """Let neither the package nor a home be written to, for root as well; return the folder of temporary files."""
    if not hasattr(os, "getuid"):
        pytest.skip("homes of Windows can be written to")
    (folder / "__pycache__").write_text("")
    for variable in ("XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(variable, str(folder / "tiny.py"))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    return temporary


@pytest.fixture
def load(folder, monkeypatch):
    """Import the kernel as a new process does."""

    def loaded():
        spec = importlib.util.spec_from_file_location("tiny", folder / "tiny.py")
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "tiny", module)
        spec.loader.exec_module(module)
        return module

    return loaded


def hits(module):
    """Call the kernel, which works, and return how many times it was found on disk."""
    pair = getattr(module, "Pair", None) or module.Couple
    assert module.ratio(pair(3.0, 2.0)) == 1.5
    return sum(module.ratio.stats.cache_hits.values())


def test_a_kernel_is_compiled_once(folder, load):
    assert hits(load()) == 0
    assert hits(load()) == 1
    assert {path.suffix for path in folder.glob("__pycache__/*ratio*")} == {".nbi", ".nbc"}


def cut_off(path):
    path.write_bytes(path.read_bytes()[:-100])


def emptied(path):
    path.write_bytes(b"")


def garbled(path):
    path.write_bytes(bytes(range(256)) * 10)


def partly_zero(path):
    content = path.read_bytes()
    path.write_bytes(content[:2000] + bytes(2000) + content[4000:])


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("spoil", [cut_off, emptied, garbled])
def test_a_broken_file_is_replaced_and_told(spoil, ending, folder, load):
    hits(load())
    (path,) = folder.glob(f"__pycache__/*.{ending}")
    spoil(path)
    with pytest.warns(KernelCacheWarning, match="damaged or outdated; they are compiled anew"):
        assert hits(load()) == 0
    assert hits(load()) == 1


def test_damaged_machine_code_is_not_run(folder, load):
    """LLVM ends the process over it, or runs it."""
    hits(load())
    (path,) = folder.glob("__pycache__/*.nbc")
    partly_zero(path)
    with pytest.warns(KernelCacheWarning, match="damaged"):
        assert hits(load()) == 0
    assert hits(load()) == 1


def test_an_index_that_names_a_class_of_an_older_version_is_replaced(folder, load):
    hits(load())
    (folder / "tiny.py").write_text(KERNEL.replace("Pair", "Couple"))
    with pytest.warns(KernelCacheWarning, match="outdated"):
        assert hits(load()) == 0
    assert hits(load()) == 1


def test_a_broken_file_that_cannot_be_replaced_costs_a_compilation(folder, load, monkeypatch):
    hits(load())
    (index,) = folder.glob("__pycache__/*.nbi")
    emptied(index)
    module = load()
    monkeypatch.setattr("os.replace", refused)
    with pytest.warns(KernelCacheWarning, match="damaged"):
        assert hits(module) == 0


def refused(*_):
    raise OSError(28, "No space left on device")


def test_a_full_disk_costs_a_compilation(load, monkeypatch):
    module = load()
    monkeypatch.setattr("os.replace", refused)
    with pytest.warns(KernelCacheWarning, match=r"cannot be kept \(No space left on device\)"):
        assert hits(module) == 0


def test_without_a_folder_of_ones_own_a_temporary_one_keeps_kernels(sealed, load):
    with pytest.warns(KernelCacheWarning, match=f"kept in .*{PRIVATE}; NUMBA_CACHE_DIR may name a lasting folder"):
        module = load()
    assert hits(module) == 0
    assert (sealed / PRIVATE).stat().st_mode & 0o777 == 0o700
    assert hits(load()) == 1


def planted(place, elsewhere):
    place.symlink_to(elsewhere)


def open_to_others(place, _):
    place.mkdir()
    place.chmod(0o777)


def a_file(place, _):
    place.write_text("")


@pytest.mark.parametrize("prepare", [planted, open_to_others, a_file])
def test_without_any_safe_folder_kernels_are_not_kept(prepare, sealed, load, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    prepare(sealed / PRIVATE, elsewhere)
    with pytest.warns(KernelCacheWarning, match="no folder can keep them; NUMBA_CACHE_DIR may name one"):
        module = load()
    assert hits(module) == 0
    assert [*elsewhere.iterdir()] == []


def test_a_folder_of_another_user_is_not_used(sealed, load, monkeypatch):
    (sealed / PRIVATE.replace(str(os.getuid()), "4711")).mkdir(mode=0o700)
    monkeypatch.setattr("os.getuid", lambda: 4711)
    with pytest.warns(KernelCacheWarning, match="no folder can keep them"):
        assert hits(load()) == 0


def test_it_is_told_once_in_a_process(sealed, load):
    with pytest.warns(KernelCacheWarning):
        load()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load()


def test_a_compilation_is_told_while_it_lasts(tmp_path):
    """By a kernel that asks, while it is compiled, whether one is."""
    (tmp_path / "kernel.py").write_text(
        "from numba.extending import overload\n"
        "from sepsim.kernels import compilation\n"
        "from sepsim.kernels.caching import njit\n"
        "seen = []\n"
        "def probe(x): return x\n"
        "@overload(probe)\n"
        "def typed(x):\n"
        "    seen.append(compilation.compiling())\n"
        "    return lambda x: x\n"
        "@njit(cache=True)\n"
        "def kernel(x): return probe(x)\n"
        "before = compilation.compiling()\n"
        "kernel(1.0)\n"
        "print(before, set(seen), compilation.compiling())\n"
    )
    done = subprocess.run([sys.executable, "kernel.py"], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout == "False {True} False\n", done.stderr
