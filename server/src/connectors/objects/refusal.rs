//! What a store in the network means by an error: its own code, which stands in the body of the answer, decides.
//! Sources: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>,
//! <https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2>. Knows nothing of files and folders.

/// What is in the way, by what somebody can do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The bucket is in another region: this one, where the store says so.
    Region(Option<String>),
    /// The key that encrypts.
    Key,
    /// Who we are.
    Credentials,
    /// There is no such bucket.
    Bucket,
    Clock,
    /// There is no room.
    Full,
    /// It may work another time.
    Passes,
    /// This call is not allowed, or not known there. The store's code, where it gives one.
    Denied(Option<String>),
}

impl Refusal {
    /// Reads the text of an error; `None` where the store has not answered, or with nothing that says more than the kind
    /// of error does.
    pub(super) fn read(error: &str) -> Option<Self> {
        let (code, status) = (code(error), status(error));
        let Some(code) = code else {
            return match status? {
                408 | 409 | 425 | 429 => Some(Self::Passes),
                404 | 412 => None,
                400..=499 | 501 => Some(Self::Denied(None)),
                _ => None,
            };
        };
        Some(match code {
            "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" | "PermanentRedirect" => {
                Self::Region(region(error).map(str::to_owned))
            }
            "NoSuchBucket" | "InvalidBucketName" | "ContainerNotFound" | "ContainerDisabled" => Self::Bucket,
            "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "InvalidSignature"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "InvalidToken"
            | "InvalidClientTokenId"
            | "InvalidIdentityToken"
            | "TokenRefreshRequired"
            | "InvalidSecurity"
            | "MissingSecurityHeader"
            | "AuthenticationFailed"
            | "AuthenticationRequired"
            | "NoAuthenticationInformation"
            | "InvalidAuthenticationInfo" => Self::Credentials,
            "RequestTimeTooSkewed" => Self::Clock,
            "XMinioStorageFull" | "QuotaExceeded" | "InsufficientStorage" | "InsufficientCapacity" => {
                Self::Full
            }
            code if passes(code) => Self::Passes,
            code if code.starts_with("KMS.") || code.starts_with("KeyVault") => Self::Key,
            "NoSuchKey" | "NoSuchUpload" | "BlobNotFound" | "PreconditionFailed" | "ConditionNotMet"
            | "BlobAlreadyExists" => return None,
            code => match status {
                Some(500 | 502..) => Self::Passes,
                _ => Self::Denied(Some(code.to_owned())),
            },
        })
    }
}

/// Refusals that are not of our doing, although they look so by their status: damage on the way, and haste.
fn passes(code: &str) -> bool {
    let damaged =
        ["Digest", "Checksum", "SHA256Mismatch", "IncompleteBody", "InvalidPart", "InvalidBlockList"];
    let hasty = [
        "RequestTimeout",
        "SlowDown",
        "Throttl",
        "TooManyRequests",
        "OperationAborted",
        "ServerBusy",
        "OperationTimedOut",
    ];
    let broken = ["Internal", "ServiceUnavailable", "ConditionalRequestConflict"];
    damaged.iter().chain(&hasty).chain(&broken).any(|part| code.contains(part))
}

/// `<Code>…</Code>` of an answer, or the code that the library found for one of several objects.
fn code(error: &str) -> Option<&str> {
    let code = between(error, "<Code>", "</Code>").or_else(|| between(error, "(code: ", ")"))?;
    let is_code = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    Some(code.trim()).filter(|code| !code.is_empty() && code.len() <= 64 && code.chars().all(is_code))
}

/// `<Region>…</Region>`, or what the message expects.
fn region(error: &str) -> Option<&str> {
    let region = between(error, "<Region>", "</Region>").or_else(|| {
        let expecting = error.split_once("expecting ")?.1;
        between(expecting, "'", "'").or_else(|| between(expecting, "&apos;", "&apos;"))
    })?;
    let is_region = |c: char| c.is_ascii_alphanumeric() || c == '-';
    Some(region.trim()).filter(|name| !name.is_empty() && name.len() <= 40 && name.chars().all(is_region))
}

fn status(error: &str) -> Option<u16> {
    error.split_once("status code: ")?.1.get(..3)?.parse().ok()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split_once(end).map(|(found, _)| found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, body: &str, expected: Option<&Refusal>) {
        let error = format!(
            "Generic S3 error: Error performing PUT https://s3.example.com/files/v1/a in 3ms - Server \
                             returned non-2xx status code: {status} Some Reason: {body}"
        );
        assert_eq!(Refusal::read(&error).as_ref(), expected, "{status} {body}");
    }

    /// As the stores word them.
    #[test]
    fn the_stores_own_code_says_what_to_mend() {
        let xml = |code: &str| {
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>m</Message></Error>"
            )
        };
        check(
            400,
            "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region \
             'eu-west-1' is wrong; expecting 'us-east-1'</Message><Region>us-east-1</Region></Error>",
            Some(&Refusal::Region(Some("us-east-1".into()))),
        );
        check(
            400,
            "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region &apos;a&apos; is wrong; expecting \
             &apos;us-east-1&apos;</Message></Error>",
            Some(&Refusal::Region(Some("us-east-1".into()))),
        );
        check(400, &xml("AuthorizationHeaderMalformed"), Some(&Refusal::Region(None)));
        check(301, &xml("PermanentRedirect"), Some(&Refusal::Region(None)));
        for code in ["KMS.DisabledException", "KMS.NotFoundException", "KMS.KMSInvalidStateException"] {
            check(400, &xml(code), Some(&Refusal::Key));
        }
        for code in ["InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthenticationFailed"] {
            check(403, &xml(code), Some(&Refusal::Credentials));
        }
        check(400, &xml("ExpiredToken"), Some(&Refusal::Credentials));
        check(404, &xml("NoSuchBucket"), Some(&Refusal::Bucket));
        check(404, &xml("ContainerNotFound"), Some(&Refusal::Bucket));
        check(403, &xml("RequestTimeTooSkewed"), Some(&Refusal::Clock));
        check(507, &xml("XMinioStorageFull"), Some(&Refusal::Full));
        check(403, &xml("AccessDenied"), Some(&Refusal::Denied(Some("AccessDenied".into()))));
        check(501, &xml("NotImplemented"), Some(&Refusal::Denied(Some("NotImplemented".into()))));
        check(405, "", Some(&Refusal::Denied(None)));
        check(400, &xml("InvalidRequest"), Some(&Refusal::Denied(Some("InvalidRequest".into()))));
        check(400, "", Some(&Refusal::Denied(None)));
    }

    #[test]
    fn what_passes_and_what_is_merely_not_there_is_no_refusal() {
        let xml = |code: &str| format!("<Error><Code>{code}</Code></Error>");
        for (status, code) in [
            (400, "KMS.ThrottlingException"),
            (400, "BadDigest"),
            (400, "RequestTimeout"),
            (503, "SlowDown"),
            (409, "OperationAborted"),
        ] {
            check(status, &xml(code), Some(&Refusal::Passes));
        }
        check(502, &xml("SomethingNew"), Some(&Refusal::Passes));
        check(503, "<html>", None);
        check(404, "", None);
        check(404, &xml("NoSuchKey"), None);
        assert_eq!(Refusal::read("Generic S3 error: connection refused"), None);
        let one_of_many =
            "Generic S3 error: DeleteObjects request failed for key a: Access Denied (code: AccessDenied)";
        assert_eq!(Refusal::read(one_of_many), Some(Refusal::Denied(Some("AccessDenied".into()))));
    }
}
