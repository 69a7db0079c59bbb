"""What people wrap around an instruction: politeness, address, reasons, order words, what to leave alone."""

from __future__ import annotations

from policies.planner.training.english_template import Table

# {v}: the commands in their base form; {ing}: as gerunds.
SHELL = Table("""
60 {v}
9 please {v}
5 {v}, please
5 could you [|please ]{v}?
3 can you [|please ]{v}?
2.5 would you [|please ]{v}?
2 will you [|please ]{v}?
1 could you [kindly|maybe|perhaps|just|quickly] {v}?
2.5 I'd like you to {v}
2 I want you to {v}
2 I need you to {v}
1 I would like you to {v}
1 kindly {v}
1.5 would you mind {ing}?
.7 do you mind {ing}?
.7 would you be so kind as to {v}?
.5 be so kind as to {v}
.8 I'd appreciate it if you could {v}
.8 if you could {v}, that would be [great|nice|lovely|helpful]
.5 it would be [great|nice|good] if you could {v}
.6 I was wondering if you could {v}
.6 any chance you could {v}?
.6 would it be possible [for you |]to {v}?
.5 is it possible [for you |]to {v}?
.5 may I ask you to {v}
.5 might I ask you to {v}
.5 do me a favor and {v}
.5 be a dear and {v}
2 let's {v}
1 let us {v}
1.2 you should {v}
1.2 you need to {v}
.8 you have to {v}
.8 you must {v}
.8 you can {v}
.5 you are to {v}
1 we need to {v}
1 we have to {v}
.8 we should {v}
.6 we want to {v}
1 go ahead and {v}
.6 go and {v}
1.2 your [|next |new ]job is to {v}
1.2 your task[| now| today]: {v}
1 next task: {v}
.7 your next task is to {v}
.7 new task: {v}
.6 task: {v}
.5 the job is to {v}
.5 your mission: {v}
.5 the plan is to {v}
.6 next up: {v}
.6 what I need you to do is {v}
.5 what I want is for you to {v}
.6 how about {ing}?
.4 what about {ing}?
.5 why don't you {v}?
.4 how about you {v}?
.6 time to {v}
.5 it's time to {v}
.5 make sure to {v}
.4 be sure to {v}
.5 don't forget to {v}
.4 remember to {v}
.4 try to {v}
.5 I want to {v}, can you do that?
.4 help me {v}
.5 help me to {v}
.4 I need some help {ing}
.4 I need to {v}
.3 start {ing}
.4 you may {v}
.4 all you have to do is {v}
.4 I'm asking you to {v}
.4 feel free to {v}
.3 somebody has to {v}, so please do it
.3 your assignment: {v}
.3 next step: {v}
""")

OPENING = Table("""
3 okay,
3 ok,
2 alright,
2 all right,
2 so,
2 right,
2 well,
1.5 now,
1.5 hi,
1.5 hello,
1.5 hey,
1 good morning,
.7 good morning.
1 uh,
1 um,
.7 hmm,
.7 er,
1 okay so
.7 let's see,
.7 listen,
.7 excuse me,
.7 one more thing:
.7 next,
.7 now then,
.5 good afternoon,
.5 quick one:
.5 here we go:
.5 here's the task:
.5 thanks. now
.5 great, now
.5 good. now
.5 one more:
.4 yes,
.4 attention,
.4 small favor:
.4 when you have a [minute|moment|second],
.4 whenever you're ready,
.4 if you don't mind,
.4 if possible,
.4 as soon as you can,
.3 if you have time,
.3 for the [afternoon|morning|night|next] shift,
.3 for the next [batch|order|job],
""")

ADDRESS = Table("""
5 robot,
2 hey robot,
2 hi robot,
1.5 Luban,
1 hey Luban,
1 ok robot,
1 okay robot,
1 dear robot,
1 mate,
1 buddy,
1 hello robot,
.7 robot arm,
.7 arm,
.7 my friend,
.5 machine,
.5 hello there,
.5 hey there,
.5 hey you,
.4 Mr. Robot,
.4 pal,
""")

CLOSING = Table("""
4 , please
2 , thanks
2 , thank you
1.5  now
1.5  right away
1  asap
1 , ok?
1  for me
1  carefully
.8 , carefully
.8  [when|whenever] you have a [minute|moment|second]
.7  when you can
.7  as soon as you can
.7 , if you can
.7 , if you don't mind
.7 , will you?
.7 , would you?
.6 , could you?
.6  immediately
.6  at once
.6 , if possible
.5  as soon as possible
.5 , buddy
.5 , mate
.5 , robot
.5 , cheers
.5 , thanks a lot
.5 , thank you very much
.5 , much appreciated
.5 , there's a good robot
.5 , but take your time
.4 , no rush
.4 , it's urgent
.4 . Thanks
.4 . Thank you
.4 . Thanks in advance
.4 . That's all
.4 . That would be great
.4 . Be careful
.4  [nice and |]gently
.4  today
.4  for the [afternoon|morning|next|night|early] shift
.4  for the next [batch|order|job]
.4  for today's order
.3 , because we are out of them
.3 , because I need the space
.3 , since the line is waiting
.3 , since it is in the way
.3  so that we can go on
.3  so we can start
.3  so I can get on with my work
.3 , we're in a bit of a hurry
.3 , the customer is waiting
.3 , we need it there
.3 , that's all for now
.3 , then you're done
.3 . Tell me when you're done
.3 . Let me know when you're done
.3 , got it?
.3 , alright?
.3  one by one
.2 , I'm tidying up here
""")

BACKGROUND = Table("""
2 I'm cleaning up here
2 we're packing an order
2 the next shift starts soon
2 we have a new order
1 it's getting crowded on the table
1 there is a lot on the table today
1 here comes the next job
1 the table is a mess
1 we're getting ready for the next batch
1 I have a job for you
1 I have a favor to ask
1 let's get this done
1 we are a bit behind schedule
1 the line is waiting
1 I need your help
1 let's get to work
1 back to work
""")

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
6 Then
3 Then,
4 After that,
3 Next,
2 Afterwards,
1.5 And then
1.5 And
1 Also,
1 Also
1 Subsequently,
1 Once that's done,
1 When that's done,
1 When you're done,
1 Once you're done with that,
.7 Following that,
.7 When you are finished,
.5 Now
.5 As a next step,
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
