"""The sections of the page, each a function from the material to what stands in it."""
