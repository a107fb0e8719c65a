"""Bodies with known truth, straps that speak the real bytes, and the air between them and the program."""
