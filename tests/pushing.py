"""A shop with a list to send, and destinations that know its customers."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from fakes.faults import Faults
from fakes.getresponse import LIST, GetResponse
from fakes.hubspot import HubSpot
from fakes.judge import Truth, Verdict, judge
from fakes.klaviyo import Klaviyo
from fakes.mailchimp import LIST as AUDIENCE
from fakes.mailchimp import Mailchimp
from fakes.salesforce import Salesforce
from fakes.server import Fake
from winback.crm.destinations import destination
from winback.crm.fields import FIELDS
from winback.intake.erased import hashes_to_keep
from winback.project import FOLDER
from winback.synthetic.shop import simulate_shop

FAKES: dict[str, type[Fake]] = {
    "hubspot": HubSpot, "klaviyo": Klaviyo, "mailchimp": Mailchimp, "getresponse": GetResponse,
    "salesforce_bulk": Salesforce,
}  # fmt: skip
SECRETS = {
    "hubspot": "WINBACK_HUBSPOT_TOKEN", "klaviyo": "WINBACK_KLAVIYO_KEY",
    "mailchimp": "WINBACK_MAILCHIMP_KEY", "getresponse": "WINBACK_GETRESPONSE_KEY",
    "salesforce_bulk": "WINBACK_SALESFORCE_TOKEN",
}  # fmt: skip
OPTIONS = {
    "hubspot": {}, "klaviyo": {}, "mailchimp": {"list_id": AUDIENCE},
    "getresponse": {"campaign_id": LIST}, "salesforce_bulk": {},
}  # fmt: skip
QUICK = {"first_wait_seconds": 0.02, "timeout_seconds": 2.0}
POLLED = ("klaviyo", "mailchimp", "salesforce_bulk")
CHECKED = ("churn_risk", "rfm_segment", "offer")
"""Columns of list.csv that are looked for at the destination."""

FOREIGN = "shoe_size"
"""A value of each person that is none of ours."""

PARAMS = """\
ingest: {{contact_columns: [email], currency: EUR}}
snapshot: {{most_cutoffs: {cutoffs}}}
train: {{seeds: 1, horizons_days: [], max_rounds: {rounds}}}
evaluate: {{origins: 1, resamples: 20}}
target:
  campaign_id: autumn
  budget: 1000000
  control_share: 0.1
  reserve_share: 0
  max_contacts: {listed}
  offers:
    - name: reminder
      kind: content
      contact_cost: 0
      margin_share: 0.4
      valid_days: 30
      eligible: "days_since_last_order >= 0"
      effect_pp: 5
      effect_source: stated
      label: {{en: A reminder, pl: Przypomnienie}}
export:
  options:
{options}
"""


def write_shop(folder: Path, customers: int, listed: int, days: int, cutoffs: int = 6) -> None:
    """Orders and params of a made-up shop, which are to be run in the folder.

    Addresses come in all that an address may hold: capitals, a plus, an apostrophe.
    """
    orders = simulate_shop("fashion", customers=customers, days=days, seed=17).orders
    orders["email"] = orders["customer_id"].map(address_of)
    orders.to_csv(folder / "orders.csv", index=False)
    options = {name: {**given, **QUICK} for name, given in OPTIONS.items()}
    for name in POLLED:
        options[name]["poll_seconds"] = 0.02
    lines = "\n".join(f"    {name}: {given}" for name, given in options.items())
    text = PARAMS.format(cutoffs=cutoffs, rounds=40, listed=listed, options=lines)
    (folder / "params.yaml").write_text(text.replace("'", '"'), encoding="utf-8")


def address_of(customer: str) -> str:
    """The address as the shop's orders have it."""
    forms = (
        "{}@shop.example",
        "{}+shop@shop.example",
        "O'{}@Shop.Example",
        "{}_x@sub.shop.example",
    )
    return forms[int(customer[1:]) % len(forms)].format(customer)


