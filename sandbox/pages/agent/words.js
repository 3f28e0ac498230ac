// The workspace's own words in the agent's language. The app in the frames brings its own.

const WORDS = {
  en: {
    tickets: "Tickets", customers: "Customers", new_ticket: "New ticket", all: "All", unsolved: "Unsolved", search: "Search", nothing: "Nothing here",
    status: { new: "New", open: "Open", pending: "Pending", hold: "On-hold", solved: "Solved", closed: "Closed", deleted: "Deleted" },
    requester: "Requester", assignee: "Assignee", priority: "Priority", tags: "Tags", add_tag: "Add tag", remove_tag: "Remove tag", subject: "Subject", change: "Change", none: "–",
    public_reply: "Public reply", internal_note: "Internal note", internal: "Internal", attach: "Attach file", submit: "Submit", create: "Create ticket",
    attachments: "attachments", redacted: "Redacted", malware: "Malware found", unscanned: "Not scanned", write: "Write here…", apps: "Apps", log: "Messages",
    saved: "Ticket updated", not_saved: "The app stopped the update", closed_ticket: "This ticket is closed; it can no longer be changed.",
    phone: "Phone", email: "Email", language: "Language", organization: "Organization", notes: "Notes", user_fields: "User fields", role: "Role",
    suspended: "Suspended", missing: "This does not exist, or was deleted.", agent: "Agent", unsaved: "Not saved yet", pick: "Choose a customer…", user_tickets: "Requested tickets",
    created: "Created", light: "Light", dark: "Dark", clear: "Clear", close: "Close", filter: "Filter",
  },
  ja: {
    tickets: "チケット", customers: "顧客", new_ticket: "新規チケット", all: "すべて", unsolved: "未解決", search: "検索", nothing: "該当なし",
    status: { new: "新規", open: "オープン", pending: "保留中", hold: "待機中", solved: "解決済み", closed: "終了", deleted: "削除済み" },
    requester: "リクエスタ", assignee: "担当者", priority: "優先度", tags: "タグ", add_tag: "タグを追加", remove_tag: "タグを削除", subject: "件名", change: "変更", none: "–",
    public_reply: "パブリック返信", internal_note: "社内メモ", internal: "社内", attach: "ファイルを添付", submit: "送信", create: "チケットを作成",
    attachments: "件の添付ファイル", redacted: "編集済み", malware: "マルウェア検出", unscanned: "未スキャン", write: "ここに入力…", apps: "アプリ", log: "メッセージ",
    saved: "チケットを更新しました", not_saved: "アプリが更新を止めました", closed_ticket: "このチケットは終了しているため、変更できません。",
    phone: "電話番号", email: "メール", language: "言語", organization: "組織", notes: "メモ", user_fields: "ユーザーフィールド", role: "役割",
    suspended: "停止中", missing: "存在しないか、削除されています。", agent: "エージェント", unsaved: "未保存", pick: "顧客を選択…", user_tickets: "リクエストしたチケット",
    created: "作成日時", light: "ライト", dark: "ダーク", clear: "消去", close: "閉じる", filter: "絞り込み",
  },
  ko: {
    tickets: "티켓", customers: "고객", new_ticket: "새 티켓", all: "전체", unsolved: "미해결", search: "검색", nothing: "항목 없음",
    status: { new: "신규", open: "열림", pending: "보류 중", hold: "대기", solved: "해결됨", closed: "종료됨", deleted: "삭제됨" },
    requester: "요청자", assignee: "담당자", priority: "우선순위", tags: "태그", add_tag: "태그 추가", remove_tag: "태그 제거", subject: "제목", change: "변경", none: "–",
    public_reply: "공개 답변", internal_note: "내부 메모", internal: "내부", attach: "파일 첨부", submit: "제출", create: "티켓 만들기",
    attachments: "개 첨부 파일", redacted: "삭제 처리됨", malware: "악성 코드 발견", unscanned: "검사 안 됨", write: "여기에 입력…", apps: "앱", log: "메시지",
    saved: "티켓이 업데이트되었습니다", not_saved: "앱이 업데이트를 중단했습니다", closed_ticket: "종료된 티켓은 변경할 수 없습니다.",
    phone: "전화번호", email: "이메일", language: "언어", organization: "조직", notes: "메모", user_fields: "사용자 필드", role: "역할",
    suspended: "정지됨", missing: "존재하지 않거나 삭제되었습니다.", agent: "상담원", unsaved: "저장되지 않음", pick: "고객 선택…", user_tickets: "요청한 티켓",
    created: "생성 시각", light: "라이트", dark: "다크", clear: "지우기", close: "닫기", filter: "필터",
  },
};

/** `en`, `ja` or `ko` of any locale Zendesk has (`en-US`, `ja`, …). */
export function languageOf(locale) {
  const language = String(locale ?? "en").slice(0, 2).toLowerCase();
  return language in WORDS ? language : "en";
}

export const words = (locale) => WORDS[languageOf(locale)];
