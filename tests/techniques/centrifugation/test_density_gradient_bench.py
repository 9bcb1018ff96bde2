"""Density gradients at the bench: layers and loads, fractions that go on, warnings, and wrong input."""

import json
import re
import tomllib

import numpy as np
import pytest
from spins import RNG

from sepsim.cli import main
from sepsim.data import bibliography
from sepsim.errors import InputError, ProtocolError
from sepsim.protocols.protocol_file import dump_protocol, protocol_from_table
from sepsim.samples.sample_recipe import recipe
from sepsim.techniques.centrifugation.density_gradient import DensityGradient
from sepsim.techniques.centrifugation.gradient import gradient_spin
from sepsim.techniques.centrifugation.gradient.gradient import GradedLayer, Layer

RUN = dict(rotor="SW 41 Ti", rcf_xg=100_000, rcf_at="rav", time_min=60, fractions=6)
STEPS = [{"volume_mL": 3, "sucrose_percent_w_w": each} for each in (10, 20, 40)]
GRADED = {"shape": "linear", "top": {"sucrose_percent_w_w": 5}, "bottom": {"sucrose_percent_w_w": 40}, "volume_mL": 11}
FIRMLY = {"pellet_model": {"attachment_per_s": 1e30}}  # so that nothing at the wall is loose
GOOD = RUN | {"layers": STEPS}


def loaded(volume=0.5, medium="PBS", density=1.1, **more):
    beads = {"name": "beads", "kind": "particle", "diameter_nm": 100, "density_g_mL": density, "particles_per_mL": 1e6}
    table = {"volume_mL": volume, "temperature_C": 4, "medium": medium, "population": [beads | more]}
    return recipe(table).prepare()


def spin(sample, **given):
    return DensityGradient(**given).run(sample, rng=RNG)


def problems(build):
    with pytest.raises(InputError) as caught:
        build()
    return "\n".join(caught.value.problems)


# ---- settings ------------------------------------------------------------------------------------------------


def test_settings_return_from_their_table():
    for given in (GOOD, RUN | {"gradient": GRADED}, GOOD | {"load": 2, "collect_from": "bottom", "wall": "slides"}):
        method = DensityGradient(**given)
        assert DensityGradient.from_table(method.to_table()) == method


def test_layers_may_be_listed_from_the_bottom():
    downwards = spin(loaded(), **GOOD)
    upwards = spin(loaded(), **(GOOD | {"layers": STEPS[::-1], "layers_from": "bottom"}))
    for name, fraction in downwards.fractions.items():
        assert np.array_equal(fraction.counts, upwards.fractions[name].counts)
    assert np.array_equal(
        spin(loaded(), **(GOOD | {"load": 3})).trace.shares,
        spin(loaded(), **(GOOD | {"layers": STEPS[::-1], "layers_from": "bottom", "load": 1})).trace.shares,
    )


def test_a_sample_is_stirred_into_a_layer_evenly():
    trace = spin(loaded(0.6), **(GOOD | {"load": 2})).trace
    start, depths = trace.populations[0, 0], trace.column.depths
    inside = (depths[:-1] > 3e-6) & (depths[1:] < 6.6e-6)
    density = start / trace.column.volumes
    assert density[inside] == pytest.approx(np.full(inside.sum(), start.sum() / 3.6e-6), rel=1e-9)
    assert start[(depths[1:] < 3e-6) | (depths[:-1] > 6.6e-6)].sum() == 0.0
    thinned = trace.gradients[0].density[inside][0]
    assert 1038 < thinned < 1081  # 20 % sucrose with a sixth of PBS
    assert thinned == pytest.approx((3 * 1083.0 + 0.6 * 1007.1) / 3.6, abs=2.5)


@pytest.mark.parametrize("load", ["top", "bottom"])
def test_a_sample_is_a_layer_of_its_own(load):
    sample = loaded(0.5, medium="PBS" if load == "top" else {"sucrose_percent_w_w": 50})
    trace = spin(sample, **(GOOD | {"load": load})).trace
    start = np.cumsum(trace.populations[0, 0])
    inside = trace.column.radius_at(0.25e-6 if load == "top" else 9.25e-6)
    assert np.interp(inside, trace.column.faces[1:], start / start[-1]) == pytest.approx(0.5, abs=0.03)


