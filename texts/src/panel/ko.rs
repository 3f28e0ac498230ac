//! What the panel says of a call in Korean.

use wire::{ErrorCode, LogStage, LogState};

use super::PanelWords;

pub(super) static WORDS: PanelWords = PanelWords {
    channel: |channel| {
        Some(match channel {
            "voice" => "통화",
            "web" | "chat" => "채팅",
            "sms" => "SMS",
            "whatsapp" => "WhatsApp",
            "email" => "이메일",
            _ => return None,
        })
    },
    inbound: "걸려 온 전화",
    outbound: "건 전화",
    state: |state| {
        Some(match state {
            "pending" => "수신 중",
            "accepted" => "상담 중",
            "wrapping" => "후처리 중",
            "completed" => "완료",
            "timeout" => "응답 없음",
            "rescinded" => "다른 상담원이 수락함",
            "canceled" => "취소됨",
            _ => return None,
        })
    },
    from: "발신 번호",
    to: "수신 번호",
    queue: "대기열",
    waited: "대기 시간",
    duration: "경과 시간",

    last_comment: "마지막 공개 댓글",
    loading_comment: "마지막 댓글을 불러오는 중",
    no_comment: "아직 공개 댓글이 없습니다.",
    comment_unread: "댓글을 불러오지 못했습니다.",
    customer: "고객",

    choose_first: "먼저 티켓을 선택하세요. 선택하기 전에는 완료할 수 없습니다.",
    choose_hint: "화살표 키로 이동할 수 있습니다.",
    new_ticket: |name| format!("{name} 님의 새 티켓"),

    wrap_up: "후처리",
    outcome: "결과",
    no_outcome: "선택 안 함",
    notes: "메모",
    notes_hint: "완료하면 티켓에 기록됩니다.",
    saving: "저장 중…",
    saved: "저장됨",
    unsaved: "아직 저장되지 않았습니다. 저장될 때까지 다시 시도합니다. 이 페이지를 열어 두세요.",
    owed: "이전 상담의 메모가 아직 저장되지 않았습니다. 이 페이지를 열어 두세요.",
    left: |left| format!("{left}자 남음"),

    log: "티켓 기록",
    last_log: "이전 상담",
    stage: |stage| match stage {
        LogStage::Start => "시작",
        LogStage::Switch => "전환",
        LogStage::Complete => "종료",
        LogStage::Missed => "부재중",
    },
    log_state: |state| match state {
        LogState::Off => "설정에서 꺼짐",
        LogState::Ahead => "나중에",
        LogState::Waiting => "기록 대기",
        LogState::Written => "기록됨",
        LogState::GivenUp => "저장하지 못함",
        LogState::Unknown => "…",
    },
    log_waits_for_choice: "티켓 선택 대기",
    log_reason: |code| {
        Some(match code {
            ErrorCode::TicketClosed => "티켓이 종료되었습니다. 후속 티켓에 메모를 추가하세요.",
            ErrorCode::TicketNotFound => "티켓이 삭제되었습니다. 다른 티켓에 메모를 추가하세요.",
            ErrorCode::CallerUnknown => "메모를 기록할 티켓이 없습니다. Zendesk에서 고객을 검색하세요.",
            _ => return None,
        })
    },
    log_refused: "Zendesk가 메모를 받아들이지 않았습니다. 티켓에 직접 적고 관리자에게 알리세요.",
    written_into: |ticket| format!("{ticket}에 기록됨"),

    lost: "Deskside 연결이 끊겼습니다. 표시된 내용이 오래되었을 수 있습니다. 다시 연결하는 중…",
    shown: |ticket| format!("티켓 {ticket}"),
};
