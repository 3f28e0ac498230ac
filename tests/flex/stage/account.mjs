// The account whose agent signs in: the sandbox's own, and what Flex UI wants to know of an account beside.
const sid = (kind, digit) => kind + String(digit).repeat(32);

export const ACCOUNT = sid("AC", "a");
export const WORKSPACE = sid("WS", "a");
export const WORKER = sid("WK", "a");
export const KEY = `Basic ${Buffer.from(`${sid("SK", "a")}:sandbox-key-secret`).toString("base64")}`;
export const QUEUE = sid("WQ", "a");
export const WORKFLOW = sid("WW", "a");
export const CALLER_ID = "+815000000001";

export const OFFLINE = { sid: sid("WA", 1), friendly_name: "Offline", available: false };
export const AVAILABLE = { sid: sid("WA", 2), friendly_name: "Available", available: true };

/** `GET flex-api…/v1/Configuration`. `uiAttributes` and `pluginService` are an admin's. */
export function configuration(uiAttributes = {}, pluginService = {}) {
  return {
    account_sid: ACCOUNT, status: "ok", attributes: {}, date_created: "2026-01-01T00:00:00Z", date_updated: "2026-01-01T00:00:00Z",
    flex_instance_sid: sid("GO", "a"), flex_service_instance_sid: sid("IS", "b"), chat_service_instance_sid: sid("IS", "a"),
    messaging_service_instance_sid: sid("MG", "a"), serverless_service_sids: [], runtime_domain: "https://acme-1234.twil.io",
    flex_url: "https://flex.twilio.com", url: "https://flex-api.twilio.com/v1/Configuration",
    ui_version: "2.17.1", service_version: "1.0", ui_language: "en", ui_dependencies: {},
    ui_attributes: { version_compatibility: "yes", version_message: null, ...uiAttributes },
    taskrouter_workspace_sid: WORKSPACE, taskrouter_target_workflow_sid: WORKFLOW, taskrouter_target_taskqueue_sid: QUEUE,
    taskrouter_taskqueues: [{ sid: QUEUE, targettable: true }], taskrouter_skills: [], taskrouter_worker_channels: {},
    taskrouter_worker_attributes: {}, taskrouter_offline_activity_sid: OFFLINE.sid,
    call_recording_enabled: false, call_recording_webhook_url: null, queue_stats_configuration: null, integrations: [],
    crm_enabled: true, crm_type: "custom", crm_callback_url: null, crm_fallback_url: null, crm_attributes: {},
    plugin_service_enabled: true, plugin_service_attributes: pluginService, public_attributes: {},
    outbound_call_flows: {
      default: { enabled: true, caller_id: CALLER_ID, queue_sid: QUEUE, workflow_sid: WORKFLOW, location: "JP" },
    },
    notifications: { enabled: false, mode: "whenNotInFocus" }, markdown: { enabled: false, mode: "readOnly" },
    flex_insights_hr: null, flex_insights_drilldown: false, channel_configs: [],
    debugger_integration: { enabled: false, console_errors_included: false }, flex_ui_status_report: { enabled: false },
    agent_conv_end_methods: { enabled: [] }, citrix_voice_vdi: { enabled: false }, offline_config: { presence: true, presence_ttl: 30 },
  };
}

/** `POST flex-api…/Tokens/Info`, and what a refresh answers. */
export function tokenInfo({ email, expiration, identity, roles, worker_sid }) {
  return {
    valid: true, code: 0, message: null, permissions: null, account_sid: ACCOUNT, expiration, identity, roles, worker_sid,
    realm_user_id: email, name_id: email, flex_user_sid: sid("FU", "a"), flex_instance_sid: sid("GO", "a"),
  };
}
