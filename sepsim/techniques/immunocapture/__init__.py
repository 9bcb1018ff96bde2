"""Immunocapture: beads with antibodies take vesicles by their antigens, and a magnet takes the beads."""

from sepsim.technique import Catalogue, FigureEntry, MethodEntry, OwnTable, Technique

_HERE = "sepsim.techniques.immunocapture"
_LISTS = f"{_HERE}.beads.lists"
_FITS = f"{_HERE}.figures:captures"

TECHNIQUE = Technique(
    name="immunocapture",
    methods=(
        MethodEntry(
            name="immunocapture",
            home=f"{_HERE}.immunocapture:Immunocapture",
            summary="Take particles out by their antigens; hands out ``bound`` or ``eluted``, ``unbound``, ``wash`` "
            "and ``lost``.",
            sentence=f"{_HERE}.methods_section:immunocapture_sentences",
            nouns={"bound": "bead-bound fraction", "eluted": "eluate", "unbound": "unbound fraction"},
            example={
                "beads": '"M-280"',
                "beads_per_mL": "1e8",
                "ligand": '"monoclonal antibody"',
                "antigen": '"CD81"',
                "incubation_min": "60",
                "elution": '"low pH"',
                "keep": '"eluted"',
            },
            sample_volume_mL=1,
            own_tables={
                "step.beads": OwnTable(
                    f"{_HERE}.beads.beads:Bead",
                    {
                        "name": '"my beads"',
                        "diameter_um": "1",
                        "density_g_mL": "1.8",
                        "antibodies_per_bead": "1e5",
                        "magnetisation_A_m2_kg": "20",
                    },
                ),
                "step.ligand": OwnTable(
                    f"{_HERE}.beads.ligands:Ligand",
                    {"name": '"my antibody"', "k_on_per_M_s": "1e5", "k_off_per_s": "1e-4"},
                ),
                "step.magnet": OwnTable(f"{_HERE}.beads.magnets:Magnet", {"gradient_T_m": "100"}),
                "step.elution": OwnTable(
                    f"{_HERE}.beads.elutions:Elution", {"name": '"my peptide"', "release_percent": "80"}
                ),
            },
        ),
    ),
    catalogues=(
        Catalogue(
            topic="beads",
            summary="beads, with size, antibodies and magnetisation",
            kind="bead",
            rows=f"{_LISTS}:beads",
            entry=f"{_LISTS}:bead_entry",
        ),
        Catalogue(
            topic="ligands",
            summary="antibodies and nanobodies, with rate constants",
            kind="ligand",
            rows=f"{_LISTS}:ligands",
            entry=f"{_LISTS}:ligand_entry",
        ),
        Catalogue(
            topic="magnets",
            summary="what collects beads",
            kind="magnet",
            rows=f"{_LISTS}:magnets",
            entry=f"{_LISTS}:magnet_entry",
        ),
        Catalogue(
            topic="elutions",
            summary="ways to take vesicles off beads",
            kind="elution",
            rows=f"{_LISTS}:elutions",
            entry=f"{_LISTS}:elution_entry",
        ),
        Catalogue(
            topic="capture_model",
            summary="constants of how particles take hold of beads",
            kind="capture_constant",
            rows=f"{_HERE}.capture_model:CONSTANTS.listed",
            entry=f"{_HERE}.capture_model:CONSTANTS.entry",
            note="set with capture_model = { ... } in a step of immunocapture",
        ),
        Catalogue(
            topic="elisa_model",
            summary="constants of the plate and the dye of an assay, each with its band",
            kind="elisa_constant",
            rows=f"{_HERE}.plates:CONSTANTS.listed",
            entry=f"{_HERE}.plates:CONSTANTS.entry",
            note="set in sepsim.ElisaPlate and its reader",
        ),
    ),
    figures=(
        FigureEntry(
            name="capture_course",
            home=f"{_HERE}.pictures.capture_course:capture_course",
            summary="what beads take of each population, in the course of the incubation",
            needs="a step of immunocapture",
            fits=_FITS,
        ),
        FigureEntry(
            name="capture_dial",
            home=f"{_HERE}.pictures.capture_dial:capture_dial",
            summary="what beads take, against antigens per vesicle and k_on",
            needs="a step of immunocapture",
            fits=_FITS,
        ),
        FigureEntry(
            name="bond_washout",
            home=f"{_HERE}.pictures.bond_washout:bond_washout",
            summary="which vesicles outlast the washes, by bonds and k_off",
            needs="a step of immunocapture that washes",
            fits=f"{_HERE}.figures:washes",
        ),
        FigureEntry(
            name="marker_change",
            home=f"{_HERE}.pictures.marker_change:marker_change",
            summary="antigens of the vesicles before and after capture",
            needs="a step of immunocapture",
            fits=_FITS,
        ),
    ),
)
