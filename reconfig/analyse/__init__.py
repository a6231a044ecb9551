"""What to make of the answer: trade-offs and conflicts, built on solve and appraise only."""

from reconfig.analyse.alternatives import Alternatives, alternatives, importance
from reconfig.analyse.conflict import explain_conflict
from reconfig.analyse.frontier import Frontier, frontier
from reconfig.analyse.relax import Relaxation, relaxations
from reconfig.analyse.sensitivity import Sensitivity, sensitivity
from reconfig.analyse.sentences import more_sites_sentences, out_of_reach, rival_sentences
from reconfig.analyse.structural import Structural, structural
from reconfig.analyse.uncertainty import Uncertainty, uncertainty
from reconfig.analyse.weights import Weights
from reconfig.analyse.why import WhyNot, why_not

__all__ = [
    "Alternatives",
    "Frontier",
    "Relaxation",
    "Sensitivity",
    "Structural",
    "Uncertainty",
    "Weights",
    "WhyNot",
    "alternatives",
    "explain_conflict",
    "frontier",
    "importance",
    "more_sites_sentences",
    "out_of_reach",
    "relaxations",
    "rival_sentences",
    "sensitivity",
    "structural",
    "uncertainty",
    "why_not",
]
