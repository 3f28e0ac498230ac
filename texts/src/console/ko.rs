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
    who: "요청자",
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
        "flex_width" => ("Flex 위젯 너비", "픽셀 단위, 300~1,600."),
        "flex_height" => ("Flex 위젯 높이", "픽셀 단위, 300~1,200."),
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
    saving_settings: "저장 중…",
    unsaved: "저장하지 않은 변경 사항이 있습니다",
    wrong_fields: |count| format!("항목 {count}개를 수정한 뒤 다시 저장하세요."),
    not_in_range: |least, most| format!("{least}에서 {most} 사이의 정수를 입력하세요."),
    not_a_ticket: "티켓 번호를 숫자로 입력하세요(예: 42).",
    not_accepted: |why| format!("이 값은 저장할 수 없습니다: {why}"),
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
            "nothing_to_archive" => "보관할 파일 없음",
            "gave_up" => "중단됨",
            "opened" => "열람",
            "recording_opened" => "녹음 청취",
            "connection_added" => "연결 추가",
            "connection_changed" => "연결 변경",
            "connection_disconnected" => "연결 해제",
            "connection_deleted" => "연결 삭제",
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
    set_in_file: "설정 파일에서 지정",
    checked: |it| format!("확인: {it}"),
    unused: "사용 안 함",
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
    delete_title: |it| format!("{it} 연결을 삭제할까요?"),
    delete_why: "이 연결과 저장된 비밀 값을 삭제합니다.",
    used_by_these: |it| format!("사용처: {it}"),
    connection_saved: "저장했습니다.",
    connection_connected: "연결했습니다.",
    connection_disconnected: "연결을 해제했습니다. Deskside는 더 이상 접근할 수 없습니다.",
    connection_not_revoked: |it| {
        format!("연결을 해제했지만 외부 서비스에서 접근 권한이 취소되지 않았습니다: {it}")
    },
    connection_deleted: "삭제했습니다.",
};
