"""The page a person reads, and the figures and pictures it is made of."""
