//! What the console says in Korean.

use super::ConsoleWords;

pub(super) static WORDS: ConsoleWords = ConsoleWords {
    pages: "페이지",
    admins_only: "관리자 전용 콘솔입니다",
    admins_only_why: "이 Zendesk 계정의 관리자에게 문의하세요. 티켓 옆의 Deskside는 그대로 사용할 수 있습니다.",

    archive: "보관",
    archive_what: "Zendesk에서 보관소로 옮긴 파일과 요청한 사람의 기록입니다. 읽기 전용입니다.",
    files_moved: "보관한 파일",
    bytes_moved: "보관한 용량",
    busiest_day: "가장 많았던 날",
    in_days: |days| format!("최근 {days}일"),
    days: |days| format!("{days}일"),
    per_day: "일별 보관 용량(UTC)",
    nothing_moved: "이 기간에 Zendesk에서 옮긴 파일이 없습니다.",
    bar: |day, files, size| format!("{day}: {files}개, {size}"),

    ticket: "티켓",
    what: "작업",
    anything: "전체",
    who: "실행자",
    since: "시작일",
    until: "종료일",
    search: "검색",
    when: "시각(UTC)",
    file: "첨부 파일",
    sha256: "SHA-256",
    place: "보관 위치",
    older: "더 보기",
    loading: "불러오는 중",
    rows: |count| format!("{count}건"),
    latest_rows: |count| format!("최근 {count}건"),
    nothing_found: "해당하는 기록이 없습니다",
    nothing_found_why: "조건을 줄이거나 기간을 늘려 보세요.",
    nothing_yet: "아직 보관한 파일이 없습니다",
    nothing_yet_why: "티켓 사이드바, 태그 또는 deskside archive로 첨부 파일을 보관하면 모든 단계가 여기에 기록됩니다.",
    save: |format| format!("{format} 내보내기"),
    saving: "내보내는 중…",
    flex: "통화 및 채팅",
    flex_what: "Twilio Flex에서 상담원이 통화나 채팅을 수락할 때의 동작입니다. 변경 사항은 다음 건부터 적용됩니다.",
    section: |section| match section {
        "general" => "일반",
        "navigate" => "Zendesk에 표시할 화면",
        "top_bar" => "Zendesk 상단 표시줄의 Flex",
        "tickets" => "티켓과 고객",
        "log" => "티켓에 남길 기록",
        "outbound" => "Zendesk에서 거는 전화",
        _ => "",
    },
    setting: |setting| match setting {
        "enabled" => ("사용", "끄면 표시, 생성, 기록을 하지 않습니다."),
        "contract_panel" => ("Flex에 계약 표시", ""),
        "navigate_valid" => ("유효한 티켓 번호", "수락할 때와 다시 선택할 때 표시합니다."),
        "navigate_invalid" => ("잘못된 티켓 번호", ""),
        "navigate_none" => ("티켓 번호 없음", ""),
        "talk_partner" => (
            "Talk Partner Edition으로 표시",
            "앱이 로드되지 않아도 Zendesk가 직접 화면을 엽니다. 라이선스가 없는 상담원에게는 앱이 표시합니다.",
        ),
        "flex_url" => (
            "Flex URL",
            "예: https://flex.twilio.com/acme-1234?path=/agent-desktop. 비워 두면 Flex는 별도의 탭에서 사용합니다. 상담원에게는 Zendesk를 다시 불러온 뒤에 보입니다.",
        ),
        "flex_width" => ("Flex 위젯 너비", "픽셀 단위, 300~1600."),
        "flex_height" => ("Flex 위젯 높이", "픽셀 단위, 300~1200."),
        "without_number" => ("번호가 없을 때의 티켓", "발신자의 열린 티켓에서 고릅니다."),
        "choose_first" => (
            "티켓을 선택하기 전에는 완료할 수 없음",
            "여러 티켓이 후보이면 상담원이 선택할 때까지 Flex에서 상담을 완료할 수 없습니다.",
        ),
        "create_ticket" => ("티켓이 없으면 만들기", ""),
        "create_user" => {
            ("등록되지 않은 고객 만들기", "전화번호, 이메일, 외부 ID로 확인하며 중복을 만들지 않습니다.")
        }
        "subject" => ("새 티켓 제목", "작업 속성을 쓰는 템플릿(예: {{ channel }}: {{ caller }})"),
        "description" => ("새 티켓 설명", "내부 메모이며 고객에게 발송되지 않습니다."),
        "automatic_tag" => ("모든 티켓에 붙일 태그", "비우면 붙이지 않습니다."),
        "assign" => ("수락한 상담원에게 배정", ""),
        "missed_ticket" => ("부재중 전화의 티켓 만들기", ""),
        "log_start" => ("작업 시작", "수락할 때 내부 메모를 남깁니다."),
        "log_switch" => ("작업 전환", "다시 선택할 때 남깁니다."),
        "log_complete" => ("작업 완료", "끝날 때 시간과 결과를 남깁니다."),
        "transcript" => ("채팅 내용", "마지막 메모에 남깁니다."),
        "recording_inbound" => ("수신 통화 녹음", "Twilio 로그인 없이 들을 수 있는 링크입니다."),
        "recording_outbound" => ("발신 통화 녹음", ""),
        "outcomes" => {
            ("상담 결과 선택지", "한 줄에 하나씩. 상담원이 종료할 때 하나를 고르고 메모를 남깁니다.")
        }
        "logged_attributes" => {
            ("기록할 속성", "한 줄에 하나씩. 점으로 하위 속성을 지정합니다. 다른 속성은 기록하지 않습니다.")
        }
        "outbound_caller_id" => (
            "발신자 번호",
            "공백 없는 국제 형식(예: +827012345678). 비우면 다음 세 항목과 함께 Flex 설정을 따릅니다.",
        ),
        "outbound_queue_sid" => ("대기열 SID", "WQ…. 상담원이 속한 대기열입니다."),
        "outbound_workflow_sid" => ("워크플로 SID", "WW…"),
        "outbound_task_channel_sid" => ("작업 채널 SID", "TC…. Flex가 통화로 다루는 채널입니다."),
        "outbound_country" => {
            ("국가 번호가 없는 전화번호의 국가", "국가 번호(예: +82). 비우면 그런 번호로는 걸지 않습니다.")
        }
        "name" => ("이름", "나와 다른 관리자에게 표시됩니다."),
        "environment" => ("환경", ""),
        "base_url" => ("Zendesk 계정", "주소(예: acme.zendesk.com)"),
        "flow" => ("로그인 방식", ""),
        "client_id" => ("클라이언트 ID", "Salesforce에서는 소비자 키입니다."),
        "client_secret" => ("클라이언트 시크릿", ""),
        "my_domain" => ("내 도메인", "비워 두면 Salesforce 공용 로그인 페이지를 사용합니다."),
        "host" => ("호스트", ""),
        "port" => ("포트", "비워 두면 기본 포트입니다."),
        "database" => ("데이터베이스", ""),
        "user" => ("사용자", ""),
        "password" => ("비밀번호", ""),
        "tls" => ("암호화", ""),
        "ca" => ("인증 기관 인증서", "PEM 형식. 비워 두면 공인 인증 기관을 사용합니다."),
        "folder" => ("폴더", "서버의 절대 경로입니다. 운영자가 허용한 폴더 안이어야 합니다."),
        "username" => ("사용자 이름", "Deskside가 사용할 Salesforce 사용자입니다."),
        "private_key" => ("개인 키", "PEM 형식의 RSA 키입니다."),
        "number" => ("다른 탭의 번호", "숫자 6자리입니다."),
        _ => ("", ""),
    },
    option: |option| match option {
        "ticket" => "티켓",
        "user" => "고객",
        "nothing" => "표시 안 함",
        "ask" => "열린 티켓(여러 개면 상담원이 선택)",
        "latest_open" => "마지막으로 변경된 열린 티켓",
        "always_new" => "항상 새 티켓",
        "production" => "프로덕션",
        "sandbox" => "Sandbox",
        "web" => "브라우저에서 승인",
        "client_credentials" => "클라이언트 자격 증명",
        "jwt" => "JWT 베어러",
        "verify-full" => "TLS(인증서 확인)",
        "require" => "TLS(인증서 확인 안 함)",
        "disable" => "없음",
        _ => "",
    },
    save_settings: "저장",
    saved: "저장했습니다. 다음 통화나 채팅부터 적용됩니다.",
    load_again: "변경 내용을 버리고 다시 불러오기",
    conflict: |fields| format!("설정을 연 뒤에 변경되었습니다. 입력한 내용과 다른 항목: {fields}"),
    load_theirs: "저장된 설정 불러오기",
    save_mine: "내 변경 사항으로 덮어쓰기",
    session_over: "세션이 종료되었습니다. 다시 로그인하세요. 입력한 내용은 그대로 남습니다.",
    session_gone: "세션을 다시 열 수 없습니다. 입력한 내용을 복사한 뒤 이 페이지를 다시 여세요.",
    sign_in_again: "다시 로그인",
    saving_settings: "저장 중…",
    unsaved: "저장하지 않은 변경 사항이 있습니다",
    wrong_fields: |count| format!("항목 {count}개를 수정한 뒤 다시 저장하세요."),
    not_in_range: |least, most| format!("{least}에서 {most} 사이의 정수를 입력하세요."),
    not_a_ticket: "티켓 번호를 숫자로 입력하세요(예: 42).",
    not_accepted: |why| format!("이 값은 저장할 수 없습니다: {why}"),
    rule: |rule| {
        Some(match rule {
            "type" => "이 값은 저장할 수 없습니다. 페이지를 다시 여세요.",
            "too_long" => "4,000바이트 이내로 입력하세요.",
            "empty" => "내용을 입력하세요. 비어 있으면 Zendesk에서 티켓을 만들 수 없습니다.",
            "template" => "템플릿으로 사용할 수 없습니다. 내용을 확인하세요.",
            "slow" => "템플릿 처리에 1초 넘게 걸립니다. 짧게 줄이세요.",
            "tag" => "문자, 숫자, -, _, :, /만 사용해 255바이트 이내로 입력하세요.",
            "own_tag" => "Deskside가 사용하는 태그입니다. 다른 태그를 입력하세요.",
            "many_outcomes" => "30줄 이내로 입력하세요.",
            "outcome" => "빈 줄 없이 한 줄에 100자 이내로 입력하세요.",
            "many_attributes" => "속성은 50개까지 입력할 수 있습니다.",
            "attribute" => "빈 줄 없이 한 줄에 200바이트 이내로 입력하세요.",
            "phone_number" => "E.164 형식으로 입력하세요(예: +815012345678).",
            "sid" => "종류를 나타내는 두 글자와 16진수 32자리로 된 SID를 입력하세요.",
            "country" => "국가 번호를 입력하세요(예: +81).",
            "range" => "범위 안의 값을 입력하세요.",
            "url" => "주소를 입력하세요(예: https://flex.twilio.com).",
            "https" => "https://로 시작하는 주소를 입력하세요.",
            "url_credentials" => "주소에서 사용자 이름과 비밀번호를 빼세요.",
            "origin" => "서버의 twilio.flex_origins에서 허용하지 않는 주소입니다.",
            "agent_desktop" => {
                "주소에 ?path=/agent-desktop을 추가하세요. 없으면 관리자에게 상담원 데스크톱이 표시되지 않습니다."
            }
            _ => return None,
        })
    },
    leave_title: "저장하지 않고 이동할까요?",
    leave_why: "이 페이지의 변경 사항이 사라집니다.",
    stay: "이 페이지에 머물기",
    leave: "변경 사항 버리기",
    only_ticket: |ticket| format!("{ticket} 티켓만 보기"),
    action: |action| {
        Some(match action {
            "requested" => "요청",
            "joined" => "진행 중인 작업에 추가",
            "planned" => "대기",
            "stored" => "복사됨",
            "verified" => "확인됨",
            "redacted" => "보관됨",
            "skipped" => "Zendesk에 유지",
            "held" => "보존",
            "failed" => "실패",
            "cancelled" => "취소됨",
            "run_cancelled" => "작업 취소됨",
            "copy_deleted" => "사본 삭제됨",
            "copy_kept" => "사본 유지됨",
            "nothing_to_archive" => "보관할 파일 없음",
            "gave_up" => "중단됨",
            "opened" => "열람",
            "open_refused" => "열람 거부됨",
            "open_mismatch" => "사본 손상",
            "recording_opened" => "녹음 청취",
            "connection_added" => "연결 추가",
            "connection_changed" => "연결 변경",
            "connection_disconnected" => "연결 해제",
            "connection_deleted" => "연결 삭제",
            "connection_sampled" => "연결의 행 조회",
            "integration_added" => "연동 추가",
            "integration_changed" => "연동 변경",
            "integration_deleted" => "연동 삭제",
            "integration_previewed" => "연동의 행 조회",
            "integration_started" => "연동 실행 시작",
            "integration_confirmed" => "연동 실행 확인",
            "integration_cancelled" => "연동 실행 중단",
            "integration_exported" => "연동의 행 내보내기",
            "machine_key_made" => "머신용 키 생성",
            "machine_key_revoked" => "머신용 키 폐기",
            "triggers_connected" => "알림 트리거 생성 또는 변경",
            "notice_told" => "계약 알림 발송",
            "newcomer_written" => "신규 고객 필드 입력",
            _ => return None,
        })
    },
    reason: |code| {
        Some(match code {
            "undone" => "작업이 취소되었습니다",
            "not_in_zendesk" => "파일이 더 이상 Zendesk에 없습니다",
            "gave_up" => "보관소가 응답하지 않았습니다",
            "cancelled" => "명령줄에서 취소되었습니다",
            _ => return None,
        })
    },
    agent: |id| format!("상담원 {id}"),
    tag: "태그",
    operator: "명령줄",
    deskside: "Deskside",

    connections: "연결",
    connections_what: "Deskside가 사용할 수 있는 외부 서비스 계정과 데이터베이스입니다.",
    connection_add: "연결 추가",
    connections_read_only: "연결을 볼 수만 있습니다. 변경할 수 있는 관리자는 운영자가 integrations.editors로 지정합니다.",
    no_seal_key: "아직 비밀 값을 저장할 수 없습니다. 운영자가 server.seal_keys를 설정해야 합니다.",
    connection: "연결",
    connection_state: "상태",
    used_by: "사용처",
    connection_acts: "작업",
    no_connections: "아직 연결이 없습니다",
    kind: |key| match key {
        "zendesk" => ("Zendesk", "사용자와 조직 읽기 및 쓰기"),
        "salesforce" => ("Salesforce", "계정, 계약 등의 개체"),
        "mysql" => ("MySQL 또는 MariaDB", "데이터베이스(읽기 전용)"),
        "postgres" => ("PostgreSQL", "데이터베이스(읽기 전용)"),
        "report" => ("파일", "서버 폴더에 있는 CSV 또는 JSON Lines"),
        "twilio" => ("Twilio", ""),
        "objects" => ("보관 저장소", ""),
        "notify" => ("알림 웹훅", ""),
        _ => ("", ""),
    },
    connection_states: |key| match key {
        "connected" => "연결됨",
        "needs_attention" => "조치 필요",
        "disconnected" => "연결 해제됨",
        _ => "",
    },
    connection_problem: |key| {
        Some(match key {
            "secret_locked" => {
                "저장된 비밀 값을 읽을 수 없습니다. 운영자가 키를 `server.seal_keys`에 다시 넣거나 이 연결에 새 비밀 값을 지정하세요."
            }
            "test_failed" => {
                "마지막 테스트에 실패했습니다. 원인을 확인해 연결 설정을 수정한 뒤 다시 테스트하세요."
            }
            "refresh_lost" => "토큰을 갱신한 결과를 받지 못했습니다. 다시 연결하세요.",
            "refresh_refused" => "갱신 토큰이 더 이상 유효하지 않습니다. 다시 연결하세요.",
            "client_refused" => {
                "OAuth 클라이언트를 사용할 수 없습니다. 클라이언트 ID와 클라이언트 시크릿을 수정하세요."
            }
            "notice_trigger" => {
                "알림을 요청하는 Zendesk 트리거에 문제가 있습니다. ‘담당자 알림’ 페이지에서 트리거를 업데이트하거나 Zendesk에서 수정하세요."
            }
            "scope_refused" => {
                "필요한 범위가 허용되지 않았습니다. OAuth 클라이언트에 범위를 추가한 뒤 다시 연결하세요."
            }
            "address_blocked" => "이 주소로는 연결할 수 없습니다. 연결의 주소를 수정하세요.",
            "address_wrong" => "이 주소의 응답이 해당 서비스의 응답이 아닙니다. 연결의 주소를 수정하세요.",
            "renewal_refused" => {
                "토큰을 갱신하지 못했습니다. 외부 서비스에서 OAuth 클라이언트와 사용자가 활성 상태인지 확인한 뒤 다시 테스트하세요."
            }
            _ => return None,
        })
    },
    set_in_file: "설정 파일에서 지정",
    checked: |it| format!("확인: {it}"),
    unused: "사용 안 함",
    used_by_server: |key| {
        by_name!(key {
            "zendesk" => "카드, 통화, 보관, 알림",
            "twilio" => "통화",
            "objects" => "보관",
            "notify" => "알림",
        })
    },
    connection_test: "테스트",
    connect_again: "다시 연결",
    connection_change: "변경",
    disconnect: "연결 해제",
    delete: "삭제",
    choose_kind: "연결 종류",
    cancel: "취소",
    close: "닫기",
    continue_: "계속",
    connect: "연결",
    trying: "확인 중…",
    secret_stays: "비워 두면 저장된 값을 그대로 사용합니다.",
    callback_url: "OAuth 클라이언트에 등록할 리디렉션(콜백) URL",
    recipe: |key| match key {
        "zendesk" => {
            "Zendesk 관리 센터에서 앱 및 통합 → API → OAuth 클라이언트를 열고 기밀 클라이언트를 추가하세요. 식별자와 시크릿을 여기에 입력합니다. 브라우저에서 승인하려면 아래 URL도 클라이언트에 등록해야 합니다."
        }
        "salesforce" => {
            "Salesforce 설정에서 이 조직에 외부 클라이언트 앱을 만드세요. OAuth를 켜고 아래 콜백 URL을 등록한 뒤 api와 refresh_token 범위를 추가하고 PKCE를 필수로 지정합니다. 소비자 키와 시크릿을 여기에 입력하세요."
        }
        "client_credentials" => {
            "Salesforce 설정에서 이 조직에 외부 클라이언트 앱을 만들고 클라이언트 자격 증명 플로를 켠 뒤 실행 사용자를 선택하세요. 내 도메인에서만 사용할 수 있습니다."
        }
        "jwt" => {
            "Salesforce 설정에서 이 조직에 외부 클라이언트 앱을 만들고 JWT 베어러 플로를 켠 뒤 이 개인 키의 인증서를 업로드하고 사용자를 사전 승인하세요."
        }
        "database" => {
            "읽기 권한만 있는 데이터베이스 사용자를 사용하세요. Deskside는 항상 읽기 전용 트랜잭션으로 연결합니다."
        }
        _ => "",
    },
    consent_open: |it| format!("새 탭에서 {it} 열기"),
    consent_how: |it| {
        format!(
            "{it} 페이지가 새 탭에서 열립니다. Deskside가 사용할 사용자로 로그인해 접근을 허용한 뒤 이 페이지로 돌아오세요."
        )
    },
    consent_trouble: |key| match key {
        "zendesk" => "리디렉션 URL이 거부되면 OAuth 클라이언트에 등록된 URL과 정확히 일치하지 않는 것입니다.",
        "salesforce" => {
            "OAUTH_APPROVAL_ERROR_GENERIC 또는 OAUTH_EC_APP_NOT_FOUND가 표시되면 외부 클라이언트 앱이 로그인한 조직과 다른 조직에 속한 것입니다. redirect_uri_mismatch가 표시되면 콜백 URL이 다릅니다. 취소하고 수정하세요."
        }
        _ => "",
    },
    consent_waiting: "다른 탭에서 승인하기를 기다리고 있습니다…",
    consent_as: |organization, user| {
        format!(
            "{organization}의 {user} 사용자가 승인했습니다. 맞는 계정이면 다른 탭에 표시된 번호를 입력하세요."
        )
    },
    test_of: |it| format!("{it} 테스트"),
    test_step: |key| match key {
        "secret" => "비밀 값",
        "token" => "액세스 토큰",
        "user" => "사용자",
        "address" => "호스트 이름",
        "connection" => "연결",
        "folder" => "폴더",
        "sign_in" => "로그인",
        "read" => "읽기",
        "write" => "쓰기",
        "version" => "버전",
        "scopes" => "범위",
        _ => "",
    },
    step_ok: "성공",
    step_failed: "실패",
    test_ok: "정상적으로 연결됩니다.",
    test_failed: "아직 연결되지 않습니다.",
    disconnect_title: |it| format!("{it} 연결을 해제할까요?"),
    disconnect_why: "외부 서비스의 접근 권한을 취소하고 Deskside에 저장된 비밀 값을 지웁니다. 이 연결을 사용하는 작업은 일시 중지됩니다.",
    delete_title: |it| format!("{it} 항목을 삭제할까요?"),
    delete_why: "이 연결과 저장된 비밀 값을 삭제합니다.",
    used_by_these: |it| format!("사용처: {it}"),
    connection_saved: "저장했습니다.",
    connection_connected: "연결했습니다.",
    connection_disconnected: "연결을 해제했습니다. Deskside는 더 이상 접근할 수 없습니다.",
    connection_not_revoked: |it| {
        format!("연결을 해제했지만 외부 서비스에서 접근 권한이 취소되지 않았습니다: {it}")
    },
    connection_deleted: "삭제했습니다.",
    connection_deleted_not_revoked: |it| {
        format!("삭제했지만 외부 서비스에서 접근 권한이 취소되지 않았습니다: {it}")
    },
    other_page: |address| {
        by_name!(address {
            "notices" => "담당자 알림",
            "tickets" => "주별 티켓",
            "machine-keys" => "머신 키",
        })
        .unwrap_or_default()
    },
    integrations: "연동",
    integrations_what: "각 시스템에서 Zendesk로 가져오는 내용과 일정입니다.",
    no_integrations: "아직 연동이 없습니다",
    no_integrations_why: "여기서 만들거나 `deskside integrations import`로 등록하세요.",
    integration_new: "새 연동",
    overview: "개요",
    edit: "편집",
    integration: "연동",
    schedule: "실행 일정",
    by_hand: "직접 시작할 때만",
    every_minutes: |minutes| format!("{minutes}분마다"),
    every_hours: |hours| format!("{hours}시간마다"),
    daily: |at, zone| format!("매일 {at}({zone})"),
    cron: |cron, zone| format!("Cron {cron}({zone})"),
    plan_not_accepted: "테스트 실행을 승인하기 전에는 실행되지 않습니다.",
    last_run: "마지막 실행",
    integration_acts: "작업",
    disabled: "일시 중지됨",
    next_run: |at| format!("다음: {at}(현지 시간)"),
    integrations_read_only: "연동을 보고 실행을 시작하거나 취소할 수 있습니다. 연동 변경, 실행 승인 및 확인, 행 조회 권한은 운영자 설정 integrations.editors에서 정합니다.",
    editor_needed: "연동을 변경할 수 있는 관리자가 이 실행의 행을 확인하고 결정해야 합니다.",
    enable: "사용",
    pause: "일시 중지",
    pause_title: |it| format!("{it} 연동을 일시 중지할까요?"),
    pause_why: "더 이상 자동으로 실행되지 않으며, 이 연동이 가져온 계약은 카드에 표시되지 않습니다. Zendesk 필드는 그대로 유지됩니다. 다시 사용하면 다음 실행에서 계약을 다시 가져옵니다.",
    resend: "전체 다시 보내기",
    resend_title: |it| format!("{it} 전체를 다시 보낼까요?"),
    resend_why: "Zendesk에 이미 있는 값을 포함해 모든 행을 기록합니다. 첫 실행만큼 호출이 필요합니다. 실행에서 기록한 값이 Zendesk에 보이지 않을 때 사용하세요.",
    integration_delete_why: "이 연동의 실행 기록과 행, 로그를 삭제합니다. Zendesk에 기록한 값은 그대로 남으며 이후 갱신되거나 지워지지 않습니다. 이 연동이 가져온 계약은 카드에 표시되지 않습니다. 값도 지우려면 먼저 일시 중지하고 ‘기록한 값 비우기’를 선택하세요.",
    clear_fields: "기록한 값 비우기",
    clear_fields_title: |it| format!("{it}에서 기록한 값을 비울까요?"),
    clear_fields_why: "이 연동이 기록한 필드를 찾고, 값이 사라질 레코드 수를 확인한 뒤에 비웁니다. 이후 Zendesk에서 변경한 값은 그대로 둡니다.",
    never_ran: "실행된 적 없음",
    never_ran_why: "먼저 테스트 실행으로 기록하지 않고 변경 내용을 확인하세요.",
    object: |key| match key {
        "users" => "Zendesk 사용자",
        "organizations" => "Zendesk 조직",
        _ => "",
    },
    run_now: "지금 실행",
    dry_run: "테스트 실행",
    preview: "미리 보기",
    preview_of: |it| format!("{it}의 첫 행"),
    preview_partial: "모든 소스를 읽은 실행이 아직 없어 첫 행만 읽었습니다. 조인 결과가 실제보다 적을 수 있습니다.",
    preview_empty: "모델 결과에 행이 없습니다.",
    runs: "실행 기록",
    run: "실행",
    run_of: |it| format!("{it}(UTC) 실행"),
    run_kind_head: "종류",
    run_state_head: "상태",
    run_sum: "결과",
    run_kind: |key| match key {
        "run" => "실행",
        "resend" => "전체 다시 보내기",
        "dry" => "테스트 실행",
        "row" => "한 행",
        "clear" => "기록한 값 비우기",
        _ => "",
    },
    run_state: |key| match key {
        "queued" => "대기 중",
        "running" => "실행 중",
        "stopped" => "확인 대기",
        "completed" => "완료",
        "failed" => "실패",
        "cancelled" => "취소됨",
        _ => "",
    },
    run_problem: |key| {
        Some(match key {
            "dry_run_needed" => "이 모델, 키 또는 매핑의 테스트 실행이 아직 승인되지 않았습니다.",
            "field_missing" => "필드나 옵션이 Zendesk에 없습니다.",
            "source_shrank" => "소스의 행 수가 지난번보다 크게 줄었습니다.",
            "clears_too_much" => "많은 행에서 값이 지워지거나 많은 사람의 카드에서 계약이 사라집니다.",
            "changes_too_much" => "많은 행이 변경됩니다.",
            "all_rejected" => "모든 행이 거부되었습니다.",
            "counts_differ" => "행 수가 맞지 않습니다.",
            "integration_gone" => "연동이 삭제되었습니다.",
            "run_failed" => "실행에 실패했습니다.",
            "connection_moved" => "연결이 다른 계정, 데이터베이스 또는 폴더로 바뀌었습니다.",
            "source_failed" => "소스를 읽을 수 없습니다.",
            "sql_unfit" => "SQL이 연동 설정과 맞지 않습니다.",
            "row_not_found" => "모델 결과에 이 키의 행이 없습니다.",
            "overdue" => "예정된 실행 두 번이 모두 완료되지 않았습니다.",
            _ => return None,
        })
    },
    phase: |key| match key {
        "reading" => "소스를 읽는 중",
        "model" => "모델을 실행하는 중",
        "comparing" => "대상과 비교하는 중",
        "delivering" => "대상에 기록하는 중",
        "copying" => "카드에 표시할 계약을 갱신하는 중",
        _ => "",
    },
    accept_and_run: "승인하고 실행",
    accept_how: "아직 아무것도 쓰지 않았습니다. 아래 행을 확인하세요. 승인하고 실행을 누르면 실행이 시작되어 행을 씁니다.",
    confirm_run: "확인하고 계속",
    confirm_how: "아직 아무것도 쓰지 않았습니다. 아래 행을 확인하세요. 확인하고 계속을 누르면 쓰고, 실행 중단을 누르면 아무것도 바꾸지 않습니다.",
    cancel_run: "실행 중단",
    retry_rows: "지금 다시 보내기",
    run_retry: "다시 보내기",
    send_row: "한 행 보내기",
    send_row_key: "행의 키",
    run_log: "로그",
    run_log_show: "로그 보기",
    run_facts: |time, calls| format!("소요 시간: {time} · 기록 호출: {calls}회"),
    rows_written: |done, all| format!("{all}행 중 {done}행"),
    run_left: |time| format!("약 {time} 남음"),
    old_rows: |source, time| format!("이전 행 사용: {source}({time})"),
    taken_over: |time| format!("서버가 응답하지 않습니다. 늦어도 {time}에 다른 서버가 이어받습니다."),
    exchange_sent: "보냄",
    exchange_answer: "응답",
    exchange_holds: "현재 값",
    record_gone: "레코드가 없어졌습니다.",
    counted: |count, what| format!("{what} {count}건"),
    outcome: |key| match key {
        "read" => "읽음",
        "matched" => "일치",
        "unmatched" => "해당 없음",
        "ambiguous" => "여러 개 해당",
        "duplicate" => "중복",
        "unchanged" => "변경 없음",
        "adopted" => "이미 있음",
        "created" => "생성",
        "updated" => "업데이트",
        "cleared" => "지움",
        "kept" => "대상의 값 유지",
        "rejected" => "거부",
        "pending" => "기록 예정",
        "waiting" => "보류",
        "drifted" => "대상에서 변경됨",
        "removed" => "모델에서 제외",
        _ => "",
    },
    rows_of_run: "이 실행의 행",
    row_key: "키",
    row_outcome: "결과",
    row_changes: "변경 전 → 변경 후",
    row_reason: "이유",
    row_reason_of: |key| {
        Some(match key {
            "key_empty" => "키가 비어 있습니다.",
            "no_record" => "이 키를 가진 레코드가 없습니다.",
            "duplicate_key" => {
                "이 키의 행이 {0}개 있습니다. 모델에서 하나로 합치세요(GROUP BY 또는 DISTINCT)."
            }
            "had_the_key_before" => "이 키를 가진 레코드가 없습니다. 이전에는 이 레코드의 키였습니다.",
            "several_records" => {
                "이 키를 가진 레코드가 {0}개 있습니다: {1}. Zendesk에서 병합하거나 `on_ambiguous`를 설정하세요."
            }
            "record_unreadable" => "저장된 레코드 내용을 읽을 수 없어 필드 값을 알 수 없습니다.",
            "key_moved" => "이 키의 레코드가 다른 레코드로 바뀌었습니다.",
            "changed_there" => "지난 실행 이후 Zendesk에서 {0} 값이 변경되었습니다.",
            "changed_there_stays" => {
                "지난 실행 이후 Zendesk에서 {0} 값이 변경되었습니다. 그 값은 그대로 두고 나머지 필드만 기록합니다."
            }
            "is_made" => "이 키의 조직이 없어 새로 만듭니다.",
            "name_empty" => "새 조직에는 이름이 필요하지만 이름이 비어 있습니다.",
            "not_in_model" => "이 행은 더 이상 모델 결과에 없습니다.",
            "not_in_model_stays" => {
                "이 행은 더 이상 모델 결과에 없습니다. Zendesk에서 변경된 {0} 값은 그대로 둡니다."
            }
            "record_of_another_row" => "이 레코드는 이제 다른 행의 것입니다.",
            "same_record" => "같은 레코드를 가진 행이 또 있었습니다.",
            "record_lost" => "이 레코드가 대상에 더 이상 없습니다.",
            "nothing_of_ours" => "이 레코드에는 Deskside가 기록한 값이 없습니다.",
            "sent_in_vain" => "여러 번 보냈지만 대상에 반영되지 않았습니다.",
            "record_gone" => "이 레코드는 삭제되거나 병합되어 Zendesk에 없습니다. 다음 실행에서 제외됩니다.",
            "there_by_now" => "Zendesk에 ID {0}(으)로 이미 있습니다. 다음 실행에서 필드를 기록합니다.",
            "record_busy" => "이 레코드는 지금 더 이상 변경을 받지 않습니다.",
            "refused_by_zendesk" => "Zendesk에서 거부했습니다({0}: {1}).",
            "outcome_unknown" => "Zendesk에서 결과를 알려 주지 않았습니다.",
            "name_taken" => {
                "이름이 같고 외부 ID가 다른 조직이 있습니다. Zendesk에서 그 조직의 외부 ID를 `{0}`(으)로 지정하거나 이름을 바꾸세요."
            }
            "value_unfit" => "`{0}` 필드에 `{2}` 값을 기록할 수 없습니다(가능한 값: {1}).",
            "not_a_date" => "`{0}` 필드에는 2026-11-30과 같은 날짜가 필요하지만 값이 `{1}`입니다.",
            "not_a_number" => "`{0}` 필드에는 1200.5와 같은 숫자가 필요하지만 값이 `{1}`입니다.",
            "not_a_whole_number" => "`{0}` 필드에는 1200과 같은 정수가 필요하지만 값이 `{1}`입니다.",
            "not_true_or_false" => "`{0}` 필드에는 true 또는 false가 필요하지만 값이 `{1}`입니다.",
            "no_option" => {
                "`{0}` 필드에 태그가 `{1}`인 옵션이 없습니다. Zendesk에서 옵션을 추가하거나 기존 옵션으로 매핑하세요."
            }
            "value_too_long" => {
                "`{0}` 값은 {1}자이며 최대 {2}자까지 기록할 수 있습니다. `truncate({2})`를 사용하세요."
            }
            "record_by_another_address" => {
                "다른 주소로 같은 사용자에 해당하는 행이 또 있습니다. 모델에서 사용자마다 한 행이 되도록 하세요."
            }
            "connection_moved" => "연결이 다른 계정으로 바뀌어 결과를 알 수 없습니다.",
            "field_gone" => {
                "비교한 뒤 `{0}` 필드가 Zendesk에서 삭제되거나 비활성화되었습니다. 해결 방법은 다음 실행에서 알려 줍니다."
            }
            "call_refused" => "Zendesk에서 호출을 거부했습니다: {0}",
            "value_invalid" => {
                "{0} 값은 `{1}`에 따라 정해지는데, 열의 형식으로 읽을 수 없는 값 `{2}`이(가) 있습니다. 소스의 값을 고치세요"
            }
            "depends_on_invalid" => {
                "이 행은 `{0}`에 따라 정해지는데, 열의 형식으로 읽을 수 없는 값 `{1}`이(가) 있습니다. 소스의 값을 고치세요"
            }
            "may_depend_on_invalid" => {
                "값이 비워지거나 기본값이 될 뻔했으나, `{0}`에 열의 형식으로 읽을 수 없는 값 `{1}`이(가) 있어 그 영향일 수 있으므로 그대로 두었습니다. 소스의 값을 고치세요"
            }
            _ => return None,
        })
    },
    no_rows: "표시할 행이 없습니다. 변경되지 않은 행은 수만 셉니다.",
    more_rows: "더 보기",
    empty_value: "(비어 있음)",
};
