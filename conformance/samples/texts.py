"""Texts that a provider may transcribe and that a careless hand would change on their way to the client."""

# ruff: noqa: RUF001 - the look-alikes of other scripts are the point here

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, str] = {
    "plain": "The quick brown fox jumped over the lazy dog.",
    "latin": "Ça va? Où est l’œuvre – naïve, größer… «señor» costs 5 €.",
    "right-to-left": "\u200fمرحبا بالعالم\u200e, then \u2067שלום\u2069, then English.",
    "east-asian": "敏捷的棕色狐狸。いろはにほへと。다람쥐 헌 쳇바퀴에.",
    "indic": "नमस्ते दुनिया, வணக்கம், ক্ষ",
    "emoji": "Family 👩‍👩‍👧‍👦, flag 🏳️‍🌈, wave 👋🏽, key 1️⃣, heart ❤️ and ❤.",
    "astral": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐍈 𠜎 \U0010fffd",
    # Equal after normalisation, not before: whoever normalises changes one of each pair.
    "composed-and-not": "e\u0301 \u00e9, A\u030a \u00c5 \u212b, \ufb01 fi, \u1100\u1161 \uac00, a\u0323\u0307 a\u0307\u0323",
    "spaces": "  two before, \u00a0no-break, \u2003em, \u200bzero width, \ufeffmark, three after   ",
    # The flag is made of tags, which nobody sees.
    "invisible": "\ufeffmark first, \u202abidi\u202c, \U0001f3f4\U000e0067\U000e0062\U000e0073\U000e007f, soft\u00adhyphen",
    "lines": "\n\tfirst\nsecond\r\nthird\rfourth\n\n",
    "separators": "line \u2028 paragraph \u2029 next \u0085 vertical \u000b form \u000c end",
    "controls": "bell \u0007 escape \u001b[31m unit \u001f delete \u007f start \u0001",
    "quotes": "She said \"it's\" \\ \\n \\u0041 / 'fine' `so`",
    "markup": "<b>bold</b> &amp; &lt; </script><!-- {{ 7*7 }} ${HOME} %s %20 + {0}",
    "looks-like-json": '{"text": "inner", "request_id": "req_inner"}',
    "looks-like-nothing": "null",
    "looks-like-number": "0042.50",
    "looks-like-error": '{"error": {"message": "no"}}',
    "mistaken-encoding": "Ã© is not é, â‚¬ is not €, \ufffd is itself.",
    "empty": "",
    "blank": " \n ",
}

SCRIPTS: Mapping[str, str] = {
    "latin": "Ça va? Où est l’œuvre – naïve, größer, señor…",
    "cyrillic": "Быстрая лисица, ёжик и щука.",
    "greek": "Ξεσκεπάζω τὴν ψυχοφθόρα βδελυγμία.",
    "arabic": "مرحبا بالعالم، كيف الحال؟",
    "hebrew": "שלום עולם, מה נשמע?",
    "devanagari": "नमस्ते दुनिया, आप कैसे हैं?",
    "thai": "สวัสดีชาวโลก",
    "chinese": "敏捷的棕色狐狸跳过了懒狗。",
    "japanese": "いろはにほへと、ちりぬるを。",
    "korean": "다람쥐 헌 쳇바퀴에 타고파.",
    "astral": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 and 𐍈 and 🜁",
    "emoji": "Family 👩‍👩‍👧‍👦, flag 🏳️‍🌈, wave 👋🏽.",
    "combining": "e\u0301 is not \u00e9, a\u0323\u0307 is not a\u0307\u0323.",
    "quotes": 'She said "it\'s" \\ \'fine\' </speak> &amp; {"input": 1} %s ${HOME}',
    "lines": "One line.\r\nAnother.\n\n\tA third.",
}

INSTRUCTIONS = ("Speak calmly.", "Sprich ruhig – «so», bitte.")

# Prompts and values of a form that every provider takes.
PROMPTS: Mapping[str, str] = {
    "words": "The fox is called Reynard.",
    "empty": "",
    "unicode": "Ein Füchslein – «Ренар», 狐 🦊.",
}

# Line ends, indents, a blank end: a document that somebody tidied shows it.
DOCUMENTS: Mapping[str, str] = {
    "text": " Füchse \n\n und Hasen 🦊\n",
    "srt": (
        '1\r\n00:00:00,000 --> 00:00:01,500\r\n- Füchse?\r\n- "Ja" 🦊\r\n\r\n'
        "2\r\n00:00:01,500 --> 00:00:02,000\r\nÄh\r\n\r\n"
    ),
    "vtt": "WEBVTT\n\nNOTE  ok\n\n00:00.000 --> 00:01.500 align:start\n<v Rosa>Füchse & Hasen 🦊\n\n",
}

_LONG_LINE = "Forty-two käfer 甲虫 🪲 crawled on. "
LONG_TEXT = _LONG_LINE * 4000
_CUES = [(f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}", f"{n}: {_LONG_LINE * 2}\n") for n in range(2000)]
# Of hours, and sound to whoever reads them as what they are.
LONG_DOCUMENTS: Mapping[str, str] = {
    "text": DOCUMENTS["text"] + LONG_TEXT,
    "srt": "\n".join(f"{n}\n{at},000 --> {at},900\n{text}" for n, (at, text) in enumerate(_CUES, 1)),
    "vtt": "WEBVTT\n\n" + "\n".join(f"{at}.000 --> {at}.900\n{text}" for at, text in _CUES),
}
