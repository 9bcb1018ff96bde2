"""How many antigens stand on what moves: on a particle alone, or on a cluster of many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sepsim.arrays import FloatArray
from sepsim.samples.sample import Sample


def antigens_of_bodies(sample: Sample, antigens: Sequence[str]) -> FloatArray:
    """Return the mean antigens on what moves, for each row.

    Clusters of one size are alike: each holds of all that is in them, so that a lipoprotein goes where the vesicles of
    its cluster go.

    Parameters
    ----------
    sample : Sample
        With the strata of the antigens.
    antigens : sequence of str
        Summed.

    Returns
    -------
    ndarray, shape (n_classes,) [-]

    Examples
    --------
    >>> import sepsim
    >>> urine = sepsim.sample_from_catalog("urine", volume_mL=1, size_bins=3)
    >>> step = {"beads": "M-280", "beads_per_mL": 1e8, "antigen": "CD9", "incubation_min": 30}
    >>> sample = sepsim.prepared_sample(urine, [sepsim.Immunocapture(**step)])
    >>> copies = sample.particles.variants.copies_of("CD9")
    >>> bool(np.all(antigens_of_bodies(sample, ["CD9"]) == copies))  # nothing is in clusters
    True
    """
    table, variants = sample.particles, sample.particles.variants
    assert variants is not None
    copies: FloatArray = np.sum([variants.copies_of(antigen) for antigen in antigens], axis=0)
    bodies = table.moving(sample.counts)
    found = copies.copy()
    for state in np.unique(variants.state[variants.in_body & ~variants.carried]):
        within = variants.state == state
        if bodies[within].any():
            found[within] = (sample.counts[within] @ copies[within]) / bodies[within].sum()
    return found
