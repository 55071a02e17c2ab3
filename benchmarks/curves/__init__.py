"""How cost grows with size: a module for each kind of size, what they are made of, and how they are drawn."""
