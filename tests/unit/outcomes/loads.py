"""Caseloads and registers by hand, for tests of outcome models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from reconfig.appraise import total_gain
from reconfig.core import Caseload, OutcomeModel
from reconfig.outcomes import Assumption, Draws, Register, RiskModel
from tests.instances import shipped_register, with_values


def register(**values: float) -> Register:
    """Return a register of fixed numbers under the prefix x."""
    return Register(
        {
            f"x.{name}": Assumption(
                f"x.{name}", name, value, "fixed", {}, "any unit", "made up", "judgement", ""
            )
            for name, value in values.items()
        }
    )


def load(
    *,
    number_open: int = 1,
    at_sites: float = 0.0,
    cases: float | None = None,
    minutes: Mapping[float, float] | None = None,
    minutes_today: Mapping[float, float] | None = None,
    at_neighbours: float = 0.0,
    at_neighbours_today: float = 0.0,
    displaced: Mapping[float, float] | None = None,
    volumes: Sequence[float] = (),
    volumes_today: Sequence[float] = (),
    reference_minutes: float = 30.0,
) -> Caseload:
    """Return one configuration's caseload. minutes, minutes_today, displaced: minutes -> cases."""
    grid = np.arange(0.0, 121.0)
    now, then, lost = (np.zeros(len(grid)) for _ in range(3))
    for row, given in ((now, minutes), (then, minutes_today), (lost, displaced)):
        for minute, number in (given or {}).items():
            row[int(minute)] = number
    return Caseload(
        cases=at_sites + at_neighbours if cases is None else cases,
        number_open=np.array([number_open]),
        at_candidates=np.array([at_sites]),
        at_neighbours=np.array([at_neighbours]),
        at_neighbours_today=at_neighbours_today,
        minutes=grid,
        by_minutes=now[None, :],
        displaced_by_minutes=lost[None, :],
        today_by_minutes=then,
        volumes=np.array([volumes], dtype=float),
        volumes_today=np.array(volumes_today, dtype=float),
        reference_minutes=reference_minutes,
        onward=np.zeros(0),
        by_onward=np.zeros((1, 0, len(grid))),
        today_by_onward=np.zeros((0, len(grid))),
    )


def central(model: OutcomeModel, of: Caseload) -> float:
    """Return lives saved a year at the central values."""
    total, _ = total_gain(model, "lives_saved", of, Draws.central(model.register))
    return float(total[0, 0])


def parts(model: OutcomeModel, of: Caseload) -> dict[str, float]:
    """Return lives saved a year by effect at the central values."""
    _, found = total_gain(model, "lives_saved", of, Draws.central(model.register))
    return {name: float(part[0, 0]) for name, part in found.items()}


def drawn(model: OutcomeModel, of: Caseload, *, number: int = 20_000, seed: int = 3) -> np.ndarray:
    """Return lives saved a year in many draws."""
    values = Draws.sample(model.register, number, seed)
    return total_gain(model, "lives_saved", of, values)[0][:, 0]


def surgery(*effects: str, **changed: float) -> RiskModel:
    """Return the risk model on the shipped assumptions for laparotomies, some of them changed."""
    values = {f"egs.{name}": value for name, value in changed.items()}
    return RiskModel(with_values(shipped_register(), values), "egs", effects, "deaths")


CASES = 1150.0  # emergency laparotomies a year in Greater Manchester
HUBS = load(at_sites=CASES, number_open=4)
