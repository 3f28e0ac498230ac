//! What the panel says of a call in Japanese.

use wire::{ErrorCode, LogStage, LogState};

use super::PanelWords;

pub(super) static WORDS: PanelWords = PanelWords {
    channel: |channel| {
        Some(match channel {
            "voice" => "通話",
            "web" | "chat" => "チャット",
            "sms" => "SMS",
            "whatsapp" => "WhatsApp",
            "email" => "メール",
            _ => return None,
        })
    },
    inbound: "着信",
    outbound: "発信",
    state: |state| {
        Some(match state {
            "pending" => "着信中",
            "accepted" => "対応中",
            "wrapping" => "後処理中",
            "completed" => "完了",
            "timeout" => "応答なし",
            "rescinded" => "ほかのエージェントが応答",
            "canceled" => "キャンセル",
            _ => return None,
        })
    },
    from: "発信元",
    to: "宛先",
    queue: "キュー",
    waited: "待ち時間",
    duration: "経過時間",

    last_comment: "最新のパブリックコメント",
    loading_comment: "最新のコメントを読み込んでいます",
    no_comment: "パブリックコメントはまだありません。",
    comment_unread: "コメントを読み込めませんでした。",
    customer: "お客様",

    choose_first: "先にチケットを選択してください。選択するまで完了できません。",
    choose_hint: "矢印キーで移動できます。",
    new_ticket: |name| format!("{name} 様の新しいチケット"),

    wrap_up: "後処理",
    outcome: "対応結果",
    no_outcome: "未選択",
    notes: "メモ",
    notes_hint: "完了時にチケットへ記録されます。",
    saving: "保存中…",
    saved: "保存しました",
    unsaved: "まだ保存されていません。保存できるまで再試行します。このページを開いたままにしてください。",
    owed: "前の対応のメモがまだ保存されていません。このページを開いたままにしてください。",
    left: |left| format!("残り {left} 文字"),

    log: "チケットへの記録",
    last_log: "前の対応",
    stage: |stage| match stage {
        LogStage::Start => "開始",
        LogStage::Switch => "切り替え",
        LogStage::Complete => "終了",
        LogStage::Missed => "不在着信",
    },
    log_state: |state| match state {
        LogState::Off => "設定でオフ",
        LogState::Ahead => "後で記録",
        LogState::Waiting => "記録待ち",
        LogState::Written => "記録済み",
        LogState::GivenUp => "保存できませんでした",
        LogState::Unknown => "…",
    },
    log_waits_for_choice: "チケットの選択待ち",
    log_reason: |code| {
        Some(match code {
            ErrorCode::TicketClosed => {
                "チケットは終了しています。フォローアップチケットにメモを追加してください。"
            }
            ErrorCode::TicketNotFound => "チケットは削除されています。別のチケットにメモを追加してください。",
            ErrorCode::CallerUnknown => {
                "メモを記録するチケットがありません。Zendesk でお客様を検索してください。"
            }
            _ => return None,
        })
    },
    log_refused: "Zendesk がメモを受け付けませんでした。チケットに直接書き、管理者に連絡してください。",
    written_into: |ticket| format!("{ticket} に記録済み"),

    lost: "Deskside との接続が切れました。表示が古い可能性があります。再接続中…",
    shown: |ticket| format!("チケット {ticket}"),
};
