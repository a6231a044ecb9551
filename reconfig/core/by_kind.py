"""A table of functions by kind of constraint: one for each, and never a silent none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reconfig.core.constraints import Constraint

F = TypeVar("F", bound=Callable[..., Any])


class ByKind(dict[type[Constraint], F]):
    """Kind of constraint -> the function that does one thing for it.

    A kind has the function that was given for itself: one that derives from another kind asks for
    something else, so it does not share the other's. lacking: what is missing where there is none.
    decorator: name of what registers a function.
    """

    def __init__(self, lacking: str, decorator: str) -> None:
        super().__init__()
        self.lacking, self.decorator = lacking, decorator

    def register(self, kind: type[Constraint], function: F) -> F:
        """Keep the function of a kind.

        Raises TypeError for what is no kind of constraint, ValueError where it has one already.
        """
        if not (isinstance(kind, type) and issubclass(kind, Constraint)):
            raise TypeError(
                f"{self.decorator}: {kind!r}; expected a class that derives from Constraint"
            )
        if kind in self:
            raise ValueError(f"{self.decorator}: {kind.__name__} has a function already")
        self[kind] = function
        return function

    def of(self, constraint: Constraint) -> F:
        """Return the function of a constraint's kind; raises TypeError where it has none."""
        kind = type(constraint)
        if kind not in self:
            raise TypeError(
                f"{self.lacking} of the kind {kind.__name__}; "
                f"write a function and register it with @{self.decorator}({kind.__name__})"
            )
        return self[kind]
