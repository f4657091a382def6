//! `init`.

use std::path::PathBuf;

use clap::Args;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use vungxanh_protocol::interval::DAY_SECONDS;

use super::{Context, line, print_json};
use crate::authority::config::{Authority, Config, check_id, check_url, read_profile};
use crate::authority::disease_profile::ReadyMade;
use crate::authority::document::{self, enrolment_line};
use crate::authority::folder::{Folder, make_private_folder, write_new_secret};
use crate::authority::keys;
use crate::authority::venue_keys::{self, Validity};
use crate::error::Error;

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
    /// help-json
    #[arg(long)]
    json: bool,
}

impl Init {
    pub(super) fn handle(self, context: &Context) -> Result<(), Error> {
        let url = self.url.trim_end_matches('/').to_owned();
        check_id("--id", &self.id).map_err(Error::Input)?;
        check_id("--region", &self.region).map_err(Error::Input)?;
        check_url("--url", &url).map_err(Error::Input)?;
        let name = [("vi".into(), self.name_vi.clone()), ("en".into(), self.name_en.clone())];
        let authority =
            Authority { id: self.id.clone(), url, region: self.region.clone(), name: name.into() };
        let folder = Folder::new(&self.dir);
        refuse_occupied(&folder)?;
        make_private_folder(folder.path()).map_err(Error::file(folder.path()))?;
        let write = |path: PathBuf, text: &str| {
            write_new_secret(&path, text.as_bytes()).map_err(Error::file(&path))
        };
        write(folder.config(), &Config::new_text(&authority))?;
        write(folder.profile(), self.profile.json())?;
        let fresh = keys::create(&folder, &mut rand::rng())?;
        let now = context.clock.now();
        // From a day before, for devices whose clock is behind.
        let valid = Validity::from(now.minus(DAY_SECONDS));
        let venue_key = venue_keys::create(&folder, valid, &mut rand::rng())?;
        let signed = document::make(
            &Config::read(&folder)?,
            &read_profile(&folder)?,
            &fresh.export,
            vec![venue_key],
            &fresh.root,
            1,
            now,
        )?;
        document::write(&folder, &signed)?;
        let enrolment = enrolment_line(&signed.document, &authority.url)?;
        if self.json {
            return print_json(&serde_json::json!({
                "id": authority.id,
                "dir": self.dir,
                "enrolment": enrolment,
                "fingerprint": document::fingerprint(&signed.document)?,
                "staff_api_key": *fresh.staff_api_key,
            }));
        }
        self.tell(context, &folder, &enrolment, &fresh.staff_api_key);
        Ok(())
    }

    fn tell(&self, context: &Context, folder: &Folder, enrolment: &str, staff_key: &str) {
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
        let command = format!("health-authority-server serve --dir {dir}");
        line(context.say("init-next", &[("command", command.into())]));
    }
}

/// Nothing is ever overwritten: a folder with anything in it is refused.
fn refuse_occupied(folder: &Folder) -> Result<(), Error> {
    let mut entries = match std::fs::read_dir(folder.path()) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::file(folder.path())(error)),
    };
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(Error::Exists(folder.path().to_owned())),
    }
}
