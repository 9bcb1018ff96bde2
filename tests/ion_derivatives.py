"""Taylor coefficients of an exact map by numerical differentiation: complex steps and differences of eighth order."""

import numpy as np

from sepsim.techniques.mass_spectrometry.optics.rays import Rays

TINY = 1e-30  # the imaginary step: the derivative is exact to rounding
STEPS = np.arange(-4, 5)
WEIGHTS = np.array([1 / 280, -4 / 105, 1 / 5, -4 / 5, 0, 4 / 5, -1 / 5, 4 / 105, -1 / 280])


def slopes(trace, rows, variable, **at):
    at = {name: np.asarray(value, complex) for name, value in at.items()}
    end = trace(Rays(**{**at, variable: at.get(variable, 0.0) + TINY * 1j}))
    return np.array([np.imag(getattr(end, row)) / TINY for row in rows])


def first_order(trace):
    return np.stack([slopes(trace, "xa", variable) for variable in "xadg"], axis=1)


def vertical(trace):
    return np.stack([slopes(trace, "yb", variable) for variable in "yb"], axis=1)


def second_order(trace, step=2e-3):
    """Return half the second derivatives, (2, 4, 4)."""
    axes = np.eye(4)
    tiny, stepped = axes[:, :, None, None] * TINY * 1j, axes[:, None, :, None] * step * STEPS
    end = trace(Rays(**dict(zip("xadg", tiny + stepped, strict=True))))
    return 0.5 * np.imag(np.array([end.x, end.a])) / TINY @ WEIGHTS / step
