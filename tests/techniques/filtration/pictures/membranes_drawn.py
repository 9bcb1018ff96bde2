"""Small filtrations that pictures can draw."""

import sepsim

SPIN = {"membrane": "Amicon Ultra-15 100 kDa", "spin_filter": {"rcf_xg": 4000}, "adsorbed_coverage": 0}
TFF = {
    "membrane": "hollow fibres 20 cm2, modified polyethersulfone, 100 kDa",
    "tangential_flow": {"pressure_bar": 0.1, "shear_rate_per_s": 8000},
    "adsorbed_coverage": 0,
}
NAMES = ("exosome", "ldl", "albumin")


def filtered(device, volume_mL=15, populations=NAMES, **settings):
    """Run a step with dilute particles that do not adsorb; it concentrates ten times, unless it is told otherwise."""
    aims = {"concentrate_to_mL", "concentration_factor", "diavolumes"}
    settings = settings if aims & {*settings} else {"concentration_factor": 10, **settings}
    step = {"name": "ultrafiltration", "method": "ultrafiltration", "keep": "retentate", **device, **settings}
    listed = [{"name": each, "particles_per_mL": 1e8} if isinstance(each, str) else each for each in populations]
    sample = {"medium": "PBS", "volume_mL": volume_mL, "size_bins": 3, "density_quantiles": 1, "population": listed}
    table = {"target": "ldl", "sample": sample, "step": [step]}
    return sepsim.protocol_from_table(table).run(seed=1).bench[0]
