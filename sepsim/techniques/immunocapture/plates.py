"""Plates of sandwich assays: a well coated with antibodies, how the assay is done, and what the reader makes of it.

The constants of plate and dye stand in ``data/elisa_model.csv``, each with a default, a lower and an upper value; all
are unverified choices.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.model_constants import ModelConstants
from sepsim.settings import Accepts, Named, Settings, Tabled, number, part, record, settings, text
from sepsim.techniques.immunocapture.antigen_names import FORM, accepted_antigens, written
from sepsim.techniques.immunocapture.beads.ligands import LIGANDS, Ligand
from sepsim.techniques.immunocapture.capture_model import CaptureModel
from sepsim.techniques.immunocapture.wall_capture import Wall
from sepsim.units import to_si

SIGMAS = 3.0  # of the blank, at the limit of detection


CONSTANTS = ModelConstants("elisa_model")
_constant = CONSTANTS.setting


@settings
class PlateReader(Settings):
    """How labels become a signal.

    Parameters
    ----------
    half_signal_labels : float [-]
        Labels in a well at half of the largest signal.
    largest_signal : float [-]
        Absorbance at which substrate and reader are at their limit.
    blank_labels : float [-]
        That stick to a well without vesicles.
    blank_cv_percent : float [%]
        Of their number, from well to well.
    reader_sd : float [-]
        Of the absorbance, read again.

    Examples
    --------
    >>> PlateReader().signal(np.array([0.0, 1e10])).round(2)
    array([0.07, 1.77])
    """

    half_signal_labels: float = _constant("half_signal_labels", "labels at half of the largest signal", above=0)
    largest_signal: float = _constant("largest_signal", "limit of the absorbance", above=0, maximum=10)
    blank_labels: float = _constant("blank_labels", "that stick to a well without vesicles", minimum=0)
    blank_cv_percent: float = _constant("blank_cv_percent", "of their number", minimum=0, maximum=100)
    reader_sd: float = _constant("reader_sd", "of the absorbance, read again", above=0, maximum=1)

    def signal(self, labels: FloatArray) -> FloatArray:
        """Return the absorbance of wells with so many labels on vesicles, shape as given [-]."""
        present = labels + self.blank_labels
        return self.largest_signal * present / (present + self.half_signal_labels)

    @property
    def blank(self) -> float:
        """Mean signal without vesicles [-]."""
        return float(self.signal(np.zeros(1))[0])

    @property
    def blank_sd(self) -> float:
        """Its standard deviation from well to well [-]."""
        slope = self.largest_signal * self.half_signal_labels / (self.blank_labels + self.half_signal_labels) ** 2
        return math.hypot(slope * self.blank_labels * to_si("blank_cv_percent", self.blank_cv_percent), self.reader_sd)

    @property
    def labels_at_limit(self) -> float:
        """Labels on vesicles whose signal is the blank and three of its standard deviations; infinite if none has."""
        least = self.blank + SIGMAS * self.blank_sd
        if least >= self.largest_signal:
            return math.inf
        return self.half_signal_labels * least / (self.largest_signal - least) - self.blank_labels


@settings
class ElisaPlate(Settings):
    """A well coated with antibodies, and how the assay is done.

    Parameters
    ----------
    antigen : str or sequence of str
        By which the wall captures, such as "CD81".
    detection : str
        Antigen of the labelled antibody; left out: that of the capture.
    ligand, detection_ligand : str, mapping or Ligand
        Antibodies of both; default monoclonal ones.
    volume_mL : float [mL]
        Of the sample in a well.
    well_diameter_mm : float [mm]
        Default that of 96-well plates, a choice.
    antibodies_per_um2 : float [1/um2]
        On the wall, that can bind.
    incubation_min : float [min]
        Of the sample, at rest.
    wash_min : float [min]
        In fresh buffer, all washes together.
    detection_nM : float [nM]
        Labelled antibody.
    detection_min : float [min]
        How long it binds.
    temperature_C : float [degC]
        Left out: that of the sample.
    reader : mapping or PlateReader
    capture_model : mapping or CaptureModel

    Raises
    ------
    InputError
        With every problem of the settings.

    Examples
    --------
    >>> plate = ElisaPlate(antigen="CD81", detection="CD9")
    >>> plate.antigens, f"{plate.depth * 1e3:.2f} mm"
    (('CD81', 'CD9'), '1.06 mm')
    """

    antigen: Accepts[tuple[str, ...], str | Sequence[str]] = part(
        accept=accepted_antigens,
        dump=written,
        allowed=FORM,
        help="by which the wall captures",
    )
    detection: str | None = text(default=None, help="antigen of the labelled antibody; left out: that of the capture")
    ligand: Named[Ligand] = part(
        default=LIGANDS.get("monoclonal antibody"),
        accept=LIGANDS.get,
        dump=LIGANDS.describe,
        allowed="a name from `sepsim list ligands`, or a table { k_on_per_M_s, k_off_per_s }",
        help="on the wall",
    )
    detection_ligand: Named[Ligand] = part(
        default=LIGANDS.get("monoclonal antibody"),
        accept=LIGANDS.get,
        dump=LIGANDS.describe,
        allowed="a name from `sepsim list ligands`, or a table { k_on_per_M_s, k_off_per_s }",
        help="with the label",
    )
    volume_mL: float = number(default=0.1, above=0, maximum=10, help="of the sample in a well")
    well_diameter_mm: float = number(default=6.4, above=0, maximum=100, help="of the well")
    antibodies_per_um2: float = _constant("antibodies_per_um2", "on the wall, that can bind", above=0, maximum=1e6)
    incubation_min: float = number(default=120.0, above=0, maximum=1e5, help="of the sample, at rest")
    wash_min: float = number(default=10.0, minimum=0, maximum=1e4, help="in fresh buffer, all washes together")
    detection_nM: float = number(default=5.0, above=0, maximum=1e6, help="labelled antibody")
    detection_min: float = number(default=60.0, above=0, maximum=1e5, help="how long it binds")
    temperature_C: float | None = number(default=None, minimum=0, maximum=60, help="left out: that of the sample")
    reader: Tabled[PlateReader] = record(
        PlateReader, default=PlateReader(), example="{ half_signal_labels = 1e9 }", help="how labels become a signal"
    )
    capture_model: Tabled[CaptureModel] = record(
        CaptureModel, default=CaptureModel(), example="{ accessible_fraction = 0.3 }", help="how particles take hold"
    )

    def conflicts(self) -> list[str]:
        """Return which antibody does not bind what it is for."""
        found = (self.ligand.misfit(self.antigen), self.detection_ligand.misfit((self.detected,)))
        keys = ("ligand", "detection_ligand")
        return [f"{key}: {misfit}" for key, misfit in zip(keys, found, strict=True) if misfit]

    @property
    def detected(self) -> str:
        """Antigen of the labelled antibody, as the catalogue spells it."""
        return self.antigen[0] if self.detection is None else accepted_antigens(self.detection)[0]

    @property
    def antigens(self) -> tuple[str, ...]:
        """Antigens whose copies it needs to know."""
        return tuple(dict.fromkeys([*self.antigen, self.detected]))

    @property
    def wall(self) -> Wall:
        """The coated wall."""
        density = to_si("antibodies_per_um2", self.antibodies_per_um2)
        return Wall(ligand=self.ligand, density=density, model=self.capture_model, kinds=len(self.antigen))

    @property
    def area(self) -> float:
        """Of bottom and wetted side [m2]."""
        radius = 0.5 * to_si("well_diameter_mm", self.well_diameter_mm)
        return math.pi * radius**2 + 2.0 * to_si("volume_mL", self.volume_mL) / radius

    @property
    def depth(self) -> float:
        """Volume over area: the depth of the liquid as a layer on one wall [m]."""
        return to_si("volume_mL", self.volume_mL) / self.area

    @property
    def labelled(self) -> float:
        """Share of the antigens that carry a label in the end [-]."""
        label, concentration = self.detection_ligand, to_si("detection_nM", self.detection_nM)
        rate = label.k_on * concentration + label.k_off
        filled = -math.expm1(-rate * to_si("detection_min", self.detection_min))
        return filled * concentration / (concentration + label.dissociation_constant)
