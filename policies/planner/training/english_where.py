"""Where a part lies, in words: before its noun ("the leftmost gear") or after it ("the gear on the far left")."""

from __future__ import annotations

from collections.abc import Callable

from luban.meaning import Between, Corner, Extreme, NextTo, PartRef, SideOf, Where
from policies.planner.training.english_lexicon import DIGIT_ORDINALS, ORDINALS
from policies.planner.training.english_template import Table
from policies.planner.training.english_voice import Voice

Landmark = Callable[[PartRef | str, Voice], str]

_SIDEWAYS = Table("""
9 {side}most
4 {side}
1.5 {side}-hand
1 furthest {side}
.7 far {side}
.5 {side} most
.4 outermost {side}
.3 extreme {side}
""")
_PRE = {
    "left": _SIDEWAYS,
    "right": _SIDEWAYS,
    "near": Table("""
5 closest
5 nearest
1 frontmost
1 front
.5 foremost
"""),
    "far": Table("""
5 farthest
5 furthest
1 most distant
.8 rearmost
.8 back
.5 hindmost
.5 furthest away
"""),
    "middle": Table("""
6 middle
2 [center|centre]
1.5 central
.5 middlemost
"""),
}
_ROBOT = (
    "[you|you|you|the robot|the robot|the robot|the arm|the robot arm|yourself|your base|the robot's base|your side]"
)
_BENCH = "[|||of the table|of the bench|of the workbench|of the work surface|of the lot]"
_SIDE_POST = Table(f"""
6 on the far {{side}}
6 on the {{side}}
3 furthest to the {{side}}
2 farthest to the {{side}}
2 all the way to the {{side}}
2 on the {{side}}-hand side {_BENCH}
2 on the {{side}} side {_BENCH}
1.5 at the far {{side}}
1 furthest {{side}}
1 farthest {{side}}
1 at the {{side}} [end|edge|margin] {_BENCH}
1 to the far {{side}}
1 over on the {{side}}
1 on the extreme {{side}}
.8 at the very {{side}}
.7 over there on the {{side}}
.5 most to the {{side}}
.5 on your {{side}}
.5 outermost on the {{side}}
""")
_POST = {
    "left": _SIDE_POST,
    "right": _SIDE_POST,
    "near": Table(f"""
8 closest to {_ROBOT}
7 nearest to {_ROBOT}
3 nearest {_ROBOT}
1 next to {_ROBOT}
.7 right by {_ROBOT}
1.5 at the front {_BENCH}
1 at the very front
1 in the front
1 with the [shortest|smallest] distance to {_ROBOT}
.6 least far from {_ROBOT}
.6 in easiest reach
.6 at the near [end|edge|side] {_BENCH}
"""),
    "far": Table(f"""
7 farthest from {_ROBOT}
7 furthest from {_ROBOT}
4 [furthest|farthest] away
3 [furthest|farthest] away from {_ROBOT}
2 at the back {_BENCH}
1 at the very back
1 all the way in the back
.7 that is way in the back
.5 that is out at the back
1 most distant from {_ROBOT}
1 with the [largest|greatest] distance from {_ROBOT}
.7 at the far [end|edge|side] {_BENCH}
.5 remotest from {_ROBOT}
"""),
    "middle": Table("""
6 in the middle
2 in the [center|centre]
1 in the very middle
.7 in the middle of the row
.7 in the middle of the table
.5 right in the middle
.4 halfway between left and right
"""),
}
_RANK_PRE = {
    "left": Table("2 {nth}-leftmost\n1 {nth} leftmost\n.5 {nth} most left"),
    "right": Table("2 {nth}-rightmost\n1 {nth} rightmost\n.5 {nth} most right"),
    "near": Table("4 {nth} closest\n4 {nth} nearest\n1.5 {nth}-closest\n1 {nth}-nearest"),
    "far": Table("4 {nth} farthest\n4 {nth} furthest\n1 {nth}-farthest\n.7 {nth} most distant"),
}
_FROM_SIDE = Table("""
9 from the {side}
1 from the {side}-hand side
.8 counting from the {side}
.7 from {side} to {other}
.7 starting from the {side}
.4 counted from the {side}
.4 when counting from the {side}
""")
_FROM_DEPTH = {
    "near": Table(f"4 from the front\n1 counting from the front\n1 from the near [side|end]\n1 counting from {_ROBOT}"),
    "far": Table(
        "4 from the back\n1 counting from the back\n1 from the far [side|end]\n.5 counting from the back edge"
    ),
}
_RANK_POST = {
    "near": Table(f"3 {{nth}} closest to {_ROBOT}\n3 {{nth}} nearest to {_ROBOT}\n1 {{nth}} from the front"),
    "far": Table(
        f"3 {{nth}} farthest from {_ROBOT}\n3 {{nth}} furthest from {_ROBOT}\n2 {{nth}} furthest away\n"
        "1 {nth} from the back"
    ),
}
_SIDE_OF = {
    "near": Table("""
9 in front of {x}
2 on the near side of {x}
2 [closer|nearer] to [you|the robot|the arm] than {x}
1 [just|right|directly] in front of {x}
1 on [your|this|the robot's] side of {x}
1 [closer|nearer] than {x}
.4 at the front of {x}
"""),
    "far": Table("""
9 behind {x}
2 beyond {x}
2 on the far side of {x}
1.5 [farther|further] [away|away|back|from you|from the robot] than {x}
1 [just|right|directly] behind {x}
1 past {x}
.7 in back of {x}
.5 at the rear of {x}
"""),
}
_BESIDE = Table(
    """
8 to the {side} of {x}
6 left of {x}
2 on the {side} of {x}
2 on the {side} side of {x}
1 on the {side}-hand side of {x}
1 at the {side} of {x}
1 further [|to the ]{side} than {x}
.8 [just|directly|right|immediately] to the {side} of {x}
.6 more to the {side} than {x}
.4 {side} from {x}
""".replace("6 left of", "6 {side} of")
)
_NEXT_TO = Table("""
9 next to {x}
5 closest to {x}
4 nearest to {x}
3 beside {x}
2 nearest {x}
2 near {x}
2 by {x}
1.5 right next to {x}
1.5 close to {x}
1 alongside {x}
1 adjacent to {x}
.7 right by {x}
.7 neighboring {x}
.7 right beside {x}
.5 in the vicinity of {x}
.5 with the [shortest|least] distance to {x}
.4 closest by {x}
.4 bordering {x}
""")
_FAR_FROM = Table("""
6 farthest from {x}
6 furthest from {x}
3 [farthest|furthest] away from {x}
1.5 most distant from {x}
1 with the [largest|greatest] distance to {x}
.7 the longest way from {x}
.7 at the greatest distance from {x}
.5 the most far away from {x}
.5 [least close|least near] to {x}
""")
_BETWEEN = Table("""
9 between {x} and {y}
3 in between {x} and {y}
1 right between {x} and {y}
1 somewhere between {x} and {y}
.7 with {x} on one side and {y} on the other
.7 in the space between {x} and {y}
.4 in the gap between {x} and {y}
""")
_WHERE_IT_LIES = Table("""
24
6 that <is/are>
5 <that's/that are>
3 which <is/are>
1.5 <that's/that are> lying
1 lying
1 that <is/are> lying
1 sitting
1 that <sits/sit>
.6 located
.6 placed
.5 standing
.5 that you see
""")
_CORNERS = Table("""
6 in the {corner} corner
2 in the {corner} corner of the [table|table|bench|workbench|work area|area]
1 in the {corner}-hand corner
.7 over in the {corner} corner
.6 at the {corner} corner
.5 tucked into the {corner} corner
""")
_DEPTHS = {"near": "[near|near|front|front|nearest|closest|lower]", "far": "[far|far|back|back|rear|farthest|upper]"}
_OTHER = {"left": "right", "right": "left"}


