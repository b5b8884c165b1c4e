"""Policy: what a rule says, whom it lets do what, and what an operator may write in its place."""
