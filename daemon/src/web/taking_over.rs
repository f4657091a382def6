//! Taking over a file of own data, and what it brought.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::data;
use super::failed::Failed;
use super::form_errors::FormErrors;
use super::page::Page;
use super::upload::Upload;
use crate::control_api::{ImportRequest, Imported};
use crate::engine::EngineError;
use crate::failure::{Exit, Failure};
use crate::store::archive::ArchiveError;

#[derive(Template)]
#[template(path = "imported.html")]
struct ImportedPage<'a> {
    page: &'a Page,
    imported: Imported,
    has_authority: bool,
}

impl ImportedPage<'_> {
    /// What it brought, and how much of it.
    fn rows(&self) -> [(&'static str, usize); 5] {
        let Imported { scan_instances, own_keys, exposure_windows, venue_matches, too_old, .. } =
            self.imported;
        [
            ("web-data-encounters", scan_instances),
            ("web-data-keys", own_keys),
            ("web-imported-windows", exposure_windows),
            ("web-imported-visits", venue_matches),
            ("web-imported-too-old", too_old),
        ]
    }
}

pub(super) async fn import(page: Page, upload: Upload) -> Result<Response, Failed> {
    let Upload { passphrase, file } = upload;
    let taken = match file {
        Ok(file) if file.is_empty() => {
            return wrong(&page, "file", page.t("web-import-no-file")).await;
        }
        Ok(file) => {
            let passphrase = passphrase.expose().to_owned();
            page.engine().import(ImportRequest { file, passphrase }).await
        }
        Err(error) => Err(error.into()),
    };
    match taken {
        Ok(imported) => {
            *page.imported() = Some(imported);
            Ok(page.go("/data/imported", ""))
        }
        Err(EngineError::Archive(ArchiveError::WrongPassphrase)) => {
            wrong(&page, "known", page.t("web-import-wrong-passphrase")).await
        }
        Err(error) => {
            let failure = Failure::from(error);
            match failure.exit() {
                Exit::BadInput => wrong(&page, "file", page.why(&failure)).await,
                _ => Err(page.fail(failure)),
            }
        }
    }
}

pub(super) async fn imported(page: Page) -> Response {
    let imported = *page.imported();
    let Some(imported) = imported else { return page.go("/data", "") };
    let has_authority = page.engine().sync.authority().is_some();
    page.html(&ImportedPage { page: &page, imported, has_authority })
}

async fn wrong(page: &Page, field: &'static str, text: String) -> Result<Response, Failed> {
    let errors = FormErrors::of_field(field, text);
    data::list(page, StatusCode::UNPROCESSABLE_ENTITY, errors).await
}
