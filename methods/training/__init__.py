"""Training recipes of the small zoo: banks, and the restorers that are compared on them."""
