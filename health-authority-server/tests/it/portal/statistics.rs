//! Statistics: every figure that is shown, on a day whose numbers are known; small numbers of people, and what
//! is out of its usual range.

use std::sync::atomic::Ordering;

use health_authority_server::domain::accounts::Role;
use health_authority_server::services::declarations::expire;
use serde_json::{Value, json};
use vungxanh_protocol::interval::UtcDay;

use crate::declarations::{Declaring, Intake, form};
use crate::support::authority::{Authority, Person};
use crate::support::browser::{Browser, register, staff};

const PHONE: &str = "+84912345678";
/// 2021-09-01, the day on which tests begin.
const TODAY: u32 = 18_871;

/// What programs with the staff's key get.
async fn json_of(authority: &Authority, query: &str) -> Value {
    let key = [("X-API-Key", authority.staff_key.as_str())];
    let got = authority.get(&format!("v1/statistics/days.json{query}"), &key).await;
    assert_eq!(got.status(), 200);
    serde_json::from_slice(&got.bytes().await.unwrap()).unwrap()
}

/// A figure's numbers by class, without those that are 0.
fn classes(statistics: &Value, figure: &str) -> Vec<(String, Value)> {
    let rows = statistics["figures"][figure]["rows"].as_array().unwrap().iter();
    rows.filter(|row| row["number"] != 0)
        .map(|row| (row["of"].as_str().unwrap().to_owned(), row["number"].clone()))
        .collect()
}

/// Writes what was counted as if it had been on other days.
async fn counted(authority: &Authority, rows: &[(&str, u32, u64)]) {
    let database = authority.database().await;
    for (name, day, total) in rows {
        sqlx::query(
            "INSERT INTO statistics (name, day, total) VALUES ($1, $2, $3) \
             ON CONFLICT (name, day) DO UPDATE SET total = excluded.total",
        )
        .bind(*name)
        .bind(i64::from(*day))
        .bind(i64::try_from(*total).unwrap())
        .execute(&database)
        .await
        .unwrap();
    }
    database.close().await;
}

async fn code(authority: &Authority, order: Value) -> String {
    let issued = authority.issue(order).await;
    assert_eq!(issued.status, 200, "{}", issued.body);
    issued.body["code"].as_str().unwrap().to_owned()
}

/// From a code to the publication.
async fn publish(authority: &Authority, code: &str) {
    let person = Person::new(authority.now(), 4);
    let verified = authority.post("api/verify", &json!({"code": code})).await;
    assert_eq!(verified.status, 200, "{}", verified.body);
    let request = json!({"token": verified.body["token"], "ekeyhmac": person.hmac()});
    let certified = authority.post("api/certificate", &request).await;
    let certificate = certified.body["certificate"].as_str().unwrap();
    let published = authority.post("v1/publish", &person.publication(certificate)).await;
    assert_eq!(published.status, 200, "{}", published.body);
}

async fn dummy(authority: &Authority) {
    let person = Person::new(authority.now(), 4);
    let verify = json!({"code": "01234567", "accept": [], "lookAlike": true});
    let verified = authority.post("api/verify", &verify).await;
    let token = verified.body["token"].clone();
    let ask = json!({"token": token, "ekeyhmac": person.hmac(), "lookAlike": true});
    let certified = authority.post("api/certificate", &ask).await;
    let mut publication = person.publication(certified.body["certificate"].as_str().unwrap());
    publication["lookAlike"] = true.into();
    assert_eq!(authority.post("v1/publish", &publication).await.status, 200);
}

/// A day with codes of every fate.
async fn known_day() -> Authority {
    let authority = Authority::start().await;
    let tested =
        json!({"testType": "confirmed", "symptomDate": "2021-08-26", "testDate": "2021-08-31"});
    let mut soon = Vec::new();
    for _ in 0..6 {
        soon.push(code(&authority, tested.clone()).await);
    }
    let late = code(&authority, json!({"testType": "confirmed"})).await;
    let mut long = Vec::new();
    for _ in 0..7 {
        long.push(code(&authority, json!({"testType": "confirmed", "long": true})).await);
    }
    authority.pass(299);
    for code in &soon {
        publish(&authority, code).await;
    }
    authority.pass(7_200);
    for code in &long {
        publish(&authority, code).await;
    }
    // The code was valid for 15 minutes; five times it is tried.
    for _ in 0..5 {
        assert_eq!(authority.post("api/verify", &json!({"code": late})).await.status, 400);
    }
    for code in &soon[..5] {
        assert_eq!(authority.post("api/verify", &json!({"code": code})).await.status, 400);
    }
    for n in 0..9 {
        let wrong = match n {
            0..4 => format!("{:08}", 7 + n),
            _ => "aaaabbbbccccddd".to_owned() + ["e", "f", "g", "h", "k"][n - 4],
        };
        let refused = authority.post("api/verify", &json!({"code": wrong})).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
    }
    for _ in 0..3 {
        dummy(&authority).await;
    }
    authority
}

