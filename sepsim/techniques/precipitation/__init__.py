"""Precipitation: clusters of what sticks together, and what of them a slow spin brings down."""

from sepsim.technique import Catalogue, FigureEntry, MethodEntry, OwnTable, Technique

_LISTS = "sepsim.techniques.precipitation.lists"
_PICTURES = "sepsim.techniques.precipitation.pictures"
_PRECIPITATES = "sepsim.techniques.precipitation.figures:precipitates"

TECHNIQUE = Technique(
    name="precipitation",
    methods=(
        MethodEntry(
            name="precipitation",
            home="sepsim.techniques.precipitation.precipitation:Precipitation",
            summary="Precipitate a sample and spin it; hands out ``pellet``, ``supernatant`` and ``lost``.",
            sentence="sepsim.techniques.precipitation.methods_section:precipitation_sentences",
            nouns={"pellet": "resuspended pellet"},
            example={
                "peg_percent_w_v": "8",
                "nacl_M": "0.5",
                "incubation_min": "960",
                "rotor": '"SX4750"',
                "rcf_xg": "3200",
                "rcf_at": '"rmax"',
                "time_min": "60",
                "resuspend": '{ medium = "PBS", volume_mL = 1 }',
                "keep": '"pellet"',
            },
            own_tables={
                "step.kit": OwnTable(
                    "sepsim.techniques.precipitation.kits.kits:Kit",
                    {
                        "name": '"my kit"',
                        "reagent_per_sample": "0.2",
                        "incubation_min": "30",
                        "rcf_xg": "1500",
                        "time_min": "30",
                    },
                )
            },
        ),
    ),
    catalogues=(
        Catalogue(
            topic="kits",
            summary="kits that precipitate vesicles, with their instructions",
            kind="kit",
            rows=f"{_LISTS}:kits",
            entry=f"{_LISTS}:kit_entry",
            note="none tells its polymer: peg_percent_w_v is a guess",
        ),
        Catalogue(
            topic="precipitation_model",
            summary="constants of what comes out of solution, each with its band",
            kind="precipitation_constant",
            rows="sepsim.techniques.precipitation.precipitation_model:CONSTANTS.listed",
            entry="sepsim.techniques.precipitation.precipitation_model:CONSTANTS.entry",
            note="set with model = { ... } in a step of precipitation",
        ),
    ),
    figures=(
        FigureEntry(
            name="cluster_growth",
            home=f"{_PICTURES}.cluster_growth:cluster_growth",
            summary="sizes of clusters as they grow, what of each a spin pellets, and what stays dispersed",
            needs="a step of precipitation",
            fits=_PRECIPITATES,
        ),
        FigureEntry(
            name="precipitation_curve",
            home=f"{_PICTURES}.precipitation_curve:precipitation_curve",
            summary="share of each population that comes out of solution, against the amount of precipitant",
            needs="a step of precipitation",
            fits=_PRECIPITATES,
        ),
    ),
)
