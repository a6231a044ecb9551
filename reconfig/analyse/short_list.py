"""The short list: options weighed against each other, and how much hangs on the weights."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd

from reconfig.analyse.criteria import better_of, criteria_of
from reconfig.analyse.frontier import unbeaten
from reconfig.analyse.long_list import LongList, long_list
from reconfig.analyse.scoring import SAME, ends, firsts, place_ranges, places, scaled, share_first
from reconfig.appraise import find_measure
from reconfig.core import Configuration, Faults, Problem, joined, suggestion

MOST = 12
TODAY, CHOSEN = "Today", "Chosen"


@dataclass(frozen=True, eq=False, repr=False)
class ShortList:
    """Options weighed against each other by several criteria.

    table: one row an option (index: "Chosen", "Option 2", ..., "Today"): open (site ids), the
    criteria (with what qualifies lives saved), passed, reasons (hurdles failed, in words), rank (in
    the long list), score (0 to 100), place (1 is first). Options that do not pass every hurdle are
    shown and have no score and no place (NaN); where none passes, all have them. configurations: in
    the order of the rows. criteria: one row a measure: better ("lower" or "higher"), worst, best
    (of the options with a place: 0 and 100 points), weight. scores: options with a place x
    criteria. weights_moved: one row a criterion: weight, first
    (which option is first with the weights as given), below, below_first, above, above_first (the
    nearest weights on this criterion below and above its own from which another option is first,
    the others in proportion, and which; NaN and "" where none is). places: one row an option with
    a place: place, best, worst (of the places that it has while any one weight is moved from 0 to
    1), share_first (of all weights). left_out: how many that could have been on it are not.
    dropped: criteria that some option has no value of.
    """

    problem: Problem
    table: pd.DataFrame
    configurations: tuple[Configuration, ...]
    criteria: pd.DataFrame
    scores: pd.DataFrame
    weights_moved: pd.DataFrame
    places: pd.DataFrame
    left_out: int = 0
    dropped: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        """The option that comes first with the weights as given; of equals the better by rank."""
        return str(self.places["place"].idxmin())

    def along(self, criterion: str) -> tuple[pd.Series[float], pd.Series[float]]:
        """Return scores of options with a place, with no weight on a criterion and with all of it.

        Between the two every score is a straight line in that weight.
        """
        scores = self.scores
        weights = self.criteria["weight"].to_numpy(float)
        found = ends(scores.to_numpy(float), weights, list(scores.columns).index(criterion))
        return pd.Series(found[0], index=scores.index), pd.Series(found[1], index=scores.index)

    def sentences(self) -> list[str]:
        """Say which option comes first, and from which weights another does."""
        labels = {str(name): in_sentence(str(name)) for name in self.criteria.index}
        first, shown = self.first, self.places
        if len(shown) == 1:
            return [f"{first} is the only option that is scored, so there is no ranking."]
        equal = [str(one) for one in shown.index[shown["place"] == 1] if one != first]
        also = f", with {' and '.join(equal)} equal to it" if equal else ""
        said = [
            f"With the weights as given {first} comes first of {len(shown)} options{also}; under "
            f"{shown['share_first'][first]:.0%} of all possible weights it does."
        ]
        for name, row in self.weights_moved.iterrows():
            for word, end in (("falls below", "below"), ("rises above", "above")):
                if not math.isnan(row[end]):
                    said.append(
                        f"If the weight on {labels[str(name)]} {word} {row[end]:.0%} "
                        f"(now {row['weight']:.0%}), {row[f'{end}_first']} comes first."
                    )
        if len(said) == 1:
            said.append("No weight, moved by itself, makes another option come first.")
        return said

    def __repr__(self) -> str:
        return f"<ShortList: {' '.join(self.sentences())}>"

    def _repr_html_(self) -> str:
        names = [", ".join(self.problem.region.site_names(s)) for s in self.table["open"]]
        table = self.table.assign(open=names).to_html(float_format="{:,.2f}".format)
        return f"<p>{escape(' '.join(self.sentences()))}</p>{table}"


def short_list(
    found: LongList,
    *,
    chosen: Configuration | None = None,
    today: Configuration | None = None,
    within: float | None = None,
    criteria: Sequence[str] | None = None,
    weights: Mapping[str, float] | None = None,
    most: int = MOST,
) -> ShortList:
    """Return the options worth weighing, scored: those that pass and that no other beats.

    On it is what passes every hurdle and is either beaten by no other that passes, in the criteria
    together, or within a distance of the best in the objective. Of more than `most`, the best by
    each criterion, then by rank in the long list. Beside them today ("do nothing"), and the chosen
    configuration where it is not among them.
    chosen: by default the first of the long list. today: by default the region's. within: distance
    in the objective's unit (default: none but the best). criteria: names of measures (default: see
    `criteria_of`; a share within a standard that is the same for all gives way to the 95th
    percentile). weights: criterion -> weight, any numbers from 0, scaled to add up to 1; those
    not named get none; by default all are alike.
    Raises InputError for an unknown criterion or an impossible weight, ValueError where there is
    nothing to weigh.
    """
    problem = found.problem
    names = tuple(_telling(found) if criteria is None else dict.fromkeys(criteria))
    _check(problem, names, weights, most)
    whole = _with(found, [one for one in (chosen, _today(problem, today)) if one is not None])
    table = whole.table
    missing = [name for name in names if name not in table]
    if missing:
        raise ValueError(f"the long list has no {', '.join(missing)}: ask for it by its measures=")
    own = None if chosen is None else joined(chosen, problem.service)
    picked, left_out = _picked(whole, problem, names, within, own, most)
    now = _today(problem, today)
    if now is not None and now in whole.configurations:
        picked += [k for k in [whole.configurations.index(now)] if k not in picked]
    if not picked:
        raise ValueError("no configuration passes every hurdle, and none was chosen")
    return _scored(whole, picked, own, now, names, weights, left_out)


def _telling(found: LongList) -> list[str]:
    """Return the usual criteria; a share that is the same for all that pass tells nothing apart.

    The 95th percentile is taken in its place.
    """
    passed = found.table[found.table["passed"]]
    return list(
        dict.fromkeys(
            "p95_minutes"
            if name.startswith("share_within_") and passed[name].nunique() < 2
            else name
            for name in criteria_of(found.problem)
        )
    )


def _check(
    problem: Problem, names: Sequence[str], weights: Mapping[str, float] | None, most: int
) -> None:
    """Refuse criteria that are no measures, and weights that are none."""
    faults = Faults()
    for name in names:
        measure = find_measure(name)
        if measure is None or not measure.applies_to(problem.service):
            faults.add("short_list", "criteria", f"'{name}'", "a measure of this service")
    for name, weight in (weights or {}).items():
        if name not in names:
            hint = suggestion(name, names)
            faults.add("short_list", "weights", f"no criterion '{name}'", "a criterion", hint)
        elif not 0 <= weight < math.inf:
            faults.add("short_list", f"weight of {name}", f"{weight:g}", "zero or more")
    if weights is not None and not sum(weights.values()) > 0:
        faults.add("short_list", "weights", "none above zero", "one weight above zero at least")
    if most < 1:
        faults.add("short_list", "most", f"{most}", "one option at least")
    faults.raise_if_any()


def _today(problem: Problem, today: Configuration | None) -> Configuration | None:
    """Return today as the problem has it; None where nothing is open today."""
    parts = problem.service.parts or (problem.service,)
    if today is None and not any(part.today or part.always_open for part in parts):
        return None
    found = problem.region.today(problem.service) if today is None else today
    return joined(found, problem.service)


def _with(found: LongList, more: Iterable[Configuration]) -> LongList:
    """Return a long list with some configurations that are not on it, each hurdle judged."""
    problem = found.problem
    new = [joined(one, problem.service) for one in more]
    new = [one for one in dict.fromkeys(new) if one not in found.configurations]
    if not new:
        return found
    added = long_list(problem, considered=new, measures=found.measures)
    table = pd.concat([found.table, added.table.assign(rank=np.nan)], ignore_index=True)
    hurdles = tuple(dict.fromkeys([*found.hurdles, *added.hurdles]))
    # A hurdle that only one of the two lists names is passed by all of the other.
    table[list(hurdles)] = table[list(hurdles)].astype(object).fillna(True).astype(bool)
    configurations = (*found.configurations, *added.configurations)
    return LongList(problem, table, configurations, found.measures, hurdles, False)


def _picked(
    whole: LongList,
    problem: Problem,
    names: Sequence[str],
    within: float | None,
    chosen: Configuration | None,
    most: int,
) -> tuple[list[int], int]:
    """Return the rows on the short list but today's, and how many had to be left out."""
    table = whole.table
    passed = np.flatnonzero(table["passed"].to_numpy(bool))
    first = [] if chosen is None else [whole.configurations.index(chosen)]
    if not len(passed):
        return first, 0
    signs = np.array([1.0 if better_of(problem, n) == "lower" else -1.0 for n in names])
    costs = table[list(names)].to_numpy(float)[passed] * signs
    kept = unbeaten(np.nan_to_num(costs, nan=0.0))
    objective = problem.objective
    sign = 1.0 if objective.sense == "minimise" else -1.0
    losses = sign * table[objective.measure].to_numpy(float)[passed]
    kept |= losses <= np.nanmin(losses) + (0.0 if within is None else within)
    ranks = table["rank"].to_numpy(float)[passed]
    by_rank = np.argsort(ranks, kind="stable")
    best = [int(np.lexsort((ranks, column))[0]) for column in costs.T]
    order = dict.fromkeys([*best, *(int(k) for k in by_rank if kept[k])])
    wanted = list(dict.fromkeys([*first, *(int(passed[k]) for k in order)]))
    return sorted(wanted[:most], key=lambda k: _by_rank(table, k)), len(wanted) - len(wanted[:most])


