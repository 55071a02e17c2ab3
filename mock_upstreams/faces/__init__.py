"""The faces, a provider's dialect each: how OpenAI and Azure OpenAI are addressed, authenticate and refuse."""

from mock_upstreams.faces.azure import AZURE
from mock_upstreams.faces.face import Face, Policy
from mock_upstreams.faces.openai import OPENAI

__all__ = ["AZURE", "FACES", "OPENAI", "Face", "Policy"]

FACES: tuple[Face, ...] = (OPENAI, AZURE)
