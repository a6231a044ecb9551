"""What is refused of measures that depend on the volumes of sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconfig.core import Faults, Problem, VolumeCurve

if TYPE_CHECKING:
    from reconfig.appraise.measures import Measure


def check_volume(
    measure: Measure, problem: Problem, place: str, faults: Faults, file: str, by: str | None = None
) -> None:
    """Note a measure that depends on the volumes of sites in a way that there are no rows for."""
    if not measure.by_volume(problem.service):
        return
    service = problem.service
    if service.parts or service.is_directed:
        who = "several services" if service.parts else "patients who are directed"
        found = f"'{measure.name}' depends on the volumes of sites, with {who}"
        fix = "Leave the volume effect out, or decide the service on its own."
        faults.add(file, place, found, "one service whose patients choose their site", fix)
    elif not isinstance(service.outcome, VolumeCurve):
        faults.add(
            file,
            place,
            f"'{measure.name}' depends on the volumes of sites for this service",
            "an outcome model that says what a volume adds (a method at_volume)",
            "Optimise a measure of access, and weigh the choices with rc.uncertainty.",
        )
    if by is not None and measure.by_group:
        found = f"by = '{by}', and '{measure.name}' depends on the volumes of sites"
        faults.add(file, place, found, "no 'by': a limit on such a measure is one for all")
