//! The contract that cards show, from a run's rows. It is written whether or not the destination took every row.

use std::time::Duration;

use chrono::{DateTime, Utc};
use engine::{Answer, Batch, Column, Limits, Table, Value};
use futures::{StreamExt, TryStreamExt, stream};
use wire::{ContractColumns, Definition, Schedule as Wish};

use super::{Fault, attempt::Attempt, guard::Shown, question, schedule, values::text_of};
use crate::{
    amount::amount,
    queue::JobError,
    store::{
        Tx,
        companies::{self, Company, CopyRun, Entry, Guard, Owner, OwnerRole, Person, PersonKind, Written},
        integrations::{Level, Run},
    },
};

/// The job's fence.
struct Fence<'a>(&'a Attempt<'a>);

impl Guard for Fence<'_> {
    type Error = JobError;

    async fn check(&self, tx: &mut Tx) -> Result<(), JobError> {
        Ok(self.0.lease.guard(tx).await?)
    }
}

/// Makes the rows the account's copy.
pub(super) async fn write(
    attempt: &Attempt<'_>,
    run: &Run,
    (definition, contract): (&Definition, &ContractColumns),
    (answer, as_of): (Answer, DateTime<Utc>),
) -> Result<(), JobError> {
    let kept =
        crate::store::integrations::integration(attempt.db(), attempt.account, &run.integration).await?;
    let Some(kept) = kept.filter(|kept| kept.enabled) else {
        return attempt
            .log(Level::Info, "the integration is disabled, so cards do not show its contracts")
            .await;
    };
    let columns = Columns::of(contract, &answer.columns)?;
    let copy = CopyRun {
        account: attempt.account,
        integration: &run.integration,
        name: &kept.name,
        run: &run.id,
        as_of,
        period: period(&definition.schedule, attempt),
    };
    let entries = answer.batches.flat_map(|batch| {
        stream::iter(match batch {
            Ok(batch) => (0..batch.rows()).map(|row| Ok(columns.entry(&batch, row))).collect(),
            Err(error) => vec![Err(attempt.deps.staging.unanswered(error))],
        })
    });
    let written =
        companies::replace(attempt.db(), &copy, Box::pin(entries), &Fence(attempt), attempt.now()).await?;
    let (level, text) = match written {
        Written::Whole { companies, people, left_out } => (
            Level::Info,
            format!(
                "cards show {}; people by whom they are found: {people}; rows without a usable id: {left_out}",
                amount(companies, "companies")
            ),
        ),
        Written::TakenBy { name, .. } => (
            Level::Warning,
            format!("cards show the contracts of `{name}`; take `contract` out of one of the two"),
        ),
        Written::Forgotten => (
            Level::Info,
            "the integration was disabled meanwhile, so cards do not show its contracts".to_owned(),
        ),
    };
    attempt.log(level, &text).await
}

/// How many people the copy of this integration knows, and would know after this run; empty where there is no copy of it.
pub(super) async fn shown(
    attempt: &Attempt<'_>,
    run: &Run,
    (definition, contract): (&Definition, &ContractColumns),
    (tables, limits): (Vec<Table>, Limits),
) -> Result<Vec<Shown>, JobError> {
    let before = companies::people_of_copy(attempt.db(), attempt.account, &run.integration).await?;
    if before.is_empty() {
        return Ok(Vec::new());
    }
    let columns = columns_of_people(contract);
    let names: Vec<&str> = columns.iter().map(|(_, name)| name.as_str()).collect();
    let model = question::contract_people(definition, contract, tables, &names);
    let unanswered = |error| attempt.deps.staging.unanswered(error);
    let answer = attempt.deps.engine.run(&model, &limits).await.map_err(unanswered)?;
    let batches: Vec<Batch> = answer.batches.try_collect().await.map_err(unanswered)?;
    let counted = batches.iter().find(|batch| batch.rows() > 0);
    let after = |kind: PersonKind| {
        let place = columns.iter().position(|(known, _)| *known == kind)?;
        match counted?.value(0, place) {
            Value::Integer(people) => u64::try_from(people).ok(),
            _ => None,
        }
    };
    let shown = before.into_iter().map(|(kind, before)| Shown {
        by: kind.as_str(),
        before,
        after: after(kind).unwrap_or_default(),
    });
    Ok(shown.collect())
}

fn columns_of_people(contract: &ContractColumns) -> Vec<(PersonKind, &String)> {
    let people = &contract.people;
    let columns = [
        (PersonKind::User, &people.user),
        (PersonKind::Email, &people.email),
        (PersonKind::ExternalId, &people.external_id),
        (PersonKind::Organization, &people.organization),
    ];
    columns.into_iter().filter_map(|(kind, name)| Some((kind, name.as_ref()?))).collect()
}

