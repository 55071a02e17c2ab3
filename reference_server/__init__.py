"""A gateway that honours the audio contract, for client developers to run locally."""
