"""How much of the exosomes does differential ultracentrifugation recover, and how clean are they?"""

from pathlib import Path

import sepsim

protocol = sepsim.load_example("differential")
run = protocol.run(seed=1)
print(run.summary())

Path("out").mkdir(exist_ok=True)
sepsim.plots.protocol_flow(run).figure.savefig("out/01_first_run.png", dpi=150)

exosomes, purity = run.yields["exosome"], run.purity["bench"]
print(
    f"{exosomes['bench']:.1%} of the exosomes are recovered, {exosomes['ideal']:.1%} with ideal hands; they make up "
    f"{purity.particle:.0%} of the particles from 30 nm on, and {purity.protein:.2%} of the protein mass."
)
