"""OpenAI's audio dialect as it was in November 2026, which most compatible gateways and servers speak."""
