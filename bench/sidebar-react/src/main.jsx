// The sidebar's card as one would write it in React with Zendesk Garden: same handshake, same fetch, same facts, same
// test hooks. A peer to measure against, not a part of the product.
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { Button } from "@zendeskgarden/react-buttons";
import { Tag } from "@zendeskgarden/react-tags";
import { ThemeProvider, DEFAULT_THEME } from "@zendeskgarden/react-theming";
import { LG, MD, SM, XL } from "@zendeskgarden/react-typography";
import styled from "styled-components";

const session = JSON.parse(document.getElementById("deskside-session").textContent);
const get = async (path) => {
  const answer = await fetch(path, { headers: { authorization: `Bearer ${session.token}` } });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return answer.json();
};

const Panel = styled.main`
  display: grid;
  gap: 12px;
  padding: 8px 4px;
`;
const Row = styled.div`
  display: flex;
  flex-wrap: wrap;
  gap: 8px;
  align-items: center;
  justify-content: space-between;
`;
const Facts = styled.dl`
  display: grid;
  grid-template-columns: 1fr 1fr;
  gap: 12px;
  margin: 0;
  dd {
    margin: 0;
  }
`;

const LOCALE = session.locale || "en";
const date = (day) => new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(day));
const money = (amount, currency) =>
  new Intl.NumberFormat(LOCALE, { style: "currency", currency: currency ?? "USD", maximumFractionDigits: 0 }).format(amount);
const size = (bytes) =>
  new Intl.NumberFormat(LOCALE, { style: "unit", unit: "kilobyte", unitDisplay: "short", maximumFractionDigits: 1 }).format(bytes / 1000);
const BADGES = { new_customer: "New customer", renewal_near: "Renewal near", high_mrr: "High MRR", vip: "VIP" };

function Fact({ label, hook, children }) {
  return (
    <div>
      <dt>
        <SM>{label}</SM>
      </dt>
      <dd data-testid={hook}>
        <MD isBold>{children}</MD>
      </dd>
    </div>
  );
}

function Card({ card, onRefresh }) {
  const { contract, customer, badges, open_tickets: tickets } = card;
  return (
    <section data-testid="card">
      <Row>
        <XL tag="h1" data-testid="card-company">
          {contract.company}
        </XL>
        <Tag data-testid="card-status">{contract.subscription_status}</Tag>
      </Row>
      <MD>
        <span data-testid="card-account-type">{contract.account_type}</span> · {customer?.name} · {customer?.phone}
      </MD>
      <Row>
        {badges.map((badge) => (
          <Tag key={badge} isPill data-testid={`badge-${badge}`}>
            {BADGES[badge] ?? badge}
          </Tag>
        ))}
      </Row>
      <Facts>
        <Fact label="MRR" hook="card-mrr">
          {contract.mrr != null && money(contract.mrr, contract.currency)}
        </Fact>
        <Fact label="Customer since" hook="card-start">
          {contract.start && date(contract.start)}
        </Fact>
        <Fact label="Renewal" hook="card-renewal">
          {contract.renewal && date(contract.renewal)}
        </Fact>
        <Fact label="Owner">{contract.owner}</Fact>
      </Facts>
      <Row>
        <SM data-testid="card-as-of">as of {contract.as_of}</SM>
        <Button size="small" isBasic onClick={onRefresh}>
          Refresh
        </Button>
      </Row>
      {tickets.length > 0 && <LG tag="h2">Other open tickets</LG>}
      {tickets.map((ticket) => (
        <MD key={ticket.id}>
          #{ticket.id} {ticket.subject}
        </MD>
      ))}
    </section>
  );
}

function Files({ items }) {
  return (
    <section>
      <LG tag="h2">{items.length} attachments</LG>
      {items.map((file) => (
        <Row key={file.attachment_id} data-testid="archive-item">
          <MD>{file.file_name}</MD>
          <SM>{size(file.size)}</SM>
          <Button size="small">Archive</Button>
        </Row>
      ))}
    </section>
  );
}

function App({ client, ticket }) {
  const [card, setCard] = useState(null);
  const [files, setFiles] = useState(null);
  const [problem, setProblem] = useState(null);
  const load = () => get(`/api/tickets/${ticket}/card`).then(setCard, (error) => setProblem(error.message));
  useEffect(() => {
    load();
    get(`/api/tickets/${ticket}/archive`).then(setFiles, (error) => setProblem(error.message));
  }, [ticket]);
  useEffect(() => {
    client.invoke("resize", { width: "100%", height: `${document.body.scrollHeight}px` });
  }, [card, client]);
  if (problem) return <MD role="alert">{problem}</MD>;
  return (
    <Panel>
      {card ? <Card card={card} onRefresh={load} /> : <MD>Loading…</MD>}
      {files && <Files items={files.items} />}
    </Panel>
  );
}

const client = window.ZAFClient.init();
client.on("app.registered", ({ context }) => {
  createRoot(document.getElementById("app")).render(
    <ThemeProvider theme={DEFAULT_THEME}>
      <App client={client} ticket={context.ticketId} />
    </ThemeProvider>,
  );
});
