"""A run: what is planned, in which order it goes, how it is carried out and replayed."""
