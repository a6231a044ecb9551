"""Cases whose journey is longer than a number of minutes, by zone."""

from __future__ import annotations

import pandas as pd

from reconfig.appraise.appraise import Appraisal


def cases_beyond(appraisal: Appraisal, minutes: float) -> pd.Series[float]:
    """Return the cases a year of every zone whose journey is longer than some minutes.

    Index: zone ids, in the region's order; 0 where none is. A journey of just so many minutes is
    within them, as in the measure `share_within_<minutes>`, of which this is the other side.
    """
    rows = appraisal.rows
    far = rows.loc[rows["minutes"] > minutes, "cases"]
    by_zone = far.groupby(far.index).sum().astype(float)
    return by_zone.reindex(appraisal.region.zones.index, fill_value=0.0).rename("cases_beyond")
