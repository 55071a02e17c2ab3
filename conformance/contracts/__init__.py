"""The contracts that a gateway can be judged by: what each demands, as data, and the values that checks ask."""
