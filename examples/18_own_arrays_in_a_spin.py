"""Own arrays in the Lamm kernel: how much of 5, 50 and 500 S pellets in an hour, and does diffusion matter?"""

import numpy as np

from sepsim import kernels

s = np.array([5.0, 50.0, 500.0]) * 1e-13  # s: a protein, a large complex, a vesicle
D = np.array([6e-11, 1e-11, 3e-12])  # m2/s
inner, outer = 0.060, 0.090  # m from the axis
omega_squared, duration = 3400.0**2, 3600.0  # (rad/s)2, s: some 32,500 rpm

found = kernels.solve_lamm_fractions(inner, outer, s, D, omega_squared, duration)
plug = np.minimum(outer * (1 - np.exp(-s * omega_squared * duration)) / (outer - inner), 1.0)

print("   S   pelleted   without diffusion")
for svedberg, pelleted, carried in zip(s * 1e13, found.pelleted, plug, strict=True):
    print(f"{svedberg:4.0f} {pelleted:10.2%} {carried:19.2%}")
