"""The accessibility check axe-core, run in a page that is open."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

RUN = """
    const done = arguments[arguments.length - 1];
    axe.run(document, {resultTypes: ["violations"]}).then(
        found => done(found.violations.map(v => ({
            rule: v.id,
            impact: v.impact,
            help: v.help,
            where: v.nodes.slice(0, 5).map(n => n.target.join(" ") + ": " + n.failureSummary),
        }))),
        error => done([{rule: "axe", impact: "critical", help: String(error), where: []}]),
    );
"""
GRAVE = ("serious", "critical")


def grave_findings(browser: Any) -> list[str]:
    """Return every serious or critical finding of axe-core, in words; none if there is none."""
    code = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    browser.set_script_timeout(120)
    browser.execute_script(f"{code}; window.axe = window.axe || axe;")
    found = browser.execute_async_script(RUN)
    return [
        f"{one['rule']} ({one['impact']}): {one['help']}: {' | '.join(one['where'])}"
        for one in found
        if one["impact"] in GRAVE
    ]
