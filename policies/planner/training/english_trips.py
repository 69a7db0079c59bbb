"""What a trip of the vehicle sounds like, alone or with parts; slots as in `english_orders`, s, to, at: the station."""

from __future__ import annotations

from policies.planner.training.english_template import Table

DRIVE_COMMAND = Table("""
12 @send {agv} {to}
5 @drive {agv} {to}
4 @bring {agv} {to}
3 @take {agv} {to}
3 @move {agv} {to}
2 @get {agv} {to}
3 @have {agv} [go|go|drive|head|roll|run|travel] {to}
2 @let {agv} [go|go|drive|head|roll] {to}
1.2 @tell {agv} to [go|drive|head] {to}
1.2 @dispatch {agv} {to}
.8 @direct {agv} {to}
.7 @navigate {agv} {to}
.6 @steer {agv} {to}
.8 @park {agv} {at}
1 @call {agv} {to}
.6 @run {agv} {to}
.5 @make {agv} go {to}
.5 @send {agv} off {to}
.4 @send {agv} on its way {to}
.4 @get {agv} going {to}
.4 @guide {agv} {to}
.4 @relocate {agv} {to}
.3 @have {agv} report to {s}
.3 @see {agv} off {to}
.4 @position {agv} {at}
.3 @transfer {agv} {to}
.4 @roll {agv} {to}
.4 @make sure {agv} [gets|goes] {to}
""")
GO_COMMAND = Table("""
5 @go {to}
5 @drive {to}
2 @head {to}
1 @travel {to}
.7 @roll {to}
.7 @proceed {to}
.7 @navigate {to}
.5 @move {to}
.3 @go and @park {at}
.5 @come {to}
""")
DRIVE_STATEMENT = Table("""
3 {agv} should [go|drive|head] {to}
2 {agv} [must|has to|needs to] [go|drive|head] {to}
2 {agv} is needed {at}
2 I need {agv} {at}
1.5 I want {agv} {at}
1 we need {agv} {at}
1.5 {s} needs {agv}
1.2 {s} is waiting for {agv}
.8 {s} [has called for|has asked for|wants|is calling for] {agv}
1.5 {agv} goes {to}
.7 {agv} is to drive {to}
.7 {agv} can [go|leave for|drive to] {s} [|now]
.7 {agv} is wanted {at}
.7 the next stop [for|of] {agv} is {s}
.5 next stop: {s}
.8 {to} with {agv}
.7 off {to} with {agv}
.5 it's time for {agv} to go {to}
.5 {agv} is expected {at}
.5 {agv} [should be|belongs] {at}
.5 {agv} should be parked {at}
""")
DRIVE_ADDRESS = Table("""
4 {agv}, [go|drive|head|roll|come] {to}
1 {agv}, please [go|drive|head] {to}
1 hey {agv}, [go|drive|head] {to}
.5 {agv}: [go|drive] {to}
""")
DRIVE_STATE = Table("""
4 {agv} is {at}
3 {agv} has [reached|arrived at] {s}
1 {agv} has gone {to}
1 {agv} [arrives at|reaches|gets to] {s}
.5 {agv} is parked {at}
""")
DRIVE_SCRAP = Table("""
6 {agv} {to}
3 {agv} -> {s}
3 {agv}, {s}
2 {agv} {s}
1.5 {agv}: {s}
1 {agv} => {s}
1.5 go {to}
.6 {to}, {agv}
1 send {agv} {to}
""")
NEXT_STOP = Table("""
4 {to}
1.5 on {to}
1 onwards {to}
1 over {to}
1 from there {to}
""")

