"""Chromatography: a sample runs through a column of porous beads."""

from sepsim.technique import Catalogue, FigureEntry, MethodEntry, OwnTable, Technique

_COLUMNS = "sepsim.techniques.chromatography.columns"
_LISTS = f"{_COLUMNS}.lists"

TECHNIQUE = Technique(
    name="chromatography",
    methods=(
        MethodEntry(
            name="chromatography",
            home="sepsim.techniques.chromatography.chromatography:Chromatography",
            summary="Run a sample through a column; hands out ``fraction 1``, ``fraction 2`` ..., ``column`` "
            "and ``lost``.",
            sentence="sepsim.techniques.chromatography.methods_section:chromatography_sentences",
            nouns={"void": "void volume"},
            example={
                "column": '"Sepharose CL-2B, 10 mL"',
                "eluent": '"PBS"',
                "flow_mL_min": "0.5",
                "fraction_volume_mL": "0.5",
                "fractions": "24",
                "keep": '"fractions 8-11"',
            },
            sample_volume_mL=0.5,
            own_tables={
                "step.column": OwnTable(
                    f"{_COLUMNS}.columns:Column",
                    {"name": '"my column"', "bed_volume_mL": "10", "diameter_mm": "16"},
                ),
                "step.column.resin": OwnTable(
                    f"{_COLUMNS}.resins:Resin",
                    {"name": '"my resin"', "bead_diameter_um": "90", "pore_diameter_nm": "42"},
                ),
                "step.column.resin.binds.ldl": OwnTable(f"{_COLUMNS}.resins:Binding", {"retention_factor": "50"}),
            },
        ),
    ),
    catalogues=(
        Catalogue(
            topic="columns",
            summary="columns, with bed and resin",
            kind="column",
            rows=f"{_LISTS}:columns",
            entry=f"{_LISTS}:column_entry",
        ),
        Catalogue(
            topic="resins",
            summary="resins, with beads and pores",
            kind="resin",
            rows=f"{_LISTS}:resins",
            entry=f"{_LISTS}:resin_entry",
        ),
    ),
    figures=(
        FigureEntry(
            name="chromatogram",
            home="sepsim.techniques.chromatography.pictures.chromatogram:chromatogram",
            summary="what leaves a column, by volume, and where the fractions are cut",
            needs="a step that runs through a column",
            fits="sepsim.techniques.chromatography.figures:elutes",
        ),
    ),
)
