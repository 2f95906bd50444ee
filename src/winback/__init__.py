"""Order history in, a scored and explained retention list out.

A **snapshot** is what was knowable about a customer at a **cutoff**; an **outcome** is what
happened in the **horizon** after it.
"""
