//! The same in Japanese.

use super::{PageWords, by_name};

pub(super) static WORDS: PageWords = PageWords {
    loading: "読み込み中…",
    working: "処理中…",
    cancel: "キャンセル",
    when: "日時",

    notices: "担当者への通知",
    notices_what: "顧客のチケットや契約更新を誰に通知したか、通知しなかった場合はその理由を確認できます。",
    notice_kind: |kind| {
        by_name!(kind {
            "new_customer" => "新規顧客のチケット",
            "renewal_near" => "更新前のチケット",
            "page" => "緊急対応",
            "page_over" => "緊急対応の終了",
            "renewal" => "契約更新（チケットなし）",
        })
        .unwrap_or_default()
    },
    outcome: |outcome| {
        by_name!(outcome {
            "waiting" => "通知待ち",
            "sending" => "送信中",
            "told" => "通知済み",
            "fallback" => "代わりの宛先に通知",
            "not_told" => "通知なし",
            "unsure" => "通知されたか不明",
        })
        .unwrap_or_default()
    },
    channel: |channel| {
        by_name!(channel {
            "zendesk" => "Zendesk",
            "notify" => "Webhook",
            "pagerduty" => "PagerDuty",
            "group" => "グループ宛てのチケット",
        })
        .unwrap_or_default()
    },
    role: |role| {
        by_name!(role {
            "sales" => "営業",
            "success" => "カスタマーサクセス",
        })
        .unwrap_or_default()
    },
    reason: |code| {
        by_name!(code {
            "ticket_gone" => "チケットが削除されたか、スパムと判定されました",
            "ticket_merged" => "チケットが別のチケットに統合されました",
            "ticket_closed" => "チケットがクローズされています",
            "ticket_solved" => "呼び出す前にチケットが解決されました",
            "no_requester" => "チケットのリクエスタを Zendesk で確認できません",
            "requester_suspended" => "リクエスタが Zendesk で一時停止されています",
            "requester_is_agent" => "リクエスタがエージェントです",
            "visitor_unknown" => "リクエスタはメールアドレスのない訪問者で、契約が見つかりません",
            "no_contract" => "リクエスタの契約が見つかりません",
            "several_companies" => "リクエスタが複数の会社に所属しています",
            "condition_over" => "契約が条件を満たさなくなりました",
            "no_emergency" => "チケットが緊急ではなくなりました",
            "off" => "この種類の通知はオフです",
            "paged_again" => "チケットが再開され、再び緊急になりました",
            "no_page" => "このチケットで呼び出された人はいません",
            "no_alert" => "解決するアラートがありませんでした",
            "no_owner" => "契約に担当者が登録されていません",
            "owner_without_address" => "契約に担当者のメールアドレスがありません",
            "owner_ambiguous" => "契約に同じ名前の担当者が 2 人います",
            "owner_unknown" => "担当者のユーザーが Zendesk にないか、削除されました",
            "owner_suspended" => "担当者が Zendesk で一時停止されています",
            "owner_not_agent" => "担当者は Zendesk のエージェントではありません",
            "owner_is_writer" => "担当者は Deskside が書き込みに使うユーザーのため、Zendesk からメールが届きません",
            "not_follower" => "担当者をチケットのフォロワーにできません。Zendesk で CC とフォロワーの設定を確認してください",
            "channel_not_set" => "通知手段の設定が不足しています",
            "channel_refused" => "通知先に拒否されました。原因はログにあります",
            "channel_down" => "通知先が時間内に受け付けませんでした。原因はログにあります",
            "cancelled" => "オペレーターがジョブをキャンセルしました",
            "gave_up" => "再試行の期限を過ぎました。原因はログにあります",
            "interrupted" => "送信中にサーバーが停止しました。二重通知を避けるため、再送しません",
        })
    },
    because: |reason| format!("理由：{reason}"),
    filter: "通知の絞り込み",
    kind: "内容",
    any_kind: "すべての内容",
    any_outcome: "すべての結果",
    about: "内容",
    in_charge: "担当者",
    became: "結果",
    open_ticket: |ticket| format!("チケット {ticket} を新しいタブで開く"),
    no_ticket: "チケットなし",
    resolved: |at| format!("解決：{at}"),
    no_notices: "まだ通知はありません",
    no_notices_why: "下のトリガーを Zendesk に作成すると、条件に合う最初のチケットからここに表示されます。",
    none_found: "該当なし",
    none_found_why: "条件に合う通知はありません。",
    refresh: "再読み込み",
    older: "以前の通知を表示",
    latest: |count| format!("{count} 件の通知を表示しています"),

    triggers: "Zendesk のトリガー",
    triggers_what: "チケットを検知し、担当者への通知を Deskside に依頼します。変更されるのはこれらのトリガーだけです。",
    trigger_state: |state| {
        by_name!(state {
            "created" => "未作成",
            "updated" => "更新が必要",
            "found" => "最新",
            "changed_by_hand" => "Zendesk で変更あり",
        })
        .unwrap_or_default()
    },
    trigger_problem: |kind| format!("トリガーの確認が必要です：{kind}"),
    checked: |at| format!("確認：{at}"),
    acts_when: "次の条件をすべて満たすと動作",
    does: "動作の内容",
    calls: "呼び出し先",
    details: "詳細",
    part: |part| {
        by_name!(part {
            "state" => "状態",
            "all of" => "すべて満たす条件",
            "one of" => "いずれかの条件",
            "does" => "動作",
        })
        .unwrap_or_default()
    },
    in_zendesk: "Zendesk の内容",
    by_settings: "設定の内容",
    triggers_up_to_date: "トリガーは最新です。",
    triggers_of_editors: "トリガーを作成・更新できる人は、運用者の設定 integrations.editors で決まります。",
    no_triggers: "通知を依頼するトリガーはまだありません。",
    compare_again: "もう一度比較",
    create_triggers: "Zendesk にトリガーを作成",
    update_triggers: "Zendesk のトリガーを更新",
    overwrite_triggers: "Zendesk での変更を上書き",
    make_why: |created, updated| {
        format!(
            "下のトリガーと Webhook のうち {created} 件を作成し、{updated} 件を更新します。以後、トリガーが動作すると Zendesk が Deskside を呼び出し、担当者に通知します。"
        )
    },
    stays_by_hand: "Zendesk で変更された内容はそのまま残ります。",
    overwrite_title: "Zendesk での変更を上書きしますか？",
    overwrite_why: "条件と動作を設定の内容に戻します。タイトルと順序は変わりません。失われる変更：",
    overwrite: "上書き",
    triggers_made: |created, updated| format!("完了しました。作成 {created} 件、更新 {updated} 件。"),

    keys: "マシンキー",
    keys_what: "Airflow、dbt、cron などがキーで実行を開始し、終了を待てます。キーでデータの行を見ることや、変更を承認することはできません。",
    keys_denied: "キーを管理する権限がありません",
    keys_denied_why: "管理できる人は、運用者の設定 integrations.editors で決まります。",
    key_name: "マシンの名前",
    key_name_help: "実行と記録に表示される名前です（例：airflow）。40 文字まで。",
    key_create: "キーを作成",
    key_made: |name| format!("{name} のキー"),
    key_once: "今すぐコピーしてください。Deskside に残るのはハッシュだけなので、再表示はできません。",
    key: "キー",
    copy: "コピー",
    copy_of: |what| format!("コピー：{what}"),
    copied: "コピーしました。",
    copy_by_hand: "選択されています。Ctrl+C または ⌘C でコピーしてください。",
    key_use: "実行を開始し、終了を最大 60 秒待ちます。INTEGRATION は連携の ID に、RUN は最初の応答にある実行の id に置き換えてください：",
    commands: "コマンド",
    key_hide: "コピーしたので非表示にする",
    key_added: "作成",
    last_used: "最終使用",
    never_used: "未使用",
    key_state: "状態",
    key_live: "有効",
    key_revoked: |at| format!("{at} に失効"),
    agent: |id| format!("エージェント {id}"),
    operator: "コマンドライン",
    revoke: "失効",
    revoke_title: |name| format!("{name} のキーを失効させますか？"),
    revoke_why: "次のリクエストから拒否されます。開始済みの実行は続きます。失効したキーは元に戻せません。",
    revoke_done: |name| format!("{name} のキーを失効させました。"),
    no_keys: "キーはまだありません",
    no_keys_why: "マシンごとに作成すると、1 つだけを失効させることができます。",

    tickets: "週ごとのチケット",
    tickets_what: "顧客のチケット数を、プランまたは MRR ごとに集計します。個人名は含まれません。",
    weeks: |weeks| format!("{weeks} 週間"),
    span: "表示する期間",
    group_by: "集計の単位",
    by_plan: "プラン",
    by_mrr: "MRR",
    no_plan: "プラン不明",
    other_plans: "その他のプラン",
    band: |band| {
        by_name!(band {
            "none" => "MRR 不明",
            "0" => "0",
            "below_100" => "100 未満",
            "100_to_1000" => "100 以上 1,000 未満",
            "1000_to_10000" => "1,000 以上 10,000 未満",
            "10000_or_more" => "10,000 以上",
        })
        .unwrap_or_default()
    },
    week: "週の開始日",
    total: "合計",
    all_tickets: "すべてのチケット",
    week_told: |week, tickets| format!("{week} からの週：{tickets}"),
    count_of_tickets: |tickets| format!("{tickets} 件"),
    known_until: |at| format!("{at} までのチケットを集計しています。週は月曜日（UTC）に始まります。"),
    save_csv: "CSV で保存",
    saving: "保存中…",
    no_tickets: "この期間のチケットはありません",
    no_tickets_why: "期間を長くするか、チケットを読み込む連携を実行してください。",
    not_kept: "チケットがまだ読み込まれていません",
    not_kept_why: "連携がチケットを読み込むと集計されます。連携にチケットのソースを追加して実行してください。",
    to_integrations: "連携へ",
};