def test_a_graded_layer_stands_among_others():
    mixed = [{"volume_mL": 2, "sucrose_percent_w_w": 3}, {**GRADED, "volume_mL": 7}, {"volume_mL": 2, "sucrose_M": 2.0}]
    method = DensityGradient(**(GOOD | {"layers": mixed}))
    assert [type(each) for each in method.layers] == [Layer, GradedLayer, Layer]
    density = method.run(loaded(), rng=RNG).trace.gradients[0].density
    assert np.all(np.diff(density) > -1e-3)
    assert density[[0, -1]] == pytest.approx([1007.1, 1257.0], abs=6.0)  # at 20 degC: 1.257


def test_as_many_tubes_as_the_sample_takes():
    assert spin(loaded(9.0), **GOOD).trace.tubes == 3  # 12.9 - 9 mL are free in each
    assert spin(loaded(9.0), **GOOD, load_volume_mL=1).trace.tubes == 9
    assert spin(loaded(9.0), **GOOD, load_volume_mL=1).trace.runs == 2  # six places
    assert spin(loaded(9.0), **GOOD, tubes=4).trace.tubes == 4


@pytest.mark.parametrize(
    ("volume", "count", "last"), [(1.0, 10, 0.5), (9.5, 1, 9.5), (9.4999, 2, 1e-4), (0.25, 38, 0.25)]
)
def test_fractions_by_volume(volume, count, last):
    given = {**GOOD, "fractions": None, "fraction_volume_mL": volume, "residual_volume_mL": 0}
    fractions = spin(loaded(), **given).fractions
    assert list(fractions) == [*(f"fraction {index}" for index in range(1, count + 1)), "pellet", "lost"]
    assert fractions[f"fraction {count}"].volume * 1e6 == pytest.approx(last, rel=1e-6)
    assert sum(each.volume for each in fractions.values()) == pytest.approx(9.5e-6, rel=1e-12)


def test_mixing_spreads_a_band_over_more_fractions_and_keeps_it_in_the_middle():
    """Variances add: of the band, of the displacement, and of the place within a fraction."""
    outcome = spin(
        loaded(density=1.12),
        **{**RUN, "gradient": GRADED, "fractions": 46, "time_min": 900, "residual_volume_mL": 0},
        fraction_mixing_mL=0.7,
    )
    trace = outcome.trace
    depths = 0.5e6 * (trace.column.depths[1:] + trace.column.depths[:-1])
    band = trace.shares[0] @ depths
    width = np.sqrt(trace.shares[0] @ (depths - band) ** 2)
    found = np.array([outcome.fractions[f"fraction {index}"].counts[0] for index in range(1, 47)])
    middles = (np.arange(46) + 0.5) * 0.25
    mean = found @ middles / found.sum()
    assert mean == pytest.approx(band, abs=0.01)
    spread = np.sqrt(found @ (middles - mean) ** 2 / found.sum())
    assert spread == pytest.approx(np.sqrt(width**2 + 0.7**2 + 0.25**2 / 12), rel=0.01)


@pytest.mark.parametrize("mixing", [0.1, 0.5, 1.0])
def test_mixing_a_uniform_liquid_leaves_it_uniform(mixing):
    water = {**RUN, "layers": [{"volume_mL": 9, "medium": "PBS"}], "load": 1, "fraction_mixing_mL": mixing}
    brief = {**water, "time_min": 1e-6, "residual_volume_mL": 0}
    sample = loaded(1.0)
    fractions = list(spin(sample, **brief).fractions.values())[:6]
    assert [each.counts[0] / each.volume for each in fractions] == pytest.approx(
        [sample.counts[0] / 10e-6] * 6, rel=1e-6
    )
    assert [each.medium.density for each in fractions] == pytest.approx([sample.medium.density] * 6, rel=1e-9)
    assert sum(each.volume for each in fractions) == pytest.approx(10e-6, rel=1e-12)


