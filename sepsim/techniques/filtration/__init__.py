"""Ultrafiltration and filtration: a sample is driven through the pores of a membrane."""

from sepsim.technique import Catalogue, FigureEntry, MethodEntry, OwnTable, Technique

_MEMBRANE = "sepsim.techniques.filtration.membranes.membranes:Membrane"
_FILTERS, _PICTURES = "sepsim.techniques.filtration.figures:filters", "sepsim.techniques.filtration.pictures"
_LISTS = "sepsim.techniques.filtration.membranes.lists"

TECHNIQUE = Technique(
    name="filtration",
    methods=(
        MethodEntry(
            name="ultrafiltration",
            home="sepsim.techniques.filtration.ultrafiltration:Ultrafiltration",
            summary="Concentrate and wash a sample over a membrane; hands out ``retentate``, ``permeate`` "
            "and ``lost``.",
            sentence="sepsim.techniques.filtration.methods_section:ultrafiltration_sentences",
            example={
                "membrane": '"spin filter 15 mL, regenerated cellulose, 100 kDa"',
                "spin_filter": "{ rcf_xg = 4000 }",
                "concentrate_to_mL": "0.5",
                "keep": '"retentate"',
            },
            sample_volume_mL=15,
            own_tables={
                "step.membrane": OwnTable(
                    _MEMBRANE,
                    {
                        "name": '"my membrane"',
                        "material": '"regenerated cellulose"',
                        "mwco_kDa": "100",
                        "rated_with": '"protein"',
                        "area_cm2": "7.6",
                        "permeability_L_m2_h_bar": "200",
                        "hold_up_mL": "0.2",
                        "max_volume_mL": "15",
                    },
                )
            },
        ),
        MethodEntry(
            name="filtration",
            home="sepsim.techniques.filtration.filtration:Filtration",
            summary="Push a sample through a filter; hands out ``permeate``, ``retentate`` and ``lost``.",
            sentence="sepsim.techniques.filtration.methods_section:filtration_sentences",
            example={
                "membrane": '"syringe filter 33 mm, polyethersulfone, 0.22 um"',
                "pressure_bar": "0.5",
                "keep": '"permeate"',
            },
            sample_volume_mL=30,
            own_tables={
                "step.membrane": OwnTable(
                    _MEMBRANE,
                    {
                        "name": '"my filter"',
                        "material": '"polyethersulfone"',
                        "pore_diameter_nm": "220",
                        "area_cm2": "4.5",
                        "permeability_L_m2_h_bar": "20_000",
                        "hold_up_mL": "0.1",
                    },
                )
            },
        ),
    ),
    catalogues=(
        Catalogue(
            topic="membranes",
            summary="filters and filter devices, with pores and volumes",
            kind="membrane",
            rows=f"{_LISTS}:membranes",
            entry=f"{_LISTS}:membrane_entry",
            figure="sieving_curve",
        ),
        Catalogue(
            topic="materials",
            summary="materials of membranes, and how they bind",
            kind="material",
            rows=f"{_LISTS}:materials",
            entry=f"{_LISTS}:material_entry",
            note="of membranes; adsorbed_coverage: share of the area that adsorbed particles cover at saturation;\n"
            "another material goes with an adsorbed_coverage of your own",
        ),
    ),
    figures=(
        FigureEntry(
            name="filtration_course",
            home=f"{_PICTURES}.filtration_course:filtration_course",
            summary="flux, pressure, volume and concentrations during a filtration",
            needs="a step that filters through a membrane",
            fits=_FILTERS,
        ),
        FigureEntry(
            name="washing_out",
            home=f"{_PICTURES}.washing:washing_out",
            summary="what washing or concentrating over a membrane leaves in the vessel",
            needs="a step that filters through a membrane",
            fits=_FILTERS,
        ),
        FigureEntry(
            name="sieving_curve",
            home=f"{_PICTURES}.sieving_curve:sieving_curve",
            summary="which sizes pass a membrane",
            needs="membranes (see `sepsim show membrane`), or a step that filters through one",
            fits=_FILTERS,
        ),
    ),
)
