"""Small precipitations that pictures can draw."""

import sepsim

SPIN = {"rotor": "SX4750", "rcf_xg": 3200, "rcf_at": "rmax", "time_min": 60}
PBS = {"medium": "PBS", "volume_mL": 10, "temperature_C": 4, "size_bins": 9, "density_quantiles": 1}
PLASMA = {"source": "platelet-poor plasma", "volume_mL": 1, "temperature_C": 4, "size_bins": 9, "density_quantiles": 1}
TAKEN_UP = {"medium": "PBS", "volume_mL": 1}


def precipitated(sample, **settings):
    """Run a step of precipitation of a sample, for an hour in 8 % of PEG 6000 unless told otherwise."""
    reagents = {"kit", "peg_percent_w_v", "dextran_percent_w_v", "ammonium_sulfate_M", "solvent"}
    settings = settings if reagents & {*settings} else {"peg_percent_w_v": 8, **settings}
    step = {"name": "precipitate", "method": "precipitation", **SPIN, "incubation_min": 60, **settings}
    target = sample["population"][0]["name"] if "population" in sample else "exosome"
    table = {"target": target, "sample": sample, "step": [{**step, "keep": "pellet", "resuspend": TAKEN_UP}]}
    return sepsim.protocol_from_table(table).run(seed=1).bench[0]


def alone(name, per_mL, **more):
    """Describe a sample in PBS of one population."""
    return {**PBS, "population": [{"name": name, "particles_per_mL": per_mL, **more}]}


def within(figure):
    """Tell whether everything, legends included, stands within the picture."""
    figure.draw_without_rendering()
    boxes = [figure.get_tightbbox().transformed(figure.dpi_scale_trans)]
    boxes += [ax.get_legend().get_window_extent() for ax in figure.axes if ax.get_legend()]
    return all(
        box.x0 >= -2 and box.y0 >= -2 and box.x1 <= figure.bbox.x1 + 2 and box.y1 <= figure.bbox.y1 + 2 for box in boxes
    )
