"""OpenAI's audio dialect as it was in November 2026: the contract of most gateways and servers that call themselves compatible."""
