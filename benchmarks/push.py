"""What `winback push` says: a dry run, a push with rejects, a week later the difference.

    python benchmarks/push.py            writes benchmarks/push.md

A made-up shop of 1,500 customers sends its list to a HubSpot on loopback (tests/fakes) that does
not know some of them and refuses others; a week later, with 30 who have refused since, it sends
the next one. Every line below a command is what that command printed, in both languages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from fakes.hubspot import HubSpot  # noqa: E402
from winback.synthetic.shop import simulate_shop  # noqa: E402

WORK = HERE.parent / "build" / "push"
PARAMS = """\
ingest: {contact_columns: [email], currency: PLN, timezone: Europe/Warsaw}
snapshot: {horizon_days: 60}
target: {campaign_id: WEEK, max_contacts: 400}
export: {destinations: [hubspot]}
"""


def main() -> None:
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    orders = simulate_shop("fashion", customers=1500, days=500, seed=7).orders
    orders["email"] = "klient." + orders["customer_id"].str.lower() + "@poczta.example"
    orders.to_csv(WORK / "orders.csv", index=False)
    fake = HubSpot()
    everybody = sorted(set(orders["email"]))
    for n, email in enumerate(everybody):
        if n % 25:
            fake.add(email)
    last = pd.to_datetime(orders["ordered_at"]).max().normalize()
    with fake.running() as url:
        parts = [week(1, last - pd.Timedelta(days=7), url, fake, [])]
        rows = pd.read_csv(WORK / "list" / "list.csv", dtype=str)
        parts.append(week(2, last, url, fake, rows["customer_id"].tolist()[5:35]))
    told = "\n".join(["# What `winback push` says\n", __doc__.split("\n\n")[2], "", *parts])
    (HERE / "push.md").write_text(told.replace(url, "http://127.0.0.1:8000"), encoding="utf-8")
    print(told)


def week(number: int, cutoff: pd.Timestamp, url: str, fake: HubSpot, refuse: list[str]) -> str:
    (WORK / "params.yaml").write_text(PARAMS.replace("WEEK", f"week-{number}"), encoding="utf-8")
    winback(
        "run", "orders.csv", "--params", "params.yaml", "--cutoff", cutoff.date().isoformat(),
        "--out", "list",
    )  # fmt: skip
    if refuse:
        path = WORK / "list" / "orders" / "privacy.parquet"
        table = pd.read_parquet(path)
        table.loc[table["customer_id"].isin(refuse), "no_marketing"] = True
        table.to_parquet(path, index=False)
    emails = pd.read_csv(WORK / "list" / "list.csv", dtype=str)["email"].tolist()
    for email, how in zip(emails[3::150], ("conflict", "invalid", "INVALID_EMAIL"), strict=False):
        fake.refuse(email, how)
    say = []
    for language in ("en", "pl"):
        words = ["push", "hubspot", "--in", "list", "--language", language]
        say += [f"## Week {number}: a dry run ({language})\n", shown(words)]
    # Sent once: the second time nothing would be left to say.
    language = "en" if number == 1 else "pl"
    words = ["push", "hubspot", "--in", "list", "--yes", "--base-url", url]
    words += ["--language", language]
    say += [f"## Week {number}: sent ({language})\n", shown(words)]
    rejected = WORK / "list" / "pushes" / "hubspot" / "rejected.csv"
    if rejected.is_file():
        text = rejected.read_text(encoding="utf-8")
        say.append(f"`rejected.csv`:\n\n```\n{text}```\n")
    beside = WORK / "list" / "hubspot"
    counts = [
        f"{name} {len(pd.read_csv(beside / name, dtype=str)):,}"
        for name in ("entered.csv", "changed.csv", "left.csv", "control.csv")
        if (beside / name).is_file()
    ]
    say.append(f"Files beside the list, in rows: {', '.join(counts)}.\n")
    return "\n".join(say)


def shown(words: list[str]) -> str:
    return f"```console\n$ winback {' '.join(words)}\n{winback(*words)}```\n"


def winback(*words: str) -> str:
    environ = os.environ | {
        "WINBACK_HUBSPOT_TOKEN": HubSpot.secret, "PYTHONPATH": str(HERE.parent / "src"),
    }  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-m", "winback.cli", *words],
        cwd=WORK, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if run.returncode and words[0] == "run":
        raise SystemExit(run.stderr)
    lines = [line for line in run.stdout.splitlines(keepends=True)]
    told = run.stderr if run.returncode else ""
    return "".join(lines) + told


if __name__ == "__main__":
    main()
