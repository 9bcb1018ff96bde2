"""How much of the exosomes does differential ultracentrifugation recover, and how clean are they?"""

from pathlib import Path

import sepsim

HERE = Path(__file__).parent

protocol = sepsim.load_protocol(HERE / "protocols" / "differential.toml")
run = protocol.run(seed=1)
print(run.summary())

axes = sepsim.plots.protocol_flow(run)
print("drawn:", axes.figure.axes[0].get_title() or "protocol flow")
