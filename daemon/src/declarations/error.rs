//! What can go wrong with declarations and passes.

use vungxanh_protocol::api::TooLargeToPad;
use vungxanh_protocol::declaration::DeclarationError;
use vungxanh_protocol::intake::IntakeError;
use vungxanh_protocol::pass::PassError;
use vungxanh_protocol::phone::PhoneError;

use crate::platform::threads::Interrupted;
use crate::store::StoreError;
use crate::sync::SyncError;

/// Something about a declaration or a pass that was not done.
#[derive(Debug, thiserror::Error)]
pub enum DeclareError {
    /// The form's problems, field by field.
    #[error("the form cannot be sent yet: {0}")]
    Form(String),
    #[error("a bundle has at most {0} passes for paper")]
    TooManyPrinted(usize),
    /// The draft is larger than any form.
    #[error("the draft is larger than a form can be")]
    DraftTooLarge,
    #[error("the authority takes no declarations at present")]
    NotTaken,
    /// Nobody could read it.
    #[error("no officer of the authority could open this declaration")]
    NoOfficer,
    #[error("the keys of the authority's officers are refused: {0}")]
    Intake(#[from] IntakeError),
    #[error("the keys of the authority's passes are refused: {0}")]
    PassKeys(PassError),
    #[error(transparent)]
    Pass(#[from] PassError),
    #[error(transparent)]
    Sealing(#[from] DeclarationError),
    #[error(transparent)]
    Padding(#[from] TooLargeToPad),
    #[error("this device keeps {0} declarations already; forget some, or wait until they expire")]
    TooMany(usize),
    #[error("no declaration of this device has that number")]
    Unknown,
    /// It was not sent, or is withdrawn already.
    #[error("this declaration is not with the authority")]
    NotSent,
    #[error("there is no pass that is valid today")]
    NoPass,
    /// A stored record that is not what it should be.
    #[error("the record of declarations cannot be read")]
    Damaged,
    #[error("the authority asks for the code of a message to the declarer's telephone")]
    CodeNeeded,
    #[error("no code was asked for that telephone, or it is too old")]
    NoCode,
    #[error("the authority sends no codes to that telephone number")]
    CodeCountry,
    #[error("the authority's server sends no code at present: {0}")]
    CodeNotSent(String),
    #[error("the authority's keys of telephone codes are refused: {0}")]
    PhoneKeys(PhoneError),
    #[error("the authority's answer to the code is refused: {0}")]
    PhoneAnswer(PhoneError),
    /// A code needs the network.
    #[error(transparent)]
    CodeSync(SyncError),
    #[error(transparent)]
    Sync(#[from] SyncError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The program is ending.
    #[error("interrupted: {0}")]
    Interrupted(#[from] Interrupted),
}
