//! Declarations on the page, by a person with a browser; the authority's officer reads what arrives.

use serde_json::{Value, json};
use vungxanh_protocol::declaration::Form;

use super::{Answer, Browser, encoded};
use crate::support::intake::Intake;
use crate::support::person::Person;

const FORM: &str = "/declarations/form";
const CHECK: &str = "/declarations/check";
const DAILY: &str = "/declarations/daily";

/// Where a browser is sent on.
fn to(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("location").unwrap()
}

/// Posts a step, which leads on.
fn step(browser: &Browser, name: &str, fields: &[(&str, &str)]) -> String {
    to(&browser.post(FORM, &[&[("step", name)], fields].concat())).to_owned()
}

/// A step in which something is wrong: its page.
fn wrong(browser: &Browser, name: &str, fields: &[(&str, &str)]) -> String {
    let answer = browser.post(FORM, &[&[("step", name)], fields].concat());
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert!(answer.body.contains("<title>Có lỗi:") && answer.body.contains("summary-title"));
    answer.body
}

fn begin(browser: &Browser, kind: &str, whom: &str) {
    let begun = browser.post("/declarations/new", &[("kind", kind), ("whom", whom)]);
    assert_eq!(to(&begun), FORM);
}

const PERSON: [(&str, &str); 8] = [
    ("name", "Nguyễn  Văn <Dũng>"),
    ("born", "1966"),
    ("gender", "male"),
    ("nationality", "VN"),
    ("paperKind", "citizen_card"),
    ("paper", "001 066 012345"),
    ("phone", "0912 345 678"),
    ("email", ""),
];
const PLACE: [(&str, &str); 3] =
    [("province", "1"), ("wardName", "phuong hoan kiem"), ("address", "12 ngõ Tràng Tiền")];
const WELL: [(&str, &str); 3] = [("symptoms", "none"), ("contacts", "none"), ("travelled", "no")];

/// Fills in a form for oneself, up to where it is read over.
fn fill(browser: &Browser) {
    begin(browser, "population", "self");
    assert_eq!(step(browser, "person", &PERSON), "/declarations/form?step=place");
    assert_eq!(step(browser, "place", &PLACE), "/declarations/form?step=health");
    assert_eq!(step(browser, "health", &WELL), CHECK);
}

/// What an officer should read of it.
fn expected(read: &Form, more: Value) -> Form {
    let mut form = json!({
        "kind": "population", "day": read.day, "name": "Nguyễn Văn <Dũng>", "born": 1966,
        "gender": "male", "nationality": "VN", "paperKind": "citizen_card",
        "paper": "001066012345", "ward": 70, "address": "12 ngõ Tràng Tiền",
        "phone": "+84912345678", "travelled": false, "symptoms": [], "contacts": [], "consent": 1,
    });
    for (name, value) in more.as_object().unwrap() {
        form[name] = value.clone();
    }
    serde_json::from_value(form).unwrap()
}

