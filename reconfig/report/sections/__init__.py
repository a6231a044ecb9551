"""The sections of a report, each a function to be called alone in a notebook."""

from reconfig.report.sections.access import access
from reconfig.report.sections.block import Block, Part, Picture, Prose, Section, Terms
from reconfig.report.sections.bodies import bodies
from reconfig.report.sections.case_for_change import case_for_change
from reconfig.report.sections.equality import equality
from reconfig.report.sections.flows import flows
from reconfig.report.sections.maps import maps
from reconfig.report.sections.options import options
from reconfig.report.sections.outcomes import outcomes
from reconfig.report.sections.provenance import provenance
from reconfig.report.sections.summary import summary
from reconfig.report.sections.trade_off import trade_off

__all__ = [
    "Block",
    "Part",
    "Picture",
    "Prose",
    "Section",
    "Terms",
    "access",
    "bodies",
    "case_for_change",
    "equality",
    "flows",
    "maps",
    "options",
    "outcomes",
    "provenance",
    "summary",
    "trade_off",
]
