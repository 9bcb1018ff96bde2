"""Centrifugation: particles sediment or float in a spinning tube, with or without a density gradient."""

from sepsim.technique import ANIMATIONS, Catalogue, FigureEntry, MethodEntry, Technique

_FIGURES, _PICTURES = "sepsim.techniques.centrifugation.figures", "sepsim.techniques.centrifugation.pictures"
_LAYER = '{{ volume_mL = 3, iodixanol_percent_w_v = {}, diluent = "0.25 M sucrose buffer" }}'

TECHNIQUE = Technique(
    name="centrifugation",
    methods=(
        MethodEntry(
            name="centrifugation",
            home="sepsim.techniques.centrifugation.centrifugation:Centrifugation",
            summary="Spin a sample; hands out ``pellet``, ``supernatant`` and ``lost``, and on request ``floating`` "
            "and ``wash``.",
            sentence="sepsim.techniques.centrifugation.methods_section:centrifugation_sentences",
            nouns={
                "pellet": "resuspended pellet",
                "floating": "skimmed layer",
                "wash": "pool of the wash supernatants",
            },
            example={
                "rotor": '"Type 45 Ti"',
                "rcf_xg": "100_000",
                "rcf_at": '"rav"',
                "time_min": "70",
                "resuspend": '{ medium = "PBS", volume_mL = 1 }',
                "keep": '"pellet"',
            },
        ),
        MethodEntry(
            name="flotation",
            home="sepsim.techniques.centrifugation.flotation:Flotation",
            summary="Spin a sample and skim off what floats; hands out ``floating``, ``infranatant`` and ``lost``.",
            sentence="sepsim.techniques.centrifugation.methods_section:flotation_sentences",
            nouns={"floating": "skimmed layer"},
            example={
                "rotor": '"Type 50.4 Ti"',
                "speed_rpm": "45_000",
                "time_min": "1200",
                "skimmed_volume_mL": "1",
                "keep": '"infranatant"',
            },
            sample_volume_mL=6,
        ),
        MethodEntry(
            name="density_gradient",
            home="sepsim.techniques.centrifugation.density_gradient:DensityGradient",
            summary="Spin a sample in a gradient; hands out ``fraction 1``, ``fraction 2`` ..., ``pellet`` "
            "and ``lost``.",
            sentence="sepsim.techniques.centrifugation.methods_section:gradient_sentences",
            nouns={"pellet": "resuspended pellet"},
            example={
                "rotor": '"SW 41 Ti"',
                "rcf_xg": "100_000",
                "rcf_at": '"rav"',
                "time_min": "1080",
                "layers": f"[{', '.join(_LAYER.format(percent) for percent in (10, 20, 40))}]",
                "fraction_volume_mL": "1",
                "keep": '"1.08-1.13 g/mL"',
            },
            sample_volume_mL=1,
        ),
    ),
    catalogues=(
        Catalogue(
            topic="pellet_model",
            summary="constants of what holds a pellet back, each with its band",
            kind="pellet_constant",
            rows="sepsim.techniques.centrifugation.pellet_model:CONSTANTS.listed",
            entry="sepsim.techniques.centrifugation.pellet_model:CONSTANTS.entry",
            note="set with pellet_model = { ... } in a step that spins",
        ),
    ),
    figures=(
        FigureEntry(
            name="tube_during_spin",
            home=f"{_PICTURES}.tube:tube_during_spin",
            summary="concentrations along the tube at chosen times, and how much has pelleted by when",
            needs="a step that spins without a gradient",
            fits=f"{_FIGURES}:spins_plainly",
        ),
        FigureEntry(
            name="pelleted_percentage",
            home=f"{_PICTURES}.pelleting:pelleted_percentage",
            summary="share of spheres that pellet, by diameter, and the cut-off",
            needs="rotors (see `sepsim convert`), or a step that spins without a gradient",
            fits=f"{_FIGURES}:spins_plainly",
        ),
        FigureEntry(
            name="gradient_tube",
            home=f"{_PICTURES}.gradient_tube:gradient_tube",
            summary="the tube upright at chosen times: gradient, bands and pellet",
            needs="a step with a gradient or a cushion",
            fits=f"{_FIGURES}:spins_in_gradient",
        ),
        FigureEntry(
            name="density_and_bands",
            home=f"{_PICTURES}.gradient_bands:density_and_bands",
            summary="density and bands along the tube at chosen times",
            needs="a step with a gradient or a cushion",
            fits=f"{_FIGURES}:spins_in_gradient",
        ),
        FigureEntry(
            name="bands_forming",
            home=f"{_PICTURES}.bands_forming:bands_forming",
            summary="bands as they form, as a moving picture",
            needs="a step with a gradient or a cushion",
            fits=f"{_FIGURES}:spins_in_gradient",
            endings=ANIMATIONS,
        ),
    ),
    commands=("sepsim.cli.convert:add_commands",),
)
