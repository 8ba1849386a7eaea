"""How each setting is read: one file for each family of kinds."""
