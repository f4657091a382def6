//! Requests about health declarations and passes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vungxanh_protocol::authority::SymptomAdvice;
use vungxanh_protocol::declaration::{Form, FormKind, SUBMISSION_BYTES};
use vungxanh_protocol::interval::UnixTime;

use super::{Method, Request};

/// Bytes of a draft's form in JSON, at most. Answers that are too long are refused one by one; this only bounds
/// what is stored.
const MAX_DRAFT_FORM_BYTES: usize = 16 * 1024;
/// Questions that a draft can have answered.
const MAX_DRAFT_QUESTIONS: usize = 64;
const MAX_QUESTION_BYTES: usize = 32;
/// The version of the words that stand before consent is asked for. At a terminal: `declare-what-is-sent` and
/// `declare-kept-...`; on the page what stands in `declare-check.html`.
pub(crate) const CONSENT_VERSION: u8 = 1;
/// Passes of a bundle that are for paper, unless the person says otherwise.
pub(crate) const PRINTED: u8 = 12;

requests! {
    Post "/v1/declarations/prepare" PrepareRequest => Preparation;
    Get "/v1/declarations/draft" DraftRequest => KeptDraft;
    Post "/v1/declarations/draft" SaveDraftRequest => ();
    Post "/v1/declarations/last" LastFormRequest => LastForm;
    Post "/v1/declarations/declare" DeclareRequest => DeclarationStatus;
    Post "/v1/declarations/code/ask" AskCodeRequest => CodeState;
    Post "/v1/declarations/code/confirm" ConfirmCodeRequest => CodeState;
    Get "/v1/declarations" DeclarationsRequest => Declarations;
    Post "/v1/declarations/withdraw" WithdrawRequest => DeclarationStatus;
    Post "/v1/passes/show" PassRequest => ShownPass;
    Post "/v1/passes/sheet" PassSheetRequest => PassSheet;
}

/// Asks for what a person should know before they fill in a form. Fetches the keys if it can.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct PrepareRequest;

/// What a person should know before they fill in a form.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Preparation {
    /// The local day, counted from 1970-01-01.
    pub day: u16,
    /// Who receives it, by language tag.
    pub authority: BTreeMap<String, String>,
    /// For how many days the authority keeps it, as its document says.
    pub retention_days: Option<u16>,
    /// The last local day on which this device keeps it.
    pub kept_through: u16,
    /// What the authority's document says about symptoms.
    pub advice: SymptomAdvice,
    /// How many officers can open it.
    pub officers: usize,
    /// Whether the code of a message to the declarer's telephone is asked.
    pub phone_code: bool,
    /// Whether the keys were fetched now; if not, they are those of an earlier time.
    pub keys_are_fresh: bool,
}

/// Asks for the draft that is stored, if any.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct DraftRequest;

/// Response of [`DraftRequest`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeptDraft {
    pub draft: Option<Draft>,
}

/// A form that is being filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub form: Form,
    /// The questions that were answered, by field; an answer can be "nothing".
    pub answered: Vec<String>,
    /// Somebody else declares for the person.
    #[serde(default)]
    pub on_behalf: bool,
    /// The submission that it corrects, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

impl Draft {
    /// Whether it has the size that a draft can have.
    pub(crate) fn is_bounded(&self) -> bool {
        self.answered.len() <= MAX_DRAFT_QUESTIONS
            && self.answered.iter().all(|field| field.len() <= MAX_QUESTION_BYTES)
            && self.replaces.as_ref().is_none_or(|id| id.len() <= 2 * SUBMISSION_BYTES)
            && serde_json::to_vec(&self.form).is_ok_and(|json| json.len() <= MAX_DRAFT_FORM_BYTES)
    }
}

/// Stores a draft in place of the one that is there; none removes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SaveDraftRequest {
    pub draft: Option<Draft>,
}

/// Asks for the last form of a person, to fill in another as last time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LastFormRequest {
    /// Of this kind if there is one, else of another that has its answers.
    pub kind: FormKind,
    /// Of the person with this name, for whom this device declared.
    #[serde(default)]
    pub name: Option<String>,
    /// The form of this submission, in hexadecimal digits, whichever kind and person it is of.
    #[serde(default)]
    pub submission: Option<String>,
}

/// Response of [`LastFormRequest`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LastForm {
    pub form: Option<Form>,
}

