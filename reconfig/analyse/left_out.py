"""Why an analysis is not among the findings, in words for a board."""

from __future__ import annotations

from reconfig.core import InputError

OF_SEVERAL = (
    "of several services decided together the options are not weighed on draws of the assumptions. "
    "Each service that has an outcome model can be weighed by itself: rc.uncertainty(region, "
    "configurations, service=...), with rc.apart(configuration) to take the sites of several "
    "services apart"
)
OF_DIRECTED = (
    "where patients are directed the options are not weighed on draws of the assumptions. The "
    "sites can be weighed as if everybody went to the nearest open one: rc.uncertainty(region, "
    "configurations, service=...), with a service whose patients are not directed"
)
FIXED = (
    "the number of sites of all services together is fixed, at {}, so there is no other number to "
    "trade against. A problem that allows several has a trade-off: "
    "rc.open_sites(at_least=..., at_most=...)"
)


def sentence(text: str) -> str:
    """Return a text as a sentence."""
    text = " ".join(text.split())
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def in_plain_words(error: Exception) -> str:
    """Return what a refusal found and what it would take, for people who wrote no input."""
    if not isinstance(error, InputError):
        return sentence(str(error))
    said = [sentence(f"{one.found}; it takes {one.expected}") for one in error.faults]
    return " ".join(dict.fromkeys(said))
