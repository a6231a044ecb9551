"""Tables are checked once, at the door, and everything wrong with them is told at once."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reconfig.core import InputError, InputWarning, Region
from reconfig.core.columns import as_text, meant_as_numbers
from tests.instances import MINUTES, SITES, ZONES, tiny_region

Coordinates = dict[str, tuple[list[float], list[float]]]
# Places about ten miles apart, in metres of the national grid and in degrees, with the minutes
# of roads that are a little longer than the straight line.
GRID: Coordinates = {
    "zones": ([380_000, 384_000, 390_000, 396_000], [410_000, 412_000, 395_000, 390_000]),
    "sites": ([381_000, 391_000, 400_000], [411_000, 396_000, 385_000]),
}
DEGREES: Coordinates = {
    "zones": ([-2.30, -2.24, -2.15, -2.06], [53.59, 53.60, 53.45, 53.41]),
    "sites": ([-2.29, -2.14, -2.00], [53.60, 53.46, 53.36]),
}
PLACED_MINUTES = pd.DataFrame(
    {
        "zone_id": ["z1", "z2", "z3", "z4"],
        "A": [5.5, 6.5, 29.0, 38.5],
        "B": [30.5, 29.5, 5.0, 14.5],
        "C": [50.5, 48.5, 25.0, 12.5],
    }
)


def placed(coordinates: Coordinates, *swapped: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return zones and sites with coordinates, those of some tables swapped."""
    tables = []
    for name, table in (("zones", ZONES), ("sites", SITES[:3])):
        east, north = coordinates[name]
        if name in swapped:
            east, north = north, east
        tables.append(table.assign(easting=east, northing=north))
    return tables[0], tables[1]


def faults_of(
    zones: Any = ZONES, sites: Any = SITES, minutes: Any = MINUTES, **more: Any
) -> list[str]:
    """Return what is said of tables that are refused."""
    with pytest.raises(InputError) as raised:
        Region.from_tables(zones, sites, minutes, **more)
    return [str(fault) for fault in raised.value.faults]


def cell(table: pd.DataFrame, row: int, column: str, value: Any) -> pd.DataFrame:
    """Return a table with one cell changed."""
    changed = table.astype({column: object})
    changed.loc[row, column] = value
    return changed


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.nan, "blank"),
        (None, "blank"),
        (pd.NA, "blank"),
        ("", "blank"),
        (-1, "negative ('-1')"),
        (-0.5, "negative ('-0.5')"),
        (np.inf, "not a plain number ('inf')"),
        ("half an hour", "not a plain number ('half an hour')"),
        ("12 min", "not a plain number ('12 min')"),
        ("1,234", "not a plain number ('1,234')"),
        (True, "not a plain number ('True')"),
        (pd.Timedelta(minutes=5), "not a plain number"),
        ([5], "not a plain number ('[5]')"),
    ],
)
def test_a_cell_that_is_not_minutes_is_named_with_its_zone(value: Any, said: str) -> None:
    table = MINUTES.astype({"B": object})
    table.at[1, "B"] = value
    (message,) = faults_of(minutes=table)
    assert message.startswith("travel times by car, column 'B', zone z2: ")
    assert said in message


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0])
def test_a_column_of_numbers_is_checked_as_one_of_text_is(value: float) -> None:
    table = MINUTES.copy()
    table.loc[1, "B"] = value
    (message,) = faults_of(minutes=table)
    assert "column 'B', zone z2: " in message


@pytest.mark.parametrize("word", ["unreachable", "Unreachable", " unreachable "])
def test_unreachable_is_the_word_for_no_way(word: str) -> None:
    region = Region.from_tables(ZONES, SITES, cell(MINUTES, 0, "N", word))
    assert region.minutes()["N"].isna().tolist() == [True, False, False, False]
    assert region.minutes().isna().to_numpy().sum() == 1


def test_a_zone_with_no_reachable_site_is_refused() -> None:
    table = MINUTES.astype(object)
    table.loc[2, ["A", "B", "C", "N"]] = "unreachable"
    (message,) = faults_of(minutes=table)
    assert "zone z3: no site can be reached" in message


@pytest.mark.parametrize(
    "kind", [int, "int32", "Int64", "uint8", float, "float32", "Float64", object, str, "category"]
)
def test_ids_and_numbers_may_be_of_any_kind(kind: Any) -> None:
    zones = pd.DataFrame({"zone_id": [1, 2], "cases": [10, 20]}).astype(kind)
    sites = pd.DataFrame({"site_id": [7, 8]}).astype(kind)
    minutes = pd.DataFrame({"zone_id": [1, 2], 7: [5, 6], np.int64(8): [7, 8]})
    minutes = minutes.astype({7: kind, "zone_id": kind})
    region = Region.from_tables(zones, sites, minutes)
    assert list(region.zones.index) == ["1", "2"]
    assert list(region.sites.index) == ["7", "8"]
    assert region.minutes().loc["2"].to_dict() == {"7": 6.0, "8": 8.0}
    assert region.zones["cases"].tolist() == [10.0, 20.0]


