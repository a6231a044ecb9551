"""Uncertainty: what sampled assumptions make of several configurations, all at once."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import rankdata

from reconfig.analyse.information import information_table
from reconfig.appraise import Appraisal, Flows, Grid, caseload, find_measure, total_gain
from reconfig.appraise.lives import DRAWS, INTERVAL, NO_GAIN
from reconfig.core import (
    Caseload,
    Configuration,
    OutcomeModel,
    Region,
    Service,
    Solution,
)
from reconfig.core.choice import CHOICE_MINUTES
from reconfig.data.switches import CHOICES
from reconfig.outcomes import Draws

Weighable = Configuration | Solution | Appraisal
# Draws of the errors of estimated times: each with a part of the draws of the assumptions.
REPLICATES = 40
# The convergence plot begins at so many draws, and has so many places.
FIRST_SHOWN, SHOWN = 20, 60
# Gains that differ by less than this, or than this share of the largest, are equal: rounding.
SAME = 1e-12
TRAVEL_ERROR = "travel.error_sd"


@dataclass(frozen=True, eq=False, repr=False)
class Case:
    """What is weighed: configurations of one service, with their caseload, ready for any draws.

    loads: the caseload, once for each draw of the errors of estimated times.
    """

    region: Region
    service: Service
    configurations: tuple[Configuration, ...]
    names: tuple[str, ...]
    estimate: str
    loads: tuple[Caseload, ...]

    @property
    def outcome(self) -> OutcomeModel:
        """The outcome model of the service."""
        assert self.service.outcome is not None
        return self.service.outcome

    @property
    def unit(self) -> str:
        """Unit of the gains."""
        measure = find_measure(self.estimate)
        assert measure is not None
        return measure.unit

    def gains(self, values: Draws) -> np.ndarray:
        """Return gains a year (number x configurations), each caseload with its part of values.

        The caseloads take turns, so that any stretch of the draws has its share of each.
        """
        found = np.empty((values.number, len(self.configurations)))
        for first, load in enumerate(self.loads):
            rows = np.arange(first, values.number, len(self.loads))
            if len(rows):
                some = values if len(self.loads) == 1 else values.rows(rows)
                found[rows] = total_gain(self.outcome, self.estimate, load, some)[0]
        return found


@dataclass(frozen=True, eq=False, repr=False)
class Uncertainty:
    """What many draws of the assumptions make of several configurations.

    gains: a year (draws x configurations), the same draws for every configuration. values: the
    draws of the assumptions. table: one row a configuration, the largest mean first: mean, median,
    low, high (95 % interval), central (at the central values), baseline_deaths (a year, expected),
    probability_of_gain, probability_best (ties shared), mean_rank (1 is best), sites.
    """

    case: Case
    values: Draws
    gains: np.ndarray
    table: pd.DataFrame
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """Unit of the gains."""
        return self.case.unit

    @property
    def best(self) -> str:
        """The name of the configuration with the largest mean gain."""
        return str(self.table.index[0])

    @cached_property
    def information(self) -> pd.DataFrame:
        """Value of perfect information a year: in all, and by group of assumptions.

        What would be gained, on average, by choosing after the truth is known; a group's value is
        an estimate, by regression on its draws.
        """
        return information_table(self.gains, self.values)

    @cached_property
    def convergence(self) -> pd.DataFrame:
        """Running mean, and chance of being best, of the best configuration by number of draws.

        standard_error: of the running mean, as if draws were neither stratified nor, with
        travel_error, shared in replicates: too large without it, too small with it.
        """
        column, counts = self.case.names.index(self.best), np.arange(1, len(self.gains) + 1)
        gains = self.gains[:, column]
        running = np.cumsum(gains) / counts
        # About the last mean, so that what is left of large squares is no rounding.
        squares = np.cumsum((gains - running[-1]) ** 2) / counts - (running - running[-1]) ** 2
        error = np.sqrt(np.maximum(squares, 0.0) / counts)
        best = _share_best(self.gains)[:, column].cumsum() / counts
        last = len(self.gains)
        numbers = np.unique(
            np.rint(np.geomspace(min(FIRST_SHOWN, last // 2), last, SHOWN)).astype(int)
        )
        at = numbers - 1
        return pd.DataFrame(
            {"mean": running[at], "standard_error": error[at], "probability_best": best[at]},
            index=pd.Index(numbers, name="draws"),
        )

    def plot(self) -> object:
        """Return a matplotlib figure: intervals of the best ten, and how the mean settles."""
        from reconfig.report import uncertainty_chart

        return uncertainty_chart(self)

    def sentence(self) -> str:
        """Say in one sentence what a board may take from it."""
        row = self.table.iloc[0]
        deaths = (
            f" of {row['baseline_deaths']:,.0f} deaths under {self.case.outcome.baseline}"
            if self.case.estimate == "lives_saved"
            else ""
        )
        room = NO_GAIN * max(1.0, abs(float(row["mean"])))
        alike = int((self.table["mean"] >= row["mean"] - room).sum()) - 1
        others = f", as {'has' if alike == 1 else 'have'} {alike:,} more" if alike else ""
        return (
            f"{self.best} has the largest mean{others}: {row['mean']:.1f} {self.unit} (95 % "
            f"interval {row['low']:.1f} to {row['high']:.1f}){deaths}; it is best in "
            f"{row['probability_best']:.0%} of the draws, and the chance of no gain or of harm is "
            f"{1 - row['probability_of_gain']:.0%}. Estimated."
        )

    def __repr__(self) -> str:
        return f"<Uncertainty over {len(self.gains):,} draws: {self.sentence()}>"

    def _repr_html_(self) -> str:
        head = self.table.drop(columns="sites").head(10).to_html(float_format="{:,.2f}".format)
        return f"<p>{escape(self.sentence())}</p>{head}"


def uncertainty(
    region: Region,
    configurations: Iterable[Weighable],
    *,
    draws: int = DRAWS,
    seed: int = 1,
    service: Service | None = None,
    of: str = "lives_saved",
    choice: str = "nearest",
    congestion: float = 1.0,
    travel_error: bool = False,
) -> Uncertainty:
    """Return what sampled assumptions make of configurations, all on the same draws.

    of: an estimate of the service's outcome model. choice: "nearest" sends all cases to the nearest
    open site (or as `Service.choice` has it), "spread" spreads them over near ones (register:
    travel.choice_minutes). congestion: what all minutes are multiplied by. travel_error: draw
    errors of estimated times too (register: travel.error_sd). The same seed gives the same answer.
    Raises ValueError if there is no configuration, the configurations are of several services, one
    opens a site that is no candidate, the service has no such estimate, or a zone with cases can
    reach no open site.
    """
    if draws < 2:
        raise ValueError(f"draws = {draws}: two at least")
    if seed < 0:
        raise ValueError(f"seed = {seed}: 0 or above")
    case = weigh(
        region,
        configurations,
        service=service,
        of=of,
        choice=choice,
        congestion=congestion,
        travel_error_seed=seed if travel_error else None,
    )
    values = Draws.sample(case.outcome.register, draws, seed)
    gains = case.gains(values)
    settings = {
        "draws": draws,
        "seed": seed,
        "choice": choice,
        "congestion": congestion,
        "travel_error": travel_error,
    }
    return Uncertainty(case, values, gains, _table(case, gains), settings)


def weigh(
    region: Region,
    configurations: Iterable[Weighable],
    *,
    service: Service | None = None,
    of: str = "lives_saved",
    choice: str = "nearest",
    congestion: float = 1.0,
    travel_error_seed: int | None = None,
) -> Case:
    """Return configurations ready to be weighed; raise ValueError as `uncertainty` does."""
    given = list(configurations)
    chosen = [_configuration(one) for one in given]
    if service is None:
        service = _service_of(given) or _service(region, chosen)
        _refuse_other_choice(service, given)
    if service.parts:
        raise ValueError(
            f"{service.id} are several services: ask it of each, with rc.apart(configuration) and "
            "service= one of them. The lives of a joint rc.Solution have their interval already"
        )
    _check_sites(service, chosen)
    if service.is_directed:
        raise ValueError(
            f"patients of {service.id} are directed: that is not weighed yet. See the lives of "
            "each rc.Solution, or weigh the sites with service= one whose patients are not directed"
        )
    if service.outcome is None or of not in service.outcome.estimates:
        known = ", ".join(service.outcome.estimates) if service.outcome else "nothing"
        raise ValueError(f"'{of}' is not estimated for {service.id}, only {known}")
    if choice not in CHOICES:
        raise ValueError(f"choice = '{choice}': one of {', '.join(CHOICES)}")
    if not 0 < congestion < math.inf:
        raise ValueError(f"congestion = {congestion:g}: a number above 0")
    grid = Grid.of(region, service)
    register = service.outcome.register
    spread = register.value(CHOICE_MINUTES) if choice == "spread" else 0.0
    all_flows = [Flows(congestion, spread)]
    if travel_error_seed is not None and set(region.estimated_sites).intersection(grid.sites):
        factors = _site_factors(region, grid, register.value(TRAVEL_ERROR), travel_error_seed)
        all_flows = [replace(all_flows[0], site_factor=row) for row in factors]
    opened = [c.sites(service.id) for c in chosen]
    loads = tuple(caseload(grid, opened, one) for one in all_flows)
    return Case(region, service, tuple(chosen), _names(region, service, chosen), of, loads)


def _configuration(one: Weighable) -> Configuration:
    if isinstance(one, Solution):
        return one.found()
    return one.configuration if isinstance(one, Appraisal) else one


def _service_of(given: Sequence[Weighable]) -> Service | None:
    """Return the service that solutions were found for, if all of them are of the very same one."""
    found = [one.problem.service if isinstance(one, Solution) else None for one in given]
    first = found[0] if found else None
    return first if all(service is first for service in found) else None


def _service(region: Region, chosen: Sequence[Configuration]) -> Service:
    ids = sorted({service_id for configuration in chosen for service_id in configuration.open})
    if len(ids) > 1:
        raise ValueError(f"configurations of several services ({', '.join(ids)}): say which")
    if not ids:
        raise ValueError("no configuration to weigh")
    return region.service(ids[0])


def _refuse_other_choice(service: Service, given: Sequence[Weighable]) -> None:
    """Refuse what was found with another choice of site than the service of the region has."""
    for one in given:
        own = one.problem.service if isinstance(one, Solution) else getattr(one, "service", service)
        ways = [s.way_of_choosing for s in (own, service)]
        if ways[0] != ways[1]:
            raise ValueError(
                f"patients choose their site otherwise in {one!r} ({ways[0]}) than in the region's "
                f"service ({ways[1]}): say which service="
            )


def _check_sites(service: Service, chosen: Sequence[Configuration]) -> None:
    if not chosen:
        raise ValueError("no configuration to weigh")
    silent = [c for c in chosen if service.id not in c.open]
    if silent:
        raise ValueError(f"nothing is said of {service.id} in {silent[0]!r}")
    opened = {site for c in chosen for site in c.sites(service.id)}
    if unknown := sorted(opened.difference(service.candidates)):
        raise ValueError(
            f"{', '.join(unknown)}: not a candidate for {service.id}; "
            f"candidates: {', '.join(service.candidates)}"
        )


def _names(region: Region, service: Service, chosen: Sequence[Configuration]) -> tuple[str, ...]:
    """Return a name for each: its own, or those of its sites; numbered where two are alike."""
    names = [c.name or ", ".join(region.site_names(c.sites(service.id))) for c in chosen]
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(found)


def _site_factors(region: Region, grid: Grid, sd: float, seed: int) -> np.ndarray:
    """Return what each site's minutes are multiplied by (replicates x sites): mean 1, lognormal.

    Only sites whose times are estimated are in doubt. Each has its own stream of random numbers,
    stratified, so that another site or service changes none of them.
    """
    factors = np.ones((REPLICATES, len(grid.sites)))
    for column, site in enumerate(grid.sites):
        if site in region.estimated_sites:
            rng = np.random.default_rng([seed, zlib.crc32(f"{TRAVEL_ERROR} {site}".encode())])
            uniform = (rng.permutation(REPLICATES) + 1.0 - rng.random(REPLICATES)) / REPLICATES
            scores = ndtri(np.minimum(uniform, 1.0 - SAME))
            factors[:, column] = np.exp(sd * scores - sd**2 / 2)
    return factors


def _share_best(gains: np.ndarray) -> np.ndarray:
    """Return each configuration's share in being best (draws x configurations; rows sum to 1)."""
    slack = SAME * max(1.0, float(np.abs(gains).max()))
    best = gains >= gains.max(axis=1, keepdims=True) - slack
    return np.asarray(best / best.sum(axis=1, keepdims=True))


