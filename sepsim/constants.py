"""Physical constants; the unit stands in the name, the source in the comment."""

BOLTZMANN_J_PER_K = 1.380649e-23  # exact, SI 2019 (CODATA 2018)
AVOGADRO_PER_MOL = 6.02214076e23  # exact, SI 2019 (CODATA 2018)
STANDARD_GRAVITY_M_PER_S2 = 9.80665  # exact, 3rd CGPM 1901
ZERO_CELSIUS_K = 273.15  # exact, definition of the Celsius scale
SVEDBERG_S = 1e-13  # exact, definition
ELEMENTARY_CHARGE_C = 1.602176634e-19  # exact, SI 2019 (CODATA 2018)
DALTON_KG = 1.66053906660e-27  # CODATA 2018; a twelfth of the mass of a 12C atom
ELECTRON_MASS_KG = 9.1093837015e-31  # CODATA 2018
PROTON_MASS_KG = 1.67262192369e-27  # CODATA 2018
VACUUM_PERMITTIVITY_F_PER_M = 8.8541878128e-12  # CODATA 2018
