//! A person's own page, served by the daemon of a device among others: from the choice of an authority to a warning, by
//! forms alone, with scripts switched off; every page that the menu leads to, looked at in its end.

use std::collections::BTreeSet;

use serde_json::json;
use vungxanh_daemon::radio::air::Point;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::disclosure::PosterFingerprint;
use vungxanh_protocol::venue::poster::payload_of_url;
use vungxanh_tests::demo::market::{self, Market};
use vungxanh_tests::harness::authority::{Authority, Pace};
use vungxanh_tests::harness::code_picture::read_qr;
use vungxanh_tests::harness::moment::{FIRST_DATE, at};
use vungxanh_tests::harness::person::Person;
use vungxanh_tests::harness::stage::{DemoError, Stage};

use crate::driver::{Browser, Driver};
use crate::looks::Looks;
use crate::story::await_batch;

pub const PHONE: (u32, u32) = (412, 915);
pub const PACE: Pace = Pace { sync_minutes: 10, look_alike_hours: 336 };
pub const PASSPHRASE: &str = "bảy con cò trên đồng";
/// Scaled seconds a second while nothing happens.
pub const WAITING: u32 = 3_600;
/// The most pages that links lead to.
const MOST_PAGES: usize = 60;

/// A moment of the story's first day, Viet Nam's time.
pub fn clock(hour: u64, minute: u64) -> UnixTime {
    at(0, hour, minute).time()
}

/// The person at the page.
pub struct Reader<'a> {
    pub browser: Browser,
    pub looks: &'a Looks,
    pub device: &'a Person,
    /// The page's address, without a path.
    pub site: String,
}

