"""Chromatograms: curves and protein are those of the elution, marks are the borders of the fractions."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import same_color
from matplotlib.figure import Figure

import sepsim
from sepsim.drawing.curves import own_lines, together
from sepsim.drawing.palette import look
from sepsim.errors import InputError
from sepsim.plots import chromatogram, fraction_bars
from sepsim.techniques.chromatography.pictures.chromatogram import KEPT, STRIP

SEC = {
    "name": "SEC",
    "method": "chromatography",
    "column": "Sepharose CL-2B, 10 mL",
    "flow_mL_min": 0.5,
    "fraction_volume_mL": 0.5,
    "fractions": 26,
    "keep": "fractions 8-11",
}
PLASMA = {"source": "platelet-poor plasma", "volume_mL": 0.5, "size_bins": 4, "density_quantiles": 1}


def eluted(sample=None, **settings):
    table = {"sample": PLASMA if sample is None else sample, "step": [SEC | settings]}
    return sepsim.protocol_from_table(table).run(seed=1).bench[0]


def of(*names):
    populations = [{"name": name, "particles_per_mL": 1e9} for name in names]
    return {"medium": "PBS", "volume_mL": 0.5, "size_bins": 4, "density_quantiles": 1, "population": populations}


@pytest.fixture(scope="module")
def sec():
    return eluted()


@pytest.fixture(scope="module")
def from_void():
    return eluted(of("exosome", "albumin"), count_from="void", fractions=20, keep="fractions 1-3")


def named(ax):
    """Lines that stand in the legend."""
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def behind(ax):
    return next(other for other in ax.figure.axes if other is not ax)


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def numbers(ax):
    return [text.get_text() for text in ax.texts if text.get_position()[1] == pytest.approx(-0.5 * STRIP)]


def test_curves_are_concentrations_over_their_highest(sec):
    elution = sec.outcome.trace
    ax = chromatogram(sec, ["exosome", "ldl", "albumin"])
    for name, text in (("exosome", "exosome"), ("ldl", "LDL"), ("albumin", "albumin")):
        volumes, heights = named(ax)[text].get_data()
        concentration = elution.concentration[elution.names.index(name)]
        assert volumes == pytest.approx(elution.volumes * 1e6)
        assert heights.max() == 1
        assert heights * concentration.max() == pytest.approx(concentration, rel=1e-12, abs=0)
        assert same_color(named(ax)[text].get_color(), look(name).color)


def test_peaks_stand_where_the_fractions_hold_most(sec):
    ax = chromatogram(sec, ["exosome", "albumin"])
    for name in ("exosome", "albumin"):
        volumes, heights = named(ax)[name].get_data()
        held = [sec.outcome.fractions[f"fraction {index}"].by_population[name] for index in range(1, 27)]
        assert volumes[heights.argmax()] == pytest.approx(0.5 * (np.argmax(held) + 0.5), abs=0.5)


def test_protein_is_what_the_fractions_hold(sec):
    """The area under the grey curve, from mg/mL over mL, is the protein of all fractions."""
    ax = behind(chromatogram(sec))
    assert ax.get_ylabel() == "all protein [mg/mL]"
    (fill,) = ax.collections
    corners = fill.get_paths()[0].vertices
    area = 0.5 * abs(np.sum(corners[:-1, 0] * corners[1:, 1] - corners[1:, 0] * corners[:-1, 1]))
    held = sum(
        sample.counts @ sample.particles.protein_mass
        for name, sample in sec.outcome.fractions.items()
        if name.startswith("fraction")
    )
    assert area == pytest.approx(held * 1e6, rel=1e-3)


def test_little_protein_is_told_in_smaller_units():
    step = eluted(of("exosome"))
    protein = behind(chromatogram(step))
    assert protein.get_ylabel() == "all protein [µg/mL]"
    highest = protein.collections[0].get_paths()[0].vertices[:, 1].max()
    assert highest == pytest.approx(1e3 * step.outcome.trace.protein.sum(axis=0).max())


def test_zeros_of_both_axes_stand_at_one_height(sec):
    ax = chromatogram(sec)
    heights = [each.transData.transform((0, 0))[1] for each in (ax, behind(ax))]
    assert heights[0] == pytest.approx(heights[1])


def test_second_axis_counts_from_the_end_of_the_void_volume(sec):
    ax = chromatogram(sec)
    (top,) = ax.child_axes
    ax.figure.draw_without_rendering()
    assert "beyond the void volume [mL]" in top.get_xlabel()
    assert np.subtract(ax.get_xlim(), top.get_xlim()) == pytest.approx([3.5, 3.5])  # 0.35 of 10 mL
    (line,) = [line for line in ax.lines if line.get_label() == "_end of the void volume"]
    assert line.get_xdata()[0] == pytest.approx(3.5)
    assert "end of the void volume" in [text.get_text() for text in ax.texts]


@pytest.mark.parametrize(("count", "volume", "stride"), [(26, 0.5, 1), (60, 0.25, 5)])
def test_fraction_marks_and_as_many_numbers_as_there_is_room_for(count, volume, stride):
    ax = chromatogram(eluted(of("exosome"), fractions=count, fraction_volume_mL=volume))
    (marks,) = [each for each in ax.collections if each.get_label() == "_fraction marks"]
    places = [segment[0, 0] for segment in marks.get_segments()]
    assert places == pytest.approx(volume * np.arange(count + 1))
    assert numbers(ax) == [str(index) for index in range(stride, count + 1, stride)]
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text() in numbers(ax)]
    assert not any(one.overlaps(other) for one, other in pairwise(boxes))


def test_counting_from_the_void_shifts_the_numbers(from_void):
    ax = chromatogram(from_void)
    assert numbers(ax) == ["void", *(str(index) for index in range(1, 21))]
    first = next(text for text in ax.texts if text.get_text() == "1")
    assert first.get_position()[0] == pytest.approx(3.5 + 0.25)


def test_what_is_kept_is_shaded_and_named(sec, from_void):
    for step, spans in ((sec, [(3.5, 4), (4, 4.5), (4.5, 5), (5, 5.5)]), (from_void, [(3.5, 4), (4, 4.5), (4.5, 5)])):
        ax = chromatogram(step)
        shaded = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in behind(ax).patches]
        assert np.array(shaded) == pytest.approx(np.array(spans))
        assert all(same_color(patch.get_facecolor(), KEPT) for patch in behind(ax).patches)
        assert f"kept: {step.keep}" in legend(ax)


def test_nothing_is_shaded_where_no_liquid_is_kept(sec):
    ax = chromatogram(replace(sec, keep="lost", chosen=("lost",)))
    assert not behind(ax).patches
    assert not any("kept" in text for text in legend(ax))


def test_a_stronger_eluent_and_what_stays():
    step = eluted(
        of("exosome", "albumin", "ldl"),
        column="anion exchange column, 1 mL",
        fraction_volume_mL=1,
        fractions=4,
        keep="fraction 3",
        step_elution={"after_mL": 3, "eluent": "PBS"},
    )
    ax = chromatogram(step)
    (line,) = [line for line in ax.lines if line.get_label() == "_stronger eluent enters"]
    assert line.get_xdata()[0] == pytest.approx(3)
    bound = {name: sum(step.outcome.fractions[place].by_population[name] for place in ("column", "lost")) / 0.5e9
             for name in ("exosome", "albumin", "ldl")}  # fmt: skip
    staying = [text for text in legend(ax) if text.startswith("stay on the column")]
    for name, share in bound.items():
        assert any(together([name]) in text for text in staying) == (share > 0.99)


def test_alike_share_a_line_and_the_rest_is_grey():
    rising = np.linspace(0, 1, 5)
    shapes = {"ldl": rising, "igm": rising + 0.01, "exosome": 1 - rising, "beads": rising / 2, "hdl": rising / 3}
    lines = own_lines(shapes, apart=False, most=3)
    assert set(lines.own) == {("beads",), ("exosome",), ("ldl", "igm")}
    assert lines.others == ("hdl",)
    assert own_lines(shapes, apart=True).own == tuple((name,) for name in shapes)


def test_sixteen_populations_have_at_most_eight_lines(sec):
    ax = chromatogram(sec)
    lines = [line for text, line in named(ax).items() if text != "others"]
    assert len(lines) == 8
    grey = [line.get_label()[1:] for line in ax.lines if same_color(line.get_color(), "#AAAAAA")]
    drawn = " ".join(text.replace("\n", " ") for text in named(ax))
    loaded = [name for name, number in sec.outcome.fractions["fraction 9"].by_population.items()]
    assert all(name in grey or together([name]) in drawn for name in loaded)


def test_names_and_units_within_the_picture(sec):
    ax = chromatogram(sec)
    figure = ax.figure
    figure.draw_without_rendering()
    assert ax.get_xlabel() == "volume since the sample entered [mL]"
    assert "share of each one's highest" in ax.get_ylabel()
    assert "SEC" in ax.get_title(loc="left")
    assert "0.5 mL/min" in ax.get_title(loc="left")
    used = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    assert min(used.x0, used.y0) >= -2
    assert used.x1 <= figure.bbox.x1 + 2
    assert used.y1 <= figure.bbox.y1 + 2
    assert not ax.get_legend().get_window_extent().overlaps(behind(ax).yaxis.label.get_window_extent())


def test_draws_into_the_axes_given(sec):
    ax = Figure().add_subplot()
    assert chromatogram(sec, "exosome", ax=ax) is ax


def test_what_cannot_be_drawn_is_refused(sec, run):
    with pytest.raises(InputError, match="centrifugation is no elution from a column; draw it with protocol_flow"):
        chromatogram(run.bench[0])
    with pytest.raises(InputError, match="'exosom' was not loaded; did you mean 'exosome'"):
        chromatogram(sec, "exosom")
    with pytest.raises(InputError, match=r"give one step of a run, such as run\.bench\[-1\]"):
        chromatogram(run)


def test_fractions_of_a_column_have_bars_without_a_density(from_void):
    axes = fraction_bars(from_void, ["exosome", "albumin"])
    assert [ax.get_ylabel() for ax in axes] == ["exosome", "albumin"]
    assert [text.get_text() for text in axes[-1].get_xticklabels()][:3] == ["void", "1", "2"]
    for ax, name in zip(axes, ("exosome", "albumin"), strict=True):
        heights = [bar.get_height() for bar in ax.containers[0]]
        assert sum(heights) == pytest.approx(100)
        loaded = sum(sample.by_population[name] for sample in from_void.outcome.fractions.values())
        assert heights[2] == pytest.approx(100 * from_void.outcome.fractions["fraction 2"].by_population[name] / loaded)


@pytest.mark.parametrize(("count", "keep", "stay"), [(40, "fractions 1-3", 12), (28, "fraction 25", 25)])
def test_the_last_fractions_stand_together_where_they_hold_next_to_nothing(count, keep, stay):
    step = eluted(of("exosome", "albumin"), count_from="void", fractions=count, keep=keep)
    axes = fraction_bars(step, ["exosome", "albumin"])
    axes[0].figure.draw_without_rendering()
    names = [text.get_text() for text in axes[-1].get_xticklabels()]
    together = next(place for place, name in enumerate(names) if "-" in name)
    first, last = map(int, names[together].split("-"))
    assert names[:together] == ["void", *map(str, range(1, first))]
    assert set(names[together + 1 :]) <= {"column", "lost"}
    assert last == count
    assert first > stay  # what holds something, and what is kept
    for ax, name in zip(axes, ("exosome", "albumin"), strict=True):
        held = {column: sample.by_population[name] for column, sample in step.outcome.fractions.items()}
        tail = sum(held[f"fraction {number}"] for number in range(first, count + 1)) / sum(held.values())
        heights = [bar.get_height() for bar in ax.containers[0]]
        assert tail < 0.005
        assert heights[together] == pytest.approx(100 * tail, rel=1e-9, abs=1e-9)
        assert sum(heights) == pytest.approx(100)


def test_bars_of_thirty_fractions_have_numbers_that_can_be_read():
    sample = of("exosome", "albumin") | {"volume_mL": 3}
    axes = fraction_bars(eluted(sample, flow_mL_min=5, fractions=28, keep="fractions 27-28"), ["exosome", "albumin"])
    figure = axes[0].figure
    figure.draw_without_rendering()
    written = [text for text in axes[1].texts if text.get_text()]
    assert len(written) > 5
    boxes = [text.get_window_extent() for text in written]
    assert not any(one.overlaps(other) for one, other in pairwise(boxes))
    assert min(text.get_fontsize() for text in written) / figure.get_size_inches()[0] > 0.65


def test_the_target_is_solid_widest_and_on_top():
    own = {"name": "my vesicles", "kind": "vesicle", "particles_per_mL": 1e9, "diameter_nm": 60}
    sample = of("exosome", "albumin", "vldl", "hdl")
    sample["population"].append(own)
    step = eluted(sample)
    for target, shown in (("my vesicles", "my vesicles"), ("vldl", "VLDL"), ("exosome", "exosome")):
        ax = chromatogram(step, target=target)
        lines = {text: line for text, line in named(ax).items() if text != "others"}
        (wanted,) = [line for text, line in lines.items() if text.replace("\n", " ").split(",")[0] == shown]
        others = [line for line in ax.lines if line is not wanted]
        assert wanted.get_linestyle() == "-"
        assert wanted.get_linewidth() > max(line.get_linewidth() for line in others)
        assert wanted.get_zorder() > max(line.get_zorder() for line in others)
    assert {line.get_linewidth() for line in named(chromatogram(step, ["hdl"])).values()} == {2.4}


def test_the_target_has_a_line_of_its_own_among_many(sec):
    ax = chromatogram(sec, target="transferrin")
    assert any(text.startswith("transferrin") for text in named(ax))


def test_a_column_without_a_name_is_not_named():
    own = {"bed_volume_mL": 10, "diameter_mm": 16, "resin": "Sepharose CL-2B"}
    assert "user" not in chromatogram(eluted(of("exosome"), column=own)).get_title(loc="left")
    title = chromatogram(eluted(of("exosome"), column={"name": "short", **own})).get_title(loc="left")
    assert "short; 0.5 mL of sample" in title
