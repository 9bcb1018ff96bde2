"""Centrifugation: particles sediment or float in a spinning tube, with or without a density gradient."""

from sepsim.technique import MethodEntry, Technique

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
    commands=("sepsim.cli.convert:add_commands",),
)