impl Reader<'_> {
    /// Has the daemon open the page, and shows it in the browser.
    pub async fn open(&mut self) -> Result<String, DemoError> {
        let address = self.device.open_page().await?;
        self.site = address.split_once("/open/").unwrap().0.to_owned();
        self.browser.open(&address).await;
        assert_eq!(self.browser.address().await, format!("{}/", self.site), "no token is shown");
        Ok(address)
    }

    /// Follows a link of the page, beside its menu.
    pub async fn follow(&self, path: &str) {
        self.browser.send(&format!("main a[href='{path}']")).await;
    }

    /// A page by the menu.
    pub async fn choose(&self, path: &str) {
        let open = "const d = document.querySelector('.menu details'); d.open = true; return 1";
        self.browser.js(open).await;
        self.browser.send(&format!(".menu a[href='{path}']")).await;
    }

    /// Of a text in Vietnamese and in English, that in the person's language.
    pub fn words<'a>(&self, vietnamese: &'a str, english: &'a str) -> &'a str {
        self.browser.words(vietnamese, english)
    }

    /// What the page says of a device that traces.
    pub fn traces(&self) -> &'static str {
        self.browser.words("Truy vết đang hoạt động", "Tracing works")
    }

    /// Switches the diary on, from its page.
    pub async fn begin_diary(&self, passphrase: &str) {
        self.browser.fill("#passphrase", passphrase).await;
        self.browser.fill("#again", passphrase).await;
        self.browser.send("form[action='/diary/on'] button").await;
    }

    /// What the page says of a visit that begins.
    pub fn checked_in(&self) -> &'static str {
        self.browser.words("Đã ghi nhận lượt đến. Khi rời đi", "You are checked in. When you leave")
    }

    /// What the page says.
    pub async fn says(&self, texts: &[&str]) {
        let shown = self.browser.text("main").await;
        for text in texts {
            assert!(shown.contains(text), "{text} in:\n{shown}");
        }
    }

    /// Whether the browser runs what pages load as scripts.
    pub async fn run_scripts(&self, run: bool) {
        let off = json!({ "value": !run });
        self.browser.devtools("Emulation.setScriptExecutionDisabled", off).await;
    }

    /// What looks at pages is a script itself; those of the page stay unloaded.
    pub async fn look(&self, name: &str) {
        self.run_scripts(true).await;
        self.looks.at(&self.browser, &format!("person-{name}")).await;
        self.run_scripts(false).await;
    }

    /// Loads a page again until it says something.
    pub async fn until_it_says(&self, path: &str, text: &str) {
        for _ in 0..100 {
            self.browser.open(&format!("{}{path}", self.site)).await;
            if self.browser.text("main").await.contains(text) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        panic!("{path} never says {text}:\n{}", self.browser.text("main").await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core"]
async fn a_person_does_everything_at_their_own_page_and_is_warned_there() {
    tell("vi").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium and chromedriver"]
async fn a_person_does_everything_at_their_own_page_and_is_warned_there_in_english() {
    tell("en").await.unwrap();
}

async fn tell(language: &'static str) -> Result<(), DemoError> {
    let executable = env!("CARGO_BIN_EXE_demo").into();
    let mut stage = Stage::set_up(executable, clock(9, 0), 7, language).await?;
    stage.set_rate(0)?;
    let folder = stage.folder().to_owned();
    let authority = Authority::found(stage.host(), &folder.join("authority"), PACE).await?;
    let mut market = Market::open(&authority, &folder, language).await?;
    let poster = read_qr(&market.poster)?;
    let mut device = Person::new(stage.host(), &folder, &stage.socket(), "an");
    let mut neighbour = Person::new(stage.host(), &folder, &stage.socket(), "ba");
    neighbour.enroll(&authority.founded().enrolment).await?;
    for (person, x) in [(&mut device, 0.0), (&mut neighbour, 1.0)] {
        stage.hub().place(person.id(), Point { x, y: 0.0 });
        person.start().await?;
    }
    let (driver, looks) = (Driver::start_in(language), Looks::of_story_in(language));
    let browser = driver.browser(&folder.join("browsers/an"), PHONE).await;
    let mut an = Reader { browser, looks: &looks, device: &device, site: String::new() };

    an.run_scripts(false).await;
    an.open().await?;
    choose_authority(&an, &authority.founded().enrolment).await;
    stage.pass_until(clock(9, 20), WAITING).await?;
    an.until_it_says("/", an.traces()).await;
    an.look("home").await;
    an.choose("/nearby").await;
    // The neighbour; around a change of its identifier it counts twice.
    let near = an.browser.text("main strong").await;
    let counts = [
        an.words("1 máy ở gần", "1 device is near"),
        an.words("2 máy ở gần", "2 devices are near"),
    ];
    assert!(counts.contains(&near.as_str()), "{near}");
    begin_diary(&an).await;

    // Checked in by the poster's pasted code, and out.
    stage.pass_until(clock(11, 10), WAITING).await?;
    an.open().await?;
    check_in(&an, &poster).await;
    stage.pass_until(clock(11, 45), WAITING).await?;
    an.open().await?;
    an.says(&[an.words("Bạn đang ở", "You are checked in at"), market::NAME]).await;
    an.browser.send("form[action='/checkout'] button").await;
    an.says(&[an.words("Đã ghi nhận bạn rời đi", "You are checked out")]).await;
    an.look("visits").await;
    let fingerprint = PosterFingerprint::of_payload(&payload_of_url(&poster).unwrap());
    let line = |from: UnixTime, until: UnixTime| {
        format!("vx-visit:1:{fingerprint}:{}:{}", from.as_secs(), until.as_secs())
    };
    read_diary(&an, &line(clock(11, 10), clock(11, 45))).await;

    // A case was there at the same time: the market gives its share, the next batch warns.
    stage.pass_until(clock(14, 0), WAITING).await?;
    authority.request_shares(&line(clock(11, 5), clock(11, 50)), FIRST_DATE).await?;
    assert!(market.hand_over_shares().await? > 0);
    stage.pass_until(clock(18, 30), WAITING).await?;
    await_batch(&authority.folder().join("warnings"), clock(17, 0)).await;
    let used = an.open().await?;
    an.choose("/settings").await;
    an.browser.send("form[action='/settings/exchange'] button").await;
    let exchanged =
        an.words("Đã trao đổi với cơ quan y tế", "The exchange with the authority is done");
    an.says(&[exchanged]).await;
    read_warning(&an).await;
    an.run_scripts(true).await;

    for path in pages(&an).await {
        let name = format!("person{}", path.replace('/', "-"));
        // A page that renews itself would do so while it is looked at.
        let still = if path == "/nearby" { "/nearby?still" } else { &path };
        looks.look(&an.browser, &an.site, name.trim_end_matches('-'), still).await;
    }
    let mut problems = an.browser.problems().await;
    // Forms that were filled in wrong on purpose; and this authority takes no declarations, which the page says.
    problems.retain(|problem| {
        let is_none_taken = problem.contains("/declarations/") && problem.contains("of 409");
        !problem.contains("responded with a status of 422") && !is_none_taken
    });
    assert_eq!(problems, Vec::<String>::new());

    // The address that was opened leads nobody else here.
    let other = driver.browser(&folder.join("browsers/other"), PHONE).await;
    other.open(&used).await;
    looks.at(&other, "person-closed").await;
    other.open(&format!("{}/exposures", an.site)).await;
    assert!(!other.text("body").await.contains(market::NAME));
    looks.finish();
    Ok(())
}

/// The first screen says what is missing; its authority is chosen by the address that it has published.
async fn choose_authority(an: &Reader<'_>, enrolment: &str) {
    let none = an.words("Chưa chọn cơ quan y tế", "No health authority is chosen");
    an.says(&[none, an.words("Truy vết không hoạt động", "Tracing does not work")]).await;
    an.look("home-not-enrolled").await;
    an.choose("/settings").await;
    an.browser.fill("#address", enrolment.split_once('#').unwrap().0).await;
    an.browser.send("form[action='/settings/authority'] button").await;
    an.says(&[an.words("Địa chỉ phải có dấu #", "The address must have a #")]).await;
    an.look("settings-wrong").await;
    an.browser.fill("#address", enrolment).await;
    an.browser.send("form[action='/settings/authority'] button").await;
    an.says(&[an.words("Đã chọn cơ quan y tế", "The health authority is chosen")]).await;
    an.says(&[an.words("Sở Y tế (trình diễn)", "Health department (demo)")]).await;
}

async fn begin_diary(an: &Reader<'_>) {
    an.choose("/visits").await;
    an.follow("/diary").await;
    an.look("diary-none").await;
    let (wrong, on) =
        (an.words("Có lỗi", "Error"), an.words("Nhật ký đang bật", "The diary is on"));
    for (passphrase, said) in [("ngắn", wrong), (PASSPHRASE, on)] {
        an.begin_diary(passphrase).await;
        let shown = an.browser.text("body").await;
        let title = an.browser.js("return document.title").await;
        assert!(shown.contains(said) || title.as_str().unwrap().contains(said), "{shown}");
    }
}

async fn check_in(an: &Reader<'_>, poster: &str) {
    an.follow("/checkin").await;
    an.browser.fill("#poster", "https://example.vn/").await;
    an.browser.send("form[action='/checkin'] button:not([type=button])").await;
    an.browser.see(".summary").await;
    an.look("checkin-wrong").await;
    an.browser.fill("#poster", poster).await;
    an.browser.fill("#companions", "2").await;
    an.browser.send("form[action='/checkin'] button:not([type=button])").await;
    let companions = an.words("Cho bạn và 2 người nữa", "For you and 2 more");
    an.says(&[an.checked_in(), market::NAME, "Tầng 2", companions]).await;
    an.look("visit-open").await;
}

/// The visit stands in the diary, and can be shown to an officer.
async fn read_diary(an: &Reader<'_>, line: &str) {
    an.follow("/diary").await;
    an.look("diary-on").await;
    an.browser.fill("#known", "không phải cụm này").await;
    an.browser.send("form[action='/diary/read'] button").await;
    let wrong = an
        .words("Đây không phải là cụm mật khẩu của nhật ký", "This is not the diary's passphrase");
    an.says(&[wrong]).await;
    an.browser.fill("#known", PASSPHRASE).await;
    an.browser.send("form[action='/diary/read'] button").await;
    an.says(&[market::NAME, "11:10 – 11:45"]).await;
    an.look("diary-visits").await;
    an.browser.click("input[name=line]").await;
    an.browser.send("form[action='/diary/disclose'] .actions button").await;
    assert_eq!(an.browser.text("main .secret").await, line);
    an.browser.see("main .qr svg").await;
    an.look("diary-disclosed").await;
}

/// What the warning says, with the dates that count from the real day; in the other language, too.
async fn read_warning(an: &Reader<'_>) {
    an.choose("/").await;
    an.says(&[an.words("Bạn đã bị phơi nhiễm trong 1 ngày", "You were exposed on 1 day")]).await;
    an.look("home-warned").await;
    an.follow("/exposures").await;
    for (language, texts) in [
        (
            "vi",
            [
                "Lần tiếp xúc gần nhất",
                "02/03/2026",
                "Xét nghiệm từ ngày",
                "05/03/2026",
                "16/03/2026",
            ],
        ),
        ("en", ["Last contact on", "2 Mar 2026", "Test from", "5 Mar 2026", "16 Mar 2026"]),
    ] {
        an.browser.open(&format!("{}/exposures?lang={language}", an.site)).await;
        an.says(&texts).await;
        an.says(&[market::NAME, "11:10 – 11:45"]).await;
    }
    an.browser.open(&format!("{}/history?lang={}", an.site, an.browser.reads)).await;
    an.says(&[an.words("02/03/2026", "2 Mar 2026")]).await;
}

/// Every page to which links lead from the first one.
async fn pages(an: &Reader<'_>) -> BTreeSet<String> {
    let (mut found, mut waiting) = (BTreeSet::new(), vec!["/".to_owned()]);
    while let Some(path) = waiting.pop() {
        if found.contains(&path) {
            continue;
        }
        assert!(found.len() < MOST_PAGES, "{found:?}");
        an.browser.open(&format!("{}{path}", an.site)).await;
        let links = "return [...document.querySelectorAll('a[href^=\"/\"]')].map((a) => a.pathname) \
            .filter((path) => !path.startsWith('/assets/'))";
        let links = an.browser.js(links).await;
        let links = links.as_array().unwrap_or_else(|| panic!("{path}: {links}")).iter();
        waiting.extend(links.map(|link| link.as_str().unwrap().to_owned()));
        found.insert(path);
    }
    for expected in
        ["/checkin", "/declarations", "/diary", "/exposures", "/history", "/report", "/settings"]
    {
        assert!(found.contains(expected), "{expected} in {found:?}");
    }
    found
}
