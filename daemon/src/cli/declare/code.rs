//! The code of a message to the declarer's telephone, where the authority asks for one.

use vungxanh_protocol::declaration::{Form, normalised_phone};
use vungxanh_protocol::phone::CODE_SECONDS;

use super::super::Output;
use crate::control::client::Client;
use crate::control_api::{AskCodeRequest, CodeState, ConfirmCodeRequest};
use crate::failure::{Exit, Failure};

/// Has the number of who declares confirmed, unless it is for today. `from_stdin`: the code is the next line of
/// standard input, whoever writes it.
pub(super) fn confirm(
    form: &Form,
    from_stdin: bool,
    daemon: &Client,
    output: &Output,
) -> Result<(), Failure> {
    let typed = form.declarer_phone();
    let phone = normalised_phone(typed).unwrap_or_else(|| typed.to_owned());
    if !from_stdin && !output.can_ask() {
        return Err(Failure::new(Exit::Usage, "failure-declare-code-cannot-ask"));
    }
    let ask = |again| {
        let language = output.texts().language().tag().to_owned();
        daemon.send(&AskCodeRequest { phone: phone.clone(), again, language })
    };
    let mut state = ask(false)?;
    loop {
        match state {
            CodeState::Proven => return Ok(()),
            CodeState::Sent => output.note(
                "declare-code-sent",
                &[("phone", phone.as_str().into()), ("minutes", (CODE_SECONDS / 60).into())],
            ),
            CodeState::Wrong { left: 0 } => output.note("declare-code-used-up", &[]),
            CodeState::Wrong { left } => {
                output.note("declare-code-wrong", &[("left", left.into())]);
            }
        }
        let code = output.ask_unless_ended("declare-code-ask", &[]);
        let code = code.ok_or(Failure::new(Exit::Negative, "failure-declare-code-stopped"))?;
        let used_up = state == CodeState::Wrong { left: 0 };
        state = match code.as_str() {
            "" | "?" => ask(true)?,
            _ if used_up => state,
            _ => daemon.send(&ConfirmCodeRequest { phone: phone.clone(), code })?,
        };
    }
}
