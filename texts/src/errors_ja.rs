//! The server's codes in Japanese: those that an agent can meet.

use wire::ErrorCode as E;

#[expect(clippy::too_many_lines, reason = "a line for each code")]
pub(super) fn error(code: E) -> Option<&'static str> {
    Some(match code {
        E::ArchiveCancelled => "削除前に取り消されました。",
        E::ArchiveUndoOver => "取り消せる時間を過ぎました。",
        E::ArchiveLegalHold => "タグにより保全されているため、コピーも削除も行いません。",
        E::ArchiveSentByUs => "お客様に送ったファイルのため、そのまま残します。",
        E::ArchiveByPolicy => "設定により対象外です。",
        E::ArchiveTooNew => "新しいファイルのため、まだ対象外です。",
        E::ArchiveOpenForbidden => {
            "アーカイブ済みのファイルを開く権限がありません。管理者に確認してください。"
        }
        E::RedactionImageNotFound => {
            "終了したチケットの本文内に画像が見つからないため、削除できませんでした。"
        }
        E::ArchiveAdminsOnly => "アーカイブできるのは管理者のみです。",
        E::ArchiveReadOnlyRole => "チケットを編集できない権限のため、アーカイブできません。",
        E::ArchiveAskerInactive => "依頼したユーザーは現在有効なエージェントではないため、そのまま残します。",
        E::ArchiveTagSetterUnknown => {
            "タグを付けたユーザーを確認できません。管理者にアーカイブを依頼してください。"
        }
        E::ArchiveSenderUnknown => "お客様が送ったファイルか確認できないため、そのまま残します。",
        E::AttachmentNotScanned => "Zendesk のマルウェア検査を待っています。",
        E::ConnectionNotFound => "この接続は見つかりません。一覧を再読み込みしてください。",
        E::ConnectionInFile => "この接続は設定ファイルで指定されています。設定ファイルを変更してください。",
        E::ConnectionChanged => {
            "この接続は別の管理者が変更しました。一覧を再読み込みしてからやり直してください。"
        }
        E::ConnectionInUse => "この接続は使用中のため削除できません。",
        E::ConnectionInvalid => "接続の設定値に使用できないものがあります。",
        E::ConnectionTestFailed => "新しい設定では接続できませんでした。以前の設定のままです。",
        E::ConnectionEditorsOnly => "接続と連携を変更したり、行を表示したりする権限がありません。",
        E::SealKeyMissing => {
            "暗号鍵が設定されていないため、シークレットを保存できません。サーバーの運用担当者にお問い合わせください。"
        }
        E::AuthorizationInvalid => "この認可は無効か、期限切れです。もう一度接続してください。",
        E::AuthorizationNumberWrong => "番号が違います。もう一方のタブに表示された番号を入力してください。",
        E::AuthorizationDenied => "接続先で許可されませんでした。",
        E::AuthorizationFailed => {
            "接続先からアクセス権を取得できませんでした。クライアント ID、シークレット、コールバック URL を確認してください。"
        }
        E::AuthorizationScope => {
            "接続先で許可された範囲が不足しています。OAuth クライアントにスコープを追加してください。"
        }
        E::AppNotInstalled => {
            "接続先の組織にこのアプリがインストールされていません。その組織で外部クライアントアプリケーションを作成してください。"
        }
        E::RequestTimeout => "処理に時間がかかりすぎました。しばらくしてからもう一度お試しください。",
        E::TooManyRequests => "リクエストが多すぎます。少し待ってからもう一度お試しください。",
        E::SessionMissing | E::SessionInvalid | E::SessionExpired => {
            "セッションが終了しました。ページを再読み込みしてください。"
        }
        E::AgentUnproved | E::ProofInvalid => "エージェントを確認できませんでした。もう一度お試しください。",
        E::AgentNotAllowed => "このユーザーは Deskside を利用できません。管理者に確認してください。",
        E::TwilioNotConfigured => "Twilio が設定されていません。管理者に依頼してください。",
        E::TicketNotFound => "このチケットは存在しないか、表示する権限がありません。",
        E::TicketClosed => {
            "このチケットは終了しており、変更できません。続きはフォローアップチケットで対応してください。"
        }
        E::CustomerNotFound => "このお客様は存在しないか、表示する権限がありません。",
        E::CustomersHidden => "お客様を検索する権限がありません。お客様のチケットを開いてください。",
        E::FlexDisabled => "通話とチャットの連携は管理画面でオフになっています。",
        E::DialNumberInvalid => {
            "この番号には発信できません。国番号を付けて（例：+81 50 1234 5678）、お客様の電話番号を修正してください。"
        }
        E::DialBusy => "Flex が別の番号に発信中です。つながるまでお待ちください。",
        E::DialFlexAbsent => {
            "Flex が開いていません。Zendesk と同じメールアドレスで Flex を開き、もう一度番号を押してください。"
        }
        E::DialOffline => {
            "Flex でオフラインになっています。アクティビティを変更し、もう一度番号を押してください。"
        }
        E::DialOnCall => {
            "Flex で通話中、または着信中です。通話を終えてタスクを完了し、もう一度番号を押してください。"
        }
        E::DialNotEnabled => {
            "Flex の発信が設定されていません。ダイヤルパッドと発信者番号、キューの設定を管理者に依頼してください。"
        }
        E::DialFailed => "Flex から発信できませんでした。Flex の表示を確認し、もう一度番号を押してください。",
        E::DialGone => "この発信依頼はないか、別の Flex 画面が受け取りました。",
        E::ZendeskUnavailable => "Zendesk が応答していません。1 分ほど待ってからもう一度お試しください。",
        E::ZendeskRateLimited => {
            "Zendesk へのアクセスが混み合っています。少し待ってからもう一度お試しください。"
        }
        E::ZendeskReconnect => "Zendesk との接続が切れています。管理者に再接続を依頼してください。",
        E::ZendeskScope => "Zendesk が設定されたスコープを認めていません。管理者に確認してください。",
        E::ZendeskClientKind => {
            "Zendesk の OAuth クライアントの種類が正しくありません。管理者に確認してください。"
        }
        E::ZendeskForbidden => "Zendesk がこの操作を許可していません。管理者に権限を確認してください。",
        E::ZendeskRejected => "Zendesk がこの操作を受け付けませんでした。",
        E::TwilioUnavailable => "Twilio が応答していません。1 分ほど待ってからもう一度お試しください。",
        E::TwilioReconnect => "Twilio との接続が切れています。管理者に再接続を依頼してください。",
        E::ArchiveNothing => "アーカイブするファイルがありません。",
        E::ArchiveRunNotFound => "このアーカイブ処理はもうありません。",
        E::AttachmentNotFound => "添付ファイルはもう存在しません。",
        E::AttachmentMalware => "Zendesk がマルウェアを検出しました。コピーも削除も行いません。",
        E::AttachmentIncomplete => {
            "ダウンロードした内容が Zendesk の情報と一致しません。もう一度お試しください。"
        }
        E::AttachmentHostRefused => "ダウンロード先が許可されていません。管理者に確認してください。",
        E::AttachmentUnreadable => {
            "Zendesk から届いたファイルの情報を読み取れません。ファイルは Zendesk に残ります。"
        }
        E::AttachmentTooLarge => "ファイルが大きすぎてアーカイブできません。",
        E::RedactionNeedsWorkspace => {
            "終了したチケットからの削除には、エージェントワークスペースが必要です。"
        }
        E::RedactionLimit => "Zendesk の変更回数の上限により待機中です。自動で再開します。",
        E::RedactionUnproven => "Zendesk から削除されたことを確認できませんでした。もう一度お試しください。",
        E::ArchiveUnavailable => "保存先が応答していません。しばらくしてからもう一度お試しください。",
        E::ArchiveElsewhere => "保存先の場所が設定と異なります。管理者に確認してください。",
        E::ArchiveCredentials => "保存先の認証情報が正しくありません。管理者に確認してください。",
        E::ArchiveKey => "保存先の暗号化キーを使用できません。管理者に確認してください。",
        E::ArchiveBucket => "保存先のバケットが存在しません。管理者に確認してください。",
        E::ArchiveClock => "サーバーの時刻が保存先とずれています。管理者に確認してください。",
        E::ArchiveDenied => "保存先への書き込みが拒否されました。管理者に確認してください。",
        E::ArchiveFull => "保存先に空きがありません。管理者に確認してください。",
        E::ArchiveMismatch => "アーカイブしたコピーが元のファイルと一致しません。もう一度お試しください。",
        E::ArchiveFileNotFound | E::ArchiveFileMissing => {
            "保存先にこのファイルがありません。管理者に確認してください。"
        }
        E::ArchiveFileQuarantined => "マルウェアのため隔離中です。開けるのは管理者のみです。",
        E::ArchiveFilePending => "このファイルはまだアーカイブされていません。",
        E::StoreBusy | E::StoreUnavailable => {
            "Deskside が混み合っています。少し待ってからもう一度お試しください。"
        }
        E::StoreReadOnly | E::StoreFull | E::StoreCorrupt => {
            "Deskside がデータを保存できません。管理者に連絡してください。"
        }
        E::SettingsChanged => {
            "設定はすでに変更されています。現在の設定を確認してから、もう一度保存してください。"
        }
        E::SettingInvalid => "この値は設定できません。",
        E::SettingUnknown => "サーバーにない設定項目です。ページを開き直してください。",
        E::AdminOnly => "管理者のみが利用できます。",
        E::QueryInvalid => "検索条件が正しくありません。",
        E::BodyInvalid | E::BodyTooLarge => {
            "送信した内容をサーバーが読み取れません。ページを開き直してください。"
        }
        E::PathInvalid => "アドレスが正しくありません。ページを開き直してください。",
        E::IntegrationNotFound => "この連携はもうありません。",
        E::IntegrationChanged => {
            "連携はすでに変更されています。現在の内容を確認してから、もう一度保存してください。"
        }
        E::IntegrationInvalid => "この内容では連携を保存できません。",
        E::IntegrationPaused => "連携は一時停止中のため、外部システムからは開始できません。",
        E::IntegrationEnabled => {
            "連携が有効なため、次の実行で値がまた書き込まれます。先に一時停止してください。"
        }
        E::NothingToRetry => "再送する行がないか、実行がまだ終わっていません。",
        E::ModelInvalid => "モデルの SQL を実行できません。表示された行と列を確認してください。",
        E::SourceUnreadable => "ソースを読み込めません。接続と読み取り内容を確認してください。",
        E::TicketsNotKept => "チケットがまだ読み込まれていません。チケットを読み込む連携を実行してください。",
        E::MachineKeyNotFound => "このキーはないか、すでに失効しています。一覧を再読み込みしてください。",
        E::MachineKeyName => {
            "この名前は使えないか、有効な別のキーで使われています。別の名前を入力してください。"
        }
        E::MachineKeysFull => "有効なキーの数が上限に達しています。使わないキーを失効させてください。",
        E::ContractNotIntegrated => "契約を取り込む連携が有効になっていません。",
        E::TriggerFieldMissing => {
            "トリガーで比較するフィールドが Zendesk にまだありません。連携を実行してから、数分後にもう一度お試しください。"
        }
        E::TriggersRefused => "Zendesk でトリガーを作成できませんでした。",
        E::DryRunNeeded => "先にテスト実行を行い、結果を確認してください。",
        E::RunNotFound => "この実行の記録はもうありません。",
        E::RunInProgress => {
            "この連携では別の実行がまだ終わっていません。終了を待つか、続行または中止してから、もう一度お試しください。"
        }
        E::RunEnded => "この実行は終了しているか、確認待ちではありません。",
        E::Internal => "Deskside で問題が発生しました。続く場合は管理者に連絡してください。",
        _ => return of_calls(code),
    })
}

