// PagerDuty's alerts: what is open, then what is resolved; the newest first.
import { html, moment } from "../shared/dom.js";
import { section, watch } from "./watch.js";

const TONES = { critical: "bad", error: "bad", warning: "warn", info: "info" };

const link = ({ href, text }) => html`<a href=${href} rel="noreferrer">${text ?? href}</a>`;

const entry = (alert) => html`<article class="entry" data-testid="alert">
  <div class="row"><span class=${`pill ${TONES[alert.severity]}`}>${alert.severity}</span>
    <span class="strong grow">${alert.summary}</span><span class="pill">${alert.status}</span></div>
  <div class="row small subtle">
    <span>${alert.source}</span><span>${alert.dedup_key}</span>
    ${alert.triggers > 1 && html`<span>triggered ${String(alert.triggers)} times</span>`}
    <span class="grow"></span><span>${moment(alert.created_at, "en")}</span>
  </div>
  ${alert.custom_details && html`<pre class="small">${JSON.stringify(alert.custom_details, null, 2)}</pre>`}
  ${alert.links && html`<div class="row small">${alert.links.map(link)}</div>`}
</article>`;

watch("PagerDuty", "/_sandbox/pagerduty/alerts", ({ alerts }) => {
  const newest = alerts.toReversed();
  const of = (resolved) => newest.filter((alert) => (alert.status === "resolved") === resolved).map(entry);
  return [
    section("Open", of(false), "Nobody is paged."),
    section("Resolved", of(true), "Nothing was resolved yet."),
  ];
});
