"""Where names go on the page's map."""

from __future__ import annotations

from reconfig.report.page_names import name_places


def test_a_lone_name_goes_to_the_right_of_its_marker() -> None:
    (place,) = name_places(["Alder"], [(100.0, 100.0)], [(100.0, 100.0)])
    assert (place.align, place.x_offset > 0) == ("left", True)


def test_a_name_does_not_cover_the_marker_beside_it() -> None:
    (place,) = name_places(["Alder"], [(100.0, 100.0)], [(100.0, 100.0), (130.0, 100.0)])
    assert place.align == "right"


def test_two_names_side_by_side_do_not_cover_each_other() -> None:
    points = [(100.0, 100.0), (165.0, 100.0)]
    first, second = name_places(["Wythenshawe", "Stepping Hill"], points, points)
    assert (first.align, second.align) == ("right", "left")
