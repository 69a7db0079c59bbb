"""What one order sounds like: as a command, a statement, a state that is reached, or a scrap of words.

Slots: p the parts, it their pronoun; c, into, inside the container or bore; s, to, at the station; agv the vehicle.
"""

from __future__ import annotations

from policies.planner.training.english_template import Table

PUT_COMMAND = Table("""
24 @put {p} {into}
8 @place {p} {into}
7 @move {p} {toward}
1 @move {p} over [|in]to {c}
2.5 @transfer {p} {toward}
2 @drop {p} {into}
1 @drop {p} off {inside}
1.5 @set {p} {into}
1.2 @lay {p} {into}
1.5 @deposit {p} {inside}
2.5 @stick {p} {into}
1.2 @stow {p} [|away ]{inside}
1.5 @sort {p} into {c}
1.2 @shift {p} {toward}
1 @relocate {p} {toward}
1 @tuck {p} {into}
1.5 @pop {p} {into}
2 @get {p} {toward}
1 @bring {p} {toward}
.7 @carry {p} over to {c}
.7 @deliver {p} to {c}
1.2 @store {p} {inside}
.8 @pack {p} {into}
.6 @stash {p} {inside}
.5 @slip {p} {into}
.5 @position {p} {inside}
.3 @toss {p} {into}
.5 @plonk {p} {into}
.6 @load {p} into {c}
.4 @insert {p} into {c}
.4 @send {p} to {c}
.4 @return {p} to {c}
.4 @transport {p} to {c}
.3 @assign {p} to {c}
.4 @lower {p} into {c}
.4 @slide {p} into {c}
.3 @file {p} {inside}
.3 @park {p} {inside}
.5 @add {p} to {c}
.5 @put {p} away {inside}
.5 @set {p} down {inside}
.4 @rehome {p} {inside}
.4 @dump {p} {into}
.4 @collect {p} {inside}
.5 @gather {p} {into}
.4 @unload {p} into {c}
.4 @tidy {p} away {into}
.6 @use {c} for {p}
.5 @have {p} [moved|transferred] {toward}
.5 @have {p} put {into}
.5 @let {p} go {into}
4 @take {p} and [@put|@put|@place|@drop|@set|@lay] {it} {into}
3 @pick up {p} and [@put|@place|@drop|@lay] {it} {into}
1 @pick up {p}, then [@put|@place|@drop] {it} {into}
2 @grab {p} and [@put|@drop|@stick|@place|@pop] {it} {into}
1 @fetch {p} and [@put|@place|@drop] {it} {into}
1 @get {p} and [@put|@place|@drop|@stick] {it} {into}
.8 @find {p} and [@put|@place|@drop] {it} {into}
.8 @pick {p} and [@place|@put] {it} {into}
.5 @grasp {p} and @place {it} {into}
.5 @take hold of {p} and [@put|@place] {it} {into}
.4 @lift {p} and @place {it} {into}
.6 @take {p} off the [table|bench] and @put {it} {into}
.5 @clear {p} off the [table|bench] and into {c}
.8 @get {p} out of the way and into {c}
.5 @take {p}, @carry {it} over to {c} and @set {it} down there
.4 @take {p} over to {c}
1.5 @make sure [|that ]{p} <ends/end> up {inside}
.6 @make sure [|that ]{p} <gets/get> into {c}
.5 @see to it that {p} <goes/go> {into}
.4 @ensure [|that ]{p} <ends/end> up {inside}
""")

