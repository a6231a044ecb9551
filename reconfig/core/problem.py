"""A problem: what is to be decided, what is best, what must hold. Plain data, no solver."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from reconfig.core.constraints import Among, Close, Constraint, Keep, OpenSites
from reconfig.core.faults import Faults, InputWarning, listing
from reconfig.core.limit import Limit
from reconfig.core.region import Region
from reconfig.core.service import Service

Sense = Literal["minimise", "maximise"]

# Two configurations count as equal in an objective when they differ by no more than this
# share of its value, unless the objective states a tolerance of its own.
EQUAL_WITHIN = 1e-6


@dataclass(frozen=True)
class Objective:
    """Make a measure as small or as large as can be; `then` decides among those equal in it.

    tolerance: in the measure's own unit; configurations within it of the best count as equal.
    """

    measure: str
    sense: Sense
    then: Objective | None = None
    tolerance: float = 0.0

    def stages(self) -> tuple[Objective, ...]:
        """Return this objective and those that follow it, in order."""
        return (self,) if self.then is None else (self, *self.then.stages())

    def __str__(self) -> str:
        first = f"{self.sense} {self.measure}"
        return first if self.then is None else f"{first}, then {self.then}"


def minimise(measure: str, *, then: Objective | None = None, tolerance: float = 0.0) -> Objective:
    """Return the objective of making a measure as small as can be."""
    return Objective(measure, "minimise", then, tolerance)


def maximise(measure: str, *, then: Objective | None = None, tolerance: float = 0.0) -> Objective:
    """Return the objective of making a measure as large as can be."""
    return Objective(measure, "maximise", then, tolerance)


@dataclass(frozen=True, eq=False, repr=False)
class Problem:
    """A region, a service, an objective and constraints; checked as it is made.

    Raises InputError, listing every fault: unknown sites, impossible numbers of sites,
    a site both kept and closed, an unknown group column.
    """

    region: Region
    service: Service
    objective: Objective
    constraints: tuple[Constraint, ...] = ()

    def __init__(
        self,
        region: Region,
        service: Service,
        objective: Objective,
        constraints: Iterable[Constraint] | Constraint = (),
    ) -> None:
        listed = [constraints] if isinstance(constraints, Constraint) else list(constraints)
        faults = Faults()
        _check_kinds(region, service, objective, listed, faults)
        faults.raise_if_any()
        object.__setattr__(self, "region", region)
        object.__setattr__(self, "service", service)
        object.__setattr__(self, "objective", objective)
        object.__setattr__(self, "constraints", tuple(listed))
        check_constraints(self, faults, file="problem")
        faults.raise_if_any()
        _warn_of_new_sites(region, service)

    @classmethod
    def unchecked(
        cls,
        region: Region,
        service: Service,
        objective: Objective,
        constraints: Iterable[Constraint],
    ) -> Problem:
        """Return a problem as it is, for who notes its faults with `check_constraints`."""
        draft = object.__new__(cls)
        object.__setattr__(draft, "region", region)
        object.__setattr__(draft, "service", service)
        object.__setattr__(draft, "objective", objective)
        object.__setattr__(draft, "constraints", tuple(constraints))
        return draft

    def having(self, *constraints: Constraint) -> Problem:
        """Return this problem with further constraints."""
        return Problem(self.region, self.service, self.objective, self.constraints + constraints)

    def aiming(self, objective: Objective) -> Problem:
        """Return this problem with another objective."""
        return Problem(self.region, self.service, objective, self.constraints)

    def with_number(self, number: int) -> Problem:
        """Return this problem with exactly that many sites, other constraints as they are."""
        others = tuple(c for c in self.constraints if not isinstance(c, OpenSites))
        return Problem(
            self.region, self.service, self.objective, (*others, OpenSites(number, number))
        )

    @property
    def kept(self) -> frozenset[str]:
        """Ids of the candidates that must be open."""
        return frozenset().union(*(c.sites for c in self.constraints if isinstance(c, Keep)))

    @property
    def closed(self) -> frozenset[str]:
        """Ids of the candidates that must be closed."""
        return frozenset().union(*(c.sites for c in self.constraints if isinstance(c, Close)))

    @property
    def fewest(self) -> int:
        """Fewest sites that the constraints on their number, and on sites kept, allow."""
        bounds = [c.at_least or 0 for c in self.constraints if isinstance(c, OpenSites)]
        return max([*bounds, sum(low for low, _ in self.numbers().values())])

    @property
    def most(self) -> int:
        """Most sites that the constraints on their number, and on sites closed, allow."""
        bounds = [
            c.at_most
            for c in self.constraints
            if isinstance(c, OpenSites) and c.at_most is not None
        ]
        return min([*bounds, sum(high for _, high in self.numbers().values())])

    def numbers(self) -> dict[str, tuple[int, int]]:
        """Return service id -> fewest and most of its sites that may be open.

        As far as sites kept and closed and the constraints on the number of them say.
        """
        found = {}
        for part in self.service.parts or (self.service,):
            own = frozenset(f"{part.id}@{s}" if self.service.parts else s for s in part.candidates)
            low = max(len(self.kept & own), 0 if part.always_open else 1)
            high = len(own - self.closed)
            for c in self.constraints:
                of_all = isinstance(c, OpenSites) and not self.service.parts
                if of_all or (isinstance(c, Among) and c.sites == own):
                    assert isinstance(c, OpenSites | Among)
                    low = max(low, c.at_least or 0)
                    high = high if c.at_most is None else min(high, c.at_most)
            found[part.id] = (low, high)
        return found

    def exact_numbers(self) -> dict[str, int | None]:
        """Return service id -> how many of its sites will be open; None where that is left open."""
        found = {s: low if low == high else None for s, (low, high) in self.numbers().items()}
        if not self.service.parts and self.fewest == self.most:
            found[self.service.id] = self.most
        return found

    def with_numbers(self, numbers: Mapping[str, int]) -> Problem:
        """Return this problem with exactly so many sites of some services, by their ids."""
        if not self.service.parts:
            return self.with_number(numbers[self.service.id])
        exact = [
            Among(frozenset(f"{part.id}@{s}" for s in part.candidates), *2 * (numbers[part.id],))
            for part in self.service.parts
            if part.id in numbers
        ]
        return self.having(*exact)

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the measures that the objective and the limits are about, each once."""
        aims = [stage.measure for stage in self.objective.stages()]
        limits = [c.measure for c in self.constraints if isinstance(c, Limit)]
        return tuple(dict.fromkeys([*aims, *limits]))

    def __repr__(self) -> str:
        rules = "; ".join(map(str, self.constraints)) or "no constraints"
        return f"<Problem: {self.service.name} in {self.region.name}; {self.objective}; {rules}>"

    def _repr_html_(self) -> str:
        from reconfig.report.displays import problem_display

        return problem_display(self)


