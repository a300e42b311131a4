"""Rendered splits: path-traced pictures of which every factor is known.

Photographs cannot ship with the project; these can, and they bring what no photographic test set
has: exact knowledge of what is in the picture. Mitsuba 3 (`pip install 'sr-prior-bench[render]'`)
is needed to make pictures, not to use them; torch is needed for neither.

    factors -> scene -> picture

A category (`category.py`) draws factors and turns them into a `Scene`; shapes are signed distances
(`distance.py`) made into meshes (`surface.py`), or Mitsuba's own. z is up, the viewer looks along
+y, and colours are sRGB in [0, 1] wherever a scene names one.
"""