def _ranks(gains: np.ndarray) -> np.ndarray:
    """Return ranks in each draw (draws x configurations): 1 is best, ties share their mean."""
    step = SAME * max(1.0, float(np.abs(gains).max()))
    return np.asarray(rankdata(-np.round(gains / step), axis=1))


def _table(case: Case, gains: np.ndarray) -> pd.DataFrame:
    middle = Draws.central(case.outcome.register)
    central = np.mean(
        [total_gain(case.outcome, case.estimate, load, middle)[0][0] for load in case.loads], axis=0
    )
    deaths = float(case.outcome.baseline_deaths(middle)[0]) * case.loads[0].cases
    low, high = np.quantile(gains, INTERVAL, axis=0)
    table = pd.DataFrame(
        {
            "mean": gains.mean(axis=0),
            "median": np.median(gains, axis=0),
            "low": low,
            "high": high,
            "central": central,
            "baseline_deaths": deaths,
            "probability_of_gain": (gains > NO_GAIN * max(deaths, 1.0)).mean(axis=0),
            "probability_best": _share_best(gains).mean(axis=0),
            "mean_rank": _ranks(gains).mean(axis=0),
            "sites": [", ".join(c.sites(case.service.id)) for c in case.configurations],
        },
        index=pd.Index(case.names, name="configuration"),
    )
    return table.sort_values("mean", ascending=False, kind="stable")
