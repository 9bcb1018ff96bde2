"""CO and N2 both weigh 28: how narrow must the slits of a mass spectrometer be to tell them apart?"""

from sepsim.constants import DALTON_KG
from sepsim.techniques.mass_spectrometry.ion_spectrum import instrument_peak
from sepsim.techniques.mass_spectrometry.ions.isotopes import cation_mass, monoisotopic_mass
from sepsim.techniques.mass_spectrometry.mass_spectrum import doublet, needed_resolving_power
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson

PAIRS = (("CO", "N2"), ("N2", "C2H4"), ("CO", "C2H4"), ("[87Rb]", "[87Sr]"))
masses = {one: float(cation_mass(monoisotopic_mass(one), 1)) / DALTON_KG for pair in PAIRS for one in pair}

print("slits [um]  R (half max.)  R (10 % valley)   valley of" + "".join(f"{' / '.join(pair):>16s}" for pair in PAIRS))
for slit in (300, 200, 100, 60, 30, 5):
    design = NierJohnson(source={"slit_um": slit}, detector={"slit_um": slit})
    peak = instrument_peak(design.spectrometer)
    found = [doublet(masses[one], masses[other], peak.profile, peak.dispersion).valley for one, other in PAIRS]
    valleys = "".join(f"{'one peak' if valley == 1 else f'{valley:.0%}':>16s}" for valley in found)
    print(f"{slit:10d} {peak.power.fwhm:14.0f} {peak.power.valley:16.0f}            {valleys}")
print(
    f"{'needed':54s}" + "".join(f"{needed_resolving_power(masses[one], masses[other]):16.0f}" for one, other in PAIRS)
)
