//! Venues: who waits, and looking for one.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::units::Province;

use super::super::page::Page;
use super::super::page_error::PageError;
use super::super::session::StaffSession;
use super::super::unit_files;
use super::super::venue::place;
use crate::domain::permissions::Permission;
use crate::domain::venue_search::VenueSearch;
use crate::domain::venues::VenueState;
use crate::services::venues;
use crate::storage::venues::Venue;

/// In the address, for venues in whatever state.
const ANY: &str = "any";

/// What is looked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    state: String,
    text: String,
    province: String,
    ward_name: String,
    page: u32,
}

#[derive(Template)]
#[template(path = "staff/venues.html")]
struct VenuesPage<'a> {
    page: &'a Page,
    filter: &'a Filter,
    tabs: Vec<Tab>,
    provinces: &'a [Province],
    venues: &'a [Venue],
    has_more: bool,
    data: String,
}

struct Tab {
    /// By which its text is found.
    name: &'static str,
    count: u64,
    href: String,
    is_shown: bool,
}

impl VenuesPage<'_> {
    fn is_in(&self, province: &Province) -> bool {
        self.filter.province == province.code.to_string()
    }

    fn shows_any(&self) -> bool {
        self.filter.state == ANY
    }

    /// The page so many after this one.
    fn page_after(&self, pages: i64) -> String {
        let page = i64::from(self.filter.page).saturating_add(pages);
        address(
            self.page,
            &Filter { page: u32::try_from(page).unwrap_or(0), ..self.filter.clone() },
        )
    }
}

impl Filter {
    fn is_search(&self) -> bool {
        [&self.text, &self.province, &self.ward_name].iter().any(|field| !field.trim().is_empty())
    }
}

fn address(page: &Page, filter: &Filter) -> String {
    let query = serde_urlencoded::to_string(filter).unwrap_or_default();
    format!("{}?{query}", page.href("/staff/venues"))
}

/// `GET /staff/venues`: those that wait, unless something is looked for.
pub(super) async fn list(
    session: StaffSession,
    Query(mut filter): Query<Filter>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::VenuesRead)?;
    let page = &session.page;
    let state = VenueState::from_name(&filter.state);
    let state = match state {
        None if filter.state == ANY || filter.is_search() => None,
        None => Some(VenueState::Pending),
        state => state,
    };
    filter.state = state.map_or(ANY, VenueState::name).to_owned();
    let Filter { text, province, ward_name, .. } = &filter;
    let search = VenueSearch::read(state, text, province, ward_name);
    let found = venues::search(&page.app, search, filter.page).await;
    let found = found.map_err(|error| page.venue_error(error))?;
    let tab = |name: &'static str, count| Tab {
        name,
        count,
        href: address(page, &Filter { state: name.into(), page: 0, ..filter.clone() }),
        is_shown: filter.state == name,
    };
    let all = found.counts.iter().map(|(_, count)| count).sum();
    let tabs = found.counts.iter().map(|(state, count)| tab(state.name(), *count));
    let tabs = tabs.chain([tab(ANY, all)]).collect();
    page.html(&VenuesPage {
        page,
        filter: &filter,
        tabs,
        provinces: unit_files::provinces(),
        venues: &found.venues,
        has_more: found.has_more,
        data: place::data(page),
    })
}