def test_ids_may_be_a_column_or_the_index() -> None:
    given = tiny_region()
    for name in ("zone_id", None):
        zones = ZONES.set_index("zone_id").rename_axis(name)
        minutes = MINUTES.set_index("zone_id").rename_axis(name)
        sites = SITES.set_index("site_id").rename_axis("site_id" if name else None)
        region = Region.from_tables(zones, sites, minutes)
        pd.testing.assert_frame_equal(region.zones, given.zones)
        pd.testing.assert_frame_equal(region.sites, given.sites)
        pd.testing.assert_frame_equal(region.minutes(), given.minutes())


def test_tables_are_put_in_the_order_of_zones_and_sites() -> None:
    shuffled = MINUTES.iloc[[2, 0, 3, 1]][["N", "zone_id", "B", "A", "C"]]
    region = Region.from_tables(ZONES, SITES, shuffled)
    pd.testing.assert_frame_equal(region.minutes(), tiny_region().minutes())


def test_the_tables_given_stay_as_they_are() -> None:
    copies = ZONES.copy(), SITES.copy(), MINUTES.copy()
    region = Region.from_tables(*copies)
    region.zones.loc["z1", "cases"] = 99.0
    for copy, table in zip(copies, (ZONES, SITES, MINUTES), strict=True):
        pd.testing.assert_frame_equal(copy, table)


@pytest.mark.parametrize(
    ("yes", "no"), [(True, False), ("yes", "no"), ("Yes", "NO"), (1, 0), (1.0, 0.0), ("TRUE", "0")]
)
def test_in_scope_is_yes_or_no_in_any_spelling(yes: Any, no: Any) -> None:
    sites = SITES.assign(in_scope=[yes, yes, yes, no])
    assert Region.from_tables(ZONES, sites, MINUTES).sites["in_scope"].tolist() == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("value", ["perhaps", None, np.nan, 2, ""])
def test_in_scope_is_refused_where_it_is_neither(value: Any) -> None:
    (message,) = faults_of(sites=cell(SITES, 1, "in_scope", value))
    assert "column 'in_scope', site B" in message
    assert "expected yes or no" in message


def test_time_kinds_and_errors_are_kept_and_checked() -> None:
    sites = SITES.assign(
        time_kind=pd.Series(["observed", "estimated", "", None]),
        time_error_minutes=pd.Series([0.3, 1.7, None, np.nan], dtype=object),
    )
    region = Region.from_tables(ZONES, sites, MINUTES)
    assert region.sites["time_kind"].tolist() == ["observed", "estimated", *["as supplied"] * 2]
    assert region.sites["time_error_minutes"].isna().tolist() == [False, False, True, True]
    assert region.estimated_sites == ("B",)
    messages = faults_of(sites=sites.assign(time_kind="estimate", time_error_minutes=-1.0))
    assert len(messages) == 2
    assert "Did you mean 'estimated'?" in messages[0]


