"""Compiled kernels on disk: what is wrong with them there costs a compilation and never a run.

Numba's own cache ends a program if it finds no folder that it may write to, or a file that it cannot read: one that was
cut off or overwritten, or that names a class of an older version. Damaged machine code even ends the interpreter.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import stat
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from llvmlite import ir
from numba.core import caching
from numba.core.serialize import dumps
from numba.extending import intrinsic, overload

from sepsim import __version__
from sepsim.kernels import compilation


class KernelCacheWarning(UserWarning):
    """Compiled kernels cannot be kept or read where they should be: the next run takes longer, and none fails."""


def njit(*, cache: bool, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function as ``numba.njit`` does, with a cache on disk that never fails.

    Parameters
    ----------
    cache : bool
        Whether machine code is kept for the next process.
    **options
        Of ``numba.njit``.

    Returns
    -------
    callable
        The decorator.

    Examples
    --------
    >>> @njit(cache=False, error_model="numpy")
    ... def half(x):
    ...     return x / 2.0
    >>> half(3.0)
    1.5
    """

    def compiled(function: Callable[..., Any]) -> Any:
        kernel = numba.njit(**options)(function)
        if cache and kernel is not function:  # which it is under NUMBA_DISABLE_JIT
            _keep(kernel)
        return kernel

    return compiled


def block_function(function: Callable[..., Any], lanes: int) -> int:
    """Compile a function of one place into one of a block of places, and return its address.

    Parameters
    ----------
    function : callable
        From x, y, z to three numbers.
    lanes : int
        Of a block.

    Returns
    -------
    int
        For `call_block`, as long as the process lives.
    """
    return int(_block(function, lanes).address)


@functools.cache  # which also keeps the machine code alive
def _block(function: Callable[..., Any], lanes: int) -> Any:
    inner = numba.njit(error_model="numpy")(function)

    def block(places: Any, weights: Any, moved: Any) -> None:
        x, weight, total = (
            numba.carray(places, (3, lanes)),
            numba.carray(weights, lanes),
            numba.carray(moved, (3, lanes)),
        )
        for lane in range(lanes):
            first, second, third = inner(x[0, lane], x[1, lane], x[2, lane])
            total[0, lane] += weight[lane] * first
            total[1, lane] += weight[lane] * second
            total[2, lane] += weight[lane] * third

    numbers = numba.types.CPointer(numba.float64)
    return numba.cfunc(numba.void(numbers, numbers, numbers), error_model="numpy")(block)


@intrinsic  # type: ignore[misc]
def call_block(_context: Any, _address: Any, x: Any, weight: Any, moved: Any) -> Any:
    """Call what `block_function` compiled, by its address, from a kernel."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = ir.DoubleType().as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer] * 3)
        arrays = [
            context.make_array(array)(context, builder, value=value).data
            for array, value in zip(signature.args[1:], arguments[1:], strict=True)
        ]
        builder.call(builder.inttoptr(arguments[0], kind.as_pointer()), arrays)
        return context.get_dummy_value()

    return numba.void(numba.int64, x, weight, moved), build


def borrow(array: Any) -> Any:
    """Return an array that does not count its references, for kernels that pass arrays on in inner loops.

    Whoever called the kernel must hold the array. Counting is atomic, and costs as much as a loop over 64 numbers.

    Parameters
    ----------
    array : ndarray [any unit]

    Returns
    -------
    ndarray [any unit]
    """
    return array


@overload(borrow, strict=False)  # type: ignore[misc]
def _borrow(array: Any) -> Any:
    del array
    return lambda array: _uncounted(array)


@intrinsic  # type: ignore[misc]
def _uncounted(_context: Any, array: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        view = context.make_array(signature.args[0])(context, builder, value=arguments[0])
        for owner in ("meminfo", "parent"):
            setattr(view, owner, ir.Constant(getattr(view, owner).type, None))
        return view._getvalue()

    return array(array), build


def _keep(kernel: Any) -> None:
    """Do what ``kernel.enable_caching()`` does, with the cache below."""
    try:
        kernel._cache = _Cache(kernel.py_func)
    except RuntimeError:  # no locator found a folder
        _warn("kernels are compiled in every run, since no folder can keep them; NUMBA_CACHE_DIR may name one")


class _TemporaryFolder(caching._SourceFileBackedLocatorMixin, caching._CacheLocator):  # type: ignore[misc]
    """Where kernels are kept if neither the package nor a home directory can be written to."""

    def __init__(self, function: Any, file: str) -> None:
        self._py_file = file
        self._lineno = function.__code__.co_firstlineno

    def get_cache_path(self) -> str:
        return str(_private_folder() / self.get_suitable_cache_subpath(self._py_file))

    @classmethod
    def from_function(cls, function: Any, file: str) -> Any:
        found = super().from_function(function, file)
        if found is not None:
            _warn(f"compiled kernels are kept in {_private_folder()}; NUMBA_CACHE_DIR may name a lasting folder")
        return found


def _private_folder() -> Path:
    """Return a temporary folder, one per user and version, that nobody else writes to: Numba runs what it finds there.

    Raises
    ------
    OSError
        If there is none; Windows, whose homes can be written to, has none.
    """
    if not hasattr(os, "getuid"):
        raise OSError("no owner can be told")
    folder = Path(tempfile.gettempdir(), f"sepsim-{__version__}-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise PermissionError(f"{folder} may be written to by others")
    return folder


class _Storage(caching.CompileResultCacheImpl):  # type: ignore[misc]
    """What a file of machine code holds, with a checksum, since LLVM does not survive code that is damaged."""

    _locator_classes = (*caching.CompileResultCacheImpl._locator_classes, _TemporaryFolder)

    def reduce(self, compiled: Any) -> tuple[bytes, bytes]:
        code = dumps(super().reduce(compiled))
        return hashlib.sha256(code).digest(), code

    def rebuild(self, context: Any, kept: tuple[bytes, bytes]) -> Any:
        checksum, code = kept
        if hashlib.sha256(code).digest() != checksum:
            raise ValueError("damaged")
        return super().rebuild(context, pickle.loads(code))


class _Cache(caching.FunctionCache):  # type: ignore[misc]
    """The machine code of one kernel, compiled anew if it cannot be read."""

    _impl_class = _Storage

    def load_overload(self, signature: Any, context: Any) -> Any:
        try:
            found = super().load_overload(signature, context)
        except Exception:  # there is nothing that a broken pickle does not raise
            _warn("compiled kernels on disk are damaged or outdated; they are compiled anew")
            self._forget()
            found = None
        if found is None:
            compilation.begin(self._name)
        return found

    def _forget(self) -> None:
        """Empty the index, which Numba reads once more before it writes."""
        try:
            self.flush()
        except OSError:
            self.disable()

    def save_overload(self, signature: Any, compiled: Any) -> None:
        compilation.end(self._name)
        try:
            super().save_overload(signature, compiled)
        except OSError as error:
            _warn(f"compiled kernels cannot be kept ({error.strerror}); the next run compiles them anew")


@functools.cache
def _warn(text: str) -> None:
    """Tell it once in a process, whichever kernels it befalls."""
    warnings.warn(text, KernelCacheWarning, stacklevel=2)
