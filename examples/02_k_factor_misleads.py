"""Does an equal k-factor clear equal sizes? Among swinging buckets yes, for a fixed-angle rotor no."""

from sepsim.media import Medium, fluid
from sepsim.rotors.rotors import angular_speed, rotor
from sepsim.techniques.centrifugation.tubes.rotor_calculator import (
    clearing_exponent,
    cut_off_diameter,
    equivalent_time,
    swinging_bucket_clearing,
)

PBS = Medium.pure(fluid("PBS"), 277.15)
VESICLE = {"density_difference": 1100 - PBS.density, "viscosity": PBS.viscosity}
FIRST, MINUTES = rotor("SW 32 Ti"), 70.0
OMEGA = angular_speed(FIRST, rcf_xg=100_000, rcf_at="rav")

print(f"{FIRST.name}, 100,000 x g at r_av for {MINUTES:.0f} min; vesicles of 1.10 g/mL in PBS at 4 C")
for name in ("SW 28", "SW 40 Ti", "Type 45 Ti", "Type 70 Ti"):
    other = rotor(name)
    omega = angular_speed(other, rcf_xg=100_000, rcf_at="rav")
    by_k, by_cut_off = (
        equivalent_time(MINUTES, path(FIRST), OMEGA, other_path=path(other), other_angular_speed=omega)
        for path in (swinging_bucket_clearing, clearing_exponent)
    )
    cleared = cut_off_diameter(clearing_exponent(other), omega**2 * 60 * by_k, **VESICLE)
    print(
        f"{name:<11} by k-factor {by_k:3.0f} min clears {cleared * 1e9:3.0f} nm; "
        f"by equal cut-off {by_cut_off:3.0f} min is enough"
    )
