"""Ions leave a source with unequal energies: what does an electric sector in front of the magnet buy?"""

from dataclasses import replace

import sepsim

SLITS_UM, SPREADS_EV = (100, 30), (0.0, 1.0, 8.0, 40.0)
instruments = sepsim.plots.with_and_without()  # Nier-Johnson, 8 kV; its magnet alone; the magnet bending the wrong way

print("resolving power (10 % valley) at an energy spread of    " + "".join(f"{each:5g} eV" for each in SPREADS_EV))
for name, instrument in instruments.items():
    for slit in SLITS_UM:
        powers = []
        for spread in SPREADS_EV:
            source = replace(instrument.source, slit_um=slit, energy_spread_eV=spread)
            changed = replace(instrument, source=source, detector=replace(instrument.detector, slit_um=slit))
            powers.append(sepsim.resolving_power(changed).valley)
        print(f"{name:32s} slits of {slit:3d} um        " + "".join(f"{power:8.0f}" for power in powers))
print(
    "Each sector on its own bends slow ions more; laid out so that both shifts cancel at the detector, energies meet."
)