fn json_of(form: &Form) -> Value {
    serde_json::to_value(form).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_filled_in_step_by_step_and_agreed_to_is_what_the_officer_reads() {
    let (bench, mut person) = Person::enrolled(Vec::new()).await;
    let intake = Intake::begin(&bench);
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    assert!(browser.page("/").contains("Trên máy này chưa có tờ khai nào."));
    assert!(browser.page("/pass").contains("/declarations/new"), "how to get one");
    let none = browser.post("/declarations/new", &[("whom", "self")]);
    assert_eq!(none.status, 422);
    assert!(
        none.body.contains("href=\"#kind\"") && none.body.contains("Loại tờ khai: chưa trả lời.")
    );
    begin(&browser, "population", "self");

    let bad = [("name", " "), ("born", "1890"), ("gender", "x"), ("phone", "12"), ("paper", "7")];
    let page = wrong(&browser, "person", &bad);
    for (field, words) in [
        ("name", "Họ và tên: chưa trả lời."),
        ("born", "Năm sinh phải từ 1900 đến năm nay."),
        ("gender", "Giới tính: không đúng, hãy kiểm tra lại."),
        ("phone", "Số điện thoại không đúng."),
        ("paperKind", "Loại giấy tờ: chưa trả lời."),
    ] {
        assert!(page.contains(&format!("href=\"#{field}\"")), "{field}");
        assert_eq!(page.matches(words).count(), 2, "{field}: in the summary and at the field");
    }
    assert!(page.contains("value=\"1890\"") && page.contains("value=\"12\""), "what was typed");
    assert!(wrong(&browser, "person", &[("name", &"đ".repeat(51))]).contains("quá dài"));
    assert!(browser.get(CHECK).header("location").unwrap().starts_with(FORM), "not yet");

    assert_eq!(step(&browser, "person", &PERSON), "/declarations/form?step=place");
    let page = wrong(&browser, "place", &[("address", "12 ngõ Tràng Tiền")]);
    assert!(page.contains("Xã, phường, đặc khu: chưa trả lời."));
    // A name from before July 2025 leads to today's ward only when the person says so.
    let old = [("province", "1"), ("wardName", "hàng bạc"), ("address", "12 ngõ Tràng Tiền")];
    let page = wrong(&browser, "place", &old);
    assert!(page.contains("name=\"ward\" value=\"70\"") && page.contains("Phường Hoàn Kiếm"));
    let asked = page.split_once("name=\"asked\" value=\"").unwrap().1.split_once('"').unwrap().0;
    let chosen = [&old[..], &[("asked", asked), ("ward", "70")]].concat();
    let other = [&old[..], &[("asked", "79 hàng bạc"), ("ward", "70")]].concat();
    wrong(&browser, "place", &other);
    assert_eq!(step(&browser, "place", &chosen), "/declarations/form?step=health");

    let both =
        [("symptoms", "none"), ("symptoms", "fever"), ("contacts", "none"), ("travelled", "yes")];
    let page = wrong(&browser, "health", &both);
    assert!(
        page.contains("href=\"#symptoms\"") && page.contains("Đã đến những đâu: chưa trả lời.")
    );
    let health = [
        ("symptoms", "cough"),
        ("symptoms", "fever"),
        ("contacts", "none"),
        ("travelled", "yes"),
        ("travel", "Huế, 20/11"),
        ("note", "bị từ hôm qua"),
    ];
    assert_eq!(step(&browser, "health", &health), CHECK);

    let check = browser.page(CHECK);
    for words in [
        "Nguyễn Văn &#60;Dũng&#62;",
        "Phường Hoàn Kiếm, Thành phố Hà Nội",
        "Sốt; Ho",
        "Huế, 20/11",
        "Sở Y tế",
        "Hiện có 1 cán bộ mở được.",
        "21 ngày",
        "1900 9095",
    ] {
        assert!(check.contains(words), "{words} is not in\n{check}");
    }
    assert!(intake.reads(&bench).is_empty(), "nothing is sent before");
    for (printed, consent, words) in
        [("12", "", "Chưa đồng ý."), ("25", "yes", "0 đến 24 thẻ"), ("x", "yes", "0 đến 24 thẻ")]
    {
        let refused = browser.post(CHECK, &[("printed", printed), ("consent", consent)]);
        assert_eq!(refused.status, 422);
        assert!(
            refused.body.contains(words) && refused.body.contains(&format!("value=\"{printed}\""))
        );
    }
    let sent = browser.post(CHECK, &[("printed", "12"), ("consent", "yes")]);
    let one = browser.page(to(&sent));
    // This authority has no answer to it: it stays to be sent.
    assert!(one.contains("Chờ gửi") && one.contains("Máy tự gửi ngay khi kết nối được"));
    assert!(one.contains("Rút lại tờ khai") && !one.contains("/declarations/correct"));
    let read = intake.reads(&bench);
    let more = json!({
        "symptoms": ["fever", "cough"], "travelled": true, "travel": "Huế, 20/11",
        "note": "bị từ hôm qua",
    });
    assert_eq!(read.iter().map(json_of).collect::<Vec<_>>(), [json_of(&expected(&read[0], more))]);
    let listed = person.json(&["declarations"]);
    assert_eq!(listed["declarations"][0]["state"], "waiting");
    assert!(browser.page("/declarations").contains("Chờ gửi"));
    assert!(browser.page("/pass").contains("Tờ khai của bạn đang chờ gửi."));
    assert_eq!(to(&browser.get(FORM)), "/declarations/new", "the draft is done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_of_elsewhere_too_long_or_with_a_nul_is_refused_and_nothing_is_kept_of_it() {
    let (bench, mut person) = Person::enrolled(Vec::new()).await;
    let intake = Intake::begin(&bench);
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    fill(&browser);
    let own = format!("Origin: http://127.0.0.1:{}", browser.port);
    let agreed = [("printed", "12"), ("consent", "yes")];
    let csrf = browser.csrf();
    for (path, fields) in [
        (CHECK, &agreed[..]),
        (DAILY, &[("answer", "none")]),
        ("/declarations/new", &[("kind", "entry"), ("whom", "self")]),
        ("/declarations/discard", &[]),
        (FORM, &[("step", "person"), ("name", "Mạo Danh")]),
        ("/declarations/withdraw", &[("of", "00"), ("sure", "yes")]),
        ("/declarations/correct", &[("of", "00")]),
    ] {
        let with = |csrf: &str| encoded(&[&[("csrf", csrf)], fields].concat());
        assert_eq!(browser.post_with(path, &[&own], &encoded(fields)).status, 403, "{path}");
        assert_eq!(browser.post_with(path, &[&own], &with(&"0".repeat(64))).status, 403, "{path}");
        let evil = ["Origin: http://evil.example"];
        assert_eq!(browser.post_with(path, &evil, &with(&csrf)).status, 403, "{path}");
    }
    let nul = browser.post(FORM, &[("step", "person"), ("name", "a\0b")]);
    assert_eq!(nul.status, 400);
    let long = "x".repeat(70_000);
    assert_eq!(browser.post(FORM, &[("step", "health"), ("note", &long)]).status, 413);
    let note = "x".repeat(201);
    let health = [&WELL[..], &[("note", note.as_str())]].concat();
    let page = wrong(&browser, "health", &health);
    assert!(page.contains("Ghi chú: quá dài") && page.contains(&note), "what was typed stays");
    assert!(intake.reads(&bench).is_empty());
    for unknown in ["/declarations/one", "/declarations/one?of=ffff"] {
        assert_eq!(browser.get(unknown).status, 404);
    }
    // What was right before is as it was; what was wrong is not kept.
    let check = browser.page(CHECK);
    assert!(check.contains("Nguyễn Văn &#60;Dũng&#62;") && !check.contains("xxx"));

    // A button that is pressed twice declares once.
    let sent = browser.post(CHECK, &agreed);
    assert!(to(&sent).starts_with("/declarations/one?of="));
    assert_eq!(to(&browser.post(CHECK, &agreed)), "/declarations");
    assert_eq!(intake.reads(&bench).len(), 1);
    let read = intake.reads(&bench);
    assert_eq!(json_of(&read[0]), json_of(&expected(&read[0], json!({}))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_no_symptoms_today_presses_two_buttons() {
    let (bench, mut person) = Person::enrolled(Vec::new()).await;
    let intake = Intake::begin(&bench);
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    let first = browser.page(DAILY);
    assert!(first.contains("/declarations/new?kind=daily"), "who that is is not known yet");
    fill(&browser);
    browser.posted(CHECK, &[("printed", "12"), ("consent", "yes")]);
    // Something else that was begun stays.
    begin(&browser, "entry", "self");

    let page = browser.page(DAILY);
    for words in ["Nguyễn Văn &#60;Dũng&#62;", "+84912345678", "Phường Hoàn Kiếm", "Sở Y tế"]
    {
        assert!(page.contains(words), "{words} is sent, and said before");
    }
    let sent = browser.post(DAILY, &[("answer", "none")]);
    assert!(browser.page(to(&sent)).contains("Không có triệu chứng nào"));
    assert_eq!(to(&browser.post(DAILY, &[("answer", "none")])), to(&sent), "once");
    let daily = |read: &Form, more: Value| {
        let mut form = json!({
            "kind": "daily", "day": read.day, "name": "Nguyễn Văn <Dũng>", "born": 1966,
            "ward": 70, "phone": "+84912345678", "consent": 1,
        });
        for (name, value) in more.as_object().unwrap() {
            form[name] = value.clone();
        }
        form
    };
    let read = intake.reads(&bench);
    assert_eq!(read.len(), 2);
    assert_eq!(json_of(&read[1]), daily(&read[1], json!({"symptoms": []})));

    let bad = browser.post(DAILY, &[("symptoms", "breathing"), ("temperature", "50")]);
    assert_eq!(bad.status, 422);
    assert!(
        bad.body.contains("Nhiệt độ phải từ 34 đến 43 độ.") && bad.body.contains("value=\"50\"")
    );
    assert!(browser.post(DAILY, &[]).body.contains("href=\"#symptoms\""), "no answer is none");
    let ill = [("symptoms", "breathing"), ("temperature", "38,5"), ("note", "đêm qua")];
    let check = browser.post(DAILY, &ill);
    assert_eq!(check.status, 200);
    assert!(check.body.contains("tel:115") && check.body.contains("38,5 °C"));
    assert_eq!(intake.reads(&bench).len(), 2, "not before it is agreed to");
    let sure = [&ill[..], &[("sure", "yes")]].concat();
    assert_eq!(browser.post(DAILY, &sure).status, 422);
    browser.posted(DAILY, &[&sure[..], &[("consent", "yes")]].concat());
    let read = intake.reads(&bench);
    let more = json!({"symptoms": ["breathing"], "temperature": 385, "note": "đêm qua"});
    assert_eq!(json_of(&read[2]), daily(&read[2], more));
    assert!(browser.page("/declarations").contains("Nhập cảnh"), "the draft is there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_child_a_guardian_declares_and_who_travels_says_how() {
    let (bench, mut person) = Person::enrolled(Vec::new()).await;
    let intake = Intake::begin(&bench);
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    begin(&browser, "movement", "self");
    let child = [
        ("name", "Bé Na"),
        ("born", "2018"),
        ("gender", "female"),
        ("nationality", "VN"),
        ("phone", ""),
    ];
    // Her own telephone is asked until somebody declares for her.
    let born = [&child[..4], &[("phone", "0987654321")]].concat();
    assert_eq!(step(&browser, "person", &born), "/declarations/form?step=declarer&checked");
    let page = browser.get("/declarations/form?step=declarer&checked");
    assert_eq!(page.status, 422);
    assert!(page.body.contains("Người dưới 16 tuổi phải do cha mẹ"));
    let by = |relation| [("byName", "Lan"), ("byPhone", "0912345678"), ("byRelation", relation)];
    let family = wrong(&browser, "declarer", &by("family"));
    assert!(
        family.contains("Người dưới 16 tuổi phải do cha mẹ") && family.contains("value=\"Lan\"")
    );
    let staff = wrong(&browser, "declarer", &by("staff"));
    assert!(staff.contains("href=\"#consentHeldBy\""));
    assert_eq!(step(&browser, "declarer", &by("guardian")), "/declarations/form?step=person");
    assert_eq!(step(&browser, "person", &child), "/declarations/form?step=place");
    let place = [("wardName", "một nơi không có trong danh sách"), ("address", "thôn 3")];
    assert_eq!(step(&browser, "place", &place), "/declarations/form?step=journey");
    let page = wrong(&browser, "journey", &[("vehicle", "train"), ("start", "mai")]);
    for field in ["number", "fromProvince", "toProvince", "start"] {
        assert!(page.contains(&format!("href=\"#{field}\"")), "{field}");
    }
    let journey = [
        ("vehicle", "train"),
        ("number", "se 1"),
        ("fromProvince", "1"),
        ("toProvince", "79"),
        ("start", "14:30"),
    ];
    assert_eq!(step(&browser, "journey", &journey), "/declarations/form?step=health");
    assert_eq!(step(&browser, "health", &WELL), CHECK);
    browser.posted(CHECK, &[("printed", ""), ("consent", "yes")]);
    let read = json_of(&intake.reads(&bench)[0]);
    let said = |field: &str| read[field].clone();
    assert_eq!((said("byName"), said("byRelation")), ("Lan".into(), "guardian".into()));
    assert_eq!(
        (said("place"), said("ward")),
        ("một nơi không có trong danh sách".into(), Value::Null)
    );
    assert_eq!((said("number"), said("toProvince")), ("SE1".into(), 79.into()));
    assert_eq!((said("phone"), said("byPhone")), (Value::Null, "+84912345678".into()));
    // The next form for her begins as this one.
    let begin = browser.page("/declarations/new");
    assert!(begin.contains("Cho Bé Na"));
    let submission = person.json(&["declarations"])["declarations"][0]["submission"].clone();
    self::begin(&browser, "population", submission.as_str().unwrap());
    let page = browser.page("/declarations/form?step=person");
    assert!(page.contains("value=\"Bé Na\"") && page.contains("value=\"2018\""));
    assert!(browser.posted("/declarations/discard", &[]).contains("Đã xóa tờ khai đang điền dở."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_network_nothing_that_was_typed_is_lost() {
    let (bench, mut person) = Person::enrolled(Vec::new()).await;
    let intake = Intake::begin(&bench);
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    // Without keys nothing can be sealed; the form is filled in all the same, and outlasts the daemon.
    let files = bench.authority.with(|content| std::mem::take(&mut content.files));
    let unreachable = browser.get("/declarations/new");
    assert_ne!(unreachable.status, 200, "an authority without keys takes none");
    bench.authority.with(|content| content.files = files);
    fill(&browser);
    person.stop();
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    assert!(browser.page("/").contains("Bạn có một tờ khai đang điền dở."));
    assert!(browser.page(CHECK).contains("Hiện có 1 cán bộ mở được."));
    drop(bench);
    let check = browser.page(CHECK);
    assert!(check.contains("Không kết nối được với máy chủ của cơ quan y tế."));
    let sent = browser.posted(CHECK, &[("printed", "0"), ("consent", "yes")]);
    assert!(sent.contains("Chờ gửi") && sent.contains("Máy thử lại lúc"));
    assert_eq!(person.json(&["declarations"])["declarations"][0]["state"], "waiting");
    drop(intake);
}
