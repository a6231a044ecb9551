"""Options, outcomes and the trade-off as sections: said in full, whatever the names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reconfig.analyse import Findings, findings, frontier, short_list
from reconfig.appraise import Comparison, compare
from reconfig.core import (
    Problem,
    Solution,
    keep,
    maximise,
    minimise,
    open_sites,
    together,
)
from reconfig.report.figures import png_bytes
from reconfig.report.sections.block import Part, Section
from reconfig.report.sections.options import options
from reconfig.report.sections.outcomes import outcomes
from reconfig.report.sections.trade_off import trade_off
from reconfig.solve import solve
from tests.unit.report.kinds import KINDS
from tests.unit.report.places import FORMULA, SCRIPT, square_region, surgery


def decided(*, outcome: bool = True) -> tuple[Comparison, Solution]:
    """Return today against the best two of three sites with names meant to cause trouble."""
    region = square_region()
    service = surgery(region)
    if not outcome:
        service = replace(service, outcome=None)
    first = maximise("lives_saved", then=minimise("mean_minutes"))
    goal = first if outcome else minimise("mean_minutes")
    best = solve(Problem(region, service, goal, [open_sites(2), keep("B")]))
    return compare(region.today(service), best), best


@pytest.fixture(scope="module")
def whole() -> tuple[Comparison, Solution, Findings]:
    """Return the decision with all that was found about it."""
    comparison, best = decided()
    return comparison, best, findings(best)


def sections(comparison: Comparison, best: Solution, found: Findings | None) -> list[Section]:
    """Return the three sections."""
    return [
        options(comparison, findings=found),
        outcomes(comparison, findings=found),
        trade_off(comparison, solution=best, findings=found),
    ]


def ids(section: Section) -> list[str]:
    """Return the ids of parts and the names of pictures."""
    parts = [block.id for block in section.blocks if isinstance(block, Part)]
    return [*parts, *(picture.name for picture in section.pictures)]


def test_names_and_ids_are_unique_and_every_picture_is_said_in_words(
    whole: tuple[Comparison, Solution, Findings],
) -> None:
    made = sections(*whole)
    tables = [table.name for section in made for table in section.tables]
    assert len(set(tables)) == len(tables)
    assert all(len(name) <= 31 for name in tables)
    named = [one for section in made for one in ids(section)]
    assert len(set(named)) == len(named)
    pictures = [picture for section in made for picture in section.pictures]
    assert len(pictures) >= 5
    for picture in pictures:
        said = [text.get_text() for text in picture.figure.texts]
        assert any(text.startswith("Sources:") for text in said), picture.name
        assert len(picture.alt) > 40
        assert png_bytes(picture.figure).startswith(b"\x89PNG")


def test_the_whole_long_list_is_in_the_workbook_and_not_on_the_page(
    whole: tuple[Comparison, Solution, Findings],
) -> None:
    section = options(whole[0], findings=whole[2])
    table = next(t for t in section.tables if t.name == "Long list")
    assert not table.on_page
    assert table.in_workbook
    assert len(table.frame) == 3
    hurdle = f"Passes: Keeps {FORMULA}"
    assert sorted(table.frame[hurdle]) == ["no", "yes", "yes"]
    assert any(SCRIPT in text for text in table.frame["Sites"])
    reasons = [text for text in table.frame["Reason"] if text]
    assert reasons == [f"{FORMULA} is closed, not kept"]


def test_lives_saved_never_stand_without_interval_baseline_and_chance_of_none(
    whole: tuple[Comparison, Solution, Findings],
) -> None:
    for section in sections(*whole):
        for table in section.tables:
            if "Lives saved" in table.frame.columns:
                names = " ".join(map(str, table.frame.columns))
                assert "Lower end" in names, table.name
                assert "Deaths at baseline" in names, table.name
                assert "Chance of no gain" in names, table.name
                assert "estimated" in table.caption


def test_the_chance_of_no_gain_is_one_number_in_the_section(
    whole: tuple[Comparison, Solution, Findings],
) -> None:
    comparison, _, found = whole
    lives = comparison.after.lives
    assert lives is not None
    assert found.uncertainty is not None
    row = found.uncertainty.table.loc["Chosen"]
    assert row["low"] == pytest.approx(lives.low)
    assert 1 - row["probability_of_gain"] == pytest.approx(lives.probability_of_no_gain)


def test_without_findings_each_section_says_how_to_get_the_rest() -> None:
    comparison, best = decided()
    for section in sections(comparison, best, None):
        assert "rc." in " ".join(section.sentences), section.title


def test_a_service_without_a_model_says_so_and_still_has_options_and_a_trade_off() -> None:
    comparison, best = decided(outcome=False)
    found = findings(best)
    assert "no outcome model" in found.reason("uncertainty")
    first, second, third = sections(comparison, best, found)
    assert second.sentences[0].startswith("No outcome model")
    assert first.pictures
    assert any(picture.name == "frontier" for picture in third.pictures)


def test_findings_tell_how_far_they_are_and_stop_by_hand() -> None:
    _, best = decided()
    told: list[tuple[str, int, int]] = []

    def tell(what: str, done: int, total: int) -> None:
        told.append((what, done, total))
        if what == "long list":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):  # from the telling itself, it is nobody's to catch
        findings(best, on_progress=tell)
    assert [done for _, done, _ in told] == list(range(len(told)))


def test_what_is_there_before_the_change_is_no_gain_of_it() -> None:
    comparison, _ = decided()
    gained, before = comparison.lives_gained, comparison.before.lives
    assert gained is not None
    assert before is not None
    assert before.central > 0
    section = outcomes(comparison)
    assert f"beyond what is there before it: {gained.central:.1f} (95" in section.sentences[0]
    cases = comparison.after.service.cases_per_year / gained.central
    assert f"by the change for every {cases:,.0f} cases" in section.sentences[1]
    table = next(t.frame for t in section.tables if t.name == "Lives saved")
    lives = table.iloc[0]
    assert lives["Change"] == pytest.approx(lives["After"] - lives["Before"])
    drawn = comparison.gained("lives_saved")
    assert drawn is not None
    assert np.quantile(drawn.draws, (0.025, 0.975)) == pytest.approx([gained.low, gained.high])
    assert sum(drawn.parts.values()) == pytest.approx(drawn.central)
    assert {p.name for p in section.pictures} >= {"lives-components", "gain-distribution"}


def test_no_change_gains_nothing_however_much_its_sites_save() -> None:
    comparison = KINDS["no change"]()
    assert comparison.after.lives is not None
    assert comparison.after.lives.central > 0
    section = outcomes(comparison)
    said = " ".join(section.sentences)
    assert "The change itself gains nothing" in said
    assert "one life saved" not in said
    assert not section.pictures


def test_the_board_of_a_joint_report_reads_no_programmers_errors() -> None:
    region = square_region()
    first = surgery(region)
    other = region.define_service("other", demand="cases")
    problem = together(
        region, {first: [open_sites(2)], other: [open_sites(1)]}, minimise("mean_minutes")
    )
    best = solve(problem)
    comparison = compare(problem.region.today(problem.service), best)
    found = findings(best)
    assert found.reason("uncertainty") == found.reason("sensitivity")
    for section in sections(comparison, best, found)[1:]:
        text = section._repr_html_()
        for word in (
            "fault in the input",
            "rc.Solution",
            "frontier, open_sites",
            "service= one of",
        ):
            assert word not in text, section.title
        assert text.count("decided together the options are not weighed") == 1, section.title
    rivals = [text for text in found.sentences if "choice of" in text]
    assert all("choice of 2 + 1 " in text for text in rivals)
    assert rivals


def test_numbers_are_numbers_in_the_workbook_and_have_their_digits_on_the_page(
    whole: tuple[Comparison, Solution, Findings],
) -> None:
    tables = {t.name: t for section in sections(*whole) for t in section.tables}
    beginnings = {
        "Near-ties": ("Less good by",),
        "Importance of sites": ("Loss without", "Loss with"),
        "Sensitivity": ("Value", "Low", "High", "Another preferred"),
    }
    for name, begin in beginnings.items():
        table = tables[name]
        assert table.in_workbook
        assert not table.on_page
        columns = [c for c in table.frame.columns if str(c).startswith(begin)]
        assert len(columns) >= len(begin)
        for column in columns:
            assert table.frame[column].dtype == float, (name, column)
    for name in ("Best near-ties", "Worth of sites", "Sensitivity on the page"):
        assert tables[name].on_page
        assert not tables[name].in_workbook


def test_nothing_is_claimed_of_a_number_of_sites_at_which_the_trade_off_was_cut_short() -> None:
    comparison, best = decided()
    free = Problem(best.problem.region, best.problem.service, best.problem.objective)
    found = frontier(free, "lives_saved", "mean_minutes", numbers=[1, 2], progress=False)
    number = len(comparison.after.open)
    others = found.points["number"] != number
    kept = replace(found, points=found.points[others])

    def said(unfinished: tuple[int, ...]) -> str:
        cut = Findings(frontier=replace(kept, unfinished=unfinished))
        return " ".join(trade_off(comparison, solution=best, findings=cut).sentences)

    assert "at least as good" not in said((number,))
    assert "stopped early and is not complete" in said((number,))
    assert "none was drawn for its number of sites" in said(())


def test_equal_weights_that_were_given_are_not_said_to_be_missing(
    whole: tuple[Comparison, Solution, Findings],
) -> None:
    comparison, best, found = whole
    assert found.long_list is not None
    assert found.short_list is not None
    weights = dict.fromkeys(found.short_list.criteria.index, 2.0)
    given = short_list(found.long_list, chosen=best.found(), weights=weights)
    said = options(comparison, findings=replace(found, short_list=given)).sentences
    assert any(text.startswith("All weights are alike") for text in said)
    assert not any("none were given" in text for text in said)
