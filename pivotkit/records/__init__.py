"""What happened, as frozen values with a JSON round trip. Standard library only."""
