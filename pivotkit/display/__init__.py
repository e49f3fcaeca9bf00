"""Calls and runs for people: text for terminals (`text`, `run_text`), HTML for notebooks (`html`)."""