def test_a_region_made_by_hand_says_its_times_are_as_supplied() -> None:
    assert set(tiny_region().sites["time_kind"]) == {"as supplied"}


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"zones": ZONES.drop(columns="zone_id")}, ["no column 'zone_id'"]),
        ({"zones": cell(ZONES, 1, "zone_id", None)}, ["row 1: blank zone_id"]),
        ({"zones": cell(ZONES, 1, "zone_id", "z1")}, ["row 0, row 1: zone_id 'z1' more than once"]),
        ({"sites": cell(SITES, 1, "site_id", "A ")}, ["site_id 'A' more than once"]),
        ({"minutes": cell(MINUTES, 1, "zone_id", "z1")}, ["zone_id 'z1' more than once"]),
        ({"minutes": MINUTES.rename(columns={"B": "A"})}, ["column 'A' more than once", "site B"]),
        (
            {"minutes": MINUTES.rename(columns={"B": "b"})},
            ["Did you mean 'b'", "'b': no such site"],
        ),
        ({"minutes": MINUTES[:3]}, ["no row for 1 zones: z4"]),
        ({"zones": ZONES[:3]}, ["1 zones that are not in zones table: z4"]),
        ({"zones": ZONES[:0]}, ["no rows"]),
        ({"zones": cell(ZONES, 1, "cases", np.nan)}, ["column 'cases', zone z2: blank"]),
        ({"zones": cell(ZONES, 1, "cases", "n/a")}, ["column 'cases', zone z2: not a plain"]),
        ({"zones": cell(ZONES, 1, "cases", -3)}, ["column 'cases', zone z2: negative"]),
        ({"zones": ZONES.set_index(["zone_id", "district"])}, ["several levels"]),
        ({"zones": ZONES.set_index("zone_id", drop=False)}, ["both the index and a column"]),
        ({"zones": ZONES.to_dict()}, ["a dict; expected a pandas DataFrame"]),
        ({"minutes": {}}, ["no travel-time table"]),
        ({"minutes": {"car": MINUTES.to_numpy()}}, ["a ndarray; expected a pandas DataFrame"]),
        ({"crs": 27700}, ['crs: 27700; expected a text, such as "EPSG:27700"']),
        ({"default_mode": "bus"}, ["default_mode: 'bus'"]),
        ({"catchments": {"inner": ("in",)}}, ["no column 'catchment'"]),
        ({"sites": SITES.rename(columns={"in_scope": "InScope"})}, ["Did you mean 'in_scope'"]),
    ],
)
def test_tables_that_do_not_fit_are_refused_in_plain_words(
    tables: dict[str, Any], said: list[str]
) -> None:
    messages = faults_of(**tables)
    assert len(messages) == len(said), messages
    for message, words in zip(messages, said, strict=True):
        assert words in message


def test_every_fault_of_every_table_comes_in_one_go() -> None:
    zones = cell(cell(ZONES, 0, "zone_id", "z2"), 3, "cases", "many")
    sites = cell(SITES, 3, "in_scope", "maybe")
    minutes = cell(cell(MINUTES, 1, "A", -5), 2, "B", "quick")
    slow = MINUTES.astype(object)
    slow.loc[0, ["A", "B", "C", "N"]] = "unreachable"
    text = "\n".join(faults_of(zones, sites, {"car": minutes, "bus": slow}))
    for words in ("'z2' more", "'many'", "'maybe'", "'-5'", "'quick'", "bus, zone z1: no site"):
        assert words in text


def test_seconds_for_minutes_are_warned_of() -> None:
    seconds = MINUTES.set_index("zone_id") * 60
    with pytest.warns(InputWarning, match=r"median journey is 1,\d+ minutes; are these seconds"):
        Region.from_tables(ZONES, SITES, seconds)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Region.from_tables(ZONES, SITES, MINUTES.set_index("zone_id") * 6)


def test_names_of_groups_may_be_categories_and_flags() -> None:
    zones = ZONES.astype({"district": "category"}).assign(rural=[True, False, True, False])
    region = Region.from_tables(zones, SITES, MINUTES)
    assert region.groups == ("district", "rural")
    assert region.zones["district"].tolist() == ["north", "north", "south", "south"]


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (["1", "2", "3.5"], True),
        (["1,234", "2,000", "12"], True),
        (["10", "twenty", "30"], True),
        (["10", "20 people", "30", "40"], True),
        (["1 most deprived", "2", "3", "4", "5 least deprived"], False),
        (["1 most", "2", "2", "2", "2", "2", "3"], False),
        (["01", "02", "13"], False),
        (["Bolton", "Bury", "7"], False),
        (["", "", ""], False),
        ([True, False, True], False),
        ([1, 2, 3], True),
    ],
)
def test_a_column_is_one_of_numbers_where_most_cells_are_and_no_scale_is_named(
    values: list[Any], numbers: bool
) -> None:
    assert meant_as_numbers(pd.Series(values)) is numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (np.int64(7), "7"),
        (np.float32(7), "7"),
        (" a ", "a"),
        (None, ""),
        (np.nan, ""),
        (pd.NA, ""),
        (pd.NaT, ""),
        ([1], "[1]"),
        (np.inf, "inf"),
    ],
)
def test_a_cell_is_text_without_blanks_or_needless_decimals(value: Any, text: str) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize(("coordinates", "crs"), [(GRID, None), (DEGREES, "EPSG:4326")])
def test_coordinates_in_metres_or_degrees_are_taken(
    coordinates: Coordinates, crs: str | None
) -> None:
    region = Region.from_tables(*placed(coordinates), PLACED_MINUTES, crs=crs)
    assert region.crs == (crs or "EPSG:27700")