/// Those that only a call's panel can meet.
fn of_calls(code: E) -> Option<&'static str> {
    Some(match code {
        E::FlexTokenInvalid => "Flex のサインインが無効です。ページを再読み込みしてください。",
        E::FlexAgentUnknown => {
            "同じメールアドレスの Zendesk エージェントが見つかりません。管理者に確認してください。"
        }
        E::EngagementNotFound => "この対応の記録が見つかりません。Flex でもう一度選択してください。",
        E::NotesTooLong => "メモが長すぎます。4,000 文字以内にしてください。",
        E::NotesWritten => "メモはすでにチケットに記録されています。続きはチケットに直接書いてください。",
        E::NoteGivenUp => "メモをチケットに記録できませんでした。チケットに直接書いてください。",
        E::EngagementNotYours => "この対応は別のエージェントのものです。チケットには何も記録されません。",
        E::OpenTicketHidden => {
            "このお客様には、あなたが閲覧できない未解決のチケットがあります。担当チームに確認してください。"
        }
        E::TicketOutOfReach => {
            "この対応のチケットは、あなたの権限では表示できません。管理者に確認してください。"
        }
        E::TicketRefused => {
            "Zendesk がこのお客様のチケットを作成できませんでした。別のチケットを選ぶとメモが記録されます。"
        }
        E::TicketNumberInvalid => {
            "入力された番号はチケット番号ではありません。お客様に番号を確認してください。"
        }
        E::TicketNumberMissing => "チケット番号が入力されていません。",
        E::CallerUnknown => "発信者の番号や宛先に一致するお客様が見つかりません。",
        _ => return None,
    })
}
