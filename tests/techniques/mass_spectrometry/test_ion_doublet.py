"""Two ions of nearly one mass: what they need, and what an instrument gives them."""

import pytest

from sepsim.errors import InputError
from sepsim.techniques.mass_spectrometry.ion_doublet import ion_doublet
from sepsim.techniques.mass_spectrometry.ion_spectrum import resolving_power
from sepsim.techniques.mass_spectrometry.spectrometers.spectrometer_designs import NierJohnson

CO, N2 = 12.0 + 15.99491462 - 5.4858e-4, 2 * 14.00307401 - 5.4858e-4  # Da; each without an electron


def slits(width):
    return NierJohnson(source={"slit_um": width}, detector={"slit_um": width})


@pytest.mark.parametrize("width", [100, 60, 30])
def test_a_doublet_is_resolved_where_the_valley_says_so(width):
    found = ion_doublet("CO", "N2", slits(width))
    assert found.mz == pytest.approx((CO, N2), abs=1e-7)
    assert found.needed == pytest.approx(N2 / (N2 - CO), rel=1e-5)
    assert found.reached == resolving_power(slits(width))
    assert found.resolved == (found.valley <= 0.1) == (found.reached.valley > found.needed)


def test_order_and_the_form_of_the_instrument_do_not_matter():
    there, back = (ion_doublet(*pair, slits(70)) for pair in (("CO", "N2"), ("N2", "CO")))
    assert back == there._replace(mz=there.mz[::-1])
    assert ion_doublet("CO", "N2", slits(70).spectrometer) == there


@pytest.mark.parametrize("formulas", [("CO", "CO"), ("C2H6O", "CH3OCH3")])
def test_equal_ions_are_refused(formulas):
    with pytest.raises(InputError, match="the ions are equal"):
        ion_doublet(*formulas, slits(100))
