"""A shop's export becomes canonical orders; what cannot be used is set aside with its reason."""
