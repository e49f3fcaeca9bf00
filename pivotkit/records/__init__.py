"""What happened (`http`, `trace`), as frozen values with a JSON round trip. Standard library only.

What a call asks of the world while it lasts (`effects`) are named tuples without one.
"""
