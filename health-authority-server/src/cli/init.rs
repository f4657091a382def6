//! `init`.

use std::path::PathBuf;

use clap::Args;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

use super::failure::Failure;
use super::{Context, bad_option, line, next_steps, print_json};
use crate::authority::config::{Authority, check_id, check_url};
use crate::authority::database_url;
use crate::authority::disease_profile::ReadyMade;
use crate::authority::document::{self, enrolment_line};
use crate::authority::folder::Folder;
use crate::authority::founding::found_with_database;

#[derive(Debug, Args)]
pub(super) struct Init {
    /// help-init-dir
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// help-init-profile
    #[arg(long, value_enum)]
    profile: ReadyMade,
    /// help-init-id
    #[arg(long)]
    id: String,
    /// help-init-name-vi
    #[arg(long, value_name = "NAME")]
    name_vi: String,
    /// help-init-name-en
    #[arg(long, value_name = "NAME")]
    name_en: String,
    /// help-init-url
    #[arg(long)]
    url: String,
    /// help-init-region
    #[arg(long, default_value = "VN")]
    region: String,
    /// help-init-database
    #[arg(long, value_name = "URL", default_value = "server.db")]
    database: String,
    /// help-json
    #[arg(long)]
    json: bool,
}

impl Init {
    pub(super) fn handle(self, context: &Context) -> Result<(), Failure> {
        let url = self.url.trim_end_matches('/').to_owned();
        check_id("--id", &self.id).map_err(Failure::Input)?;
        check_id("--region", &self.region).map_err(Failure::Input)?;
        check_url("--url", &url).map_err(Failure::Input)?;
        database_url::check(&self.database).map_err(|reason| bad_option("--database", reason))?;
        let name = [("vi".into(), self.name_vi.clone()), ("en".into(), self.name_en.clone())];
        let authority =
            Authority { id: self.id.clone(), url, region: self.region.clone(), name: name.into() };
        let folder = Folder::new(&self.dir);
        let founded = found_with_database(
            &folder,
            &authority,
            self.profile,
            &self.database,
            context.clock.now(),
        )?;
        let enrolment = enrolment_line(&founded.signed.document, &authority.url)?;
        if self.json {
            return print_json(&serde_json::json!({
                "id": authority.id,
                "dir": self.dir,
                "enrolment": enrolment,
                "fingerprint": document::fingerprint(&founded.signed.document)?,
                "staff_api_key": *founded.staff_api_key,
            }));
        }
        self.print(context, &folder, &enrolment, &founded.staff_api_key);
        Ok(())
    }

    fn print(&self, context: &Context, folder: &Folder, enrolment: &str, staff_key: &str) {
        let dir = self.dir.display().to_string();
        let id = ("id", self.id.as_str().into());
        line(context.say("init-done", &[id, ("dir", dir.as_str().into())]));
        line("");
        line(context.say("init-staff-key", &[]));
        line(format!("  {staff_key}"));
        let root = folder.keys().join("root.key").display().to_string();
        line(context.say("init-root-key", &[("path", root.into())]));
        line("");
        line(context.say("init-enrolment", &[]));
        line(format!("  {enrolment}"));
        if let Ok(code) = QrCode::new(enrolment.as_bytes()) {
            line(
                code.render::<Dense1x2>()
                    .dark_color(Dense1x2::Light)
                    .light_color(Dense1x2::Dark)
                    .build(),
            );
        }
        line(context.say("init-missing", &[]));
        if database_url::is_url(&self.database) {
            line(format!("  {}", context.say("next-database", &[])));
        }
        for step in next_steps::after_init(context, &self.dir) {
            line(format!("  {step}"));
        }
        let command = format!("health-authority-server serve --dir {dir}");
        line(context.say("init-next", &[("command", command.into())]));
    }
}
