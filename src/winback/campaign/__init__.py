"""What the offers changed: facts only.

``measuring`` puts a measurement together, ``reading`` has the two files it starts from,
``outcomes`` what the orders say, ``estimates`` the comparisons, ``programme`` the hold-out of a
whole year.
"""
