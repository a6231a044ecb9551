"""What a batch came to: the table, the filters, the files, and regret against plain appraisal."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pandas as pd
import pytest

import reconfig as rc
from reconfig.batch import Batch, Regret, read_batch, regret, run_batch
from reconfig.batch.export import write_as
from reconfig.core import InputError, ReconfigError
from reconfig.scenario import read_scenario
from tests.batch.sweeps import BASE, write_base, write_sweep

# Three futures in which other choices are best, one that nothing can meet and one that is broken.
SWEEP = """
name = "futures"
scenario = "base.toml"

[[list]]
catchment = "all"
[[list]]
catchment = "north"
[[list]]
catchment = "all"
"limit.1.at_most" = 53
[[list]]
catchment = "north"
"limit.1.at_most" = 2
[[list]]
catchment = "nowhere"
"""
FUTURES = (1, 2, 3)


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Return a batch of a few scenarios, solved in this process."""
    folder = write_base(tmp_path_factory.mktemp("batch"))
    return run_batch(write_sweep(folder, SWEEP), folder / "out", workers=0)


@pytest.fixture(scope="module")
def found(batch: Batch) -> Regret:
    """Return the regret of its choices."""
    return regret(batch)


def scenario(batch: Batch, number: int, folder: Path) -> rc.Scenario:
    """Return a scenario of a batch, read from a file of its own beside the region."""
    path = batch.scenarios / f"alone{number}.toml"
    path.write_text(batch.text(number), encoding="utf-8")
    return read_scenario(path)


def test_a_row_is_what_a_solve_of_the_scenario_alone_says(batch: Batch, tmp_path: Path) -> None:
    for number in FUTURES:
        alone = rc.solve(scenario(batch, number, tmp_path).problem)
        row = batch.table.loc[number]
        assert row["status"] == alone.status.value == "optimal"
        assert row["objective"] == alone.objective
        assert row["bound"] == alone.bound
        assert row["open"] == ", ".join(alone.open)
        assert row["number_open"] == len(alone.open)
        for name, value in alone.measures.items():
            assert row[name] == pytest.approx(value, nan_ok=True)


def test_what_cannot_be_and_what_is_broken_are_rows_with_their_reason(batch: Batch) -> None:
    table = batch.table
    assert list(table.loc[[4, 5], "status"]) == ["infeasible", "failed"]
    reasons = table["reason"].astype(str)
    assert "cannot hold together" in reasons[4]
    assert "max_minutes at most 2" in reasons[4]
    assert "'nowhere' is not there" in reasons[5]
    assert table.loc[list(FUTURES), "reason"].isna().all()


def test_filters_keep_the_rows_that_have_the_value(batch: Batch) -> None:
    assert list(batch.where(catchment="north").table.index) == [2, 4]
    assert list(batch.only({"limit.1.at_most": "53"}).table.index) == [3]
    assert list(batch.only({"limit.1.at_most": 53.0}).table.index) == [3]
    with pytest.raises(InputError, match="Did you mean 'catchment'"):
        batch.where(catchmnt="north")
    with pytest.raises(InputError, match="no scenario with south"):
        batch.where(catchment="south")


def test_a_ranking_has_the_best_first(batch: Batch) -> None:
    rising = batch.ranking("mean_minutes")["mean_minutes"]
    falling = batch.ranking("share_within_30")["share_within_30"]
    assert list(rising) == sorted(batch.table["mean_minutes"].dropna())
    assert list(falling) == sorted(batch.table["share_within_30"].dropna(), reverse=True)
    with pytest.raises(InputError, match="mean_minutes"):
        batch.ranking("mean_minuets")


def test_sites_are_counted_over_the_scenarios_that_have_a_choice(batch: Batch) -> None:
    opened = [site for row in batch.solved for site in row.open["surgery"]]
    for row in batch.sites.to_dict("records"):
        assert row["times"] == opened.count(row["site"])
        assert row["share"] == row["times"] / len(FUTURES)
    assert batch.sites["times"].sum() == len(opened)


def test_regret_is_that_of_plain_appraisal(batch: Batch, found: Regret, tmp_path: Path) -> None:
    for number in FUTURES:
        problem = scenario(batch, number, tmp_path).problem
        values = {}
        for name in found.table.index:
            configuration = rc.Configuration.of("surgery", name.split(", "))
            value = rc.appraise(problem.region, problem.service, configuration).measures
            broken = rc.violations(problem, configuration)
            values[name] = math.nan if broken else value["mean_minutes"]
            assert ((name, number) in found.broken) == bool(broken)
        expected = pd.Series(values)
        assert found.values[number].to_dict() == pytest.approx(expected.to_dict(), nan_ok=True)
        loss = (expected - expected.min()).to_dict()
        assert found.regret[number].to_dict() == pytest.approx(loss, nan_ok=True, abs=1e-6)


def test_the_futures_tell_choices_apart(found: Regret) -> None:
    """Else the tests of regret would hold whatever it is."""
    assert len(found.table) == len(FUTURES)
    assert found.regret.max().max() > 0.1
    assert found.broken


def test_the_choice_that_loses_least_keeps_every_constraint_and_has_the_least_largest_loss(
    found: Regret,
) -> None:
    whole = found.regret.dropna()
    assert found.best == whole.max(axis=1).idxmin()
    assert found.table["max_regret"].iloc[0] == whole.max(axis=1).min()
    assert found.table.iloc[-1]["breaks"] > 0


