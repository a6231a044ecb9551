"""Which weights on the measures of a frontier choose which of its configurations.

A weighted sum only ever chooses points on the outer side of a frontier (its convex hull). A point
in a hollow of it, called *unsupported*, is as efficient as any other and is chosen by no weights at
all: which is why the frontier is found without weights (Geoffrion 1968; Ehrgott 2005, chapter 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from reconfig.analyse.efficient import STEP
from reconfig.appraise import amount, find_measure, is_share, scale
from reconfig.core import Faults, Region

# Rounding in the sums that compare two points, whose scaled costs are from 0 to 1.
ROUNDING = 1e-9
# A region of weights smaller than this share of them all is an edge or a corner.
NO_AREA = 1e-9
# Of larger configurations only the sites are named that are not in all of them; of more choices
# than these, the rest are summed up.
MOST_NAMED, MOST_SAID = 10, 10


@dataclass(frozen=True, eq=False, repr=False)
class Weights:
    """Which weights choose which configuration; the weights are from 0 to 1 and add up to 1.

    The score of a configuration is the sum of weight x scaled measure, the lowest is chosen; each
    measure is scaled to 0 at its best and 1 at its worst among the points weighed (`ranges`), so
    the weights change where other points are weighed.
    table: one row a configuration, those that are chosen first (two measures: by the weight on the
    first; three: the largest share first). point (rows that share it have the same values), number
    (of sites), the measures (with what qualifies lives saved), open (site ids), share (of all
    weights that choose it: exact, as length or polygon area), and for each measure <name>_from and
    <name>_to, the least and the largest weight on it with which the configuration is chosen (NaN
    where it never is); supported: chosen by some weights, if only where another is as good (share
    0).
    ranges: measure -> (best, worst). regions: in the order of the rows, the corners of the region
    of weights that choose it (corners x measures; none where it never is). complete: whether the
    points weighed are all there are.
    """

    region: Region
    measures: tuple[str, ...]
    table: pd.DataFrame
    ranges: dict[str, tuple[float, float]]
    regions: tuple[np.ndarray, ...]
    complete: bool = True

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """The weights on the first of two measures at which another configuration is chosen."""
        if len(self.measures) != 2:
            raise ValueError("breakpoints: of two measures only; of three see `table`")
        return tuple(float(x) for x in self._chosen()[f"{self.measures[0]}_from"].iloc[1:])

    @property
    def unsupported(self) -> pd.DataFrame:
        """The rows that no weights choose, though no other point beats them."""
        return self.table[~self.table["supported"]]

    def sentences(self) -> list[str]:
        """Say from which weights on each configuration is chosen, and which never are."""
        return [self._scales(), *self._choices(), *self._rest()]

    def plot(self, **options: Any) -> Any:
        """Return a matplotlib figure: two measures as a bar along the weight, three as triangle."""
        from reconfig.report import weights_chart

        return weights_chart(self, **options)

    def names(self) -> list[str]:
        """Return what to call each row: its sites; of many, those that not every row has."""
        opened = [frozenset(sites) for sites in self.table["open"]]
        shared = frozenset.intersection(*opened) if len(opened) > 1 else frozenset()
        if max(map(len, opened)) <= MOST_NAMED or not shared:
            return [_and(self.region.site_names(sorted(sites))) or "no site" for sites in opened]
        beside = f"beside the {len(shared)} sites that all choices have"
        named = [_and(self.region.site_names(sorted(sites - shared))) for sites in opened]
        return [f"{text or 'nothing'} {beside}" for text in named]

    def _chosen(self) -> pd.DataFrame:
        """Return one row for each point that has a region of its own."""
        return self.table[self.table["share"] > 0].drop_duplicates("point")

    def _called(self, point: int) -> str:
        """Return the names of the configurations at a point."""
        same = self.table["point"] == point
        return ", or ".join(name for name, here in zip(self.names(), same, strict=True) if here)

    def _is_chosen(self, point: int) -> str:
        """Say of a point that it is chosen: "A is chosen", "A and B are chosen"."""
        sites = self.table["open"][self.table["point"] == point].iloc[0]
        return f"{self._called(point)} {'is' if len(sites) == 1 else 'are'} chosen"

    def _scales(self) -> str:
        """Say what the weights are on."""
        ranges = [
            f"{_the(name)} ({_span(best, worst, name)})"
            for name, (best, worst) in self.ranges.items()
        ]
        many = self.table["point"].nunique()
        if many == 1:
            text = f"There is one point to choose: {_and(ranges)}."
        else:
            text = (
                f"The weights add up to 1 and are on measures scaled from 0, the best of these "
                f"{many} points, to 1, the worst: {_and(ranges)}."
            )
        if "lives_saved" in self.measures:
            text += " Lives saved are estimated: the table has their interval and baseline."
        return text if self.complete else f"{text} Not complete: other points may be chosen."

    def _choices(self) -> list[str]:
        """Say which weights choose each point that has a region of its own."""
        chosen = self._chosen()
        if len(chosen) == 1:
            return [
                f"Whatever the weights, {self._called(int(chosen['point'].iloc[0]))} is chosen."
            ]
        return self._along(chosen) if len(self.measures) == 2 else self._by_share(chosen)

    def _along(self, chosen: pd.DataFrame) -> list[str]:
        first = self.measures[0]
        ends = _as_text([*chosen[f"{first}_from"], 1.0])
        said = []
        for k, point in enumerate(chosen["point"]):
            which, on = self._is_chosen(int(point)), f"on {_the(first)}"
            if k == 0:
                said.append(f"Up to a weight of {ends[1]} {on}, {which}.")
            elif k + 1 == len(chosen):
                said.append(f"From a weight of {ends[k]} {on} upwards, {which}.")
            else:
                span = f"{ends[k]} to {ends[k + 1]}"
                said.append(f"From a weight of {span} {on}, {which}.")
        return said

    def _by_share(self, chosen: pd.DataFrame) -> list[str]:
        said = []
        for row in chosen.head(MOST_SAID).to_dict("records"):
            ends = [
                f"{row[f'{name}_from']:.2f} to {row[f'{name}_to']:.2f} on {_the(name)}"
                for name in self.measures
            ]
            said.append(
                f"{self._is_chosen(int(row['point']))} by {row['share']:.1%} of all "
                f"weights, at the widest {_and(ends)}."
            )
        rest = chosen.iloc[MOST_SAID:]
        if len(rest):
            share = rest["share"].sum()
            said.append(f"{len(rest)} more are chosen by {share:.1%} of all weights together.")
        return said

    def _rest(self) -> list[str]:
        """Name the points that are never chosen alone, or never at all."""
        said = []
        once = self.table.drop_duplicates("point")
        for rows, words in (
            (
                once[once["supported"] & (once["share"] == 0)],
                "Chosen only where another is as good",
            ),
            (
                once[~once["supported"]],
                "Never chosen by any weights, though no other point beats them",
            ),
        ):
            if len(rows):
                called = [self._called(int(point)) for point in rows["point"].head(MOST_SAID)]
                more = len(rows) - len(called)
                called += [f"and {more} more"] if more else []
                said.append(f"{words}: {'; '.join(called)}.")
        return said

    def __repr__(self) -> str:
        return f"<Weights on {_and(self.measures)}: {' '.join(self.sentences()[1:])}>"

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{escape(line)}</li>" for line in self.sentences())
        names = [", ".join(self.region.site_names(sites)) for sites in self.table["open"]]
        table = self.table.assign(open=names).to_html(float_format="{:,.3f}".format)
        return f"<ul>{lines}</ul>{table}"


def weights(
    region: Region, measures: Sequence[str], points: pd.DataFrame, *, complete: bool = True
) -> Weights:
    """Return which weights on two or three measures choose which of some points.

    points: rows of `Frontier.points`. Raises InputError where there are none.
    """
    if points.empty:
        faults = Faults()
        faults.add("frontier", "weights", "no points to weigh", "a frontier with a point or more")
        faults.raise_if_any()
    names = list(measures)
    signs = np.array([1.0 if _better(name) == "lower" else -1.0 for name in names])
    costs = points[names].to_numpy(float) * signs
    group, first = _groups(costs)
    least, most = costs.min(axis=0), costs.max(axis=0)
    # A measure that is the same at every point decides nothing, whatever its weight.
    room = STEP * np.maximum(1.0, np.abs(most))
    scaled = (costs[first] - least) / np.where(most - least > room, most - least, np.inf)
    regions = [_region(scaled, k) for k in range(len(scaled))]
    shares = np.array([_share(corners) for corners in regions])
    qualified = [str(c) for c in points if str(c).startswith("lives_") and c not in names]
    table = points[["number", *names, *qualified, "open"]].assign(point=group, share=shares[group])
    for k, name in enumerate(names):
        low = np.array([c[:, k].min() if len(c) else np.nan for c in regions])
        high = np.array([c[:, k].max() if len(c) else np.nan for c in regions])
        table[f"{name}_from"], table[f"{name}_to"] = low[group], high[group]
    table["supported"] = np.array([len(corners) > 0 for corners in regions])[group]
    order = _order(table, names)
    table = table.iloc[order].reset_index(drop=True)
    columns = ["point", *(str(c) for c in table.columns if c != "point")]
    return Weights(
        region,
        tuple(names),
        table[columns],
        {
            n: (float(s * a), float(s * b))
            for n, s, a, b in zip(names, signs, least, most, strict=True)
        },
        tuple(regions[group[k]] for k in order),
        complete,
    )


def _order(table: pd.DataFrame, names: list[str]) -> list[int]:
    """Return the order of the rows: the chosen ones first, those never chosen last."""
    share = table["share"].to_numpy(float)
    along = table[f"{names[0]}_from"].to_numpy(float) if len(names) == 2 else -share
    never = ~table["supported"].to_numpy(bool)
    keys = (table["point"].to_numpy(int), np.nan_to_num(along), share == 0, never)
    return [int(k) for k in np.lexsort(keys)]


def _groups(costs: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Return for each row the number of its values, and for each number its first row."""
    first: list[int] = []
    group = np.zeros(len(costs), dtype=int)
    for k, row in enumerate(costs):
        room = STEP * np.maximum(1.0, np.abs(row))
        same = [g for g, one in enumerate(first) if (np.abs(costs[one] - row) <= room).all()]
        group[k] = same[0] if same else len(first)
        first += [] if same else [k]
    return group, first


