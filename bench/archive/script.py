"""The peer of `cargo xtask bench archive`: attachments of many tickets to S3, then out of Zendesk, one after the other.

What a careful person writes for a Lambda: one session that keeps its connections, each file streamed to S3, redacted only
when all uploads of its ticket succeeded, tag and note at the end. It does not read back what it stored. Requests of
one run go through one session; every answer that is no success ends it.

Usage: script.py < JSON of what the environment of a Lambda would hold, and the numbers of the tickets.
"""

import json
import sys

import boto3
import requests


def main():
    config = json.load(sys.stdin)
    zendesk = Zendesk(config["zendesk_url"], config["client_id"], config["client_secret"])
    s3 = boto3.client(
        "s3",
        endpoint_url=config["s3_endpoint"],
        region_name="us-east-1",
        aws_access_key_id=config["s3_key"],
        aws_secret_access_key=config["s3_secret"],
    )
    print("ready", flush=True)  # imports and client are not what is measured: a Lambda keeps them warm
    sys.stdin.close()
    for ticket in config["tickets"]:
        archive(zendesk, s3, config["bucket"], ticket)
    print("done", flush=True)


def archive(zendesk, s3, bucket, ticket):
    stored = []
    for comment in zendesk.comments(ticket):
        for attachment in comment["attachments"]:
            key = f"{ticket}/{comment['id']}/{attachment['id']}-{attachment['file_name']}"
            with zendesk.download(attachment) as answer:
                answer.raw.decode_content = True
                s3.upload_fileobj(answer.raw, bucket, key)
            stored.append((comment["id"], attachment["id"]))
    for comment_id, attachment_id in stored:
        zendesk.redact(ticket, comment_id, attachment_id)
    if stored:
        zendesk.tag(ticket, "archived")
        zendesk.note(ticket, f"{len(stored)} attachments are in s3://{bucket}/{ticket}/.")


class Zendesk:
    """One session with one token."""

    def __init__(self, url, client_id, client_secret):
        self.url = url
        self.session = requests.Session()
        grant = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "scope": "read write",
        }
        token = self.call("POST", "/oauth/tokens", grant)["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method, path, body=None):
        answer = self.session.request(method, self.url + path, json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def comments(self, ticket):
        path = f"/api/v2/tickets/{ticket}/comments.json?include_inline_images=true&page[size]=100"
        while path:
            page = self.call("GET", path)
            yield from page["comments"]
            more = page["meta"]["has_more"]
            path = page["links"]["next"].removeprefix(self.url) if more else None

    def download(self, attachment):
        # Requests follows the redirect, and leaves our token out where the host changes.
        answer = self.session.get(attachment["content_url"], stream=True, timeout=30)
        answer.raise_for_status()
        return answer

    def redact(self, ticket, comment, attachment):
        self.call("PUT", f"/api/v2/tickets/{ticket}/comments/{comment}/attachments/{attachment}/redact.json", {})

    def tag(self, ticket, tag):
        self.call("PUT", f"/api/v2/tickets/{ticket}/tags.json", {"tags": [tag]})

    def note(self, ticket, text):
        self.call("PUT", f"/api/v2/tickets/{ticket}.json", {"ticket": {"comment": {"body": text, "public": False}}})


main()
