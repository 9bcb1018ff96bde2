"""Ions leave a source with unequal energies: what does an electric sector in front of the magnet buy?"""

from dataclasses import replace
from pathlib import Path

import sepsim

SLITS_UM, SPREADS_EV = (100, 30), (0.0, 1.0, 8.0, 40.0)
instruments = sepsim.plots.with_and_without()  # Nier-Johnson, 8 kV; its magnet alone; the magnet bending the wrong way

print("resolving power (10 % valley) at an energy spread of    " + "".join(f"{each:5g} eV" for each in SPREADS_EV))
powers = {}
for name, instrument in instruments.items():
    for slit in SLITS_UM:
        for spread in SPREADS_EV:
            source = replace(instrument.source, slit_um=slit, energy_spread_eV=spread)
            changed = replace(instrument, source=source, detector=replace(instrument.detector, slit_um=slit))
            powers[name, slit, spread] = sepsim.resolving_power(changed).valley
        row = "".join(f"{powers[name, slit, spread]:8.0f}" for spread in SPREADS_EV)
        print(f"{name:32s} slits of {slit:3d} um        {row}")

Path("out").mkdir(exist_ok=True)
sepsim.plots.energy_focus(instruments)[0].figure.savefig("out/15_what_double_focusing_buys.png", dpi=150)
both, alone, _ = (powers[name, 30, 8.0] for name in instruments)
print(
    f"Through slits of 30 um, at a spread of 8 eV, the magnet alone reaches a resolving power of {alone:.0f}, both "
    f"sectors together one of {both:.0f}."
)
