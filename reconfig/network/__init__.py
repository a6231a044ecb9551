"""Places and roads -> minutes: networks, their recovery from observed minutes, a plain rival."""

from reconfig.network.recover import Observations, Recovered, Settings, recover
from reconfig.network.road_network import RoadNetwork
from reconfig.network.straight_line import StraightLine, fit_straight_line

__all__ = [
    "Observations",
    "Recovered",
    "RoadNetwork",
    "Settings",
    "StraightLine",
    "fit_straight_line",
    "recover",
]