def _by_rank(table: pd.DataFrame, row: int) -> tuple[float, int]:
    rank = float(table["rank"].iloc[row])
    return (math.inf if math.isnan(rank) else rank), row


def _scored(
    whole: LongList,
    picked: list[int],
    chosen: Configuration | None,
    today: Configuration | None,
    names: Sequence[str],
    weights: Mapping[str, float] | None,
    left_out: int,
) -> ShortList:
    """Return the short list of some rows, scored."""
    problem = whole.problem
    configurations = tuple(whole.configurations[k] for k in picked)
    options = _options(configurations, chosen, today)
    rows = whole.table.iloc[picked].set_axis(pd.Index(options, name="option"), axis=0)
    known = ~rows[list(names)].isna().any(axis=1)
    counted = (rows["passed"] & known) if (rows["passed"] & known).any() else known
    values = rows[list(names)]
    dropped = [n for n in names if values.loc[rows["passed"], n].isna().any()]
    used = [n for n in names if n not in dropped]
    if not used or not counted.any():
        raise ValueError("no criterion has a value for every option")
    given = np.array([1.0 if weights is None else weights.get(n, 0.0) for n in used])
    if not given.sum() > 0:
        raise ValueError("no criterion that is left has a weight above zero")
    share = given / given.sum()
    higher = np.array([better_of(problem, n) == "higher" for n in used])
    values = values[used]
    held = values[counted]
    scores = pd.DataFrame(
        scaled(held.to_numpy(float), higher), index=held.index, columns=pd.Index(used)
    )
    totals = pd.Series(scores.to_numpy() @ share, index=held.index)
    placed = pd.Series(places(totals.to_numpy()), index=held.index)
    worst = held.max().where(~higher, held.min())
    best = held.min().where(~higher, held.max())
    qualifiers = [c for c in whole.qualifiers if "lives_saved" in used]
    table = rows[["open", "number", *used, *qualifiers, "passed", "reasons", "rank"]]
    table = table.assign(score=totals.reindex(rows.index), place=placed.reindex(rows.index))
    criteria = pd.DataFrame(
        {
            "better": ["higher" if up else "lower" for up in higher],
            "worst": worst,
            "best": best,
            "weight": share,
        },
        index=pd.Index(used, name="criterion"),
    )
    moved, ranges = _sensitivity(scores.to_numpy(), share, list(placed.index), used)
    return ShortList(
        problem,
        table,
        configurations,
        criteria,
        scores,
        moved,
        ranges.assign(place=placed)[["place", "best", "worst", "share_first"]],
        left_out,
        tuple(dropped),
    )


