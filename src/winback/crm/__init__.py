"""The list in the shape a CRM takes (``listing``), and what of it is sealed (``sealed``)."""
