//! Whether somebody is among those whom a setting names, by what Zendesk says of them at that moment. **Invariant:** Zendesk is asked
//! for no more than the settings need: ids cost one call, names another.

use super::Agent;
use crate::{
    connectors::{
        VendorError,
        zendesk::{Role, User, ZendeskClient, ZendeskError},
    },
    setting::{Audience, Standing, is_id},
};

/// What Zendesk says of a user, as far as these audiences ask. `groups` are the user's, where they were read already.
pub async fn standing(
    zendesk: &ZendeskClient,
    user: &User,
    groups: Option<&[u64]>,
    audiences: &[Audience],
) -> Result<Standing, ZendeskError> {
    let (groups, custom) = futures::try_join!(
        group_names(zendesk, user, groups, audiences),
        custom_role(zendesk, user, audiences)
    )?;
    let is_admin = user.role == Role::Admin;
    let plain = if is_admin { "admin" } else { "agent" };
    let roles = [plain.to_owned()].into_iter().chain(custom).collect();
    Ok(Standing { is_admin, roles, groups, addresses: user.email.clone().into_iter().collect() })
}

async fn custom_role(
    zendesk: &ZendeskClient,
    user: &User,
    audiences: &[Audience],
) -> Result<Vec<String>, ZendeskError> {
    let Some(id) = user.custom_role_id else { return Ok(Vec::new()) };
    let is_name =
        |name: &String| !(is_id(name) || ["admin", "agent"].contains(&name.to_lowercase().as_str()));
    if !audiences.iter().any(|one| one.roles().iter().any(is_name)) {
        return Ok(vec![id.to_string()]);
    }
    // An account without custom roles, or one that does not let us read them: nobody is known by the name of one.
    let name = match zendesk.custom_role_name(id).await {
        Err(error) if error.is_denied_or_absent() => None,
        name => name?,
    };
    Ok([id.to_string()].into_iter().chain(name).collect())
}

async fn group_names(
    zendesk: &ZendeskClient,
    user: &User,
    known: Option<&[u64]>,
    audiences: &[Audience],
) -> Result<Vec<String>, ZendeskError> {
    let by_name = audiences.iter().any(|one| one.groups().iter().any(|name| !is_id(name)));
    if audiences.iter().all(|one| one.groups().is_empty()) {
        return Ok(Vec::new());
    }
    let ids = match known {
        Some(ids) => ids.to_vec(),
        None => zendesk.group_ids_of(user.id).await?,
    };
    let mut groups: Vec<String> = ids.iter().map(u64::to_string).collect();
    if by_name {
        let all = zendesk.groups().await?;
        groups.extend(all.into_iter().filter(|group| ids.contains(&group.id)).map(|group| group.name));
    }
    Ok(groups)
}

impl Agent {
    /// Whether the agent was among these when Zendesk was last asked. Of roles and groups, only those that the session knows.
    pub fn is_in(&self, audience: &Audience) -> bool {
        match audience {
            Audience::Agents => true,
            Audience::Admins => self.role == wire::Role::Admin,
            Audience::Roles(_) | Audience::Groups(_) | Audience::Addresses(_) => {
                self.audiences.contains(&audience.to_string())
            }
        }
    }
}
