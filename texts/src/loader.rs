//! What the loader says in Japanese and Korean when the app cannot start. Its English is its own (`app/web/loader.js`): that is
//! there also when nothing else comes. They stand at the end of every pack.

/// What the loader says, in the order in which it looks them up.
#[derive(Debug)]
pub struct LoaderWords {
    /// The workspace's framework did not come.
    pub sdk: &'static str,
    /// The page is not framed by Zendesk.
    pub frame: &'static str,
    /// The workspace does not answer.
    pub silent: &'static str,
    /// The app does not start.
    pub start: &'static str,
}

static JA: LoaderWords = LoaderWords {
    sdk: "Zendesk のアプリ基盤を読み込めません。static.zdassets.com が遮断されていないか確認し、パネルを再読み込みしてください。",
    frame: "Deskside は Zendesk の中でのみ動作します。チケットから開いてください。",
    silent: "Zendesk が応答していません。ページを再読み込みしてください。",
    start: "Deskside を起動できませんでした。パネルを再読み込みしてください。",
};

static KO: LoaderWords = LoaderWords {
    sdk: "Zendesk 앱 프레임워크를 불러올 수 없습니다. static.zdassets.com이 차단되었는지 확인한 뒤 패널을 새로 고치세요.",
    frame: "Deskside는 Zendesk 안에서만 작동합니다. 티켓에서 여세요.",
    silent: "Zendesk가 응답하지 않습니다. 페이지를 새로 고치세요.",
    start: "Deskside를 시작할 수 없습니다. 패널을 새로 고치세요.",
};

/// All four, in their order, in Korean or else Japanese.
#[must_use]
pub fn packed(language: &str) -> Vec<String> {
    let LoaderWords { sdk, frame, silent, start } = if language == "ko" { &KO } else { &JA };
    [sdk, frame, silent, start].map(|text| (*text).to_owned()).into()
}
