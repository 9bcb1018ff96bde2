"""Mass spectrometry: resolving power, doublets, peak areas, whole ions, and what counts as detected."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sepsim.constants import DALTON_KG
from sepsim.errors import InputError
from sepsim.method import check_balance
from sepsim.protocols.protocol_file import dump_protocol, protocol_from_table
from sepsim.samples.sample_recipe import recipe, sample_from_catalog
from sepsim.techniques.mass_spectrometry import whole_ion_spectrum
from sepsim.techniques.mass_spectrometry.analysers.charge_detection import ChargeDetection
from sepsim.techniques.mass_spectrometry.ion_beam import beam, fly
from sepsim.techniques.mass_spectrometry.ion_spectrum import instrument_peak, measured
from sepsim.techniques.mass_spectrometry.ions.ionisation import Electrospray, Maldi
from sepsim.techniques.mass_spectrometry.ions.ions import Ions, Origin
from sepsim.techniques.mass_spectrometry.ions.isotopes import monoisotopic_mass, protonated_mass
from sepsim.techniques.mass_spectrometry.ions.peptides import peptide_formula
from sepsim.techniques.mass_spectrometry.ions.sample_ions import whole_ions
from sepsim.techniques.mass_spectrometry.mass_spectrometry import MassSpectrometry
from sepsim.techniques.mass_spectrometry.mass_spectrum import doublet, needed_resolving_power
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import (
    BainbridgeJordan,
    MattauchHerzog,
    NierJohnson,
    SingleMagnet,
)
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometers import BeamSource, Detector
from sepsim.techniques.mass_spectrometry.whole_ion_spectrum import detected_shares, weighed

DOUBLETS = {("CO", "N2"): 2493, ("N2", "C2H4"): 1114, ("CO", "C2H4"): 770}  # m / dm of tabulated masses
ONE_CHARGE = {"double_percent": 0, "triple_percent": 0, "ion_yield_percent": 2}


def slits(width_um, **given):
    return NierJohnson(source=BeamSource(slit_um=width_um, **given), detector=Detector(slit_um=width_um)).spectrometer


def mz(formula):
    return monoisotopic_mass(formula) / DALTON_KG


def sample(*populations, volume_mL=1):
    return recipe(
        {"volume_mL": volume_mL, "temperature_C": 20, "medium": "PBS", "population": list(populations)}
    ).prepare()


def vesicles(nm=100, name="exosome", **given):
    return {
        "name": name,
        "kind": "vesicle",
        "diameter_nm": nm,
        "density_g_mL": 1.1,
        "particles_per_mL": 1e9,
    } | given


ALBUMIN = {"name": "albumin", "particles_per_mL": 1e13}


def outcome_of(what, *, seed=0, **given):
    outcome = MassSpectrometry(**given).run(what, rng=np.random.default_rng(seed))
    check_balance(what, outcome)
    return outcome


# ---- the instrument -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width_um", "mrad", "valley", "fwhm"), [(100, 2, 1588, 2549), (10, 1, 15_871, 25_473), (10, 5, 15_580, 25_475)]
)
def test_resolving_power_as_ray_traced_elsewhere(width_um, mrad, valley, fwhm):
    power = instrument_peak(slits(width_um, half_angle_mrad=mrad)).power
    assert power.valley == pytest.approx(valley, rel=0.01, abs=0)
    assert power.fwhm == pytest.approx(fwhm, rel=0.01, abs=0)


def test_energy_spread_spoils_a_single_magnet_alone():
    alone = SingleMagnet(
        radius_mm=254, angle_deg=90, source=BeamSource(slit_um=10, half_angle_mrad=1), detector=Detector(slit_um=10)
    )
    assert instrument_peak(alone.spectrometer).power.fwhm == pytest.approx(1000, rel=0.05, abs=0)  # E / dE
    double = BainbridgeJordan(source=alone.source, detector=alone.detector)
    assert instrument_peak(double.spectrometer).power.fwhm > 10_000


def test_a_plate_is_read_through_the_image_of_the_source():
    # Trapezoid with both widths |M| s: its width at half height is |M| s, at rest of aberrations.
    spectrometer = MattauchHerzog(source=BeamSource(slit_um=20, half_angle_mrad=0.01)).spectrometer
    image = spectrometer.image
    width = abs(image.coefficient("x|x")) * 20e-6
    found = instrument_peak(spectrometer)
    assert found.power.fwhm == pytest.approx(0.2 / math.sqrt(2) / width, rel=0.01, abs=0)


@pytest.mark.parametrize("rays", [20_000])
def test_the_default_number_of_rays_gives_the_peak_to_a_hundredth(rays):
    few, many = (instrument_peak(slits(30), number) for number in (rays, 40 * rays))
    assert few.power.valley == pytest.approx(many.power.valley, rel=3e-3, abs=0)
    assert np.abs(few.profile.at(many.profile.position) - many.profile.signal).max() < 0.01


@pytest.mark.parametrize("width_um", [30, 300])
def test_a_scan_counts_the_rays_of_a_beam_that_is_off_the_axis(width_um):
    spectrometer, number = slits(width_um), 20_000
    run = measured(spectrometer, peptides({"EVQEFYK": 1e6}), (460, 480))
    ion, rays = run.peaks[0].mz, beam(spectrometer, number)
    for held in np.linspace(*run.instrument.window(ion), 9):
        flown = fly(spectrometer, replace(rays, g=np.full(number, ion / held - 1)))
        caught = np.abs(flown.x) <= 0.5 * spectrometer.detector.width
        scanned = run.instrument.profile.at(-run.instrument.dispersion * (ion / held - 1))
        assert caught.mean() == pytest.approx(float(scanned), abs=0.01)


@pytest.mark.parametrize(("pair", "needed"), DOUBLETS.items())
def test_a_doublet_needs_what_tabulated_masses_say(pair, needed):
    assert needed_resolving_power(*map(mz, pair)) == pytest.approx(needed, abs=0.51)


@pytest.mark.parametrize("pair", DOUBLETS)
@given(width_um=st.floats(20, 300))
@settings(max_examples=15, deadline=None)
def test_a_doublet_is_resolved_exactly_when_the_resolving_power_says_so(pair, width_um):
    peak = instrument_peak(slits(width_um), 5000)
    found = doublet(*map(mz, pair), peak.profile, peak.dispersion)
    if abs(peak.power.valley / found.needed - 1) > 0.01:
        assert found.resolved == (peak.power.valley > found.needed)


def test_rubidium_and_strontium_are_never_told_apart():
    for width_um in (1, 10, 100):
        peak = instrument_peak(slits(width_um))
        assert not doublet(mz("[87Rb]"), mz("[87Sr]"), peak.profile, peak.dispersion).resolved


# ---- peptides -----------------------------------------------------------------------------------------------


def peptides(numbers):
    charges = np.full(len(numbers), 2.0)
    mass = [float(protonated_mass(monoisotopic_mass(peptide_formula(name, True)), 2)) for name in numbers]
    origins = [Origin("it", "it", name, "vesicle") for name in numbers]
    return Ions(np.array(mass), charges, np.array(list(numbers.values())), origins)


def test_areas_are_proportional_to_abundances():
    numbers = {"DYVSQFEGSALGK": 1e9, "EVQEFYK": 3e5, "QTALVELVK": 7e7, "TPSNELYKPLR": 1e6}
    run = measured(slits(30), peptides(numbers), (300, 1500))
    assert {peak.peptide: peak.area for peak in run.peaks} == pytest.approx(numbers, rel=1e-3, abs=0)
    largest = max(run.peaks, key=lambda peak: peak.area)
    assert largest.peptide == "DYVSQFEGSALGK"
    assert largest.mz == pytest.approx(700.8383, abs=2e-4)  # by an independent library
    assert largest.relative_abundance == 1


def test_a_lopsided_peak_is_integrated_whole():
    blurred = SingleMagnet(  # r a^2 = 122 um to one side of an image of 30 um
        radius_mm=305,
        angle_deg=90,
        source=BeamSource(slit_um=30, half_angle_mrad=20, energy_spread_eV=0),
        detector=Detector(slit_um=30),
    ).spectrometer
    run = measured(blurred, peptides({"EVQEFYK": 1e6}), (300, 1500))
    first, last = run.instrument.profile.position[[0, -1]]
    assert max(-first, last) > 3 * min(-first, last)
    assert run.peaks[0].area == pytest.approx(1e6, rel=2e-3, abs=0)


def test_intensity_at_the_top_is_abundance_times_transmission():
    lossy = NierJohnson(source=BeamSource(slit_um=30), detector=Detector(slit_um=30), energy_slit_mm=0.1).spectrometer
    run = measured(lossy, peptides({"EVQEFYK": 1e6}), (300, 1500))
    mono = run.spectrum.intensity[np.abs(run.spectrum.mz - run.peaks[0].mz) < 0.1].max()
    assert 0.1 < run.transmission < 0.5
    assert mono / run.transmission / 1e6 == pytest.approx(0.60, abs=0.05)  # C42H59N9O15: 0.9893^42 x 0.9964^9 ..
    assert run.peaks[0].area == pytest.approx(1e6, rel=2e-3, abs=0)


def test_a_foreign_peak_within_the_window_is_told():
    run = measured(slits(100), peptides({"EVQEFYK": 1e6, "EVQEFYQ": 1e9}), (300, 1500))
    small = next(peak for peak in run.peaks if peak.peptide == "EVQEFYK")
    assert small.foreign > 0.99
    assert not small.resolved
    assert run.area("vesicle") == pytest.approx(1e9, rel=2e-3, abs=0)


def test_albumin_lowers_the_ratio_in_proportion():
    found = {}
    for share in (1, 10):
        what = sample(vesicles(), ALBUMIN | {"particles_per_mL": share * 1e10})
        found[share] = outcome_of(what).trace
    assert found[1].vesicle_to_contaminant == pytest.approx(10 * found[10].vesicle_to_contaminant, rel=1e-3, abs=0)
    alone = outcome_of(sample(vesicles())).trace
    assert math.isnan(alone.vesicle_to_contaminant)
    assert alone.area("vesicle") == pytest.approx(found[1].area("vesicle"), rel=1e-3, abs=0)


def test_what_is_detected_is_digestion_times_ions_times_transmission():
    marker = {"protein": "CD9", "population": "exosome", "copies": 10, "peptides": ["EVQEFYK"], "role": "vesicle"}
    what = sample(vesicles(), ALBUMIN)
    given = {"maldi": ONE_CHARGE, "digestion": {"efficiency_percent": 50, "marker": [marker]}}
    outcome = outcome_of(what, **given)
    shares = {name: n / what.by_population[name] for name, n in outcome.fractions["detected"].by_population.items()}
    assert shares["exosome"] == pytest.approx(0.5 * 0.02 * outcome.trace.transmission, rel=1e-9, abs=0)
    assert shares["albumin"] == 0  # not looked for
    assert outcome.trace.peaks[0].area == pytest.approx(1e9 * 10 * 0.5 * 0.02, rel=1e-3, abs=0)
    slit = {"energy_slit_mm": 0.1, "source": {"slit_um": 30}, "detector": {"slit_um": 30}}
    lossy = outcome_of(what, **given, nier_johnson=slit)
    assert lossy.trace.transmission < 0.5
    kept = lossy.fractions["detected"].by_population["exosome"] / what.by_population["exosome"]
    assert kept == pytest.approx(0.5 * 0.02 * lossy.trace.transmission, rel=1e-9, abs=0)
    half = outcome_of(what, **given, lowest_mz=1000, nier_johnson={"source": {"slit_um": 30}})
    assert half.fractions["detected"].counts.sum() == 0  # m/z 942 is not scanned
    assert any("CD9 EVQEFYK" in text and "lowest_mz" in text for text in half.warnings)


def test_the_outcome_tells_what_it_means():
    outcome = outcome_of(sample_from_catalog("urine", volume_mL=1, size_bins=4, density_quantiles=1).prepare())
    assert outcome.remarks[-1] == "yield and purity refer to ions, not to recovered vesicles"
    assert "10 % valley" in outcome.remarks[0]
    assert outcome.fractions["detected"].volume == 0
    assert any("copies per particle are unverified" in text for text in outcome.warnings)


def told(texts, part):
    return [text for text in texts if part in text]


def catalogue(source):
    return sample_from_catalog(source, volume_mL=1, size_bins=4, density_quantiles=1).prepare()


def test_the_serum_that_was_taken_is_told():
    medium, urine = catalogue("conditioned medium"), catalogue("urine")
    assert told(outcome_of(medium).remarks, "serum proteins: bovine, as in the sample")
    assert told(outcome_of(urine).remarks, "serum proteins: human, as in the sample")
    assert told(outcome_of(medium, digestion={"serum": "human"}).remarks, "serum proteins: human, as chosen")
    for quiet in (outcome_of(medium), outcome_of(urine), outcome_of(sample(vesicles()))):
        assert not told(quiet.warnings, "taken as human")
    unknown = sample(vesicles(), ALBUMIN)  # in PBS
    assert told(outcome_of(unknown).warnings, "taken as human, which the sample does not tell")
    assert not told(outcome_of(unknown, digestion={"serum": "human"}).warnings, "taken as human")


def test_protein_of_which_nothing_is_looked_for_is_told():
    igg = {"name": "igg", "mass_mg_per_mL": 2}
    what = sample(vesicles(), {"name": "albumin", "mass_mg_per_mL": 8}, igg)
    (warning,) = told(outcome_of(what, digestion={"serum": "bovine"}).warnings, "gives no ions")
    assert "igg 20.0 %" in warning
    assert "albumin" not in warning
    assert not told(outcome_of(what, digestion={"serum": "human"}).warnings, "gives no ions")
    little = sample(vesicles(), {"name": "albumin", "mass_mg_per_mL": 8}, igg | {"mass_mg_per_mL": 0.07})
    assert not told(outcome_of(little, digestion={"serum": "bovine"}).warnings, "gives no ions")
    medium = told(outcome_of(catalogue("conditioned medium")).warnings, "gives no ions")[0]
    assert all(name in medium for name in ("transferrin", "other_protein"))
    marker = {"protein": "CD9", "population": "exosome", "copies": 10, "peptides": ["EVQEFYK"], "role": "vesicle"}
    assert not told(outcome_of(what, digestion={"marker": [marker]}).warnings, "gives no ions")


def test_peaks_that_the_scan_misses_or_cuts_are_told():
    marker = {"protein": "CD9", "population": "exosome", "copies": 10, "peptides": ["EVQEFYK"], "role": "vesicle"}
    given = {"maldi": ONE_CHARGE, "digestion": {"marker": [marker]}}  # one peak, of m/z 942.457
    whole = outcome_of(sample(vesicles()), **given, lowest_mz=900, highest_mz=1000)
    assert (whole.trace.outside, whole.trace.cut) == ((), ())
    assert not told(whole.warnings, "not read")
    assert not told(whole.warnings, "is empty")
    cut = outcome_of(sample(vesicles()), **given, lowest_mz=942.457, highest_mz=1000)
    assert cut.trace.cut == ("CD9 EVQEFYK 1+",)
    assert told(cut.warnings, "1 peak cut by the ends of the scan, not read: CD9 EVQEFYK 1+")
    away = outcome_of(sample(vesicles()), **given, lowest_mz=1000, highest_mz=1100)
    assert away.trace.outside == ("CD9 EVQEFYK 1+",)
    assert told(away.warnings, "1 peak outside m/z 1000 to 1100")
    for empty in (cut, away):
        assert empty.trace.peaks == ()
        assert told(empty.warnings, "the spectrum is empty")
        assert told(empty.warnings, "942.4")


def test_warnings_of_the_instrument():
    what = sample(vesicles(), ALBUMIN)
    assert any("not resolved" in text for text in outcome_of(what, nier_johnson={"source": {"slit_um": 500}}).warnings)
    # B = sqrt(2 V m / q) / r = 1.336 T at m/z 1000, 8 kV and 304.8 mm; 2 T at m/z 2241
    assert not any("real magnets" in text for text in outcome_of(what, highest_mz=2200).warnings)
    assert any("real magnets" in text for text in outcome_of(what, highest_mz=2300).warnings)
    assert any("areas are rough" in text for text in outcome_of(what, points=1000).warnings)


# ---- whole particles -----------------------------------------------------------------------------------------


def test_a_whole_vesicle_needs_a_magnet_that_nobody_has():
    # Filled vesicle of 100 nm, 347 MDa, at its Rayleigh charge of 1400: B r = 6.41 T m at 8 kV, 21 T at 0.3048 m.
    run = outcome_of(sample(vesicles()), mode="intact", electrospray={"rayleigh_share": 1}).trace
    (need,) = run.magnets
    assert need.mass / DALTON_KG == pytest.approx(347e6, rel=2e-3, abs=0)
    assert need.charge == pytest.approx(1400, rel=1e-3, abs=0)
    assert need.rigidity == pytest.approx(6.41, rel=2e-3, abs=0)
    assert need.field == pytest.approx(6.41 / 0.3048, rel=2e-3, abs=0)


def test_at_one_tesla_it_flies_a_circle_of_eight_metres():
    # By hand: 3.4e8 Da, z = 1000, 10 kV, 1 T: 8.4 m.
    density = 3.4e8 * DALTON_KG / (math.pi / 6 * 1e-21) * 1e-3
    run = outcome_of(
        sample(vesicles(density_g_mL=density)),
        mode="intact",
        electrospray={"rayleigh_share": 1000 / 1400},
        nier_johnson={"ion": {"mass_Da": 1000, "voltage_kV": 10}},
    ).trace
    assert run.magnets[0].rigidity == pytest.approx(8.4, abs=0.05)


def test_the_magnet_is_told_for_the_median_ion():
    sizes = {"diameters_nm": [50, 100, 400], "weights": [0.2, 0.7, 0.1]}
    mixed = {key: value for key, value in vesicles().items() if key != "diameter_nm"} | sizes
    found, alone = (outcome_of(sample(each), mode="intact", ions=100).trace for each in (mixed, vesicles()))
    assert found.magnets[0].rigidity == pytest.approx(alone.magnets[0].rigidity, rel=0.05, abs=0)
    both = outcome_of(sample(mixed, ALBUMIN), mode="intact", ions=100)
    assert both.trace.vesicle_magnet.population == "exosome"  # albumin is easier, but no vesicle
    assert any("exosome" in text and "thought experiment" in text for text in both.remarks)


def test_the_histogram_has_the_mass_and_stands_for_all_ions():
    what = sample(vesicles())
    run = outcome_of(what, mode="intact", ions=5000).trace
    edges, number = run.mass_histogram
    middle = np.sqrt(edges[1:] * edges[:-1])
    assert (middle @ number) / number.sum() / DALTON_KG == pytest.approx(347e6, rel=0.01, abs=0)
    assert number.sum() == pytest.approx(0.01 * 1e9, rel=1e-9, abs=0)  # ion yield of 1 %
    assert run.charge_histogram.number.sum() == pytest.approx(number.sum(), rel=1e-9, abs=0)


def test_the_magnet_is_told_for_exosomes_or_else_for_the_lightest_vesicles():
    cells = vesicles(30, name="cell", kind="particle")
    light, heavy = vesicles(60, name="one"), vesicles(90, name="another")
    for populations, told in (
        ([light, vesicles(200), cells], "exosome"),
        ([heavy, light, cells], "one"),
        ([cells, ALBUMIN], "albumin"),
    ):
        assert outcome_of(sample(*populations), mode="intact", ions=100).trace.vesicle_magnet.population == told


def test_the_vesicles_of_an_ordinary_sample_are_in_the_histograms():
    what = sample(vesicles(), ALBUMIN)
    outcome = outcome_of(what, mode="intact", ions=2000)
    run = outcome.trace
    assert run.populations.count("exosome") == 1000
    edges, number = run.mass_histogram
    heavy = number[edges[:-1] > 100e6 * DALTON_KG].sum()
    assert heavy == pytest.approx(0.01 * 1e9, rel=1e-9, abs=0)  # ion yield of 1 %
    light = number[edges[1:] < 1e6 * DALTON_KG].sum()
    assert light == pytest.approx(0.01 * 1e13, rel=1e-2, abs=0)
    assert run.vesicle_shares == pytest.approx({"exosome": 1e-4}, rel=1e-3)
    assert any("exosome 0.010 %" in text for text in outcome.remarks)


def test_populations_that_are_never_detected_are_named():
    large = vesicles(3000, name="apoptotic_body", particles_per_mL=1e5)  # m/z 4e7
    outcome = outcome_of(sample(vesicles(), large, ALBUMIN), mode="intact", ions=1000)
    assert outcome.trace.unseen == ("apoptotic_body",)
    assert any(text.endswith("1e+06: apoptotic_body") for text in outcome.remarks)
    single = outcome_of(sample(vesicles(), ALBUMIN), mode="intact", ions=1000, charge_detection={"passages": 1})
    assert single.trace.unseen == ("albumin",)


def test_detected_shares_are_those_of_drawn_ions():
    ions = whole_ions(sample(vesicles(60), vesicles(80, name="microvesicle", particles_per_mL=3e9)))
    single = ChargeDetection(passages=1, threshold=600)  # noise of 100 e, at some 550 and 850 e
    expected = detected_shares(ions, single) @ ions.number / ions.number.sum()
    run = weighed(slits(30), ions, single, 40_000, np.random.default_rng(1))
    assert 0.2 < expected < 0.9
    detected = run.drawn.number @ run.measured.detected / run.drawn.number.sum()
    assert detected == pytest.approx(expected, abs=0.01)


def test_many_charges_are_as_good_as_continuous(monkeypatch):
    ions = whole_ions(sample(vesicles(200)))  # 3367 charges
    middle = float(ions.mass[0] / DALTON_KG / ions.mean_charge[0])
    detection = ChargeDetection(highest_mz=1.03 * middle)
    stretched = detected_shares(ions, detection)
    monkeypatch.setattr(whole_ion_spectrum, "MANY", 1e9)
    assert stretched == pytest.approx(detected_shares(ions, detection), abs=5e-3)
    assert 0.6 < stretched[0] < 0.9


def test_equal_seeds_give_equal_histograms():
    first, again, other = (
        outcome_of(sample(vesicles()), mode="intact", seed=seed, ions=500).trace.measured.mass for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_nothing_is_seen_below_the_threshold():
    outcome = outcome_of(sample(ALBUMIN), mode="intact", charge_detection={"passages": 1})
    assert outcome.fractions["detected"].counts.sum() < 1e-3 * outcome.fractions["lost"].counts.sum()
    assert outcome.trace.mass_histogram.number.size == 0
    assert any("noise; take more passages" in text for text in outcome.warnings)


def test_what_cannot_be_told_from_noise_is_not_blamed_on_passages():
    for passages in (1, 10_000):
        outcome = outcome_of(sample(ALBUMIN), mode="intact", maldi=ONE_CHARGE, charge_detection={"passages": passages})
        (warning,) = outcome.warnings
        assert "electrospray gives more" in warning
        assert "take more passages" not in warning
    high = outcome_of(sample(ALBUMIN), mode="intact", charge_detection={"threshold": 1000})
    assert any("lower its threshold" in text for text in high.warnings)
    narrow = outcome_of(sample(vesicles()), mode="intact", charge_detection={"highest_mz": 2000})
    assert any("highest_mz of charge_detection" in text for text in narrow.warnings)
    assert outcome_of(sample(vesicles(), ALBUMIN), mode="intact").warnings == ()


# ---- settings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"nier_johnson": {}, "mattauch_herzog": {}}, "give one of"),
        ({"maldi": {}, "electrospray": {}}, "not both"),
        ({"lowest_mz": 900, "highest_mz": 800}, "must be below"),
        ({"mode": "intact", "digestion": {}}, "no meaning"),
        ({"charge_detection": {}}, "no meaning"),
        ({"nier_johnson": {"source": {"slit_um": 3000}, "tube_mm": 2}}, "wider than the beam tube"),
        ({"nier_johnson": {"magnet_sense": -1}}, "turns negative|does not focus"),
        ({"single_magnet": {"radius_mm": -1}}, "above 0"),
        ({"nier_johnson": {"ion": {"mass_Da": -28}}}, "above 0"),
        ({"nier_johnson": {"ion": {"mass_Da": 28, "charge": 0}}}, "at least 1"),
        ({"ions": 1}, "at least 100"),
    ],
)
def test_bad_settings_are_told(given, told):
    with pytest.raises(InputError, match=told):
        MassSpectrometry(**given)


def test_a_sample_without_ions_is_refused():
    empty, blank = sample(ALBUMIN).take(0.0, 0.0)[0], sample(vesicles(name="liposome"))
    for mode in ("peptide", "intact"):
        with pytest.raises(InputError, match="no particles"):
            outcome_of(empty, mode=mode)
    with pytest.raises(InputError, match="no particle of the sample carries"):
        outcome_of(blank)


def protocol(*steps, **given):
    last = {"name": "ms", "method": "mass_spectrometry", "keep": "detected"} | given
    return protocol_from_table(
        {"sample": {"source": "urine", "volume_mL": 1, "size_bins": 3, "density_quantiles": 1}, "step": [*steps, last]}
    )


def test_it_is_a_step_of_a_protocol_and_round_trips():
    whole = protocol(mattauch_herzog={"source": {"slit_um": 20}}, digestion={"serum": "bovine"}, highest_mz=1800)
    assert protocol_from_table(whole.to_table()).to_table() == whole.to_table()
    assert "mattauch_herzog" in dump_protocol(whole)
    run = whole.run(seed=3)
    assert 0 < run.yields["exosome"]["bench"] < 0.01
    assert {"mattauch1934", "uniprot"} <= set(run.sources)
    assert any("unverified" in text for text in whole.dry_run().warnings)


def test_what_is_lost_cannot_be_kept():
    with pytest.raises(InputError, match="neither ions nor digests come back"):
        protocol(keep="lost")


@pytest.mark.parametrize("source", [Electrospray(), Maldi()])
def test_both_sources_serve_both_modes(source):
    key = "maldi" if isinstance(source, Maldi) else "electrospray"
    for mode in ("peptide", "intact"):
        what = sample(vesicles(), ALBUMIN)
        outcome = outcome_of(what, mode=mode, ions=1000, **{key: source})
        seen = {name: n / what.by_population[name] for name, n in outcome.fractions["detected"].by_population.items()}
        if mode == "peptide":  # both are seen, by the ions of their peptides
            assert 0 < seen["exosome"] <= 1
            assert 0 < seen["albumin"] <= 1
        else:  # a charge or two are lost in the noise of 2 e
            assert (max(seen.values()) > 1e-4) == (key == "electrospray")


def test_nothing_goes_on_from_a_spectrometer():
    spectrum = {"name": "weigh", "method": "mass_spectrometry", "keep": "detected"}
    take = {"name": "take", "method": "aliquot", "volume_mL": 0.1, "keep": "aliquot"}
    table = {"target": "exosome", "sample": {"source": "urine", "volume_mL": 1}, "step": [spectrum, take]}
    with pytest.raises(InputError, match=r"'weigh\.detected' cannot go on: .* the end of a chain"):
        protocol_from_table(table)
    assert protocol_from_table({**table, "step": [spectrum]}).steps[-1].keep == "detected"
