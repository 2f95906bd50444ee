"""What a list spends on learning, and what earlier contacts leave of an effect."""

from __future__ import annotations

import numpy as np
import pytest

from test_offers import customers, offer
from winback.offers.worth import value_offers


def test_an_effect_fades_with_earlier_contacts_and_a_harm_does_not() -> None:
    scores, fresh = customers(p_return=[0.2] * 3), offer(effect_pp=16.0)
    helps = value_offers(scores, [fresh], fading=np.array([[1.0], [0.5], [0.0]]))
    # Twice the hazard; half of its logarithm is 1.4142 times, none of it no effect at all.
    assert helps.effect[:, 0] == pytest.approx([0.16, 0.8 - 0.8**2**0.5, 0])
    assert helps.gain[2, 0] == pytest.approx(-helps.idle[2, 0])
    harms = value_offers(scores, [offer(effect_pp=-5)], fading=np.array([[1.0], [0.5], [0.0]]))
    assert harms.effect[:, 0] == pytest.approx([-0.05] * 3)
