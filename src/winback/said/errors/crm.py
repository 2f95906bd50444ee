"""What can be wrong with a list that is to leave."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "another_assignment": {
        "en": "{folder}: campaign {campaign} was exported with the assignment {seal} of {day}; "
        "these data and settings give {new_seal} of {new_days}. Plan it under a new "
        "target.campaign_id; or, if that list never left, set target.draft: true until it is the "
        "one you want.",
        "pl": "{folder}: kampania {campaign} wyszła z przydziałem {seal} z dnia {day}; te dane i "
        "ustawienia dają {new_seal} z {new_days}. Zaplanuj ją pod nowym target.campaign_id albo, "
        "jeśli tamta lista nie wyszła, ustaw target.draft: true, aż będzie taka, jakiej chcesz.",
    },
}
