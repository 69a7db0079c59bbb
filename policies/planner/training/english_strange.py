"""What a cell does not know: other parts, places, looks and deeds, conditions, questions, gibberish."""

from __future__ import annotations

from luban.catalogue import Catalogue
from luban.meaning import Order, Put
from policies.planner.training.english_clauses import Clauses, Unit
from policies.planner.training.english_manner import SHELL
from policies.planner.training.english_refusals import random_ref
from policies.planner.training.english_template import Table, listed, plural
from policies.planner.training.english_voice import Voice

_THINGS = listed("""
washer | spring | pulley | wrench | screwdriver | hammer | rivet | clamp | belt | chain | motor | pump | valve |
hose | cable | battery | phone | pen | cup | book | banana | apple | key | coin | brick | pipe | seal | gasket |
O-ring | spacer | bushing | sleeve | flange | coupling | piston | cylinder | lever | handle | knob | wheel |
tire | propeller | magnet | hook | nail | wire | ball | cube | block | disk | lid | cap | flywheel | cam |
crank | widget | gizmo | doohickey | thingamajig | bottle | spoon | hinge | latch | switch | relay | fuse |
lamp | bulb | funnel | filter | nozzle | shim | wedge | plug | socket | fan | blade | rotor | stator | coil |
diode | resistor | chip | board | tape | rope | glove | helmet | toolbox | manual | drill | caliper | ruler |
marker | sponge | towel | mug | notebook | plier | chisel | file | saw | mallet | jack | bracket-clip | flurb |
zonk | wumpus | grommet | trunnion | sprag | snorble | dingus
""")
_HUES = listed("""
orange | purple | pink | brown | violet | turquoise | silver | beige | magenta | teal | bronze | copper |
lilac | transparent | striped | spotted
""")
_LOOKS = listed("""
shiny | rusty | broken | biggest | heaviest | longest | dirty | square | plastic | damaged | hollow | warm |
bent | cracked | expensive | cheap | defective | polished | wooden | ugly | smallest | larger | heavy | thick |
thin | magnetic | wet | sticky | sharp | scratched | worn-out | frobbly | good | bad | faulty | lighter |
fancy | lucky | metric
""")
_DEEDS = listed("""
frobnicate | blorf | zorble | process | handle | treat | prepare | deal with | take care of | sort out | see to |
gribble | snorf | flibber | mangle | tweak | yeet | finagle | flumpf | twiddle | glorp | quizzle | snarfle |
attend to | look after | manage | organize | update | activate | configure | zibber | do
""")
_BOXES = listed("""
drawer | shelf | cabinet | bag | cupboard | bowl | jar | rack | toolbox | barrel | hopper | chute | conveyor |
vise | sack | envelope | suitcase | backpack | top drawer | second shelf | parts cabinet | wooden box |
cardboard box | big crate | metal cage | scrap bin | recycling bin | waste bin | reject bin | rework box |
bin number 7 | bin 4 | box 12 | container B | wheelbarrow | machine | scale | fridge | spare parts box |
glass jar | paper bag | locker | vat | tank | pocket | oil bath | pallet | carton | packing box | third bin |
other bin | other box | left bin | right-hand bin | nearest box | bin on the left | empty bin | usual bin |
correct bin | next box | small bin | large box | kit tray | feeder | magazine | press | furnace
""")
_STATIONS = listed("""
the other station | station two | the next station | the last station | platform nine | the office upstairs |
the supplier | the quarry | the dump | the archive | the second dock | cell 4 | the paint shop | packaging |
the office | shipping | the canteen | the loading ramp | station 5 | gate 3 | the laboratory | the kitchen |
maintenance | the welding cell | line 4 | building C | the yard | the lab | the paint booth |
the recycling center | customs | the showroom | the test stand | milling | the CNC machine | goods-in |
the elevator | the parking lot | the break room | hall 7 | zone B | customer service | sales | the north gate |
the lathe | the workshop | the tool room | the garage | receiving | the cold room | the packing station |
the foundry | the heat treatment | the turning shop | the garden | the gym | reception | the wash station |
the repair shop | human resources | the exit | the entrance | the truck | room 12 | the second hall |
the server room | the cafeteria | the sterile room | stamping | the forge | the airport | the harbor |
the weighing station | the labeling station | dispatch | the scrapyard | the paint line |
the polishing station | Zurich | the other building | the basement | the palletizer | the forklift bay
""")
_HOLES = listed("""
the gearbox | the motor | the pump | the engine | the socket | the wall | the slot | the pipe | the cylinder |
the keyhole | the chuck | the clamp | the vise | the outlet | the valve body | the turbine | the flange |
the crankcase | the differential | the coupling
""")
_BABBLE = listed("""
blah | asdf | lorem ipsum | foo bar | qwerty | la la la | abracadabra | yada yada | xyzzy | bla bla bla
""")