CARRY_COMMAND = Table("""
12 @take {p} {to}
7 @bring {p} {to}
6 @deliver {p} {to}
5 @send {p} {to}
4 @carry {p} {to}
3 @transport {p} {to}
2 @ship {p} {to}
2.5 @get {p} {to}
.8 @haul {p} {to}
.8 @ferry {p} {to}
.6 @convey {p} {to}
1 @run {p} over to {s}
1.2 @move {p} {to}
.5 @drive {p} {to}
.8 @dispatch {p} {to}
.6 @cart {p} {to}
.6 @forward {p} to {s}
.6 @drop {p} off {at}
.5 @supply {s} with {p}
1.2 @bring {s} {p}
.5 @store {p} {at}
.3 @courier {p} to {s}
.4 @let {p} ride {to} on {agv}
.4 @see {p} off {to}
2 @have {agv} [take|bring|carry|deliver|transport] {p} {to}
1.5 @let {agv} [take|bring|carry|deliver] {p} {to}
1 @use {agv} to [take|bring|carry|deliver] {p} {to}
2 @send {p} {to} [with|on|by|via] {agv}
1 @take {p} {to} [with|on] {agv}
.7 @send {agv} {to} with {p}
.5 @get {agv} to [take|deliver|bring] {p} {to}
4 @load {p} {into} and [@send|@drive|@take] {the} {to}
2 @load {agv} with {p} and [@send|@drive] it {to}
2 @put {p} {into} and [@send|@drive|@take] {the} {to}
1.5 @put {p} {into} and [then |]@drive {to}
1 @load {p} and @take {it} {to}
1 @load {p} and @send {agv} {to}
1 @pick up {p} and @bring {it} {to}
1 @fetch {p} and @take {it} {to}
1 @get {p} and @deliver {it} {to}
.6 @grab {p}, @put {it} {into} and @send {the} {to}
.6 @load up {agv} with {p} and @run it over to {s}
.6 @make sure [|that ]{p} <gets/get> {to}
.4 @see to it that {p} <reaches/reach> {s}
""")
CARRY_STATEMENT = Table("""
6 {s} needs {p}
5 {s} is waiting for {p}
2 {s} has [asked for|ordered|requested|called for] {p}
1.5 {s} wants {p}
1 {s} could use {p}
.8 {s} expects {p}
.8 {s} should get {p}
.6 {s} is [still |]missing {p}
4 {p} <is/are> needed {at}
1.5 {p} <is/are> wanted {at}
3 {p} <goes/go> {to}
2 {p} [should|must|needs to|has to] go {to}
1 {p} <has/have> to get {to}
2 {p} should be [taken|brought|delivered|sent|transported] {to}
1 {p} must be [taken|brought|delivered|sent] {to}
1 {p} <is/are> to be [taken|delivered|sent] {to}
.7 {p} <belongs/belong> {at}
.7 {p} <is/are> due {at}
.7 {p} <is/are> expected {at}
2 I need {p} {at}
1 I want {p} {at}
1 I want {p} [taken|brought|delivered|sent] {to}
1 I'd like {p} [taken|brought|delivered|sent] {to}
1 they need {p} {at}
.8 the [people|folks|team|guys|crew|colleagues] {at} [need|are waiting for|want|asked for|could use] {p}
.6 {agv}, [take|bring|carry|deliver] {p} {to}
1.5 {agv} should [take|bring|carry|deliver] {p} {to}
.6 {agv} [has to|must] [take|bring|deliver] {p} {to}
.5 next delivery for {s}: {p}
.5 a delivery for {s}: {p}
.5 {s} can't go on without {p}
.4 {p} <is/are> for {s}
.4 {p} <is/are> destined for {s}
.4 {p} <travels/travel> {to} [on|with] {agv}
.4 the destination [for|of] {p} is {s}
.5 {to} with {p}
""")
CARRY_STATE = Table("""
3 {p} <is/are> {at}
2 {p} <has/have> been [delivered|taken|brought] {to}
1 {p} <has/have> [reached|arrived at] {s}
1 {s} has {p}
""")
CARRY_SCRAP = Table("""
6 {p} {to}
3 {p} -> {s}
2 {p}, {s}
2 {s}: {p}
1.5 {p} for {s}
1 {p} -> {agv} -> {s}
1 deliver {p}, {s}
1 {p} {into}, {agv} {to}
1 load {p}, go {to}
.7 {p} {s}
""")

