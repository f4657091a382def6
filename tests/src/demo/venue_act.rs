//! The acts at the market: visits by its poster, and the warning about one of them.

use std::path::{Path, PathBuf};

use super::company::Company;
use super::door_act::scan;
use super::market::{self, Market};
use super::story::{
    CASE, DECLARANT, DECLARANTS_PLACE, DOOR_VISITS, DoorVisit, MARKET_VISITS, MarketVisit,
};
use super::teller::Teller;
use crate::harness::moment::{FIRST_DATE, Moment};
use crate::harness::stage::{DemoError, WAITING};

const DIARY_PASSPHRASE: &str = "chỉ mình tôi biết";

/// The market registers and posts its code; the case begins a diary of her visits.
pub async fn open_market(company: &mut Company, teller: &Teller) -> Result<(), DemoError> {
    let (folder, language) = (company.stage.folder().to_owned(), company.stage.host().language);
    let market = Market::open(company.authority()?, &folder, language).await?;
    company.market = Some(market);
    let file = passphrase_file(&folder);
    std::fs::write(&file, DIARY_PASSPHRASE).map_err(DemoError::files("cannot write a file"))?;
    company.person(CASE)?.begin_diary(&file).await?;
    teller.step(company.stage.now(), "step-market", &[("market", market::NAME.into())]);
    Ok(())
}

fn passphrase_file(folder: &Path) -> PathBuf {
    folder.join("diary-passphrase")
}

/// What happens at the market at a moment.
#[derive(Clone, Copy)]
enum Act {
    CheckIn(&'static MarketVisit),
    CheckOut(&'static MarketVisit),
    Come(&'static DoorVisit),
    Leave(&'static DoorVisit),
}

/// Everything that happens at the market before `until`, in the order of time.
pub async fn play_stays(
    company: &mut Company,
    teller: &Teller,
    after: Moment,
    until: Moment,
) -> Result<(), DemoError> {
    let by_poster = MARKET_VISITS
        .iter()
        .flat_map(|stay| [(stay.from, Act::CheckIn(stay)), (stay.until, Act::CheckOut(stay))]);
    let by_door = DOOR_VISITS
        .iter()
        .flat_map(|visit| [(visit.from, Act::Come(visit)), (visit.until, Act::Leave(visit))]);
    let mut moments: Vec<(Moment, Act)> = by_poster.chain(by_door).collect();
    moments.sort_by_key(|(moment, _)| *moment);
    for (moment, act) in moments.into_iter().filter(|(at, _)| after <= *at && *at < until) {
        company.stage.pass_until(moment.time(), WAITING).await?;
        // At its own pace: on a slow machine a stay shall not shift by half an hour.
        company.stage.set_rate(1)?;
        play(company, teller, act).await?;
    }
    Ok(())
}

async fn play(company: &mut Company, teller: &Teller, act: Act) -> Result<(), DemoError> {
    match act {
        Act::CheckIn(stay) => {
            company.put(stay.who, stay.place);
            let poster = company.market()?.poster.clone();
            company.person(stay.who)?.check_in(&poster).await?;
            teller.step(company.stage.now(), stay.text, &[]);
        }
        Act::CheckOut(stay) => {
            company.person(stay.who)?.check_out().await?;
            company.everyone_home();
        }
        Act::Come(visit) => {
            if visit.who == DECLARANT {
                company.put(DECLARANT, DECLARANTS_PLACE);
            }
            scan(company, visit).await?;
            teller.step(company.stage.now(), visit.text, &[]);
        }
        Act::Leave(visit) => scan(company, visit).await?,
    }
    Ok(())
}

/// The case discloses her visit, staff ask the market, the market hands over its shares.
pub async fn warn(company: &mut Company, teller: &Teller) -> Result<(), DemoError> {
    let file = passphrase_file(company.stage.folder());
    let line = company.person(CASE)?.disclose_first_visit(&file).await?;
    company.authority()?.request_shares(&line, FIRST_DATE).await?;
    let hours = company.market()?.hand_over_shares().await?;
    teller.step(company.stage.now(), "step-shares", &[("hours", hours.into())]);
    Ok(())
}