PUT_STATEMENT = Table("""
7 {p} <goes/go> {into}
5 {p} [should|must|<has/have> to|<needs/need> to] go {into}
4 {p} <belongs/belong> {inside}
3 {p} should be [put|placed] {into}
2 {p} should be [moved|transferred] {toward}
1.5 {p} <is/are> to be [put|placed] {into}
2 {p} <needs/need> to be [put|placed] {into}
1 {p} <needs/need> to be moved {toward}
1 {p} must be [put|placed] {into}
1 {p} should [be|end up|sit|lie] {inside}
4 I need {p} {inside}
4 I want {p} {inside}
2 I'd like {p} {inside}
1.5 we need {p} {inside}
1 I'd like to have {p} {inside}
1 I want {p} [put|placed] {into}
.7 I want {p} moved {toward}
1 I'd like {p} [put|placed] {into}
.7 I'd like {p} moved {toward}
.7 I want to see {p} {inside}
.7 {p} <is/are> needed {inside}
.6 {p} <is/are> wanted {inside}
2 {c} needs {p}
1.2 {c} gets {p}
1.2 {c} should get {p}
.7 {c} is [meant|intended|reserved] for {p}
.6 {c} should [contain|hold|have] {p}
.5 {c} is waiting for {p}
.5 {c} is still missing {p}
.4 {c} wants {p}
.5 {c} is [the place|home|the right place] for {p}
.8 {c} is where {p} <goes/go>
.8 {c} is where {p} <belongs/belong>
.7 {p} had better go {into}
.5 {p} <wants/want> to be {inside}
.5 {p} <is/are> for {c}
.4 {p} <is/are> destined for {c}
.4 the destination [for|of] {p} is {c}
.4 we could use {p} {inside}
.4 I'd prefer {p} {inside}
.4 let {c} have {p}
.4 {p} <has/have> to be {inside} [|by noon|soon]
.4 it's time for {p} to go {into}
.4 {p} <has/have> a place {inside}
.4 see that {p} <ends/end> up {inside}
.5 {p} <lives/live> {inside}
.6 the [right place|place|home] for {p} is {c}
.5 what I need is {p} {inside}
.5 what I want is {p} {inside}
.8 {p} can go {into}
.6 {p} will go {into}
.4 {p} ought to be {inside}
.4 {p} ought to go {into}
.5 {p} <is/are> supposed to be {inside}
.5 {p} <is/are> supposed to go {into}
.3 {p} <has/have> no business on the table, {they} <belongs/belong> {inside}
.6 what goes {into} is {p}
.5 it's {p} that I want {inside}
.4 the [part|thing] to put {into} is {p}
.4 {c}, that's where {p} <goes/go>
3 {into} <goes/go> {p}
2 {inside} [please |]put {p}
1.5 {inside} I [want|need|would like] {p}
1 {inside} <belongs/belong> {p}
.8 {into} with {p}
.6 {inside} should go {p}
""")

PUT_TOPIC = Table("""
3 {p}: [@put|@place] {it} {into}
1 {p} - {into}, please
2 {p}? {they} <goes/go> {into}
1.5 see {p}? [@put|@place|@drop] {it} {into}
1 as for {p}, {they} <goes/go> {into}
1 you see {p}? {they} <belongs/belong> {inside}
1 take {p}. [Put|Place|Drop] {it} {into}
1 pick up {p}. [Put|Place|Drop] {it} {into}
.8 find {p}. Then put {it} {into}
.7 grab {p}. Put {it} {into}
.7 {p}, I need {it} {inside}
.7 {p}, [@put|@move] {it} {into}
.6 about {p}: {into} with {it}
.5 {p} <is/are> on the table. [@put|@place|@move] {it} {into}
.5 you know {p}? I want {it} {inside}
.5 target: {c}. Part: {p}
""")

PUT_STATE = Table("""
6 {p} <is/are> {inside}
2 {p} <has/have> been [put|placed|moved] {into}
1.5 {p} <is/are> safely {inside}
1 {p} <has/have> gone {into}
.7 {p} <lies/lie> {inside}
.7 {p} <sits/sit> {inside}
1 {c} has {p}
.7 {c} holds {p}
""")

PUT_SCRAP = Table("""
6 {p} {into}
4 {p} to {c}
3 {p} -> {c}
3 {p}, {c}
2 {c}: {p}
2 {p} {c}
1 {p} => {c}
1 {p}: {c}
1 {p} in {c}
.5 {p} - {c}
.5 {p} > {c}
.5 {p}, destination {c}
.4 {p} for {c}
.5 {p} into {c}, now
.6 {p}! {into}!
.4 {p} please, {into}
.3 {into}: {p}
""")

LOAD_COMMAND = Table("""
9 @load {p} {into}
3 @load {agv} with {p}
1 @load {agv} up with {p}
1 @load up {agv} with {p}
1.5 @load {p}
1 @load up {p}
2 @put {p} [on|onto] {agv}
.7 @get {p} aboard {agv}
.6 @place {p} on {agv}
.5 @bring {p} to {agv}
.5 @set {p} on {agv}
.5 @move {p} onto {agv}
.7 @pick up {p} and @load {it} [onto|on] {agv}
.5 @take {p} and @load {it} [onto|on] {agv}
""")
LOAD_STATEMENT = Table("""
3 {p} <goes/go> [on|onto] {agv}
2 {p} should be loaded [|onto {agv}|on {agv}]
1 {p} must be loaded onto {agv}
1 {agv} [needs|gets|should get|should carry|must carry] {p}
1 I need {p} [on|aboard] {agv}
1 I want {p} loaded [|onto {agv}|on {agv}]
.5 {agv} is waiting for {p}
.5 {p} <has/have> to get on {agv}
.5 onto {agv} with {p}
""")

