"""Words that are no clear instruction: no target, no part, a prohibition, a remark, a mere sound."""

from __future__ import annotations

from policies.planner.training.english_template import Table

TARGET = Table("""
5 move {p}
5 pick up {p}
4 take {p}
3 grab {p}
3 get {p}
3 fetch {p}
2 put {p}
2 pick {p} up
2 lift {p}
1.5 put {p} away
1.5 put {p} somewhere [|else|safe|nice]
1.5 move {p} somewhere else
1 move {p} over there
1 put {p} [over there|there|elsewhere|down|to one side|aside]
1 move {p} [away|aside|out of the way|a bit|a bit to the left|to another place]
1 bring {p}
1 transport {p}
1 deliver {p}
1 grasp {p}
1 hold {p}
1 carry {p}
1 collect {p}
1 find {p}
1 relocate {p}
1 transfer {p}
1 place {p}
1 take {p} away
1 take {p} off the table
1 remove {p} [|from the table]
.7 clear {p} off the table
.7 sort {p}
.7 put {p} where <it belongs/they belong>
.7 put {p} in <its/their> [right |proper |]place
.7 put {p} next to {q}
.7 place {p} [beside|near|next to|in front of|behind|on top of] {q}
.7 put {p} in one of the [bins|boxes|containers]
.7 put {p} into {c} or {d}
.7 put {p} either {into} or in {d}
.7 take {p} and put {it} [away|somewhere|down|into]
.7 put {p} into
.7 grip {p}
.7 select {p}
.5 choose {p}
.5 locate {p}
.5 I need {p}
.5 I want {p}
.5 {p}, please
.5 do something with {p}
.5 {p} [should|must] be moved
.5 {p} <has/have> to go
.5 {p} <is/are> in the way
.4 put {c} into {d}
.3 move {c} to {s}
2 send {agv}
1.5 drive {agv}
1 send {agv} [off|away|somewhere|over there|on its way]
1 move {agv}
1 {agv} should [go|drive|leave]
.7 let {agv} drive
.7 {agv} can go
.7 have {agv} go somewhere
.7 drive
.5 send {agv} to the right place
.5 {agv}, go
.4 send {agv} to {s} or {r}
""")

PART = Table("""
7 put [it|them|that|this|these|those|that thing|the thing] {into}
2 place [it|them|that|this|this one|that one] {into}
2 move [it|them|that|this one|that one] {into}
1.5 drop [it|that|them] {into}
1 put [something|one|some|a few|a couple] {into}
1 put [that one|this one|the other one|the right one|the correct one|the other|the usual one] {into}
1 put [one of them|two of them|some of those|a few of them|both|three] {into}
1 put the one [I mentioned|I told you about|you know|I showed you|I mean|we talked about] {into}
1 take it and put it {into}
1 pick it up and [put|place] it {into}
1 [stick|pop|set|lay|transfer|toss] it {into}
1 [it|that|that one|this] goes {into}
.7 [it|that|this] belongs {inside}
.7 I want [it|that|them|that one] {inside}
.7 I need [it|that|this one|something] {inside}
1 {into}
1 {into}, please
.7 {c}
.7 {c} needs [something|one more|another one|more]
.7 [fill|fill up] {c}
.7 put [{p} or {q}|{q} or {p}|either {p} or {q}] {into}
.7 move [{p} or {q}|either {p} or {q}] to {c}
.5 take the [usual|same|same as before|same again] and put it {into}
1 insert [it|that|this one|that one] {hole}
.7 [push|plug|slide|fit] [it|that|this] {hole}
.7 [it|that] goes {hole}
1 load {agv}
.7 load [it|that|something] onto {agv}
.5 load [one|some] [onto|on] {agv}
.5 load up {agv}
.5 put [it|them] on {agv}
.4 {agv} needs [something|a load]
.4 put [him|her] {into}
.4 add another one to {c}
""")