def _check_kinds(
    region: object,
    service: object,
    objective: object,
    constraints: Iterable[object],
    faults: Faults,
) -> None:
    """Note every part of a problem that is not of its kind, such as a name in its place."""
    good = {
        'region, such as rc.load_region("...")': [(region, isinstance(region, Region))],
        'service, such as region.service("...")': [(service, isinstance(service, Service))],
        'objective, such as rc.minimise("mean_minutes")': [
            (objective, isinstance(objective, Objective))
        ],
        "constraint, such as rc.open_sites(4)": [
            (c, isinstance(c, Constraint)) for c in constraints
        ],
    }
    for what, parts in good.items():
        for found, fits in parts:
            if not fits:
                faults.add("problem", what.partition(",")[0], f"{found!r}", f"a {what}")


def _warn_of_new_sites(region: Region, service: Service) -> None:
    """Warn of a service taken before a site was added: the new site could never be chosen."""
    here = region.services.get(service.id)
    new = set(region.sites.index[region.sites["proposed"]]).difference(service.candidates)
    if here is not None and new & set(here.candidates):
        warnings.warn(
            f"site {listing(sorted(new))} was added to the region, but the service was taken "
            f"before; write region.service('{service.id}') again to make it a candidate",
            InputWarning,
            stacklevel=3,
        )


def check_constraints(problem: Problem, faults: Faults, *, file: str) -> None:
    """Note every constraint that names what is not there or that can never hold."""
    for constraint in problem.constraints:
        constraint.check(problem, faults, file=file)
    check_between(problem, faults, file=file)


def check_between(problem: Problem, faults: Faults, *, file: str) -> None:
    """Note constraints that contradict each other. faults: those of the constraints themselves."""
    both = problem.kept & problem.closed
    if both:
        faults.add(
            file,
            "keep / close",
            f"{listing(sorted(both))} both kept and closed",
            "each site in one of the two at most",
        )
    if not faults and problem.fewest > problem.most:
        faults.add(
            file,
            "open",
            f"at least {problem.fewest} sites must be open and at most {problem.most} can be",
            "a number of sites that keep and close leave possible",
        )
