"""Linear chromatography: beds of porous beads in series, and a mixer, solved in the Laplace domain.

In a bed, u is the velocity of the liquid between the beads, x the place along it, p(r) the concentration in the pores
of a bead of radius r_p, F the volume of beads per volume of liquid:

    dc/dt = -u dc/dx + D_ax d2c/dx2 - F (3 / r_p) k_f [c - p(r_p)] - k_liquid c
    kappa dp/dt = P D_p (1 / r^2) d/dr (r^2 dp/dr) - P k_pore p,    P D_p dp/dr = k_f [c - p] at r = r_p

P is the share of a bead's volume that is pore liquid open to the species, kappa >= P its storage: P and what a linear
isotherm holds, (1 - porosity) Henry constant. At both ends of a bed Danckwerts' conditions hold. This is the general
rate model; pore diffusivity without bound makes it the lumped rate model with pores, a film coefficient without bound
as well the equilibrium dispersive model. The share of a unit pulse that leaves is, with the residence time tau = L / u
and the Peclet number Pe = u L / D_ax,

    G(s) = 4 q exp(Pe (1 - q) / 2) / [(1 + q)^2 - (1 - q)^2 exp(-Pe q)],    q = sqrt(1 + 4 phi tau / Pe)
    phi(s) = s + k_liquid + F (3 / r_p) Y / (1 + Y / k_f),    Y = Y_pores + (r_p / 3) sigma s
    Y_pores = (P D_p / r_p) (b coth b - 1),    b^2 = r_p^2 (kappa s + P k_pore) / (P D_p)
    Y_pores = (r_p / 3) (kappa s + P k_pore)    where D_p is without bound

where sigma is what a linear isotherm holds on the outer surface of the beads, behind the film but before the pores.

The product over the beds, the pulse (1 - exp(-s t_p)) / (s t_p) and the ideal mixer 1 / (1 + s t_mix) make X(s).

Inversion: a Fourier series of period 2 H = 4 times the last time, on the line Re s = a with exp(-2 H a) = 10^-11.5
(Dubner, Abate), of X for the outlet curve and of X / s for the share that has left, which is therefore no quadrature.
The series takes f(t + 2 H) for f(t), weighed 10^-11.5: known, and taken off, for a share that has reached its end.
Terms are added until they are 1e-14 of the first. Sums over terms are Horner's, times innermost, in blocks that
start from phases of their own, so that round-off does not build up.

Accuracy: 1e-12 of the load. Work is bounded by MAX_TERMS. They are enough up to a Peclet number of 1e5 where the last
time is 40 times the passage of the narrowest peak, and down to one of 10 where it is 200 times. Valid for amounts far
below saturation, at constant flow.

Pores take no part where their storage is zero (excluded species), or with a pore diffusivity of zero; nor does a bead
with a film coefficient of zero. With no open pores but storage in them the bead is well mixed.

Sources: Kucera, J. Chromatogr. 19 (1965) 237 and Kubin, Collect. Czech. Chem. Commun. 30 (1965) 2900 (general rate
model in the Laplace domain, moments); Danckwerts, Chem. Eng. Sci. 2 (1953) 1; Dubner, Abate, J. ACM 15 (1968) 115.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sepsim.kernels.caching import njit

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.int64]

MAX_TERMS = 65_536  # of a Fourier series
NOT_CONVERGED = -1  # terms of a species that would need more

_DAMPING = 11.5 * math.log(10.0)  # a times the period
_LEAST = 1e-14  # of the first term; the series ends there
_NOTHING = 1e-17  # of a unit load; as well
_NEAR = 0.3  # arguments below which series stand for functions
_FAR = 20.0  # exponents beyond which exp(-2 b) and exp(-Pe q) are nothing
_BLOCK = 128  # terms that share a phase
_RESIDENCE, _PECLET, _PHASE_RATIO, _BEAD_RADIUS = range(4)  # rows of packed beds
_FILM, _PORE_SHARE, _STORAGE, _PORE_DIFFUSIVITY, _LIQUID_LOSS, _PORE_LOSS, _SURFACE = range(7)  # and of packed species

_JIT = {"cache": True, "error_model": "numpy", "nogil": True, "fastmath": {"contract"}}


class BedArrays(NamedTuple):
    """The beds of a column in series, by what the liquid meets in each.

    Lists do as well as arrays; beyond `residence`, one number stands for all beds.

    Attributes
    ----------
    residence : ndarray, shape (n_beds,) [s]
        Length over velocity between the beads.
    peclet : ndarray, shape (n_beds,) [-]
        Velocity times length over axial dispersion.
    phase_ratio : ndarray, shape (n_beds,) [-]
        Volume of beads per volume of liquid between them; 0 is an empty tube.
    bead_radius : ndarray, shape (n_beds,) [m]
    """

    residence: Array
    peclet: Array
    phase_ratio: Array
    bead_radius: Array


class SpeciesArrays(NamedTuple):
    """What each bed is to each species.

    Lists do as well as arrays; beyond `film`, what has fewer dimensions is spread to its shape.

    Attributes
    ----------
    film : ndarray, shape (n_beds, n_species) [m/s]
        Film coefficients; may be infinite.
    pore_share : ndarray, shape (n_beds, n_species) [-]
        Share of a bead's volume that is pore liquid open to the species.
    storage : ndarray, shape (n_beds, n_species) [-]
        Pore share and what a linear isotherm holds, per volume of bead and concentration in the pores.
    pore_diffusivity : ndarray, shape (n_beds, n_species) [m2/s]
        May be infinite (beads well mixed).
    liquid_loss, pore_loss : ndarray, shape (n_beds, n_species) [1/s]
        Irreversible capture of first order from the liquid between the beads, and from that in the pores.
    surface : ndarray, shape (n_beds, n_species) [-]
        What a linear isotherm holds on the outer surface of the beads, per volume of bead and concentration before it.
    """

    film: Array
    pore_share: Array
    storage: Array
    pore_diffusivity: Array
    liquid_loss: Array = 0.0
    pore_loss: Array = 0.0
    surface: Array = 0.0


class Injection(NamedTuple):
    """How the sample enters a column, and what mixes it outside of the beds.

    Attributes
    ----------
    pulse : float [s]
        Time in which the load enters, from time 0 on; 0: at once.
    mixing : float [s]
        Mean residence in an ideal mixer; 0: none.
    """

    pulse: float = 0.0
    mixing: float = 0.0


@njit(**_JIT)
def _root(z: complex) -> complex:
    """Principal square root of a number with a positive real part."""
    real = math.sqrt(0.5 * (math.sqrt(z.real * z.real + z.imag * z.imag) + z.real))
    return complex(real, 0.5 * z.imag / real)


@njit(**_JIT)
def _exp(z: complex) -> complex:
    """Exponential."""
    size = math.exp(z.real)
    return complex(size * math.cos(z.imag), size * math.sin(z.imag))


@njit(**_JIT)
def _approach(z: complex) -> complex:
    """Return b coth b - 1 with b^2 = z; Bernoulli's series where differences would cancel."""
    if abs(z.real) + abs(z.imag) < _NEAR:
        p = -2.280515120459218e-10 + z * 2.3106432599002626e-11
        p = 2.250784651680899e-09 + z * p
        p = -2.221460878997968e-08 + z * p
        p = 2.1925947851873778e-07 + z * p
        p = -2.1644042808063972e-06 + z * p
        p = 2.1377799155576933e-05 + z * p
        p = -0.00021164021164021165 + z * p
        p = 0.0021164021164021165 + z * p
        p = -0.022222222222222223 + z * p
        return z * (0.3333333333333333 + z * p)
    b = _root(z)
    if b.real > _FAR:
        return b - 1.0
    e = _exp(-2.0 * b)
    return b * (1.0 + e) / (1.0 - e) - 1.0


