"""The peer of `cargo xtask bench integrations`: contracts from a file into users' fields, as one writes it with pandas.

Reads the file and all users, joins them by address, keeps the rows that differ, and sends them a hundred at a time: one `update_many`, then
its job until it has ended, then the next. It keeps its connection, and waits as long as Zendesk says. Starting Python and its packages is
not counted.

Usage: script.py < JSON: zendesk_url, client_id, client_secret, file
"""

import json
import sys
import time

import pandas
import requests

FIELDS = {"company": "sfdc_company_name", "mrr": "sfdc_mrr", "start": "sfdc_contract_start"}


def main():
    config = json.load(sys.stdin)
    began = time.perf_counter()
    zendesk = Zendesk(config["zendesk_url"], config["client_id"], config["client_secret"])
    contracts = pandas.read_csv(config["file"])
    contracts["email"] = contracts["email"].str.strip().str.lower()
    users = pandas.DataFrame(
        [{"id": user["id"], "email": user["email"].lower(), **{name: user["user_fields"].get(field) for name, field in FIELDS.items()}}
         for user in zendesk.users() if user["email"]]
    )
    both = contracts.merge(users, on="email", suffixes=("", "_held"))
    both["start_held"] = both["start_held"].astype("string").str.slice(0, 10)
    both["mrr_held"] = pandas.to_numeric(both["mrr_held"])
    same = (both["company"] == both["company_held"]) & (both["mrr"] == both["mrr_held"]) & (both["start"] == both["start_held"])
    changed = both[~same.fillna(False).astype(bool)]
    rows = [
        {"id": int(row.id), "user_fields": {"sfdc_company_name": row.company, "sfdc_mrr": row.mrr, "sfdc_contract_start": row.start}}
        for row in changed.itertuples()
    ]
    for first in range(0, len(rows), 100):
        zendesk.update(rows[first : first + 100])
    print(json.dumps({"rows": len(rows), "seconds": round(time.perf_counter() - began, 3)}))


class Zendesk:
    """One session with one token."""

    def __init__(self, url, client_id, client_secret):
        self.url = url
        self.session = requests.Session()
        grant = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret, "scope": "read write"}
        token = self.call("POST", "/oauth/tokens", grant)["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method, path, body=None):
        while True:
            answer = self.session.request(method, self.url + path, json=body, timeout=30)
            if answer.status_code != 429:
                answer.raise_for_status()
                return answer.json()
            time.sleep(int(answer.headers.get("Retry-After", "1")))

    def users(self):
        path = "/api/v2/incremental/users/cursor.json?start_time=0&per_page=1000"
        while True:
            page = self.call("GET", path)
            yield from page["users"]
            if page["end_of_stream"]:
                return
            path = page["after_url"].removeprefix(self.url)

    def update(self, rows):
        job = self.call("PUT", "/api/v2/users/update_many.json", {"users": rows})["job_status"]
        while job["status"] not in ("completed", "failed", "killed"):
            time.sleep(0.2)
            job = self.call("GET", f"/api/v2/job_statuses/{job['id']}.json")["job_status"]
        if job["status"] != "completed" or any(row.get("error") for row in job["results"]):
            raise RuntimeError(f"a job ended so: {job}")


main()
