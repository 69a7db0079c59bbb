"""What people wrap around an instruction: politeness, address, reasons."""

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
.6 would you be able to {v}?
.5 could I trouble you to {v}?
.5 I was hoping you could {v}
.5 I was hoping you'd {v}
.5 if it's not too much trouble, {v}
.5 I'm going to need you to {v}
.4 you might want to {v}
.4 it'd be helpful if you could {v}
.4 mind {ing}?
.3 care to {v}?
.4 would you like to {v}?
.4 see if you can {v}
.5 I wonder if you could {v}
.5 can we {v}?
.4 we'd better {v}
.4 you'd better {v}
.4 better {v}
.5 the next thing to do is {v}
.4 what you should do is {v}
.4 [my request|request|command|order|instruction|action|job|to do|goal]: {v}
.3 please be so good as to {v}
.3 you are [requested|instructed|asked] to {v}
.3 proceed to {v}
1.5 now {v}
.8 [quickly|carefully|gently|simply|kindly] {v}
1.2 just {v}
.4 I think you should {v}
.4 I'll have you {v}
.3 I'd love it if you could {v}
.3 would it be OK to {v}?
.3 what if we {v}?
.3 be so good as to {v}
.3 you know what to do: {v}
.8 the [arm|robot|robot arm] should {v}
.6 have the [arm|robot|robot arm] {v}
.6 let the [arm|robot|robot arm] {v}
.5 the robot [has to|must|needs to] {v}
.5 I want the [arm|robot] to {v}
.4 tell the [arm|robot] to {v}
.3 ask the robot to {v}
.3 use the arm to {v}
.3 get the robot to {v}
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
.3 since the line is waiting,
.3 as we need the space,
.3 to keep things tidy,
.3 so that I can get on,
.3 because we're behind schedule,
.3 before lunch,
.2 before the shift ends,
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
.3 , nothing else
.3 , and nothing else
.3 , and that's it
.2 before lunch
.2 before the shift ends
.2 before the end of the shift
.2 , the customer wants it today
.2 , it's for the new order
.2 , we've run out there
.2 , I'll do the rest
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

CLEARING = Table("""
2 clear the [table|bench]:
2 empty the [bench|table]:
1 tidy up:
1 clean up the [table|bench]:
1 let's tidy up.
1 time to tidy up.
1 sorting job:
1 sort the parts:
1 clear the [table|bench].
1 let's clear the [table|bench].
""")
