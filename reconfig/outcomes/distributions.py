"""How an assumption is spread round its value: one entry a distribution.

The value of an assumption is always the mean of its distribution.

| distribution | parameters | spread |
|---|---|---|
| fixed | | none |
| normal | sd | standard deviation |
| beta | a; b | mean a / (a + b), of the number a + b |
| gamma, lognormal | cv | standard deviation as a share of the mean |
| uniform | low; high | all values between are alike |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

Parameters = Mapping[str, float]

# How far the stated value may be from the mean of its parameters, as a share of the value.
TOLERANCE = 0.005
SMALLEST = 1e-9


@dataclass(frozen=True)
class Distribution:
    """What the register needs to know of a distribution.

    parameters: names of the numbers it needs beside the value.
    quantile: (value, parameters, uniform) -> the quantiles at uniform (any shape, inside 0 to 1).
    moved: (value, parameters, new value) -> parameters as widely spread round the new value.
    mean: (parameters) -> the mean where the parameters say it, else None.
    low, high: the mean must lie between, ends included: at an end there is no spread left.
    """

    parameters: tuple[str, ...]
    quantile: Callable[[float, Parameters, np.ndarray], np.ndarray]
    moved: Callable[[float, Parameters, float], dict[str, float]]
    mean: Callable[[Parameters], float | None] = lambda p: None
    low: float = -np.inf
    high: float = np.inf

    def at_an_end(self, value: float) -> bool:
        """Say whether the value is where the distribution shrinks to that one value."""
        return value in (self.low, self.high)


def _fixed(value: float, p: Parameters, uniform: np.ndarray) -> np.ndarray:
    return np.full(np.shape(uniform), value)


def _normal(value: float, p: Parameters, uniform: np.ndarray) -> np.ndarray:
    return np.asarray(value + p["sd"] * special.ndtri(uniform))


def _beta(value: float, p: Parameters, uniform: np.ndarray) -> np.ndarray:
    return np.asarray(special.betaincinv(p["a"], p["b"], uniform))


def _gamma(value: float, p: Parameters, uniform: np.ndarray) -> np.ndarray:
    shape = p["cv"] ** -2
    return np.asarray(special.gammaincinv(shape, uniform) * value / shape)


def _lognormal(value: float, p: Parameters, uniform: np.ndarray) -> np.ndarray:
    variance = np.log1p(p["cv"] ** 2)
    return np.asarray(value * np.exp(np.sqrt(variance) * special.ndtri(uniform) - variance / 2))


def _uniform(value: float, p: Parameters, uniform: np.ndarray) -> np.ndarray:
    return np.asarray(p["low"] + (p["high"] - p["low"]) * uniform)


def _same(value: float, p: Parameters, new: float) -> dict[str, float]:
    return dict(p)


def _moved_beta(value: float, p: Parameters, new: float) -> dict[str, float]:
    size = p["a"] + p["b"]
    return {"a": new * size, "b": (1.0 - new) * size}


def _moved_uniform(value: float, p: Parameters, new: float) -> dict[str, float]:
    return {"low": p["low"] + new - value, "high": p["high"] + new - value}


DISTRIBUTIONS: dict[str, Distribution] = {
    "fixed": Distribution((), _fixed, _same),
    "normal": Distribution(("sd",), _normal, _same),
    "beta": Distribution(
        ("a", "b"), _beta, _moved_beta, lambda p: p["a"] / (p["a"] + p["b"]), low=0.0, high=1.0
    ),
    "gamma": Distribution(("cv",), _gamma, _same, low=0.0),
    "lognormal": Distribution(("cv",), _lognormal, _same, low=0.0),
    "uniform": Distribution(
        ("low", "high"), _uniform, _moved_uniform, lambda p: (p["low"] + p["high"]) / 2
    ),
}


def parameter_fault(name: str, value: float, parameters: Parameters) -> tuple[str, str] | None:
    """Return what is wrong with the parameters of a distribution, as (found, expected), or None.

    The names are taken to be right.
    """
    distribution = DISTRIBUTIONS[name]
    if name == "uniform":
        if parameters["low"] >= parameters["high"]:
            return f"low {parameters['low']:g}, high {parameters['high']:g}", "low below high"
    elif any(parameter <= 0 for parameter in parameters.values()):
        shown = "; ".join(f"{key}={number:g}" for key, number in parameters.items())
        return f"parameters '{shown}'", "parameters above zero"
    mean = distribution.mean(parameters)
    if mean is not None and abs(mean - value) > TOLERANCE * max(abs(value), SMALLEST):
        return f"value {value:g} but a mean of {mean:g}", "the same number"
    if name != "fixed" and not distribution.low < value < distribution.high:
        return f"value {value:g}", f"a value a {name} distribution can have"
    return None
