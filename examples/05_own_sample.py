"""How do I describe a sample of my own, with sizes measured by NTA?"""

import tempfile
from pathlib import Path

import sepsim

folder = Path(tempfile.mkdtemp())
measured = folder / "nta.csv"  # or an ExperimentSummary file of NanoSight NTA 3.2
measured.write_text("diameter_nm,particles_per_mL\n50,2e8\n70,6e8\n100,8e8\n140,4e8\n200,1e8\n")
sample = {
    "volume_mL": 12,
    "medium": "PBS",
    "population": [
        {"name": "my vesicles", "kind": "vesicle", "sizes_csv": "nta.csv"},
        {"name": "albumin", "mass_mg_per_mL": 0.5},
    ],
}
spin = {
    "name": "spin",
    "method": "centrifugation",
    "rotor": "SW 41 Ti",
    "speed_rpm": 39_000,
    "time_min": 60,
    "resuspend": {"medium": "PBS", "volume_mL": 0.1},
    "keep": "pellet",
}
table = {"name": "my vesicles in PBS", "target": "my vesicles", "sample": sample, "step": [spin]}
run = sepsim.protocol_from_table(table, folder).run()
print(run.summary())

Path("out").mkdir(exist_ok=True)
sepsim.plots.size_distributions(run)[0].figure.savefig("out/05_own_sample.png", dpi=150)
loaded, product = (each.by_population["my vesicles"] for each in (run.loaded, run.product))
print(
    f"A [[sample.population]] that names nta.csv puts {loaded:.3g} vesicles in; the pellet holds {product:.3g} of them."
)