#[tokio::test]
async fn codes_publications_and_dummy_uploads_of_a_known_day() {
    let authority = known_day().await;
    authority.pass(86_400);
    authority.batch().await;
    let statistics = json_of(&authority, "?from=2021-08-31&until=2021-09-02").await;
    let by_day = |figure: &str| {
        let figure = &statistics["figures"][figure];
        let rows = figure["rows"].as_array().unwrap();
        let days = rows.iter().map(|row| (row["from"].as_str().unwrap(), row["number"].clone()));
        (
            days.map(|(day, number)| (day.to_owned(), number)).collect::<Vec<_>>(),
            figure["total"].clone(),
        )
    };
    let on_the_first = |number: u64| {
        let day = |day: &str, number: u64| (day.to_owned(), json!(number));
        let days = vec![day("2021-08-31", 0), day("2021-09-01", number), day("2021-09-02", 0)];
        (days, json!(number))
    };
    for (figure, number) in [
        ("codes_issued", 14),
        ("codes_redeemed", 13),
        ("codes_expired", 5),
        ("codes_used_before", 5),
        ("codes_wrong", 9),
        ("publications", 13),
        ("look_alikes", 9),
        ("look_alike_publications", 3),
    ] {
        assert_eq!(by_day(figure), on_the_first(number), "{figure}");
    }
    let batches = by_day("batches").1.as_u64().unwrap();
    assert_eq!((batches, by_day("keys_published").1), (1, json!(13 * 4)));
    assert_eq!(by_day("synthetic_persons").1, json!(0), "none are drawn in these tests");

    let of = |name: &str, number: u64| (name.to_owned(), json!(number));
    assert_eq!(classes(&statistics, "code_use_time"), [of("5m", 6), of("6h", 7)]);
    assert_eq!(classes(&statistics, "onset_delay"), [of("6-7", 6), of("unknown", 7)]);
    assert_eq!(classes(&statistics, "test_delay"), [of("1", 6), of("unknown", 7)]);
    // What the totals since the beginning say has not changed.
    assert_eq!(authority.total("codes_redeemed").await, 13);
    let totals = authority.get("v1/statistics", &[("X-API-Key", &authority.staff_key)]).await;
    let totals: Value = serde_json::from_slice(&totals.bytes().await.unwrap()).unwrap();
    assert_eq!((&totals["codes_issued"], &totals["codes_wrong"]), (&json!(14), &json!(9)));
}

#[tokio::test]
async fn dummy_uploads_count_in_no_class_and_refused_codes_neither() {
    let authority = Authority::start().await;
    for _ in 0..6 {
        dummy(&authority).await;
    }
    for _ in 0..6 {
        authority.post("api/verify", &json!({"code": "00000007"})).await;
    }
    let statistics = json_of(&authority, "").await;
    for figure in ["code_use_time", "onset_delay", "test_delay"] {
        assert_eq!(classes(&statistics, figure), [], "{figure}");
    }
    assert_eq!(statistics["figures"]["codes_wrong"]["total"], 6);
    assert_eq!(statistics["figures"]["look_alike_publications"]["total"], 6);
}

