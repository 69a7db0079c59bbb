"""How many parts are meant and which: all, any, the rest, all but some. n: one of them, ns: several."""

from __future__ import annotations

from policies.planner.training.english_template import Table

ALL = Table("""
9 all the {n}
8 all {n}
3 all of the {n}
3 the {n}
1 {n}
.5 all those {n}
.5 every last one of the {n}
.4 any and all {n}
.4 each and every one of the {n}
.3 the whole lot of {n}
""")

BARRED = Table("""
6 the {n}
2 any {n}
2 {n}
1 all {n}
1 any of the {n}
""")

EACH = Table("""
6 every {n}
3 each {n}
1.5 every single {n}
1 each and every {n}
1 each of the {ns}
1 every one of the {ns}
.5 each one of the {ns}
.3 every last {n}
""")

ANY = Table("""
8 any {n}
2 any one of the {ns}
1.5 one of the {ns}, [no matter which|doesn't matter which|any will do|whichever]
1 any of the {ns}
1 some {n} or other
1 just any {n}
1 any single {n}
.8 one {n}, [any one|any will do|no matter which one|I don't care which]
.7 a {n} of your choice
.7 whichever {n} you like
.6 an arbitrary {n}
.5 a random {n}
.5 any old {n}
.5 one of the {ns}
.4 some {n}
""")

WHICHEVER = Table("""
4 any {ns} [you can find|you see|you find|there are|that are there|lying around|that may be there|that might be there]
3 whatever {ns} [there are|you find|you can find|are there|are lying around|you see|are left]
2 all {ns}, if there are any
1.5 all the {ns}, if any
1 any {ns}
1 any and all {ns} [there may be|you can find]
1 whichever {ns} [there are|you find|are there]
1 {ns}, if there are any
.6 any {n} that [is there|may be there|you come across]
.6 what {ns} there are
""")

WHATEVER = Table("""
3 whatever [is there|is lying there|you find|you can find|there is|is on the table]
2 anything [you find|you can find|that is there|that's lying there|on the table]
1 whatever parts there are
""")

EVERYTHING = Table("""
8 everything
2 everything on the [table|bench|workbench]
2 [all the parts|all parts]
1.5 every part
1 all of it
1 the whole lot
1 everything [that's there|there is|you see|you can find|lying there]
.7 all the stuff [|on the table]
.6 [all that is there|all there is]
.6 each part
.6 all the pieces
.5 every single [part|thing|item]
.5 all items
.4 the lot
""")

EVERYTHING_LIKE = Table("""
6 everything {c} {where}
2 all the {c} stuff {where}
1 all {c} stuff {where}
1 all of the {c} stuff {where}
1 every {c} thing {where}
""")

ANYTHING_LIKE = Table("""
4 anything {c} {where}
2 whatever {c} things [you find|there are] {where}
1 anything {c} {where} that you [find|see|can find]
1 anything {c} {where} [that is there|that might be there]
1 everything {c} {where}, if there is anything
""")

THE_REST = Table("""
7 the rest
6 everything else
3 all the rest
3 the others
2.5 all the others
2 the other parts
2 all other parts
2 the remaining parts
1.5 everything that's left
1 whatever is left
1 all that remains
1 the remainder
1 the rest of the [parts|lot|pieces|things]
.7 every other part
.7 all else
.5 the leftovers
.5 what's left over
""")

OTHERS = Table("""
5 the other {ns}
3 all the other {ns}
3 all other {ns}
2.5 the remaining {ns}
2 the rest of the {ns}
1.5 every other {n}
1 all the remaining {ns}
1 the {ns} that are left
.5 all {ns} that are left
""")

OTHER_FEW = Table("""
5 the other {count} {few}
2 the remaining {count} {few}
1 the {count} other {few}
""")

ANY_OTHER = Table(
    "5 any other {n}\n1 any one of the other {ns}\n1 one of the other {ns}\n1 any of the remaining {ns}\n1 another {n}"
)

ARTICLE = Table("""
86 the
6 that
4 a
2 this
""")

COLORED = Table("""
5 that <is/are> {c}
4 <that's/that are> {c}
3 which <is/are> {c}
1 in {c}
1 painted {c}
1 [colored|coloured] {c}
1 of {c} [color|colour]
.7 whose [color|colour] is {c}
.7 with the [color|colour] {c}
""")

FROM_BOX = Table("""
4 from {box}
3 that <is/are> {inside}
3 <that's/that are> {inside}
2 {inside}
2 out of {box}
2 which <is/are> {inside}
1.5 lying {inside}
1.5 <that's/that are> already {inside}
1 currently {inside}
.7 that <was/were> put {inside}
.5 sitting {inside}
""")

EXCEPT = Table("""
8 except {x}
6 except for {x}
3 but {x}
2.5 apart from {x}
2 other than {x}
2 but not {x}
1.5 with the exception of {x}
1 excluding {x}
1 besides {x}
1 aside from {x}
.7 save for {x}
.7 minus {x}
.6 bar {x}
.6 barring {x}
.6 not counting {x}
.5 just not {x}
.5 only not {x}
.6 leaving out {x}
.5 with {x} left out
.5 without {x}
.4 {x} excluded
.4 {x} excepted
.4 ignoring {x}
.4 omitting {x}
""")
