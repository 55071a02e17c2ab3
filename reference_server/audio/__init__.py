"""What the gateway itself knows of audio: the formats' names, media types and signatures, and how long a recording is."""