#[tokio::test]
async fn the_page_shows_the_same_numbers_as_chart_table_and_file() {
    let authority = known_day().await;
    staff(&authority, Role::Administrator, "chi").await;
    let mut browser = Browser::signed_in(&authority, "chi").await;
    for (language, words) in [
        ("en", ["Codes used", "below 5 minutes", "no day entered", "1 Sep 2021", "07:00"]),
        ("vi", ["Mã đã dùng", "dưới 5 phút", "không nhập ngày", "01/09/2021", "07:00"]),
    ] {
        let page = browser.get(&format!("/staff/statistics?days=7&lang={language}")).await;
        page.is(200);
        for word in words {
            page.says(word);
        }
        assert_eq!(page.body.matches("<svg class=\"graph\"").count(), 22, "wards have none");
        assert!(!page.body.contains(" style=") && !page.body.contains("<style"));
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'self';") && !policy.contains("unsafe"),
            "{policy}"
        );
        // The chart of codes used: seven columns, the last with its 13.
        let chart = page.body.split("<svg class=\"graph\"").nth(2).unwrap();
        let chart = chart.split("</svg>").next().unwrap();
        assert!(
            chart.contains("id=\"codes-redeemed-title\"") && chart.contains(">13</text>"),
            "{chart}"
        );
        assert_eq!(chart.matches("class=\"graph-bar\"").count(), 7);
        page.says(&format!("<th scope=\"row\">{}</th><td class=\"number\">13</td>", words[3]));
        page.says(&format!("<th scope=\"row\">{}</th><td class=\"number\">6</td>", words[1]));
    }
    let (status, kind, file) = browser
        .file("/staff/statistics.csv?from=2021-09-01&until=2021-09-01&figure=codes_redeemed")
        .await;
    assert_eq!((status, kind.as_str()), (200, "text/csv; charset=utf-8"));
    let expected = "\u{feff}\"Số liệu\",\"Ngày đầu\",\"Ngày cuối\",\"Nhóm\",\"Số lượng\"\r\n\
                    \"Mã đã dùng\",\"2021-09-01\",\"2021-09-01\",\"\",\"13\"\r\n\
                    \"Mã đã dùng\",\"2021-09-01\",\"2021-09-01\",\"Tổng số\",\"13\"\r\n";
    assert_eq!(String::from_utf8(file).unwrap(), expected);
    let key = [("X-API-Key", authority.staff_key.as_str())];
    let api = authority.get("v1/statistics/days.csv?from=2021-09-01&until=2021-09-01", &key).await;
    assert_eq!(api.headers()["content-type"], "text/csv; charset=utf-8");
    let api = api.text().await.unwrap();
    for line in [
        "\"codes_redeemed\",\"2021-09-01\",\"2021-09-01\",\"total\",\"13\"\r\n",
        "\"code_use_time\",\"2021-09-01\",\"2021-09-01\",\"6h\",\"7\"\r\n",
        "\"limits\",\"2021-09-01\",\"2021-09-01\",\"short-codes\",\"0\"\r\n",
    ] {
        assert!(api.contains(line), "{line}{api}");
    }
}

#[tokio::test]
async fn visits_messages_and_limits_of_a_known_day() {
    let authority = Authority::start().await;
    let mut venue = register(&authority, PHONE).await;
    let unit = authority.app.store.units(1).await.unwrap()[0].unit.to_string();
    for people in ["4", "5", "0", "99"] {
        venue.post("/venue/scan", &[("unit", &unit), ("people", people)]).await;
    }
    venue.post("/venue/scan", &[("unit", "99"), ("people", "7")]).await.is(404);
    for number in 1..=5 {
        let phone = format!("+8498765432{number}");
        code(&authority, json!({"testType": "confirmed", "phone": phone})).await;
    }
    authority.inbox.1.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        let order = json!({"testType": "confirmed", "phone": "+84987654321"});
        assert_ne!(authority.issue(order).await.status, 200);
    }
    for _ in 0..11 {
        Browser::new(&authority).post("/staff/login", &[("login", "!"), ("password", "x")]).await;
    }
    let statistics = json_of(&authority, "").await;
    let total = |figure: &str| statistics["figures"][figure]["total"].clone();
    assert_eq!(total("visits_counted"), 9, "what was refused does not count");
    assert_eq!(total("messages_sent"), 6, "the venue's code and five for cases");
    assert_eq!(total("messages_failed"), 2);
    assert_eq!(classes(&statistics, "limits"), [("unknown-logins".to_owned(), json!(1))]);
}

