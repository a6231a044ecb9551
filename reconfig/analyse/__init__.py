"""What to make of the answer: trade-offs and conflicts, built on solve and appraise only."""

from reconfig.analyse.conflict import explain_conflict
from reconfig.analyse.frontier import Frontier, frontier
from reconfig.analyse.sentences import more_sites_sentences, out_of_reach, rival_sentences

__all__ = [
    "Frontier",
    "explain_conflict",
    "frontier",
    "more_sites_sentences",
    "out_of_reach",
    "rival_sentences",
]
