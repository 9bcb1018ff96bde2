"""Own arrays in ion optics: does the exact map of a magnet agree with ions that are pushed through its field?"""

import math
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from sepsim import kernels

table = np.array(
    [
        kernels.element(kernels.DRIFT, 0.3),  # m
        kernels.element(kernels.MAGNETIC, 0.3, math.pi / 2),  # m, rad: images a point 0.3 m ahead 0.3 m behind
        kernels.element(kernels.DRIFT, 0.3),
    ]
)
angles = np.linspace(-2e-3, 2e-3, 201)  # rad, of ions that start on the axis

mapped = kernels.trace_ions(table, 0.0, angles)
pushed = kernels.push_ions(table, 0.0, angles[::25], soft=False)
apart = np.abs(pushed.x - mapped.x[::25]).max()
width = np.ptp(mapped.x)

figure = Figure(figsize=(8, 4.8), layout="constrained")
ax = figure.add_subplot(xlabel="angle at the start [mrad]", ylabel="place in the image [µm]")
ax.plot(1e3 * angles, 1e6 * mapped.x, color="grey", label="exact map")
ax.plot(1e3 * angles[::25], 1e6 * pushed.x, "o", color="#D55E00", label="pushed through the field")
ax.legend()
Path("out").mkdir(exist_ok=True)
figure.savefig("out/20_own_arrays_in_a_magnet.png", dpi=150)
print(f"image of a point, by a fan of 4 mrad: {width * 1e6:.2f} um wide")
print(f"Map and pushes differ by at most {apart / width:.0e} of that width.")
