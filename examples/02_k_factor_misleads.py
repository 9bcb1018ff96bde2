"""Does an equal k-factor clear equal sizes? Among swinging buckets yes, for a fixed-angle rotor no."""

from pathlib import Path

from matplotlib.figure import Figure

import sepsim

PBS = sepsim.Medium.pure(sepsim.fluid("PBS"), 277.15)
VESICLE = {"density_difference": 1100 - PBS.density, "viscosity": PBS.viscosity}
COLORS = {"swinging bucket": "#0072B2", "fixed angle": "#D55E00"}
FIRST, MINUTES = sepsim.rotor("SW 32 Ti"), 70.0
OMEGA = sepsim.angular_speed(FIRST, rcf_xg=100_000, rcf_at="rav")

figure = Figure(figsize=(8, 4.8), layout="constrained")
ax = figure.add_subplot(title="Vesicles of 1.10 g/mL after the time of equal k-factor, 100,000 x g at r$_{av}$")
ax.set_ylabel("all are pelleted from this diameter on [nm]")
cleared: dict[str, list[float]] = {kind: [] for kind in COLORS}
print(f"{FIRST.name}, 100,000 x g at r_av for {MINUTES:.0f} min; vesicles of 1.10 g/mL in PBS at 4 C")
for rotor in (FIRST, *map(sepsim.rotor, ("SW 28", "SW 40 Ti", "Type 45 Ti", "Type 70 Ti"))):
    omega, exponent = sepsim.angular_speed(rotor, rcf_xg=100_000, rcf_at="rav"), sepsim.clearing_exponent(rotor)
    by_k = MINUTES * sepsim.k_factor(rotor, omega) / sepsim.k_factor(FIRST, OMEGA)
    size = 1e9 * sepsim.cut_off_diameter(exponent, omega**2 * 60 * by_k, **VESICLE)
    work = {"other_path": exponent, "other_angular_speed": omega}
    enough = sepsim.equivalent_time(MINUTES, sepsim.clearing_exponent(FIRST), OMEGA, **work)
    print(
        f"{rotor.name:<11} by k-factor {by_k:3.0f} min clears {size:3.0f} nm; "
        f"by equal cut-off {enough:3.0f} min is enough"
    )
    ax.bar_label(ax.bar(f"{rotor.name}\n{rotor.kind}", size, color=COLORS[rotor.kind]), [f"{by_k:.0f} min"])
    cleared[rotor.kind].append(size)

Path("out").mkdir(exist_ok=True)
figure.savefig("out/02_k_factor_misleads.png", dpi=150)
buckets, angles = ([abs(size / cleared["swinging bucket"][0] - 1) for size in sizes] for sizes in cleared.values())
print(
    f"In the time of equal k-factor the size that is cleared differs from that in {FIRST.name} by up to "
    f"{max(buckets):.0%} in swinging buckets, and by up to {max(angles):.0%} in fixed-angle rotors."
)
