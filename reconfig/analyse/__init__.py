"""What to make of the answer: trade-offs and conflicts, built on solve and appraise only."""

from reconfig.analyse.conflict import explain_conflict
from reconfig.analyse.frontier import Frontier, frontier
from reconfig.analyse.sensitivity import Sensitivity, sensitivity
from reconfig.analyse.sentences import more_sites_sentences, out_of_reach, rival_sentences
from reconfig.analyse.structural import Structural, structural
from reconfig.analyse.uncertainty import Uncertainty, uncertainty

__all__ = [
    "Frontier",
    "Sensitivity",
    "Structural",
    "Uncertainty",
    "explain_conflict",
    "frontier",
    "more_sites_sentences",
    "out_of_reach",
    "rival_sentences",
    "sensitivity",
    "structural",
    "uncertainty",
]
