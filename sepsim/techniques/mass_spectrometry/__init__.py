"""Mass spectrometry: ions of a sample are deflected by electric and magnetic fields."""

from sepsim.technique import MethodEntry, Technique

TECHNIQUE = Technique(
    name="mass_spectrometry",
    methods=(
        MethodEntry(
            name="mass_spectrometry",
            home="sepsim.techniques.mass_spectrometry.mass_spectrometry:MassSpectrometry",
            summary="Ions of a sample by m/z; hands out ``detected`` and ``lost``, both used up.",
            sentence="sepsim.techniques.mass_spectrometry.methods_section:mass_spectrometry_sentences",
            nouns={"detected": "record of the detected ions"},
            example={"keep": '"detected"'},
            sample_volume_mL=1,
        ),
    ),
    commands=("sepsim.cli.mass_spectrometry:add_commands",),
)
