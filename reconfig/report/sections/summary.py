"""Summary in plain English, for the public: what changes, for whom, what it saves, who goes on.

Its sentences are short and made of short words: a test holds them to a reading level.
"""

from __future__ import annotations

from collections.abc import Sequence

from reconfig.appraise import Appraisal, Comparison, estimate_of
from reconfig.appraise.access import longer_by
from reconfig.appraise.lives import FEWER_DRAWS
from reconfig.core import LivesSaved, Service, Solution
from reconfig.core import apart as apart_configuration
from reconfig.report.movement import moved_sentences
from reconfig.report.sections.block import Block, Part, Prose, Section, Terms
from reconfig.report.summary import changed_assumptions, verdict_rows
from reconfig.report.tables import measures_table
from reconfig.report.words import (
    ESTIMATED,
    count_of,
    listed,
    measure_label,
    measure_unit,
    number,
    sites_listed,
    used_sites,
    who_counts,
)

# Journeys that are longer by so many minutes are told apart.
LONGER, MUCH_LONGER = 10, 20
SHARES_WITHIN = (15, 30, 45)
# What is estimated in place of lives, in plain words.
PLAIN = {
    "qalys": "years in good health (quality-adjusted life years)",
    "independent": "people who can live without help",
}


def summary(
    comparison: Comparison, *, solution: Solution | None = None, notes: Sequence[str] = ()
) -> Section:
    """Return what the change means in sentences that anybody can read, and what is proven of it.

    notes: sentences that the writer of the report adds.
    """
    region, service = comparison.after.region, comparison.after.service
    counted = who_counts(comparison.before.region, service)
    blocks: list[Block] = [
        Prose(tuple(public_sentences(comparison))),
        _part("who-moves", "Who travels further", Prose(tuple(moved_sentences(comparison)))),
    ]
    if notes:
        blocks.append(_part("notes", "Also to be borne in mind", Prose(tuple(notes))))
    blocks.append(_part("who-counts", "Who is counted", Prose((counted,))))
    changed = changed_assumptions(region)
    if changed:
        said = Prose(("Other than the register of assumptions has them, for this report:",), False)
        blocks.append(_part("changed", "Assumptions changed", said, Terms(tuple(changed))))
    blocks += [
        _part("proof", "What has been proven", Terms(tuple(verdict_rows(solution)))),
        _part("measures", "Every measure", measures_table(comparison)),
    ]
    return Section("summary", "The change in plain English", tuple(blocks))


def _part(ending: str, title: str, *blocks: Block) -> Part:
    return Part(f"summary-{ending}", title, blocks)


def public_sentences(comparison: Comparison) -> list[str]:
    """Return what changes, for whom, what it saves and how sure that is, and who goes further."""
    return [
        *_sites(comparison),
        *_gains(comparison),
        *_longer(comparison),
        *_journeys(comparison),
        *_known(comparison.after),
    ]


def _sites(comparison: Comparison) -> list[str]:
    """Say at how many sites each service is and would be, and where it would stop and start."""
    service = comparison.before.service
    whole = [apart_configuration(a.configuration) for a in (comparison.before, comparison.after)]
    both = (comparison.before, comparison.after)
    said = []
    for part in service.parts or (service,):
        before, after = (found.sites(part.id) for found in whole)
        now = f"{part.name} is at {count_of(len(before), 'site')} today"
        if set(before) == set(after):
            said.append(f"{now}. That would not change.")
            continue
        said.append(f"{now}. It would be at {len(after)}: {sites_listed(both, after, part)}.")
        closing = [site for site in before if site not in after]
        opening = [site for site in after if site not in before]
        if closing:
            said.append(f"It would stop at {sites_listed(both, closing, part)}.")
        if opening:
            said.append(f"It would start at {sites_listed(both, opening, part)}.")
    return said


def _gains(comparison: Comparison) -> list[str]:
    """Say what is gained in lives, or in what is estimated in their place."""
    after = comparison.after
    others = _other_gains(comparison)
    if after.lives is None:
        return others or ["How many lives it would save is not estimated."]
    before, gained = comparison.before.lives, comparison.lives_gained
    if before is None or gained is None or before.low == before.high == before.central == 0:
        return [*lives_sentences(after.lives), *others]
    # Much of what a model credits to the sites may be there already: it is no gain of the change.
    said = lives_sentences(gained)
    for one, word in ((before, "as things are before the change"), (after.lives, "after it")):
        said.append(
            f"Against that, our best estimate is {number(abs(one.central), 'lives a year')} lives "
            f"a year {'lost' if one.central < 0 else 'saved'} {word} ({_range(one)}; a "
            f"{_chance(one)} chance of none, or of harm)."
        )
    return [*said, *others]


def lives_sentences(lives: LivesSaved) -> list[str]:
    """Return lives saved with their range, the chance of none and the deaths at baseline."""
    central = number(abs(lives.central), "lives a year")
    verb = "cost" if lives.central < 0 else "save"
    none = not any(digit in central for digit in "123456789")
    what = "neither save nor cost lives" if none else f"{verb} about {central} lives a year"
    return [
        f"Our best estimate is that the change would {what}. It is not certain: the true number is "
        f"likely to be {_range(lives)} (a 95% range). The chance that it saves nobody, or does "
        f"harm, is {_chance(lives)}.",
        f"To compare: about {lives.baseline_deaths:,.0f} of these patients would die each year "
        f"under {lives.baseline}.",
    ]


