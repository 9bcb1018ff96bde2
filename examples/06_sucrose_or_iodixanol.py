"""Why do exosomes band at 1.13-1.19 g/mL in sucrose, but near 1.10 in iodixanol? Sucrose draws water out of them."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import sepsim

DIAMETERS_NM = np.array([40, 60, 85, 100, 150])
GRADIENTS = {
    "iodixanol": [{"iodixanol_percent_w_v": percent, "diluent": "PBS"} for percent in np.linspace(0.5, 50, 120)],
    "sucrose": [{"sucrose_percent_w_w": percent} for percent in np.linspace(0.5, 60, 120)],
}
vesicles = [{"name": f"{d} nm", "kind": "vesicle", "diameter_nm": d, "particles_per_mL": 1e9} for d in DIAMETERS_NM]
sample = sepsim.SampleRecipe(volume_mL=1, medium="PBS", population=vesicles, density_quantiles=1).prepare()
iodixanol, sucrose = (
    sepsim.isopycnic_bands(sample.particles, [sepsim.Medium.pure(sepsim.fluid(table), 277.15) for table in tables])
    for tables in GRADIENTS.values()
)
print("diameter  in iodixanol  in sucrose  diameter there")
for row in zip(DIAMETERS_NM, iodixanol.density / 1e3, sucrose.density / 1e3, sucrose.diameter * 1e9, strict=True):
    print("{:5.0f} nm  {:7.3f} g/mL  {:5.3f} g/mL  {:11.1f} nm".format(*row))

figure = Figure(figsize=(8, 4.8), layout="constrained")
ax = figure.add_subplot(xlabel="diameter of the vesicle in PBS [nm]", ylabel="density at which it bands at 4 °C [g/mL]")
ax.axhspan(1.13, 1.19, color="#DDDDDD", label="exosomes in sucrose, measured")
ax.plot(DIAMETERS_NM, sucrose.density / 1e3, "o-", color="#D55E00", label="in sucrose, model")
ax.plot(DIAMETERS_NM, iodixanol.density / 1e3, "s-", color="#0072B2", label="in iodixanol, model")
ax.legend()
Path("out").mkdir(exist_ok=True)
figure.savefig("out/06_sucrose_or_iodixanol.png", dpi=150)
print(
    f"Sucrose shrinks a vesicle of {DIAMETERS_NM[2]} nm to {1e9 * sucrose.diameter[2]:.0f} nm, so that it bands at "
    f"{sucrose.density[2] / 1e3:.3f} g/mL instead of {iodixanol.density[2] / 1e3:.3f}; measured are 1.13 to 1.19."
)