/// Asks the authority for a code to the declarer's telephone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AskCodeRequest {
    pub phone: String,
    /// Another one, although one waits to be typed.
    #[serde(default)]
    pub again: bool,
    /// The message's language, by its tag.
    pub language: String,
}

/// Sends the code that was typed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConfirmCodeRequest {
    pub phone: String,
    pub code: String,
}

/// How far a telephone number is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum CodeState {
    /// A code was asked for, and waits to be typed.
    Sent,
    /// It is not the code, or too old.
    Wrong { left: u32 },
    /// The number is proven for today.
    Proven,
}

/// Seals a form to the officers, stores it and sends it. The draft goes with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeclareRequest {
    /// Its day is set by the daemon.
    pub form: Form,
    /// How many of the passes are for paper.
    pub printed: u8,
    /// The submission that it replaces, in hexadecimal digits.
    #[serde(default)]
    pub replaces: Option<String>,
}

/// Asks for [`Declarations`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct DeclarationsRequest;

/// What was declared on this device, newest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Declarations {
    pub declarations: Vec<DeclarationStatus>,
}

/// What became of a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclarationState {
    /// Sealed and stored, and not answered yet: it is sent again by itself.
    Waiting,
    /// The authority has it.
    Sent,
    /// The authority has it, and what it answered were no passes of its published keys.
    SentWithoutPasses,
    /// Its day was over before it was answered: declare again.
    TooLate,
    /// The authority's server does not take it.
    Refused,
    /// To be withdrawn, and not answered yet.
    Withdrawing,
    Withdrawn,
    /// Another one has taken its place.
    Replaced,
}

impl DeclarationState {
    /// As it stands in ids of texts.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::SentWithoutPasses => "sent-without-passes",
            Self::TooLate => "too-late",
            Self::Refused => "refused",
            Self::Withdrawing => "withdrawing",
            Self::Withdrawn => "withdrawn",
            Self::Replaced => "replaced",
        }
    }

    /// Whether the authority can be asked to delete it.
    pub(crate) const fn can_be_withdrawn(self) -> bool {
        matches!(
            self,
            Self::Waiting
                | Self::Sent
                | Self::SentWithoutPasses
                | Self::TooLate
                | Self::Withdrawing
        )
    }

    /// Whether another one can take its place.
    pub(crate) const fn can_be_replaced(self) -> bool {
        matches!(self, Self::Sent | Self::SentWithoutPasses)
    }
}

/// A declaration of this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclarationStatus {
    /// Names it, in hexadecimal digits.
    pub submission: String,
    pub kind: FormKind,
    /// The person.
    pub name: String,
    /// Somebody else declared for the person.
    pub on_behalf: bool,
    pub made_at: UnixTime,
    pub state: DeclarationState,
    /// Why it waits or was refused, in English; may be empty.
    pub detail: String,
    /// When it is sent again, if it waits.
    pub next: Option<UnixTime>,
    pub live_passes: usize,
    pub printed_passes: usize,
    /// The last local day on which its passes are valid.
    pub passes_last_day: Option<u16>,
    /// Until when this device keeps it.
    pub kept_until: UnixTime,
}

/// Withdraws a declaration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WithdrawRequest {
    /// In hexadecimal digits, or how they begin.
    pub submission: String,
}

/// Asks for the pass to show now.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PassRequest {
    /// Take another pass than the one shown before: doors cannot join the two.
    #[serde(default)]
    pub next: bool,
    /// Of the person with this name, for whom this device declared.
    #[serde(default)]
    pub name: Option<String>,
}

/// A pass as it is shown now.
#[derive(Clone, Serialize, Deserialize)]
pub struct ShownPass {
    /// The text of its QR code.
    pub code: String,
    pub shown_at: UnixTime,
    /// After how many seconds the code is to be made again.
    pub renew_seconds: u64,
    /// The last local day on which the pass is valid.
    pub last_day: u16,
    /// Passes that were not shown yet since this machine was started.
    pub unused: usize,
}

/// Asks for the passes to print.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PassSheetRequest {
    /// Of the person with this name, for whom this device declared.
    #[serde(default)]
    pub name: Option<String>,
}

/// Passes for paper.
#[derive(Clone, Serialize, Deserialize)]
pub struct PassSheet {
    /// The texts of their QR codes.
    pub codes: Vec<String>,
    /// The first local day on which they are valid.
    pub first_day: u16,
    pub last_day: u16,
}
