"""Patients who do not all go to the nearest site: what is measured, compared, calibrated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reconfig.appraise import Flows, Grid, appraise, calibrate_choice, caseload, compare
from reconfig.core import Choice, Configuration, InputError, Region, Service
from reconfig.data import load_register
from tests.instances import random_places, tiny_region, tiny_service


def places() -> tuple[Region, Service]:
    """Return 600 zones and eight sites, all open today."""
    region = random_places(5, zones=600, candidates=8)
    return region, region.define_service("care", demand="cases")


def logit(region: Region, service: Service, opened: tuple[str, ...], scale: float) -> np.ndarray:
    """Return zones x open sites: the share of a zone's cases at each, straight from the formula."""
    pull = np.exp(-region.minutes()[list(opened)].to_numpy(float) / scale)
    return np.asarray(pull / pull.sum(axis=1, keepdims=True))


def elsewhere(region: Region, service: Service) -> float:
    """Return the share of cases that are not treated at the nearest open site."""
    grid = Grid.of(region, service)
    plain = Grid.of(region, replace(service, choice=None))
    past = grid.nearest(service.candidates) != plain.nearest(service.candidates)[grid.zone]
    return float(grid.cases[past].sum() / grid.cases.sum())


@pytest.mark.parametrize(("orders", "room"), [(5, 0.02), (100, 0.005)])
def test_shares_past_the_nearest_site_and_volumes_come_to_those_of_the_logit(
    orders: int, room: float
) -> None:
    region, service = places()
    opened = service.candidates
    shares = logit(region, service, opened, 4.0)
    cases = service.demand.to_numpy()
    wanted = float(((1.0 - shares.max(axis=1)) * cases).sum() / cases.sum())
    chosen = service.with_choice(4.0, orders=orders)
    assert elsewhere(region, chosen) == pytest.approx(wanted, abs=room)
    volumes = appraise(region, chosen, Configuration.of("care", opened)).volumes
    expected = dict(zip(opened, (shares * cases[:, None]).sum(axis=0), strict=True))
    for site, volume in volumes.items():
        assert volume == pytest.approx(expected[str(site)], abs=3 * room * cases.sum() / 8)


def test_a_site_more_and_zones_fewer_change_nobody_elses_choice() -> None:
    region, service = places()
    chosen = service.with_choice(4.0)
    whole = Grid.of(region, chosen)
    few = region.zones.index[100:300]
    small = replace(
        region,
        zones=region.zones.loc[few],
        travel_times={"car": region.minutes().loc[few]},
        services={},
    )
    sites = service.candidates[2:]
    fewer = replace(chosen, demand=service.demand.loc[few], candidates=sites, today=sites)
    grid = Grid.of(small, fewer)
    rows = np.flatnonzero((whole.zone >= 100) & (whole.zone < 300))
    assert np.array_equal(grid.perceived, whole.perceived[np.ix_(rows, whole.columns(sites))])


def test_where_nobody_has_a_way_nobody_sees_one() -> None:
    minutes = tiny_region().minutes().copy()
    minutes.loc["z1", "A"] = float("nan")
    region = replace(tiny_region(), travel_times={"car": minutes})
    grid = Grid.of(region, tiny_service(region).with_choice(5.0))
    assert np.array_equal(np.isinf(grid.perceived), np.isinf(grid.minutes))
    assert np.isfinite(grid.noise).all()


def test_the_caseload_is_of_the_same_journeys_as_the_measures() -> None:
    region, service = places()
    chosen = service.with_choice(6.0)
    opened = ("s001", "s004", "s006")
    found = appraise(region, chosen, Configuration.of("care", opened))
    load = caseload(Grid.of(region, chosen), [opened])
    mean = float(load.by_minutes[0] @ load.minutes) / load.cases
    assert mean == pytest.approx(found.measures["mean_minutes"])
    at_open = [v for v in load.volumes[0] if v > 0]
    assert at_open == pytest.approx(list(found.volumes))
    plain = caseload(Grid.of(region, service), [opened])
    assert mean > float(plain.by_minutes[0] @ plain.minutes) / plain.cases + 0.1


