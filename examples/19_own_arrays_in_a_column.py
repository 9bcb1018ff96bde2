"""Own arrays in the general rate model: how far apart do a vesicle and a protein leave a bed, and how wide are they?"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from sepsim import kernels

bed = kernels.BedArrays(residence=[200.0], peclet=[400.0], phase_ratio=[1.86], bead_radius=[65e-6])  # s, -, -, m
species = kernels.SpeciesArrays(  # a vesicle that no pore admits, and a protein that finds 84 % of a bead open
    film=[[2e-6, 1e-5]], pore_share=[[0.0, 0.84]], storage=[[0.0, 0.84]], pore_diffusivity=[[0.0, 3e-11]]
)
entry = kernels.Injection(pulse=60.0)  # s
times = np.linspace(0.0, 1200.0, 1201)
shares, terms = kernels.cumulative_elution(bed, species, entry, times)
mean, variance, _ = kernels.elution_moments(bed, species, entry)
width = np.sqrt(variance)

figure = Figure(figsize=(8, 4.8), layout="constrained")
ax = figure.add_subplot(xlabel="time since the load began [s]", ylabel="share of the load that leaves [%/s]")
for name, share, middle, sd in zip(("vesicle", "protein"), shares, mean, width, strict=True):
    half = times[np.searchsorted(share, 0.5)]
    print(f"{name}: half has left after {half:.0f} s, mean {middle:.0f} +- {sd:.0f} s")
    ax.plot(times, 100 * np.gradient(share, times), label=f"{name}, {middle:.0f} ± {sd:.0f} s")

ax.legend()
Path("out").mkdir(exist_ok=True)
figure.savefig("out/19_own_arrays_in_a_column.png", dpi=150)
apart = mean[1] - mean[0]
resolution = apart / (2 * width.sum())
print(f"They leave {apart:.0f} s apart, {width[0]:.0f} and {width[1]:.0f} s wide: a resolution of {resolution:.2f}.")
