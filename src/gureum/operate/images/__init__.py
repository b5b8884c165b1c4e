"""Images of a cloud as a person asks for them: from where they come, added, and listed."""
