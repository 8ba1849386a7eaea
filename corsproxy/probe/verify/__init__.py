"""verify: a deployed server asked for all that a policy says, and compared with it."""
