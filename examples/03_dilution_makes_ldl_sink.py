"""Why does diluting plasma send LDL into the pellet? Its density lies between those of plasma and buffer."""

from pathlib import Path

from matplotlib.figure import Figure

import sepsim

SPIN = {"method": "centrifugation", "rotor": "Type 50.2 Ti", "rcf_xg": 110_000, "rcf_at": "rav", "time_min": 120}
KEPT = {"resuspend": {"medium": "PBS", "volume_mL": 1}, "keep": "pellet"}
TUBE_ML = 32  # the same filling, hence the same path, at every dilution

print("dilution  density g/mL  pelleted: exosome    LDL")
rows = []
for factor in (1, 2, 4, 8):
    dilute = {"name": "dilute", "method": "dilution", "medium": "PBS", "factor": factor, "keep": "diluted"}
    sample = {"source": "platelet-poor plasma", "volume_mL": TUBE_ML / factor, "temperature_C": 20}
    run = sepsim.protocol_from_table({"sample": sample, "step": [dilute, {"name": "pellet", **SPIN, **KEPT}]}).run()
    density = run.bench[0].outcome.fractions["diluted"].medium.density * 1e-3
    exosome, ldl = (run.yields[name]["ideal"] for name in ("exosome", "ldl"))
    print(f"{factor:>7}x  {density:12.4f}  {exosome:17.1%}  {ldl:5.1%}")
    rows.append((factor, density, ldl))

factors, densities, shares = zip(*rows, strict=True)
figure = Figure(figsize=(8, 6), layout="constrained")
above, below = figure.subplots(2, 1, sharex=True)
above.plot(factors, densities, "o-", color="#555555", label="plasma in PBS")
above.axhspan(1.019, 1.063, color="#E69F00", alpha=0.3, label="LDL, 1.019-1.063 g/mL")
above.set(ylabel="density [g/mL]", title="Plasma in PBS at 20 °C, 110,000 x g at r$_{av}$ for 120 min")
above.legend()
below.plot(factors, [100 * share for share in shares], "o-", color="#E69F00")
below.set(xlabel="dilution, volume over volume of plasma [-]", ylabel="LDL in the pellet [%]", ylim=(0, None))
Path("out").mkdir(exist_ok=True)
figure.savefig("out/03_dilution_makes_ldl_sink.png", dpi=150)
print(
    f"Of the LDL, which has 1.019 to 1.063 g/mL, {shares[0]:.0%} pellet from plasma of {densities[0]:.3f} g/mL, and "
    f"{shares[-1]:.0%} once it is diluted to {densities[-1]:.3f} g/mL."
)
