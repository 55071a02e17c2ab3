"""Translates to English: by a small phrase book, and by stand-in words where it has no entry.

A mock cannot translate. What a test needs is a text that is English, always the same for the same source, and never
the source itself, so that a translation and a transcription cannot be mistaken for each other.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import replace

from mock_upstreams.recognition.utterances import Recognition

_PHRASE_BOOK = """
bonjour = hello | bonjour le monde = hello world | bonjour tout le monde = hello everyone | merci = thank you
merci beaucoup = thank you very much | au revoir = goodbye | comment allez vous = how are you
je voudrais lire un livre = I would like to read a book | où est la bibliothèque = where is the library
guten morgen = good morning | guten tag = good day | hallo welt = hello world | danke = thank you
auf wiedersehen = goodbye | wie geht es ihnen = how are you | wo ist die bibliothek = where is the library
hola = hello | hola mundo = hello world | buenos días = good morning | gracias = thank you | adiós = goodbye
dónde está la biblioteca = where is the library | cómo estás = how are you
ciao = hello | ciao mondo = hello world | buongiorno = good morning | grazie = thank you | arrivederci = goodbye
olá = hello | olá mundo = hello world | bom dia = good morning | obrigado = thank you
hallo wereld = hello world | goedemorgen = good morning | dzień dobry = good morning | hej världen = hello world
привет = hello | привет мир = hello world | доброе утро = good morning | спасибо = thank you | как дела = how are you
こんにちは = hello | こんにちは世界 = hello world | おはようございます = good morning | ありがとう = thank you
你好 = hello | 你好世界 = hello world | 早上好 = good morning | 谢谢 = thank you | 안녕하세요 = hello
مرحبا = hello | مرحبا بالعالم = hello world | שלום = hello | שלום עולם = hello world | नमस्ते = hello
καλημέρα = good morning | merhaba dünya = hello world | สวัสดี = hello
"""
_PHRASES = {
    source.strip(): target.strip()
    for source, target in (entry.split("=") for entry in re.split(r"[|\n]", _PHRASE_BOOK) if entry.strip())
}

_STAND_INS = (  # noqa: SIM905 - a list of so many strings would fill a page
    "apple autumn baker basket bridge butter candle carpet castle cellar cherry circle copper corner cotton dinner"
    " engine feather finger forest garden ginger hammer harbour island jacket kettle ladder lantern letter market"
    " meadow mirror morning mountain needle number orchard paper pepper picture pillow pocket ribbon river saddle"
    " school shadow silver spider spring station summer table thunder timber tower valley velvet window winter"
).split()

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]{1,2}|[^\W\d_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")

# Full-width marks carry their space within them.
_WIDE = {"、": ", ", "。": ". ", "\uff01": "! ", "\uff0c": ", ", "\uff1a": ": ", "\uff1b": "; ", "\uff1f": "? "}
_PUNCTUATION = str.maketrans(_WIDE | {"\uff08": "(", "\uff09": ")", "¿": "", "¡": "", "،": ",", "؟": "?"})


def in_english(recognition: Recognition, language: str) -> Recognition:
    """Returns a recognition in `language` (a name) with every utterance in English; English stays as it is."""
    if language == "english":
        return recognition
    translated = (replace(utterance, text=english(utterance.text)) for utterance in recognition.utterances)
    return replace(recognition, utterances=tuple(translated))


def english(text: str) -> str:
    """Returns an English rendering of a text in another language: same spaces, numbers and punctuation around it."""
    words = " ".join(re.findall(r"\w+", text)).lower()
    core = text.strip()
    if words not in _PHRASES or not core:
        return _capitalised(_plain_marks(_TOKEN.sub(_stand_in, text)))
    punctuation = _plain_marks(core[len(_without_end(core)) :])
    before, after = text.split(core, 1)
    return before + _capitalised(_PHRASES[words]) + punctuation + after


def _without_end(text: str) -> str:
    """Returns a text without the punctuation at its end. A loop: a regular expression would be quadratic."""
    end = len(text)
    while end and not (text[end - 1].isalnum() or text[end - 1] == "_"):
        end -= 1
    return text[:end]


def _stand_in(match: re.Match[str]) -> str:
    word = match.group()
    chosen = _STAND_INS[zlib.crc32(word.lower().encode()) % len(_STAND_INS)]
    follows_at_once = match.end() < len(match.string) and match.string[match.end()].isalpha()
    return chosen + " " if follows_at_once else chosen


def _plain_marks(text: str) -> str:
    plain = text.translate(_PUNCTUATION)
    return plain.rstrip(" ") if plain.endswith(" ") and not text.endswith(" ") else plain


def _capitalised(text: str) -> str:
    first = re.search(r"[a-z]", text)
    return text if first is None else text[: first.start()] + first.group().upper() + text[first.end() :]
