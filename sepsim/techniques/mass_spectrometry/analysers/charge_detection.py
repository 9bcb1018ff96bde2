"""Charge detection: single highly charged ions are weighed by their charge and their m/z, measured together.

An ion that flies through a tube induces its own charge on it; the time or frequency of its passages gives m/z. Mass is
the product. This weighs what has no resolved charge states: capsids, lipoproteins, whole vesicles. A charge below the
noise is not seen: light particles with few charges are missed, so that the histogram is no fair sample.

sigma_m / m = sqrt((sigma_z / z)^2 + sigma_mz^2), and sigma_z falls with the root of the number of passages.

Assumptions: one ion at a time, gaussian noise of the charge, a relative gaussian error of m/z, charge constant during
the measurement.

Sources: Contino et al. 2013 (a single passage has a noise of about 100 e), Keifer et al. 2015 (0.2 e when trapped for
seconds, and what follows for rounding to whole charges).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sepsim.arrays import FloatArray
from sepsim.constants import DALTON_KG
from sepsim.settings import Settings, flag, integer, number, settings
from sepsim.techniques.mass_spectrometry.analysers.mass_to_charge import check_positive
from sepsim.units import to_si

_FWHM = math.sqrt(8.0 * math.log(2.0))  # of a gaussian, over its standard deviation


class MeasuredIons(NamedTuple):
    """What charge detection reports of ions, each of shape (n,).

    Attributes
    ----------
    mz, charge : ndarray [-]
        As measured.
    mass : ndarray [kg]
        Their product.
    detected : ndarray of bool
        Whether the charge rose above the threshold; what is measured of the others is not reported by an instrument.
    """

    mz: FloatArray
    charge: FloatArray
    mass: FloatArray
    detected: npt.NDArray[np.bool_]

    def mass_histogram(self, edges: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> FloatArray:
        """Return the number, or the weight, of detected ions by measured mass.

        Parameters
        ----------
        edges : array_like, shape (bins + 1,) [kg]
        weights : array_like, shape (n,), optional [-]
            Particles that each ion stands for.

        Returns
        -------
        ndarray, shape (bins,) [-]
        """
        return self._histogram(self.mass, edges, weights)

    def charge_histogram(self, edges: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> FloatArray:
        """Return the number, or the weight, of detected ions by measured charge.

        Parameters
        ----------
        edges : array_like, shape (bins + 1,) [-]
        weights : array_like, shape (n,), optional [-]
            Particles that each ion stands for.

        Returns
        -------
        ndarray, shape (bins,) [-]
        """
        return self._histogram(self.charge, edges, weights)

    def _histogram(self, values: FloatArray, edges: npt.ArrayLike, weights: npt.ArrayLike | None) -> FloatArray:
        stands_for = np.ones(values.size) if weights is None else np.asarray(weights, dtype=np.float64)
        counted, _ = np.histogram(values[self.detected], np.asarray(edges), weights=stands_for[self.detected])
        return np.asarray(counted, dtype=np.float64)


@settings
class ChargeDetection(Settings):
    """A charge-detection spectrometer: noise, threshold, error of m/z.

    Parameters
    ----------
    noise_per_passage : float
        Standard deviation of the charge measured in one passage [elementary charges].
    passages : int
        Passages through the detector: 1 for a single tube, thousands for a trap.
    threshold : float
        Measured charge from which an ion is told from noise [elementary charges]; left out: five standard deviations
        of the noise.
    mz_error_percent : float
        Standard deviation of m/z over m/z [%], mostly the spread of the energies.
    whole_charges : bool
        Round the measured charge to a whole number; sound where the noise is far below half a charge.
    lowest_mz, highest_mz : float
        That the instrument's ion guides and trap take [-].

    Examples
    --------
    >>> trap = ChargeDetection(noise_per_passage=100, passages=10_000)
    >>> trap.charge_noise, trap.least_charge
    (1.0, 5.0)
    >>> vesicles = trap.measure([30e6 * 1.66e-27] * 3, [300] * 3, rng=np.random.default_rng(0))
    >>> vesicles.detected.tolist()
    [True, True, True]
    """

    noise_per_passage: float = number(default=100.0, minimum=0, help="noise of one passage, in elementary charges")
    passages: int = integer(default=10_000, minimum=1, maximum=10_000_000, help="passages through the detector")
    threshold: float | None = number(default=None, minimum=0, help="least measured charge that is told from noise")
    mz_error_percent: float = number(default=0.5, minimum=0, maximum=20, help="standard deviation of m/z over m/z")
    whole_charges: bool = flag(default=False, help="round the measured charge to a whole number")
    lowest_mz: float = number(default=1000.0, minimum=0, help="lowest m/z that the instrument takes")
    highest_mz: float = number(default=1e6, above=0, help="highest m/z that the instrument takes")

    def conflicts(self) -> list[str]:
        """Return what does not fit: limits of m/z out of order."""
        if self.lowest_mz < self.highest_mz:
            return []
        return [f"lowest_mz = {self.lowest_mz:g}: must be below highest_mz = {self.highest_mz:g}"]

    @property
    def charge_noise(self) -> float:
        """Standard deviation of a measured charge [elementary charges]."""
        return self.noise_per_passage / math.sqrt(self.passages)

    @property
    def least_charge(self) -> float:
        """Measured charge from which an ion counts as detected [elementary charges]."""
        return 5.0 * self.charge_noise if self.threshold is None else self.threshold

    @property
    def mz_range(self) -> tuple[float, float]:
        """Lowest and highest m/z that the instrument takes [-]."""
        return self.lowest_mz, self.highest_mz

    def resolving_power(self, charge: npt.ArrayLike) -> FloatArray:
        """Return m / dm [-] of the mass by the full width at half maximum, for ions of given charge [-].

        With whole charges, as if all were rounded rightly. Infinite without any error.

        Raises
        ------
        InputError
            If a charge is not above 0.
        """
        check_positive(charge=charge)
        noise = 0.0 if self.whole_charges else self.charge_noise
        relative = np.hypot(noise / np.asarray(charge, dtype=np.float64), self._mz_error)
        with np.errstate(divide="ignore"):
            return np.asarray(1.0 / (_FWHM * relative))

    def detected_share(self, charge: npt.ArrayLike) -> FloatArray:
        """Return the share of ions of given charge [-] whose measured charge reaches the threshold.

        Before rounding; the mean over many ions of `MeasuredIons.detected`, where m/z is within the range.
        """
        from scipy.special import ndtr

        excess = np.asarray(charge, dtype=np.float64) - self.least_charge
        if self.charge_noise == 0.0:
            return np.asarray((excess >= 0.0).astype(np.float64))
        return np.asarray(ndtr(excess / self.charge_noise))

    def measure(self, mass: npt.ArrayLike, charge: npt.ArrayLike, *, rng: np.random.Generator) -> MeasuredIons:
        """Return what is measured of single ions.

        Parameters
        ----------
        mass : array_like, shape (n,) [kg]
        charge : array_like, shape (n,) [-]
            Number of charges, above 0.
        rng : numpy.random.Generator
            For the noise.

        Returns
        -------
        MeasuredIons

        Raises
        ------
        InputError
            If a mass or a charge is not above 0.
        """
        check_positive(mass=mass, charge=charge)
        true_charge = np.asarray(charge, dtype=np.float64)
        true_mz = np.asarray(mass, dtype=np.float64) / (DALTON_KG * true_charge)
        noise_of_charge, noise_of_mz = rng.standard_normal((2, *true_mz.shape))
        measured = true_charge + self.charge_noise * noise_of_charge
        mz = true_mz * (1.0 + self._mz_error * noise_of_mz)
        lowest, highest = self.mz_range
        detected = (measured >= self.least_charge) & (true_mz >= lowest) & (true_mz <= highest)
        seen = np.rint(measured) if self.whole_charges else measured
        return MeasuredIons(mz=mz, charge=seen, mass=mz * seen * DALTON_KG, detected=detected)

    @property
    def _mz_error(self) -> float:
        return to_si("mz_error_percent", self.mz_error_percent)
