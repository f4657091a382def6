//! Why a device's or a staff program's request is refused, without HTTP.

use vungxanh_protocol::api::MAX_BATCH_CODES;
use vungxanh_protocol::declaration::RequestError;
use vungxanh_protocol::phone::PhoneError;

use crate::domain::certificate::CertificateError;
use crate::domain::classes::MAX_DAYS;
use crate::domain::codes::MAX_UUID_CHARACTERS;
use crate::domain::diagnosis::DateError;
use crate::domain::upload_check::{InvalidUpload, RevisionRefused};
use crate::storage::StoreError;

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// An unknown name of a type of test.
    #[error("the type of test must be confirmed, likely or negative")]
    InvalidTestType,
    /// A date that cannot be.
    #[error("{0}")]
    InvalidDate(#[from] DateError),
    /// Days that cannot be shown.
    #[error(
        "from and until must be days such as 2026-11-30, in this order, {MAX_DAYS} days at most"
    )]
    InvalidDays,
    /// The request's id is too long.
    #[error("the request cannot be read: uuid is longer than {MAX_UUID_CHARACTERS} characters")]
    LongUuid,
    /// The id was used before.
    #[error("a code was issued for this uuid already")]
    UuidExists,
    /// More codes than are issued at a time.
    #[error("codes must have 1 to {MAX_BATCH_CODES} entries; no code was issued")]
    BatchSize,
    /// No code of this id is stored.
    #[error("no code was issued under this uuid, or it ended more than a day ago")]
    CodeIdUnknown,
    /// Only an unused code can be ended.
    #[error("the code is {0} already; only a code that is not used can be ended")]
    CodeNotUnused(&'static str),
    /// Not a telephone number.
    #[error("phone is not a telephone number, such as +84912345678; no code was issued")]
    InvalidPhone,
    /// There is no way to send messages.
    #[error(
        "phone was given, but this server cannot send messages; see [messages] in config.toml, or \
         ask without phone; no code was issued"
    )]
    NoMessages,
    /// The gateway did not take the message.
    #[error(
        "the code could not be sent to phone and is not valid; try again, or ask without phone"
    )]
    NotSent,
    /// As many messages with codes as one number, or all, get in an hour.
    #[error(
        "as many messages as this telephone, or all together, get in an hour were sent; no code was issued; \
         try again later, or ask without phone"
    )]
    TooManyMessages,
    /// The code is malformed or used.
    #[error("the verification code is not valid or was used already; ask for a new one")]
    CodeInvalid,
    /// There is no such code.
    #[error("there is no such verification code; check what you typed")]
    CodeUnknown,
    /// The code is too old.
    #[error("the verification code has expired; ask for a new one")]
    CodeExpired,
    /// Too many wrong codes.
    #[error("too many wrong codes were tried; wait 15 minutes or ask for a long code")]
    TooManyGuesses,
    /// The code is for a type of test that the client does not take.
    #[error("the verification code is for a type of test that this program does not take")]
    UnsupportedTestType,
    /// The token is unknown or used.
    #[error("the verification token is not valid or was used already")]
    TokenInvalid,
    /// The token is too old.
    #[error("the verification token has expired; ask for a new code")]
    TokenExpired,
    /// Not an HMAC.
    #[error("ekeyhmac is not the Base64 of 32 bytes")]
    HmacInvalid,
    #[error("this server publishes for another authority")]
    UnknownAuthority,
    /// The certificate does not hold.
    #[error("{0}")]
    Certificate(#[from] CertificateError),
    /// The certificate is for other keys.
    #[error("the verification certificate is for other keys than those in the request")]
    WrongKeys,
    /// The keys are not valid.
    #[error("{0}")]
    Publication(#[from] InvalidUpload),
    /// The keys may not be revised like this.
    #[error("{0}")]
    Revision(#[from] RevisionRefused),
    /// Not a declaration.
    #[error("the declaration cannot be read: {0}")]
    Declaration(#[from] RequestError),
    /// For another day, or sealed to another key.
    #[error("the declaration is for another day, or sealed to a key that has been replaced")]
    WrongDay,
    /// Another declaration has this id.
    #[error("another declaration was sent under this submission")]
    SubmissionExists,
    /// Nothing to withdraw or to replace.
    #[error("there is no such declaration, or the receipt is of another one")]
    ReceiptUnknown,
    /// Too many in this hour.
    #[error("too many declarations arrive at this moment; try again within an hour")]
    TooManyDeclarations,
    /// A telephone code is asked, and there is no token.
    #[error(
        "this authority asks for a telephone code with each declaration; ask for one and confirm it"
    )]
    PhoneCodeNeeded,
    /// The token was not issued for this day.
    #[error("the declaration's token is not valid on its day; confirm a telephone code again")]
    TokenRefused,
    /// The token was spent with another declaration.
    #[error(
        "the declaration's token was spent with another declaration; confirm a telephone code again"
    )]
    TokenSpent,
    /// Not a request about telephone codes.
    #[error("the request cannot be read: {0}")]
    PhoneRequest(#[from] PhoneError),
    /// Not a number in the form in which it is proven.
    #[error("phone is no telephone number with its country in front, such as +84912345678")]
    NoPhone,
    /// A country to which no codes are sent.
    #[error("this authority sends no codes to telephones of that country")]
    OtherCountry,
    /// Too many in this hour.
    #[error("too many codes were asked for at this moment; try again within an hour")]
    TooManyCodes,
    /// Wrong, too old, or tried too often; it is not said which.
    #[error("the code is wrong, too old, or was tried too often; check it, or ask for another one")]
    WrongPhoneCode,
    /// No officer can open declarations of this day.
    #[error("the authority takes no declarations at present")]
    NoIntakeKeys,
    /// A queue is full, or what the work needs is away: the same request may be taken soon.
    #[error("the server is busy or cannot store anything at this moment; try again in a minute")]
    Busy,
    #[error("the server could not do it; try again later")]
    Internal,
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request failed");
        if error.is_temporary() { Self::Busy } else { Self::Internal }
    }
}