NEGATED = Table("""
3 don't put {p} {into}
2 never put {p} {into}
1.5 do not {put}
1.5 please don't {put}
1 don't {put}
1 {p} must not go {into}
1 {p} should not go {into}
.7 {p} <doesn't/don't> belong {inside}
.7 I don't want {p} {inside}
.7 you must not {put}
.7 I told you not to {put}
.7 there's no need to {put}
.7 you don't have to {put}
.7 {put}? no, don't
.7 {put}. no, forget it
.7 {put} - no, cancel that
.7 {put}. On second thought, don't
.5 {put}, or rather don't
1 don't send {agv} to {s}
1 don't [drive|go] to {s}
.7 {agv} must not [go|drive] to {s}
.7 {agv} should stay where it is
.7 keep {agv} where it is
.7 don't move {agv}
1 don't insert {p}
4 {spare}
3 don't do anything
2 do nothing
2 leave everything [as it is|where it is|alone]
2 don't touch anything
2 don't move [|anything|a thing]
1.5 cancel [that|it|the order|the task|the last order|everything|my order]
1.5 stop
1 stop [that|it|moving|what you are doing|everything|right there]
1 forget [it|that|about it|what I said]
1 never mind
1 no, don't
1 nothing should be moved
1 nothing
1 no parts should be moved
.7 leave it
.7 leave it alone
.7 don't
.7 please don't move
.7 abort [|the task|that]
.7 wait
.7 hold on
.7 stay where you are
.7 stay put
.5 hands off
.5 just leave things as they are
.5 there is nothing to do
.5 nothing to do [|today|right now|for you]
.5 scratch that
.5 don't bother
.5 you can take a break
.5 no need to do anything
.5 everything stays where it is
.5 not now
.5 no
.4 undo that
.4 stand still
.4 halt
.4 freeze
.4 put nothing {into}
.4 put no {ps} {into}
.4 don't start yet
.3 pause
""")

NOTHING = Table("""
2 hello
2 hello robot
1.5 hi
1.5 hi there
1 hey
1 hey robot
1.5 good [morning|afternoon|evening|day]
1 good [morning|evening], robot
1 nice to [meet you|see you]
1 thanks
1 thank you [|very much|so much]
1 thanks a lot
1 good job
1 well done
1 good robot
.7 great
.7 perfect
.7 that looks good
.7 very nice
.7 see you [tomorrow|later]
.7 goodbye
.7 bye
.7 welcome back
.7 I'm back
.7 I'm here
.7 here we are
.7 that's all
.7 that's it
.7 we are done [|for today]
.7 robot
.7 hey you
.5 are you there?
.5 can you hear me?
.5 how nice
.5 this is [a test|only a test|the operator|Anna speaking|your supervisor]
.5 testing, one two three
.5 my name is [Bob|Anna|Li Wei|Tom]
2 {p} <is/are> [{hue}|big|small|new|heavy|clean|nice|here|on the table]
1.5 there <is/are> {p} on the table
1 this is {p}
1 that is {p}
1 I see {p}
1 I like {p}
1 {p} <is/are> [already |]{inside}
1 {p} <lies/lie> next to {q}
1 there are {n} {ps} on the table
1 {c} is [full|empty|blue|nice|new|half full|almost full]
.7 {c} is next to {d}
.7 {agv} is at {s}
.7 {agv} is [here|ready|blue|new|waiting|empty]
.7 {s} is [far away|closed today|open|over there|big]
.5 the table is [full|empty|clean|white]
.5 I [bought|made|found|brought] {p} [yesterday|today|this morning]
.5 {p} came in this morning
.5 {p} <belongs/belong> to [me|Anna|the customer]
.5 we have [many|a lot of|enough] {ps} today
.5 it's [monday|friday|nearly noon|late|a nice day|cold in here]
.5 the shift [starts|ends] at [six|two|ten]
.5 I had a [good|bad] day
.5 I understand
.5 I see
.5 go ahead
.5 let's go
.5 here you go
.5 let's get started
.5 do your [job|work|thing]
.5 work
.5 get to work
.4 you are [a good robot|doing well|great|slow today|ready]
.4 I have a [question|task for you|job for you]
.4 there's work to do
""")

EMPTY = Table("""
4 uh
3 hmm
3 um
2 er
2 uhm
1.5 mm
1.5 hm
1 ah
1 oh
1 mhm
1 uh-huh
1 well
1 so
1 okay
1 ok
1 please
1 now
1 uh, um
1 uh, well
1 well, um
.7 er, hmm
.7 um, so
.7 okay, uh
.7 so, uh, well
.7 hmm, okay
.7 just
.7 ...
.7 ?
.5 !
.5 ah, um, er
.5 eh
.5 huh
.5 uh, please
.5 just, uh
.5 well, so, um
.5 right
""")