def _range(lives: LivesSaved) -> str:
    """Return "from 1.9 lives lost to 26.0 lives saved"."""
    ends = []
    for end in (lives.low, lives.high):
        lost = number(end, "lives a year").startswith("-")
        ends.append(f"{number(abs(end), 'lives a year')} lives {'lost' if lost else 'saved'}")
    return f"from {ends[0]} to {ends[1]}"


def _chance(lives: LivesSaved) -> str:
    return f"{lives.probability_of_no_gain:.0%}"


def _other_gains(comparison: Comparison) -> list[str]:
    """Say what the change gains of what is estimated in place of lives, service by service."""
    service, said = comparison.after.service, list[str]()
    for part in service.parts or (service,):
        outcome = part.outcome
        if outcome is None or "lives_saved" in outcome.estimates:
            continue
        was, now = (
            {n: estimate_of(a, part, n) for n in outcome.estimates}
            for a in (comparison.before, comparison.after)
        )
        found = listed([_more_or_fewer(n, now[n] - was[n]) for n in now])
        of = f"For {part.name} we" if service.parts else "We"
        said.append(f"{of} expect from the change, in a year, {found}. That is an estimate.")
        said += other_ranges(comparison, part)
        if any(_is_some(n, value) for n, value in was.items()):
            sides = [listed([_more_or_fewer(n, side[n]) for n in side]) for side in (was, now)]
            said.append(
                f"Against {outcome.baseline}, it is {sides[0]} before the change. After it, it is "
                f"{sides[1]}."
            )
        said.append("Lives saved are not estimated for this service.")
    return said


def other_ranges(comparison: Comparison, part: Service) -> list[str]:
    """Say how sure the gains of a service without lives are, or that it was not worked out."""
    assert part.outcome is not None
    said = []
    for name in part.outcome.estimates:
        of = part.id if comparison.after.service.parts else ""
        found = comparison.gained(name, of=of, draws=FEWER_DRAWS)
        if found is None:
            return [
                "How far out that may be was not worked out here. For one service by itself "
                "rc.uncertainty gives a range."
            ]
        ends = [_more_or_fewer(name, end, short=True) for end in (found.low, found.high)]
        said.append(
            f"It is not certain. Of {PLAIN.get(name, measure_label(name).lower())} the true number "
            f"is likely to be from {ends[0]} to {ends[1]} (a 95% range, from {FEWER_DRAWS:,} "
            f"draws). The chance of no gain, or of harm, is {found.probability_of_no_gain:.0%}."
        )
    return said


def _is_some(name: str, value: float) -> bool:
    """Say whether an amount is more than nothing, as it is shown."""
    return any(digit in "123456789" for digit in number(value, measure_unit(name)))


def _more_or_fewer(name: str, value: float, *, short: bool = False) -> str:
    """Return "12.3 more years in good health": an estimate in words; short: "12.3 more"."""
    amount = number(abs(value), measure_unit(name))
    if name not in PLAIN and not short:
        return f"{measure_label(name).lower()}: {number(value, measure_unit(name))}"
    what = "" if short else f" {PLAIN[name]}"
    if not _is_some(name, value):
        return "none" if short else f"no more and no fewer{what}"
    return f"{amount} {'fewer' if value < 0 else 'more'}{what}"


def _longer(comparison: Comparison) -> list[str]:
    """Say how many patients would travel longer by ten minutes and by twenty."""
    total = comparison.after.service.cases_per_year
    some, many = (longer_by(comparison, minutes) for minutes in (LONGER, MUCH_LONGER))
    if not round(some):
        return [f"No patient would have a journey longer by {LONGER} minutes or more."]
    more = f"For {many:,.0f} of them it would be {MUCH_LONGER} minutes or more."
    if not round(many):
        more = f"For none of them would it be {MUCH_LONGER} minutes or more."
    return [
        f"Each year {some:,.0f} of {total:,.0f} patients would have a journey longer by {LONGER} "
        f"minutes or more. {more}"
    ]


def _journeys(comparison: Comparison) -> list[str]:
    """Say how long journeys are and would be: mean, 95 of 100, longest, and shares in time."""
    before, after = comparison.before.measures, comparison.after.measures
    mode = comparison.before.region.default_mode.replace("_", " ")

    def minutes(name: str) -> str:
        now, then = (number(m[name], "minutes") for m in (before, after))
        return f"{then} minutes, as today" if now == then else f"{then} minutes (today {now})"

    said = [
        f"The mean journey by {mode} would take {minutes('mean_minutes')}.",
        f"Of 100 patients, 95 would get there within {minutes('p95_minutes')}.",
        f"The longest journey would take {minutes('max_minutes')}.",
    ]
    shares = []
    for standard in SHARES_WITHIN:
        name = f"share_within_{standard}"
        now, then = (number(m[name], measure_unit(name)) for m in (before, after))
        shares.append(f"{then} within {standard} minutes (today {now})")
    return [*said, f"The share of patients who get there would be {listed(shares)}."]


def _known(after: Appraisal) -> list[str]:
    """Say how the travel times are known."""
    used = _sites_used(after)
    guessed = sum(kind == ESTIMATED for kind in used)
    if not guessed:
        return []
    of = "all sites" if guessed == len(used) else f"{guessed} of the {len(used)} sites"
    return [f"Travel times to {of} are estimated, so they may be some minutes out."]


def _sites_used(after: Appraisal) -> list[str]:
    """Return how the times to each site in use are known, a site of several services once."""
    region = after.region.physical or after.region
    parts: tuple[Service, ...] = after.service.parts or (after.service,)
    used = sorted({site for part in parts for site in used_sites(part)})
    return [str(kind) for kind in region.sites.loc[used, "time_kind"]]