#[tokio::test]
async fn declarations_are_counted_by_the_kind_and_the_ward_outside_the_sealed_form() {
    let intake = Intake::start().await;
    let authority = &intake.authority;
    let declaring = Declaring::new(&intake, form(intake.today(), "An", &[])).await;
    for _ in 0..2 {
        // The same again counts once.
        assert_eq!(intake.send("v1/declare", declaring.body()).await.status, 200);
    }
    let rows = authority.app.store.statistics_by_day(UtcDay::new(TODAY), UtcDay::new(TODAY)).await;
    let rows: Vec<(String, u64)> =
        rows.unwrap().into_iter().map(|row| (row.name, row.total)).collect();
    for row in [("declarations", 1), ("declaration_kind:daily", 1)] {
        assert!(rows.contains(&(row.0.to_owned(), row.1)), "{row:?} in {rows:?}");
    }
    let wards = async || {
        let (from, until) = (UtcDay::new(TODAY), UtcDay::new(TODAY));
        authority.app.store.declarations_by_ward(from, until).await.unwrap()
    };
    assert_eq!(wards().await, [(4, 1)]);
    // Of one person nothing is shown.
    let statistics = json_of(authority, "").await;
    for figure in ["declarations", "declaration_kind", "declaration_ward"] {
        assert_eq!(statistics["figures"][figure]["total"], "<5", "{figure}");
    }
    // A ward that there is not makes no row of its own.
    let other = Declaring::new(&intake, form(intake.today(), "Bình", &[])).await;
    let strange = other.body_with(|request| request.ward = 77_777);
    assert_eq!(intake.send("v1/declare", strange).await.status, 200);
    assert_eq!(wards().await, [(0, 1), (4, 1)]);
    authority.pass(93 * 86_400);
    expire(&authority.app).await.unwrap();
    assert_eq!(wards().await, []);
    assert_eq!(authority.total("declarations").await, 2);
}

#[tokio::test]
async fn declarations_by_kind_and_ward_of_known_days() {
    let authority = Authority::start().await;
    counted(
        &authority,
        &[
            ("declaration_kind:population", TODAY, 20),
            ("declaration_kind:entry", TODAY - 1, 7),
            ("declaration_kind:entry", TODAY - 40, 100),
            ("declaration_ward:00004", TODAY, 20),
            ("declaration_ward:00004", TODAY - 2, 3),
            ("declaration_ward:00008", TODAY, 6),
            ("declaration_ward:00004", TODAY - 40, 100),
        ],
    )
    .await;
    let of = |name: &str, number: u64| (name.to_owned(), json!(number));
    let statistics = json_of(&authority, "").await;
    assert_eq!(classes(&statistics, "declaration_kind"), [of("population", 20), of("entry", 7)]);
    assert_eq!(
        classes(&statistics, "declaration_ward"),
        [of("ward 00004", 23), of("ward 00008", 6)]
    );
    // A ward with few joins the others of its province.
    counted(&authority, &[("declaration_ward:00008", TODAY, 2)]).await;
    let statistics = json_of(&authority, "").await;
    assert_eq!(classes(&statistics, "declaration_ward"), [of("province 01", 25)]);
    staff(&authority, Role::Administrator, "chi").await;
    let mut browser = Browser::signed_in(&authority, "chi").await;
    let page = browser.get("/staff/statistics").await;
    page.is(200).says("Thành phố Hà Nội").says("Rows were joined");
}

#[tokio::test]
async fn a_number_of_people_below_five_is_in_no_table_file_or_answer() {
    let authority = Authority::start().await;
    // One day of three: the total of 25 would say 3.
    counted(
        &authority,
        &[
            ("codes_issued", TODAY - 1, 3),
            ("codes_issued", TODAY, 22),
            ("codes_wrong", TODAY, 3),
            ("declarations", TODAY, 4),
        ],
    )
    .await;
    let statistics = json_of(&authority, "?from=2021-08-30&until=2021-09-01").await;
    let codes = &statistics["figures"]["codes_issued"];
    assert_eq!(codes["total"], 25);
    let joined = json!([{"from": "2021-08-30", "until": "2021-09-01", "number": 25}]);
    assert_eq!(codes["rows"], joined, "joined");
    assert_eq!(statistics["figures"]["declarations"]["total"], "<5");
    assert_eq!(statistics["figures"]["codes_wrong"]["total"], 3, "guesses are nobody's");
    // Two such days of five together protect each other.
    counted(&authority, &[("codes_issued", TODAY - 2, 2)]).await;
    let statistics = json_of(&authority, "?from=2021-08-30&until=2021-09-01").await;
    let rows = statistics["figures"]["codes_issued"]["rows"].as_array().unwrap();
    let numbers: Vec<&Value> = rows.iter().map(|row| &row["number"]).collect();
    assert_eq!(numbers, [&json!("<5"), &json!("<5"), &json!(22)]);
    staff(&authority, Role::Administrator, "chi").await;
    let mut browser = Browser::signed_in(&authority, "chi").await;
    let path = "/staff/statistics?from=2021-08-30&until=2021-09-01";
    let page = browser.get(path).await;
    page.is(200).says("<td class=\"number\">&#60;5</td>").says("fill=\"url(#codes-issued-few)\"");
    let (_, _, file) = browser.file(&path.replace('?', ".csv?")).await;
    let file = String::from_utf8(file).unwrap();
    assert!(
        file.contains("\"Codes issued\",\"2021-08-31\",\"2021-08-31\",\"\",\"<5\"\r\n"),
        "{file}"
    );
    assert!(
        file.contains("\"Declarations\",\"2021-08-30\",\"2021-09-01\",\"Total\",\"<5\"\r\n"),
        "{file}"
    );
}

