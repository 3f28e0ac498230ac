//! What the console says in Japanese.

use super::ConsoleWords;

pub(super) static WORDS: ConsoleWords = ConsoleWords {
    pages: "ページ",
    admins_only: "管理者専用のページです",
    admins_only_why: "この Zendesk アカウントの管理者にお問い合わせください。チケット横の Deskside はこれまでどおり使えます。",

    archive: "アーカイブ",
    archive_what: "Zendesk からアーカイブしたファイルと、それを依頼した人の記録です。閲覧専用です。",
    files_moved: "アーカイブしたファイル",
    bytes_moved: "アーカイブした容量",
    busiest_day: "最も多かった日",
    in_days: |days| format!("過去 {days} 日間"),
    days: |days| format!("{days} 日間"),
    per_day: "日別のアーカイブ容量（UTC）",
    nothing_moved: "この期間に Zendesk から移したファイルはありません。",
    bar: |day, files, size| format!("{day}：{files} 件、{size}"),

    ticket: "チケット",
    what: "操作",
    anything: "すべて",
    who: "依頼者",
    since: "開始日",
    until: "終了日",
    search: "検索",
    when: "日時（UTC）",
    file: "添付ファイル",
    sha256: "SHA-256",
    place: "保存場所",
    older: "さらに表示",
    loading: "読み込み中",
    rows: |count| format!("{count} 件"),
    latest_rows: |count| format!("最新の {count} 件"),
    nothing_found: "該当する記録はありません",
    nothing_found_why: "条件を減らすか、期間を広げてください。",
    nothing_yet: "まだ何もアーカイブされていません",
    nothing_yet_why: "チケットのサイドバー、タグ、または deskside archive で添付ファイルをアーカイブすると、すべての手順がここに記録されます。",
    save: |format| format!("{format} を書き出す"),
    saving: "書き出し中…",
    flex: "通話とチャット",
    flex_what: "Twilio Flex でエージェントが通話やチャットに応答したときの動作です。変更は次の応答から有効になります。",
    section: |section| match section {
        "general" => "全般",
        "navigate" => "Zendesk に表示する画面",
        "top_bar" => "Zendesk トップバーの Flex",
        "tickets" => "チケットとお客様",
        "log" => "チケットに残す記録",
        "outbound" => "Zendesk からの発信",
        _ => "",
    },
    setting: |setting| match setting {
        "enabled" => ("有効", "オフにすると、表示・作成・記録を行いません。"),
        "contract_panel" => ("Flex に契約を表示する", ""),
        "navigate_valid" => ("有効なチケット番号があるとき", "応答時と、もう一度選んだときに表示します。"),
        "navigate_invalid" => ("チケット番号が無効なとき", ""),
        "navigate_none" => ("チケット番号がないとき", ""),
        "talk_partner" => (
            "Talk Partner Edition で表示する",
            "アプリが読み込まれていなくても、Zendesk 自体が画面を開きます。シートのないエージェントにはアプリが表示します。",
        ),
        "flex_url" => (
            "Flex URL",
            "例：https://flex.twilio.com/acme-1234?path=/agent-desktop。空欄の場合、Flex は別のタブで使います。エージェントには Zendesk の再読み込み後に表示されます。",
        ),
        "flex_width" => ("Flex ウィジェットの幅", "ピクセル単位、300～1,600。"),
        "flex_height" => ("Flex ウィジェットの高さ", "ピクセル単位、300～1,200。"),
        "without_number" => ("番号がないときのチケット", "発信者の未解決チケットから選びます。"),
        "choose_first" => (
            "チケットを選ぶまで完了できないようにする",
            "複数のチケットが候補になる場合、選択するまで Flex で対応を完了できません。",
        ),
        "create_ticket" => ("チケットがなければ作成する", ""),
        "create_user" => {
            ("未登録のお客様を作成する", "電話番号、メールアドレス、外部 ID で照合し、重複は作りません。")
        }
        "subject" => {
            ("新規チケットの件名", "タスク属性を使うテンプレート（例：{{ channel }}: {{ caller }}）")
        }
        "description" => ("新規チケットの説明", "社内メモです。お客様には送信されません。"),
        "automatic_tag" => ("すべてのチケットに付けるタグ", "空欄なら付けません。"),
        "assign" => ("応答したエージェントに割り当てる", ""),
        "missed_ticket" => ("不在着信のチケットを作成する", ""),
        "log_start" => ("タスク開始", "応答時に社内メモを残します。"),
        "log_switch" => ("タスク切り替え", "もう一度選んだときに残します。"),
        "log_complete" => ("タスク完了", "終了時に、時間と結果を残します。"),
        "transcript" => ("チャットの内容", "最後のメモに残します。"),
        "recording_inbound" => ("着信の録音", "Twilio にログインせずに聞けるリンクです。"),
        "recording_outbound" => ("発信の録音", ""),
        "outcomes" => {
            ("対応結果の選択肢", "1 行に 1 つ。エージェントは終了時に 1 つ選び、メモを添えられます。")
        }
        "logged_attributes" => {
            ("記録する属性", "1 行に 1 つ。ドットで入れ子の属性を指定します。ほかの属性は記録しません。")
        }
        "outbound_caller_id" => (
            "発信者番号",
            "空白なしの国際形式（例：+815012345678）。空欄なら、次の 3 項目も含めて Flex の設定に従います。",
        ),
        "outbound_queue_sid" => ("キュー SID", "WQ…。エージェントが所属するキューです。"),
        "outbound_workflow_sid" => ("ワークフロー SID", "WW…"),
        "outbound_task_channel_sid" => ("タスクチャネル SID", "TC…。Flex が通話として扱うチャネルです。"),
        "outbound_country" => {
            ("国番号のない電話番号の国", "国番号（例：+81）。空欄なら、そのような番号には発信しません。")
        }
        _ => ("", ""),
    },
    option: |option| match option {
        "ticket" => "チケット",
        "user" => "お客様",
        "nothing" => "何もしない",
        "ask" => "未解決のチケット（複数ならエージェントが選ぶ）",
        "latest_open" => "最後に更新された未解決のチケット",
        "always_new" => "常に新しいチケット",
        _ => "",
    },
    save_settings: "保存",
    saved: "保存しました。次の通話やチャットから有効です。",
    load_again: "変更を破棄して再読み込み",
    conflict: |fields| format!("開いた後に設定が変更されています。入力内容と異なる項目：{fields}"),
    load_theirs: "保存済みの設定を読み込む",
    save_mine: "自分の変更で上書き",
    session_over: "セッションが終了しました。再度サインインしてください。入力内容はそのまま残ります。",
    session_gone: "セッションを再開できません。入力内容をコピーしてから、このページを開き直してください。",
    sign_in_again: "再度サインイン",
    saving_settings: "保存中…",
    unsaved: "未保存の変更があります",
    wrong_fields: |count| format!("{count} 件の項目を修正してから保存してください。"),
    not_in_range: |least, most| format!("{least}～{most} の整数を入力してください。"),
    not_a_ticket: "チケット番号を数字で入力してください（例：42）。",
    not_accepted: |why| format!("この値は保存できません：{why}"),
    rule: |rule| {
        Some(match rule {
            "type" => "この値は保存できません。ページを開き直してください。",
            "too_long" => "4,000 バイト以内で入力してください。",
            "empty" => "入力してください。空のままでは Zendesk にチケットを作成できません。",
            "template" => "テンプレートとして使用できません。記述を確認してください。",
            "slow" => "テンプレートの処理に 1 秒以上かかります。短くしてください。",
            "tag" => "文字、数字、-、_、:、/ のみを使い、255 バイト以内で入力してください。",
            "own_tag" => "このタグは Deskside が使用しています。別のタグを指定してください。",
            "many_outcomes" => "30 行以内で入力してください。",
            "outcome" => "空行を入れず、1 行 100 文字以内で入力してください。",
            "many_attributes" => "属性は 50 個以内で指定してください。",
            "attribute" => "空行を入れず、1 行 200 バイト以内で入力してください。",
            "phone_number" => "E.164 形式で入力してください（例：+815012345678）。",
            "sid" => "種類を表す 2 文字と 32 桁の 16 進数からなる SID を入力してください。",
            "country" => "国番号を入力してください（例：+81）。",
            "range" => "範囲内の値を入力してください。",
            "url" => "URL を入力してください（例：https://flex.twilio.com）。",
            "https" => "https:// で始まる URL を入力してください。",
            "url_credentials" => "URL からユーザー名とパスワードを除いてください。",
            "origin" => "この URL はサーバーの twilio.flex_origins で許可されていません。",
            "agent_desktop" => {
                "URL に ?path=/agent-desktop を付けてください。付けないと、管理者にはエージェントデスクトップが表示されません。"
            }
            _ => return None,
        })
    },
    leave_title: "保存せずに移動しますか？",
    leave_why: "このページで行った変更は失われます。",
    stay: "このページに残る",
    leave: "変更を破棄",
    only_ticket: |ticket| format!("チケット {ticket} だけを表示"),
    action: |action| {
        Some(match action {
            "requested" => "依頼",
            "joined" => "実行中の処理に追加",
            "planned" => "待機",
            "stored" => "コピー済み",
            "verified" => "照合済み",
            "redacted" => "アーカイブ済み",
            "skipped" => "Zendesk に残した",
            "held" => "保全",
            "failed" => "失敗",
            "cancelled" => "取り消し",
            "run_cancelled" => "処理の取り消し",
            "copy_deleted" => "コピーを削除",
            "copy_kept" => "コピーを保持",
            "nothing_to_archive" => "対象なし",
            "gave_up" => "中止",
            "opened" => "閲覧",
            "open_refused" => "閲覧を拒否",
            "open_mismatch" => "コピーの破損",
            "recording_opened" => "録音を再生",
            _ => return None,
        })
    },
    reason: |code| {
        Some(match code {
            "undone" => "処理が取り消されました",
            "not_in_zendesk" => "ファイルはすでに Zendesk にありません",
            "gave_up" => "保存先が応答しませんでした",
            "cancelled" => "コマンドラインで取り消されました",
            _ => return None,
        })
    },
    agent: |id| format!("エージェント {id}"),
    tag: "タグ",
    operator: "コマンドライン",
    deskside: "Deskside",
};
