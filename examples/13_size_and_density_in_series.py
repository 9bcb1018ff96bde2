"""Size exclusion leaves LDL with the vesicles, a gradient leaves proteins and HDL: what do the two do in series?"""

from pathlib import Path

import sepsim

PROTOCOLS = Path(__file__).parent / "protocols"
column = sepsim.load_protocol(PROTOCOLS / "sec_plasma.toml").to_table()
gradient = sepsim.load_protocol(PROTOCOLS / "optiprep_plasma.toml").to_table()
plasma = {**column["sample"], "size_bins": 12}  # fewer than usual: three runs
chains = {
    "size exclusion": column["step"],
    "gradient": gradient["step"],
    "one after the other": [*column["step"], *gradient["step"]],
}

print("exosomes, yield and enrichment        yield   albumin       HDL       LDL      VLDL")
for name, steps in chains.items():
    run = sepsim.protocol_from_table({"name": name, "target": "exosome", "sample": plasma, "step": steps}).run()
    over = run.purity["ideal"].enrichment
    columns = "".join(f"{over[who]:10.3g}" for who in ("albumin", "hdl", "ldl", "vldl"))  # nan: none is left
    print(f"{name:34s} {run.yields['exosome']['ideal']:8.1%}{columns}")
