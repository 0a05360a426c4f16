"""Random histories of a row: edits by a few people who each saw some part of what was there."""

from __future__ import annotations

from hypothesis import strategies as st

from schema.edits import Edit
from schema.row import TierState
from schema.values import Value
from tests.support.edits import ANN, BO, CHEN, write

PATHS = ("place", "people_total", "needs:boat", "needs:food", "contact_phone")
TEXTS = ("", "米河镇", "🆘 二楼", "14212345678", "a" * 200)
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.sampled_from(TEXTS), st.integers(-5, 2**40), st.booleans(), st.none(), st.just(["34.75", "113.62"])
)


@st.composite
def histories(draw: st.DrawFn, *, most: int = 14) -> list[Edit]:
    """Edits in the order they were made; each saw a random part of the live values before it, or something unknown."""
    edits: list[Edit] = []
    for _ in range(draw(st.integers(1, most))):
        known = draw(st.lists(st.sampled_from(edits), unique_by=lambda edit: edit.edit)) if edits else []
        state = TierState()
        for edit in known:
            state.apply(edit)
        writes: dict[str, Value] = draw(st.dictionaries(st.sampled_from(PATHS), VALUES, min_size=1, max_size=3))
        seen = {}
        for path in writes:
            live = [entry.edit for entry in state.live(path)][:16]
            replaces: bool = draw(st.booleans())
            if live and replaces:
                seen[path] = draw(st.lists(st.sampled_from(live), min_size=1, unique=True))
            elif edits and draw(st.integers(0, 9)) == 0:
                seen[path] = [draw(st.sampled_from(edits)).edit]  # dead, or of another path: still a kill
        edits.append(write(draw(st.sampled_from((ANN, BO, CHEN))), writes, seen=seen))
    return edits
