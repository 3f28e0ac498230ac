//! The server's codes in Korean: those that an agent can meet.

use wire::ErrorCode as E;

#[expect(clippy::too_many_lines, reason = "a line for each code")]
pub(super) fn error(code: E) -> Option<&'static str> {
    Some(match code {
        E::ArchiveCancelled => "삭제 전에 취소되었습니다.",
        E::ArchiveUndoOver => "취소할 수 있는 시간이 지났습니다.",
        E::ArchiveLegalHold => "태그로 보존 중이므로 복사하거나 삭제하지 않습니다.",
        E::ArchiveSentByUs => "고객에게 보낸 파일이므로 그대로 둡니다.",
        E::ArchiveByPolicy => "설정에 따라 제외됩니다.",
        E::ArchiveTooNew => "아직 새 파일이므로 제외됩니다.",
        E::ArchiveOpenForbidden => "보관된 파일을 열 권한이 없습니다. 관리자에게 문의하세요.",
        E::RedactionImageNotFound => "종료된 티켓의 본문에서 이미지를 찾지 못해 삭제하지 못했습니다.",
        E::ArchiveAdminsOnly => "관리자만 보관할 수 있습니다.",
        E::ArchiveReadOnlyRole => "티켓을 편집할 수 없는 역할이므로 보관할 수 없습니다.",
        E::ArchiveAskerInactive => "요청한 사용자가 현재 활성 에이전트가 아니므로 그대로 둡니다.",
        E::ArchiveTagSetterUnknown => {
            "태그를 추가한 사용자를 확인할 수 없습니다. 관리자에게 보관을 요청하세요."
        }
        E::ArchiveSenderUnknown => "고객이 보낸 파일인지 확인할 수 없어 그대로 둡니다.",
        E::AttachmentNotScanned => "Zendesk의 악성 코드 검사를 기다리는 중입니다.",
        E::ConnectionNotFound => "연결을 찾을 수 없습니다. 목록을 다시 불러오세요.",
        E::ConnectionInFile => "설정 파일에 지정된 연결입니다. 설정 파일에서 변경하세요.",
        E::ConnectionChanged => {
            "다른 관리자가 이 연결을 변경했습니다. 목록을 다시 불러온 뒤 다시 시도하세요."
        }
        E::ConnectionInUse => "사용 중인 연결이므로 삭제할 수 없습니다.",
        E::ConnectionInvalid => "연결 설정에 사용할 수 없는 값이 있습니다.",
        E::ConnectionTestFailed => "새 설정으로 연결하지 못했습니다. 이전 설정을 그대로 유지합니다.",
        E::ConnectionEditorsOnly => "연결과 연동을 변경하거나 행을 볼 권한이 없습니다.",
        E::SealKeyMissing => {
            "암호화 키가 설정되지 않아 비밀 값을 저장할 수 없습니다. 서버 운영자에게 문의하세요."
        }
        E::AuthorizationInvalid => "승인이 유효하지 않거나 만료되었습니다. 다시 연결하세요.",
        E::AuthorizationNumberWrong => "번호가 다릅니다. 다른 탭에 표시된 번호를 입력하세요.",
        E::AuthorizationDenied => "연결 대상에서 승인하지 않았습니다.",
        E::AuthorizationFailed => {
            "연결 대상에서 접근 권한을 받지 못했습니다. 클라이언트 ID, 시크릿, 콜백 URL을 확인하세요."
        }
        E::AuthorizationScope => "승인된 범위가 부족합니다. OAuth 클라이언트에 범위를 추가하세요.",
        E::AppNotInstalled => {
            "연결 대상 조직에 앱이 설치되어 있지 않습니다. 해당 조직에서 외부 클라이언트 앱을 만드세요."
        }
        E::RequestTimeout => "처리 시간이 너무 오래 걸렸습니다. 잠시 후 다시 시도하세요.",
        E::TooManyRequests => "요청이 너무 많습니다. 잠시 후 다시 시도하세요.",
        E::SessionMissing | E::SessionInvalid | E::SessionExpired => {
            "세션이 종료되었습니다. 페이지를 새로 고치세요."
        }
        E::AgentUnproved | E::ProofInvalid => "상담원을 확인하지 못했습니다. 다시 시도하세요.",
        E::AgentNotAllowed => "이 사용자는 Deskside를 사용할 수 없습니다. 관리자에게 문의하세요.",
        E::TwilioNotConfigured => "Twilio가 설정되지 않았습니다. 관리자에게 요청하세요.",
        E::TicketNotFound => "티켓이 없거나 볼 권한이 없습니다.",
        E::TicketClosed => "종료된 티켓은 변경할 수 없습니다. 후속 티켓에서 처리하세요.",
        E::CustomerNotFound => "고객이 없거나 볼 권한이 없습니다.",
        E::CustomersHidden => "고객을 검색할 권한이 없습니다. 고객의 티켓을 여세요.",
        E::FlexDisabled => "통화 및 채팅 연동이 콘솔에서 꺼져 있습니다.",
        E::DialNumberInvalid => {
            "이 번호로는 전화를 걸 수 없습니다. 국가 번호를 붙여(예: +82 70 1234 5678) 고객의 전화번호를 수정하세요."
        }
        E::DialBusy => "Flex에서 다른 번호로 전화를 거는 중입니다. 연결될 때까지 기다리세요.",
        E::DialFlexAbsent => {
            "Flex가 열려 있지 않습니다. Zendesk와 같은 이메일로 Flex를 연 뒤 번호를 다시 누르세요."
        }
        E::DialOffline => "Flex에서 오프라인 상태입니다. 상태를 바꾼 뒤 번호를 다시 누르세요.",
        E::DialOnCall => {
            "Flex에서 통화 중이거나 전화가 오고 있습니다. 통화를 끝내고 작업을 완료한 뒤 번호를 다시 누르세요."
        }
        E::DialNotEnabled => {
            "Flex 발신이 설정되지 않았습니다. 다이얼패드, 발신자 번호, 대기열 설정을 관리자에게 요청하세요."
        }
        E::DialFailed => "Flex에서 전화를 걸지 못했습니다. Flex의 안내를 확인한 뒤 번호를 다시 누르세요.",
        E::DialGone => "이 전화 요청이 없거나 다른 Flex 화면이 가져갔습니다.",
        E::ZendeskUnavailable => "Zendesk가 응답하지 않습니다. 1분 후 다시 시도하세요.",
        E::ZendeskRateLimited => "Zendesk 요청이 많습니다. 잠시 후 다시 시도하세요.",
        E::ZendeskReconnect => "Zendesk 연결이 끊겼습니다. 관리자에게 다시 연결을 요청하세요.",
        E::ZendeskScope => "Zendesk가 설정된 범위(scope)를 허용하지 않습니다. 관리자에게 문의하세요.",
        E::ZendeskClientKind => "Zendesk OAuth 클라이언트의 종류가 올바르지 않습니다. 관리자에게 문의하세요.",
        E::ZendeskForbidden => "Zendesk가 이 작업을 허용하지 않습니다. 관리자에게 권한을 확인하세요.",
        E::ZendeskRejected => "Zendesk가 이 작업을 거부했습니다.",
        E::TwilioUnavailable => "Twilio가 응답하지 않습니다. 1분 후 다시 시도하세요.",
        E::TwilioReconnect => "Twilio 연결이 끊겼습니다. 관리자에게 다시 연결을 요청하세요.",
        E::ArchiveNothing => "보관할 파일이 없습니다.",
        E::ArchiveRunNotFound => "이 보관 작업은 더 이상 없습니다.",
        E::AttachmentNotFound => "첨부 파일이 더 이상 없습니다.",
        E::AttachmentMalware => "Zendesk가 악성 코드를 발견했습니다. 복사하거나 삭제하지 않습니다.",
        E::AttachmentIncomplete => "다운로드한 내용이 Zendesk의 정보와 다릅니다. 다시 시도하세요.",
        E::AttachmentHostRefused => "허용되지 않은 다운로드 주소입니다. 관리자에게 문의하세요.",
        E::AttachmentUnreadable => {
            "Zendesk가 보낸 파일 정보를 읽을 수 없습니다. 파일은 Zendesk에 그대로 남습니다."
        }
        E::AttachmentTooLarge => "파일이 너무 커서 보관할 수 없습니다.",
        E::RedactionNeedsWorkspace => "종료된 티켓에서 삭제하려면 에이전트 작업 공간이 필요합니다.",
        E::RedactionLimit => "Zendesk의 변경 한도로 대기 중입니다. 자동으로 계속됩니다.",
        E::RedactionUnproven => "Zendesk에서 삭제되었는지 확인하지 못했습니다. 다시 시도하세요.",
        E::ArchiveUnavailable => "보관소가 응답하지 않습니다. 잠시 후 다시 시도하세요.",
        E::ArchiveElsewhere => "보관소의 위치가 설정과 다릅니다. 관리자에게 문의하세요.",
        E::ArchiveCredentials => "보관소의 인증 정보가 올바르지 않습니다. 관리자에게 문의하세요.",
        E::ArchiveKey => "보관소의 암호화 키를 사용할 수 없습니다. 관리자에게 문의하세요.",
        E::ArchiveBucket => "보관소의 버킷이 없습니다. 관리자에게 문의하세요.",
        E::ArchiveClock => "서버의 시각이 보관소와 다릅니다. 관리자에게 문의하세요.",
        E::ArchiveDenied => "보관소가 쓰기를 거부했습니다. 관리자에게 문의하세요.",
        E::ArchiveFull => "보관소 공간이 부족합니다. 관리자에게 문의하세요.",
        E::ArchiveMismatch => "보관된 사본이 원본과 다릅니다. 다시 시도하세요.",
        E::ArchiveFileNotFound | E::ArchiveFileMissing => {
            "보관소에 이 파일이 없습니다. 관리자에게 문의하세요."
        }
        E::ArchiveFileQuarantined => "악성 코드로 격리되었습니다. 관리자만 열 수 있습니다.",
        E::ArchiveFilePending => "이 파일은 아직 보관되지 않았습니다.",
        E::StoreBusy | E::StoreUnavailable => "Deskside가 혼잡합니다. 잠시 후 다시 시도하세요.",
        E::StoreReadOnly | E::StoreFull | E::StoreCorrupt => {
            "Deskside가 데이터를 저장할 수 없습니다. 관리자에게 알리세요."
        }
        E::SettingsChanged => "설정이 이미 변경되었습니다. 현재 설정을 확인한 뒤 다시 저장하세요.",
        E::SettingInvalid => "설정할 수 없는 값입니다.",
        E::SettingUnknown => "서버에 없는 설정입니다. 페이지를 다시 여세요.",
        E::AdminOnly => "관리자만 사용할 수 있습니다.",
        E::QueryInvalid => "검색 조건이 올바르지 않습니다.",
        E::BodyInvalid | E::BodyTooLarge => "서버가 전송된 내용을 읽을 수 없습니다. 페이지를 다시 여세요.",
        E::PathInvalid => "주소가 올바르지 않습니다. 페이지를 다시 여세요.",
        E::IntegrationNotFound => "이 연동은 더 이상 없습니다.",
        E::IntegrationChanged => "연동이 이미 변경되었습니다. 현재 내용을 확인한 뒤 다시 저장하세요.",
        E::IntegrationInvalid => "이 내용으로는 연동을 저장할 수 없습니다.",
        E::IntegrationPaused => "연동이 일시 중지되어 있어 외부 시스템에서 시작할 수 없습니다.",
        E::IntegrationEnabled => "연동이 켜져 있어 다음 실행에서 값이 다시 기록됩니다. 먼저 일시 중지하세요.",
        E::NothingToRetry => "다시 보낼 행이 없거나 실행이 아직 끝나지 않았습니다.",
        E::ModelInvalid => "모델의 SQL을 실행할 수 없습니다. 표시된 줄과 열을 확인하세요.",
        E::SourceUnreadable => "소스를 읽을 수 없습니다. 연결과 읽기 내용을 확인하세요.",
        E::TicketsNotKept => "아직 티켓을 읽지 않았습니다. 티켓을 읽는 연동을 실행하세요.",
        E::MachineKeyNotFound => "이 키는 없거나 이미 폐기되었습니다. 목록을 새로 고치세요.",
        E::MachineKeyName => {
            "이 이름은 사용할 수 없거나 유효한 다른 키가 사용하고 있습니다. 다른 이름을 입력하세요."
        }
        E::MachineKeysFull => "유효한 키의 수가 한도에 도달했습니다. 사용하지 않는 키를 폐기하세요.",
        E::ContractNotIntegrated => "계약을 가져오는 연동이 활성화되어 있지 않습니다.",
        E::TriggerFieldMissing => {
            "트리거가 비교할 필드가 아직 Zendesk에 없습니다. 연동을 실행하고 몇 분 뒤에 다시 시도하세요."
        }
        E::TriggersRefused => "Zendesk에서 트리거를 만들 수 없습니다.",
        E::DryRunNeeded => "먼저 테스트 실행을 하고 결과를 확인하세요.",
        E::RunNotFound => "이 실행 기록은 더 이상 없습니다.",
        E::RunInProgress => {
            "이 연동의 다른 실행이 아직 끝나지 않았습니다. 끝나기를 기다리거나 계속 또는 취소한 뒤 다시 시도하세요."
        }
        E::RunEnded => "이 실행은 이미 끝났거나 확인을 기다리고 있지 않습니다.",
        E::Internal => "Deskside에 문제가 생겼습니다. 계속되면 관리자에게 알리세요.",
        _ => return of_calls(code),
    })
}

