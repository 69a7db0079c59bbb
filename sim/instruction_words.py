"""From text to tokens: the words of the catalogue and a small bilingual lexicon of function words.

Longest match wins, in both languages at once, so that "把 AGV 开到 dock" is no special case. What no list knows
becomes an `unknown` token: nothing is dropped silently.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from luban.catalogue import Catalogue, Words


@dataclass(frozen=True)
class Token:
    """kind: a word class of this module; value: what it means; plural: an English plural."""

    kind: str
    value: str = ""
    text: str = ""
    plural: bool = False
    also_verb: str = ""  # "store", "装配": a catalogue word that is a verb elsewhere


# English function words. Verbs are `verb:<meaning>`, sides `side:<meaning>`, counts `count:<n>`.
_EN = {
    "verb:put": (
        "put|puts|putting|place|places|placing|move|moves|moving|transfer|transferring|set|lay|deposit|stick|"
        "stow|store|storing|shift|relocate|tuck|pop|goes|belongs|belong|ends up|end up|drop off|sort|sorting|"
        "position|throw in|gets|wants to be|slip|return|rehome|pack|packing|park it|stash|should go|must go|"
        "has to go|have to go|needs to go|need to go|can go|will go|to go|set down|put down|stack|unload"
    ),
    "verb:drop": "drop|dropping|toss|dump",
    "verb:insert": (
        "insert|inserting|inserts|push|pushing|press|pressing|plug|slot|fit|fitting|slide|sliding|mount|install|"
        "installing|inserted|assemble|feed"
    ),
    "verb:load": "load|loading|loads|loaded|load up",
    "verb:carry": (
        "send|sending|deliver|delivering|bring|bringing|carry|carrying|transport|transporting|haul|ship|convey|"
        "dispatch|ferry|sends|carries|brings"
    ),
    "verb:drive": (
        "drive|driving|drives|go|going|head|travel|navigate|run|roll|park|call|come|moved|get going|go over|"
        "head over|drive over|proceed|summon|goes back|go back|head back|drive back|come back|go to|make its way"
    ),
    "verb:take": (
        "take|taking|takes|pick|picking|pick up|picking up|picks up|grab|grabbing|grasp|get|getting|fetch|lift|"
        "collect|gather|find|hold|grip|pick out|take hold of|locate"
    ),
    "verb:leave": "leave|leaving|keep|keeping|spare|skip|stay|stays|remain|remains|ignore",
    "verb:touch": "touch|touching|disturb",
    "into": (
        "in|into|inside|within|to|onto|on|at|toward|towards|on to|in to|on top of|over to|for|to be in|"
        "all the way to|off to|off at|off in|off into|up to|down to|back to|back in|back into|over into|over in"
    ),
    "from": "from|off|out of|off of",
    "of": "of|out of all|among",
    "beside": "next to|beside|right next to|adjacent to|alongside|by|close to|near|near to",
    "sideof:left": "left of|to the left of|on the left of|on the left side of|left from",
    "sideof:right": "right of|to the right of|on the right of|on the right side of|right from",
    "side:left": (
        "leftmost|left most|far left|left|left hand|left side|furthest left|farthest left|most left|"
        "left hand side|furthest to the left|farthest to the left|extreme left|outer left|very left|"
        "all the way left"
    ),
    "side:right": (
        "rightmost|right most|far right|right|right hand|right side|furthest right|farthest right|most right|"
        "right hand side|furthest to the right|farthest to the right|extreme right|outer right|very right|"
        "all the way right"
    ),
    "side:near": "closest|nearest|nearest one|closest one|least far|most near",
    "side:far": (
        "farthest|furthest|farthest away|furthest away|most distant|remotest|farthest out|furthest out|"
        "farthest back|furthest back"
    ),
    "side:middle": "middle|centre|center|middlemost",
    "ordinal:2": "second|2nd",
    "ordinal:3": "third|3rd",
    "ordinal:4": "fourth|4th",
    "all": "all|every|each|all of|each of|every one of|every single|each and every|all the|every last|any and all",
    "everything": "everything|all of it|anything|every thing|the lot",
    "others": ("other|others|rest|everything else|all else|remaining|remainder|all the rest|anything else|all others"),
    "count:1": "single|1",
    "count:2": "two|both|2|both of|pair of|couple of",
    "count:3": "three|3",
    "count:4": "four|4",
    "count:5": "five|5",
    "count:6": "six|6",
    "any": "any|any one|any one of|some|whichever",
    "one": "one|ones",
    "except": (
        "except|except for|excluding|other than|apart from|aside from|besides|but not|but for|save for|"
        "with the exception of|minus|bar|not counting|all except|barring|and not"
    ),
    "but": "but|instead|rather",
    "pronoun": "it|them|they|those|these|him|that one|this one|these ones|those ones|both of them|all of them",
    "there": "there|in there|in it|into it|onto it|on it|inside it|in that one|the same|the same one|same|in them",
    "robot": "robot|arm|robot arm|you|yourself|base|robot base|manipulator|robots base|your base|your side",
    "then": (
        "then|after that|afterwards|next|finally|lastly|subsequently|and then|after which|following that|later|"
        "secondly|thirdly|once that is done|when that is done|once that's done|when that's done|when done|"
        "once done|when you are done|when you're done|when finished|after this|and after that|once finished|"
        "at last|once you're done|once you are done|as a last step|second step"
    ),
    "first": "first|firstly|first of all|to start|start by|begin by|initially|begin with|start with|to begin with",
    "butfirst": "but first|before that|beforehand|prior to that|but before that|before this|but first of all",
    "before": "before|prior to|ahead of",
    "after": "after|once|as soon as|when|following|only after|only once|having",
    "also": "also|too|as well|likewise|ditto|in addition",
    "respectively": "respectively|in that order",
    "and": "and|plus|as well as|together with|along with|with it",
    "or": "or|nor",
    "by": "with|by means of|using|via|with the help of|let|have|tell|make|ask|use|get the",
    "negation": (
        "don't|dont|do not|not|never|no|doesn't|does not|shouldn't|should not|mustn't|must not|can't|cannot|"
        "won't|without|avoid|refrain|stop|isn't|aren't|nothing|none|neither|no need|didn't|wouldn't|rather not|"
        "cancel|forbidden|wasn't|weren't|instead of|rather than|refuse|forget|unless|hardly|nobody|no one|"
        "prevent|abstain"
    ),
    "unsafe:throw": "throw|throwing|hurl|fling|launch|chuck|toss out|lob|catapult",
    "unsafe:floor": "floor|ground|on the floor|onto the floor|on the ground|out of the window|out the window",
    "unsafe:harm": (
        "hit|smash|crush|break|strike|punch|kick|knock|stab|hurt|injure|kill|run over|crash|ram|collide|attack|"
        "destroy|shatter|damage|slam|squash|squeeze|pinch|bump|shake|trample|poke|bash|wreck|ram into"
    ),
    "unsafe:person": (
        "hand me|give me|bring me|pass me|toss me|hand it|hand him|hand her|person|people|human|humans|operator|"
        "worker|workers|colleague|somebody|someone|my hand|my hands|give it|pass it|me|head of|coworker|visitor|"
        "visitors|his hand|her hand|give|hand over|employee|technician|pedestrian|pedestrians|man|woman|child"
    ),
    "unsafe:limits": (
        "full speed|maximum speed|top speed|max speed|too fast|faster|speed limit|speed limits|over the limit|"
        "guard|guards|safety|emergency stop|e stop|estop|fence|interlock|disable|bypass|override|deactivate|"
        "light curtain|switch off|turn off|unlock|overspeed|speed|limits|limit|protective stop|sensor|sensors|"
        "scanner|lidar|rules|rule|instructions|jailbreak|safeguards|safeguard|maximum force|unlimited"
    ),
    "impossible": (
        "eat|drink|paint|weld|cut|melt|burn|bend|polish|clean|wash|drill|fly|jump|dance|sing|swallow|glue|saw|"
        "solder|grind|heat|cool|freeze|cook|boil|disassemble|dismantle|repair|fix|build|teleport|vanish|explode|"
        "sharpen|lubricate|oil|tighten|unscrew|loosen|stretch|fold|chop|slice|teach|buy|sell|order|sweep|juggle|"
        "balance|coffee|tea|joke|weather|story|poem|music|song|lunch|pizza|email|ceiling|roof|wall|sky|moon|"
        "space|upstairs|outside|river|home|house|street|trash|garbage|fire|oven|water|duplicate|copy|double|"
        "clone|recolor|recolour"
    ),
    "question": (
        "is the|are the|is any|are any|either|nothing but|none but|no parts but|"
        "if|what|where|why|how|who|which one|how many|did|was|were|is there|"
        "are there|have you|has|do you|does"
    ),
    "fill": (
        "the|a|an|please|could|can|would|will|you please|could you|can you|would you|will you|kindly|just|now|"
        "okay|ok|hey|hi|hello|luban|so|well|right away|right now|for me|thanks|thank you|i want|i want you to|"
        "i need|i need you to|i'd like|i would like|i'd like you to|i would like you to|like|want|need|we need|"
        "we need to|let's|let us|should|must|ought to|shall|go ahead|go ahead and|go and|that|which|that is|"
        "that's|which is|that are|which are|is|are|be|being|been|lying|sitting|located|placed|standing|this|"
        "these|those|to|up|it is|it's|your|its|our|my|colored|coloured|color|colour|make sure|make sure that|"
        "ensure|ensure that|see to it that|would it be possible|would it be possible to|"
        "is it possible|is it possible to|tidy up|clean up|clear up|"
        "carefully|gently|slowly|safely|quickly|over|down|back|away|"
        "straight|directly|immediately|asap|as soon as you can|if you can|if you could|if possible|if you please|"
        "if you would|if you don't mind|would you mind|do you mind|be so kind as to|be so kind and|mind|type|"
        "kind|do|does|the job|task|your task|time to|it's time to|there is|there are|also please|we|only|"
        "out of the way|at once|as follows|for now|for today|both the|where it is|where they are|where it lies|"
        "as it is|as they are|in place|alone|untouched|as is|who are|here is the task|robot please|dear robot|"
        "good morning|morning|good afternoon|mate|buddy|friend|all right|alright|yes|sure|have to|has to|"
        "needs to|need to|want to|i want to|i need to|supposed to|in order to|so that|that there|i say|listen|"
        "everyone|quick|real quick|by the way|side|end|position|in total|altogether|inside|completely|fully|"
        "properly|all the way|and so|off you go|way|trip|then please|empty|give me a hand and|give me a hand|"
        "help me|help me to|help|help us|table|bench top|work surface|table top|tabletop|on the table|"
        "on the tabletop|from the table|off the table|on the work surface|from the work surface|lies|sits|"
        "is lying|we have|you see|you can see|that you see|visible|in front of you|currently|away from|"
        "located at|that one's"
    ),
}

# Chinese function words, matched by the longest run of characters.
_ZH = {
    "verb:put": (
        "放|只放|放到|放进|放入|放在|放置|放置到|搁|摆|摆到|摆进|摆放|移|移到|移动|移至|移入|挪|挪到|搬|搬到|"
        "搬进|转移|投|投放|投入|归|归到|归置|收|收进|收到|收纳|存|存放|存入|置|置于|置入|塞|搁到|搁进|转|转到|"
        "转移到|分到|码|弄|弄到|扔进|搁在|收好|归类|拨|归入|拿到|拿进|取到|捡到|夹到|抓到|挪进|挪入|应该在|属于|"
        "丢进去|放放|倒"
    ),
    "verb:drop": "丢|丢到|丢进|丢入|丢在",
    "verb:insert": (
        "插|插入|插进|插到|插在|塞进|压入|压进|压装|压到|装配|安装|推入|推进|穿|穿进|穿入|套进|嵌|嵌入|嵌进|推到|"
        "对准插入|组装"
    ),
    "verb:load": "装|装到|装进|装入|装上|装载|装载到|装车|上车|装在",
    "verb:carry": (
        "送|送到|送去|送往|送至|送进|运|运到|运送|运往|运至|运去|运走|发往|发到|发|带|带到|带去|拉|拉到|拉去|"
        "拖到|配送|搬运|搬运到|运输|运输到|送给|交到|交给|转运|转运到|捎到|输送"
    ),
    "verb:drive": (
        "开|开到|开往|开去|开回|开进|驶|驶向|驶往|行驶|行驶到|前往|走|走到|回|返回|回到|停|停到|停在|跑|跑到|派|"
        "派到|派去|调|调到|调度|到达|去到|移动到|出发|赶到|赶往|停靠|停靠到|驶回|呼叫|叫到|抵达|奔|返"
    ),
    "go": "去|来",
    "verb:take": (
        "拿|拿起|取|取出|抓|抓取|抓起|抓住|夹|夹起|夹取|夹住|捡|捡起|拾|拾取|拾起|挑|挑出|选|选出|找|找到|找出|"
        "拿住|取走|取来|拿走|握住|吸起|提起|举起|拣|拣出|抓来|拿来"
    ),
    "verb:leave": "留|留下|留着|留在|保留|保持|待|留在原地|原地",
    "verb:touch": "动|碰|触碰|触摸|管|要",
    "into": "到|进|入|往|至|在|于|向|朝|进到|进入",
    "in": "里|里面|里边|内|中|上|上面|上边|之中|当中|之内|里头|里去|里面去|上去|上头|其中",
    "from": "从|由",
    "away": "离|距离|距|靠近|最靠近|挨着|靠|最接近|接近|紧挨|紧靠|最靠",
    "beside": "旁边|旁|附近|边上|隔壁|一旁|跟前|身边",
    "side:left": "左边|左侧|左面|左|左手边|左手|左方|靠左|靠左边|靠左侧|左端|左起|左数|偏左",
    "side:right": "右边|右侧|右面|右|右手边|右手|右方|靠右|靠右边|靠右侧|右端|右起|右数|偏右",
    "side:near": "近|近处|近的",
    "side:far": "远|远处|远的",
    "side:middle": "中间|正中|正中间|中央|居中|当中间",
    "most:left": (
        "最左|最左边|最左侧|最左面|最左手边|最靠左|最靠左边|最靠左侧|最左端|最左方|最偏左|左边最边上|靠最左|"
        "靠最左边|左起第一|左数第一|左边第一"
    ),
    "most:right": (
        "最右|最右边|最右侧|最右面|最右手边|最靠右|最靠右边|最靠右侧|最右端|最右方|最偏右|靠最右|靠最右边|"
        "右起第一|右数第一|右边第一"
    ),
    "most:near": "最近|最近处|最靠近机器人|最靠近机械臂|距离最近|离得最近|靠得最近|最靠近你|最靠近您|离机器最近",
    "most:far": "最远|最远处|最远端|离得最远|距离最远",
    "ordinal:2": "第二|第2",
    "ordinal:3": "第三|第3",
    "ordinal:4": "第四|第4",
    "all": (
        "所有|全部|全|都|每|每个|每一个|每一|每只|每颗|每件|全都|统统|通通|一切|凡是|凡|各个|各种|任何|全体|"
        "所有的|统统都|一律|一并|那些|这些|整批|悉数|每根|每块"
    ),
    "others": "其他|其它|其余|剩下|剩余|别的|余下|另外|剩下来|其他的|其余的|剩的|另",
    "any": "任意|随便|任一|随意|任意一个|随便一个|随便哪个|任选|某",
    "except": "除了|除|除去|除开|除掉|排除|不包括|不含|除却|不算",
    "exclude": "除外|不算在内|例外",
    "outside": "以外|之外|外|外的",
    "but": "但|但是|不过|而是|而|改为|可是|可|只是",
    "pronoun": "它|它们|他|她|他们|前者|其",
    "there": "那里|那儿|里边去|同一个|同样|同上|这里|这儿|那边",
    "robot": "机器人|机械臂|机械手|手臂|你|您|底座|机器手|机器",
    "then": (
        "然后|接着|再|之后|以后|随后|最后|后|接下来|完后|而后|紧接着|后来|才|完了|完成后|完之后|完以后|好了|好后|"
        "好之后|好以后|其次|再把|下一步|此后|完|好|第二步|第三步|完毕|完毕后|继而|后再|就"
    ),
    "first": "先|首先|第一步|一开始|优先",
    "butfirst": ("在此之前|在这之前|此前|在那之前|但先|不过先|但要先|不过要先|但是先|但首先|不过首先|但是要先|但请先"),
    "zhbefore": "之前|以前|前",
    "also": "也|还|同样也|一起|一同|一块|一块儿|还有也|也都",
    "respectively": "分别|各自|依次|分别地|依次分别",
    "and": "和|与|跟|以及|、|及|还有|并|并且|同时|连同|加上|同|跟着",
    "or": "或|或者|还是|要么",
    "by": "让|叫|令|使|使用|用|通过|请让|由小车|命令|指挥|安排|喊|通知",
    "ba": "把|将|只把|只将|仅把|给我把|帮我把",
    "negation": (
        "非|不要|别|不用|不|勿|禁止|不许|不准|不能|不可|没|没有|请勿|无需|不必|切勿|莫|不得|不可以|不应该|不该|甭|"
        "避免|停止|取消|不允许|未|防止|无须|不需要|拒绝|严禁|而不是|不是|不想|千万别|千万不要|休|免"
    ),
    "unsafe:throw": "扔|抛|甩|投掷|抛出|扔到|扔在|扔掉|丢掉|摔|掷|扔给|抛给|砸",
    "unsafe:floor": "地上|地面|地板|地下|窗外",
    "unsafe:harm": (
        "打|敲|敲碎|砸碎|撞|撞向|碾|碾压|压碎|踢|伤|破坏|毁|毁掉|捏碎|打人|撞人|弄坏|掰断|折断|打碎|夹碎|压扁|"
        "弄碎|轧|攻击|损坏|杀|戳|捅|拍|冲撞"
    ),
    "unsafe:person": (
        "递|递给|递给我|给我|人|工人|人员|操作员|操作工|行人|同事|师傅手|我手里|手里|手上|我手上|头上|交给我|"
        "拿给|拿给我|送给我|路人|别人|给他|身上|员工|访客|孩子|脸上"
    ),
    "unsafe:limits": (
        "全速|最高速度|最快速度|最大速度|超速|限速|急停|安全|护栏|防护|光幕|围栏|屏蔽|关闭|关掉|解除|绕过|禁用|"
        "速度|拆掉|拆除|传感器|联锁|限位|上限|超过|规则|指令|忽略|雷达|最大力|保护|无视|飞快"
    ),
    "impossible": (
        "吃|喝|喷漆|涂|焊|焊接|切|切开|切断|熔|熔化|融化|烧|弯|折弯|抛光|清洗|洗|擦|钻|钻孔|拆|飞|跳|唱|唱歌|"
        "跳舞|打磨|冲|泡|咖啡|茶|笑话|天气|故事|音乐|饭|外卖|拧紧|拧|修|维修|加热|冷却|变成|染|刷漆|上油|粘|胶|"
        "锯|折|叠|揉|掰|变|天花板|屋顶|楼上|墙上|天上|窗|外面|垃圾桶|垃圾|火|水|复制|月球|打印|生产|制造|煮|炸|"
        "吞|隐形|瞬移|称重|打包|数一数|扫描|组网|买|卖|刷|漆|喷"
    ),
    "question": (
        "如果|要是|假如|万一|吗了|了吗|了没|了没有|是什么|哪里|哪儿|为什么|怎么|多少|几个|哪个|谁|什么|有没有|"
        "是不是|哪些|何时"
    ),
    "fill": (
        "请|麻烦|麻烦你|麻烦您|劳驾|帮我|帮忙|帮|给我把|替我|能不能|可不可以|可以|能|能否|可否|好不好|行不行|"
        "好吗|行吗|可以吗|吗|吧|呢|啊|呀|哦|嗯|喂|你好|您好|谢谢|多谢|谢了|一下|一下子|一趟|了|的话|现在|马上|"
        "立刻|立即|赶紧|快|快点|尽快|小心|轻轻|慢慢|直接|那么|那就|我想|我要|我需要|我希望|希望|需要|想要|要求|"
        "应该|应当|应|该|得|必须|务必|请你|请您|你帮我|您帮我|你去|你来|鲁班|师傅|机器人请|机器人你|请机器人|这|"
        "那|之|地|着|过|去把|来把|起来|过去|过来|进去|进来|出来|下来|下去|回来|回去|走吧|好的|好吧|行|嘛|啦|哈|"
        "颜色|颜色的|这边|靠|位于|摆着|放着|躺着|上的|里的|是|有|一种|类|种|任务|任务是|今天|稍后|顺便|劳烦|烦请|"
        "辛苦|辛苦你|辛苦了|帮个忙|出|等|当|的时候|时候|时|先生|还请|把活干了|统一|全程|单独|随即|顺手|桌上|"
        "桌子上|桌面上|台面上|台上|桌面|台面|桌子|好让|个忙|老|咱|咱们|我们|大家|听好|听着|为|为我|去吧|往里|"
        "往里面|给|就行|就可以|即可|就好|就好了|就行了|如果可以的话|可以的话|方便的话|要不|干脆|一个一个|逐个|"
        "逐一|挨个|也行|目前|眼前|面前|看到|看见|能看到|当前|桌上的|台面上的|桌子上的|桌面上的|要把|要将|想把|"
        "我想把|我要把|需要把|一齐|一次|一块儿都|仔细|稳稳|平稳|正确|准确|准确地|慢慢地|轻轻地|小心地|好好|"
        "上头的|一遍|工作|活|空"
    ),
    "de": "的",
    "one": (
        "那个|这个|那只|这只|那颗|这颗|那根|这根|那件|这件|那块|这块|那枚|这枚|那|一个|一只|一颗|一根|一件|一块|"
        "一枚|那一个|这一个|那一根|那一颗|个|只|颗|根|件|枚|块|粒|条"
    ),
    "plain": "些|那几个|这几个|几个|那几根|那几颗|这几颗",
}
_NUMERALS = {
    "两": 2,
    "二": 2,
    "俩": 2,
    "三": 3,
    "仨": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "2": 2,
    "3": 3,
    "4": 4,
    "5": 5,
    "6": 6,
}
_CLASSIFIERS = "个只颗根件枚块粒条种"
# What a box for parts may be called, by how it is built; the catalogue's own nouns decide which one is meant.
BIN_NOUNS = {
    "bin": (
        "bin",
        "box",
        "container",
        "crate",
        "case",
        "basket",
        "tub",
        "料箱",
        "箱子",
        "箱",
        "盒子",
        "盒",
        "筐",
        "料盒",
        "框",
        "容器",
        "料框",
        "桶",
    ),
    "tray": ("tray", "plate", "托盘", "盘子", "盘", "料盘"),
}
_PLACE_NOUNS = {
    "en": (
        "station",
        "area",
        "shop",
        "line",
        "hall",
        "zone",
        "point",
        "bay",
        "cell",
        "room",
        "department",
        "spot",
        "place",
        "location",
        "dept",
    ),
    "zh": (
        "工位",
        "区",
        "站",
        "区域",
        "位置",
        "处",
        "地方",
        "岗位",
        "那边",
        "车间",
        "房间",
        "线",
        "产线",
        "点",
        "房",
        "室",
    ),
}
_EXTRA_COLORS = {
    "gray": (("gray", "grey"), ("灰色", "灰")),
    "orange": (("orange",), ("橙色", "橘色", "橙")),
    "purple": (("purple",), ("紫色", "紫")),
    "pink": (("pink",), ("粉色", "粉红色")),
    "brown": (("brown",), ("棕色", "褐色")),
    "silver": (("silver",), ("银色",)),
}
# Traditional forms of the characters that this lexicon and the usual catalogue words hold.
_SIMPLE = str.maketrans(
    "紅藍綠黃齒輪絲釘軸體殼裝載運車輛離機遠近邊側個隻顆條塊將請進裡裏與還後們這從給動別無須開關讓帶轉檢質驗倉庫電樁臺盤櫃幫煩勞駕對準餘剩該麼樣顏點擲傷壓斷飛漢頭處間內",
    "红蓝绿黄齿轮丝钉轴体壳装载运车辆离机远近边侧个只颗条块将请进里里与还后们这从给动别无须开关让带转检质验仓库电桩台盘柜帮烦劳驾对准余剩该么样颜点掷伤压断飞汉头处间内",
)
_SCAN = re.compile(r"[a-z0-9][a-z0-9']*|[\u3400-\u9fff、]|[^\s]")
_ENDS = set(".;!?。；！？\n")
_COMMAS = set(",:，：")
_IGNORED = set("\"'“”‘’「」()（）[]《》<>*_`…—–-~·")


def has_chinese(text: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" for char in text)


def tokens(text: str, catalogue: Catalogue) -> list[Token]:
    """Return the tokens of a text, fillers removed, in order; text that no word list knows is kind `unknown`."""
    lexicon, longest = _lexicon(_Key(catalogue))
    normal = unicodedata.normalize("NFKC", text).lower().translate(_SIMPLE).replace("’", "'")
    normal = re.sub(r"(?<=[a-z0-9])[-_/](?=[a-z])", " ", normal)
    pieces = _SCAN.findall(normal)
    found = [token for token in _matched(pieces, lexicon, longest) if token.kind != "fill"]
    following = [*(token.kind for token in found[1:]), "end"][: len(found)]
    # "给我放…" is said for emphasis; "…给我" asks for the part itself
    return [
        token
        for token, kind in zip(found, following, strict=True)
        if token.text != "给我" or kind not in ("verb", "ba")
    ]


def _matched(pieces: list[str], lexicon: Mapping[tuple[str, ...], Token], longest: int) -> Iterator[Token]:
    at = 0
    while at < len(pieces):
        for length in range(min(longest, len(pieces) - at), 0, -1):
            token = lexicon.get(tuple(pieces[at : at + length]))
            if token:
                yield token
                at += length
                break
        else:
            yield from _unmatched(pieces[at], lexicon)
            at += 1


def _unmatched(piece: str, lexicon: Mapping[tuple[str, ...], Token]) -> Iterator[Token]:
    if piece in _ENDS:
        yield Token("stop", text=piece)
    elif piece in _COMMAS:
        yield Token("comma", text=piece)
    elif piece.endswith(("'s", "s'")) and (piece[:-2],) in lexicon:  # "the AGV's tote"
        yield lexicon[(piece[:-2],)]
    elif piece.endswith(("'ve", "'ll", "'re")) and (piece[:-3],) in lexicon:
        yield from (token for token in [lexicon[(piece[:-3],)]] if token.kind != "fill")
    elif piece not in _IGNORED:
        yield Token("unknown", piece, piece)


class _Key:
    """A catalogue as a cache key: by identity, since it holds mappings."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def __hash__(self) -> int:
        return id(self.catalogue)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.catalogue is self.catalogue


