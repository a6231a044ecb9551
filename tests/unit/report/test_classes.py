"""Colour classes."""

from __future__ import annotations

import pandas as pd
import pytest

from reconfig.report.classes import change_classes, minute_classes


def test_a_class_ends_with_its_upper_bound_as_a_standard_does() -> None:
    classes = minute_classes([pd.Series([3.0, 5.0, 5.1, 30.0])])
    assert list(classes.numbers(pd.Series([5.0, 5.1, 10.0, 10.1]))) == [0, 1, 1, 2]
    assert classes.labels[0] == "up to 5"


@pytest.mark.parametrize("longest", [4.0, 20.0, 40.0, 41.0, 77.0, 300.0])
def test_every_value_has_a_colour_and_a_label_that_is_true(longest: float) -> None:
    values = pd.Series([1.0, longest / 2, longest])
    classes = minute_classes([values])
    assert len(classes.colours) == len(classes.labels) == len(classes.bounds) + 1
    assert len(set(classes.colours)) == len(classes.colours) <= 8
    last = classes.labels[int(classes.numbers(values)[-1])]
    assert " to " not in last.removeprefix("up to") or float(last.split()[-1]) >= longest


def test_no_change_is_grey() -> None:
    classes = change_classes()
    assert classes.colours_of(pd.Series([0.0, 0.5])) == ["#ececec", "#ececec"]
    assert len(classes.colours) == len(classes.labels) == len(classes.bounds) + 1
