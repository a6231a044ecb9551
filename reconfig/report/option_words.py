"""How a choice of sites is said: all its sites, or of many what is different from another."""

from __future__ import annotations

from collections.abc import Sequence

from reconfig.core import Region
from reconfig.report.words import count_of, listed

# Of a choice of more sites than these only what is different is named.
MOST_NAMED = 10


def sites_text(region: Region, chosen: Sequence[str], than: Sequence[str] = ()) -> str:
    """Return the names of the sites of a choice; of many, how it differs from another choice."""
    if len(chosen) <= MOST_NAMED or not than:
        return _named(region, chosen)
    comes, goes = sorted(set(chosen) - set(than)), sorted(set(than) - set(chosen))
    if not comes and not goes:
        return f"the {count_of(len(chosen), 'site')} chosen"
    parts = [f"with {_named(region, comes)}"] if comes else []
    parts += [f"without {_named(region, goes)}"] if goes else []
    return f"{count_of(len(chosen), 'site')}: as chosen, but {' and '.join(parts)}"


def _named(region: Region, sites: Sequence[str]) -> str:
    """Return names as a list; of many the first ones and how many more there are."""
    names = region.site_names(list(sites))
    if len(names) <= MOST_NAMED:
        return listed(names) or "no site"
    return f"{', '.join(names[:MOST_NAMED])} and {len(names) - MOST_NAMED} more"
