"""The mock provider as the suite knows it: its control API, the calls it recorded, and one module that starts it."""