def test_robust_choices_are_within_their_share_of_the_best_in_every_future(batch: Batch) -> None:
    for p in (0.0, 0.01, 0.1, 0.5):
        given = regret(batch, p=p)
        best = given.values.min()
        within = ((given.values <= best * (1 + p) + 1e-9) & given.values.notna()).all(axis=1)
        assert set(given.robust) == set(within.index[within])


def test_a_sentence_names_the_choice_and_what_it_may_lose(found: Regret) -> None:
    first, *rest = found.sentences()
    best = found.table.reset_index().to_dict("records")[0]
    assert best["configuration"] == found.best
    assert f"opening {best['names']} loses least across 3 futures" in first
    assert f"{best['max_regret']:.1f}" in first
    assert any("break a constraint" in said for said in rest)
    assert "1 infeasible, 1 failed" in rest[-1]


def test_other_measures_may_be_compared(batch: Batch) -> None:
    other = regret(batch, "share_within_30")
    assert other.sense == "maximise"
    assert (other.regret.dropna() >= 0).all(axis=None)
    with pytest.raises(InputError, match="no measure 'share'"):
        regret(batch, "share")


def test_appraisals_are_kept(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    first = regret(batch)
    monkeypatch.setattr("reconfig.batch.regrets.workers_for", None)
    pd.testing.assert_frame_equal(regret(batch).table, first.table)


def test_choices_of_other_numbers_are_no_rivals(tmp_path: Path) -> None:
    folder = write_base(tmp_path)
    text = 'scenario = "base.toml"\n[grid]\n"service.surgery.open" = [2, 3]\n'
    batch = run_batch(write_sweep(folder, text), folder / "out", workers=0)
    none = regret(batch)
    assert none.best is None
    assert "No choice meets the constraints of all 2 futures" in none.sentences()[0]
    alone = regret(batch.only({"service.surgery.open": 2}))
    assert alone.best == batch.table.loc[1, "open"]


def test_different_objectives_have_no_common_regret(tmp_path: Path) -> None:
    folder = write_base(tmp_path)
    aims = '{minimise = "mean_minutes"}, {minimise = "max_minutes"}'
    text = f'scenario = "base.toml"\n[grid]\nobjective = [{aims}]\n'
    batch = run_batch(write_sweep(folder, text), folder / "out", workers=0)
    with pytest.raises(InputError, match="different objectives"):
        regret(batch)
    assert regret(batch, "mean_minutes").best is not None


def test_other_data_are_not_compared_as_if_they_were_those_solved(tmp_path: Path) -> None:
    folder = write_base(tmp_path)
    batch = run_batch(write_sweep(folder, SWEEP), folder / "out", workers=0)
    zones = folder / "region" / "zones.csv"
    zones.write_text(zones.read_text().replace("north", "south", 1), encoding="utf-8")
    with pytest.raises(ReconfigError, match="run reconfig batch again"):
        regret(batch)


def test_directed_patients_have_no_regret_yet(tmp_path: Path) -> None:
    folder = write_base(tmp_path, BASE.replace("open = 3", "open = 3\ndirected = true"))
    text = 'scenario = "base.toml"\n[grid]\ncatchment = ["all", "north"]\n'
    batch = run_batch(write_sweep(folder, text), folder / "out", workers=0)
    assert len(batch.solved) == 2
    with pytest.raises(ReconfigError, match="directed"):
        regret(batch)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx", ".html"])
def test_a_table_reads_back_as_it_was(suffix: str, batch: Batch, tmp_path: Path) -> None:
    path = tmp_path / f"table{suffix}"
    write_as(batch.table, path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    readers = {
        ".csv": lambda: pd.read_csv(path, index_col=0),
        ".parquet": lambda: pd.read_parquet(path),
        ".xlsx": lambda: pd.read_excel(path, index_col=0),
    }
    if suffix == ".html":
        text = path.read_text(encoding="utf-8")
        assert all(str(status) in text for status in batch.table["status"])
        return
    back = readers[suffix]()
    assert list(back.columns) == list(batch.table.columns)
    assert list(back["status"]) == list(batch.table["status"])
    same = back["mean_minutes"].to_numpy(), batch.table["mean_minutes"].to_numpy(float)
    assert same[0] == pytest.approx(same[1], nan_ok=True)


def test_a_key_of_numbers_and_texts_is_written_to_parquet(tmp_path: Path) -> None:
    table = pd.DataFrame({"open": [3, "{at_least = 1}", None], "flag": [True, False, None]})
    write_as(table, tmp_path / "table.parquet")
    assert list(pd.read_parquet(tmp_path / "table.parquet")["open"][:2]) == ["3", "{at_least = 1}"]


def test_an_unknown_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.xlsx"):
        write_as(pd.DataFrame(), tmp_path / "table.doc")


def test_a_folder_without_a_store_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a folder that reconfig batch wrote"):
        read_batch(tmp_path)
    assert not list(tmp_path.iterdir())


def test_every_sweep_of_a_store_can_be_read(batch: Batch) -> None:
    text = SWEEP.replace('"futures"', '"fewer"').replace('[[list]]\ncatchment = "nowhere"\n', "")
    fewer = run_batch(write_sweep(batch.scenarios, text), batch.folder, workers=0)
    assert (fewer.sweep, len(fewer.rows)) == ("fewer", 4)
    assert read_batch(batch.folder).sweep == "fewer"
    whole = read_batch(batch.folder, sweep="futures")
    assert len(whole.rows) == 5
    times = zip(fewer.rows, whole.rows, strict=False)
    assert all(one.finished == other.finished for one, other in itertools.islice(times, 4))
