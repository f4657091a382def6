//! Viet Nam's personal code (1405/QD-BTTTT) of who has a QID of the national platform. Unlike a pass it says who the person is.

use vungxanh_protocol::declaration::{Form, FormKind};
use vungxanh_protocol::national_qr::{Extension, PersonalCode, national_name};

use super::super::Context;
use super::code;
use crate::control_api::LastFormRequest;
use crate::failure::{Exit, Failure};

pub(super) fn run(qid: &str, name: Option<String>, context: &Context) -> Result<(), Failure> {
    let request = LastFormRequest { kind: FormKind::Population, name, submission: None };
    let form = context.daemon()?.send(&request)?.form;
    let form = form.ok_or(Failure::new(Exit::Negative, "failure-no-pass"))?;
    let text = of_form(&form, qid)
        .to_text()
        .map_err(|error| Failure::new(Exit::BadInput, "failure-pass-national").because(error))?;
    let drawn = code::drawn(&text)?;
    context.output.result(&serde_json::json!({"code": text}), |output| {
        vungxanh_command_line::output::write(&drawn);
        output.line("pass-national", &[]);
    });
    Ok(())
}

/// Day and month of birth are not declared, and stand masked. The gender is left out: which number means which, the
/// decree's text that we have does not say.
fn of_form(form: &Form, qid: &str) -> PersonalCode {
    PersonalCode {
        paper: form.paper.clone(),
        name: national_name(&form.name),
        born: form.born.map_or_else(String::new, |year| format!("{year}-xx-xx")),
        on_behalf: !form.by_name.is_empty(),
        qid: qid.trim().to_owned(),
        extension: Extension {
            insurance: form.insurance.clone(),
            phone: form.phone.clone(),
            ..Extension::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use vungxanh_protocol::national_qr::NationalCode;

    use super::*;

    #[test]
    fn a_door_reads_name_and_telephone_of_it() {
        let form = Form {
            name: "Nguyễn Thị Đào".into(),
            born: Some(1_985),
            paper: "001185000001".into(),
            phone: "+84912345678".into(),
            ..Form::new(FormKind::Population, 20_786)
        };
        let text = of_form(&form, "162979388586171100").to_text().unwrap();
        assert_eq!(
            text,
            "001185000001|NGUYEN THI DAO|1985-xx-xx|0|162979388586171100|<<<+84912345678<"
        );
        let read = NationalCode::read(&text).unwrap();
        assert_eq!(
            (read.name(), read.phone().as_deref()),
            ("NGUYEN THI DAO", Some("+84912345678"))
        );
        for bad in ["", "a|b", "16 29"] {
            assert!(of_form(&form, bad).to_text().is_err(), "{bad}");
        }
    }
}
