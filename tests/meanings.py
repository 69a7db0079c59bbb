"""Random meanings for tests, over the shipped catalogue and within what a program can say."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from luban.meaning import (
    Between,
    Corner,
    Danger,
    Doubt,
    Drive,
    Extreme,
    FarFrom,
    Insert,
    Meaning,
    NextTo,
    NotUnderstood,
    Orders,
    OutOfScope,
    PartRef,
    Put,
    Side,
    SideOf,
    Unsafe,
    Where,
)
from luban.profile import load_profile

CATALOGUE = load_profile("sim").catalogue
SHAPES, COLORS = (st.none() | st.sampled_from(sorted(names)) for names in (CATALOGUE.shapes, CATALOGUE.colors))
CONTAINERS, FIXTURES, STATIONS = (
    st.sampled_from(sorted(names)) for names in (CATALOGUE.containers, CATALOGUE.fixtures, CATALOGUE.stations)
)
SIDES = st.sampled_from(get_args(Side))
EXTREMES = st.builds(Extreme, SIDES, st.integers(1, 9)) | st.just(Extreme("middle"))
CORNERS = st.builds(Corner, st.sampled_from([None, "near", "far"]), st.sampled_from([None, "left", "right"]))
INSIDE = st.none() | CONTAINERS

LANDMARKS: st.SearchStrategy[PartRef | str] = (
    CONTAINERS | FIXTURES | st.builds(PartRef, SHAPES, COLORS, where=st.none() | EXTREMES | CORNERS, inside=INSIDE)
)
WHERES: st.SearchStrategy[Where] = st.one_of(
    EXTREMES,
    CORNERS,
    st.builds(NextTo, LANDMARKS),
    st.builds(FarFrom, LANDMARKS),
    st.builds(SideOf, SIDES, LANDMARKS),
    st.builds(Between, LANDMARKS, LANDMARKS),
)


@st.composite
def references(draw: st.DrawFn, exceptions: bool = True) -> PartRef:
    pick = draw(st.sampled_from(["one", "all", "any", "whichever", "count"]))
    return PartRef(
        draw(SHAPES),
        draw(COLORS),
        pick,
        count=draw(st.integers(1, 9)) if pick == "count" else 1,
        where=draw(st.none() | WHERES),
        inside=draw(INSIDE),
        without=tuple(draw(st.lists(references(exceptions=False), max_size=1))) if exceptions else (),
        others=exceptions and draw(st.booleans()),
    )


REFERENCES = st.lists(references(), min_size=1, max_size=2).map(tuple)
ORDERS = st.builds(Put, REFERENCES, CONTAINERS) | st.builds(Insert, REFERENCES, FIXTURES) | st.builds(Drive, STATIONS)


def reference_count(meaning: Meaning) -> int:
    return repr(meaning).count("PartRef(")


MEANINGS: st.SearchStrategy[Meaning] = st.one_of(
    st.builds(
        Orders,
        st.lists(ORDERS, min_size=1, max_size=4).map(tuple),
        st.lists(references(), max_size=1).map(tuple),
    ).filter(lambda meaning: reference_count(meaning) < 15),
    st.builds(Unsafe, st.sampled_from(get_args(Danger))),
    st.just(OutOfScope()),
    st.builds(NotUnderstood, st.sampled_from(get_args(Doubt))),
)