def test_what_is_pelleted_sticks_as_in_any_spin():
    sample = loaded(density=1.6)
    pellet = {"resuspend": {"medium": "PBS", "volume_mL": 1}, "residual_volume_mL": 0.0}
    outcome = spin(sample, **{**GOOD, "time_min": 600}, **pellet, **FIRMLY, pellet_recovery=0.4)
    assert outcome.fractions["pellet"].counts == pytest.approx(0.4 * sample.counts)
    assert outcome.fractions["lost"].counts == pytest.approx(0.6 * sample.counts)
    assert outcome.fractions["pellet"].volume == pytest.approx(1e-6)


# ---- what goes on --------------------------------------------------------------------------------------------


def table(keep="1.08-1.12 g/mL", steps=None, **change):
    beads = {"name": "beads", "kind": "particle", "diameter_nm": 100, "density_g_mL": 1.1, "particles_per_mL": 1e6}
    sample = {"volume_mL": 0.5, "temperature_C": 4, "medium": "PBS", "population": [beads]}
    step = {"name": "gradient", "method": "density_gradient", **GOOD, "time_min": 600, "fractions": 24, "keep": keep}
    return {"name": "x", "target": "beads", "sample": sample, "step": [step | change, *(steps or [])]}


def test_a_density_window_pools_what_lies_in_it():
    run = protocol_from_table(table()).run(seed=0)
    step = run.bench[0]
    inside = [
        each
        for name, each in step.outcome.fractions.items()
        if name.startswith("fraction") and 1080 <= each.medium.density <= 1120
    ]
    assert 1 <= len(inside) < 24
    assert run.product.volume == pytest.approx(sum(each.volume for each in inside))
    assert run.product.counts == pytest.approx(np.sum([each.counts for each in inside], axis=0))
    assert 1080 < run.product.medium.density < 1120


@pytest.mark.parametrize("keep", ["fraction 7", "fractions 7-10", "1.05-1.15 g/mL", "pellet"])
def test_a_protocol_returns_from_its_file(keep):
    change = {"resuspend": {"medium": "PBS", "volume_mL": 1}}
    protocol = protocol_from_table(table(keep, **change))
    assert protocol_from_table(tomllib.loads(dump_protocol(protocol))) == protocol


def test_a_run_is_the_same_every_time():
    protocol = protocol_from_table(table(fraction_mixing_mL=0.3))
    first, second = (protocol.run(seed=seed).to_dict() for seed in (1, 2))
    first.pop("seed"), second.pop("seed")
    assert first == second


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        ("fraction 25", "24"),
        ("fractions 20-30", "24"),
        ("supernatant", "supernatant"),
        ("1.12-1.08 g/mL", "1.12"),
        ("lost", "lost"),
    ],
)
def test_what_is_not_handed_out_cannot_be_kept(keep, message):
    dilution = {"name": "d", "method": "dilution", "medium": "PBS", "factor": 2, "keep": "diluted"}
    assert message in problems(lambda: protocol_from_table(table(keep, [dilution])))


@pytest.mark.parametrize("keep", ["1.35-1.40 g/mL", "0.90-0.95 g/mL"])
def test_a_window_that_holds_nothing_is_an_error_that_tells_the_densities(keep):
    with pytest.raises((InputError, ProtocolError), match=re.escape(keep)) as caught:
        protocol_from_table(table(keep)).run(seed=0)
    assert re.search(r"fraction 24 1\.1\d+", str(caught.value))


# ---- wrong input ---------------------------------------------------------------------------------------------


