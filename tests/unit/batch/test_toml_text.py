"""A scenario of a sweep, written as a file, is the same scenario."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconfig.batch.toml_text import toml_text

KEYS = st.text(min_size=1, max_size=6).filter(lambda text: text.isprintable())
PLAIN = (
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
)
VALUES = st.recursive(
    PLAIN,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(KEYS, inside, max_size=3),
    max_leaves=8,
)


@given(content=st.dictionaries(KEYS, VALUES, max_size=4))
def test_whatever_a_file_holds_reads_the_same_once_written(content: dict[str, Any]) -> None:
    assert tomllib.loads(toml_text(content)) == content
