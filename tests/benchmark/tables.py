"""Measurements as Markdown tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.benchmark.rows import PUBLISHED, Aim, Row
from tests.benchmark.runs import Measured, Run

Results = Mapping[Run, Measured]
Line = Mapping[str, str]
COLUMNS = (
    "",
    "program",
    "seconds",
    "rival's seconds / reconfig's",
    "peak MB",
    "status",
    "value",
    "value beside reconfig's",
    "bound",
    "gap",
    "sites",
    "used if all open",
    "distinct sets",
    "importing, s",
    "loading, s",
    "runs",
    "aim",
    "reached",
)
# Values that differ by no more than this share of them agree.
SAME = 1e-6
LOKIGI = {"brute_force": "lokigi, brute force", "grasp": "lokigi, GRASP"}


def runs_table(rows: Sequence[Row], results: Results) -> str:
    """Return a line for every run, rivals under reconfig's; columns with nothing are left out."""
    lines = []
    for row in rows:
        own = results[row.run]
        line = {"": row.name, **_figures(row.run, own)}
        if row.rivals:
            line["program"] = "reconfig"
        if row.aim is not None and row.aim.times is None:
            line |= {"aim": _words(row.aim), "reached": verdict(row.aim, own)}
        lines.append(line)
        for run in row.rivals:
            lines.append({"": row.name, **_figures(run, results[run])})
            lines[-1] |= _beside(row, own, run, results[run])
    return _markdown(lines, COLUMNS)


def limits_table(rows: Sequence[Row], results: Results) -> str:
    """Return the seconds of each part, and how many times the sorting the whole takes."""
    lines = []
    for row in rows:
        found = results[row.run]
        lines.append({"": row.name, **_figures(row.run, found)})
        if found.second is not None:
            name = f"a second solve, p = {row.run.last}, in the same process"
            lines.append({"": name, "seconds": number(found.second)})
    by_task = {row.run.task: results[row.run].seconds for row in rows}
    whole, sorting = by_task.get("two_solves"), by_task.get("sort_rows")
    if whole and sorting:
        name = "the first solve as a multiple of the sorting"
        lines.append({"": name, "seconds": f"{number(whole / sorting)} times"})
    return _markdown(lines, COLUMNS)


def yardstick_table(rows: Sequence[Row], results: Results) -> str:
    """Return the published best beside the optimum here, of the mean and of the share."""
    lines = []
    for row in rows:
        mean, share = (results[run] for run in row.runs)
        line = {
            "": row.name,
            "optimal mean here": _value(row.run, mean.objective),
            "mean is": mean.failure or mean.status,
            "optimal share within 30 minutes here": _value(row.rivals[0], share.objective),
            "share is": share.failure or share.status,
        }
        if row.run.p in PUBLISHED:
            minutes, percent = PUBLISHED[row.run.p]
            line |= {"published mean": f"{minutes} min", "published share": f"{percent} %"}
        lines.append(line)
    columns = ("", "published mean", "optimal mean here", "mean is", "published share")
    return _markdown(lines, (*columns, "optimal share within 30 minutes here", "share is"))


def verdict(aim: Aim, own: Measured) -> str:
    """Say whether reconfig reached an aim of its own."""
    if own.failure:
        return "not met" if own.over is not None else "not known"
    reached = own.proven or not aim.proven
    for figure, most in ((own.seconds, aim.seconds), (own.memory, aim.memory)):
        reached &= most is None or (figure is not None and figure <= most)
    return "met" if reached else "not met"


def verdict_beside(times: float, own: Measured, rival: Measured) -> str:
    """Say whether reconfig was so many times as fast as a rival, and proved its answer."""
    taken = rival.seconds if rival.over is None else rival.over
    if not own.seconds or taken is None:
        return "not known"
    if own.proven and taken / own.seconds >= times:
        return "met"
    # A rival that was killed may have been about to finish, or not.
    return "not met" if rival.over is None or not own.proven else "not known"


def ratio(own: Measured, rival: Measured) -> str:
    """Return how many times as long a rival took, or at least took before it was killed."""
    if not own.seconds:
        return ""
    if rival.over is not None:
        return f"more than {number(rival.over / own.seconds)}"
    return number(rival.seconds / own.seconds) if rival.seconds else ""


def agreement(own: Measured, rival: Measured) -> str:
    """Say whether a rival's value (smaller is better) is reconfig's, or how much worse it is."""
    if own.objective is None or rival.objective is None:
        return ""
    worse = (rival.objective - own.objective) / abs(own.objective)
    if abs(worse) <= SAME:
        return "agrees"
    wrong = " (so reconfig is wrong)" if own.proven else ""
    return f"{100 * abs(worse):.2g} % " + ("worse" if worse > 0 else f"better{wrong}")


def number(value: float | None) -> str:
    """Return a figure with three digits, or whole where it is large; empty for None."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _beside(row: Row, own: Measured, run: Run, rival: Measured) -> dict[str, str]:
    found = {
        "program": LOKIGI.get(run.task, f"spopt, {run.solver}"),
        "rival's seconds / reconfig's": ratio(own, rival),
        "value beside reconfig's": agreement(own, rival),
    }
    if row.aim is not None and row.aim.times is not None:
        found["aim"] = f"{row.aim.times:g} times, proven"
        found["reached"] = verdict_beside(row.aim.times, own, rival)
    return found


def _figures(run: Run, found: Measured) -> dict[str, str]:
    if found.failure:
        return {"status": found.failure}
    return {
        "seconds": number(found.seconds),
        "peak MB": number(found.memory),
        "status": found.status,
        "value": _value(run, found.objective),
        "bound": _value(run, found.bound),
        "gap": "" if found.gap is None else f"{found.gap:.2%}" if found.gap else "0",
        "sites": "" if found.sites is None else str(found.sites),
        "used if all open": "" if found.used is None else str(found.used),
        "distinct sets": "" if found.sets is None else f"{found.sets:,}",
        "importing, s": number(found.importing),
        "loading, s": number(found.loading),
        "runs": str(found.repeats),
    }


def _value(run: Run, value: float | None) -> str:
    if value is None:
        return ""
    if run.task == "mclp" or (run.task == "within_volumes" and run.minutes):
        return f"{value:.4%}".replace("%", " %")
    return f"{value:.0f} sites" if run.task == "lscp" else f"{value:.5f} min"


def _words(aim: Aim) -> str:
    named = ((aim.seconds, "s"), (aim.memory, "MB"))
    words = [f"{most:g} {unit}" for most, unit in named if most]
    return ", ".join([*words, "proven"] if aim.proven else words)


def _markdown(lines: Sequence[Line], columns: Sequence[str]) -> str:
    """Return a table; columns in which no line has anything are left out."""
    used = [c for c in columns if not c or any(line.get(c) for line in lines)]
    rows = [used, ["---"] * len(used), *([line.get(c, "") for c in used] for line in lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
