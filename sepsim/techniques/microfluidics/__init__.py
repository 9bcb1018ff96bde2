"""Microfluidics: a sample flows through a chip, in which particles part by posts, fields and walls."""

from sepsim.technique import ANIMATIONS, Catalogue, FigureEntry, MethodEntry, OwnTable, Technique

_HERE = "sepsim.techniques.microfluidics"
_LISTS = f"{_HERE}.chips.lists"

TECHNIQUE = Technique(
    name="microfluidics",
    methods=(
        MethodEntry(
            name="microfluidics",
            home=f"{_HERE}.microfluidics:Microfluidics",
            summary="Let a sample flow through chips; hands out what their outlets do, such as ``target outlet``, and "
            "``lost``.",
            sentence=f"{_HERE}.methods_section:microfluidics_sentences",
            example={"chip": '"half-wave resonator 2 MHz"', "keep": '"target outlet"'},
            sample_volume_mL=0.2,
            own_tables={
                "step.chip": OwnTable(
                    f"{_HERE}.acoustophoresis:Acoustophoresis",
                    {
                        "mechanism": '"acoustophoresis"',
                        "name": '"my chip"',
                        "flow_uL_min": "20",
                        "buffer_ratio": "1",
                        "width_um": "375",
                        "height_um": "150",
                        "length_mm": "30",
                        "frequency_MHz": "2",
                        "energy_density_J_m3": "100",
                    },
                ),
            },
        ),
    ),
    catalogues=(
        Catalogue(
            topic="chips",
            summary="chips, with their mechanism",
            kind="chip",
            rows=f"{_LISTS}:chips",
            entry=f"{_LISTS}:chip_entry",
            note="a chip that differs from one of these is { like = 'NAME', KEY = ... }",
        ),
        Catalogue(
            topic="acoustic_model",
            summary="constants of acoustophoresis, each with its band",
            kind="acoustic_constant",
            rows=f"{_HERE}.acoustic_force:CONSTANTS.listed",
            entry=f"{_HERE}.acoustic_force:CONSTANTS.entry",
            note="compressibilities hold for all chips; roll_mixing is set in one with mechanism = 'acoustophoresis'",
        ),
        Catalogue(
            topic="bump_array_model",
            summary="constants of lateral displacement, each with its band",
            kind="bump_array_constant",
            rows=f"{_HERE}.lateral_displacement:CONSTANTS.listed",
            entry=f"{_HERE}.lateral_displacement:CONSTANTS.entry",
            note="set in a chip with mechanism = 'deterministic lateral displacement'",
        ),
        Catalogue(
            topic="wall_chip_model",
            summary="constants of capture on the walls of chips, each with its band",
            kind="wall_chip_constant",
            rows=f"{_HERE}.herringbone:CONSTANTS.listed",
            entry=f"{_HERE}.herringbone:CONSTANTS.entry",
            note="set in a chip with mechanism = 'wall immunocapture', and in its herringbone",
        ),
    ),
    figures=(
        FigureEntry(
            name="outlet_split",
            home=f"{_HERE}.pictures.outlet_split:outlet_split",
            summary="which share of each size leaves by which outlet",
            needs="a step of microfluidics on a chip with a few outlets",
            fits=f"{_HERE}.figures:splits",
        ),
        FigureEntry(
            name="peclet_map",
            home=f"{_HERE}.pictures.peclet_map:peclet_map",
            summary="Peclet numbers and what leaves by the first outlet, against size and flow",
            needs="a step of microfluidics on a chip with a few outlets that drives particles by size",
            fits=f"{_HERE}.figures:drives_sizes",
        ),
        FigureEntry(
            name="fractogram",
            home=f"{_HERE}.pictures.fractogram:fractogram",
            summary="what leaves a field-flow fractionation, with cross flow and fractions",
            needs="a step of field-flow fractionation",
            fits=f"{_HERE}.figures:elutes",
        ),
        FigureEntry(
            name="capture_along",
            home=f"{_HERE}.pictures.capture_along:capture_along",
            summary="what walls with antibodies hold along the channel",
            needs="a step of wall immunocapture",
            fits=f"{_HERE}.figures:captures",
        ),
        FigureEntry(
            name="chip_paths",
            home=f"{_HERE}.pictures.chip_paths:chip_paths",
            summary="paths of particles through the chip, with what parts them",
            needs="a step of microfluidics",
            fits=f"{_HERE}.figures:passes",
        ),
        FigureEntry(
            name="particles_moving",
            home=f"{_HERE}.pictures.particles_moving:particles_moving",
            summary="particles on their way through the chip, as a moving picture",
            needs="a step of microfluidics",
            fits=f"{_HERE}.figures:passes",
            endings=ANIMATIONS,
        ),
    ),
)
