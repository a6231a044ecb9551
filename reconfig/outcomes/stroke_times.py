"""Disability after ischaemic stroke by time to thrombolysis or thrombectomy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from scipy.special import expit, logit

from reconfig.core import Assumptions, Faults
from reconfig.outcomes.stroke_pathway import Pathway, Treated

# Modified Rankin scale: 0 no symptoms ... 5 bedridden, 6 dead. A cut is "this score or less".
SCORES = "0123456"
CUTS = SCORES[:-1]
EXCELLENT, INDEPENDENT = "1", "2"

# Treatment -> the kinds of stroke that it has distributions for.
TREATMENTS: Mapping[str, tuple[str, ...]] = {"ivt": ("nlvo", "lvo"), "mt": ("lvo",)}

# Sets of utilities in the register: stroke.utility_0 to _6 and so on.
UTILITIES: Mapping[str, str] = {
    "wang": "stroke.utility",
    "dijkland": "stroke.utility_dijkland",
}


def mrs_distribution(
    draws: Assumptions, group: str, treatment: str, minutes: np.ndarray | Sequence[float]
) -> np.ndarray:
    """Return the share of treated patients at each score of the modified Rankin scale.

    group: "nlvo" or "lvo" (without or with a large-vessel occlusion); treatment: "ivt" for
    thrombolysis or "mt" for thrombectomy, which is for "lvo" only. minutes: from onset to
    treatment, 1-D or a row for each draw. Returns shape (draws, minutes, 7), summing to 1.

    For each score k, on the logit scale, a straight line from treatment at once to the time T of
    no effect and flat beyond, deaths by treatment included, so that past T a treated patient
    is a little worse than an untreated one:

        logit P(mRS <= k | t) = logit Pne_k + effect (logit P0_k - logit Pne_k) (1 - min(t, T)/T)

    effect: 1, drawn to carry the trials' uncertainty. Source: the method and distributions of
    stroke-outcome 0.1.8 (University of Exeter), which this reproduces.
    """
    return _scores(_cumulative(draws, group, treatment, minutes))


def untreated_distribution(draws: Assumptions, group: str) -> np.ndarray:
    """Return the share of untreated patients at each mRS score (shape: draws, 7)."""
    return _scores(draws[f"stroke.mrs_untreated_{group}_{score}"] for score in CUTS)


def utility(
    draws: Assumptions,
    group: str,
    treatment: str,
    minutes: np.ndarray | Sequence[float],
    *,
    utilities: str = "wang",
) -> np.ndarray:
    """Return the gain in utility per treated patient over no treatment (shape: draws, minutes).

    Never below zero, and zero from the time of no effect: whoever would come too late is taken
    to be left untreated. utilities: "wang" (2020) or "dijkland" (2018).
    """
    prefix = utilities_prefix(utilities)
    weights = [draws[f"{prefix}_{score}"] for score in SCORES]
    steps = {k: weights[i] - weights[i + 1] for i, k in enumerate(CUTS)}
    return _gain(draws, group, treatment, minutes, steps)


def independent(
    draws: Assumptions, group: str, treatment: str, minutes: np.ndarray | Sequence[float]
) -> np.ndarray:
    """Return the share made independent (mRS 0 to 2) per treated patient over no treatment.

    Shape: draws, minutes; never below zero, as for `utility`.
    """
    return _gain(draws, group, treatment, minutes, {INDEPENDENT: np.ones(draws.number)})


def excellent(
    draws: Assumptions, group: str, treatment: str, minutes: np.ndarray | Sequence[float]
) -> np.ndarray:
    """Return the share brought to mRS 0 or 1 per treated patient over no treatment.

    Shape: draws, minutes; never below zero, as for `utility`.
    """
    return _gain(draws, group, treatment, minutes, {EXCELLENT: np.ones(draws.number)})


def deaths(
    draws: Assumptions, group: str, treatment: str, minutes: np.ndarray | Sequence[float]
) -> np.ndarray:
    """Return deaths added by treatment per treated patient (shape: draws, minutes).

    Below zero where treatment avoids deaths, above zero where it comes late and causes more than
    it avoids. Not for headlines: the model has early thrombolysis avoid deaths, and the trials
    found no net effect on mortality (Emberson 2014).
    """
    dead = mrs_distribution(draws, group, treatment, minutes)[..., -1]
    return np.asarray(dead - untreated_distribution(draws, group)[:, None, -1])


def utilities_prefix(utilities: str) -> str:
    """Return the register's prefix of a set of utilities; raise InputError for an unknown one."""
    faults = Faults()
    if utilities not in UTILITIES:
        expected = " or ".join(f"'{name}'" for name in UTILITIES)
        faults.add("stroke times", "utilities", f"'{utilities}'", expected)
    faults.raise_if_any()
    return UTILITIES[utilities]


