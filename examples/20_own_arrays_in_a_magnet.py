"""Own arrays in ion optics: does the exact map of a magnet agree with ions that are pushed through its field?"""

import math

import numpy as np

from sepsim import kernels

table = np.array(
    [
        kernels.element(kernels.DRIFT, 0.3),
        kernels.element(
            kernels.MAGNETIC, 0.3, math.pi / 2
        ),  # m, rad: focuses a point at 0.3 m onto one at 0.3 m behind
        kernels.element(kernels.DRIFT, 0.3),
    ]
)
angles = np.array([-2e-3, 0.0, 2e-3])  # rad, of ions that start on the axis

mapped = kernels.trace_ions(table, 0.0, angles)
for refine in (0.25, 1.0):
    pushed = kernels.push_ions(table, 0.0, angles, soft=False, refine=refine)
    print(f"refine {refine:4.2f}: largest difference {np.abs(pushed.x - mapped.x).max() * 1e9:.3g} nm")
print(f"image of the point: {np.ptp(mapped.x) * 1e6:.2f} um wide for a fan of 4 mrad")