# What only certain stations are said to want. Of the vehicle alone, and of parts that go there.
NEEDS_VEHICLE: dict[str, Table] = {
    "charger": Table("""
3 {agv} needs [charging|to charge|to be charged|to recharge|a charge|recharging]
2 {agv} is [low on battery|running low on battery|running out of battery|nearly out of power|running out of power]
1.5 {agv}'s battery is [low|nearly empty|almost flat|running low|almost dead|nearly drained]
1 {agv} is low on battery, send it [off |]to charge
1 {agv} has to be [charged|recharged]
1 {agv} must [charge|recharge]
.7 {agv} should be [charged|recharged]
.7 it's time to [charge|recharge] {agv}
.7 {agv} could use [some power|a charge|some juice]
.5 the battery of {agv} is [low|nearly empty|almost flat]
.5 {agv} is [almost|nearly] out of [battery|juice|power]
"""),
    "dock": Table("""
2 I need {agv} back {at}
1 {agv} should come back {to}
1 {agv} must return {to}
1 {agv} can come back {to}
"""),
}
VEHICLE_COMMANDS: dict[str, Table] = {
    "charger": Table("""
4 @charge {agv}
4 @recharge {agv}
2 @charge up {agv}
1 @let {agv} [charge|recharge]
1.5 @get {agv} [charged|recharged]
1 @put {agv} on [charge|the charger]
1 @have {agv} [charged|recharged]
1 @send {agv} [off |]to [charge|recharge]
1 @top up {agv}'s battery
.7 @send {agv} charging
.7 @plug {agv} into the charger
.5 @charge {agv}'s battery
.7 @go [charge|recharge|and charge|to charge]
.4 @recharge your battery
"""),
    "dock": Table("""
3 @bring {agv} back {to}
3 @send {agv} back {to}
2 @return {agv} {to}
1 @call {agv} back {to}
1 @dock {agv} {at}
1 @have {agv} come back {to}
1 @have {agv} return {to}
1 @get {agv} back {to}
"""),
}
NEEDS_PARTS: dict[str, Table] = {
    "inspection": Table("""
2 {s} wants to [look at|check|see|inspect|examine] {p}
2 {p} must be [inspected|checked] {at}
1.5 {p} <needs/need> to be [inspected|checked] {at}
1 {s} has to [check|look at|inspect] {p}
1 {p} <is/are> due for [inspection|a quality check|quality control]
1 have {p} [inspected|checked] {at}
1 get {p} [inspected|checked] {at}
.7 {p} <needs/need> a quality check
.7 {p} <has/have> to pass {s}
.6 I want {p} [inspected|checked] {at}
"""),
    "warehouse": Table("""
1.5 {p} should be [stored|kept|put into stock] {at}
1 {p} <goes/go> into storage
1 {p} <is/are> to be stored {at}
1 put {p} into storage
.7 {s} is [running low|short], it needs {p}
"""),
    "assembly": Table("""
1.5 {s} can't [start|continue|go on] without {p}
1 {p} <is/are> needed for assembly
1 {s} has run out, [bring|take] {p} there
1 they are waiting for {p} {at}
"""),
}

DRIVE_WISH = Table("""
3 can {agv} go {to}?
2 could {agv} [go|drive|head] {to}?
2 can I have {agv} {at}?
1 could we have {agv} {at}?
1 is there a way to get {agv} {to}?
1 shouldn't {agv} be {at}?
""")
CARRY_WISH = Table("""
3 can {p} go {to}?
2 could {p} be [taken|brought|delivered] {to}?
2 can {agv} [take|bring|carry] {p} {to}?
2 could {s} get {p}?
1.5 could I have {p} [delivered|brought|taken|sent] {to}?
1 can we get {p} {to}?
1 can {s} have {p}?
""")
