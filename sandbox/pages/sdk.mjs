// The global that Zendesk's CDN file also sets.
import ZAFClient from "zendesk_app_framework_sdk";

window.ZAFClient = ZAFClient;
