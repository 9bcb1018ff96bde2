"""Does an equal k-factor clear equal sizes? Among swinging buckets yes, for a fixed-angle rotor no."""

import sepsim

PBS = sepsim.Medium.pure(sepsim.fluid("PBS"), 277.15)
VESICLE = {"density_difference": 1100 - PBS.density, "viscosity": PBS.viscosity}
FIRST, MINUTES = sepsim.rotor("SW 32 Ti"), 70.0
OMEGA = sepsim.angular_speed(FIRST, rcf_xg=100_000, rcf_at="rav")

print(f"{FIRST.name}, 100,000 x g at r_av for {MINUTES:.0f} min; vesicles of 1.10 g/mL in PBS at 4 C")
for name in ("SW 28", "SW 40 Ti", "Type 45 Ti", "Type 70 Ti"):
    other = sepsim.rotor(name)
    omega = sepsim.angular_speed(other, rcf_xg=100_000, rcf_at="rav")
    by_k = MINUTES * sepsim.k_factor(other, omega) / sepsim.k_factor(FIRST, OMEGA)
    here, there = sepsim.clearing_exponent(FIRST), sepsim.clearing_exponent(other)
    by_cut_off = sepsim.equivalent_time(MINUTES, here, OMEGA, other_path=there, other_angular_speed=omega)
    cleared = sepsim.cut_off_diameter(there, omega**2 * 60 * by_k, **VESICLE)
    print(
        f"{name:<11} by k-factor {by_k:3.0f} min clears {cleared * 1e9:3.0f} nm; "
        f"by equal cut-off {by_cut_off:3.0f} min is enough"
    )
