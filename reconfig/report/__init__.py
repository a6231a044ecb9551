"""Maps, charts, tables and the report folder: everything that people read."""

from reconfig.report.chart_weights import weights_chart
from reconfig.report.charts import frontier_chart
from reconfig.report.explore import Exploration, explore
from reconfig.report.folder import prepare_folder
from reconfig.report.maps import comparison_map, solution_map
from reconfig.report.movement import moved_sentences
from reconfig.report.pdf import pdf_program
from reconfig.report.summary import limits_of_knowledge, verdict_rows
from reconfig.report.uncertainty_charts import tornado_chart, uncertainty_chart
from reconfig.report.words import counted_words, heading, measure_label, measure_unit, number
from reconfig.report.write import report, write_result

__all__ = [
    "Exploration",
    "comparison_map",
    "counted_words",
    "explore",
    "frontier_chart",
    "heading",
    "limits_of_knowledge",
    "measure_label",
    "measure_unit",
    "moved_sentences",
    "number",
    "pdf_program",
    "prepare_folder",
    "report",
    "solution_map",
    "tornado_chart",
    "uncertainty_chart",
    "verdict_rows",
    "weights_chart",
    "write_result",
]
