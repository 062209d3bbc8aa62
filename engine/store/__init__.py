"""MongoDB, the truth: the embedded server, the client, one repository per collection."""
