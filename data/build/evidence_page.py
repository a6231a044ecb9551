"""Make ``docs/evidence.md`` from the register, its correlations and a hand-written checklist.

python -m data.build.evidence_page
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from reconfig.data import load_register
from reconfig.outcomes import Assumption, Draws, Register
from reconfig.outcomes.register import CONFIDENCE
from reconfig.outcomes.stroke_times import mrs_distribution, untreated_distribution

TEMPLATE = Path(__file__).with_name("evidence.template.md")
PAGE = Path(__file__).parents[2] / "docs" / "evidence.md"
ENDS = (0.025, 0.975)

# Heading of each group of the register: the part of an id before its first dot.
GROUPS = {
    "egs": "Emergency laparotomy",
    "egs_all": "All emergency general surgery",
    "stroke": "Stroke",
    "trauma": "Major trauma",
    "ppci": "Primary angioplasty",
    "vascular": "Vascular surgery",
    "demand": "Demand",
    "travel": "Travel",
}

# Trial -> its check in the register (stroke.check_*), and the minutes at which the model is asked.
THROMBOLYSIS: dict[str, tuple[int, ...]] = {
    "ivt_ln_or_to_180": (90, 135, 180),
    "ivt_ln_or_to_270": (181, 225, 270),
    "ivt_ln_or_beyond_270": (271, 315, 360),
}
THROMBECTOMY: dict[str, tuple[int, ...]] = {
    f"mt_ln_cor_at_{minutes}": (minutes,) for minutes in (180, 360, 480)
}


def page(register: Register) -> str:
    """Return the text of the page."""
    counts = Counter(assumption.confidence for assumption in register.values())
    tags = [f"{counts[tag]} {tag}" for tag in CONFIDENCE]
    parts = {
        "count": str(len(register)),
        "tags": f"{', '.join(tags[:-1])} and {tags[-1]}",
        "register": "\n\n".join(_group(name, register) for name in _groups(register)),
        "correlations": _correlations(register),
        "trials": _trials(register),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part)
    return text


def _groups(register: Register) -> list[str]:
    """Return the groups of the register: those named above first, then any others."""
    there = list(dict.fromkeys(key.partition(".")[0] for key in register))
    return [name for name in GROUPS if name in there] + [n for n in there if n not in GROUPS]


def _group(name: str, register: Register) -> str:
    rows = [a for key, a in register.items() if key.partition(".")[0] == name]
    head = ("id", "what", "value", "range", "unit", "source", "tag", "note")
    table = _table(head, map(_row, rows))
    return f"## {GROUPS.get(name, name)}\n\n{table}"


def _row(assumption: Assumption) -> tuple[str, ...]:
    low, high = assumption.quantile(np.array(ENDS))
    spread = f"{_figures(low)} to {_figures(high)}" if assumption.is_spread else "–"
    return (
        f"`{assumption.id}`",
        assumption.what,
        _figures(assumption.value),
        spread,
        assumption.unit,
        assumption.source,
        assumption.confidence,
        assumption.note,
    )


def _correlations(register: Register) -> str:
    head = ("assumption", "with", "correlation", "source", "tag", "note")
    return _table(
        head,
        (
            (f"`{c.id_a}`", f"`{c.id_b}`", f"{c.correlation:g}", c.source, c.confidence, c.note)
            for c in register.correlations
        ),
    )


def thrombolysis_odds_ratio(register: Register, minutes: float) -> float:
    """Return the odds ratio of mRS 0-1 at some minutes against none, in the register's mix."""
    central = Draws.central(register)
    lvo = float(central["stroke.share_lvo"][0])
    treated = untreated = 0.0
    for group, share in (("nlvo", 1 - lvo), ("lvo", lvo)):
        treated += share * mrs_distribution(central, group, "ivt", [minutes])[0, 0, :2].sum()
        untreated += share * untreated_distribution(central, group)[0, :2].sum()
    return float(treated / (1 - treated) / (untreated / (1 - untreated)))


def thrombectomy_odds_ratio(register: Register, minutes: float) -> float:
    """Return the mean odds ratio of mRS <= k against none, over the six cuts, with an occlusion."""
    central = Draws.central(register)
    treated = mrs_distribution(central, "lvo", "mt", [minutes])[0, 0].cumsum()[:-1]
    untreated = untreated_distribution(central, "lvo")[0].cumsum()[:-1]
    return float((treated / (1 - treated) / (untreated / (1 - untreated))).mean())


def _trials(register: Register) -> str:
    """Return the odds ratios of the trials beside those of the model, at the trials' times."""
    rows = []
    for checks, model in (
        (THROMBOLYSIS, thrombolysis_odds_ratio),
        (THROMBECTOMY, thrombectomy_odds_ratio),
    ):
        for check, times in checks.items():
            trial = register[f"stroke.check_{check}"]
            low, high = np.exp(trial.quantile(np.array(ENDS)))
            middle = float(np.exp(trial.value))
            for minutes in times:
                found = model(register, minutes)
                rows.append(
                    (
                        trial.source.partition(" (")[0],
                        str(minutes),
                        f"{middle:.2f} ({low:.2f} to {high:.2f})",
                        f"{found:.2f}",
                        f"{100 * (found / middle - 1):+.0f} %",
                    )
                )
    return _table(("trial", "minutes", "odds ratio of the trial", "of the model", "apart"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


def _figures(number: float) -> str:
    """Return a number in plain figures: at most three that count, whole ones in full."""
    if float(number).is_integer():
        return f"{number:.0f}"
    return np.format_float_positional(number, precision=3, fractional=False, trim="-")


if __name__ == "__main__":
    PAGE.write_text(page(load_register()), encoding="utf-8")
