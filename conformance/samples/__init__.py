"""What checks send, as data: texts, uploads of odd names and sizes, malformed bodies, provider faults."""
