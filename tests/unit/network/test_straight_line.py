"""The straight-line rival."""

import numpy as np
import pytest

from reconfig.network import fit_straight_line


def test_exact_data_give_their_line_back() -> None:
    km = np.linspace(0.5, 60.0, 200)
    line = fit_straight_line(km, 7.0 + 0.9 * km + 2.0 * np.sqrt(km))
    assert (line.fixed, line.per_km, line.per_root_km) == pytest.approx((7.0, 0.9, 2.0), abs=1e-3)


def test_one_wild_value_does_not_move_the_line() -> None:
    km = np.linspace(1.0, 50.0, 100)
    minutes = 5.0 + 1.2 * km
    minutes[50] += 500.0
    line = fit_straight_line(km, minutes, with_root=False)
    assert (line.fixed, line.per_km) == pytest.approx((5.0, 1.2), abs=1e-2)
    assert line.per_root_km == 0.0