def _region(scaled: np.ndarray, chosen: int) -> np.ndarray:
    """Return the corners of the weights with which no other point scores lower; maybe none.

    The weights of two measures are a line and those of three a triangle, with a corner for each
    measure that has all the weight; every other point cuts off where it scores lower, which is one
    side of a straight line (Sutherland and Hodgman 1974).
    """
    corners = np.eye(scaled.shape[1])
    for other in np.delete(scaled, chosen, axis=0):
        worse = corners @ (scaled[chosen] - other)
        kept = []
        for here, ahead, a, b in zip(
            corners, np.roll(corners, -1, axis=0), worse, np.roll(worse, -1), strict=True
        ):
            if a <= ROUNDING:
                kept.append(here)
            if (a <= ROUNDING) != (b <= ROUNDING):
                place = min(max(a / (a - b), 0.0), 1.0)
                kept.append(here + place * (ahead - here))
        if not kept:
            return np.zeros((0, scaled.shape[1]))
        corners = np.array(kept)
    return corners


def _share(corners: np.ndarray) -> float:
    """Return a region's share of all weights: of the line's length, or of the triangle's area."""
    if not len(corners):
        return 0.0
    x, y = corners[:, 0], corners[:, 1]
    if corners.shape[1] == 2:
        size = float(x.max() - x.min())
    else:
        # Twice the area (the shoelace formula): the triangle itself has half a unit.
        size = abs(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)))
    return size if size > NO_AREA else 0.0