INSERT_COMMAND = Table("""
12 @insert {p} {into}
5 @push {p} {into}
4 @fit {p} {into}
4 @slide {p} {into}
4 @plug {p} {into}
3 @put {p} {into}
2 @press {p} {into}
2 @mount {p} {inside}
2 @install {p} {inside}
1.5 @seat {p} {inside}
1.5 @slot {p} {into}
1.5 @stick {p} {into}
1 @place {p} {into}
.7 @feed {p} into {c}
1 @assemble {p} into {c}
.8 @assemble {p} [and|with] {c}
.6 @slip {p} {into}
.5 @guide {p} {into}
.5 @get {p} {into}
.5 @push {p} home {inside}
.4 @equip {c} with {p}
.5 @fit {c} with {p}
.4 @set {p} {into}
.4 @mate {p} with {c}
.4 @lodge {p} {inside}
.4 @run {p} into {c}
.3 @drive {p} into {c}
.3 @ease {p} {into}
.3 @thread {p} {into}
.4 @move {p} into {c}
.5 @drop {p} {into}
.5 @bring {p} into {c}
2 @take {p} and [@insert|@push|@slide|@fit|@put|@plug] {it} {into}
1 @fetch {p} and [@insert|@push|@slide|@fit] {it} {into}
1.5 @pick up {p} and [@insert|@push|@slide|@fit] {it} {into}
1 @grab {p} and [@insert|@push|@slide|@stick|@plug] {it} {into}
.5 @make sure [|that ]{p} <is/are> [inserted|seated|mounted] {inside}
.4 @see to it that {p} <gets/get> into {c}
""")
INSERT_ONLY = Table("5 @insert {p}\n1 @plug in {p}\n1 @install {p}\n.6 @mount {p}\n.5 @plug {p} in\n.6 @fit {p}")
INSERT_STATEMENT = Table("""
5 {p} <goes/go> {into}
4 {p} <belongs/belong> {inside}
3 {p} should be [inserted|pushed|plugged|fitted|pressed] {into}
1.5 {p} [must|should] go {into}
1.5 {p} <needs/need> to [go|be inserted|be pushed|be fitted] {into}
1 {p} <has/have> to be [inserted|mounted|installed] {inside}
2 {c} needs {p}
1.5 {c} is [|still ]missing {p}
1 {c} is [|still ]waiting for {p}
1 {c} should get {p}
.7 {c} still lacks {p}
2 I need {p} {inside}
2 I want {p} [|inserted |mounted |seated ]{inside}
1 I'd like {p} [inserted|pushed|fitted] {into}
1 we need {p} {inside}
1.5 {into} <goes/go> {p}
.7 {into} with {p}
.5 {c} is where {p} <belongs/belong>
.5 {p} <fits/fit> {into}, so [insert|push] {it}
""")
INSERT_STATE = Table("""
5 {p} <is/are> {inside}
2 {p} <is/are> inserted {into}
1 {p} <has/have> been [inserted|pushed|fitted] {into}
1 {p} <is/are> seated {inside}
.7 {p} <sits/sit> [firmly |properly |]{inside}
.6 {c} has [got |]{p}
""")
INSERT_SCRAP = Table("""
6 {p} {into}
3 {p} -> {c}
2 {p}, {c}
1 {c}: {p}
1 {p} {c}
2 insert {p}, {c}
1 {p} to {c}
""")

PUT_WISH = Table("""
3 can {p} go {into}?
2 could {p} be [put|placed] {into}?
2 can I [have|get] {p} {inside}?
2 could I [have|get] {p} {into}?
1.5 could we [have|get] {p} [moved|put] {into}?
1 can we put {p} {into}?
1 shall we put {p} {into}?
1 may I have {p} {inside}?
.7 shouldn't {p} be {inside}?
.7 doesn't {p} belong {inside}?
.7 what about {p} going {into}?
.7 is there a way to get {p} {into}?
.7 would you put {p} {into} if I asked nicely?
""")
INSERT_WISH = Table("""
3 can {p} go {into}?
2 could {p} be [inserted|pushed|fitted] {into}?
2 could I [have|get] {p} {inside}?
1.5 can we get {p} {into}?
1 shall we insert {p} {into}?
""")
