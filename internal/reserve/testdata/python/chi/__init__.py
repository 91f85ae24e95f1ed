"""Stands in for python-chi. What Blazar would be asked for is noted in asked.

The signatures are those of https://github.com/ChameleonCloud/python-chi 1.1, of
chi/context.py (commit 005ecef), chi/server.py (0006c9d) and the chi/lease.py after them.
In 1.2.10, add_flavor_reservation takes the name of a flavor, too.
"""

asked = []
