"""The Audio API, whose `openapi.yaml` stands at the top of the checkout."""
