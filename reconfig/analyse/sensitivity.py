"""Sensitivity: which assumption, moved how far, changes what is best."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape

import numpy as np
import pandas as pd

from reconfig.analyse.uncertainty import Case, Weighable, weigh
from reconfig.appraise import appraise
from reconfig.core import LivesSaved, Region, Service
from reconfig.outcomes import Assumption, Draws

ENDS = (0.025, 0.975)
# Switching values are looked for between these quantiles of an assumption, at so many places.
WIDEST = (0.0005, 0.9995)
PLACES = 81
# Behind by less than this share of the gains is what rounding left.
SLACK = 1e-9
COLUMNS = (
    *("what", "unit", "value", "low", "high", "gain_low", "gain_high", "best_low", "best_high"),
    *("advantage_low", "advantage_high", "switches_at", "switches_to"),
)


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity:
    """Each assumption moved by itself, the others at their central values.

    best: the configuration preferred at the central values. central: its gain there. table: one
    row an assumption, the one that moves the gain most first: what, unit, value, low, high (the
    ends of its 95 % range), gain_low, gain_high (of `best` at those ends), best_low, best_high
    (what is preferred there), advantage_low, advantage_high (of `best` over the next there),
    switches_at (the value nearest the central one from which another is preferred, NaN where none
    in its whole range is), switches_to. A weight of belief is moved from none to one, the others of
    its mixture sharing the rest as they do now. not_moved: what the assumptions are that have no
    spread, by id. lives: lives saved by `best` with interval, baseline and chance of no gain, as
    the appraisal has them; None where something else is weighed.
    """

    case: Case
    best: str
    central: float
    table: pd.DataFrame
    not_moved: Mapping[str, str]
    lives: LivesSaved | None = None

    @property
    def unit(self) -> str:
        """Unit of the gains."""
        return self.case.unit

    def sentences(self) -> list[str]:
        """Say which assumptions change what is preferred, or that none does."""
        found = self.table[self.table["switches_at"].notna()]
        if len(self.case.names) < 2:
            return [f"{self.best} is the only configuration, so nothing else can be preferred."]
        words = {f"{what[0].lower()}{what[1:]}" for what in self.not_moved.values()}
        fixed = ", ".join(sorted(words))
        still = [f"Not moved, because the register gives no spread: {fixed}."] if fixed else []
        if not len(found):
            return [
                f"None of the {len(self.table)} assumptions with a spread, moved by itself over "
                f"its whole range, makes another configuration better than {self.best}.",
                *still,
            ]
        return [
            f"{row.what}: at {row.switches_at:.3g} in place of {row.value:.3g} ({row.unit}), "
            f"{row.switches_to} would be preferred to {self.best}."
            for row in found.itertuples()
        ] + still

    def plot(self) -> object:
        """Return a matplotlib figure: a tornado of the ten assumptions that matter most."""
        from reconfig.report import tornado_chart

        return tornado_chart(self)

    def __repr__(self) -> str:
        return f"<Sensitivity of {self.best}: {' '.join(self.sentences())}>"

    def _repr_html_(self) -> str:
        lives = "" if self.lives is None else f"{self.best}: {self.lives} (estimated). "
        said = escape(lives + " ".join(self.sentences()))
        return f"<p>{said}</p>{self.table.to_html(float_format='{:,.4g}'.format)}"


def sensitivity(
    region: Region,
    configurations: Iterable[Weighable],
    *,
    service: Service | None = None,
    of: str = "lives_saved",
    choice: str = "nearest",
    congestion: float = 1.0,
) -> Sensitivity:
    """Return the one-way tornado and the switching values of configurations.

    service, of, choice, congestion: as `uncertainty` has them.
    Raises ValueError as `uncertainty` does.
    """
    case = weigh(
        region, configurations, service=service, of=of, choice=choice, congestion=congestion
    )
    register = case.outcome.register
    middle = Draws.central(register)
    central = case.gains(middle)[0]
    chosen = int(np.argmax(central))
    beliefs = {f"{p}_weight_{k}": (p, kinds) for p, kinds in middle.mixtures for k in kinds}
    asked = sorted(middle.asked)
    moved = [_Moved(case, register[one], *beliefs.get(one, ())) for one in asked]
    rows = {one.assumption.id: _row(one, chosen) for one in moved if one.is_movable}
    fixed = {one.assumption.id: one.assumption.what for one in moved if not one.is_movable}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)
    widths = (table["gain_high"] - table["gain_low"]).astype(float).abs()
    order = widths.sort_values(ascending=False, kind="stable").index
    found = table.loc[order].rename_axis("assumption")
    lives = None
    if of == "lives_saved":
        lives = appraise(region, case.service, case.configurations[chosen]).lives
    return Sensitivity(case, case.names[chosen], float(central[chosen]), found, fixed, lives)


@dataclass(frozen=True, eq=False)
class _Moved:
    """An assumption to be moved by itself.

    prefix, kinds: of the mixture that it is a weight of; none for what is no weight of belief.
    """

    case: Case
    assumption: Assumption
    prefix: str = ""
    kinds: tuple[str, ...] = ()

    @property
    def is_movable(self) -> bool:
        """Whether there are other values that it could have."""
        return self.assumption.is_spread or len(self.kinds) > 1

    @cached_property
    def shares(self) -> dict[str, float]:
        """The weights of its mixture by id, as shares of their sum."""
        weights = Draws.central(self.case.outcome.register).weights(self.prefix, self.kinds)[0]
        ids = [f"{self.prefix}_weight_{kind}" for kind in self.kinds]
        return dict(zip(ids, map(float, weights), strict=True))

    @property
    def value(self) -> float:
        """The central value."""
        return self.shares[self.assumption.id] if self.kinds else self.assumption.value

    def ends(self, quantiles: tuple[float, float]) -> np.ndarray:
        """Return the values at two quantiles; none and one for a weight of belief."""
        return np.array([0.0, 1.0]) if self.kinds else self.assumption.quantile(np.array(quantiles))

    def gains(self, spots: np.ndarray) -> np.ndarray:
        """Return gains a year (spots x configurations) with it at some values."""
        values = {self.assumption.id: spots}
        if self.kinds:
            others = {k: v for k, v in self.shares.items() if k != self.assumption.id}
            total = sum(others.values())
            rest = {k: v / total if total else 1 / len(others) for k, v in others.items()}
            values |= {k: (1 - spots) * share for k, share in rest.items()}
        return self.case.gains(Draws.at(self.case.outcome.register, values))


def _row(moved: _Moved, chosen: int) -> tuple[object, ...]:
    """Return an assumption's row of the table, in the order of COLUMNS."""
    low, high = (float(end) for end in moved.ends(ENDS))
    ends, names, what = moved.gains(np.array([low, high])), moved.case.names, moved.assumption
    at, to = _switch(moved, chosen)
    return (
        *(what.what, what.unit, moved.value, low, high, *ends[:, chosen]),
        *(names[k] for k in ends.argmax(axis=1)),
        *_advantage(ends, chosen),
        at,
        "" if to is None else names[to],
    )


