"""Which codes stand for a picture in WeChat's texts, and what do they say about the mood?

WeChat sends its own emoticons as `[微笑]`, `[Smile]` or, from older clients, `/::)`. Here each one
means a short word for understanding, or nothing where it is mere decoration.
"""

from __future__ import annotations

import re
from typing import Final

_MEANINGS: Final = {
    "开心": "愉快 呲牙 憨笑 笑脸 破涕为笑 嘿哈 耶 庆祝 哇 可爱 Joyful Grin Laugh Happy Lol Hey Yeah! Party Wow",
    "喜欢": "色 亲亲 爱心 嘴唇 爱你 爱情 飞吻 献吻 拥抱 玫瑰 Drool Kiss Heart Lips InLove Hug Rose",
    "很好": "强 鼓掌 胜利 酷 666 给力 ThumbsUp Clap Peace CoolGuy",
    "好的": "OK 好的 嗯 Okay",
    "谢谢": "抱拳 合十 Salute Worship",
    "再见": "再见 Wave Bye",
    "生气": "发怒 咒骂 抓狂 鄙视 白眼 翻白眼 菜刀 怄火 敲打 炸弹 刀 拳头 左哼哼 右哼哼 "
    "Angry Scold Scream Pooh-pooh Slight Boring Cleaver Hammer Bomb Fist Aaagh!",
    "难过": "流泪 大哭 难过 快哭了 委屈 心碎 可怜 失望 叹气 苦涩 裂开 凋谢 "
    "Cry Sob Frown TearingUp Shrunken BrokenHeart Whimper Sigh Hurt Broken Wilt LetDown",
    "不满意": "弱 差劲 撇嘴 衰 吐 便便 打脸 ThumbsDown Pinky Grimace Toasted Puke Poop MyBad",
    "无语": "尴尬 流汗 冷汗 擦汗 汗 捂脸 无语 囧 皱眉 Awkward Sweat Speechless Facepalm Blush",
    "惊讶": "惊讶 惊恐 恐惧 吓 天啊 Surprise Panic Wrath OMG Terror",
    "疑问": "疑问 Shocked",
    "不": "NO Nuh-uh",
    "": "微笑 发呆 得意 害羞 闭嘴 睡 调皮 傲慢 饥饿 困 悠闲 奋斗 嘘 晕 折磨 疯了 骷髅 抠鼻 糗大了 坏笑 哈欠 阴险 "
    "偷笑 西瓜 啤酒 篮球 乒乓 咖啡 饭 猪头 示爱 蛋糕 闪电 足球 瓢虫 月亮 太阳 礼物 握手 勾引 跳跳 发抖 转圈 磕头 "
    "回头 跳绳 投降 激动 乱舞 左太极 右太极 奸笑 机智 吃瓜 加油 加油加油 Emm 社会社会 旺柴 让我看看 生病 脸红 红包 "
    "發 福 烟花 爆竹 Smile Scowl Shy Silent Sleep Tongue Smug Hungry Drowsy Determined Commando Shhh Dizzy Skull "
    "NosePick Shame Trick Yawn Sly Chuckle Watermelon Beer Coffee Pig Cake Lightning Moon Sun Gift Shake Beckon "
    "RockOn Doge Smirk Smart Respect Packet Blessing Fireworks Firecracker",
}

# The codes of older clients, by the name of their picture.
_OLD_CODES: Final = """
/::) 微笑|/::~ 撇嘴|/::B 色|/::| 发呆|/:8-) 得意|/::< 流泪|/::$ 害羞|/::X 闭嘴|/::Z 睡|/::'( 大哭|/::-| 尴尬
/::@ 发怒|/::P 调皮|/::D 呲牙|/::O 惊讶|/::( 难过|/::+ 酷|/:--b 冷汗|/::Q 抓狂|/::T 吐|/:,@P 偷笑|/:,@-D 愉快
/::d 白眼|/:,@o 傲慢|/::g 饥饿|/:|-) 困|/::! 惊恐|/::L 流汗|/::> 憨笑|/::,@ 悠闲|/:,@f 奋斗|/::-S 咒骂|/:? 疑问
/:,@x 嘘|/:,@@ 晕|/::8 疯了|/:,@! 衰|/:!!! 骷髅|/:xx 敲打|/:bye 再见|/:wipe 擦汗|/:dig 抠鼻|/:handclap 鼓掌
/:&-( 糗大了|/:B-) 坏笑|/:<@ 左哼哼|/:@> 右哼哼|/::-O 哈欠|/:>-| 鄙视|/:P-( 委屈|/::'| 快哭了|/:X-) 阴险|/::* 亲亲
/:@x 吓|/:8* 可怜|/:pd 菜刀|/:<W> 西瓜|/:beer 啤酒|/:basketb 篮球|/:oo 乒乓|/:coffee 咖啡|/:eat 饭|/:pig 猪头
/:rose 玫瑰|/:fade 凋谢|/:showlove 嘴唇|/:heart 爱心|/:break 心碎|/:cake 蛋糕|/:li 闪电|/:bome 炸弹|/:kn 刀
/:footb 足球|/:ladybug 瓢虫|/:shit 便便|/:moon 月亮|/:sun 太阳|/:gift 礼物|/:hug 拥抱|/:strong 强|/:weak 弱
/:share 握手|/:v 胜利|/:@) 抱拳|/:jj 勾引|/:@@ 拳头|/:bad 差劲|/:lvu 爱你|/:no NO|/:ok OK|/:love 爱情|/:<L> 飞吻
/:jump 跳跳|/:shake 发抖|/:<O> 怄火|/:circle 转圈|/:kotow 磕头|/:turn 回头|/:skip 跳绳|/:oY 投降|/:#-0 激动
/:hiphot 乱舞|/:kiss 献吻|/:<& 左太极|/:&> 右太极
"""


def _meanings() -> dict[str, str]:
    by_name = {name: meaning for meaning, names in _MEANINGS.items() for name in names.split()}
    old = (entry.split(" ") for line in _OLD_CODES.split("\n") if line for entry in _entries(line))
    return {f"[{name}]": meaning for name, meaning in by_name.items()} | {code: by_name[name] for code, name in old}


def _entries(line: str) -> list[str]:
    # "|" separates entries only before the next "/:", for it is part of some codes.
    return re.split(r"\|(?=/:)", line)


MEANINGS: Final = _meanings()
KNOWN_CODE: Final = re.compile("|".join(re.escape(code) for code in sorted(MEANINGS, key=len, reverse=True)))
OLD_CODE: Final = re.compile(
    "|".join(re.escape(code) for code in sorted(MEANINGS, key=len, reverse=True) if code.startswith("/"))
)
