"""Words of Chinese and Latin text, without a dictionary.

Han text becomes its characters and its pairs of neighbours: any substring is found, new names and terms need
no dictionary, and the web process loads none (jieba: 0.6 s and 40 MB). docs/decisions/0005 has the figures.
"""

from __future__ import annotations

import re
from functools import lru_cache

from yanta.kernel.base.texts import clean_text

_RUNS = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
# Characters that a surname is read otherwise than elsewhere.
_SURNAMES = {
    "单": "shan", "仇": "qiu", "解": "xie", "曾": "zeng", "查": "zha", "区": "ou", "朴": "piao", "盖": "ge", "任": "ren",
    "华": "hua", "乐": "yue", "尹": "yin", "宁": "ning", "翟": "zhai", "员": "yun", "种": "chong", "繁": "po", "召": "shao",
}  # fmt: skip
LONGEST_NAME = 4


def is_han(text: str) -> bool:
    return bool(_HAN.search(text))


def runs_of(text: str) -> list[str]:
    """Stretches of Han characters, words and numbers, in lower case."""
    return _RUNS.findall(clean_text(text).lower())


def tokens_of(text: str) -> set[str]:
    """Everything a text is found by."""
    found: set[str] = set()
    for run in runs_of(text):
        if is_han(run):
            found.update(run)
            found.update(run[n : n + 2] for n in range(len(run) - 1))
        else:
            found.add(run[:60])
    return found


def query_of(text: str) -> str:
    """The same cut as a tsquery: all must be there, a Latin word or number may be the beginning of one."""
    parts: list[str] = []
    for run in runs_of(text):
        if not is_han(run):
            parts.append(f"'{run[:60]}':*")
        elif len(run) == 1:
            parts.append(f"'{run}'")
        else:
            parts.extend(f"'{run[n : n + 2]}'" for n in range(len(run) - 1))
    return " & ".join(dict.fromkeys(parts))


def sound_of(text: str) -> tuple[str, str]:
    """Pinyin without tones, and its initials: 张小明 gives `zhangxiaoming` and `zxm`."""
    runs = runs_of(text)
    syllables: list[str] = []
    for run in runs:
        read = _read_of(run) if is_han(run) else (run,)
        if len(runs) == 1 and len(run) <= LONGEST_NAME and run[0] in _SURNAMES:
            read = (_SURNAMES[run[0]], *read[1:])
        syllables.extend(read)
    return "".join(syllables), "".join(syllable[0] for syllable in syllables)


@lru_cache(maxsize=20_000)
def _read_of(run: str) -> tuple[str, ...]:
    """The syllables of Han characters; a name comes again with its account, its post, each of its matters."""
    # Its tables cost 0.1 s, which a process that never indexes need not pay.
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(run))