def layered(*percents, volume=3, **more):
    return [{"volume_mL": volume, "sucrose_percent_w_w": each, **more} for each in percents]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layers": STEPS[::-1]}, r"layer 1 \(1\.17\d+ g/mL\) is denser than layer 2 below it \(1\.08\d+ g/mL\)"),
        ({"layers": [*STEPS[:2], STEPS[0]]}, r"layer 2 .* is denser than layer 3 below it"),
        ({"layers_from": "bottom"}, r"layer 3 .* is denser than layer 2 below it"),
        ({"layers": None, "gradient": GRADED | {"top": {"sucrose_percent_w_w": 50}}}, r"gradient: its top .* exchange"),
        ({"layers": layered(5, 10, 20, 30, 40)}, r"15 mL leave no room for the sample in tube .*which holds 13\.2 mL"),
        ({"layers": layered(5, 90)}, r"layer 2: sucrose_percent_w_w = 90: .*at most 75"),
        ({"layers": [{"volume_mL": 3, "cscl_g_mL": 2.3}]}, r"cscl_g_mL = 2\.3: at most 1\.9"),
        ({"layers": [{"volume_mL": 3, "iodixanol_percent_w_v": 70}]}, r"iodixanol_percent_w_v = 70: .*at most 60"),
        ({"layers": layered(5, 20, volume=float("nan"))}, r"layer 1: volume_mL = nan: must be a finite number"),
        ({"layers": layered(5, volume=-1)}, r"layer 1: volume_mL = -1: must be at least 0"),
        ({"layers": layered(5, volume=float("inf"))}, r"volume_mL = inf: must be a finite number"),
        ({"layers": layered(5, diluent="PSB")}, r"layer 1: diluent = 'PSB'.*did you mean 'PBS'"),
        ({"layers": [{"volume_mL": 3, "sucrose": 5}]}, r"layer 1: sucrose"),
        ({"layers": [{"volume_mL": 3}]}, r"layer 1: medium: missing"),
        ({"layers": [{"sucrose_percent_w_w": 5}]}, r"layer 1: volume_mL: missing"),
        ({"layers": [{**STEPS[0], "volum_mL": 3}]}, r"layer 1: "),
        ({"layers": []}, r"must be a list of tables such as"),
        ({"layers": "5 %"}, r"must be a list of tables such as"),
        ({"layers": [5]}, r"layer 1: 5: must be a table such as"),
        (
            {"fractions": None, "fraction_volume_mL": 20},
            r"fraction_volume_mL = 20: must be .* at most the 13\.2 mL of tube",
        ),
        ({"fractions": None, "fraction_volume_mL": float("nan")}, r"fraction_volume_mL = nan: must be a finite number"),
        ({"fractions": None, "fraction_volume_mL": 1e-7}, r"fraction_volume_mL = 1e-07: "),
        ({"fraction_volume_mL": 1}, r"give exactly one of fraction_volume_mL and fractions"),
        ({"fractions": None}, r"give exactly one of fraction_volume_mL and fractions"),
        ({"fractions": 0}, r"fractions = 0: must be a whole number, at least 1"),
        ({"gradient": GRADED}, r"give exactly one of layers and gradient"),
        ({"layers": None}, r"give exactly one of layers and gradient"),
        ({"load": 5}, r"load = 5: there is no such layer; the last is 3"),
        ({"load": "middle"}, r"load = 'middle': must be \"top\", \"bottom\" or the number of a layer"),
        ({"load": 0}, r"load = 0: must be"),
        ({"load": True}, r"load = True: must be"),
        ({"load_volume_mL": 10}, r"load_volume_mL = 10: the layers leave only 4\.2 mL free"),
        ({"collect_from": "middle"}, r"collect_from = 'middle': must be one of 'top', 'bottom'"),
        ({"wall": "sticky"}, r"wall = 'sticky': must be one of '"),
        ({"fraction_mixing_mL": -0.1}, r"fraction_mixing_mL = -0\.1: must be at least 0"),
        ({"frozen_gradient": "yes"}, r"frozen_gradient"),
        ({"rotor": "SW 41 Tl"}, r"did you mean"),
        ({"rcf_at": None}, r"rcf_at is missing"),
        ({"layers": None, "gradient": GRADED | {"shape": "convex"}}, r"chamber_ratio: required"),
        ({"layers": None, "gradient": GRADED | {"shape": "concave"}}, r"shape = 'concave': must be one of"),
        ({"layers": None, "gradient": {"shape": "linear", "volume_mL": 11}}, r"gradient: top: missing"),
    ],
)
def test_bad_settings_say_what_to_do(change, message):
    assert re.search(message, problems(lambda: DensityGradient(**(GOOD | change))))


