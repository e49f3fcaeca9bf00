"""To and from the formats of others: HAR, Kazoo's debug documents, JUnit XML. Nothing here opens a connection."""
