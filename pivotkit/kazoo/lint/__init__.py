"""Finding mistakes in an answer before a caller does: a callflow, a TwiML document, or what ``curl -i`` printed.

Everything is read and run by the core itself, under each profile: nothing here knows a rule of its own.
"""
