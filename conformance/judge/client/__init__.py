"""What the client got: pure judges of responses."""
