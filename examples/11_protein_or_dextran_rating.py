"""What does "100 kDa" mean? It depends on what the maker filtered to find out, and how alike the pores are."""

import numpy as np

import sepsim

RADII_NM = {"albumin": 3.5, "IgG": 5.3, "LDL": 12.0, "exosome of 50 nm": 25.0}

print("rated with  pore spread  pore diameter  " + "".join(f"{name:>18s}" for name in RADII_NM))
membranes = []
for rated_with in ("protein", "dextran"):
    for spread in (1.2, 1.5):
        membrane = sepsim.Membrane(
            name=f"100 kDa, {rated_with}, spread {spread}",
            material="polyethersulfone",
            mwco_kDa=100,
            rated_with=rated_with,
            geometric_sd=spread,
            area_cm2=7,
            permeability_L_m2_h_bar=250,
        )
        passing = membrane.pores.sieving(np.array(list(RADII_NM.values())) * 1e-9)
        shares = "".join(f"{share:18.2g}" for share in passing)
        print(f"{rated_with:10s} {spread:12.1f} {2e9 * membrane.pores.median_radius:11.1f} nm  {shares}")
        membranes.append(membrane)

axes = sepsim.plots.sieving_curve(membranes)
print("drawn:", axes.get_ylabel().splitlines()[0], "against", axes.get_xlabel())