/// Columns that the contract names and its rows do not have.
pub(super) fn missing_columns(contract: &ContractColumns, columns: &[Column]) -> Vec<Fault> {
    let people = &contract.people;
    let single = [
        ("company_id", Some(&contract.company_id)),
        ("company", contract.company.as_ref()),
        ("account_type", contract.account_type.as_ref()),
        ("subscription_status", contract.subscription_status.as_ref()),
        ("mrr", contract.mrr.as_ref()),
        ("currency", contract.currency.as_ref()),
        ("start", contract.start.as_ref()),
        ("renewal", contract.renewal.as_ref()),
        ("record_id", contract.record_id.as_ref()),
        ("people.user", people.user.as_ref()),
        ("people.email", people.email.as_ref()),
        ("people.external_id", people.external_id.as_ref()),
        ("people.organization", people.organization.as_ref()),
    ];
    let single = single.into_iter().filter_map(|(at, name)| Some((format!("contract.{at}"), name?.as_str())));
    let owners = contract.owners.iter().enumerate().flat_map(|(index, owner)| {
        let names = [("name", &owner.name), ("email", &owner.email)].into_iter();
        names.filter_map(move |(part, name)| {
            Some((format!("contract.owners[{index}].{part}"), name.as_deref()?))
        })
    });
    let extra =
        contract.extra.iter().map(|(name, column)| (format!("contract.extra.{name}"), column.as_str()));
    question::absent("the contract's rows", single.chain(owners).chain(extra), columns)
}

/// The longest time between two runs; `None`: nothing starts them by themselves.
fn period(wish: &Wish, attempt: &Attempt<'_>) -> Option<Duration> {
    let schedule = schedule::of(attempt.account, "", wish).ok().flatten()?;
    // Working days have a weekend between two of them.
    let times = std::iter::successors(schedule.next_after(attempt.now()), |at| schedule.next_after(*at));
    let times: Vec<_> = times.take(9).collect();
    times.windows(2).map(|pair| pair[1] - pair[0]).max()?.to_std().ok()
}

/// Where the contract's columns are in the result.
struct Columns {
    company_id: usize,
    company: Option<usize>,
    account_type: Option<usize>,
    subscription_status: Option<usize>,
    mrr: Option<usize>,
    currency: Option<usize>,
    start: Option<usize>,
    renewal: Option<usize>,
    record_id: Option<usize>,
    owners: Vec<(OwnerRole, Option<usize>, Option<usize>)>,
    extra: Vec<(String, usize)>,
    people: Vec<(PersonKind, usize)>,
}

impl Columns {
    fn of(contract: &ContractColumns, columns: &[Column]) -> Result<Self, JobError> {
        let place = |name: &String| {
            let found = columns.iter().position(|column| column.name == *name);
            found.ok_or_else(|| JobError::give_up(format!("the contract's rows have no column `{name}`")))
        };
        let optional = |name: &Option<String>| name.as_ref().map(place).transpose();
        let owners = contract.owners.iter().map(|owner| {
            let role = if owner.role == "success" { OwnerRole::Success } else { OwnerRole::Sales };
            Ok((role, optional(&owner.name)?, optional(&owner.email)?))
        });
        let people = columns_of_people(contract).into_iter();
        Ok(Self {
            company_id: place(&contract.company_id)?,
            company: optional(&contract.company)?,
            account_type: optional(&contract.account_type)?,
            subscription_status: optional(&contract.subscription_status)?,
            mrr: optional(&contract.mrr)?,
            currency: optional(&contract.currency)?,
            start: optional(&contract.start)?,
            renewal: optional(&contract.renewal)?,
            record_id: optional(&contract.record_id)?,
            owners: owners.collect::<Result<_, JobError>>()?,
            extra: contract
                .extra
                .iter()
                .map(|(name, column)| Ok((name.clone(), place(column)?)))
                .collect::<Result<_, JobError>>()?,
            people: people.map(|(kind, name)| Ok((kind, place(name)?))).collect::<Result<_, JobError>>()?,
        })
    }

    fn entry(&self, batch: &Batch, row: usize) -> Entry {
        let cell = |place: usize| text_of(&batch.value(row, place)).filter(|text| !text.trim().is_empty());
        let optional = |place: Option<usize>| place.and_then(cell);
        let day = |place: Option<usize>| optional(place).and_then(|text| text.get(..10)?.parse().ok());
        let company_id = cell(self.company_id).unwrap_or_default();
        let owners = self.owners.iter().map(|(role, name, email)| Owner {
            role: *role,
            name: optional(*name),
            email: optional(*email),
        });
        let people = self.people.iter().filter_map(|(kind, place)| {
            Some(Person { kind: *kind, value: cell(*place)?, company_id: company_id.clone() })
        });
        let people = people.collect();
        Entry {
            company: Company {
                company: optional(self.company),
                account_type: optional(self.account_type),
                subscription_status: optional(self.subscription_status),
                mrr: optional(self.mrr),
                currency: optional(self.currency),
                start: day(self.start),
                renewal: day(self.renewal),
                record_id: optional(self.record_id),
                owners: owners.filter(|owner| owner.name.is_some() || owner.email.is_some()).collect(),
                extra: self
                    .extra
                    .iter()
                    .filter_map(|(name, place)| Some((name.clone(), cell(*place)?)))
                    .collect(),
                company_id,
            },
            people,
        }
    }
}