@njit(**_JIT)
def _mean_inflow(z: complex) -> complex:
    """(1 - exp(-z)) / z, by its series where differences would cancel."""
    if abs(z.real) + abs(z.imag) < _NEAR:
        p = 1.0 - z / 12.0
        for n in range(11, 1, -1):
            p = 1.0 - z / n * p
        return p
    return (1.0 - _exp(-z)) / z


@njit(**_JIT)
def _exchange(
    s: complex, radius: float, film: float, share: float, storage: float, diffusivity: float, loss: float,
    surface: float,
) -> complex:  # fmt: skip
    """Y / (1 + Y / k_f) 3 / r_p [1/s]: what a bead takes up per volume and unit concentration in the liquid."""
    closed = storage == 0.0 or (share > 0.0 and diffusivity == 0.0)
    if film == 0.0 or (closed and surface == 0.0):
        return complex(0.0, 0.0)
    flow = radius / 3.0 * surface * s
    if not closed:
        held = storage * s + share * loss
        if share == 0.0 or diffusivity == math.inf:
            flow += radius / 3.0 * held
        else:
            speed = share * diffusivity / radius
            flow += speed * _approach(radius / speed * held)
    return 3.0 / radius * flow / (1.0 + flow / film)


@njit(**_JIT)
def _bed(phi: complex, residence: float, peclet: float) -> complex:
    """Transfer function of a bed with Danckwerts' conditions at both ends."""
    step = 4.0 * phi * residence / peclet
    q = _root(1.0 + step)
    ahead = 1.0 + q
    behind = step / ahead  # q - 1
    below = ahead * ahead
    if peclet * q.real < 2.0 * _FAR:
        below -= behind * behind * _exp(-peclet * q)
    return 4.0 * q * _exp(-0.5 * peclet * behind) / below


