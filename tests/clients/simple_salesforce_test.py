"""simple-salesforce, as its documentation says. Its hosts are turned to the sandbox where it sends; nothing else is changed."""

import json
import os
import unittest
import warnings

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

ORG = json.loads(os.environ["SANDBOX"])
KEY, SECRET = ORG["salesforceId"], ORG["salesforceSecret"]
INTEGRATION, ADMIN = ORG["salesforceUsers"]


class Turned(HTTPAdapter):
    """Sends what is meant for Salesforce to the sandbox."""

    def send(self, request, **options):
        path = request.path_url
        login = request.url.startswith(("https://login.salesforce.com", "https://test.salesforce.com"))
        request.url = (ORG["salesforceLogin"] if login else ORG["salesforce"]) + path
        return super().send(request, **options)


def session():
    turned = requests.Session()
    turned.mount("https://", Turned())
    return turned


def client():
    return Salesforce(domain="acme.my", consumer_key=KEY, consumer_secret=SECRET, session=session(), version="60.0")


class SimpleSalesforce(unittest.TestCase):
    def test_each_flow_signs_in_or_says_why_not(self):
        self.assertEqual(client().query("SELECT COUNT() FROM User")["totalSize"], 5)
        with open(ORG["salesforceKey"], encoding="utf-8") as file:
            private = file.read()
        by_key = Salesforce(username=INTEGRATION, consumer_key=KEY, privatekey=private, session=session(), version="60.0")
        self.assertEqual(by_key.query("SELECT COUNT() FROM User")["totalSize"], 5)
        with warnings.catch_warnings(), self.assertRaises(SalesforceAuthenticationFailed) as refused:
            warnings.simplefilter("ignore")
            Salesforce(username=ADMIN, consumer_key=KEY, privatekey=private, session=session())
        self.assertIn("user hasn't approved this consumer", str(refused.exception))
        with self.assertRaises(SalesforceAuthenticationFailed):
            Salesforce(username=ADMIN, password="x", consumer_key=KEY, consumer_secret=SECRET, session=session())

    def test_rows_come_page_after_page(self):
        found = client().query_all("SELECT Id, Name FROM Account WHERE Name LIKE 'Company %'")
        self.assertEqual((found["totalSize"], len(found["records"]), found["done"]), (4500, 4500, True))
        deleted = client().query_all("SELECT Id FROM Account WHERE Name = 'From a client'", include_deleted=True)
        self.assertEqual(deleted["totalSize"], 1)

    def test_objects_are_described_and_calls_counted(self):
        org = client()
        fields = {field["name"]: field["type"] for field in org.Account.describe()["fields"]}
        self.assertEqual((fields["Renewal_Date__c"], fields["BillingAddress"]), ("date", "address"))
        self.assertIn("DailyApiRequests", org.limits())
        self.assertGreater(org.api_usage["api-usage"].used, 0)

    def test_a_bulk_query_is_read(self):
        parts = list(client().bulk2.Account.query("SELECT Id, MRR__c FROM Account", max_records=2000))
        self.assertEqual([part.count("\n") for part in parts], [2001, 2001, 543])

    def test_refusals_have_their_classes(self):
        org = client()
        with self.assertRaises(SalesforceMalformedRequest):
            org.query("SELECT Nothing FROM Account")
        with self.assertRaises(SalesforceResourceNotFound):
            org.Account.get("001000000000000AAA")
        org.Account.get_by_custom_id("backendid__c", "20001")
        made = org.Contact.create({"LastName": "Python", "Email": "PY@Example.com"})
        self.assertEqual(org.Contact.get(made["id"])["Email"], "py@example.com")
        self.assertEqual(org.Contact.delete(made["id"]), 204)
        ended = Salesforce(session_id="ended", instance_url=ORG["salesforce"], session=session())
        ended.base_url = ended.base_url.replace("http://", "https://")
        with self.assertRaises(SalesforceExpiredSession):
            ended.query("SELECT Id FROM Account")


if __name__ == "__main__":
    unittest.main()