def test_a_spread_of_flows_takes_the_place_of_the_services_own() -> None:
    region, service = places()
    opened = [("s001", "s004", "s006"), ("s002", "s003")]
    flows = Flows(congestion=1.2, choice_minutes=3.0)
    own = caseload(Grid.of(region, service.with_choice(20.0)), opened, flows)
    plain = caseload(Grid.of(region, service), opened, flows)
    for name in ("volumes", "by_minutes", "displaced_by_minutes", "today_by_minutes"):
        assert getattr(own, name) == pytest.approx(getattr(plain, name), abs=1e-9), name


def test_busy_roads_lengthen_minutes_and_leave_the_noise_as_it_is() -> None:
    region, service = places()
    busy = replace(region, travel_times={"car": region.minutes() * 1.3})
    chosen = service.with_choice(6.0)
    opened = [("s001", "s004", "s006")]
    by_flows = caseload(Grid.of(region, chosen), opened, Flows(congestion=1.3))
    by_region = caseload(Grid.of(busy, chosen), opened)
    for name in ("volumes", "by_minutes", "displaced_by_minutes", "today_by_minutes"):
        assert getattr(by_flows, name) == pytest.approx(getattr(by_region, name), abs=1e-9), name


def test_who_moves_is_counted_by_shares_of_a_zone() -> None:
    region, service = places()
    chosen = service.with_choice(6.0)
    after = service.candidates[1:]
    found = compare(
        Configuration.of("care", service.candidates),
        Configuration.of("care", after),
        region=region,
        service=chosen,
    )
    closed = service.candidates[0]
    moved = float(found.moved["cases"].sum())
    assert set(found.moved["site_before"]) == {closed}  # nobody else has a reason to move
    assert moved == pytest.approx(found.before.volumes[closed])
    assert found.flows["cases"].sum() == pytest.approx(moved)
    assert f"{moved:,.0f} cases a year travel" in found.sentences()[0]
    assert list(found.zones.index) == list(region.zones.index)


def test_configurations_with_other_choices_of_site_are_not_compared() -> None:
    region, service = places()
    configuration = Configuration.of("care", service.candidates)
    plain = appraise(region, service, configuration)
    with pytest.raises(ValueError, match="patients choose their site otherwise"):
        compare(plain, appraise(region, service.with_choice(6.0), configuration))
    compare(plain, appraise(region, service.with_choice(0.0), configuration))


@pytest.mark.parametrize("share", [0.05, 0.17, 0.5])
def test_calibrated_minutes_give_the_share_asked_for(share: float) -> None:
    region, service = places()
    minutes = calibrate_choice(region, service, share)
    nearest = logit(region, service, service.candidates, minutes).max(axis=1)
    cases = service.demand.to_numpy()
    found = float(((1.0 - nearest) * cases).sum() / cases.sum())
    assert found == pytest.approx(share, abs=1e-7)


def test_the_share_asked_for_is_the_published_error_unless_given() -> None:
    region, service = places()
    published = load_register().value("travel.nearest_error")
    assert calibrate_choice(region, service) == calibrate_choice(region, service, published)
    own = replace(region, register=load_register().replaced({"travel.nearest_error": 0.3}))
    assert calibrate_choice(own, service) == calibrate_choice(region, service, 0.3)


def test_a_share_that_no_spread_gives_is_refused_with_those_that_can_be() -> None:
    region, service = places()
    for share in (-0.1, 0.0, 0.875, 1.0, float("nan")):
        with pytest.raises(InputError, match=r"calibrate_choice: share = .*below 0.87"):
            calibrate_choice(region, service, share)
    alone = replace(service, today=("s001",))
    with pytest.raises(InputError, match=r"share = 0\.17"):
        calibrate_choice(region, alone)
    with pytest.raises(InputError, match="nobody reaches a site open today"):
        calibrate_choice(region, replace(service, today=()))


def test_minutes_are_those_of_the_outcome_models_register_unless_given() -> None:
    service = tiny_service()
    assert service.outcome is not None
    model = replace(service.outcome, register=load_register())  # type: ignore[type-var]
    known = replace(service, outcome=model)
    assert known.with_choice().choice == Choice(load_register().value("travel.choice_minutes"))