_SAYINGS = Table("""
5 if {p} <is/are> {hue}, put {it} {into}
2 unless {p} <is/are> {inside}, put {it} there
2 put {p} {into} if [{q} is broken|there is room|it is raining|you feel like it|nobody is looking|{q} is in {d}]
1 if there is [a|another] {thing}, {put}
1 depending on the weather, {put}
1 either {put} or not
4 <is/are> {p} {inside}?
2 where <is/are> {p}?
2 how many {ps} are there [|on the table|in {c}]?
2 did you {put}?
1.5 have you already {putdone}?
1.5 what is {inside}?
1 what do you see?
1 which {n} is the leftmost?
1 what color is {p}?
1 is there [a|any] {n} [on the table|{inside}]?
1 what are you doing?
1 is {c} full?
1 why did you {put}?
1 do you see {p}?
1 what can you do?
1 where is {agv}?
.7 when will {p} be {inside}?
.7 are you done?
.7 who put {p} {into}?
.7 has {p} been moved?
1 {n} {into} {hue} the {n} which
1 put put {into} {n} {n}
1 {hue} of the {into} {c}
1 the {n} {c} {hue} {d}
1 {into} {n} {q} the which
.7 gear up {c} for the bolt of lightning
.7 {c} the {p} and {d} it with {q}
.7 {p} {q} {hue} {c} {d}
.5 do the [thing|usual|dance of the gears|needful|magic]
.5 make it so
.5 as always
.5 do it again
.5 more
.5 you know what to do
""")


class Strange:
    def __init__(self, catalogue: Catalogue, clauses: Clauses) -> None:
        self._catalogue, self._clauses = catalogue, clauses
        words = [catalogue.part_words, catalogue.agv_words, *catalogue.shapes.values(), *catalogue.colors.values()]
        words += [box.words for box in catalogue.containers.values()]
        words += [fixture.words for fixture in catalogue.fixtures.values()]
        words += [station.words for station in catalogue.stations.values()]
        self._known = {word for group in words for word in group.en}
        self.colors = [hue for hue in _HUES if hue not in self._known]
        self._part_colors = [*self.colors, *(hue for hue in ("gray", "grey") if hue not in self._known)]
        self._things = [thing for thing in _THINGS if thing not in self._known]

    def box(self, voice: Voice) -> str:
        return self._unknown(_BOXES, voice)

    def station(self, voice: Voice) -> str:
        return self._unknown(_STATIONS, voice)

    def hole(self, voice: Voice) -> str:
        return self._unknown(_HOLES, voice)

    def order(self, voice: Voice) -> Order:
        return Put((random_ref(self._catalogue, voice),), voice.one(list(self._catalogue.containers)))

    def say(self, voice: Voice) -> str:
        """Words that are no instruction here."""
        chance = voice.random.random()
        if chance < 0.07:
            return self._gibberish(voice)
        if chance < 0.38:
            return voice.say(_SAYINGS, **self._slots(voice))
        slots = self._slots(voice)
        if chance < 0.62:
            thing = voice.say(
                "[the|the|the|a|that] {hue} {thing}",
                thing=slots["thing"],
                hue=slots["hue"] if voice.chance(0.4) else "",
            )
        elif chance < 0.74:
            thing = voice.say("[the|the|the|a|that] {hue} {n}", n=slots["n"], hue=voice.one(self._part_colors))
        elif chance < 0.88:
            thing = voice.say("the {look} [|{hue}] {n}", look=voice.one(_LOOKS), hue=slots["hue"], n=slots["n"])
        else:
            deed = voice.one(_DEEDS)
            return voice.say(
                "[|please |robot, |could you ]{deed} {p} [|{into}|with {q}|and {c}|on {d}]", deed=deed, **slots
            )
        if voice.chance(0.12):
            thing = f"{thing} and {slots['q']}"
        text = voice.say("[put|put|place|move|drop|stick|take] {t} {into}", t=thing, into=slots["into"])
        shell = SHELL.draw(voice.random)
        return voice.say(shell if "{ing}" not in shell else "{v}", v=text)

    def _slots(self, voice: Voice) -> dict[str, str]:
        parts, places = self._clauses.parts, self._clauses.places
        ref, other = random_ref(self._catalogue, voice), random_ref(self._catalogue, voice)
        names = list(self._catalogue.containers)
        box = places.container(voice.one(names), voice)
        put = Unit(Put((random_ref(self._catalogue, voice),), voice.one(names)))
        noun = parts.noun(ref.shape, voice)
        return {
            "p": parts.named(ref, voice).text if ref.pick == "one" else f"the {noun}",
            "q": parts.named(other, voice.fresh()).text,
            "it": "it",
            "n": noun,
            "ps": plural(noun),
            "hue": parts.color(voice.one(list(self._catalogue.colors)), voice),
            "thing": voice.one(self._things),
            "c": box.text,
            "into": box.into,
            "inside": box.inside,
            "d": places.landmark(voice.one(names), voice),
            "agv": places.vehicle(voice),
            "put": self._clauses.command(put, voice.fresh()),
            "putdone": self._clauses.command(put, voice.fresh(), "done"),
        }

    def _unknown(self, names: tuple[str, ...], voice: Voice) -> str:
        while True:
            name = voice.one(names)
            if name.removeprefix("the ") not in self._known:
                return name

    def _gibberish(self, voice: Voice) -> str:
        if voice.chance(0.4):
            return voice.one(_BABBLE)
        syllable = "[b|d|f|g|k|l|m|n|p|r|s|t|v|z|bl|gr|sn|fl|tr|w][a|e|i|o|u|oo|ee|or|un|ib]"
        word = f"{syllable}{syllable}[|{syllable}|b|k|x|rp|gle|ng]"
        return voice.say(" ".join([word] * (1 + int(voice.random.random() * 4))))
