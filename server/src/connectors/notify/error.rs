//! The company's webhook, in our errors; all that it does to us, any vendor does. **Invariant:** no address, because it is a
//! secret, and no body.

use wire::ErrorCode;

use crate::connectors::{Vendor, VendorSettings};

/// The notification webhook, in our errors.
pub(super) static WEBHOOK: Vendor = Vendor {
    id: "notify",
    name: "the notification webhook",
    credentials: "the request",
    oauth_client: "use another webhook",
    forbidden: "see there whether the webhook is still active, and correct `notify.webhook_url`",
    not_found: "; correct `notify.webhook_url`",
    settings: VendorSettings {
        credentials: "`notify.webhook_url`",
        permission: "`notify.webhook_url`",
        allowed_hosts: "`net.allow_private`, or change `notify.webhook_url`",
        address: "`notify.webhook_url`",
    },
    code: |_| ErrorCode::Internal, // only jobs call it
};