/// Those that only a call's panel can meet.
fn of_calls(code: E) -> Option<&'static str> {
    Some(match code {
        E::FlexTokenInvalid => "Flex 로그인이 유효하지 않습니다. 페이지를 새로 고치세요.",
        E::FlexAgentUnknown => "같은 이메일의 Zendesk 상담원을 찾을 수 없습니다. 관리자에게 문의하세요.",
        E::EngagementNotFound => "이 상담의 기록을 찾을 수 없습니다. Flex에서 다시 선택하세요.",
        E::NotesTooLong => "메모가 너무 깁니다. 4,000자 이내로 줄이세요.",
        E::NotesWritten => "메모가 이미 티켓에 기록되었습니다. 추가 내용은 티켓에 직접 적으세요.",
        E::NoteGivenUp => "메모를 티켓에 기록하지 못했습니다. 티켓에 직접 적으세요.",
        E::EngagementNotYours => "다른 상담원의 상담입니다. 티켓에는 아무것도 기록되지 않습니다.",
        E::OpenTicketHidden => "이 고객에게는 볼 권한이 없는 미해결 티켓이 있습니다. 담당 팀에 확인하세요.",
        E::TicketOutOfReach => "현재 권한으로는 이 상담의 티켓을 볼 수 없습니다. 관리자에게 문의하세요.",
        E::TicketRefused => {
            "Zendesk가 이 고객의 티켓을 만들지 못했습니다. 다른 티켓을 선택하면 메모가 기록됩니다."
        }
        E::TicketNumberInvalid => "입력된 번호는 티켓 번호가 아닙니다. 고객에게 번호를 확인하세요.",
        E::TicketNumberMissing => "티켓 번호가 입력되지 않았습니다.",
        E::CallerUnknown => "발신자의 번호나 주소와 일치하는 고객이 없습니다.",
        _ => return None,
    })
}