@lru_cache(maxsize=8)
def _lexicon(key: _Key) -> tuple[dict[tuple[str, ...], Token], int]:
    """Function words first, then the catalogue, so that a plant's own names win; a clash remembers the verb."""
    lexicon: dict[tuple[str, ...], Token] = {}
    for table in (_EN, _ZH):
        for kind, words in table.items():
            name, _, value = kind.partition(":")
            for word in filter(None, words.split("|")):
                lexicon.setdefault(_pieces(word), Token(name, value, word))
    for numeral, number in _NUMERALS.items():
        for classifier in _CLASSIFIERS:
            lexicon[(numeral, classifier)] = Token("count", str(number), numeral + classifier)
    lexicon[("俩",)] = Token("count", "2", "俩")
    for token in _catalogue_words(key.catalogue):
        pieces = _pieces(token.text)
        clash = lexicon.get(pieces)
        verb = clash.value if clash and clash.kind == "verb" else ""
        lexicon[pieces] = Token(token.kind, token.value, token.text, token.plural, verb)
    return lexicon, max(map(len, lexicon))


def _pieces(word: str) -> tuple[str, ...]:
    return tuple(_SCAN.findall(word.lower().replace("-", " ")))


def _catalogue_words(catalogue: Catalogue) -> Iterator[Token]:
    for kind, nouns in BIN_NOUNS.items():
        for noun in nouns:
            yield from _forms("bin", kind, noun)
    for nouns in _PLACE_NOUNS.values():
        for noun in nouns:
            yield from _forms("spot", "", noun)
    for color, (english, chinese) in _EXTRA_COLORS.items():
        yield from _named("color", color, Words(english, chinese), plural=False)
    for kind, things in (("color", catalogue.colors), ("shape", catalogue.shapes)):
        for name, words in things.items():
            yield from _named(kind, name, words, plural=kind == "shape")
    yield from _named("part", "", catalogue.part_words)
    yield from _named("agv", "agv", catalogue.agv_words)
    for kind, places in (
        ("container", catalogue.containers),
        ("fixture", catalogue.fixtures),
        ("station", catalogue.stations),
    ):
        for name, place in places.items():
            yield from _named(kind, name, place.words, plural=False)


def _named(kind: str, name: str, words: Words, plural: bool = True) -> Iterator[Token]:
    for word in words.en + words.zh:
        yield from _forms(kind, name, word, plural)


def _forms(kind: str, value: str, word: str, plural: bool = True) -> Iterator[Token]:
    yield Token(kind, value, word)
    if plural and word.isascii() and word.strip():
        ending = "es" if word.endswith(("s", "x", "ch", "sh")) else "s"
        yield Token(kind, value, word + ending, plural=True)
