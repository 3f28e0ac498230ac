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
        _ => ("", ""),
    },
    option: |option| match option {
        "ticket" => "티켓",
        "user" => "고객",
        "nothing" => "표시 안 함",
        "ask" => "열린 티켓(여러 개면 상담원이 선택)",
        "latest_open" => "마지막으로 변경된 열린 티켓",
        "always_new" => "항상 새 티켓",
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
            _ => return None,
        })
    },
    agent: |id| format!("상담원 {id}"),
    tag: "태그",
    operator: "명령줄",
    deskside: "Deskside",
};
