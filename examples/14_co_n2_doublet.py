"""CO and N2 both weigh 28: how narrow must the slits of a mass spectrometer be to tell them apart?"""

from pathlib import Path

import sepsim

PAIRS = (("CO", "N2"), ("N2", "C2H4"), ("CO", "C2H4"), ("[87Rb]", "[87Sr]"))

print("slits [um]  R (half max.)  R (10 % valley)   valley of" + "".join(f"{' / '.join(pair):>16s}" for pair in PAIRS))
narrow_enough = []
for slit in (300, 200, 100, 60, 30, 5):
    instrument = sepsim.NierJohnson(source={"slit_um": slit}, detector={"slit_um": slit})
    found = [sepsim.ion_doublet(*pair, instrument) for pair in PAIRS]
    power = found[0].reached
    valleys = "".join(f"{'one peak' if each.valley == 1 else f'{each.valley:.0%}':>16s}" for each in found)
    print(f"{slit:10d} {power.fwhm:14.0f} {power.valley:16.0f}            {valleys}")
    narrow_enough += [(slit, power.valley)] * found[0].resolved
print(f"{'needed':54s}" + "".join(f"{each.needed:16.0f}" for each in found))

Path("out").mkdir(exist_ok=True)
panels = sepsim.plots.peak_shapes(sepsim.NierJohnson(), PAIRS[0], slits_um=(100, 60, 30))
panels[0].figure.savefig("out/14_co_n2_doublet.png", dpi=150)
slit, reached = max(narrow_enough)
print(
    f"CO and N2 need a resolving power of {found[0].needed:.0f}; of these slits the widest that tell them apart have "
    f"{slit} um, and reach {reached:.0f}."
)
