"""How much each choice loses in futures for which another would have been best."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from reconfig.appraise import apart, find_measure, is_share
from reconfig.batch.key import scenario_key
from reconfig.batch.read import Batch, Row, configuration_id
from reconfig.batch.run import workers_for
from reconfig.batch.store import Store
from reconfig.batch.work import Plain, appraising, solving
from reconfig.batch.workers import WorkerError
from reconfig.core import Faults, LivesSaved, ReconfigError, suggestion
from reconfig.core.faults import listing
from reconfig.data import data_digest
from reconfig.report import measure_label, measure_unit, number

# A loss smaller than this share of the best is what rounding leaves.
ROUNDING = 1e-6
# Configurations of one task: few enough to show progress, many enough to read a scenario once.
AT_ONCE = 500
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False, repr=False)
class Regret:
    """Every configuration chosen in any scenario, appraised under all of them.

    measure, sense: what is lost. values: configurations x scenarios, NaN where a configuration
    breaks a constraint of the scenario. regret: by how much each is worse than the best known there
    (0 or more, in the measure's unit). broken: (configuration, scenario) -> which constraints.
    p: relative regret up to which a choice counts as robust (Snyder and Daskin 2006).
    table: one row a configuration, the one that loses least first: open, names, chosen (in how
    many scenarios it was), best_in (in how many nothing known is better), mean_regret, max_regret,
    worst_scenario, max_relative, breaks (in how many scenarios it breaks a constraint), p_robust;
    of those that break any, regrets are of the other scenarios alone, and they stand last.
    """

    batch: Batch
    measure: str
    sense: str
    p: float
    values: pd.DataFrame
    regret: pd.DataFrame
    broken: Mapping[tuple[str, int], str]
    table: pd.DataFrame

    @property
    def best(self) -> str | None:
        """The choice of least largest regret among those that keep all constraints everywhere."""
        good = self.table[self.table["breaks"] == 0]
        return str(good.index[0]) if len(good) else None

    @property
    def robust(self) -> tuple[str, ...]:
        """The choices whose relative regret is at most p in every scenario."""
        return tuple(map(str, self.table.index[self.table["p_robust"]]))

    def sentences(self) -> list[str]:
        """Say what a board may take from it."""
        number_of, rows = len(self.values.columns), self.batch.rows
        said = [self._first(number_of)]
        if self.best is not None:
            alike = len(self.robust)
            choices = "1 choice is" if alike == 1 else f"{alike} choices are"
            said.append(
                f"{choices} within {self.p:.0%} of the best known in every future."
                if alike
                else f"No choice is within {self.p:.0%} of the best known in every future."
            )
        breaking = int((self.table["breaks"] > 0).sum())
        if breaking and self.best is not None:
            said.append(
                f"{breaking} other choices break a constraint in one future at least, and are not "
                "ranked."
            )
        unproven = sum(row.status == "feasible" for row in self.batch.solved)
        if unproven:
            said.append(f"In {unproven} futures the best known was not proven to be the best.")
        left = [row for row in rows if not row.open]
        if left:
            counts = pd.Series([row.status for row in left]).value_counts()
            which = ", ".join(f"{n} {status}" for status, n in counts.items())
            said.append(f"Not counted, for want of any choice there: {which}.")
        return said

    def _first(self, futures: int) -> str:
        if self.best is None:
            first = self.table.iloc[0]
            return (
                f"No choice meets the constraints of all {futures} futures: no other breaks those "
                f"of fewer than {first['names']}, which breaks them in {first['breaks']}. Compare "
                "by themselves those futures that ask for the same (--each KEY)."
            )
        row: Any = self.table.loc[self.best]
        of = f"Of {len(self.table)} choices" if len(self.table) > 1 else "Of one choice"
        over = f"{of}, opening {row['names']} loses least across "
        if row["max_regret"] == 0.0:
            return f"{over}{futures} futures: nothing known is better in any of them."
        unit = measure_unit(self.measure)
        numbers = {each.member.number: each for each in self.batch.solved}
        scenario = numbers[int(row["worst_scenario"])]
        return (
            f"{over}{futures} futures: at most {_amount(float(row['max_regret']), unit)} worse "
            f"than the best choice known ({measure_label(self.measure).lower()}), where "
            f"{scenario.label}; nothing known is better in {row['best_in']} of them."
            f"{_qualified(self.measure, scenario)}"
        )

    def __repr__(self) -> str:
        return f"<Regret: {' '.join(self.sentences())}>"

    def _repr_html_(self) -> str:
        said = escape(" ".join(self.sentences()))
        return f"<p>{said}</p>{self.table.to_html(float_format='{:,.3g}'.format)}"


def _amount(value: float, unit: str) -> str:
    """Return a loss with its unit: "0.13 lives a year", "1.2 percentage points"."""
    text = number(value, apart(unit) if is_share(unit) else unit)
    return text if is_share(unit) else f"{text} {unit}".strip()


def _qualified(measure: str, scenario: Row) -> str:
    """Say how sure the lives are that are spoken of; nothing for any other measure."""
    result = scenario.result or {}
    lives = result.get("lives")
    if not lives or not measure.startswith("lives_saved"):
        return ""
    saved = LivesSaved(
        lives["lives_saved"],
        lives["lives_low"],
        lives["lives_high"],
        lives["lives_baseline_deaths"],
        lives["lives_probability_of_no_gain"],
        "",
        result["lives_baseline"],
    )
    return f" Estimated: the choice made for that future saves {saved}."


def regret(
    batch: Batch,
    measure: str | None = None,
    *,
    p: float = 0.05,
    workers: int | None = 0,
    on_progress: Progress | None = None,
) -> Regret:
    """Return what each configuration that was chosen anywhere loses in every scenario.

    measure: what is lost, by default the objective, where all scenarios have the same. p: share of
    the best up to which a choice counts as robust. workers: processes that appraise (0: this one;
    None: one a core); no solver is needed, and the store keeps every appraisal.
    Raises InputError where scenarios have different objectives and no measure is named, or it is
    unknown; ReconfigError where nothing was solved, patients are directed, or the data or the
    version are others than those that were solved.
    """
    solved = batch.solved
    if not solved:
        raise ReconfigError(f"no scenario of '{batch.sweep}' has a configuration to compare")
    if any((row.result or {}).get("directed") for row in solved):
        raise ReconfigError(
            "patients are directed: where they would be sent in another future only a solve can "
            "say, so regret is not known"
        )
    name, sense = _aim(batch, measure, p)
    configurations = {_key(row.open): row.open for row in solved}
    known = _appraised(batch, configurations, name, workers, on_progress)
    return _regret(batch, configurations, known, name, sense, p)


def _key(opened: Mapping[str, list[str]]) -> str:
    return json.dumps(dict(opened), sort_keys=True)


def _aim(batch: Batch, measure: str | None, p: float) -> tuple[str, str]:
    faults = Faults()
    if not 0 <= p < math.inf:
        faults.add("regret", "p", f"{p:g}", "a share, such as 0.05 for 5 %")
    aims = {(row.result or {})["measure"]: (row.result or {})["sense"] for row in batch.solved}
    if measure is None and len(aims) > 1:
        found = f"different objectives: {listing(sorted(aims))}"
        faults.add(batch.sweep, "measure", found, "a measure to compare by", "Name it (--by).")
    named = measure or next(iter(aims))
    found_measure = find_measure(named)
    if found_measure is None:
        hint = suggestion(named, [c for c in batch.table.columns if find_measure(c) is not None])
        faults.add(batch.sweep, "measure", f"no measure '{named}'", "a known measure", hint)
    faults.raise_if_any()
    assert found_measure is not None
    usual = "minimise" if found_measure.better == "lower" else "maximise"
    return named, aims.get(named, usual)


def _appraised(
    batch: Batch,
    configurations: Mapping[str, Mapping[str, list[str]]],
    measure: str,
    workers: int | None,
    on_progress: Progress | None,
) -> dict[tuple[str, str], Plain]:
    """Return (key, configuration) -> its row, computed where the store does not have it yet."""
    store = Store(batch.folder)
    try:
        known = store.appraisals(measure)
        missing = {
            row.member.key: (row, [c for c in configurations if (row.member.key, c) not in known])
            for row in batch.solved
        }
        missing = {key: found for key, found in missing.items() if found[1]}
        if not missing:
            return known
        _refuse_stale(batch)
        regions = {(row.member.content["region"], row.member.data) for row, _ in missing.values()}
        at_work = workers_for(workers, "", regions, batch.scenarios)
        try:
            waiting = [
                (key, lacking[k : k + AT_ONCE])
                for key, (_, lacking) in sorted(
                    missing.items(), key=lambda item: item[1][0].member.turn
                )
                for k in range(0, len(lacking), AT_ONCE)
            ]
            total, done = len(waiting), 0
            in_hand: dict[str, list[str]] = {}
            while waiting or in_hand:
                while waiting and len(in_hand) < at_work.room() and waiting[0][0] not in in_hand:
                    key, lacking = waiting.pop(0)
                    task = _task(batch, missing[key][0], [configurations[c] for c in lacking])
                    in_hand[key] = lacking
                    at_work.send(appraising(task[0], task[1], measure))
                for task_done, outcome in at_work.done(1.0):
                    rows = _rows(outcome)
                    lacking = in_hand.pop(task_done["key"])
                    found = dict(zip(lacking, rows, strict=True))
                    store.keep_appraisals(task_done["key"], measure, found)
                    known |= {(task_done["key"], name): row for name, row in found.items()}
                    done += 1
                    if on_progress is not None:
                        on_progress(done, total)
        finally:
            at_work.close()
    finally:
        store.close()
    return known


def _task(
    batch: Batch, row: Row, chosen: list[Mapping[str, list[str]]]
) -> tuple[Plain, list[Plain]]:
    member = row.member
    folder = batch.scenarios.absolute()
    task = solving(member.key, member.content, base=batch.base, folder=folder, data=member.data)
    return task, [dict(one) for one in chosen]


def _rows(outcome: Plain) -> list[Plain]:
    if "stop" in outcome:
        raise WorkerError(outcome["stop"])
    if outcome["result"]["status"] != "appraised":
        raise WorkerError(f"a scenario cannot be appraised: {outcome['result']['reason']}")
    rows: list[Plain] = outcome["result"]["rows"]
    return rows


def _refuse_stale(batch: Batch) -> None:
    """Raise ReconfigError where results are of other data or versions than those here now."""
    digests: dict[str, str] = {}
    for row in batch.solved:
        name = str(row.member.content.get("region"))
        digests.setdefault(name, data_digest(name, Path(batch.scenarios)))
        if scenario_key(row.member.content, digests[name]) != row.member.key:
            raise ReconfigError(
                f"'{batch.sweep}' was solved with other data, or another version of reconfig or "
                "its solver, than are here now: run reconfig batch again, then compare"
            )


def _regret(
    batch: Batch,
    configurations: Mapping[str, Mapping[str, list[str]]],
    known: Mapping[tuple[str, str], Plain],
    measure: str,
    sense: str,
    p: float,
) -> Regret:
    names = {key: configuration_id(opened) for key, opened in configurations.items()}
    if len(set(names.values())) < len(names):  # the same sites of different services
        names = {key: f"{next(iter(o))}: {names[key]}" for key, o in configurations.items()}
    values: dict[int, dict[str, float]] = {}
    broken: dict[tuple[str, int], str] = {}
    for row in batch.solved:
        column = values.setdefault(row.member.number, {})
        for key, name in names.items():
            found = known[row.member.key, key]
            good = not found["broken"] and found["value"] is not None
            column[name] = float(found["value"]) if good else math.nan
            if not good:
                reasons = found["broken"] or ["it has no value there"]
                broken[name, row.member.number] = "; ".join(reasons)
    table = pd.DataFrame(values, index=pd.Index(list(names.values()), name="configuration"))
    table.columns.name = "scenario"
    best = table.min() if sense == "minimise" else table.max()
    loss = (table - best) if sense == "minimise" else (best - table)
    loss = loss.where(loss.isna() | (loss > ROUNDING * best.abs().clip(lower=1.0)), 0.0)
    summary = _summary(batch, configurations, names, loss, best, p)
    return Regret(
        batch,
        measure,
        sense,
        p,
        table.loc[summary.index],
        loss.loc[summary.index],
        broken,
        summary,
    )


def _summary(
    batch: Batch,
    configurations: Mapping[str, Mapping[str, list[str]]],
    names: Mapping[str, str],
    loss: pd.DataFrame,
    best: pd.Series[float],
    p: float,
) -> pd.DataFrame:
    chosen = [names[_key(row.open)] for row in batch.solved]
    places: dict[str, str] = {}
    for row in batch.solved:
        places |= (row.result or {}).get("names", {})
    relative = (loss / best.abs()).where(loss != 0.0, 0.0)
    breaks = loss.isna().sum(axis=1)
    largest = relative.max(axis=1)
    table = pd.DataFrame(
        {
            "open": {name: name for name in names.values()},
            "names": {names[key]: _in_words(o, places) for key, o in configurations.items()},
            "chosen": {name: chosen.count(name) for name in names.values()},
            "best_in": (loss == 0.0).sum(axis=1),
            "mean_regret": loss.mean(axis=1),
            "max_regret": loss.max(axis=1),
            "worst_scenario": {
                name: (losses.idxmax() if losses.notna().any() else None)
                for name, losses in loss.iterrows()
            },
            "max_relative": largest,
            "breaks": breaks,
            "p_robust": (breaks == 0) & (largest <= p * (1 + ROUNDING)),
        }
    ).rename_axis("configuration")
    return table.sort_values(["breaks", "max_regret", "mean_regret", "open"], kind="stable")


def _in_words(opened: Mapping[str, list[str]], places: Mapping[str, str]) -> str:
    named = {s: ", ".join(places.get(site, site) for site in ids) for s, ids in opened.items()}
    if len(named) == 1:
        return next(iter(named.values())) or "none"
    return "; ".join(f"{service}: {sites or 'none'}" for service, sites in sorted(named.items()))