def before_noun(where: Where | None, voice: Voice) -> str:
    """Return an adjective that says it, or "" where there is none."""
    if not isinstance(where, Extreme):
        return ""
    if where.rank > 1:
        return voice.say(_RANK_PRE[where.side], nth=_nth(where.rank, voice))
    return voice.say(_PRE[where.side], side=where.side)


def split_rank(where: Where, voice: Voice) -> tuple[str, str]:
    """ "the second gear from the left": what is said before the noun, and after it."""
    assert isinstance(where, Extreme)
    side = where.side
    table = _FROM_DEPTH.get(side, _FROM_SIDE)
    return _nth(where.rank, voice), voice.say(table, side=side, other=_OTHER.get(side, ""))


def after_noun(where: Where, voice: Voice, landmark: Landmark, several: bool) -> str:
    """Return a phrase or clause that says it after the noun."""
    phrase = _phrase(where, voice, landmark)
    link = voice.say(_WHERE_IT_LIES, "base", several)
    if phrase.startswith("that is "):
        link, phrase = "", phrase.replace("that is", "that are") if several else phrase
    if phrase.startswith("with ") and link not in ("", "lying", "that's lying", "sitting"):
        link = ""
    return f"{link} {phrase}".strip()


def _phrase(where: Where, voice: Voice, landmark: Landmark) -> str:
    if isinstance(where, Extreme):
        if where.rank > 1:
            nth = _nth(where.rank, voice)
            if where.side in _RANK_POST:
                return voice.say(_RANK_POST[where.side], nth=nth)
            return f"{nth} {voice.say(_FROM_SIDE, side=where.side, other=_OTHER[where.side])}"
        return voice.say(_POST[where.side], side=where.side)
    if isinstance(where, Corner):
        return _corner(where, voice)
    if isinstance(where, Between):
        first = landmark(where.first, voice)
        return voice.say(_BETWEEN, x=first, y=landmark(where.second, voice))
    x = landmark(where.landmark, voice)
    if isinstance(where, SideOf):
        return voice.say(_SIDE_OF.get(where.side, _BESIDE), side=where.side, x=x)
    return voice.say(_NEXT_TO if isinstance(where, NextTo) else _FAR_FROM, x=x)


def _corner(where: Corner, voice: Voice) -> str:
    if where.depth is None and where.side is None:
        return voice.say("[in the corner|in the corner|in a corner|in one of the corners|in the corner of the table]")
    depth = voice.say(_DEPTHS[where.depth]) if where.depth else ""
    if where.side is None:
        return voice.say("in [the|the|a] {depth} corner [||of the table]", depth=depth)
    if where.depth is None:
        return voice.say("in [the|the|the|a] {side} corner [||of the table]", side=where.side)
    if voice.chance(0.15):
        return voice.say(
            "[in|at] the {side} corner at the [{at}]", side=where.side, at="front" if where.depth == "near" else "back"
        )
    corner = voice.say("[{d} {s}|{d} {s}|{d}-{s}|{s} {d}]", d=depth, s=where.side)
    return voice.say(_CORNERS, corner=corner)


def _nth(rank: int, voice: Voice) -> str:
    return DIGIT_ORDINALS[rank] if voice.chance(0.08) else ORDINALS[rank]
