"""Samples and spins that the tests of centrifugation share."""

import numpy as np

from sepsim.samples.sample_recipe import recipe
from sepsim.techniques.centrifugation.centrifugation import Centrifugation

RNG = np.random.default_rng(0)
LIVSHITS_MEDIUM = {"density_g_mL": 1.00, "viscosity_mPa_s": 1.55}
SIZES_NM = (150, 120, 100, 70)
PBS = {"medium": "PBS", "volume_mL": 1}


def vesicles(volume_mL, *, diameters=SIZES_NM, density=1.15, medium=LIVSHITS_MEDIUM, **settings):
    populations = [
        {"name": f"{nm:g} nm", "kind": "vesicle", "diameter_nm": nm, "density_g_mL": density, "particles_per_mL": 1e9}
        for nm in diameters
    ]
    return recipe({"volume_mL": volume_mL, "medium": medium, "population": populations, **settings}).prepare()


def spin(sample, **settings):
    return Centrifugation(**settings).run(sample, rng=RNG)
