"""The staff that open sites need, against those at hand: a constraint. Plain data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconfig.core.constraints import Constraint
from reconfig.core.faults import Faults
from reconfig.core.region import Region
from reconfig.core.resources import check_column, numbers_of, of_service
from reconfig.core.service import Service

if TYPE_CHECKING:
    from reconfig.core.problem import Problem


@dataclass(frozen=True)
class Workforce(Constraint):
    """The candidates that are open need no more staff than there are.

    pool: staff at hand for all candidates together (consultants, say). each: staff that an open
    site needs, such as those of a compliant rota. column: of the sites table, with what each site
    needs beside that; "" for none. Neighbours have staff of their own. Of several services decided
    together every service and site counts, or those of one `service` alone.
    """

    pool: float
    each: float = 0.0
    column: str = ""
    service: str = ""

    def need(self, region: Region, service: Service) -> dict[str, float]:
        """Return the staff that each candidate needs when it is open."""
        sites = list(service.candidates)
        own = numbers_of(region, sites, self.column) if self.column else dict.fromkeys(sites, 0.0)
        needed = {site: self.each + number for site, number in own.items()}
        return of_service(self.service, needed)

    def check(self, problem: Problem, faults: Faults, *, file: str) -> None:
        """Note numbers that cannot be, and a column that is not there or holds no numbers."""
        for word, number in (("pool", self.pool), ("each", self.each)):
            if not 0 <= number < math.inf:
                faults.add(file, "workforce", f"{word} {number:g}", "a number of staff, 0 or more")
        if not self.column and not self.each:
            expected = "staff that each open site needs, as a number or as a column of the sites"
            faults.add(file, "workforce", "no need of any site", expected)
        if self.column:
            sites = list(problem.service.candidates)
            check_column(
                self.column, problem.region, sites, "workforce", faults, file, blanks=False
            )

    def __str__(self) -> str:
        needs = [f"{self.each:,.12g}" if self.each else "", self.column]
        needed = " and ".join(need for need in needs if need)
        where = f" for {self.service}" if self.service else ""
        return f"staff at hand {self.pool:,.12g}{where}: {needed} a site"


def workforce(pool: float, *, each: float | str) -> Workforce:
    """Return the constraint that open sites need no more staff than there are.

    pool: staff at hand, such as consultants in all the hospitals together. each: what an open site
    needs, a number or a column of the sites table. Several hold side by side (surgeons and
    anaesthetists). What the register says of emergency surgery: `RiskModel.rota`.
    """
    if isinstance(each, str):
        return Workforce(float(pool), column=each)
    return Workforce(float(pool), float(each))
