"""Whom an offer moves: learned from people who were dealt it by lot."""