#[tokio::test]
async fn days_that_cannot_be_shown_are_refused() {
    let authority = Authority::start().await;
    staff(&authority, Role::Administrator, "chi").await;
    let mut browser = Browser::signed_in(&authority, "chi").await;
    let key = [("X-API-Key", authority.staff_key.as_str())];
    for (wrong, words) in [
        ("from=2021-09-01", "Choose a day up to today"),
        ("from=1.9.2021&until=2021-09-01", "Choose a day up to today"),
        ("from=2021-08-01&until=2021-09-02", "Choose a day up to today"),
        ("from=a%00b&until=2021-09-01", "Choose a day up to today"),
        ("from=2021-09-01&until=2021-08-01", "at most 366 days"),
        ("from=2020-08-31&until=2021-09-01", "at most 366 days"),
    ] {
        let got = browser.get(&format!("/staff/statistics?{wrong}")).await;
        got.is(422).says(words).says("<title>Error: ");
        browser.get(&format!("/staff/statistics.csv?{wrong}")).await.is(400);
    }
    for wrong in ["from=1.9.2021", "from=2021-09-02", "until=x", "from=2020-08-31&until=2021-09-01"]
    {
        for form in ["json", "csv"] {
            let got = authority.get(&format!("v1/statistics/days.{form}?{wrong}"), &key).await;
            assert_eq!(got.status(), 400, "{wrong}");
        }
    }
    for form in ["json", "csv"] {
        let path = format!("v1/statistics/days.{form}");
        assert_eq!(authority.get(&path, &[]).await.status(), 401);
        assert_eq!(authority.get(&path, &[("X-API-Key", "vx-wrong")]).await.status(), 401);
    }
    browser.get("/staff/statistics?from=2020-09-01&until=2021-09-01").await.is(200);
    browser.get("/staff/statistics?days=nonsense").await.is(200).says("value=\"2021-08-03\"");
    browser.get("/staff/statistics.csv?figure=nothing").await.is(404);
}

#[tokio::test]
async fn the_first_page_says_which_figure_left_its_usual_range() {
    let authority = Authority::start().await;
    staff(&authority, Role::Administrator, "chi").await;
    staff(&authority, Role::VenueOfficer, "an").await;
    let title = "Figures outside their usual range";
    let mut browser = Browser::signed_in(&authority, "chi").await;
    let days = |count: u32, each: u64| -> Vec<(&str, u32, u64)> {
        (1..=count).map(|back| ("codes_issued", TODAY - back, each)).collect()
    };
    // Too few days: nothing is known to be usual.
    counted(&authority, &days(14, 50)).await;
    counted(&authority, &[("codes_issued", TODAY, 500)]).await;
    assert!(!browser.get("/staff").await.is(200).body.contains(title));
    // 28 whole days of 50 each: 20 to 80.
    counted(&authority, &days(30, 50)).await;
    browser
        .get("/staff")
        .await
        .says(title)
        .says("Codes issued: 500 so far today, usually 20 to 80 a day.");
    counted(&authority, &[("codes_issued", TODAY, 80)]).await;
    assert!(!browser.get("/staff").await.body.contains(title), "80 is usual");
    // Today is not over: few are no news yet. Yesterday is.
    counted(&authority, &[("codes_issued", TODAY, 0)]).await;
    assert!(!browser.get("/staff").await.body.contains(title));
    counted(&authority, &[("codes_issued", TODAY - 1, 3)]).await;
    browser
        .get("/staff")
        .await
        .says("Codes issued: &#60;5 on 31 Aug 2021, usually 20 to 80 a day.");
    let mut officer = Browser::signed_in(&authority, "an").await;
    assert!(!officer.get("/staff").await.is(200).body.contains(title));
}
