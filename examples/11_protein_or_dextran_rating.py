"""What does "100 kDa" mean? It depends on what the maker filtered to find out, and how alike the pores are."""

from pathlib import Path

import numpy as np

import sepsim

RADII_NM = {"albumin": 3.5, "IgG": 5.3, "LDL": 12.0, "exosome of 50 nm": 25.0}

print("rated with  pore spread  pore diameter  " + "".join(f"{name:>18s}" for name in RADII_NM))
membranes, pores = [], []
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
        pores.append(2e9 * membrane.pores.median_radius)
        print(f"{rated_with:10s} {spread:12.1f} {pores[-1]:11.1f} nm  {shares}")
        membranes.append(membrane)

Path("out").mkdir(exist_ok=True)
sepsim.plots.sieving_curve(membranes).figure.savefig("out/11_protein_or_dextran_rating.png", dpi=150)
print(
    f"Of these membranes of 100 kDa the median pore is {min(pores):.1f} to {max(pores):.1f} nm wide: rated with "
    f"dextran {pores[2] / pores[0]:.2f} times as wide as with protein, and with the wider spread "
    f"{pores[1] / pores[0]:.2f} times as wide as with the narrower."
)
