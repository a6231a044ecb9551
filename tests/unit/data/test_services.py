"""Demand by age and to a year, and region folders with services and assumptions of their own."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from reconfig.appraise import appraise
from reconfig.core import Configuration, InputError, InputWarning, Region
from reconfig.data import data_folder, load_region, load_register
from tests.unit.data.aged import AGED, AGES, ASSUMPTIONS, BY_COLUMN, BY_DISTRICT, SERVICE, ZONES
from tests.unit.data.folders import faults_of, write

GREATER_MANCHESTER = ("greater-manchester", "with-fringe")


def load(folder: Path, service: str = SERVICE, **options: object) -> Region:
    """Return the small region by age with a service of its own."""
    files = AGED | {"services/own.toml": service}
    return load_region(write(folder, files), **options)  # type: ignore[arg-type]


def refused(folder: Path, service: str = SERVICE, **options: object) -> list[str]:
    """Return what is said of a region that is refused."""
    with pytest.raises(InputError) as raised:
        load(folder, service, **options)
    return [str(fault) for fault in raised.value.faults]


def test_a_region_folder_may_have_services_and_assumptions_of_its_own(tmp_path: Path) -> None:
    region = load(tmp_path)
    service = region.service("own")
    assert (service.name, service.today, service.always_open) == ("Our own", ("A",), ("N",))
    assert service.standard_minutes == 25.0
    assert region.register["own.rate"].value == 0.1
    assert "egs.share_moved" in region.register
    assert {"services/own.toml", f"{tmp_path.name}/assumptions.csv"} <= set(region.sha256)
    assert region.year is None
    assert dict(region.assumptions) == {}


def test_a_rate_by_age_keeps_rate_times_people_by_hand(tmp_path: Path) -> None:
    """70 cases among 700 people, shared by need: 100, 400, 450 and 150 of 1,100."""
    cases = load(tmp_path).service("own").demand
    assert cases.to_dict() == pytest.approx(
        {"z1": 70 / 11, "z2": 280 / 11, "z3": 315 / 11, "z4": 105 / 11}
    )


def test_a_column_by_age_keeps_the_total_of_each_district(tmp_path: Path) -> None:
    region = load(tmp_path, BY_DISTRICT)
    cases = region.service("own").demand
    assert cases.groupby(region.zones["district"]).sum().to_dict() == pytest.approx(
        {"north": 30.0, "south": 70.0}
    )
    assert cases.to_dict() == pytest.approx({"z1": 6.0, "z2": 24.0, "z3": 52.5, "z4": 17.5})


def test_growth_to_a_year_by_hand_comes_after_the_calibration(tmp_path: Path) -> None:
    """Two years after 2020: the young x 0.81, the old x 2.25."""
    region = load(tmp_path, BY_DISTRICT, year=2022)
    service = region.service("own")
    assert service.demand.to_dict() == pytest.approx(
        {
            "z1": 6.0 * 0.81,
            "z2": 6.0 * 0.81 + 18.0 * 2.25,
            "z3": 35.0 * 0.81 + 17.5 * 2.25,
            "z4": 17.5 * 2.25,
        }
    )
    assert region.year == 2022
    assert "grown to 2022" in service.demand_basis
    assert load(tmp_path, BY_DISTRICT, year=2020).service("own").cases_per_year == pytest.approx(
        100
    )


def test_a_year_without_ages_is_refused(tmp_path: Path) -> None:
    assert load(tmp_path, BY_COLUMN).service("own").cases_per_year == 100.0
    (said,) = refused(tmp_path, BY_COLUMN, year=2030)
    assert re.search(r"year: 2030, but service 'own' \(own.toml\) has no ages", said)
    with pytest.raises(InputError, match="year: 2030, but 'england-stroke' has no people by age"):
        load_region("england-stroke", year=2030)


def test_a_column_named_on_the_spot_is_of_no_other_year(tmp_path: Path) -> None:
    region = load(tmp_path, year=2030)
    with pytest.raises(InputError, match="year: 2030, but column 'cases' says nothing of ages"):
        region.define_service("spot", demand="cases")


@pytest.mark.parametrize("year", [2019, 1, -5, 2071, 20350, 2030.0, True, "2030"])
def test_a_year_that_is_none_or_too_far_is_refused(tmp_path: Path, year: object) -> None:
    (said,) = refused(tmp_path, year=year)
    assert ", year: " in said


def test_ages_without_a_growth_are_refused_only_where_a_year_is_given(tmp_path: Path) -> None:
    text = re.sub(r"(?m)^demand\.growth_old.*\n", "", ASSUMPTIONS)
    folder = write(tmp_path, AGED | {"assumptions.csv": text})
    assert load_region(folder).service("own").cases_per_year == pytest.approx(70)
    with pytest.raises(InputError, match=r"demand, ages, old: no assumption 'demand.growth_old'"):
        load_region(folder, year=2022)


# What stands in the good service, what is put instead, and what is said of it.
ONE_FAULT = {
    "typo'd effect": ('["hub"]', '["hbu"]', r"line \d+, outcome, effects.*'hub'"),
    "unknown effect": ('["hub"]', '["x"]', r"effects.*hub, rota, delay, transfer, volume"),
    "no table of outcomes": ("[outcome]\n", "[outcom]\n", r"line \d+, outcom: unknown key"),
    "unknown model": ('"risk"', '"cure"', r"outcome, model: 'cure'; expected one of risk"),
    "unknown rate": ('"own.rate"', '"own.rat"', r"line 5, demand, rate.*Did you mean 'own.rate'"),
    "unknown weight": (
        "weight_old",
        "weight_odl",
        r"line 8, demand, ages, old.*'own.age_weight_old",
    ),
    "no weight": ('"own.age_weight_old"', "3", r"ages, old: old = 3; expected an id such as"),
    "other id": ("own.age_weight_old", "own.share_moved", r"ages, old: .*expected an id such as"),
    "unknown column of people": ("\nold =", "\nodl =", r"line 8, .*no zone column 'odl'.*'old'"),
    "no ages": (AGES, "[demand.ages]\n", r"demand, ages: no ages"),
    "population too": ('"own.rate"', '"own.rate"\npopulation = "young"', r"either column or rate"),
    "calibration": (
        '"own.rate"',
        '"own.rate"\ncalibrate_by = "distict"',
        r"Did you mean 'district'",
    ),
    "unknown site": ('"N"]', '"Z"]', r"sites, today: 'Z' is not a site of the region"),
    "no sites": ('["A", "N"]', "[]", r"today = \[\]; expected a sites column in quotes, or a list"),
    "unknown standard": ('"own.standard"', '"own.standrd"', r"standard, minutes.*'own.standard'"),
    "no standard": ('minutes = "own.standard"', "", r"standard: no 'minutes'"),
    "other name": ('id = "own"', 'id = "our"', r"line 1, id: 'our'; expected 'own', as the file"),
    "unknown key": ('name = "Our', 'nme = "x"\nname = "Our', r"line 2, nme: unknown key.*'name'"),
}


@pytest.mark.parametrize(("good", "bad", "said"), ONE_FAULT.values(), ids=ONE_FAULT.keys())
def test_one_fault_of_a_service_gives_one_message(
    tmp_path: Path, good: str, bad: str, said: str
) -> None:
    assert good in SERVICE
    (message,) = refused(tmp_path, SERVICE.replace(good, bad, 1))
    assert message.startswith("own.toml, ")
    assert re.search(said, message), message


def test_every_fault_of_a_service_and_its_region_comes_in_one_message(tmp_path: Path) -> None:
    service = SERVICE.replace('"own.rate"', '"own.rat"').replace('["hub"]', '["hbu"]')
    service = service.replace('"own.standard"', '"own.standrd"').replace('"N"]', '"Z"]')
    said = "\n".join(
        refused(
            tmp_path,
            service,
            year=1999,
            catchment="inner",
            assumptions={"egs.share_move": 0.5, "own.share_moved": 7.0},
        )
    )
    for words in ("own.rat", "hbu", "own.standrd", "'Z'", "1999", "inner", "share_move", "7;"):
        assert words in said, words


def test_an_override_that_cannot_be_is_refused_with_a_suggestion(tmp_path: Path) -> None:
    (said,) = refused(tmp_path, assumptions={"egs.share_move": 0.5})
    assert said.startswith("assumptions, egs.share_move: ")
    assert "Did you mean 'egs.share_moved'?" in said


def lives(region: Region) -> float:
    """Return the central number of lives saved with only site A open."""
    found = appraise(region, region.service("own"), Configuration.of("own", ["A"])).lives
    assert found is not None
    return found.central


def test_an_override_reaches_lives_saved_and_demand(tmp_path: Path) -> None:
    before = load(tmp_path)
    half = load(tmp_path, assumptions={"own.share_moved": 0.25})
    assert lives(half) == pytest.approx(lives(before) / 2)
    assert dict(half.assumptions) == {"own.share_moved": (0.5, 0.25)}
    twice = load(tmp_path, assumptions={"own.rate": 0.2})
    assert twice.service("own").cases_per_year == pytest.approx(140.0)
    assert lives(twice) == pytest.approx(2 * lives(before))


@pytest.mark.parametrize("growth", [-1.0, -2.0, 1.5, 1e200])
def test_a_growth_that_cannot_be_is_refused(tmp_path: Path, growth: float) -> None:
    (said,) = refused(tmp_path, year=2022, assumptions={"demand.growth_old": growth})
    assert "'demand.growth_old' is" in said


def test_a_rate_of_nothing_is_no_cases_and_no_warning(tmp_path: Path) -> None:
    region = load(tmp_path, year=2022, assumptions={"own.rate": 0.0})
    assert region.service("own").cases_per_year == 0


def test_an_override_leaves_the_package_s_register_alone(tmp_path: Path) -> None:
    load(tmp_path, assumptions={"egs.share_moved": 0.25})
    assert load_register().value("egs.share_moved") == 0.6


def test_what_a_folder_changes_in_the_register_is_an_override_too(tmp_path: Path) -> None:
    row = "egs.share_moved,Share moved,0.3,fixed,,share,Made up,judgement,\n"
    folder = write(tmp_path, AGED | {"assumptions.csv": ASSUMPTIONS + row})
    assert dict(load_region(folder).assumptions) == {"egs.share_moved": (0.6, 0.3)}
    again = load_region(folder, assumptions={"egs.share_moved": 0.4})
    assert dict(again.assumptions) == {"egs.share_moved": (0.6, 0.4)}


def test_a_broken_register_of_a_folder_hides_no_other_fault_and_makes_none_up(
    tmp_path: Path,
) -> None:
    text = ASSUMPTIONS.replace("own.rate,Cases per person,0.1", "own.rate,Cases per person,x")
    files = AGED | {"assumptions.csv": text, "zones.csv": ZONES.replace(",20,", ",-20,")}
    said = [str(fault) for fault in faults_of(write(tmp_path, files))]
    assert len(said) == 2
    assert any("assumptions.csv, line 2 (own.rate)" in one for one in said)


def test_a_service_file_that_is_not_listed_is_warned_of(tmp_path: Path) -> None:
    folder = write(tmp_path, AGED | {"services/other.toml": SERVICE})
    with pytest.warns(InputWarning, match=r"services/other.toml: not read"):
        assert list(load_region(folder).services) == ["own"]


def test_a_folder_s_own_service_comes_before_the_package_s(tmp_path: Path) -> None:
    files = AGED | {
        "region.toml": 'name = "Small"\nservices = ["stroke"]\n',
        "services/stroke.toml": SERVICE.replace('id = "own"', 'id = "stroke"'),
    }
    (tmp_path / "services").mkdir(parents=True)
    write(tmp_path, files)
    (tmp_path / "services" / "own.toml").unlink()
    assert load_region(tmp_path).service("stroke").name == "Our own"


def test_the_standard_of_a_service_is_among_the_measures(tmp_path: Path) -> None:
    region = load(tmp_path)
    today = region.today(region.service("own"))
    assert "share_within_25" in appraise(region, region.service("own"), today).measures
    half = load(tmp_path, assumptions={"own.standard": 25.5})
    measures = appraise(half, half.service("own"), today).measures
    assert not any("25" in name for name in measures)


@pytest.mark.parametrize("catchment", GREATER_MANCHESTER)
def test_strokes_keep_the_total_of_every_district(catchment: str) -> None:
    region = load_region("greater-manchester", catchment=catchment)
    district = region.zones["district"]
    found = region.service("stroke").demand.groupby(district).sum()
    given = region.zones["stroke"].groupby(district).sum()
    assert found.to_dict() == pytest.approx(given.to_dict(), rel=1e-12)


def test_strokes_of_a_zone_are_what_the_rates_of_the_build_gave() -> None:
    region = load_region("greater-manchester", catchment="with-fringe")
    off = (region.service("stroke").demand - region.zones["stroke"]).abs()
    assert off.max() < 0.05  # cases a year: the register's weights are rounded


def test_cases_at_a_rate_are_rate_times_people_over_the_whole_region() -> None:
    region = load_region("greater-manchester", catchment="with-fringe")
    people = region.zones["population"].sum()
    for service_id, rate in (
        ("emergency-surgery", "egs.laparotomy_rate"),
        ("emergency-general-surgery", "egs_all.rate"),
        ("major-trauma", "trauma.rate"),
        ("ppci", "ppci.rate"),
        ("vascular", "vascular.rate"),
    ):
        expected = region.register[rate].value * people
        assert region.service(service_id).cases_per_year == pytest.approx(expected, rel=1e-12)


def test_who_counts_moves_nobody_s_cases() -> None:
    all_zones = load_region("greater-manchester", catchment="with-fringe")
    inside = load_region("greater-manchester", catchment="greater-manchester")
    for service_id, service in inside.services.items():
        wide = all_zones.service(service_id).demand
        pd.testing.assert_series_equal(service.demand, wide.loc[service.demand.index])


def test_older_places_have_more_laparotomies_per_head() -> None:
    region = load_region("greater-manchester", catchment="with-fringe")
    zones = region.zones
    per_head = region.service("emergency-surgery").demand / zones["population"]
    old = (zones["pop_65_79"] + zones["pop_80_plus"]) / zones["population"]
    assert per_head[old > old.quantile(0.9)].min() > per_head[old < old.quantile(0.1)].max()


def test_services_of_the_package_that_need_no_code() -> None:
    region = load_region("greater-manchester", year=2035)
    for service_id in ("ppci", "vascular"):
        service = region.service(service_id)
        assert service.outcome is not None
        today = appraise(region, service, region.today(service))
        assert today.lives is not None
        assert today.lives.baseline_deaths > 0
        assert f"share_within_{service.standard_minutes:.0f}" in today.measures
    for service_id in ("emergency-general-surgery", "major-trauma"):
        service = region.service(service_id)
        assert service.outcome is None  # no evidence to count lives by: coverage only
        assert "share_within_45" in appraise(region, service, region.today(service)).measures
    assert region.service("ppci").today == ("R0A02", "R0A07")
    assert region.service("stroke").cases_per_year > 4371  # people grow older


def test_every_service_file_of_the_package_is_a_service_of_greater_manchester() -> None:
    files = {path.stem for path in (data_folder() / "services").glob("*.toml")}
    assert files == set(load_region("greater-manchester").services)


def test_a_register_saved_by_excel_is_read_and_one_that_is_no_text_refused(tmp_path: Path) -> None:
    marked = AGED | {"assumptions.csv": b"\xef\xbb\xbf" + ASSUMPTIONS.encode()}
    assert load_region(write(tmp_path, marked)).register["own.rate"].value == 0.1
    for content in (b"PK\x03\x04", ASSUMPTIONS.replace("Made up", "M\xfcller").encode("latin-1")):
        (fault,) = faults_of(write(tmp_path, AGED | {"assumptions.csv": content}))
        assert fault.file == "assumptions.csv"
