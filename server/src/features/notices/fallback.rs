//! Others are told where whoever is in charge cannot be, with the reason. **Invariant:** what was tried for too long is told here once more,
//! before nobody tries any more; a page first in its own way.

use super::{
    Notices,
    job::Read,
    kind::Kind,
    rules::Reason,
    settings::{Fallback, Way},
    telling::{Told, Undelivered},
};
use crate::{
    queue::{JobError, Lease},
    store::notices::{Notice, NoticeState, Progress},
};

impl Notices {
    /// Tells others, with the reason.
    pub(super) async fn fall_back(
        &self,
        notice: &Notice,
        lease: &Lease,
        (read, reason): (&Read, Reason),
        known: Progress,
    ) -> Result<(), JobError> {
        let (channel, told_to) = match self.0.settings.fallback {
            Fallback::By(Way::Off) => {
                return self.settle(notice, lease, (NoticeState::NotTold, Some(reason)), known).await;
            }
            Fallback::By(way) => (way.as_str(), way.as_str().to_owned()),
            Fallback::Group(id) => ("group", format!("group {id}")),
        };
        let progress = Progress {
            told_to: Some(told_to),
            channel: Some(channel.to_owned()),
            reason: Some(reason.kept()),
            ..known
        };
        self.begin(notice, lease, &progress).await?;
        let told = match self.0.settings.fallback {
            Fallback::By(way) => match self.end_earlier(notice, lease, way).await {
                Ok(()) => self.tell(notice, read, (way, None, None), Some(reason)).await,
                Err(error) => Err(error),
            },
            Fallback::Group(group) => self.tell_group(notice, read, group, reason).await,
        };
        match told {
            Ok(Told) => self.settle(notice, lease, (NoticeState::Fallback, Some(reason)), progress).await,
            Err(Undelivered::Because(why)) if reason == Reason::ChannelDown => {
                self.later(notice, lease, JobError::retry(why.sentence())).await // neither way: the first may come back
            }
            Err(Undelivered::Because(why)) => {
                tracing::warn!(
                    account = self.0.account,
                    notice = notice.id,
                    code = why.code(),
                    "the fallback of notices could not be told: {}",
                    why.sentence()
                );
                self.settle(notice, lease, (NoticeState::NotTold, Some(reason)), progress).await
            }
            Err(Undelivered::Later(error)) => self.later(notice, lease, error).await,
        }
    }

    /// It was tried for too long: others are told, once more, as far as anything can be read.
    pub(super) async fn give_up(&self, notice: &Notice, lease: &Lease) -> Result<(), JobError> {
        let given_up = (NoticeState::NotTold, Some(Reason::GaveUp));
        let was_interrupted = notice.state == NoticeState::Sending && !self.can_be_repeated(notice);
        if notice.kind == Kind::PageOver || was_interrupted {
            return self.settle(notice, lease, given_up, Progress::default()).await;
        }
        let read = match self.read(notice).await {
            Ok(Ok(read)) => read,
            Ok(Err(reason)) => {
                let not = (NoticeState::NotTold, Some(reason));
                return self.settle(notice, lease, not, Progress::default()).await;
            }
            // The trigger saw an emergency: rather told with its number alone than never.
            Err(_) if notice.kind == Kind::Page => Read::nothing(),
            Err(_) => return self.settle(notice, lease, given_up, Progress::default()).await,
        };
        if notice.kind == Kind::Page
            && let Ok(Ok(progress)) = self.tell_in_charge(notice, lease, &read).await
        {
            return self.settle(notice, lease, (NoticeState::Told, None), progress).await;
        }
        let known = read.known(notice.kind);
        match self.fall_back(notice, lease, (&read, Reason::GaveUp), known).await {
            Ok(()) => Ok(()),
            Err(_) => self.settle(notice, lease, given_up, Progress::default()).await,
        }
    }
}
