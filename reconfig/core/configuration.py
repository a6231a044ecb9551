"""A configuration: which sites host which services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

# zone id, site id, share of the zone's cases (0 to 1)
Flow = tuple[str, str, float]


@dataclass(frozen=True)
class Configuration:
    """Which candidate sites host which services; today, a proposal and an optimum are all this.

    open: service id -> ids of the sites that host it. Neighbours outside the decision, which
    always take patients of their own, are part of the service and not listed here.
    flows: service id -> (zone id, site id, share of the zone's cases that is sent there), of
    services whose patients are directed; where nothing is said all go to the nearest open site.
    """

    open: Mapping[str, frozenset[str]]
    name: str = ""
    flows: Mapping[str, tuple[Flow, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "flows", MappingProxyType(dict(self.flows)))
        frozen = {str(service): frozenset(sites) for service, sites in self.open.items()}
        object.__setattr__(self, "open", MappingProxyType(frozen))

    @classmethod
    def of(
        cls, service: str, sites: Iterable[str], *, name: str = "", flows: Iterable[Flow] = ()
    ) -> Configuration:
        """Return the configuration of one service, given the ids of its open sites."""
        sent = tuple(flows)
        return cls({service: frozenset(sites)}, name, {service: sent} if sent else {})

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
        return dict(self.open) == dict(other.open) and dict(self.flows) == dict(other.flows)

    def __reduce__(self) -> tuple[object, ...]:
        return (Configuration, (dict(self.open), self.name, dict(self.flows)))
