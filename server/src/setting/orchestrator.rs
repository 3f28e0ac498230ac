//! Variables that only share our name: Kubernetes sets some for every service of a namespace, so a service called
//! `deskside-server` gives us `DESKSIDE_SERVER_SERVICE_HOST`.
//! Source: <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables> and Docker's links.

/// Whether an orchestrator sets a variable of such a name.
pub(super) fn sets(name: &str) -> bool {
    if ["_SERVICE_HOST", "_SERVICE_PORT", "_PORT"].iter().any(|end| name.ends_with(end)) {
        return true;
    }
    if name.contains("_SERVICE_PORT_") {
        return true; // a port that has a name
    }
    name.rsplit_once("_PORT_").is_some_and(|(_, rest)| is_port(rest))
        || name
            .strip_suffix("_PORT")
            .and_then(|name| name.rsplit_once("_PORT_"))
            .is_some_and(|(_, rest)| is_port(rest))
}

/// Like `8080_TCP` or `8080_TCP_ADDR`.
fn is_port(text: &str) -> bool {
    let (number, rest) = text.split_once('_').unwrap_or((text, ""));
    let protocol = rest.split('_').next().unwrap_or_default();
    !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && ["TCP", "UDP", "SCTP"].contains(&protocol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_an_orchestrator_are_known_by_their_ends() {
        for (name, expected) in [
            ("DESKSIDE_SERVER_SERVICE_HOST", true),
            ("DESKSIDE_SERVER_SERVICE_PORT", true),
            ("DESKSIDE_SERVER_SERVICE_PORT_HTTP", true),
            ("DESKSIDE_SERVER_PORT", true),
            ("DESKSIDE_SERVER_PORT_8080_TCP", true),
            ("DESKSIDE_SERVER_PORT_8080_TCP_ADDR", true),
            ("DESKSIDE_SERVER_PORT_8080_UDP_PORT", true),
            ("DESKSIDE_SERVER_PORT_8080_SCTP_PROTO", true),
            ("DESKSIDE_SERVER__LISTEN", false),
            ("DESKSIDE_SERVER_LISTEN", false),
            ("DESKSIDE_SERVER_PORT_NUMBER", false),
            ("DESKSIDE_SERVER_PORT_8080", false),
        ] {
            assert_eq!(sets(name), expected, "{name}");
        }
    }
}