def test_every_wrong_layer_is_told_at_once():
    text = problems(
        lambda: DensityGradient(**(GOOD | {"layers": [{"volume_mL": -1, "sucrose_percent_w_w": 5}, {"volume_mL": 1}]}))
    )
    assert "layer 1: volume_mL = -1: must be at least 0.001" in text
    assert "layer 2: medium: missing" in text


@pytest.mark.parametrize(
    ("change", "sample", "message"),
    [
        ({}, {"medium": {"sucrose_percent_w_w": 10.3}}, r"the sample \(1\.0\d+ g/mL\) is denser than layer 1 below it"),
        (
            {"load": "bottom"},
            {"medium": {"sucrose_percent_w_w": 39.7}},
            r"layer 3 .* is denser than the sample below it",
        ),
        (
            {"load": 2, "layers": layered(18, 20, 40)},
            {"volume": 3.0},
            r"layer 1 .* is denser than layer 2 with the sample",
        ),
        ({"tubes": 1}, {"volume": 5.0}, r"tubes = 1: 5 mL do not fit into 1 tubes"),
        ({"residual_volume_mL": 5.0}, {}, r"residual_volume_mL: 5 mL on the pellets are more than"),
        ({"fractions": None, "fraction_volume_mL": 10.0}, {}, r"fraction_volume_mL = 10: the tube holds only 9\.5 mL"),
        (
            {"resuspend": {"medium": "PBS", "volume_mL": 0.01}},
            {},
            r"resuspend: volume_mL = 0\.01: .*give a larger volume",
        ),
    ],
)
def test_what_cannot_be_done_with_this_sample(change, sample, message):
    with pytest.raises(InputError, match=message):
        spin(loaded(**sample), **(GOOD | change))


def test_a_load_a_tenth_of_a_percent_too_heavy_is_refused_and_one_as_light_is_not():
    """Of the density: 10.0 and 10.25 % sucrose differ by 1 kg/m3."""
    given = {**GOOD, "layers": [{"volume_mL": 9, "sucrose_percent_w_w": 10.0}]}
    spin(loaded(medium={"sucrose_percent_w_w": 9.75}), **given)
    with pytest.raises(InputError, match=r"the sample .* is denser than layer 1 below it"):
        spin(loaded(medium={"sucrose_percent_w_w": 10.25}), **given)


LAYER = "{{ volume_mL = {volume}, {what} }}"
FILE = """
name = "x"
target = "beads"
[sample]
volume_mL = 0.5
temperature_C = 4
medium = "PBS"
[[sample.population]]
name = "beads"
kind = "particle"
diameter_nm = 100
density_g_mL = 1.1
particles_per_mL = 1e6
[[step]]
name = "gradient"
method = "density_gradient"
rotor = "SW 41 Ti"
rcf_xg = 100_000
rcf_at = "rav"
time_min = 30
keep = "{keep}"
{rest}
"""
WELL = (
    "layers = [{ volume_mL = 4, sucrose_percent_w_w = 10 }, { volume_mL = 4, sucrose_percent_w_w = 40 }]\nfractions = 8"
)


