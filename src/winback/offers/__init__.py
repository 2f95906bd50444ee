"""Which offer, if any, each customer is worth, and who is held out as control.

One module a question: what can be offered (``catalogue``), to whom (``eligibility``), who may
be contacted at all (``contact``), what it is worth (``worth``), whom the limits reach
(``budget``), what lists of other sizes would bring (``profit``), what a list of that size
could show (``power``), what testing is worth (``trial``), and all of them in their order
(``plan``).
"""
