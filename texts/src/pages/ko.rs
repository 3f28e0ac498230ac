//! The same in Korean.

use super::{PageWords, by_name};

pub(super) static WORDS: PageWords = PageWords {
    loading: "불러오는 중…",
    working: "처리 중…",
    cancel: "취소",
    when: "시각",

    notices: "담당자 알림",
    notices_what: "고객의 티켓이나 계약 갱신을 누구에게 알렸는지, 알리지 않았다면 왜인지 확인합니다.",
    notice_kind: |kind| {
        by_name!(kind {
            "new_customer" => "신규 고객의 티켓",
            "renewal_near" => "갱신 전 티켓",
            "page" => "긴급 상황",
            "page_over" => "긴급 상황 종료",
            "renewal" => "계약 갱신(티켓 없음)",
        })
        .unwrap_or_default()
    },
    outcome: |outcome| {
        by_name!(outcome {
            "waiting" => "알림 대기",
            "sending" => "보내는 중",
            "told" => "알림 완료",
            "fallback" => "다른 곳에 알림",
            "not_told" => "알리지 않음",
            "unsure" => "알림 여부 불명",
        })
        .unwrap_or_default()
    },
    channel: |channel| {
        by_name!(channel {
            "zendesk" => "Zendesk",
            "notify" => "웹훅",
            "pagerduty" => "PagerDuty",
            "group" => "그룹 티켓",
        })
        .unwrap_or_default()
    },
    role: |role| {
        by_name!(role {
            "sales" => "영업",
            "success" => "고객 성공",
        })
        .unwrap_or_default()
    },
    reason: |code| {
        by_name!(code {
            "ticket_gone" => "티켓이 삭제되었거나 스팸으로 표시되었습니다",
            "ticket_merged" => "티켓이 다른 티켓과 병합되었습니다",
            "ticket_closed" => "티켓이 종료되었습니다",
            "ticket_solved" => "호출하기 전에 티켓이 해결되었습니다",
            "no_requester" => "Zendesk에서 티켓의 요청자를 확인할 수 없습니다",
            "requester_suspended" => "요청자가 Zendesk에서 일시 중단되었습니다",
            "requester_is_agent" => "요청자가 상담사입니다",
            "visitor_unknown" => "요청자가 이메일 주소가 없는 방문자이고 계약을 찾을 수 없습니다",
            "no_contract" => "요청자의 계약을 찾을 수 없습니다",
            "several_companies" => "요청자가 여러 회사에 속해 있습니다",
            "condition_over" => "계약이 더 이상 조건에 맞지 않습니다",
            "no_emergency" => "티켓이 더 이상 긴급하지 않습니다",
            "off" => "이 종류의 알림이 꺼져 있습니다",
            "paged_again" => "티켓이 다시 열렸고 다시 긴급 상황입니다",
            "no_page" => "이 티켓으로 호출된 사람이 없습니다",
            "no_alert" => "해결할 경보가 없었습니다",
            "no_owner" => "계약에 담당자가 없습니다",
            "owner_without_address" => "계약에 담당자의 이메일 주소가 없습니다",
            "owner_ambiguous" => "계약에 이름이 같은 담당자가 두 명 있습니다",
            "owner_unknown" => "담당자의 사용자가 Zendesk에 없거나 삭제되었습니다",
            "owner_suspended" => "담당자가 Zendesk에서 일시 중단되었습니다",
            "owner_not_agent" => "담당자가 Zendesk 상담사가 아닙니다",
            "owner_is_writer" => "담당자가 Deskside가 기록에 쓰는 사용자라서 Zendesk가 메일을 보내지 않습니다",
            "not_follower" => "담당자를 티켓의 팔로워로 추가할 수 없습니다. Zendesk의 참조 및 팔로워 설정을 확인하세요",
            "channel_not_set" => "알림 수단의 설정이 완료되지 않았습니다",
            "channel_refused" => "알림을 받는 쪽에서 거부했습니다. 원인은 로그에 있습니다",
            "channel_down" => "알림을 받는 쪽에서 제때 받지 못했습니다. 원인은 로그에 있습니다",
            "cancelled" => "운영자가 작업을 취소했습니다",
            "gave_up" => "재시도 기한이 지났습니다. 원인은 로그에 있습니다",
            "interrupted" => "보내는 중에 서버가 중지되었습니다. 두 번 알리지 않도록 다시 보내지 않습니다",
        })
    },
    because: |reason| format!("이유: {reason}"),
    filter: "알림 필터",
    kind: "내용",
    any_kind: "모든 내용",
    any_outcome: "모든 결과",
    about: "내용",
    in_charge: "담당자",
    became: "결과",
    open_ticket: |ticket| format!("티켓 {ticket} 새 탭에서 열기"),
    no_ticket: "티켓 없음",
    resolved: |at| format!("해결: {at}"),
    no_notices: "아직 알림이 없습니다",
    no_notices_why: "아래 트리거를 Zendesk에 만들면, 조건에 맞는 첫 티켓부터 여기에 표시됩니다.",
    none_found: "결과 없음",
    none_found_why: "조건에 맞는 알림이 없습니다.",
    refresh: "새로 고침",
    older: "이전 알림 보기",
    latest: |count| format!("알림 {count}건을 표시합니다"),

    triggers: "Zendesk 트리거",
    triggers_what: "티켓을 감지해 담당자에게 알리도록 Deskside에 요청합니다. 변경되는 것은 이 트리거뿐입니다.",
    trigger_state: |state| {
        by_name!(state {
            "created" => "아직 없음",
            "updated" => "업데이트 필요",
            "found" => "최신",
            "changed_by_hand" => "Zendesk에서 변경됨",
        })
        .unwrap_or_default()
    },
    trigger_problem: |kind| format!("트리거를 확인해야 합니다: {kind}"),
    checked: |at| format!("확인: {at}"),
    acts_when: "다음 조건을 모두 만족하면 작동",
    does: "작동 내용",
    calls: "호출 주소",
    details: "자세히",
    part: |part| {
        by_name!(part {
            "state" => "상태",
            "all of" => "모두 만족할 조건",
            "one of" => "하나 이상 만족할 조건",
            "does" => "작동",
        })
        .unwrap_or_default()
    },
    in_zendesk: "Zendesk의 내용",
    by_settings: "설정의 내용",
    triggers_up_to_date: "트리거가 최신 상태입니다.",
    triggers_of_editors: "트리거를 만들고 업데이트할 수 있는 사람은 운영자 설정 integrations.editors로 정합니다.",
    no_triggers: "알림을 요청하는 트리거가 아직 없습니다.",
    compare_again: "다시 비교",
    create_triggers: "Zendesk에 트리거 만들기",
    update_triggers: "Zendesk 트리거 업데이트",
    overwrite_triggers: "Zendesk에서 변경한 내용 덮어쓰기",
    make_why: |created, updated| {
        format!(
            "아래 트리거와 웹훅 중 {created}개를 만들고 {updated}개를 업데이트합니다. 이후 트리거가 작동하면 Zendesk가 Deskside를 호출하고 담당자에게 알립니다."
        )
    },
    stays_by_hand: "Zendesk에서 변경한 내용은 그대로 유지됩니다.",
    overwrite_title: "Zendesk에서 변경한 내용을 덮어쓸까요?",
    overwrite_why: "조건과 작동이 설정의 내용으로 돌아갑니다. 제목과 순서는 유지됩니다. 사라지는 변경 내용:",
    overwrite: "덮어쓰기",
    triggers_made: |created, updated| format!("완료했습니다. 생성 {created}개, 업데이트 {updated}개."),

    keys: "머신 키",
    keys_what: "Airflow, dbt, cron 등이 키로 실행을 시작하고 끝날 때까지 기다립니다. 키로는 데이터 행을 보거나 변경을 승인할 수 없습니다.",
    keys_denied: "키를 관리할 권한이 없습니다",
    keys_denied_why: "관리할 수 있는 사람은 운영자 설정 integrations.editors로 정합니다.",
    key_name: "머신 이름",
    key_name_help: "실행과 기록에 표시되는 이름입니다(예: airflow). 최대 40자.",
    key_create: "키 만들기",
    key_made: |name| format!("{name}의 키"),
    key_once: "지금 복사하세요. Deskside에는 해시만 남으므로 다시 표시할 수 없습니다.",
    key: "키",
    copy: "복사",
    copy_of: |what| format!("복사: {what}"),
    copied: "복사했습니다.",
    copy_by_hand: "선택되어 있습니다. Ctrl+C 또는 ⌘C로 복사하세요.",
    key_use: "실행을 시작하고 끝날 때까지 최대 60초 기다립니다. INTEGRATION은 연동 ID로, RUN은 첫 응답에 있는 실행 id로 바꾸세요:",
    commands: "명령",
    key_hide: "복사했으니 숨기기",
    key_added: "생성",
    last_used: "마지막 사용",
    never_used: "사용 안 함",
    key_state: "상태",
    key_live: "사용 중",
    key_revoked: |at| format!("{at}에 폐기됨"),
    agent: |id| format!("상담사 {id}"),
    operator: "명령줄",
    revoke: "폐기",
    revoke_title: |name| format!("{name}의 키를 폐기할까요?"),
    revoke_why: "다음 요청부터 거부됩니다. 이미 시작한 실행은 계속됩니다. 폐기한 키는 되돌릴 수 없습니다.",
    revoke_done: |name| format!("{name}의 키를 폐기했습니다."),
    no_keys: "아직 키가 없습니다",
    no_keys_why: "머신마다 하나씩 만들면 하나만 폐기할 수 있습니다.",

    tickets: "주별 티켓",
    tickets_what: "고객의 티켓 수를 요금제 또는 MRR별로 집계합니다. 개인 이름은 포함되지 않습니다.",
    weeks: |weeks| format!("{weeks}주"),
    span: "표시할 기간",
    group_by: "집계 기준",
    by_plan: "요금제",
    by_mrr: "MRR",
    no_plan: "요금제 알 수 없음",
    other_plans: "기타 요금제",
    band: |band| {
        by_name!(band {
            "none" => "MRR 알 수 없음",
            "0" => "0",
            "below_100" => "100 미만",
            "100_to_1000" => "100 이상 1,000 미만",
            "1000_to_10000" => "1,000 이상 10,000 미만",
            "10000_or_more" => "10,000 이상",
        })
        .unwrap_or_default()
    },
    week: "주 시작일",
    total: "합계",
    all_tickets: "전체 티켓",
    week_told: |week, tickets| format!("{week} 시작 주: {tickets}"),
    count_of_tickets: |tickets| format!("{tickets}건"),
    known_until: |at| format!("{at}까지의 티켓을 집계합니다. 한 주는 월요일(UTC)에 시작합니다."),
    save_csv: "CSV로 저장",
    saving: "저장 중…",
    no_tickets: "이 기간에 티켓이 없습니다",
    no_tickets_why: "기간을 늘리거나 티켓을 읽는 연동을 실행하세요.",
    not_kept: "아직 티켓을 읽지 않았습니다",
    not_kept_why: "연동이 티켓을 읽으면 집계됩니다. 연동에 티켓 소스를 추가하고 실행하세요.",
    to_integrations: "연동으로 이동",
};
