"""Why does diluting plasma send LDL into the pellet? Its density lies between those of plasma and buffer."""

import sepsim

STEP = {
    "name": "pellet",
    "method": "centrifugation",
    "rotor": "Type 50.2 Ti",
    "rcf_xg": 110_000,
    "rcf_at": "rav",
    "time_min": 120,
    "resuspend": {"medium": "PBS", "volume_mL": 1},
    "keep": "pellet",
}
TUBE_ML = 32  # the same filling, hence the same path, at every dilution

print("dilution  density g/mL  pelleted: exosome    LDL")
for factor in (1, 2, 4, 8):
    dilute = {"name": "dilute", "method": "dilution", "medium": "PBS", "factor": factor, "keep": "diluted"}
    sample = {"source": "platelet-poor plasma", "volume_mL": TUBE_ML / factor, "temperature_C": 20}
    run = sepsim.protocol_from_table({"sample": sample, "step": [dilute, STEP]}).run()
    density = run.bench[0].outcome.fractions["diluted"].medium.density * 1e-3
    pelleted = {name: figures["ideal"] for name, figures in run.yields.items()}
    print(f"{factor:>7}x  {density:12.4f}  {pelleted['exosome']:17.1%}  {pelleted['ldl']:5.1%}")