@njit(**_JIT)
def _transfer(s: complex, j: int, beds: Array, bead: Array) -> complex:
    """G(s) of species j; `beds` (4, n_beds) and `bead` (7, n_beds, n_species) as `_packed` makes them."""
    G = complex(1.0, 0.0)
    for b in range(beds.shape[1]):
        phi = s + bead[_LIQUID_LOSS, b, j]
        if beds[_PHASE_RATIO, b] > 0.0:
            phi += beds[_PHASE_RATIO, b] * _exchange(
                s, beds[_BEAD_RADIUS, b], bead[_FILM, b, j], bead[_PORE_SHARE, b, j], bead[_STORAGE, b, j],
                bead[_PORE_DIFFUSIVITY, b, j], bead[_PORE_LOSS, b, j], bead[_SURFACE, b, j],
            )  # fmt: skip
        G *= _bed(phi, beds[_RESIDENCE, b], beds[_PECLET, b])
    return G


@njit(**_JIT)
def _node(k: int, period: float) -> complex:
    """Place of the k-th term."""
    return complex(_DAMPING / period, 2.0 * math.pi * k / period)


@njit(**_JIT)
def _inlet(s: complex, pulse: float, mixing: float, outlet: bool) -> complex:
    """Pulse and mixer, per s for the share that has left."""
    X = _mean_inflow(s * pulse) / (1.0 + s * mixing)
    return X if outlet else X / s


@njit(**_JIT)
def _bound(s: complex, pulse: float, outlet: bool) -> float:
    """Size that the inlet's factor cannot exceed from here on; unlike the factor it never dips."""
    size = math.sqrt(s.real * s.real + s.imag * s.imag)
    most = min(1.0, 2.0 / (size * pulse)) if pulse > 0.0 else 1.0
    return most if outlet else most / size


