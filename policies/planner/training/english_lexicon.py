"""English words for the things of a cell beyond those of its catalogue, by the standard names.

A name that is not listed here is only called what its catalogue says. No word stands for two things.
"""

from __future__ import annotations

from policies.planner.training.english_template import listed

SHAPES: dict[str, tuple[str, ...]] = {
    "gear": listed("""
spur gear | pinion | cog wheel | drive gear | toothed gear | cogged wheel | sprocket | toothed disc | gear ring
"""),
    "bolt": listed("""
machine screw | cap screw | hex screw | threaded bolt | hexagon bolt | machine bolt | hex-head bolt |
hex head screw | Allen bolt | socket screw
"""),
    "nut": listed("""
hexagon nut | threaded nut | machine nut | lock nut | screw nut | hexagonal nut | six-sided nut
"""),
    "bracket": listed("""
L-bracket | corner bracket | support bracket | L-shaped bracket | angle piece | right-angle bracket | L-piece |
elbow bracket | metal bracket | corner piece | angle
"""),
    "bearing": listed("""
roller bearing | ring bearing | bearing ring | rolling bearing | wheel bearing | ball race |
deep groove bearing | needle bearing
"""),
    "shaft": listed("""
drive shaft | pin | round bar | arbor | steel rod | dowel | driveshaft | round rod | metal rod | bar | axis |
transmission shaft | axle rod
"""),
}

COLORS: dict[str, tuple[str, ...]] = {
    "red": listed("""
ruby | cherry-red | bright red | dark red | reddish | vermilion | maroon | ruby red | blood-red | cherry |
carmine | brick-red | fire-engine red | light red | deep red | burgundy | wine-red | tomato-red | fire-red |
rosy red
"""),
    "blue": listed("""
azure | cobalt | sapphire | sky-blue | dark blue | light blue | royal blue | bluish | navy blue | cobalt blue |
ultramarine | deep blue | indigo | cerulean | bright blue | ocean-blue | baby blue | midnight blue |
steel blue | denim-blue
"""),
    "green": listed("""
lime | emerald | olive | mint-green | dark green | light green | jade | greenish | lime-green | emerald green |
grass-green | forest-green | olive-green | bright green | moss-green | neon green | hunter green | apple-green |
pea-green | pine-green
"""),
    "yellow": listed("""
amber | lemon | gold | mustard | bright yellow | yellowish | lemon-yellow | canary-yellow | gold-colored |
sunny yellow | pale yellow | mustard-yellow | light yellow | sunflower yellow | canary | banana-yellow |
straw-colored | ochre | saffron
"""),
    "white": listed("""
ivory | snow-white | off-white | whitish | chalk-white | pearl-white | milky-white | snowy | pure white |
bright white | cream-white | alabaster | bone-white | milk-white | eggshell | pale white
"""),
    "black": listed("""
jet-black | charcoal | ebony | coal-black | pitch-black | blackish | raven-black | onyx | deep black | inky |
jet black | ink-black | obsidian | soot-black | midnight black | carbon-black | sable
"""),
    "gray": listed("grey | silver-gray | ash-gray | greyish"),
}

PART_WORDS = ("bit", "element", "article")

# The heads of a bin's names and what else people call such a box.
BOXES: dict[str, tuple[str, ...]] = {
    "bin": listed("""
bin | box | container | crate | tub | case | basket | bucket | parts bin | storage bin
"""),
    "tray": listed("tray | parts tray | plate | flat tray"),
    "tote": listed("tote | tote box | transport box"),
}

STATIONS: dict[str, tuple[str, ...]] = {
    "dock": listed(
        "dock station | docking bay | loading station | work table | docking point | loading point | loading bay"
    ),
    "assembly": listed("""
assembly area | assembly cell | assembly bay | assembly shop | assembly point | assembly hall |
assembly department | assembly workstation | assembly bench | assembly zone
"""),
    "warehouse": listed("""
storehouse | stores | storage area | stock room | warehouse area | depot | store room | storage room |
storage hall | goods store | warehouse shelves
"""),
    "inspection": listed("""
quality assurance | QA | inspection area | inspection bay | QC station | quality department | inspection point |
quality control station | checking station | inspection cell | QC desk | quality check station | inspectors |
inspection desk
"""),
    "charger": listed("""
charge station | charge point | charging bay | charging spot | battery charger | charging pad | charging area |
charge dock | charging base | power charger
"""),
}

# Names of stations that take no article, and those that are no nouns: only "send it to charge".
BARE = frozenset({"assembly", "inspection", "quality control", "quality assurance", "quality inspection", "storage",
                  "QC", "QA", "stores"})  # fmt: skip
VERBAL = frozenset({"charge", "charging"})

AGV_WORDS = listed("""
robot cart | transport robot | shuttle | transporter | mobile platform | carrier | mobile base | AMR | wagon |
automated guided vehicle | driverless vehicle | robo-cart | robot vehicle
""")

HOLES: dict[str, tuple[str, ...]] = {
    "housing": listed("""
housing bore | bore of the housing | housing's bore | hole in the housing | bearing seat | hole of the housing |
casing | mounting hole | bearing housing's bore | opening of the housing
"""),
}

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
DIGIT_ORDINALS = ("", "1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th")