def _options(
    configurations: Sequence[Configuration],
    chosen: Configuration | None,
    today: Configuration | None,
) -> list[str]:
    """Return what to call each option; the others are numbered as they come."""
    found = []
    for k, one in enumerate(configurations):
        if chosen is not None and one == chosen:
            found.append(CHOSEN)
        else:
            found.append(TODAY if today is not None and one == today else f"Option {k + 1}")
    return found


def _sensitivity(
    scores: np.ndarray, weights: np.ndarray, options: Sequence[str], names: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what moving each weight by itself does, and the places that each option has."""
    now = int(np.argmin(places(scores @ weights)))
    rows = []
    low = high = places(scores @ weights)
    for k, weight in enumerate(weights):
        line = ends(scores, weights, k)
        best, worst = place_ranges(*line)
        low, high = np.minimum(low, best), np.maximum(high, worst)
        rows.append((weight, options[now], *_next(firsts(*line), float(weight), now, options)))
    moved = pd.DataFrame(
        rows,
        columns=["weight", "first", "below", "below_first", "above", "above_first"],
        index=pd.Index(names, name="criterion"),
    )
    ranges = pd.DataFrame(
        {"best": low, "worst": high, "share_first": share_first(scores)},
        index=pd.Index(options, name="option"),
    )
    return moved, ranges


def _next(
    pieces: Sequence[tuple[float, float, int]], weight: float, now: int, options: Sequence[str]
) -> tuple[float, str, float, str]:
    """Return the nearest weights below and above from which another is first, and which it is."""
    below = [(high, options[k]) for _, high, k in pieces if k != now and high <= weight + SAME]
    above = [(low, options[k]) for low, _, k in pieces if k != now and low >= weight - SAME]
    nothing = (float("nan"), "")
    return (*(max(below) if below else nothing), *(min(above) if above else nothing))


def in_sentence(name: str) -> str:
    """Return a criterion within a sentence: "mean journey (worst district)", without a comma."""
    measure = find_measure(name)
    label = name if measure is None else f"{measure.label[0].lower()}{measure.label[1:]}"
    return f"{label.replace(', ', ' (', 1)})" if ", " in label else label
