"""The map you can argue with: part of the report, a page of its own, a notebook's output."""

from reconfig.report.explore.notebook import Exploration, explore
from reconfig.report.explore.page import Explorer, explorer

__all__ = ["Exploration", "Explorer", "explore", "explorer"]
