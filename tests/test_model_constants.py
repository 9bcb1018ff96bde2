"""Constants of models: each default lies in its band, and the record of a model has what its table has."""

from dataclasses import fields

import pytest

from sepsim.errors import InputError
from sepsim.model_constants import ModelConstants
from sepsim.techniques.centrifugation.pellet_model import CONSTANTS as PELLET
from sepsim.techniques.centrifugation.pellet_model import PelletModel
from sepsim.techniques.immunocapture.capture_model import CONSTANTS as CAPTURE
from sepsim.techniques.immunocapture.capture_model import CaptureModel
from sepsim.techniques.immunocapture.plates import CONSTANTS as PLATE
from sepsim.techniques.immunocapture.plates import ElisaPlate, PlateReader
from sepsim.techniques.microfluidics.herringbone import CONSTANTS as WALL_CHIP
from sepsim.techniques.microfluidics.herringbone import Herringbone
from sepsim.techniques.microfluidics.lateral_displacement import CONSTANTS as BUMP_ARRAY
from sepsim.techniques.microfluidics.lateral_displacement import LateralDisplacement
from sepsim.techniques.microfluidics.wall_immunocapture import WallImmunocapture
from sepsim.techniques.precipitation.precipitation_model import CONSTANTS as PRECIPITATION
from sepsim.techniques.precipitation.precipitation_model import PrecipitationModel

MODELS = [PELLET, CAPTURE, PRECIPITATION, PLATE, WALL_CHIP, BUMP_ARRAY]
WALL_CHIPS = [
    Herringbone(cycle_mm=1),
    WallImmunocapture(flow_uL_min=1, width_mm=1, height_um=50, length_mm=10, antigen="CD9"),
]

BUMP_CHIP = LateralDisplacement(
    flow_uL_min=1, gap_nm=235, pitch_nm=400, row_shift=0.1, depth_nm=400, array_width_um=20, array_length_um=200
)


@pytest.mark.parametrize("constants", MODELS, ids=lambda each: each.table)
def test_defaults_lie_in_their_bands(constants: ModelConstants) -> None:
    for row in constants.listed():
        default, low, high = constants.bounds(row["parameter"])
        assert low <= default <= high


@pytest.mark.parametrize(
    ("constants", "records"),
    [
        (PELLET, [PelletModel()]),
        (CAPTURE, [CaptureModel()]),
        (PRECIPITATION, [PrecipitationModel()]),
        (PLATE, [PlateReader(), ElisaPlate(antigen="CD9")]),
        (WALL_CHIP, WALL_CHIPS),
        (BUMP_ARRAY, [BUMP_CHIP]),
    ],
    ids=lambda each: getattr(each, "table", ""),
)
def test_a_record_takes_its_defaults_from_the_table(constants: ModelConstants, records: list[object]) -> None:
    values = {field.name: getattr(record, field.name) for record in records for field in fields(record)}
    for row in constants.listed():
        assert values[row["parameter"]] == constants.bounds(row["parameter"])[0]


def test_an_unknown_constant_is_told_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'reach_nm'"):
        CAPTURE.entry("reach")
