//! Why nobody was told by a notice, or others were, in languages other than English, which the server says. **Invariant:** a sentence for each
//! [`NoticeWhy`](wire::NoticeWhy).

/// In Japanese.
pub(super) fn ja(code: &str) -> Option<&'static str> {
    Some(match code {
        "ticket_gone" => "チケットが削除されたか、スパムとして処理されました。",
        "ticket_merged" => "チケットが別のチケットに統合されました。",
        "ticket_closed" => "チケットが終了しています。",
        "ticket_solved" => "呼び出しの前にチケットが解決済みになりました。",
        "no_requester" => "チケットのリクエスタが Zendesk に存在しません。",
        "requester_suspended" => "リクエスタが Zendesk で停止されています（スパムの送信者など）。",
        "requester_is_agent" => "リクエスタがエージェントです。",
        "visitor_unknown" => "リクエスタはメールアドレスのない訪問者で、契約が分かりません。",
        "no_contract" => "リクエスタの契約が分かりません。",
        "several_companies" => "リクエスタが複数の会社に属しています。",
        "condition_over" => "契約が条件を満たさなくなりました。",
        "no_emergency" => "チケットが緊急ではなくなりました。",
        "off" => "この種類の通知はオフになっています。",
        "paged_again" => "チケットが再開され、再び緊急になっています。",
        "no_page" => "このチケットでは誰も呼び出されていません。",
        "no_owner" => "契約に担当者が設定されていません。",
        "owner_without_address" => "契約に担当者のメールアドレスがありません。",
        "owner_ambiguous" => "契約に同じ名前の担当者が 2 人います。",
        "owner_unknown" => "担当者のユーザーが Zendesk にないか、削除されています。",
        "owner_suspended" => "担当者が Zendesk で停止されています。",
        "owner_not_agent" => "担当者が Zendesk のエージェントではありません。",
        "owner_is_writer" => {
            "担当者が、Deskside が Zendesk に書き込むときのユーザーと同じです。Zendesk は自分が書いたメモを本人に送信しません。"
        }
        "not_follower" => {
            "担当者をチケットのフォロワーにできません。Zendesk で「CC とフォロワー」が有効か確認してください。"
        }
        "channel_not_set" => "通知方法の設定が完了していません。",
        "channel_refused" => "通知先に拒否されました。原因はログに記録されています。",
        "channel_down" => "通知先が時間内に受け付けませんでした。原因はログに記録されています。",
        "gave_up" => "長時間試しましたが、通知できませんでした。原因はログに記録されています。",
        "cancelled" => "オペレーターがジョブをキャンセルしました。",
        "interrupted" => "通知の送信中にサーバーが停止しました。二重に通知しないよう、再送信しません。",
        _ => return None,
    })
}

/// In Korean.
pub(super) fn ko(code: &str) -> Option<&'static str> {
    Some(match code {
        "ticket_gone" => "티켓이 삭제되었거나 스팸으로 처리되었습니다.",
        "ticket_merged" => "티켓이 다른 티켓에 병합되었습니다.",
        "ticket_closed" => "티켓이 종료되었습니다.",
        "ticket_solved" => "호출하기 전에 티켓이 해결되었습니다.",
        "no_requester" => "티켓의 요청자가 Zendesk에 없습니다.",
        "requester_suspended" => "요청자가 Zendesk에서 정지되어 있습니다(스팸 발신자 등).",
        "requester_is_agent" => "요청자가 상담원입니다.",
        "visitor_unknown" => "요청자가 이메일 주소가 없는 방문자이며, 계약을 알 수 없습니다.",
        "no_contract" => "요청자의 계약을 알 수 없습니다.",
        "several_companies" => "요청자가 여러 회사에 속해 있습니다.",
        "condition_over" => "계약이 더 이상 조건에 해당하지 않습니다.",
        "no_emergency" => "티켓이 더 이상 긴급 상황이 아닙니다.",
        "off" => "이 종류의 알림이 꺼져 있습니다.",
        "paged_again" => "티켓이 다시 열렸고, 다시 긴급 상황입니다.",
        "no_page" => "이 티켓으로 호출된 사람이 없습니다.",
        "no_owner" => "계약에 담당자가 없습니다.",
        "owner_without_address" => "계약에 담당자의 이메일 주소가 없습니다.",
        "owner_ambiguous" => "계약에 이름이 같은 담당자가 2명 있습니다.",
        "owner_unknown" => "담당자의 사용자가 Zendesk에 없거나 삭제되었습니다.",
        "owner_suspended" => "담당자가 Zendesk에서 정지되어 있습니다.",
        "owner_not_agent" => "담당자가 Zendesk의 상담원이 아닙니다.",
        "owner_is_writer" => {
            "담당자가 Deskside가 Zendesk에 기록할 때 사용하는 사용자와 같습니다. Zendesk는 본인이 작성한 메모를 본인에게 메일로 보내지 않습니다."
        }
        "not_follower" => {
            "담당자를 티켓의 팔로워로 지정할 수 없습니다. Zendesk에서 참조 및 팔로워가 켜져 있는지 확인하세요."
        }
        "channel_not_set" => "알림 채널의 설정이 완료되지 않았습니다.",
        "channel_refused" => "알림 채널이 알림을 거부했습니다. 원인은 로그에 있습니다.",
        "channel_down" => "알림 채널이 제시간에 알림을 받지 않았습니다. 원인은 로그에 있습니다.",
        "gave_up" => "오랫동안 시도했지만 알리지 못했습니다. 원인은 로그에 있습니다.",
        "cancelled" => "운영자가 작업을 취소했습니다.",
        "interrupted" => {
            "알림을 보내는 중에 서버가 중지되었습니다. 두 번 알리지 않도록 다시 보내지 않습니다."
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use wire::NoticeWhy;

    #[test]
    fn every_reason_of_a_notice_has_words_in_other_languages() {
        for code in NoticeWhy::ALL {
            for tag in ["ja", "ko"] {
                let sentence = (super::super::words(tag).notice_reason_of)(code);
                assert!(sentence.is_some_and(|text| !text.is_empty()), "{tag}: {code}");
            }
        }
        assert_eq!((super::super::words("en").notice_reason_of)("off"), None);
    }
}
