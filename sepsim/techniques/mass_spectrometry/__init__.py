"""Mass spectrometry: ions of a sample are deflected by electric and magnetic fields."""

from sepsim.technique import FigureEntry, MethodEntry, Technique

_FIGURES, _PICTURES = "sepsim.techniques.mass_spectrometry.figures", "sepsim.techniques.mass_spectrometry.pictures"

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
    figures=(
        FigureEntry(
            name="mass_spectrum",
            home=f"{_PICTURES}.mass_spectrum:mass_spectrum",
            summary="mass spectrum of the peptides of a sample",
            needs="a step of mass spectrometry of peptides",
            fits=f"{_FIGURES}:deflects",
        ),
        FigureEntry(
            name="charge_histogram",
            home=f"{_PICTURES}.charge_histogram:charge_histogram",
            summary="masses and charges of whole particles, and why none of them fits a sector",
            needs='a step of mass spectrometry with mode = "intact"',
            fits=f"{_FIGURES}:weighs",
        ),
        FigureEntry(
            name="ion_paths",
            home=f"{_PICTURES}.ion_paths:ion_paths",
            summary="paths of ions of two masses and three energies through the fields, to scale",
            needs="a sector instrument (see `sepsim massspec`), or a step that deflects ions in one",
            fits=f"{_FIGURES}:deflects",
        ),
        FigureEntry(
            name="energy_focus",
            home=f"{_PICTURES}.energy_focus:energy_focus",
            summary="where ions of one mass land against their energy: what double focusing buys",
            needs="a sector instrument (see `sepsim massspec`), or a step that deflects ions in one",
            fits=f"{_FIGURES}:deflects",
        ),
        FigureEntry(
            name="peak_shapes",
            home=f"{_PICTURES}.peak_shapes:peak_shapes",
            summary="peaks of a doublet at several widths of the slits",
            needs="a sector instrument with slits (see `sepsim massspec --doublet`), or a step that scans with one",
            fits=f"{_FIGURES}:scans",
        ),
        FigureEntry(
            name="focal_plane",
            home=f"{_PICTURES}.focal_plane:focal_plane",
            summary="several masses on the plate of a Mattauch-Herzog instrument, and how sharp their images are",
            needs="a step of mass spectrometry with mattauch_herzog",
            fits=f"{_FIGURES}:records_on_plate",
        ),
    ),
    commands=("sepsim.cli.mass_spectrometry:add_commands",),
)
