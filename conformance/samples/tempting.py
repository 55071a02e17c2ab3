"""Texts that tempt a gateway to improve them: to mask, escape, decode, tidy or normalise what it should carry unchanged.

Nothing here is anybody's: names, numbers and keys are those that are reserved for examples.
"""

# ruff: noqa: RUF001 - the look-alikes of other scripts are the point here

from __future__ import annotations

from collections.abc import Mapping

TEMPTING: Mapping[str, str] = {
    "html": 'Press <b>Save</b><br/> then &amp; &lt;go&gt; &#39;on&#39;&nbsp;<a href="#">x</a>.',
    "ssml": '<speak version="1.0"><break time="500ms"/>Hi <say-as interpret-as="digits">12</say-as></speak>',
    "markdown": "# Title\n\n- **bold**, _thin_, `code`, ~~gone~~ [link](https://example.test/a_b)\n> quoted\n***",
    "model tags": "<|endoftext|> [INST] no [/INST] <|startoftranscript|><|en|> <<SYS>> </s> [BLANK_AUDIO] (music)",
    "e-mail": "Write to jane.doe+audio@example.com or ops@sub.example.org.",
    "phone": "Call +1 (555) 010-9999, 555-0100 or 020 7946 0958.",
    "card": "Card 4111 1111 1111 1111, CVC 123, or 5500-0000-0000-0004.",
    "bank account": "IBAN GB82 WEST 1234 5698 7654 32 or DE89370400440532013000.",
    "person": "SSN 078-05-1120, born 01/02/1984, 12 High Street, NW1 6XE.",
    "keys": "Key sk-test-0123456789abcdef0123456789abcdef, AKIAIOSFODNN7EXAMPLE, password=hunter2.",
    "network": "See http://user:pw@192.0.2.1:8080/a?b=c&d=e#f, 2001:db8::1, C:\\dir\\new, /etc/hosts.",
    "percents": "a+b%20c%2Fd&amp=1;=?#%zz 100%25",
    "backslashes": 'back\\slash, \\n no line, \\t no tab, \\u0041 no A, \\"quoted\\" %s {0} ${HOME} {{x}} $(id)',
    "quotes": "\"straight\" 'single' “curly” ‘curled’ `tick` «angle» – — -- ... … (c) 1/2",
    "numbers": "1,234.50 1.234,50 007 1e3 3,14 12:05 50% $9.99 #1 2nd IV",
    "words": "Damn, what the hell, gonna, ain't; uh, um, er, no no no no, ha ha ha.",
    "characters": "e\u0301 \u00e9 \ufb01 \u2460 \uff12 \u212b a\u0323\u0307 \u01c6 straße İstanbul",
    "emoji": "👩\u200d👩\u200d👧\u200d👦 🏳️\u200d🌈 👋🏽 1️⃣ ❤️ ❤ :) <3",
    "directions": "\u200fשלום\u200e \u2067مرحبا\u2069 \u202aa\u202c soft\u00adhyphen zero\u200bwidth no\u00a0break",
    "spaces": "two  blanks,   three , before .  After",
}
LANGUAGE_TAGS = ("en", "en-US", "zh-Hant-TW", "EN", "pt-br", "yue", "x-private")
# Well formed, but names no language that a provider could know: a gateway may leave it out.
NAMELESS_TAGS = ("x-private",)


def tempting_text(marker: str) -> str:
    """All of them in one text, a line or more for each, with blanks at both ends."""
    return "  " + "\n".join([f"{marker}.", *TEMPTING.values()]) + "   "
