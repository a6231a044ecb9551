"""Who travels further, in as many sentences as a page has room for."""

from __future__ import annotations

from reconfig.appraise import Comparison
from reconfig.report.words import MOST_LISTED, heading


def moved_sentences(comparison: Comparison) -> list[str]:
    """Return the sentences of a comparison; of many sites that stop or start the largest few.

    Columns of zones are named in words. Where sentences are left out, one says how many and where
    all the sites are.
    """
    said = [_in_words(comparison, sentence) for sentence in comparison.sentences()]
    rows = comparison.rows
    before, after = comparison.before.open, comparison.after.open
    cases = rows.groupby("site_before", observed=True)["cases"].sum()
    # As the comparison has them: first those that stop and have cases, then those that start.
    stop = [s for s in before if s not in after and float(cases.get(s, 0.0)) > 0]
    start = [s for s in after if s not in before]
    ends = len(stop), len(stop) + len(start)
    return [
        *_few(said[: ends[0]], [float(cases[s]) for s in stop], "have cases and stop"),
        *_few(
            said[ends[0] : ends[1]],
            [float(comparison.after.volumes.get(s, 0.0)) for s in start],
            "start",
        ),
        *said[ends[1] :],
    ]


def _few(sentences: list[str], cases: list[float], verb: str) -> list[str]:
    """Return the sentences of the sites with the most cases, and how many are left out."""
    if len(sentences) <= MOST_LISTED:
        return sentences
    order = sorted(range(len(sentences)), key=lambda k: -cases[k])[:MOST_LISTED]
    more = len(sentences) - MOST_LISTED
    return [
        *(sentences[k] for k in order),
        f"These are the {MOST_LISTED} largest of {len(sentences):,} sites that {verb}; the other "
        f"{more:,} are in the table Sites of the workbook.",
    ]


def _in_words(comparison: Comparison, sentence: str) -> str:
    for column in comparison.by:
        words = heading(column)
        plain = f"By {column.replace('_', ' ')}, "
        if sentence.startswith(plain):
            return f"By {words[:1].lower()}{words[1:]}, {sentence.removeprefix(plain)}"
    return sentence
