//! `PagerDuty`, in our errors; all that it does to us, any vendor does.

use wire::ErrorCode;

use crate::connectors::{Vendor, VendorSettings};

pub(super) static PAGERDUTY: Vendor = Vendor {
    id: "pagerduty",
    name: "PagerDuty",
    credentials: "the routing key",
    oauth_client: "use another integration key",
    forbidden: "see there whether the integration is still there, and correct `pagerduty.routing_key`",
    not_found: "; correct `pagerduty.base_url`",
    settings: VendorSettings {
        credentials: "`pagerduty.routing_key`",
        permission: "`pagerduty.routing_key`",
        allowed_hosts: "`net.allow_private`, or change `pagerduty.base_url`",
        address: "`pagerduty.base_url`",
    },
    code: |_| ErrorCode::Internal, // only jobs call it
};
