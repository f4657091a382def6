//! Text in boxes: wrapped between words, smaller where it does not fit, never cut.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use vungxanh_protocol::text::is_invisible;

use super::font::{Font, Weight};

/// A line's height in em.
pub(super) const LEADING: f32 = 1.27;
const SMALLER: f32 = 0.97;

/// The room that a text has, in millimetres.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) width: f32,
    pub(super) height: f32,
    /// The em of the font where the text is short.
    pub(super) largest: f32,
    /// The em below which words are rather broken.
    pub(super) smallest: f32,
}

/// A text that fits into its room.
#[derive(Debug, Clone)]
pub(super) struct Fitted {
    pub(super) lines: Vec<String>,
    pub(super) size: f32,
}

impl Fitted {
    pub(super) fn height(&self) -> f32 {
        self.lines.len() as f32 * self.size * LEADING
    }
}

/// The text as it is printed: composed characters, single blanks, nothing invisible.
pub(super) fn clean(text: &str) -> String {
    let visible = text.nfc().filter(|character| !is_invisible(*character));
    let visible: String = visible.map(|c| if c.is_control() { ' ' } else { c }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text with what the font can draw: other letters become a question mark, other marks on
/// letters are left out.
fn drawable(text: &str, font: &Font) -> String {
    let drawn = |character: char| match character {
        ' ' => Some(' '),
        _ if font.has(character) => Some(character),
        _ if is_combining_mark(character) => None,
        _ => Some('?'),
    };
    clean(text).chars().filter_map(drawn).collect()
}

/// The characters of `text` that a poster cannot show, each once: to warn the venue before it
/// prints. On paper they become question marks.
pub fn unprintable(text: &str) -> Vec<char> {
    let Ok(font) = Weight::Bold.font() else { return Vec::new() };
    let mut found = Vec::new();
    for character in clean(text).chars() {
        if !font.has(character) && !found.contains(&character) {
            found.push(character);
        }
    }
    found
}

/// The largest size at which the text fits: in whole words if they can have the smallest size that
/// the room allows, otherwise with broken ones.
pub(super) fn fit(text: &str, font: &Font, room: Room) -> Fitted {
    let text = drawable(text, font);
    let words: Vec<Word> = text.split_whitespace().map(|word| Word::new(word, font)).collect();
    let blank = font.width(" ");
    let mut size = room.largest;
    while size >= room.smallest {
        if let Some(lines) = wrapped(&words, blank, room, size) {
            return Fitted { lines: balanced(&words, blank, room, size, lines), size };
        }
        size *= SMALLER;
    }
    let mut size = room.largest;
    loop {
        let pieces: Vec<Word> =
            words.iter().flat_map(|word| word.broken(font, room.width / size)).collect();
        if let Some(lines) = wrapped(&pieces, blank, room, size) {
            return Fitted { lines, size };
        }
        size *= SMALLER;
    }
}

/// A word and its width in em.
#[derive(Debug, Clone)]
struct Word {
    text: String,
    width: f32,
}

impl Word {
    fn new(text: &str, font: &Font) -> Self {
        Self { text: text.to_owned(), width: font.width(text) }
    }

    /// In pieces of at most `width` em, or of one character.
    fn broken(&self, font: &Font, width: f32) -> Vec<Self> {
        if self.width <= width {
            return vec![self.clone()];
        }
        let mut pieces: Vec<Self> = Vec::new();
        let mut last = String::new();
        for character in self.text.chars() {
            let alone = Self::new(character.encode_utf8(&mut [0; 4]), font);
            // With the kerning between both.
            let added = font.width(&format!("{last}{character}")) - font.width(&last);
            last.clone_from(&alone.text);
            match pieces.last_mut() {
                Some(piece) if piece.width + added <= width => {
                    piece.text.push(character);
                    piece.width += added;
                }
                _ => pieces.push(alone),
            }
        }
        pieces
    }
}

/// Lines of whole words, if they fit into the room.
fn wrapped(words: &[Word], blank: f32, room: Room, size: f32) -> Option<Vec<String>> {
    let lines = greedy(words, blank, room.width / size)?;
    (lines.len() as f32 * size * LEADING <= room.height).then_some(lines)
}

/// Lines of at most `width` em; none if a word is longer.
fn greedy(words: &[Word], blank: f32, width: f32) -> Option<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    let mut taken = 0.0;
    for word in words {
        if word.width > width {
            return None;
        }
        match lines.last_mut() {
            Some(line) if taken + blank + word.width <= width => {
                taken += blank + word.width;
                line.push(' ');
                line.push_str(&word.text);
            }
            _ => {
                taken = word.width;
                lines.push(word.text.clone());
            }
        }
    }
    Some(lines)
}

/// As many lines, but of even length.
fn balanced(
    words: &[Word],
    blank: f32,
    room: Room,
    size: f32,
    mut lines: Vec<String>,
) -> Vec<String> {
    let mut width = room.width / size;
    while lines.len() > 1 {
        width *= SMALLER;
        match greedy(words, blank, width) {
            Some(narrower) if narrower.len() == lines.len() => lines = narrower,
            _ => break,
        }
    }
    lines
}
