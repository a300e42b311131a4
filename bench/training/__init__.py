"""Training recipes of the small zoo: banks, and the restorers that are compared on them.

`recipes.make_recipe` builds one, `loop.train` runs it; everything a recipe needs beyond its
paper's training section (resuming, progress, the best checkpoint, cards) is in the loop.
"""
