"""How several orders are told: in a row, in another order, with what to leave alone, or taken back and put right."""

from __future__ import annotations

from policies.planner.training.english_template import Table

LINK = Table("""
10  and 
6 , then 
6  and then 
4 , and 
3 , and then 
2 ; then 
1.5 ; 
1.5 , after that 
1 , and after that 
1 , next 
.8 , afterwards 
.8 , and afterwards 
.7 , then please 
.5 , once that's done 
""")

SENTENCE_LINK = Table("""
6
6 then
3 then,
4 after that,
3 next,
2 afterwards,
1.5 and then
1.5 and
1 also,
1 also
1 subsequently,
1 once that's done,
1 when that's done,
1 when you're done,
1 once you're done with that,
.7 following that,
.7 when you are finished,
.5 now
.5 as a next step,
""")

FIRST_THEN = Table("""
10 , then
6  and then
3 , and then
3 , after that
2 . Then
2 , next
1.5 ; then
1 , afterwards
1 . After that,
1 , and after that
1 , and only then
.7 , once that's done,
.6 , when that's done,
""")

# a comes before b in time, whatever comes first in words.
BEFORE = Table("""
7 before {bing}, {a}
6 before you {b}, {a}
5 {a} before {bing}
4 {a} before you {b}
5 after {aing}, {b}
5 {b} after {aing}
4 {b}, but first {a}
3 {b}, but before that, {a}
1.5 {b}. But first, {a}
1.5 {b}. Before that, {a}
5 once {astate}, {b}
3 {b} once {astate}
3 when {astate}, {b}
2 {b} when {astate}
3 as soon as {astate}, {b}
2 {b} as soon as {astate}
3 after {astate}, {b}
2 {b} after {astate}
2 {b} only after {aing}
1.5 only after {aing}, {b}
1 {b}, but only once {astate}
1 {b} only when {astate}
1 prior to {bing}, {a}
1 {a} prior to {bing}
1 having {adone}, {b}
1 {a} first, then {b}
1 {a} first and then {b}
1 start by {aing}, then {b}
1 begin with {aing}, and then {b}
1 {a}, and only then {b}
1 {a}; when that's done, {b}
1 {a}. Once that's done, {b}
.7 {a}; {b} afterwards
.7 {b} later, first {a}
.7 you can {b} after {aing}
.7 please {a} before {bing}
.7 please {b} after {aing}
.7 could you {a} before you {b}?
.7 could you {b} after {aing}?
.6 I want you to {a} before you {b}
.5 {b}, having first {adone}
.5 wait with {bing} until {astate}
""")

FIRST = Table("""
6 first
3 first,
2 first of all,
1 to start with,
1 to start,
1 to begin with,
1.5 please first
.5 firstly,
""")

LAST = Table("""
3 finally,
2 lastly,
.7 at last,
1 as a last step,
.6 last but not least,
.5 last,
""")

SPARE = Table("""
6 don't touch {p}
5 leave {p} alone
5 leave {p} where <it is/they are>
2 keep {p} where <it is/they are>
2 don't move {p}
2 do not touch {p}
1 do not move {p}
1.5 leave {p} untouched
1 keep your hands off {p}
.7 {p} <stays/stay>
.4 {p} <stays/stay> here
1.5 {p} <stays/stay> where <it is/they are>
1 {p} <stays/stay> put
1 {p} <has/have> to stay
1 {p} should stay [where <it is/they are>|in place|on the table]
1 ignore {p}
1 leave {p} on the table
1 do not disturb {p}
.8 {p} must not be moved
.8 {p} <is/are> not to be touched
.7 hands off {p}
.7 leave {p} in place
.6 spare {p}
.6 leave {p} out
.6 leave {p} be
.6 skip {p}
.5 {p} <remains/remain> where <it is/they are>
.5 stay away from {p}
.5 never touch {p}
.4 {p} <is/are> off limits
.4 you must not touch {p}
.4 I don't want you to touch {p}
""")

SPARE_AFTER = Table("""
6 {main}, but {spare}
4 {main} and {spare}
4 {main}. {spare}
3 {main}, {spare}
2 {main}; {spare}
2 {main}, and {spare}
1 {main}. But {spare}
""")

SPARE_BEFORE = Table("""
5 {spare} and {main}
4 {spare}, {main}
3 {spare}. {main}
2 {spare}, but {main}
2 {spare}; {main}
1 {spare}, just {main}
1 {spare}. Just {main}
1.5 without touching {p}, {main}
1 without moving {p}, {main}
""")

TAKEN_BACK = Table("""
3 {t}. Sorry, {x}
3 {t}. No, {x}
2 {t}. No, wait, {x}
2 {t}. Sorry, I meant {x}
1.5 {t}. I mean {x}
1 {t}. Correction: {x}
1 {t}. Oh no, {x}, please
1 {t}. Actually, {x}
1 {t}. My mistake: {x}
1 {t}... no, make that {x}
""")

BY_COLOR = Table("""
3 put [the|all the|all] {c} parts into the [bin|box|container] of [their color|their own color|the same color]
2 put [the|all the|all] {c} parts into the [bins|boxes|containers] of [their color|their own color|the same color]
2 sort [the|all|all the] {c} parts by color
2 sort [the|all|all the] {c} parts into the [bins|boxes] of their color
2 [all|all the] {c} parts go into the [bin|box] of [their color|the same color]
1 every {c} part goes into the [bin|box] of its [|own ]color
1 [all|all the] {c} parts should be [sorted|put] into the matching [bins|boxes|containers]
1 match [the|all] {c} parts with the [bins|boxes] of their color
1 sort [the|all] {c} [things|pieces] by color into the [bins|boxes]
""")
