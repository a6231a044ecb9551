"""What to make of the answer: trade-offs and conflicts, built on solve and appraise only."""

from reconfig.analyse.conflict import explain_conflict
from reconfig.analyse.frontier import Frontier, frontier

__all__ = ["Frontier", "explain_conflict", "frontier"]
