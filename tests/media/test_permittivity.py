"""Permittivities of liquids and of their mixtures."""

import pytest

from sepsim import media
from sepsim.media import Medium
from sepsim.media.permittivity import mixed_permittivity, permittivity


@pytest.mark.parametrize(
    ("liquid", "value"), [("water", 78.4), ("methanol", 32.6), ("ethanol", 24.9), ("acetone", 20.5)]
)
def test_liquids_have_the_permittivities_of_the_crc_handbook(liquid, value):
    assert permittivity(liquid, 298.15) == pytest.approx(value, rel=0.02)


def test_warm_water_is_less_polar():
    assert permittivity("water", 277.15) == pytest.approx(86.0, abs=0.3)
    assert permittivity("water", 310.15) == pytest.approx(74.3, abs=0.3)


def test_salt_and_sugar_are_left_out_of_the_mixture():
    for table in ("PBS", {"sucrose_M": 0.25, "diluent": "PBS"}):
        assert mixed_permittivity(Medium.pure(media.fluid(table), 298.15)) == permittivity("water", 298.15)
