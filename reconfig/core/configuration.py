"""A configuration: which sites host which services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Configuration:
    """Which candidate sites host which services; today, a proposal and an optimum are all this.

    open: service id -> ids of the sites that host it. Neighbours outside the decision, which
    always take patients of their own, are part of the service and not listed here.
    """

    open: Mapping[str, frozenset[str]]
    name: str = ""

    def __post_init__(self) -> None:
        frozen = {str(service): frozenset(sites) for service, sites in self.open.items()}
        object.__setattr__(self, "open", MappingProxyType(frozen))

    @classmethod
    def of(cls, service: str, sites: Iterable[str], *, name: str = "") -> Configuration:
        """Return the configuration of one service, given the ids of its open sites."""
        return cls({service: frozenset(sites)}, name)

    def sites(self, service: str) -> tuple[str, ...]:
        """Return the ids of the sites that host a service, sorted; raise KeyError if unknown."""
        if service not in self.open:
            raise KeyError(f"nothing is said of {service}, only of {', '.join(self.open)}")
        return tuple(sorted(self.open[service]))

    def __repr__(self) -> str:
        parts = [f"{service}: {', '.join(sorted(sites))}" for service, sites in self.open.items()]
        return f"<Configuration {self.name or 'without name'}; {'; '.join(parts)}>"

    def __hash__(self) -> int:
        return hash(frozenset(self.open.items()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Configuration):
            return NotImplemented
        return dict(self.open) == dict(other.open)

    def __reduce__(self) -> tuple[object, ...]:
        return (Configuration, (dict(self.open), self.name))