@pytest.mark.parametrize(
    ("rest", "keep", "named"),
    [
        (WELL.replace("= 40 }", "= 5 }"), "fraction 1", "layer 1"),
        (WELL.replace("volume_mL = 4", "volume_mL = 40"), "fraction 1", "80 mL leave no room"),
        (WELL.replace("= 40 }", "= 95 }"), "fraction 1", "sucrose_percent_w_w = 95"),
        (WELL.replace("fractions = 8", "fraction_volume_mL = 30"), "fraction 1", "fraction_volume_mL = 30"),
        (WELL.replace("fractions = 8", "fraction_volume_mL = 10"), "fraction 1", "fraction_volume_mL = 10"),
        (WELL.replace("volume_mL = 4", "volume_mL = nan"), "fraction 1", "volume_mL = nan"),
        (WELL + "\nload = 5", "fraction 1", "load = 5"),
        (WELL + '\nload = "middle"', "fraction 1", "load = 'middle'"),
        (WELL + '\ngradient = { shape = "linear" }', "fraction 1", "gradient"),
        (WELL, "fraction 9", "fraction 9"),
        (WELL, "1.4-1.5 g/mL", "1.4-1.5 g/mL"),
        (WELL, "1.4-1.3 g/mL", "1.4"),
        ("layers = 5\nfractions = 8", "fraction 1", "layers"),
        ("fractions = 8", "fraction 1", "layers"),
        ("", "fraction 1", "layers"),
    ],
)
def test_the_command_line_tells_what_is_wrong_and_shows_no_traceback(tmp_path, capsys, rest, keep, named):
    path = tmp_path / "protocol.toml"
    path.write_text(FILE.format(keep=keep, rest=rest))
    status = main(["run", str(path)])
    out, err = capsys.readouterr()
    assert status in (1, 2)
    assert named in err
    assert "Traceback" not in out + err


def test_the_command_line_runs_a_good_one(tmp_path, capsys):
    path = tmp_path / "protocol.toml"
    path.write_text(FILE.format(keep="1.03-1.15 g/mL", rest=WELL))
    assert main(["run", str(path), "--json"]) == 0
    (step,) = json.loads(capsys.readouterr().out)["steps"]
    fractions = [step["fractions"][f"fraction {number}"] for number in range(1, 9)]
    assert sum(each["volume_mL"] for each in fractions) == pytest.approx(8.5, rel=0.01)  # 0.5 mL on 2 x 4 mL
    densities = [each["density_g_mL"] for each in fractions]
    assert densities[1:3] == pytest.approx([1.0407] * 2, abs=5e-4)  # 10 % sucrose at 4 C
    assert densities[-2:] == pytest.approx([1.1824] * 2, abs=5e-4)  # 40 %


def test_a_liquid_that_overturns_by_itself_is_told_without_any_load():
    """Sucrose in water lies on heavy water; where they mix, it is lighter than above."""
    layers = [
        {"volume_mL": 5, "sucrose_percent_w_w": 20, "diluent": "water"},
        {"volume_mL": 5, "medium": "D2O"},
    ]
    outcome = spin(loaded(), **RUN, layers=layers)
    assert outcome.trace.stability.carried == 0.0
    assert any("the liquid itself becomes lighter downwards" in text for text in outcome.warnings)


def test_a_vesicle_that_is_all_water_is_refused_in_strong_salt():
    ghost = loaded(kind="vesicle", name="ghost", diameter_nm=5000, density=1.012)
    layers = [{"volume_mL": 11, "cscl_g_mL": 1.7}]
    with pytest.raises(InputError, match="ghost: vesicles that are nearly all water would collapse"):
        spin(ghost, **RUN | {"rcf_xg": 30_000}, layers=layers, load=1)


def test_everything_that_a_gradient_cites_is_in_the_bibliography():
    assert set(DensityGradient(**GOOD).sources) <= set(bibliography())


def test_a_run_that_needs_more_steps_takes_them(monkeypatch):
    """Twenty hours at 90,000 rpm: in few steps a single class is smeared over the tube."""
    layers = [{"volume_mL": 1.5, "iodixanol_percent_w_v": each, "diluent": "PBS"} for each in (10, 20, 40)]
    run = dict(rotor="VTi 90", speed_rpm=90_000, time_min=1200, layers=layers, fraction_volume_mL=0.4)
    most = []
    for refinements in ((1,), gradient_spin.REFINEMENTS):
        monkeypatch.setattr(gradient_spin, "REFINEMENTS", refinements)
        outcome = spin(loaded(volume=0.3, kind="vesicle", density=1.15), **run)
        held = sorted(sample.counts[0] for name, sample in outcome.fractions.items() if name.startswith("fraction"))
        most.append(sum(held[-2:]) / sum(held))
    assert most[0] < 0.9
    assert most[1] > 0.95
