"""Identifies the language of a text, and names languages.

The guess goes by script first and by a few everyday words second; a text that shows neither is English.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

_NAMES = """
af afrikaans, ar arabic, az azerbaijani, be belarusian, bg bulgarian, bn bengali, bs bosnian, ca catalan, cs czech,
cy welsh, da danish, de german, el greek, en english, es spanish, et estonian, eu basque, fa persian, fi finnish,
fr french, gl galician, gu gujarati, he hebrew, hi hindi, hr croatian, hu hungarian, hy armenian, id indonesian,
is icelandic, it italian, ja japanese, ka georgian, kk kazakh, km khmer, kn kannada, ko korean, lo lao, lt lithuanian,
lv latvian, mi maori, mk macedonian, ml malayalam, mn mongolian, mr marathi, ms malay, my myanmar, ne nepali,
nl dutch, no norwegian, pa punjabi, pl polish, pt portuguese, ro romanian, ru russian, si sinhala, sk slovak,
sl slovenian, sq albanian, sr serbian, sv swedish, sw swahili, ta tamil, te telugu, th thai, tl tagalog, tr turkish,
uk ukrainian, ur urdu, uz uzbek, vi vietnamese, yi yiddish, yo yoruba, zh chinese
"""

LANGUAGES: Mapping[str, str] = MappingProxyType(dict(re.findall(r"(\w+) (\w+)", _NAMES)))
"""Language code (ISO 639-1) to the name that `verbose_json` uses for it."""

# The first word of a letter's Unicode name to the language that it suggests most.
_SCRIPTS = {
    "ARABIC": "ar",
    "ARMENIAN": "hy",
    "BENGALI": "bn",
    "CJK": "zh",
    "CYRILLIC": "ru",
    "DEVANAGARI": "hi",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "GUJARATI": "gu",
    "HANGUL": "ko",
    "HEBREW": "he",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "KHMER": "km",
    "LAO": "lo",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAI": "th",
}

# Everyday words, none of which is an English word too: an English text must never be taken for anything else.
_EVERYDAY = {
    "de": "der das und ist nicht ein eine ich zu mit auf für guten tag wie geht es ihnen danke bitte schön",
    "es": "el los las y es una que por para con hola está cómo buenos días dónde gracias mundo amigo",
    "fr": "le la les et est une des dans pour que qui je vous bonjour merci où bibliothèque monde ça nous",
    "it": "gli è di che una per con non ciao sono buongiorno grazie dove mondo della",
    "nl": "het een niet ik goedemorgen dank waar wereld hallo dag zijn",
    "pl": "się nie jest dzień dobry dziękuję gdzie cześć świat",
    "pt": "os é uma que não olá está bom obrigado onde mundo você",
    "sv": "och är inte jag hej världen tack var god",
    "tr": "bir ve için merhaba dünya nerede teşekkürler",
}
_USUAL_TEXT = 1000  # characters; the language of longer ones is not remembered
_VOCABULARY = {code: frozenset(words.split()) for code, words in _EVERYDAY.items()}
_ENGLISH = frozenset(
    re.findall(r"\w+", "the and of to in is that it was for with you this are at on be not have a i as by we")
)


def identify(text: str) -> str:
    """Returns the name of the language that `text` seems to be in; "english" when nothing speaks for another."""
    return (_identified_before if len(text) <= _USUAL_TEXT else _identified)(text)


def _identified(text: str) -> str:
    return LANGUAGES[_by_script(text) or _by_words(text)]


_identified_before = lru_cache(maxsize=1024)(_identified)


def language_name(hint: str) -> str:
    """Returns the name for a code or name that a caller gave ("fr", "fr-CA", "French"); an unknown one stays."""
    plain = hint.strip().lower()
    return LANGUAGES.get(re.split(r"[-_]", plain)[0], plain)


def _by_script(text: str) -> str | None:
    """Returns the code for the script of most letters, `None` for the Latin script or no letters."""
    scripts = Counter(unicodedata.name(letter, "?").split()[0] for letter in text if letter.isalpha())
    if not scripts:
        return None
    if 2 * (scripts["HIRAGANA"] + scripts["KATAKANA"] + scripts["CJK"]) > scripts.total():
        return "ja" if scripts["HIRAGANA"] + scripts["KATAKANA"] else "zh"  # Japanese writes with Chinese ones, too
    return _SCRIPTS.get(scripts.most_common(1)[0][0])


def _by_words(text: str) -> str:
    words = set(re.findall(r"\w+", text.lower()))
    known = {code: len(words & vocabulary) for code, vocabulary in _VOCABULARY.items()}
    best = max(known, key=lambda code: known[code])
    return best if known[best] > len(words & _ENGLISH) else "en"
