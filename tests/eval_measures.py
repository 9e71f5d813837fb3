"""How good are lists of neighbours? Pure functions over arrays.

Conventions
-----------
`order` is an ndarray (n, m) of row numbers: each row's neighbours, nearest first, without the row itself. `labels` is
an ndarray (n,), the album or style of each row.
"""

from __future__ import annotations

import numpy as np

PERMUTATIONS = 1_000
RESAMPLES = 2_000


def r_precision(order, labels):
    """Share of a row's R nearest that bear its label, which R others bear; NaN where no other does, ndarray (n,).

    C. D. Manning, P. Raghavan, H. Schuetze, Introduction to Information Retrieval, 2008, section 8.4.
    """
    wanted = (labels[:, None] == labels[None]).sum(axis=1) - 1
    counted = np.arange(order.shape[1]) < wanted[:, None]
    hits = ((labels[order] == labels[:, None]) & counted).sum(axis=1)
    return np.where(wanted > 0, hits / np.maximum(wanted, 1), np.nan)


def precision(order, labels, k):
    """Share of a row's k nearest that bear its label, ndarray (n,)."""
    return (labels[order[:, :k]] == labels[:, None]).mean(axis=1)


def occurrences(order, n):
    """In how many lists each of n rows stands, ndarray (n,)."""
    return np.bincount(order.ravel(), minlength=n)


def skewness(values):
    """Third standardised moment, 0 for equal values: of `occurrences`, the hubness of M. Radovanovic et al., JMLR 11.

    Examples
    --------
    >>> skewness(np.array([0, 0, 0, 4]))
    1.1547005383792515
    """
    centred = values - np.mean(values)
    spread = np.sqrt(np.mean(centred**2))
    return float(np.mean(centred**3) / spread**3) if spread > 0 else 0.0


def orphans(counts):
    """Share of rows that are in nobody's list."""
    return float(np.mean(counts == 0))


def by_chance(score, labels, *, seed, permutations=PERMUTATIONS):
    """Mean of each label's rows over permuted labels, in the order of `np.unique`; NaN where a label has no score.

    Parameters
    ----------
    score : callable
        Labels -> ndarray (n,), e.g. ``partial(r_precision, order)``.
    """
    rng = np.random.default_rng(seed)
    mixed = (rng.permutation(labels) for _ in range(permutations))
    return np.mean([per_label(score(each), each) for each in mixed], axis=0)


def per_label(scores, labels):
    """Mean score of each label's rows, in the order of `np.unique`, ndarray (labels,)."""
    names, places = np.unique(labels, return_inverse=True)
    return np.bincount(places, scores, len(names)) / np.bincount(places, minlength=len(names))


def bootstrapped(scores, chance, labels, *, seed, resamples=RESAMPLES):
    """Mean over rows with an interval over labels, and what it is over chance.

    Whole labels are drawn with replacement, so that the tracks of one album do not pass for independent ones. A row
    without a score (NaN) does not count.

    Parameters
    ----------
    scores : ndarray (n,)
        One for each row.
    chance : ndarray (labels,)
        As `by_chance` gives them.

    Returns
    -------
    dict
        ``value``, ``random`` and ``ratio``; ``value_95`` and ``ratio_95``, each the 2.5th and 97.5th percentile;
        ``n`` rows.
    """
    names, places = np.unique(labels, return_inverse=True)
    known = ~np.isnan(scores)
    counts = np.bincount(places[known], minlength=len(names))
    sums = np.bincount(places[known], scores[known], len(names))
    used = counts > 0
    counts, sums, luck = counts[used], sums[used], (np.nan_to_num(chance) * counts)[used]
    drawn = np.random.default_rng(seed).integers(len(counts), size=(resamples, len(counts)))
    values = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    ratios = sums[drawn].sum(axis=1) / luck[drawn].sum(axis=1)
    return {
        "n": int(counts.sum()),
        "value": sums.sum() / counts.sum(),
        "value_95": tuple(np.percentile(values, (2.5, 97.5))),
        "random": luck.sum() / counts.sum(),
        "ratio": sums.sum() / luck.sum(),
        "ratio_95": tuple(np.percentile(ratios, (2.5, 97.5))),
    }


def moved(before, after):
    """How far points went, as a share of the first map's width, ndarray (n,).

    Parameters
    ----------
    before, after : ndarray (n, 2)
        The same points on both maps.
    """
    return np.linalg.norm(after - before, axis=1) / np.ptp(before, axis=0).max()