def _cumulative(
    draws: Assumptions, group: str, treatment: str, minutes: np.ndarray | Sequence[float]
) -> Iterator[np.ndarray]:
    """Yield P(mRS <= k) for k = 0 to 5, each of shape (draws, minutes)."""
    times = _checked(draws, group, treatment, minutes)
    limit = draws[f"stroke.{treatment}_no_effect_minutes"][:, None]
    left = draws[f"stroke.{treatment}_effect"][:, None] * (1 - np.minimum(times, limit) / limit)
    highest = np.zeros(left.shape)
    for score in CUTS:
        at_limit = logit(draws[f"stroke.mrs_no_effect_{group}_{treatment}_{score}"])[:, None]
        at_once = logit(draws[f"stroke.mrs_t0_{group}_{treatment}_{score}"])[:, None]
        # An extreme draw of the effect goes beyond both distributions: keep the cuts in order.
        highest = np.maximum(highest, expit(at_limit + left * (at_once - at_limit)))
        yield highest


def _scores(cumulative: Iterator[np.ndarray]) -> np.ndarray:
    """Turn P(mRS <= 0) to P(mRS <= 5) into the share at each score, along a new last axis."""
    cuts = np.stack(list(cumulative), axis=-1)
    none, all_of_them = np.zeros_like(cuts[..., :1]), np.ones_like(cuts[..., :1])
    return np.diff(np.concatenate([none, cuts, all_of_them], axis=-1), axis=-1)


def _gain(
    draws: Assumptions,
    group: str,
    treatment: str,
    minutes: np.ndarray | Sequence[float],
    steps: Mapping[str, np.ndarray],
) -> np.ndarray:
    """Return sum_k step_k (P(mRS <= k | t) - P(mRS <= k | untreated)), never below zero.

    One cut at a time, so that memory does not grow with the number of scores. steps: by cut, the
    worth of being at that score or less rather than above it (shape: draws).
    """
    total = np.zeros(())
    for score, treated in zip(CUTS, _cumulative(draws, group, treatment, minutes), strict=True):
        if score in steps:
            untreated = draws[f"stroke.mrs_untreated_{group}_{score}"]
            total = total + steps[score][:, None] * (treated - untreated[:, None])
    in_time = (
        _checked(draws, group, treatment, minutes)
        < (draws[f"stroke.{treatment}_no_effect_minutes"][:, None])
    )
    return np.where(in_time, np.maximum(total, 0), 0)


def _checked(
    draws: Assumptions, group: str, treatment: str, minutes: np.ndarray | Sequence[float]
) -> np.ndarray:
    """Return the minutes as (1 or draws, minutes), or raise InputError with every fault."""
    faults, file = Faults(), "stroke times"
    if treatment not in TREATMENTS:
        faults.add(file, "treatment", f"'{treatment}'", " or ".join(f"'{t}'" for t in TREATMENTS))
    elif group not in TREATMENTS[treatment]:
        groups = " or ".join(f"'{g}'" for g in TREATMENTS[treatment])
        faults.add(file, "group", f"'{group}' with treatment '{treatment}'", groups)
    times = np.asarray(minutes, dtype=float)
    if times.ndim == 1:
        times = times[None, :]
    if times.ndim != 2 or times.shape[0] not in (1, draws.number):
        expected = f"a list of minutes or {draws.number} rows of them, one for each draw"
        faults.add(file, "minutes", f"an array of shape {times.shape}", expected)
    if not (times >= 0).all():
        count = int((~(times >= 0)).sum())
        faults.add(file, "minutes", f"{count} blank or below zero", "minutes of zero or more")
    faults.raise_if_any()
    return times


def gains_by_minutes(
    draws: Assumptions,
    minutes: np.ndarray | Sequence[float],
    *,
    transfer_minutes: float | np.ndarray = 0.0,
    utilities: str = "wang",
) -> dict[str, np.ndarray]:
    """Return gains per stroke case by minutes of travel, each of shape (draws, minutes).

    Minutes become times from onset to treatment (`Pathway`), those the gain of each treated
    patient over no treatment, and the shares treated (`Treated`) the gain per stroke of any kind.
    minutes: from the patient to the first unit. transfer_minutes: from there on to a thrombectomy
    centre, 0 where the first unit is one (infinite: no thrombectomy); one number or one for each
    of the minutes. Keys: "utility", "qalys" (discounted) and "independent" (mRS 0 to 2). More
    minutes never gain more. Deaths are left out on purpose: see `deaths`.
    """
    pathway, treated = Pathway.of(draws), Treated.of(draws)
    needle = pathway.to_thrombolysis(minutes)
    puncture = pathway.to_thrombectomy(minutes, transfer_minutes=transfer_minutes)
    gain = treated.per_case(
        utility(draws, "nlvo", "ivt", needle, utilities=utilities),
        utility(draws, "lvo", "ivt", needle, utilities=utilities),
        utility(draws, "lvo", "mt", puncture, utilities=utilities),
    )
    made_independent = treated.per_case(
        independent(draws, "nlvo", "ivt", needle),
        independent(draws, "lvo", "ivt", needle),
        independent(draws, "lvo", "mt", puncture),
    )
    return {
        "utility": gain,
        "qalys": gain * draws["stroke.quality_years"][:, None],
        "independent": made_independent,
    }
