"""The audio endpoints of the providers: request fields in, unscripted responses out."""
