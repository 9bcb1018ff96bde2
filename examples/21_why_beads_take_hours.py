"""Why do laboratories leave beads with a sample for hours, when vesicles diffuse to them in minutes?"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import sepsim

CASES = {  # beads per mL, k_on [1/(M s)], antigens on a vesicle of 100 nm, rotation [rpm]
    "many beads, mixed": (1e8, 1e5, 10, 20),
    "tenth of the beads": (1e7, 1e5, 10, 20),
    "... slow antibody": (1e7, 1e4, 10, 20),
    "... one antigen": (1e7, 1e5, 1, 20),
    "hundredth of the beads": (1e6, 1e5, 10, 20),
    "... not mixed": (1e6, 1e5, 10, 0),
}
HOURS = 12
ax = Figure(figsize=(8.5, 5), layout="constrained").add_subplot()
left = {}
print("case                     bound in 1 h   in 12 h")
for name, (beads, k_on, antigens, rpm) in CASES.items():
    vesicles = {"name": "vesicles", "kind": "vesicle", "particles_per_mL": 1e8, "diameter_nm": 100}
    vesicles |= {"marker_profile": {"strata": [{"share": 1, "CD81": antigens}]}}
    sample = sepsim.SampleRecipe(medium="PBS", volume_mL=1, population=[vesicles])
    step = sepsim.Immunocapture(
        beads="M-280", beads_per_mL=beads, ligand={"k_on_per_M_s": k_on, "k_off_per_s": 1e-4}, antigen="CD81",
        incubation_min=60 * HOURS, rotation_rpm=rpm, capture_model={"sticking_probability": 0},
    )  # fmt: skip
    incubation = step.run(sepsim.prepared_sample(sample, [step]), rng=None).trace.incubation
    hours, bound = incubation.times / 3600, 100 * incubation.of_rows(incubation.bound)[:, 0]
    left[name] = [float(np.interp(time, hours, bound)) for time in (1, HOURS)]
    print(f"{name:24s} {left[name][0]:10.0f} % {left[name][1]:7.0f} %")
    ax.plot(hours, bound, label=name, linewidth=2)
ax.set(xlabel="time with the beads [h]", ylabel="vesicles bound [%]", xlim=(0, HOURS), ylim=(0, 104))
ax.figure.legend(loc="outside upper center", ncols=3)
Path("out").mkdir(exist_ok=True)
ax.figure.savefig("out/21_why_beads_take_hours.png", dpi=150)
still, mixed = left["... not mixed"], left["hundredth of the beads"]
print(f"In 12 h few beads bind {mixed[1]:.0f} % if they are mixed and {still[1]:.0f} % if they settle.")
