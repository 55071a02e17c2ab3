"""Base64 in every honest spelling, and nothing else."""

import base64
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.decoding import base64_audio


def _decoded(text: str | bytes) -> bytes:
    file = io.BytesIO()
    size = base64_audio.decode_into(memoryview(text if isinstance(text, bytes) else text.encode()), file)
    assert size == len(file.getvalue())
    return file.getvalue()


@given(data=st.binary(max_size=200), repeat=st.sampled_from([1, 1000]))
def test_every_variant_gives_the_same_bytes(data: bytes, repeat: int) -> None:
    """Padded, unpadded, URL-safe, wrapped; short and longer than one piece."""
    data *= repeat
    text = base64.b64encode(data).decode()
    assert _decoded(text) == data
    assert _decoded(text.rstrip("=")) == data
    assert _decoded(base64.urlsafe_b64encode(data)) == data
    assert _decoded("\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))) == data


BAD = ["!!!", "Q", "QQQ=Q", "QQ=", "QQ===", "=", "====", "QUJD=", "QQ==QUJD", "QUJDé", "QUJD\x00", "Q" * 98305, "QQ=Q"]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_base64_is_refused(text: str) -> None:
    """Letters outside the alphabet, padding in the wrong place or number, a quantum of one letter."""
    with pytest.raises(ValueError, match=r".+"):
        _decoded(text)
