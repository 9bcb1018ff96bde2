"""Why do exosomes band at 1.13-1.19 g/mL in sucrose, but near 1.10 in iodixanol? Sucrose draws water out of them."""

import numpy as np
from numpy.typing import NDArray

from sepsim.media import Medium, fluid
from sepsim.particles.osmosis import isopycnic_density, state_at
from sepsim.particles.particle_table import particle_table
from sepsim.particles.population import Vesicle

COLD = 277.15
DIAMETERS_NM = (40, 60, 85, 100, 150)
vesicles = particle_table(
    [
        (f"{d} nm", "vesicle", Vesicle(name=f"{d} nm", diameter_nm=d, particles_per_mL=1).classes(1, 1))
        for d in DIAMETERS_NM
    ]
)


def bands_in(key: str, strongest: float, **more: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the density at which each vesicle bands, and its diameter there."""
    percents = np.linspace(0.5, strongest, 120)
    media = [Medium.pure(fluid({key: float(percent), **more}), COLD) for percent in percents]
    density = np.array([medium.density for medium in media])
    osmolality = np.array([medium.osmolality for medium in media])
    bands = isopycnic_density(vesicles, density, osmolality)
    there = np.interp(bands, density, osmolality)
    diameter = np.array([state_at(vesicles, each).diameter[index] for index, each in enumerate(there)])
    return bands, diameter


iodixanol, _ = bands_in("iodixanol_percent_w_v", 50, diluent="PBS")
sucrose, shrunk = bands_in("sucrose_percent_w_w", 60)
print("diameter  in iodixanol  in sucrose  diameter there")
for row in zip(DIAMETERS_NM, iodixanol / 1e3, sucrose / 1e3, shrunk * 1e9, strict=True):
    print("{:5.0f} nm  {:7.3f} g/mL  {:5.3f} g/mL  {:11.1f} nm".format(*row))
print("measured in sucrose: 1.13-1.19 g/mL; the model's vesicles from 85 nm on band above that")
