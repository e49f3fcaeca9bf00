"""What Kazoo does with a call: the pure core. No I/O, no clock, no randomness."""
