"""Does an equal k-factor clear equal sizes? Among swinging buckets yes, for a fixed-angle rotor no."""

from sepsim.equipment.catalog import rotor
from sepsim.equipment.rotor_calculator import cut_off_diameter, equivalent_time
from sepsim.equipment.rotors import angular_speed
from sepsim.media import Medium, fluid

PBS = Medium.pure(fluid("PBS"), 277.15)
first = rotor("SW 32 Ti")
omega = angular_speed(first, rcf_xg=100_000, rcf_at="rav")
minutes = 70.0

print(f"{first.name}, 100,000 x g at r_av for {minutes:.0f} min; vesicles of 1.10 g/mL in PBS at 4 C")
for name in ("SW 28", "SW 40 Ti", "Type 45 Ti", "Type 70 Ti"):
    other = rotor(name)
    other_omega = angular_speed(other, rcf_xg=100_000, rcf_at="rav")
    times = equivalent_time(60 * minutes, first, omega, other=other, other_angular_speed=other_omega)
    cut_off = cut_off_diameter(
        other,
        other_omega**2 * times.by_k_factor,
        density_difference=1100 - PBS.density,
        viscosity=PBS.viscosity,
    )
    print(
        f"{name:<11} by k-factor {times.by_k_factor / 60:5.0f} min clears {cut_off * 1e9:4.0f} nm; "
        f"by equal cut-off {times.by_cut_off / 60:5.0f} min is enough"
    )
