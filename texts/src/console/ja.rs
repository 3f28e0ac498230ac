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
    who: "実行者",
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
    save: |format| format!("{format}を書き出す"),
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
        "flex_width" => ("Flex ウィジェットの幅", "ピクセル単位、300～1600。"),
        "flex_height" => ("Flex ウィジェットの高さ", "ピクセル単位、300～1200。"),
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
        "name" => ("名前", "自分とほかの管理者に表示されます。"),
        "environment" => ("環境", ""),
        "base_url" => ("Zendesk アカウント", "アドレス（例：acme.zendesk.com）"),
        "flow" => ("サインイン方法", ""),
        "client_id" => ("クライアント ID", "Salesforce ではコンシューマー鍵です。"),
        "client_secret" => ("クライアントシークレット", ""),
        "my_domain" => ("私のドメイン", "空欄なら Salesforce 共通のサインインページを使います。"),
        "host" => ("ホスト", ""),
        "port" => ("ポート", "空欄なら標準のポートです。"),
        "database" => ("データベース", ""),
        "user" => ("ユーザー", ""),
        "password" => ("パスワード", ""),
        "tls" => ("暗号化", ""),
        "ca" => ("認証局の証明書", "PEM 形式。空欄なら公的な認証局を使います。"),
        "folder" => ("フォルダ", "サーバー上の絶対パス。運用担当者が許可したフォルダの中に限ります。"),
        "username" => ("ユーザー名", "Deskside が使用する Salesforce ユーザーです。"),
        "private_key" => ("秘密鍵", "PEM 形式の RSA 鍵です。"),
        "number" => ("もう一方のタブの番号", "6 桁の数字です。"),
        _ => ("", ""),
    },
    option: |option| match option {
        "ticket" => "チケット",
        "user" => "お客様",
        "nothing" => "何もしない",
        "ask" => "未解決のチケット（複数ならエージェントが選ぶ）",
        "latest_open" => "最後に更新された未解決のチケット",
        "always_new" => "常に新しいチケット",
        "production" => "本番",
        "sandbox" => "Sandbox",
        "web" => "ブラウザで許可",
        "client_credentials" => "クライアントログイン情報",
        "jwt" => "JWT ベアラー",
        "verify-full" => "TLS（証明書を検証）",
        "require" => "TLS（証明書を検証しない）",
        "disable" => "なし",
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
            "connection_added" => "接続の追加",
            "connection_changed" => "接続の変更",
            "connection_disconnected" => "接続の切断",
            "connection_deleted" => "接続の削除",
            "connection_sampled" => "接続の行を閲覧",
            "integration_added" => "連携の追加",
            "integration_changed" => "連携の変更",
            "integration_deleted" => "連携の削除",
            "integration_previewed" => "連携の行を閲覧",
            "integration_started" => "連携の実行を開始",
            "integration_confirmed" => "連携の実行を確認",
            "integration_cancelled" => "連携の実行をキャンセル",
            "integration_exported" => "連携の行を書き出し",
            "machine_key_made" => "マシン用キーを作成",
            "machine_key_revoked" => "マシン用キーを失効",
            "triggers_connected" => "通知トリガーの作成・変更",
            "notice_told" => "契約に関する通知",
            "newcomer_written" => "新規顧客のフィールド入力",
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

    connections: "接続",
    connections_what: "Deskside が利用できる外部サービスのアカウントとデータベースです。",
    connection_add: "接続を追加",
    connections_read_only: "接続の閲覧のみ可能です。変更できる管理者は、運用担当者が integrations.editors で指定します。",
    no_seal_key: "まだシークレットを保存できません。運用担当者が server.seal_keys を設定する必要があります。",
    connection: "接続",
    connection_state: "状態",
    used_by: "使用先",
    connection_acts: "操作",
    no_connections: "接続はまだありません",
    kind: |key| match key {
        "zendesk" => ("Zendesk", "ユーザーと組織の読み取りと書き込み"),
        "salesforce" => ("Salesforce", "取引先、契約などのオブジェクト"),
        "mysql" => ("MySQL または MariaDB", "データベース（読み取り専用）"),
        "postgres" => ("PostgreSQL", "データベース（読み取り専用）"),
        "report" => ("ファイル", "サーバー上のフォルダにある CSV または JSON Lines"),
        "twilio" => ("Twilio", ""),
        "objects" => ("アーカイブの保存先", ""),
        "notify" => ("通知用 Webhook", ""),
        _ => ("", ""),
    },
    connection_states: |key| match key {
        "connected" => "接続済み",
        "needs_attention" => "要対応",
        "disconnected" => "切断済み",
        _ => "",
    },
    connection_problem: |key| {
        Some(match key {
            "secret_locked" => {
                "保存されたシークレットを読み取れません。運用担当者がキーを `server.seal_keys` に戻すか、この接続に新しいシークレットを設定してください。"
            }
            "test_failed" => {
                "前回のテストに失敗しました。原因を確認して接続の設定を修正し、もう一度テストしてください。"
            }
            "refresh_lost" => "トークンの更新結果を受け取れませんでした。もう一度接続してください。",
            "refresh_refused" => "リフレッシュトークンが無効になりました。もう一度接続してください。",
            "client_refused" => {
                "OAuth クライアントが受け付けられません。クライアント ID とクライアントシークレットを修正してください。"
            }
            "notice_trigger" => {
                "通知を依頼する Zendesk のトリガーに問題があります。ページ「担当者への通知」でトリガーを更新するか、Zendesk で修正してください。"
            }
            "scope_refused" => {
                "必要なスコープが許可されていません。OAuth クライアントにスコープを追加してから、もう一度接続してください。"
            }
            "address_blocked" => {
                "このアドレスへの接続は許可されていません。接続のアドレスを修正してください。"
            }
            "address_wrong" => {
                "このアドレスの応答は、接続先のサービスのものではありません。接続のアドレスを修正してください。"
            }
            "renewal_refused" => {
                "トークンを更新できませんでした。接続先で OAuth クライアントとユーザーが有効であることを確認し、もう一度テストしてください。"
            }
            _ => return None,
        })
    },
    set_in_file: "設定ファイルで指定",
    checked: |it| format!("確認：{it}"),
    unused: "未使用",
    used_by_server: |key| {
        by_name!(key {
            "zendesk" => "カード、通話、アーカイブ、通知",
            "twilio" => "通話",
            "objects" => "アーカイブ",
            "notify" => "通知",
        })
    },
    connection_test: "テスト",
    connect_again: "再接続",
    connection_change: "変更",
    disconnect: "切断",
    delete: "削除",
    choose_kind: "接続の種類",
    cancel: "キャンセル",
    close: "閉じる",
    continue_: "次へ",
    connect: "接続",
    trying: "確認中…",
    secret_stays: "空欄のままなら、保存済みの値を使います。",
    callback_url: "OAuth クライアントに登録するリダイレクト（コールバック）URL",
    recipe: |key| match key {
        "zendesk" => {
            "Zendesk の管理センターで「アプリおよびインテグレーション」→「API」→「OAuth クライアント」を開き、機密クライアントを追加します。その ID とシークレットを入力してください。ブラウザで許可する場合は、下の URL もクライアントに登録します。"
        }
        "salesforce" => {
            "Salesforce の設定で、この組織に外部クライアントアプリケーションを作成します。OAuth を有効にし、下のコールバック URL を登録し、スコープ api と refresh_token を追加して、PKCE を必須にします。コンシューマー鍵とコンシューマーの秘密を入力してください。"
        }
        "client_credentials" => {
            "Salesforce の設定で、この組織に外部クライアントアプリケーションを作成し、クライアントログイン情報フローを有効にして、実行ユーザーを選びます。「私のドメイン」でのみ使えます。"
        }
        "jwt" => {
            "Salesforce の設定で、この組織に外部クライアントアプリケーションを作成し、JWT ベアラーフローを有効にして、この秘密鍵の証明書をアップロードし、ユーザーを事前承認します。"
        }
        "database" => {
            "読み取り権限だけを持つデータベースユーザーを使ってください。Deskside は常に読み取り専用のトランザクションで接続します。"
        }
        _ => "",
    },
    consent_open: |it| format!("{it} を新しいタブで開く"),
    consent_how: |it| {
        format!(
            "{it} が新しいタブで開きます。Deskside が使用するユーザーでサインインし、アクセスを許可してから、このページに戻ってください。"
        )
    },
    consent_trouble: |key| match key {
        "zendesk" => {
            "リダイレクト URL が拒否された場合は、OAuth クライアントに登録した URL と完全には一致していません。"
        }
        "salesforce" => {
            "OAUTH_APPROVAL_ERROR_GENERIC または OAUTH_EC_APP_NOT_FOUND と表示された場合、外部クライアントアプリケーションはサインイン先とは別の組織のものです。redirect_uri_mismatch の場合は、コールバック URL が異なります。キャンセルして修正してください。"
        }
        _ => "",
    },
    consent_waiting: "もう一方のタブでの許可を待っています…",
    consent_as: |organization, user| {
        format!(
            "{organization} の {user} が許可しました。このアカウントで正しければ、もう一方のタブに表示された番号を入力してください。"
        )
    },
    test_of: |it| format!("{it} のテスト"),
    test_step: |key| match key {
        "secret" => "シークレット",
        "token" => "アクセストークン",
        "user" => "ユーザー",
        "address" => "ホスト名",
        "connection" => "接続",
        "folder" => "フォルダ",
        "sign_in" => "サインイン",
        "read" => "読み取り",
        "write" => "書き込み",
        "version" => "バージョン",
        "scopes" => "スコープ",
        _ => "",
    },
    step_ok: "成功",
    step_failed: "失敗",
    test_ok: "正常に接続できます。",
    test_failed: "まだ接続できません。",
    disconnect_title: |it| format!("{it} を切断しますか？"),
    disconnect_why: "接続先のアクセス権を取り消し、Deskside に保存したシークレットを消去します。この接続を使う処理は一時停止します。",
    delete_title: |it| format!("{it} を削除しますか？"),
    delete_why: "この接続と保存したシークレットを削除します。",
    used_by_these: |it| format!("使用先：{it}"),
    connection_saved: "保存しました。",
    connection_connected: "接続しました。",
    connection_disconnected: "切断しました。Deskside からはアクセスできません。",
    connection_not_revoked: |it| format!("切断しましたが、接続先でアクセス権が取り消されていません：{it}"),
    connection_deleted: "削除しました。",
    connection_deleted_not_revoked: |it| {
        format!("削除しましたが、接続先でアクセス権が取り消されていません：{it}")
    },
    other_page: |address| {
        by_name!(address {
            "notices" => "担当者への通知",
            "tickets" => "週ごとのチケット",
            "machine-keys" => "マシンキー",
        })
        .unwrap_or_default()
    },
    integrations: "連携",
    integrations_what: "各システムから Zendesk に書き込む内容とスケジュールです。",
    no_integrations: "連携はまだありません",
    no_integrations_why: "ここで作成するか、`deskside integrations import` で登録できます。",
    integration_new: "新しい連携",
    overview: "概要",
    edit: "編集",
    integration: "連携",
    schedule: "スケジュール",
    by_hand: "手動で開始したときのみ",
    every_minutes: |minutes| format!("{minutes} 分ごと"),
    every_hours: |hours| format!("{hours} 時間ごと"),
    daily: |at, zone| format!("毎日 {at}（{zone}）"),
    cron: |cron, zone| format!("Cron {cron}（{zone}）"),
    plan_not_accepted: "テスト実行が承認されるまで実行されません。",
    last_run: "前回の実行",
    integration_acts: "操作",
    disabled: "一時停止中",
    next_run: |at| format!("次回：{at}（お使いのタイムゾーン）"),
    integrations_read_only: "連携の閲覧と、実行の開始・キャンセルができます。変更、実行の承認と確認、行の閲覧ができる管理者は、運用担当者の設定 integrations.editors で決まります。",
    editor_needed: "この実行の行は、連携を変更できる管理者が確認して判断する必要があります。",
    enable: "有効にする",
    pause: "一時停止",
    pause_title: |it| format!("{it} を一時停止しますか？"),
    pause_why: "自動では実行されなくなり、この連携の契約はカードに表示されなくなります。Zendesk のフィールドはそのまま残ります。再び有効にすると、次の実行で契約が戻ります。",
    resend: "全件再送",
    resend_title: |it| format!("{it} を全件再送しますか？"),
    resend_why: "Zendesk に同じ値がある行も含めて、すべての行を書き込みます。初回の実行と同じ回数の呼び出しが必要です。実行で書き込んだ値が Zendesk に表示されないときに使ってください。",
    integration_delete_why: "この連携の実行と、その行とログを削除します。Zendesk に書き込んだ値はそのまま残り、以後は更新も消去もされません。この連携の契約はカードに表示されなくなります。値も消すには、先に一時停止して「書き込んだ値を消去」を選んでください。",
    clear_fields: "書き込んだ値を消去",
    clear_fields_title: |it| format!("{it} が書き込んだ値を消去しますか？"),
    clear_fields_why: "この連携が書き込んだフィールドを調べ、値が消えるレコードの数を確認してから消去します。その後に Zendesk で変更された値は残ります。",
    never_ran: "未実行",
    never_ran_why: "まずテスト実行で、書き込まずに変更内容を確認してください。",
    object: |key| match key {
        "users" => "Zendesk ユーザー",
        "organizations" => "Zendesk 組織",
        _ => "",
    },
    run_now: "今すぐ実行",
    dry_run: "テスト実行",
    preview: "プレビュー",
    preview_of: |it| format!("{it} の先頭の行"),
    preview_partial: "すべてのソースを読み込んだ実行がまだないため、先頭の行だけを読み込みました。結合の結果は実際より少ないことがあります。",
    preview_empty: "モデルの結果に行がありません。",
    runs: "実行履歴",
    run: "実行",
    run_of: |it| format!("{it}（UTC）の実行"),
    run_kind_head: "種類",
    run_state_head: "状態",
    run_sum: "結果",
    run_kind: |key| match key {
        "run" => "実行",
        "resend" => "全件再送",
        "dry" => "テスト実行",
        "row" => "1 行のみ",
        "clear" => "書き込んだ値の消去",
        _ => "",
    },
    run_state: |key| match key {
        "queued" => "待機中",
        "running" => "実行中",
        "stopped" => "確認待ち",
        "completed" => "完了",
        "failed" => "失敗",
        "cancelled" => "キャンセル済み",
        _ => "",
    },
    run_problem: |key| {
        Some(match key {
            "dry_run_needed" => "このモデル・キー・マッピングのテスト実行がまだ承認されていません。",
            "field_missing" => "フィールドまたは選択肢が Zendesk にありません。",
            "source_shrank" => "ソースの行数が前回より大幅に減っています。",
            "clears_too_much" => "多くの行で値が消えるか、多くの人のカードから契約が消えます。",
            "changes_too_much" => "多くの行が変更されます。",
            "all_rejected" => "すべての行が拒否されました。",
            "counts_differ" => "行数が一致しません。",
            "integration_gone" => "連携が削除されました。",
            "run_failed" => "実行に失敗しました。",
            "connection_moved" => "接続先が別のアカウント・データベース・フォルダーに変わりました。",
            "source_failed" => "ソースを読み込めません。",
            "sql_unfit" => "SQL が連携の設定に合っていません。",
            "row_not_found" => "モデルの結果に、このキーの行がありません。",
            "overdue" => "予定された実行が 2 回とも完了していません。",
            _ => return None,
        })
    },
    phase: |key| match key {
        "reading" => "ソースを読み込み中",
        "model" => "モデルを実行中",
        "comparing" => "書き込み先と比較中",
        "delivering" => "書き込み中",
        "copying" => "カードに表示する契約を更新中",
        _ => "",
    },
    accept_and_run: "承認して実行",
    accept_how: "まだ何も書き込まれていません。下の行を確認してください。「承認して実行」を押すと、実行が始まり書き込まれます。",
    confirm_run: "確認して続行",
    confirm_how: "まだ何も書き込まれていません。下の行を確認してください。「確認して続行」を押すと書き込み、「実行をキャンセル」を押すと何も変更しません。",
    cancel_run: "実行をキャンセル",
    retry_rows: "今すぐ再送",
    run_retry: "再送",
    send_row: "1 行を送信",
    send_row_key: "行のキー",
    run_log: "ログ",
    run_log_show: "ログを表示",
    run_facts: |time, calls| format!("所要時間：{time} · 書き込みの呼び出し：{calls} 回"),
    rows_written: |done, all| format!("{all} 行中 {done} 行"),
    run_left: |time| format!("残り約 {time}"),
    old_rows: |source, time| format!("以前の行を使用：{source}（{time}）"),
    taken_over: |time| format!("サーバーが応答していません。{time} までに別のサーバーが引き継ぎます。"),
    exchange_sent: "送信",
    exchange_answer: "応答",
    exchange_holds: "現在の値",
    record_gone: "レコードがなくなりました。",
    counted: |count, what| format!("{what} {count} 件"),
    outcome: |key| match key {
        "read" => "読み込み",
        "matched" => "一致",
        "unmatched" => "該当なし",
        "ambiguous" => "複数該当",
        "duplicate" => "重複",
        "unchanged" => "変更なし",
        "adopted" => "書き込み済み",
        "created" => "作成",
        "updated" => "更新",
        "cleared" => "消去",
        "kept" => "書き込み先の値を維持",
        "rejected" => "拒否",
        "pending" => "書き込み予定",
        "waiting" => "保留",
        "drifted" => "書き込み先で変更",
        "removed" => "モデルから削除",
        _ => "",
    },
    rows_of_run: "この実行の行",
    row_key: "キー",
    row_outcome: "結果",
    row_changes: "変更前 → 変更後",
    row_reason: "理由",
    row_reason_of: |key| {
        Some(match key {
            "key_empty" => "キーが空です。",
            "no_record" => "このキーを持つレコードがありません。",
            "duplicate_key" => {
                "このキーの行が {0} 件あります。モデルで 1 件にまとめてください（GROUP BY または DISTINCT）。"
            }
            "had_the_key_before" => {
                "このキーを持つレコードがなくなりました。以前はこのレコードのキーでした。"
            }
            "several_records" => {
                "このキーを持つレコードが {0} 件あります：{1}。Zendesk で統合するか、`on_ambiguous` を設定してください。"
            }
            "record_unreadable" => {
                "保存されているレコードの内容を読み取れないため、フィールドの値が分かりません。"
            }
            "key_moved" => "このキーのレコードは、別のレコードに変わりました。",
            "changed_there" => "前回の実行後に、Zendesk で {0} が変更されました。",
            "changed_there_stays" => {
                "前回の実行後に、Zendesk で {0} が変更されました。その値は残し、ほかのフィールドだけを書き込みます。"
            }
            "is_made" => "このキーの組織がないため、新しく作成します。",
            "name_empty" => "新しい組織には名前が必要ですが、名前が空です。",
            "not_in_model" => "この行はモデルの結果からなくなりました。",
            "not_in_model_stays" => {
                "この行はモデルの結果からなくなりました。Zendesk で変更された {0} はそのまま残します。"
            }
            "record_of_another_row" => "このレコードは、現在は別の行のものです。",
            "same_record" => "同じレコードを持つ行がほかにもありました。",
            "record_lost" => "このレコードは書き込み先にありません。",
            "nothing_of_ours" => "このレコードには、Deskside が書き込んだ値がありません。",
            "sent_in_vain" => "何度か送信しましたが、書き込み先に反映されませんでした。",
            "record_gone" => {
                "このレコードは削除または統合され、Zendesk にありません。次回の実行では対象外になります。"
            }
            "there_by_now" => {
                "Zendesk に ID {0} としてすでに存在します。次回の実行でフィールドを書き込みます。"
            }
            "record_busy" => "このレコードは現在、これ以上の変更を受け付けません。",
            "refused_by_zendesk" => "Zendesk に拒否されました（{0}：{1}）。",
            "outcome_unknown" => "Zendesk から結果が返されませんでした。",
            "name_taken" => {
                "同じ名前で外部 ID の異なる組織があります。Zendesk でその組織の外部 ID を `{0}` にするか、名前を変えてください。"
            }
            "value_unfit" => "`{0}` に値 `{2}` は書き込めません（使える値：{1}）。",
            "not_a_date" => "`{0}` には 2026-11-30 のような日付が必要ですが、値は `{1}` です。",
            "not_a_number" => "`{0}` には 1200.5 のような数値が必要ですが、値は `{1}` です。",
            "not_a_whole_number" => "`{0}` には 1200 のような整数が必要ですが、値は `{1}` です。",
            "not_true_or_false" => "`{0}` には true または false が必要ですが、値は `{1}` です。",
            "no_option" => {
                "`{0}` に、タグが `{1}` の選択肢がありません。Zendesk で選択肢を追加するか、既存の選択肢に対応付けてください。"
            }
            "value_too_long" => {
                "`{0}` の値は {1} 文字です。書き込めるのは {2} 文字までです。`truncate({2})` を使ってください。"
            }
            "record_by_another_address" => {
                "同じユーザーに別のアドレスで対応する行がほかにあります。モデルでユーザーごとに 1 行にまとめてください。"
            }
            "connection_moved" => "接続先が別のアカウントに変わったため、結果は分かりません。",
            "field_gone" => {
                "比較後に、フィールド `{0}` が Zendesk で削除または無効化されました。対処方法は次回の実行で示されます。"
            }
            "call_refused" => "Zendesk に呼び出しを拒否されました：{0}",
            "value_invalid" => {
                "{0} の値は `{1}` から決まりますが、列の型として読み取れない値「{2}」があります。ソースの値を修正してください"
            }
            "depends_on_invalid" => {
                "この行は `{0}` から決まりますが、列の型として読み取れない値「{1}」があります。ソースの値を修正してください"
            }
            "may_depend_on_invalid" => {
                "値が空または既定値になるところでしたが、`{0}` に列の型として読み取れない値「{1}」があり、その影響かもしれないため変更していません。ソースの値を修正してください"
            }
            _ => return None,
        })
    },
    no_rows: "表示する行はありません。変更のない行は件数のみ数えます。",
    more_rows: "さらに表示",
    empty_value: "（空）",
};
