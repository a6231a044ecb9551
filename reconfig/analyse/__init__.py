"""What to make of the answer: trade-offs and conflicts, built on solve and appraise only."""

from reconfig.analyse.alternatives import Alternatives, alternatives, importance
from reconfig.analyse.conflict import explain_conflict
from reconfig.analyse.criteria import criteria_of
from reconfig.analyse.findings import Findings, findings
from reconfig.analyse.frontier import Frontier, frontier
from reconfig.analyse.long_list import LongList, long_list
from reconfig.analyse.relax import Relaxation, relaxations
from reconfig.analyse.sensitivity import Sensitivity, sensitivity
from reconfig.analyse.sentences import more_sites_sentences, out_of_reach, rival_sentences
from reconfig.analyse.short_list import ShortList, short_list
from reconfig.analyse.structural import Structural, structural
from reconfig.analyse.uncertainty import Uncertainty, uncertainty
from reconfig.analyse.weights import Weights
from reconfig.analyse.why import WhyNot, why_not

__all__ = [
    "Alternatives",
    "Findings",
    "Frontier",
    "LongList",
    "Relaxation",
    "Sensitivity",
    "ShortList",
    "Structural",
    "Uncertainty",
    "Weights",
    "WhyNot",
    "alternatives",
    "criteria_of",
    "explain_conflict",
    "findings",
    "frontier",
    "importance",
    "long_list",
    "more_sites_sentences",
    "out_of_reach",
    "relaxations",
    "rival_sentences",
    "sensitivity",
    "short_list",
    "structural",
    "uncertainty",
    "why_not",
]