def test_coordinates_off_the_national_grid_have_no_crs_but_their_own() -> None:
    far: Coordinates = {k: ([e + 2e6 for e in v[0]], v[1]) for k, v in GRID.items()}
    assert Region.from_tables(*placed(far), PLACED_MINUTES).crs is None
    assert Region.from_tables(*placed(far), PLACED_MINUTES, crs="EPSG:2154").crs == "EPSG:2154"
    messages = faults_of(*placed(far), PLACED_MINUTES, crs="EPSG:27700")
    assert all("British National Grid" in m for m in messages)


@pytest.mark.parametrize(
    ("coordinates", "crs", "swapped", "said"),
    [
        (GRID, None, ("sites",), "site A, B, C, easting and northing.*swapped"),
        (GRID, None, ("zones",), "swapped.*If not here, then in zones table"),
        (DEGREES, "EPSG:4326", ("sites",), "sites table, columns 'easting'.*swapped"),
        (DEGREES, "EPSG:4326", ("zones",), "zones table, columns 'easting'.*swapped"),
        (DEGREES, "EPSG:4326", ("zones", "sites"), "longitude .easting. and latitude.*swapped"),
        (DEGREES, None, (), 'look like degrees; expected metres.*crs = "EPSG:4326"'),
        (DEGREES, None, ("zones", "sites"), "look like degrees.*swapped"),
        (GRID, "EPSG:4326", (), "They look like metres"),
    ],
)
def test_swapped_or_mistaken_coordinates_are_refused(
    coordinates: Coordinates, crs: str | None, swapped: tuple[str, ...], said: str
) -> None:
    messages = faults_of(*placed(coordinates, *swapped), PLACED_MINUTES, crs=crs)
    assert re.search(said, messages[0]), messages
    assert len(messages) <= 2


def test_coordinates_of_scotland_swapped_in_both_tables_are_off_the_grid() -> None:
    north: Coordinates = {k: (v[0], [n + 450_000 for n in v[1]]) for k, v in GRID.items()}
    assert Region.from_tables(*placed(north), PLACED_MINUTES, crs="EPSG:27700").crs
    messages = faults_of(*placed(north, "zones", "sites"), PLACED_MINUTES, crs="EPSG:27700")
    assert all("swapped" in m for m in messages)


def test_a_far_site_with_journeys_that_are_nearly_alike_is_not_called_swapped() -> None:
    """The zones span four kilometres and the site is 200 km off: roads decide, not distances."""
    east, north = (a.ravel() for a in np.meshgrid(np.arange(5.0), np.arange(5.0)))
    zones = pd.DataFrame({"zone_id": [f"z{k}" for k in range(25)]})
    zones = zones.assign(easting=380_000 + 1000 * east, northing=400_000 + 1000 * north)
    places = {"near": (381_500, 401_500), "far": (580_000, 410_000)}
    sites = pd.DataFrame({"site_id": list(places), "name": list(places)})
    sites[["easting", "northing"]] = list(places.values())
    near = np.hypot(east - 1.5, north - 1.5) + 5.0
    # The motorway to the far site starts in the north: its minutes follow the swapped place.
    minutes = pd.DataFrame({"zone_id": zones["zone_id"], "near": near, "far": 170.0 - north})
    region = Region.from_tables(zones, sites, minutes)
    assert region.crs == "EPSG:27700"
    # The same with a wide spread is evidence.
    wide = minutes.assign(far=170.0 - 40.0 * north)
    assert any("site far" in m and "swapped" in m for m in faults_of(zones, sites, wide))


def test_a_site_in_the_wrong_place_is_refused_for_its_speeds() -> None:
    zones, sites = placed(GRID)
    sites.loc[1, "easting"] = 591_000
    (message,) = faults_of(zones, sites, PLACED_MINUTES)
    assert "site B, easting and northing: a typical journey would run at" in message
    assert "swapped" not in message


@pytest.mark.parametrize(
    ("east", "north"),
    [
        ("longitude", "latitude"),
        ("lon", "lat"),
        ("Long", "Lat"),
        ("x", "y"),
        ("X", "Y"),
        ("BNG_E", "BNG_N"),
        ("Easting", "Northing"),
    ],
)
def test_coordinates_by_other_names_are_told_the_names_expected(east: str, north: str) -> None:
    zones, sites = placed(DEGREES)
    zones = zones.rename(columns={"easting": east, "northing": north})
    messages = faults_of(zones, sites, PLACED_MINUTES, crs="EPSG:4326")
    assert any("'easting'" in m and "'northing'" in m for m in messages)


def test_one_table_alone_may_have_coordinates() -> None:
    zones, _ = placed(GRID)
    region = Region.from_tables(zones, SITES, MINUTES)
    assert "easting" not in region.sites
