//! Health declarations: their forms and rules, the sealed declaration that officers' own keys open,
//! and the request that carries it. The normative description is `docs/protocol.md` section 17.
//!
//! ```text
//! Form -> normalised -> check (problems, questions, urgency)
//!   |
//!   +-> JSON -> 2,048 bytes -> HPKE to the intake key of the day -> DeclareRequest (6,144 bytes)
//!                                                                        |
//!                            officers' browsers <- ciphertext <- server -+-> 24 blind signatures
//! ```

mod form;
mod papers;
mod phone;
mod proof;
mod request;
mod rules;
mod sealed;
mod text;
mod verdict;

pub use form::{
    Contact, CountryCode, Form, FormKind, Gender, PaperKind, Relation, Symptom, Vehicle,
};
pub use papers::{CitizenNumber, is_insurance_number};
pub use phone::normalised_phone;
pub use request::{
    DECLARE_PATH, DECLARE_REQUEST_BYTES, DECLARE_RESPONSE_BYTES, DeclareRequest, DeclareResponse,
    Earlier, RECEIPT_SECRET_BYTES, RequestError, WITHDRAW_PATH, WithdrawRequest, receipt_hash,
};
pub use sealed::{
    DeclarationError, Envelope, MAX_FORM_BYTES, MAX_WARD, PLAIN_BYTES, SEALED_BYTES,
    SUBMISSION_BYTES, SealedForm,
};
pub use verdict::{Field, Problem, Question, Reason, Urgency};