@njit(**_JIT)
def _series(
    j: int,
    beds: Array,
    bead: Array,
    pulse: float,
    mixing: float,
    period: float,
    outlet: bool,
    known: Index,
    inlet: Complex,
    bound: Array,
    X: Complex,
) -> int:
    """Fill in the terms X of species j; return how many, negative if they do not suffice.

    All species share the inlet's factors and their bounds, of which the first known[0] are there.
    """  # fmt: skip
    least = 0.0
    for k in range(X.size):
        s = _node(k, period)
        if k >= known[0]:
            inlet[k] = _inlet(s, pulse, mixing, outlet)
            bound[k] = _bound(s, pulse, outlet)
            known[0] = k + 1
        G = _transfer(s, j, beds, bead)
        X[k] = inlet[k] * G
        size = bound[k] * math.sqrt(G.real * G.real + G.imag * G.imag)
        if k == 0:
            least = max(_LEAST * size, _NOTHING * bound[0])
        if size <= least:
            return k + 1
    return -X.size


@njit(**_JIT)
def _sum(X: Complex, used: int, turn: Array, anchor: Array, known: Index, row: Array, total: Array) -> None:
    """Sum of Re(X_k exp(i k angle)), k < used, for all angles; turn (3, n): angle, its cosine and sine.

    `anchor` (2, n_blocks, n) keeps the phases of the first term of each block; the first known[1] are there.
    """
    n = total.size
    total[:] = 0.0
    for block in range((used + _BLOCK - 1) // _BLOCK):
        if block >= known[1]:
            for i in range(n):
                anchor[0, block, i] = math.cos(block * _BLOCK * turn[0, i])
                anchor[1, block, i] = math.sin(block * _BLOCK * turn[0, i])
            known[1] = block + 1
        row[:] = 0.0
        for k in range(min(used, (block + 1) * _BLOCK) - 1, block * _BLOCK - 1, -1):
            x, y = X[k].real, X[k].imag
            for i in range(n):
                real = row[0, i] * turn[1, i] - row[1, i] * turn[2, i] + x
                row[1, i] = row[0, i] * turn[2, i] + row[1, i] * turn[1, i] + y
                row[0, i] = real
        for i in range(n):
            total[i] += row[0, i] * anchor[0, block, i] - row[1, i] * anchor[1, block, i]


@njit(**_JIT)
def _fill_shares(
    beds: Array, bead: Array, pulse: float, mixing: float, times: Array, shares: Array, terms: Index
) -> None:
    """Fill in the share of each species that has left by each time; `times` rise and end above zero."""
    n = times.size
    period = 4.0 * times[n - 1]
    X = np.empty(MAX_TERMS, dtype=np.complex128)
    inlet = np.empty(MAX_TERMS, dtype=np.complex128)
    bound = np.empty(MAX_TERMS)
    known = np.zeros(2, dtype=np.int64)
    turn = np.empty((3, n))
    scale = np.empty(n)
    for i in range(n):
        turn[0, i] = 2.0 * math.pi * times[i] / period
        turn[1, i] = math.cos(turn[0, i])
        turn[2, i] = math.sin(turn[0, i])
        scale[i] = 2.0 / period * math.exp(_DAMPING * times[i] / period)
    anchor = np.empty((2, MAX_TERMS // _BLOCK + 1, n))
    row = np.empty((2, n))
    total = np.empty(n)
    again = math.exp(-_DAMPING)
    for j in range(terms.size):
        terms[j] = _series(j, beds, bead, pulse, mixing, period, False, known, inlet, bound, X)
        X[0] *= 0.5
        _sum(X, abs(terms[j]), turn, anchor, known, row, total)
        terms[j] = max(terms[j], NOT_CONVERGED)
        end = _transfer(complex(0.0, 0.0), j, beds, bead).real
        before = 0.0
        for i in range(n):  # what falls, or leaves the bounds, does so by round-off
            if times[i] > 0.0:
                before = max(before, min(end, scale[i] * total[i] - end * again / (1.0 - again)))
            shares[j, i] = before


@njit(**_JIT)
def _fill_spectra(
    beds: Array, bead: Array, pulse: float, mixing: float, end: float, spectra: Complex, terms: Index
) -> None:
    """Fill in spectra (n_species, 2 points + 1) of the damped outlet curves; terms beyond them fold back."""
    period = 4.0 * end
    n = 2 * (spectra.shape[1] - 1)
    X = np.empty(MAX_TERMS, dtype=np.complex128)
    inlet = np.empty(MAX_TERMS, dtype=np.complex128)
    bound = np.empty(MAX_TERMS)
    known = np.zeros(2, dtype=np.int64)
    spectra[:] = 0.0
    for j in range(terms.size):
        terms[j] = _series(j, beds, bead, pulse, mixing, period, True, known, inlet, bound, X)
        for k in range(abs(terms[j])):
            at = k % n
            term = X[k] * (n / period)
            if at > n // 2:
                at = n - at
                term = term.conjugate()
            if (at == 0 or at == n // 2) and k > 0:
                term *= 2.0
            spectra[j, at] += term
        terms[j] = max(terms[j], NOT_CONVERGED)


@njit(**_JIT)
def _fill_moments(
    beds: Array, bead: Array, pulse: float, mixing: float, mean: Array, variance: Array, recovered: Array
) -> None:
    """Fill in mean and variance of the time of leaving without loss, and the share that leaves with it."""
    for j in range(mean.size):
        mean[j] = 0.5 * pulse + mixing
        variance[j] = pulse * pulse / 12.0 + mixing * mixing
        for b in range(beds.shape[1]):
            residence, peclet = beds[_RESIDENCE, b], beds[_PECLET, b]
            ratio, radius = beds[_PHASE_RATIO, b], beds[_BEAD_RADIUS, b]
            film, share = bead[_FILM, b, j], bead[_PORE_SHARE, b, j]
            storage, diffusivity = bead[_STORAGE, b, j], bead[_PORE_DIFFUSIVITY, b, j]
            if film == 0.0 or (share > 0.0 and diffusivity == 0.0):
                storage = 0.0
            held = storage + (bead[_SURFACE, b, j] if film > 0.0 else 0.0)
            delay = 0.0
            if held > 0.0:
                delay = held * held * radius / (3.0 * film)
                if storage > 0.0 and share > 0.0:
                    delay += storage * storage * radius * radius / (15.0 * share * diffusivity)
            passage = residence * (1.0 + ratio * held)
            dispersion = 1.0 + math.expm1(-peclet) / peclet
            mean[j] += passage
            variance[j] += 2.0 * passage * passage * dispersion / peclet
            variance[j] += 2.0 * residence * ratio * delay
        recovered[j] = _transfer(complex(0.0, 0.0), j, beds, bead).real


def _filled(arguments: dict[str, ArrayLike], shape: tuple[int, ...]) -> Array:
    """Return arguments of one shape, or that spread to it, as the rows of an array."""
    rows = np.empty((len(arguments), *shape))
    for row, (name, value) in zip(rows, arguments.items(), strict=True):
        try:
            row[...] = value
        except ValueError:
            raise ValueError(f"{name} must have the shape {shape}, and not {np.shape(value)}") from None
    if not (rows >= 0.0).all():
        at = int(np.argmax((~(rows >= 0.0)).reshape(len(rows), -1).any(axis=1)))
        raise ValueError(f"{list(arguments)[at]} must be numbers of at least 0")
    return rows


def _positive(**arguments: Array) -> None:
    """Raise ValueError unless all are above zero and finite."""
    for name, values in arguments.items():
        if not ((values > 0.0) & (values < math.inf)).all():
            raise ValueError(f"{name} must be above 0 and finite")


def _finite(**arguments: Array) -> None:
    """Raise ValueError unless all are finite."""
    for name, values in arguments.items():
        if not (values < math.inf).all():
            raise ValueError(f"{name} must be finite")


def _packed(beds: BedArrays, species: SpeciesArrays) -> tuple[Array, Array]:
    """Return the beds as the rows of an array (4, n_beds), and the species of one (7, n_beds, n_species)."""
    n_beds, shape = np.size(beds.residence), np.shape(species.film)
    if len(shape) != 2 or shape[0] != n_beds:
        raise ValueError(f"film must have the shape (n_beds, n_species) with {n_beds} beds, and not {shape}")
    rows = _filled(beds._asdict(), (n_beds,))
    _positive(residence=rows[_RESIDENCE], peclet=rows[_PECLET], bead_radius=rows[_BEAD_RADIUS])
    bead = _filled(species._asdict(), shape)
    _finite(
        phase_ratio=rows[_PHASE_RATIO],
        storage=bead[_STORAGE],
        liquid_loss=bead[_LIQUID_LOSS],
        pore_loss=bead[_PORE_LOSS],
        surface=bead[_SURFACE],
    )
    if (bead[_PORE_SHARE] > 1.0).any() or (bead[_STORAGE] < bead[_PORE_SHARE]).any():
        raise ValueError("pore_share must be at most 1, and storage at least pore_share")
    return rows, bead


def _scalar(name: str, value: float, above: bool = False) -> float:
    """Return a finite number that is not below zero."""
    if not (value > 0.0 if above else value >= 0.0) or value == math.inf:
        raise ValueError(f"{name} must be a finite number {'above' if above else 'of at least'} 0, and not {value}")
    return float(value)


def _checked(injection: Injection) -> tuple[float, float]:
    """Return pulse and mixing [s]."""
    return _scalar("pulse", injection.pulse), _scalar("mixing", injection.mixing)


def cumulative_elution(
    beds: BedArrays, species: SpeciesArrays, injection: Injection, times: ArrayLike
) -> tuple[Array, Index]:
    """Return which share of the load of each species has left the column by each time.

    Equations, method, valid range and sources stand in the module. The error is below 1e-12 of the load. With losses
    the shares tend to what `elution_moments` calls recovered.

    Parameters
    ----------
    beds : BedArrays
    species : SpeciesArrays
    injection : Injection
    times : array_like, shape (n_times,) [s]
        Not falling, from 0 on.

    Returns
    -------
    shares : ndarray, shape (n_species, n_times) [-]
        0 to 1, not falling.
    terms : ndarray of int, shape (n_species,)
        Terms of the series, or NOT_CONVERGED: that row of shares is not to be used.

    Raises
    ------
    ValueError
        If a field or an argument is not as it is documented; it is named.

    Examples
    --------
    Half of an excluded species has left a bed of 200 s just before then, half of one that sees the pores much later:

    >>> bed = BedArrays(residence=[200.0], peclet=[400.0], phase_ratio=[1.86], bead_radius=[65e-6])
    >>> species = SpeciesArrays(
    ...     film=[[1e-5, 1e-5]], pore_share=[[0.0, 0.84]], storage=[[0.0, 0.84]], pore_diffusivity=[[0.0, 3e-11]]
    ... )
    >>> shares, terms = cumulative_elution(bed, species, Injection(), [199.5, 512.0, 3000.0])
    >>> print(shares.round(3))
    [[0.5   1.    1.   ]
     [0.    0.531 1.   ]]
    """
    rows, bead = _packed(beds, species)
    pulse, mixing = _checked(injection)
    t = _filled({"times": times}, (np.size(times),))[0]
    if not (t[1:] >= t[:-1]).all() or not (t < math.inf).all():
        raise ValueError("times must be finite and must not fall")
    shares = np.zeros((bead.shape[2], t.size))
    terms = np.zeros(bead.shape[2], dtype=np.int64)
    if t.size and t[-1] > 0.0:
        _fill_shares(rows, bead, pulse, mixing, t, shares, terms)
    return shares, terms


def _spectra(
    beds: BedArrays, species: SpeciesArrays, injection: Injection, end: float, points: int
) -> tuple[Complex, Index]:
    """Return the spectra (n_species, 2 points + 1) [1/s] of the damped outlet curves, and how many terms they took.

    Where a curve has more terms than the grid, they fold back, which changes nothing at its points.
    """
    rows, bead = _packed(beds, species)
    pulse, mixing = _checked(injection)
    last = _scalar("end", end, above=True)
    if points < 1:
        raise ValueError(f"points must be at least 1, and not {points}")
    spectra = np.empty((bead.shape[2], 2 * points + 1), dtype=np.complex128)
    terms = np.empty(bead.shape[2], dtype=np.int64)
    _fill_spectra(rows, bead, pulse, mixing, last, spectra, terms)
    return spectra, terms


def outlet_curve(
    beds: BedArrays, species: SpeciesArrays, injection: Injection, end: float, points: int
) -> tuple[Array, Index]:
    """Return which share of the load leaves per second, on a uniform grid of times.

    Divided by the flow it is the outlet concentration of a unit load. The error is below 1e-11 of the peak; amounts of
    fractions are differences of `cumulative_elution`, not sums of this.

    Parameters
    ----------
    beds : BedArrays
    species : SpeciesArrays
    injection : Injection
    end : float [s]
        Last time of the grid.
    points : int
        Intervals of the grid; its times are linspace(0, end, points + 1). Powers of two are fastest.

    Returns
    -------
    curves : ndarray, shape (n_species, points + 1) [1/s]
    terms : ndarray of int, shape (n_species,)
        Terms of the series, or NOT_CONVERGED: that curve is not to be used.

    Raises
    ------
    ValueError
        If a field or an argument is not as it is documented; it is named.

    Examples
    --------
    An excluded species that enters within 60 s and passes in 200 s:

    >>> bed = BedArrays([200.0], [400.0], [1.86], [65e-6])
    >>> species = SpeciesArrays([[1e-5]], pore_share=0.0, storage=0.0, pore_diffusivity=0.0)
    >>> curves, terms = outlet_curve(bed, species, Injection(pulse=60.0), 600.0, 600)
    >>> print(f"{curves[0].argmax()} s, {curves[0].sum():.6f}")
    231 s, 1.000000
    """
    spectra, terms = _spectra(beds, species, injection, end, points)
    growth = np.exp(_DAMPING / 4.0 * np.linspace(0.0, 1.0, points + 1))
    return np.fft.irfft(spectra, 4 * points, axis=1)[:, : points + 1] * growth, terms


def elution_moments(beds: BedArrays, species: SpeciesArrays, injection: Injection) -> tuple[Array, Array, Array]:
    """Return mean and variance of the time of leaving, from the start of the load, and the share recovered.

    Per bed, tau (1 + F (kappa + sigma)) and (2 / Pe) [1 - (1 - exp(-Pe)) / Pe] times its square, plus 2 tau F
    [(kappa + sigma)^2 r_p / (3 k_f) + kappa^2 r_p^2 / (15 P D_p)]; the pulse adds t_p / 2 and t_p^2 / 12, the mixer
    t_mix and its square. Exact where nothing is captured, and written for that case; what is captured counts in
    `recovered` = G(0) alone.

    Parameters
    ----------
    beds : BedArrays
    species : SpeciesArrays
    injection : Injection

    Returns
    -------
    mean : ndarray, shape (n_species,) [s]
    variance : ndarray, shape (n_species,) [s2]
    recovered : ndarray, shape (n_species,) [-]

    Raises
    ------
    ValueError
        If a field is not as it is documented; it is named.

    Examples
    --------
    >>> bed = BedArrays([200.0], [400.0], [2.0], [65e-6])
    >>> species = SpeciesArrays([[1e-5]], pore_share=0.5, storage=0.5, pore_diffusivity=3e-11)
    >>> mean, variance, recovered = elution_moments(bed, species, Injection(pulse=60.0))
    >>> print(f"{mean[0]:.1f} s, {variance[0] ** 0.5:.1f} s, {recovered[0]:.1f}")
    430.0 s, 72.7 s, 1.0
    """
    rows, bead = _packed(beds, species)
    pulse, mixing = _checked(injection)
    mean, variance, recovered = (np.empty(bead.shape[2]) for _ in range(3))
    _fill_moments(rows, bead, pulse, mixing, mean, variance, recovered)
    return mean, variance, recovered
