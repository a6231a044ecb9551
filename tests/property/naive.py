"""A second, deliberately naive judge: plain loops over plain dictionaries, nothing shared.

It repeats the definitions in words of one syllable, so that appraisal itself can be wrong and be
seen to be.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from reconfig.core import (
    Among,
    Budget,
    Capacity,
    Close,
    Constraint,
    Differ,
    Keep,
    Limit,
    OpenSites,
    Region,
    Service,
)

# The made-up outcome model of tests/instances.py, written out again.
LIVES_PER_CASE = 0.05
STAFFED = {0: 1.0, 1: 1.0, 2: 1.0, 3: 0.5}

Sites = tuple[str, ...]


@dataclass(frozen=True)
class Naive:
    """minutes: (zone, site) -> minutes, only where there is a way. group: zone -> district.

    today: the candidates that are open now. costs: (column, site) -> what the sites table says.
    extra: (zone, site) -> minutes that a site seems further off than it is. Where the service has a
    choice of site, "z1 / 0", "z1 / 1" ... are shares of zone z1, each a zone of its own.
    """

    minutes: dict[tuple[str, str], float]
    cases: dict[str, float]
    group: dict[str, str]
    candidates: Sites
    neighbours: Sites
    today: Sites
    costs: dict[tuple[str, str], float]
    extra: dict[tuple[str, str], float] = field(default_factory=dict)

    @classmethod
    def of(cls, region: Region, service: Service) -> Naive:
        """Read the tables entry by entry."""
        table = region.minutes()
        minutes = {}
        for zone in region.zones.index:
            for site in (*service.candidates, *service.always_open):
                entry = float(table.loc[zone, site])
                if not math.isnan(entry):
                    minutes[zone, site] = entry
        cases = {zone: float(service.demand[zone]) for zone in region.zones.index}
        group = {zone: str(region.zones.loc[zone, "district"]) for zone in region.zones.index}
        extra: dict[tuple[str, str], float] = {}
        if service.choice is not None:
            shares = [(zone, k) for zone in cases for k in range(service.choice.orders)]
            for zone, site in minutes:
                noise = service.choice.noise([zone], [site])[0, :, 0]
                extra |= {(f"{zone} / {k}", site): float(n) for k, n in enumerate(noise)}
            minutes = {(row, site): minutes[row.split(" / ")[0], site] for row, site in extra}
            cases = {f"{z} / {k}": cases[z] / service.choice.orders for z, k in shares}
            group = {f"{z} / {k}": group[z] for z, k in shares}
        return cls(
            minutes,
            cases,
            group,
            service.candidates,
            service.always_open,
            service.today,
            {
                (column, site): float(str(region.sites.loc[site, column]))
                for column in ("fixed_cost_gbp", "case_cost_gbp")
                for site in (*service.candidates, *service.always_open)
            },
            extra,
        )

    @property
    def districts(self) -> list[str]:
        """The groups that there are."""
        return sorted(set(self.group.values()))

    def subsets(self) -> Iterable[Sites]:
        """Every set of candidates, the empty one included."""
        for number in range(len(self.candidates) + 1):
            yield from itertools.combinations(self.candidates, number)

    def treated(self, opened: Collection[str]) -> dict[str, str] | None:
        """Zone -> nearest open site as it seems, ties by id; None if somebody cannot reach any."""
        found = {}
        for zone in self.cases:
            ways = [
                (self.minutes[zone, site] + self.extra.get((zone, site), 0.0), site)
                for site in (*opened, *self.neighbours)
                if (zone, site) in self.minutes
            ]
            if not ways:
                return None
            found[zone] = min(ways)[1]
        return found

    def value(self, measure: str, opened: Collection[str], district: str | None = None) -> float:
        """A measure by its definition, overall or in one district; NaN where nobody counts."""
        treated = self.treated(opened)
        assert treated is not None
        zones = [z for z in self.cases if district is None or self.group[z] == district]
        total = sum(self.cases[z] for z in zones)
        journeys = sorted((self.minutes[z, treated[z]], self.cases[z]) for z in zones)
        if measure.endswith("_by_district"):
            kind, _, average = measure.removesuffix("_by_district").partition("_")
            known = [self.value(average, opened, d) for d in self.districts]
            known = sorted(v for v in known if not math.isnan(v))
            if kind == "gap":
                return known[-1] - known[0]
            return known[-1] if average == "mean_minutes" else known[0]
        if measure == "lives_saved":
            chosen = sum(self.cases[z] for z in zones if treated[z] in opened)
            return chosen * LIVES_PER_CASE * STAFFED.get(len(opened), 0.0)
        if measure == "neighbour_cases":
            return sum(self.cases[z] for z in zones if treated[z] not in opened)
        if measure in ("min_volume", "max_volume"):
            volumes = [sum(self.cases[z] for z in zones if treated[z] == site) for site in opened]
            if not volumes:
                return math.nan
            return min(volumes) if measure == "min_volume" else max(volumes)
        if total <= 0:
            return math.nan
        if measure == "mean_minutes":
            return sum(m * c for m, c in journeys) / total
        if measure == "max_minutes":
            return max(m for m, c in journeys if c > 0)
        if measure == "p95_minutes":
            return min(
                t for t, _ in journeys if sum(c for m, c in journeys if m <= t) >= 0.95 * total
            )
        standard = float(measure.removeprefix("share_within_"))
        return sum(c for m, c in journeys if m <= standard) / total

    def keeps(self, constraints: Iterable[Constraint], opened: Collection[str]) -> bool:
        """Whether a set of open candidates keeps every constraint."""
        if self.treated(opened) is None:
            return False
        return all(self._keeps_one(constraint, opened) for constraint in constraints)

    def _keeps_one(self, constraint: Constraint, opened: Collection[str]) -> bool:
        if isinstance(constraint, OpenSites):
            low, high = constraint.at_least, constraint.at_most
            return (low is None or len(opened) >= low) and (high is None or len(opened) <= high)
        if isinstance(constraint, Keep):
            return all(site in opened for site in constraint.sites)
        if isinstance(constraint, Close):
            return all(site not in opened for site in constraint.sites)
        if isinstance(constraint, Among):
            number = sum(site in opened for site in constraint.sites)
            low, high = constraint.at_least, constraint.at_most
            return (low is None or number >= low) and (high is None or number <= high)
        if isinstance(constraint, Differ):
            other = [s for s in self.candidates if (s in opened) != (s in constraint.sites)]
            return len(other) >= constraint.by
        if isinstance(constraint, Capacity):
            full = ((self.volume(site, opened), most) for site, most in constraint.cases)
            return all(volume <= most + 1e-6 * max(1.0, most) for volume, most in full)
        if isinstance(constraint, Budget):
            return self.cost(constraint, opened) <= constraint.total + 1e-6 * max(
                1.0, abs(constraint.total)
            )
        assert isinstance(constraint, Limit)
        districts = self.districts if constraint.by else [None]
        return all(
            self._within(constraint, self.value(constraint.measure, opened, district))
            and self._over_today(constraint, opened, district)
            for district in districts
        )

    def volume(self, site: str, opened: Collection[str]) -> float:
        """Cases a year that are treated at a site."""
        treated = self.treated(opened)
        assert treated is not None
        return sum(self.cases[z] for z in self.cases if treated[z] == site)

    def cost(self, budget: Budget, opened: Collection[str]) -> float:
        """What the open sites cost, and the cases wherever they are treated."""
        total = 0.0
        if budget.fixed_column:
            total += sum(self.costs[budget.fixed_column, site] for site in opened)
        if budget.per_case_column:
            for site in (*opened, *self.neighbours):
                total += self.costs[budget.per_case_column, site] * self.volume(site, opened)
        return total

    def _over_today(self, limit: Limit, opened: Collection[str], district: str | None) -> bool:
        if limit.at_most_over_today is None:
            return True
        today = self.value(limit.measure, self.today, district)
        bound = today + limit.at_most_over_today
        return self._within(
            Limit(limit.measure, at_most=None if math.isnan(bound) else bound),
            self.value(limit.measure, opened, district),
        )

    @staticmethod
    def _within(limit: Limit, value: float) -> bool:
        if math.isnan(value):  # nobody to whom it could apply
            return True
        for bound, excess in ((limit.at_most, 1), (limit.at_least, -1)):
            if bound is not None and excess * (value - bound) > 1e-6 * max(1.0, abs(bound)):
                return False
        return True

    def allowed(self, constraints: Collection[Constraint]) -> list[Sites]:
        """Every set of open candidates that keeps every constraint."""
        return [opened for opened in self.subsets() if self.keeps(constraints, opened)]
