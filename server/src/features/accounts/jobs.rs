//! A job is given what its own account has; an account that this server no longer serves has nothing.

use super::{Accounts, account::Jobs};
use crate::{
    features::{
        archive::{ArchiveDeps, NoticeDeps},
        connections::{self, Connections},
        engagements::{AfterPopDeps, LogDeps},
        integrations::{AlertDeps, Integrations, RunDeps},
        notices::Notices,
        pops::NotifyDeps,
    },
    queue::{JobError, Provide},
};

impl Accounts {
    fn given<D>(&self, account: &str, part: impl FnOnce(&Jobs) -> D) -> Result<D, JobError> {
        let account = self.of(account).map_err(JobError::retry)?;
        Ok(part(&account.jobs))
    }
}

impl Provide<NotifyDeps> for Accounts {
    fn provide(&self, account: &str) -> Result<NotifyDeps, JobError> {
        self.given(account, |jobs| jobs.notify.clone())
    }
}

impl Provide<AfterPopDeps> for Accounts {
    fn provide(&self, account: &str) -> Result<AfterPopDeps, JobError> {
        self.given(account, |jobs| jobs.after_pop.clone())
    }
}

impl Provide<LogDeps> for Accounts {
    fn provide(&self, account: &str) -> Result<LogDeps, JobError> {
        self.given(account, |jobs| jobs.notes.clone())
    }
}

impl Provide<ArchiveDeps> for Accounts {
    fn provide(&self, account: &str) -> Result<ArchiveDeps, JobError> {
        self.given(account, |jobs| jobs.archive.clone())
    }
}

impl Provide<NoticeDeps> for Accounts {
    fn provide(&self, account: &str) -> Result<NoticeDeps, JobError> {
        self.given(account, |jobs| jobs.notices.clone())
    }
}

impl Provide<connections::NoticeDeps> for Accounts {
    fn provide(&self, account: &str) -> Result<connections::NoticeDeps, JobError> {
        self.given(account, |jobs| jobs.connection_notices.clone())
    }
}

impl Provide<Connections> for Accounts {
    fn provide(&self, account: &str) -> Result<Connections, JobError> {
        Ok(self.of(account).map_err(JobError::retry)?.connections.clone())
    }
}

impl Provide<Notices> for Accounts {
    fn provide(&self, account: &str) -> Result<Notices, JobError> {
        Ok(self.of(account).map_err(JobError::retry)?.notices.clone())
    }
}

impl Provide<AlertDeps> for Accounts {
    fn provide(&self, account: &str) -> Result<AlertDeps, JobError> {
        self.given(account, |jobs| jobs.alerts.clone())
    }
}

impl Provide<RunDeps> for Accounts {
    fn provide(&self, account: &str) -> Result<RunDeps, JobError> {
        self.given(account, |jobs| jobs.runs.clone())
    }
}

impl Provide<Integrations> for Accounts {
    fn provide(&self, account: &str) -> Result<Integrations, JobError> {
        self.given(account, |jobs| jobs.integrations.clone())
    }
}