@dataclass
class Given:
    """What is on the list, who is control, and who has refused or was forgotten since.

    Attributes:
        folder: of `winback run`.
        no_marketing, no_profiling, erased: customers of whom the tables say so now.
    """

    folder: Path
    no_marketing: list[str] = field(default_factory=list)
    no_profiling: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)

    @cached_property
    def listed(self) -> pd.DataFrame:
        """Rows of list.csv by customer, every cell as text."""
        rows = pd.read_csv(self.folder / "list.csv", dtype=str, keep_default_na=False)
        return rows.set_index("customer_id")

    @cached_property
    def control(self) -> list[str]:
        """Customers who were held out."""
        rows = pd.read_parquet(self.folder / "assignment.parquet")
        return rows.loc[rows["arm"] == "control", "customer_id"].astype(str).tolist()

    @cached_property
    def everybody(self) -> list[str]:
        """Every customer of the shop."""
        return sorted(pd.read_parquet(self.folder / FOLDER["privacy"])["customer_id"].astype(str))

    def know_addresses(self) -> None:
        """Tell the folder everybody's address, as a project has it: control's, too."""
        rows = pd.DataFrame({"customer_id": self.everybody, "consented": True})
        rows["suppressed"] = False
        rows["email"] = rows["customer_id"].map(address_of)
        rows.to_parquet(self.folder / FOLDER["contacts"], index=False)

    def refuse(
        self, no_marketing: Collection[str] = (), no_profiling: Collection[str] = ()
    ) -> None:
        """These people refused since the list was made."""
        path = self.folder / FOLDER["privacy"]
        rows = pd.read_parquet(path)
        for name, who in (("no_marketing", no_marketing), ("no_profiling", no_profiling)):
            rows.loc[rows["customer_id"].isin(who), name] = True
            getattr(self, name).extend(who)
        rows.to_parquet(path, index=False)

    def forget(self, customers: Collection[str]) -> None:
        """These people were forgotten since: hashes of their ids and addresses are kept."""
        salt = (self.folder / "salt.txt").read_text(encoding="utf-8").strip()
        kept: set[str] = set()
        for customer in customers:
            kept |= hashes_to_keep([("id", customer), ("email", address_of(customer))], salt)
        with (self.folder / FOLDER["forgotten"]).open("a", encoding="utf-8") as file:
            file.writelines(f"{each}\n" for each in sorted(kept))
        self.erased.extend(customers)

    def copy(self, folder: Path) -> Given:
        """The same in another folder."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        return Given(folder, [*self.no_marketing], [*self.no_profiling], [*self.erased])

    def spared(self) -> set[str]:
        """Customers to whom nothing may be sent."""
        return {*self.control, *self.no_marketing, *self.no_profiling, *self.erased}


class Trial:
    """One destination beside a shop.

    Args:
        name: of the destination.
        given: the shop.
        faults: of the destination.
        absent: customers whom it does not know.
        refused: customers whom it will not take, and how.
        create: whether the push is to create whom it does not know.
        otherwise: its rules that no text settles.
    """

    def __init__(
        self, name: str, given: Given, faults: Faults | None = None, *,
        absent: Collection[str] = (), refused: dict[str, str] | None = None,
        create: bool = False, **otherwise: object,
    ) -> None:  # fmt: skip
        self.name, self.given, self.refused = name, given, refused or {}
        self.create, self.absent = create, absent
        self.fake = FAKES[name](faults, **otherwise)
        target = destination(name, OPTIONS[name])
        self.headers = {each: target.header(FIELDS[each], "wb_") for each in FIELDS}
        self.ours = {self.headers[each] for each in target.fields}
        if name == "mailchimp":
            self.ours |= {f"tag Churn: {each.title()}" for each in BANDS}
        self._make_fields([FIELDS[each] for each in target.fields])
        for customer in given.everybody:
            if customer not in absent:
                values = {"WB_Customer_Id__c": customer} if name == "salesforce_bulk" else {}
                self.fake.add(address_of(customer), **{FOREIGN: "42"}, **values)
        for customer, how in self.refused.items():
            self.fake.refuse(address_of(customer), how)

    def _make_fields(self, fields) -> None:
        fake = self.fake
        if isinstance(fake, Salesforce):
            fake.add_column("WB_Customer_Id__c", external=True)
            fake.addresses = {each: address_of(each) for each in self.given.everybody}
        for each in fields:
            name, number = self.headers[each.name], each.kind not in ("text", "day", "flag")
            if isinstance(fake, Mailchimp):
                fake.fields[name] = {"day": "date"}.get(each.kind, "number" if number else "text")
            elif isinstance(fake, GetResponse):
                fake.add_field(name, {"day": "date"}.get(each.kind, "number" if number else "text"))
            elif isinstance(fake, Salesforce):
                fake.add_column(
                    name, {"day": "date"}.get(each.kind, "double" if number else "string")
                )

    def environ(self) -> dict[str, str]:
        """Credentials as the sender finds them."""
        return {SECRETS[self.name]: self.fake.secret}

    def words(self) -> list[str]:
        """The command that sends."""
        place = ["--base-url", self.fake.url, "--in", str(self.given.folder)]
        return ["push", self.name, "--yes", *place, *(["--create"] if self.create else [])]

    def truth(self) -> Truth:
        """What should come of it."""
        given, spared = self.given, self.given.spared()
        rows = given.listed[~given.listed.index.isin(spared)]
        names = [each for each in CHECKED if self.headers[each] in self.ours]
        wanted = {
            address_of(str(customer)).lower(): {self.headers[n]: row[n] for n in names}
            for customer, row in zip(rows.index, rows.to_dict("records"), strict=True)
        }
        others = set(given.everybody) - set(rows.index)
        refused = {address_of(each).lower() for each in self.refused}
        created = {address_of(each).lower() for each in self.absent} if self.create else ()
        nobody = {address_of(each).lower() for each in others}
        return Truth(wanted, nobody, self.ours, refused=refused, created=created)

    def reported(self) -> set[str]:
        """Addresses of whom `rejected.csv` tells."""
        path = self.given.folder / "pushes" / self.name / "rejected.csv"
        if not path.is_file():
            return set()
        with path.open(encoding="utf-8", newline="") as file:
            return {address_of(row["customer_id"]).lower() for row in csv.DictReader(file)}

    def verdict(self, truth: Truth | None = None) -> Verdict:
        """What came of it."""
        self.fake.settle()
        return judge(self.fake.book, truth or self.truth(), self.reported())


BANDS = ("low", "medium", "high", "new", "lost")
