"""Why do exosomes band at 1.13-1.19 g/mL in sucrose, but near 1.10 in iodixanol? Sucrose draws water out of them."""

import numpy as np

import sepsim

DIAMETERS_NM = (40, 60, 85, 100, 150)
vesicles = sepsim.SampleRecipe(
    volume_mL=1,
    medium="PBS",
    population=[
        {"name": f"{d} nm", "kind": "vesicle", "diameter_nm": d, "particles_per_mL": 1e9} for d in DIAMETERS_NM
    ],
    density_quantiles=1,
).prepare()
gradients = {
    "iodixanol": [{"iodixanol_percent_w_v": percent, "diluent": "PBS"} for percent in np.linspace(0.5, 50, 120)],
    "sucrose": [{"sucrose_percent_w_w": percent} for percent in np.linspace(0.5, 60, 120)],
}
bands = {
    name: sepsim.isopycnic_bands(
        vesicles.particles, [sepsim.Medium.pure(sepsim.fluid(table), 277.15) for table in tables]
    )
    for name, tables in gradients.items()
}

iodixanol, sucrose, shrunk = bands["iodixanol"].density, bands["sucrose"].density, bands["sucrose"].diameter
print("diameter  in iodixanol  in sucrose  diameter there")
for row in zip(DIAMETERS_NM, iodixanol / 1e3, sucrose / 1e3, shrunk * 1e9, strict=True):
    print("{:5.0f} nm  {:7.3f} g/mL  {:5.3f} g/mL  {:11.1f} nm".format(*row))
print("measured in sucrose: 1.13-1.19 g/mL; the model's vesicles from 85 nm on band above that")