def _advantage(gains: np.ndarray, chosen: int) -> np.ndarray:
    """Return by how much a configuration is ahead of the best of the others (below 0: behind)."""
    others = np.delete(gains, chosen, axis=1)
    if not others.shape[1]:
        return np.full(len(gains), np.nan)
    return np.asarray(gains[:, chosen] - others.max(axis=1))


def _switch(moved: _Moved, chosen: int) -> tuple[float, int | None]:
    """Return the value nearest the central one from which another is ahead, and which that is."""
    value = moved.value
    low, high = (float(end) for end in moved.ends(WIDEST))
    spots = np.linspace(low, high, PLACES)
    found = [_first_behind(moved, chosen, side) for side in _sides(spots, value)]
    switches = [one for one in found if one is not None]
    if not switches:
        return float("nan"), None
    return min(switches, key=lambda one: abs(one[0] - value))


def _sides(spots: np.ndarray, value: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the places below and above the central value, each from it outwards."""
    below, above = spots[spots < value][::-1], spots[spots > value]
    return np.append(value, below), np.append(value, above)


def _first_behind(
    moved: _Moved, chosen: int, spots: np.ndarray, *, finer: bool = True
) -> tuple[float, int] | None:
    """Return the first value along some places from which another is ahead, and which that is.

    Looked for once more between the two places it lies between; there the advantage is taken to
    run in a straight line.
    """
    gains = moved.gains(spots)
    ahead = _advantage(gains, chosen)
    behind = np.flatnonzero(ahead < -SLACK * max(1.0, float(np.abs(gains).max())))
    if not len(behind):
        return None
    k = int(behind[0])
    if k and finer:
        between = np.linspace(spots[k - 1], spots[k], PLACES)
        return _first_behind(moved, chosen, between, finer=False)
    winner = int(np.argmax(np.where(np.arange(gains.shape[1]) == chosen, -np.inf, gains[k])))
    if k == 0 or ahead[k - 1] <= 0:
        return float(spots[max(k - 1, 0)]), winner
    share = ahead[k - 1] / (ahead[k - 1] - ahead[k])
    return float(spots[k - 1] + share * (spots[k] - spots[k - 1])), winner
