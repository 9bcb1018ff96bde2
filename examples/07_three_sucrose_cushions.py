"""What does a cushion of "30 % sucrose" hold back? It is three fluids, and vesicles sink through two of them."""

import sepsim

CUSHIONS = {
    "30 % w/v in water": {"sucrose_percent_w_v": 30, "diluent": "water"},
    "30 % w/w in water": {"sucrose_percent_w_w": 30, "diluent": "water"},
    "30 % w/v in Tris/D2O": {"sucrose_percent_w_v": 30, "diluent": "Tris/D2O"},
}
SHOWN = ("exosome", "ldl", "hdl", "ago2_complex", "albumin")

print(" " * 15 + "".join(f"{name:>14s}" for name in SHOWN))
for name, fluid in CUSHIONS.items():
    step = {
        "name": "spin",
        "method": "centrifugation",
        "rotor": "SW 28",
        "rcf_xg": 100_000,
        "rcf_at": "rav",
        "time_min": 75,
        "cushion": {"volume_mL": 4, **fluid},
        "keep": "cushion",
    }
    sample = {"source": "serum", "volume_mL": 8, "temperature_C": 4, "size_bins": 12, "density_quantiles": 3}
    dilute = {"name": "dilute", "method": "dilution", "medium": "PBS", "factor": 3, "keep": "diluted"}
    run = sepsim.protocol_from_table({"sample": sample, "step": [dilute, step]}).run()
    density = sepsim.Medium.pure(sepsim.fluid(fluid), 293.15).density * 1e-3
    print(f"{name}, {density:.3f} g/mL")
    for where in ("supernatant", "cushion", "pellet"):
        found = run.ideal[-1].outcome.fractions[where].by_population
        shares = [found[who] / run.loaded.by_population[who] for who in SHOWN]
        print(f"  {where:13s}" + "".join(f"{share:14.1%}" for share in shares))