def _as_text(values: Iterable[float]) -> list[str]:
    """Return weights with two decimal places, or as many as tell them apart."""
    listed = list(values)
    for digits in range(2, 6):
        text = [f"{value:.{digits}f}" for value in listed]
        if len(set(text)) == len(text):
            break
    return text


def _better(name: str) -> str:
    measure = find_measure(name)
    return "lower" if measure is None else measure.better


def _the(name: str) -> str:
    """Return a measure as it is named within a sentence: "the mean journey", "lives saved"."""
    measure = find_measure(name)
    if measure is None:
        return name.replace("_", " ")
    label = measure.label[0].lower() + measure.label[1:]
    if ", " in label:  # "mean journey, worst district": a comma would part two measures
        label = f"{label.replace(', ', ' (', 1)})"
    if label.startswith("within "):
        return f"the share {label}"
    return f"the {label}" if measure.unit == "minutes" or is_share(measure.unit) else label


def _span(best: float, worst: float, name: str) -> str:
    """Return a range with its unit, once: "17.1 to 17.4 minutes"."""
    measure = find_measure(name)
    unit = "" if measure is None else measure.unit
    style = ",.0f" if unit == "sites" else ",.1f"
    *others, last = (f"{scale(unit) * end:{style}}" for end in dict.fromkeys((best, worst)))
    sign = "%" if amount("", unit) == "%" else ""  # at both ends
    return " to ".join([*(f"{other}{sign}" for other in others), amount(last, unit).rstrip()])


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
