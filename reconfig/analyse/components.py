"""What an estimated gain is the sum of, effect by effect."""

from __future__ import annotations

import numpy as np

from reconfig.analyse.uncertainty import Weighable, weigh
from reconfig.appraise import total_gain
from reconfig.core import Region, Service
from reconfig.outcomes import Draws


def components(
    region: Region, service: Service, one: Weighable, *, of: str = "lives_saved"
) -> dict[str, float]:
    """Return effect -> gain a year of a configuration, every assumption at its central value.

    of: an estimate of the service's outcome model. Their sum is the gain, except that lives saved
    never exceed the deaths at baseline. Raises ValueError as `uncertainty` does.
    """
    case = weigh(region, [one], service=service, of=of)
    middle = Draws.central(case.outcome.register)
    parts = total_gain(case.outcome, of, case.loads[0], middle)[1]
    return {name: float(np.ravel(part)[0]) for name, part in parts.items()}
