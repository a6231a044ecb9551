"""The summary is for the public: its figures are the appraisal's, and it reads easily."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pyphen
import pytest

from reconfig.analyse import uncertainty
from reconfig.appraise import Comparison, appraise, compare, estimate_of
from reconfig.appraise.lives import DRAWS, FEWER_DRAWS, INTERVAL, NO_GAIN, SEED
from reconfig.core import (
    Configuration,
    LivesSaved,
    Problem,
    Service,
    minimise,
    open_sites,
    together,
)
from reconfig.data import load_region
from reconfig.report.sections import outcomes, summary
from reconfig.report.sections.block import Part
from reconfig.report.sections.summary import lives_sentences, public_sentences
from reconfig.scenario import read_scenario
from reconfig.solve import solve
from tests.instances import tiny_region, tiny_service
from tests.unit.report.places import solved, square_region

# The reading age of a newspaper for everybody: 9 years at school.
HIGHEST_GRADE = 9.0
SYLLABLES = pyphen.Pyphen(lang="en_GB")


def moved(service_id: str, number: int) -> Comparison:
    """Return today against the first so many candidates of a Greater Manchester service."""
    region = load_region("greater-manchester")
    service = region.service(service_id)
    chosen = Configuration.of(service_id, service.candidates[:number])
    return compare(region.today(service), chosen, region=region, service=service)


def of_two_tiers() -> Comparison:
    """Return today against today with every unit a centre."""
    problem = read_scenario("stroke-two-tiers").problem
    today = problem.region.today(problem.service)
    chosen = Configuration({problem.service.id: frozenset(problem.service.candidates)})
    return compare(today, chosen, region=problem.region, service=problem.service)


def syllables_of(word: str) -> int:
    """Return the syllables of a word: those it can be parted in, or the vowels it has if more."""
    return max(len(SYLLABLES.positions(word)) + 1, len(re.findall("[aeiouy]+", word.lower())))


def grade(sentences: list[str], names: list[str]) -> float:
    """Return the Flesch-Kincaid grade, every name of a place or service one word: "Here"."""
    text = " ".join(sentences)
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "Here")
    text = re.sub(r"(\d)[.,](\d)", r"\1\2", text)
    count = len(re.findall(r"[.:](?:\s|$)", text))
    words = re.findall(r"[A-Za-z]+(?:['’][a-z]+)?|\d+", text)
    syllables = sum(map(syllables_of, words))
    return 0.39 * len(words) / count + 11.8 * syllables / len(words) - 15.59


def test_the_measure_of_reading_tells_plain_words_from_hard_ones() -> None:
    plain = ["The cat sat on the mat. It was fat."]
    hard = ["Notwithstanding considerable organisational reconfiguration uncertainty predominates."]
    assert grade(plain, []) < 2 < 20 < grade(hard, [])


@pytest.mark.parametrize(
    "comparison",
    [
        moved("emergency-surgery", 4),
        moved("stroke", 2),
        moved("stroke-times", 2),
        moved("major-trauma", 1),
        of_two_tiers(),
    ],
    ids=["surgery", "stroke", "stroke, QALYs", "trauma", "two tiers"],
)
def test_the_summary_can_be_read_after_nine_years_at_school(comparison: Comparison) -> None:
    region, service = comparison.after.region, comparison.after.service
    names = [
        *region.sites["name"],
        *region.sites["short_name"],
        *(region.physical or region).sites["short_name"],
        *(part.name for part in (service.parts or (service,))),
    ]
    assert grade(public_sentences(comparison), names) <= HIGHEST_GRADE


def test_the_figures_are_those_of_the_appraisal() -> None:
    comparison = moved("emergency-surgery", 4)
    said = " ".join(public_sentences(comparison))
    before, after, lives = comparison.before, comparison.after, comparison.after.lives
    assert lives is not None
    assert f"is at {len(before.open)} sites today. It would be at {len(after.open)}:" in said
    assert f"{abs(lives.central):.1f} lives a year" in said
    assert f"{abs(lives.high):.1f} lives saved (a 95% range)" in said
    assert f"does harm, is {lives.probability_of_no_gain:.0%}." in said
    assert f"about {lives.baseline_deaths:,.0f} of these patients" in said
    for name in ("mean_minutes", "p95_minutes", "max_minutes"):
        assert f"{after.measures[name]:.1f} minutes" in said
        assert f"(today {before.measures[name]:.1f})" in said


@pytest.mark.parametrize("site", ["A", "B", "C"])
def test_those_who_travel_longer_are_counted_case_by_case(site: str) -> None:
    region = tiny_region()
    service = tiny_service(region)
    chosen = Configuration.of(service.id, [site])
    comparison = compare(region.today(service), chosen, region=region, service=service)
    minutes = region.minutes()
    today = minutes[["A", "B", "C", "N"]].min(axis=1)
    change = minutes[[site, "N"]].min(axis=1) - today
    some, many = (float(service.demand[change >= least].sum()) for least in (10, 20))
    assert some > 0
    said = " ".join(public_sentences(comparison))
    assert f"Each year {some:,.0f} of {service.cases_per_year:,.0f} patients" in said
    how_many = f"For {many:,.0f} of them it would" if many else "For none of them would it"
    assert f"{how_many} be 20 minutes or more." in said


def test_a_change_that_changes_nothing_is_said_to_change_nothing() -> None:
    region = tiny_region()
    service = tiny_service(region)
    today = region.today(service)
    said = public_sentences(compare(today, today, region=region, service=service))
    assert f"{service.name} is at 3 sites today. That would not change." in said
    assert "No patient would have a journey longer by 10 minutes or more." in said
    assert not any("It would stop at" in sentence for sentence in said)


@pytest.mark.parametrize(
    ("central", "words"),
    [
        (12.34, "would save about 12.3 lives a year"),
        (-2.0, "would cost about 2.0 lives a year"),
        (0.01, "would neither save nor cost lives"),
    ],
)
def test_a_gain_a_loss_and_neither_are_told_apart(central: float, words: str) -> None:
    lives = LivesSaved(central, -3.0, 20.0, 100.0, 0.25, "made up", "care as it is")
    said = " ".join(lives_sentences(lives))
    assert words in said
    assert "from 3.0 lives lost to 20.0 lives saved (a 95% range)" in said
    assert "is 25%." in said
    assert "about 100 of these patients would die each year under care as it is" in said


def test_where_lives_are_not_estimated_the_summary_says_so() -> None:
    said = " ".join(public_sentences(moved("stroke-times", 2)))
    assert "Lives saved are not estimated for this service." in said
    assert "fewer years in good health (quality-adjusted life years)" in said
    region = square_region()
    service: Service = replace(region.define_service("surgery", demand="cases"), outcome=None)
    chosen = Configuration.of("surgery", ["A"])
    none = compare(region.today(service), chosen, region=region, service=service)
    assert any(
        sentence == "How many lives it would save is not estimated."
        for sentence in public_sentences(none)
    )


def test_the_proof_and_every_measure_follow_the_sentences() -> None:
    solution = solved()
    problem = solution.problem
    before = appraise(problem.region, problem.service, problem.region.today(problem.service))
    section = summary(compare(before, solution), solution=solution, notes=["A note."])
    assert [table.name for table in section.tables] == ["Measures"]
    assert "A note." in section.sentences
    given = summary(compare(before, solution))
    assert "A note." not in given.sentences
    shown = given._repr_html_()
    assert "was given, not searched for" in shown
    assert "was given, not searched for" not in section._repr_html_()


def test_patients_who_choose_have_a_summary_too() -> None:
    region = tiny_region()
    service = tiny_service(region, outcome=False).with_choice(10.0)
    best = solve(Problem(region, service, minimise("mean_minutes"), [open_sites(1)]))
    comparison = compare(region.today(service), best)
    assert comparison.rows is not comparison.zones
    longer = comparison.rows.loc[comparison.rows["minutes_change"] >= 10, "cases"].sum()
    said = " ".join(public_sentences(comparison))
    assert f"Each year {longer:,.0f} of {service.cases_per_year:,.0f} patients" in said


def test_what_today_s_sites_save_already_is_no_gain_of_the_change() -> None:
    comparison = moved("stroke", 3)
    region, service = comparison.after.region, comparison.after.service
    before, after, gained = comparison.before.lives, comparison.after.lives, comparison.lives_gained
    assert before is not None
    assert after is not None
    assert gained is not None
    assert before.central > 0  # the baseline of the model is a world without any unit
    sides = [comparison.before.configuration, comparison.after.configuration]
    gains = uncertainty(region, sides, service=service, draws=DRAWS, seed=SEED).gains
    apart = gains[:, 1] - gains[:, 0]
    assert gained.central == pytest.approx(after.central - before.central)
    assert [gained.low, gained.high] == pytest.approx(np.quantile(apart, INTERVAL).tolist())
    none = float((apart <= NO_GAIN * gained.baseline_deaths).mean())
    assert gained.probability_of_no_gain == pytest.approx(none)
    said = public_sentences(comparison)
    assert set(lives_sentences(gained)) <= set(said)
    assert lives_sentences(after)[0] not in said


def test_sites_that_stay_as_they_are_save_no_more_lives_than_today() -> None:
    region = load_region("greater-manchester")
    service = region.service("stroke")
    today = region.today(service)
    said = " ".join(public_sentences(compare(today, today, region=region, service=service)))
    assert "the change would neither save nor cost lives" in said


def test_of_two_services_with_the_same_estimate_each_has_its_own() -> None:
    region = load_region("greater-manchester")
    one = region.service("stroke-times")
    other = replace(one, id="other", name="Other")
    problem = together(region, {one: [], other: []}, minimise("mean_minutes"))
    joint, moved_to = problem.service, one.candidates[0]
    sites = [*(f"{one.id}@{site}" for site in one.today), f"other@{moved_to}"]
    after = Configuration.of(joint.id, sites)
    comparison = compare(problem.region.today(joint), after, region=problem.region, service=joint)
    alone = appraise(region, other, Configuration.of("other", [moved_to])).measures["qalys"]
    assert estimate_of(comparison.after, one, "qalys") == pytest.approx(0.0, abs=1e-6)
    assert estimate_of(comparison.after, other, "qalys") == pytest.approx(alone)
    found = [t.frame for t in outcomes(comparison).tables if t.name.startswith("Outcomes")]
    assert [float(frame["After"].iloc[0]) for frame in found] == pytest.approx(
        [0.0, alone], abs=1e-6
    )
    said = " ".join(public_sentences(comparison))
    assert f"For {one.name} we expect from the change, in a year, no more and no fewer" in said
    assert f"For {other.name} we expect from the change, in a year, {abs(alone):.1f} fewer" in said


def test_years_in_good_health_have_their_range_and_the_chance_of_none() -> None:
    comparison = moved("stroke-times", 2)
    region, service = comparison.after.region, comparison.after.service
    sides = [comparison.before.configuration, comparison.after.configuration]
    made = uncertainty(
        region, sides, service=service, of="qalys", draws=FEWER_DRAWS, seed=SEED
    ).gains
    apart = made[:, 1] - made[:, 0]
    low, high = np.quantile(apart, INTERVAL)
    said = " ".join(public_sentences(comparison))
    assert high < 0
    assert f"from {-low:.1f} fewer to {-high:.1f} fewer (a 95% range, from {FEWER_DRAWS:,}" in said
    assert f"or of harm, is {(apart <= 0).mean():.0%}." in said
    part = next(b for b in outcomes(comparison).blocks if isinstance(b, Part))
    assert part.id == "chance-of-gain"
    assert f"{apart.mean():.1f} QALYs a year" in " ".join(outcomes(comparison).sentences)


def test_of_two_tiers_it_is_said_that_the_range_was_not_worked_out() -> None:
    comparison = of_two_tiers()
    first = comparison.after.service.parts[0]
    assert comparison.gained("qalys", of=first.id) is None
    assert "was not worked out here" in " ".join(public_sentences(comparison))
    section = outcomes(comparison)
    assert "how sure the gain is was not worked out" in " ".join(section.sentences)
    assert not section.pictures
