"""Own arrays in ion optics: does the exact map of a magnet agree with ions that are pushed through its field?"""

import math

import numpy as np

from sepsim import kernels

table = np.array(
    [
        kernels.element(kernels.DRIFT, 0.3),  # m
        kernels.element(kernels.MAGNETIC, 0.3, math.pi / 2),  # m, rad: images a point 0.3 m ahead 0.3 m behind
        kernels.element(kernels.DRIFT, 0.3),
    ]
)
angles = np.array([-2e-3, 0.0, 2e-3])  # rad, of ions that start on the axis

mapped = kernels.trace_ions(table, 0.0, angles)
pushed = kernels.push_ions(table, 0.0, angles, soft=False)
apart = np.abs(pushed.x - mapped.x).max()
width = np.ptp(mapped.x)

print(f"image of a point, by a fan of 4 mrad: {width * 1e6:.2f} um wide")
print("map and pushes", "agree" if apart < 1e-6 * width else "disagree", "to a millionth of that width")
